#include "test.h"

#include "base/civil.h"
#include "base/fs.h"
#include "law/term.h"

#include <limits.h>

#define MINUTE INT64_C(60000000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

enum { SAT_SUN = 1 << 5 | 1 << 6 };

static struct co_err err;

/* From the corpus of fuzz_zone: independent of the system's tzdata. */
static struct co_zone *
corpus_zone(const char *name)
{
	struct co_zone *z = NULL;
	char path[PATH_MAX];
	co_auto_buf b;

	co_buf_init(&b, 1u << 16);
	(void)snprintf(
		path, sizeof(path), "%s/tests/fuzz/corpus/zone/%s", getenv("COMITY_SOURCE"), name);
	assert_ok(co_read_file(path, &b, &err));
	assert_ok(co_zone_parse(b.data, b.len, &z, &err));
	return z;
}

static int64_t
at(const char *text)
{
	int64_t us = 0;

	assert_ok(co_time_parse(text, &us, &err));
	return us;
}

static law_day
date(int64_t year, int month, int day)
{
	return (law_day)co_civil_days((struct co_civil){ year, month, day });
}

static void
ends(const struct term *t, const struct term_calendar *c, const char *want)
{
	char got[CO_TIME_LEN];
	int64_t end = 0;

	assert_ok(term_end(t, c, &end, &err));
	co_zone_print(c == NULL ? NULL : c->zone, end, got);
	assert_string_equal(got, want);
}

/* ---- examples ---- */

/* Regulation (EU) 2023/1543 arts 10(2), 10(4), 16: what a term of each unit is. */
static void
terms_of_the_regulation_end_when_expected(void **state)
{
	co_zone_auto *prague = corpus_zone("prague");
	law_day holidays[] = { date(2026, 9, 28), date(2026, 10, 28) };
	struct term_calendar c = { prague, SAT_SUN, holidays, 2 };
	struct term t = { .from_us = at("2026-08-18T13:30:00Z"), .amount = 10, .unit = TERM_DAYS };

	(void)state;
	ends(&t, &c, "2026-08-29T00:00:00+02:00");
	t = (struct term){ .from_us = at("2026-08-18T13:30:00.000001Z"), .amount = 8 };
	assert_int_equal(t.unit, TERM_HOURS);
	ends(&t, &c, "2026-08-18T23:30:00+02:00");
	t.amount = 96;
	ends(&t, &c, "2026-08-22T15:30:00+02:00");
	/* Five working days over a weekend and a holiday on Monday. */
	t = (struct term){ at("2026-09-23T08:00:00Z"), 5, TERM_WORKING_DAYS, NULL, 0 };
	ends(&t, &c, "2026-10-02T00:00:00+02:00");
	/* From a Saturday: Monday is the first day. */
	t.from_us = at("2026-10-03T08:00:00Z");
	ends(&t, &c, "2026-10-10T00:00:00+02:00");
	/* It is the day in the zone that counts: 22:30 UTC is tomorrow already. */
	t = (struct term){ at("2026-08-18T22:30:00Z"), 1, TERM_DAYS, NULL, 0 };
	ends(&t, &c, "2026-08-21T00:00:00+02:00");
	ends(&t, NULL, "2026-08-20T00:00:00+00:00");
}

