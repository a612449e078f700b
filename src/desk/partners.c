#include "desk/pages.h"

#include "law/law.h"

#include <string.h>

enum { SKEW_TOLD_S = 60 };

static const char *
text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

/* The day of the week of "2026-11-24T09:15:00+07:00", in English: a message. */
static const char *
weekday_of(const char *local)
{
	/* 1 January 1970 was a Thursday. */
	static const char *const days[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
	char text[11];
	law_day day;

	(void)snprintf(text, sizeof(text), "%.10s", local);
	if (law_day_parse(text, &day, NULL) != CO_OK || day < 0)
		return "";
	return days[day % 7];
}

void
partner_look(json_t *p)
{
	const char *changes = text_of(p, "open_changes"), *local = text_of(p, "local_time");
	int64_t skew = json_integer_value(json_object_get(p, "skew_s"));

	(void)json_object_set_new(p, "weekday", json_string(weekday_of(text_of(p, "local_time"))));
	if (strlen(local) > 16)
		(void)json_object_set_new(p, "at", json_sprintf("%.5s", local + 11));
	(void)json_object_set_new(
		p, "zone_named", json_boolean(strcmp(text_of(p, "timezone"), "UTC") != 0));
	(void)json_object_set_new(p, "is", json_pack("{s:b}", text_of(p, "open"), 1));
	if (strlen(changes) > 16) {
		(void)json_object_set_new(p, "changes", json_string(weekday_of(changes)));
		(void)json_object_set_new(p, "changes_at", json_sprintf("%.5s", changes + 11));
	}
	(void)json_object_set_new(
		p, "accepted", json_boolean(strcmp(text_of(p, "state"), "accepted") == 0));
	(void)json_object_set_new(
		p, "skewed", json_boolean(skew >= SKEW_TOLD_S || skew <= -SKEW_TOLD_S));
	if (json_integer_value(json_object_get(p, "waiting")) > 0)
		(void)json_object_set_new(p, "some", json_true());
	else
		(void)json_object_del(p, "waiting");
}

/* Read aloud in fours. */
static json_t *
grouped(const char *hex)
{
	char out[128];
	size_t n = 0;

	for (size_t i = 0; hex[i] != '\0' && n + 2 < sizeof(out); i++) {
		if (i > 0 && i % 4 == 0)
			out[n++] = ' ';
		out[n++] = hex[i];
	}
	out[n] = '\0';
	return json_string(out);
}

enum co_rc
page_network(struct visit *v, struct co_err *err)
{
	json_t *out, *p, *own, *desks;
	size_t i;

	TRY(visit_op(v, "network.show", json_object(), &out, err));
	desks = json_deep_copy(json_object_get(out, "partners"));
	if (json_object_get(out, "own") != NULL)
		(void)json_array_append(desks, json_object_get(out, "own"));
	visit_put(v, "desks", desks);
	(void)json_object_update_missing(v->values, out);
	json_array_foreach(json_object_get(out, "partners"), i, p) partner_look(p);
	own = json_object_get(out, "own");
	if (own != NULL)
		(void)json_object_set_new(
			own, "fingerprint_grouped", grouped(text_of(own, "fingerprint")));
	json_decref(out);
	visit_put(v, "title", json_string("network"));
	v->page = "network";
	return CO_OK;
}
