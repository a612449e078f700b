#include "pair.h"

static void
order_holds_within_a_case_and_not_between_cases(void **state)
{
	struct pair *p = *state;
	struct asked a, b;
	struct outbox_row rows[8];
	int64_t next, now;
	size_t n;

	ask_and_send(&p->th, request_ask("us.contact", "preserve"), &a);
	json_decref(call(&p->th, p->th.duty, "message.send",
		json_pack("{s:s,s:s}", "case_id", a.case_id, "text", "one")));
	ask_and_send(&p->th, request_ask("us.contact", "preserve"), &b);
	assert_int_equal(due(&p->th, "us.contact", LANE_URGENT, rows, 8), 3);
	/* The first of case a fails: what follows it in its case waits, the other case does not. */
	assert_ok(outbox_postpone(p->th.x, "us.contact", rows, 1, "not today", &err));
	rows_free(rows, 3);
	n = due(&p->th, "us.contact", LANE_URGENT, rows, 8);
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].record_id, b.id);
	rows_free(rows, 1);
	assert_int_equal(deliver(&p->th, &p->us), 1);
	assert_ok(outbox_due(
		p->th.x, "us.contact", LANE_URGENT, 0, 1 << 20, rows, 8, &n, &next, &err));
	assert_int_equal(n, 0);
	now = co_now_us();
	assert_true(next < now + 1100000);
	if (next > now)
		usleep((useconds_t)(next - now + 1000));
	assert_int_equal(deliver(&p->th, &p->us), 2);
}

static void
wrong_receipt_settles_nothing(void **state)
{
	struct pair *p = *state;
	struct outbox_row row, other;
	struct asked b;
	co_auto_buf body;
	co_auto_buf out;
	struct wire_item items[LIMIT_BATCH_RECORDS];
	json_t *o;
	size_t n;

	one_row(p, &row);
	co_buf_init(&body, LIMIT_BATCH_BYTES);
	co_buf_init(&out, LIMIT_BATCH_BYTES);
	wire_one(&body, row.bytes.data, row.bytes.len, row.sig.data, row.sig.len);
	wire_post(&p->us, "th.contact", &body, &out);
	assert_ok(wire_parse(out.data, out.len, items, &n, &err));
	/* A true receipt, but for another record. */
	ask_and_send(&p->th, request_ask("us.contact", "preserve"), &b);
	{
		struct outbox_row both[2];

		assert_int_equal(due(&p->th, "us.contact", LANE_URGENT, both, 2), 2);
		outbox_row_deinit(&both[0]);
		other = both[1];
	}
	assert_ok(outbox_settle(p->th.x, "us.contact", &other, items, 1, &err));
	/* The right one with a bit turned. */
	((char *)(uintptr_t)items[0].p)[40] ^= 1;
	assert_ok(outbox_settle(p->th.x, "us.contact", &row, items, 1, &err));
	((char *)(uintptr_t)items[0].p)[40] ^= 1;
	o = call(&p->th, p->th.duty, "delivery.list", json_pack("{s:s}", "state", "waiting"));
	assert_int_equal(json_array_size(json_object_get(o, "deliveries")), 2);
	assert_non_null(
		strstr(json_string_value(json_object_get(
			       json_array_get(json_object_get(o, "deliveries"), 0), "last_error")),
			"wrong receipt"));
	json_decref(o);
	assert_int_equal(events_of(&p->th, "outbox.wrong-receipt"), 2);
	/* And as it is: it settles, once; a second time changes nothing. */
	assert_ok(outbox_settle(p->th.x, "us.contact", &row, items, 1, &err));
	assert_ok(outbox_settle(p->th.x, "us.contact", &row, items, 1, &err));
	o = call(&p->th, p->th.duty, "delivery.list", json_pack("{s:s}", "state", "delivered"));
	assert_int_equal(json_array_size(json_object_get(o, "deliveries")), 1);
	json_decref(o);
	outbox_row_deinit(&row);
	outbox_row_deinit(&other);
}

static void
final_refusal_ends_the_delivery_and_says_why(void **state)
{
	struct pair *p = *state;
	struct asked a;
	json_t *o, *row;

	side_knows(&p->us, &p->th, "blocked", 300);
	send_preserve(p, &a);
	o = call(&p->th, p->th.duty, "delivery.list", json_pack("{}"));
	row = json_array_get(json_object_get(o, "deliveries"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "state")), "refused");
	assert_non_null(strstr(json_string_value(json_object_get(row, "last_error")), "blocked"));
	json_decref(o);
	assert_int_equal(events_of(&p->th, "outbox.refused"), 1);
	assert_int_equal(
		call_fails(&p->th, p->th.duty, "request.withdraw", json_pack("{s:s}", "id", a.id)),
		CO_EREFUSED);
	assert_non_null(strstr(err.msg, "send a new one"));
}

#define WITH(t) cmocka_unit_test_setup_teardown(t, pair_setup, pair_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(order_holds_within_a_case_and_not_between_cases),
		WITH(wrong_receipt_settles_nothing),
		WITH(final_refusal_ends_the_delivery_and_says_why),
	};

	return cmocka_run_group_tests(tests, pair_begin, pair_end);
}
