#include "base/child_start.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* Shadow memory of a sanitizer counts as written memory, and is terabytes. */
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

enum { ARGV = 32, SPARE_FILES = 16 };

/* Everything that has to be ready before fork. */
struct launch {
	const struct child_conf *conf;
	char path[PATH_MAX];
	char *argv[ARGV];
	int in, out, errors, status; /* the program's ends; status tells a failure before exec */
	int null;
	pid_t caller;
};

/* Where it failed and why, through the status pipe. */
struct failed {
	int number;
	char step[16];
};

static bool
runnable(const char *folder, const char *name, char *out, size_t cap)
{
	return snprintf(out, cap, "%s/%s", folder, name) < (int)cap && access(out, X_OK) == 0;
}

enum co_rc
child_program(const char *name, char *out, size_t cap, struct co_err *err)
{
	char self[PATH_MAX];
	ssize_t n;

	if (strchr(name, '/') != NULL)
		return snprintf(out, cap, "%s", name) < (int)cap
			? CO_OK
			: co_fail(err, CO_EUSAGE, "the path of a program is too long");
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n < 0)
		return co_fail_errno(err, "find %s: /proc/self/exe", name);
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	if (runnable(self, name, out, cap) || runnable(COMITY_LIBEXEC, name, out, cap))
		return CO_OK;
	return co_fail(err, CO_ENOTFOUND,
		"the program %s is neither in %s nor in %s; install it with comity (make install)",
		name, self, COMITY_LIBEXEC);
}

/* ---- in the child, until exec ---- */

static void
give_up(int status, const char *step)
{
	struct failed f = { .number = errno };

	memcpy(f.step, step, strnlen(step, sizeof(f.step) - 1));
	(void)!write(status, &f, sizeof(f));
	_exit(127);
}

/* First out of the way of each other, then to their places: 0, 1, 2, those given, status. */
static void
place_fds(struct launch *l)
{
	const struct child_conf *conf = l->conf;
	int at = CHILD_FIRST_FD + (int)conf->fds_n, clear = at + 1, moved[CHILD_FDS + 4];
	int from[4] = { l->in >= 0 ? l->in : l->null, l->out, l->errors, l->status };

	for (size_t i = 0; i < conf->fds_n + 4; i++) {
		moved[i] = fcntl(i < 4 ? from[i] : conf->fds[i - 4], F_DUPFD_CLOEXEC, clear);
		if (moved[i] < 0)
			give_up(l->status, "descriptors");
	}
	l->status = moved[3];
	for (int i = 0; i < 3; i++)
		if (dup2(moved[i], i) < 0)
			give_up(l->status, "descriptors");
	for (size_t i = 0; i < conf->fds_n; i++)
		if (dup2(moved[i + 4], CHILD_FIRST_FD + (int)i) < 0)
			give_up(l->status, "descriptors");
	if (dup3(l->status, at, O_CLOEXEC) < 0)
		give_up(l->status, "descriptors");
	l->status = at;
	if (syscall(SYS_close_range, (unsigned)at + 1, ~0U, 0U) != 0)
		give_up(l->status, "close_range");
}

static void
limit(int status, int which, uint64_t soft, uint64_t more, const char *step)
{
	struct rlimit r = { .rlim_cur = (rlim_t)soft, .rlim_max = (rlim_t)(soft + more) };

	if (setrlimit((__rlimit_resource_t)which, &r) != 0)
		give_up(status, step);
}

static void
limits(const struct launch *l)
{
	const struct child_limits *most = &l->conf->limits;

	limit(l->status, RLIMIT_CORE, 0, 0, "core");
	limit(l->status, RLIMIT_NOFILE,
		CHILD_FIRST_FD + (uint64_t)l->conf->fds_n + SPARE_FILES, 0, "files");
	if (most->memory != 0 && !SHADOWED)
		limit(l->status, RLIMIT_DATA, most->memory, 0, "memory");
	if (most->file_size != 0)
		limit(l->status, RLIMIT_FSIZE, most->file_size, 0, "file size");
	if (most->cpu_s != 0) /* SIGXCPU, and SIGKILL when that was ignored */
		limit(l->status, RLIMIT_CPU, most->cpu_s, 1, "cpu");
}

static void
child_main(struct launch *l)
{
	static char *const no_environment[] = { NULL };
	sigset_t none;

	if (setpgid(0, 0) != 0)
		give_up(l->status, "setpgid");
	/* The caller may be gone already, then no signal comes any more. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != l->caller)
		give_up(l->status, "caller");
	for (int s = 1; s < NSIG; s++) /* what the caller ignores would stay ignored */
		(void)signal(s, SIG_DFL);
	place_fds(l);
	limits(l);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)execve(l->path, l->argv, no_environment);
	give_up(l->status, "exec");
}

