#include "law/look.h"
#include "law/show.h"

#include <stdio.h>
#include <string.h>

/* Whom the facts are asked for. */
struct view {
	const struct law_book *book;
	law_day at, known;
};

static void
day_put(json_t *o, const char *name, law_day d)
{
	char text[16];

	law_day_print(d, text);
	if (*text != '\0')
		(void)json_object_set_new(o, name, json_string(text));
}

static void
source_put(json_t *o, const struct law_source *s)
{
	if (s == NULL)
		return;
	(void)json_object_set_new(o, "source", json_string(s->key));
	(void)json_object_set_new(o, "source_title", json_string(s->title));
	if (s->url != NULL)
		(void)json_object_set_new(o, "source_url", json_string(s->url));
	day_put(o, "source_as_of", s->as_of);
}

/* Does it hold on the day asked, as known then? */
static const char *
fact_holds(const struct view *v, const struct law_fact *f)
{
	if (f->known > v->known)
		return "not yet known";
	if (f->from > v->at)
		return "from later on";
	if (f->to <= v->at)
		return "no longer";
	return law_fact_find(v->book, f->economy, f->about, v->at, v->known) == f ? "yes"
										  : "superseded";
}

static json_t *
fact_json(const struct view *v, const struct law_fact *f)
{
	json_t *o = json_pack("{s:s,s:s,s:s,s:O,s:s,s:s}", "id", f->id, "economy", f->economy,
		"about", f->about, "value", f->value, "holds", fact_holds(v, f), "certainty",
		law_certainty_name(f->certainty));

	if (o == NULL)
		return NULL;
	day_put(o, "from", f->from);
	day_put(o, "to", f->to);
	day_put(o, "known", f->known);
	day_put(o, "consent", f->consent);
	if (f->supersedes != NULL)
		(void)json_object_set_new(o, "supersedes", json_string(f->supersedes->id));
	if (f->note != NULL)
		(void)json_object_set_new(o, "note", json_string(f->note));
	source_put(o, f->source);
	(void)json_object_set_new(o, "sha256", json_string(f->sha256));
	return o;
}

static enum co_rc
given(json_t *o, json_t **out, struct co_err *err)
{
	if (o == NULL)
		return co_fail(err, CO_ENOMEM, "the law's data");
	*out = o;
	return CO_OK;
}

static enum co_rc
fact_show(const struct view *v, const struct law_fact *f, json_t **out, struct co_err *err)
{
	json_t *o = json_object();

	(void)json_object_set_new(o, "kind", json_string("fact"));
	if (json_object_update_new(o, fact_json(v, f)) == 0)
		return given(o, out, err);
	json_decref(o);
	return given(NULL, out, err);
}

static enum co_rc
economy_show(const struct view *v, const struct law_economy *e, json_t **out, struct co_err *err)
{
	json_t *facts = json_array(), *o;

	for (size_t i = 0; i < e->facts_n; i++)
		(void)json_array_append_new(facts, fact_json(v, e->facts[i]));
	o = json_pack("{s:s,s:s,s:s,s:s*,s:o}", "kind", "economy", "code", e->code, "name", e->name,
		"of", e->of, "facts", facts);
	if (o != NULL)
		day_put(o, "at", v->at);
	return given(o, out, err);
}

/* ---- instruments ---- */

/* "29(3)" belongs to article "29". */
static bool
article_of(const struct law_rule *r, const char *article)
{
	size_t n = strlen(article);

	return strncmp(r->article, article, n) == 0 &&
		(r->article[n] == '\0' || r->article[n] == '(');
}

static json_t *
rules_json(const struct law_instrument *in, const char *article)
{
	json_t *list = json_array();

	for (size_t i = 0; i < in->rules_n; i++) {
		const struct law_rule *r = &in->rules[i];

		if (article_of(r, article))
			(void)json_array_append_new(list,
				json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "id", r->id, "article",
					r->article, "effect", law_effect_name(r->effect), "topic",
					law_topic_name(r->topic), "side", law_side_name(r->side),
					"certainty", law_certainty_name(r->certainty), "text",
					r->text));
	}
	return list;
}

