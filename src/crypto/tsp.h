/* RFC 3161 time-stamps over a SHA-256 digest. Stored and sent as TimeStampResp, so that
 * `openssl ts -verify -data FILE -in FILE.tsr -CAfile ROOT` works. */
#pragma once

#include "crypto/cert.h"

/* A query for a configured authority, with a nonce and certReq. */
enum co_rc tsp_query(const unsigned char digest[SHA256_LEN], struct co_buf *out, struct co_err *err)
	CO_NODISCARD;
/* Our own authority answers for a digest at at_us. */
enum co_rc tsp_answer(const struct key *k, const struct cert *c,
	const unsigned char digest[SHA256_LEN], int64_t at_us, struct co_buf *out,
	struct co_err *err) CO_NODISCARD;
/* Accepts a granted response over digest whose token is signed by a certificate valid for
 * time-stamping under one of the roots at the token's own time. *at_us is its genTime. */
enum co_rc tsp_verify(const void *resp, size_t n, const unsigned char digest[SHA256_LEN],
	const struct cert *const *roots, size_t roots_n, int64_t *at_us,
	struct co_err *err) CO_NODISCARD;
