#include "law/term.h"

#include "base/civil.h"

#include <stdbool.h>

#define MINUTE_US INT64_C(60000000)
#define HOUR_US (60 * MINUTE_US)
#define DAY_US (24 * HOUR_US)

enum {
	/* Of one term: more than a thousand years are none, and the days are walked one by one. */
	DAYS_MAX = 400000,
	MONTHS_MAX = 12000,
	/* Days looked through for working days: four years, lest a calendar of holidays only
	 * never ends. */
	LOOK_BACK_DAYS = 1461,
	WEEK = 0x7f
};

static const struct term_calendar utc_calendar;

static bool
is_holiday(const struct term_calendar *c, int64_t day)
{
	size_t low = 0, high = c->holidays_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (c->holidays[mid] < day)
			low = mid + 1;
		else
			high = mid;
	}
	return low < c->holidays_n && c->holidays[low] == day;
}

static bool
is_working_day(const struct term_calendar *c, int64_t day)
{
	return (c->weekend & 1u << co_civil_weekday(day)) == 0 && !is_holiday(c, day);
}

/* ---- terms ---- */

static enum co_rc
term_check(const struct term *t, const struct term_calendar *c, struct co_err *err)
{
	static const struct {
		int64_t most;
		const char *name;
	} units[] = { { INT64_MAX, "hours" }, { DAYS_MAX, "days" }, { DAYS_MAX, "working days" },
		{ MONTHS_MAX, "months" } };

	if (t->amount < 1 || t->amount > units[t->unit].most)
		return co_fail(err, t->amount < 1 ? CO_EUSAGE : CO_ETOOBIG,
			"a term of %lld %s; from 1 to %lld are possible", (long long)t->amount,
			units[t->unit].name, (long long)units[t->unit].most);
	if (t->unit == TERM_WORKING_DAYS && (c->weekend & WEEK) == WEEK)
		return co_fail(err, CO_EUSAGE, "the calendar has no working day in a week");
	for (size_t i = 0; i < t->stops_n; i++)
		if (t->stops[i].to_us < t->stops[i].from_us ||
			(i > 0 && t->stops[i].from_us < t->stops[i - 1].to_us))
			return co_fail(err, CO_EUSAGE,
				"the times in which the clock stood overlap or are not in order");
	return CO_OK;
}

static enum co_rc
stands(const struct term_stop *s, struct co_err *err)
{
	char since[CO_TIME_LEN];

	co_time_print(s->from_us, since);
	return co_fail(err, CO_EREFUSED,
		"the clock stands since %s; the end is known when it goes on", since);
}

static enum co_rc
too_far(struct co_err *err)
{
	return co_fail(err, CO_ETOOBIG, "the term ends beyond any date");
}

static enum co_rc
hours_end(const struct term *t, int64_t *end_us, struct co_err *err)
{
	int64_t at = t->from_us, left, end;

	if (__builtin_mul_overflow(t->amount, HOUR_US, &left))
		return too_far(err);
	for (size_t i = 0; i < t->stops_n; i++) {
		const struct term_stop *s = &t->stops[i];

		if (s->to_us <= at || s->to_us == s->from_us)
			continue;
		if (s->from_us > at) {
			/* As unsigned: the distance of two instants may pass INT64_MAX. */
			uint64_t ran = (uint64_t)s->from_us - (uint64_t)at;

			if ((uint64_t)left <= ran)
				break;
			left -= (int64_t)ran;
		}
		if (s->to_us == INT64_MAX)
			return stands(s, err);
		at = s->to_us;
	}
	if (__builtin_add_overflow(at, left, &end))
		return too_far(err);
	*end_us = end;
	return CO_OK;
}

/* The day amount days after that of the beginning; only working days are counted, if so wanted, and
 * none in which the clock stood. */
static enum co_rc
days_walk(const struct term *t, const struct term_calendar *c, int64_t amount, int64_t *last,
	struct co_err *err)
{
	bool working = t->unit == TERM_WORKING_DAYS;
	int64_t day = co_zone_day(c->zone, t->from_us);
	size_t i = 0;

	while (amount > 0) {
		day++;
		while (i < t->stops_n &&
			(t->stops[i].to_us == t->stops[i].from_us ||
				co_zone_day(c->zone, t->stops[i].to_us - 1) < day))
			i++;
		if (i < t->stops_n && co_zone_day(c->zone, t->stops[i].from_us) <= day) {
			if (t->stops[i].to_us == INT64_MAX)
				return stands(&t->stops[i], err);
			day = co_zone_day(c->zone, t->stops[i].to_us - 1);
		} else if (!working || is_working_day(c, day)) {
			amount--;
		}
	}
	*last = day;
	return CO_OK;
}

