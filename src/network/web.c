#include "network/web_inside.h"

#include "base/log.h"
#include "crypto/door.h"

#include <arpa/inet.h>
#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <netinet/tcp.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

enum {
	WEB_LOOPS = 4, /* pages may wait for the disk; others go on meanwhile */
	WEB_IDLE_S = 75,
	WEB_GRACE_MS = 200,
	WEB_BACKLOG = 256,
	WEB_COMPRESS_MIN = 1024,
	WEB_METHODS = EVHTTP_REQ_POST | EVHTTP_REQ_GET | EVHTTP_REQ_HEAD
};

/* ---- what was asked ---- */

enum web_method
web_method(const struct web_request *req)
{
	return evhttp_request_get_command(req->req) == EVHTTP_REQ_POST ? WEB_POST : WEB_GET;
}

const char *
web_path(const struct web_request *req)
{
	return req->path;
}

const char *
web_header(const struct web_request *req, const char *name)
{
	return evhttp_find_header(evhttp_request_get_input_headers(req->req), name);
}

const char *
web_query(const struct web_request *req, const char *name)
{
	return evhttp_find_header(&req->query, name);
}

const char *
web_field(const struct web_request *req, const char *name, size_t i)
{
	const struct evkeyval *kv;

	TAILQ_FOREACH(kv, &req->fields, next)
	{
		if (strcmp(kv->key, name) == 0 && i-- == 0)
			return kv->value;
	}
	return NULL;
}

bool
web_field_at(const struct web_request *req, size_t i, const char **name, const char **value)
{
	const struct evkeyval *kv;

	TAILQ_FOREACH(kv, &req->fields, next)
	{
		if (i-- > 0)
			continue;
		*name = kv->key;
		*value = kv->value;
		return true;
	}
	return false;
}

const char *
web_cookie(struct web_request *req, const char *name)
{
	return web_cookie_read(web_header(req, "Cookie"), name, req->cookie, sizeof(req->cookie))
		? req->cookie
		: NULL;
}

const char *
web_body(const struct web_request *req, size_t *n)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(req->req);

	*n = evbuffer_get_length(in);
	return *n == 0 ? "" : (const char *)evbuffer_pullup(in, -1);
}

const char *
web_peer(const struct web_request *req)
{
	return req->peer;
}

/* A header may stand on several lines, each of another proxy: all count, in their order. */
static const char *
web_joined(const struct web_request *req, const char *name, char *out, size_t cap)
{
	const struct evkeyval *kv;
	size_t n = 0;

	TAILQ_FOREACH(kv, evhttp_request_get_input_headers(req->req), next)
	{
		if (strcasecmp(kv->key, name) != 0)
			continue;
		n += (size_t)snprintf(out + n, cap - n, "%s%s", n > 0 ? "," : "", kv->value);
		/* Cut, its end is not the proxy's any more: nothing of it is believed. */
		if (n >= cap)
			return NULL;
	}
	return n > 0 ? out : NULL;
}

static void
web_peer_read(struct web_request *req)
{
	const struct proxies *p = req->home->owner->conf.proxies;
	char *address = NULL, text[PROXY_HEADER];
	ev_uint16_t port;

	evhttp_connection_get_peer(evhttp_request_get_connection(req->req), &address, &port);
	(void)snprintf(req->peer, sizeof(req->peer), "%s", address == NULL ? "?" : address);
	if (p == NULL || p->n == 0 || address == NULL)
		return;
	proxies_client(p, address, web_joined(req, p->forwarded ? "Forwarded" : "X-Forwarded-For",
		text, sizeof(text)), req->peer);
}

struct cert *
web_certificate(const struct web_request *req)
{
	struct evhttp_connection *conn = evhttp_request_get_connection(req->req);
	struct bufferevent *bev = evhttp_connection_get_bufferevent(conn);

	return req->home->owner->conf.door == NULL ? NULL
						   : door_shown(bufferevent_openssl_get_ssl(bev));
}

