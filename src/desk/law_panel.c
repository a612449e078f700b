/* What the law says beside a request: while it is written, on its draft, and when it is answered.
 * It advises; a person decides. */
#include "desk/pages.h"

#include <string.h>

static const char *
text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

/* Each finding stands in the first section that takes its topic and effect; NULL takes any. */
static const struct section {
	const char *title, *effect, *topic;
	bool open; /* shown without opening it */
} sections[] = {
	{ "What stands in the way", "blocks", NULL, true },
	{ "Missing in the form", "requires", "field", true },
	{ "What is required", "requires", "basis", true },
	{ "What is required", "requires", "condition", true },
	{ "What is required", "requires", "dual", true },
	{ "What is required", "requires", "channel", true },
	{ "What is required", "requires", "formality", true },
	{ "Grounds on which it can be refused", NULL, "ground", false },
	{ "Duties", NULL, "duty", false },
	{ "Time", NULL, "time", false },
	{ "Warnings", "warns", NULL, true },
	{ "What is allowed and good to know", NULL, NULL, false },
};

static const struct section *
section_of(const json_t *f)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(sections); i++) {
		const struct section *s = &sections[i];

		if ((s->effect == NULL || strcmp(s->effect, text_of(f, "effect")) == 0) &&
			(s->topic == NULL || strcmp(s->topic, text_of(f, "topic")) == 0))
			return s;
	}
	return &sections[CO_ARRAY_LEN(sections) - 1];
}

/* Facts of a finding with their sources, by the answer's list of facts. */
static json_t *
facts_of(const json_t *law, const json_t *f)
{
	json_t *list = json_array();
	const json_t *id, *fact;
	size_t i, k;

	json_array_foreach(json_object_get(f, "facts"), i, id)
	{
		const char *source = "";

		json_array_foreach(json_object_get(law, "facts"), k,
			fact) if (strcmp(text_of(fact, "id"), json_string_value(id)) == 0) source =
			text_of(fact, "source");
		(void)json_array_append_new(
			list, json_pack("{s:O,s:s}", "id", id, "source", source));
	}
	return list;
}

static json_t *
finding_row(const json_t *law, const json_t *f)
{
	const char *article = text_of(f, "article");
	bool clause = article[0] >= '0' && article[0] <= '9';
	json_t *row = json_pack("{s:s,s:s,s:s,s:s,s:b,s:o}", "text", text_of(f, "text"),
		"instrument", text_of(f, "instrument"), "article", article, "certainty",
		text_of(f, "certainty"), "maybe", strcmp(text_of(f, "holds"), "unknown") == 0,
		"facts", facts_of(law, f));
	char anchor[64];

	if (!clause)
		return row;
	(void)snprintf(anchor, sizeof(anchor), "%.*s", (int)strcspn(article, "("), article);
	(void)json_object_set_new(row, "clause", json_string(article));
	(void)json_object_set_new(row, "anchor", json_string(anchor));
	return row;
}

/* Does it concern our side? What stands in the way concerns both. */
static bool
is_ours(const json_t *law, const json_t *f)
{
	const char *side = text_of(f, "side");

	return strcmp(side, "both") == 0 || strcmp(side, text_of(law, "our_side")) == 0 ||
		strcmp(text_of(f, "effect"), "blocks") == 0;
}

/* A section with its findings, when there are any. */
static void
section_add(json_t *list, const json_t *law, const struct section *s, bool ours)
{
	json_t *rows = json_array();
	const json_t *f;
	size_t i;

	json_array_foreach(json_object_get(law, "findings"), i,
		f) if (strcmp(section_of(f)->title, s->title) == 0 && is_ours(law, f) == ours)(void)
		json_array_append_new(rows, finding_row(law, f));
	if (json_array_size(rows) > 0)
		(void)json_array_append_new(list,
			json_pack("{s:s,s:b,s:b,s:i,s:O}", "title", s->title, "shown",
				(int)(s->open && ours), "stop", s == sections, "count",
				(int)json_array_size(rows), "findings", rows));
	json_decref(rows);
}

