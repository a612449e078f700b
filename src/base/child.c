#include "base/child_start.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { TICK_MS = 100, READ = 64 * 1024 };

static const char *const end_names[] = {
#define CHILD_NAME(name, text) [CHILD_##name] = (text),
	CHILD_END_MAP(CHILD_NAME)
#undef CHILD_NAME
};

/* A run under way. */
struct run {
	const struct child_conf *conf;
	struct child child;
	struct child_report report;
	size_t errors_n;
	int64_t begun_us, ticked_us;
	bool stopped; /* by us; report.end says why, failure with what */
	struct co_err failure;
};

const char *
child_end_name(enum child_end end)
{
	return end_names[end];
}

static void
stop(struct run *r, enum child_end why)
{
	if (r->stopped)
		return;
	r->stopped = true;
	r->report.end = why;
	child_kill(&r->child);
}

static void
said(struct run *r, const char *p, size_t n)
{
	char *kept = r->report.errors;
	size_t drop = r->errors_n + n > CHILD_ERRORS ? r->errors_n + n - CHILD_ERRORS : 0;

	if (n > CHILD_ERRORS) {
		p += n - CHILD_ERRORS;
		n = CHILD_ERRORS;
	}
	if (drop > r->errors_n)
		drop = r->errors_n;
	memmove(kept, kept + drop, r->errors_n - drop);
	r->errors_n -= drop;
	memcpy(kept + r->errors_n, p, n);
	r->errors_n += n;
	kept[r->errors_n] = '\0';
}

static void
answered(struct run *r, const char *p, size_t n)
{
	if (r->stopped)
		return;
	if (n > r->conf->limits.answer - r->report.answer) {
		stop(r, CHILD_ANSWER);
		return;
	}
	r->report.answer += n;
	if (r->conf->sink != NULL && r->conf->sink(r->conf->arg, p, n, &r->failure) != CO_OK)
		stop(r, CHILD_CALLER);
}

/* What stands in one of its pipes; false at its end. once: a piece, so that others get their turn;
 * otherwise all there is. */
static bool
drain(struct run *r, int fd, bool once)
{
	char piece[READ];

	for (;;) {
		ssize_t n = read(fd, piece, sizeof(piece));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		if (n == 0)
			return false;
		if (fd == r->child.out)
			answered(r, piece, (size_t)n);
		else
			said(r, piece, (size_t)n);
		if (once)
			return true;
	}
}

static void
look_at_time(struct run *r)
{
	int64_t now = co_mono_us();
	unsigned most = r->conf->limits.wall_ms;

	if (most != 0 && now - r->begun_us >= (int64_t)most * 1000)
		stop(r, CHILD_WALL);
	if (r->conf->tick == NULL || r->stopped || now - r->ticked_us < TICK_MS * 1000)
		return;
	r->ticked_us = now;
	if (r->conf->tick(r->conf->arg, &r->failure) != CO_OK)
		stop(r, CHILD_CANCELLED);
}

static int
wait_ms(const struct run *r)
{
	unsigned most = r->conf->limits.wall_ms;
	int64_t left = most == 0
		? INT32_MAX
		: (int64_t)most - (co_mono_us() - r->begun_us) / 1000 + 1;

	if (r->conf->tick != NULL && left > TICK_MS)
		left = TICK_MS;
	return left < 0 ? 0 : (int)left;
}

/* false: it need not be looked at again. */
static bool
serve(struct run *r, const struct child_serve *s)
{
	enum co_rc rc = s->ready(s->arg, &r->failure);

	if (rc != CO_OK && rc != CO_ECLOSED)
		stop(r, CHILD_CALLER);
	return rc == CO_OK;
}

/* Until the program has ended by itself or was stopped. */
static void
watch(struct run *r)
{
	const struct child_conf *conf = r->conf;
	struct pollfd p[3 + CHILD_SERVES] = { { .fd = r->child.pidfd, .events = POLLIN },
		{ .fd = r->child.out, .events = POLLIN },
		{ .fd = r->child.errors, .events = POLLIN } };

	for (size_t i = 0; i < conf->serve_n; i++)
		p[3 + i] = (struct pollfd){ .fd = conf->serve[i].fd, .events = POLLIN };
	while (!r->stopped) {
		int n = poll(p, (nfds_t)(3 + conf->serve_n), wait_ms(r));

		look_at_time(r);
		if (n <= 0 || r->stopped)
			continue;
		if (p[1].revents != 0 && !drain(r, p[1].fd, true))
			p[1].fd = -1;
		if (p[2].revents != 0 && !drain(r, p[2].fd, true))
			p[2].fd = -1;
		for (size_t i = 0; i < conf->serve_n && !r->stopped; i++)
			if (p[3 + i].revents != 0 && !serve(r, &conf->serve[i]))
				p[3 + i].fd = -1;
		if (p[0].revents != 0)
			return;
	}
}

static uint64_t
micro(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * 1000000u + (uint64_t)t->tv_usec;
}