static json_t *
article_json(const struct law_instrument *in, const struct law_article *a)
{
	json_t *o = json_pack("{s:s,s:s,s:s*,s:s,s:s*,s:s*,s:s,s:o}", "article", a->article,
		"title", a->title, "summary", a->summary, "group", law_group_name(a->group),
		"provides", a->provides, "model", a->model, "certainty",
		law_certainty_name(a->certainty), "rules", rules_json(in, a->article));

	if (o != NULL)
		source_put(o, a->source);
	return o;
}

static json_t *
instrument_head(const struct law_instrument *in)
{
	json_t *o = json_pack("{s:s,s:s,s:s*,s:s,s:s}", "code", in->code, "name", in->name, "short",
		in->short_name, "type", in->kind, "certainty", law_certainty_name(in->certainty));

	if (o == NULL)
		return NULL;
	day_put(o, "from", in->from);
	day_put(o, "to", in->to);
	(void)json_object_set_new(o, "in_force", json_boolean(in->from != LAW_DAY_OPEN));
	source_put(o, in->source);
	return o;
}

static enum co_rc
instrument_show(const struct law_instrument *in, json_t **out, struct co_err *err)
{
	json_t *list = json_array(), *o = instrument_head(in);

	for (size_t i = 0; i < in->articles_n; i++)
		(void)json_array_append_new(list, article_json(in, &in->articles[i]));
	if (o == NULL) {
		json_decref(list);
		return given(NULL, out, err);
	}
	(void)json_object_set_new(o, "kind", json_string("instrument"));
	(void)json_object_set_new(o, "articles", list);
	return given(o, out, err);
}

/* "29" or a paragraph of it: "29(3)" shows article 29. */
static enum co_rc
article_show(const struct law_instrument *in, const char *article, json_t **out, struct co_err *err)
{
	char whole[32];
	const struct law_article *a;
	json_t *o;

	(void)snprintf(whole, sizeof(whole), "%.*s", (int)strcspn(article, "("), article);
	a = law_article_find(in, article);
	a = a != NULL ? a : law_article_find(in, whole);
	if (a == NULL)
		return co_fail(err, CO_ENOTFOUND,
			"the %s has no article \"%s\" here; comity law show %s lists them",
			in->name, article, in->code);
	o = json_pack("{s:s,s:s,s:s}", "kind", "article", "instrument", in->code, "instrument_name",
		in->name);
	if (o == NULL || json_object_update_new(o, article_json(in, a)) != 0) {
		json_decref(o);
		return given(NULL, out, err);
	}
	return given(o, out, err);
}

static enum co_rc
overview(const struct law_book *b, json_t **out, struct co_err *err)
{
	json_t *economies = json_array(), *instruments = json_array();

	for (size_t i = 0; i < law_economy_count(b); i++) {
		const struct law_economy *e = law_economy_at(b, i);

		(void)json_array_append_new(economies,
			json_pack("{s:s,s:s,s:I}", "code", e->code, "name", e->name, "facts",
				(json_int_t)e->facts_n));
	}
	for (size_t i = 0; i < law_instrument_count(b); i++)
		(void)json_array_append_new(instruments, instrument_head(law_instrument_at(b, i)));
	return given(json_pack("{s:s,s:o,s:o}", "kind", "book", "economies", economies,
			     "instruments", instruments),
		out, err);
}

/* ---- what was asked ---- */

/* A code is written in capitals; a person may not. */
static const struct law_economy *
economy_any_case(const struct law_book *b, const char *what)
{
	char code[8];
	size_t n = strlen(what);

	if (n == 0 || n >= sizeof(code))
		return NULL;
	for (size_t i = 0; i <= n; i++)
		code[i] = (char)(what[i] >= 'a' && what[i] <= 'z' ? what[i] - 'a' + 'A' : what[i]);
	return law_economy_find(b, code);
}

