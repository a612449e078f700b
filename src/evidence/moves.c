/* What may be done with an exhibit, or with all that a case has, now and by whom: legal moves with
 * what each needs, what waits for a second officer, and who that can be. One rule says what is not
 * possible now; the operations ask the same one. */
#include "evidence/inside.h"

enum { CASE_EXHIBITS = 200, APPROVERS = 20 };

/* Operations of their own; every other action that a person says goes through exhibit.log. */
static const struct {
	const char *action, *operation;
	bool tells; /* why it cannot be done now is worth a sentence */
} orders[] = {
	{ "returned", "exhibit.return", false },
	{ "retained", "exhibit.retain", false },
	{ "held", "exhibit.hold", false },
	{ "released", "exhibit.release", false },
	{ "eased", "exhibit.ease", false },
	{ "destroyed", "exhibit.destroy", true },
};

/* ---- what is not possible now ---- */
static enum co_rc
hold_check(struct store_db *db, const char *subject, const char *action, struct co_err *err)
{
	char since[CO_TIME_LEN];
	struct keeping own;

	TRY(keeping_own(db, subject, &own, err));
	if (strcmp(action, "released") == 0 && own.hold_us == 0)
		return co_fail(err, CO_EREFUSED, "%s is not on hold itself: no hold to end",
			subject);
	/* One that names a day may be given another without a gap between. */
	if (strcmp(action, "held") != 0 || own.hold_us == 0 || own.hold_until_us != 0)
		return CO_OK;
	co_time_print(own.hold_us, since);
	return co_fail(err, CO_EREFUSED,
		"%s is on hold already, since %s by %s (%.200s): end that hold first, or leave it",
		subject, since, own.hold_by, own.hold_why);
}

enum co_rc
move_check(struct store_db *db, const struct exhibit_row *row, const char *action,
	struct co_err *err)
{
	if (strcmp(row->state, "destroyed") == 0)
		return co_fail(err,
			strcmp(action, "destroyed") == 0 ? CO_EEXISTS : CO_EREFUSED,
			"exhibit %s was destroyed; comity exhibit custody shows when and by whom",
			row->id);
	if (strcmp(action, "checked-in") == 0 && row->shut)
		return co_fail(err, CO_EREFUSED,
			"exhibit %s is in the store already; check it out first", row->id);
	if (strcmp(action, "checked-out") == 0 && !row->shut)
		return co_fail(err, CO_EREFUSED,
			"exhibit %s is not in the store; check it in first", row->id);
	if (strcmp(action, "eased") == 0 && row->incoming)
		return co_fail(err, CO_EREFUSED,
			"exhibit %s came from %s: only %s can ease its conditions; ask it in the "
			"case", row->id, row->partner, row->partner);
	if (strcmp(action, "destroyed") == 0 && strcmp(row->state, "fetching") == 0)
		return co_fail(err, CO_EREFUSED,
			"exhibit %s is being fetched; destroy it when that has ended", row->id);
	if (strcmp(action, "destroyed") == 0)
		return keeping_over(db, row, co_now_us(), err);
	return hold_check(db, row->id, action, err);
}

enum co_rc
move_check_case(
	struct store_db *db, const char *case_id, const char *action, struct co_err *err)
{
	return hold_check(db, case_id, action, err);
}

/* ---- legal moves ---- */
static json_t *
needs_json(const struct custody_action *a)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < CUSTODY_NEEDS; i++)
		if ((a->needs >> i & 1) != 0)
			(void)json_array_append_new(list, json_string(custody_need_member(i)));
	return list;
}

struct asking {
	struct evidence *e;
	struct store_db *db;
	const struct officer *who;
	const struct exhibit_row *row; /* NULL: the whole case */
	const char *case_id;
	bool bound;       /* a partner's condition binds it */
	bool conditioned; /* it went out under a condition of ours */
	json_t *moves, *not_now;
};

static enum co_rc
move_add(struct asking *a, const struct custody_action *action, const char *operation, bool tells,
	struct co_err *err)
{
	struct co_err why = { CO_OK, "" };
	bool second = false;
	enum co_rc rc;

