/* Time-stamps of checkpoints: at once by the keeper, or late by authorities outside with the keeper
 * behind them; and the events that name them. */
#include "base/log.h"
#include "crypto/tsp.h"
#include "ledger/inside.h"

#include <stdlib.h>
#include <string.h>

enum { STAMP_LATE = 16 };

void
ledger_outside(struct ledger *l, ledger_stamp *stamp, void *stamp_arg)
{
	l->outside = stamp;
	l->outside_arg = stamp_arg;
}

/* No time-stamp is a warning, not a failure: the checkpoint is kept and stamped later. */
void
stamp_own(
	const struct ledger *l, const char *note, size_t n, uint64_t size, struct co_buf *token)
{
	unsigned char digest[SHA256_LEN];
	struct co_err e = { 0 };

	sha256(note, n, digest);
	if (l->stamp(l->stamp_arg, digest, sizeof(digest), token, &e) != CO_OK) {
		co_buf_reset(token);
		co_warn("ledger",
			"checkpoint of %llu leaves has no time-stamp yet: %s; it is asked for "
			"again with the next checkpoint",
			(unsigned long long)size, e.msg);
	}
}

static void
stamp_told(struct ledger *l, bool own, const char *why)
{
	pthread_mutex_lock(&l->told);
	if (own && !l->own)
		co_warn("ledger", "this node's own time-stamps are used: %s", why);
	else if (!own && l->own)
		co_info("ledger", "time-stamps come from outside again");
	l->own = own;
	(void)snprintf(l->why, sizeof(l->why), "%s", why);
	pthread_mutex_unlock(&l->told);
}

bool
ledger_stamps_own(const struct ledger *l, char *why, size_t cap)
{
	pthread_mutex_t *told = (pthread_mutex_t *)(uintptr_t)&l->told;
	bool own;

	pthread_mutex_lock(told);
	own = l->own;
	(void)snprintf(why, cap, "%s", l->why);
	pthread_mutex_unlock(told);
	return own;
}

enum co_rc
stamp_any(struct ledger *l, const unsigned char *digest, size_t digest_n, struct co_buf *token,
	struct co_err *err)
{
	struct co_err why = { 0 };

	if (l->outside != NULL) {
		if (l->outside(l->outside_arg, digest, digest_n, token, &why) == CO_OK) {
			stamp_told(l, false, "");
			return CO_OK;
		}
		co_buf_reset(token);
		stamp_told(l, true, why.msg);
	}
	return l->stamp(l->stamp_arg, digest, digest_n, token, err);
}

enum co_rc
stamp_note_end(struct store_db *db, const struct co_buf *token, struct co_err *err)
{
	int64_t until_us;

	if (token->len == 0 || tsp_until(token->data, token->len, &until_us, NULL) != CO_OK)
		return CO_OK;
	return store_run(db, NULL, Q_STAMP_END_ADD, err, "i", until_us);
}

/* ---- late ---- */
struct late {
	int64_t size;
	char *note;
	struct co_buf token;
};

static enum co_rc
late_store(struct store_db *db, void *arg, struct co_err *err)
{
	struct late *late = arg;
	int64_t changes;

	TRY(store_run(db, &changes, Q_CHECKPOINT_STAMP, err, "bi", late->token.data,
		late->token.len, late->size));
	return changes == 0 ? CO_OK : stamp_note_end(db, &late->token, err);
}

static void
late_free(struct late *todo, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(todo[i].note);
		co_buf_deinit(&todo[i].token);
	}
}

/* The newest unstamped ones. */
static enum co_rc
late_read(struct store_db *db, struct late *todo, size_t *n, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_CHECKPOINT_UNSTAMPED, &st, err, "i", (int64_t)STAMP_LATE));
	while (*n < STAMP_LATE) {
		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		todo[*n].size = store_int(st, 0);
		todo[*n].note = strdup(store_text(st, 1));
		co_buf_init(&todo[*n].token, LIMIT_TOKEN);
		if (todo[(*n)++].note == NULL)
			return co_fail(err, CO_ENOMEM, "time-stamps");
	}
	return CO_OK;
}

enum co_rc
stamp_missing(struct ledger *l, struct store_db *db, struct co_err *err)
{
	struct late todo[STAMP_LATE];
	size_t n = 0;
	bool refused = false;
	enum co_rc rc = late_read(db, todo, &n, err);

	for (size_t i = 0; i < n && rc == CO_OK && !refused; i++) {
		stamp_own(l, todo[i].note, strlen(todo[i].note), (uint64_t)todo[i].size,
			&todo[i].token);
		refused = todo[i].token.len == 0;
		if (!refused)
			rc = store_write(l->store, late_store, &todo[i], err);
	}
	late_free(todo, n);
	return rc;
}

