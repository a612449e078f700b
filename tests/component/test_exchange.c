#include "pair.h"

static void
request_answer_and_receipts_travel_both_ways(void **state)
{
	struct pair *p = *state;
	struct asked a;
	json_t *o, *row;
	size_t i;

	send_preserve(p, &a);
	state_is(&p->us, a.id, "sent");
	answer(&p->us, a.id, "acknowledged");
	answer(&p->us, a.id, "accepted");
	answer(&p->us, a.id, "executed"); /* until is taken from days */
	json_decref(call(&p->th, p->th.duty, "message.send",
		json_pack("{s:s,s:s}", "case_id", a.case_id, "text", "Thank you.")));
	assert_int_equal(deliver(&p->us, &p->th), 3);
	assert_int_equal(deliver(&p->th, &p->us), 1);
	state_is(&p->th, a.id, "executed");
	o = call(&p->th, p->th.duty, "request.show", json_pack("{s:s}", "id", a.id));
	row = json_array_get(json_object_get(o, "timeline"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "id")), a.id);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(row, "delivery"), "state")),
		"delivered");
	assert_int_equal(json_array_size(json_object_get(o, "timeline")), 5);
	assert_true(json_is_string(json_object_get(json_object_get(o, "request"), "expiry")));
	json_decref(o);
	o = call(&p->us, p->us.duty, "case.show", json_pack("{s:s}", "case_id", a.case_id));
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(o, "case"), "theirs")), "CCU-1");
	/* request, 3 notices, message; and a receipt of each */
	assert_int_equal(json_array_size(json_object_get(o, "timeline")), 10);
	json_decref(o);
	o = call(&p->th, p->th.duty, "delivery.list", json_pack("{s:s}", "case_id", a.case_id));
	json_array_foreach(json_object_get(o, "deliveries"), i, row)
		assert_string_equal(json_string_value(json_object_get(row, "state")), "delivered");
	json_decref(o);
}

static void
illegal_answer_is_refused_before_it_is_signed(void **state)
{
	struct pair *p = *state;
	struct asked a;
	size_t before;
	json_t *o;

	send_preserve(p, &a);
	o = call(&p->us, p->us.duty, "case.show", json_pack("{s:s}", "case_id", a.case_id));
	before = json_array_size(json_object_get(o, "timeline"));
	json_decref(o);
	assert_int_equal(call_fails(&p->us, p->us.duty, "request.answer",
				 json_pack("{s:s,s:s}", "id", a.id, "state", "withdrawn")),
		CO_EREFUSED);
	assert_non_null(strstr(err.msg, "acknowledged"));
	assert_int_equal(call_fails(&p->us, p->us.duty, "request.answer",
				 json_pack("{s:s,s:s,s:s}", "id", a.id, "state", "refused",
					 "ground", "because")),
		CO_EREFUSED);
	assert_int_equal(call_fails(&p->us, p->us.duty, "request.answer",
				 json_pack("{s:s,s:s,s:s}", "id", a.id, "state", "executed",
					 "until", "2026-12-01T00:00:00Z")),
		CO_EREFUSED);
	assert_non_null(strstr(err.msg, "29(7)"));
	assert_int_equal(call_fails(&p->th, p->th.duty, "request.answer",
				 json_pack("{s:s,s:s}", "id", a.id, "state", "executed")),
		CO_EREFUSED);
	o = call(&p->us, p->us.duty, "case.show", json_pack("{s:s}", "case_id", a.case_id));
	assert_int_equal(json_array_size(json_object_get(o, "timeline")), before);
	json_decref(o);
}

