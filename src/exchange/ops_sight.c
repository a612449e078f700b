/* Operations on who sees a case: its unit, the officers named for it, and whether it is closed to
 * those alone. Each change is an event of the ledger; none of them shows what a case says. */
#include "exchange/inside.h"
#include "exchange/named.h"
#include "exchange/numbers.h"
#include "exchange/ops.h"
#include "exchange/sight.h"

struct sight_job {
	struct exchange *x;
	const struct officer *who;
	const char *unit, *officer, *case_id, *reason;
	const json_t *officers;
	bool off, closed; /* closed: as the case was when it was asked */
};

/* Is the case closed, and does who see it? */
static enum co_rc
case_stands(
	struct store_db *db, const struct sight_job *j, bool *closed, bool *seen,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(
		db, Q_SIGHT_CASE, &st, err, "tttt", j->who->name, j->case_id, j->who->name,
		j->case_id));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_ENOTFOUND, "no case %s here", j->case_id);
	*closed = strcmp(store_text(st, 0), UNIT_CLOSED) == 0;
	*seen = store_int(st, 1) != 0 || strcmp(store_text(st, 0), j->who->unit) == 0;
	return CO_OK;
}

/* Enabled officers named for the case, but for one. */
static enum co_rc
named_count(struct store_db *db, const char *case_id, const char *but, int64_t *out,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_CASE_NAMED_COUNT, &st, err, "tt", case_id, but));
	TRY(store_step(st, &row, err));
	*out = row ? store_int(st, 0) : 0;
	return CO_OK;
}

static bool
runs_the_node(const struct sight_job *j)
{
	return strcmp(j->who->role, "administrator") == 0;
}

/* An administrator puts a case where it belongs without reading it; others must see it. A closed
 * case is different: there an administrator is an officer like all others. */
static enum co_rc
may_hand_on(struct sight_job *j, struct store_db *db, struct co_err *err)
{
	struct co_err got = { CO_OK, "" };
	bool seen;

	if (case_stands(db, j, &j->closed, &seen, &got) != CO_OK || j->closed || !runs_the_node(j))
		return sight_case(j->x, db, j->who, j->case_id, err);
	return CO_OK;
}

/* Names of a closed case are given by who is named; when nobody is left who could, an administrator
 * names another officer. Nobody lets themselves in. */
static enum co_rc
may_name(struct sight_job *j, struct store_db *db, struct co_err *err)
{
	bool seen = false, known;
	int64_t left = 1;

	known = case_stands(db, j, &j->closed, &seen, NULL) == CO_OK;
	if (known && !seen && j->closed && runs_the_node(j))
		TRY(named_count(db, j->case_id, "", &left, err));
	if (left > 0)
		TRY(may_hand_on(j, db, err));
	if (known && !seen && strcmp(j->officer, j->who->name) == 0)
		return co_fail(err, CO_EREFUSED,
			"you cannot name yourself for a case that you do not see; an officer of it "
			"can");
	if (j->closed && !j->off && j->reason == NULL)
		return co_fail(err, CO_EUSAGE,
			"the case is closed to named officers: give the reason why %s must see it",
			j->officer);
	return CO_OK;
}

/* ---- units ---- */

static enum co_rc
case_move(struct store_db *db, const char *case_id, const char *unit, struct co_err *err)
{
	TRY(numbers_of_unit(db, case_id, unit, err));
	TRY(numbers_named_case(db, case_id, NULL, -1, err));
	TRY(store_run(db, NULL, Q_CASE_UNIT_PUT, err, "tt", case_id, unit));
	TRY(store_run(db, NULL, Q_CASE_ASSIGN, err, "tt", unit, case_id));
	TRY(store_run(db, NULL, Q_CASE_ASSIGN_REQUESTS, err, "tt", unit, case_id));
	TRY(numbers_named_case(db, case_id, NULL, 1, err));
	return store_run(db, NULL, Q_CASE_ASSIGN_DRAFTS, err, "tt", unit, case_id);
}

static enum co_rc
case_assign_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct sight_job *j = arg;
	bool closed, seen;

	TRY(unit_known(db, j->unit, err));
	TRY(case_stands(db, j, &closed, &seen, err));
	if (closed && !j->closed)
		return co_fail(err, CO_EREFUSED, "case %s was closed meanwhile", j->case_id);
	TRY(case_move(db, j->case_id, j->unit, err));
	return event_write(db, closed ? "case.opened" : "case.assigned", j->who->name,
		json_pack("{s:s,s:s,s:s?}", "case_id", j->case_id, "unit", j->unit, "reason",
			j->reason),
		err);
}

