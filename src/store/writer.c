/* Group commit: whatever waits becomes one transaction. While the disk syncs one batch the next one
 * gathers, so the rate follows the load by itself. Jobs hardly ever fail, and a savepoint costs as
 * much as a job: only after one failed is the batch undone and run again with a savepoint a job. */
#include "base/fault.h"
#include "base/limits.h"
#include "base/log.h"
#include "store/db.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

/* Frames (8 KiB pages) in the WAL at which the writer moves them into the database between two
 * batches: 8 MiB, about 15 ms of work. IDLE_MS without a job does it earlier. */
enum { WAL_FRAMES = 1024, IDLE_MS = 1000 };

struct job {
	store_work *work;
	store_finish *done;
	void *arg;
};

enum writer_sql { W_BEGIN, W_COMMIT, W_SAVEPOINT, W_RELEASE, W_UNDO, W_SQL_N };
static const char *const writer_sql[W_SQL_N] = { "BEGIN IMMEDIATE", "COMMIT", "SAVEPOINT job",
	"RELEASE job", "ROLLBACK TO job" };

struct writer {
	struct store_db *db;
	sqlite3_stmt *sql[W_SQL_N];
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool closing;
	int frames; /* in the WAL, since the last checkpoint */
	size_t head, n;
	struct job queue[LIMIT_WRITER_QUEUE];
	/* the batch in hand: the writer thread's own */
	struct job batch[LIMIT_WRITER_BATCH];
	struct co_err errs[LIMIT_WRITER_BATCH];
};

static int
wal_grew(void *arg, sqlite3 *h, const char *name, int frames)
{
	struct writer *w = arg;

	(void)h;
	(void)name;
	w->frames = frames;
	return SQLITE_OK;
}

static enum co_rc
run_sql(struct writer *w, enum writer_sql i, struct co_err *err)
{
	int rc = sqlite3_step(w->sql[i]);
	enum co_rc got = CO_OK;

	if (rc != SQLITE_DONE)
		got = store_error(w->db, rc, writer_sql[i], err);
	(void)sqlite3_reset(w->sql[i]);
	return got;
}

static bool
in_transaction(const struct writer *w)
{
	return sqlite3_get_autocommit(w->db->h) == 0;
}

static enum co_rc
run_work(struct writer *w, const struct job *j, struct co_err *err)
{
	enum co_rc rc = j->work(w->db, j->arg, err);

	if (rc == CO_OK && co_fault_hit("store.after-work"))
		rc = co_fail(err, CO_EIO, "fault after the work of a job");
	/* A job that fails without saying why still fails. */
	if (rc != CO_OK && err->rc == CO_OK)
		(void)co_fail(err, rc, "%s", co_rc_text(rc));
	return rc;
}

/* False when the whole transaction is lost (SQLite undoes it by itself on some I/O errors). */
static bool
run_job(struct writer *w, const struct job *j, struct co_err *err)
{
	enum co_rc rc = run_sql(w, W_SAVEPOINT, err);

	if (rc != CO_OK)
		return in_transaction(w);
	rc = run_work(w, j, err);
	if (!in_transaction(w) || (rc != CO_OK && run_sql(w, W_UNDO, NULL) != CO_OK))
		return false;
	return run_sql(w, W_RELEASE, err) == CO_OK;
}

/* All jobs, each in a savepoint or none of them. False when the transaction cannot be committed:
 * errs[*failed] says why. */
static bool
run_jobs(struct writer *w, size_t n, bool savepoints, size_t *failed)
{
	for (size_t i = 0; i < n; i++) {
		const struct job *j = &w->batch[i];

		*failed = i;
		if (savepoints ? !run_job(w, j, &w->errs[i])
			       : run_work(w, j, &w->errs[i]) != CO_OK)
			return false;
	}
	return true;
}

static void
undo_all(struct writer *w)
{
	if (in_transaction(w))
		(void)sqlite3_exec(w->db->h, "ROLLBACK", NULL, NULL, NULL);
}

