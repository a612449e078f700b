#include "desk/account.h"
#include "desk/pages.h"

#include "base/clock.h"
#include "base/enc.h"
#include "crypto/digest.h"

#include <string.h>

static void
cookie_set(struct visit *v, const char *cookie)
{
	char line[256];

	(void)snprintf(line, sizeof(line), "%s=%s; Path=/; HttpOnly; SameSite=Lax%s%s",
		v->desk->secure ? "__Host-comity" : "comity", cookie,
		v->desk->secure ? "; Secure" : "", *cookie == '\0' ? "; Max-Age=0" : "");
	web_set(v->req, "Set-Cookie", line);
}

/* A new session, never the one that the browser brought: fixation has nothing to fix. */
enum co_rc
sign_in_as(struct visit *v, const char *officer, const char *way, struct co_err *err)
{
	char cookie[SESSION_COOKIE_HEX + 1];

	TRY(session_begin(v->desk->conf.exchange, officer, way, web_peer(v->req),
		web_header(v->req, "User-Agent"), cookie, err));
	cookie_set(v, cookie);
	crypto_wipe(cookie, sizeof(cookie));
	visit_go(v, "/");
	return CO_OK;
}

static void
card_link(struct visit *v)
{
	if (v->desk->card != NULL)
		visit_put(v, "card_door", json_string(v->desk->conf.card_url));
}

enum co_rc
page_sign_in(struct visit *v, struct co_err *err)
{
	(void)err;
	card_link(v);
	if (v->session.officer[0] != '\0')
		visit_go(v, "/");
	passkey_fill_sign_in(v);
	v->page = "sign-in";
	visit_put(v, "title", json_string("sign in"));
	return CO_OK;
}

/* The form again, with what was wrong; never the password. */
enum co_rc
sign_in_again(struct visit *v, const char *officer, const char *message, int status)
{
	v->page = "sign-in";
	v->status = status;
	passkey_fill_sign_in(v);
	card_link(v);
	visit_put(v, "title", json_string("sign in"));
	visit_put(v, "name", json_string(officer));
	visit_put(v, "fault", json_string(message));
	return CO_OK;
}

enum co_rc
page_sign_in_post(struct visit *v, struct co_err *err)
{
	const char *officer = visit_field(v, "officer"), *password = visit_field(v, "password"),
		   *code = visit_field(v, "code"), *peer = web_peer(v->req);
	int64_t now_us = co_now_us();
	struct co_err why = { CO_OK, "" };
	char text[128];
	unsigned wait;

	if (officer == NULL || password == NULL || code == NULL)
		return sign_in_again(v, officer == NULL ? "" : officer,
			"Give officer, password and one-time code.", 400);
	wait = throttle_wait_s(v->desk->throttle, peer, officer, now_us);
	if (wait > 0) {
		(void)snprintf(text, sizeof(text),
			"Too many tries from here. Wait %u seconds, then try again.", wait);
		return sign_in_again(v, officer, text, 429);
	}
	if (account_check(v->desk->conf.exchange, officer, password, code, now_us, &why) == CO_OK) {
		throttle_passed(v->desk->throttle, peer, officer);
		return sign_in_as(v, officer, "password", err);
	}
	if (why.rc != CO_EDENIED)
		return co_fail(err, why.rc, "%s", why.msg);
	throttle_failed(v->desk->throttle, peer, officer, now_us);
	return sign_in_again(v, officer, why.msg, 403);
}

enum co_rc
page_sign_out(struct visit *v, struct co_err *err)
{
	TRY(session_end(v->desk->conf.exchange, &v->session, err));
	cookie_set(v, "");
	visit_go(v, "/sign-in");
	return CO_OK;
}

/* ---- invitations ---- */

/* By four: so it is read off a screen and typed into a telephone. */
static void
key_group(const char *base32, char out[64])
{
	size_t n = 0;

	for (size_t i = 0; base32[i] != '\0' && n + 2 < 64; i++) {
		if (i > 0 && i % 4 == 0)
			out[n++] = ' ';
		out[n++] = base32[i];
	}
	out[n] = '\0';
}

