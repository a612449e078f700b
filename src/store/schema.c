#include "base/clock.h"
#include "store/db.h"

static enum co_rc
schema_version(struct store_db *db, int *version, struct co_err *err)
{
	sqlite3_stmt *st = NULL;
	enum co_rc got;
	int rc;

	got = db_exec(db,
		"CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY,"
		" name TEXT NOT NULL, applied_us INTEGER NOT NULL)",
		"prepare the schema", err);
	if (got != CO_OK)
		return got;
	rc = sqlite3_prepare_v2(
		db->h, "SELECT coalesce(max(version), 0) FROM schema_version", -1, &st, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*version = sqlite3_column_int(st, 0);
	else
		got = store_error(db, rc, "read the schema's version", err);
	(void)sqlite3_finalize(st);
	return got;
}

static enum co_rc
schema_step(struct store_db *db, int i, struct co_err *err)
{
	sqlite3_stmt *st = NULL;
	enum co_rc got;
	int rc;

	got = db_exec(db, schema_steps[i].sql, schema_steps[i].name, err);
	if (got != CO_OK)
		return got;
	rc = sqlite3_prepare_v2(
		db->h, "INSERT INTO schema_version VALUES (?, ?, ?)", -1, &st, NULL);
	if (rc == SQLITE_OK) {
		(void)sqlite3_bind_int(st, 1, i + 1);
		(void)sqlite3_bind_text(st, 2, schema_steps[i].name, -1, SQLITE_STATIC);
		(void)sqlite3_bind_int64(st, 3, co_now_us());
		rc = sqlite3_step(st);
	}
	if (rc != SQLITE_DONE)
		got = store_error(db, rc, "note the schema's version", err);
	(void)sqlite3_finalize(st);
	return got;
}

static enum co_rc
schema_apply(struct store_db *db, struct co_err *err)
{
	int version = 0;
	enum co_rc rc = schema_version(db, &version, err);

	if (rc == CO_OK && version > SCHEMA_STEPS)
		rc = co_fail(err, CO_ESTORE,
			"%s was written by a newer Comity (schema %d, this program knows %d): "
			"run that version, or restore a backup made by this one",
			db->store->path, version, (int)SCHEMA_STEPS);
	for (int i = version; rc == CO_OK && i < SCHEMA_STEPS; i++) {
		rc = schema_step(db, i, err);
		if (rc != CO_OK)
			(void)co_wrap(err, "schema step %03d", i + 1);
	}
	return rc;
}

enum co_rc
schema_bring(struct store_db *db, struct co_err *err)
{
	/* One transaction: a crash leaves the old schema or the new one, nothing between. */
	enum co_rc rc = db_exec(db, "BEGIN IMMEDIATE", "begin", err);

	if (rc != CO_OK)
		return rc;
	rc = schema_apply(db, err);
	if (rc == CO_OK)
		rc = db_exec(db, "COMMIT", "commit the schema", err);
	if (rc != CO_OK && !sqlite3_get_autocommit(db->h))
		(void)sqlite3_exec(db->h, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}
