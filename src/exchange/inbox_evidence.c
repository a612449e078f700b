/* Evidence that somebody has to decide about: its period ends soon or is over, a hold on it ended,
 * or the day has come to look at a hold again. What evidence is, and what may be done with it, is
 * the business of a higher room; here are only its rows, for those who see the case. */
#include "exchange/inside.h"
#include "exchange/opjson.h"
#include "exchange/ops.h"
#include "exchange/pick.h"

const struct op_member inbox_evidence_row[] = {
	{ "exhibit", OP_UUID, OP_NULL, 0, 0, "which; null: all that the case has", NULL },
	{ "whole_case", OP_BOOL, 0, 0, 0, "the period or hold was the case's", NULL },
	{ "name", OP_TEXT, OP_NULL, 0, 0, "of the exhibit", NULL },
	{ "case_id", OP_UUID, 0, 0, 0, "its case", NULL },
	{ "ours", OP_TEXT, OP_NULL, 0, 0, "our number of it", NULL },
	{ "partner", OP_TEXT, 0, 0, 0, "the other side's address", NULL },
	{ "exercise", OP_BOOL, 0, 0, 0, "training, not real", NULL },
	{ "unit", OP_TEXT, OP_NULL, 0, 0, "whose case it is", NULL },
	{ "until", OP_TIME, OP_NULL, 0, 0, "its period ends then", NULL },
	{ "over", OP_BOOL, 0, 0, 0, "the period is over", NULL },
	{ "rule", OP_TEXT, OP_NULL, 0, 0, "that set the period", NULL },
	{ "source", OP_TEXT, OP_NULL, 0, 0, "where the rule stands", NULL },
	{ "hold_until", OP_TIME, OP_NULL, 0, 0, "a hold on it: somebody looks again then", NULL },
	{ "hold_over", OP_BOOL, 0, 0, 0, "that day has come; the hold goes on", NULL },
	{ "hold_ended", OP_TIME, OP_NULL, 0, 0, "a hold on it ended", NULL },
	OP_END,
};

/* A filter that asks for something which evidence does not have shows none. */
static bool
asks_of_requests(const struct pick *p)
{
	return p->way >= 0 || p->fresh || p->measure != NULL || p->urgency != NULL ||
		p->state != NULL || p->officer != NULL || p->words != NULL;
}

static bool
row_fits(const struct pick *p, struct store_stmt *st)
{
	return (p->partner == NULL || strcmp(p->partner, store_text(st, 8)) == 0) &&
		(p->exercise < 0 || (p->exercise != 0) == (store_int(st, 9) != 0)) &&
		(p->unit == NULL || strcmp(p->unit, store_text(st, 10)) == 0);
}

/* hold: the time is that of a hold, which stands above every period. */
static json_t *
row_json(struct store_stmt *st, bool hold, int64_t now_us)
{
	bool whole = strcmp(store_text(st, 0), store_text(st, 1)) == 0;
	int64_t until_us = store_int(st, 2);
	json_t *o = json_pack("{s:s,s:b,s:s,s:s,s:b,s:s,s:b}", "case_id", store_text(st, 1),
		"whole_case", (int)whole, "ours", store_text(st, 7), "partner", store_text(st, 8),
		"exercise", store_int(st, 9) != 0, "unit", store_text(st, 10), "over",
		!hold && until_us != 0 && until_us <= now_us);

	if (!whole)
		out_text(o, "exhibit", store_text(st, 0));
	out_text(o, "name", store_text(st, 6));
	out_time(o, "until", hold ? 0 : until_us);
	out_time(o, "hold_until", hold ? until_us : 0);
	(void)json_object_set_new(o, "hold_over", json_boolean(hold && until_us <= now_us));
	out_text(o, "rule", store_text(st, 3));
	out_text(o, "source", store_text(st, 4));
	out_time(o, "hold_ended", store_int(st, 5));
	return o;
}

enum co_rc
inbox_evidence(struct store_db *db, const struct officer *who, const struct pick *p,
	int64_t horizon_us, size_t limit, json_t *rows, struct co_err *err)
{
	if (asks_of_requests(p))
		return CO_OK;
	for (int hold = 0; hold < 2; hold++) {
		store_stmt_auto *st = NULL;
		bool row = true;

		TRY(store_query(db, hold ? Q_KEEPING_HOLDS : Q_KEEPING_DECIDE, &st, err, "itt",
			horizon_us, who->unit, who->name));
		while (row && json_array_size(rows) < limit) {
			TRY(store_step(st, &row, err));
			if (row && row_fits(p, st))
				(void)json_array_append_new(
					rows, row_json(st, hold != 0, co_now_us()));
		}
	}
	return CO_OK;
}