/* ---- the answer ---- */

/* What every answer carries, the failures too. Nothing from elsewhere, nothing inline, no frame
 * around us. */
static const struct {
	const char *name, *value;
} headers[] = {
	{ "Content-Security-Policy",
		"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src "
		"'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri "
		"'none'" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "X-Frame-Options", "DENY" },
	/* Not no-referrer: browsers then say "Origin: null" of our own forms. */
	{ "Referrer-Policy", "same-origin" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Permissions-Policy",
		"camera=(), microphone=(), geolocation=(), "
		"publickey-credentials-create=(self), publickey-credentials-get=(self)" },
};

void
web_set(struct web_request *req, const char *name, const char *value)
{
	assert(strpbrk(value, "\r\n") == NULL);
	(void)evhttp_add_header(evhttp_request_get_output_headers(req->req), name, value);
}

/* gzip (RFC 1952) of body into out; false: leave it as it is. */
static bool
web_compress(const void *body, size_t n, struct evbuffer *out)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)body, .avail_in = (uInt)n };
	struct evbuffer_iovec at;
	bool ok;

	if (n > UINT32_MAX / 2 ||
		deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	ok = evbuffer_reserve_space(out, (ev_ssize_t)deflateBound(&z, (uLong)n), &at, 1) == 1;
	if (ok) {
		z.next_out = at.iov_base;
		z.avail_out = (uInt)at.iov_len;
		ok = deflate(&z, Z_FINISH) == Z_STREAM_END;
		at.iov_len = (size_t)z.total_out;
		ok = ok && evbuffer_commit_space(out, &at, 1) == 0;
	}
	(void)deflateEnd(&z);
	return ok;
}

/* libevent would send the body along: only its length goes (RFC 9110 9.3.2). */
static void
web_head_only(struct web_request *req, struct evbuffer *out)
{
	char n[24];

	(void)snprintf(n, sizeof(n), "%zu", evbuffer_get_length(out));
	web_set(req, "Content-Length", n);
	(void)evbuffer_drain(out, evbuffer_get_length(out));
}

bool
web_is_head(const struct web_request *req)
{
	return evhttp_request_get_command(req->req) == EVHTTP_REQ_HEAD;
}

bool
web_takes_gzip(const struct web_request *req)
{
	const char *accept = web_header(req, "Accept-Encoding");

	return accept != NULL && strstr(accept, "gzip") != NULL;
}

static bool
web_is_text(const char *media)
{
	static const char *const kinds[] = { "text/", "json", "javascript", "svg" };

	for (size_t i = 0; i < CO_ARRAY_LEN(kinds); i++)
		if (strstr(media, kinds[i]) != NULL)
			return true;
	return false;
}

/* The body as it goes over the wire. */
static bool
web_fill(struct web_request *req, bool text, const void *body, size_t n, struct evbuffer *out)
{
	if (text && n >= WEB_COMPRESS_MIN) {
		web_set(req, "Vary", "Accept-Encoding");
		if (web_takes_gzip(req) && web_compress(body, n, out)) {
			web_set(req, "Content-Encoding", "gzip");
			return true;
		}
	}
	return n == 0 || evbuffer_add(out, body, n) == 0;
}

void
web_reply(struct web_request *req, int status, const char *media, const void *body, size_t n)
{
	struct evbuffer *out = evbuffer_new();

	assert(!req->answered);
	req->answered = true;
	web_set(req, "Content-Type", media);
	/* What an officer saw does not stay in the browser, unless the answer says that it may. */
	if (evhttp_find_header(evhttp_request_get_output_headers(req->req), "Cache-Control") ==
		NULL)
		web_set(req, "Cache-Control", "no-store");
	if (out == NULL || !web_fill(req, web_is_text(media), body, n, out))
		status = HTTP_INTERNAL;
	if (out != NULL && web_is_head(req))
		web_head_only(req, out);
	evhttp_send_reply(req->req, status, NULL, out);
	if (out != NULL)
		evbuffer_free(out);
}

