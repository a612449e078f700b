#include "desk/passkey.h"

#include "base/clock.h"
#include "base/enc.h"
#include "crypto/digest.h"
#include "desk/inside.h"

#include <pthread.h>
#include <string.h>

/* Long enough to find the key in the other coat, short enough to be worth nothing later. */
#define CHALLENGE_US (INT64_C(10) * 60 * 1000000)
enum { USED_MAX = 4096 /* sign-ins within ten minutes; more are asked to wait */, TAG_LEN = 16 };

struct used {
	unsigned char challenge[WEBAUTHN_CHALLENGE];
	int64_t ends_us;
};

struct passkeys {
	const char *url;
	char rp_id[128];
	unsigned char key[32]; /* tags challenges; of this process alone */
	pthread_mutex_t lock;
	struct used used[USED_MAX];
};

static const char passkey_denied[] =
	"This passkey does not let you in. Use another one, or officer, password and one-time "
	"code; an administrator can make an invitation";

enum co_rc
passkeys_open(struct passkeys **out, const char *url, struct co_err *err)
{
	struct passkeys *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return co_fail(err, CO_ENOMEM, "passkeys");
	p->url = url;
	if (!webauthn_rp_id(url, p->rp_id))
		p->rp_id[0] = '\0';
	crypto_random(p->key, sizeof(p->key));
	(void)pthread_mutex_init(&p->lock, NULL);
	*out = p;
	return CO_OK;
}

void
passkeys_close(struct passkeys **p)
{
	if (*p == NULL)
		return;
	(void)pthread_mutex_destroy(&(*p)->lock);
	crypto_wipe((*p)->key, sizeof((*p)->key));
	free(*p);
	*p = NULL;
}

const char *
passkeys_rp_id(const struct passkeys *p)
{
	return p->rp_id;
}

/* ---- challenges: when it ends (8), chance (8), tag (16) ---- */

static void
challenge_tag(const struct passkeys *p, enum passkey_purpose purpose, const char *officer,
	const unsigned char head[16], unsigned char tag[TAG_LEN])
{
	unsigned char text[1 + 32 + 1 + 16 + SHA256_LEN], digest[SHA256_LEN];

	/* Hash within hash under the key: fixed lengths, nothing to extend. */
	sha256(officer, strlen(officer), digest);
	text[0] = 1;
	memcpy(text + 1, p->key, 32);
	text[33] = (unsigned char)purpose;
	memcpy(text + 34, head, 16);
	memcpy(text + 50, digest, sizeof(digest));
	sha256(text, sizeof(text), digest);
	text[0] = 2;
	memcpy(text + 33, digest, sizeof(digest));
	sha256(text, 33 + sizeof(digest), digest);
	memcpy(tag, digest, TAG_LEN);
	crypto_wipe(text, sizeof(text));
}

static int64_t
challenge_ends(const unsigned char c[WEBAUTHN_CHALLENGE])
{
	uint64_t us = 0;

	for (size_t i = 0; i < 8; i++)
		us = us << 8 | c[i];
	return us > INT64_MAX ? 0 : (int64_t)us;
}

void
passkey_challenge(struct passkeys *p, enum passkey_purpose purpose, const char *officer,
	int64_t now_us, unsigned char out[WEBAUTHN_CHALLENGE])
{
	uint64_t ends = (uint64_t)(now_us + CHALLENGE_US);

	for (size_t i = 0; i < 8; i++)
		out[i] = (unsigned char)(ends >> (56 - 8 * i));
	crypto_random(out + 8, 8);
	challenge_tag(p, purpose, officer, out, out + 16);
}

/* Each is taken once: what was taken is remembered until it would have ended anyway. */
static enum co_rc
challenge_spend(struct passkeys *p, const unsigned char c[WEBAUTHN_CHALLENGE], int64_t now_us,
	struct co_err *err)
{
	struct used *room = NULL;
	bool again = false;

	(void)pthread_mutex_lock(&p->lock);
	for (size_t i = 0; i < USED_MAX && !again; i++) {
		struct used *u = &p->used[i];

		if (u->ends_us <= now_us)
			room = u;
		else
			again = memcmp(u->challenge, c, WEBAUTHN_CHALLENGE) == 0;
	}
	if (!again && room != NULL) {
		memcpy(room->challenge, c, WEBAUTHN_CHALLENGE);
		room->ends_us = challenge_ends(c);
	}
	(void)pthread_mutex_unlock(&p->lock);
	if (again)
		return co_fail(err, CO_EDENIED, "this page was used already; reload it");
	return room != NULL ? CO_OK : co_fail(err, CO_EBUSY, "too many sign in now; wait a minute");
}

