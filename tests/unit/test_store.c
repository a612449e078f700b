#include "pki.h"

#include "base/limits.h"
#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/stat.h>

static struct co_err err;
static char dir[32];
static char path[64];
static atomic_bool disk_full;
static sqlite3_syscall_ptr real_pwrite;

static ssize_t
pwrite_or_full(int fd, const void *p, size_t n, off_t at)
{
	if (atomic_load(&disk_full)) {
		errno = ENOSPC;
		return -1;
	}
	return pwrite(fd, p, n, at);
}

static int
setup(void **state)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

	(void)state;
	if (real_pwrite == NULL) {
		real_pwrite = vfs->xGetSystemCall(vfs, "pwrite");
		(void)vfs->xSetSystemCall(vfs, "pwrite", (sqlite3_syscall_ptr)pwrite_or_full);
		(void)vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)pwrite_or_full);
	}
	scratch_make(dir);
	(void)snprintf(path, sizeof(path), "%s/node.db", dir);
	co_err_clear(&err);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	atomic_store(&disk_full, false);
	scratch_drop(dir);
	return 0;
}

/* One event row: the smallest table without rules of its own. */
struct put {
	const char *id;
	enum co_rc then; /* what the job returns after its insert */
	atomic_int *finished;
	struct co_err err;
};

static enum co_rc
put_work(struct store_db *db, void *arg, struct co_err *e)
{
	struct put *p = arg;
	enum co_rc rc = store_run(
		db, NULL, Q_EVENT_INSERT, e, "tittt", p->id, (int64_t)1, "what", "who", "{}");

	if (rc == CO_OK && p->then != CO_OK)
		rc = co_fail(e, p->then, "told to fail");
	return rc;
}

static void
put_done(void *arg, const struct co_err *e)
{
	struct put *p = arg;

	p->err = *e;
	if (p->finished != NULL)
		atomic_fetch_add(p->finished, 1);
}

static bool
has_event(struct store *s, const char *id)
{
	store_stmt_auto *st = NULL;
	struct store_db *db = NULL;
	bool row = false;

	assert_ok(store_reader(s, &db, &err));
	assert_ok(store_query(db, Q_EVENT_BY_ID, &st, &err, "t", id));
	assert_ok(store_step(st, &row, &err));
	return row;
}

static void
every_query_is_prepared_on_a_fresh_schema(void **state)
{
	store_auto *s = NULL;
	struct store_db *db = NULL;

	(void)state;
	assert_ok(store_open(&s, path, &err));
	assert_ok(store_reader(s, &db, &err));
	for (int q = 0; q < Q_N; q++) {
		sqlite3_stmt *st = NULL;

		if (sqlite3_prepare_v2(db->h, query_texts[q].sql, -1, &st, NULL) != SQLITE_OK)
			fail_msg("%s: %s", query_texts[q].name, sqlite3_errmsg(db->h));
		assert_non_null(st);
		(void)sqlite3_finalize(st);
	}
	assert_true(Q_N > 10);
}

static void
what_is_written_survives_reopening_and_the_file_is_private(void **state)
{
	struct put a = { .id = "a" };
	store_auto *s = NULL;
	struct stat sb;

	(void)state;
	assert_ok(store_open(&s, path, &err));
	assert_ok(store_write(s, put_work, &a, &err));
	assert_true(has_event(s, "a"));
	store_close(&s);
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(sb.st_mode & 0777, 0600);
	assert_ok(store_open(&s, path, &err));
	assert_true(has_event(s, "a"));
}

static void
a_failing_job_is_undone_alone(void **state)
{
	enum { N = 40 };
	static struct put puts[N];
	static char ids[N][8];
	atomic_int finished = 0;
	store_auto *s = NULL;

	(void)state;
	assert_ok(store_open(&s, path, &err));
	for (int i = 0; i < N; i++) {
		(void)snprintf(ids[i], sizeof(ids[i]), "j%d", i);
		puts[i] = (struct put){ .id = ids[i],
			.finished = &finished,
			.then = i % 3 == 0 ? CO_EREFUSED : CO_OK };
		assert_ok(store_submit(s, put_work, put_done, &puts[i], &err));
	}
	while (atomic_load(&finished) < N)
		(void)usleep(1000);
	for (int i = 0; i < N; i++) {
		assert_int_equal(puts[i].err.rc, i % 3 == 0 ? CO_EREFUSED : CO_OK);
		assert_int_equal(has_event(s, ids[i]), i % 3 != 0);
	}
}

