/* Times, days and numbers. The exact instant in UTC always stands in datetime and title. */
#include "desk/filters.h"

#include "base/civil.h"
#include "base/clock.h"
#include "words/catalogue.h"
#include "words/language.h"
#include "desk/looks.h"

#include <string.h>

#define SECOND_US INT64_C(1000000)
#define HOUR_US (3600 * SECOND_US)

static const struct language *
reader(const struct template_view *view)
{
	return language_of(catalogue_language(view->words));
}

static bool
value_us(const json_t *v, int64_t *us)
{
	if (json_is_integer(v)) {
		*us = json_integer_value(v);
		return true;
	}
	return json_is_string(v) && co_time_parse(json_string_value(v), us, NULL) == CO_OK;
}

/* <time datetime="exact" title="exact">24 Nov 2026 23:15 <span class="zone">UTC+7</span></time> */
static enum co_rc
time_print(const struct language *l, const struct co_zone *zone, int64_t us, struct co_buf *out,
	struct co_err *err)
{
	char exact[CO_TIME_LEN], text[LANGUAGE_DATE], offset[16];

	co_time_print(co_floor_div(us, SECOND_US) * SECOND_US, exact);
	language_time(l, zone, us, text);
	language_offset(zone, us, offset);
	return co_buf_addf(out, err,
		"<time datetime=\"%s\" title=\"%s\">%s <span class=\"zone\" dir=\"ltr\">%s</span>"
		"</time>",
		exact, exact, text, offset);
}

enum co_rc
filter_time(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	int64_t us;

	return value_us(v, &us) ? time_print(reader(view), view->zone, us, out, err) : CO_OK;
}

/* Where both have the same hour, once is enough. */
enum co_rc
filter_both(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	int64_t us;

	if (!value_us(v, &us))
		return CO_OK;
	TRY(time_print(reader(view), view->zone, us, out, err));
	if (view->partner == NULL ||
		co_zone_offset(view->zone, us, NULL) == co_zone_offset(view->there, us, NULL))
		return CO_OK;
	TRY(co_buf_add_str(out, " <span class=\"there quiet\">(<bdi>", err));
	TRY(html_text(out, view->partner, strlen(view->partner), err));
	TRY(co_buf_add_str(out, "</bdi>: ", err));
	TRY(time_print(reader(view), view->there, us, out, err));
	return co_buf_add_str(out, ")</span>", err);
}

/* What a form was given: an instant stays as it was written, with the reader's time after it. */
enum co_rc
filter_given(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	const char *s = json_string_value(v);
	int64_t us;

	if (json_is_integer(v))
		return co_buf_addf(out, err, "%lld", (long long)json_integer_value(v));
	if (s == NULL)
		return CO_OK;
	TRY(html_text(out, s, strlen(s), err));
	if (!value_us(v, &us))
		return CO_OK;
	TRY(co_buf_add_str(out, " <span class=\"quiet\">(", err));
	TRY(time_print(reader(view), view->zone, us, out, err));
	return co_buf_add_str(out, ")</span>", err);
}

/* A message of an operation: its instants are for programs, "2027-01-27T04:44:03.244701Z". */
enum co_rc
filter_said(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	const char *s = json_string_value(v);

	if (s != NULL)
		s = catalogue_text(view->words, s);
	while (s != NULL && *s != '\0') {
		size_t n = strspn(s, "0123456789-T:.Z+");
		char instant[CO_TIME_LEN];
		int64_t us;
		bool is_time = false;

		while (n > 20 && (s[n - 1] == '.' || s[n - 1] == ':'))
			n--; /* the end of the sentence */
		if (n >= 20 && n < sizeof(instant)) {
			memcpy(instant, s, n);
			instant[n] = '\0';
			is_time = co_time_parse(instant, &us, NULL) == CO_OK;
		}
		if (is_time)
			TRY(time_print(reader(view), view->zone, us, out, err));
		else if (n == 0)
			n = strcspn(s, "0123456789-T:.Z+");
		if (!is_time)
			TRY(html_text(out, s, n, err));
		s += n;
	}
	return CO_OK;
}

enum co_rc
filter_day(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	const char *s = json_string_value(v);
	char instant[CO_TIME_LEN], text[LANGUAGE_DATE];
	int64_t us;

	if (s == NULL)
		return CO_OK;
	(void)snprintf(instant, sizeof(instant), "%.10sT00:00:00Z", s);
	if (strlen(s) != 10 || co_time_parse(instant, &us, NULL) != CO_OK)
		return html_text(out, s, strlen(s), err);
	language_day(reader(view), co_floor_div(us, 24 * HOUR_US), text);
	return co_buf_addf(out, err, "<time datetime=\"%s\" title=\"%s\">%s</time>", s, s, text);
}

enum co_rc
filter_seconds(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	char text[CATALOGUE_SPAN];

	if (!json_is_integer(v))
		return CO_OK;
	catalogue_span(view->words, json_integer_value(v), text);
	return html_text(out, text, strlen(text), err);
}

/* What is left until a time, with how near it is as class and as words. */
enum co_rc
filter_left(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	char exact[CO_TIME_LEN], span[CATALOGUE_SPAN], text[2 * CATALOGUE_SPAN];
	const char *near;
	int64_t us, left;

	if (!value_us(v, &us))
		return CO_OK;
	left = us - view->now_us;
	near = left < 0 ? "over" : left < 2 * HOUR_US ? "near" : "far";
	co_time_print(co_floor_div(us, SECOND_US) * SECOND_US, exact);
	catalogue_span(view->words, (left < 0 ? -left : left) / SECOND_US, span);
	(void)catalogue_fill(catalogue_text(view->words,
				     left < 0 ? WORDS("late by {span}") : WORDS("{span} left")),
		span, text, sizeof(text));
	TRY(co_buf_addf(out, err, "<time class=\"left %s\" datetime=\"%s\" title=\"%s\">", near,
		exact, exact));
	TRY(html_text(out, text, strlen(text), err));
	return co_buf_add_str(out, "</time>", err);
}

enum co_rc
filter_clock(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	const char *name = json_string_value(v);
	const struct co_zone *zone = name == NULL ? NULL : zones_get(view->zones, name);

	/* A partner may name a zone that this machine does not know: then no time is better. */
	if (name == NULL || (zone == NULL && strcmp(name, "UTC") != 0))
		return CO_OK;
	return time_print(reader(view), zone, view->now_us, out, err);
}

enum co_rc
filter_days(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	char text[CATALOGUE_SPAN];

	if (!json_is_integer(v))
		return CO_OK;
	(void)catalogue_counted(view->words, "{n} day", "{n} days", json_integer_value(v), text,
		sizeof(text));
	return html_text(out, text, strlen(text), err);
}

enum co_rc
filter_bytes(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	double n = (double)json_integer_value(v);
	char text[48], *point;
	size_t u = 0;

	for (; n >= 1024 && u + 1 < CO_ARRAY_LEN(units); u++)
		n /= 1024;
	(void)snprintf(text, sizeof(text), u == 0 ? "%.0f %s" : "%.1f %s", n, units[u]);
	point = strchr(text, '.');
	if (point != NULL)
		*point = reader(view)->point;
	return co_buf_addf(out, err, "<span dir=\"ltr\">%s</span>", text);
}
