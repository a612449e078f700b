#include "base/clock.h"
#include "base/log.h"
#include "store/db.h"

enum {
	SCHEMA_TICK = 100000, /* of SQLite's virtual machine: some milliseconds */
	SCHEMA_QUIET_US = 1000000, /* most steps take no time that anybody would wait for */
	SCHEMA_EVERY_US = 5000000
};

/* A step over a million records takes half a minute: whoever waits is told that it goes on. */
struct tick {
	int step;
	int64_t begun_us, told_us; /* monotonic; 0: not told yet */
};

static int
schema_tick(void *arg)
{
	struct tick *t = arg;
	int64_t now_us = co_mono_us();

	if (now_us - t->begun_us < SCHEMA_QUIET_US ||
		(t->told_us != 0 && now_us - t->told_us < SCHEMA_EVERY_US))
		return 0;
	if (t->told_us == 0)
		co_info("store",
			"bringing the database to its new form: step %d of %d (%s); a stop "
			"now leaves the old form", t->step, (int)SCHEMA_STEPS,
			schema_steps[t->step - 1].name);
	else
		co_info("store", "step %d of %d (%s): %lld s so far", t->step, (int)SCHEMA_STEPS,
			schema_steps[t->step - 1].name,
			(long long)((now_us - t->begun_us) / 1000000));
	t->told_us = now_us;
	return 0;
}

static enum co_rc
schema_version(struct store_db *db, int *version, struct co_err *err)
{
	sqlite3_stmt *st = NULL;
	enum co_rc got = CO_OK;
	int rc;

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
schema_newer(const struct store_db *db, int version, struct co_err *err)
{
	if (version <= SCHEMA_STEPS)
		return CO_OK;
	return co_fail(err, CO_ESTORE,
		"%s was written by a newer Comity (schema %d, this program knows %d): "
		"run that version, or restore a backup made by this one",
		db->store->path, version, (int)SCHEMA_STEPS);
}

enum co_rc
schema_same(struct store_db *db, struct co_err *err)
{
	int version = 0;

	TRY(schema_version(db, &version, err));
	TRY(schema_newer(db, version, err));
	if (version < SCHEMA_STEPS)
		return co_fail(err, CO_ESTORE,
			"%s has the form of an older Comity (schema %d, this program has %d): stop "
			"that node, and start this one, which brings it to the new form",
			db->store->path, version, (int)SCHEMA_STEPS);
	return CO_OK;
}

static enum co_rc
schema_apply(struct store_db *db, struct co_err *err)
{
	int version = 0;
	enum co_rc rc = db_exec(db,
		"CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY,"
		" name TEXT NOT NULL, applied_us INTEGER NOT NULL)",
		"prepare the schema", err);

	if (rc == CO_OK)
		rc = schema_version(db, &version, err);
	if (rc == CO_OK)
		rc = schema_newer(db, version, err);
	for (int i = version; rc == CO_OK && i < SCHEMA_STEPS; i++) {
		struct tick t = { .step = i + 1, .begun_us = co_mono_us() };

		sqlite3_progress_handler(db->h, SCHEMA_TICK, schema_tick, &t);
		rc = schema_step(db, i, err);
		sqlite3_progress_handler(db->h, 0, NULL, NULL);
		if (t.told_us != 0 && rc == CO_OK)
			co_info("store", "step %d of %d (%s): done in %lld s", i + 1,
				(int)SCHEMA_STEPS, schema_steps[i].name,
				(long long)((co_mono_us() - t.begun_us) / 1000000));
		if (rc != CO_OK)
			(void)co_wrap(err, "schema step %03d", i + 1);
	}
	if (rc == CO_OK && version > 0 && version < SCHEMA_STEPS)
		co_info("store", "the database has a new form now (%d, before %d)",
			(int)SCHEMA_STEPS, version);
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
