#include "exchange/token.h"

#include "base/enc.h"
#include "exchange/inside.h"
#include "exchange/op_shape.h"
#include "exchange/opjson.h"

#define DAY_US (INT64_C(86400) * 1000000)
#define USED_NOTE_US (INT64_C(60) * 1000000) /* how exactly "last used" is kept */

enum { TOKEN_DAYS = 90, TOKEN_DAYS_MAX = 366 };

/* ---- using one ---- */

struct used_job {
	unsigned char digest[SHA256_LEN];
	int64_t now_us;
};

static enum co_rc
used_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct used_job *j = arg;

	return store_run(
		db, NULL, Q_TOKEN_USED, err, "ib", j->now_us, j->digest, sizeof(j->digest));
}

static void
used_done(void *arg, const struct co_err *err)
{
	(void)err; /* "last used" is a minute old at worst */
	free(arg);
}

static void
used_note(struct exchange *x, const unsigned char *digest, int64_t used_us, int64_t now_us)
{
	struct used_job *j;

	if (now_us - used_us < USED_NOTE_US)
		return;
	j = calloc(1, sizeof(*j));
	if (j == NULL)
		return;
	memcpy(j->digest, digest, sizeof(j->digest));
	j->now_us = now_us;
	if (store_submit(x->store, used_work, used_done, j, NULL) != CO_OK)
		free(j);
}

enum co_rc
token_find(struct exchange *x, const char *token, struct caller *out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;
	unsigned char digest[SHA256_LEN];
	int64_t now_us = co_now_us();
	char ended[CO_TIME_LEN];
	bool row;

	sha256(token, strlen(token), digest);
	TRY(store_reader(x->store, &db, err));
	TRY(store_query(db, Q_TOKEN_FIND, &st, err, "b", digest, sizeof(digest)));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_EDENIED,
			"no token of this node is this one, or its officer is disabled");
	if (!store_is_null(st, 4))
		return co_fail(err, CO_EDENIED, "the token %s was revoked; ask for a new one",
			store_text(st, 6));
	co_time_print(store_int(st, 3), ended);
	if (store_int(st, 3) <= now_us)
		return co_fail(err, CO_EDENIED, "the token %s ended at %s; ask for a new one",
			store_text(st, 6), ended);
	(void)snprintf(out->who.role, sizeof(out->who.role), "%s", store_text(st, 1));
	(void)snprintf(out->who.unit, sizeof(out->who.unit), "%s", store_text(st, 7));
	(void)snprintf(out->scopes, sizeof(out->scopes), "%s", store_text(st, 2));
	(void)snprintf(out->who.name, sizeof(out->who.name), "%s", store_text(st, 0));
	used_note(x, digest, store_int(st, 5), now_us);
	return CO_OK;
}

/* ---- giving and taking ---- */

struct token_job {
	const char *name, *officer, *by;
	char scopes[64];
	unsigned char digest[SHA256_LEN];
	int64_t now_us, ends_us;
};

static enum co_rc
scopes_read(const json_t *in, char out[64], struct co_err *err)
{
	const json_t *word, *list = json_object_get(in, "scopes");
	size_t i, at = 0;

	out[0] = '\0';
	json_array_foreach(list, i, word)
	{
		const char *s = json_string_value(word);

		if (s == NULL || !op_scope_known(s))
			return co_fail(err, CO_EUSAGE,
				"\"%.32s\" is no scope; they are read, requests, evidence, admin",
				s == NULL ? "" : s);
		if (in_list(out, s))
			continue;
		at += (size_t)snprintf(out + at, 64 - at, "%s%s", at == 0 ? "" : ",", s);
	}
	return CO_OK;
}

static enum co_rc
token_add_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct token_job *j = arg;
	store_stmt_auto *st = NULL;
	bool row;
	enum co_rc rc;

	TRY(store_query(db, Q_OFFICER_ROLE, &st, err, "t", j->officer));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_ENOTFOUND, "no enabled officer %s; see comity user list",
			j->officer);
	rc = store_run(db, NULL, Q_TOKEN_ADD, err, "btttiti", j->digest, sizeof(j->digest), j->name,
		j->officer, j->scopes, j->now_us, j->by, j->ends_us);
	if (rc == CO_EEXISTS)
		return co_wrap(err, "a token %s exists or existed; choose another name", j->name);
	TRY(rc);
	return event_write(db, "token.added", j->by,
		json_pack("{s:s,s:s,s:s}", "name", j->name, "officer", j->officer, "scopes",
			j->scopes),
		err);
}

static enum co_rc
op_token_add(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct token_job j = { .by = who->name, .now_us = co_now_us() };
	unsigned char secret[32];
	char token[TOKEN_LEN + 1] = TOKEN_PREFIX;
	int64_t days;
	json_t *o;
	enum co_rc rc;

	(void)arg;
	TRY(in_text(in, "name", true, LIMIT_ADDRESS, &j.name, err));
	if (strspn(j.name, "abcdefghijklmnopqrstuvwxyz0123456789.-_") != strlen(j.name) ||
		j.name[0] == '.' || j.name[0] == '-')
		return co_fail(err, CO_EUSAGE,
			"a token's name has a-z, 0-9, dot, hyphen and underscore, and begins with "
			"a letter or digit");
	TRY(in_text(in, "officer", true, LIMIT_NAME, &j.officer, err));
	TRY(in_int(in, "days", TOKEN_DAYS, 1, TOKEN_DAYS_MAX, &days, err));
	TRY(scopes_read(in, j.scopes, err));
	j.ends_us = j.now_us + days * DAY_US;
	crypto_random(secret, sizeof(secret));
	co_hex(secret, sizeof(secret), token + sizeof(TOKEN_PREFIX) - 1);
	crypto_wipe(secret, sizeof(secret));
	sha256(token, TOKEN_LEN, j.digest);
	rc = store_write(x->store, token_add_work, &j, err);
	if (rc == CO_OK) {
		o = json_pack("{s:s,s:s,s:s,s:s}", "name", j.name, "officer", j.officer, "scopes",
			j.scopes, "token", token);
		out_time(o, "ends", j.ends_us);
		rc = out_give(o, out, err);
	}
	crypto_wipe(token, sizeof(token));
	return rc;
}

