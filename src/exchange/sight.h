/* Need to know: which officer sees which case. One function decides; every operation that reads or
 * changes something of a case asks it, and lists ask the same in SQL with the officer's unit and
 * name. An officer sees the cases of the own unit and those that name the officer; a case can be
 * closed to the named alone; an auditor sees
 * of the others that they exist. Must never tell an outsider whether a case exists. */
#pragma once

#include "exchange/approval.h"
#include "exchange/op.h"
#include "exchange/request.h"

#define UNIT_ALL "all"   /* everybody's, from the beginning */
#define UNIT_NONE "none" /* of officers who see only what names them */
/* Of cases closed to the officers named for them, whoever else asks: no unit can have this name and
 * no officer is ever in it, so that every question by unit keeps such a case out by itself. */
#define UNIT_CLOSED "-named"

/* case_id NULL or "": of no case, for all to see. CO_ENOTFOUND for an outsider as for a case that
 * is not here; CO_EDENIED for an auditor. What an outsider tried is an event. */
enum co_rc sight_case(struct exchange *x, struct store_db *db, const struct officer *who,
	const char *case_id, struct co_err *err) CO_NODISCARD;
/* The case's, or, before there is a case, of the author's unit. */
enum co_rc sight_draft(struct exchange *x, struct store_db *db, const struct officer *who,
	const struct draft *d, struct co_err *err) CO_NODISCARD;

/* What got and rc say of something of a case in words that tell an outsider nothing. */
enum co_rc sight_tell(enum co_rc rc, const struct co_err *got, const char *what, const char *id,
	struct co_err *err) CO_NODISCARD;

/* request_get and draft_get for whom may see it. */
enum co_rc request_seen(struct exchange *x, struct store_db *db, const struct officer *who,
	const char *id, struct request_row *out, struct co_err *err) CO_NODISCARD;
enum co_rc draft_seen(struct exchange *x, struct store_db *db, const struct officer *who,
	const char *id, struct draft *out, struct co_err *err) CO_NODISCARD;

/* Is somebody of this role told that cases of other units exist? */
bool sight_witness(const struct officer *who);

/* Is the request, or the draft that becomes it, one that who may see? Leaves no event. */
bool sight_of_request(struct store_db *db, const struct officer *who, const char *id);

/* In a job: the unit of a case or draft of officer that is new ("" for a partner's); names an
 * officer without unit for it. draft: the draft that becomes the case's first record, or "". */
enum co_rc unit_of_new(struct store_db *db, const char *case_id, const char *draft,
	const char *officer, char out[LIMIT_UNIT + 1], struct co_err *err) CO_NODISCARD;