enum co_rc
op_case_assign(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct sight_job j = { .x = x, .who = who };
	struct store_db *db;

	(void)arg;
	TRY(in_uuid(in, "case_id", true, &j.case_id, err));
	TRY(in_text(in, "unit", true, LIMIT_UNIT, &j.unit, err));
	TRY(in_text(in, "reason", false, 1023, &j.reason, err));
	TRY(store_reader(x->store, &db, err));
	TRY(may_hand_on(&j, db, err));
	if (j.closed && j.reason == NULL)
		return co_fail(err, CO_EUSAGE,
			"the case is closed to named officers: give the reason why all of %s may "
			"see it",
			j.unit);
	TRY(store_write(x->store, case_assign_work, &j, err));
	return out_give(json_pack("{s:s,s:s}", "case_id", j.case_id, "unit", j.unit), out, err);
}

/* ---- names ---- */

static enum co_rc
officer_known(struct store_db *db, const char *name, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_OFFICER_ROLE, &st, err, "t", name));
	TRY(store_step(st, &row, err));
	return row ? CO_OK
		   : co_fail(err, CO_ENOTFOUND, "no enabled officer %s; see user.list", name);
}

static enum co_rc
named_put(struct store_db *db, const struct sight_job *j, const char *officer, struct co_err *err)
{
	bool added;

	TRY(officer_known(db, officer, err));
	TRY(named_add(db, j->case_id, officer, j->who->name, &added, err));
	if (!added)
		return CO_OK; /* so it was already */
	return event_write(db, "case.named", j->who->name,
		json_pack("{s:s,s:s,s:s?}", "case_id", j->case_id, "officer", officer, "reason",
			j->reason),
		err);
}

static enum co_rc
named_drop(struct store_db *db, const struct sight_job *j, struct co_err *err)
{
	int64_t left;
	bool closed, seen, dropped;

	TRY(case_stands(db, j, &closed, &seen, err));
	TRY(named_count(db, j->case_id, j->officer, &left, err));
	if (closed && left == 0)
		return co_fail(err, CO_EREFUSED,
			"%s is the last officer who sees this closed case; name another first, or "
			"open it to a unit",
			j->officer);
	TRY(named_take(db, j->case_id, j->officer, &dropped, err));
	if (!dropped)
		return CO_OK;
	return event_write(db, "case.unnamed", j->who->name,
		json_pack("{s:s,s:s,s:s?}", "case_id", j->case_id, "officer", j->officer, "reason",
			j->reason),
		err);
}

static enum co_rc
case_name_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct sight_job *j = arg;

	return j->off ? named_drop(db, j, err) : named_put(db, j, j->officer, err);
}

enum co_rc
op_case_name(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct sight_job j = { .x = x, .who = who };
	struct store_db *db;

	(void)arg;
	TRY(in_uuid(in, "case_id", true, &j.case_id, err));
	TRY(in_text(in, "officer", true, LIMIT_NAME, &j.officer, err));
	TRY(in_bool(in, "off", false, &j.off, err));
	TRY(in_text(in, "reason", false, 1023, &j.reason, err));
	TRY(store_reader(x->store, &db, err));
	TRY(may_name(&j, db, err));
	TRY(store_write(x->store, case_name_work, &j, err));
	return out_give(json_pack("{s:s,s:s,s:b}", "case_id", j.case_id, "officer", j.officer,
				"named", !j.off),
		out, err);
}

/* ---- closing ---- */

static enum co_rc
case_restrict_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct sight_job *j = arg;
	const json_t *one;
	size_t i;

	TRY(named_put(db, j, j->who->name, err));
	json_array_foreach(j->officers, i, one)
		TRY(named_put(db, j, json_string_value(one), err));
	TRY(case_move(db, j->case_id, UNIT_CLOSED, err));
	return event_write(db, "case.closed", j->who->name,
		json_pack("{s:s,s:s}", "case_id", j->case_id, "reason", j->reason), err);
}

/* Who closes a case sees it, and goes on seeing it. */
enum co_rc
op_case_restrict(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct sight_job j = {
		.x = x, .who = who, .officers = json_object_get(in, "officers")
	};
	json_t *named = NULL;
	struct store_db *db;

	(void)arg;
	TRY(in_uuid(in, "case_id", true, &j.case_id, err));
	TRY(in_text(in, "reason", true, 1023, &j.reason, err));
	TRY(store_reader(x->store, &db, err));
	TRY(sight_case(x, db, who, j.case_id, err));
	TRY(store_write(x->store, case_restrict_work, &j, err));
	TRY(store_reader(x->store, &db, err));
	TRY(case_named_json(db, j.case_id, &named, err));
	return out_give(json_pack("{s:s,s:b,s:o}", "case_id", j.case_id, "closed", true, "named",
				named),
		out, err);
}

static json_t *
named_row(struct store_stmt *st, void *arg)
{
	json_t *o = json_pack("{s:s,s:s}", "officer", store_text(st, 0), "by", store_text(st, 1));

	(void)arg;
	out_time(o, "at", store_int(st, 2));
	return o;
}

enum co_rc
case_named_json(struct store_db *db, const char *case_id, json_t **out, struct co_err *err)
{
	store_stmt_auto *st = NULL;

	TRY(store_query(db, Q_CASE_NAMED_OF, &st, err, "t", case_id));
	return out_rows(st, named_row, NULL, out, err);
}
