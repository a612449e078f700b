/* An inner program that misbehaves as its first argument says: tests/component/test_child.c. */
#include "base/worker.h"

#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
hang(void)
{
	while (poll(NULL, 0, 1000) == 0)
		continue;
	return 2;
}

static int
spin(void)
{
	for (volatile unsigned i = 1; i != 0; i = i > 1000 ? 1 : i + 1)
		continue;
	return 2;
}

static int
eat(void)
{
	size_t held = 0;

	for (char *p; (p = malloc(1 << 20)) != NULL; held++)
		memset(p, 1, 1 << 20);
	(void)dprintf(STDERR_FILENO, "%zu MiB\n", held);
	return CHILD_EXIT_MEMORY;
}

static int
eat_blindly(void)
{
	for (volatile int i = 1; i != 0;)
		memset(malloc(1 << 20), 1, 1 << 20);
	return 2;
}

static int
forks(void)
{
	return fork() == 0 ? hang() : 0;
}

static int
connects(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0 ? 2 : 3;
}

static int
opens(void)
{
	int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);

	return fd < 0 && errno == EACCES ? 0 : 2;
}

static int
creates(void)
{
	int fd = open("/tmp/comity-probe", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	return fd < 0 && errno == EACCES ? 0 : 2;
}

static int
executes(void)
{
	return execl("/bin/true", "true", (char *)NULL);
}

static int
traces(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0 ? 2 : 3;
}

static int
maps_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
		MAP_FAILED;
}

static int
floods(void)
{
	char text[4096];

	memset(text, 'a', sizeof(text));
	while (write(STDOUT_FILENO, text, sizeof(text)) > 0)
		continue;
	return 2;
}

static int
writes(void)
{
	char text[4096] = "";

	while (write(CHILD_FIRST_FD, text, sizeof(text)) > 0)
		continue;
	return 2;
}

static int
crashes(void)
{
	(void)signal(SIGSEGV, SIG_DFL); /* a sanitizer would make an exit of it */
	(void)raise(SIGSEGV);
	return 2;
}

static int
fails(void)
{
	struct co_err err = { CO_EMALFORMED, "the image has no end" };

	(void)dprintf(STDERR_FILENO, "a library's murmur\nwithout an end");
	worker_end(CO_EMALFORMED, &err);
}

static int
murmurs(void)
{
	for (int i = 0; i < 100000; i++)
		(void)dprintf(STDERR_FILENO, "line %d\n", i);
	return 5;
}

/* What it was given: arguments, job, the first descriptor; and nothing else. */
static int
tells(int argc, char **argv)
{
	char text[64] = "", job[64] = "";
	ssize_t n = read(STDIN_FILENO, job, sizeof(job) - 1), m = read(3, text, sizeof(text) - 1);

	(void)printf("%d %s job=%s fd=%s env=%d four=%d", argc, argv[3], n < 0 ? "-" : job,
		m < 0 ? "-" : text, environ[0] != NULL, fcntl(4, F_GETFD));
	return fflush(stdout) != 0;
}

static int
pid(void)
{
	(void)printf("%d\n", (int)getpid());
	(void)fflush(stdout);
	return hang();
}

static int
asks(void)
{
	char answer[8] = "";
	ssize_t n = write(CHILD_FIRST_FD, "ping", 4);

	n = n == 4 ? read(CHILD_FIRST_FD, answer, sizeof(answer)) : -1;
	return n == 4 && memcmp(answer, "pong", 4) == 0 ? 0 : 2;
}

static int
core(void)
{
	struct rlimit r;

	return getrlimit(RLIMIT_CORE, &r) == 0 && r.rlim_max == 0 ? 0 : 2;
}

static void *
nothing(void *arg)
{
	return arg;
}

static int
threads(void)
{
	pthread_t t;

	return pthread_create(&t, NULL, nothing, NULL) != 0 || pthread_join(t, NULL) != 0;
}

static int
reads(void)
{
	char path[64];
	co_auto_fd a = open("/usr/share/zoneinfo/UTC", O_RDONLY | O_CLOEXEC);
	co_auto_fd b = open("/usr/share/zoneinfo/UTC", O_WRONLY | O_CLOEXEC);
	co_auto_fd c = open("/etc/passwd", O_RDONLY | O_CLOEXEC);

	(void)snprintf(path, sizeof(path), "/proc/%d/environ", (int)getppid());
	return a >= 0 && b < 0 && c < 0 && open(path, O_RDONLY | O_CLOEXEC) < 0 ? 0 : 2;
}

static const struct {
	const char *name;
	int (*run)(void);
} ways[] = { { "hang", hang }, { "spin", spin }, { "eat", eat }, { "eat-blindly", eat_blindly },
	{ "forks", forks }, { "connects", connects }, { "opens", opens }, { "creates", creates },
	{ "executes", executes }, { "traces", traces }, { "maps-code", maps_code },
	{ "floods", floods }, { "writes", writes }, { "crashes", crashes }, { "fails", fails },
	{ "murmurs", murmurs }, { "pid", pid }, { "asks", asks }, { "threads", threads },
	{ "threads-not", threads }, { "reads", reads }, { "core", core } };

int
main(int argc, char **argv)
{
	const struct sandbox_rule zones[] = { { "/usr/share/zoneinfo", SANDBOX_READ } };
	const char *way = argc > 2 ? argv[2] : "";
	struct sandbox_worker keep = { .threads = strcmp(way, "threads") == 0 };
	struct co_err err = { 0 };
	enum co_rc rc;

	if (strcmp(way, "reads") == 0) {
		keep.reads = zones;
		keep.reads_n = 1;
	}
	rc = worker_begin(argc, argv, &keep, &err);
	if (rc != CO_OK)
		worker_end(rc, &err);
	if (strcmp(way, "tells") == 0)
		_exit(tells(argc, argv));
	for (size_t i = 0; i < CO_ARRAY_LEN(ways); i++)
		if (strcmp(ways[i].name, way) == 0)
			_exit(ways[i].run());
	_exit(99);
}
