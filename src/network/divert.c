#include "network/divert.h"

#include "base/log.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <string.h>
#include <strings.h>

enum { DIVERT_SCAN_MS = 500, DIVERT_PIECE = 64 * 1024, DIVERT_BODY = 2 * LIMIT_DESK_BODY };

enum flow { FLOW_HEAD, FLOW_PASS, FLOW_TAKE, FLOW_PLAIN /* passes for ever */ };

/* A connection. */
struct way {
	struct way *next;
	struct divert *owner;
	struct bufferevent *bev; /* a reference of ours */
	enum flow flow;
	bool inside;           /* the buffer is being changed by us */
	uint64_t left;         /* of the body that passes or is taken */
	struct evbuffer *wait; /* a head that is not whole; bytes behind a body */
	char *head;            /* of the request whose body is taken, without its end */
	void *taker;
};

struct divert {
	struct divert_calls calls;
	void *arg;
	struct event *scan;
	struct way *ways;
};

/* ---- heads ---- */

/* Bytes up to and with the empty line, 0 when it has not come. *odd: lines that do not end in CR
 * LF, which the server would take otherwise than we do. */
static size_t
head_end(const char *p, size_t n, bool *odd)
{
	size_t line = 0;

	*odd = false;
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\0')
			*odd = true;
		if (p[i] != '\n')
			continue;
		if (i == 0 || p[i - 1] != '\r')
			*odd = true;
		if (i - line <= 1)
			return i + 1;
		line = i + 1;
	}
	return 0;
}

bool
divert_header(const struct divert_head *h, const char *name, char *out, size_t cap)
{
	size_t n = strlen(name);
	bool found = false;

	out[0] = '\0';
	for (const char *line = h->lines; *line != '\0';) {
		size_t len = strcspn(line, "\r");
		const char *value = line + n + 1;

		if (len > n && strncasecmp(line, name, n) == 0 && line[n] == ':') {
			size_t k = len - n - 1;

			for (; k > 0 && (*value == ' ' || *value == '\t'); value++)
				k--;
			for (; k > 0 && (value[k - 1] == ' ' || value[k - 1] == '\t'); k--)
				;
			if (found || k >= cap)
				return false;
			memcpy(out, value, k);
			out[k] = '\0';
			found = true;
		}
		line += len + (line[len] == '\r' ? 2 : 0);
	}
	return true;
}

/* A line that goes on in the next one (obs-fold), or a length that is not plainly told. */
static bool
head_plain(const struct divert_head *h, bool post, uint64_t *length)
{
	char text[24], coded[8];

	*length = 0;
	if (strstr(h->lines, "\n ") != NULL || strstr(h->lines, "\n\t") != NULL ||
		!divert_header(h, "Transfer-Encoding", coded, sizeof(coded)) || coded[0] != '\0' ||
		!divert_header(h, "Content-Length", text, sizeof(text)))
		return false;
	if (text[0] == '\0')
		return true;
	if (!post || strlen(text) > 15 || strspn(text, "0123456789") != strlen(text))
		return false;
	*length = strtoull(text, NULL, 10);
	return true;
}

/* ---- the input of a connection ---- */

static void
way_give(struct way *w, struct evbuffer *from, size_t n)
{
	(void)evbuffer_remove_buffer(from, bufferevent_get_input(w->bev), n);
}

/* From here on all passes. */
static void
way_plain(struct way *w)
{
	w->flow = FLOW_PLAIN;
	way_give(w, w->wait, evbuffer_get_length(w->wait));
}