static const struct law_fact *
fact_by_id(const struct law_book *b, const char *id)
{
	for (size_t i = 0; i < law_economy_count(b); i++) {
		const struct law_economy *e = law_economy_at(b, i);

		for (size_t k = 0; k < e->facts_n; k++)
			if (strcmp(e->facts[k]->id, id) == 0)
				return e->facts[k];
	}
	return NULL;
}

enum co_rc
law_show(const struct law_book *b, const char *what, law_day at, law_day known, json_t **out,
	struct co_err *err)
{
	const struct view v = { b, at, known };
	const char *slash = strchr(what, '/');
	char code[64];
	const struct law_instrument *in;
	const struct law_economy *e = economy_any_case(b, what);
	const struct law_fact *f = law_fact_by_sha256(b, what);

	if (*what == '\0')
		return overview(b, out, err);
	if (e != NULL)
		return economy_show(&v, e, out, err);
	f = f != NULL ? f : fact_by_id(b, what);
	if (f != NULL)
		return fact_show(&v, f, out, err);
	(void)snprintf(code, sizeof(code), "%.*s", (int)strcspn(what, "/"), what);
	in = law_instrument_find(b, code);
	if (in == NULL)
		return co_fail(err, CO_ENOTFOUND,
			"nothing is recorded under \"%.80s\"; ask for an economy (TH), an "
			"instrument (cets-185), an article (cets-185/29) or a fact by its id or "
			"sha256; comity law show lists what there is",
			what);
	return slash == NULL ? instrument_show(in, out, err)
			     : article_show(in, slash + 1, out, err);
}

/* ---- counts ---- */

enum { KINDS_MAX = 40, SURE_N = LAW_VERIFIED + 1 };

struct tally {
	char kind[32];
	int64_t n[SURE_N];
};

static void
tally_add(struct tally *t, size_t *n, const char *kind, size_t len, enum law_certainty sure)
{
	size_t i = 0;

	while (i < *n && (strncmp(t[i].kind, kind, len) != 0 || t[i].kind[len] != '\0'))
		i++;
	if (i == KINDS_MAX)
		return;
	if (i == *n) {
		(void)snprintf(t[i].kind, sizeof(t[i].kind), "%.*s", (int)len, kind);
		(*n)++;
	}
	t[i].n[sure]++;
}

static size_t
tally_all(const struct law_book *b, struct tally *t)
{
	size_t n = 0;

	for (size_t i = 0; i < law_instrument_count(b); i++) {
		const struct law_instrument *in = law_instrument_at(b, i);

		for (size_t k = 0; k < in->articles_n; k++)
			tally_add(t, &n, "articles", 8, in->articles[k].certainty);
		for (size_t k = 0; k < in->rules_n; k++)
			tally_add(t, &n, "rules", 5, in->rules[k].certainty);
	}
	for (size_t i = 0; i < law_economy_count(b); i++) {
		const struct law_economy *e = law_economy_at(b, i);

		for (size_t k = 0; k < e->facts_n; k++)
			tally_add(t, &n, e->facts[k]->about, strcspn(e->facts[k]->about, "/"),
				e->facts[k]->certainty);
	}
	return n;
}

enum co_rc
law_count(const struct law_book *b, json_t **out, struct co_err *err)
{
	struct tally t[KINDS_MAX] = { { .kind = "" } };
	size_t n = tally_all(b, t);
	json_t *kinds = json_array();

	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(kinds,
			json_pack("{s:s,s:I,s:I,s:I}", "kind", t[i].kind, "verified",
				(json_int_t)t[i].n[LAW_VERIFIED], "secondary",
				(json_int_t)t[i].n[LAW_SECONDARY], "unverified",
				(json_int_t)t[i].n[LAW_UNVERIFIED]));
	return given(json_pack("{s:I,s:I,s:I,s:o}", "economies", (json_int_t)law_economy_count(b),
			     "instruments", (json_int_t)law_instrument_count(b), "facts",
			     (json_int_t)law_fact_count(b), "kinds", kinds),
		out, err);
}
