/* Work on requests at a desk: who takes one, what was read, many at once, filters kept by name.
 * Many at once is each alone: the same operation, the same need to know, an answer for each. Must
 * never commit the organisation to more than that a request was received. */
#include "exchange/approval.h"
#include "exchange/inside.h"
#include "exchange/opjson.h"
#include "exchange/ops.h"
#include "exchange/pick.h"
#include "exchange/sight.h"

enum { EACH_MAX = 100, VIEWS_MAX = 32, VIEW_NAME = 60 };

struct work_job {
	const struct officer *who;
	const char *id, *officer; /* officer "": nobody */
	const char *name, *filter;
};

/* ---- who takes it ---- */

static enum co_rc
assign_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct work_job *j = arg;

	if (j->officer[0] == '\0')
		TRY(store_run(db, NULL, Q_REQUEST_OFFICER_DROP, err, "t", j->id));
	else
		TRY(store_run(db, NULL, Q_REQUEST_OFFICER_PUT, err, "ttti", j->id, j->officer,
			j->who->name, co_now_us()));
	TRY(store_run(db, NULL, Q_REQUEST_TAKEN, err, "tt", j->officer, j->id));
	return event_write(db, "request.assigned", j->who->name,
		json_pack("{s:s,s:s}", "request", j->id, "officer", j->officer), err);
}

/* Nobody is given what they may not see. */
static enum co_rc
may_take(struct store_db *db, const struct request_row *q, const char *officer, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	if (officer[0] == '\0')
		return CO_OK;
	TRY(store_query(db, Q_SIGHT_OFFICER, &st, err, "tt", q->case_id, officer));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_ENOTFOUND, "no enabled officer %s here", officer);
	if (strcmp(store_text(st, 0), q->unit) != 0 && store_int(st, 1) == 0)
		return co_fail(err, CO_EREFUSED,
			"%s does not see this case: name the officer for it first (case.name)",
			officer);
	return CO_OK;
}

enum co_rc
op_request_assign(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct work_job j = { .who = who };
	struct request_row q;
	struct store_db *db;

	(void)arg;
	TRY(in_uuid(in, "id", true, &j.id, err));
	TRY(in_text(in, "officer", true, LIMIT_NAME, &j.officer, err));
	if (strcmp(j.officer, "me") == 0)
		j.officer = who->name;
	else if (strcmp(j.officer, "nobody") == 0)
		j.officer = "";
	TRY(store_reader(x->store, &db, err));
	TRY(request_seen(x, db, who, j.id, &q, err));
	TRY(may_take(db, &q, j.officer, err));
	if (strcmp(q.officer, j.officer) != 0)
		TRY(store_write(x->store, assign_work, &j, err));
	return out_give(json_pack("{s:s,s:s,s:b}", "id", j.id, "officer", j.officer, "changed",
				strcmp(q.officer, j.officer) != 0),
		out, err);
}

/* ---- what was read ---- */

static enum co_rc
read_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct work_job *j = arg;

	return store_run(
		db, NULL, Q_REQUEST_READ_PUT, err, "tti", j->who->name, j->id, co_now_us());
}

enum co_rc
op_request_read(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct work_job j = { .who = who };
	struct request_row q;
	struct store_db *db;

	(void)arg;
	TRY(in_uuid(in, "id", true, &j.id, err));
	TRY(store_reader(x->store, &db, err));
	TRY(request_seen(x, db, who, j.id, &q, err));
	TRY(store_write(x->store, read_work, &j, err));
	return out_give(json_pack("{s:s}", "id", j.id), out, err);
}

/* ---- many at once ---- */

struct each {
	struct exchange *x;
	struct store_db *db;
	const struct officer *who;
	const char *officer, *unit;
	struct idset moved; /* cases given away by this very call */
};

typedef enum co_rc each_fn(
	struct each *e, const struct request_row *q, const char **did, struct co_err *err);

/* A second officer has it already: another draft of the same answer helps nobody. */
static enum co_rc
waits_already(struct each *e, const char *id, bool *out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	*out = false;
	TRY(store_query(e->db, Q_DRAFT_WAITS, &st, err, "t", id));
	for (;;) {
		json_t *in;
		const char *state;

		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		in = json_loads(store_text(st, 0), 0, NULL);
		state = json_string_value(json_object_get(in, "state"));
		*out = *out || (state != NULL && strcmp(state, "acknowledged") == 0);
		json_decref(in);
	}
}

static enum co_rc
each_acknowledge(
	struct each *e, const struct request_row *q, const char **did, struct co_err *err)
{
	struct work_job j = { .who = e->who, .id = q->id };
	struct request_row now;
	json_t *out = NULL;
	bool waits;
	enum co_rc rc;

