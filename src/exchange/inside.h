/* What the files of this room share: the exchange itself and one record's way into the tables.
 * No other room includes it. */
#pragma once

#include "exchange/exchange.h"
#include "exchange/op.h"
#include "exchange/outbox.h"
#include "exchange/partner.h"
#include "exchange/states.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* Leaves the function with the code of a call that failed; cleanup attributes release. */
#define TRY(call)                                                             \
	do {                                                                  \
		enum co_rc try_ = (call);                                     \
		if (try_ != CO_OK)                                            \
			return try_;                                          \
	} while (0)

enum { EVENT_GUARDS = 64, EVENTS_A_MINUTE = 10 };

/* Events about refusals, bounded for each cause so that a hostile partner cannot fill the disk. */
struct event_guard {
	char who[LIMIT_ADDRESS + 1];
	int64_t minute;
	unsigned count;      /* in this minute */
	unsigned suppressed; /* told with the next event that passes */
};

struct snapshot; /* partner.c */

struct exchange {
	struct store *store;
	struct keeper *keeper;
	char address[LIMIT_ADDRESS + 1];
	struct cert *seal;
	char *four_eyes;
	struct {
		exchange_effect *fn;
		void *arg;
	} effects[REC_KIND_N];
	int64_t effect_time_us; /* writer thread only */
	bool rebuilding;        /* writer thread only: what was signed once is not judged again */
	exchange_wake *wake;
	void *wake_arg;
	exchange_urgent *urgent;
	void *urgent_arg;
	struct op *ops;
	size_t ops_n;

	pthread_rwlock_t snap_lock;
	struct snapshot *snap;

	pthread_mutex_t guard_lock;
	struct event_guard guards[EVENT_GUARDS];
	atomic_bool seal_checked; /* the keeper's first signature fitted our certificate */

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
enum co_rc commit_effects(struct exchange *x, struct store_db *db, const struct record *r, bool incoming,
	int64_t now_us, struct co_err *err) CO_NODISCARD;

/* ---- kinds (kinds.c) ---- */
/* May a partner post this kind to us? */
bool kind_from_partner(const struct exchange *x, enum record_kind k);
bool kind_to_all(enum record_kind k); /* to "*" */
/* What can be said about a record without the tables: forms, clauses, days. */
enum co_rc kind_check(const struct record *r, struct co_err *err) CO_NODISCARD;
/* What the tables say against a record of ours, before it is signed. On a reader; the effect judges
 * again in the job. */
enum co_rc kind_plan(struct exchange *x, struct store_db *db, const struct record *r, struct co_err *err)
	CO_NODISCARD;
void kinds_register(struct exchange *x);
/* Lane of a record of ours and whether it is urgent. In a job or on a reader. */
enum co_rc kind_lane(struct store_db *db, const struct record *r, int *lane, struct co_err *err)
	CO_NODISCARD;

/* ---- requests as the tables show them (request.c) ---- */
struct request_row {
	char id[CO_UUID_LEN + 1];
	char case_id[CO_UUID_LEN + 1];
	char measure[64];
	char partner[LIMIT_ADDRESS + 1];
	bool incoming;
	enum state state;
	char urgency[16];
	char extends[CO_UUID_LEN + 1];
	int64_t asked_us, due_us, expiry_us, changed_us; /* 0: none */
	bool pending_mla;
	char last_notice[CO_UUID_LEN + 1];
};
/* From a statement positioned on a row of request_get, request_page or request_by_case. */
void request_row_read(struct request_row *out, struct store_stmt *st);
enum co_rc request_get(struct store_db *db, const char *id, struct request_row *out, struct co_err *err)
	CO_NODISCARD;
enum request_sort request_sort_of(const struct request_row *q);
/* A request arrives or leaves; a notice moves one. Effects: in a job. */
exchange_effect request_effect, notice_effect;
typedef enum co_rc kind_plan_fn(struct exchange *x, struct store_db *db, const struct record *r,
	struct co_err *err);
kind_plan_fn request_plan, notice_plan;

/* ---- events (event.c) ---- */
/* False when too many about who went by this minute; *suppressed are those held back before. */
bool event_allowed(struct exchange *x, const char *who, int64_t now_us, unsigned *suppressed);
/* Writes one without waiting; drops it (logged) when it cannot. detail is taken. */
void event_post(struct exchange *x, const char *what, const char *who, json_t *detail);
/* As event_post, bounded by event_allowed. */
void event_refusal(struct exchange *x, const char *what, const char *who, json_t *detail);
/* In a job. detail is taken, also on failure. */
enum co_rc event_write(struct store_db *db, const char *what, const char *who, json_t *detail,
	struct co_err *err) CO_NODISCARD;

void exchange_fly(struct exchange *x);
void exchange_landed(struct exchange *x);

/* ---- waiting for several jobs ---- */
struct tally {
	pthread_mutex_t lock;
	pthread_cond_t none;
	size_t left;
};
void tally_init(struct tally *t);
void tally_add(struct tally *t);
void tally_done(struct tally *t);
void tally_wait_deinit(struct tally *t);

/* Signs n texts and once in a process checks the first against our certificate. */
enum co_rc sign_texts(struct exchange *x, const struct co_buf *texts, size_t n, struct co_buf *sigs,
	struct co_err *err) CO_NODISCARD;

/* ---- partners ---- */
void snapshot_drop(struct snapshot *s);

/* ---- four eyes (approval.c) ---- */
bool approval_needed(const struct exchange *x, const char *what);
/* May this record of ours go out, or does it need a second officer first? what: the measure, or
 * "answer:<state>". On a reader or in a job. */
enum co_rc approval_check(struct exchange *x, struct store_db *db, const struct record *r, const char *what,
	struct co_err *err) CO_NODISCARD;

void ops_register(struct exchange *x);
