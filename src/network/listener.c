#include "network/listener.h"

#include "base/enc.h"
#include "base/fault.h"
#include "base/log.h"
#include "exchange/intake.h"
#include "exchange/partner.h"
#include "network/guard.h"
#include "network/loop.h"
#include "network/route.h"
#include "network/serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum {
	LISTENER_LOOPS_MAX = 8,
	LISTENER_IDLE_S = 60, /* a connection that says nothing, in a handshake too */
	LISTENER_GRACE_MS = 200,
	LISTENER_BACKLOG = 1024,
	LISTENER_FILES = 512 /* kept for the database, the vault and our own calls */
};

/* However steadily bytes trickle in. An answer is at most a range of 4 MiB, over a poor line. */
#define LISTENER_HANDSHAKE_US (INT64_C(10) * 1000000)
#define LISTENER_REQUEST_US (INT64_C(30) * 1000000)
#define LISTENER_ANSWER_US (INT64_C(600) * 1000000)

/* One loop's queue of answers that the writer thread finished. */
struct listener_loop {
	struct listener *owner;
	struct loop *loop;
	struct event *wake;
	struct guard *guard;
	pthread_mutex_t lock;
	struct listener_job *done;
	atomic_int out; /* jobs that the writer still has */
};

struct listener {
	struct listener_conf conf;
	struct listener_loop loops[LISTENER_LOOPS_MAX];
	unsigned loops_n, loops_want;
	int fd;
};

/* A POST whose answer waits for the disk. */
struct listener_job {
	struct listener_job *next;
	struct listener_loop *home;
	struct evhttp_request *req; /* NULL once the connection is gone */
	struct evbuffer *answer;    /* NULL: memory ran out */
};

/* ---- records: answered later ---- */

static void
job_connection_closed(struct evhttp_connection *conn, void *arg)
{
	struct listener_job *job = arg;

	(void)conn;
	job->req = NULL;
}

static void
job_finish(struct listener_job *job)
{
	struct evhttp_request *req = job->req;

	if (req != NULL) {
		evhttp_connection_set_closecb(evhttp_request_get_connection(req), NULL, NULL);
		(void)co_fault_hit("listener.before-answer");
		if (job->answer == NULL) {
			serve_text(req, HTTP_INTERNAL, "out of memory; send it again");
		} else {
			serve_type(req, "application/vnd.comity.records");
			evhttp_send_reply(req, HTTP_OK, "OK", job->answer);
		}
	}
	if (job->answer != NULL)
		evbuffer_free(job->answer);
	free(job);
}

static void
loop_take_done(evutil_socket_t fd, short what, void *arg)
{
	struct listener_loop *h = arg;
	struct listener_job *job;

	(void)fd;
	(void)what;
	pthread_mutex_lock(&h->lock);
	job = h->done;
	h->done = NULL;
	pthread_mutex_unlock(&h->lock);
	while (job != NULL) {
		struct listener_job *next = job->next;

		job_finish(job);
		job = next;
	}
}

/* On the writer thread, or inside intake_records when nothing had to be stored. */
static void
job_answered(void *arg, const struct co_buf *answer)
{
	struct listener_job *job = arg;
	struct listener_loop *h = job->home;

	job->answer = evbuffer_new();
	if (job->answer != NULL && evbuffer_add(job->answer, answer->data, answer->len) != 0) {
		evbuffer_free(job->answer);
		job->answer = NULL;
	}
	pthread_mutex_lock(&h->lock);
	job->next = h->done;
	h->done = job;
	event_active(h->wake, EV_TIMEOUT, 0);
	atomic_fetch_sub(&h->out, 1);
	pthread_mutex_unlock(&h->lock);
}

static void
serve_records(struct listener_loop *h, struct evhttp_request *req, const char *peer)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(req);
	size_t n = evbuffer_get_length(in);
	const unsigned char *body = evbuffer_pullup(in, -1);
	struct listener_job *job = calloc(1, sizeof(*job));
	struct co_err err = { 0 };
	enum co_rc rc;

	if (job == NULL || (body == NULL && n > 0)) {
		free(job);
		serve_text(req, HTTP_INTERNAL, "out of memory; send it again");
		return;
	}
	job->home = h;
	job->req = req;
	evhttp_connection_set_closecb(
		evhttp_request_get_connection(req), job_connection_closed, job);
	atomic_fetch_add(&h->out, 1);
	rc = intake_records(h->owner->conf.exchange, peer, body == NULL ? (const void *)"" : body,
		n, job_answered, job, &err);
	if (rc == CO_OK)
		return;
	/* Not taken: job_answered will not be called. */
	atomic_fetch_sub(&h->out, 1);
	evhttp_connection_set_closecb(evhttp_request_get_connection(req), NULL, NULL);
	free(job);
	serve_failure(req, &err);
}

