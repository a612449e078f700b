#include "network/webhook_inside.h"

#include "base/log.h"

#include <string.h>
#include <time.h>

#define SECOND_US INT64_C(1000000)

enum { LOOK_MS = 500, DUE = 16, KEPT_DAYS = 7, FORGET_S = 3600, ATTEMPTS = 20 };

/* 5 s, 10 s, 20 s .. one hour: about 13 hours in all. */
int64_t
webhook_wait_us(int64_t attempts)
{
	int64_t s;

	if (attempts >= ATTEMPTS)
		return 0;
	s = attempts > 9 ? 3600 : INT64_C(5) << attempts;
	return (s > 3600 ? 3600 : s) * SECOND_US;
}

struct settle {
	int64_t seq, next_us;
	const char *state, *error;
};

static enum co_rc
settle_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct settle *s = arg;

	return store_run(
		db, NULL, Q_WEBHOOK_SETTLE, err, "titi", s->state, s->next_us, s->error, s->seq);
}

static enum co_rc
forget_work(struct store_db *db, void *arg, struct co_err *err)
{
	(void)arg;
	return store_run(
		db, NULL, Q_WEBHOOK_FORGET, err, "i", co_now_us() - KEPT_DAYS * 86400 * SECOND_US);
}

static void
deliver(struct webhooks *w, const struct hook_delivery *d)
{
	struct co_err why = { CO_OK, "" }, err = { CO_OK, "" };
	int64_t wait_us = webhook_wait_us(d->attempts);
	struct settle s = { .seq = d->seq, .state = "delivered" };

	if (webhook_post(w, d, &why) != CO_OK) {
		s.state = wait_us == 0 ? "given-up" : "waiting";
		s.next_us = co_now_us() + wait_us;
		s.error = why.msg;
		if (wait_us == 0)
			co_warn("webhook", "%s was not taken by %s: %s; given up", d->id, d->url,
				why.msg);
	}
	if (store_write(exchange_store(w->conf.exchange), settle_work, &s, &err) != CO_OK)
		co_warn("webhook", "%s may be told twice: %s", d->id, err.msg);
}

static size_t
due_read(struct webhooks *w, struct hook_delivery *out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;
	size_t n = 0;
	bool row;

	if (store_reader(exchange_store(w->conf.exchange), &db, err) != CO_OK ||
		store_query(db, Q_WEBHOOK_DUE, &st, err, "i", co_now_us()) != CO_OK)
		return 0;
	while (n < DUE && store_step(st, &row, err) == CO_OK && row) {
		struct hook_delivery *d = &out[n++];

		d->seq = store_int(st, 0);
		d->attempts = store_int(st, 3);
		(void)snprintf(d->id, sizeof(d->id), "%s", store_text(st, 1));
		(void)snprintf(d->body, sizeof(d->body), "%s", store_text(st, 2));
		(void)snprintf(d->url, sizeof(d->url), "%s", store_text(st, 4));
		(void)snprintf(d->secret, sizeof(d->secret), "%s", store_text(st, 5));
	}
	return n;
}

/* False at the end. */
static bool
rest(struct webhooks *w)
{
	struct timespec until;
	bool go_on;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += LOOK_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	(void)pthread_mutex_lock(&w->lock);
	while (!w->stop && pthread_cond_timedwait(&w->wake, &w->lock, &until) == 0)
		continue;
	go_on = !w->stop;
	(void)pthread_mutex_unlock(&w->lock);
	return go_on;
}

static bool
stopped(struct webhooks *w)
{
	bool stop;

	(void)pthread_mutex_lock(&w->lock);
	stop = w->stop;
	(void)pthread_mutex_unlock(&w->lock);
	return stop;
}

static void *
webhooks_run(void *arg)
{
	static const int64_t forget_us = FORGET_S * SECOND_US;
	struct webhooks *w = arg;
	struct hook_delivery *due = calloc(DUE, sizeof(*due));
	int64_t forgot_us = 0;

	while (due != NULL && rest(w)) {
		struct co_err err = { CO_OK, "" };
		size_t n;

		if (webhook_feed(w->conf.exchange, &err) != CO_OK)
			co_warn("webhook", "what happened is told later: %s", err.msg);
		n = due_read(w, due, NULL);
		for (size_t i = 0; i < n && !stopped(w); i++)
			deliver(w, &due[i]);
		if (n == 0 && co_mono_us() - forgot_us > forget_us) {
			co_err_clear(&err);
			if (store_write(exchange_store(w->conf.exchange), forget_work, NULL,
				    &err) == CO_OK)
				forgot_us = co_mono_us();
		}
	}
	free(due);
	return NULL;
}

enum co_rc
webhooks_open(struct webhooks **out, const struct webhook_conf *conf, struct co_err *err)
{
	struct webhooks *w = calloc(1, sizeof(*w));
	pthread_condattr_t attr;

	if (w == NULL)
		return co_fail(err, CO_ENOMEM, "webhooks");
	w->conf = *conf;
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&w->wake, &attr);
	(void)pthread_condattr_destroy(&attr);
	webhook_ops(w);
	*out = w;
	return CO_OK;
}

enum co_rc
webhooks_start(struct webhooks *w, struct co_err *err)
{
	w->runs = pthread_create(&w->thread, NULL, webhooks_run, w) == 0;
	return w->runs ? CO_OK : co_fail(err, CO_ENOMEM, "webhooks: a thread");
}

/* An attempt under way ends within its time-out. */
void
webhooks_close(struct webhooks **webhooks)
{
	struct webhooks *w = *webhooks;

	if (w == NULL)
		return;
	if (w->runs) {
		(void)pthread_mutex_lock(&w->lock);
		w->stop = true;
		(void)pthread_cond_signal(&w->wake);
		(void)pthread_mutex_unlock(&w->lock);
		(void)pthread_join(w->thread, NULL);
	}
	(void)pthread_cond_destroy(&w->wake);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
	*webhooks = NULL;
}
