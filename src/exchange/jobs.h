/* Jobs of the store's writer: events that nobody waits for, and waiting for several at once.
 * Private to the room. Events about refusals are bounded for each cause. */
#pragma once

#include "exchange/exchange.h"
#include "exchange/op.h"

#include <pthread.h>

/* ---- events (event.c) ---- */
/* False when too many about who went by this minute; *suppressed are those held back before. */
bool event_allowed(struct exchange *x, const char *who, int64_t now_us, unsigned *suppressed);
/* Writes one without waiting; drops it (logged) when it cannot. detail is taken. */
void event_post(struct exchange *x, const char *what, const char *who, json_t *detail);
/* As event_post, bounded by event_allowed. */
void event_refusal(struct exchange *x, const char *what, const char *who, json_t *detail);

void exchange_fly(struct exchange *x);
void exchange_landed(struct exchange *x);

/* ---- waiting for several jobs ---- */
struct tally {
	pthread_mutex_t lock;
	pthread_cond_t none;
	size_t left;
};
void tally_init(struct tally *t);
/* A job for each of args, to be waited for; finish is told of each and ends in tally_done. */
void tally_submit(struct tally *t, struct store *s, store_work *work, store_finish *finish,
	void *const *args, size_t n);
void tally_done(struct tally *t);
void tally_wait_deinit(struct tally *t);
