/* Signatures that others made: any form that OpenSSL verifies and that is not broken by now. Our
 * own are cms_verify's, which takes one form only. */
#include "crypto/cms.h"

#include "base/limits.h"
#include "crypto/internal.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <time.h>

CRYPTO_CLEANUP(cms, CMS_ContentInfo, CMS_ContentInfo_free)
#define auto_cms CO_CLEANUP(crypto_cleanup_cms) CMS_ContentInfo

static enum co_rc
foreign_open(CMS_ContentInfo **out, CMS_SignerInfo **si, const void *sig, size_t sig_n,
	struct co_err *err)
{
	auto_cms *cms = NULL;
	const unsigned char *at = sig;
	STACK_OF(CMS_SignerInfo) *signers;
	ASN1_OCTET_STRING **content;

	if (sig_n > LIMIT_SIGNATURE_LONG)
		return co_fail(err, CO_ETOOBIG, "signature of %zu bytes", sig_n);
	cms = d2i_CMS_ContentInfo(NULL, &at, (long)sig_n);
	if (cms == NULL || at != (const unsigned char *)sig + sig_n ||
		OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed)
		return crypto_fail(err, CO_EMALFORMED, "it is no CMS signature in DER");
	content = CMS_get0_content(cms);
	if (content == NULL || *content != NULL)
		return crypto_fail(err, CO_EMALFORMED, "the signature has its content inside");
	signers = CMS_get0_SignerInfos(cms);
	if (sk_CMS_SignerInfo_num(signers) != 1)
		return co_fail(err, CO_EMALFORMED, "it has %d signers, not one",
			sk_CMS_SignerInfo_num(signers));
	*si = sk_CMS_SignerInfo_value(signers, 0);
	*out = CO_TAKE(cms);
	return CO_OK;
}

/* MD5 and SHA-1 can be forged: a signature over them says nothing today. */
static enum co_rc
foreign_digest(CMS_SignerInfo *si, struct co_err *err)
{
	X509_ALGOR *digest = NULL;
	const ASN1_OBJECT *oid;
	int nid;

	CMS_SignerInfo_get0_algs(si, NULL, NULL, &digest, NULL);
	X509_ALGOR_get0(&oid, NULL, NULL, digest);
	nid = OBJ_obj2nid(oid);
	if (nid == NID_sha256 || nid == NID_sha384 || nid == NID_sha512 || nid == NID_sha3_256 ||
		nid == NID_sha3_384 || nid == NID_sha3_512)
		return CO_OK;
	return co_fail(err, CO_EVERIFY, "it is over the digest %s, which is too weak today",
		OBJ_nid2sn(nid));
}

static int64_t
foreign_time(const CMS_SignerInfo *si)
{
	int at = CMS_signed_get_attr_by_NID(si, NID_pkcs9_signingTime, -1);
	const ASN1_TYPE *t =
		at < 0 ? NULL : X509_ATTRIBUTE_get0_type(CMS_signed_get_attr(si, at), 0);
	struct tm tm = { 0 };
	bool good = t != NULL &&
		(t->type == V_ASN1_UTCTIME ? ASN1_TIME_to_tm(t->value.utctime, &tm) == 1
			: t->type == V_ASN1_GENERALIZEDTIME &&
				ASN1_TIME_to_tm(t->value.generalizedtime, &tm) == 1);

	return good ? (int64_t)timegm(&tm) * 1000000 : 0;
}

struct foreign_chain {
	X509_STORE *store;
	X509_STORE_CTX *ctx;
	STACK_OF(X509) *more;
};

static void
foreign_chain_deinit(struct foreign_chain *c)
{
	X509_STORE_CTX_free(c->ctx);
	X509_STORE_free(c->store);
	sk_X509_pop_free(c->more, X509_free);
}

