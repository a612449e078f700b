/* One thing with many cases: each alone, by the operation that does it with one, with an answer for
 * each. Must never do what commits the organisation or closes a case. */
#include "exchange/inside.h"
#include "exchange/ops.h"
#include "exchange/sight.h"

enum { EACH_MAX = 100 };

struct each {
	struct exchange *x;
	struct store_db *db;
	const struct officer *who;
	const char *officer, *unit, *reason;
	const char *case_id;
};
typedef enum co_rc act_fn(struct each *e, const char **did, struct co_err *err);

static enum co_rc
read_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct each *e = arg;

	return store_run(db, NULL, Q_REQUEST_READ_CASE, err, "tit", e->who->name, co_now_us(),
		e->case_id);
}

static enum co_rc
act_read(struct each *e, const char **did, struct co_err *err)
{
	*did = "read";
	return store_write(e->x->store, read_work, e, err);
}

static enum co_rc
act_unit(struct each *e, const char **did, struct co_err *err)
{
	json_auto_t *out = NULL;

	*did = "given";
	return op_give_as(e->x, e->who->name, "case.assign",
		json_pack("{s:s,s:s,s:s*}", "case_id", e->case_id, "unit", e->unit, "reason",
			e->reason),
		&out, err);
}

/* What is open of the case; what is settled nobody needs to take. */
static enum co_rc
act_assign(struct each *e, const char **did, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	*did = "already";
	TRY(store_query(e->db, Q_REQUEST_OPEN_OF_CASE, &st, err, "t", e->case_id));
	for (;;) {
		json_auto_t *out = NULL;

		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		TRY(op_give_as(e->x, e->who->name, "request.assign",
			json_pack("{s:s,s:s}", "id", store_text(st, 0), "officer", e->officer),
			&out, err));
		if (json_is_true(json_object_get(out, "changed")))
			*did = "assigned";
	}
}

static const struct act {
	const char *name, *needs;
	act_fn *fn;
} acts[] = {
	{ "read", NULL, act_read },
	{ "assign", "officer", act_assign },
	{ "unit", "unit", act_unit },
};

static json_t *
each_one(struct each *e, act_fn *fn)
{
	struct co_err why = { CO_OK, "" };
	store_stmt_auto *st = NULL;
	const char *did = "";
	bool row = false;
	json_t *o = json_pack("{s:s}", "id", e->case_id);
	enum co_rc rc = sight_case(e->x, e->db, e->who, e->case_id, &why);

	if (rc == CO_OK)
		rc = store_query(e->db, Q_CASE_SHOW, &st, &why, "t", e->case_id);
	if (rc == CO_OK)
		rc = store_step(st, &row, &why);
	if (row) {
		out_text(o, "ours", store_text(st, 1));
		out_text(o, "partner", store_text(st, 3));
	}
	store_done(&st);
	if (rc == CO_OK && !row)
		rc = co_fail(&why, CO_ENOTFOUND, "no case %s here yet: it is a draft", e->case_id);
	if (rc == CO_OK)
		rc = fn(e, &did, &why);
	(void)json_object_set_new(o, "ok", json_boolean(rc == CO_OK));
	if (rc == CO_OK) {
		(void)json_object_set_new(o, "did", json_string(did));
		return o;
	}
	(void)json_object_set_new(o, "error", json_string(co_rc_name(rc)));
	(void)json_object_set_new(o, "message", json_string(why.msg));
	return o;
}

enum co_rc
op_case_each(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct each e = { .x = x, .who = who };
	const struct act *act = NULL;
	const char *name, *needed;
	const json_t *ids, *id;
	json_t *results, *one;
	json_int_t failed = 0;
	size_t i;

	(void)arg;
	TRY(in_text(in, "act", true, 16, &name, err));
	TRY(ids_check(in, "ids", EACH_MAX, &ids, err));
	for (i = 0; i < CO_ARRAY_LEN(acts) && act == NULL; i++)
		if (strcmp(acts[i].name, name) == 0)
			act = &acts[i];
	if (act == NULL)
		return co_fail(err, CO_EUSAGE, "act is \"%s\": wanted is assign, unit or read",
			name);
	if (act->needs != NULL)
		TRY(in_text(in, act->needs, true, LIMIT_NAME, &needed, err));
	TRY(in_text(in, "officer", false, LIMIT_NAME, &e.officer, err));
	TRY(in_text(in, "unit", false, LIMIT_UNIT, &e.unit, err));
	TRY(in_text(in, "reason", false, 1023, &e.reason, err));
	TRY(store_reader(x->store, &e.db, err));
	results = json_array();
	json_array_foreach(ids, i, id)
	{
		e.case_id = json_string_value(id);
		one = each_one(&e, act->fn);
		failed += !json_is_true(json_object_get(one, "ok"));
		(void)json_array_append_new(results, one);
	}
	return out_give(
		json_pack("{s:o,s:I}", "results", results, "failed", failed), out, err);
}

static const struct op_member each_in[] = {
	{ "act", OP_TEXT, OP_REQUIRED, 0, 16, "assign, unit or read", NULL },
	{ "ids", OP_WORDS, OP_REQUIRED, 1, EACH_MAX, "the cases", NULL },
	{ "officer", OP_TEXT, 0, 0, LIMIT_NAME,
		"for assign: who takes what is open of them; me; or nobody", NULL },
	{ "unit", OP_TEXT, 0, 0, LIMIT_UNIT, "for unit: to whom they are given", NULL },
	{ "reason", OP_TEXT, 0, 0, 1023, "for unit: kept in the ledger", NULL },
	OP_END,
};
static const struct op_member result_row[] = {
	{ "id", OP_UUID, 0, 0, 0, "the case", NULL },
	{ "ok", OP_BOOL, 0, 0, 0, "done, now or before", NULL },
	{ "did", OP_TEXT, OP_NULL, 0, 0, "assigned, given, read or already", NULL },
	{ "error", OP_TEXT, OP_NULL, 0, 0, "why not, as a code", NULL },
	{ "message", OP_TEXT, OP_NULL, 0, 0, "why not, in words", NULL },
	{ "ours", OP_TEXT, OP_NULL, 0, 0, "our number of it", NULL },
	{ "partner", OP_TEXT, OP_NULL, 0, 0, "the other side", NULL },
	OP_END,
};
static const struct op_member each_out[] = {
	{ "results", OP_LIST, 0, 0, 0, "one for each, in their order", result_row },
	{ "failed", OP_INT, 0, 0, 0, "how many were not done", NULL },
	OP_END,
};
static const struct op_shape shapes[] = {
	{ "case.each", "requests", each_in, each_out },
};

void
ops_case_each_describe(struct exchange *x)
{
	op_describe(x, shapes, CO_ARRAY_LEN(shapes));
}
