/* The pages on passkeys: sign in with one, make one with an invitation or when signed in, remove
 * one. */
#include "desk/account.h"
#include "desk/pages.h"

#include "base/clock.h"
#include "base/enc.h"

#include <string.h>

static struct passkey_form
form_of(const struct visit *v)
{
	return (struct passkey_form){ .challenge = visit_field(v, "challenge"),
		.id = visit_field(v, "id"),
		.client = visit_field(v, "client"),
		.auth = visit_field(v, "auth"),
		.sig = visit_field(v, "sig"),
		.user = visit_field(v, "user") };
}

/* What the page's script needs to ask the device; nothing where browsers know no passkeys. */
void
passkey_fill_sign_in(struct visit *v)
{
	unsigned char challenge[WEBAUTHN_CHALLENGE];
	char hex[2 * WEBAUTHN_CHALLENGE + 1];

	if (passkeys_rp_id(v->desk->passkeys)[0] == '\0')
		return;
	passkey_challenge(v->desk->passkeys, PASSKEY_SIGN_IN, "", co_now_us(), challenge);
	co_hex(challenge, sizeof(challenge), hex);
	visit_put(v, "passkey",
		json_pack("{s:s,s:s}", "rp", passkeys_rp_id(v->desk->passkeys), "challenge", hex));
}

enum co_rc
passkey_fill_new(struct visit *v, const char *officer, const char *action, struct co_err *err)
{
	unsigned char challenge[WEBAUTHN_CHALLENGE], user[32];
	char hex[2 * WEBAUTHN_CHALLENGE + 1], user_hex[2 * sizeof(user) + 1];
	co_auto_free char *known = NULL;

	if (passkeys_rp_id(v->desk->passkeys)[0] == '\0')
		return CO_OK;
	TRY(passkey_ids(v->desk->conf.exchange, officer, &known, err));
	passkey_challenge(v->desk->passkeys, PASSKEY_NEW, officer, co_now_us(), challenge);
	co_hex(challenge, sizeof(challenge), hex);
	passkey_user(v->desk->conf.exchange, officer, user);
	co_hex(user, sizeof(user), user_hex);
	visit_put(v, "passkey",
		json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "rp", passkeys_rp_id(v->desk->passkeys),
			"challenge", hex, "user", user_hex, "name", officer, "known", known,
			"action", action));
	return CO_OK;
}

/* Without the brake on passwords: a signature is not guessed, and whoever tries must not hinder
 * those who come through the same proxy. */
enum co_rc
page_passkey_sign_in(struct visit *v, struct co_err *err)
{
	struct passkey_form f = form_of(v);
	struct co_err why = { CO_OK, "" };
	char officer[LIMIT_NAME + 1];

	if (passkey_sign_in(v->desk->passkeys, v->desk->conf.exchange, &f, co_now_us(), officer,
		    &why) == CO_OK)
		return sign_in_as(v, officer, "passkey", err);
	if (why.rc != CO_EDENIED && why.rc != CO_EUSAGE && why.rc != CO_EMALFORMED)
		return co_fail(err, why.rc, "%s", why.msg);
	return sign_in_again(v, "", why.msg, why.rc == CO_EDENIED ? 403 : 400);
}

static const char *
device_name(const struct visit *v, char out[65])
{
	const char *s = visit_field(v, "device");

	(void)snprintf(out, 65, "%s", s == NULL ? "passkey" : s);
	/* Cut between characters. */
	while (!co_utf8_valid(out))
		out[strlen(out) - 1] = '\0';
	return out;
}

/* The invitation is used up with the key, in one job; whatever signed in before no longer does. */
enum co_rc
page_passkey_welcome(struct visit *v, struct co_err *err)
{
	const char *invitation = visit_field(v, "invitation");
	struct passkey_form f = form_of(v);
	struct co_err why = { CO_OK, "" };
	char officer[LIMIT_NAME + 1], device[65];
	struct webauthn_key key;

	invitation = invitation == NULL ? "" : invitation;
	TRY(invitation_of(v->desk->conf.exchange, invitation, officer, err));
	if (passkey_check_new(v->desk->passkeys, &f, officer, co_now_us(), &key, &why) != CO_OK)
		return welcome_again(v, invitation, officer, why.msg, err);
	TRY(account_set_passkey(
		v->desk->conf.exchange, invitation, device_name(v, device), &key, officer, err));
	return sign_in_as(v, officer, "invitation", err);
}

enum co_rc
page_passkey_add(struct visit *v, struct co_err *err)
{
	struct passkey_form f = form_of(v);
	struct webauthn_key key;
	char device[65];

	TRY(passkey_check_new(v->desk->passkeys, &f, v->session.officer, co_now_us(), &key, err));
	TRY(passkey_add(
		v->desk->conf.exchange, v->session.officer, device_name(v, device), &key, err));
	visit_go(v, "/account");
	return CO_OK;
}

enum co_rc
page_passkey_drop(struct visit *v, struct co_err *err)
{
	TRY(passkey_drop(
		v->desk->conf.exchange, v->session.officer, strtoll(v->param[0], NULL, 10), err));
	visit_go(v, "/account");
	return CO_OK;
}
