/* The law for people: a matrix of economies by articles, profiles, two side by side, what is left
 * to do, instruments. All of it from law.show and law.gap. */
#include "desk/pages.h"

#include <string.h>

static const char *
text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

static const struct {
	const char *group, *title;
} groups[] = {
	{ "substantive", "Substantive law: what is a crime" },
	{ "procedural", "Procedural law: how evidence is secured" },
	{ "safeguard", "Conditions and safeguards" },
	{ "jurisdiction", "Jurisdiction" },
	{ "cooperation", "International cooperation" },
	{ "final", "Final clauses" },
};

/* A day and an instrument of the address go on to the operation, as they are. */
static void
ask_put(const struct visit *v, json_t *in, const char *query, const char *member)
{
	const char *s = web_query(v->req, query);

	if (s != NULL && *s != '\0')
		(void)json_object_set_new(in, member, json_string(s));
}

/* What an article asks is told where one economy has not all of it. */
static void
row_asks(json_t *article)
{
	const json_t *cells = json_object_get(article, "cells");

	if (json_array_size(cells) == 1 && json_object_get(article, "summary") != NULL &&
		strcmp(text_of(json_array_get(cells, 0), "has"), "yes") != 0)
		(void)json_object_set_new(article, "asks", json_true());
}

/* Articles of one group after another, each group with its rows. */
static json_t *
by_group(const json_t *articles)
{
	json_t *list = json_array();
	json_t *a;
	size_t i;

	for (size_t g = 0; g < CO_ARRAY_LEN(groups); g++) {
		json_t *rows = json_array();

		json_array_foreach(articles, i, a) row_asks(a);
		json_array_foreach(
			articles, i, a) if (strcmp(text_of(a, "group"), groups[g].group) == 0)(void)
			json_array_append(rows, a);
		if (json_array_size(rows) > 0)
			(void)json_array_append_new(list,
				json_pack("{s:s,s:O}", "title", groups[g].title, "rows", rows));
		json_decref(rows);
	}
	return list;
}

/* What the choosers at the head of a page hold. */
static enum co_rc
choosers(struct visit *v, const char *against, struct co_err *err)
{
	json_t *book, *one;
	size_t i;

	TRY(visit_op(v, "law.show", json_object(), &book, err));
	json_array_foreach(json_object_get(book, "instruments"), i, one)(void) json_object_set_new(
		one, "on", json_boolean(strcmp(text_of(one, "code"), against) == 0));
	visit_put(v, "instruments", json_incref(json_object_get(book, "instruments")));
	visit_put(v, "all_economies", json_incref(json_object_get(book, "economies")));
	json_decref(book);
	return CO_OK;
}

/* law.gap, its parts as values of the page. */
static enum co_rc
gap_put(struct visit *v, json_t *in, struct co_err *err)
{
	json_t *gap;

	TRY(visit_op(v, "law.gap", in, &gap, err));
	visit_put(v, "groups", by_group(json_object_get(gap, "articles")));
	(void)json_object_update_missing(v->values, gap);
	json_decref(gap);
	return choosers(v, text_of(v->values, "instrument"), err);
}

/* ---- the matrix ---- */

static const struct {
	const char *who, *label;
} whose[] = { { "apec", "APEC" }, { "eu", "EU" }, { "all", "all" } };

enum co_rc
page_law(struct visit *v, struct co_err *err)
{
	const char *who = web_query(v->req, "who");
	json_t *in = json_object(), *filter = json_array();

	who = who == NULL || *who == '\0' ? "apec" : who;
	ask_put(v, in, "against", "against");
	ask_put(v, in, "date", "date");
	if (strcmp(who, "all") != 0)
		(void)json_object_set_new(in, "member", json_string(who));
	for (size_t i = 0; i < CO_ARRAY_LEN(whose); i++)
		(void)json_array_append_new(filter,
			json_pack("{s:s,s:s,s:b}", "who", whose[i].who, "label", whose[i].label,
				"on", strcmp(who, whose[i].who) == 0));
	visit_put(v, "filter", filter);
	visit_put(v, "title", json_string("law"));
	v->page = "law";
	TRY(gap_put(v, in, err));
	visit_put(v, "columns",
		json_integer(
			(json_int_t)json_array_size(json_object_get(v->values, "economies")) + 1));
	return CO_OK;
}

/* ---- one economy ---- */

static void
fact_look(json_t *f)
{
	const char *about = text_of(f, "about"), *slash = strchr(about, '/');

	(void)json_object_set_new(f, "thing", json_string(slash == NULL ? about : slash + 1));
	(void)json_object_set_new(
		f, "current", json_boolean(strcmp(text_of(f, "holds"), "yes") == 0));
}

