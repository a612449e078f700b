#include "desk/account.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Free tries before waiting, then 2, 4, 8 .. 900 seconds. A table of fixed size: the place used
 * longest ago makes room, so strangers cannot fill the memory. */
enum { THROTTLE_PLACES = 1024, THROTTLE_FREE = 5, THROTTLE_MAX_S = 900 };

struct place {
	char peer[46], officer[65];
	unsigned failures;
	int64_t last_us;
};

struct throttle {
	pthread_mutex_t lock;
	struct place places[THROTTLE_PLACES];
};

struct throttle *
throttle_new(void)
{
	struct throttle *t = calloc(1, sizeof(*t));

	if (t != NULL)
		(void)pthread_mutex_init(&t->lock, NULL);
	return t;
}

void
throttle_free(struct throttle **t)
{
	if (*t != NULL)
		(void)pthread_mutex_destroy(&(*t)->lock);
	free(*t);
	*t = NULL;
}

static struct place *
place_of(struct throttle *t, const char *peer, const char *officer, bool make)
{
	struct place *oldest = &t->places[0];

	for (size_t i = 0; i < THROTTLE_PLACES; i++) {
		struct place *p = &t->places[i];

		if (strncmp(p->peer, peer, sizeof(p->peer) - 1) == 0 &&
			strncmp(p->officer, officer, sizeof(p->officer) - 1) == 0)
			return p;
		if (p->last_us < oldest->last_us)
			oldest = p;
	}
	if (!make)
		return NULL;
	*oldest = (struct place){ .failures = 0 };
	(void)snprintf(oldest->peer, sizeof(oldest->peer), "%s", peer);
	(void)snprintf(oldest->officer, sizeof(oldest->officer), "%s", officer);
	return oldest;
}

unsigned
throttle_wait_s(struct throttle *t, const char *peer, const char *officer, int64_t now_us)
{
	const struct place *p;
	int64_t wait_us = 0;

	(void)pthread_mutex_lock(&t->lock);
	p = place_of(t, peer, officer, false);
	if (p != NULL && p->failures > THROTTLE_FREE) {
		unsigned steps = p->failures - THROTTLE_FREE;
		int64_t s = steps > 10 ? THROTTLE_MAX_S : INT64_C(1) << steps;

		wait_us = p->last_us + (s > THROTTLE_MAX_S ? THROTTLE_MAX_S : s) * 1000000 - now_us;
	}
	(void)pthread_mutex_unlock(&t->lock);
	return wait_us <= 0 ? 0 : (unsigned)((wait_us + 999999) / 1000000);
}

void
throttle_failed(struct throttle *t, const char *peer, const char *officer, int64_t now_us)
{
	struct place *p;

	(void)pthread_mutex_lock(&t->lock);
	p = place_of(t, peer, officer, true);
	p->failures++;
	p->last_us = now_us;
	(void)pthread_mutex_unlock(&t->lock);
}

void
throttle_passed(struct throttle *t, const char *peer, const char *officer)
{
	struct place *p;

	(void)pthread_mutex_lock(&t->lock);
	p = place_of(t, peer, officer, false);
	if (p != NULL)
		*p = (struct place){ .failures = 0 };
	(void)pthread_mutex_unlock(&t->lock);
}
