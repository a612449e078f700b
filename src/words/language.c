#include "words/language.h"

#include "base/attr.h"
#include "base/civil.h"

#include <stdio.h>
#include <string.h>

enum { DAY_S = 86400, SECOND_US = 1000000 };

static unsigned
plural_never(uint64_t n)
{
	(void)n;
	return 0;
}

static unsigned
plural_not_one(uint64_t n)
{
	return n != 1;
}

static unsigned
plural_over_one(uint64_t n)
{
	return n > 1;
}

static unsigned
plural_arabic(uint64_t n)
{
	if (n < 3)
		return (unsigned)n;
	if (n % 100 >= 3 && n % 100 <= 10)
		return 3;
	return n % 100 >= 11 ? 4 : 5;
}

static const struct language languages[] = {
	{ "ar", "العربية", true, 6, plural_arabic, "D M Y", 0, '.',
		{ "يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر",
			"أكتوبر", "نوفمبر", "ديسمبر" } },
	{ "en", "English", false, 2, plural_not_one, "D M Y", 0, '.',
		{ "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
			"Dec" } },
	{ "es", "Español", false, 2, plural_not_one, "D M Y", 0, ',',
		{ "ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov",
			"dic" } },
	{ "fr", "Français", false, 2, plural_over_one, "D M Y", 0, ',',
		{ "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.",
			"nov.", "déc." } },
	{ "ja", "日本語", false, 1, plural_never, "Y年M月D日", 0, '.',
		{ "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12" } },
	{ "th", "ไทย", false, 1, plural_never, "D M Y", 543, '.',
		{ "ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.",
			"พ.ย.", "ธ.ค." } },
};

const struct language *
language_of(const char *code)
{
	const struct language *english = &languages[1];

	for (size_t i = 0; i < CO_ARRAY_LEN(languages); i++)
		if (strcmp(languages[i].code, code) == 0)
			return &languages[i];
	return english;
}

const struct language *
language_at(size_t i)
{
	return i < CO_ARRAY_LEN(languages) ? &languages[i] : NULL;
}

/* The longest date of any row fits with room to spare. */
void
language_day(const struct language *l, int64_t day, char out[LANGUAGE_DATE])
{
	struct co_civil c = co_civil_of(day);
	size_t n = 0;

	for (const char *p = l->date; *p != '\0' && n + 24 < LANGUAGE_DATE; p++) {
		if (*p == 'D')
			n += (size_t)snprintf(out + n, 24, "%d", c.day);
		else if (*p == 'M')
			n += (size_t)snprintf(out + n, 24, "%s", l->months[c.month - 1]);
		else if (*p == 'Y')
			n += (size_t)snprintf(out + n, 24, "%lld", (long long)c.year + l->era);
		else
			out[n++] = *p;
	}
	out[n] = '\0';
}

void
language_time(
	const struct language *l, const struct co_zone *zone, int64_t us, char out[LANGUAGE_DATE])
{
	int64_t s = co_floor_div(us, SECOND_US) + co_zone_offset(zone, us, NULL);
	int64_t day = co_floor_div(s, DAY_S);
	int minute = (int)((s - day * DAY_S) / 60);
	size_t n;

	language_day(l, day, out);
	n = strlen(out);
	(void)snprintf(out + n, LANGUAGE_DATE - n, " %02d:%02d", minute / 60, minute % 60);
}

void
language_offset(const struct co_zone *zone, int64_t us, char out[16])
{
	int32_t s = co_zone_offset(zone, us, NULL), minutes = (s < 0 ? -s : s) / 60 % 6000;

	if (minutes == 0)
		(void)snprintf(out, 16, "UTC");
	else if (minutes % 60 == 0)
		(void)snprintf(out, 16, "UTC%s%d", s < 0 ? "−" : "+", minutes / 60);
	else
		(void)snprintf(
			out, 16, "UTC%s%d:%02d", s < 0 ? "−" : "+", minutes / 60, minutes % 60);
}