	if (!op_open_to(a->e->x, operation, a->who->role))
		return CO_OK;
	rc = a->row == NULL ? move_check_case(a->db, a->case_id, action->name, &why)
			    : move_check(a->db, a->row, action->name, &why);
	if (rc != CO_OK && rc != CO_EREFUSED && rc != CO_EEXISTS)
		return co_fail(err, rc, "%s", why.msg);
	if (rc != CO_OK) {
		if (tells)
			(void)json_array_append_new(a->not_now,
				json_pack("{s:s,s:s}", "action", action->name, "why", why.msg));
		return CO_OK;
	}
	if (a->row != NULL)
		TRY(two_needed(a->e, a->db, a->row, action->name, NULL, &second, err));
	(void)json_array_append_new(a->moves,
		json_pack("{s:s,s:s,s:s,s:o,s:b,s:b}", "action", action->name, "operation",
			operation, "text", action->text, "needs", needs_json(action), "second",
			(int)second, "use", (int)(action->use && a->bound)));
	return CO_OK;
}

/* Nobody gives back what was not given, nor eases what binds nobody. */
static bool
move_makes_sense(const struct asking *a, const char *action)
{
	if (a->row == NULL)
		return true;
	if (strcmp(action, "returned") == 0)
		return a->row->incoming;
	return strcmp(action, "eased") != 0 || a->conditioned;
}

static enum co_rc
moves_fill(struct asking *a, struct co_err *err)
{
	bool gone = a->row != NULL && strcmp(a->row->state, "destroyed") == 0;

	for (size_t i = 0; !gone && i < custody_actions_count(); i++) {
		const struct custody_action *action = custody_action_at(i);

		if ((action->said & SAID_PERSON) != 0 && a->row != NULL)
			TRY(move_add(a, action, "exhibit.log", false, err));
		for (size_t k = 0; k < CO_ARRAY_LEN(orders); k++)
			if (strcmp(orders[k].action, action->name) == 0 &&
				(a->row != NULL || action->whole) &&
				move_makes_sense(a, action->name))
				TRY(move_add(a, action, orders[k].operation, orders[k].tells, err));
	}
	return CO_OK;
}

/* ---- two people ---- */

/* subject: an exhibit, or a case. */
static enum co_rc
waiting_list(struct store_db *db, const struct officer *who, bool whole, const char *subject,
	json_t *list, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool more;

	TRY(store_query(db, whole ? Q_DRAFTS_CUSTODY_CASE : Q_DRAFTS_CUSTODY_OF, &st, err, "t",
		subject));
	for (;;) {
		draft_auto d = { .in = NULL };
		json_t *o, *body;

		TRY(store_step(st, &more, err));
		if (!more)
			return CO_OK;
		TRY(draft_get(db, store_text(st, 0), &d, err));
		body = json_object_get(d.in, "body");
		o = json_pack("{s:s,s:s,s:O?,s:O?,s:s,s:s,s:O?,s:O?,s:b}", "id", d.id, "exhibit",
			d.about, "name", json_object_get(d.in, "name"), "action",
			json_object_get(body, "action"), "state", d.state, "created_by",
			d.created_by, "purpose", json_object_get(body, "purpose"), "authority",
			json_object_get(body, "authority"), "own",
			strcmp(d.created_by, who->name) == 0);
		out_time(o, "created", d.created_us);
		out_text(o, "approved_by", d.approved_by);
		(void)json_array_append_new(list, o);
	}
}

/* Who could confirm it: approvers who see the case, but not whoever asks. */
static enum co_rc
approvers_list(struct store_db *db, const struct officer *who, const char *case_id, json_t *list,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_CASE_APPROVERS, &st, err, "ttti", who->name, case_id, case_id,
		(int64_t)APPROVERS));
	for (;;) {
		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		(void)json_array_append_new(list, json_string(store_text(st, 0)));
	}
}

static bool
any_marking(const json_t *list, const char *ours, bool own)
{
	const json_t *m;
	size_t i;

	json_array_foreach(list, i, m)
	{
		const char *owner = json_string_value(json_object_get(m, "owner"));

		if (owner != NULL && (strcmp(owner, ours) == 0) == own)
			return true;
	}
	return false;
}

