/* An answer piece by piece, as fast as it is taken: its bytes never stand in memory together. */
#include "network/web_inside.h"

#include "base/log.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <assert.h>

enum { GIVE_PIECES = 16 }; /* of WEB_PIECE before it waits for the reader */

struct giving {
	struct evhttp_request *req;
	web_pull *pull;
	web_end *end;
	void *arg;
	bool ended;
};

static void
giving_free(struct giving *g)
{
	g->end(g->arg);
	free(g);
}

/* The reader left, or we gave up. */
static void
giving_closed(struct evhttp_connection *conn, void *arg)
{
	(void)conn;
	giving_free(arg);
}

static void
giving_go(struct evhttp_connection *conn, void *arg)
{
	struct giving *g = arg;
	struct evbuffer *out = evbuffer_new();
	struct co_err err = { CO_OK, "" };
	unsigned char piece[WEB_PIECE];
	bool bad = out == NULL;

	for (unsigned i = 0; !bad && !g->ended && i < GIVE_PIECES; i++) {
		size_t n;

		bad = g->pull(g->arg, piece, &n, &err) != CO_OK ||
			evbuffer_add(out, piece, n) != 0;
		g->ended = n == 0;
	}
	if (bad) {
		/* The length was promised: a reader sees that this is not the whole. */
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
give_start(struct evhttp_request *req, const char *media, uint64_t size, web_pull *pull,
	web_end *end, void *arg)
{
	struct evkeyvalq *heads = evhttp_request_get_output_headers(req);
	struct evhttp_connection *conn = evhttp_request_get_connection(req);
	struct giving *g = calloc(1, sizeof(*g));
	char text[24];

	if (g == NULL) {
		end(arg);
		evhttp_send_reply(req, HTTP_INTERNAL, NULL, NULL);
		return;
	}
	*g = (struct giving){ .req = req, .pull = pull, .end = end, .arg = arg };
	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)size);
	head_put(heads, "Content-Type", media);
	head_put(heads, "Content-Length", text);
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
	give_start(req->req, media, size, pull, end, arg);
}
