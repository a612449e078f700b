/* The ledger itself, for the files of this room that grow it and stamp it: ledger.c and stamp*.c.
 * No other room includes it; it must never become a second public header. Formats: ledger.h. */
#pragma once

#include "ledger/ledger.h"
#include "ledger/sign.h"

#include <pthread.h>

struct ledger {
	struct store *store;
	ledger_sign *sign;
	void *sign_arg;
	ledger_stamp *stamp;
	void *stamp_arg;
	ledger_may *may; /* NULL: always */
	void *may_arg;
	char *origin;
	unsigned char pub[ED25519_PUB];
	struct co_buf vkey;
	pthread_mutex_t lock; /* one checkpoint at a time */
	ledger_stamp *outside; /* NULL: stamp is asked at once */
	void *outside_arg;
	pthread_mutex_t late; /* one thread stamps what waits */
	pthread_mutex_t told; /* over what follows */
	bool own;             /* the outside is away */
	char why[480];
	int64_t renewed_us, renew_next_us; /* under late; monotonic */
};

/* The last checkpoint; size 0 and empty buffers before the first. */
struct last {
	uint64_t size;
	struct co_buf note, token;
};


/* stamp.c */
/* The keeper's time-stamp; empty, and the operator warned, when there is none. */
void stamp_own(const struct ledger *l, const char *note, size_t n, uint64_t size,
	struct co_buf *token);
/* In a job: remembers when the certificate of a token ends. */
enum co_rc stamp_note_end(
	struct store_db *db, const struct co_buf *token, struct co_err *err) CO_NODISCARD;
/* Stamps by the keeper what has no token yet; stops at the first failure. */
enum co_rc stamp_missing(struct ledger *l, struct store_db *db, struct co_err *err) CO_NODISCARD;
/* Each checkpoint but the newest is named by an event of its own in the ledger, so that deleting
 * one, or its token, is found; the newest is named by the tiles, which end where it ends. */
enum co_rc stamp_name(struct ledger *l, const struct last *last, struct co_err *err) CO_NODISCARD;
/* By the outside, else by the keeper. */
enum co_rc stamp_any(struct ledger *l, const unsigned char *digest, size_t digest_n,
	struct co_buf *token, struct co_err *err) CO_NODISCARD;