enum co_rc
op_exhibit_moves(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct asking a = { .e = arg, .who = who };
	json_auto_t *o = NULL, *markings = NULL;
	struct exhibit_row row;
	const char *id;

	TRY(in_uuid(in, "id", true, &id, err));
	TRY(store_reader(exchange_store(x), &a.db, err));
	TRY(exhibit_seen(x, a.db, who, id, &row, err));
	TRY(marking_list(arg, a.db, &row, &markings, err));
	a.row = &row;
	a.case_id = row.case_id;
	a.bound = any_marking(markings, exchange_address(x), false);
	a.conditioned = !row.incoming && any_marking(markings, exchange_address(x), true);
	o = json_pack("{s:s,s:[],s:[],s:[],s:[],s:b}", "id", id, "moves", "not_now", "waiting",
		"approvers", "approver", (int)op_open_to(x, "request.approve", who->role));
	if (o == NULL)
		return co_fail(err, CO_ENOMEM, "moves");
	a.moves = json_object_get(o, "moves");
	a.not_now = json_object_get(o, "not_now");
	TRY(moves_fill(&a, err));
	TRY(waiting_list(a.db, who, false, id, json_object_get(o, "waiting"), err));
	TRY(approvers_list(a.db, who, row.case_id, json_object_get(o, "approvers"), err));
	return out_give(json_incref(o), out, err);
}

/* ---- all that a case has ---- */
static enum co_rc
case_exhibit(struct asking *a, const struct exhibit_row *row, json_t *list, struct co_err *err)
{
	json_t *o, *markings = NULL;
	struct keeping k;

	TRY(keeping_of(a->db, row, &k, err));
	TRY(marking_list(a->e, a->db, row, &markings, err));
	o = exhibit_row_shown(a->db, row);
	(void)json_object_set_new(o, "keeping", keeping_json(&k));
	(void)json_object_set_new(
		o, "conditions", json_integer((json_int_t)json_array_size(markings)));
	json_decref(markings);
	(void)json_array_append_new(list, o);
	return CO_OK;
}

static enum co_rc
case_exhibits(struct asking *a, json_t *o, struct co_err *err)
{
	json_t *list = json_object_get(o, "exhibits");
	store_stmt_auto *st = NULL;
	bool more = true;

	TRY(store_query(a->db, Q_EXHIBIT_OF_CASE, &st, err, "ti", a->case_id,
		(int64_t)CASE_EXHIBITS + 1));
	while (json_array_size(list) < CASE_EXHIBITS) {
		struct exhibit_row row;

		TRY(store_step(st, &more, err));
		if (!more)
			break;
		exhibit_row_read(&row, st);
		TRY(case_exhibit(a, &row, list, err));
	}
	if (more)
		TRY(store_step(st, &more, err));
	(void)json_object_set_new(o, "exhibits_more", json_boolean(more));
	return CO_OK;
}

enum co_rc
op_case_custody(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct asking a = { .e = arg, .who = who };
	json_auto_t *o = NULL;
	struct keeping k;

	TRY(in_uuid(in, "case_id", true, &a.case_id, err));
	TRY(store_reader(exchange_store(x), &a.db, err));
	TRY(sight_case(x, a.db, who, a.case_id, err));
	o = json_pack("{s:s,s:[],s:[],s:[],s:[],s:[],s:[]}", "case_id", a.case_id, "markings",
		"offered", "moves", "not_now", "waiting", "exhibits");
	if (o == NULL)
		return co_fail(err, CO_ENOMEM, "custody of a case");
	a.moves = json_object_get(o, "moves");
	a.not_now = json_object_get(o, "not_now");
	TRY(marking_case(a.db, a.case_id, true, json_object_get(o, "markings"), err));
	TRY(marking_case(a.db, a.case_id, false, json_object_get(o, "offered"), err));
	TRY(keeping_own(a.db, a.case_id, &k, err));
	(void)json_object_set_new(o, "keeping", keeping_json(&k));
	TRY(moves_fill(&a, err));
	TRY(waiting_list(a.db, who, true, a.case_id, json_object_get(o, "waiting"), err));
	TRY(case_exhibits(&a, o, err));
	return out_give(json_incref(o), out, err);
}