static enum co_rc
challenge_check(const struct passkeys *p, const struct passkey_form *f,
	enum passkey_purpose purpose, const char *officer, int64_t now_us,
	unsigned char out[WEBAUTHN_CHALLENGE], struct co_err *err)
{
	unsigned char tag[TAG_LEN];

	if (f->challenge == NULL || strlen(f->challenge) != (size_t)2 * WEBAUTHN_CHALLENGE ||
		!co_unhex(f->challenge, out, WEBAUTHN_CHALLENGE))
		return co_fail(err, CO_EUSAGE, "the form is not whole; reload the page");
	challenge_tag(p, purpose, officer, out, tag);
	if (!crypto_equal(tag, out + 16, TAG_LEN) || challenge_ends(out) <= now_us)
		return co_fail(err, CO_EDENIED, "this page is too old; reload it and try again");
	return CO_OK;
}

void
passkey_user(const struct exchange *x, const char *officer, unsigned char out[32])
{
	char text[LIMIT_ADDRESS + LIMIT_NAME + 32];
	int n = snprintf(text, sizeof(text), "comity passkey %s %s", exchange_address(x), officer);

	sha256(text, (size_t)n, out);
}

/* ---- the form ---- */

static enum co_rc
hex_field(const char *hex, size_t max, void *out, size_t *n, struct co_err *err)
{
	*n = hex == NULL ? 0 : strlen(hex) / 2;
	if (hex == NULL || *n == 0 || *n > max || strlen(hex) % 2 != 0 || !co_unhex(hex, out, *n))
		return co_fail(err, CO_EUSAGE,
			"the browser gave no passkey; try again, or use another browser");
	return CO_OK;
}

struct said_room {
	unsigned char client[WEBAUTHN_CLIENT_MAX], auth[WEBAUTHN_AUTH_MAX], sig[WEBAUTHN_SIG_MAX];
};

static enum co_rc
said_read(const struct passkey_form *f, bool sig, struct said_room *room, struct webauthn_said *out,
	struct co_err *err)
{
	TRY(hex_field(f->client, sizeof(room->client), room->client, &out->client_n, err));
	TRY(hex_field(f->auth, sizeof(room->auth), room->auth, &out->auth_n, err));
	if (sig)
		TRY(hex_field(f->sig, sizeof(room->sig), room->sig, &out->sig_n, err));
	out->client = room->client;
	out->auth = room->auth;
	out->sig = room->sig;
	return CO_OK;
}

/* ---- a new key ---- */

enum co_rc
passkey_check_new(struct passkeys *p, const struct passkey_form *f, const char *officer,
	int64_t now_us, struct webauthn_key *out, struct co_err *err)
{
	struct webauthn_ask ask = { .origin = p->url, .rp_id = p->rp_id };
	struct webauthn_said said = { .client = NULL };
	struct said_room room;

	TRY(challenge_check(p, f, PASSKEY_NEW, officer, now_us, ask.challenge, err));
	TRY(said_read(f, false, &room, &said, err));
	TRY(webauthn_register(&ask, &said, out, err));
	return challenge_spend(p, ask.challenge, now_us, err);
}

enum co_rc
passkey_put(struct store_db *db, const char *officer, const char *name,
	const struct webauthn_key *key, int64_t now_us, struct co_err *err)
{
	enum co_rc rc = store_run(db, NULL, Q_SIGN_IN_ADD_COUNTED, err, "tttbbii", officer,
		"passkey", name, key->id, key->id_n, key->public, key->public_n,
		(int64_t)key->counter, now_us);

	if (rc == CO_EEXISTS)
		return co_wrap(err, "this passkey is known here already; use another one");
	TRY(rc);
	return event_write(db, "passkey.added", officer, json_pack("{s:s}", "name", name), err);
}

struct add_job {
	const char *officer, *name;
	const struct webauthn_key *key;
};

static enum co_rc
add_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct add_job *j = arg;

	return passkey_put(db, j->officer, j->name, j->key, co_now_us(), err);
}

enum co_rc
passkey_add(struct exchange *x, const char *officer, const char *name,
	const struct webauthn_key *key, struct co_err *err)
{
	struct add_job j = { officer, name, key };

	return store_write(exchange_store(x), add_work, &j, err);
}

/* ---- signing in ---- */

struct found {
	int64_t id, counter, changes;
	int64_t now_us, count;
	char officer[LIMIT_NAME + 1];
	unsigned char public[WEBAUTHN_PUBLIC_MAX];
	size_t public_n;
};

static enum co_rc
key_find(struct exchange *x, const struct passkey_form *f, struct found *out, struct co_err *err)
{
	unsigned char id[WEBAUTHN_ID_MAX], user[32], want[32];
	store_stmt_auto *st = NULL;
	struct store_db *db;
	const void *p;
	size_t n, user_n;
	bool row;

	TRY(hex_field(f->id, sizeof(id), id, &n, err));
	TRY(hex_field(f->user, sizeof(user), user, &user_n, err));
	TRY(store_reader(exchange_store(x), &db, err));
	TRY(store_query(db, Q_SIGN_IN_BY_HANDLE, &st, err, "b", id, n));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_EDENIED, "%s", passkey_denied);
	out->id = store_int(st, 0);
	(void)snprintf(out->officer, sizeof(out->officer), "%s", store_text(st, 1));
	out->counter = store_int(st, 3);
	p = store_blob(st, 2, &out->public_n);
	if (out->public_n > sizeof(out->public))
		return co_fail(err, CO_ESTORE, "the passkey's stored key is damaged");
	memcpy(out->public, p, out->public_n);
	/* The device keeps the key for the officer to whom we gave it. */
	passkey_user(x, out->officer, want);
	if (user_n != sizeof(want) || !crypto_equal(user, want, sizeof(want)))
		return co_fail(err, CO_EDENIED, "%s", passkey_denied);
	return CO_OK;
}

