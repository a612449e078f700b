#include "desk/live.h"

#include "base/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

/* The newest row of record, event and draft tells whether anything changed: one indexed look while
 * a desk is open, none otherwise. Ten a second keep "seen by all" far under half a second. */
enum { LIVE_LOOK_MS = 100 };

struct reader {
	struct reader *next;
	struct live *live;
	struct web_stream *stream;
};

struct live {
	struct exchange *x;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct reader *readers;
	bool running, stop;
};

/* The numbers apart: one may rise while another falls. */
struct mark {
	int64_t record, event;
};

static bool
live_mark(struct live *l, struct mark *mark)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;
	bool row;

	if (store_reader(exchange_store(l->x), &db, NULL) != CO_OK ||
		store_query(db, Q_DESK_MARK, &st, NULL, "") != CO_OK ||
		store_step(st, &row, NULL) != CO_OK || !row)
		return false;
	*mark = (struct mark){ store_int(st, 0), store_int(st, 1) };
	return true;
}

static void
live_tell(struct live *l, struct mark mark)
{
	char text[48];

	(void)snprintf(
		text, sizeof(text), "%lld.%lld", (long long)mark.record, (long long)mark.event);
	pthread_mutex_lock(&l->lock);
	for (struct reader *r = l->readers; r != NULL; r = r->next)
		web_stream_send(r->stream, "changed", text);
	pthread_mutex_unlock(&l->lock);
}

static void *
live_run(void *arg)
{
	struct live *l = arg;
	struct timespec pause = { 0, LIVE_LOOK_MS * 1000000L };
	struct mark mark = { 0, 0 }, now;
	bool known = false;

	pthread_mutex_lock(&l->lock);
	while (!l->stop) {
		if (l->readers == NULL) {
			known = false;
			pthread_cond_wait(&l->wake, &l->lock);
			continue;
		}
		pthread_mutex_unlock(&l->lock);
		if (live_mark(l, &now)) {
			if (known && (now.record != mark.record || now.event != mark.event))
				live_tell(l, now);
			mark = now;
			known = true;
		}
		(void)nanosleep(&pause, NULL);
		pthread_mutex_lock(&l->lock);
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

static void
reader_gone(struct web_stream *s, void *arg)
{
	struct reader *r = arg;
	struct live *l = r->live;

	(void)s;
	pthread_mutex_lock(&l->lock);
	for (struct reader **at = &l->readers; *at != NULL; at = &(*at)->next) {
		if (*at == r) {
			*at = r->next;
			break;
		}
	}
	pthread_mutex_unlock(&l->lock);
	free(r);
}

void
live_join(struct live *l, struct web_request *req)
{
	struct reader *r = calloc(1, sizeof(*r));
	static const char full[] = "Out of memory; reload the page.\n";

	if (r == NULL) {
		web_reply(req, 503, "text/plain; charset=utf-8", full, sizeof(full) - 1);
		return;
	}
	r->live = l;
	r->stream = web_stream_open(req, reader_gone, r);
	if (r->stream == NULL) {
		free(r);
		return;
	}
	pthread_mutex_lock(&l->lock);
	r->next = l->readers;
	l->readers = r;
	pthread_cond_signal(&l->wake);
	pthread_mutex_unlock(&l->lock);
}

enum co_rc
live_open(struct live **out, struct exchange *x, struct co_err *err)
{
	struct live *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return co_fail(err, CO_ENOMEM, "live pages");
	l->x = x;
	(void)pthread_mutex_init(&l->lock, NULL);
	(void)pthread_cond_init(&l->wake, NULL);
	if (pthread_create(&l->thread, NULL, live_run, l) != 0) {
		live_close(&l);
		return co_fail(err, CO_ENOMEM, "live pages");
	}
	l->running = true;
	*out = l;
	return CO_OK;
}

/* After the web server: no reader is left then. */
void
live_close(struct live **live)
{
	struct live *l = *live;

	if (l == NULL)
		return;
	if (l->running) {
		pthread_mutex_lock(&l->lock);
		l->stop = true;
		pthread_cond_signal(&l->wake);
		pthread_mutex_unlock(&l->lock);
		(void)pthread_join(l->thread, NULL);
	}
	(void)pthread_cond_destroy(&l->wake);
	(void)pthread_mutex_destroy(&l->lock);
	free(l);
	*live = NULL;
}