/* ---- in the caller ---- */

static enum co_rc
job_fd(const struct child_conf *conf, int *out, struct co_err *err)
{
	co_auto_fd fd = -1;

	if (conf->job == NULL)
		return CO_OK;
	fd = memfd_create("comity-job", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return co_fail_errno(err, "job of %s", conf->program);
	TRY(co_write_all(fd, conf->job, conf->job_n, err));
	if (lseek(fd, 0, SEEK_SET) < 0 ||
		fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) <
			0)
		return co_fail_errno(err, "job of %s", conf->program);
	*out = CO_TAKE_FD(fd);
	return CO_OK;
}

static enum co_rc
pipe_new(int *ours, int *theirs, struct co_err *err)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) != 0)
		return co_fail_errno(err, "pipe");
	*ours = fds[0];
	*theirs = fds[1];
	return CO_OK;
}

static enum co_rc
arguments(struct launch *l, struct co_err *err)
{
	const struct child_conf *conf = l->conf;
	size_t n = 0;

	/* exec takes them as char *, and changes none. */
	l->argv[n++] = l->path;
	l->argv[n++] = (char *)(uintptr_t)(conf->no_sandbox ? "off" : "on");
	for (const char *const *a = conf->argv; a != NULL && *a != NULL; a++) {
		if (n + 1 >= ARGV)
			return co_fail(err, CO_EUSAGE, "%s: too many arguments", conf->program);
		l->argv[n++] = (char *)(uintptr_t)*a;
	}
	l->argv[n] = NULL;
	if (conf->fds_n > CHILD_FDS)
		return co_fail(err, CO_ETOOBIG, "%s: more than %d descriptors", conf->program,
			CHILD_FDS);
	return child_program(conf->program, l->path, sizeof(l->path), err);
}

/* Waits for exec, which closes the status pipe, or for the reason why not. */
static enum co_rc
started(struct child *c, int status, struct co_err *err)
{
	struct failed f;
	size_t got = 0;

	TRY(co_read_full(status, &f, sizeof(f), &got, err));
	if (got == 0)
		return CO_OK;
	f.step[sizeof(f.step) - 1] = '\0';
	errno = got == sizeof(f) ? f.number : EIO;
	return co_fail_errno(err, "start %s: %s", c->name, got == sizeof(f) ? f.step : "fork");
}

static pid_t
fork_quietly(struct launch *l)
{
	sigset_t all, before;
	pid_t pid;

	/* No handler of the caller may run in the child. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	l->caller = getpid();
	pid = fork();
	if (pid == 0)
		child_main(l);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return pid;
}

static void
gone(struct child *c)
{
	child_kill(c);
	while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

void
child_kill(const struct child *c)
{
	(void)kill(-c->pid, SIGKILL);
	(void)kill(c->pid, SIGKILL);
}

enum co_rc
child_start(struct child *out, const struct child_conf *conf, struct co_err *err)
{
	struct launch l = { .conf = conf, .in = -1 };
	struct child c = { .pid = -1 };
	const char *slash = strrchr(conf->program, '/');
	co_auto_fd in = -1, theirs_out = -1, theirs_errors = -1, status_out = -1;
	co_auto_fd ours = -1, errors = -1, status = -1;
	co_auto_fd null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	enum co_rc rc;

	(void)snprintf(c.name, sizeof(c.name), "%s", slash != NULL ? slash + 1 : conf->program);
	TRY(arguments(&l, err));
	if (null < 0)
		return co_fail_errno(err, "open /dev/null");
	TRY(job_fd(conf, &in, err));
	TRY(pipe_new(&ours, &theirs_out, err));
	TRY(pipe_new(&errors, &theirs_errors, err));
	TRY(pipe_new(&status, &status_out, err));
	if (fcntl(ours, F_SETFL, O_NONBLOCK) < 0 || fcntl(errors, F_SETFL, O_NONBLOCK) < 0)
		return co_fail_errno(err, "start %s", c.name);
	l.in = in;
	l.out = theirs_out;
	l.errors = theirs_errors;
	l.status = status_out;
	l.null = null;
	c.pid = fork_quietly(&l);
	if (c.pid < 0)
		return co_fail_errno(err, "start %s", c.name);
	close(CO_TAKE_FD(status_out));
	rc = started(&c, status, err);
	c.pidfd = (int)syscall(SYS_pidfd_open, c.pid, 0U);
	if (rc == CO_OK && c.pidfd < 0)
		rc = co_fail_errno(err, "watch %s", c.name);
	if (rc != CO_OK) {
		gone(&c);
		return rc;
	}
	c.out = CO_TAKE_FD(ours);
	c.errors = CO_TAKE_FD(errors);
	*out = c;
	return CO_OK;
}
