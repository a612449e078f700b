#include "exchange/deadlines.h"

#include <assert.h>
#include <string.h>

#define HOUR_US (3600 * (int64_t)1000000)
#define DAY_US (24 * HOUR_US)

/* Ours, not law: when an officer should see the request as late. */
static const struct {
	const char *urgency;
	int64_t us;
} defaults[] = {
	{ "emergency", HOUR_US },
	{ "urgent", DAY_US },
	{ "routine", 7 * DAY_US },
};

int64_t
deadlines_due_us(const char *urgency, int64_t asked_us)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(defaults); i++) {
		if (strcmp(defaults[i].urgency, urgency) == 0)
			return asked_us + defaults[i].us;
	}
	return asked_us + 7 * DAY_US;
}

void
deadlines_days(int64_t *least, int64_t *most)
{
	const json_t *form = form_json(form_by_measure("preserve")), *field = NULL;
	size_t i;

	json_array_foreach(json_object_get(form, "fields"), i,
		field) if (strcmp(json_string_value(json_object_get(field, "code")), "days") ==
		0) break;
	*least = json_integer_value(json_object_get(field, "min"));
	*most = json_integer_value(json_object_get(field, "max"));
	assert(*least == PRESERVE_DAYS_MIN && *most >= *least);
}

enum co_rc
deadlines_check_days(const json_t *fields, struct co_err *err)
{
	const json_t *days = json_object_get(fields, "days");
	int64_t least, most;

	if (days == NULL)
		return CO_OK;
	deadlines_days(&least, &most);
	if (!json_is_integer(days) || json_integer_value(days) > most)
		return co_fail(err, CO_EREFUSED, "days must be a whole number from %lld to %lld",
			(long long)least, (long long)most);
	if (json_integer_value(days) < least)
		return co_fail(err, CO_EREFUSED,
			"on this network a preservation lasts at least %lld days (the term of art. "
			"29(7), under any legal basis); days is %lld: ask for more",
			(long long)least, (long long)json_integer_value(days));
	return CO_OK;
}

enum co_rc
deadlines_check_until(int64_t done_us, int64_t until_us, struct co_err *err)
{
	char least[CO_TIME_LEN], got[CO_TIME_LEN];

	co_time_print(done_us + PRESERVE_DAYS_MIN * DAY_US, least);
	co_time_print(until_us, got);
	if (until_us < done_us + PRESERVE_DAYS_MIN * DAY_US)
		return co_fail(err, CO_EREFUSED,
			"on this network a preservation lasts at least %d days (the term of art. "
			"29(7), under any legal basis), so until %s or later; until is %s",
			PRESERVE_DAYS_MIN, least, got);
	if (until_us > done_us + PRESERVE_UNTIL_DAYS * DAY_US)
		return co_fail(err, CO_EREFUSED, "until is %s, more than %d days away", got,
			PRESERVE_UNTIL_DAYS);
	return CO_OK;
}

int64_t
deadlines_default_until_us(int64_t now_us, int64_t days)
{
	int64_t end;

	if (days < PRESERVE_DAYS_MIN)
		days = PRESERVE_DAYS_MIN;
	if (days > PRESERVE_UNTIL_DAYS - 1)
		days = PRESERVE_UNTIL_DAYS - 1;
	end = now_us + days * DAY_US;
	return (end / HOUR_US + 1) * HOUR_US;
}
