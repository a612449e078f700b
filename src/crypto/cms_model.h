/* Where in a CMS signature the parts stand that differ between two signatures by one signer: the
 * signing time, the digest and the signature value. Private to cms_*.c. It reads the one form that
 * cms_sign writes (RFC 5652 5.1, one signer, signed attributes, a UTCTime); whatever else is no
 * model, and goes the long way. */
#pragma once

#include "crypto/internal.h"

enum { UTCTIME_LEN = 13 /* YYMMDDhhmmssZ: until 2049, RFC 5652 11.3 */ };

struct span {
	size_t at, n;
};

struct cms_model {
	struct span type, front; /* of ContentInfo; of SignedData up to its signers */
	struct span info;        /* of SignerInfo up to its signature value */
	struct span attrs, time, digest; /* inside info: the values of time and digest alone */
	struct span value;               /* of the signature */
};

/* False when der has another form. Nothing is judged: that is cms_verify's. */
bool cms_model_read(struct cms_model *m, const void *der, size_t n);
/* Do the two differ in time, digest and signature value only, besides the lengths that follow? */
bool cms_model_same(
	const struct cms_model *m, const void *der, const struct cms_model *n, const void *other);
/* What is signed: the attributes as the SET OF that they are, RFC 5652 5.4. */
enum co_rc cms_model_hash(const struct cms_model *m, const void *der, const EVP_MD *md,
	unsigned char *out, struct co_err *err) CO_NODISCARD;
