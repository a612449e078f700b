/* kill -9 and a full disk while an exhibit is sealed or received: what is named is whole, what is
 * not named is resumed or swept, never taken for whole. */
#include "pki.h"

#include "base/enc.h"
#include "base/fs.h"
#include "vault/vault.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static const char id[] = "0196a1b2-0000-7000-8000-00000000c0de";
static const unsigned char key[CHUNKED_KEY] = { 7 };
static struct co_err err;
static char dir[32], from_folder[64], to_folder[64];
static unsigned char *sealed;
static size_t sealed_n;
static struct vault_sums sums;

enum { SIZE = 6 * 1048576 + 3, RANGE = 524288 };

static enum co_rc
seal(const char *folder, bool halfway)
{
	co_auto_free unsigned char *p = malloc(65536);
	vault_auto *v = NULL;
	vault_seal_auto *s = NULL;
	enum co_rc rc;

	if (p == NULL)
		return CO_ENOMEM;
	memset(p, 'e', 65536);
	rc = vault_open(&v, folder, &err);
	if (rc == CO_OK)
		rc = vault_seal_begin(&s, v, id, key, NULL, &err);
	for (size_t at = 0; rc == CO_OK && at < SIZE; at += 65536) {
		rc = vault_seal_add(s, p, SIZE - at < 65536 ? SIZE - at : 65536, &err);
		if (halfway && at >= SIZE / 2)
			(void)raise(SIGSTOP);
	}
	return rc == CO_OK ? vault_seal_end(s, &sums, &err) : rc;
}

static void
folders(void)
{
	(void)snprintf(from_folder, sizeof(from_folder), "%s/from", dir);
	(void)snprintf(to_folder, sizeof(to_folder), "%s/to", dir);
}

static void
load(void)
{
	vault_auto *v = NULL;
	co_auto_fd fd = -1;
	struct stat st;

	assert_ok(vault_open(&v, from_folder, &err));
	assert_ok(vault_fd(v, id, &fd, &err));
	assert_int_equal(fstat(fd, &st), 0);
	sealed = malloc((size_t)st.st_size);
	assert_non_null(sealed);
	assert_ok(co_read_full(fd, sealed, (size_t)st.st_size, &sealed_n, &err));
}

static int
setup(void **state)
{
	(void)state;
	co_err_clear(&err);
	scratch_make(dir);
	folders();
	assert_int_equal(seal(from_folder, false), CO_OK);
	load();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	free(sealed);
	scratch_drop(dir);
	return 0;
}

/* What progress tells must survive a kill. */
static void
landed(struct vault_fill *f, uint64_t upto)
{
	uint64_t done = 0, of;

	while (done < upto) {
		vault_fill_progress(f, &done, &of);
		(void)usleep(100);
	}
}

/* Everything that is missing, then the end; tells ack after each range, and
 * halts after some (0: never). */
static enum co_rc
receive(int ack, int halt_after)
{
	vault_auto *v = NULL;
	vault_fill_auto *f = NULL;
	uint64_t from, n;
	enum co_rc rc = vault_open(&v, to_folder, &err);

	if (rc == CO_OK)
		rc = vault_fill_begin(&f, v, id, key, sums.header, sealed_n, NULL, &err);
	while (rc == CO_OK && vault_fill_next(f, RANGE, &from, &n)) {
		rc = vault_fill_add(f, from, sealed + from, (size_t)n, &err);
		if (rc != CO_OK)
			vault_fill_return(f, from, n);
		landed(f, rc == CO_OK && ack >= 0 ? from + n : 0);
		if (ack >= 0 && write(ack, "x", 1) != 1)
			_exit(3);
		if (--halt_after == 0)
			(void)raise(SIGSTOP);
	}
	return rc == CO_OK ? vault_fill_end(f, sums.plain_sha256, &err) : rc;
}

static void
whole(void)
{
	vault_auto *v = NULL;
	struct vault_sums got;
	co_auto_fd fd = -1;

	assert_ok(vault_open(&v, to_folder, &err));
	assert_ok(vault_fd(v, id, &fd, &err));
	assert_ok(vault_unseal(fd, id, key, NULL, NULL, NULL, &got, &err));
	assert_string_equal(got.plain_sha256, sums.plain_sha256);
	assert_int_equal(scratch_run(dir, "[ \"$(ls -A to)\" = %s.sealed ]", id), 0);
}

static void
killed_while_receiving_it_goes_on_at_the_last_group(void **state)
{
	(void)state;
	for (int kill_after = 1; kill_after < 12; kill_after += 3) {
		vault_auto *v = NULL;
		vault_fill_auto *f = NULL;
		uint64_t done, of;
		int ack[2], status;
		char c;
		pid_t pid;

		assert_int_equal(pipe(ack), 0);
		pid = fork();
		if (pid == 0)
			_exit(receive(ack[1], kill_after) == CO_OK ? 0 : 1);
		for (int i = 0; i < kill_after; i++)
			assert_int_equal(read(ack[0], &c, 1), 1);
		waitpid(pid, &status, WUNTRACED);
		assert_true(WIFSTOPPED(status));
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		assert_true(WIFSIGNALED(status));
		close(ack[0]);
		close(ack[1]);
		assert_ok(vault_open(&v, to_folder, &err));
		assert_ok(vault_fill_begin(&f, v, id, key, sums.header, sealed_n, NULL, &err));
		vault_fill_progress(f, &done, &of);
		/* Each range is at least a group of 16 chunks. */
		assert_true(done >= (uint64_t)kill_after * 16 * CHUNKED_CIPHER);
		vault_fill_free(&f);
		vault_close(&v);
		assert_int_equal(receive(-1, 0), CO_OK);
		whole();
		assert_int_equal(scratch_run(dir, "rm -r to"), 0);
	}
}

