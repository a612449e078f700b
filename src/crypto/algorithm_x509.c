/* Where OpenSSL's objects meet the table of algorithms. */
#include "crypto/algorithm.h"
#include "crypto/internal.h"

#include <openssl/err.h>

enum co_rc
algorithm_digest(int nid, enum algorithm_use use, int64_t at_us, struct co_err *err)
{
	const char *name = OBJ_nid2sn(nid);

	return algorithm_check(
		ALGORITHM_DIGEST, name == NULL ? "unknown" : name, 0, use, at_us, err);
}

enum co_rc
algorithm_signature(int nid, enum algorithm_use use, int64_t at_us, struct co_err *err)
{
	const char *name = OBJ_nid2sn(nid);

	return algorithm_check(
		ALGORITHM_SIGNATURE, name == NULL ? "unknown" : name, 0, use, at_us, err);
}

enum co_rc
algorithm_key(EVP_PKEY *key, enum algorithm_use use, int64_t at_us, struct co_err *err)
{
	char name[64] = "unknown";
	unsigned bits = 0;

	if (key == NULL)
		return crypto_fail(err, CO_EVERIFY, "a certificate whose key cannot be read");
	if (EVP_PKEY_is_a(key, "EC")) {
		if (EVP_PKEY_get_group_name(key, name, sizeof(name), NULL) != 1)
			(void)snprintf(name, sizeof(name), "EC with curve parameters of its own");
	} else {
		if (EVP_PKEY_get0_type_name(key) != NULL)
			(void)snprintf(name, sizeof(name), "%s", EVP_PKEY_get0_type_name(key));
		if (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS") ||
			EVP_PKEY_is_a(key, "DSA"))
			bits = (unsigned)EVP_PKEY_get_bits(key);
	}
	return algorithm_check(ALGORITHM_KEY, name, bits, use, at_us, err);
}

/* RSASSA-PSS has its digest in parameters. */
static enum co_rc
pss_digest(X509 *x, int64_t at_us, struct co_err *err)
{
	int md = NID_undef, key = NID_undef, bits = 0;
	uint32_t flags = 0;

	if (X509_get_signature_info(x, &md, &key, &bits, &flags) != 1)
		return crypto_fail(err, CO_EVERIFY, "a certificate with RSASSA-PSS parameters that "
			"cannot be read");
	return algorithm_digest(md, ALGORITHM_CERTIFICATE, at_us, err);
}

enum co_rc
algorithm_cert(X509 *x, bool anchor, int64_t at_us, struct co_err *err)
{
	int nid = X509_get_signature_nid(x);

	TRY(algorithm_key(X509_get0_pubkey(x), ALGORITHM_CERTIFICATE, at_us, err));
	if (anchor) /* trusted because it is known, not for its own signature */
		return CO_OK;
	TRY(algorithm_signature(nid, ALGORITHM_CERTIFICATE, at_us, err));
	return nid == NID_rsassaPss ? pss_digest(x, at_us, err) : CO_OK;
}
