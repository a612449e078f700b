#include "law/look.h"

/* Unknown, or resting on what nobody checked, a finding warns at most. A duty that may not even be
 * there is no warning: it is told and no more. */
static void
finding_weigh(struct law_finding *f, enum law_effect effect)
{
	struct law_say s = law_finding_say(f);

	f->effect = effect;
	if (f->holds == LAW_UNKNOWN && effect < LAW_WARNS) {
		f->effect = f->topic == LAW_TOPIC_DUTY ? LAW_INFORMS : LAW_WARNS;
	} else if (effect == LAW_BLOCKS && f->certainty < LAW_SECONDARY) {
		f->effect = LAW_WARNS;
		law_sayf(&s, " Nobody has checked this, so it does not stop the request: ask.");
	}
}

static void
rule_say(struct law_look *l, struct law_finding *f, const struct law_rule *r,
	const struct law_basis *b, bool told, const struct law_proof *when)
{
	struct law_say s = law_finding_say(f);

	if (b != NULL && b->switched_on)
		law_sayf(&s, "Not in force, told as if it were: ");
	else if (told && b->usable == LAW_UNKNOWN)
		law_sayf(&s, "If the basis is %s: ", b->instrument->short_name);
	if (when->gaps_n > 0) {
		law_sayf(&s, "Not known ");
		law_say_gaps(&s, l, when);
		law_sayf(&s, ": ");
	}
	law_say_rule(&s, l, r->text);
}

/* b: the basis that the rule belongs to, if any; told: it depends on that basis. */
static void
rule_tell(struct law_look *l, const struct law_instrument *in, const struct law_rule *r,
	const struct law_basis *b, bool told)
{
	struct law_proof when = law_look_all(l, r->when, r->when_n);
	struct law_finding *f;

	if (when.truth == LAW_NO || law_field_told(l, r->when, r->when_n) ||
		(f = law_find(l, r->id)) == NULL)
		return;
	f->instrument = in->code;
	f->article = r->article;
	f->topic = r->topic;
	f->side = r->side;
	f->opens = r->opens;
	f->opens_n = r->opens_n;
	f->certainty = r->certainty;
	f->holds = when.truth;
	if (told) {
		f->holds = law_and(f->holds, b->usable);
		if (b->certainty < f->certainty)
			f->certainty = b->certainty;
	}
	if (when.certainty < f->certainty)
		f->certainty = when.certainty;
	f->facts_n = when.facts_n;
	memcpy(f->facts, when.facts, sizeof(f->facts));
	rule_say(l, f, r, b, told, &when);
	finding_weigh(f, r->effect);
}

static const struct law_basis *
basis_of(const struct law_answer *a, const struct law_instrument *in)
{
	for (size_t i = 0; i < a->bases_n; i++)
		if (a->bases[i].instrument == in)
			return &a->bases[i];
	return NULL;
}

/* With a basis that surely carries, only its own rules are told: nobody needs those of the second
 * best at night. Without one, those of every basis that may carry; but not of one that most likely
 * does not, where only nobody has checked it. */
static bool
basis_told(const struct law_look *l, const struct law_basis *b)
{
	if (b == NULL || b->usable == LAW_NO)
		return false;
	if (b == l->a->chosen)
		return true;
	return !l->sure && l->q->basis == NULL && l->proofs[b - l->a->bases].gaps_n > 0;
}

/* Of bases that only may carry, the first is told whole, of the others what may stop or bind. */
static bool
rule_wanted(const struct law_look *l, const struct law_basis *b, const struct law_rule *r)
{
	return b == l->a->chosen || r->effect <= LAW_WARNS;
}

/* An instrument that is never a basis is in force as its dates say. */
static bool
applies(const struct law_look *l, const struct law_instrument *in)
{
	law_day at = l->q->at;

	return in->from != LAW_DAY_OPEN && in->from <= at &&
		(in->to == LAW_DAY_OPEN || at < in->to);
}

void
law_tell_rules(struct law_look *l)
{
	for (size_t i = 0; i < law_instrument_count(l->book); i++) {
		const struct law_instrument *in = law_instrument_at(l->book, i);
		const struct law_basis *b = basis_of(l->a, in);
		bool told = basis_told(l, b), as_if = b != NULL && b->switched_on;

		if (!applies(l, in) && !as_if)
			continue;
		l->as_if = as_if ? in : NULL;
		for (size_t k = 0; k < in->rules_n; k++)
			if (in->rules[k].always || (told && rule_wanted(l, b, &in->rules[k])))
				rule_tell(l, in, &in->rules[k], b, told && !in->rules[k].always);
		l->as_if = NULL;
	}
}