/* What a signal that we did not send means: which limit of the kernel it was. */
static enum child_end
signal_means(const struct run *r, int number)
{
	const struct child_limits *most = &r->conf->limits;

	if (number == SIGXCPU ||
		(number == SIGKILL && most->cpu_s != 0 &&
			r->report.cpu_us >= (uint64_t)most->cpu_s * 1000000u))
		return CHILD_CPU;
	if (number == SIGXFSZ)
		return CHILD_FILE_SIZE;
	if (number == SIGSYS)
		return CHILD_FORBIDDEN;
	/* A library that does not look at what malloc gave it falls close to the limit. */
	if ((number == SIGSEGV || number == SIGABRT || number == SIGBUS || number == SIGTRAP) &&
		most->memory != 0 &&
		r->report.peak >= most->memory - most->memory / 8)
		return CHILD_MEMORY;
	return CHILD_SIGNAL;
}

static enum co_rc
reap(struct run *r, struct co_err *err)
{
	struct child_report *report = &r->report;
	struct rusage used;
	int status;
	pid_t pid;

	/* Ended or not: nobody of its group may stay, and then nothing more comes. */
	child_kill(&r->child);
	do
		pid = wait4(r->child.pid, &status, 0, &used);
	while (pid < 0 && errno == EINTR);
	if (pid < 0)
		return co_fail_errno(err, "wait for %s", r->child.name);
	(void)drain(r, r->child.out, false);
	(void)drain(r, r->child.errors, false);
	report->peak = (uint64_t)used.ru_maxrss * 1024u;
	report->cpu_us = micro(&used.ru_utime) + micro(&used.ru_stime);
	report->wall_us = (uint64_t)(co_mono_us() - r->begun_us);
	report->status = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
	if (r->stopped)
		return CO_OK;
	report->end = WIFSIGNALED(status) ? signal_means(r, report->status)
		: report->status == CHILD_EXIT_MEMORY
		? CHILD_MEMORY
		: CHILD_EXITED;
	return CO_OK;
}

/* "CODE message" in the last line, as worker_end writes it. */
static enum co_rc
said_why(const struct run *r, struct co_err *err)
{
	char text[CHILD_ERRORS + 1], *line, *word;
	enum co_rc rc;

	memcpy(text, r->report.errors, r->errors_n);
	text[r->errors_n] = '\0';
	for (size_t n = r->errors_n; n > 0 && text[n - 1] == '\n'; n--)
		text[n - 1] = '\0';
	line = strrchr(text, '\n');
	line = line == NULL ? text : line + 1;
	word = strchr(line, ' ');
	if (word != NULL) {
		*word = '\0';
		rc = co_rc_from_name(line);
		if (rc != CO_OK && strcmp(co_rc_name(rc), line) == 0)
			return co_fail(err, rc, "%s", word + 1);
		*word = ' ';
	}
	return co_fail(err, CO_EINTERNAL, "%s ended with status %d%s%s", r->child.name,
		r->report.status, *line != '\0' ? ": " : "", line);
}

static enum co_rc
verdict(const struct run *r, struct co_err *err)
{
	const struct child_limits *most = &r->conf->limits;
	const char *name = r->child.name;

	switch (r->report.end) {
	case CHILD_EXITED:
		return r->report.status == 0 ? CO_OK : said_why(r, err);
	case CHILD_MEMORY:
		return co_fail(err, CO_ETOOBIG,
			"%s was stopped: it needed more than %llu MiB of memory", name,
			(unsigned long long)(most->memory >> 20));
	case CHILD_CPU:
		return co_fail(err, CO_ETIMEOUT,
			"%s was stopped: it used more than %u s of processor time", name,
			most->cpu_s);
	case CHILD_WALL:
		return co_fail(err, CO_ETIMEOUT, "%s was stopped: it took longer than %u.%u s",
			name, most->wall_ms / 1000, most->wall_ms % 1000 / 100);
	case CHILD_FILE_SIZE:
		return co_fail(err, CO_ETOOBIG,
			"%s was stopped: it wrote a file of more than %llu bytes", name,
			(unsigned long long)most->file_size);
	case CHILD_ANSWER:
		return co_fail(err, CO_ETOOBIG,
			"%s was stopped: its answer was longer than %llu bytes", name,
			(unsigned long long)most->answer);
	case CHILD_CANCELLED:
	case CHILD_CALLER:
		return co_fail(err, r->failure.rc, "%s", r->failure.msg);
	case CHILD_FORBIDDEN:
		return co_fail(err, CO_EDENIED,
			"%s was stopped: it tried a system call that it may not make", name);
	case CHILD_SIGNAL:
		break;
	}
	return co_fail(err, CO_EMALFORMED, "%s crashed or was killed (signal %d, %s)", name,
		r->report.status, sigabbrev_np(r->report.status) == NULL
			? "unknown"
			: sigabbrev_np(r->report.status));
}

enum co_rc
child_run(const struct child_conf *conf, struct child_report *report, struct co_err *err)
{
	struct run r = { .conf = conf };
	enum co_rc rc;

	r.begun_us = r.ticked_us = co_mono_us();
	TRY(child_start(&r.child, conf, err));
	watch(&r);
	rc = reap(&r, err);
	close(r.child.pidfd);
	close(r.child.out);
	close(r.child.errors);
	if (rc == CO_OK && report != NULL)
		*report = r.report;
	return rc == CO_OK ? verdict(&r, err) : rc;
}
