#include "base/fault.h"
#include "base/fs.h"
#include "base/log.h"
#include "store/db.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Pages of 8 KiB hold three usual records, of 4 KiB only one: a third less disk, a fifth more jobs.
 * The WAL is moved into the database by the writer's own checkpoints (writer.c), never in the
 * middle of a commit. Caches are KiB of heap and only grow with use: an idle node stays small. */
static const char pragmas_writer[] =
	"PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
	"PRAGMA foreign_keys=ON;"
	"PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-8192;"
	"PRAGMA temp_store=MEMORY;";
static const char pragmas_reader[] =
	"PRAGMA query_only=ON; PRAGMA foreign_keys=ON; PRAGMA cache_size=-1024;"
	"PRAGMA mmap_size=16777216; PRAGMA temp_store=MEMORY;";

enum { BUSY_MS = 5000, SPILL_BYTES = 4 << 20 };

#ifdef COMITY_FAULTS
/* The disk-full fault reaches SQLite's own writes too. A connection is used by one thread at a
 * time and SQLite never uses the file position, so seek and write are as good as pwrite. */
static ssize_t
fault_pwrite(int fd, const void *p, size_t n, off_t at)
{
	if (lseek(fd, at, SEEK_SET) < 0)
		return -1;
	return co_fault_write(fd, p, n);
}

static void
fault_install(void)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

	(void)vfs->xSetSystemCall(vfs, "pwrite", (sqlite3_syscall_ptr)fault_pwrite);
	(void)vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)fault_pwrite);
}
#endif

static void
library_setup(void)
{
	/* Savepoints undo from memory: the default spills to a file after 64 KiB. */
	(void)sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, (int)SPILL_BYTES);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	(void)sqlite3_initialize();
#ifdef COMITY_FAULTS
	fault_install();
#endif
}

static const struct {
	int sqlite; /* primary result code */
	enum co_rc rc;
	const char *advice;
} error_table[] = {
	{ SQLITE_FULL, CO_ENOSPACE, ": the disk is full; free space on it, nothing was stored" },
	{ SQLITE_BUSY, CO_EBUSY, ": another program holds the database" },
	{ SQLITE_LOCKED, CO_EBUSY, "" },
	{ SQLITE_NOMEM, CO_ENOMEM, "" },
	{ SQLITE_IOERR, CO_EIO, ": the disk failed; check the system's log" },
	{ SQLITE_CANTOPEN, CO_EIO, ": check that the folder exists and is writable" },
	{ SQLITE_READONLY, CO_EDENIED, ": check the owner and mode of the file and its folder" },
	{ SQLITE_PERM, CO_EDENIED, "" },
	{ SQLITE_TOOBIG, CO_ETOOBIG, "" },
	{ SQLITE_CORRUPT, CO_ESTORE, ": the file is damaged; restore the last backup" },
	{ SQLITE_NOTADB, CO_ESTORE, ": the file is no database of this program" },
};

enum co_rc
store_error(struct store_db *db, int sqlite_rc, const char *doing, struct co_err *err)
{
	const char *path = db->store->path;
	const char *words = db->h == NULL ? sqlite3_errstr(sqlite_rc) : sqlite3_errmsg(db->h);
	int sys = db->h == NULL ? 0 : sqlite3_system_errno(db->h);

	if ((sqlite_rc & 0xff) == SQLITE_CONSTRAINT) {
		int ext = db->h == NULL ? sqlite_rc : sqlite3_extended_errcode(db->h);
		bool unique = ext == SQLITE_CONSTRAINT_UNIQUE ||
			ext == SQLITE_CONSTRAINT_PRIMARYKEY || ext == SQLITE_CONSTRAINT_ROWID;

		return co_fail(err, unique ? CO_EEXISTS : CO_ESTORE, "%s: %s", doing, words);
	}
	if ((sqlite_rc & 0xff) == SQLITE_IOERR && (sys == ENOSPC || sys == EDQUOT || sys == EFBIG))
		sqlite_rc = SQLITE_FULL;
	for (size_t i = 0; i < CO_ARRAY_LEN(error_table); i++)
		if (error_table[i].sqlite == (sqlite_rc & 0xff))
			return co_fail(err, error_table[i].rc, "%s: %s: %s%s", path, doing, words,
				error_table[i].advice);
	return co_fail(err, CO_ESTORE, "%s: %s: %s", path, doing, words);
}

