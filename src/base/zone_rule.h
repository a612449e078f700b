/* What a zone does after its table of changes ends: a POSIX TZ string with the extensions of RFC
 * 8536 3.3.1 (quoted names, times from -167 to 167 hours). Private to base/zone.c; its fuzz target
 * comes in by co_zone_parse. */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { ZONE_NAME = 16 }; /* an abbreviation and its NUL */

/* One of the two days of the year on which clocks change. */
struct zone_change {
	char type; /* 'M' month.week.day, 'J' day without 29 February, 'N' day of year */
	int month, week,
		day;    /* M: 1..12, 1..5 (5: last), 0 Sunday .. 6; J: day 1..365; N: 0..365 */
	int32_t time_s; /* local time of the change, from that day's midnight */
};

struct zone_rule {
	char standard[ZONE_NAME], daylight[ZONE_NAME];
	int32_t standard_s, daylight_s; /* east of UTC */
	bool changes;                   /* else always standard */
	struct zone_change start, end;  /* of daylight time */
};

/* extended: the times of version 3. */
enum co_rc zone_rule_parse(const char *text, size_t n, bool extended, struct zone_rule *out,
	struct co_err *err) CO_NODISCARD;

/* The longest time around an instant in which nothing changes. Seconds since the epoch. */
struct zone_span {
	int64_t from_s, to_s; /* INT64_MIN, INT64_MAX: for ever */
	int32_t offset_s;
	const char *name; /* borrowed from the zone */
};
void zone_rule_span(const struct zone_rule *r, int64_t at_s, struct zone_span *out);
