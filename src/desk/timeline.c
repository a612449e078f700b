/* What happened, as pages show it: in parts, the latest first, for a case may have ten thousand
 * records; each record by what it is to people, with its receipt on its own line. */
#include "desk/pages.h"

#include <string.h>

enum { TIMELINE_PART = 100 }; /* records on a page */

static const struct {
	const char *kind, *what;
} kinds[] = {
	{ "request", WORDS("request") },
	{ "notice", WORDS("answer") },
	{ "message", WORDS("message") },
	{ "manifest", WORDS("evidence described") },
	{ "custody", WORDS("what was done with evidence") },
	{ "receipt", WORDS("receipt") },
};

static const char *
text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

json_t *
timeline_ask(const struct visit *v, const char *member)
{
	const char *before = web_query(v->req, "before");
	json_t *in = json_pack("{s:s,s:i}", member, v->param[0], "limit", TIMELINE_PART);

	if (before != NULL && *before != '\0')
		(void)json_object_set_new(in, "before", json_integer(strtoll(before, NULL, 10)));
	return in;
}

void
timeline_put(struct visit *v)
{
	const char *before = web_query(v->req, "before");

	visit_put(v, "not_latest", json_boolean(before != NULL && *before != '\0'));
}

/* The record of this part that a receipt is for; NULL: it is in another part. */
static json_t *
received(json_t *timeline, const json_t *receipt)
{
	const char *id = text_of(json_object_get(receipt, "of"), "id");
	json_t *row;
	size_t i;

	json_array_foreach(timeline, i, row)
		if (strcmp(text_of(row, "id"), id) == 0 && *id != '\0')
			return row;
	return NULL;
}

void
timeline_tell(json_t *timeline)
{
	json_t *row;
	size_t i;

	for (i = json_array_size(timeline); i-- > 0;) {
		json_t *of;

		row = json_array_get(timeline, i);
		of = strcmp(text_of(row, "kind"), "receipt") == 0 ? received(timeline, row) : NULL;
		if (of == NULL)
			continue;
		(void)json_object_set_new(of, "receipt",
			json_pack("{s:s,s:s}", "id", text_of(row, "id"), "at", text_of(row, "at")));
		(void)json_array_remove(timeline, i);
	}
	json_array_foreach(timeline, i, row)
	{
		const char *what = text_of(row, "kind");

		for (size_t k = 0; k < CO_ARRAY_LEN(kinds); k++)
			if (strcmp(kinds[k].kind, text_of(row, "kind")) == 0)
				what = kinds[k].what;
		(void)json_object_set_new(row, "what", json_string(what));
		if (json_object_get(row, "receipt") == NULL)
			(void)json_object_set_new(row, "receipt", json_null());
	}
	attach_tell_timeline(timeline);
}
