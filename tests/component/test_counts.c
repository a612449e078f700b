/* Numbers by reader: a case that somebody may not see is in none of their numbers. */
#include "pair.h"

static struct side *th, *us;
static char fraud[65], auditor[65], named[65];

enum { WHO_DUTY, WHO_FRAUD, WHO_NAMED, WHO_AUDITOR, WHO_ADMIN, WHO_N };

static const char *
token_of(int who)
{
	const char *const tokens[WHO_N] = { th->duty, fraud, named, auditor, th->admin };

	return tokens[who];
}

static int
setup(void **state)
{
	struct pair *p;

	if (pair_setup(state) != 0)
		return -1;
	p = *state;
	th = &p->th;
	us = &p->us;
	side_officer(th, "frank", "duty", fraud);
	side_officer(th, "nora", "investigator", named);
	side_officer(th, "ann", "auditor", auditor);
	json_decref(call(th, th->admin, "unit.add",
		json_pack("{s:s,s:s}", "name", "fraud", "title", "Fraud and money")));
	json_decref(call(th, th->admin, "user.unit",
		json_pack("{s:s,s:s}", "name", "frank", "unit", "fraud")));
	json_decref(call(th, th->admin, "user.unit",
		json_pack("{s:s,s:s}", "name", "nora", "unit", "none")));
	return 0;
}

/* A case of th: asked, acknowledged and refused there. */
static void
refused_case(struct asked *a)
{
	ask_and_send(th, request_ask("us.contact", "subscriber"), a);
	assert_true(deliver(th, us) > 0);
	answer(us, a->id, "acknowledged");
	json_decref(call(us, us->duty, "request.answer",
		json_pack("{s:s,s:s,s:s,s:s,s:s}", "id", a->id, "state", "refused", "ground",
			"sovereignty", "reason", "not here", "why", "a test")));
	assert_true(deliver(us, th) > 0);
}

static json_int_t
member(const json_t *o, const char *name)
{
	return json_integer_value(json_object_get(o, name));
}

/* How many requests who is told of; every number that there is must say the same. */
static json_int_t
told(int who)
{
	json_t *n = call(th, token_of(who), "numbers.show", json_object());
	json_t *r = call(th, token_of(who), "report.yearly", json_pack("{s:b}", "csv", true));
	const json_t *total = json_object_get(n, "total");
	const char *csv = json_string_value(json_object_get(r, "csv"));
	json_int_t asked = member(total, "asked");

	assert_int_equal(member(total, "acknowledged"), asked);
	assert_int_equal(member(total, "refused"), asked);
	assert_int_equal(member(json_object_get(total, "to_acknowledged"), "n"), asked);
	assert_int_equal(json_array_size(json_object_get(n, "partners")), asked > 0);
	assert_int_equal(json_array_size(json_object_get(n, "measures")), asked > 0);
	assert_int_equal(json_array_size(json_object_get(n, "hours")), asked > 0);
	assert_int_equal(json_array_size(json_object_get(n, "grounds")), asked > 0);
	assert_int_equal(member(json_array_get(json_object_get(r, "totals"), 0), "asked"), asked);
	assert_int_equal(json_array_size(json_object_get(r, "rows")), asked > 0);
	assert_int_equal(json_array_size(json_object_get(r, "refusals")), asked > 0);
	assert_int_equal(
		member(json_array_get(json_object_get(r, "refusals"), 0), "n"), asked);
	assert_int_equal(strstr(csv, "us.contact") != NULL, asked > 0);
	assert_int_equal(json_is_true(json_object_get(n, "whole")), who >= WHO_AUDITOR);
	assert_int_equal(json_is_true(json_object_get(r, "whole")), who >= WHO_AUDITOR);
	json_decref(n);
	json_decref(r);
	return asked;
}

static void
all_told(const json_int_t want[WHO_N])
{
	for (int who = 0; who < WHO_N; who++) {
		if (told(who) != want[who])
			fail_msg("reader %d is told of %lld requests, not %lld", who,
				(long long)told(who), (long long)want[who]);
	}
}

static void
rebuilt(void)
{
	uint64_t records, faults;

	assert_ok(exchange_rebuild(th->x, &records, &faults, &err));
	assert_int_equal(faults, 0);
}

static void
numbers_are_of_what_the_reader_may_see(void **state)
{
	struct asked one, two;

	(void)state;
	refused_case(&one);
	refused_case(&two);
	all_told((const json_int_t[WHO_N]){ 2, 0, 0, 2, 2 });
	/* To another unit, with its counts. */
	json_decref(call(th, th->duty, "case.assign",
		json_pack("{s:s,s:s}", "case_id", one.case_id, "unit", "fraud")));
	all_told((const json_int_t[WHO_N]){ 1, 1, 0, 2, 2 });
	json_decref(call(th, fraud, "case.name",
		json_pack("{s:s,s:s}", "case_id", one.case_id, "officer", "nora")));
	all_told((const json_int_t[WHO_N]){ 1, 1, 1, 2, 2 });
	rebuilt();
	all_told((const json_int_t[WHO_N]){ 1, 1, 1, 2, 2 });
}

