/* What the exchange knows of each kind of record, as one table (kinds.c): who may send it, what it
 * must carry, in which lane it travels. Private to the room. A new kind is a row, never a path. */
#pragma once

#include "exchange/exchange.h"

/* May a partner post this kind to us? */
bool kind_from_partner(const struct exchange *x, enum record_kind k);
bool kind_to_all(enum record_kind k); /* to "*" */
/* What can be said about a record without the tables: forms, clauses, days. */
enum co_rc kind_check(const struct record *r, struct co_err *err) CO_NODISCARD;
/* And what whoever writes a request is held to; fields: all, also those of the authority. */
enum co_rc kind_check_composed(
	const struct record *r, const json_t *fields, struct co_err *err) CO_NODISCARD;
/* What needs more than the record and is too much for a job: a profile against the law book. */
enum co_rc kind_vet(struct exchange *x, const struct record *r, struct co_err *err) CO_NODISCARD;
/* What the tables say against a record of ours, before it is signed. On a reader; the effect judges
 * again in the job. */
enum co_rc kind_plan(struct exchange *x, struct store_db *db, const struct record *r,
	struct co_err *err) CO_NODISCARD;
void kinds_register(struct exchange *x);
/* Is the effect of this kind this room's own? */
bool kind_own_effect(const struct exchange *x, enum record_kind k);
/* Lane of a record of ours and whether it is urgent. In a job or on a reader. */
enum co_rc kind_lane(
	struct store_db *db, const struct record *r, int *lane, struct co_err *err) CO_NODISCARD;

/* ---- four eyes (approval.c) ---- */
bool approval_needed(const struct exchange *x, const char *what);
/* May this record of ours go out, or does it need a second officer first? what: the measure, or
 * "answer:<state>". On a reader or in a job. */
enum co_rc approval_check(struct exchange *x, struct store_db *db, const struct record *r,
	const char *what, struct co_err *err) CO_NODISCARD;