/* Facts by what they are about: status, reservation, offence... in the file's order. */
static json_t *
by_kind(json_t *facts)
{
	json_t *kinds = json_object(), *list = json_array(), *f, *rows;
	const char *kind;
	size_t i;

	json_array_foreach(facts, i, f)
	{
		const char *about = text_of(f, "about");
		char name[64];

		(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(about, "/"), about);
		fact_look(f);
		if (json_object_get(kinds, name) == NULL)
			(void)json_object_set_new(kinds, name, json_array());
		(void)json_array_append(json_object_get(kinds, name), f);
	}
	json_object_foreach(kinds, kind, rows)(void)
		json_array_append_new(list, json_pack("{s:s,s:O}", "kind", kind, "facts", rows));
	json_decref(kinds);
	return list;
}

static enum co_rc
show_put(struct visit *v, const char *what, const char *kind, struct co_err *err)
{
	json_t *in = json_pack("{s:s}", "what", what), *out;

	ask_put(v, in, "date", "date");
	TRY(visit_op(v, "law.show", in, &out, err));
	if (strcmp(text_of(out, "kind"), kind) != 0) {
		json_decref(out);
		return co_fail(err, CO_ENOTFOUND,
			"nothing of that kind is recorded here; /law lists what there is");
	}
	(void)json_object_update_missing(v->values, out);
	json_decref(out);
	return CO_OK;
}

enum co_rc
page_law_economy(struct visit *v, struct co_err *err)
{
	const json_t *p;
	size_t i;

	TRY(show_put(v, v->param[0], "economy", err));
	visit_put(v, "kinds", by_kind(json_object_get(v->values, "facts")));
	json_array_foreach(json_object_get(v->values, "profiles"), i,
		p) if (strcmp(text_of(p, "economy"), text_of(v->values, "code")) == 0)
		visit_put(v, "profile", json_incref((json_t *)(uintptr_t)p));
	visit_put(v, "title", json_string("law"));
	v->page = "law-economy";
	return CO_OK;
}

enum co_rc
page_law_fact(struct visit *v, struct co_err *err)
{
	TRY(show_put(v, v->param[0], "fact", err));
	fact_look(v->values);
	visit_put(v, "title", json_string("law"));
	v->page = "law-fact";
	return CO_OK;
}

enum co_rc
page_law_gap(struct visit *v, struct co_err *err)
{
	json_t *in = json_pack("{s:[s]}", "economies", v->param[0]);

	ask_put(v, in, "against", "against");
	ask_put(v, in, "date", "date");
	TRY(gap_put(v, in, err));
	visit_put(
		v, "one", json_incref(json_array_get(json_object_get(v->values, "economies"), 0)));
	visit_put(v, "title", json_string("law"));
	v->page = "law-gap";
	return CO_OK;
}

/* ---- two side by side ---- */

static json_t *
chosen(const json_t *economies, const char *code)
{
	json_t *list = json_array(), *e;
	size_t i;

	json_array_foreach(economies, i, e)(void) json_array_append_new(list,
		json_pack("{s:s,s:s,s:b}", "code", text_of(e, "code"), "name", text_of(e, "name"),
			"on", strcmp(text_of(e, "code"), code) == 0));
	return list;
}

/* Whoever asks without saying what compares this node's economy with a partner's. */
static enum co_rc
pair_default(struct visit *v, char a[4], char b[4], struct co_err *err)
{
	json_t *network, *p;
	size_t i;

	TRY(visit_op(v, "network.show", json_object(), &network, err));
	if (*a == '\0')
		(void)snprintf(a, 4, "%s", text_of(json_object_get(network, "own"), "economy"));
	json_array_foreach(json_object_get(network, "partners"), i, p)
		if (*b == '\0' && strcmp(text_of(p, "economy"), a) != 0)
			(void)snprintf(b, 4, "%s", text_of(p, "economy"));
	json_decref(network);
	return CO_OK;
}

static void
code_of(const struct visit *v, const char *name, char out[4])
{
	const char *s = web_query(v->req, name);

	/* Cut, a longer one would be another economy's. */
	(void)snprintf(out, 4, "%s", s == NULL || strlen(s) > 3 ? "" : s);
}

enum co_rc
page_law_compare(struct visit *v, struct co_err *err)
{
	char a[4], b[4];
	json_t *in;

	code_of(v, "a", a);
	code_of(v, "b", b);
	if (*a == '\0' || *b == '\0')
		TRY(pair_default(v, a, b, err));
	in = json_pack("{s:[s,s]}", "economies", a, b);
	ask_put(v, in, "against", "against");
	ask_put(v, in, "date", "date");
	visit_put(v, "title", json_string("law"));
	v->page = "law-compare";
	if (*a != '\0' && *b != '\0')
		TRY(gap_put(v, in, err));
	else {
		json_decref(in);
		TRY(choosers(v, "cets-185", err));
	}
	visit_put(v, "first", chosen(json_object_get(v->values, "all_economies"), a));
	visit_put(v, "second", chosen(json_object_get(v->values, "all_economies"), b));
	return CO_OK;
}

enum co_rc
page_law_instrument(struct visit *v, struct co_err *err)
{
	TRY(show_put(v, v->param[0], "instrument", err));
	visit_put(v, "groups", by_group(json_object_get(v->values, "articles")));
	visit_put(v, "title", json_string("law"));
	v->page = "law-instrument";
	return CO_OK;
}
