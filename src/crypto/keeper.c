#include "base/clock.h"
#include "base/enc.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "crypto/cert.h"
#include "crypto/keeper_ipc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static int
by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Only stderr (log), the watch and the lanes stay; standard input and output become /dev/null, so
 * that a file opened by a library never takes their place. */
static void
shed_files(int watch, const int lanes[KEEPER_LANES])
{
	int keep[KEEPER_LANES + 1];
	unsigned from = STDERR_FILENO + 1;
	int null = open("/dev/null", O_RDWR);

	if (null >= 0) {
		(void)dup2(null, STDIN_FILENO);
		(void)dup2(null, STDOUT_FILENO);
	}
	memcpy(keep, lanes, KEEPER_LANES * sizeof(int));
	keep[KEEPER_LANES] = watch;
	qsort(keep, CO_ARRAY_LEN(keep), sizeof(int), by_number);
	for (size_t i = 0; i < CO_ARRAY_LEN(keep); i++) {
		if ((unsigned)keep[i] > from)
			(void)close_range(from, (unsigned)keep[i] - 1, 0);
		from = (unsigned)keep[i] + 1;
	}
	(void)close_range(from, ~0U, 0);
}

/* The node stops us by closing its ends or by dying; a terminal's or service manager's signal to
 * the whole group must not take the keys away while the node still finishes its work. */
static void
settle(void)
{
	static const int ignored[] = { SIGINT, SIGHUP, SIGTERM, SIGPIPE, SIGUSR1, SIGUSR2,
		SIGCHLD };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t none;

	for (size_t i = 0; i < CO_ARRAY_LEN(ignored); i++)
		(void)sigaction(ignored[i], &ignore, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)prctl(PR_SET_NAME, "comity-keeper");
}

static enum co_rc
bind_to_parent(pid_t parent, struct co_err *err)
{
	const struct rlimit files = { 64, 64 };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || setrlimit(RLIMIT_NOFILE, &files) != 0)
		return co_fail_errno(err, "bind the keeper to the node");
	if (getppid() != parent)
		return co_fail(err, CO_ECLOSED, "the node was gone before the keeper had started");
	return CO_OK;
}

static void
describe(const char *what, const struct keeper_ring *r)
{
	char to[CO_TIME_LEN], hex[SHA256_HEX + 1];

	for (size_t i = 0; i < r->n; i++) {
		const struct cert *c = r->at[i].cert;

		co_time_print(cert_not_after_us(c), to);
		co_hex(cert_sha256(c), SHA256_LEN, hex);
		if (cert_not_after_us(c) >= co_now_us())
			co_info("keeper", "%s key open: %s, valid to %s, sha256=%s", what,
				cert_subject(c), to, hex);
		else if (i == r->n - 1)
			co_warn("keeper",
				"%s certificate %s EXPIRED on %s: partners refuse it. Make a new "
				"one: comity certificate renew", what, cert_subject(c), to);
	}
}

static enum co_rc
keeper_prepare(
	struct keeper_keys *keys, const struct keeper_conf *conf, pid_t parent, struct co_err *err)
{
	enum co_rc rc = sandbox_private(err);

	if (rc == CO_OK)
		rc = bind_to_parent(parent, err);
	if (rc == CO_OK)
		rc = keeper_keys_open(keys, conf, err);
	if (rc != CO_OK)
		return rc;
	describe("seal", &keys->seal);
	describe("TLS", &keys->tls);
	describe("time-stamp", &keys->tsa);
	return conf->seccomp ? sandbox_keeper(keys->tokens, err) : CO_OK;
}

/* False: the lane is closed or talks nonsense, and so the node is gone or not to be served. */
static bool
serve_one(struct keeper_keys *keys, int fd, struct co_buf *in, struct co_buf *out)
{
	struct co_err err = { 0 };
	struct keeper_head h;
	enum co_rc rc;

	if (keeper_frame_recv(fd, &h, in, &err) != CO_OK)
		return false;
	co_buf_reset(out);
	rc = keeper_answer(keys, h.code, in->data, in->len, out, &err);
	if (rc == CO_OK)
		rc = keeper_frame_send(fd, h.number, 0, out->data, out->len, NULL);
	else
		rc = keeper_frame_send(fd, h.number, (uint8_t)-rc, err.msg, strlen(err.msg), NULL);
	return rc == CO_OK;
}

/* Lane 0 first, then the others in turn, one request before looking again. */
static void
serve(struct keeper_keys *keys, int watch, const int lanes[KEEPER_LANES])
{
	struct pollfd p[KEEPER_LANES + 1];
	size_t next = 0;
	co_auto_buf in, out;

	co_buf_init(&in, LIMIT_KEEPER_FRAME);
	co_buf_init(&out, KEEPER_ANSWER_MAX);
	for (size_t i = 0; i < KEEPER_LANES; i++)
		p[i] = (struct pollfd){ .fd = lanes[i], .events = POLLIN };
	p[KEEPER_LANES] = (struct pollfd){ .fd = watch, .events = POLLIN };
	for (;;) {
		size_t at = 0;

		if (poll(p, CO_ARRAY_LEN(p), -1) < 0) {
			if (errno == EINTR)
				continue;
			return;
		}
		if (p[KEEPER_LANES].revents != 0)
			return;
		if (p[0].revents == 0) {
			for (at = 1; at < KEEPER_LANES; at++)
				if (p[1 + (next + at) % (KEEPER_LANES - 1)].revents != 0)
					break;
			if (at == KEEPER_LANES)
				continue;
			next = (next + at) % (KEEPER_LANES - 1);
			at = 1 + next;
		}
		if (!serve_one(keys, lanes[at], &in, &out))
			return;
	}
}

void
keeper_main(const struct keeper_conf *conf, pid_t parent, int watch, const int lanes[KEEPER_LANES])
{
	struct keeper_keys keys = { 0 };
	struct co_err err = { 0 };
	enum co_rc rc;

	shed_files(watch, lanes);
	settle();
	rc = keeper_prepare(&keys, conf, parent, &err);
	if (rc != CO_OK) {
		if (keeper_frame_send(watch, 0, (uint8_t)-rc, err.msg, strlen(err.msg), NULL) !=
			CO_OK)
			co_error("keeper", "%s", err.msg);
		_exit(1);
	}
	if (keeper_frame_send(watch, 0, 0, keys.log_public, sizeof(keys.log_public), NULL) == CO_OK)
		serve(&keys, watch, lanes);
	keeper_keys_close(&keys);
	_exit(0); /* not exit(): handlers and buffers are the node's */
}
