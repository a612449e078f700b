/* Who is signed in. The cookie is 256 random bits, kept only as a digest; a session ends when idle,
 * when old, when its officer is disabled, and when somebody ends it. Must never tell why a cookie
 * is not taken. */
#pragma once

#include "exchange/op.h"

enum { SESSION_CSRF = 32, SESSION_COOKIE_HEX = 64 };

/* A desk left alone is not left open. */
#define SESSION_IDLE_US (INT64_C(45) * 60 * 1000000)

struct session {
	char officer[LIMIT_NAME + 1]; /* "": nobody */
	char role[32];
	char public_id[33];
	unsigned char csrf[SESSION_CSRF];
	unsigned char digest[32];
	int64_t seen_us, ends_us;
	char way[16];
	char language[16]; /* chosen by the officer; "": as the browser says */
	char zone[64];     /* "": the node's */
};

/* way: how the officer proved who they are. Waits for the disk. cookie is what the browser keeps.
 */
enum co_rc session_begin(struct exchange *x, const char *officer, const char *way, const char *peer,
	const char *agent, char cookie[SESSION_COOKIE_HEX + 1], struct co_err *err) CO_NODISCARD;
/* officer "" when the cookie is not that of a session. Notes now and then that it was seen. */
enum co_rc session_find(struct exchange *x, const char *cookie, struct session *out,
	struct co_err *err) CO_NODISCARD;
enum co_rc session_end(
	struct exchange *x, const struct session *s, struct co_err *err) CO_NODISCARD;
/* One of the officer's own, by its public id. */
enum co_rc session_end_named(struct exchange *x, const char *officer, const char *public_id,
	struct co_err *err) CO_NODISCARD;
enum co_rc session_list(struct exchange *x, const struct session *self, json_t **out,
	struct co_err *err) CO_NODISCARD;

/* A form's token: the session's secret under a fresh mask, so that no two pages show the same bytes
 * (compressed pages would give it away otherwise). */
void session_csrf(const struct session *s, char out[2 * 2 * SESSION_CSRF + 1]);
bool session_csrf_holds(const struct session *s, const char *token);