static enum co_rc
count_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct found *f = arg;

	/* A device that does not count says 0 for ever. */
	if (f->count == 0 && f->counter == 0) {
		f->changes = 1;
		return store_run(db, NULL, Q_SIGN_IN_TOUCHED, err, "ii", f->now_us, f->id);
	}
	TRY(store_run(db, &f->changes, Q_SIGN_IN_USED, err, "iiii", f->now_us, f->count, f->id,
		f->count));
	if (f->changes == 1)
		return CO_OK;
	return event_write(db, "passkey.copied", f->officer,
		json_pack(
			"{s:I,s:I}", "count", (json_int_t)f->count, "last", (json_int_t)f->counter),
		err);
}

enum co_rc
passkey_sign_in(struct passkeys *p, struct exchange *x, const struct passkey_form *f,
	int64_t now_us, char officer[LIMIT_NAME + 1], struct co_err *err)
{
	struct webauthn_ask ask = { .origin = p->url, .rp_id = p->rp_id };
	struct webauthn_said said = { .client = NULL };
	struct found found = { .now_us = now_us };
	struct said_room room;
	uint32_t count = 0;

	TRY(challenge_check(p, f, PASSKEY_SIGN_IN, "", now_us, ask.challenge, err));
	TRY(said_read(f, true, &room, &said, err));
	TRY(key_find(x, f, &found, err));
	TRY(webauthn_assert(&ask, &said, found.public, found.public_n, &count, err));
	TRY(challenge_spend(p, ask.challenge, now_us, err));
	found.count = (int64_t)count;
	TRY(store_write(exchange_store(x), count_work, &found, err));
	if (found.changes != 1)
		return co_fail(err, CO_EDENIED,
			"This passkey counts backwards: there may be a copy of it. Sign in another "
			"way, remove it on your account's page and tell an administrator");
	(void)snprintf(officer, LIMIT_NAME + 1, "%s", found.officer);
	return CO_OK;
}

/* ---- the account's page ---- */

struct drop_job {
	const char *officer;
	int64_t id, changes;
};

static enum co_rc
drop_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct drop_job *j = arg;

	TRY(store_run(db, &j->changes, Q_PASSKEY_DROP, err, "itt", j->id, j->officer, j->officer));
	if (j->changes == 0)
		return co_fail(err, CO_EREFUSED,
			"that passkey is gone already, or it is the only way you sign in; register "
			"another one first");
	return event_write(db, "passkey.removed", j->officer,
		json_pack("{s:I}", "id", (json_int_t)j->id), err);
}

enum co_rc
passkey_drop(struct exchange *x, const char *officer, int64_t id, struct co_err *err)
{
	struct drop_job j = { officer, id, 0 };

	return store_write(exchange_store(x), drop_work, &j, err);
}

static json_t *
way_json(struct store_stmt *st, void *arg)
{
	(void)arg;
	return json_pack("{s:I,s:s,s:s,s:b,s:I,s:I}", "id", (json_int_t)store_int(st, 0), "kind",
		store_text(st, 1), "name", store_text(st, 2), "own",
		strcmp(store_text(st, 1), "passkey") == 0, "created_us",
		(json_int_t)store_int(st, 6), "used_us", (json_int_t)store_int(st, 7));
}

enum co_rc
passkey_list(struct exchange *x, const char *officer, json_t **out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;

	TRY(store_reader(exchange_store(x), &db, err));
	TRY(store_query(db, Q_SIGN_IN_OF, &st, err, "ttt", officer, "", ""));
	return out_rows(st, way_json, NULL, out, err);
}

enum co_rc
passkey_ids(struct exchange *x, const char *officer, char **out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;
	co_auto_buf text;
	bool row = true;

	co_buf_init(&text, 32 * (2 * WEBAUTHN_ID_MAX + 1) + 1);
	TRY(store_reader(exchange_store(x), &db, err));
	TRY(store_query(db, Q_SIGN_IN_OF, &st, err, "ttt", officer, "passkey", "passkey"));
	for (;;) {
		char hex[2 * WEBAUTHN_ID_MAX + 1];
		const void *p;
		size_t n;

		TRY(store_step(st, &row, err));
		if (!row)
			break;
		p = store_blob(st, 3, &n);
		if (n > WEBAUTHN_ID_MAX)
			continue;
		co_hex(p, n, hex);
		TRY(co_buf_addf(&text, err, "%s%s", text.len == 0 ? "" : ",", hex));
	}
	*out = strdup(text.len == 0 ? "" : text.data);
	return *out == NULL ? co_fail(err, CO_ENOMEM, "passkeys") : CO_OK;
}
