/* Real programs that misbehave (tests/lib/child_probe.c), started by a caller with threads. */
#include "test.h"

#include "base/buf.h"
#include "base/child.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SHADOWED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SHADOWED 1
#endif
#endif
#ifndef SHADOWED
#define SHADOWED 0
#endif

static struct co_err err;
static struct child_report report;
static char said[1 << 17];
static size_t said_n;

static enum co_rc
keep(void *arg, const void *p, size_t n, struct co_err *e)
{
	(void)arg;
	if (said_n + n >= sizeof(said))
		return co_fail(e, CO_ETOOBIG, "test");
	memcpy(said + said_n, p, n);
	said_n += n;
	said[said_n] = '\0';
	return CO_OK;
}

static struct child_conf
way(const char *const *argv)
{
	said_n = 0;
	said[0] = '\0';
	co_err_clear(&err);
	return (struct child_conf){ .program = "child_probe",
		.argv = argv,
		.limits = { .memory = 64u << 20, .answer = 1u << 16, .wall_ms = 20000,
		.cpu_s = 20 }, .sink = keep };
}

static enum co_rc
run(const char *name)
{
	const char *const argv[] = { name, NULL };
	struct child_conf conf = way(argv);

	return child_run(&conf, &report, &err);
}

static void
no_child_is_left(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void
it_gets_what_is_named_and_nothing_else(void **state)
{
	const char *const argv[] = { "tells", "word", NULL };
	struct child_conf conf = way(argv);
	int fds[2], other = open("/etc/passwd", O_RDONLY); /* without O_CLOEXEC, as a library may */

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(write(fds[1], "content", 7), 7);
	conf.fds = fds;
	conf.fds_n = 1;
	conf.job = "{}";
	conf.job_n = 2;
	assert_ok(child_run(&conf, &report, &err));
	assert_string_equal(said, "4 word job={} fd=content env=0 four=-1");
	assert_int_equal(report.end, CHILD_EXITED);
	close(fds[0]);
	close(fds[1]);
	close(other);
	assert_ok(run("core"));
	no_child_is_left();
}

static void
descriptors_in_any_order_find_their_place(void **state)
{
	const char *const argv[] = { "tells", "x", NULL };
	struct child_conf conf = way(argv);
	int low[2], fds[1];

	(void)state;
	/* The one to give stands where another has to be, and is far from where it goes. */
	assert_int_equal(pipe2(low, O_CLOEXEC), 0);
	assert_int_equal(write(low[1], "far", 3), 3);
	fds[0] = fcntl(low[0], F_DUPFD_CLOEXEC, 200);
	conf.fds = fds;
	conf.fds_n = 1;
	assert_ok(child_run(&conf, &report, &err));
	assert_non_null(strstr(said, "job= fd=far"));
	close(fds[0]);
	close(low[0]);
	close(low[1]);
}

static void
hanging_is_stopped_by_the_clock(void **state)
{
	const char *const argv[] = { "hang", NULL };
	struct child_conf conf = way(argv);

	(void)state;
	conf.limits.wall_ms = 300;
	assert_int_equal(child_run(&conf, &report, &err), CO_ETIMEOUT);
	assert_int_equal(report.end, CHILD_WALL);
	assert_non_null(strstr(err.msg, "longer than 0.3 s"));
	assert_true(report.wall_us >= 300000);
	no_child_is_left();
}

static void
spinning_is_stopped_by_processor_time(void **state)
{
	const char *const argv[] = { "spin", NULL };
	struct child_conf conf = way(argv);

	(void)state;
	conf.limits.cpu_s = 1;
	assert_int_equal(child_run(&conf, &report, &err), CO_ETIMEOUT);
	assert_int_equal(report.end, CHILD_CPU);
	assert_non_null(strstr(err.msg, "1 s of processor time"));
}

static void
memory_is_bounded_and_named(void **state)
{
	(void)state;
	if (SHADOWED)
		skip();
	assert_int_equal(run("eat"), CO_ETOOBIG);
	assert_int_equal(report.end, CHILD_MEMORY);
	assert_non_null(strstr(err.msg, "64 MiB"));
	assert_true(report.peak < (80u << 20));
	assert_int_equal(run("eat-blindly"), CO_ETOOBIG);
	assert_int_equal(report.end, CHILD_MEMORY);
	assert_true(report.peak < (80u << 20));
}

static void
what_it_gave_up_stops_it(void **state)
{
	static const char *const forbidden[] = { "forks", "connects", "executes", "traces",
		"maps-code", "threads-not" };

	(void)state;
	if (sandbox_landlock() == 0)
		skip();
	for (size_t i = 0; i < CO_ARRAY_LEN(forbidden); i++) {
		if (run(forbidden[i]) != CO_EDENIED || report.end != CHILD_FORBIDDEN)
			fail_msg("%s: %s, %s", forbidden[i], child_end_name(report.end), err.msg);
		assert_int_equal(report.status, SIGSYS);
	}
	assert_ok(run("opens"));
	assert_ok(run("creates"));
	no_child_is_left();
}

static void
what_it_keeps_works(void **state)
{
	(void)state;
	if (sandbox_landlock() == 0)
		skip();
	assert_ok(run("threads"));
	assert_ok(run("reads"));
}

static void
flood_is_stopped(void **state)
{
	(void)state;
	co_err_clear(&err);
	assert_int_equal(run("floods"), CO_ETOOBIG);
	assert_int_equal(report.end, CHILD_ANSWER);
	assert_true(report.answer <= 1u << 16);
	assert_int_equal(run("murmurs"), CO_EINTERNAL);
	assert_int_equal(report.status, 5);
	assert_non_null(strstr(err.msg, "line 99999"));
	assert_true(strlen(report.errors) <= CHILD_ERRORS);
}

static void
file_has_a_limit(void **state)
{
	const char *const argv[] = { "writes", NULL };
	struct child_conf conf = way(argv);
	int fd = memfd_create("test", MFD_CLOEXEC);

	(void)state;
	conf.fds = &fd;
	conf.fds_n = 1;
	conf.limits.file_size = 1 << 16;
	assert_int_equal(child_run(&conf, &report, &err), CO_ETOOBIG);
	assert_int_equal(report.end, CHILD_FILE_SIZE);
	assert_int_equal(lseek(fd, 0, SEEK_END), 1 << 16);
	close(fd);
}

static void
crash_and_failure_are_told(void **state)
{
	(void)state;
	assert_int_equal(run("crashes"), CO_EMALFORMED);
	assert_int_equal(report.end, CHILD_SIGNAL);
	assert_int_equal(report.status, SIGSEGV);
	assert_non_null(strstr(err.msg, "SEGV"));
	assert_int_equal(run("fails"), CO_EMALFORMED);
	assert_string_equal(err.msg, "the image has no end");
	assert_int_equal(run("no such way"), CO_EINTERNAL);
	assert_int_equal(report.status, 99);
}

static enum co_rc
cancel(void *arg, struct co_err *e)
{
	(void)arg;
	return co_fail(e, CO_ECLOSED, "interrupted by the officer");
}

static enum co_rc
full(void *arg, const void *p, size_t n, struct co_err *e)
{
	(void)arg, (void)p, (void)n;
	return co_fail(e, CO_ENOSPACE, "disk full");
}

static void
caller_can_cancel_or_fail(void **state)
{
	const char *const argv[] = { "hang", NULL }, *const flood[] = { "floods", NULL };
	struct child_conf conf = way(argv);

	(void)state;
	conf.tick = cancel;
	assert_int_equal(child_run(&conf, &report, &err), CO_ECLOSED);
	assert_int_equal(report.end, CHILD_CANCELLED);
	assert_string_equal(err.msg, "interrupted by the officer");
	conf = way(flood);
	conf.sink = full;
	assert_int_equal(child_run(&conf, &report, &err), CO_ENOSPACE);
	assert_int_equal(report.end, CHILD_CALLER);
	no_child_is_left();
}

static enum co_rc
pong(void *arg, struct co_err *e)
{
	char q[4];
	ssize_t n = read(*(int *)arg, q, sizeof(q));

	if (n == 0)
		return CO_ECLOSED;
	if (n != 4)
		return co_fail(e, CO_EMALFORMED, "test");
	return write(*(int *)arg, "pong", 4) == 4 ? CO_OK : co_fail_errno(e, "test");
}

static void
caller_serves_while_it_runs(void **state)
{
	const char *const argv[] = { "asks", NULL };
	struct child_conf conf = way(argv);
	int s[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s), 0);
	conf.fds = &s[1];
	conf.fds_n = 1;
	conf.serve[0] = (struct child_serve){ s[0], pong, &s[0] };
	conf.serve_n = 1;
	assert_ok(child_run(&conf, &report, &err));
	close(s[0]);
	close(s[1]);
}

