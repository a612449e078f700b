#include "store/db.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static enum co_rc
stmt_prepare(struct store_db *db, enum query q, struct store_stmt *st, struct co_err *err)
{
	int rc = sqlite3_prepare_v3(
		db->h, query_texts[q].sql, -1, SQLITE_PREPARE_PERSISTENT, &st->p, NULL);

	if (rc != SQLITE_OK)
		return store_error(db, rc, query_texts[q].name, err);
	st->db = db;
	st->query = q;
	return CO_OK;
}

/* The connection's own statement, or a spare while that one is stepping. */
static enum co_rc
stmt_take(struct store_db *db, enum query q, struct store_stmt **out, struct co_err *err)
{
	struct store_stmt *st = &db->stmts[q];
	enum co_rc rc = CO_OK;

	if (st->busy) {
		st = calloc(1, sizeof(*st));
		if (st == NULL)
			return co_fail(err, CO_ENOMEM, "query %s", query_texts[q].name);
		st->spare = true;
	}
	if (st->p == NULL)
		rc = stmt_prepare(db, q, st, err);
	if (rc != CO_OK) {
		if (st->spare)
			free(st);
		return rc;
	}
	st->busy = true;
	*out = st;
	return CO_OK;
}

static int
bind_one(sqlite3_stmt *p, int i, char letter, va_list *ap)
{
	const int64_t *opt;
	const void *blob;
	size_t n;

	switch (letter) {
	case 'i':
		return sqlite3_bind_int64(p, i, va_arg(*ap, int64_t));
	case 'o':
		opt = va_arg(*ap, const int64_t *);
		return opt == NULL ? sqlite3_bind_null(p, i) : sqlite3_bind_int64(p, i, *opt);
	case 't':
		return sqlite3_bind_text(p, i, va_arg(*ap, const char *), -1, SQLITE_STATIC);
	case 'b':
		blob = va_arg(*ap, const void *);
		n = va_arg(*ap, size_t);
		return sqlite3_bind_blob64(p, i, blob, n, SQLITE_STATIC);
	default:
		assert(0 && "parameter letters are i, o, t, b");
		return SQLITE_MISUSE;
	}
}

static enum co_rc
stmt_bind(struct store_stmt *st, const char *fmt, va_list *ap, struct co_err *err)
{
	/* A wrong number of parameters is our own mistake and never depends on input. */
	assert(sqlite3_bind_parameter_count(st->p) == (int)strlen(fmt));
	for (int i = 0; fmt[i] != '\0'; i++) {
		int rc = bind_one(st->p, i + 1, fmt[i], ap);

		if (rc != SQLITE_OK)
			return store_error(st->db, rc, query_texts[st->query].name, err);
	}
	return CO_OK;
}

static enum co_rc
stmt_open(struct store_db *db, enum query q, struct store_stmt **out, struct co_err *err,
	const char *fmt, va_list *ap)
{
	struct store_stmt *st = NULL;
	enum co_rc rc;

	assert(db != NULL && q < Q_N);
	rc = stmt_take(db, q, &st, err);
	if (rc != CO_OK)
		return rc;
	rc = stmt_bind(st, fmt, ap, err);
	if (rc != CO_OK) {
		store_done(&st);
		return rc;
	}
	*out = st;
	return CO_OK;
}

enum co_rc
store_query(struct store_db *db, enum query q, struct store_stmt **out, struct co_err *err,
	const char *fmt, ...)
{
	enum co_rc rc;
	va_list ap;

	va_start(ap, fmt);
	rc = stmt_open(db, q, out, err, fmt, &ap);
	va_end(ap);
	return rc;
}

enum co_rc
store_step(struct store_stmt *st, bool *row, struct co_err *err)
{
	int rc = sqlite3_step(st->p);

	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return store_error(st->db, rc, query_texts[st->query].name, err);
	*row = rc == SQLITE_ROW;
	return CO_OK;
}

int64_t
store_int(struct store_stmt *st, int col)
{
	return sqlite3_column_int64(st->p, col);
}

const char *
store_text(struct store_stmt *st, int col)
{
	const char *s = (const char *)sqlite3_column_text(st->p, col);

	return s == NULL ? "" : s;
}

const void *
store_blob(struct store_stmt *st, int col, size_t *n)
{
	const void *p = sqlite3_column_blob(st->p, col);

	*n = p == NULL ? 0 : (size_t)sqlite3_column_bytes(st->p, col);
	return p == NULL ? "" : p;
}

bool
store_is_null(struct store_stmt *st, int col)
{
	return sqlite3_column_type(st->p, col) == SQLITE_NULL;
}

void
store_done(struct store_stmt **stp)
{
	struct store_stmt *st = *stp;

	if (st == NULL)
		return;
	*stp = NULL;
	if (st->spare) {
		(void)sqlite3_finalize(st->p);
		free(st);
		return;
	}
	(void)sqlite3_reset(st->p);
	(void)sqlite3_clear_bindings(st->p);
	st->busy = false;
}

enum co_rc
store_run(struct store_db *db, int64_t *changes, enum query q, struct co_err *err, const char *fmt,
	...)
{
	store_stmt_auto *st = NULL;
	enum co_rc rc;
	va_list ap;
	bool row = false;

	va_start(ap, fmt);
	rc = stmt_open(db, q, &st, err, fmt, &ap);
	va_end(ap);
	if (rc == CO_OK)
		rc = store_step(st, &row, err);
	if (rc != CO_OK)
		return rc;
	assert(!row);
	if (changes != NULL)
		*changes = sqlite3_changes(db->h);
	return CO_OK;
}

int64_t
store_last_rowid(struct store_db *db)
{
	return sqlite3_last_insert_rowid(db->h);
}

enum co_rc
store_snapshot(struct store_db *db, struct co_err *err)
{
	return db_exec(db, "BEGIN", "begin a snapshot", err);
}

void
store_snapshot_end(struct store_db *db)
{
	if (!sqlite3_get_autocommit(db->h))
		(void)sqlite3_exec(db->h, "ROLLBACK", NULL, NULL, NULL);
}