/* Accepted together they share a transaction: the first run of it is undone by those that fail. */
static void
jobs_submitted_together_succeed_and_fail_alone(void **state)
{
	enum { N = 40 };
	static struct put puts[N];
	static char ids[N][8];
	void *args[LIMIT_WRITER_QUEUE + 1] = { NULL };
	atomic_int finished = 0;
	store_auto *s = NULL;

	(void)state;
	assert_ok(store_open(&s, path, &err));
	for (int i = 0; i < N; i++) {
		/* Every tenth repeats the id before it. */
		(void)snprintf(ids[i], sizeof(ids[i]), "k%d", i % 10 == 9 ? i - 1 : i);
		puts[i] = (struct put){ .id = ids[i],
			.finished = &finished,
			.then = i % 4 == 3 ? CO_EREFUSED : CO_OK };
		args[i] = &puts[i];
	}
	assert_rc(store_submit_many(s, put_work, put_done, args, CO_ARRAY_LEN(args), &err),
		CO_EBUSY);
	assert_ok(store_submit_many(s, put_work, put_done, args, N, &err));
	while (atomic_load(&finished) < N)
		(void)usleep(1000);
	for (int i = 0; i < N; i++) {
		bool repeats = i % 10 == 9 && puts[i - 1].err.rc == CO_OK;

		assert_int_equal(puts[i].err.rc,
			repeats ? CO_EEXISTS : i % 4 == 3 ? CO_EREFUSED : CO_OK);
		if (i % 10 < 8)
			assert_int_equal(has_event(s, ids[i]), i % 4 != 3);
	}
}

static void
the_same_key_twice_is_told_apart(void **state)
{
	struct put a = { .id = "a" };
	store_auto *s = NULL;

	(void)state;
	assert_ok(store_open(&s, path, &err));
	assert_ok(store_write(s, put_work, &a, &err));
	assert_rc(store_write(s, put_work, &a, &err), CO_EEXISTS);
}

static void
a_full_disk_acknowledges_nothing_and_heals(void **state)
{
	enum { N = 5 };
	static struct put puts[N];
	static const char *const ids[N] = { "f0", "f1", "f2", "f3", "f4" };
	struct put after = { .id = "after" };
	atomic_int finished = 0;
	store_auto *s = NULL;

	(void)state;
	assert_ok(store_open(&s, path, &err));
	atomic_store(&disk_full, true);
	for (int i = 0; i < N; i++) {
		puts[i] = (struct put){ .id = ids[i], .finished = &finished };
		assert_ok(store_submit(s, put_work, put_done, &puts[i], &err));
	}
	while (atomic_load(&finished) < N)
		(void)usleep(1000);
	for (int i = 0; i < N; i++) {
		assert_int_equal(puts[i].err.rc, CO_ENOSPACE);
		assert_non_null(strstr(puts[i].err.msg, "disk is full"));
	}
	atomic_store(&disk_full, false);
	assert_ok(store_write(s, put_work, &after, &err));
	assert_true(has_event(s, "after"));
	for (int i = 0; i < N; i++)
		assert_false(has_event(s, ids[i]));
}

static enum co_rc
nested_work(struct store_db *db, void *arg, struct co_err *e)
{
	store_stmt_auto *outer = NULL, *inner = NULL;
	bool row = false;

	(void)arg;
	if (store_query(db, Q_EVENT_PAGE, &outer, e, "ii", (int64_t)0, (int64_t)10) != CO_OK ||
		store_step(outer, &row, e) != CO_OK)
		return e->rc;
	assert_true(row);
	if (store_query(db, Q_EVENT_PAGE, &inner, e, "ii", (int64_t)0, (int64_t)10) != CO_OK ||
		store_step(inner, &row, e) != CO_OK)
		return e->rc;
	assert_true(row);
	assert_string_equal(store_text(outer, 1), store_text(inner, 1));
	return CO_OK;
}

static void
a_query_may_be_asked_again_while_it_runs(void **state)
{
	struct put a = { .id = "a" };
	store_auto *s = NULL;

	(void)state;
	assert_ok(store_open(&s, path, &err));
	assert_ok(store_write(s, put_work, &a, &err));
	assert_ok(store_write(s, nested_work, NULL, &err));
}

static void
a_snapshot_does_not_see_later_writes(void **state)
{
	struct put a = { .id = "a" }, b = { .id = "b" };
	store_auto *s = NULL;
	struct store_db *db = NULL;

	(void)state;
	assert_ok(store_open(&s, path, &err));
	assert_ok(store_write(s, put_work, &a, &err));
	assert_ok(store_reader(s, &db, &err));
	assert_ok(store_snapshot(db, &err));
	assert_true(has_event(s, "a"));
	assert_ok(store_write(s, put_work, &b, &err));
	assert_false(has_event(s, "b"));
	store_snapshot_end(db);
	assert_true(has_event(s, "b"));
}

