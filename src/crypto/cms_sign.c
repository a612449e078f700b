#include "crypto/cms.h"

#include "base/limits.h"
#include "crypto/internal.h"

#include <limits.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

CRYPTO_CLEANUP(cms, CMS_ContentInfo, CMS_ContentInfo_free)
#define auto_cms CO_CLEANUP(crypto_cleanup_cms) CMS_ContentInfo

#define SIGN_FLAGS (CMS_CADES | CMS_BINARY | CMS_DETACHED | CMS_NOSMIMECAP)

/* The content goes through our own digest and its attributes are set by hand: CMS_final would send
 * it through a chain of BIOs and look its digest up by name, a third of the whole cost. */
static bool
sign_ec(CMS_ContentInfo *cms, const struct key *k, const struct cert *c, const void *data, size_t n)
{
	CMS_SignerInfo *si = CMS_add1_signer(cms, c->x, k->pkey, k->md, SIGN_FLAGS);
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned md_n = 0;

	return si != NULL && EVP_Digest(data, n, md, &md_n, k->md, NULL) == 1 &&
		CMS_signed_add1_attr_by_NID(si, NID_pkcs9_contentType, V_ASN1_OBJECT,
			OBJ_nid2obj(NID_pkcs7_data), -1) == 1 &&
		CMS_signed_add1_attr_by_NID(si, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING, md,
			(int)md_n) == 1 &&
		CMS_SignerInfo_sign(si) == 1; /* adds the signing time */
}

/* RSA-PSS. Only CMS_final writes the parameters of PSS into the signature algorithm. */
static bool
sign_rsa(
	CMS_ContentInfo *cms, const struct key *k, const struct cert *c, const void *data, size_t n)
{
	CMS_SignerInfo *si = CMS_add1_signer(cms, c->x, k->pkey, k->md, SIGN_FLAGS | CMS_KEY_PARAM);
	EVP_PKEY_CTX *ctx = si == NULL ? NULL : CMS_SignerInfo_get0_pkey_ctx(si);
	auto_bio *in = n > INT_MAX ? NULL : BIO_new_mem_buf(data, (int)n);

	return ctx != NULL && in != NULL &&
		EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
		EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1 &&
		CMS_final(cms, in, NULL, SIGN_FLAGS) == 1;
}

static bool
sign_build(
	CMS_ContentInfo *cms, const struct key *k, const struct cert *c, const void *data, size_t n)
{
	return k->kind == KEY_RSA ? sign_rsa(cms, k, c, data, n) : sign_ec(cms, k, c, data, n);
}

enum co_rc
cms_sign(const struct key *k, const struct cert *c, const void *data, size_t n, struct co_buf *out,
	struct co_err *err)
{
	auto_cms *cms = NULL;
	unsigned char *at;
	char *room;
	int der_n;
	enum co_rc rc;

	if (k->md == NULL)
		return co_fail(err, CO_EUSAGE,
			"a record cannot be signed with an Ed25519 key: CMS in "
			"OpenSSL 3.0 has no form for it");
	ERR_clear_error();
	cms = CMS_sign(NULL, NULL, NULL, NULL, CMS_PARTIAL | CMS_BINARY | CMS_DETACHED);
	if (cms == NULL || !sign_build(cms, k, c, data, n))
		return crypto_fail(err, CO_ECRYPTO, "sign as %s", c->subject);
	der_n = i2d_CMS_ContentInfo(cms, NULL);
	if (der_n <= 0)
		return crypto_fail(err, CO_ECRYPTO, "write the signature");
	if ((size_t)der_n > LIMIT_SIGNATURE)
		return co_fail(err, CO_ETOOBIG, "signature of %d bytes", der_n);
	rc = co_buf_reserve(out, (size_t)der_n, &room, err);
	if (rc != CO_OK)
		return rc;
	at = (unsigned char *)room;
	if (i2d_CMS_ContentInfo(cms, &at) != der_n)
		return crypto_fail(err, CO_ECRYPTO, "write the signature");
	out->len += (size_t)der_n;
	out->data[out->len] = '\0';
	return CO_OK;
}