	*did = "already";
	if (q->state == ST_ACKNOWLEDGED)
		return CO_OK;
	TRY(waits_already(e, q->id, &waits, err));
	if (waits)
		return CO_OK;
	rc = op_give_as(e->x, e->who->name, "request.answer",
		json_pack("{s:s,s:s}", "id", q->id, "state", "acknowledged"), &out, err);
	/* Two that press the same button at once: the second finds it done. */
	if (rc == CO_EREFUSED && request_get(e->db, q->id, &now, NULL) == CO_OK &&
		now.state == ST_ACKNOWLEDGED) {
		co_err_clear(err);
		return CO_OK;
	}
	TRY(rc);
	*did = strcmp(json_string_value(json_object_get(out, "state")), "waiting") == 0
		? "waiting"
		: "acknowledged";
	json_decref(out);
	return store_write(e->x->store, read_work, &j, err);
}

static enum co_rc
each_assign(struct each *e, const struct request_row *q, const char **did, struct co_err *err)
{
	json_t *out = NULL;

	TRY(op_give_as(e->x, e->who->name, "request.assign",
		json_pack("{s:s,s:s}", "id", q->id, "officer", e->officer), &out, err));
	*did = json_is_true(json_object_get(out, "changed")) ? "assigned" : "already";
	json_decref(out);
	return CO_OK;
}

static enum co_rc
each_unit(struct each *e, const struct request_row *q, const char **did, struct co_err *err)
{
	json_t *out = NULL;

	*did = "already";
	if (strcmp(q->unit, e->unit) == 0)
		return CO_OK;
	TRY(op_give_as(e->x, e->who->name, "case.assign",
		json_pack("{s:s,s:s}", "case_id", q->case_id, "unit", e->unit), &out, err));
	json_decref(out);
	*did = "given";
	TRY(idset_add(&e->moved, q->case_id, err));
	idset_sort(&e->moved);
	return CO_OK;
}

static enum co_rc
each_read(struct each *e, const struct request_row *q, const char **did, struct co_err *err)
{
	struct work_job j = { .who = e->who, .id = q->id };

	*did = "read";
	return store_write(e->x->store, read_work, &j, err);
}

static const struct {
	const char *act, *needs; /* needs: a member */
	each_fn *fn;
} acts[] = {
	{ "acknowledge", NULL, each_acknowledge },
	{ "assign", "officer", each_assign },
	{ "unit", "unit", each_unit },
	{ "read", NULL, each_read },
};

/* One request of the list, whatever became of the others. */
static json_t *
each_one(struct each *e, each_fn *fn, const char *id)
{
	struct co_err why = { CO_OK, "" };
	struct request_row q;
	const char *did = "";
	enum co_rc rc = request_get(e->db, id, &q, &why);

	/* Its case went with another request of this list. */
	if (rc == CO_OK && idset_has(&e->moved, q.case_id))
		return json_pack("{s:s,s:b,s:s,s:s,s:s}", "id", id, "ok", 1, "did", "given",
			"measure", q.measure, "partner", q.partner);
	co_err_clear(&why);
	rc = request_seen(e->x, e->db, e->who, id, &q, &why);
	if (rc != CO_OK)
		return json_pack("{s:s,s:b,s:s,s:s}", "id", id, "ok", 0, "error", co_rc_name(rc),
			"message", why.msg);
	rc = fn(e, &q, &did, &why);
	if (rc != CO_OK)
		return json_pack("{s:s,s:b,s:s,s:s,s:s,s:s}", "id", id, "ok", 0, "error",
			co_rc_name(rc), "message", why.msg, "measure", q.measure, "partner",
			q.partner);
	return json_pack("{s:s,s:b,s:s,s:s,s:s}", "id", id, "ok", 1, "did", did, "measure",
		q.measure, "partner", q.partner);
}

static enum co_rc
each_run(struct each *e, each_fn *fn, const json_t *ids, json_t **out, struct co_err *err)
{
	json_t *results = json_array(), *id, *one;
	json_int_t failed = 0;
	idset_auto seen = { .ids = NULL };
	size_t i;

	json_array_foreach(ids, i, id)
	{
		const char *s = json_string_value(id);

		if (idset_has(&seen, s)) /* twice in one list is once */
			continue;
		TRY(idset_add(&seen, s, err));
		idset_sort(&seen);
		one = each_one(e, fn, s);
		failed += !json_is_true(json_object_get(one, "ok"));
		(void)json_array_append_new(results, one);
	}
	return out_give(
		json_pack("{s:o,s:I}", "results", results, "failed", failed), out, err);
}

