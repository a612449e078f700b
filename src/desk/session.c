#include "desk/inside.h"

#include "base/clock.h"
#include "base/enc.h"
#include "crypto/digest.h"

#include <string.h>

/* A night shift is eight hours and a hand-over. */
#define SESSION_LIFE_US (INT64_C(12) * 3600 * 1000000)
#define SESSION_NOTE_US (INT64_C(60) * 1000000) /* how exactly "last seen" is kept */

struct begin_job {
	const char *officer, *way, *peer, *agent;
	unsigned char digest[SHA256_LEN], csrf[SESSION_CSRF];
	char public_id[33];
	int64_t now_us;
};

static enum co_rc
begin_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct begin_job *j = arg;

	TRY(store_run(
		db, NULL, Q_SESSION_END_OLD, err, "ii", j->now_us - SESSION_IDLE_US, j->now_us));
	return store_run(db, NULL, Q_SESSION_ADD, err, "bttbiiittt", j->digest, sizeof(j->digest),
		j->public_id, j->officer, j->csrf, sizeof(j->csrf), j->now_us, j->now_us,
		j->now_us + SESSION_LIFE_US, j->peer, j->agent, j->way);
}

enum co_rc
session_begin(struct exchange *x, const char *officer, const char *way, const char *peer,
	const char *agent, char cookie[SESSION_COOKIE_HEX + 1], struct co_err *err)
{
	struct begin_job j = {
		.officer = officer, .way = way, .peer = peer, .now_us = co_now_us()
	};
	unsigned char secret[SESSION_COOKIE_HEX / 2], id[16];
	char shown[129];

	(void)snprintf(shown, sizeof(shown), "%s", agent == NULL ? "" : agent);
	/* A name that is no text, or was cut within a letter, would not come back as JSON. */
	for (char *c = shown; *c != '\0' && !co_utf8_valid(shown); c++)
		*c = (unsigned char)*c < 0x80 ? *c : '?';
	j.agent = shown;
	crypto_random(secret, sizeof(secret));
	crypto_random(id, sizeof(id));
	crypto_random(j.csrf, sizeof(j.csrf));
	co_hex(id, sizeof(id), j.public_id);
	co_hex(secret, sizeof(secret), cookie);
	sha256(cookie, SESSION_COOKIE_HEX, j.digest);
	crypto_wipe(secret, sizeof(secret));
	return store_write(exchange_store(x), begin_work, &j, err);
}

struct seen_job {
	unsigned char digest[SHA256_LEN];
	int64_t now_us;
};

static enum co_rc
seen_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct seen_job *j = arg;

	return store_run(
		db, NULL, Q_SESSION_SEEN, err, "ib", j->now_us, j->digest, sizeof(j->digest));
}

static void
seen_done(void *arg, const struct co_err *err)
{
	(void)err; /* "last seen" is a minute old at worst */
	free(arg);
}

static void
session_note(struct exchange *x, const struct session *s, int64_t now_us)
{
	struct seen_job *j;

	if (now_us - s->seen_us < SESSION_NOTE_US)
		return;
	j = calloc(1, sizeof(*j));
	if (j == NULL)
		return;
	memcpy(j->digest, s->digest, sizeof(j->digest));
	j->now_us = now_us;
	if (store_submit(exchange_store(x), seen_work, seen_done, j, NULL) != CO_OK)
		free(j);
}

