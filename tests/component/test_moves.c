/* What may be done with evidence now, what waits for whom, and what the inbox asks to be
 * decided. */
#include "custody_story.h"

/* ---- legal moves ---- */

/* One of the list's rows, by its action. */
static const json_t *
row_of(const json_t *answer, const char *list, const char *action)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(answer, list), i, row)
	{
		if (strcmp(json_string_value(json_object_get(row, "action")), action) == 0)
			return row;
	}
	return NULL;
}

static bool
can(const char *token, const char *action)
{
	json_t *o = call(th, token, "exhibit.moves", json_pack("{s:s}", "id", story.exhibit_id));
	bool there = row_of(o, "moves", action) != NULL;

	json_decref(o);
	return there;
}

static json_t *
of_case(void)
{
	json_t *in = about(story.exhibit_id, NULL);

	(void)json_object_del(in, "id");
	(void)json_object_set_new(in, "case_id", json_string(story.asked.case_id));
	return in;
}

static enum co_rc
logs(const char *action)
{
	json_t *more = json_pack("{s:s,s:s,s:s,s:s,s:{s:s}}", "action", action, "place", "room 4",
		"condition", "sealed", "storage", "safe 2, K. Noi", "received_by", "name", "B");
	json_t *in = about(story.exhibit_id, more), *out = NULL;
	enum co_rc rc = op_call(th->x, story.th.token, "exhibit.log", in, &out, &err);

	json_decref(in);
	json_decref(out);
	return rc;
}

/* What the list offers is what the operations take; what it leaves out they refuse. */
static void
only_legal_moves_are_offered_and_taken(void **state)
{
	const char *cora = story.th.token;
	json_t *o;

	(void)state;
	given_under("use-limit", "only here");
	assert_true(can(cora, "checked-in"));
	assert_false(can(cora, "checked-out"));
	assert_int_equal(logs("checked-out"), CO_EREFUSED);
	co_err_clear(&err);
	assert_ok(logs("checked-in"));
	assert_true(can(cora, "checked-out"));
	assert_false(can(cora, "checked-in"));
	assert_int_equal(logs("checked-in"), CO_EREFUSED);
	assert_false(can(cora, "released"));
	assert_int_equal(
		call_fails(th, cora, "exhibit.release", about(story.exhibit_id, NULL)),
		CO_EREFUSED);
	assert_non_null(strstr(err.msg, "not on hold"));
	json_decref(call(th, cora, "exhibit.hold", about(story.exhibit_id, NULL)));
	/* Another order would hide the first, and one release end both. */
	assert_int_equal(
		call_fails(th, cora, "exhibit.hold", about(story.exhibit_id, NULL)), CO_EREFUSED);
	assert_non_null(strstr(err.msg, "on hold already"));
	o = call(th, cora, "exhibit.moves", json_pack("{s:s}", "id", story.exhibit_id));
	assert_null(row_of(o, "moves", "destroyed"));
	assert_non_null(row_of(o, "not_now", "destroyed"));
	assert_null(row_of(o, "moves", "eased")); /* the condition is not ours */
	assert_true(json_is_true(json_object_get(row_of(o, "moves", "copied"), "use")));
	json_decref(o);
	json_decref(call(th, cora, "exhibit.release", about(story.exhibit_id, NULL)));
	/* Roles: an auditor reads and does nothing; who gives evidence can ease. */
	side_officer(th, "ann", "auditor", th->admin);
	assert_false(can(th->admin, "copied"));
	o = call(us, us->duty, "exhibit.moves", json_pack("{s:s}", "id", story.exhibit_id));
	assert_non_null(row_of(o, "moves", "eased"));
	assert_null(row_of(o, "moves", "returned"));
	json_decref(o);
}

static void
a_case_tells_its_conditions_and_its_custody(void **state)
{
	const json_t *row;
	json_t *o;

	(void)state;
	given_under("confidentiality", "tell nobody");
	json_decref(call(th, story.th.token, "exhibit.hold", of_case()));
	o = call(th, th->duty, "case.custody", json_pack("{s:s}", "case_id", story.asked.case_id));
	row = json_array_get(json_object_get(o, "markings"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "text")), "tell nobody");
	assert_int_equal(json_array_size(json_object_get(o, "offered")), 0);
	assert_non_null(row_of(o, "moves", "released"));
	assert_null(row_of(o, "moves", "held"));
	row = json_array_get(json_object_get(o, "exhibits"), 0);
	assert_int_equal(json_integer_value(json_object_get(row, "conditions")), 1);
	row = json_object_get(row, "keeping");
	assert_true(json_is_string(json_object_get(row, "held")));
	assert_true(json_is_true(json_object_get(row, "hold_of_case")));
	json_decref(o);
	assert_int_equal(call_fails(th, story.th.token, "exhibit.hold", of_case()), CO_EREFUSED);
	json_decref(call(th, story.th.token, "exhibit.release", of_case()));
	assert_int_equal(
		call_fails(th, story.th.token, "exhibit.release", of_case()), CO_EREFUSED);
	/* What waits for the second officer says who proposed it and who could confirm it. */
	json_decref(call(th, story.th.token, "exhibit.destroy", about(story.exhibit_id, NULL)));
	o = call(th, th->duty, "case.custody", json_pack("{s:s}", "case_id", story.asked.case_id));
	row = row_of(o, "waiting", "destroyed");
	assert_string_equal(json_string_value(json_object_get(row, "created_by")), "cora");
	assert_string_equal(json_string_value(json_object_get(row, "state")), "waiting");
	json_decref(o);
	o = call(th, th->duty, "exhibit.moves", json_pack("{s:s}", "id", story.exhibit_id));
	assert_non_null(row_of(o, "waiting", "destroyed"));
	assert_true(json_array_size(json_object_get(o, "approvers")) >= 1);
	json_decref(o);
}