static void
missing_program_is_named(void **state)
{
	struct child_conf conf = way(NULL);

	(void)state;
	conf.program = "comity-no-such";
	assert_int_equal(child_run(&conf, NULL, &err), CO_ENOTFOUND);
	assert_non_null(strstr(err.msg, "comity-no-such"));
	co_err_clear(&err);
	conf.program = "/etc/passwd";
	assert_int_equal(child_run(&conf, NULL, &err), CO_EDENIED);
	assert_non_null(strstr(err.msg, "exec"));
	no_child_is_left();
}

static bool
gone(pid_t pid)
{
	char path[64];
	char text[256] = "";
	co_auto_fd fd = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 || read(fd, text, sizeof(text) - 1) <= 0 || strstr(text, ") Z") != NULL;
}

static enum co_rc
pass_on(void *arg, const void *p, size_t n, struct co_err *e)
{
	return co_write_all(*(int *)arg, p, n, e);
}

static void
it_does_not_outlive_its_caller(void **state)
{
	const char *const argv[] = { "pid", NULL };
	struct child_conf conf = way(argv);
	char text[64] = "";
	int fds[2], pid;
	pid_t caller;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	caller = fork();
	if (caller == 0) {
		conf.sink = pass_on;
		conf.arg = &fds[1];
		_exit(child_run(&conf, NULL, &err) != CO_OK);
	}
	close(fds[1]);
	assert_true(read(fds[0], text, sizeof(text) - 1) > 0);
	pid = (int)strtol(text, NULL, 10);
	assert_true(pid > 1);
	assert_int_equal(getpgid(pid), pid);
	assert_false(gone(pid));
	assert_int_equal(kill(caller, SIGKILL), 0);
	assert_int_equal(waitpid(caller, NULL, 0), caller);
	for (int i = 0; i < 500 && !gone(pid); i++)
		(void)poll(NULL, 0, 10);
	assert_true(gone(pid));
	close(fds[0]);
}