/* ---- requests ---- */

static void
listener_request(struct evhttp_request *req, void *arg)
{
	struct listener_loop *h = arg;
	struct bufferevent *bev =
		evhttp_connection_get_bufferevent(evhttp_request_get_connection(req));
	struct ssl_st *ssl = bufferevent_openssl_get_ssl(bev);
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(req);
	const char *path = uri == NULL ? NULL : evhttp_uri_get_path(uri);
	char peer[LIMIT_ADDRESS + 1] = "";
	const struct partner *p;
	struct co_err err = { 0 };
	struct route route;
	bool post = evhttp_request_get_command(req) == EVHTTP_REQ_POST;

	if (ssl != NULL)
		tls_peer(ssl, peer, sizeof(peer));
	/* Admitted at the handshake; blocked since? */
	if (peer[0] == '\0' || partner_get(h->owner->conf.exchange, peer, &p, &err) != CO_OK) {
		serve_text(req, 403, "this certificate is not admitted any more");
		return;
	}
	partner_put(h->owner->conf.exchange, &p);
	if (h->owner->conf.seen != NULL)
		h->owner->conf.seen(h->owner->conf.seen_arg, peer);
	if (path == NULL || route_parse(path, &route, &err) != CO_OK) {
		serve_text(req, HTTP_NOTFOUND, err.msg[0] != '\0' ? err.msg : "no path");
		return;
	}
	if (route.post != post || (!post && evhttp_request_get_command(req) != EVHTTP_REQ_GET)) {
		serve_text(req, HTTP_BADMETHOD, route.post ? "POST it" : "GET it");
		return;
	}
	if (route.what == ROUTE_RECORDS)
		serve_records(h, req, peer);
	else
		serve_read(&h->owner->conf, req, &route, peer);
}

/* ---- connections ---- */

static bool
listener_knows(struct bufferevent *bev)
{
	struct ssl_st *ssl = bufferevent_openssl_get_ssl(bev);
	char peer[LIMIT_ADDRESS + 1] = "";

	if (ssl != NULL)
		tls_peer(ssl, peer, sizeof(peer));
	return peer[0] != '\0';
}

/* NULL when memory is out: evhttp then speaks plainly, and listener_request refuses for want of
 * TLS. */
static struct bufferevent *
listener_bev(struct event_base *base, void *arg)
{
	struct listener_loop *h = arg;
	struct co_err err = { 0 };
	struct bufferevent *bev = NULL;
	struct ssl_st *ssl;

	if (tls_accept(h->owner->conf.tls, &ssl, &err) == CO_OK)
		bev = bufferevent_openssl_socket_new(base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING,
			BEV_OPT_CLOSE_ON_FREE);
	else
		co_error("listener", "%s", err.msg);
	if (bev != NULL) {
		bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
		guard_watch(h->guard, bev);
	}
	return bev;
}

/* Connections of one loop: a quarter is left for those that were accepted before the oldest had
 * gone. */
static unsigned
listener_most(unsigned loops)
{
	struct rlimit files = { 0, 0 };
	rlim_t most = LIMIT_CONNECTIONS;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < most + LISTENER_FILES)
		most = files.rlim_cur > 2 * LISTENER_FILES ? files.rlim_cur - LISTENER_FILES
							   : LISTENER_FILES;
	return (unsigned)(most * 3 / 4 / loops);
}

