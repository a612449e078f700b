/* Days and dates of the proleptic Gregorian calendar, for zones and terms. Pure arithmetic; must
 * never ask the C library, whose time_t functions read the process-wide TZ. */
#pragma once

#include <stdint.h>

struct co_civil {
	int64_t year;
	int month, day; /* 1..12, 1..31 */
};

/* Days since 1970-01-01. A month or day out of range is our mistake (asserted). */
int64_t co_civil_days(struct co_civil c);
struct co_civil co_civil_of(int64_t days);
int co_civil_month_days(int64_t year, int month); /* 28..31 */
int co_civil_weekday(int64_t days);               /* 0 Monday .. 6 Sunday */
int64_t co_floor_div(int64_t a, int64_t b);       /* b > 0; rounds down, also below zero */