static enum co_rc
commit(struct writer *w, struct co_err *err)
{
	if (co_fault_hit("store.before-commit"))
		return co_fail(err, CO_EIO, "fault before the commit");
	return run_sql(w, W_COMMIT, err);
}

/* One transaction over the batch. *again when one job's failure undid them all and the others may
 * still be done; otherwise an error is that of every job. */
static enum co_rc
transaction(struct writer *w, size_t n, bool savepoints, bool *again, struct co_err *err)
{
	enum co_rc rc = run_sql(w, W_BEGIN, err);
	size_t failed = 0;

	*again = false;
	for (size_t i = 0; i < n; i++)
		co_err_clear(&w->errs[i]);
	if (rc != CO_OK)
		return rc;
	if (run_jobs(w, n, savepoints, &failed)) {
		rc = commit(w, err);
	} else if (!savepoints && in_transaction(w)) {
		*again = n > 1;
	} else {
		*err = w->errs[failed];
		rc = co_fail(err, CO_ESTORE, "the transaction was lost");
	}
	undo_all(w);
	return rc;
}

static void
run_batch(struct writer *w, size_t n)
{
	struct co_err whole = { 0 };
	bool again;
	enum co_rc rc = transaction(w, n, false, &again, &whole);

	if (again)
		rc = transaction(w, n, true, &again, &whole);
	if (rc != CO_OK) {
		for (size_t i = 0; i < n; i++)
			(void)co_fail(&w->errs[i], whole.rc, "%s", whole.msg);
		co_error("store", "%zu jobs failed together: %s", n, whole.msg);
	} else {
		(void)co_fault_hit("store.after-commit");
	}
	for (size_t i = 0; i < n; i++)
		if (w->batch[i].done != NULL)
			w->batch[i].done(w->batch[i].arg, &w->errs[i]);
}

/* Readers never block it, it never blocks them; frames a reader still needs stay for next time. */
static void
move_wal(struct writer *w)
{
	int left = 0, moved = 0;
	int rc =
		sqlite3_wal_checkpoint_v2(w->db->h, NULL, SQLITE_CHECKPOINT_PASSIVE, &left, &moved);

	if (rc != SQLITE_OK)
		co_warn("store", "%s: moving the log into the database: %s", w->db->store->path,
			sqlite3_errmsg(w->db->h));
	w->frames = 0;
}

static void
idle(struct writer *w)
{
	if (w->frames == 0)
		return;
	move_wal(w);
	(void)sqlite3_db_release_memory(w->db->h);
}

/* Takes what waits; 0 when IDLE_MS passed without a job. *closing: nothing will come any more. */
static size_t
take(struct writer *w, bool *closing)
{
	struct timespec until;
	size_t n = 0;
	int rc = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += IDLE_MS / 1000;
	(void)pthread_mutex_lock(&w->lock);
	while (w->n == 0 && !w->closing && rc == 0)
		rc = w->frames == 0 ? pthread_cond_wait(&w->wake, &w->lock)
				    : pthread_cond_timedwait(&w->wake, &w->lock, &until);
	for (; n < LIMIT_WRITER_BATCH && w->n > 0; n++, w->n--) {
		w->batch[n] = w->queue[w->head];
		w->head = (w->head + 1) % LIMIT_WRITER_QUEUE;
	}
	*closing = w->closing;
	(void)pthread_mutex_unlock(&w->lock);
	return n;
}

static void *
writer_main(void *arg)
{
	struct writer *w = arg;
	bool closing = false;

	for (;;) {
		size_t n = take(w, &closing);

		if (n > 0)
			run_batch(w, n);
		else if (closing)
			return NULL;
		else
			idle(w);
		if (w->frames >= WAL_FRAMES)
			move_wal(w);
	}
}

