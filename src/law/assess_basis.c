#include "law/look.h"

#include <stdio.h>
#include <string.h>

static bool
in_force(const struct law_instrument *in, law_day at)
{
	return in->from != LAW_DAY_OPEN && in->from <= at &&
		(in->to == LAW_DAY_OPEN || at < in->to);
}

static bool
switched_on(const struct law_question *q, const char *code)
{
	for (size_t i = 0; i < q->switched_on_n; i++)
		if (strcmp(q->switched_on[i], code) == 0)
			return true;
	return false;
}

static void
say_not_in_force(struct law_say *s, const struct law_instrument *in, law_day at)
{
	char day[16], other[16];

	law_day_print(at, day);
	law_sayf(s, "Not in force on %s", day);
	if (in->from != LAW_DAY_OPEN && in->from > at) {
		law_day_print(in->from, other);
		law_sayf(s, "; it applies from %s", other);
	} else if (in->from != LAW_DAY_OPEN) {
		law_day_print(in->to, other);
		law_sayf(s, "; it ended on %s", other);
	}
	law_sayf(s, ".");
}

static void
say_proof(struct law_say *s, const struct law_look *l, const struct law_proof *p)
{
	if (p->gaps_n > 0) {
		law_sayf(s, "Not known ");
		law_say_gaps(s, l, p);
		law_sayf(s, ".");
	}
	for (size_t i = 0; i < p->facts_n; i++) {
		law_sayf(s, "%s", i > 0 ? "; " : p->gaps_n > 0 ? " Known: " : "");
		law_say_fact(s, l, p->facts[i]);
	}
	if (p->facts_n > 0)
		law_sayf(s, ".");
	else if (p->gaps_n == 0 && p->truth == LAW_YES)
		law_sayf(s, "Needs no treaty between the two.");
}

/* There is a treaty, and it is not known to provide for this: the facts alone would not say why it
 * does not carry. */
static void
say_lacks(struct law_say *s, struct law_look *l, const struct law_instrument *in,
	const struct law_proof *p)
{
	if (p->truth == LAW_NO && p->facts_n > 0 && strcmp(in->kind, "bilateral") == 0 &&
		law_look_all(l, in->use->usable, 1).truth == LAW_YES)
		law_sayf(s, " That it provides for %s is not recorded.",
			law_measure_words(l->q->measure));
}

/* That it does not carry is no obstacle while nobody has checked why. */
static void
basis_weigh(struct law_proof *p)
{
	if (p->truth == LAW_NO && p->certainty < LAW_SECONDARY)
		p->truth = LAW_UNKNOWN;
}

static void
basis_fill(struct law_look *l, const struct law_instrument *in, struct law_basis *b,
	struct law_proof *p)
{
	bool now = in_force(in, l->q->at);
	struct law_say s = { b->why, 0, sizeof(b->why) };

	*p = (struct law_proof){ .truth = LAW_NO, .certainty = in->certainty };
	b->instrument = in;
	b->switched_on = !now && switched_on(l->q, in->code);
	if (!now)
		say_not_in_force(&s, in, l->q->at);
	if (b->switched_on)
		law_sayf(&s, " Looked at as if it were. ");
	if ((now || b->switched_on) && (in->use->measures & l->measure) == 0) {
		law_sayf(&s, "It does not provide for %s.", law_measure_words(l->q->measure));
	} else if (now || b->switched_on) {
		l->as_if = b->switched_on ? in : NULL;
		*p = law_look_all(l, in->use->usable, in->use->usable_n);
		basis_weigh(p);
		if (in->certainty < p->certainty)
			p->certainty = in->certainty;
		say_proof(&s, l, p);
		say_lacks(&s, l, in, p);
		l->as_if = NULL;
	}
	b->usable = p->truth;
	b->certainty = p->certainty;
	b->facts_n = p->facts_n;
	memcpy(b->facts, p->facts, sizeof(b->facts));
}