static void
extension_prolongs_the_preservation_it_names(void **state)
{
	struct pair *p = *state;
	struct asked a, e;
	json_t *o;
	char before[CO_TIME_LEN];

	send_preserve(p, &a);
	assert_int_equal(call_fails(&p->th, p->th.duty, "request.extend",
				 json_pack("{s:s,s:i}", "id", a.id, "days", 120)),
		CO_EREFUSED);
	answer(&p->us, a.id, "executed");
	assert_int_equal(deliver(&p->us, &p->th), 1);
	o = call(&p->th, p->th.duty, "request.show", json_pack("{s:s}", "id", a.id));
	(void)snprintf(before, sizeof(before), "%s",
		json_string_value(json_object_get(json_object_get(o, "request"), "expiry")));
	json_decref(o);
	assert_int_equal(call_fails(&p->th, p->th.duty, "request.extend",
				 json_pack("{s:s,s:i}", "id", a.id, "days", 30)),
		CO_EREFUSED);
	asked_read(&e,
		call(&p->th, p->th.duty, "request.extend",
			json_pack("{s:s,s:i}", "id", a.id, "days", 120)));
	assert_int_equal(deliver(&p->th, &p->us), 1);
	assert_int_equal(call_fails(&p->us, p->us.duty, "request.answer",
				 json_pack("{s:s,s:s}", "id", e.id, "state", "executed")),
		CO_EREFUSED);
	answer(&p->us, e.id, "extended");
	assert_int_equal(deliver(&p->us, &p->th), 1);
	for (int i = 0; i < 2; i++) {
		struct side *s = i == 0 ? &p->th : &p->us;

		state_is(s, e.id, "extended");
		o = call(s, s->duty, "request.show", json_pack("{s:s}", "id", a.id));
		assert_string_equal(
			json_string_value(json_object_get(json_object_get(o, "request"), "state")),
			"extended");
		assert_true(strcmp(json_string_value(json_object_get(
					   json_object_get(o, "request"), "expiry")),
				    before) > 0);
		json_decref(o);
	}
	/* Kept for 180 days now; what would end before that is no extension. */
	asked_read(&e,
		call(&p->th, p->th.duty, "request.extend",
			json_pack("{s:s,s:i}", "id", a.id, "days", 60)));
	assert_int_equal(deliver(&p->th, &p->us), 1);
	co_time_print(co_now_us() + 100 * 24 * INT64_C(3600000000), before);
	assert_int_equal(call_fails(&p->us, p->us.duty, "request.answer",
				 json_pack("{s:s,s:s,s:s}", "id", e.id, "state", "extended",
					 "until", before)),
		CO_EREFUSED);
}

static void
preservation_expires_unless_a_disclosure_is_pending(void **state)
{
	struct pair *p = *state;
	struct asked a, b, c;
	size_t marked;
	int64_t later = co_now_us() + 200 * PKI_DAY;
	json_t *ask = request_ask("us.contact", "subscriber");

	send_preserve(p, &a);
	answer(&p->us, a.id, "executed");
	send_preserve(p, &b);
	answer(&p->us, b.id, "executed");
	assert_int_equal(deliver(&p->us, &p->th), 2);
	json_object_set_new(ask, "case_id", json_string(a.case_id));
	ask_and_send(&p->th, ask, &c);
	assert_string_equal(c.case_id, a.case_id);
	assert_int_equal(deliver(&p->th, &p->us), 1);
	assert_ok(exchange_sweep(p->us.x, co_now_us(), &marked, &err));
	assert_int_equal(marked, 0);
	assert_ok(exchange_sweep(p->us.x, later, &marked, &err));
	assert_int_equal(marked, 1);
	state_is(&p->us, b.id, "expired");
	state_is(&p->us, a.id, "executed");
	assert_int_equal(events_of(&p->us, "preservation.expired"), 1);
	/* Decided: now it can end. */
	json_decref(call(&p->us, p->us.duty, "request.answer",
		json_pack("{s:s,s:s,s:s,s:s}", "id", c.id, "state", "refused", "ground", "security",
			"reason", "It would harm an operation.")));
	assert_ok(exchange_sweep(p->us.x, later, &marked, &err));
	assert_int_equal(marked, 1);
	state_is(&p->us, a.id, "expired");
}

