/* Numbers: how much, how fast, what became of it; and the yearly report. */
#include "desk/pages.h"

#include "base/zone.h"

#include <string.h>

static const char *
text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

/* ---- charts ---- */

/* which: "to_acknowledged"; rows without it have no bar. */
static json_t *
time_chart(const json_t *rows, const char *which, const char *title)
{
	json_t *list = json_array();
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const json_t *t = json_object_get(row, which);
		json_t *bar = json_pack("{s:s}", "label", text_of(row, "label"));

		if (t != NULL) {
			(void)json_object_set(bar, "a", json_object_get(t, "median_s"));
			(void)json_object_set(bar, "b", json_object_get(t, "p90_s"));
		}
		(void)json_array_append_new(list, bar);
	}
	return json_pack("{s:s,s:s,s:s,s:o}", "title", title, "desc",
		"The solid bar is the median, the outline the time within which nine of ten were. "
		"The table below has the same numbers.",
		"kind", "time", "rows", list);
}

static json_t *
count_chart(const json_t *rows, const char *title)
{
	json_t *list = json_array();
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)(void) json_array_append_new(list,
		json_pack("{s:s,s:O}", "label", text_of(row, "ground"), "a",
			json_object_get(row, "n")));
	return json_pack("{s:s,s:s,s:s,s:o}", "title", title, "desc",
		"One bar for each ground. The table below has the same numbers.", "kind", "count",
		"rows", list);
}

/* A section of the page: rows with labels, two charts. */
static void
section_put(json_t *sections, const char *title, const char *head, bool counts, json_t *rows)
{
	bool any = json_array_size(rows) > 0;

	(void)json_array_append_new(sections,
		json_pack("{s:s,s:s,s:b,s:o,s:o,s:b,s:O}", "title", title, "head", head, "counts",
			(int)counts, "acknowledged",
			time_chart(rows, "to_acknowledged", "Time to the first acknowledgement"),
			"fulfilled", time_chart(rows, "to_fulfilled", "Time to execution"), "any",
			any, "rows", rows));
}

static void
labels_put(json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)(void)
		json_object_set(row, "label", json_object_get(row, "key"));
}

/* Hours of asking are kept in UTC; people think in their own. */
static json_t *
hours_local(json_t *hours, const char *zone_name)
{
	json_t *list = json_array(), *row;
	co_zone_auto *zone = NULL;
	int shift = 0;
	size_t i;

	if (zone_name != NULL && co_zone_open(zone_name, &zone, NULL) == CO_OK)
		shift = co_zone_offset(zone, co_now_us(), NULL) / 60;
	for (int h = 0; h < 24; h++)
		json_array_foreach(hours, i, row)
		{
			int local = (int)strtol(text_of(row, "key"), NULL, 10) * 60 + shift;
			char label[32];

			local = (local + 2 * 1440) % 1440;
			if (local / 60 != h)
				continue;
			(void)snprintf(label, sizeof(label), "%02d:%02d (%s UTC)", h, local % 60,
				text_of(row, "key"));
			(void)json_object_set_new(row, "label", json_string(label));
			(void)json_array_append(list, row);
		}
	return list;
}

static json_t *
numbers_ask(const struct visit *v)
{
	static const char *const months[] = { "from", "to" };
	const char *side = web_query(v->req, "side");
	json_t *in = json_object();

	/* Not chosen: the side of which there is more. */
	if (side != NULL && *side != '\0')
		(void)json_object_set_new(
			in, "incoming", json_boolean(strcmp(side, "received") == 0));

	for (size_t i = 0; i < CO_ARRAY_LEN(months); i++) {
		const char *s = web_query(v->req, months[i]);

		if (s != NULL && *s != '\0')
			(void)json_object_set_new(in, months[i], json_string(s));
	}
	return in;
}

enum co_rc
page_numbers(struct visit *v, struct co_err *err)
{
	json_t *out, *hours, *sections = json_array();

	TRY(visit_op(v, "numbers.show", numbers_ask(v), &out, err));
	(void)json_object_update_missing(v->values, out);
	labels_put(json_object_get(out, "partners"));
	labels_put(json_object_get(out, "measures"));
	hours = hours_local(json_object_get(out, "hours"), v->desk->conf.zone);
	section_put(sections, "By partner", "Partner", true, json_object_get(out, "partners"));
	section_put(sections, "By measure", "Measure", true, json_object_get(out, "measures"));
	section_put(sections, "By hour of asking", "Hour", false, hours);
	json_decref(hours);
	visit_put(v, "sections", sections);
	visit_put(v, "grounds_chart",
		count_chart(json_object_get(out, "grounds"), "Refused, by ground"));
	visit_put(v, "year", json_sprintf("%.4s", text_of(out, "to")));
	json_decref(out);
	visit_put(v, "title", json_string("numbers"));
	v->page = "numbers";
	return CO_OK;
}

/* ---- the yearly report ---- */

static enum co_rc
report_ask(struct visit *v, bool csv, json_t **out, struct co_err *err)
{
	const char *year = v->param[0];

	if (strspn(year, "0123456789") != 4 || year[4] != '\0')
		return co_fail(
			err, CO_ENOTFOUND, "\"%s\" is no year; a report is at /numbers/2026", year);
	return visit_op(v, "report.yearly",
		json_pack("{s:I,s:b}", "year", (json_int_t)strtol(year, NULL, 10), "csv", (int)csv),
		out, err);
}

enum co_rc
page_report(struct visit *v, struct co_err *err)
{
	json_t *out;

	TRY(report_ask(v, false, &out, err));
	(void)json_object_update_missing(v->values, out);
	visit_put(v, "before", json_integer(json_integer_value(json_object_get(out, "year")) - 1));
	visit_put(v, "after_year",
		json_integer(json_integer_value(json_object_get(out, "year")) + 1));
	visit_put(v, "any", json_boolean(json_array_size(json_object_get(out, "rows")) > 0));
	json_decref(out);
	visit_put(v, "title", json_string("yearly report"));
	v->page = "report";
	return CO_OK;
}

/* The file itself, to keep or to hand on. */
static void
give_file(struct visit *v, const char *media, const char *ending, const char *text)
{
	char name[80];

	(void)snprintf(
		name, sizeof(name), "attachment; filename=\"report-%.4s.%s\"", v->param[0], ending);
	web_set(v->req, "Content-Disposition", name);
	web_set(v->req, "Cache-Control", "no-store");
	web_reply(v->req, 200, media, text, strlen(text));
}

enum co_rc
page_report_csv(struct visit *v, struct co_err *err)
{
	json_t *out;

	TRY(report_ask(v, true, &out, err));
	give_file(v, "text/csv; charset=utf-8", "csv", text_of(out, "csv"));
	json_decref(out);
	return CO_OK;
}

enum co_rc
page_report_json(struct visit *v, struct co_err *err)
{
	json_t *out;
	char *text;

	TRY(report_ask(v, false, &out, err));
	text = json_dumps(out, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	json_decref(out);
	if (text == NULL)
		return co_fail(err, CO_ENOMEM, "report");
	give_file(v, "application/json", "json", text);
	free(text);
	return CO_OK;
}
