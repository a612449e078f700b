/* How an officer proves who they are: password (Argon2id, RFC 9106) with a one-time code (TOTP, RFC
 * 6238) as the fallback for passkeys; invitations to begin with. Must never tell which part was
 * wrong, nor take the same one-time code twice, nor let guesses by strangers lock an officer out.
 */
#pragma once

#include "exchange/op.h"

enum { ACCOUNT_PASSWORD_MIN = 12, ACCOUNT_PASSWORD_MAX = 256, ACCOUNT_TOTP_KEY = 20 };

/* At least 12 characters and not the officer's or a famous one. */
enum co_rc password_acceptable(
	const char *officer, const char *password, struct co_err *err) CO_NODISCARD;
/* An encoded Argon2id string: 64 MiB, 3 passes, 1 lane. About 100 ms: one at a time. */
enum co_rc password_hash(const char *password, char out[128], struct co_err *err) CO_NODISCARD;
bool password_holds(const char *encoded, const char *password);

/* The step (30 s) that code is for, within one before and after now; 0 when it is not. */
int64_t totp_step(const unsigned char key[ACCOUNT_TOTP_KEY], const char *code, int64_t now_us);
/* otpauth:// for an authenticator, and the key in base32 for typing. */
void totp_uri(const unsigned char key[ACCOUNT_TOTP_KEY], const char *issuer, const char *officer,
	char out[512]);
void totp_base32(const unsigned char key[ACCOUNT_TOTP_KEY], char out[40]);

/* CO_EDENIED with one message for every reason; CO_EBUSY when too many are checked just now. */
enum co_rc account_check(struct exchange *x, const char *officer, const char *password,
	const char *code, int64_t now_us, struct co_err *err) CO_NODISCARD;
/* What an invitation gives: replaces password and one-time key, uses the invitation up, in one job.
 */
enum co_rc account_set(struct exchange *x, const char *invitation, const char *password,
	const unsigned char key[ACCOUNT_TOTP_KEY], int64_t step, char officer[LIMIT_NAME + 1],
	struct co_err *err) CO_NODISCARD;
struct webauthn_key;
/* The same with a passkey instead. Either way nothing that signed the officer in before still does.
 */
enum co_rc account_set_passkey(struct exchange *x, const char *invitation, const char *name,
	const struct webauthn_key *key, char officer[LIMIT_NAME + 1],
	struct co_err *err) CO_NODISCARD;
/* Whose invitation it is; CO_EDENIED when used, old or unknown. */
enum co_rc invitation_of(struct exchange *x, const char *code, char officer[LIMIT_NAME + 1],
	struct co_err *err) CO_NODISCARD;

/* ---- throttle: guesses cost time, for the place they come from ---- */
struct throttle;
struct throttle *throttle_new(void);
void throttle_free(struct throttle **t);
/* 0: go on. Otherwise seconds to wait. Place is peer and officer together, so that a stranger's
 * guesses slow the stranger and not the officer at another place. */
unsigned throttle_wait_s(struct throttle *t, const char *peer, const char *officer, int64_t now_us);
void throttle_failed(struct throttle *t, const char *peer, const char *officer, int64_t now_us);
void throttle_passed(struct throttle *t, const char *peer, const char *officer);