/* ---- the inbox ---- */

/* How many rows of evidence to decide on token sees; the first in row (may be NULL). */
static size_t
to_decide(const char *token, json_t *in, json_t **row)
{
	json_t *o = call(th, token, "inbox.list", in), *rows = json_object_get(o, "evidence");
	size_t n = json_array_size(rows);

	if (row != NULL)
		*row = json_incref(json_array_get(rows, 0));
	json_decref(o);
	return n;
}

/* A period that ends earlier than the one set: by two people. */
static void
shorten(int64_t until_us)
{
	json_t *o = call(th, story.th.token, "exhibit.retain", period(story.exhibit_id, until_us));

	assert_string_equal(json_string_value(json_object_get(o, "state")), "waiting");
	json_decref(call(th, th->approver, "request.approve",
		json_pack("{s:O,s:b}", "id", json_object_get(o, "draft"), "ok", 1)));
	json_decref(o);
}

static void
what_must_be_decided_is_in_the_inbox(void **state)
{
	const char *cora = story.th.token;
	char outsider[65];
	json_t *row;

	(void)state;
	given_under(NULL, NULL);
	side_officer(th, "olga", "custodian", outsider);
	json_decref(call(th, th->admin, "user.unit",
		json_pack("{s:s,s:s}", "name", "olga", "unit", "none")));
	assert_int_equal(to_decide(cora, json_object(), NULL), 0);
	json_decref(call(th, cora, "exhibit.retain",
		period(story.exhibit_id, co_now_us() + 100 * DAY_US)));
	assert_int_equal(to_decide(cora, json_object(), NULL), 0);
	shorten(co_now_us() + 10 * DAY_US);
	assert_int_equal(to_decide(cora, json_object(), &row), 1);
	assert_string_equal(
		json_string_value(json_object_get(row, "exhibit")), story.exhibit_id);
	assert_false(json_is_true(json_object_get(row, "over")));
	json_decref(row);
	/* Filters: what evidence has, and what only requests have. */
	assert_int_equal(to_decide(cora, json_pack("{s:s}", "partner", "us.contact"), NULL), 1);
	assert_int_equal(to_decide(cora, json_pack("{s:s}", "partner", "fr.contact"), NULL), 0);
	assert_int_equal(to_decide(cora, json_pack("{s:i}", "within", 24), NULL), 0);
	assert_int_equal(to_decide(cora, json_pack("{s:s}", "urgency", "urgent"), NULL), 0);
	/* Who does not see the case, does not see this. */
	assert_int_equal(to_decide(outsider, json_object(), NULL), 0);
	json_decref(call(th, th->duty, "case.name",
		json_pack("{s:s,s:s}", "case_id", story.asked.case_id, "officer", "olga")));
	assert_int_equal(to_decide(outsider, json_object(), NULL), 1);
	/* A hold on the case holds it; when that ended there is something to decide. */
	json_decref(call(th, cora, "exhibit.hold", of_case()));
	assert_int_equal(to_decide(cora, json_object(), NULL), 0);
	json_decref(call(th, cora, "exhibit.release", of_case()));
	assert_int_equal(to_decide(cora, json_object(), &row), 2);
	json_decref(row);
}

/* Held, let go, destroyed by two people: until then it asks for a decision. */
static void
an_ended_hold_asks_until_somebody_decides(void **state)
{
	const char *cora = story.th.token;
	json_t *row, *draft;
	uint64_t records, faults;

	(void)state;
	given_under(NULL, NULL);
	json_decref(call(th, cora, "exhibit.hold", about(story.exhibit_id, NULL)));
	json_decref(call(th, cora, "exhibit.release", about(story.exhibit_id, NULL)));
	assert_ok(exchange_rebuild(th->x, &records, &faults, &err));
	assert_int_equal(faults, 0);
	assert_int_equal(to_decide(cora, json_object(), &row), 1);
	assert_true(json_is_string(json_object_get(row, "hold_ended")));
	json_decref(row);
	draft = call(th, cora, "exhibit.destroy", about(story.exhibit_id, NULL));
	json_decref(call(th, th->approver, "request.approve",
		json_pack("{s:O,s:b}", "id", json_object_get(draft, "draft"), "ok", true)));
	json_decref(draft);
	assert_string_equal(exhibit_state(th, story.exhibit_id), "destroyed");
	assert_int_equal(to_decide(cora, json_object(), NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			only_legal_moves_are_offered_and_taken, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_case_tells_its_conditions_and_its_custody, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_must_be_decided_is_in_the_inbox, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_ended_hold_asks_until_somebody_decides, setup, teardown),
	};

	return cmocka_run_group_tests(tests, pair_begin, pair_end);
}
