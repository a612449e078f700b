#include "network/loop.h"

#include <assert.h>
#include <event2/thread.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

enum { LOOP_STACK = 512 * 1024 };

struct loop {
	struct event_base *base;
	struct evhttp *http;
	pthread_t thread;
	bool running;
};

static pthread_once_t loop_once = PTHREAD_ONCE_INIT;

static void
loop_threads(void)
{
	if (evthread_use_pthreads() != 0)
		abort();
}

struct event_base *
loop_base(struct loop *l)
{
	return l->base;
}

static void *
loop_run(void *arg)
{
	struct loop *l = arg;

	(void)event_base_loop(l->base, EVLOOP_NO_EXIT_ON_EMPTY);
	return NULL;
}

/* Small stacks keep an idle node small; signals belong to the main thread. */
static int
loop_thread(struct loop *l)
{
	pthread_attr_t attr;
	sigset_t all, before;
	int r;

	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, LOOP_STACK);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &before);
	r = pthread_create(&l->thread, &attr, loop_run, l);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	return r;
}

enum co_rc
loop_start(struct loop **out, int listen_fd, loop_setup *setup, void *arg, struct co_err *err)
{
	struct event_config *config;
	struct loop *l;
	int fd;

	(void)pthread_once(&loop_once, loop_threads);
	l = calloc(1, sizeof(*l));
	config = event_config_new();
	if (l != NULL && config != NULL)
		l->base = event_base_new_with_config(config);
	if (config != NULL)
		event_config_free(config);
	if (l != NULL && l->base != NULL)
		l->http = evhttp_new(l->base);
	if (l == NULL || l->http == NULL) {
		loop_free(&l);
		return co_fail(err, CO_ENOMEM, "an event loop");
	}
	setup(l->http, l, arg);
	/* evhttp closes the socket it is given, and this one is shared. */
	fd = fcntl(listen_fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0 || evhttp_accept_socket(l->http, fd) != 0 || loop_thread(l) != 0) {
		loop_free(&l);
		return co_fail(err, CO_ENOMEM, "an event loop");
	}
	l->running = true;
	*out = l;
	return CO_OK;
}

void
loop_stop(struct loop **loop, int grace_ms)
{
	struct loop *l = *loop;
	struct timeval grace = { grace_ms / 1000, grace_ms % 1000 * 1000 };

	if (l == NULL)
		return;
	if (l->running) {
		(void)event_base_loopexit(l->base, &grace);
		(void)pthread_join(l->thread, NULL);
		l->running = false;
	}
}

void
loop_free(struct loop **loop)
{
	struct loop *l = *loop;

	if (l == NULL)
		return;
	assert(!l->running);
	if (l->http != NULL)
		evhttp_free(l->http);
	if (l->base != NULL)
		event_base_free(l->base);
	free(l);
	*loop = NULL;
}