static enum co_rc
foreign_trust(CMS_ContentInfo *cms, X509 *signer, int64_t at_us, const struct cert *const *roots,
	size_t roots_n, struct co_err *err)
{
	CO_CLEANUP(foreign_chain_deinit)
	struct foreign_chain c = { X509_STORE_new(), X509_STORE_CTX_new(), CMS_get1_certs(cms) };
	X509_VERIFY_PARAM *param;

	for (size_t i = 0; c.store != NULL && i < roots_n; i++)
		(void)X509_STORE_add_cert(c.store, roots[i]->x);
	if (c.store == NULL || c.ctx == NULL ||
		X509_STORE_CTX_init(c.ctx, c.store, signer, c.more) != 1)
		return crypto_fail(err, CO_ENOMEM, "chain of a signer");
	param = X509_STORE_CTX_get0_param(c.ctx);
	X509_VERIFY_PARAM_set_time(param, (time_t)(at_us / 1000000));
	X509_VERIFY_PARAM_set_depth(param, (int)LIMIT_CHAIN);
	X509_VERIFY_PARAM_set_auth_level(param, 2);
	(void)X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
	if (X509_verify_cert(c.ctx) == 1)
		return CO_OK;
	ERR_clear_error();
	return co_fail(err, CO_EVERIFY,
		"its certificate does not come from a root that was given: %s",
		X509_verify_cert_error_string(X509_STORE_CTX_get_error(c.ctx)));
}

/* Binds content to the signature, checks the signature with the certificate inside. */
static enum co_rc
foreign_check(CMS_ContentInfo *cms, CMS_SignerInfo *si, const void *data, size_t n, X509 **signer,
	struct co_err *err)
{
	enum { FLAGS = CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY };
	auto_bio *in = NULL;
	auto_bio *sink = BIO_new(BIO_s_null());
	STACK_OF(X509) *signers;

	if (n > INT32_MAX)
		return co_fail(err, CO_ETOOBIG, "content of a signature");
	in = BIO_new_mem_buf(n == 0 ? "" : data, (int)n);
	if (in == NULL || sink == NULL)
		return crypto_fail(err, CO_ENOMEM, "content of a signature");
	if (CMS_verify(cms, NULL, NULL, in, sink, FLAGS) != 1)
		return crypto_fail(err, CO_EVERIFY, "the signature does not hold");
	signers = CMS_get0_signers(cms);
	*signer = signers == NULL || sk_X509_num(signers) != 1 ? NULL : sk_X509_value(signers, 0);
	if (*signer != NULL)
		(void)X509_up_ref(*signer);
	sk_X509_free(signers);
	(void)si;
	return *signer != NULL ? CO_OK : co_fail(err, CO_EVERIFY, "it carries no certificate");
}

enum co_rc
cms_verify_foreign(const void *sig, size_t sig_n, const void *data, size_t n, int64_t at_us,
	const struct cert *const *roots, size_t roots_n, struct cms_stranger *out,
	struct co_err *err)
{
	auto_cms *cms = NULL;
	CMS_SignerInfo *si = NULL;
	X509 *signer = NULL;
	cert_auto *cert = NULL;

	ERR_clear_error();
	TRY(foreign_open(&cms, &si, sig, sig_n, err));
	TRY(foreign_digest(si, err));
	TRY(foreign_check(cms, si, data, n, &signer, err));
	TRY(cert_wrap_take(&cert, signer, err));
	*out = (struct cms_stranger){ .signing_time_us = foreign_time(si),
		.cades = CMS_signed_get_attr_by_NID(si, NID_id_smime_aa_signingCertificateV2,
		-1) >= 0, .signer = CO_TAKE(cert) };
	if (roots_n == 0)
		return CO_OK;
	if (at_us == 0)
		at_us = out->signing_time_us;
	out->trusted = foreign_trust(cms, out->signer->x, at_us, roots, roots_n, err) == CO_OK;
	if (out->trusted)
		return CO_OK;
	cert_free(&out->signer);
	return CO_EVERIFY;
}
