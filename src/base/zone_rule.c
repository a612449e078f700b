#include "base/zone_rule.h"

#include "base/civil.h"

#include <ctype.h>
#include <string.h>

enum { DAY_S = 86400, HOUR_S = 3600, POSIX_HOURS = 24, EXTENDED_HOURS = 167 };

/* The text that is left; a step that does not fit sets at to NULL, and it stays so. */
struct rule_text {
	const char *at, *end;
};

static char
rule_peek(const struct rule_text *t)
{
	return t->at != NULL && t->at < t->end ? *t->at : '\0';
}

static bool
rule_take(struct rule_text *t, char c)
{
	if (rule_peek(t) != c || c == '\0')
		return false;
	t->at++;
	return true;
}

static void
rule_need(struct rule_text *t, char c)
{
	if (!rule_take(t, c))
		t->at = NULL;
}

static int
rule_number(struct rule_text *t, int low, int high)
{
	int v = 0, digits = 0;

	for (; isdigit((unsigned char)rule_peek(t)) && digits < 3; digits++)
		v = v * 10 + (*t->at++ - '0');
	if (digits == 0 || v < low || v > high) {
		t->at = NULL;
		return low;
	}
	return v;
}

/* EST, or <+07>. */
static void
rule_name(struct rule_text *t, char out[ZONE_NAME])
{
	bool quoted = rule_take(t, '<');
	size_t n = 0;

	for (char c; (c = rule_peek(t)) != '\0' && n < ZONE_NAME - 1; t->at++) {
		if (!isalpha((unsigned char)c) &&
			!(quoted && (isdigit((unsigned char)c) || c == '+' || c == '-')))
			break;
		out[n++] = c;
	}
	out[n] = '\0';
	if (quoted)
		rule_need(t, '>');
	if (n < 3)
		t->at = NULL;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static int32_t
rule_time(struct rule_text *t, bool sign, int hours)
{
	int32_t minus = 1, s;

	if (sign && rule_take(t, '-'))
		minus = -1;
	else if (sign)
		(void)rule_take(t, '+');
	s = rule_number(t, 0, hours) * HOUR_S;
	if (rule_take(t, ':')) {
		s += rule_number(t, 0, 59) * 60;
		if (rule_take(t, ':'))
			s += rule_number(t, 0, 59);
	}
	return minus * s;
}

static void
rule_change(struct rule_text *t, bool extended, struct zone_change *out)
{
	*out = (struct zone_change){ .type = 'N', .time_s = 2 * HOUR_S };
	if (rule_take(t, 'M')) {
		out->type = 'M';
		out->month = rule_number(t, 1, 12);
		rule_need(t, '.');
		out->week = rule_number(t, 1, 5);
		rule_need(t, '.');
		out->day = rule_number(t, 0, 6);
	} else if (rule_take(t, 'J')) {
		out->type = 'J';
		out->day = rule_number(t, 1, 365);
	} else {
		out->day = rule_number(t, 0, 365);
	}
	if (rule_take(t, '/'))
		out->time_s = rule_time(t, extended, extended ? EXTENDED_HOURS : POSIX_HOURS);
}

enum co_rc
zone_rule_parse(
	const char *text, size_t n, bool extended, struct zone_rule *out, struct co_err *err)
{
	struct rule_text t = { text, text + n };
	struct zone_rule r = { .changes = false };

	rule_name(&t, r.standard);
	r.standard_s = -rule_time(&t, true, POSIX_HOURS);
	if (t.at != NULL && t.at < t.end) {
		r.changes = true;
		rule_name(&t, r.daylight);
		r.daylight_s = r.standard_s + HOUR_S;
		if (rule_peek(&t) != ',')
			r.daylight_s = -rule_time(&t, true, POSIX_HOURS);
		rule_need(&t, ',');
		rule_change(&t, extended, &r.start);
		rule_need(&t, ',');
		rule_change(&t, extended, &r.end);
	}
	if (t.at == NULL || t.at != t.end)
		return co_fail(err, CO_EMALFORMED,
			"the zone's rule for later years is not one of RFC 8536 3.3.1");
	*out = r;
	return CO_OK;
}

/* The day of a change, as days since the epoch. */
static int64_t
change_day(const struct zone_change *c, int64_t year)
{
	int64_t first = co_civil_days((struct co_civil){ year, 1, 1 });
	int month_days, day;

	if (c->type == 'N')
		return first + c->day;
	if (c->type == 'J')
		return first + c->day - 1 +
			(c->day >= 60 && co_civil_month_days(year, 2) == 29 ? 1 : 0);
	first = co_civil_days((struct co_civil){ year, c->month, 1 });
	month_days = co_civil_month_days(year, c->month);
	/* POSIX counts from Sunday, we from Monday. */
	day = (c->day + 6 - co_civil_weekday(first)) % 7 + (c->week - 1) * 7;
	return first + (day < month_days ? day : day - 7);
}

/* A change of the clocks as the rule makes it. */
struct rule_event {
	int64_t at_s;
	bool daylight; /* from then on */
};

/* Two years before and after: a change can lie 167 hours off its day, so in another year. */
enum { RULE_YEARS = 2, RULE_EVENTS = 2 * (2 * RULE_YEARS + 1) };

/* In order of time; of two at one moment the one of the later year comes last, so that daylight
 * time that lasts all year never ends (RFC 8536 3.3.1). */
static void
rule_events(const struct zone_rule *r, int64_t year, struct rule_event out[RULE_EVENTS])
{
	size_t n = 0;

	for (int64_t y = year - RULE_YEARS; y <= year + RULE_YEARS; y++) {
		struct rule_event pair[2] = {
			{ change_day(&r->start, y) * DAY_S + r->start.time_s - r->standard_s,
				true },
			{ change_day(&r->end, y) * DAY_S + r->end.time_s - r->daylight_s, false },
		};
		bool turned = pair[1].at_s < pair[0].at_s;

		for (size_t k = 0; k < 2; k++) {
			struct rule_event e = pair[turned ? 1 - k : k];
			size_t i = n++;

			for (; i > 0 && out[i - 1].at_s > e.at_s; i--)
				out[i] = out[i - 1];
			out[i] = e;
		}
	}
}

void
zone_rule_span(const struct zone_rule *r, int64_t at_s, struct zone_span *out)
{
	struct rule_event events[RULE_EVENTS];
	size_t i = RULE_EVENTS;
	bool daylight;

	*out = (struct zone_span){ INT64_MIN, INT64_MAX, r->standard_s, r->standard };
	if (!r->changes)
		return;
	rule_events(r, co_civil_of(co_floor_div(at_s, DAY_S)).year, events);
	while (i > 1 && events[i - 1].at_s > at_s)
		i--;
	daylight = events[i - 1].daylight;
	out->from_s = events[i - 1].at_s;
	if (i < RULE_EVENTS)
		out->to_s = events[i].at_s;
	if (daylight) {
		out->offset_s = r->daylight_s;
		out->name = r->daylight;
	}
}
