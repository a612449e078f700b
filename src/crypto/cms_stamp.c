/* A time-stamp inside a signature: CAdES-T, the unsigned attribute id-aa-timeStampToken over the
 * signature value (RFC 5126 6.1.1, EN 319 122-1 5.3). */
#include "crypto/cms.h"

#include "base/limits.h"
#include "crypto/internal.h"
#include "crypto/tsp.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/ts.h>
#include <string.h>

CRYPTO_CLEANUP(cms, CMS_ContentInfo, CMS_ContentInfo_free)
#define auto_cms CO_CLEANUP(crypto_cleanup_cms) CMS_ContentInfo
CRYPTO_CLEANUP(ts_resp, TS_RESP, TS_RESP_free)

static enum co_rc
one_signer(CMS_ContentInfo **out, CMS_SignerInfo **si, const void *sig, size_t sig_n,
	struct co_err *err)
{
	auto_cms *cms = NULL;
	const unsigned char *at = sig;
	STACK_OF(CMS_SignerInfo) *signers;

	ERR_clear_error();
	if (sig_n > LIMIT_SIGNATURE_LONG)
		return co_fail(err, CO_ETOOBIG, "signature of %zu bytes", sig_n);
	cms = d2i_CMS_ContentInfo(NULL, &at, (long)sig_n);
	if (cms == NULL || at != (const unsigned char *)sig + sig_n)
		return crypto_fail(err, CO_EMALFORMED, "the signature is not CMS");
	signers = OBJ_obj2nid(CMS_get0_type(cms)) == NID_pkcs7_signed ? CMS_get0_SignerInfos(cms)
								     : NULL;
	if (signers == NULL || sk_CMS_SignerInfo_num(signers) != 1)
		return crypto_fail(err, CO_EMALFORMED, "the CMS has not exactly one signer");
	*si = sk_CMS_SignerInfo_value(signers, 0);
	*out = CO_TAKE(cms);
	return CO_OK;
}

enum co_rc
cms_stamp_digest(const void *sig, size_t sig_n, unsigned char digest[SHA256_LEN],
	struct co_err *err)
{
	auto_cms *cms = NULL;
	CMS_SignerInfo *si = NULL;
	const ASN1_OCTET_STRING *value;

	TRY(one_signer(&cms, &si, sig, sig_n, err));
	value = CMS_SignerInfo_get0_signature(si);
	sha256(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value), digest);
	return CO_OK;
}

static enum co_rc
write_der(CMS_ContentInfo *cms, struct co_buf *out, struct co_err *err)
{
	unsigned char *der = NULL;
	int n = i2d_CMS_ContentInfo(cms, &der);
	enum co_rc rc;

	if (n <= 0)
		return crypto_fail(err, CO_ECRYPTO, "write a signature");
	rc = co_buf_add(out, der, (size_t)n, err);
	OPENSSL_free(der);
	return rc;
}

enum co_rc
cms_stamp_add(const void *sig, size_t sig_n, const void *resp, size_t resp_n, struct co_buf *out,
	struct co_err *err)
{
	CO_CLEANUP(crypto_cleanup_ts_resp) TS_RESP *r = NULL;
	const unsigned char *at = resp;
	auto_cms *cms = NULL;
	CMS_SignerInfo *si = NULL;
	unsigned char *token = NULL;
	int n, added;

	TRY(one_signer(&cms, &si, sig, sig_n, err));
	r = resp_n > LIMIT_TOKEN ? NULL : d2i_TS_RESP(NULL, &at, (long)resp_n);
	if (r == NULL || TS_RESP_get_token(r) == NULL)
		return crypto_fail(err, CO_EMALFORMED, "not a granted time-stamp");
	n = i2d_PKCS7(TS_RESP_get_token(r), &token);
	added = n > 0 &&
		CMS_unsigned_add1_attr_by_NID(si, NID_id_smime_aa_timeStampToken, V_ASN1_SEQUENCE,
			token, n) == 1;
	OPENSSL_free(token);
	if (!added)
		return crypto_fail(err, CO_ECRYPTO, "put the time-stamp into the signature");
	return write_der(cms, out, err);
}

enum co_rc
cms_stamp_verify(const void *sig, size_t sig_n, const struct cert *const *roots, size_t roots_n,
	int64_t *at_us, struct co_err *err)
{
	auto_cms *cms = NULL;
	CMS_SignerInfo *si = NULL;
	unsigned char digest[SHA256_LEN];
	X509_ATTRIBUTE *a;
	const ASN1_TYPE *t;
	int at;

	TRY(one_signer(&cms, &si, sig, sig_n, err));
	at = CMS_unsigned_get_attr_by_NID(si, NID_id_smime_aa_timeStampToken, -1);
	if (at < 0)
		return co_fail(err, CO_ENOTFOUND, "there is no time-stamp in the signature");
	a = CMS_unsigned_get_attr(si, at);
	t = X509_ATTRIBUTE_count(a) == 1 ? X509_ATTRIBUTE_get0_type(a, 0) : NULL;
	if (t == NULL || t->type != V_ASN1_SEQUENCE)
		return co_fail(err, CO_EMALFORMED, "the time-stamp in the signature is malformed");
	TRY(cms_stamp_digest(sig, sig_n, digest, err));
	return tsp_verify_token(ASN1_STRING_get0_data(t->value.sequence),
		(size_t)ASN1_STRING_length(t->value.sequence), digest, roots, roots_n, at_us, err);
}
