/* Keeps strangers and slow ones from using up a loop's connections: a handshake, the reading of a
 * request and the taking of an answer each have an end, however steadily bytes trickle in, and a
 * full house sends away who has been longest without a handshake. Never looks at content.
 * One loop's thread only. */
#pragma once

#include "base/err.h"

#include <event2/bufferevent.h>
#include <stdbool.h>
#include <stdint.h>

struct guard_conf {
	unsigned most; /* connections at once */
	int64_t handshake_us, request_us, answer_us;
	bool (*known)(struct bufferevent *bev); /* its handshake is done */
};

struct guard;
enum co_rc guard_new(struct guard **out, struct event_base *base, const struct guard_conf *conf,
	struct co_err *err) CO_NODISCARD;
/* Before the base is freed; connections go on living with their owner. */
void guard_free(struct guard **g);
/* bev, new and still without a socket, will be freed by its owner as usual. */
void guard_watch(struct guard *g, struct bufferevent *bev);
unsigned guard_count(const struct guard *g);
