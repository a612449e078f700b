#include "network/range.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>

#include <event2/http.h>
#include <string.h>
#include <sys/socket.h>

/* Small enough to stay in the cache until it is encrypted: reading a piece and encrypting it from
 * there costs half of what encrypting from the page cache does. */
enum { RANGE_PIECE = 256 * 1024 };

struct range {
	struct evhttp_request *req; /* NULL once the connection is gone */
	int fd;
	uint64_t at, left;
	int64_t until_us;
	unsigned users; /* this answer, and the piece that the connection still has */
	unsigned char piece[RANGE_PIECE];
};

static void
range_put(struct range *r)
{
	if (--r->users > 0)
		return;
	(void)close(r->fd);
	free(r);
}

static void
range_closed(struct evhttp_connection *conn, void *arg)
{
	struct range *r = arg;

	(void)conn;
	r->req = NULL;
	range_put(r);
}

static void
piece_taken(const void *data, size_t n, void *arg)
{
	(void)data;
	(void)n;
	range_put(arg);
}

/* The header is out: all that can still be said is that it is not whole. */
static void
range_break(struct evhttp_connection *conn, const char *why)
{
	evutil_socket_t fd = bufferevent_getfd(evhttp_connection_get_bufferevent(conn));

	co_warn("listener", "a range of an exhibit broke off: %s", why);
	if (fd >= 0)
		(void)shutdown(fd, SHUT_RDWR); /* the loop then closes it as any other */
}

static void
range_end(struct evhttp_connection *conn, struct range *r)
{
	struct evhttp_request *req = r->req;

	evhttp_connection_set_closecb(conn, NULL, NULL);
	range_put(r);
	evhttp_send_reply_end(req);
}

/* The partner has taken the piece before. */
static void
range_next(struct evhttp_connection *conn, void *arg)
{
	struct range *r = arg;
	size_t want = r->left < RANGE_PIECE ? (size_t)r->left : RANGE_PIECE;
	struct evbuffer *out;
	ssize_t got;

	if (want == 0) {
		range_end(conn, r);
		return;
	}
	got = pread(r->fd, r->piece, want, (off_t)r->at);
	out = evbuffer_new();
	if (got <= 0 || out == NULL || co_mono_us() > r->until_us) {
		range_break(conn,
			out == NULL            ? "memory ran out"
				: got == 0     ? "the file is shorter than it was"
				: got < 0      ? strerror(errno)
					       : "the partner takes it too slowly");
	} else if (evbuffer_add_reference(out, r->piece, (size_t)got, piece_taken, r) == 0) {
		r->users++;
		r->at += (uint64_t)got;
		r->left -= (uint64_t)got;
		evhttp_send_reply_chunk_with_cb(r->req, out, range_next, r);
	} else {
		range_break(conn, "memory ran out");
	}
	if (out != NULL)
		evbuffer_free(out);
}

enum co_rc
range_answer(struct evhttp_request *req, int fd, uint64_t from, uint64_t n, uint64_t size,
	int64_t until_us, struct co_err *err)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
	struct evhttp_connection *conn = evhttp_request_get_connection(req);
	struct range *r = malloc(sizeof(*r));
	char text[96];

	if (r == NULL) {
		(void)close(fd);
		return co_fail(err, CO_ENOMEM, "a range of an exhibit");
	}
	r->req = req;
	r->fd = fd;
	r->at = from;
	r->left = n;
	r->until_us = until_us;
	r->users = 1;
	(void)snprintf(text, sizeof(text), "bytes %llu-%llu/%llu", (unsigned long long)from,
		(unsigned long long)(from + n - 1), (unsigned long long)size);
	(void)evhttp_add_header(headers, "Content-Range", text);
	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
	(void)evhttp_add_header(headers, "Content-Length", text);
	(void)evhttp_add_header(headers, "Content-Type", "application/octet-stream");
	evhttp_connection_set_closecb(conn, range_closed, r);
	evhttp_send_reply_start(req, 206, "Partial Content");
	range_next(conn, r);
	return CO_OK;
}