/* The one-time key comes back with the form, so that nothing is stored before it is proved. */
static enum co_rc
welcome_show(struct visit *v, const char *invitation, const char *officer,
	const unsigned char key[ACCOUNT_TOTP_KEY], const char *fault, struct co_err *err)
{
	char base32[40], grouped[64], uri[512], hex[2 * ACCOUNT_TOTP_KEY + 1];

	totp_base32(key, base32);
	totp_uri(key, exchange_address(v->desk->conf.exchange), officer, uri);
	co_hex(key, ACCOUNT_TOTP_KEY, hex);
	v->page = "welcome";
	v->status = fault == NULL ? 200 : 400;
	visit_put(v, "title", json_string("welcome"));
	visit_put(v, "invitation", json_string(invitation));
	visit_put(v, "name", json_string(officer));
	visit_put(v, "key", json_string(hex));
	key_group(base32, grouped);
	visit_put(v, "base32", json_string(grouped));
	visit_put(v, "uri", json_string(uri));
	if (fault != NULL)
		visit_put(v, "fault", json_string(fault));
	return passkey_fill_new(v, officer, "/welcome/passkey", err);
}

enum co_rc
welcome_again(struct visit *v, const char *invitation, const char *officer, const char *message,
	struct co_err *err)
{
	unsigned char key[ACCOUNT_TOTP_KEY];

	crypto_random(key, sizeof(key));
	return welcome_show(v, invitation, officer, key, message, err);
}

enum co_rc
page_welcome(struct visit *v, struct co_err *err)
{
	const char *invitation = web_query(v->req, "code");
	unsigned char key[ACCOUNT_TOTP_KEY];
	char officer[LIMIT_NAME + 1];

	TRY(invitation_of(
		v->desk->conf.exchange, invitation == NULL ? "" : invitation, officer, err));
	crypto_random(key, sizeof(key));
	return welcome_show(v, invitation, officer, key, NULL, err);
}

enum co_rc
page_welcome_post(struct visit *v, struct co_err *err)
{
	const char *invitation = visit_field(v, "invitation"), *hex = visit_field(v, "key"),
		   *password = visit_field(v, "password"), *again = visit_field(v, "again"),
		   *code = visit_field(v, "code");
	unsigned char key[ACCOUNT_TOTP_KEY];
	char officer[LIMIT_NAME + 1];
	struct co_err why = { CO_OK, "" };
	int64_t step;

	TRY(invitation_of(
		v->desk->conf.exchange, invitation == NULL ? "" : invitation, officer, err));
	if (hex == NULL || strlen(hex) != 2 * sizeof(key) || !co_unhex(hex, key, sizeof(key)))
		return co_fail(err, CO_EUSAGE, "the form is not whole; open the link again");
	if (password == NULL || again == NULL || strcmp(password, again) != 0)
		return welcome_show(
			v, invitation, officer, key, "The two passwords are not the same.", err);
	if (password_acceptable(officer, password, &why) != CO_OK)
		return welcome_show(v, invitation, officer, key, why.msg, err);
	step = totp_step(key, code == NULL ? "" : code, co_now_us());
	if (step == 0)
		return welcome_show(v, invitation, officer, key,
			"The one-time code does not fit the key. Look whether the telephone's "
			"clock "
			"is right, and give the code shown now.",
			err);
	TRY(account_set(v->desk->conf.exchange, invitation, password, key, step, officer, err));
	return sign_in_as(v, officer, "invitation", err);
}

/* ---- own sessions ---- */

/* Each way in words; a name is only told where somebody gave one. */
static void
ways_tell(json_t *ways)
{
	json_t *way;
	size_t i;

	json_array_foreach(ways, i, way)
	{
		const char *kind = json_string_value(json_object_get(way, "kind"));
		bool code = kind != NULL && strcmp(kind, "totp") == 0;

		if (code)
			(void)json_object_set_new(
				way, "kind", json_string(WORDS("one-time code")));
		(void)json_object_set_new(way, "given",
			json_boolean(!code && kind != NULL && strcmp(kind, "password") != 0));
	}
}

enum co_rc
page_account(struct visit *v, struct co_err *err)
{
	json_t *list;

	TRY(session_list(v->desk->conf.exchange, &v->session, &list, err));
	visit_put(v, "sessions", list);
	TRY(passkey_list(v->desk->conf.exchange, v->session.officer, &list, err));
	ways_tell(list);
	visit_put(v, "ways", list);
	TRY(passkey_fill_new(v, v->session.officer, "/account/passkey", err));
	preference_fill(v);
	visit_put(v, "title", json_string("account"));
	v->page = "account";
	return CO_OK;
}

enum co_rc
page_session_end(struct visit *v, struct co_err *err)
{
	TRY(session_end_named(v->desk->conf.exchange, v->session.officer, v->param[0], err));
	visit_go(v, "/account");
	return CO_OK;
}
