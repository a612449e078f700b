/* kill -9 in the middle of a stream of commits: what was acknowledged is there, nothing is half
 * there, and the file opens again. */
#include "pki.h"

#include "base/limits.h"
#include "ledger/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static struct co_err err;

enum { ROUNDS = 8 };

struct numbered {
	char id[16];
	int ack; /* where the number is written after the commit */
	uint32_t n;
};

/* Two rows that must live or die together. */
static enum co_rc
two_rows(struct store_db *db, void *arg, struct co_err *e)
{
	struct numbered *job = arg;
	struct leaf leaf;
	enum co_rc rc;

	(void)snprintf(job->id, sizeof(job->id), "n%u", job->n);
	rc = store_run(db, NULL, Q_EVENT_INSERT, e, "tittt", job->id, (int64_t)1, "w", "w", "{}");
	if (rc != CO_OK)
		return rc;
	leaf_make(&leaf, LEAF_EVENT, "{}", 2, NULL, 0);
	return ledger_append(db, &leaf, job->id, NULL, e);
}

static void
acknowledge(void *arg, const struct co_err *e)
{
	struct numbered *job = arg;

	if (e->rc == CO_OK && write(job->ack, &job->n, sizeof(job->n)) != sizeof(job->n))
		_exit(3);
	free(job);
}

/* Never returns: commits until it is killed. */
static void
child(const char *path, uint32_t first, int ack)
{
	store_auto *s = NULL;

	if (store_open(&s, path, &err) != CO_OK)
		_exit(2);
	for (uint32_t n = first;; n++) {
		struct numbered *job = calloc(1, sizeof(*job));

		if (job == NULL)
			_exit(3);
		job->ack = ack;
		job->n = n;
		while (store_submit(s, two_rows, acknowledge, job, NULL) == CO_EBUSY)
			(void)usleep(100);
	}
}

static bool
has(struct store_db *db, enum query q, const char *id)
{
	store_stmt_auto *st = NULL;
	bool row = false;

	assert_ok(store_query(db, q, &st, &err, "t", id));
	assert_ok(store_step(st, &row, &err));
	return row;
}

/* Every acknowledged number has both rows; any other has both or none. */
static uint32_t
check_after(const char *path, const bool *acked, uint32_t cap)
{
	store_auto *s = NULL;
	struct store_db *db = NULL;
	uint32_t last = 0;

	assert_ok(store_open(&s, path, &err));
	assert_ok(store_reader(s, &db, &err));
	for (uint32_t n = 1; n < cap; n++) {
		char id[16];
		bool event, leaf;

		(void)snprintf(id, sizeof(id), "n%u", n);
		event = has(db, Q_EVENT_BY_ID, id);
		leaf = has(db, Q_LEAF_BY_SUBJECT, id);
		assert_int_equal(event, leaf);
		if (acked[n] && !event)
			fail_msg("number %u was acknowledged and is lost", n);
		if (event)
			last = n;
	}
	return last;
}

static void
a_killed_writer_loses_nothing_it_acknowledged(void **state)
{
	enum { CAP = 60000 };
	static bool acked[CAP];
	char dir[32], path[64];
	uint32_t first = 1, total = 0, highest = 0;

	(void)state;
	scratch_make(dir);
	(void)snprintf(path, sizeof(path), "%s/node.db", dir);
	for (int round = 0; round < ROUNDS; round++) {
		int ends[2];
		uint32_t n, got = 0;
		pid_t pid;

		assert_int_equal(pipe(ends), 0);
		pid = fork();
		if (pid == 0)
			child(path, first, ends[1]);
		assert_true(pid > 0);
		(void)close(ends[1]);
		/* Killed after a number of acknowledgements that differs every round. */
		while (read(ends[0], &n, sizeof(n)) == sizeof(n) && n < CAP) {
			acked[n] = true;
			total++;
			highest = n > highest ? n : highest;
			if (++got == 100u + 331u * (uint32_t)round)
				(void)kill(pid, SIGKILL);
		}
		(void)close(ends[0]);
		(void)kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		/* What was committed but not acknowledged any more is at most what waited. */
		assert_true(highest + 2 * LIMIT_WRITER_QUEUE < CAP);
		first = check_after(path, acked, highest + 2 * LIMIT_WRITER_QUEUE) + 1;
	}
	assert_true(total > 1000);
	scratch_drop(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_killed_writer_loses_nothing_it_acknowledged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