static json_t *
one_token(struct store_stmt *st, void *arg)
{
	bool ended = store_int(st, 5) <= co_now_us();
	json_t *o = json_pack("{s:s,s:s,s:s,s:s,s:s}", "name", store_text(st, 0), "officer",
		store_text(st, 1), "scopes", store_text(st, 2), "created_by", store_text(st, 4),
		"state",
		!store_is_null(st, 7) ? "revoked"
			: ended       ? "ended"
				      : "good");

	(void)arg;
	out_time(o, "created", store_int(st, 3));
	out_time(o, "ends", store_int(st, 5));
	out_time(o, "used", store_int(st, 6));
	return o;
}

static enum co_rc
op_token_list(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;

	(void)arg;
	(void)who;
	(void)in;
	TRY(store_reader(x->store, &db, err));
	TRY(store_query(db, Q_TOKEN_ALL, &st, err, ""));
	return out_list("tokens", st, one_token, NULL, out, err);
}

struct revoke_job {
	const char *name, *by;
};

static enum co_rc
token_revoke_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct revoke_job *j = arg;
	int64_t changes;

	TRY(store_run(db, &changes, Q_TOKEN_REVOKE, err, "it", co_now_us(), j->name));
	if (changes == 0)
		return co_fail(err, CO_ENOTFOUND, "no token %s that is good; see comity token list",
			j->name);
	return event_write(db, "token.revoked", j->by, json_pack("{s:s}", "name", j->name), err);
}

static enum co_rc
op_token_revoke(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct revoke_job j = { .by = who->name };

	(void)arg;
	TRY(in_text(in, "name", true, LIMIT_ADDRESS, &j.name, err));
	TRY(store_write(x->store, token_revoke_work, &j, err));
	return out_give(json_pack("{s:s}", "name", j.name), out, err);
}

static const struct op_member add_in[] = {
	{ "name", OP_TEXT, OP_REQUIRED, 0, LIMIT_ADDRESS, "names it, for people", NULL },
	{ "officer", OP_TEXT, OP_REQUIRED, 0, LIMIT_NAME, "for whom it acts", NULL },
	{ "scopes", OP_WORDS, OP_REQUIRED, 1, 4, "read, requests, evidence, admin", NULL },
	{ "days", OP_INT, 0, 1, TOKEN_DAYS_MAX, "how long it is good; 90", NULL },
	OP_END,
};
static const struct op_member add_out[] = {
	{ "name", OP_TEXT, 0, 0, 0, "names it", NULL },
	{ "officer", OP_TEXT, 0, 0, 0, "for whom it acts", NULL },
	{ "scopes", OP_TEXT, 0, 0, 0, "with commas", NULL },
	{ "token", OP_TEXT, 0, 0, 0, "the token; it is told only now", NULL },
	{ "ends", OP_TIME, 0, 0, 0, "good until then", NULL },
	OP_END,
};
static const struct op_member token_row[] = {
	{ "name", OP_TEXT, 0, 0, 0, "names it", NULL },
	{ "officer", OP_TEXT, 0, 0, 0, "for whom it acts", NULL },
	{ "scopes", OP_TEXT, 0, 0, 0, "with commas", NULL },
	{ "created_by", OP_TEXT, 0, 0, 0, "who added it", NULL },
	{ "state", OP_TEXT, 0, 0, 0, "good, ended or revoked", NULL },
	{ "created", OP_TIME, 0, 0, 0, "since then", NULL },
	{ "ends", OP_TIME, 0, 0, 0, "good until then", NULL },
	{ "used", OP_TIME, OP_NULL, 0, 0, "last, to the minute", NULL },
	OP_END,
};
static const struct op_member list_in[] = { OP_END };
static const struct op_member list_out[] = {
	{ "tokens", OP_LIST, 0, 0, 0, "the newest first", token_row },
	OP_END,
};
static const struct op_member revoke_in[] = {
	{ "name", OP_TEXT, OP_REQUIRED, 0, LIMIT_ADDRESS, "which", NULL },
	OP_END,
};
static const struct op_member revoke_out[] = {
	{ "name", OP_TEXT, 0, 0, 0, "which", NULL },
	OP_END,
};

/* No scope: a token of limited scope makes no others. */
static const struct op_shape shapes[] = {
	{ "token.add", NULL, add_in, add_out },
	{ "token.list", "admin", list_in, list_out },
	{ "token.revoke", "admin", revoke_in, revoke_out },
};

void
token_ops(struct exchange *x)
{
	static const struct op ops[] = {
		{ "token.add", "administrator", op_token_add, NULL,
			"a token of limited scope for a program; told once" },
		{ "token.list", "administrator,auditor", op_token_list, NULL,
			"tokens of limited scope" },
		{ "token.revoke", "administrator", op_token_revoke, NULL,
			"end a token of limited scope" },
	};

	op_register(x, ops, CO_ARRAY_LEN(ops));
	op_describe(x, shapes, CO_ARRAY_LEN(shapes));
}
