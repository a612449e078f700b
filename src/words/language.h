/* How each language of the desk writes: its direction, its plural, its dates and numbers. Tables of
 * our own, so that a page does not depend on the locales of the machine. Must never fail.
 * Plural rules: GNU gettext manual, "Plural forms"; dates: Unicode CLDR 42, medium. */
#pragma once

#include "base/zone.h"

#include <stdbool.h>
#include <stddef.h>

struct language {
	const char *code, *name; /* "th", in its own words "ไทย" */
	bool rtl;
	unsigned plurals; /* how many forms a counted message has */
	unsigned (*plural)(uint64_t n);
	const char *date; /* D, M and Y stand for day, month and year */
	int era;          /* added to the year: Thai law counts from 543 BC */
	char point;       /* between whole and fraction */
	const char *months[12];
};

/* English for what we do not have. */
const struct language *language_of(const char *code);
const struct language *language_at(size_t i); /* by code; NULL after the last */
/* Does the tag of n letters ("pt-BR") begin with a language of ISO 639-1, or a code of three
 * letters? Its shape is the caller's. */
bool language_tag_known(const char *tag, size_t n);

enum { LANGUAGE_DATE = 96 };
/* "24 Nov 2026", "2026年11月24日"; day counts from 1970-01-01. */
void language_day(const struct language *l, int64_t day, char out[LANGUAGE_DATE]);
/* "24 Nov 2026 23:15"; zone NULL: UTC. */
void language_time(
	const struct language *l, const struct co_zone *zone, int64_t us, char out[LANGUAGE_DATE]);
/* "UTC+7", "UTC−3:30", "UTC" */
void language_offset(const struct co_zone *zone, int64_t us, char out[16]);
