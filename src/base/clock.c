#include "base/clock.h"

#include <ctype.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

static int64_t clock_offset_us;
static pthread_once_t clock_once = PTHREAD_ONCE_INIT;

static void
clock_read_offset(void)
{
	const char *s = getenv("COMITY_CLOCK_OFFSET_S");

	if (s != NULL)
		clock_offset_us = strtoll(s, NULL, 10) * 1000000;
}

int64_t
co_now_us(void)
{
	struct timespec ts;

	(void)pthread_once(&clock_once, clock_read_offset);
	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000 + clock_offset_us;
}

int64_t
co_mono_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

void
co_time_print(int64_t us, char out[CO_TIME_LEN])
{
	time_t t = (time_t)(us / 1000000);
	int64_t frac = us % 1000000;
	struct tm tm;

	if (frac < 0) {
		frac += 1000000;
		t--;
	}
	if (gmtime_r(&t, &tm) == NULL || tm.tm_year < -1900 || tm.tm_year > 8099)
		memset(&tm, 0, sizeof(tm));
	if (frac == 0)
		(void)snprintf(out, CO_TIME_LEN, "%04d-%02d-%02dT%02d:%02d:%02dZ",
			(tm.tm_year + 1900) % 10000, (tm.tm_mon + 1) % 100, tm.tm_mday % 100,
			tm.tm_hour % 100, tm.tm_min % 100, tm.tm_sec % 100);
	else
		(void)snprintf(out, CO_TIME_LEN, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ",
			(tm.tm_year + 1900) % 10000, (tm.tm_mon + 1) % 100, tm.tm_mday % 100,
			tm.tm_hour % 100, tm.tm_min % 100, tm.tm_sec % 100, (int)frac);
}

/* Read exactly n digits; -1 if they are not there. */
static int
time_digits(const char **s, int n)
{
	int v = 0;

	for (int i = 0; i < n; i++) {
		if (!isdigit((unsigned char)**s))
			return -1;
		v = v * 10 + (*(*s)++ - '0');
	}
	return v;
}

static bool
time_zone(const char **s, int *offset_s)
{
	int sign, h, m;

	*offset_s = 0;
	if (**s == 'Z') {
		(*s)++;
		return true;
	}
	if (**s != '+' && **s != '-')
		return false;
	sign = *(*s)++ == '-' ? -1 : 1;
	h = time_digits(s, 2);
	if (h < 0 || h > 23 || *(*s)++ != ':')
		return false;
	m = time_digits(s, 2);
	if (m < 0 || m > 59)
		return false;
	*offset_s = sign * (h * 3600 + m * 60);
	return true;
}

static bool
time_fraction(const char **s, int64_t *frac_us)
{
	int digits = 0;

	*frac_us = 0;
	if (**s != '.')
		return true;
	(*s)++;
	for (; isdigit((unsigned char)**s); (*s)++, digits++)
		if (digits < 6)
			*frac_us = *frac_us * 10 + (**s - '0');
	if (digits == 0 || digits > 9)
		return false;
	for (; digits < 6; digits++)
		*frac_us *= 10;
	return true;
}

static bool
time_fields(const char **s, struct tm *tm)
{
	static const struct {
		int digits, low, high;
		const char *after;
	} fields[] = { { 4, 0, 9999, "-" }, { 2, 1, 12, "-" }, { 2, 1, 31, "Tt" },
		{ 2, 0, 23, ":" }, { 2, 0, 59, ":" }, { 2, 0, 59, NULL } };
	int v[CO_ARRAY_LEN(fields)];
	struct tm again;
	time_t t;

	for (size_t i = 0; i < CO_ARRAY_LEN(fields); i++) {
		v[i] = time_digits(s, fields[i].digits);
		if (v[i] < fields[i].low || v[i] > fields[i].high)
			return false;
		if (fields[i].after == NULL)
			continue;
		if (**s == '\0' || strchr(fields[i].after, **s) == NULL)
			return false;
		(*s)++;
	}
	*tm = (struct tm){ .tm_year = v[0] - 1900, .tm_mon = v[1] - 1, .tm_mday = v[2],
		.tm_hour = v[3], .tm_min = v[4], .tm_sec = v[5] };
	/* A date that does not exist comes back from timegm as another one. */
	again = *tm;
	t = timegm(&again);
	return again.tm_mday == tm->tm_mday && again.tm_mon == tm->tm_mon && t != (time_t)-1;
}

enum co_rc
co_time_parse(const char *s, int64_t *us, struct co_err *err)
{
	const char *at = s;
	struct tm tm = { 0 };
	int64_t frac = 0;
	int zone = 0;

	if (s == NULL || strlen(s) >= 40)
		return co_fail(err, CO_EMALFORMED, "not a time");
	/* Each step stops at the first byte that does not fit, the NUL included. */
	if (!time_fields(&at, &tm) || !time_fraction(&at, &frac))
		return co_fail(err, CO_EMALFORMED, "\"%s\" is not a time of the form "
			"2026-11-23T19:15:00Z", s);
	if (!time_zone(&at, &zone) || *at != '\0')
		return co_fail(
			err, CO_EMALFORMED, "\"%s\" has no time zone: end it in Z or +07:00", s);
	*us = ((int64_t)timegm(&tm) - zone) * 1000000 + frac;
	return CO_OK;
}
