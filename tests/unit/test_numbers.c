/* Steps of time, and office hours. */
#include "test.h"

#include "exchange/numbers.h"
#include "network/hours.h"

static struct co_err err;

static void
steps_hold_what_they_say(void **state)
{
	unsigned last = 0;
	(void)state;

	assert_int_equal(numbers_step(0), 0);
	assert_int_equal(numbers_step(-5), 0);
	assert_int_equal(numbers_step(INT64_MAX), NUMBERS_STEPS - 1);
	for (int64_t us = 1000000; us < INT64_C(400) * 86400 * 1000000; us += us / 50) {
		unsigned step = numbers_step(us);
		double middle = numbers_step_seconds(step), s = (double)us / 1e6;

		assert_true(step >= last && step - last <= 1);
		assert_true(middle / s < 1.0906 && s / middle < 1.0906);
		last = step;
	}
	assert_true(last > 190);
}

static void
shares_are_near_the_true_ones(void **state)
{
	int64_t steps[NUMBERS_STEPS] = { 0 };
	double median, most;
	(void)state;

	assert_true(numbers_share(steps, 0.5) < 0);
	for (int64_t s = 1; s <= 1000; s++)
		steps[numbers_step(s * 1000000)]++;
	median = numbers_share(steps, 0.5);
	most = numbers_share(steps, 0.9);
	assert_true(median > 500 / 1.09 && median < 500 * 1.09);
	assert_true(most > 900 / 1.09 && most < 900 * 1.09);
}

static void
spreads_are_read_as_they_were_stored(void **state)
{
	int64_t steps[NUMBERS_STEPS] = { [0] = 3, [12] = 5, [14] = -1, [NUMBERS_STEPS - 1] = 1 };
	int64_t got[NUMBERS_STEPS] = { 0 };
	struct co_buf text;
	(void)state;

	co_buf_init(&text, 4096);
	assert_ok(numbers_spread_print(steps, &text, &err));
	assert_string_equal(text.data, "0:3 12:5 14:-1 231:1");
	numbers_spread_read(text.data, got);
	assert_memory_equal(got, steps, sizeof(steps));
	numbers_spread_read("12:2 9999:4 14:1 15", got); /* adds; no step of ours; ends early */
	assert_int_equal(got[12], 7);
	assert_int_equal(got[14], 0);
	assert_int_equal(got[15], 0);
	numbers_spread_read("", got);
	numbers_spread_read("x:1", got);
	co_buf_reset(&text);
	memset(steps, 0, sizeof(steps));
	assert_ok(numbers_spread_print(steps, &text, &err));
	assert_string_equal(text.data, "");
	co_buf_deinit(&text);
}

static void
months_are_of_utc(void **state)
{
	int64_t us;
	(void)state;

	assert_ok(co_time_parse("2026-11-30T23:59:59Z", &us, NULL));
	assert_int_equal(numbers_month(us), 202611);
	assert_int_equal(numbers_month(us + 1000000), 202612);
}

static void
hours_are_read_or_said_to_be_unknown(void **state)
{
	/* 25 November 2026 is a Wednesday. */
	static const struct {
		const char *hours, *at;
		enum hours_open open;
		const char *next;
	} rows[] = {
		{ "24x7", "2026-11-25T03:00:00Z", HOURS_OPEN, "" },
		{ "24/7", "2026-11-25T03:00:00Z", HOURS_OPEN, "" },
		{ "mon-fri 09:00-17:00", "2026-11-25T09:00:00Z", HOURS_OPEN,
			"2026-11-25T17:00:00Z" },
		{ "mon-fri 09:00-17:00", "2026-11-25T17:00:00Z", HOURS_CLOSED,
			"2026-11-26T09:00:00Z" },
		{ "mon-fri 09:00-17:00", "2026-11-27T18:00:00Z", HOURS_CLOSED,
			"2026-11-30T09:00:00Z" },
		{ "fri-mon 08:30-12:00", "2026-11-29T09:00:00Z", HOURS_OPEN,
			"2026-11-29T12:00:00Z" },
		{ "mon-fri 08:00-12:00, sat 10:00-11:00", "2026-11-28T10:59:00Z", HOURS_OPEN,
			"2026-11-28T11:00:00Z" },
		{ "08:00-24:00", "2026-11-25T23:59:59Z", HOURS_OPEN, "2026-11-26T00:00:00Z" },
		{ "office hours", "2026-11-25T10:00:00Z", HOURS_UNKNOWN, "" },
		{ "", "2026-11-25T10:00:00Z", HOURS_UNKNOWN, "" },
		{ "mon-fri", "2026-11-25T10:00:00Z", HOURS_UNKNOWN, "" },
		{ "mon-fri 09:00-17:00 by appointment", "2026-11-25T10:00:00Z", HOURS_UNKNOWN, "" },
		{ "mon 17:00-09:00", "2026-11-25T10:00:00Z", HOURS_UNKNOWN, "" },
		{ "mon 25:00-26:00", "2026-11-25T10:00:00Z", HOURS_UNKNOWN, "" },
	};
	(void)state;

	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		char text[CO_TIME_LEN] = "";
		int64_t us, next;

		assert_ok(co_time_parse(rows[i].at, &us, NULL));
		assert_int_equal(hours_at(rows[i].hours, NULL, us, &next), rows[i].open);
		if (next != 0)
			co_time_print(next, text);
		assert_string_equal(text, rows[i].next);
	}
}

static void
hours_are_of_the_zone(void **state)
{
	co_zone_auto *zone = NULL;
	int64_t us, next;
	char text[CO_TIME_LEN];
	(void)state;

	if (co_zone_open("Asia/Bangkok", &zone, NULL) != CO_OK)
		skip();
	assert_ok(co_time_parse("2026-11-25T02:30:00Z", &us, NULL));
	assert_int_equal(hours_at("mon-fri 09:00-17:00", zone, us, &next), HOURS_OPEN);
	co_time_print(next, text);
	assert_string_equal(text, "2026-11-25T10:00:00Z");
	assert_int_equal(hours_at("mon-fri 09:00-17:00", NULL, us, &next), HOURS_CLOSED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_hold_what_they_say),
		cmocka_unit_test(shares_are_near_the_true_ones),
		cmocka_unit_test(spreads_are_read_as_they_were_stored),
		cmocka_unit_test(months_are_of_utc),
		cmocka_unit_test(hours_are_read_or_said_to_be_unknown),
		cmocka_unit_test(hours_are_of_the_zone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
