/* A draft as its receiver will read it: in their language, with their clock. */
#include "desk/pages.h"

#include "words/catalogue.h"
#include "words/language.h"

#include <string.h>

/* Languages of pages, those of the partner's desk first, the shown one marked. */
static json_t *
preview_languages(const json_t *theirs, const char *shown)
{
	json_t *list = json_array();
	const struct language *l;
	const json_t *one;
	size_t k;

	for (size_t i = 0; (l = language_at(i)) != NULL; i++) {
		bool spoken = false;
		json_t *row = json_pack("{s:s,s:s,s:b}", "code", l->code, "name", l->name, "on",
			strcmp(l->code, shown) == 0);

		json_array_foreach(theirs, k, one)
			spoken = spoken || (json_is_string(one) &&
						   strcmp(json_string_value(one), l->code) == 0);
		if (spoken)
			(void)json_array_insert_new(list, 0, row);
		else
			(void)json_array_append_new(list, row);
	}
	return list;
}

static bool
language_known(const char *code)
{
	const struct language *l;

	for (size_t i = 0; (l = language_at(i)) != NULL; i++)
		if (strcmp(l->code, code) == 0)
			return true;
	return false;
}

/* What is said to the reader, on a page that is otherwise in the receiver's language. */
static void
preview_say(struct visit *v)
{
	static const struct {
		const char *name, *text;
	} said[] = {
		{ "preview", WORDS("Preview.") },
		{ "about",
			WORDS("So the receiver reads it: labels and codes in their language, "
			      "times in their zone, free texts as they were written. Nothing "
			      "has left this node.") },
		{ "back", WORDS("Back to the draft") },
		{ "languages", WORDS("Shown in") },
	};
	const struct catalogue *words = catalogue_for(v->session.language[0] != '\0'
			? v->session.language
			: web_header(v->req, "Accept-Language"),
		v->desk->conf.language);
	json_t *say = json_object();

	for (size_t i = 0; i < CO_ARRAY_LEN(said); i++)
		(void)json_object_set_new(
			say, said[i].name, json_string(catalogue_text(words, said[i].text)));
	visit_put(v, "say", say);
	visit_put(v, "reader", json_string(catalogue_language(words)));
}

/* The language asked for, otherwise the first of their desk that we have, otherwise English. */
static enum co_rc
preview_language(struct visit *v, const char *partner, struct co_err *err)
{
	const char *asked = web_query(v->req, "in"), *code;
	const json_t *theirs, *one;
	json_t *out = NULL;
	size_t i;

	if (visit_op(v, "directory.show", json_pack("{s:s}", "address", partner), &out, err) !=
		CO_OK)
		co_err_clear(err); /* then in English */
	theirs = json_object_get(json_object_get(out, "entry"), "languages");
	(void)snprintf(v->as_language, sizeof(v->as_language), "en");
	json_array_foreach(theirs, i, one)
	{
		code = json_string_value(one);
		if (code != NULL && language_known(code)) {
			(void)snprintf(v->as_language, sizeof(v->as_language), "%s", code);
			break;
		}
	}
	if (asked != NULL && language_known(asked))
		(void)snprintf(v->as_language, sizeof(v->as_language), "%s", asked);
	visit_put(v, "languages", preview_languages(theirs, v->as_language));
	json_decref(out);
	return CO_OK;
}

enum co_rc
page_draft_preview(struct visit *v, struct co_err *err)
{
	const json_t *in;
	json_t *out, *rows, *form = NULL;
	const char *to;

	TRY(visit_op(v, "draft.show", json_pack("{s:s}", "id", v->param[0]), &out, err));
	(void)json_object_update_missing(v->values, out);
	json_decref(out);
	in = json_object_get(v->values, "in");
	to = json_string_value(json_object_get(in, "to"));
	if (to == NULL || json_object_get(in, "measure") == NULL)
		return co_fail(err, CO_ENOTFOUND, "only a request has a preview; open the draft");
	TRY(visit_op(v, "form.show",
		json_pack("{s:O}", "measure", json_object_get(in, "measure")), &form, err));
	rows = form_rows(form, json_object_get(in, "fields"), NULL);
	if (json_is_string(json_object_get(v->values, "view")))
		json_decref(form_rows_withhold(rows));
	visit_put(v, "rows", rows);
	visit_put(v, "form", form);
	visit_put(v, "as_receiver", json_true());
	attach_draft(v, json_object_get(in, "attachments"));
	visit_with(v, to);
	TRY(preview_language(v, to, err));
	preview_say(v);
	visit_put(v, "title", json_string("draft"));
	v->page = "preview";
	return visit_saw(v, json_string_value(json_object_get(in, "case_id")), v->param[0], err);
}