/* The head as it came, but with another body behind it. */
static void
way_instead(struct way *w)
{
	static const char *const gone[] = { "Content-Length:", "Content-Type:", "Expect:" };
	struct evbuffer *in = bufferevent_get_input(w->bev);
	const char *media = "application/x-www-form-urlencoded";
	co_auto_buf body;

	co_buf_init(&body, DIVERT_BODY);
	w->owner->calls.end(w->taker, &body, &media);
	w->taker = NULL;
	for (const char *line = w->head; *line != '\0';) {
		size_t len = strcspn(line, "\r");
		bool keep = true;

		for (size_t i = 0; i < CO_ARRAY_LEN(gone); i++)
			keep = keep && strncasecmp(line, gone[i], strlen(gone[i])) != 0;
		if (keep && len > 0)
			(void)evbuffer_add_printf(in, "%.*s\r\n", (int)len, line);
		line += len + (line[len] == '\r' ? 2 : 0);
	}
	(void)evbuffer_add_printf(
		in, "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n", media, body.len);
	(void)evbuffer_add(in, body.data, body.len);
	free(w->head);
	w->head = NULL;
	w->flow = FLOW_HEAD;
}

static void
way_expects(struct way *w, const struct divert_head *h)
{
	char expect[32];

	/* We hold the head back, so the server cannot say it. */
	if (divert_header(h, "Expect", expect, sizeof(expect)) &&
		strcasecmp(expect, "100-continue") == 0)
		(void)bufferevent_write(w->bev, "HTTP/1.1 100 Continue\r\n\r\n", 25);
}

/* A whole head stands in w->head: who gets its body? false: nobody knows where it ends. */
static bool
way_choose(struct way *w)
{
	char path[2048];
	struct divert_head h = { .path = path };
	bool post = strncmp(w->head, "POST ", 5) == 0;
	const char *at, *lines = strstr(w->head, "\r\n");
	uint64_t length;
	size_t n;

	/* An empty line before a request, or nothing behind its first line. */
	if (lines == NULL || lines == w->head)
		return false;
	h.lines = lines + 2;
	if (!head_plain(&h, post, &length))
		return false;
	w->left = h.length = length;
	w->flow = length == 0 ? FLOW_HEAD : FLOW_PASS;
	/* A head may be shorter than "POST ". */
	if (!post || length == 0)
		return true;
	at = w->head + 5;
	n = strcspn(at, " \r");
	if (n >= sizeof(path))
		return true;
	memcpy(path, at, n);
	path[n] = '\0';
	w->taker = w->owner->calls.begin(w->owner->arg, &h);
	if (w->taker == NULL)
		return true;
	w->flow = FLOW_TAKE;
	way_expects(w, &h);
	return true;
}

/* false: the head is not whole. */
static bool
flow_head(struct way *w)
{
	size_t n = evbuffer_get_length(w->wait), end;
	const char *p = (const char *)evbuffer_pullup(w->wait, -1);
	bool odd;

	if (p == NULL)
		return false;
	end = head_end(p, n, &odd);
	if (end == 0 && !odd && n <= LIMIT_HTTP_HEADERS)
		return false;
	w->head = odd || end == 0 ? NULL : strndup(p, end - 2);
	if (w->head == NULL || !way_choose(w)) {
		free(w->head);
		w->head = NULL;
		way_plain(w);
		return false;
	}
	if (w->flow == FLOW_TAKE) {
		(void)evbuffer_drain(w->wait, end);
		return true;
	}
	free(w->head);
	w->head = NULL;
	way_give(w, w->wait, end);
	return true;
}

static bool
flow_pass(struct way *w)
{
	size_t n = evbuffer_get_length(w->wait);

	n = n < w->left ? n : (size_t)w->left;
	way_give(w, w->wait, n);
	w->left -= n;
	if (w->left == 0)
		w->flow = FLOW_HEAD;
	return w->left == 0;
}

static bool
flow_take(struct way *w)
{
	while (w->left > 0) {
		char piece[DIVERT_PIECE];
		size_t want = w->left < sizeof(piece) ? (size_t)w->left : sizeof(piece);
		int n = evbuffer_remove(w->wait, piece, want);

		if (n <= 0)
			return false;
		w->owner->calls.add(w->taker, piece, (size_t)n);
		w->left -= (size_t)n;
	}
	way_instead(w);
	return true;
}

static void
way_run(struct way *w)
{
	static bool (*const flows[])(struct way *) = {
		[FLOW_HEAD] = flow_head,
		[FLOW_PASS] = flow_pass,
		[FLOW_TAKE] = flow_take,
	};

	while (w->flow != FLOW_PLAIN && evbuffer_get_length(w->wait) > 0 && flows[w->flow](w))
		;
}

