/* RFC 3161 time-stamps. Stored and sent as TimeStampResp, so that
 * `openssl ts -verify -data FILE -in FILE.tsr -CAfile ROOT` works. A token is believed at its own
 * time; a client believes an answer only if it is to its question and of now. */
#pragma once

#include "crypto/cert.h"

/* ROOTS_MAX: of all authorities of a node, 8 of LIMIT_CHAIN certificates each. */
enum { TSP_NONCE = 16, TSP_DIGEST_MAX = 64, TSP_POLICY_MAX = 128, TSP_ROOTS_MAX = 64 };

/* What a client asked: filled by tsp_query, held against the answer by tsp_accept. */
struct tsp_ask {
	unsigned char digest[TSP_DIGEST_MAX];
	size_t digest_n; /* 32: SHA-256, 64: SHA-512 */
	unsigned char nonce[TSP_NONCE];
	char policy[TSP_POLICY_MAX]; /* that the authority shall use, "1.2.3"; "": any */
};
/* A query with nonce and certReq, appended; sets the nonce. */
enum co_rc tsp_query(struct tsp_ask *ask, struct co_buf *out, struct co_err *err) CO_NODISCARD;

/* What a token says of itself, once it holds. */
struct tsp_seen {
	int64_t at_us;    /* genTime */
	int64_t until_us; /* the first end among the certificates of its chain */
	char signer[256]; /* subject */
};
/* tsp_check, and: granted, with our nonce and policy, its time within five minutes of now_us, and a
 * certificate that is good now. CO_EVERIFY tells which does not hold. */
enum co_rc tsp_accept(const void *resp, size_t n, const struct tsp_ask *ask,
	const struct cert *const *roots, size_t roots_n, int64_t now_us, struct tsp_seen *seen,
	struct co_err *err) CO_NODISCARD;

/* Our own authority answers for a digest (of 32 or 64 bytes) at at_us. */
enum co_rc tsp_answer_n(const struct key *k, const struct cert *c, const unsigned char *digest,
	size_t digest_n, int64_t at_us, struct co_buf *out, struct co_err *err) CO_NODISCARD;
enum co_rc tsp_answer(const struct key *k, const struct cert *c,
	const unsigned char digest[SHA256_LEN], int64_t at_us, struct co_buf *out,
	struct co_err *err) CO_NODISCARD;

/* Accepts a granted response over digest whose token is signed by a certificate valid for
 * time-stamping under one of the roots at the token's own time. */
enum co_rc tsp_check(const void *resp, size_t n, const unsigned char *digest, size_t digest_n,
	const struct cert *const *roots, size_t roots_n, struct tsp_seen *seen,
	struct co_err *err) CO_NODISCARD;
/* The same over SHA-256; *at_us is its genTime. */
enum co_rc tsp_verify(const void *resp, size_t n, const unsigned char digest[SHA256_LEN],
	const struct cert *const *roots, size_t roots_n, int64_t *at_us,
	struct co_err *err) CO_NODISCARD;
/* The same for a bare TimeStampToken, as it stands inside signatures and containers. */
enum co_rc tsp_verify_token(const void *token, size_t n, const unsigned char digest[SHA256_LEN],
	const struct cert *const *roots, size_t roots_n, int64_t *at_us,
	struct co_err *err) CO_NODISCARD;
/* When the first of the certificates that the token carries ends; unverified, for the calendar. */
enum co_rc tsp_until(
	const void *resp, size_t n, int64_t *until_us, struct co_err *err) CO_NODISCARD;
