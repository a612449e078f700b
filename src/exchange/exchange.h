/* The life of a request: composing, approval, states, deadlines, outbox, intake.
 * One pipeline for every kind: kinds differ by rows in tables (kinds.c), never by paths.
 * Must never touch the network or files; higher rooms register what they do on arrival of a kind.
 */
#pragma once

#include "crypto/cert.h"
#include "crypto/keeper.h"
#include "law/term.h"
#include "ledger/ledger.h"
#include "record/form.h"
#include "record/record.h"
#include "store/store.h"

struct exchange;

struct exchange_conf {
	struct store *store;     /* borrowed, outlives the exchange */
	struct keeper *keeper;   /* borrowed */
	const char *address;     /* ours */
	const char *economy;     /* ours, as "TH"; NULL: the address begins with it */
	bool provider;           /* our role in the directory: what may be shown here differs */
	const struct cert *seal; /* our seal certificate, to check what the keeper returns */
	const char *four_eyes;   /* measures that need a second officer: "a,b", "*" all, "" none */
	struct term_calendar
		calendar; /* of our own desk; what it points to outlives the exchange */
	/* Working days before a preservation ends by which its extension is drafted; 0 never. */
	unsigned lead_days;
	bool no_sandbox; /* `sandbox = off`: inner programs keep what the kernel cannot take */
};

enum co_rc exchange_open(
	struct exchange **out, const struct exchange_conf *conf, struct co_err *err) CO_NODISCARD;
void exchange_close(struct exchange **x);
#define exchange_auto CO_CLEANUP(exchange_close) struct exchange

const char *exchange_address(const struct exchange *x);
struct store *exchange_store(struct exchange *x);
struct keeper *exchange_keeper(struct exchange *x);
const struct cert *exchange_seal(const struct exchange *x); /* ours, in force; the caller's */
void exchange_seal_use(struct exchange *x, const struct cert *seal);

/* What a kind does to the projections, inside the job that stores the record (incoming or our own).
 * An error refuses the record and changes nothing: CO_EREFUSED with the reason for a person. */
typedef enum co_rc exchange_effect(struct exchange *x, struct store_db *db, const struct record *r,
	bool incoming, void *arg, struct co_err *err);
/* When the record under effect was stored here: effects take it for the time, so that a rebuild
 * gives the same projections. Only inside an effect. */
int64_t exchange_effect_time_us(const struct exchange *x);
/* Before any thread runs. One row a kind; the exchange has rows of its own for request, notice,
 * message, receipt, ping and pong. */
void exchange_register(
	struct exchange *x, enum record_kind kind, exchange_effect *effect, void *arg);

/* A further effect of a kind that has one already, after it and in the same job; at a rebuild only
 * when a wipe is registered. One row a kind. */
void exchange_also(
	struct exchange *x, enum record_kind kind, exchange_effect *effect, void *arg);
/* Records are played again: what was signed once is not judged again. Only inside an effect. */
bool exchange_rebuilding(const struct exchange *x);

/* Our own record: filled except id (if "") and at. Prints, signs, and in one job stores record,
 * leaf, outbox row (unless r->to is ourselves or "*") and effects. Waits for the disk. r->id is
 * set. */
enum co_rc exchange_send(struct exchange *x, struct record *r, struct co_err *err) CO_NODISCARD;
/* The same, and in that job what was advised when it was decided; kept may be NULL. */
struct advice_kept;
enum co_rc exchange_send_advised(struct exchange *x, struct record *r,
	const struct advice_kept *kept, struct co_err *err) CO_NODISCARD;
/* Many at once: signed in one round trip, stored in as few transactions as fit. kept: one a record,
 * or NULL. errs[i] tells each. */
enum co_rc exchange_send_many(struct exchange *x, struct record *rs, const struct advice_kept *kept,
	size_t n, struct co_err *errs, struct co_err *err) CO_NODISCARD;

/* A record as stored. */
struct stored_record {
	struct record r;
	struct co_buf bytes, sig;
	bool incoming;
	int64_t stored_us;
};
void stored_record_deinit(struct stored_record *s);
#define stored_record_auto CO_CLEANUP(stored_record_deinit) struct stored_record
enum co_rc exchange_load(struct store_db *db, const char *id, struct stored_record *out,
	struct co_err *err) CO_NODISCARD;

/* Told on the writer thread after commit when rows wait in the outbox for partner, in lane
 * (outbox.h) or, with LANE_N, in any. */
typedef void exchange_wake(void *arg, const char *partner, int lane);
void exchange_on_outbox(struct exchange *x, exchange_wake *wake, void *arg);
/* Told after commit that a record of urgency emergency or urgent was stored: time for a checkpoint
 * now. */
typedef void exchange_urgent(void *arg);
void exchange_on_urgent(struct exchange *x, exchange_urgent *urgent, void *arg);

/* Drafts of kind "custody" (exchange/approval.h) are carried out by a higher room as soon as a
 * second officer has approved them; *done tells whether anything was. It is asked before whether
 * that can be now, inside the job that approves. */
struct draft;
struct store_db;
typedef enum co_rc exchange_confirm(
	void *arg, struct store_db *db, const struct draft *d, struct co_err *err);
typedef enum co_rc exchange_approved(
	void *arg, const struct draft *d, bool *done, struct co_err *err);
void exchange_on_approved(struct exchange *x, exchange_confirm *confirm,
	exchange_approved *approved, void *arg);
/* Told on the writer thread after commit when a record of ours with attachments was stored, or a
 * partner's manifest: something is to be offered or fetched. */
typedef void exchange_carry(void *arg);
void exchange_on_carry(struct exchange *x, exchange_carry *carry, void *arg);

/* `comity rebuild`: drops the projections and makes them again from the records, in the order they
 * were stored, as one transaction. Effects of higher rooms run too when their room registered a
 * wipe, which empties its tables in the same transaction. *faults counts records whose effects were
 * refused (logged): none, unless somebody changed the tables by hand. */
typedef enum co_rc exchange_wipe(struct store_db *db, void *arg, struct co_err *err);
void exchange_on_rebuild(struct exchange *x, exchange_wipe *wipe, void *arg);
enum co_rc exchange_rebuild(
	struct exchange *x, uint64_t *records, uint64_t *faults, struct co_err *err) CO_NODISCARD;
