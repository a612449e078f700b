#include "law/look.h"

#include <stdio.h>

/* Art. 25(5): the conduct decides, not the label. One conduct, from what both sides recorded. */
static struct law_proof
conduct_proof(struct law_look *l, const char *name)
{
	struct law_proof p = { .truth = LAW_UNKNOWN, .certainty = LAW_VERIFIED };
	const struct law_economy *sides[] = { l->requesting, l->requested };
	const char *word[2] = { "", "" };
	char about[LAW_ABOUT_MAX];

	(void)snprintf(about, sizeof(about), "offence/%s", name);
	for (size_t i = 0; i < 2; i++) {
		const struct law_fact *f = law_look_fact(l, sides[i], about);

		if (f == NULL || law_fact_word(f) == NULL)
			continue;
		word[i] = law_fact_word(f);
		law_proof_cite(&p, f);
		if (f->certainty < p.certainty)
			p.certainty = f->certainty;
	}
	if (strcmp(word[1], "no") == 0) {
		p.truth = LAW_NO;
		p.certainty = p.facts[p.facts_n - 1]->certainty;
	} else if (strcmp(word[0], "yes") == 0 && strcmp(word[1], "yes") == 0) {
		p.truth = LAW_YES;
	} else {
		p.certainty = LAW_CERTAIN_UNKNOWN;
	}
	return p;
}

/* Met when every conduct is an offence on both sides, not met when none is one where it is asked;
 * with some of each a person has to look. */
void
law_look_dual(struct law_look *l)
{
	size_t met = 0, not_met = 0, n = l->q->conduct_n;

	l->dual = (struct law_proof){ .truth = LAW_UNKNOWN, .certainty = LAW_VERIFIED };
	for (size_t i = 0; i < n; i++) {
		struct law_proof p = conduct_proof(l, l->q->conduct[i]);

		met += p.truth == LAW_YES;
		not_met += p.truth == LAW_NO;
		for (size_t k = 0; k < p.facts_n; k++)
			law_proof_cite(&l->dual, p.facts[k]);
		if (p.certainty < l->dual.certainty)
			l->dual.certainty = p.certainty;
	}
	if (n > 0 && met == n)
		l->dual.truth = LAW_YES;
	else if (n > 0 && not_met == n)
		l->dual.truth = LAW_NO;
	else
		l->dual.certainty = LAW_CERTAIN_UNKNOWN;
	l->a->dual = l->dual.truth;
}

static void
say_statute(struct law_say *s, const struct law_look *l, const struct law_fact *f)
{
	const char *statute = json_string_value(json_object_get(f->value, "statute"));
	const char *section = json_string_value(json_object_get(f->value, "section"));
	const struct law_economy *e = law_economy_find(l->book, f->economy);

	law_sayf(s, "%s: %s", e != NULL ? e->in_text : f->economy, law_fact_word(f));
	if (statute != NULL)
		law_sayf(s, ", %s", statute);
	if (section != NULL)
		law_sayf(s, " %s", section);
	if (f->note != NULL && strcmp(law_fact_word(f), "partly") == 0)
		law_sayf(s, " (%s)", f->note);
}

static void
say_conduct(struct law_say *s, struct law_look *l, const char *name)
{
	struct law_proof p = conduct_proof(l, name);
	const struct law_economy *sides[] = { l->requesting, l->requested };

	law_sayf(s, " %s (", name);
	for (size_t i = 0; i < 2; i++) {
		const struct law_fact *f = NULL;

		for (size_t k = 0; k < p.facts_n; k++)
			if (strcmp(p.facts[k]->economy, sides[i]->code) == 0)
				f = p.facts[k];
		law_sayf(s, "%s", i > 0 ? "; " : "");
		if (f != NULL)
			say_statute(s, l, f);
		else
			law_sayf(s, "%s: not recorded", sides[i]->in_text);
	}
	law_sayf(s, ").");
}

/* What the asked side's offence needs beyond the conduct, art. 2 second sentence and the like: the
 * facts of the request should show it. */
static void
tell_elements(struct law_look *l, const char *name)
{
	const struct law_fact *fact = NULL;
	struct law_proof p = conduct_proof(l, name);
	const json_t *elements;
	struct law_finding *f;
	struct law_say s;

	for (size_t k = 0; k < p.facts_n; k++)
		if (strcmp(p.facts[k]->economy, l->requested->code) == 0)
			fact = p.facts[k];
	elements = fact == NULL ? NULL : json_object_get(fact->value, "elements");
	if (json_array_size(elements) == 0 || (f = law_find(l, "dual/elements")) == NULL)
		return;
	f->topic = LAW_TOPIC_DUAL;
	f->side = LAW_REQUESTING;
	law_finding_cite(f, fact);
	s = law_finding_say(f);
	law_sayf(&s, "In %s this offence (%s) also needs:", l->requested->in_text, name);
	for (size_t i = 0; i < json_array_size(elements); i++) {
		const char *word = json_string_value(json_array_get(elements, i));

		law_sayf(&s, "%s ", i > 0 ? "," : "");
		for (; word != NULL && *word != '\0'; word++)
			law_sayf(&s, "%c", *word == '-' ? ' ' : *word);
	}
	law_sayf(&s, ". Let the facts of the request show it.");
}

void
law_tell_dual(struct law_look *l)
{
	static const char *const begins[] = {
		[LAW_NO] = "Dual criminality is not met on this conduct:",
		[LAW_UNKNOWN] = "Not known whether this conduct is an offence on both sides:",
		[LAW_YES] = "Dual criminality is met on this conduct:",
	};
	struct law_finding *f = l->q->conduct_n == 0 ? NULL : law_find(l, "dual");
	const struct law_basis *b = l->a->chosen;
	struct law_say s;

	if (f == NULL)
		return;
	f->topic = LAW_TOPIC_DUAL;
	f->holds = l->dual.truth == LAW_UNKNOWN ? LAW_UNKNOWN : LAW_YES;
	f->certainty = l->dual.certainty;
	f->facts_n = l->dual.facts_n;
	memcpy(f->facts, l->dual.facts, sizeof(f->facts));
	if (b != NULL && strcmp(b->instrument->code, "cets-185") == 0) {
		f->instrument = b->instrument->code;
		f->article = "25(5)";
	}
	s = law_finding_say(f);
	law_sayf(&s, "%s", begins[l->dual.truth]);
	for (size_t i = 0; i < l->q->conduct_n; i++)
		say_conduct(&s, l, l->q->conduct[i]);
	for (size_t i = 0; i < l->q->conduct_n; i++)
		tell_elements(l, l->q->conduct[i]);
}
