/* The node's end. A caller borrows a lane, writes its request, reads the answer and gives the lane
 * back: threads wait for each other only when all lanes are out. */
#include "crypto/keeper_ipc.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

/* A smart card signs about once a second; a full batch on each lane must still fit. */
enum { ANSWER_WAIT_S = 120, START_WAIT_S = 60, STOP_WAIT_MS = 2000 };

struct lane {
	int fd;
	bool busy;
	uint32_t number;
};

struct keeper {
	pid_t pid;
	int watch;
	unsigned char log_public[ED25519_PUB];
	atomic_bool closed;
	pthread_mutex_t lock; /* of busy */
	pthread_cond_t freed;
	struct lane lanes[KEEPER_LANES];
};

/* Bounded, because the process may be stuck in a token's library. */
static bool
reap(pid_t pid, int *status, int wait_ms)
{
	const struct timespec ms = { .tv_nsec = 1000000 };

	for (int i = 0; i <= wait_ms; i++) {
		pid_t got = waitpid(pid, status, WNOHANG);

		if (got == pid || (got < 0 && errno != EINTR))
			return true;
		(void)nanosleep(&ms, NULL);
	}
	return false;
}

void
keeper_stop(struct keeper **k)
{
	struct keeper *at = *k;
	int status;

	if (at == NULL)
		return;
	for (size_t i = 0; i < KEEPER_LANES; i++)
		if (at->lanes[i].fd >= 0)
			close(at->lanes[i].fd);
	if (at->watch >= 0)
		close(at->watch);
	if (at->pid > 0 && !reap(at->pid, &status, STOP_WAIT_MS) && kill(at->pid, SIGKILL) == 0)
		(void)reap(at->pid, &status, STOP_WAIT_MS);
	(void)pthread_cond_destroy(&at->freed);
	(void)pthread_mutex_destroy(&at->lock);
	free(at);
	*k = NULL;
}

pid_t
keeper_pid(const struct keeper *k)
{
	return k->pid;
}

int
keeper_watch_fd(const struct keeper *k)
{
	return k->watch;
}

const unsigned char *
keeper_log_public(const struct keeper *k)
{
	return k->log_public;
}

static enum co_rc
pair(int *ours, int *theirs, struct co_err *err)
{
	const struct timeval wait = { .tv_sec = ANSWER_WAIT_S };
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) != 0)
		return co_fail_errno(err, "socket of the keeper");
	*ours = fd[0];
	*theirs = fd[1];
	if (setsockopt(fd[0], SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) != 0)
		return co_fail_errno(err, "socket of the keeper");
	return CO_OK;
}

static enum co_rc
answer_code(uint8_t code, const struct co_buf *text, struct co_err *err)
{
	enum co_rc rc = (enum co_rc) - (int)code;

	if (code == 0)
		return CO_OK;
	if (-(int)code < CO_EINTERNAL)
		rc = CO_EINTERNAL;
	return co_fail(err, rc, "%.*s", (int)text->len, text->data);
}

