#include "words/catalogue.h"

#include <stdio.h>

size_t
catalogue_counted(const struct catalogue *c, const char *one, const char *many, int64_t n,
	char *out, size_t cap)
{
	char number[24];

	(void)snprintf(number, sizeof(number), "%lld", (long long)n);
	return catalogue_fill(catalogue_many(c, one, many, (uint64_t)n), number, out, cap);
}

void
catalogue_span(const struct catalogue *c, int64_t s, char out[CATALOGUE_SPAN])
{
	enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };
	char least[CATALOGUE_SPAN / 2];
	size_t n, cap = CATALOGUE_SPAN;

	if (s >= DAY) {
		n = catalogue_counted(c, "{n} day", "{n} days", s / DAY, out, cap);
		(void)catalogue_counted(
			c, "{n} h", "{n} h", s % DAY / HOUR, least, sizeof(least));
	} else if (s >= HOUR) {
		n = catalogue_counted(c, "{n} h", "{n} h", s / HOUR, out, cap);
		(void)catalogue_counted(
			c, "{n} min", "{n} min", s % HOUR / MINUTE, least, sizeof(least));
	} else if (s >= MINUTE) {
		n = catalogue_counted(c, "{n} min", "{n} min", s / MINUTE, out, cap);
		(void)catalogue_counted(c, "{n} s", "{n} s", s % MINUTE, least, sizeof(least));
	} else {
		(void)catalogue_counted(c, "{n} s", "{n} s", s, out, cap);
		return;
	}
	(void)snprintf(out + n, cap - n, " %s", least);
}