static void
author_cannot_approve_and_nothing_goes_out_before(void **state)
{
	struct pair *p = *state;
	struct asked a;
	json_t *o;

	side_close(&p->th);
	p->th.four_eyes = "preserve,answer:refused";
	side_open(&p->th);
	o = call(&p->th, p->th.duty, "request.new", request_ask("us.contact", "preserve"));
	assert_string_equal(json_string_value(json_object_get(o, "state")), "waiting");
	asked_read(&a, o);
	assert_int_equal(
		call_fails(&p->th, p->th.duty, "request.send", json_pack("{s:s}", "id", a.id)),
		CO_EREFUSED);
	assert_int_equal(
		call_fails(&p->th, p->th.duty, "request.approve", json_pack("{s:s}", "id", a.id)),
		CO_EDENIED);
	o = call(&p->th, p->th.duty, "request.submit_many",
		json_pack("{s:[o]}", "requests", request_ask("us.contact", "preserve")));
	assert_string_equal(json_string_value(json_object_get(
				    json_array_get(json_object_get(o, "results"), 0), "error")),
		"EREFUSED");
	json_decref(o);
	assert_int_equal(deliver(&p->th, &p->us), 0);
	json_decref(
		call(&p->th, p->th.approver, "request.approve", json_pack("{s:s}", "id", a.id)));
	json_decref(call(&p->th, p->th.duty, "request.send", json_pack("{s:s}", "id", a.id)));
	assert_int_equal(
		call_fails(&p->th, p->th.duty, "request.send", json_pack("{s:s}", "id", a.id)),
		CO_EEXISTS);
	assert_int_equal(deliver(&p->th, &p->us), 1);
	state_is(&p->us, a.id, "sent");
}

static void
four_eyes_hold_for_answers_too(void **state)
{
	struct pair *p = *state;
	struct asked a, n;

	side_close(&p->us);
	p->us.four_eyes = "answer:refused";
	side_open(&p->us);
	send_preserve(p, &a);
	asked_read(&n,
		call(&p->us, p->us.duty, "request.answer",
			json_pack("{s:s,s:s,s:s,s:s}", "id", a.id, "state", "refused", "ground",
				"security", "reason", "It would harm an operation.")));
	state_is(&p->us, a.id, "sent");
	json_decref(
		call(&p->us, p->us.approver, "request.approve", json_pack("{s:s}", "id", n.id)));
	json_decref(call(&p->us, p->us.duty, "request.send", json_pack("{s:s}", "id", n.id)));
	assert_int_equal(deliver(&p->us, &p->th), 1);
	state_is(&p->th, a.id, "refused");
}

static void
officers_without_the_right_are_denied_and_it_is_an_event(void **state)
{
	struct pair *p = *state;
	char guest[65];

	side_officer(&p->th, "guest", "auditor", guest);
	assert_int_equal(call_fails(&p->th, "00", "request.list", json_object()), CO_EDENIED);
	assert_int_equal(
		call_fails(&p->th, guest, "request.new", request_ask("us.contact", "preserve")),
		CO_EDENIED);
	assert_int_equal(call_fails(&p->th, guest, "no.such", json_object()), CO_ENOTFOUND);
	json_decref(call(&p->th, guest, "request.list", json_object()));
	json_decref(call(&p->th, p->th.admin, "user.disable", json_pack("{s:s}", "name", "guest")));
	assert_int_equal(call_fails(&p->th, guest, "request.list", json_object()), CO_EDENIED);
	assert_int_equal(events_of(&p->th, "op.denied"), 3);
	/* Bounded: a hundred more are not a hundred events. */
	for (int i = 0; i < 100; i++)
		assert_int_equal(
			call_fails(&p->th, "00", "request.list", json_object()), CO_EDENIED);
	assert_true(events_of(&p->th, "op.denied") <= 24);
}

static void
wrong_input_of_an_operation_is_named(void **state)
{
	struct pair *p = *state;
	json_t *ask = request_ask("us.contact", "preserve");

	json_object_del(json_object_get(ask, "fields"), "conduct");
	assert_int_equal(call_fails(&p->th, p->th.duty, "request.new", ask), CO_EREFUSED);
	assert_non_null(strstr(err.msg, "conduct"));
	ask = request_ask("us.contact", "preserve");
	json_object_set_new(ask, "extra", json_true());
	assert_int_equal(call_fails(&p->th, p->th.duty, "request.new", ask), CO_EUSAGE);
	assert_non_null(strstr(err.msg, "extra"));
	assert_int_equal(call_fails(&p->th, p->th.duty, "request.new",
				 request_ask("fr.contact", "preserve")),
		CO_ENOTFOUND);
	assert_int_equal(
		call_fails(&p->th, p->th.duty, "request.show", json_pack("{s:s}", "id", "1")),
		CO_EUSAGE);
}

