/* What the law says beside a request, for the person who composes, approves, sends or answers it.
 * It advises: whoever decides otherwise says why, and that is kept with what was advised, as an
 * event in the ledger. Must never run in a job of the store, and never keep a request from being
 * read: where it cannot say, it says so. */
#pragma once

#include "exchange/op.h"

/* *out: the assessment (law_answer_json) with "our_side", or {"note": why there is none}. r: a
 * request with body; incoming: of a partner. */
enum co_rc advice_on(struct exchange *x, struct store_db *db, const struct record *r, bool incoming,
	json_t **out, struct co_err *err) CO_NODISCARD;
/* CO_EUSAGE names those there are. */
enum co_rc advice_basis(struct exchange *x, struct store_db *db, const char *basis,
	struct co_err *err) CO_NODISCARD;
/* Who leaves the basis to the first that can be used gets it named in the record: what is signed,
 * its prints and both desks then say the same. o: a draft or a body. */
enum co_rc advice_basis_name(json_t *o, const json_t *advice, struct co_err *err) CO_NODISCARD;
/* basis and basis_name of a draft or a body, for who reads it; null where it names none. */
enum co_rc advice_basis_tell(struct exchange *x, struct store_db *db, const json_t *of, json_t *o,
	struct co_err *err) CO_NODISCARD;
/* Is it found to be blocked? The first finding that says so, or NULL. */
const json_t *advice_blocked(const json_t *advice);

struct advice_decision {
	const char *request;  /* id */
	const char *decision; /* "approve", "send", or the state answered */
	const char *ground;   /* of a refusal, or NULL */
	const char *why;      /* the reason, when it goes against the advice; or NULL */
	bool refuses;
};
/* What is kept of a decision; zeroed: nothing. */
struct advice_kept {
	char request[CO_UUID_LEN + 1], who[LIMIT_NAME + 1];
	json_t *detail; /* owned; NULL: nothing could be said */
};
void advice_kept_deinit(struct advice_kept *k);
#define advice_kept_auto CO_CLEANUP(advice_kept_deinit) struct advice_kept

/* CO_EREFUSED when it goes against the advice and says not why. out: what was advised, by whom it
 * was decided: question, verdict, facts by digest, and why it was not followed. */
enum co_rc advice_decide(const json_t *advice, const struct advice_decision *d,
	const struct officer *who, struct advice_kept *out, struct co_err *err) CO_NODISCARD;
/* In the job that stores the decision, so that neither is kept without the other. k may be NULL. */
enum co_rc advice_write(
	struct store_db *db, const struct advice_kept *k, struct co_err *err) CO_NODISCARD;
/* What was advised at each decision on a request, oldest first. */
enum co_rc advice_list(
	struct store_db *db, const char *request, json_t *list, struct co_err *err) CO_NODISCARD;
/* In a job: the projection from the events. */
enum co_rc advice_rebuild(struct store_db *db, struct co_err *err) CO_NODISCARD;
