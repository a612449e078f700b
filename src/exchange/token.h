/* Tokens for programs: of one officer, with scopes and an end. Kept as digests; the token itself is
 * told once. What a token may do is what its officer may and its scopes allow, never more. */
#pragma once

#include "exchange/op.h"

/* Known by sight, so that a scanner of sources finds one that leaked. */
#define TOKEN_PREFIX "comity_"
enum { TOKEN_LEN = sizeof(TOKEN_PREFIX) - 1 + 64 };

/* out is empty. CO_EDENIED with the reason: unknown, ended, revoked. */
enum co_rc token_find(
	struct exchange *x, const char *token, struct caller *out, struct co_err *err) CO_NODISCARD;
void token_ops(struct exchange *x);
