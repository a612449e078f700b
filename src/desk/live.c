#include "desk/live.h"

#include "base/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The newest row of record, event and draft tells whether anything changed: one indexed look while
 * a desk is open, none otherwise. Ten a second keep "seen by all" far under half a second. */
enum { LIVE_LOOK_MS = 100 };

/* The numbers apart: one may rise while another falls. */
struct mark {
	int64_t record, event;
};

/* Each has its own mark: the page that opened it was made at another time than the others. */
struct reader {
	struct reader *next;
	struct live *live;
	struct web_stream *stream;
	struct mark seen;
	bool begun; /* seen is told */
};

struct live {
	struct exchange *x;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct reader *readers;
	bool running, stop;
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
mark_print(struct mark mark, char text[LIVE_MARK_LEN])
{
	(void)snprintf(text, LIVE_MARK_LEN, "%lld.%lld", (long long)mark.record,
		(long long)mark.event);
}

static enum co_rc
mark_read(const char *text, struct mark *out, struct co_err *err)
{
	char again[LIVE_MARK_LEN];
	struct mark mark;
	char *end;

	mark.record = strtoll(text, &end, 10);
	mark.event = *end == '.' ? strtoll(end + 1, NULL, 10) : 0;
	mark_print(mark, again);
	if (strcmp(text, again) != 0 || mark.record < 0 || mark.event < 0)
		return co_fail(err, CO_EUSAGE,
			"since is \"%.64s\": give the mark that the page had, or reload the page",
			text);
	*out = mark;
	return CO_OK;
}

void
live_now(struct live *l, char mark[LIVE_MARK_LEN])
{
	struct mark now;

	mark[0] = '\0';
	if (live_mark(l, &now))
		mark_print(now, mark);
}

/* Under the lock: to everybody who has not heard of it. */
static void
live_tell(struct live *l, struct mark now)
{
	char text[LIVE_MARK_LEN];

	mark_print(now, text);
	for (struct reader *r = l->readers; r != NULL; r = r->next) {
		bool news = r->begun &&
			(r->seen.record != now.record || r->seen.event != now.event);

		if (news)
			web_stream_send(r->stream, "changed", text);
		r->seen = now;
		r->begun = true;
	}
}

static void *
live_run(void *arg)
{
	struct live *l = arg;
	struct timespec pause = { 0, LIVE_LOOK_MS * 1000000L };
	struct mark now;
	bool known;

	pthread_mutex_lock(&l->lock);
	while (!l->stop) {
		if (l->readers == NULL) {
			pthread_cond_wait(&l->wake, &l->lock);
			continue;
		}
		pthread_mutex_unlock(&l->lock);
		known = live_mark(l, &now);
		pthread_mutex_lock(&l->lock);
		if (known)
			live_tell(l, now);
		pthread_mutex_unlock(&l->lock);
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

enum co_rc
live_join(struct live *l, struct web_request *req, const char *since, struct co_err *err)
{
	struct mark seen = { 0, 0 };
	struct reader *r;

	if (since != NULL)
		TRY(mark_read(since, &seen, err));
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return co_fail(err, CO_ENOMEM, "out of memory; reload the page");
	*r = (struct reader){ .live = l, .seen = seen, .begun = since != NULL };
	r->stream = web_stream_open(req, reader_gone, r);
	if (r->stream == NULL) {
		free(r);
		return CO_OK;
	}
	pthread_mutex_lock(&l->lock);
	r->next = l->readers;
	l->readers = r;
	pthread_cond_signal(&l->wake);
	pthread_mutex_unlock(&l->lock);
	return CO_OK;
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
