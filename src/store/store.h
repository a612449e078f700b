/* The database: SQLite in WAL mode with synchronous=FULL. The only user of sqlite3.
 * One writer thread with group commit; readers are connections of their own, one a thread.
 * SQL stands in schema/ and query/ files and is only ever bound: "-- name: record_by_id" in
 * query/records.sql becomes Q_RECORD_BY_ID. Rooms above use queries by name, never text. */
#pragma once

#include "base/buf.h"
#include "store/queries.h" /* generated: enum query */

#include <stdint.h>

struct store;    /* the database folder's one writer and its readers' pool */
struct store_db; /* one connection: inside a job the writer's, otherwise a reader's */

/* Opens or creates path; runs schema steps that are missing; starts the writer thread. */
enum co_rc store_open(struct store **out, const char *path, struct co_err *err) CO_NODISCARD;
/* For reading alone, beside a node that may run: nothing is created or brought to another form, and
 * a database of another form is refused with what to do. Only store_reader works on it. */
enum co_rc store_look(struct store **out, const char *path, struct co_err *err) CO_NODISCARD;
/* Opens and closes: afterwards the file and its -wal and -shm exist, for a sandbox that names them.
 */
enum co_rc store_prepare(const char *path, struct co_err *err) CO_NODISCARD;
/* Finishes queued jobs, checkpoints the WAL, closes. */
void store_close(struct store **s);
#define store_auto CO_CLEANUP(store_close) struct store

/* ---- statements ---- */
struct store_stmt; /* prepared once a connection; borrow with store_query, step, then store_done */

/* Parameters follow by the format, one letter each: i int64_t, o const int64_t * (NULL allowed),
 * t const char * (NULL allowed), b const void * then size_t (NULL allowed). Texts and blobs are
 * borrowed until store_done. Cast integers: an int is no int64_t to a variadic function. */
enum co_rc store_query(struct store_db *db, enum query q, struct store_stmt **out,
	struct co_err *err, const char *fmt, ...) CO_NODISCARD;
/* *row false at the end. */
enum co_rc store_step(struct store_stmt *st, bool *row, struct co_err *err) CO_NODISCARD;
int64_t store_int(struct store_stmt *st, int col);
const char *store_text(struct store_stmt *st, int col); /* "" for NULL; until next step */
const void *store_blob(struct store_stmt *st, int col, size_t *n); /* until next step */
bool store_is_null(struct store_stmt *st, int col);
void store_done(struct store_stmt **st); /* reset; the connection keeps it prepared */
#define store_stmt_auto CO_CLEANUP(store_done) struct store_stmt
/* Run a statement that returns no rows; *changes may be NULL. CO_EEXISTS on a unique conflict. */
enum co_rc store_run(struct store_db *db, int64_t *changes, enum query q, struct co_err *err,
	const char *fmt, ...) CO_NODISCARD;
int64_t store_last_rowid(struct store_db *db);

/* ---- readers ---- */
/* This thread's read-only connection (opened on first use, closed at store_close). */
enum co_rc store_reader(struct store *s, struct store_db **out, struct co_err *err) CO_NODISCARD;
/* One snapshot over several queries; end always. */
enum co_rc store_snapshot(struct store_db *db, struct co_err *err) CO_NODISCARD;
void store_snapshot_end(struct store_db *db);

/* ---- writing ---- */
/* work runs on the writer thread; an error rolls back this job alone. It may run twice, after the
 * first run was undone because another job failed: it sets its results and never adds to them.
 * done runs on the writer thread after the transaction is on disk (err->rc == CO_OK) or the job or
 * the commit failed. Both get arg. done must be short: post to a loop, signal a condition. */
typedef enum co_rc store_work(struct store_db *db, void *arg, struct co_err *err);
typedef void store_finish(void *arg, const struct co_err *err);
/* CO_EBUSY when LIMIT_WRITER_QUEUE jobs wait. */
enum co_rc store_submit(struct store *s, store_work *work, store_finish *done, void *arg,
	struct co_err *err) CO_NODISCARD;
/* One job for each of args, for one transaction as far as they fit; all or none are accepted. */
enum co_rc store_submit_many(struct store *s, store_work *work, store_finish *done,
	void *const *args, size_t n, struct co_err *err) CO_NODISCARD;
/* Submit and wait for the disk. Never from the writer thread or an event loop of the listener. */
enum co_rc store_write(
	struct store *s, store_work *work, void *arg, struct co_err *err) CO_NODISCARD;