/* Art. 10(6): an unclear order, the issuer has the word, the clock stands. */
static void
a_stopped_clock_moves_the_end(void **state)
{
	struct term_stop stops[] = {
		{ at("2026-09-05T09:00:00Z"), at("2026-09-08T15:00:00Z") },
		{ at("2026-09-10T12:00:00Z"), at("2026-09-10T12:00:00Z") }, /* no time at all */
		{ at("2026-09-15T23:00:00Z"), at("2026-09-20T12:00:00Z") }, /* over the end */
	};
	struct term t = { at("2026-09-01T10:00:00Z"), 10, TERM_DAYS, stops, 0 };
	int64_t end = 0;

	(void)state;
	ends(&t, NULL, "2026-09-12T00:00:00+00:00");
	t.stops_n = 2;
	ends(&t, NULL, "2026-09-16T00:00:00+00:00");
	t.stops_n = 3;
	ends(&t, NULL, "2026-09-22T00:00:00+00:00");
	/* Still standing: the end is not known, unless it had come before. */
	stops[2].to_us = INT64_MAX;
	assert_rc(term_end(&t, NULL, &end, &err), CO_EREFUSED);
	stops[2].from_us = at("2026-09-16T00:00:00Z");
	ends(&t, NULL, "2026-09-16T00:00:00+00:00");
	t = (struct term){ at("2026-09-05T08:00:00Z"), 8, TERM_HOURS, stops, 2 };
	ends(&t, NULL, "2026-09-08T22:00:00+00:00");
	/* Over before it stopped, and as it stopped. */
	t.amount = 1;
	ends(&t, NULL, "2026-09-05T09:00:00+00:00");
	/* Begun while it stood. */
	t = (struct term){ at("2026-09-06T00:00:00Z"), 2, TERM_HOURS, stops, 1 };
	ends(&t, NULL, "2026-09-08T17:00:00+00:00");
	stops[0].to_us = INT64_MAX;
	assert_rc(term_end(&t, NULL, &end, &err), CO_EREFUSED);
	assert_true(end == 0);
	/* A stop over a weekend takes no working day away. */
	stops[0] = (struct term_stop){ at("2026-09-12T00:00:00Z"), at("2026-09-13T20:00:00Z") };
	t = (struct term){ at("2026-09-10T10:00:00Z"), 2, TERM_WORKING_DAYS, stops, 1 };
	ends(&t, &(struct term_calendar){ .weekend = SAT_SUN }, "2026-09-15T00:00:00+00:00");
}

/* Art. 29(7): days of the calendar, whatever clocks do meanwhile. */
static void
sixty_days_are_sixty_dates_in_every_zone(void **state)
{
	static const struct {
		const char *zone, *from, *end;
	} rows[] = {
		{ "bangkok", "2026-11-23T19:15:00Z", "2027-01-24T00:00:00+07:00" },
		{ "new_york", "2026-09-20T12:00:00Z", "2026-11-20T00:00:00-05:00" },
		{ "new_york", "2027-02-01T12:00:00Z", "2027-04-03T00:00:00-04:00" },
		{ "lord_howe", "2027-03-01T00:00:00Z", "2027-05-01T00:00:00+10:30" },
		{ "prague", "2027-03-01T00:00:00Z", "2027-05-01T00:00:00+02:00" },
		{ "casablanca", "2026-02-01T00:00:00Z", "2026-04-03T00:00:00+01:00" },
		{ "apia", "2026-02-01T11:00:00Z", "2026-04-04T00:00:00+13:00" },
	};

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		co_zone_auto *z = corpus_zone(rows[i].zone);
		struct term_calendar c = { .zone = z };
		struct term t = { at(rows[i].from), 60, TERM_DAYS, NULL, 0 };

		ends(&t, &c, rows[i].end);
	}
}

static void
an_end_on_a_skipped_midnight_is_the_next_instant(void **state)
{
	/* Apia left out 30 December 2011. */
	co_zone_auto *apia = corpus_zone("apia"), *dublin = corpus_zone("dublin");
	struct term_calendar c = { .zone = apia };
	struct term t = { at("2011-12-27T20:00:00Z"), 2, TERM_DAYS, NULL, 0 };
	struct co_zone *gap = NULL;
	/* A zone whose clocks go from 0:00 to 1:00 each last Sunday of March. */
	static const char file[] = "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
				   "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\4"
				   "\0\0\0\0\0\0AAA\0"
				   "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
				   "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\4"
				   "\0\0\0\0\0\0AAA\0"
				   "\nAAA0BBB,M3.5.0/0,M10.5.0/1\n";

	(void)state;
	ends(&t, &c, "2011-12-31T00:00:00+14:00");
	assert_ok(co_zone_parse(file, sizeof(file) - 1, &gap, &err));
	c.zone = gap;
	t = (struct term){ at("2027-03-25T12:00:00Z"), 2, TERM_DAYS, NULL, 0 };
	ends(&t, &c, "2027-03-28T01:00:00+01:00");
	co_zone_close(&gap);
	c.zone = dublin;
	t = (struct term){ at("2027-10-30T12:00:00Z"), 1, TERM_DAYS, NULL, 0 };
	ends(&t, &c, "2027-11-01T00:00:00+00:00");
}

