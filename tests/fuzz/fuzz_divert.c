/* What a browser sends, through the part that takes uploads out of it: however it is cut, the taker
 * and the server get the same bytes, and a taker gets as many as its head promised. */
#include "network/divert.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

enum { BYTES_MOST = 1 << 20 };

struct seen {
	struct co_buf taken, server;
	uint64_t promised, got; /* of the body under way */
	bool taking;
};

static void
must(enum co_rc rc)
{
	if (rc != CO_OK)
		abort();
}

static void *
begin(void *arg, const struct divert_head *h)
{
	struct seen *s = arg;
	char value[64];

	if (s->taking || h->length == 0)
		abort();
	(void)divert_header(h, "Cookie", value, sizeof(value));
	if (strncmp(h->path, "/up", 3) != 0)
		return NULL;
	s->taking = true;
	s->promised = h->length;
	s->got = 0;
	must(co_buf_add_str(&s->taken, h->path, NULL));
	return s;
}

static void
add(void *taker, const void *p, size_t n)
{
	struct seen *s = taker;

	s->got += n;
	if (!s->taking || n == 0 || s->got > s->promised)
		abort();
	must(co_buf_add(&s->taken, p, n, NULL));
}

static void
end(void *taker, struct co_buf *body, const char **media)
{
	struct seen *s = taker;

	if (!s->taking || s->got != s->promised)
		abort();
	s->taking = false;
	*media = "text/plain";
	must(co_buf_add_str(body, "taken", NULL));
}

static void
drop(void *taker)
{
	((struct seen *)taker)->taking = false;
}

static void
run(struct event_base *base, const unsigned char *p, size_t n, size_t step, struct seen *s)
{
	const struct divert_calls calls = { begin, add, end, drop };
	struct bufferevent *bev = bufferevent_socket_new(base, -1, 0);
	struct evbuffer *in = bufferevent_get_input(bev);
	struct divert *d = NULL;
	size_t left;

	co_buf_init(&s->taken, BYTES_MOST);
	co_buf_init(&s->server, BYTES_MOST);
	must(divert_new(&d, base, &calls, s, NULL));
	if (bev == NULL || !divert_watch(d, bev))
		abort();
	(void)evbuffer_unfreeze(in, 0);
	for (size_t at = 0; at < n; at += step)
		(void)evbuffer_add(in, p + at, n - at < step ? n - at : step);
	left = evbuffer_get_length(in);
	must(co_buf_add(&s->server, evbuffer_pullup(in, -1), left, NULL));
	divert_free(&d);
	if (s->taking)
		abort();
	bufferevent_free(bev);
	(void)event_base_loop(base, EVLOOP_NONBLOCK); /* it is freed there */
}

static bool
same(const struct co_buf *a, const struct co_buf *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	static struct event_base *base;
	struct seen whole = { .taking = false }, cut = { .taking = false };

	if (base == NULL)
		base = event_base_new();
	if (base == NULL)
		abort();
	if (n == 0 || n > 64 * 1024)
		return 0;
	run(base, p, n, n, &whole);
	run(base, p, n, n < 512 ? 1 : n / 64, &cut);
	if (!same(&whole.taken, &cut.taken) || !same(&whole.server, &cut.server))
		abort();
	co_buf_deinit(&whole.taken);
	co_buf_deinit(&whole.server);
	co_buf_deinit(&cut.taken);
	co_buf_deinit(&cut.server);
	return 0;
}
