#include "law/look.h"

/* Members in a fixed order: the same answer gives the same bytes. */

static json_t *
ids_json(const struct law_fact *const *facts, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		if (json_array_append_new(list, json_string(facts[i]->id)) != 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static json_t *
basis_json(const struct law_basis *b)
{
	return json_pack("{s:s, s:s, s:s, s:b, s:s, s:s, s:o}", "instrument", b->instrument->code,
		"name", b->instrument->name, "usable", law_truth_name(b->usable), "switched_on",
		(int)b->switched_on, "why", b->why, "certainty", law_certainty_name(b->certainty),
		"facts", ids_json(b->facts, b->facts_n));
}

/* NULL, and so left out, when there is none. */
static json_t *
words_json(const char *const *words, size_t n)
{
	json_t *list = n == 0 ? NULL : json_array();

	for (size_t i = 0; i < n && list != NULL; i++)
		(void)json_array_append_new(list, json_string(words[i]));
	return list;
}

static json_t *
finding_json(const struct law_finding *f)
{
	return json_pack("{s:s, s:s?, s:s?, s:s, s:s, s:s, s:s, s:s, s:s, s:o*, s:o}", "id", f->id,
		"instrument", f->instrument, "article", f->article, "effect",
		law_effect_name(f->effect), "topic", law_topic_name(f->topic), "side",
		law_side_name(f->side), "holds", law_truth_name(f->holds), "certainty",
		law_certainty_name(f->certainty), "text", f->text, "opens",
		words_json(f->opens, f->opens_n), "facts", ids_json(f->facts, f->facts_n));
}

static json_t *
period_json(const struct law_period *p)
{
	return json_pack("{s:s?, s:s?, s:I, s:I, s:I, s:I, s:b, s:s, s:o}", "economy", p->economy,
		"instrument", p->instrument, "first_days", (json_int_t)p->first_days,
		"extension_days", (json_int_t)p->extension_days, "total_days",
		(json_int_t)p->total_days, "least_days", (json_int_t)p->least_days, "until_decided",
		(int)p->until_decided, "certainty", law_certainty_name(p->certainty), "facts",
		ids_json(&p->fact, p->fact != NULL ? 1 : 0));
}

static json_t *
fact_json(const struct law_fact *f)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "id", f->id, "economy", f->economy,
		"about", f->about, "certainty", law_certainty_name(f->certainty), "source",
		f->source->key, "sha256", f->sha256);
}

#define LIST_JSON(name, type, at, one) \
	static json_t *name(type v, size_t n) \
	{ \
		json_t *list = json_array(); \
\
		for (size_t i = 0; i < n; i++) \
			if (json_array_append_new(list, one(at)) != 0) { \
				json_decref(list); \
				return NULL; \
			} \
		return list; \
	}

LIST_JSON(bases_json, const struct law_basis *, &v[i], basis_json)
LIST_JSON(findings_json, const struct law_finding *, &v[i], finding_json)
LIST_JSON(periods_json, const struct law_period *, &v[i], period_json)
LIST_JSON(facts_json, const struct law_fact *const *, v[i], fact_json)

static const char *const duals[] = {
	[LAW_NO] = "not-met",
	[LAW_UNKNOWN] = "unknown",
	[LAW_YES] = "met",
};

enum co_rc
law_answer_json(const struct law_answer *a, json_t **out, struct co_err *err)
{
	json_t *j = json_pack("{s:O, s:s, s:s?, s:s, s:o, s:o, s:o, s:o}", "question", a->question,
		"verdict", law_verdict_name(a->verdict), "basis",
		a->chosen != NULL ? a->chosen->instrument->code : NULL, "dual", duals[a->dual],
		"bases", bases_json(a->bases, a->bases_n), "findings",
		findings_json(a->findings, a->findings_n), "periods",
		periods_json(a->periods, a->periods_n), "facts", facts_json(a->used, a->used_n));

	if (j == NULL)
		return co_fail(err, CO_ENOMEM, "answer of the law: out of memory");
	*out = j;
	return CO_OK;
}