static void
basis_choose(struct law_look *l)
{
	struct law_answer *a = l->a;

	for (size_t i = 0; i < a->bases_n; i++) {
		const struct law_basis *b = &a->bases[i];

		if (l->q->basis != NULL) {
			if (strcmp(b->instrument->code, l->q->basis) == 0)
				a->chosen = b;
		} else if (b->usable == LAW_YES &&
			(a->chosen == NULL || a->chosen->usable != LAW_YES)) {
			a->chosen = b;
		} else if (b->usable == LAW_UNKNOWN && a->chosen == NULL &&
			l->proofs[i].gaps_n > 0) {
			a->chosen = b;
		}
	}
	l->sure = a->chosen != NULL && a->chosen->usable == LAW_YES;
}

enum co_rc
law_look_bases(struct law_look *l, struct co_err *err)
{
	size_t n = law_instrument_count(l->book);

	l->a->bases = calloc(n + 1, sizeof(l->a->bases[0]));
	l->proofs = calloc(n + 1, sizeof(l->proofs[0]));
	if (l->a->bases == NULL || l->proofs == NULL)
		return co_fail(err, CO_ENOMEM, "bases of the law: out of memory");
	for (size_t i = 0; i < n; i++) {
		const struct law_instrument *in = law_instrument_at(l->book, i);

		if (in->use->measures == 0)
			continue; /* never a basis */
		basis_fill(l, in, &l->a->bases[l->a->bases_n], &l->proofs[l->a->bases_n]);
		l->a->bases_n++;
	}
	basis_choose(l);
	return CO_OK;
}

/* ---- what is said of it ---- */

static void
say_usable_ones(struct law_say *s, const struct law_answer *a)
{
	const char *before = " Usable: ";

	for (size_t i = 0; i < a->bases_n; i++)
		if (a->bases[i].usable == LAW_YES) {
			law_sayf(s, "%s%s", before, a->bases[i].instrument->short_name);
			before = ", ";
		}
	law_sayf(s, "%s", before[0] == ',' ? "." : "");
}

/* Where nobody checked that a basis lacks something, this is no obstacle but a warning. */
static void
tell_none(struct law_look *l, struct law_finding *f)
{
	struct law_say s = law_finding_say(f);

	f->effect = LAW_BLOCKS;
	for (size_t i = 0; i < l->a->bases_n; i++)
		if (l->a->bases[i].usable == LAW_UNKNOWN) {
			f->effect = LAW_WARNS;
			f->holds = LAW_UNKNOWN;
			f->certainty = LAW_UNVERIFIED;
		}
	law_sayf(&s,
		"No legal basis%s between %s and %s carries %s. What each lacks stands with the "
		"bases.",
		f->holds == LAW_UNKNOWN ? ", as far as is known but not checked," : "",
		l->requesting->in_text, l->requested->in_text, law_measure_words(l->q->measure));
}

static void
tell_chosen(struct law_look *l, struct law_finding *f, const struct law_basis *b)
{
	struct law_say s = law_finding_say(f);

	f->instrument = b->instrument->code;
	f->certainty = b->certainty;
	f->holds = b->usable;
	f->facts_n = b->facts_n;
	memcpy(f->facts, b->facts, sizeof(f->facts));
	f->effect = b->usable == LAW_YES && b->certainty >= LAW_SECONDARY ? LAW_INFORMS : LAW_WARNS;
	if (b->usable == LAW_YES) {
		law_sayf(&s, "Basis: %s. %s", b->instrument->short_name, b->why);
	} else if (b->usable == LAW_UNKNOWN) {
		law_sayf(&s, "Not known whether this basis carries: %s. %s",
			b->instrument->short_name, b->why);
	} else {
		f->effect = b->certainty >= LAW_SECONDARY ? LAW_BLOCKS : LAW_WARNS;
		f->holds = LAW_YES;
		law_sayf(&s, "%s cannot be the basis. %s", b->instrument->short_name, b->why);
		say_usable_ones(&s, l->a);
	}
}

void
law_tell_basis(struct law_look *l)
{
	struct law_finding *f = law_find(l, "basis");

	if (f == NULL)
		return;
	f->topic = LAW_TOPIC_BASIS;
	if (l->a->chosen == NULL)
		tell_none(l, f);
	else
		tell_chosen(l, f, l->a->chosen);
}
