#include "network/porter.h"

#include "base/clock.h"
#include "base/log.h"
#include "evidence/attach.h"

#include <pthread.h>

enum {
	PORTER_LOOK_S = 60,
	PORTER_AGAIN_S = 5, /* something could not go */
	PORTER_STACK = 512 * 1024
};
#define PORTER_SWEEP_US (INT64_C(3600) * 1000000)
#define PORTER_KEEP_US (INT64_C(24) * 3600 * 1000000) /* what goes with nothing */

struct porter {
	struct evidence *evidence;
	struct fetcher *fetcher;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t call;
	bool runs, called, stop;
	int64_t swept_us;
};

/* On the store's writer thread. */
static void
porter_call(void *arg)
{
	struct porter *p = arg;

	pthread_mutex_lock(&p->lock);
	p->called = true;
	(void)pthread_cond_signal(&p->call);
	pthread_mutex_unlock(&p->lock);
}

static bool
porter_wait(struct porter *p, int seconds)
{
	struct timespec until;
	bool go_on;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += seconds;
	pthread_mutex_lock(&p->lock);
	while (!p->stop && !p->called)
		if (pthread_cond_timedwait(&p->call, &p->lock, &until) != 0)
			break;
	p->called = false;
	go_on = !p->stop;
	pthread_mutex_unlock(&p->lock);
	return go_on;
}

static void
porter_fetch(void *arg, const char *exhibit)
{
	struct porter *p = arg;

	fetcher_want(p->fetcher, exhibit);
}

/* false: something is left to do soon. */
static bool
porter_round(struct porter *p)
{
	struct co_err err = { CO_OK, "" };
	bool left = false;

	if (attachments_offer(p->evidence, &left, &err) != CO_OK ||
		attachments_wanted(p->evidence, porter_fetch, p, &err) != CO_OK) {
		co_warn("attach", "%s", err.msg);
		left = true;
	}
	co_err_clear(&err);
	if (p->swept_us != 0 && co_mono_us() - p->swept_us < PORTER_SWEEP_US)
		return !left;
	p->swept_us = co_mono_us();
	if (attachments_sweep(p->evidence, co_now_us() - PORTER_KEEP_US, &err) != CO_OK)
		co_warn("attach", "what was given and not sent: %s", err.msg);
	return !left;
}

static void *
porter_run(void *arg)
{
	struct porter *p = arg;
	int wait_s;

	do
		wait_s = porter_round(p) ? PORTER_LOOK_S : PORTER_AGAIN_S;
	while (porter_wait(p, wait_s));
	return NULL;
}

enum co_rc
porter_open(struct porter **out, struct exchange *x, struct evidence *e, struct fetcher *f,
	struct co_err *err)
{
	struct porter *p = calloc(1, sizeof(*p));
	pthread_condattr_t cond;

	if (p == NULL)
		return co_fail(err, CO_ENOMEM, "the porter");
	p->evidence = e;
	p->fetcher = f;
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_condattr_init(&cond);
	(void)pthread_condattr_setclock(&cond, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&p->call, &cond);
	(void)pthread_condattr_destroy(&cond);
	exchange_on_carry(x, porter_call, p);
	*out = p;
	return CO_OK;
}

enum co_rc
porter_start(struct porter *p, struct co_err *err)
{
	pthread_attr_t attr;

	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, PORTER_STACK);
	p->runs = pthread_create(&p->thread, &attr, porter_run, p) == 0;
	(void)pthread_attr_destroy(&attr);
	return p->runs ? CO_OK : co_fail(err, CO_ENOMEM, "no thread for attachments");
}

void
porter_stop(struct porter *p)
{
	if (p == NULL || !p->runs)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	(void)pthread_cond_signal(&p->call);
	pthread_mutex_unlock(&p->lock);
	(void)pthread_join(p->thread, NULL);
	p->runs = false;
}

void
porter_close(struct porter **out)
{
	struct porter *p = *out;

	if (p == NULL)
		return;
	porter_stop(p);
	(void)pthread_cond_destroy(&p->call);
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
	*out = NULL;
}
