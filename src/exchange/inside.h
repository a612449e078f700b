/* What the files of this room share: the exchange itself and one record's way into the tables.
 * No other room includes it: it must never become a second public header. */
#pragma once

#include "exchange/hold.h"
#include "exchange/jobs.h"
#include "exchange/kinds.h"
#include "exchange/op.h"
#include "exchange/outbox.h"
#include "exchange/partner.h"
#include "exchange/request.h"
#include "exchange/states.h"
#include "law/term.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { EVENT_GUARDS = 64, EVENTS_A_MINUTE = 10, SHAPES_MAX = 256 };

/* Events about refusals, bounded for each cause so that a hostile partner cannot fill the disk. */
struct event_guard {
	char who[LIMIT_ADDRESS + 1];
	int64_t minute;
	unsigned count;      /* in this minute */
	unsigned suppressed; /* told with the next event that passes */
};

struct snapshot; /* partner.c */
struct lawbook;  /* lawbook.c */

struct exchange {
	struct store *store;
	struct keeper *keeper;
	char address[LIMIT_ADDRESS + 1];
	char economy[4];
	bool provider; /* our role */
	_Atomic(const struct cert *) seal; /* in force; the caller's */
	char *four_eyes;
	struct term_calendar calendar; /* of our own desk */
	unsigned lead_days;
	bool no_sandbox;
	struct {
		exchange_effect *fn;
		void *arg;
	} effects[REC_KIND_N], also[REC_KIND_N];
	exchange_confirm *confirm; /* drafts of kind custody */
	exchange_approved *approved;
	void *approved_arg;
	int64_t effect_time_us; /* writer thread only */
	atomic_bool rebuilding; /* what was signed once is not judged again */
	exchange_wipe *wipe;
	void *wipe_arg;
	exchange_wake *wake;
	void *wake_arg;
	exchange_urgent *urgent;
	void *urgent_arg;
	exchange_carry *carry;
	void *carry_arg;
	struct op *ops;
	size_t ops_n;
	const struct op_shape *shapes[SHAPES_MAX];
	size_t shapes_n;

	pthread_rwlock_t snap_lock;
	struct snapshot *snap;
	struct lawbook *law;      /* the book in use; NULL until it is asked for */
	pthread_mutex_t law_lock; /* one makes a new one */

	pthread_mutex_t guard_lock;
	struct event_guard guards[EVENT_GUARDS];
	atomic_bool seal_checked; /* the keeper's first signature fitted our certificate */
	pthread_mutex_t hold_lock;
	char hold[HOLD_TEXT]; /* why nothing is signed; "" */
	/* Jobs that nobody waits for: closing waits until none is under way. */
	pthread_mutex_t fly_lock;
	pthread_cond_t fly_none;
	size_t flying;
};

/* ---- one record on its way into the tables (commit.c) ---- */
struct commit {
	const struct record *r;
	const void *bytes, *sig;
	size_t bytes_n, sig_n;
	unsigned char sha256[SHA256_LEN];
	struct leaf leaf;
	bool incoming;
	int64_t now_us;
	const char *receipt_of; /* NULL unless r is a receipt */
};
/* Digest and leaf: outside of the job, they cost the writer nothing. */
void commit_prepare(struct commit *c, const struct record *r, const struct co_buf *bytes,
	const void *sig, size_t sig_n, bool incoming, int64_t now_us);
/* In a job: the row and its leaf, nothing else. */
enum co_rc commit_row(struct store_db *db, const struct commit *c, struct co_err *err) CO_NODISCARD;
/* In a job: refs, case, row, leaf and effects. */
enum co_rc commit_record(struct exchange *x, struct store_db *db, const struct commit *c,
	struct co_err *err) CO_NODISCARD;
/* Case and effects only; also for a rebuild. */
enum co_rc commit_effects(struct exchange *x, struct store_db *db, const struct record *r,
	bool incoming, int64_t now_us, struct co_err *err) CO_NODISCARD;

/* Signs n texts and once in a process checks the first against our certificate. */
enum co_rc sign_texts(struct exchange *x, const struct co_buf *texts, size_t n, struct co_buf *sigs,
	struct co_err *err) CO_NODISCARD;

/* ---- the clock of a preservation (alarm.c) ---- */
/* Tells alarms that are due and drafts extensions, each once. */
enum co_rc alarm_sweep(struct exchange *x, int64_t now_us, struct co_err *err) CO_NODISCARD;
/* In a job: drops what the node drafted about a request and nobody sent. */
enum co_rc alarm_lapse(
	struct store_db *db, const char *request, const char *why, struct co_err *err) CO_NODISCARD;
/* In a job: what was told already, from the events. */
enum co_rc alarm_rebuild(struct store_db *db, struct co_err *err) CO_NODISCARD;

void snapshot_drop(struct snapshot *s); /* partner.c */
void ops_register(struct exchange *x);
