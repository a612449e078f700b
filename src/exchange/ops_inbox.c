/* What somebody must look at now: requests that are not settled, drafts that wait, preservations
 * that end soon. */
#include "exchange/approval.h"
#include "exchange/inside.h"
#include "exchange/opjson.h"
#include "exchange/ops.h"
#include "exchange/sight.h"

#define ENDING_US (INT64_C(14) * 86400 * 1000000)

/* Whose move is it? What arrived waits for us, until we asked something back. */
static bool
ours_to_move(const struct request_row *q)
{
	bool asked_back = q->state == ST_NEED_DECISION || q->state == ST_OFFERED;

	return q->incoming != asked_back;
}

static enum co_rc
rows_read(const struct exchange *x, struct store_stmt *st, json_t *ours, json_t *theirs,
	struct co_err *err)
{
	bool row;

	for (;;) {
		struct request_row q;

		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		request_row_read(&q, st);
		(void)json_array_append_new(ours_to_move(&q) ? ours : theirs, request_json(x, &q));
	}
}

static enum co_rc
inbox_rows(const struct exchange *x, struct store_db *db, const struct officer *who, int64_t way,
	int64_t limit, json_t *out, struct co_err *err)
{
	store_stmt_auto *open = NULL;
	store_stmt_auto *ending = NULL;
	json_t *ours = json_array(), *theirs = json_array(), *ends = json_array(),
	       *drafts = json_array();
	int64_t now_us = co_now_us();

	(void)json_object_set_new(out, "ours_to_move", ours);
	(void)json_object_set_new(out, "theirs_to_move", theirs);
	(void)json_object_set_new(out, "ending", ends);
	(void)json_object_set_new(out, "drafts", drafts);
	TRY(store_query(db, Q_REQUEST_OPEN, &open, err,
		"tiii"
		"ttiii"
		"i",
		who->unit, way, way, limit, who->name, who->unit, way, way, limit, limit));
	TRY(rows_read(x, open, ours, theirs, err));
	TRY(store_query(db, Q_REQUEST_ENDING, &ending, err, "iitti", now_us, now_us + ENDING_US,
		who->unit, who->name, limit));
	TRY(rows_read(x, ending, ends, ends, err));
	return draft_list(db, who, "", limit, drafts, err);
}

enum co_rc
op_inbox_list(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct store_db *db;
	const char *show;
	int64_t limit, way;
	json_t *o;
	enum co_rc rc;

	(void)arg;
	TRY(in_text(in, "show", false, 16, &show, err));
	TRY(in_int(in, "limit", 200, 1, 1000, &limit, err));
	if (show != NULL && strcmp(show, "incoming") != 0 && strcmp(show, "outgoing") != 0)
		return co_fail(
			err, CO_EUSAGE, "show is \"%s\": incoming or outgoing, or left out", show);
	way = show == NULL ? -1 : strcmp(show, "incoming") == 0;
	TRY(store_reader(x->store, &db, err));
	o = json_object();
	rc = inbox_rows(x, db, who, way, limit, o, err);
	if (rc != CO_OK) {
		json_decref(o);
		return rc;
	}
	return out_give(o, out, err);
}

enum co_rc
op_draft_show(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	draft_auto d = { .in = NULL };
	struct store_db *db;
	const char *id;
	json_t *o, *law = NULL;

	(void)arg;
	TRY(in_uuid(in, "id", true, &id, err));
	TRY(store_reader(x->store, &db, err));
	TRY(draft_seen(x, db, who, id, &d, err));
	TRY(law_of_draft(x, db, &d, who, &law, err));
	o = json_pack("{s:s,s:s,s:s,s:s,s:O,s:o}", "id", id, "kind", d.kind, "state", d.state,
		"created_by", d.created_by, "in", d.in, "law", law);
	out_time(o, "created", d.created_us);
	out_text(o, "approved_by", d.approved_by);
	out_text(o, "reason", d.reason);
	return out_give(o, out, err);
}
