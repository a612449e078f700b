#include "vault/pipe.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct pipe_thread {
	struct pipe *p;
	size_t stage;
	pthread_t thread;
	pthread_cond_t go; /* its next slot is ready, or the end */
	bool waits;
	uint64_t next; /* slot it handles next; then every width-th */
};

struct pipe {
	pthread_mutex_t lock;
	pthread_cond_t room; /* the caller's */
	bool caller_waits;
	uint64_t caller_behind; /* slots that may be under way when it is woken */
	uint64_t fed;
	bool ended, stop;
	struct co_err err;
	size_t slots;
	void *arg;
	struct pipe_stage stages[PIPE_STAGES];
	size_t stages_n;
	struct pipe_thread threads[PIPE_THREADS];
	size_t threads_n;
};

/* Every slot below it has passed the stage. Lock held, as everywhere below. */
static uint64_t
stage_done(const struct pipe *p, int stage)
{
	uint64_t least = p->fed;

	for (size_t i = 0; stage != PIPE_FEED && i < p->threads_n; i++)
		if (p->threads[i].stage == (size_t)stage && p->threads[i].next < least)
			least = p->threads[i].next;
	return least;
}

static bool
thread_ready(const struct pipe *p, const struct pipe_thread *t)
{
	return t->next < stage_done(p, p->stages[t->stage].after);
}

/* The slot count that every stage has passed. */
static uint64_t
pipe_slowest(const struct pipe *p)
{
	uint64_t least = p->fed;

	for (size_t i = 0; i < p->threads_n; i++)
		if (p->threads[i].next < least)
			least = p->threads[i].next;
	return least;
}

/* Only who has something to do is woken: a wake-up costs more than a small block. */
static void
pipe_wake(struct pipe *p, int passed)
{
	for (size_t i = 0; i < p->threads_n; i++) {
		struct pipe_thread *t = &p->threads[i];

		if (t->waits && p->stages[t->stage].after == passed && thread_ready(p, t)) {
			t->waits = false;
			pthread_cond_signal(&t->go);
		}
	}
	if (p->caller_waits && p->fed - pipe_slowest(p) <= p->caller_behind) {
		p->caller_waits = false;
		pthread_cond_signal(&p->room);
	}
}

static void
pipe_wake_all(struct pipe *p)
{
	for (size_t i = 0; i < p->threads_n; i++)
		pthread_cond_signal(&p->threads[i].go);
	pthread_cond_signal(&p->room);
}

static void *
pipe_run(void *arg)
{
	struct pipe_thread *t = arg;
	struct pipe *p = t->p;
	const struct pipe_stage *s = &p->stages[t->stage];
	struct co_err err = { 0 };

	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (!p->stop && !thread_ready(p, t) && !(p->ended && t->next >= p->fed)) {
			t->waits = true;
			pthread_cond_wait(&t->go, &p->lock);
		}
		t->waits = false;
		if (p->stop || !thread_ready(p, t))
			break;
		pthread_mutex_unlock(&p->lock);
		(void)s->work(p->arg, (size_t)(t->next % p->slots), &err);
		pthread_mutex_lock(&p->lock);
		t->next += s->width;
		if (err.rc != CO_OK) {
			if (p->err.rc == CO_OK)
				p->err = err;
			p->stop = true;
			pipe_wake_all(p);
			break;
		}
		pipe_wake(p, (int)t->stage);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static enum co_rc
thread_start(struct pipe *p, size_t stage, unsigned k, struct co_err *err)
{
	struct pipe_thread *t = &p->threads[p->threads_n];
	int e;

	assert(p->threads_n < PIPE_THREADS);
	t->p = p;
	t->stage = stage;
	t->next = k;
	pthread_cond_init(&t->go, NULL);
	/* Threads that run already read how many there are. */
	pthread_mutex_lock(&p->lock);
	e = pthread_create(&t->thread, NULL, pipe_run, t);
	if (e == 0)
		p->threads_n++;
	else
		pthread_cond_destroy(&t->go);
	pthread_mutex_unlock(&p->lock);
	return e == 0 ? CO_OK : co_fail(err, CO_ENOMEM, "no thread for a job (error %d)", e);
}

enum co_rc
pipe_start(struct pipe **out, size_t slots, const struct pipe_stage *stages, size_t stages_n,
	void *arg, struct co_err *err)
{
	struct pipe *made = calloc(1, sizeof(*made));

	assert(stages_n <= PIPE_STAGES && slots > 0);
	if (made == NULL)
		return co_fail(err, CO_ENOMEM, "threads of a job");
	pthread_mutex_init(&made->lock, NULL);
	pthread_cond_init(&made->room, NULL);
	pipe_auto *p = made;
	p->slots = slots;
	p->arg = arg;
	p->stages_n = stages_n;
	for (size_t i = 0; i < stages_n; i++) {
		assert(stages[i].after < (int)i && stages[i].width <= PIPE_WIDTH);
		p->stages[i] = stages[i];
		if (p->stages[i].width == 0)
			p->stages[i].width = 1;
	}
	for (size_t i = 0; i < stages_n; i++)
		for (unsigned k = 0; k < p->stages[i].width; k++)
			TRY(thread_start(p, i, k, err));
	*out = CO_TAKE(p);
	return CO_OK;
}

/* Waits until at most `behind` slots are under way. */
static enum co_rc
pipe_wait(struct pipe *p, uint64_t behind, struct co_err *err)
{
	enum co_rc rc = CO_OK;

	pthread_mutex_lock(&p->lock);
	while (!p->stop && p->fed - pipe_slowest(p) > behind) {
		p->caller_waits = true;
		p->caller_behind = behind;
		pthread_cond_wait(&p->room, &p->lock);
	}
	p->caller_waits = false;
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
	pipe_wake(p, PIPE_FEED);
	pthread_mutex_unlock(&p->lock);
}

enum co_rc
pipe_end(struct pipe *p, struct co_err *err)
{
	pthread_mutex_lock(&p->lock);
	p->ended = true;
	pipe_wake_all(p);
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
	pipe_wake_all(p);
	pthread_mutex_unlock(&p->lock);
	for (size_t i = 0; i < p->threads_n; i++) {
		pthread_join(p->threads[i].thread, NULL);
		pthread_cond_destroy(&p->threads[i].go);
	}
	pthread_cond_destroy(&p->room);
	pthread_mutex_destroy(&p->lock);
	free(p);
	*out = NULL;
}
