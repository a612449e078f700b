/* Server-sent events (WHATWG HTML 9.2): many readers, each on its loop, fed from any thread. */
#include "network/web_inside.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <string.h>

struct web_stream {
	struct web_stream *next;
	struct web_loop *home;
	struct evhttp_request *req;
	struct evbuffer *waiting; /* filled by any thread under home->lock */
	bool slow;                /* too much waits: to be dropped */
	web_gone *gone;
	void *arg;
};

enum { STREAM_ALIVE_S = 20, STREAM_DAY_S = 86400 };

static void
stream_free(struct web_stream *s)
{
	struct web_loop *l = s->home;

	(void)atomic_fetch_sub(&l->owner->streams_n, 1);
	evbuffer_free(s->waiting);
	free(s);
}

/* The reader left. */
static void
stream_closed(struct evhttp_connection *conn, void *arg)
{
	struct web_stream *s = arg;
	struct web_loop *l = s->home;

	(void)conn;
	pthread_mutex_lock(&l->lock);
	for (struct web_stream **at = &l->streams; *at != NULL; at = &(*at)->next) {
		if (*at == s) {
			*at = s->next;
			break;
		}
	}
	pthread_mutex_unlock(&l->lock);
	s->gone(s, s->arg);
	stream_free(s);
}

static void
stream_push(struct web_stream *s, struct evbuffer *out)
{
	struct evhttp_connection *conn = evhttp_request_get_connection(s->req);
	struct bufferevent *bev = evhttp_connection_get_bufferevent(conn);

	if (s->slow || evbuffer_get_length(bufferevent_get_output(bev)) > LIMIT_DESK_STREAM_BYTES)
		evhttp_connection_free(conn); /* comes back in stream_closed */
	else
		evhttp_send_reply_chunk(s->req, out);
}

/* What waits is taken under the lock and sent without it. A push may end its stream, so the list is
 * walked from the start again after each. */
static void
streams_wake(evutil_socket_t fd, short what, void *arg)
{
	struct web_loop *l = arg;
	struct evbuffer *out = evbuffer_new();
	bool alive = (what & EV_TIMEOUT) != 0;
	struct web_stream *s;

	(void)fd;
	pthread_mutex_lock(&l->lock);
	for (s = l->streams; out != NULL && alive && s != NULL; s = s->next)
		(void)evbuffer_add(s->waiting, ":\n\n", 3);
	for (;;) {
		for (s = l->streams; s != NULL; s = s->next)
			if (s->slow || evbuffer_get_length(s->waiting) > 0)
				break;
		if (s == NULL || out == NULL)
			break;
		(void)evbuffer_add_buffer(out, s->waiting);
		pthread_mutex_unlock(&l->lock);
		stream_push(s, out);
		(void)evbuffer_drain(out, evbuffer_get_length(out));
		pthread_mutex_lock(&l->lock);
	}
	pthread_mutex_unlock(&l->lock);
	if (out != NULL)
		evbuffer_free(out);
}

enum co_rc
web_streams_begin(struct web_loop *l, struct event_base *base, struct co_err *err)
{
	struct timeval alive = { STREAM_ALIVE_S, 0 };

	l->wake = event_new(base, -1, EV_PERSIST, streams_wake, l);
	if (l->wake == NULL || event_add(l->wake, &alive) != 0)
		return co_fail(err, CO_ENOMEM, "live updates");
	return CO_OK;
}

void
web_streams_end(struct web_loop *l)
{
	while (l->streams != NULL) {
		struct web_stream *s = l->streams;

		l->streams = s->next;
		evhttp_connection_set_closecb(evhttp_request_get_connection(s->req), NULL, NULL);
		s->gone(s, s->arg);
		stream_free(s);
	}
	if (l->wake != NULL)
		event_free(l->wake);
	l->wake = NULL;
}

struct web_stream *
web_stream_open(struct web_request *req, web_gone *gone, void *arg)
{
	static const char full[] = "Too many desks are open; this page is not live. Reload it.\n";
	struct web_loop *l = req->home;
	struct web_stream *s;

	if (web_is_head(req)) {
		web_reply(req, HTTP_OK, "text/event-stream", "", 0);
		return NULL;
	}
	s = calloc(1, sizeof(*s));
	if (s != NULL)
		s->waiting = evbuffer_new();
	if (s == NULL || s->waiting == NULL || l->wake == NULL ||
		atomic_fetch_add(&l->owner->streams_n, 1) >= LIMIT_DESK_STREAMS) {
		if (s != NULL && s->waiting != NULL && l->wake != NULL)
			(void)atomic_fetch_sub(&l->owner->streams_n, 1);
		if (s != NULL && s->waiting != NULL)
			evbuffer_free(s->waiting);
		free(s);
		web_reply(
			req, HTTP_SERVUNAVAIL, "text/plain; charset=utf-8", full, sizeof(full) - 1);
		return NULL;
	}
	s->home = l;
	s->req = req->req;
	s->gone = gone;
	s->arg = arg;
	req->answered = true;
	web_set(req, "Content-Type", "text/event-stream");
	web_set(req, "Cache-Control", "no-store");
	evhttp_connection_set_closecb(evhttp_request_get_connection(s->req), stream_closed, s);
	evhttp_connection_set_timeout(evhttp_request_get_connection(s->req), STREAM_DAY_S);
	evhttp_send_reply_start(s->req, HTTP_OK, "OK");
	pthread_mutex_lock(&l->lock);
	s->next = l->streams;
	l->streams = s;
	(void)evbuffer_add(s->waiting, ":\n\n", 3);
	pthread_mutex_unlock(&l->lock);
	event_active(l->wake, EV_WRITE, 0);
	return s;
}

/* Lines of data each need their own field (9.2.6). */
void
web_stream_send(struct web_stream *s, const char *event, const char *data)
{
	struct web_loop *l = s->home;

	pthread_mutex_lock(&l->lock);
	if (evbuffer_get_length(s->waiting) + strlen(data) > LIMIT_DESK_STREAM_BYTES)
		s->slow = true;
	else
		(void)evbuffer_add_printf(s->waiting, "event: %s\n", event);
	while (!s->slow && data != NULL) {
		size_t n = strcspn(data, "\n");

		(void)evbuffer_add_printf(s->waiting, "data: %.*s\n", (int)n, data);
		data = data[n] == '\0' ? NULL : data + n + 1;
	}
	if (!s->slow)
		(void)evbuffer_add(s->waiting, "\n", 1);
	pthread_mutex_unlock(&l->lock);
	event_active(l->wake, EV_WRITE, 0);
}
