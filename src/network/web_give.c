/* An answer piece by piece, as fast as it is taken: its bytes never stand in memory together. */
#include "network/web_inside.h"

#include "base/clock.h"
#include "base/log.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <assert.h>
#include <zlib.h>

enum {
	GIVE_PIECES = 16, /* of WEB_PIECE before it waits for the reader */
	GIVE_US = 2000    /* and no longer than this: the loop has other readers */
};

struct giving {
	struct evhttp_request *req;
	web_pull *pull;
	web_end *end;
	void *arg;
	bool ended;
	bool gzip;
	z_stream z; /* when gzip */
};

static void
giving_free(struct giving *g)
{
	g->end(g->arg);
	if (g->gzip)
		(void)deflateEnd(&g->z);
	free(g);
}

/* The reader left, or we gave up. */
static void
giving_closed(struct evhttp_connection *conn, void *arg)
{
	(void)conn;
	giving_free(arg);
}

/* n 0: the end. */
static bool
piece_compress(struct giving *g, unsigned char *piece, size_t n, struct evbuffer *out)
{
	unsigned char packed[WEB_PIECE];
	int rc;

	g->z.next_in = piece;
	g->z.avail_in = (uInt)n;
	do {
		g->z.next_out = packed;
		g->z.avail_out = sizeof(packed);
		rc = deflate(&g->z, n == 0 ? Z_FINISH : Z_NO_FLUSH);
		if ((rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR) ||
			evbuffer_add(out, packed, sizeof(packed) - g->z.avail_out) != 0)
			return false;
	} while (g->z.avail_out == 0);
	return n != 0 || rc == Z_STREAM_END;
}

/* One piece of the answer into out. */
static bool
giving_piece(struct giving *g, struct evbuffer *out, struct co_err *err)
{
	unsigned char piece[WEB_PIECE];
	size_t n;

	if (g->pull(g->arg, piece, &n, err) != CO_OK)
		return false;
	g->ended = n == 0;
	if (g->gzip)
		return piece_compress(g, piece, n, out);
	return evbuffer_add(out, piece, n) == 0;
}

static void
giving_go(struct evhttp_connection *conn, void *arg)
{
	struct giving *g = arg;
	struct evbuffer *out = evbuffer_new();
	struct co_err err = { CO_OK, "" };
	int64_t begin_us = co_mono_us();
	bool bad = out == NULL;

	/* At least something goes out, or nothing would come back here. */
	for (unsigned i = 0; !bad && !g->ended &&
		(evbuffer_get_length(out) == 0 ||
			(i < GIVE_PIECES && co_mono_us() - begin_us < GIVE_US));
		i++)
		bad = !giving_piece(g, out, &err);
	if (bad) {
		/* The length, or an end, was promised: a reader sees that this is not the whole. */
		co_error("web", "an answer breaks off: %s", err.msg);
		if (out != NULL)
			evbuffer_free(out);
		evhttp_connection_free(conn); /* comes back in giving_closed */
		return;
	}
	if (evbuffer_get_length(out) > 0) {
		evhttp_send_reply_chunk_with_cb(g->req, out, giving_go, g);
	} else {
		evhttp_connection_set_closecb(conn, NULL, NULL);
		evhttp_send_reply_end(g->req);
		giving_free(g);
	}
	evbuffer_free(out);
}

static void
head_put(struct evkeyvalq *heads, const char *name, const char *value)
{
	(void)evhttp_remove_header(heads, name);
	(void)evhttp_add_header(heads, name, value);
}

void
give_start(struct evhttp_request *req, const char *media, uint64_t size, bool gzip, web_pull *pull,
	web_end *end, void *arg)
{
	struct evkeyvalq *heads = evhttp_request_get_output_headers(req);
	struct evhttp_connection *conn = evhttp_request_get_connection(req);
	struct giving *g = calloc(1, sizeof(*g));
	char text[24];

	if (g != NULL)
		*g = (struct giving){ .req = req, .pull = pull, .end = end, .arg = arg };
	if (g == NULL || (gzip && deflateInit2(&g->z, 6, Z_DEFLATED, 15 + 16, 8,
				  Z_DEFAULT_STRATEGY) != Z_OK)) {
		end(arg);
		free(g);
		evhttp_send_reply(req, HTTP_INTERNAL, NULL, NULL);
		return;
	}
	g->gzip = gzip;
	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)size);
	head_put(heads, "Content-Type", media);
	if (size != WEB_SIZE_UNKNOWN)
		head_put(heads, "Content-Length", text);
	if (gzip)
		head_put(heads, "Content-Encoding", "gzip");
	head_put(heads, "Cache-Control", "no-store");
	evhttp_connection_set_closecb(conn, giving_closed, g);
	evhttp_send_reply_start(req, HTTP_OK, "OK");
	giving_go(conn, g);
}

void
web_give(struct web_request *req, const char *media, uint64_t size, web_pull *pull, web_end *end,
	void *arg)
{
	if (web_is_head(req)) {
		end(arg);
		web_reply(req, HTTP_OK, media, "", 0);
		return;
	}
	assert(!req->answered);
	req->answered = true;
	if (size == WEB_SIZE_UNKNOWN)
		web_set(req, "Vary", "Accept-Encoding");
	give_start(req->req, media, size, size == WEB_SIZE_UNKNOWN && web_takes_gzip(req), pull,
		end, arg);
}