/* Days from the beginning to the day of that number amount months later. */
static int64_t
months_days(const struct term *t, const struct term_calendar *c)
{
	int64_t begin = co_zone_day(c->zone, t->from_us), months;
	struct co_civil date = co_civil_of(begin);
	int most;

	months = date.month - 1 + t->amount;
	date.year += months / 12;
	date.month = (int)(months % 12) + 1;
	most = co_civil_month_days(date.year, date.month);
	date.day = date.day < most ? date.day : most;
	return co_civil_days(date) - begin;
}

enum co_rc
term_end(const struct term *t, const struct term_calendar *c, int64_t *end_us, struct co_err *err)
{
	int64_t last = 0, days = t->amount, end;
	enum co_rc rc;

	c = c == NULL ? &utc_calendar : c;
	rc = term_check(t, c, err);
	if (rc != CO_OK)
		return rc;
	if (t->unit == TERM_HOURS)
		return hours_end(t, end_us, err);
	if (t->unit == TERM_MONTHS)
		days = months_days(t, c);
	rc = days_walk(t, c, days, &last, err);
	if (rc != CO_OK)
		return rc;
	end = co_zone_midnight_us(c->zone, (int32_t)(last + 1));
	if (end == INT64_MAX)
		return too_far(err);
	*end_us = end;
	return CO_OK;
}

/* ---- warnings ---- */

/* part quarters of the way, without passing INT64_MAX on it. */
static int64_t
quarters(int64_t from_us, int64_t end_us, unsigned part)
{
	uint64_t whole = (uint64_t)end_us - (uint64_t)from_us;

	return (int64_t)((uint64_t)from_us + whole / 4 * part + whole % 4 * part / 4);
}

size_t
term_alarms(int64_t from_us, int64_t end_us, int64_t out[TERM_ALARMS])
{
	int64_t all[TERM_ALARMS] = { end_us, end_us, end_us, end_us, end_us };
	size_t n = 0;

	if (end_us > from_us) {
		all[0] = quarters(from_us, end_us, 2);
		all[1] = quarters(from_us, end_us, 3);
		(void)__builtin_sub_overflow(end_us, DAY_US, &all[2]);
		(void)__builtin_sub_overflow(end_us, 2 * HOUR_US, &all[3]);
	}
	for (size_t i = 0; i < TERM_ALARMS; i++) {
		size_t k = n;

		/* What wrapped around at the end of time lies after the end. */
		if (all[i] != end_us && (all[i] <= from_us || all[i] > end_us))
			continue;
		while (k > 0 && out[k - 1] > all[i])
			k--;
		if (k > 0 && out[k - 1] == all[i])
			continue;
		for (size_t m = n++; m > k; m--)
			out[m] = out[m - 1];
		out[k] = all[i];
	}
	return n;
}

int64_t
term_extend_by(
	int64_t from_us, int64_t expiry_us, unsigned lead_days, const struct term_calendar *c)
{
	int64_t half = expiry_us, lead, day;

	c = c == NULL ? &utc_calendar : c;
	if (expiry_us > from_us)
		half = quarters(from_us, expiry_us, 2);
	/* What ends at midnight ends with the day before. */
	day = co_zone_day(c->zone, expiry_us == INT64_MIN ? expiry_us : expiry_us - 1);
	for (int looked = 0; lead_days > 0 && looked < LOOK_BACK_DAYS; looked++)
		lead_days -= is_working_day(c, --day) ? 1 : 0;
	lead = co_zone_midnight_us(c->zone, (int32_t)day);
	return lead > half ? lead : half;
}

void
term_left_print(int64_t now_us, int64_t end_us, char out[TERM_LEFT_LEN])
{
	uint64_t left = end_us > now_us ? (uint64_t)end_us - (uint64_t)now_us : 0;
	unsigned long long days = left / (uint64_t)DAY_US, hours = left / (uint64_t)HOUR_US % 24,
			   minutes = left / (uint64_t)MINUTE_US % 60;

	if (left == 0)
		(void)snprintf(out, TERM_LEFT_LEN, "over");
	else if (days > 0)
		(void)snprintf(out, TERM_LEFT_LEN, "%llu d %llu h left", days, hours);
	else if (hours > 0)
		(void)snprintf(out, TERM_LEFT_LEN, "%llu h %llu min left", hours, minutes);
	else
		(void)snprintf(out, TERM_LEFT_LEN, "%llu min left", minutes);
}