static void
listener_setup(struct evhttp *http, struct loop *l, void *arg)
{
	struct listener_loop *h = arg;
	struct guard_conf conf = { listener_most(h->owner->loops_want), LISTENER_HANDSHAKE_US,
		LISTENER_REQUEST_US, LISTENER_ANSWER_US, listener_knows };

	evhttp_set_bevcb(http, listener_bev, h);
	evhttp_set_gencb(http, listener_request, h);
	evhttp_set_timeout(http, LISTENER_IDLE_S);
	evhttp_set_max_headers_size(http, LIMIT_HTTP_HEADERS);
	evhttp_set_max_body_size(http, LIMIT_BATCH_BYTES);
	evhttp_set_allowed_methods(http, EVHTTP_REQ_GET | EVHTTP_REQ_POST);
	h->wake = event_new(loop_base(l), -1, 0, loop_take_done, h);
	if (h->wake == NULL || guard_new(&h->guard, loop_base(l), &conf, NULL) != CO_OK)
		abort(); /* at start only */
}

/* "::" takes connections of IPv4 too, whatever the machine's default is. */
static enum co_rc
listener_socket(struct listener *l, const struct sockaddr *at, socklen_t n, struct co_err *err)
{
	int on = 1, off = 0;

	l->fd = socket(at->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0)
		return co_fail_errno(err, "socket");
	/* Accepted sockets inherit these. */
	(void)setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	(void)setsockopt(l->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	(void)setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (at->sa_family == AF_INET6)
		(void)setsockopt(l->fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(l->fd, at, n) != 0 || listen(l->fd, LISTENER_BACKLOG) != 0)
		return co_fail_errno(err,
			"listen on %s port %u (listen in comity.conf, or url where that is empty)",
			l->conf.address, l->conf.port);
	return CO_OK;
}

static enum co_rc
listener_bind(struct listener *l, struct co_err *err)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(l->conf.port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(l->conf.port) };
	bool v4 = inet_pton(AF_INET, l->conf.address, &in.sin_addr) == 1;
	int probe;

	if (!v4 && inet_pton(AF_INET6, l->conf.address, &in6.sin6_addr) != 1)
		return co_fail(err, CO_EUSAGE,
			"listen in comity.conf: \"%s\" is no IP address", l->conf.address);
	/* All addresses of a machine without IPv6 are those of IPv4. */
	if (!v4 && IN6_IS_ADDR_UNSPECIFIED(&in6.sin6_addr)) {
		probe = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
		v4 = probe < 0 && errno == EAFNOSUPPORT;
		if (probe >= 0)
			(void)close(probe);
	}
	if (v4)
		return listener_socket(l, (const struct sockaddr *)&in, sizeof(in), err);
	return listener_socket(l, (const struct sockaddr *)&in6, sizeof(in6), err);
}

enum co_rc
listener_open(struct listener **out, const struct listener_conf *conf, struct co_err *err)
{
	struct listener *l = calloc(1, sizeof(*l));
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned loops = conf->loops != 0 ? conf->loops : (unsigned)(cores < 1 ? 1 : cores);
	enum co_rc rc;

	if (l == NULL)
		return co_fail(err, CO_ENOMEM, "the listener");
	l->conf = *conf;
	l->fd = -1;
	rc = listener_bind(l, err);
	l->loops_want = loops < LISTENER_LOOPS_MAX ? loops : LISTENER_LOOPS_MAX;
	while (rc == CO_OK && l->loops_n < l->loops_want) {
		struct listener_loop *h = &l->loops[l->loops_n];

		h->owner = l;
		(void)pthread_mutex_init(&h->lock, NULL);
		rc = loop_start(&h->loop, l->fd, listener_setup, h, err);
		if (rc == CO_OK)
			l->loops_n++;
	}
	if (rc != CO_OK) {
		listener_close(&l);
		return rc;
	}
	*out = l;
	return CO_OK;
}

void
listener_close(struct listener **listener)
{
	struct listener *l = *listener;

	if (l == NULL)
		return;
	for (unsigned i = 0; i < l->loops_n; i++)
		loop_stop(&l->loops[i].loop, i == 0 ? LISTENER_GRACE_MS : 0);
	for (unsigned i = 0; i < l->loops_n; i++) {
		struct listener_loop *h = &l->loops[i];

		/* The writer still holds jobs of this loop: their requests must outlive them. */
		while (atomic_load(&h->out) > 0)
			(void)usleep(1000);
		loop_take_done(-1, 0, h);
		event_free(h->wake);
		guard_free(&h->guard);
		loop_free(&h->loop);
		(void)pthread_mutex_destroy(&h->lock);
	}
	if (l->fd >= 0)
		(void)close(l->fd);
	free(l);
	*listener = NULL;
}
