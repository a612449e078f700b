#include "network/guard.h"

#include "base/clock.h"
#include "base/log.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { GUARD_SCAN_MS = 250 };

struct guard_watch {
	struct guard_watch *prev, *next; /* newest first */
	struct bufferevent *bev;         /* a reference of ours */
	int64_t born_us;
	int64_t reading_us, writing_us; /* since when; 0: not */
	bool known, sent_away;
};

struct guard {
	struct guard_conf conf;
	struct event *scan;
	struct guard_watch *newest, *oldest;
	unsigned count;
	int64_t told_us; /* when a full house was last logged */
};

/* ---- what moves on a connection ---- */

static void
watch_input(struct evbuffer *b, const struct evbuffer_cb_info *info, void *arg)
{
	struct guard_watch *w = arg;

	(void)b;
	if (info->n_added > 0 && w->reading_us == 0)
		w->reading_us = co_mono_us();
}

/* An answer begins: the request was read. */
static void
watch_output(struct evbuffer *b, const struct evbuffer_cb_info *info, void *arg)
{
	struct guard_watch *w = arg;

	if (info->n_added > 0) {
		w->reading_us = 0;
		if (w->writing_us == 0)
			w->writing_us = co_mono_us();
	}
	if (evbuffer_get_length(b) == 0)
		w->writing_us = 0;
}

/* The owner frees a bufferevent by taking its callbacks away; our reference keeps it until then. */
static bool
watch_left(const struct guard_watch *w)
{
	bufferevent_data_cb read = NULL;
	bufferevent_event_cb event = NULL;

	bufferevent_getcb(w->bev, &read, NULL, &event, NULL);
	return read == NULL && event == NULL;
}

static void
watch_drop(struct guard *g, struct guard_watch *w)
{
	(void)evbuffer_remove_cb(bufferevent_get_input(w->bev), watch_input, w);
	(void)evbuffer_remove_cb(bufferevent_get_output(w->bev), watch_output, w);
	if (w->prev != NULL)
		w->prev->next = w->next;
	else
		g->newest = w->next;
	if (w->next != NULL)
		w->next->prev = w->prev;
	else
		g->oldest = w->prev;
	g->count--;
	(void)bufferevent_decref(w->bev);
	free(w);
}

/* The owner then sees the end of the connection and frees it as any other. */
static void
watch_send_away(struct guard_watch *w)
{
	evutil_socket_t fd = bufferevent_getfd(w->bev);

	if (fd < 0)
		return;
	(void)shutdown(fd, SHUT_RDWR);
	w->sent_away = true;
}

static bool
watch_late(const struct guard *g, struct guard_watch *w, int64_t now)
{
	if (!w->known)
		w->known = g->conf.known(w->bev);
	if (!w->known)
		return now - w->born_us > g->conf.handshake_us;
	return (w->reading_us != 0 && now - w->reading_us > g->conf.request_us) ||
		(w->writing_us != 0 && now - w->writing_us > g->conf.answer_us);
}

/* An idle node shall not wake for nothing: the clock runs only while somebody is there. */
static void
guard_wind(struct guard *g)
{
	struct timeval soon = { 0, GUARD_SCAN_MS * 1000 };

	if (g->count > 0 && !event_pending(g->scan, EV_TIMEOUT, NULL))
		(void)event_add(g->scan, &soon);
}

static void
guard_scan(evutil_socket_t fd, short what, void *arg)
{
	struct guard *g = arg;
	struct guard_watch *w, *next;
	int64_t now = co_mono_us();

	(void)fd;
	(void)what;
	for (w = g->newest; w != NULL; w = next) {
		next = w->next;
		if (watch_left(w))
			watch_drop(g, w);
		else if (!w->sent_away && watch_late(g, w, now))
			watch_send_away(w);
	}
	guard_wind(g);
}

/* ---- a full house ---- */

/* The oldest without a handshake, else the oldest of all. */
static void
guard_make_room(struct guard *g)
{
	struct guard_watch *w = g->oldest;
	int64_t now = co_mono_us();

	if (now - g->told_us > 60000000) {
		g->told_us = now;
		co_warn("listener", "%u connections at once: the oldest are sent away", g->count);
	}
	while (w != NULL && (w->sent_away || w->known || g->conf.known(w->bev)))
		w = w->prev;
	for (struct guard_watch *at = g->oldest; w == NULL && at != NULL; at = at->prev)
		if (!at->sent_away)
			w = at;
	if (w != NULL)
		watch_send_away(w);
}

void
guard_watch(struct guard *g, struct bufferevent *bev)
{
	struct guard_watch *w;

	if (g->count >= g->conf.most)
		guard_make_room(g);
	w = calloc(1, sizeof(*w));
	if (w == NULL)
		return; /* it still has the time-outs of its owner */
	w->bev = bev;
	w->born_us = co_mono_us();
	bufferevent_incref(bev);
	(void)evbuffer_add_cb(bufferevent_get_input(bev), watch_input, w);
	(void)evbuffer_add_cb(bufferevent_get_output(bev), watch_output, w);
	w->next = g->newest;
	if (w->next != NULL)
		w->next->prev = w;
	else
		g->oldest = w;
	g->newest = w;
	g->count++;
	guard_wind(g);
}

unsigned
guard_count(const struct guard *g)
{
	return g->count;
}

/* ---- life ---- */

enum co_rc
guard_new(struct guard **out, struct event_base *base, const struct guard_conf *conf,
	struct co_err *err)
{
	struct guard *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return co_fail(err, CO_ENOMEM, "a guard of connections");
	g->conf = *conf;
	g->told_us = -60000001;
	g->scan = event_new(base, -1, 0, guard_scan, g);
	if (g->scan == NULL) {
		guard_free(&g);
		return co_fail(err, CO_ENOMEM, "a guard of connections");
	}
	*out = g;
	return CO_OK;
}

void
guard_free(struct guard **guard)
{
	struct guard *g = *guard;

	if (g == NULL)
		return;
	while (g->newest != NULL)
		watch_drop(g, g->newest);
	if (g->scan != NULL)
		event_free(g->scan);
	free(g);
	*guard = NULL;
}
