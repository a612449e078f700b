#include "cli/calendar.h"

#include <string.h>

/* The next part between commas, trimmed, into word; false at the end. */
static bool
part_next(const char **text, char *word, size_t cap)
{
	size_t n;

	*text += strspn(*text, " ");
	if (**text == '\0')
		return false;
	n = strcspn(*text, ",");
	(void)snprintf(word, cap, "%.*s", (int)n, *text);
	*text += n;
	if (**text == ',')
		(*text)++;
	for (n = strlen(word); n > 0 && word[n - 1] == ' '; n--)
		word[n - 1] = '\0';
	return true;
}

enum co_rc
calendar_weekend(const char *text, unsigned *out, struct co_err *err)
{
	static const char *const names[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
	unsigned days = 0;
	char word[16];

	while (part_next(&text, word, sizeof(word))) {
		size_t i = 0;

		while (i < CO_ARRAY_LEN(names) && strcmp(names[i], word) != 0)
			i++;
		if (i == CO_ARRAY_LEN(names))
			return co_fail(err, CO_EUSAGE,
				"\"%s\" is no day; allowed are mon tue wed thu fri sat sun, with "
				"commas",
				word);
		days |= 1u << i;
	}
	if (days == 0x7f)
		return co_fail(err, CO_EUSAGE, "a week needs a working day");
	*out = days;
	return CO_OK;
}

enum co_rc
calendar_holidays(const char *text, law_day *out, size_t *n, struct co_err *err)
{
	char word[16];
	size_t got = 0;

	while (part_next(&text, word, sizeof(word))) {
		struct co_err why = { CO_OK, "" };
		law_day day;

		if (law_day_parse(word, &day, &why) != CO_OK)
			return co_fail(err, CO_EUSAGE, "%s", why.msg);
		if (got > 0 && day <= out[got - 1])
			return co_fail(err, CO_EUSAGE,
				"%s is out of order: holidays are given from the first to the "
				"last, each once",
				word);
		if (got == CALENDAR_HOLIDAYS)
			return co_fail(err, CO_EUSAGE,
				"there are more than %d holidays; leave out those that are over",
				CALENDAR_HOLIDAYS);
		out[got++] = day;
	}
	*n = got;
	return CO_OK;
}

enum co_rc
calendar_open(struct calendar *out, const struct config *c, struct co_err *err)
{
	struct term_calendar *t = &out->term;
	enum co_rc rc;

	*out = (struct calendar){ .zone = NULL };
	rc = calendar_weekend(c->weekend, &t->weekend, err);
	if (rc != CO_OK)
		return co_wrap(err, "comity.conf: weekend");
	rc = calendar_holidays(c->holidays, out->holidays, &t->holidays_n, err);
	if (rc != CO_OK)
		return co_wrap(err, "comity.conf: holidays");
	rc = co_zone_open(c->timezone, &out->zone, err);
	if (rc != CO_OK)
		return co_wrap(err, "comity.conf: timezone");
	t->holidays = out->holidays;
	t->zone = out->zone;
	return CO_OK;
}

void
calendar_deinit(struct calendar *c)
{
	co_zone_close(&c->zone);
}
