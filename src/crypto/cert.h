/* X.509 certificates (RFC 5280): read, issue for our own nodes, validate a chain.
 * Objects are immutable after creation and may be shared between threads. */
#pragma once

#include "base/buf.h"
#include "crypto/digest.h"
#include "crypto/key.h"

struct cert;
void cert_free(struct cert **c);
#define cert_auto CO_CLEANUP(cert_free) struct cert

enum co_rc cert_from_der(
	struct cert **out, const void *p, size_t n, struct co_err *err) CO_NODISCARD;
/* The first certificate of a PEM text. */
enum co_rc cert_from_pem(
	struct cert **out, const char *pem, size_t n, struct co_err *err) CO_NODISCARD;
enum co_rc cert_load(struct cert **out, const char *path, struct co_err *err) CO_NODISCARD;
struct cert *cert_ref(const struct cert *c); /* one more owner */
enum co_rc cert_pem(const struct cert *c, struct co_buf *out, struct co_err *err) CO_NODISCARD;
enum co_rc cert_der(const struct cert *c, struct co_buf *out, struct co_err *err) CO_NODISCARD;
/* SHA-256 of the DER, the fingerprint by which the directory pins it. Borrowed. */
const unsigned char *cert_sha256(const struct cert *c);
const char *cert_subject(const struct cert *c); /* RFC 2253 text; borrowed */
int64_t cert_not_before_us(const struct cert *c);
int64_t cert_not_after_us(const struct cert *c);
bool cert_matches_key(const struct cert *c, const struct key *k);

enum cert_use { CERT_ROOT, CERT_SEAL, CERT_TLS, CERT_TSA };
struct cert_ask {
	enum cert_use use;
	const char *organisation; /* O; may be NULL */
	const char *country;      /* C; alpha-2, may be NULL */
	const char *name;         /* CN; also the dNSName/URI "comity:<name>" of TLS certificates */
	int64_t from_us, to_us;
};
/* Issue a certificate for subject_key, signed by issuer_key under issuer (NULL: self-signed).
 * Profiles: root CA:TRUE pathlen 0 keyCertSign,cRLSign; seal digitalSignature,nonRepudiation +
 * keyAgreement (also the recipient of wrapped file keys); tls clientAuth,serverAuth;
 * tsa critical timeStamping only (RFC 3161 2.3). */
enum co_rc cert_issue(struct cert **out, const struct cert_ask *ask, const struct key *subject_key,
	const struct cert *issuer, const struct key *issuer_key, struct co_err *err) CO_NODISCARD;

/* A request for such a certificate (PKCS #10, PEM), for another authority; from and to are its
 * affair. */
enum co_rc cert_request(const struct cert_ask *ask, const struct key *key, struct co_buf *out,
	struct co_err *err) CO_NODISCARD;

/* Is leaf good for use at at_us under one of the roots? more: intermediates (may be NULL). A root
 * need not be self-signed: the directory may pin an intermediate of a national authority. Costs
 * about 100 us: callers keep the answer. */
enum co_rc cert_validate(const struct cert *leaf, enum cert_use use, int64_t at_us,
	const struct cert *const *more, size_t more_n, const struct cert *const *roots,
	size_t roots_n, struct co_err *err) CO_NODISCARD;