/* Both sides answer at once; the notices cross, and both end in the same state. */
static void
withdrawal_that_crosses_the_execution_ends_alike_on_both_sides(void **state)
{
	struct pair *p = *state;
	struct asked a, b;
	json_t *ask = request_ask("us.contact", "subscriber");

	send_preserve(p, &a);
	ask_and_send(&p->th, ask, &b);
	assert_int_equal(deliver(&p->th, &p->us), 1);
	for (int i = 0; i < 2; i++) {
		const char *id = i == 0 ? a.id : b.id;

		answer(&p->us, id, "executed");
		json_decref(
			call(&p->th, p->th.duty, "request.withdraw", json_pack("{s:s}", "id", id)));
	}
	assert_int_equal(deliver(&p->us, &p->th), 2);
	assert_int_equal(deliver(&p->th, &p->us), 2);
	state_is(&p->th, a.id, "withdrawn");
	state_is(&p->us, a.id, "withdrawn");
	state_is(&p->th, b.id, "executed");
	state_is(&p->us, b.id, "executed");
}

/* Requests and cases as operations show them, but for what a clock counts down meanwhile. */
static json_t *
tables(struct side *s)
{
	json_t *requests = call(s, s->duty, "request.list", json_object()), *one;
	size_t i;

	json_array_foreach(json_object_get(requests, "requests"), i, one)
	{
		(void)json_object_del(one, "left");
		(void)json_object_del(one, "left_s");
	}
	return json_pack("{s:o,s:o}", "requests", requests, "cases",
		call(s, s->duty, "case.list", json_object()));
}

static enum co_rc
spoil_work(struct store_db *db, void *arg, struct co_err *e)
{
	const struct asked *a = arg;

	return store_run(db, NULL, Q_REQUEST_MOVE, e,
		"tooiiot"
		"t",
		"refused", NULL, NULL, INT64_C(0), INT64_C(5), NULL, "nobody", a->id);
}

static void
tables_are_made_again_from_the_records(void **state)
{
	struct pair *p = *state;
	struct asked a, b, e;

	send_preserve(p, &a);
	answer(&p->us, a.id, "accepted");
	answer(&p->us, a.id, "executed");
	assert_int_equal(deliver(&p->us, &p->th), 2);
	asked_read(&e,
		call(&p->th, p->th.duty, "request.extend",
			json_pack("{s:s,s:i}", "id", a.id, "days", 90)));
	assert_int_equal(deliver(&p->th, &p->us), 1);
	answer(&p->us, e.id, "extended");
	send_preserve(p, &b);
	json_decref(call(&p->th, p->th.duty, "request.withdraw", json_pack("{s:s}", "id", b.id)));
	assert_int_equal(deliver(&p->us, &p->th), 1);
	assert_int_equal(deliver(&p->th, &p->us), 1);
	for (int i = 0; i < 2; i++) {
		struct side *s = i == 0 ? &p->th : &p->us;
		json_t *before = tables(s), *spoilt, *after;
		uint64_t records, faults;

		assert_ok(store_write(s->store, spoil_work, &a, &err));
		spoilt = tables(s);
		assert_false(json_equal(before, spoilt));
		assert_ok(exchange_rebuild(s->x, &records, &faults, &err));
		assert_int_equal(faults, 0);
		assert_int_equal(records, 14); /* 7 and a receipt of each */
		after = tables(s);
		assert_true(json_equal(before, after));
		json_decref(before);
		json_decref(spoilt);
		json_decref(after);
	}
}

#define WITH(t) cmocka_unit_test_setup_teardown(t, pair_setup, pair_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(request_answer_and_receipts_travel_both_ways),
		WITH(illegal_answer_is_refused_before_it_is_signed),
		WITH(extension_prolongs_the_preservation_it_names),
		WITH(preservation_expires_unless_a_disclosure_is_pending),
		WITH(author_cannot_approve_and_nothing_goes_out_before),
		WITH(four_eyes_hold_for_answers_too),
		WITH(officers_without_the_right_are_denied_and_it_is_an_event),
		WITH(wrong_input_of_an_operation_is_named),
		WITH(withdrawal_that_crosses_the_execution_ends_alike_on_both_sides),
		WITH(tables_are_made_again_from_the_records),
	};

	return cmocka_run_group_tests(tests, pair_begin, pair_end);
}
