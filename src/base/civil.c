#include "base/civil.h"

#include <assert.h>
#include <stdbool.h>

/* 400 years repeat exactly; years begin in March, so that the leap day is the last of its year. */
enum { ERA_DAYS = 146097, ERA_YEARS = 400, EPOCH_DAYS = 719468 /* 0000-03-01 to 1970-01-01 */ };

int64_t
co_floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static bool
leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int
co_civil_month_days(int64_t year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	assert(month >= 1 && month <= 12);
	return days[month - 1] + (month == 2 && leap(year));
}

int64_t
co_civil_days(struct co_civil c)
{
	int64_t year = c.year - (c.month <= 2), era = co_floor_div(year, ERA_YEARS);
	int64_t in_era = year - era * ERA_YEARS;
	int64_t in_year = (153 * (c.month + (c.month > 2 ? -3 : 9)) + 2) / 5 + c.day - 1;

	assert(c.month >= 1 && c.month <= 12 && c.day >= 1 && c.day <= 31);
	return era * ERA_DAYS + in_era * 365 + in_era / 4 - in_era / 100 + in_year - EPOCH_DAYS;
}

struct co_civil
co_civil_of(int64_t days)
{
	int64_t shifted = days + EPOCH_DAYS, era = co_floor_div(shifted, ERA_DAYS);
	int64_t in_era = shifted - era * ERA_DAYS;
	int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / (ERA_DAYS - 1)) / 365;
	int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * in_year + 2) / 153; /* 0 March .. 11 February */
	struct co_civil c = { .year = era * ERA_YEARS + year + (month >= 10),
		.month = (int)(month < 10 ? month + 3 : month - 9),
		.day = (int)(in_year - (153 * month + 2) / 5 + 1) };

	return c;
}

int
co_civil_weekday(int64_t days)
{
	/* 1970-01-01 was a Thursday. */
	return (int)(days + 3 - 7 * co_floor_div(days + 3, 7));
}