enum co_rc
session_find(struct exchange *x, const char *cookie, struct session *out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;
	int64_t now_us = co_now_us();
	const void *csrf;
	bool row;
	size_t n;

	*out = (struct session){ .officer = "" };
	if (cookie == NULL || strlen(cookie) != SESSION_COOKIE_HEX)
		return CO_OK;
	sha256(cookie, SESSION_COOKIE_HEX, out->digest);
	TRY(store_reader(exchange_store(x), &db, err));
	TRY(store_query(db, Q_SESSION_GET, &st, err, "b", out->digest, sizeof(out->digest)));
	TRY(store_step(st, &row, err));
	if (!row)
		return CO_OK;
	out->seen_us = store_int(st, 4);
	out->ends_us = store_int(st, 5);
	csrf = store_blob(st, 3, &n);
	if (n != SESSION_CSRF || out->ends_us <= now_us || out->seen_us + SESSION_IDLE_US <= now_us)
		return CO_OK;
	memcpy(out->csrf, csrf, n);
	(void)snprintf(out->public_id, sizeof(out->public_id), "%s", store_text(st, 0));
	(void)snprintf(out->role, sizeof(out->role), "%s", store_text(st, 2));
	(void)snprintf(out->way, sizeof(out->way), "%s", store_text(st, 6));
	(void)snprintf(out->language, sizeof(out->language), "%s", store_text(st, 7));
	(void)snprintf(out->zone, sizeof(out->zone), "%s", store_text(st, 8));
	(void)snprintf(out->officer, sizeof(out->officer), "%s", store_text(st, 1));
	session_note(x, out, now_us);
	return CO_OK;
}

static enum co_rc
end_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct session *s = arg;

	return store_run(db, NULL, Q_SESSION_END, err, "b", s->digest, sizeof(s->digest));
}

enum co_rc
session_end(struct exchange *x, const struct session *s, struct co_err *err)
{
	struct session copy = *s;

	return store_write(exchange_store(x), end_work, &copy, err);
}

struct end_named_job {
	const char *officer, *public_id;
	int64_t changes;
};

static enum co_rc
end_named_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct end_named_job *j = arg;

	return store_run(db, &j->changes, Q_SESSION_END_NAMED, err, "tt", j->public_id, j->officer);
}

enum co_rc
session_end_named(
	struct exchange *x, const char *officer, const char *public_id, struct co_err *err)
{
	struct end_named_job j = { officer, public_id, 0 };

	TRY(store_write(exchange_store(x), end_named_work, &j, err));
	if (j.changes == 0)
		return co_fail(err, CO_ENOTFOUND, "that session has ended already");
	return CO_OK;
}

enum co_rc
session_list(struct exchange *x, const struct session *self, json_t **out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;
	json_t *list = json_array();
	enum co_rc rc;
	bool row;

	rc = store_reader(exchange_store(x), &db, err);
	if (rc == CO_OK)
		rc = store_query(db, Q_SESSION_OF, &st, err, "t", self->officer);
	while (rc == CO_OK && (rc = store_step(st, &row, err)) == CO_OK && row) {
		bool own = strcmp(store_text(st, 0), self->public_id) == 0;

		if (store_int(st, 2) + SESSION_IDLE_US <= co_now_us())
			continue;
		(void)json_array_append_new(list,
			json_pack("{s:s,s:I,s:I,s:I,s:s,s:s,s:s,s:b}", "id", store_text(st, 0),
				"created_us", (json_int_t)store_int(st, 1), "seen_us",
				(json_int_t)store_int(st, 2), "ends_us",
				(json_int_t)store_int(st, 3), "peer", store_text(st, 4), "agent",
				store_text(st, 5), "way", store_text(st, 6), "own", own));
	}
	if (rc != CO_OK) {
		json_decref(list);
		return rc;
	}
	*out = list;
	return CO_OK;
}

void
session_csrf(const struct session *s, char out[2 * 2 * SESSION_CSRF + 1])
{
	unsigned char both[2 * SESSION_CSRF];

	crypto_random(both, SESSION_CSRF);
	for (size_t i = 0; i < SESSION_CSRF; i++)
		both[SESSION_CSRF + i] = both[i] ^ s->csrf[i];
	co_hex(both, sizeof(both), out);
}

bool
session_csrf_holds(const struct session *s, const char *token)
{
	unsigned char both[2 * SESSION_CSRF];

	if (token == NULL || strlen(token) != 2 * sizeof(both) ||
		!co_unhex(token, both, sizeof(both)))
		return false;
	for (size_t i = 0; i < SESSION_CSRF; i++)
		both[i] ^= both[SESSION_CSRF + i];
	return crypto_equal(both, s->csrf, SESSION_CSRF);
}