static void
months_end_on_their_day_or_their_last(void **state)
{
	static const struct {
		const char *from;
		int64_t months;
		const char *end;
	} rows[] = {
		{ "2027-01-31T10:00:00Z", 1, "2027-03-01T00:00:00+00:00" },
		{ "2028-01-31T10:00:00Z", 1, "2028-03-01T00:00:00+00:00" },
		{ "2028-01-29T10:00:00Z", 1, "2028-03-01T00:00:00+00:00" },
		{ "2028-02-29T10:00:00Z", 12, "2029-03-01T00:00:00+00:00" },
		{ "2028-02-29T10:00:00Z", 48, "2032-03-01T00:00:00+00:00" },
		{ "2026-11-30T10:00:00Z", 3, "2027-03-01T00:00:00+00:00" },
		{ "2026-12-15T10:00:00Z", 1, "2027-01-16T00:00:00+00:00" },
		{ "2026-10-15T10:00:00Z", 2, "2026-12-16T00:00:00+00:00" },
	};
	struct term_stop stop = { at("2027-02-01T00:00:00Z"), at("2027-02-03T00:00:00Z") };

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		struct term t = { at(rows[i].from), rows[i].months, TERM_MONTHS, NULL, 0 };

		ends(&t, NULL, rows[i].end);
	}
	ends(&(struct term){ at("2027-01-31T10:00:00Z"), 1, TERM_MONTHS, &stop, 1 }, NULL,
		"2027-03-03T00:00:00+00:00");
	/* Leap days are days. */
	ends(&(struct term){ at("2028-02-28T10:00:00Z"), 1, TERM_DAYS, NULL, 0 }, NULL,
		"2028-03-01T00:00:00+00:00");
	ends(&(struct term){ at("2100-02-28T10:00:00Z"), 1, TERM_DAYS, NULL, 0 }, NULL,
		"2100-03-02T00:00:00+00:00");
}

static void
what_no_instant_can_tell_is_refused(void **state)
{
	struct term_stop crossed[] = { { 5, 9 }, { 8, 12 } }, back = { 9, 5 };
	struct term_stop ages = { INT64_MIN, INT64_MAX - 10 };
	struct term t = { INT64_MAX - HOUR, 1, TERM_HOURS, NULL, 0 };
	struct term_calendar never = { .weekend = 0x7f };
	int64_t end = 0;

	(void)state;
	assert_ok(term_end(&t, NULL, &end, &err));
	assert_true(end == INT64_MAX);
	t.from_us++;
	assert_rc(term_end(&t, NULL, &end, &err), CO_ETOOBIG);
	t.amount = INT64_MAX;
	assert_rc(term_end(&t, NULL, &end, &err), CO_ETOOBIG);
	t.from_us = INT64_MIN;
	assert_rc(term_end(&t, NULL, &end, &err), CO_ETOOBIG);
	t.amount = INT64_MAX / HOUR;
	assert_ok(term_end(&t, NULL, &end, &err));
	t.stops = &ages;
	t.stops_n = 1;
	assert_rc(term_end(&t, NULL, &end, &err), CO_ETOOBIG);
	for (int unit = TERM_DAYS; unit <= TERM_MONTHS; unit++) {
		t = (struct term){ INT64_MAX - HOUR, 1, (enum term_unit)unit, NULL, 0 };
		assert_rc(term_end(&t, NULL, &end, &err), CO_ETOOBIG);
		t = (struct term){ INT64_MIN, 1, (enum term_unit)unit, NULL, 0 };
		assert_ok(term_end(&t, NULL, &end, &err));
		t.amount = INT64_MAX;
		assert_rc(term_end(&t, NULL, &end, &err), CO_ETOOBIG);
		t.amount = 0;
		assert_rc(term_end(&t, NULL, &end, &err), CO_EUSAGE);
	}
	t = (struct term){ 0, -1, TERM_HOURS, NULL, 0 };
	assert_rc(term_end(&t, NULL, &end, &err), CO_EUSAGE);
	t = (struct term){ 0, 1, TERM_WORKING_DAYS, NULL, 0 };
	assert_rc(term_end(&t, &never, &end, &err), CO_EUSAGE);
	t = (struct term){ 0, 1, TERM_HOURS, crossed, 2 };
	assert_rc(term_end(&t, NULL, &end, &err), CO_EUSAGE);
	t = (struct term){ 0, 1, TERM_DAYS, &back, 1 };
	assert_rc(term_end(&t, NULL, &end, &err), CO_EUSAGE);
}

/* ---- warnings ---- */