/* ---- a request comes ---- */

static bool
web_read_fields(struct web_request *r)
{
	const char *media = web_header(r, "Content-Type");
	co_auto_buf text;
	size_t n;
	const char *body = web_body(r, &n);

	co_buf_init(&text, LIMIT_DESK_BODY);
	if (web_method(r) != WEB_POST || media == NULL || body == NULL ||
		strncmp(media, "application/x-www-form-urlencoded", 33) != 0)
		return true;
	if (memchr(body, '\0', n) != NULL || co_buf_add(&text, body, n, NULL) != CO_OK)
		return false;
	return web_pairs(text.data, &r->fields);
}

static bool
web_read(struct web_request *r)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(r->req);
	const char *path = uri == NULL ? NULL : evhttp_uri_get_path(uri);
	const char *query = uri == NULL ? NULL : evhttp_uri_get_query(uri);

	r->path = path == NULL ? NULL : web_path_read(path);
	return r->path != NULL && (query == NULL || web_pairs(query, &r->query)) &&
		web_read_fields(r);
}

static void
web_refuse(struct web_request *r, int status, const char *text)
{
	web_reply(r, status, "text/plain; charset=utf-8", text, strlen(text));
}

static bool
web_is_plain(struct evhttp_request *req)
{
	struct bufferevent *bev =
		evhttp_connection_get_bufferevent(evhttp_request_get_connection(req));

	return bev == NULL || bufferevent_openssl_get_ssl(bev) == NULL;
}

static void
web_request_in(struct evhttp_request *req, void *arg)
{
	struct web_loop *l = arg;
	struct web_request r = { .req = req, .home = l };

	TAILQ_INIT(&r.query);
	TAILQ_INIT(&r.fields);
	web_peer_read(&r);
	for (size_t i = 0; i < CO_ARRAY_LEN(headers); i++)
		web_set(&r, headers[i].name, headers[i].value);
	if (l->owner->conf.door != NULL && web_is_plain(req)) {
		web_refuse(&r, HTTP_SERVUNAVAIL, "Out of memory; try again.\n");
	} else if ((evhttp_request_get_command(req) & WEB_METHODS) == 0) {
		web_set(&r, "Allow", "GET, HEAD, POST");
		web_refuse(&r, HTTP_BADMETHOD, "This desk knows GET, HEAD and POST.\n");
	} else if (web_read(&r)) {
		l->owner->conf.handler(&r, l->owner->conf.arg);
	} else {
		web_refuse(&r, HTTP_BADREQUEST, "This request cannot be read.\n");
	}
	assert(r.answered);
	evhttp_clear_headers(&r.query);
	evhttp_clear_headers(&r.fields);
	free(r.path);
}

/* ---- life ---- */

/* NULL when memory is out: evhttp then speaks plainly, and nothing is served for want of TLS. */
static struct bufferevent *
web_bev(struct event_base *base, void *arg)
{
	struct web_loop *l = arg;
	struct bufferevent *bev = NULL;
	struct ssl_st *ssl;

	if (l->owner->conf.door == NULL) {
		bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	} else if (door_accept(l->owner->conf.door, &ssl, NULL) == CO_OK) {
		bev = bufferevent_openssl_socket_new(base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING,
			BEV_OPT_CLOSE_ON_FREE);
		if (bev != NULL)
			bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	}
	if (bev != NULL && l->divert != NULL)
		(void)divert_watch(l->divert, bev);
	return bev;
}

