/* An instrument's rules, and when it is usable; the articles' ties to attributes and to the model.
 * Last, because they may name other instruments. */
#include "law/inside.h"

#include <string.h>

static const struct law_member rule_rows[] = {
	{ .name = "id", .shape = LAW_STRING, .must = true, .max = 40, .rule = &text_token },
	{ .name = "article", .shape = LAW_STRING, .must = true, .max = 40 },
	{ .name = "topic",
		.shape = LAW_STRING,
		.must = true,
		.choices = "basis|condition|dual|channel|field|formality|time|ground|duty" },
	{ .name = "effect",
		.shape = LAW_STRING,
		.must = true,
		.choices = "blocks|requires|warns|permits|informs" },
	{ .name = "side", .shape = LAW_STRING, .choices = "both|requesting|requested" },
	{ .name = "always", .shape = LAW_BOOL },
	{ .name = "when", .shape = LAW_LIST },
	{ .name = "opens", .shape = LAW_STRINGS, .max = 40, .choices = LAW_GROUNDS },
	{ .name = "text", .shape = LAW_STRING, .must = true, .max = LIMIT_LAW_RULE },
	{ .name = "source", .shape = LAW_STRING, .max = 40 },
	{ .name = "certainty", .shape = LAW_STRING, .choices = "verified|secondary|unverified" },
	{ .name = NULL },
};

/* What stands in braces is put in when the rule is told. */
static void
rule_text_check(struct law_load *l, const struct law_path *at, const char *text)
{
	static const char *const known[] = { "{requesting}", "{requested}", "{measure}" };
	struct law_path here = { at, "text", 0 };

	for (const char *c = strpbrk(text, "{}"); c != NULL; c = strpbrk(c, "{}")) {
		size_t i = 0;

		while (i < CO_ARRAY_LEN(known) && strncmp(c, known[i], strlen(known[i])) != 0)
			i++;
		if (i == CO_ARRAY_LEN(known)) {
			law_fault(l, &here,
				"\"%.20s\" stands for nothing; write {requesting}, "
				"{requested} or {measure}",
				c);
			return;
		}
		c += strlen(known[i]);
	}
}

static bool
rule_twice(const struct law_instrument *in, const char *id)
{
	for (size_t i = 0; i < in->rules_n; i++)
		if (in->rules[i].id != NULL && strcmp(in->rules[i].id, id) == 0)
			return true;
	return false;
}

static void
rule_read(struct law_load *l, const struct law_path *at, const json_t *o,
	const struct law_instrument *in, struct law_rule *r)
{
	struct law_path when = { at, "when", 0 };
	const char *side = law_get(o, "side");

	if (!law_members(l, at, o, rule_rows))
		return;
	r->source = in->source;
	r->certainty = in->certainty;
	(void)law_get_source(l, at, o, &r->source, &r->certainty);
	(void)law_effect_parse(law_get(o, "effect"), &r->effect);
	(void)law_topic_parse(law_get(o, "topic"), &r->topic);
	(void)law_side_parse(side != NULL ? side : "both", &r->side);
	r->always = json_is_true(json_object_get(o, "always"));
	r->article = law_get_copy(l, o, "article");
	r->text = law_get_copy(l, o, "text");
	r->opens = law_strings(l, json_object_get(o, "opens"), &r->opens_n);
	(void)law_conds_compile(l, &when, json_object_get(o, "when"), &r->when, &r->when_n);
	if (l->nomem)
		return;
	rule_text_check(l, at, r->text);
	if (law_article_find(in, r->article) == NULL)
		law_fault(l, &(struct law_path){ at, "article", 0 },
			"%s has no article %s here; add it to articles", in->code, r->article);
	if (rule_twice(in, law_get(o, "id")))
		law_fault(
			l, at, "the rule %s is there twice; name one otherwise", law_get(o, "id"));
	r->id = law_get_copy(l, o, "id");
}

static void
article_ties_check(struct law_load *l, const struct law_instrument *in)
{
	const struct law_instrument *model = law_instrument_find(l->book, "cets-185");
	struct law_path all = { NULL, "articles", 0 };

	for (size_t i = 0; i < in->articles_n && !l->nomem; i++) {
		const struct law_article *a = &in->articles[i];
		struct law_path at = { &all, NULL, i }, provides = { &at, "provides", 0 };
		const struct law_attribute *found = a->provides == NULL
			? NULL
			: law_attribute_find(l, &provides, a->provides, false);

		if (found != NULL && !law_attribute_has(found))
			law_fault(l, &provides,
				"%s cannot be counted; name an offence, power, "
				"safeguard, cooperation or jurisdiction",
				a->provides);
		if (a->model != NULL &&
			(model == NULL || law_article_find(model, a->model) == NULL))
			law_fault(l, &(struct law_path){ &at, "model", 0 },
				"cets-185 has no article %s; correct it", a->model);
	}
}

void
law_rules_read(struct law_load *l, struct law_instrument *in, const json_t *top)
{
	struct law_path all = { NULL, "rules", 0 }, usable = { NULL, "usable", 0 };
	const json_t *list = json_object_get(top, "rules");
	struct law_use *use = law_take(l, 1, sizeof(*use));
	struct law_rule *rules = law_take(l, json_array_size(list), sizeof(*rules));

	if (l->nomem)
		return;
	*use = *in->use;
	in->use = use;
	article_ties_check(l, in);
	(void)law_conds_compile(
		l, &usable, json_object_get(top, "usable"), &use->usable, &use->usable_n);
	in->rules = rules;
	for (size_t i = 0; i < json_array_size(list) && !l->nomem; i++) {
		rule_read(l, &(struct law_path){ &all, NULL, i }, json_array_get(list, i), in,
			&rules[i]);
		in->rules_n = i + 1;
	}
}