static atomic_bool ended;

static void *
busy(void *arg)
{
	while (!atomic_load(&ended))
		free(malloc(1000));
	return arg;
}

static void *
many(void *arg)
{
	const char *const argv[] = { "core", NULL };
	struct child_conf conf = { .program = "child_probe",
		.argv = argv,
		.limits = { .answer = 10, .wall_ms = 20000 } };
	struct co_err e = { 0 };

	for (int i = 0; i < 20; i++)
		if (child_run(&conf, NULL, &e) != CO_OK)
			return arg;
	return NULL;
}

static void
threads_start_many_side_by_side(void **state)
{
	pthread_t t[4], b;
	void *failed = NULL;

	(void)state;
	assert_int_equal(pthread_create(&b, NULL, busy, NULL), 0);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, many, &ended), 0);
	for (size_t i = 0; i < 4; i++) {
		void *one;

		assert_int_equal(pthread_join(t[i], &one), 0);
		failed = one != NULL ? one : failed;
	}
	atomic_store(&ended, true);
	assert_int_equal(pthread_join(b, NULL), 0);
	assert_null(failed);
	no_child_is_left();
}

/* The node may start one program although Landlock holds it, and no other. */
static void
a_held_node_starts_only_what_is_named(void **state)
{
	char path[4096];
	int status;
	pid_t pid;

	(void)state;
	if (sandbox_landlock() == 0)
		skip();
	assert_ok(child_program("child_probe", path, sizeof(path), &err));
	pid = fork();
	if (pid == 0) {
		const struct sandbox_rule rule = { path, SANDBOX_RUN };
		const char *const argv[] = { "opens", NULL };
		struct child_conf conf = way(argv);

		if (sandbox_node(&rule, 1, NULL, 0, &err) != CO_OK ||
			child_run(&conf, NULL, &err) != CO_OK)
			_exit(2);
		conf.program = "/bin/true";
		_exit(child_run(&conf, NULL, &err) == CO_OK ? 3 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_gets_what_is_named_and_nothing_else),
		cmocka_unit_test(descriptors_in_any_order_find_their_place),
		cmocka_unit_test(hanging_is_stopped_by_the_clock),
		cmocka_unit_test(spinning_is_stopped_by_processor_time),
		cmocka_unit_test(memory_is_bounded_and_named),
		cmocka_unit_test(what_it_gave_up_stops_it),
		cmocka_unit_test(what_it_keeps_works),
		cmocka_unit_test(flood_is_stopped),
		cmocka_unit_test(file_has_a_limit),
		cmocka_unit_test(crash_and_failure_are_told),
		cmocka_unit_test(caller_can_cancel_or_fail),
		cmocka_unit_test(caller_serves_while_it_runs),
		cmocka_unit_test(missing_program_is_named),
		cmocka_unit_test(it_does_not_outlive_its_caller),
		cmocka_unit_test(threads_start_many_side_by_side),
		cmocka_unit_test(a_held_node_starts_only_what_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
