#include "law/law.h"

#include "base/civil.h"

#include <string.h>

static bool
digits(const char *s, size_t n, int *out)
{
	*out = 0;
	for (size_t i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		*out = *out * 10 + (s[i] - '0');
	}
	return true;
}

enum co_rc
law_day_parse(const char *s, law_day *out, struct co_err *err)
{
	int year, month, day;

	if (strlen(s) != 10 || s[4] != '-' || s[7] != '-' || !digits(s, 4, &year) ||
		!digits(s + 5, 2, &month) || !digits(s + 8, 2, &day))
		return co_fail(
			err, CO_EMALFORMED, "\"%.40s\" is no date; write it as 2013-12-01", s);
	if (year < 1 || month < 1 || month > 12 || day < 1 ||
		day > co_civil_month_days(year, month))
		return co_fail(err, CO_EMALFORMED, "the day %s does not exist", s);
	*out = (law_day)co_civil_days((struct co_civil){ year, month, day });
	return CO_OK;
}

void
law_day_print(law_day d, char out[16])
{
	struct co_civil c;

	out[0] = '\0';
	if (d == LAW_DAY_OPEN || d == LAW_DAY_START)
		return;
	c = co_civil_of(d);
	if (c.year >= 0 && c.year <= 9999)
		(void)snprintf(out, 16, "%04d-%02d-%02d", (int)c.year, c.month, c.day);
}

law_day
law_day_of_us(int64_t us)
{
	return (law_day)co_floor_div(us, INT64_C(86400) * 1000000);
}

law_day
law_entry_into_force(law_day consent)
{
	struct co_civil c;

	if (consent == LAW_DAY_OPEN || consent == LAW_DAY_START)
		return consent;
	c = co_civil_of(consent);
	c.month += 4;
	if (c.month > 12) {
		c.year++;
		c.month -= 12;
	}
	c.day = 1;
	return (law_day)co_civil_days(c);
}

/* LAW_NO < LAW_UNKNOWN < LAW_YES: and is the lesser, or the greater. */
enum law_truth
law_and(enum law_truth a, enum law_truth b)
{
	return a < b ? a : b;
}

enum law_truth
law_or(enum law_truth a, enum law_truth b)
{
	return a > b ? a : b;
}

enum law_truth
law_not(enum law_truth a)
{
	return (enum law_truth)(LAW_YES - a);
}
