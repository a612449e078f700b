/* Inside the room: what a connection is. No other room includes this, so that sqlite3.h and SQL
 * text stay here; tests may. */
#pragma once

#include "store/store.h"

#include <pthread.h>
#include <sqlite3.h>

struct store_stmt {
	struct store_db *db;
	sqlite3_stmt *p; /* NULL until first used on this connection */
	enum query query;
	bool busy;  /* between store_query and store_done */
	bool spare; /* on the heap: the query was asked again while busy */
};

struct store_db {
	sqlite3 *h;
	struct store *store;
	struct store_db *next; /* in the store's list of readers */
	struct store_stmt stmts[Q_N];
};

struct writer;

struct store {
	char *path;
	struct store_db *writer_db;
	struct writer *writer;
	pthread_mutex_t lock; /* of readers */
	struct store_db *readers;
	pthread_key_t reader_key;
	bool has_key;
};

/* The failure of the last call on db as ours, in words; sqlite_rc is its result. */
enum co_rc store_error(struct store_db *db, int sqlite_rc, const char *doing, struct co_err *err);
enum co_rc db_open(
	struct store_db **out, struct store *s, bool writer, struct co_err *err) CO_NODISCARD;
void db_close(struct store_db **db);
/* One text without parameters: pragmas, BEGIN, schema steps. */
enum co_rc db_exec(
	struct store_db *db, const char *sql, const char *doing, struct co_err *err) CO_NODISCARD;
enum co_rc schema_bring(struct store_db *db, struct co_err *err) CO_NODISCARD;
enum co_rc schema_same(struct store_db *db, struct co_err *err) CO_NODISCARD; /* is it ours? */

/* The thread that owns db from here on. */
enum co_rc writer_start(struct writer **out, struct store_db *db, struct co_err *err) CO_NODISCARD;
void writer_stop(struct writer **w); /* after the last queued job */
enum co_rc writer_submit(struct writer *w, store_work *work, store_finish *done, void *const *args,
	size_t n, struct co_err *err) CO_NODISCARD;
