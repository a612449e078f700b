/* Four eyes: what one officer writes and a second must approve before it is signed. A draft is a
 * row of its own; nothing of it leaves the node. Must never let the author approve. */
#pragma once

#include "exchange/exchange.h"

struct advice_kept;

struct draft {
	char id[CO_UUID_LEN + 1];
	char kind[32]; /* request, notice, custody */
	json_t *in;    /* what the operation was given; owned */
	char created_by[LIMIT_NAME + 1];
	int64_t created_us;
	char state[16]; /* unfinished, draft, waiting, approved, sent, rejected, dropped */
	char approved_by[LIMIT_NAME + 1];
	char reason[1024];
	char about[CO_UUID_LEN + 1]; /* a request, an exhibit (custody), or "" */
	char case_id[CO_UUID_LEN + 1];
	char unit[LIMIT_UNIT + 1]; /* who sees it, see exchange/sight.h */
};
void draft_deinit(struct draft *d);
#define draft_auto CO_CLEANUP(draft_deinit) struct draft

/* Stores a new draft with state waiting or draft, an event, and what was advised (kept, may be
 * NULL). A member "replaces" of in names one of the same author that it stands for from now on; it
 * is dropped in the same commit. Waits for the disk. */
enum co_rc draft_new(struct exchange *x, const char *id, const char *kind, const json_t *in,
	const char *who, bool waits, const struct advice_kept *kept,
	struct co_err *err) CO_NODISCARD;
/* One that its author goes on with later: nothing is checked, and nobody else sees it. */
enum co_rc draft_keep(struct exchange *x, const char *id, const json_t *in, const char *who,
	struct co_err *err) CO_NODISCARD;
enum co_rc draft_unfinished(struct store_db *db, const char *who, int64_t limit, json_t *out,
	struct co_err *err) CO_NODISCARD;
/* Before that: may who still see the draft that in replaces? A case may have been closed to its
 * author. */
struct officer;
enum co_rc draft_replaced_seen(struct exchange *x, struct store_db *db, const struct officer *who,
	const json_t *in, struct co_err *err) CO_NODISCARD;
/* The same inside a job; why (may be NULL) is shown until somebody decides. */
enum co_rc draft_put(struct store_db *db, const char *id, const char *kind, const json_t *in,
	const char *who, bool waits, const char *why, struct co_err *err) CO_NODISCARD;
enum co_rc draft_get(
	struct store_db *db, const char *id, struct draft *out, struct co_err *err) CO_NODISCARD;
json_t *draft_json(const char *id, const struct draft *d);
/* CO_EDENIED for the author; CO_EREFUSED unless it waits, or who approved it takes that back (ok
 * false) before it was carried out. */
enum co_rc draft_decide(struct exchange *x, const char *id, const char *who, bool ok,
	const char *reason, const struct advice_kept *kept, struct co_err *err) CO_NODISCARD;
/* Gives up what was not sent; CO_EREFUSED if it was, or was given up before. */
enum co_rc draft_drop(struct exchange *x, const char *id, const char *who, const char *reason,
	struct co_err *err) CO_NODISCARD;
/* May our record go out? CO_EREFUSED unless a second officer approved the draft that has its id and
 * says the same; what names it for people. In a rebuild always. */
enum co_rc approval_given(struct exchange *x, struct store_db *db, const struct record *r,
	const char *what, struct co_err *err) CO_NODISCARD;
/* Those that who may see; state "": all that are not sent, rejected or dropped. */
enum co_rc draft_list(struct store_db *db, const struct officer *who, const char *state,
	int64_t limit, json_t *out, struct co_err *err) CO_NODISCARD;
/* What a second officer sent back to who and who may still see, until it is corrected or dropped;
 * for so long, and so long its files are kept. */
#define DRAFT_SENT_BACK_US (30 * INT64_C(86400000000))
enum co_rc draft_sent_back(struct store_db *db, const struct officer *who, int64_t limit,
	json_t *out, struct co_err *err) CO_NODISCARD;