enum co_rc
db_exec(struct store_db *db, const char *sql, const char *doing, struct co_err *err)
{
	int rc = sqlite3_exec(db->h, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? CO_OK : store_error(db, rc, doing, err);
}

void
db_close(struct store_db **dbp)
{
	struct store_db *db = *dbp;

	if (db == NULL)
		return;
	*dbp = NULL;
	for (int q = 0; q < Q_N; q++)
		(void)sqlite3_finalize(db->stmts[q].p);
	if (sqlite3_close(db->h) != SQLITE_OK)
		co_error("store", "%s: closed with a query still running", db->store->path);
	free(db);
}

/* SQLite only answers which mode it could have: some file systems have no shared memory. */
static enum co_rc
check_wal(struct store_db *db, struct co_err *err)
{
	sqlite3_stmt *st = NULL;
	bool wal;

	wal = sqlite3_prepare_v2(db->h, "PRAGMA journal_mode", -1, &st, NULL) == SQLITE_OK &&
		sqlite3_step(st) == SQLITE_ROW &&
		strcmp((const char *)sqlite3_column_text(st, 0), "wal") == 0;
	(void)sqlite3_finalize(st);
	if (!wal)
		return co_fail(err, CO_ESTORE,
			"%s: this file system cannot hold the database: put it on a local disk",
			db->store->path);
	return CO_OK;
}

static void
db_cleanup(struct store_db **db)
{
	db_close(db);
}

enum co_rc
db_open(struct store_db **out, struct store *s, bool writer, struct co_err *err)
{
	CO_CLEANUP(db_cleanup) struct store_db *db = calloc(1, sizeof(*db));
	enum co_rc got;
	int rc, keep = 1;

	if (db == NULL)
		return co_fail(err, CO_ENOMEM, "open %s", s->path);
	db->store = s;
	rc = sqlite3_open_v2(s->path, &db->h, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK)
		return store_error(db, rc, "open", err);
	(void)sqlite3_extended_result_codes(db->h, 1);
	(void)sqlite3_busy_timeout(db->h, BUSY_MS);
	/* The -wal and -shm files stay when the last connection closes: the node's sandbox names
	 * them. */
	(void)sqlite3_file_control(db->h, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
	/* A damaged or hostile file must not run code of its own. */
	(void)sqlite3_db_config(db->h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(db->h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	got = db_exec(db, writer ? pragmas_writer : pragmas_reader, "set up", err);
	if (got != CO_OK)
		return got;
	if (writer) {
		got = check_wal(db, err);
		if (got != CO_OK)
			return got;
	}
	*out = CO_TAKE(db);
	return CO_OK;
}

/* SQLite would create the file with the process's umask: it holds case data. */
static enum co_rc
file_create(const char *path, struct co_err *err)
{
	co_auto_fd fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 && errno == EEXIST)
		return CO_OK;
	if (fd < 0)
		return co_fail_errno(err, "create the database %s", path);
	return co_fsync_parent(path, err);
}

/* A thread with a reader ended while the store lives on. */
static void
reader_drop(void *p)
{
	struct store_db *db = p;
	struct store *s = db->store;

	(void)pthread_mutex_lock(&s->lock);
	for (struct store_db **at = &s->readers; *at != NULL; at = &(*at)->next)
		if (*at == db) {
			*at = db->next;
			break;
		}
	(void)pthread_mutex_unlock(&s->lock);
	db_close(&db);
}

/* A store without connections. */
static enum co_rc
store_new(struct store **out, const char *path, struct co_err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	store_auto *s = calloc(1, sizeof(*s));

	(void)pthread_once(&once, library_setup);
	if (s == NULL || pthread_mutex_init(&s->lock, NULL) != 0)
		return co_fail(err, CO_ENOMEM, "open %s", path);
	s->path = strdup(path);
	if (s->path == NULL || pthread_key_create(&s->reader_key, reader_drop) != 0)
		return co_fail(err, CO_ENOMEM, "open %s", path);
	s->has_key = true;
	*out = CO_TAKE(s);
	return CO_OK;
}

enum co_rc
store_look(struct store **out, const char *path, struct co_err *err)
{
	store_auto *s = NULL;
	struct store_db *db;

	TRY(store_new(&s, path, err));
	TRY(store_reader(s, &db, err));
	TRY(schema_same(db, err));
	*out = CO_TAKE(s);
	return CO_OK;
}

enum co_rc
store_open(struct store **out, const char *path, struct co_err *err)
{
	store_auto *s = NULL;
	enum co_rc rc = store_new(&s, path, err);

	if (rc == CO_OK)
		rc = file_create(path, err);
	if (rc == CO_OK)
		rc = db_open(&s->writer_db, s, true, err);
	if (rc == CO_OK)
		rc = schema_bring(s->writer_db, err);
	if (rc == CO_OK)
		rc = writer_start(&s->writer, s->writer_db, err);
	if (rc != CO_OK)
		return rc;
	*out = CO_TAKE(s);
	return CO_OK;
}

enum co_rc
store_prepare(const char *path, struct co_err *err)
{
	store_auto *s = NULL;

	return store_open(&s, path, err);
}

void
store_close(struct store **sp)
{
	struct store *s = *sp;

	if (s == NULL)
		return;
	*sp = NULL;
	writer_stop(&s->writer);
	if (s->has_key)
		(void)pthread_key_delete(s->reader_key);
	while (s->readers != NULL) {
		struct store_db *db = s->readers;

		s->readers = db->next;
		db_close(&db);
	}
	/* The last connection to close also empties the WAL. */
	db_close(&s->writer_db);
	(void)pthread_mutex_destroy(&s->lock);
	free(s->path);
	free(s);
}

enum co_rc
store_reader(struct store *s, struct store_db **out, struct co_err *err)
{
	struct store_db *db = pthread_getspecific(s->reader_key);
	enum co_rc rc;

	if (db == NULL) {
		rc = db_open(&db, s, false, err);
		if (rc != CO_OK)
			return rc;
		if (pthread_setspecific(s->reader_key, db) != 0) {
			db_close(&db);
			return co_fail(err, CO_ENOMEM, "reader of %s", s->path);
		}
		(void)pthread_mutex_lock(&s->lock);
		db->next = s->readers;
		s->readers = db;
		(void)pthread_mutex_unlock(&s->lock);
	}
	*out = db;
	return CO_OK;
}

enum co_rc
store_submit(struct store *s, store_work *work, store_finish *done, void *arg, struct co_err *err)
{
	return writer_submit(s->writer, work, done, &arg, 1, err);
}

enum co_rc
store_submit_many(struct store *s, store_work *work, store_finish *done, void *const *args,
	size_t n, struct co_err *err)
{
	return writer_submit(s->writer, work, done, args, n, err);
}