static void
a_reader_cannot_write(void **state)
{
	store_auto *s = NULL;
	struct store_db *db = NULL;

	(void)state;
	assert_ok(store_open(&s, path, &err));
	assert_ok(store_reader(s, &db, &err));
	assert_rc(
		store_run(db, NULL, Q_EVENT_INSERT, &err, "tittt", "x", (int64_t)1, "w", "w", "{}"),
		CO_EDENIED);
}

static void
a_newer_schema_and_a_foreign_file_are_refused_in_words(void **state)
{
	store_auto *s = NULL;
	sqlite3 *h = NULL;
	FILE *f;

	(void)state;
	assert_ok(store_open(&s, path, &err));
	store_close(&s);
	assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
	assert_int_equal(sqlite3_exec(h, "INSERT INTO schema_version VALUES (999, 'x', 1)", NULL,
				 NULL, NULL),
		SQLITE_OK);
	(void)sqlite3_close(h);
	co_err_clear(&err);
	assert_int_equal(store_open(&s, path, &err), CO_ESTORE);
	assert_non_null(strstr(err.msg, "newer Comity"));
	co_err_clear(&err);
	f = fopen(path, "w");
	assert_non_null(f);
	for (int i = 0; i < 1000; i++)
		(void)fputs("not a database ", f);
	(void)fclose(f);
	assert_int_equal(store_open(&s, path, &err), CO_ESTORE);
	assert_non_null(strstr(err.msg, "no database of this program"));
	co_err_clear(&err);
}

static void *
other_thread(void *arg)
{
	struct store_db *db = NULL;
	struct co_err e = { 0 };

	return store_reader(arg, &db, &e) == CO_OK ? db : NULL;
}

static void
each_thread_has_its_reader_and_leaves_none_behind(void **state)
{
	store_auto *s = NULL;
	struct store_db *mine = NULL;
	void *theirs = NULL;
	pthread_t t;

	(void)state;
	assert_ok(store_open(&s, path, &err));
	assert_ok(store_reader(s, &mine, &err));
	assert_int_equal(pthread_create(&t, NULL, other_thread, s), 0);
	assert_int_equal(pthread_join(t, &theirs), 0);
	assert_non_null(theirs);
	assert_ptr_equal(s->readers, mine);
	assert_null(mine->next);
}

static void
sql(const char *text)
{
	sqlite3 *h = NULL;

	assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
	if (sqlite3_exec(h, text, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", text, sqlite3_errmsg(h));
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
}

/* Who only looks makes nothing and changes nothing: an older node may be running on it. */
static void
a_look_brings_nothing_to_another_form(void **state)
{
	struct put a = { .id = "a" };
	store_auto *s = NULL;
	store_auto *look = NULL;
	struct stat sb;

	(void)state;
	assert_int_equal(store_look(&look, path, &err), CO_EIO);
	co_err_clear(&err);
	assert_int_equal(stat(path, &sb), -1);
	assert_ok(store_open(&s, path, &err));
	assert_ok(store_write(s, put_work, &a, &err));
	assert_ok(store_look(&look, path, &err));
	assert_true(has_event(look, "a"));
	store_close(&look);
	store_close(&s);

	sql("CREATE TABLE kept AS SELECT * FROM schema_version ORDER BY version DESC LIMIT 1;"
	    "DELETE FROM schema_version WHERE version IN (SELECT version FROM kept)");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(store_look(&look, path, &err), CO_ESTORE);
		assert_non_null(strstr(err.msg, "older Comity"));
		co_err_clear(&err);
	}
	sql("INSERT INTO schema_version SELECT * FROM kept");
	assert_ok(store_look(&look, path, &err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			every_query_is_prepared_on_a_fresh_schema, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_is_written_survives_reopening_and_the_file_is_private, setup,
			teardown),
		cmocka_unit_test_setup_teardown(a_failing_job_is_undone_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(
			jobs_submitted_together_succeed_and_fail_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(the_same_key_twice_is_told_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_full_disk_acknowledges_nothing_and_heals, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_query_may_be_asked_again_while_it_runs, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_snapshot_does_not_see_later_writes, setup, teardown),
		cmocka_unit_test_setup_teardown(a_reader_cannot_write, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_look_brings_nothing_to_another_form, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_newer_schema_and_a_foreign_file_are_refused_in_words, setup, teardown),
		cmocka_unit_test_setup_teardown(
			each_thread_has_its_reader_and_leaves_none_behind, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