static void
a_closed_case_is_in_no_number_of_others(void **state)
{
	char duty[32];
	struct asked one;
	json_t *o;

	(void)state;
	refused_case(&one);
	all_told((const json_int_t[WHO_N]){ 1, 0, 0, 1, 1 });
	o = call(th, th->duty, "case.restrict",
		json_pack("{s:s,s:s,s:[s]}", "case_id", one.case_id, "reason",
		"a suspect works here",
			"officers", "nora"));
	(void)snprintf(duty, sizeof(duty), "%s",
		json_string_value(json_object_get(
			json_array_get(json_object_get(o, "named"), 0), "officer")));
	json_decref(o);
	/* Who closed it is named and goes on; all others but those of the whole are told
	 * nothing. */
	all_told((const json_int_t[WHO_N]){ 1, 0, 1, 1, 1 });
	json_decref(call(th, named, "case.name",
		json_pack("{s:s,s:s,s:b}", "case_id", one.case_id, "officer", duty, "off", true)));
	all_told((const json_int_t[WHO_N]){ 0, 0, 1, 1, 1 });
	rebuilt();
	all_told((const json_int_t[WHO_N]){ 0, 0, 1, 1, 1 });
	/* Open again: as if it had never been closed. */
	json_decref(call(th, named, "case.assign",
		json_pack("{s:s,s:s,s:s}", "case_id", one.case_id, "unit", "all", "reason",
		"over")));
	all_told((const json_int_t[WHO_N]){ 1, 0, 1, 1, 1 });
}

/* What is open, late and ending now, too. */
static void
now_is_of_what_the_reader_may_see(void **state)
{
	const json_int_t want[WHO_N] = { 0, 1, 1, 1, 1 };
	struct asked one;

	(void)state;
	ask_and_send(th, request_ask("us.contact", "subscriber"), &one);
	json_decref(call(th, th->duty, "case.name",
		json_pack("{s:s,s:s}", "case_id", one.case_id, "officer", "nora")));
	json_decref(call(th, th->duty, "case.assign",
		json_pack("{s:s,s:s}", "case_id", one.case_id, "unit", "fraud")));
	for (int who = 0; who < WHO_N; who++) {
		json_t *n = call(th, token_of(who), "numbers.show", json_object());

		assert_int_equal(member(json_object_get(n, "now"), "open"), want[who]);
		json_decref(n);
	}
}

static enum co_rc
uncount(struct store_db *db, void *arg, struct co_err *e)
{
	(void)arg;
	if (store_run(db, NULL, Q_NAMED_NUMBER_WIPE, e, "") != CO_OK ||
		store_run(db, NULL, Q_NAMED_SPREAD_WIPE, e, "") != CO_OK)
		return e->rc;
	return store_run(db, NULL, Q_NAMED_COUNTED_WIPE, e, "");
}

static void
nora_to(const char *unit)
{
	json_decref(call(th, th->admin, "user.unit",
		json_pack("{s:s,s:s}", "name", "nora", "unit", unit)));
}

/* Counts of cases that name an officer are kept as things happen: named before an answer, several
 * requests, another unit of the officer, names taken back; and counted anew where nobody had. */
static void
counts_of_named_officers_follow_what_happens(void **state)
{
	struct asked one;
	json_t *ask;

	(void)state;
	ask_and_send(th, request_ask("us.contact", "subscriber"), &one);
	json_decref(call(th, th->duty, "case.name",
		json_pack("{s:s,s:s}", "case_id", one.case_id, "officer", "nora")));
	ask = request_ask("us.contact", "subscriber");
	(void)json_object_set_new(ask, "case_id", json_string(one.case_id));
	for (int i = 0; i < 2; i++) {
		assert_true(deliver(th, us) > 0);
		answer(us, one.id, "acknowledged");
		json_decref(call(us, us->duty, "request.answer",
			json_pack("{s:s,s:s,s:s,s:s,s:s}", "id", one.id, "state", "refused",
				"ground", "sovereignty", "reason", "not here", "why", "a test")));
		assert_true(deliver(us, th) > 0);
		all_told((const json_int_t[WHO_N]){ i + 1, 0, i + 1, i + 1, i + 1 });
		if (i == 0)
			ask_and_send(th, ask, &one);
	}
	/* In the unit of the case it is counted with that; once. */
	nora_to("all");
	all_told((const json_int_t[WHO_N]){ 2, 0, 2, 2, 2 });
	nora_to("none");
	all_told((const json_int_t[WHO_N]){ 2, 0, 2, 2, 2 });
	assert_ok(store_write(th->store, uncount, NULL, &err));
	side_close(th);
	side_open(th);
	all_told((const json_int_t[WHO_N]){ 2, 0, 2, 2, 2 });
	rebuilt();
	all_told((const json_int_t[WHO_N]){ 2, 0, 2, 2, 2 });
	json_decref(call(th, th->duty, "case.name",
		json_pack("{s:s,s:s,s:b}", "case_id", one.case_id, "officer", "nora", "off",
			true)));
	all_told((const json_int_t[WHO_N]){ 2, 0, 0, 2, 2 });
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			numbers_are_of_what_the_reader_may_see, setup, pair_teardown),
		cmocka_unit_test_setup_teardown(
			a_closed_case_is_in_no_number_of_others, setup, pair_teardown),
		cmocka_unit_test_setup_teardown(
			now_is_of_what_the_reader_may_see, setup, pair_teardown),
		cmocka_unit_test_setup_teardown(
			counts_of_named_officers_follow_what_happens, setup, pair_teardown),
	};

	return cmocka_run_group_tests(tests, pair_begin, pair_end);
}