static void
killed_while_sealing_nothing_is_named_and_the_rest_swept(void **state)
{
	vault_auto *v = NULL;
	uint64_t size;
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(seal(to_folder, true) == CO_OK ? 0 : 1);
	waitpid(pid, &status, WUNTRACED);
	assert_true(WIFSTOPPED(status));
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status));
	assert_ok(vault_open(&v, to_folder, &err));
	assert_rc(vault_size(v, id, &size, &err), CO_ENOTFOUND);
	assert_int_equal(scratch_run(dir, "[ -z \"$(ls -A to)\" ]"), 0);
	assert_int_equal(seal(to_folder, false), CO_OK);
}

/* A limit on the size of files fails writes as a full disk does, but with EFBIG. */
static void
limited(rlim_t bytes)
{
	struct rlimit l = { bytes, bytes };

	(void)signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &l) != 0)
		_exit(9);
}

typedef enum co_rc attempt(void);

static int
in_child(attempt *fn)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		limited(2 * 1048576);
		_exit(fn() == CO_EIO ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static enum co_rc
seal_limited(void)
{
	return seal(to_folder, false);
}

static enum co_rc
receive_limited(void)
{
	return receive(-1, 0);
}

static void
a_disk_that_takes_no_more_leaves_no_false_exhibit(void **state)
{
	(void)state;
	assert_int_equal(in_child(seal_limited), 0);
	assert_int_equal(scratch_run(dir, "[ -z \"$(ls -A to)\" ]"), 0);
	assert_int_equal(in_child(receive_limited), 0);
	assert_int_equal(scratch_run(dir, "[ -s to/%s.part ] && [ ! -e to/%s.sealed ]", id, id), 0);
	/* With room again it goes on. */
	assert_int_equal(receive(-1, 0), CO_OK);
	whole();
}

#ifdef COMITY_FAULTS
/* The points are read once in a process, so each fault has a fresh one: this program again. */
static int
with_fault(const char *fault, const char *what, enum co_rc want)
{
	char code[16], header[2 * CHUNKED_HEADER + 1];
	int status;
	pid_t pid;

	(void)snprintf(code, sizeof(code), "%d", (int)want);
	co_hex(sums.header, CHUNKED_HEADER, header);
	pid = fork();
	if (pid == 0) {
		(void)setenv("COMITY_FAULT", fault, 1);
		(void)execl("/proc/self/exe", "test_vault_crash", what, dir, sums.plain_sha256,
			header, code, (char *)NULL);
		_exit(8);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

static int
as_child(char **argv)
{
	enum co_rc rc;

	(void)snprintf(dir, sizeof(dir), "%s", argv[2]);
	(void)snprintf(sums.plain_sha256, sizeof(sums.plain_sha256), "%s", argv[3]);
	if (!co_unhex(argv[4], sums.header, CHUNKED_HEADER))
		return 9;
	folders();
	if (strcmp(argv[1], "fill") == 0)
		load();
	rc = strcmp(argv[1], "fill") == 0 ? receive(-1, 0) : seal(to_folder, false);
	return rc == (enum co_rc)strtol(argv[5], NULL, 10) ? 0 : 1;
}

static void
every_fault_point_is_survived(void **state)
{
	(void)state;
	assert_int_equal(with_fault("vault.seal-write:3", "seal", CO_OK), SIGKILL);
	assert_int_equal(with_fault("vault.seal-write:3:fail", "seal", CO_ENOSPACE), 0);
	assert_int_equal(with_fault("write:3:enospc", "seal", CO_ENOSPACE), 0);
	assert_int_equal(with_fault("vault.fill-write:4", "fill", CO_OK), SIGKILL);
	assert_int_equal(with_fault("vault.fill-write:4:fail", "fill", CO_ENOSPACE), 0);
	assert_int_equal(with_fault("vault.fill-end", "fill", CO_OK), SIGKILL);
	assert_int_equal(with_fault("vault.fill-end:1:fail", "fill", CO_EIO), 0);
	assert_int_equal(receive(-1, 0), CO_OK);
	whole();
}
#endif

int
main(int argc, char **argv)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(killed_while_receiving_it_goes_on_at_the_last_group),
		T(killed_while_sealing_nothing_is_named_and_the_rest_swept),
		T(a_disk_that_takes_no_more_leaves_no_false_exhibit),
#ifdef COMITY_FAULTS
		T(every_fault_point_is_survived),
#endif
	};

#ifdef COMITY_FAULTS
	if (argc == 6)
		return as_child(argv);
#endif
	(void)argc;
	(void)argv;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