static enum co_rc
each_check(const json_t *ids, struct co_err *err)
{
	const json_t *id;
	size_t i;

	if (json_array_size(ids) == 0 || json_array_size(ids) > EACH_MAX)
		return co_fail(err, CO_EUSAGE,
			"ids: choose 1 to %d requests; for more, do it again with the rest",
			EACH_MAX);
	json_array_foreach(ids, i, id)
	{
		if (!json_is_string(id) || !co_uuid_valid(json_string_value(id)))
			return co_fail(err, CO_EUSAGE, "ids: number %zu is no UUID", i + 1);
	}
	return CO_OK;
}

enum co_rc
op_request_each(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct each e = { .x = x, .who = who };
	const json_t *ids = json_object_get(in, "ids");
	const char *act, *needed;
	each_fn *fn = NULL;
	enum co_rc rc;

	(void)arg;
	TRY(in_text(in, "act", true, 16, &act, err));
	TRY(each_check(ids, err));
	for (size_t i = 0; i < CO_ARRAY_LEN(acts) && fn == NULL; i++) {
		if (strcmp(acts[i].act, act) != 0)
			continue;
		fn = acts[i].fn;
		if (acts[i].needs != NULL)
			TRY(in_text(in, acts[i].needs, true, LIMIT_NAME, &needed, err));
	}
	if (fn == NULL)
		return co_fail(err, CO_EUSAGE,
			"act is \"%s\": wanted is acknowledge, assign, unit or read; every other "
			"answer is given one by one",
			act);
	TRY(in_text(in, "officer", false, LIMIT_NAME, &e.officer, err));
	TRY(in_text(in, "unit", false, LIMIT_UNIT, &e.unit, err));
	TRY(store_reader(x->store, &e.db, err));
	rc = each_run(&e, fn, ids, out, err);
	idset_deinit(&e.moved);
	return rc;
}

/* ---- filters kept by name ---- */

static enum co_rc
view_save_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct work_job *j = arg;
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_VIEW_COUNT, &st, err, "tt", j->who->name, j->name));
	TRY(store_step(st, &row, err));
	if (row && store_int(st, 0) >= VIEWS_MAX)
		return co_fail(err, CO_EREFUSED,
			"%d filters are kept already: remove one first", VIEWS_MAX);
	return store_run(db, NULL, Q_VIEW_PUT, err, "ttti", j->who->name, j->name, j->filter,
		co_now_us());
}

enum co_rc
op_view_save(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	pick_auto p = { .way = -1 };
	struct work_job j = { .who = who };
	json_t *filter = json_object_get(in, "filter");
	co_auto_free char *text = NULL;

	(void)arg;
	TRY(in_text(in, "name", true, VIEW_NAME, &j.name, err));
	if (json_object_size(filter) == 0)
		return co_fail(err, CO_EUSAGE, "the filter is empty: choose something first");
	TRY(pick_read(&p, filter, who, err));
	text = json_dumps(filter, JSON_COMPACT | JSON_SORT_KEYS);
	if (text == NULL)
		return co_fail(err, CO_ENOMEM, "filter");
	j.filter = text;
	TRY(store_write(x->store, view_save_work, &j, err));
	return out_give(json_pack("{s:s,s:O}", "name", j.name, "filter", filter), out, err);
}

static enum co_rc
view_drop_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct work_job *j = arg;

	int64_t changes;

	TRY(store_run(db, &changes, Q_VIEW_DROP, err, "tt", j->who->name, j->name));
	return changes > 0 ? CO_OK
			   : co_fail(err, CO_ENOTFOUND,
				     "you keep no filter \"%s\"; view.list has yours", j->name);
}

enum co_rc
op_view_drop(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct work_job j = { .who = who };

	(void)arg;
	TRY(in_text(in, "name", true, VIEW_NAME, &j.name, err));
	TRY(store_write(x->store, view_drop_work, &j, err));
	return out_give(json_pack("{s:s}", "name", j.name), out, err);
}

static json_t *
one_view(struct store_stmt *st, void *arg)
{
	(void)arg;
	return json_pack("{s:s,s:o?}", "name", store_text(st, 0), "filter",
		json_loads(store_text(st, 1), 0, NULL));
}

enum co_rc
op_view_list(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;

	(void)arg;
	(void)in;
	TRY(store_reader(x->store, &db, err));
	TRY(store_query(db, Q_VIEW_OF, &st, err, "t", who->name));
	return out_list("views", st, one_view, NULL, out, err);
}

enum co_rc
view_over(struct store_db *db, const struct officer *who, const json_t *in, json_t **out,
	struct co_err *err)
{
	json_auto_t *o = json_copy((json_t *)(uintptr_t)in), *filter = NULL;
	store_stmt_auto *st = NULL;
	const char *name;
	bool row;

