/* Passkeys of officers: asking a browser, taking what it says into the ways to sign in. A challenge
 * is made by this process, for one purpose and one person, for minutes, and is taken once. Must
 * never say which officer a key belongs to before its signature held. Checks: webauthn.h. */
#pragma once

#include "desk/webauthn.h"
#include "exchange/op.h"

enum passkey_purpose { PASSKEY_SIGN_IN = 1, PASSKEY_NEW = 2 };

struct passkeys;
/* url: as browsers see the desk; borrowed. */
enum co_rc passkeys_open(struct passkeys **out, const char *url, struct co_err *err) CO_NODISCARD;
void passkeys_close(struct passkeys **p);
/* "" when browsers know no passkeys at our url. */
const char *passkeys_rp_id(const struct passkeys *p);

/* officer: for whom a new key is; "" to sign in. */
void passkey_challenge(struct passkeys *p, enum passkey_purpose purpose, const char *officer,
	int64_t now_us, unsigned char out[WEBAUTHN_CHALLENGE]);
/* Names the officer to the device without telling it who that is. */
void passkey_user(const struct exchange *x, const char *officer, unsigned char out[32]);

/* The fields of the form as the page's script fills them in; hex. */
struct passkey_form {
	const char *challenge, *id, *client, *auth, *sig, *user;
};

/* A key for officer, checked, not stored yet: account.h and passkey_add do. */
enum co_rc passkey_check_new(struct passkeys *p, const struct passkey_form *f, const char *officer,
	int64_t now_us, struct webauthn_key *out, struct co_err *err) CO_NODISCARD;
/* In a job. CO_EEXISTS when some officer has it already. */
enum co_rc passkey_put(struct store_db *db, const char *officer, const char *name,
	const struct webauthn_key *key, int64_t now_us, struct co_err *err) CO_NODISCARD;
/* Stores it; an event. Waits for the disk. */
enum co_rc passkey_add(struct exchange *x, const char *officer, const char *name,
	const struct webauthn_key *key, struct co_err *err) CO_NODISCARD;
/* Who signs in. CO_EDENIED with one message for every reason that a stranger could learn from. */
enum co_rc passkey_sign_in(struct passkeys *p, struct exchange *x, const struct passkey_form *f,
	int64_t now_us, char officer[LIMIT_NAME + 1], struct co_err *err) CO_NODISCARD;
/* One of officer's ways to sign in, never the last that works alone. An event. */
enum co_rc passkey_drop(
	struct exchange *x, const char *officer, int64_t id, struct co_err *err) CO_NODISCARD;
/* The officer's ways to sign in: {"id", "kind", "name", "created_us", "used_us"}. */
enum co_rc passkey_list(
	struct exchange *x, const char *officer, json_t **out, struct co_err *err) CO_NODISCARD;
/* Credential ids of officer in hex, commas between: the device then offers no second key. */
enum co_rc passkey_ids(
	struct exchange *x, const char *officer, char **out, struct co_err *err) CO_NODISCARD;
