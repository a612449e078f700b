/* The page of the full-text search: a form by GET, so that what was asked can be linked to. */
#include "desk/pages.h"

#include <string.h>

/* What can be chosen, in the order of a request's life. */
static const char *const states[] = { "sent", "acknowledged", "accepted", "need-decision",
	"referred", "postponed", "delayed", "partial", "executed", "extended", "path-disclosed",
	"refused", "impossible", "withdrawn", "expired", "closed" };

/* A filter of the query string that was given: into in, and back into the form. */
static const char *
given(struct visit *v, json_t *in, const char *name)
{
	const char *s = web_query(v->req, name);

	s = s == NULL ? "" : s;
	visit_put(v, name, json_string(s));
	if (*s != '\0')
		(void)json_object_set_new(in, name, json_string(s));
	return s;
}

/* A day of the form is all of that day, in UTC. */
static void
given_day(struct visit *v, json_t *in, const char *name, const char *time)
{
	const char *day = given(v, in, name);
	char text[64];

	if (*day == '\0')
		return;
	(void)snprintf(text, sizeof(text), "%.10s%s", day, time);
	(void)json_object_set_new(in, name, json_string(text));
}

static void
choice(json_t *list, const char *code, const char *chosen)
{
	(void)json_array_append_new(
		list, json_pack("{s:s,s:b}", "code", code, "on", strcmp(code, chosen) == 0));
}

static enum co_rc
choices_fill(struct visit *v, const char *measure, const char *state, struct co_err *err)
{
	json_t *out, *form, *measures = json_array(), *list = json_array();
	size_t i;

	visit_put(v, "measures", measures);
	visit_put(v, "states", list);
	TRY(visit_op(v, "form.list", json_object(), &out, err));
	json_array_foreach(json_object_get(out, "forms"), i, form)
		choice(measures, json_string_value(json_object_get(form, "measure")), measure);
	json_decref(out);
	for (i = 0; i < CO_ARRAY_LEN(states); i++)
		choice(list, states[i], state);
	return CO_OK;
}

/* The bytes of text that its first n characters take. */
static size_t
bytes_of(const char *text, json_int_t n)
{
	size_t at = 0;

	while (n > 0 && text[at] != '\0') {
		at++;
		while (((unsigned char)text[at] & 0xC0) == 0x80)
			at++;
		n--;
	}
	return at;
}

static void
part_add(json_t *parts, const char *text, size_t n, bool hit)
{
	if (n > 0)
		(void)json_array_append_new(
			parts, json_pack("{s:s%,s:b}", "text", text, n, "hit", hit));
}

/* Ranges into parts, as a template shows them. */
static json_t *
parts_of(const json_t *excerpt)
{
	const char *text = json_string_value(json_object_get(excerpt, "text"));
	const json_t *hit;
	json_t *parts = json_array();
	size_t i, done = 0;

	json_array_foreach(json_object_get(excerpt, "hits"), i, hit)
	{
		json_int_t at = json_integer_value(json_object_get(hit, "at"));
		size_t from = bytes_of(text, at);
		size_t to = bytes_of(text, at + json_integer_value(json_object_get(hit, "n")));

		if (from < done)
			continue;
		part_add(parts, text + done, from - done, false);
		part_add(parts, text + from, to - from, true);
		done = to;
	}
	part_add(parts, text + done, strlen(text + done), false);
	return parts;
}

static enum co_rc
found_fill(struct visit *v, json_t *in, const char *words, struct co_err *err)
{
	struct co_err why = { CO_OK, "" };
	json_t *out, *row;
	size_t i;
	enum co_rc rc;

	/* Who searched for what stands in the access log, before anything is shown. */
	rc = visit_saw(v, NULL, words, err);
	if (rc != CO_OK) {
		json_decref(in);
		return rc;
	}
	rc = visit_op(v, "search", in, &out, &why);
	if (rc == CO_EUSAGE || rc == CO_EMALFORMED) { /* the officer mends it on this page */
		visit_put(v, "fault", json_string(why.msg));
		return CO_OK;
	}
	if (rc != CO_OK)
		return co_fail(err, rc, "%s", why.msg);
	json_array_foreach(json_object_get(out, "found"), i, row)
	{
		(void)json_object_set_new(row, "parts", parts_of(json_object_get(row, "excerpt")));
		(void)json_object_set_new(row, "request",
			json_boolean(!json_is_null(json_object_get(row, "measure"))));
	}
	json_array_foreach(json_object_get(out, "found"), i, row)
		if (json_is_true(json_object_get(row, "request")))
			visit_put(v, "ticks", json_true());
	TRY(bulk_fill(v, err));
	(void)json_object_update_missing(v->values, out);
	/* Nothing so far: the page goes on by itself, where a script may. */
	if (json_is_integer(json_object_get(out, "more")))
		visit_put(v, i > 0 ? "older" : "on", json_incref(json_object_get(out, "more")));
	visit_put(v, "asked", json_true());
	json_decref(out);
	return CO_OK;
}

enum co_rc
page_search(struct visit *v, struct co_err *err)
{
	json_t *in = json_object();
	const char *words = given(v, in, "words"), *before = web_query(v->req, "before");
	const char *measure, *state;
	enum co_rc rc;

	(void)given(v, in, "partner");
	measure = given(v, in, "measure");
	state = given(v, in, "state");
	given_day(v, in, "from", "T00:00:00Z");
	given_day(v, in, "to", "T23:59:59Z");
	if (before != NULL)
		(void)json_object_set_new(in, "before", json_integer(strtoll(before, NULL, 10)));
	visit_put(v, "title", json_string("search"));
	v->page = "search";
	rc = choices_fill(v, measure, state, err);
	if (rc != CO_OK || *words == '\0') {
		json_decref(in);
		return rc;
	}
	return found_fill(v, in, words, err);
}
