/* The directory's inside, shared by its operations. Private to the room: nothing outside may
 * include it. */
#pragma once

#include "exchange/op.h"
#include "exchange/partner.h"
#include "ledger/ledger.h"
#include "network/directory.h"

#include <pthread.h>

/* A certificate may begin this much in our future: clocks differ. */
#define DIRECTORY_SKEW_US (INT64_C(3600) * 2 * 1000000)

/* A partner has this entry of ours. */
struct turn_note {
	char address[LIMIT_ADDRESS + 1], id[CO_UUID_LEN + 1];
};
enum { TURN_NOTES = 64 };
struct turn_notes {
	struct turn_note at[TURN_NOTES];
	size_t n;
};

struct directory {
	struct directory_conf conf; /* its texts outlive it */
	int64_t started_us;         /* monotonic */
	/* The parts of status that cost work by the size of the node, and until when they are told
	 * again instead of counted again (monotonic). */
	pthread_mutex_t status_lock;
	json_t *status_requests, *status_certs;
	int64_t status_until_us;
	int64_t warned_day; /* the renewer's */
	pthread_mutex_t turn_lock; /* of what follows */
	struct turn_note notes[TURN_NOTES];
	size_t notes_n;
	void (*on_news)(void *arg);
	void *on_news_arg;
};

/* Our entry in force, bytes and signature (appended). */
enum co_rc directory_own(struct directory *d, struct store_db *db, struct co_buf *bytes,
	struct co_buf *sig, struct co_err *err) CO_NODISCARD;
/* What is known of a partner now; state and root "" when nothing is. */
struct entry_held {
	char state[16];
	char root[SHA256_HEX + 1];
	char id[CO_UUID_LEN + 1]; /* of the entry */
	int64_t at_us;            /* when it says it was written */
};
enum co_rc entry_in_force(struct store_db *db, const char *address, struct entry_held *out,
	struct co_err *err) CO_NODISCARD;

/* directory_turn.c */
bool directory_strangers(struct directory *d, const char *pem,
	void (*call)(void *arg, const char *who), void *arg);

/* directory_offer.c */
op_fn op_directory_offer, op_directory_refresh;

/* Register the operations. */
void directory_ops(struct directory *d);         /* directory.* */
void directory_status_ops(struct directory *d);  /* status, ledger.checkpoint, partner.proof */
void directory_network_ops(struct directory *d); /* network.show */
void directory_proof_ops(struct directory *d);   /* record.proof */
/* What they take and give; after both. */
void directory_describe(struct exchange *x);