/* What has to be seen first; several rows of one title are one section. */
static json_t *
sections_of(const json_t *law, bool ours)
{
	json_t *list = json_array();

	for (int open = 1; open >= 0; open--)
		for (size_t i = 0; i < CO_ARRAY_LEN(sections); i++) {
			const struct section *s = &sections[i];

			if (s->open == (open != 0) &&
				(i == 0 || strcmp(s[-1].title, s->title) != 0))
				section_add(list, law, s, ours);
		}
	return list;
}

static bool
blocked(const json_t *law)
{
	const json_t *f;
	size_t i;

	json_array_foreach(json_object_get(law, "findings"), i,
		f) if (strcmp(text_of(f, "effect"), "blocks") == 0 &&
		strcmp(text_of(f, "holds"), "yes") == 0) return true;
	return false;
}

/* How sure the chosen basis is, when nobody has checked it: "unverified"; or "". */
static const char *
weak_of(const json_t *law)
{
	const json_t *basis;
	size_t i;

	json_array_foreach(json_object_get(law, "bases"), i, basis)
		if (strcmp(text_of(basis, "instrument"), text_of(law, "basis")) == 0 &&
			in_list("unverified,unknown", text_of(basis, "certainty")))
			return text_of(basis, "certainty");
	return "";
}

void
law_panel_put(struct visit *v, const json_t *law)
{
	const char *verdict = text_of(law, "verdict");
	json_t *p = json_object();
	char says[32];

	/* A name that the panel lacks is looked up in the page, which has a "can" of its own. */
	(void)snprintf(says, sizeof(says), "says_%s", verdict[0] == '\0' ? "none" : verdict);
	(void)json_object_set_new(p, says, json_true());
	(void)json_object_set_new(p, "note", json_string(text_of(law, "note")));
	if (verdict[0] != '\0') {
		(void)json_object_set_new(p, "asker", json_string(text_of(law, "requesting_name")));
		(void)json_object_set_new(p, "asked", json_string(text_of(law, "requested_name")));
		(void)json_object_set_new(p, "thing", json_string(text_of(law, "measure_words")));
		(void)json_object_set_new(p, "weak", json_string(weak_of(law)));
		(void)json_object_set_new(p, "basis", json_string(text_of(law, "basis")));
		(void)json_object_set_new(p, "basis_name", json_string(text_of(law, "basis_name")));
		(void)json_object_set_new(p, "ours", sections_of(law, true));
		(void)json_object_set_new(p, "theirs", sections_of(law, false));
		(void)json_object_set(p, "bases", json_object_get(law, "bases"));
	}
	(void)json_object_set_new(p, "blocked", json_boolean(blocked(law)));
	visit_put(v, "panel", p);
	visit_put(v, "against", json_boolean(blocked(law)));
}

/* A finding cannot be made: the panel says why, and the form stays as it is. */
static void
panel_note(struct visit *v, const char *note)
{
	/* The page has members of these names of its own. */
	visit_put(v, "panel",
		json_pack("{s:b,s:s,s:[],s:[]}", "says_none", 1, "note", note, "ours", "theirs"));
}

void
law_panel_ask(struct visit *v, const json_t *form, json_t *fields)
{
	const char *to = compose_given(v, "to", "to"),
		   *urgency = compose_given(v, "urgency", NULL),
		   *basis = compose_given(v, "basis", NULL);
	struct co_err why = { CO_OK, "" };
	json_t *law = NULL;

	if (*to == '\0') {
		panel_note(v, "");
		return;
	}
	if (visit_op(v, "law.check",
		    json_pack("{s:s,s:O,s:s,s:O*,s:s*}", "to", to, "measure",
			    json_object_get(form, "measure"), "urgency",
			    *urgency == '\0' ? "routine" : urgency, "fields", fields, "basis",
			    *basis == '\0' ? NULL : basis),
		    &law, &why) != CO_OK) {
		panel_note(v, why.msg);
		return;
	}
	law_panel_put(v, law);
	json_decref(law);
}

enum co_rc
page_law_panel(struct visit *v, struct co_err *err)
{
	const char *measure = visit_field(v, "measure");
	json_t *form, *fields;

	TRY(visit_op(v, "form.show", json_pack("{s:s}", "measure", measure == NULL ? "" : measure),
		&form, err));
	fields = form_read(v, form);
	law_panel_ask(v, form, fields);
	json_decref(fields);
	json_decref(form);
	visit_put(v, "live", json_true());
	v->bare = true;
	v->page = "law-panel";
	return CO_OK;
}