static void
web_setup(struct evhttp *http, struct loop *loop, void *arg)
{
	struct web_loop *l = arg;

	if (l->owner->conf.takers != NULL && divert_new(&l->divert, loop_base(loop),
			l->owner->conf.takers, l->owner->conf.arg, NULL) != CO_OK)
		co_error("web", "out of memory: this loop takes no files");
	evhttp_set_bevcb(http, web_bev, l);
	evhttp_set_gencb(http, web_request_in, l);
	evhttp_set_timeout(http, WEB_IDLE_S);
	evhttp_set_max_headers_size(http, LIMIT_HTTP_HEADERS);
	evhttp_set_max_body_size(http, (ev_ssize_t)l->owner->conf.body_max);
	/* All are let in, so that the refusal of others is ours and carries our headers. */
	evhttp_set_allowed_methods(http, UINT16_MAX);
	if (web_streams_begin(l, loop_base(loop), NULL) != CO_OK)
		co_error("web", "out of memory: this loop has no live updates");
}

static enum co_rc
web_listen(struct web *w, struct co_err *err)
{
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6, .sin6_port = htons(w->conf.port) };
	struct sockaddr_in a4 = { .sin_family = AF_INET, .sin_port = htons(w->conf.port) };
	bool four = inet_pton(AF_INET, w->conf.address, &a4.sin_addr) == 1;
	socklen_t n = four ? sizeof(a4) : sizeof(a6);
	int on = 1;

	if (!four && inet_pton(AF_INET6, w->conf.address, &a6.sin6_addr) != 1)
		return co_fail(err, CO_EUSAGE, "the desk's address \"%s\" is no IP address",
			w->conf.address);
	w->fd = socket(four ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (w->fd < 0)
		return co_fail_errno(err, "socket");
	(void)setsockopt(w->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	/* Accepted sockets inherit it: a page of two writes would wait 40 ms for the reader's
	 * ACK. */
	(void)setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (bind(w->fd, four ? (struct sockaddr *)&a4 : (struct sockaddr *)&a6, n) != 0 ||
		listen(w->fd, WEB_BACKLOG) != 0)
		return co_fail_errno(err, "the desk at %s port %u; another program may use it",
			w->conf.address, w->conf.port);
	if (getsockname(w->fd, four ? (struct sockaddr *)&a4 : (struct sockaddr *)&a6, &n) != 0)
		return co_fail_errno(err, "getsockname");
	w->port = ntohs(four ? a4.sin_port : a6.sin6_port);
	return CO_OK;
}

enum co_rc
web_open(struct web **out, const struct web_conf *conf, struct co_err *err)
{
	struct web *w = calloc(1, sizeof(*w));
	unsigned want = conf->loops == 0 ? WEB_LOOPS : conf->loops;
	enum co_rc rc;

	if (w == NULL)
		return co_fail(err, CO_ENOMEM, "the desk");
	w->conf = *conf;
	w->fd = -1;
	rc = web_listen(w, err);
	for (unsigned i = 0; rc == CO_OK && i < want && i < WEB_LOOPS_MAX; i++) {
		struct web_loop *l = &w->loops[i];

		l->owner = w;
		(void)pthread_mutex_init(&l->lock, NULL);
		w->loops_n++;
		rc = loop_start(&l->loop, w->fd, web_setup, l, err);
	}
	if (rc != CO_OK) {
		web_close(&w);
		return rc;
	}
	*out = w;
	return CO_OK;
}

void
web_close(struct web **web)
{
	struct web *w = *web;

	if (w == NULL)
		return;
	for (unsigned i = 0; i < w->loops_n; i++)
		if (w->loops[i].loop != NULL)
			loop_stop(&w->loops[i].loop, WEB_GRACE_MS);
	for (unsigned i = 0; i < w->loops_n; i++) {
		web_streams_end(&w->loops[i]);
		divert_free(&w->loops[i].divert);
		if (w->loops[i].loop != NULL)
			loop_free(&w->loops[i].loop);
		(void)pthread_mutex_destroy(&w->loops[i].lock);
	}
	if (w->fd >= 0)
		(void)close(w->fd);
	free(w);
	*web = NULL;
}

uint16_t
web_port(const struct web *w)
{
	return w->port;
}
