/* What is done with many rows at once, from the inbox, from what was found, from the cases: ticks
 * of a form, a button, a page that says what became of each; or a document of them all. */
#include "desk/pages.h"

#include <string.h>

/* Lists that bring their choice here: where one goes back to. */
static const struct list {
	const char *name, *path, *title;
} lists[] = {
	{ "inbox", "/", WORDS("Back to the inbox") },
	{ "search", "/search", WORDS("Back to what was found") },
	{ "cases", "/cases", WORDS("Back to the cases") },
};

/* Back to where the officer was: a query string of ours, whatever it says. */
static void
back_put(struct visit *v)
{
	const char *s = visit_field(v, "back"), *from = visit_field(v, "list");
	const struct list *l = &lists[0];

	for (size_t i = 0; from != NULL && i < CO_ARRAY_LEN(lists); i++)
		if (strcmp(lists[i].name, from) == 0)
			l = &lists[i];
	visit_put(v, "back",
		json_sprintf("%s?%s", l->path,
			s == NULL || strpbrk(s, "\r\n#") != NULL ? "" : s));
	visit_put(v, "back_words", json_string(l->title));
}

/* What became of one, as the page says it. */
static void
each_say(json_t *row)
{
	static const struct {
		const char *did, *state, *word;
	} rows[] = {
		{ "acknowledged", "acknowledged", WORDS("acknowledged") },
		{ "waiting", "waiting", WORDS("waits for a second officer") },
		{ "assigned", "verified", WORDS("assigned") },
		{ "given", "verified", WORDS("given to the unit") },
		{ "read", "verified", WORDS("marked as read") },
		{ "already", "verified", WORDS("it was so already") },
	};
	const char *did = json_string_value(json_object_get(row, "did"));

	for (size_t i = 0; did != NULL && i < CO_ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].did, did) == 0)
			(void)json_object_set_new(row, "word", json_string(rows[i].word));
}

enum co_rc
bulk_fill(struct visit *v, struct co_err *err)
{
	json_t *out;

	visit_put(v, "asks",
		json_boolean(in_list("duty,investigator,administrator", v->session.role)));
	TRY(visit_op(v, "unit.list", json_object(), &out, err));
	visit_put(v, "several", json_boolean(json_array_size(json_object_get(out, "units")) > 1));
	(void)json_object_update_missing(v->values, out);
	json_decref(out);
	return CO_OK;
}

static json_t *
chosen(const struct visit *v)
{
	json_t *ids = json_array();
	const char *id;

	for (size_t i = 0; (id = web_field(v->req, "id", i)) != NULL; i++)
		(void)json_array_append_new(ids, json_string(id));
	return ids;
}

/* ids is consumed. */
static enum co_rc
each(struct visit *v, const char *op, const char *act, json_t *ids, const char *kind,
	struct co_err *err)
{
	const char *officer = visit_field(v, "officer"), *unit = visit_field(v, "unit");
	json_t *out, *row, *in;
	size_t i;

	if (strcmp(act, "mine") == 0) {
		act = "assign";
		officer = "me";
	}
	in = json_pack("{s:s,s:o,s:s*,s:s*}", "act", act, "ids", ids, "officer", officer, "unit",
		unit);
	TRY(visit_op(v, op, in, &out, err));
	json_array_foreach(json_object_get(out, "results"), i, row)
	{
		each_say(row);
		(void)json_object_set_new(row, "kind", json_string(kind));
	}
	(void)json_object_update_missing(v->values, out);
	json_decref(out);
	back_put(v);
	visit_put(v, "title", json_string("inbox"));
	v->page = "inbox-each";
	return CO_OK;
}

static enum co_rc
many(struct visit *v, const char *op, const char *table, const char *kind, struct co_err *err)
{
	const char *act = visit_field(v, "act");
	json_t *ids = chosen(v);

	if (json_array_size(ids) == 0 || act == NULL) {
		json_decref(ids);
		return co_fail(err, CO_EUSAGE,
			"nothing was chosen; go back, tick rows, and press the button again");
	}
	if (strcmp(act, "csv") == 0 || strcmp(act, "pdf") == 0)
		return print_table(v, table, ids, act, err);
	return each(v, op, act, ids, kind, err);
}

enum co_rc
page_inbox_each(struct visit *v, struct co_err *err)
{
	return many(v, "request.each", "request.table", "request", err);
}

enum co_rc
page_cases_each(struct visit *v, struct co_err *err)
{
	return many(v, "case.each", "case.table", "case", err);
}