static enum co_rc
late_left(struct store_db *db, size_t *left, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_CHECKPOINT_LATE_COUNT, &st, err, ""));
	TRY(store_step(st, &row, err));
	*left = (size_t)store_int(st, 0);
	return CO_OK;
}

enum co_rc
ledger_stamp_late(struct ledger *l, size_t *left, struct co_err *err)
{
	struct late todo[STAMP_LATE];
	struct store_db *db;
	size_t n = 0;
	enum co_rc rc;

	TRY(store_reader(l->store, &db, err));
	pthread_mutex_lock(&l->late);
	rc = late_read(db, todo, &n, err);
	for (size_t i = 0; i < n && rc == CO_OK; i++) {
		unsigned char digest[SHA256_LEN];

		sha256(todo[i].note, strlen(todo[i].note), digest);
		rc = stamp_any(l, digest, sizeof(digest), &todo[i].token, err);
		if (rc == CO_OK)
			rc = store_write(l->store, late_store, &todo[i], err);
	}
	pthread_mutex_unlock(&l->late);
	late_free(todo, n);
	return rc == CO_OK ? late_left(db, left, err) : rc;
}

/* ---- naming ---- */
struct naming {
	const struct last *last;
	struct co_buf text;
};

static enum co_rc
name_add(struct naming *w, uint64_t size, const char *note_hex, const void *token, size_t token_n,
	struct co_err *err)
{
	char hex[SHA256_HEX + 1], line[256];

	sha256_hex(token_n == 0 ? "" : token, token_n, hex);
	(void)snprintf(line, sizeof(line), "{\"size\":%llu%s%s%s,\"token\":%s%s%s",
		(unsigned long long)size, note_hex == NULL ? "" : ",\"note\":\"",
		note_hex == NULL ? "" : note_hex, note_hex == NULL ? "" : "\"",
		token_n > 0 ? "\"" : "", token_n > 0 ? hex : "null", token_n > 0 ? "\"" : "");
	return co_buf_add_str(&w->text, line, err);
}

/* Those that had no token yet when the checkpoint after them was made. */
static enum co_rc
name_late(struct store_db *db, struct naming *w, int64_t *sizes, size_t *n, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_CHECKPOINT_UNNAMED, &st, err, "i", (int64_t)w->last->size));
	while (*n < STAMP_LATE) {
		size_t token_n;
		const void *token;

		TRY(store_step(st, &row, err));
		if (!row)
			break;
		token = store_blob(st, 1, &token_n);
		TRY(co_buf_add_str(&w->text, *n == 0 ? ",\"late\":[" : ",", err));
		TRY(name_add(w, (uint64_t)store_int(st, 0), NULL, token, token_n, err));
		TRY(co_buf_add_str(&w->text, "}", err));
		sizes[(*n)++] = store_int(st, 0);
	}
	return *n == 0 ? CO_OK : co_buf_add_str(&w->text, "]", err);
}

static enum co_rc
name_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct naming *w = arg;
	const struct last *last = w->last;
	char note_hex[SHA256_HEX + 1], id[CO_UUID_LEN + 1];
	int64_t sizes[STAMP_LATE];
	size_t n = 0;

	co_buf_reset(&w->text);
	sha256_hex(last->note.data, last->note.len, note_hex);
	TRY(name_add(w, last->size, note_hex, last->token.data, last->token.len, err));
	TRY(name_late(db, w, sizes, &n, err));
	TRY(co_buf_add_str(&w->text, "}", err));
	TRY(ledger_event_id(db, "checkpoint", "node", w->text.data, id, err));
	for (size_t i = 0; i < n; i++)
		TRY(store_run(db, NULL, Q_CHECKPOINT_NAME, err, "ti", id, sizes[i]));
	if (last->token.len == 0)
		return CO_OK;
	return store_run(db, NULL, Q_CHECKPOINT_NAME, err, "ti", id, (int64_t)last->size);
}

enum co_rc
stamp_name(struct ledger *l, const struct last *last, struct co_err *err)
{
	struct naming w = { .last = last };
	enum co_rc rc;

	co_buf_init(&w.text, 8192);
	rc = store_write(l->store, name_work, &w, err);
	co_buf_deinit(&w.text);
	return rc;
}
