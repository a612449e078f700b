/* CMS (RFC 5652): detached CAdES-B signatures over exact bytes, and EnvelopedData for file keys.
 * What we write `openssl cms -verify -binary -content ... -inform DER` accepts, and the reverse.
 * Refused: more than one signer, digests under SHA-256, RSA without PSS, a missing or wrong
 * signing-certificate-v2 (RFC 5035), attached content, an absent signer's certificate, anything
 * but DER, trailing bytes, sizes over LIMIT_SIGNATURE. */
#pragma once

#include "crypto/cert.h"

/* Appends the DER. The certificate travels inside. */
enum co_rc cms_sign(const struct key *k, const struct cert *c, const void *data, size_t n,
	struct co_buf *out, struct co_err *err) CO_NODISCARD;

/* The same for many signatures with one key and certificate, which must outlive it: twice as fast.
 * One thread at a time. */
struct cms_signer;
enum co_rc cms_signer_open(struct cms_signer **out, const struct key *k, const struct cert *c,
	struct co_err *err) CO_NODISCARD;
void cms_signer_free(struct cms_signer **s);
#define cms_signer_auto CO_CLEANUP(cms_signer_free) struct cms_signer
enum co_rc cms_signer_sign(struct cms_signer *s, const void *data, size_t n, struct co_buf *out,
	struct co_err *err) CO_NODISCARD;

struct cms_seen {
	size_t signer;           /* index into allowed */
	int64_t signing_time_us; /* what the signer claims */
};
/* The signer must be one of the allowed certificates, compared as whole certificates.
 * Chains, validity and revocation are the caller's: see cert_validate. */
enum co_rc cms_verify(const void *sig, size_t sig_n, const void *data, size_t n,
	const struct cert *const *allowed, size_t allowed_n, struct cms_seen *seen,
	struct co_err *err) CO_NODISCARD;
/* The signer's certificate as carried inside, unverified: to say who claims to have signed. */
enum co_rc cms_claimed_signer(struct cert **out, const void *sig, size_t sig_n, struct co_err *err)
	CO_NODISCARD;

/* CAdES-T: a time-stamp over the signature value, inside the signature. The digest to be stamped;
 * the signature with the token of an RFC 3161 answer, appended; and its check: CO_ENOTFOUND when
 * there is none. Up to LIMIT_SIGNATURE_LONG. */
enum co_rc cms_stamp_digest(const void *sig, size_t sig_n, unsigned char digest[SHA256_LEN],
	struct co_err *err) CO_NODISCARD;
enum co_rc cms_stamp_add(const void *sig, size_t sig_n, const void *resp, size_t resp_n,
	struct co_buf *out, struct co_err *err) CO_NODISCARD;
enum co_rc cms_stamp_verify(const void *sig, size_t sig_n, const struct cert *const *roots,
	size_t roots_n, int64_t *at_us, struct co_err *err) CO_NODISCARD;

/* A detached signature that somebody else made, of any form but with digests that are broken: by
 * the certificate inside, which is trusted when it comes from one of the roots at at_us (0: at the
 * time that it claims). Without roots nothing is said about trust. signer: the caller frees. */
struct cms_stranger {
	struct cert *signer;
	int64_t signing_time_us; /* what it claims; 0: nothing */
	bool cades;              /* it names its certificate (RFC 5035) */
	bool trusted;
};
enum co_rc cms_verify_foreign(const void *sig, size_t sig_n, const void *data, size_t n,
	int64_t at_us, const struct cert *const *roots, size_t roots_n, struct cms_stranger *out,
	struct co_err *err) CO_NODISCARD;

/* EnvelopedData of a short secret for the recipients (ECDH-ES or RSA-OAEP, AES-256). */
enum co_rc cms_wrap(const void *secret, size_t n, const struct cert *const *to, size_t to_n,
	struct co_buf *out, struct co_err *err) CO_NODISCARD;
enum co_rc cms_unwrap(const struct key *k, const struct cert *c, const void *der, size_t n,
	struct co_buf *out, struct co_err *err) CO_NODISCARD;