/* The first frame on the watch: the log's public key, or the keeper's own words. */
static enum co_rc
await_ready(struct keeper *k, struct co_err *err)
{
	const struct timeval wait = { .tv_sec = START_WAIT_S };
	struct co_err frame = { 0 };
	struct keeper_head h;
	int status = 0;
	co_auto_buf b;
	enum co_rc rc;

	co_buf_init(&b, sizeof(err->msg));
	(void)setsockopt(k->watch, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	rc = keeper_frame_recv(k->watch, &h, &b, &frame);
	if (rc == CO_ECLOSED && reap(k->pid, &status, STOP_WAIT_MS)) {
		k->pid = -1;
		return co_fail(err, CO_ECLOSED, "the keeper ended before it was ready (%s %d)",
			WIFSIGNALED(status) ? "signal" : "status",
			WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	}
	if (rc != CO_OK)
		return co_fail(err, rc, "the keeper does not start: %s", frame.msg);
	rc = answer_code(h.code, &b, err);
	if (rc != CO_OK)
		return co_wrap(err, "the keeper cannot start");
	if (b.len != ED25519_PUB)
		return co_fail(err, CO_EMALFORMED, "readiness of the keeper");
	memcpy(k->log_public, b.data, ED25519_PUB);
	return CO_OK;
}

static enum co_rc
keeper_fork(struct keeper *k, const struct keeper_conf *conf, struct co_err *err)
{
	int theirs[KEEPER_LANES + 1], ours[KEEPER_LANES + 1];
	pid_t parent = getpid();
	enum co_rc rc = CO_OK;

	for (size_t i = 0; i < CO_ARRAY_LEN(theirs); i++)
		theirs[i] = ours[i] = -1;
	for (size_t i = 0; i < CO_ARRAY_LEN(theirs) && rc == CO_OK; i++)
		rc = pair(&ours[i], &theirs[i], err);
	for (size_t i = 0; i < KEEPER_LANES; i++)
		k->lanes[i].fd = ours[i];
	k->watch = ours[KEEPER_LANES];
	if (rc == CO_OK) {
		k->pid = fork();
		if (k->pid == 0)
			keeper_main(conf, parent, theirs[KEEPER_LANES], theirs);
		if (k->pid < 0)
			rc = co_fail_errno(err, "start the keeper");
	}
	for (size_t i = 0; i < CO_ARRAY_LEN(theirs); i++)
		if (theirs[i] >= 0)
			close(theirs[i]);
	return rc;
}

enum co_rc
keeper_start(struct keeper **out, const struct keeper_conf *conf, struct co_err *err)
{
	keeper_auto *k = calloc(1, sizeof(*k));
	enum co_rc rc;

	if (k == NULL)
		return co_fail(err, CO_ENOMEM, "keeper");
	k->pid = k->watch = -1;
	for (size_t i = 0; i < KEEPER_LANES; i++)
		k->lanes[i].fd = -1;
	if (pthread_mutex_init(&k->lock, NULL) != 0 || pthread_cond_init(&k->freed, NULL) != 0)
		return co_fail(err, CO_ENOMEM, "keeper");
	rc = keeper_fork(k, conf, err);
	if (rc == CO_OK)
		rc = await_ready(k, err);
	if (rc == CO_OK)
		*out = CO_TAKE(k);
	return rc;
}

static struct lane *
lane_take(struct keeper *k, bool tls)
{
	struct lane *l = NULL;

	(void)pthread_mutex_lock(&k->lock);
	while (l == NULL) {
		for (size_t i = tls ? 0 : 1; i < (tls ? 1 : KEEPER_LANES) && l == NULL; i++)
			if (!k->lanes[i].busy)
				l = &k->lanes[i];
		if (l == NULL)
			(void)pthread_cond_wait(&k->freed, &k->lock);
	}
	l->busy = true;
	(void)pthread_mutex_unlock(&k->lock);
	return l;
}

static void
lane_give(struct keeper *k, struct lane *l)
{
	(void)pthread_mutex_lock(&k->lock);
	l->busy = false;
	/* Waiters want different lanes, so one signal could wake the wrong one. */
	(void)pthread_cond_broadcast(&k->freed);
	(void)pthread_mutex_unlock(&k->lock);
}

/* One broken lane ends them all: waiting callers get end of file at once. */
static enum co_rc
keeper_broken(struct keeper *k, struct co_err *err)
{
	if (!atomic_exchange(&k->closed, true))
		for (size_t i = 0; i < KEEPER_LANES; i++)
			(void)shutdown(k->lanes[i].fd, SHUT_RDWR);
	return co_fail(
		err, CO_ECLOSED, "the keeper is gone: nothing can be signed; restart the node");
}

static enum co_rc
ask(struct keeper *k, enum keeper_op op, const void *p, size_t n, struct co_buf *answer,
	struct co_err *err)
{
	struct keeper_head h = { 0 };
	struct lane *l;
	uint32_t number;
	enum co_rc rc;

	if (n > LIMIT_KEEPER_FRAME)
		return co_fail(err, CO_ETOOBIG, "request to the keeper of %zu bytes", n);
	l = lane_take(k, op == KEEPER_TLS_SIGN);
	number = ++l->number;
	if (atomic_load(&k->closed))
		rc = CO_ECLOSED;
	else
		rc = keeper_frame_send(l->fd, number, (uint8_t)op, p, n, NULL);
	if (rc == CO_OK)
		rc = keeper_frame_recv(l->fd, &h, answer, NULL);
	if (rc == CO_OK && h.number != number)
		rc = CO_EMALFORMED;
	lane_give(k, l);
	if (rc != CO_OK)
		return keeper_broken(k, err);
	return answer_code(h.code, answer, err);
}

/* Records from *at on that fit one frame. */
static enum co_rc
batch_add(struct co_buf *frame, const struct keeper_blob *records, size_t n, size_t *at,
	struct co_err *err)
{
	size_t first = *at, bytes = 4;
	enum co_rc rc;

	if (records[first].n > LIMIT_RECORD)
		return co_fail(err, CO_ETOOBIG, "record of %zu bytes to sign", records[first].n);
	while (*at < n && *at - first < LIMIT_BATCH_RECORDS &&
		records[*at].n <= LIMIT_KEEPER_FRAME - 4 - bytes) {
		bytes += 4 + records[*at].n;
		(*at)++;
	}
	co_buf_reset(frame);
	rc = co_buf_add_u32(frame, (uint32_t)(*at - first), err);
	for (size_t i = first; i < *at && rc == CO_OK; i++) {
		rc = co_buf_add_u32(frame, (uint32_t)records[i].n, err);
		if (rc == CO_OK)
			rc = co_buf_add(frame, records[i].p, records[i].n, err);
	}
	return rc;
}

enum co_rc
keeper_sign_records(struct keeper *k, const struct keeper_blob *records, size_t n,
	struct co_buf *sigs, struct co_err *err)
{
	size_t done = 0, next = 0;
	co_auto_buf frame, answer;
	enum co_rc rc = CO_OK;

	co_buf_init(&frame, LIMIT_KEEPER_FRAME);
	co_buf_init(&answer, KEEPER_ANSWER_MAX);
	while (done < n && rc == CO_OK) {
		struct co_cursor c;

		rc = batch_add(&frame, records, n, &next, err);
		if (rc == CO_OK)
			rc = ask(k, KEEPER_SIGN_RECORDS, frame.data, frame.len, &answer, err);
		if (rc != CO_OK)
			return rc;
		c = co_cursor(answer.data, answer.len);
		for (; done < next && rc == CO_OK; done++) {
			uint32_t len = co_cur_u32(&c);
			const void *p = co_cur_bytes(&c, len);

			if (p == NULL || len == 0 || len > LIMIT_SIGNATURE)
				return keeper_broken(k, err);
			rc = co_buf_add(&sigs[done], p, len, err);
		}
		if (rc == CO_OK && c.left != 0)
			return keeper_broken(k, err);
	}
	return rc;
}

enum co_rc
keeper_tls_sign(struct keeper *k, const unsigned char leaf[SHA256_LEN], const void *digest,
	size_t n, struct co_buf *sig, struct co_err *err)
{
	co_auto_buf answer, request;

	co_buf_init(&answer, LIMIT_SIGNATURE);
	co_buf_init(&request, LIMIT_SIGNATURE);
	TRY(co_buf_add(&request, leaf, SHA256_LEN, err));
	TRY(co_buf_add(&request, digest, n, err));
	TRY(ask(k, KEEPER_TLS_SIGN, request.data, request.len, &answer, err));
	return co_buf_add(sig, answer.data, answer.len, err);
}

enum co_rc
keeper_use(struct keeper *k, const unsigned char sha256[SHA256_LEN], struct co_err *err)
{
	co_auto_buf answer;

	co_buf_init(&answer, LIMIT_SIGNATURE);
	return ask(k, KEEPER_USE, sha256, SHA256_LEN, &answer, err);
}

enum co_rc
keeper_sign_container(struct keeper *k, const void *manifest, size_t n, struct co_buf *sig,
	struct co_err *err)
{
	co_auto_buf answer;

	co_buf_init(&answer, LIMIT_SIGNATURE);
	TRY(ask(k, KEEPER_CONTAINER, manifest, n, &answer, err));
	return co_buf_add(sig, answer.data, answer.len, err);
}

/* Answers of one fixed size. */
static enum co_rc
ask_exact(struct keeper *k, enum keeper_op op, const void *p, size_t n, unsigned char *out,
	size_t out_n, struct co_err *err)
{
	co_auto_buf answer;
	enum co_rc rc;

	co_buf_init(&answer, LIMIT_SIGNATURE);
	rc = ask(k, op, p, n, &answer, err);
	if (rc == CO_OK && answer.len != out_n)
		rc = keeper_broken(k, err);
	if (rc == CO_OK)
		memcpy(out, answer.data, out_n);
	if (answer.data != NULL)
		crypto_wipe(answer.data, answer.cap);
	return rc;
}

enum co_rc
keeper_sign_checkpoint(struct keeper *k, const char *text, size_t n, unsigned char sig[ED25519_SIG],
	struct co_err *err)
{
	return ask_exact(k, KEEPER_CHECKPOINT, text, n, sig, ED25519_SIG, err);
}

enum co_rc
keeper_stamp(struct keeper *k, const unsigned char *digest, size_t digest_n, struct co_buf *resp,
	struct co_err *err)
{
	co_auto_buf answer;
	enum co_rc rc;

	co_buf_init(&answer, LIMIT_TOKEN);
	rc = ask(k, KEEPER_STAMP, digest, digest_n, &answer, err);
	return rc != CO_OK ? rc : co_buf_add(resp, answer.data, answer.len, err);
}

enum co_rc
keeper_unwrap(
	struct keeper *k, const void *der, size_t n, unsigned char key[32], struct co_err *err)
{
	if (n > KEEPER_UNWRAP_MAX)
		return co_fail(err, CO_ETOOBIG, "a wrapped file key has at most %d bytes",
			KEEPER_UNWRAP_MAX);
	return ask_exact(k, KEEPER_UNWRAP, der, n, key, 32, err);
}
