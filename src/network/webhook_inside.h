/* What the files of webhooks share: the thread's state and one delivery. Private to the room; must
 * never be included by another. */
#pragma once

#include "network/webhook.h"

#include "base/clock.h"
#include "base/limits.h"
#include "store/store.h"

#include <pthread.h>

enum { WEBHOOK_URL = 1024, WEBHOOK_BODY = 1024, WEBHOOK_SECRET = 64 };

struct webhooks {
	struct webhook_conf conf;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool runs, stop;
};

struct hook_delivery {
	int64_t seq, attempts;
	char id[96], body[WEBHOOK_BODY], url[WEBHOOK_URL + 1], secret[WEBHOOK_SECRET + 1];
};

/* webhook_post.c: one attempt; CO_OK when the receiver answered 2xx. */
enum co_rc webhook_post(
	const struct webhooks *w, const struct hook_delivery *d, struct co_err *err) CO_NODISCARD;
/* webhook_feed.c: what happened since the mark becomes rows for each webhook that wants it. */
enum co_rc webhook_feed(struct exchange *x, struct co_err *err) CO_NODISCARD;
/* webhook_ops.c */
void webhook_ops(struct webhooks *w);