static void
writer_free(struct writer *w)
{
	for (size_t i = 0; i < W_SQL_N; i++)
		(void)sqlite3_finalize(w->sql[i]);
	(void)pthread_cond_destroy(&w->wake);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

static enum co_rc
writer_prepare(struct writer *w, struct co_err *err)
{
	for (size_t i = 0; i < W_SQL_N; i++) {
		int rc = sqlite3_prepare_v3(
			w->db->h, writer_sql[i], -1, SQLITE_PREPARE_PERSISTENT, &w->sql[i], NULL);

		if (rc != SQLITE_OK)
			return store_error(w->db, rc, writer_sql[i], err);
	}
	(void)sqlite3_wal_hook(w->db->h, wal_grew, w);
	return CO_OK;
}

enum co_rc
writer_start(struct writer **out, struct store_db *db, struct co_err *err)
{
	struct writer *w = calloc(1, sizeof(*w));
	pthread_condattr_t attr;
	enum co_rc rc;

	if (w == NULL)
		return co_fail(err, CO_ENOMEM, "start the writer");
	w->db = db;
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&w->wake, &attr);
	(void)pthread_condattr_destroy(&attr);
	rc = writer_prepare(w, err);
	if (rc == CO_OK && pthread_create(&w->thread, NULL, writer_main, w) != 0)
		rc = co_fail(err, CO_ENOMEM, "start the writer's thread");
	if (rc != CO_OK) {
		writer_free(w);
		return rc;
	}
	*out = w;
	return CO_OK;
}

void
writer_stop(struct writer **wp)
{
	struct writer *w = *wp;

	if (w == NULL)
		return;
	*wp = NULL;
	(void)pthread_mutex_lock(&w->lock);
	w->closing = true;
	(void)pthread_cond_signal(&w->wake);
	(void)pthread_mutex_unlock(&w->lock);
	(void)pthread_join(w->thread, NULL);
	writer_free(w);
}

enum co_rc
writer_submit(struct writer *w, store_work *work, store_finish *done, void *const *args, size_t n,
	struct co_err *err)
{
	enum co_rc rc = CO_OK;

	(void)pthread_mutex_lock(&w->lock);
	if (w->closing)
		rc = co_fail(err, CO_ECLOSED, "the store is closing");
	else if (n > LIMIT_WRITER_QUEUE - w->n)
		rc = co_fail(err, CO_EBUSY, "%zu changes wait for the disk: try again", w->n);
	for (size_t i = 0; rc == CO_OK && i < n; i++)
		w->queue[(w->head + w->n++) % LIMIT_WRITER_QUEUE] =
			(struct job){ work, done, args[i] };
	(void)pthread_cond_signal(&w->wake);
	(void)pthread_mutex_unlock(&w->lock);
	return rc;
}

struct waiter {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	store_work *work;
	void *arg;
	bool done;
	struct co_err err;
};

static enum co_rc
waiter_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct waiter *v = arg;

	return v->work(db, v->arg, err);
}

static void
waiter_done(void *arg, const struct co_err *err)
{
	struct waiter *v = arg;

	(void)pthread_mutex_lock(&v->lock);
	v->err = *err;
	v->done = true;
	(void)pthread_cond_signal(&v->wake);
	(void)pthread_mutex_unlock(&v->lock);
}

enum co_rc
store_write(struct store *s, store_work *work, void *arg, struct co_err *err)
{
	struct waiter v = { .lock = PTHREAD_MUTEX_INITIALIZER,
		.wake = PTHREAD_COND_INITIALIZER,
		.work = work,
		.arg = arg };
	void *self = &v;
	enum co_rc rc;

	assert(!pthread_equal(pthread_self(), s->writer->thread));
	rc = writer_submit(s->writer, waiter_work, waiter_done, &self, 1, err);
	if (rc != CO_OK)
		return rc;
	(void)pthread_mutex_lock(&v.lock);
	while (!v.done)
		(void)pthread_cond_wait(&v.wake, &v.lock);
	(void)pthread_mutex_unlock(&v.lock);
	return v.err.rc == CO_OK ? CO_OK : co_fail(err, v.err.rc, "%s", v.err.msg);
}
