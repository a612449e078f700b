/* Each test restricts a child, because nothing here can be undone. */
#include "test.h"

#include "base/fs.h"
#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct co_err err;
static char home[64];

/* 0 when fn returned 0; its value as exit status, or 128 + signal. */
static int
in_child(int (*fn)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(fn());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void
put(const char *name, const char *text)
{
	co_auto_free char *path = co_path_join(home, name);

	assert_ok(co_write_file(path, text, strlen(text), 0600, &err));
}

static int
set_up(void **state)
{
	static const char *const folders[] = { "keys", "secret", "vault", "run" };

	(void)state;
	(void)snprintf(home, sizeof(home), "/tmp/comity-sandbox-XXXXXX");
	if (mkdtemp(home) == NULL)
		return -1;
	for (size_t i = 0; i < CO_ARRAY_LEN(folders); i++) {
		co_auto_free char *path = co_path_join(home, folders[i]);

		if (mkdir(path, 0700) != 0)
			return -1;
	}
	put("node.db", "db");
	put("comity.conf", "conf");
	put("keys/seal.key", "private");
	put("secret/passphrase", "word");
	return 0;
}

static int
tear_down(void **state)
{
	char cmd[128];

	(void)state;
	(void)snprintf(cmd, sizeof(cmd), "rm -rf '%s'", home);
	return system(cmd);
}

static int
try_open(const char *name, int flags)
{
	co_auto_free char *path = co_path_join(home, name);
	co_auto_fd fd = open(path, flags | O_CLOEXEC, 0600);

	return fd >= 0 ? 0 : errno;
}

static enum co_rc
restrict_node(void)
{
	co_auto_free char *db = co_path_join(home, "node.db"), *vault = co_path_join(home, "vault"),
			  *conf = co_path_join(home, "comity.conf"),
			  *key = co_path_join(home, "keys/seal.key"),
			  *word = co_path_join(home, "secret/passphrase");
	const struct sandbox_rule rules[] = {
		{ home, SANDBOX_LIST },
		{ db, SANDBOX_WRITE },
		{ vault, SANDBOX_WRITE },
		{ conf, SANDBOX_READ },
	};
	const char *const forbidden[] = { key, word };

	co_err_clear(&err);
	return sandbox_node(rules, CO_ARRAY_LEN(rules), forbidden, CO_ARRAY_LEN(forbidden), &err);
}

#define STEP(n, cond) \
	do { \
		if (!(cond)) \
			return (n); \
	} while (0)

static int
child_files(void)
{
	STEP(1, try_open("keys/seal.key", O_RDONLY) == 0);
	STEP(2, restrict_node() == CO_OK);
	STEP(3, try_open("keys/seal.key", O_RDONLY) == EACCES);
	STEP(4, try_open("keys/seal.key", O_WRONLY) == EACCES);
	STEP(5, try_open("secret/passphrase", O_RDONLY) == EACCES);
	STEP(6, try_open("keys/new.key", O_WRONLY | O_CREAT) == EACCES);
	STEP(7, try_open("node.db", O_RDWR) == 0);
	STEP(8, try_open("vault/part", O_RDWR | O_CREAT) == 0);
	STEP(9, try_open("comity.conf", O_RDONLY) == 0);
	STEP(10, try_open("comity.conf", O_WRONLY) == EACCES);
	STEP(11, try_open(".", O_RDONLY | O_DIRECTORY) == 0);
	STEP(12, try_open("other", O_WRONLY | O_CREAT) == EACCES);
	STEP(13, open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0);
	STEP(14, open("/root", O_RDONLY | O_CLOEXEC) < 0);
	STEP(15, open("/tmp/comity-elsewhere", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) < 0);
	return 0;
}

static int
child_network(void)
{
	int one[2];
	int fd;

	STEP(1, restrict_node() == CO_OK);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	STEP(2, fd >= 0 && listen(fd, 1) == 0);
	STEP(3, socketpair(AF_UNIX, SOCK_STREAM, 0, one) == 0);
	return 0;
}

static int
child_secrecy(void)
{
	pid_t parent = getpid();
	pid_t keeper = fork();
	char mem[64];

	if (keeper == 0) {
		/* The parent may be gone already, then no signal comes any more. */
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent ||
			sandbox_private(NULL) != CO_OK)
			_exit(1);
		for (;;)
			(void)pause();
	}
	STEP(1, restrict_node() == CO_OK);
	STEP(2, ptrace(PTRACE_ATTACH, keeper, NULL, NULL) != 0 && errno == EPERM);
	(void)snprintf(mem, sizeof(mem), "/proc/%d/mem", (int)keeper);
	STEP(3, open(mem, O_RDONLY | O_CLOEXEC) < 0);
	STEP(4, prctl(PR_GET_DUMPABLE) == 0);
	STEP(5, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	return 0;
}

static int
child_forbidden(void)
{
	const struct sandbox_rule rules[] = { { home, SANDBOX_READ } };
	co_auto_free char *key = co_path_join(home, "keys/seal.key");
	const char *const forbidden[] = { key };

	co_err_clear(&err);
	STEP(1, sandbox_node(rules, 1, forbidden, 1, &err) == CO_EDENIED);
	STEP(2, strstr(err.msg, "keys/seal.key") != NULL);
	return 0;
}

static int
child_missing(void)
{
	const struct sandbox_rule rules[] = { { "/tmp/comity-no-such-file", SANDBOX_READ } };

	co_err_clear(&err);
	STEP(1, sandbox_node(rules, 1, NULL, 0, &err) == CO_ENOTFOUND);
	STEP(2, strstr(err.msg, "/tmp/comity-no-such-file") != NULL);
	return 0;
}

static void
node_reads_only_what_is_listed_and_never_keys(void **state)
{
	(void)state;
	if (sandbox_landlock() == 0)
		skip();
	assert_int_equal(in_child(child_files), 0);
}

static void
node_keeps_its_network(void **state)
{
	(void)state;
	if (sandbox_landlock() == 0)
		skip();
	assert_int_equal(in_child(child_network), 0);
}

static void
node_can_neither_trace_nor_read_a_process_outside(void **state)
{
	(void)state;
	if (sandbox_landlock() == 0)
		skip();
	assert_int_equal(in_child(child_secrecy), 0);
}

static void
rule_above_a_forbidden_path_is_a_failure(void **state)
{
	(void)state;
	if (sandbox_landlock() == 0)
		skip();
	assert_int_equal(in_child(child_forbidden), 0);
}

static void
rule_for_a_missing_path_is_named(void **state)
{
	(void)state;
	if (sandbox_landlock() == 0)
		skip();
	assert_int_equal(in_child(child_missing), 0);
}

static int
keeper_memory(void)
{
	void *p;

	STEP(1, sandbox_keeper(false, &err) == CO_OK);
	p = malloc(1 << 22);
	STEP(2, p != NULL);
	memset(p, 1, 1 << 22);
	free(p);
	return 0;
}

static int
keeper_opens(void)
{
	STEP(1, sandbox_keeper(false, &err) == CO_OK);
	return open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0 ? 2 : 3;
}

static int
keeper_connects(void)
{
	STEP(1, sandbox_keeper(true, &err) == CO_OK);
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0 ? 2 : 3;
}

static int
keeper_maps_code(void)
{
	STEP(1, sandbox_keeper(true, &err) == CO_OK);
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
		MAP_FAILED;
}

static int
keeper_executes(void)
{
	STEP(1, sandbox_keeper(true, &err) == CO_OK);
	return execl("/bin/true", "true", (char *)NULL);
}

static int
keeper_token_files(void)
{
	STEP(1, sandbox_keeper(true, &err) == CO_OK);
	STEP(2, open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0);
	return 0;
}

static void
keeper_keeps_memory_and_loses_everything_else(void **state)
{
	(void)state;
	assert_int_equal(in_child(keeper_memory), 0);
	assert_int_equal(in_child(keeper_token_files), 0);
	assert_int_equal(in_child(keeper_opens), 128 + SIGSYS);
	assert_int_equal(in_child(keeper_connects), 128 + SIGSYS);
	assert_int_equal(in_child(keeper_maps_code), 128 + SIGSYS);
	assert_int_equal(in_child(keeper_executes), 128 + SIGSYS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(node_reads_only_what_is_listed_and_never_keys),
		cmocka_unit_test(node_keeps_its_network),
		cmocka_unit_test(node_can_neither_trace_nor_read_a_process_outside),
		cmocka_unit_test(rule_above_a_forbidden_path_is_a_failure),
		cmocka_unit_test(rule_for_a_missing_path_is_named),
		cmocka_unit_test(keeper_keeps_memory_and_loses_everything_else),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