static void
alarms_come_in_order_and_never_before_the_beginning(void **state)
{
	int64_t out[TERM_ALARMS];

	(void)state;
	assert_int_equal(term_alarms(0, 60 * DAY, out), 5);
	assert_true(out[0] == 30 * DAY && out[1] == 45 * DAY && out[2] == 59 * DAY);
	assert_true(out[3] == 60 * DAY - 2 * HOUR && out[4] == 60 * DAY);
	/* Eight hours: no day before, two hours are three quarters. */
	assert_int_equal(term_alarms(0, 8 * HOUR, out), 3);
	assert_true(out[0] == 4 * HOUR && out[1] == 6 * HOUR && out[2] == 8 * HOUR);
	/* Two days: a day before is half. */
	assert_int_equal(term_alarms(0, 2 * DAY, out), 4);
	assert_int_equal(term_alarms(0, HOUR, out), 3);
	assert_int_equal(term_alarms(7, 7, out), 1);
	assert_int_equal(term_alarms(8, 7, out), 1);
	assert_true(out[0] == 7);
	for (int64_t from = -3; from < 4; from++)
		for (int64_t length = -2; length < 200; length++) {
			int64_t end = from + length * HOUR / 3;
			size_t n = term_alarms(from, end, out);

			assert_true(n >= 1 && n <= TERM_ALARMS && out[n - 1] == end);
			for (size_t i = 0; i + 1 < n; i++)
				assert_true(out[i] > from && out[i] < out[i + 1]);
		}
	assert_int_equal(term_alarms(INT64_MIN, INT64_MAX, out), 5);
	assert_true(out[0] == -1 && out[4] == INT64_MAX);
	assert_int_equal(term_alarms(INT64_MIN, INT64_MIN + 9, out), 3);
}

static void
an_extension_is_drafted_in_time(void **state)
{
	co_zone_auto *bangkok = corpus_zone("bangkok");
	law_day songkran[] = { date(2027, 4, 13), date(2027, 4, 14), date(2027, 4, 15) };
	struct term_calendar c = { bangkok, SAT_SUN, songkran, 3 };
	char text[CO_TIME_LEN];
	int64_t from = at("2027-02-19T05:00:00Z");

	(void)state;
	/* Expires Tuesday 20 April at noon: 19, 16, then over the feast 12, 9, 8, 7, 6. */
	co_zone_print(bangkok, term_extend_by(from, at("2027-04-20T05:00:00Z"), 7, &c), text);
	assert_string_equal(text, "2027-04-06T00:00:00+07:00");
	/* What ends at midnight ends with the day before. */
	co_zone_print(bangkok, term_extend_by(from, at("2027-04-19T17:00:00Z"), 1, &c), text);
	assert_string_equal(text, "2027-04-16T00:00:00+07:00");
	co_zone_print(bangkok, term_extend_by(from, at("2027-04-19T17:00:01Z"), 1, &c), text);
	assert_string_equal(text, "2027-04-19T00:00:00+07:00");
	/* A short term: at its half. */
	assert_true(term_extend_by(0, 10 * DAY, 7, NULL) == 5 * DAY);
	assert_true(term_extend_by(0, 14 * DAY, 7, NULL) == 7 * DAY);
	assert_true(term_extend_by(0, 30 * DAY, 7, NULL) == 22 * DAY);
	assert_true(term_extend_by(0, 30 * DAY, 0, NULL) == 29 * DAY);
	/* Ends of the world, and a calendar without working days. */
	c.weekend = 0x7f;
	assert_true(term_extend_by(0, 30 * DAY, 7, &c) == 15 * DAY);
	assert_true(term_extend_by(0, INT64_MAX, 100000, &c) >= INT64_MAX / 2);
	(void)term_extend_by(INT64_MIN, INT64_MIN, 7, NULL);
	assert_true(term_extend_by(8, 7, 7, NULL) == 7);
}

static void
what_is_left_is_told_in_short(void **state)
{
	static const struct {
		int64_t left;
		const char *text;
	} rows[] = { { 57 * DAY + 3 * HOUR + 59 * MINUTE, "57 d 3 h left" },
		{ DAY, "1 d 0 h left" }, { DAY - 1, "23 h 59 min left" },
		{ HOUR, "1 h 0 min left" }, { HOUR - 1, "59 min left" }, { 1, "0 min left" },
		{ 0, "over" }, { -DAY, "over" } };
	char text[TERM_LEFT_LEN];

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		term_left_print(1000, 1000 + rows[i].left, text);
		assert_string_equal(text, rows[i].text);
	}
	term_left_print(INT64_MIN, INT64_MAX, text);
	assert_string_equal(text, "213503982 d 8 h left");
}

