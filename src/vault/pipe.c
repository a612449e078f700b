#include "vault/pipe.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct pipe_thread {
	struct pipe *p;
	struct pipe_stage stage;
	pthread_t thread;
	uint64_t done; /* slots handled so far */
};

struct pipe {
	pthread_mutex_t lock;
	pthread_cond_t moved; /* anything below changed */
	uint64_t fed;
	bool ended, stop;
	struct co_err err;
	size_t slots;
	void *arg;
	struct pipe_thread threads[PIPE_STAGES];
	size_t threads_n;
};

/* How far thread t may go now. Lock held. */
static uint64_t
pipe_ready(const struct pipe *p, const struct pipe_thread *t)
{
	return t->stage.after == PIPE_FEED ? p->fed : p->threads[t->stage.after].done;
}

static void *
pipe_run(void *arg)
{
	struct pipe_thread *t = arg;
	struct pipe *p = t->p;
	struct co_err err = { 0 };

	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (!p->stop && pipe_ready(p, t) == t->done && !(p->ended && t->done == p->fed))
			pthread_cond_wait(&p->moved, &p->lock);
		if (p->stop || pipe_ready(p, t) == t->done)
			break;
		pthread_mutex_unlock(&p->lock);
		(void)t->stage.work(p->arg, (size_t)(t->done % p->slots), &err);
		pthread_mutex_lock(&p->lock);
		t->done++;
		if (err.rc != CO_OK) {
			if (p->err.rc == CO_OK)
				p->err = err;
			p->stop = true;
		}
		pthread_cond_broadcast(&p->moved);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

enum co_rc
pipe_start(struct pipe **out, size_t slots, const struct pipe_stage *stages, size_t stages_n,
	void *arg, struct co_err *err)
{
	pipe_auto *p = calloc(1, sizeof(*p));

	assert(stages_n <= PIPE_STAGES && slots > 0);
	if (p == NULL)
		return co_fail(err, CO_ENOMEM, "threads of a job");
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->moved, NULL);
	p->slots = slots;
	p->arg = arg;
	for (size_t i = 0; i < stages_n; i++) {
		struct pipe_thread *t = &p->threads[i];
		int e;

		assert(stages[i].after < (int)i);
		t->p = p;
		t->stage = stages[i];
		e = pthread_create(&t->thread, NULL, pipe_run, t);
		if (e != 0)
			return co_fail(err, CO_ENOMEM, "no thread for a job (error %d)", e);
		p->threads_n++;
	}
	*out = CO_TAKE(p);
	return CO_OK;
}

/* The slot count that every stage has passed. Lock held. */
static uint64_t
pipe_slowest(const struct pipe *p)
{
	uint64_t least = p->fed;

	for (size_t i = 0; i < p->threads_n; i++)
		if (p->threads[i].done < least)
			least = p->threads[i].done;
	return least;
}

/* Waits until at most `behind` slots are under way. */
static enum co_rc
pipe_wait(struct pipe *p, uint64_t behind, struct co_err *err)
{
	enum co_rc rc = CO_OK;

	pthread_mutex_lock(&p->lock);
	while (!p->stop && p->fed - pipe_slowest(p) > behind)
		pthread_cond_wait(&p->moved, &p->lock);
	if (p->err.rc != CO_OK)
		rc = co_fail(err, p->err.rc, "%s", p->err.msg);
	else if (p->stop)
		rc = co_fail(err, CO_ECLOSED, "the job was stopped");
	pthread_mutex_unlock(&p->lock);
	return rc;
}

enum co_rc
pipe_claim(struct pipe *p, size_t *slot, struct co_err *err)
{
	enum co_rc rc = pipe_wait(p, p->slots - 1, err);

	if (rc == CO_OK)
		*slot = (size_t)(p->fed % p->slots);
	return rc;
}

void
pipe_push(struct pipe *p)
{
	pthread_mutex_lock(&p->lock);
	p->fed++;
	pthread_cond_broadcast(&p->moved);
	pthread_mutex_unlock(&p->lock);
}

enum co_rc
pipe_end(struct pipe *p, struct co_err *err)
{
	pthread_mutex_lock(&p->lock);
	p->ended = true;
	pthread_cond_broadcast(&p->moved);
	pthread_mutex_unlock(&p->lock);
	return pipe_wait(p, 0, err);
}

void
pipe_free(struct pipe **out)
{
	struct pipe *p = *out;

	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->moved);
	pthread_mutex_unlock(&p->lock);
	for (size_t i = 0; i < p->threads_n; i++)
		pthread_join(p->threads[i].thread, NULL);
	pthread_cond_destroy(&p->moved);
	pthread_mutex_destroy(&p->lock);
	free(p);
	*out = NULL;
}