/* Bytes came: the last n_added of the buffer. What stands before them the server has not used. */
static void
way_input(struct evbuffer *in, const struct evbuffer_cb_info *info, void *arg)
{
	struct way *w = arg;
	struct evbuffer *before;
	size_t all = evbuffer_get_length(in);

	if (w->inside || info->n_added == 0 || w->flow == FLOW_PLAIN)
		return;
	if (w->flow == FLOW_PASS && info->n_added < w->left) {
		w->left -= info->n_added; /* they stay where they are */
		return;
	}
	before = evbuffer_new();
	if (before == NULL) {
		w->flow = FLOW_PLAIN;
		return;
	}
	w->inside = true;
	(void)evbuffer_remove_buffer(in, before, all - info->n_added);
	(void)evbuffer_add_buffer(w->wait, in);
	(void)evbuffer_add_buffer(in, before);
	way_run(w);
	w->inside = false;
	evbuffer_free(before);
}

/* ---- connections ---- */

/* As in guard.c: the owner frees a bufferevent by taking its callbacks away. */
static bool
way_left(const struct way *w)
{
	bufferevent_data_cb read = NULL;
	bufferevent_event_cb event = NULL;

	bufferevent_getcb(w->bev, &read, NULL, &event, NULL);
	return read == NULL && event == NULL;
}

static void
way_free(struct way *w)
{
	(void)evbuffer_remove_cb(bufferevent_get_input(w->bev), way_input, w);
	if (w->taker != NULL)
		w->owner->calls.drop(w->taker);
	(void)bufferevent_decref(w->bev);
	evbuffer_free(w->wait);
	free(w->head);
	free(w);
}

static void
divert_wind(struct divert *d)
{
	struct timeval soon = { 0, DIVERT_SCAN_MS * 1000 };

	if (d->ways != NULL && !event_pending(d->scan, EV_TIMEOUT, NULL))
		(void)event_add(d->scan, &soon);
}

static void
divert_scan(evutil_socket_t fd, short what, void *arg)
{
	struct divert *d = arg;

	(void)fd;
	(void)what;
	for (struct way **at = &d->ways; *at != NULL;) {
		struct way *w = *at;

		if (!way_left(w)) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		way_free(w);
	}
	divert_wind(d);
}

bool
divert_watch(struct divert *d, struct bufferevent *bev)
{
	struct way *w = calloc(1, sizeof(*w));

	if (w != NULL)
		w->wait = evbuffer_new();
	if (w == NULL || w->wait == NULL) {
		co_error("web", "out of memory: a connection takes no files");
		free(w);
		return false;
	}
	w->owner = d;
	w->bev = bev;
	bufferevent_incref(bev);
	(void)evbuffer_add_cb(bufferevent_get_input(bev), way_input, w);
	w->next = d->ways;
	d->ways = w;
	divert_wind(d);
	return true;
}

struct bufferevent *
divert_bev(struct event_base *base, void *arg)
{
	struct bufferevent *bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);

	if (bev != NULL)
		(void)divert_watch(arg, bev);
	return bev;
}

enum co_rc
divert_new(struct divert **out, struct event_base *base, const struct divert_calls *calls,
	void *arg, struct co_err *err)
{
	struct divert *d = calloc(1, sizeof(*d));

	if (d != NULL)
		d->scan = event_new(base, -1, 0, divert_scan, d);
	if (d == NULL || d->scan == NULL) {
		free(d);
		return co_fail(err, CO_ENOMEM, "uploads");
	}
	d->calls = *calls;
	d->arg = arg;
	*out = d;
	return CO_OK;
}

void
divert_free(struct divert **out)
{
	struct divert *d = *out;

	if (d == NULL)
		return;
	while (d->ways != NULL) {
		struct way *w = d->ways;

		d->ways = w->next;
		way_free(w);
	}
	event_free(d->scan);
	free(d);
	*out = NULL;
}