	TRY(in_text(in, "view", false, VIEW_NAME, &name, err));
	if (o == NULL)
		return co_fail(err, CO_ENOMEM, "filter");
	if (name != NULL) {
		TRY(store_query(db, Q_VIEW_GET, &st, err, "tt", who->name, name));
		TRY(store_step(st, &row, err));
		if (!row)
			return co_fail(err, CO_ENOTFOUND,
				"you keep no filter \"%s\"; view.list has yours", name);
		filter = json_loads(store_text(st, 0), 0, NULL);
		(void)json_object_update_missing(o, filter);
	}
	*out = json_incref(o);
	return CO_OK;
}

/* ---- what they take and give ---- */

static const struct op_member nothing[] = { OP_END };
static const struct op_member one_in[] = {
	{ "id", OP_UUID, OP_REQUIRED, 0, 0, "the request", NULL },
	OP_END,
};
static const struct op_member assign_in[] = {
	{ "id", OP_UUID, OP_REQUIRED, 0, 0, "the request", NULL },
	{ "officer", OP_TEXT, OP_REQUIRED, 1, LIMIT_NAME,
		"who takes it, and must see its case; me; or nobody", NULL },
	OP_END,
};
static const struct op_member assign_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "the request", NULL },
	{ "officer", OP_TEXT, 0, 0, 0, "who has it; empty: nobody", NULL },
	{ "changed", OP_BOOL, 0, 0, 0, "false: so it was already", NULL },
	OP_END,
};
static const struct op_member read_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "the request", NULL },
	OP_END,
};
static const struct op_member each_in[] = {
	{ "act", OP_TEXT, OP_REQUIRED, 0, 16, "acknowledge, assign, unit or read", NULL },
	{ "ids", OP_WORDS, OP_REQUIRED, 1, EACH_MAX, "the requests", NULL },
	{ "officer", OP_TEXT, 0, 0, LIMIT_NAME, "for assign, as request.assign takes it", NULL },
	{ "unit", OP_TEXT, 0, 0, LIMIT_UNIT, "for unit: to whom their cases are given", NULL },
	OP_END,
};
static const struct op_member result_row[] = {
	{ "id", OP_UUID, 0, 0, 0, "the request", NULL },
	{ "ok", OP_BOOL, 0, 0, 0, "done, now or before", NULL },
	{ "did", OP_TEXT, OP_NULL, 0, 0,
		"acknowledged, waiting (for a second officer), assigned, given, read or already",
		NULL },
	{ "error", OP_TEXT, OP_NULL, 0, 0, "why not, as a code", NULL },
	{ "message", OP_TEXT, OP_NULL, 0, 0, "why not, in words", NULL },
	{ "measure", OP_TEXT, OP_NULL, 0, 0, "what is asked", NULL },
	{ "partner", OP_TEXT, OP_NULL, 0, 0, "the other side", NULL },
	OP_END,
};
static const struct op_member each_out[] = {
	{ "results", OP_LIST, 0, 0, 0, "one for each, in their order", result_row },
	{ "failed", OP_INT, 0, 0, 0, "how many were not done", NULL },
	OP_END,
};
static const struct op_member filter_in[] = {
	PICK_MEMBERS,
	{ "fresh", OP_BOOL, 0, 0, 0, "only what you have not read", NULL },
	{ "within", OP_INT, 0, 0, 8784, "due, or kept, for at most so many hours", NULL },
	OP_END,
};
static const struct op_member view_in[] = {
	{ "name", OP_TEXT, OP_REQUIRED, 1, VIEW_NAME, "for people; the same name replaces", NULL },
	{ "filter", OP_OBJECT, OP_REQUIRED, 0, 0, "as inbox.list takes it", filter_in },
	OP_END,
};
static const struct op_member view_row[] = {
	{ "name", OP_TEXT, 0, 0, 0, "of the filter", NULL },
	{ "filter", OP_OBJECT, 0, 0, 0, "as inbox.list takes it", filter_in },
	OP_END,
};
static const struct op_member view_drop_in[] = {
	{ "name", OP_TEXT, OP_REQUIRED, 1, VIEW_NAME, "of the filter", NULL },
	OP_END,
};
static const struct op_member view_list_out[] = {
	{ "views", OP_LIST, 0, 0, 0, "by name", view_row },
	OP_END,
};
static const struct op_shape shapes[] = {
	{ "request.assign", "requests", assign_in, assign_out },
	{ "request.read", "requests", one_in, read_out },
	{ "request.each", "requests", each_in, each_out },
	{ "view.save", "requests", view_in, view_row },
	{ "view.drop", "requests", view_drop_in, view_drop_in },
	{ "view.list", "read", nothing, view_list_out },
};

void
ops_work_describe(struct exchange *x)
{
	op_describe(x, shapes, CO_ARRAY_LEN(shapes));
}