/* ---- against a simulation that only looks at the clock on the wall ---- */

#define TICK (15 * MINUTE)

static uint64_t seed = 1;

static int64_t
dice(int64_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (int64_t)((seed >> 33) % (uint64_t)n);
}

static bool
stood(const struct term *t, int64_t us)
{
	for (size_t i = 0; i < t->stops_n; i++)
		if (t->stops[i].from_us <= us && us < t->stops[i].to_us)
			return true;
	return false;
}

static int64_t
slow_hours(const struct term *t)
{
	int64_t left = t->amount * HOUR, us = t->from_us;

	for (; left > 0; us += TICK)
		left -= stood(t, us) ? 0 : TICK;
	return us;
}

static bool
slow_working(const struct term_calendar *c, law_day day)
{
	for (size_t i = 0; i < c->holidays_n; i++)
		if (c->holidays[i] == day)
			return false;
	return (c->weekend >> ((day % 7 + 10) % 7) & 1) == 0; /* 1970-01-01: Thursday */
}

/* Looks four times an hour which day it is, and whether the clock stands. */
static int64_t
slow_days(const struct term *t, const struct term_calendar *c)
{
	int64_t us = t->from_us, left = t->amount;
	law_day today = co_zone_day(c->zone, us);
	bool begin = true, stops = false;

	for (;; us += TICK) {
		law_day day = co_zone_day(c->zone, us);

		if (day != today) {
			if (!begin && !stops &&
				(t->unit != TERM_WORKING_DAYS || slow_working(c, today)))
				left--;
			if (left == 0)
				return us;
			begin = stops = false;
			today = day;
		}
		stops = stops || stood(t, us);
	}
}

static void
terms_agree_with_a_slow_simulation(void **state)
{
	static const char *const zones[] = { "bangkok", "new_york", "lord_howe", "prague",
		"casablanca", "nuuk", "dublin" };

	(void)state;
	for (int round = 0; round < 3000; round++) {
		co_zone_auto *z = corpus_zone(zones[dice(CO_ARRAY_LEN(zones))]);
		int64_t begin = at("2026-01-01T00:00:00Z") + dice(4 * 365 * 96) * TICK;
		law_day holidays[6];
		struct term_stop stops[4];
		struct term_calendar c = { z, (unsigned)dice(0x7f), holidays, (size_t)dice(7) };
		struct term t = { begin, 1 + dice(25), (enum term_unit)dice(3), stops,
			(size_t)dice(5) };
		int64_t us = begin - 2 * DAY, end = 0, want;

		holidays[0] = co_zone_day(z, begin) + (law_day)dice(4);
		for (size_t i = 1; i < 6; i++)
			holidays[i] = holidays[i - 1] + 1 + (law_day)dice(6);
		for (size_t i = 0; i < t.stops_n; i++) {
			stops[i].from_us = us + dice(5 * 96) * TICK;
			us = stops[i].to_us = stops[i].from_us + dice(3 * 96) * TICK;
		}
		assert_ok(term_end(&t, &c, &end, &err));
		want = t.unit == TERM_HOURS ? slow_hours(&t) : slow_days(&t, &c);
		if (end != want)
			fail_msg("round %d: unit %d amount %lld from %lld: %lld, not %lld", round,
				(int)t.unit, (long long)t.amount, (long long)begin, (long long)end,
				(long long)want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(terms_of_the_regulation_end_when_expected),
		cmocka_unit_test(a_stopped_clock_moves_the_end),
		cmocka_unit_test(sixty_days_are_sixty_dates_in_every_zone),
		cmocka_unit_test(an_end_on_a_skipped_midnight_is_the_next_instant),
		cmocka_unit_test(months_end_on_their_day_or_their_last),
		cmocka_unit_test(what_no_instant_can_tell_is_refused),
		cmocka_unit_test(alarms_come_in_order_and_never_before_the_beginning),
		cmocka_unit_test(an_extension_is_drafted_in_time),
		cmocka_unit_test(what_is_left_is_told_in_short),
		cmocka_unit_test(terms_agree_with_a_slow_simulation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
