/* EnvelopedData holds only keys of 32 bytes here: content never goes through CMS, whose decrypt
 * keeps it all in memory. Integrity comes from the signed manifest around it and from the
 * commitment of the sealed file. */
#include "crypto/cms.h"

#include "base/limits.h"
#include "crypto/internal.h"

#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

CRYPTO_CLEANUP(cms, CMS_ContentInfo, CMS_ContentInfo_free)
#define auto_cms CO_CLEANUP(crypto_cleanup_cms) CMS_ContentInfo

static bool
wrap_add_recipient(CMS_ContentInfo *cms, const struct cert *to)
{
	CMS_RecipientInfo *ri = CMS_add1_recipient_cert(cms, to->x, CMS_KEY_PARAM);
	EVP_PKEY_CTX *ctx = ri == NULL ? NULL : CMS_RecipientInfo_get0_pkey_ctx(ri);

	if (ctx == NULL)
		return false;
	/* Both default to SHA-1. */
	if (CMS_RecipientInfo_type(ri) == CMS_RECIPINFO_AGREE)
		return EVP_PKEY_CTX_set_ecdh_kdf_md(ctx, crypto_sha256()) == 1;
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
		EVP_PKEY_CTX_set_rsa_oaep_md(ctx, crypto_sha256()) == 1 &&
		EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, crypto_sha256()) == 1;
}

enum co_rc
cms_wrap(const void *secret, size_t n, const struct cert *const *to, size_t to_n,
	struct co_buf *out, struct co_err *err)
{
	auto_bio *in = NULL, *der = BIO_new(BIO_s_mem());
	auto_cms *cms = NULL;

	if (to_n == 0 || n > LIMIT_SIGNATURE / 4)
		return co_fail(err, CO_EUSAGE, "wrap %zu bytes for %zu recipients", n, to_n);
	ERR_clear_error();
	in = BIO_new_mem_buf(secret, (int)n);
	if (in == NULL || der == NULL)
		return co_fail(err, CO_ENOMEM, "wrap a key");
	cms = CMS_encrypt(NULL, NULL, EVP_aes_256_cbc(), CMS_PARTIAL | CMS_BINARY);
	for (size_t i = 0; cms != NULL && i < to_n; i++)
		if (!wrap_add_recipient(cms, to[i]))
			return crypto_fail(err, CO_ECRYPTO, "%s cannot receive a wrapped key",
				to[i]->subject);
	if (cms == NULL || CMS_final(cms, in, NULL, CMS_BINARY) != 1 || i2d_CMS_bio(der, cms) != 1)
		return crypto_fail(err, CO_ECRYPTO, "wrap a key");
	if (BIO_pending(der) > (int)LIMIT_SIGNATURE)
		return co_fail(err, CO_ETOOBIG, "a wrapped key for %zu recipients", to_n);
	return crypto_bio_add(out, der, err);
}

/* The key wrap of an ECDH recipient, RFC 5753 3.1.1: it stands in the parameters. Only AES-256 key
 * wrap (RFC 3394): the padded one of OpenSSL 3.0 wipes eight bytes more than it was given when the
 * wrapped key is wrong, and anybody can name it. */
static bool
wrap_known(CMS_RecipientInfo *ri)
{
	X509_ALGOR *kdf = NULL, *wrap = NULL;
	ASN1_OCTET_STRING *ukm = NULL;
	const void *sequence = NULL;
	bool known = false;
	int type = 0;

	if (CMS_RecipientInfo_kari_get0_alg(ri, &kdf, &ukm) != 1 || kdf == NULL)
		return false;
	X509_ALGOR_get0(NULL, &type, &sequence, kdf);
	if (type == V_ASN1_SEQUENCE) {
		const ASN1_STRING *s = sequence;
		const unsigned char *at = ASN1_STRING_get0_data(s);

		wrap = d2i_X509_ALGOR(NULL, &at, ASN1_STRING_length(s));
	}
	if (wrap != NULL) {
		const ASN1_OBJECT *oid = NULL;

		X509_ALGOR_get0(&oid, NULL, NULL, wrap);
		known = OBJ_obj2nid(oid) == NID_id_aes256_wrap;
	}
	X509_ALGOR_free(wrap);
	return known;
}

/* Only EnvelopedData, only recipients with a certificate: no passwords, no shared keys. */
static enum co_rc
unwrap_check(CMS_ContentInfo *cms, struct co_err *err)
{
	STACK_OF(CMS_RecipientInfo) *all;

	if (OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_enveloped)
		return co_fail(err, CO_EMALFORMED, "a wrapped key must be CMS EnvelopedData");
	all = CMS_get0_RecipientInfos(cms);
	for (int i = 0; i < sk_CMS_RecipientInfo_num(all); i++) {
		CMS_RecipientInfo *ri = sk_CMS_RecipientInfo_value(all, i);
		int type = CMS_RecipientInfo_type(ri);

		if (type != CMS_RECIPINFO_TRANS && type != CMS_RECIPINFO_AGREE)
			return co_fail(err, CO_EREFUSED,
				"a key wrapped by a password or a shared key is not accepted");
		if (type == CMS_RECIPINFO_AGREE && !wrap_known(ri))
			return co_fail(err, CO_EREFUSED,
				"a key is accepted wrapped by AES-256 key wrap, not otherwise");
	}
	return CO_OK;
}

enum co_rc
cms_unwrap(const struct key *k, const struct cert *c, const void *der, size_t n, struct co_buf *out,
	struct co_err *err)
{
	/* secmem: the plaintext is wiped when the BIO goes. */
	auto_bio *plain = BIO_new(BIO_s_secmem());
	const unsigned char *at = der;
	auto_cms *cms = NULL;
	enum co_rc rc;

	if (n > LIMIT_SIGNATURE)
		return co_fail(err, CO_ETOOBIG, "wrapped key of %zu bytes", n);
	if (!der_is_strict(der, n))
		return co_fail(err, CO_EMALFORMED, "the wrapped key is not one DER value");
	ERR_clear_error();
	cms = d2i_CMS_ContentInfo(NULL, &at, (long)n);
	if (cms == NULL || plain == NULL)
		return crypto_fail(err, CO_EMALFORMED, "the wrapped key is not CMS");
	rc = unwrap_check(cms, err);
	if (rc != CO_OK)
		return rc;
	/* Without the certificate: the key outlives it, and what was wrapped for the one before a
	 * renewal still opens. A key of nobody here then gives an error or, RSA, other bytes, which
	 * the exhibit's commitment shows. */
	if (CMS_decrypt(cms, k->pkey, c->x, NULL, plain, CMS_BINARY) != 1 &&
		(BIO_reset(plain) != 1 ||
			CMS_decrypt(cms, k->pkey, NULL, NULL, plain, CMS_BINARY) != 1))
		return crypto_fail(err, CO_EVERIFY,
			"the wrapped key does not open with the key of %s", c->subject);
	return crypto_bio_add(out, plain, err);
}
