#include "network/hours.h"

#include <stdio.h>
#include <string.h>

enum { DAY_MINUTES = 24 * 60, STEP_MINUTES = 15, LOOK_DAYS = 8 };
#define MINUTE_US INT64_C(60000000)

static const char *const days[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
static const char *const names[] = { "unknown", "closed", "open" };

const char *
hours_open_name(enum hours_open o)
{
	return names[o];
}

static bool
day_take(const char **s, unsigned *day)
{
	for (unsigned i = 0; i < CO_ARRAY_LEN(days); i++) {
		if (strncmp(*s, days[i], 3) != 0)
			continue;
		*s += 3;
		*day = i;
		return true;
	}
	return false;
}

static bool
digits_take(const char **s, int *out)
{
	const char *c = *s;

	if (c[0] < '0' || c[0] > '9' || c[1] < '0' || c[1] > '9')
		return false;
	*out = (c[0] - '0') * 10 + c[1] - '0';
	*s += 2;
	return true;
}

static bool
clock_take(const char **s, int *minutes)
{
	int h, m;

	if (!digits_take(s, &h) || *(*s)++ != ':' || !digits_take(s, &m) || h > 24 || m > 59 ||
		(h == 24 && m != 0))
		return false;
	*minutes = h * 60 + m;
	return true;
}

/* "mon-fri " or nothing: every day. */
static bool
days_take(const char **s, unsigned *set)
{
	unsigned from, to;

	*set = 0x7f;
	if (**s >= '0' && **s <= '9')
		return true;
	if (!day_take(s, &from))
		return false;
	to = from;
	if (**s == '-') {
		(*s)++;
		if (!day_take(s, &to))
			return false;
	}
	*set = 0;
	for (unsigned d = from;; d = (d + 1) % 7) {
		*set |= 1u << d;
		if (d == to)
			break;
	}
	*s += strspn(*s, " ");
	return true;
}

/* Is minute of a week's day (0 Monday) within one of the spans? false in *known: not readable. */
static bool
within(const char *s, unsigned day, int minute, bool *known)
{
	bool open = false;

	*known = false;
	for (;;) {
		unsigned set;
		int from, to;

		s += strspn(s, " ,;");
		if (*s == '\0')
			return open;
		if (!days_take(&s, &set) || !clock_take(&s, &from) || *s++ != '-' ||
			!clock_take(&s, &to) || to <= from)
			break;
		open = open || ((set & 1u << day) != 0 && minute >= from && minute < to);
		*known = true;
	}
	*known = false;
	return false;
}

static enum hours_open
open_at(const char *hours, const struct co_zone *z, int64_t us)
{
	int32_t day = co_zone_day(z, us);
	int64_t local_s = us / 1000000 + co_zone_offset(z, us, NULL);
	int minute = (int)((local_s % 86400 + 86400) % 86400 / 60);
	bool known, open;

	/* 1 January 1970 was a Thursday. */
	open = within(hours, (unsigned)((day % 7 + 7 + 3) % 7), minute, &known);
	return !known ? HOURS_UNKNOWN : open ? HOURS_OPEN : HOURS_CLOSED;
}

enum hours_open
hours_at(const char *hours, const struct co_zone *z, int64_t us, int64_t *next_us)
{
	int64_t step = STEP_MINUTES * MINUTE_US, t = us / step * step;
	enum hours_open now;

	*next_us = 0;
	if (strcmp(hours, "24x7") == 0 || strcmp(hours, "24/7") == 0)
		return HOURS_OPEN;
	now = open_at(hours, z, us);
	if (now == HOURS_UNKNOWN)
		return now;
	for (int i = 0; i < LOOK_DAYS * DAY_MINUTES / STEP_MINUTES; i++) {
		t += step;
		if (open_at(hours, z, t) == now)
			continue;
		*next_us = t;
		break;
	}
	return now;
}
