#include "law/look.h"

#include <stdio.h>

const struct law_fact *
law_look_fact(struct law_look *l, const struct law_economy *e, const char *about)
{
	const struct law_fact *f = law_fact_find(l->book, e->code, about, l->q->at, l->q->known);

	if (f != NULL)
		law_answer_use(l, f);
	return f;
}

const char *
law_fact_word(const struct law_fact *f)
{
	if (json_is_object(f->value))
		return json_string_value(json_object_get(f->value, "has"));
	return json_string_value(f->value);
}

void
law_proof_cite(struct law_proof *p, const struct law_fact *f)
{
	for (size_t i = 0; i < p->facts_n; i++)
		if (p->facts[i] == f)
			return;
	if (p->facts_n < LAW_FINDING_FACTS)
		p->facts[p->facts_n++] = f;
}

static void
proof_join(struct law_proof *p, const struct law_proof *q)
{
	for (size_t i = 0; i < q->facts_n; i++)
		law_proof_cite(p, q->facts[i]);
	for (size_t i = 0; i < q->gaps_n && p->gaps_n < LAW_GAPS; i++)
		p->gaps[p->gaps_n++] = q->gaps[i];
	if (q->certainty < p->certainty)
		p->certainty = q->certainty;
}

/* decides: the value that alone settles the matter, LAW_NO of "all", LAW_YES of "one". Of two that
 * settle it, the surer is kept. */
static void
proof_combine(struct law_proof *p, const struct law_proof *q, enum law_truth decides)
{
	if (p->truth == decides || q->truth == decides) {
		if (p->truth != q->truth ? q->truth == decides : q->certainty > p->certainty)
			*p = *q;
		else if (p->truth == q->truth && p->certainty == q->certainty &&
			(decides == LAW_NO || p->facts_n > 0))
			proof_join(p, q); /* what the question settles needs no fact */
		return;
	}
	proof_join(p, q);
	if (q->truth == LAW_UNKNOWN)
		p->truth = LAW_UNKNOWN;
}

void
law_proof_and(struct law_proof *p, const struct law_proof *q)
{
	proof_combine(p, q, LAW_NO);
}

/* Something that the question says or leaves open. */
static struct law_proof
proof_of_question(bool said, bool holds, const struct law_cond *c)
{
	struct law_proof p = { .truth = holds ? LAW_YES : LAW_NO, .certainty = LAW_VERIFIED };

	if (!said) {
		p.truth = LAW_UNKNOWN;
		p.certainty = LAW_CERTAIN_UNKNOWN;
		p.gaps[p.gaps_n++] = (struct law_gap_at){ c, NULL };
	}
	return p;
}

static bool
word_in(const struct law_cond *c, const char *word)
{
	for (size_t i = 0; word != NULL && i < c->is_n; i++)
		if (strcmp(c->is[i], word) == 0)
			return true;
	return false;
}

static bool
list_in(const struct law_cond *c, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (word_in(c, json_string_value(json_array_get(list, i))))
			return true;
	return false;
}

/* A treaty that is not in force has no Parties: seen as if it were, those who signed count. */
static bool
counts_as_party(const struct law_look *l, const struct law_cond *c, const char *word)
{
	return l->as_if != NULL && word != NULL && strcmp(word, "signed") == 0 &&
		strncmp(c->about, "status/", 7) == 0 && strcmp(c->about + 7, l->as_if->code) == 0 &&
		word_in(c, "party");
}

static bool
fact_is(const struct law_look *l, const struct law_cond *c, const struct law_fact *f)
{
	const char *word = law_fact_word(f);

	if (c->any_value)
		return word == NULL || (strcmp(word, "none") != 0 && strcmp(word, "no") != 0);
	return word_in(c, word) || counts_as_party(l, c, word) || list_in(c, f->value) ||
		list_in(c, json_object_get(f->value, "covers"));
}

const char *
law_about_filled(const struct law_look *l, const struct law_cond *c, const struct law_economy *of,
	char text[LAW_ABOUT_MAX])
{
	const struct law_economy *other = of == l->requested ? l->requesting : l->requested;
	const char *open = strchr(c->about, '{'), *close;

	if (open == NULL || (close = strchr(open, '}')) == NULL)
		return c->about;
	(void)snprintf(text, LAW_ABOUT_MAX, "%.*s%s%s", (int)(open - c->about), c->about,
		open[1] == 'o' ? other->code : l->q->measure, close + 1);
	return text;
}

static struct law_proof
fact_proof(struct law_look *l, const struct law_cond *c, const struct law_economy *of)
{
	struct law_proof p = { .truth = LAW_UNKNOWN };
	char text[LAW_ABOUT_MAX];
	const struct law_fact *f = law_look_fact(l, of, law_about_filled(l, c, of, text));

	if (f == NULL) {
		p.gaps[p.gaps_n++] = (struct law_gap_at){ c, of };
		return p;
	}
	p.truth = fact_is(l, c, f) ? LAW_YES : LAW_NO;
	p.certainty = f->certainty;
	law_proof_cite(&p, f);
	return p;
}

static struct law_proof
if_fact(struct law_look *l, const struct law_cond *c)
{
	struct law_proof p, q;

	if (c->who == LAW_WHO_REQUESTED)
		return fact_proof(l, c, l->requested);
	if (c->who == LAW_WHO_REQUESTING)
		return fact_proof(l, c, l->requesting);
	p = fact_proof(l, c, l->requesting);
	q = fact_proof(l, c, l->requested);
	/* A treaty between two is one thing: what one side has recorded of it will do. */
	if (c->who == LAW_WHO_EITHER && c->about_open && p.gaps_n != q.gaps_n)
		return p.gaps_n == 0 ? p : q;
	proof_combine(&p, &q, c->who == LAW_WHO_BOTH ? LAW_NO : LAW_YES);
	return p;
}

static struct law_proof
if_measure(struct law_look *l, const struct law_cond *c)
{
	return proof_of_question(true, (c->bits & l->measure) != 0, c);
}

static struct law_proof
if_urgency(struct law_look *l, const struct law_cond *c)
{
	return proof_of_question(true, (c->bits & l->urgency) != 0, c);
}

static struct law_proof
if_custodian(struct law_look *l, const struct law_cond *c)
{
	return proof_of_question(l->custodian != 0, (c->bits & l->custodian) != 0, c);
}

static struct law_proof
if_data(struct law_look *l, const struct law_cond *c)
{
	return proof_of_question(l->data != 0, (c->bits & l->data) != 0, c);
}

static struct law_proof
if_offence(struct law_look *l, const struct law_cond *c)
{
	return proof_of_question(l->conduct != 0, (c->bits & l->conduct) != 0, c);
}

static struct law_proof
if_conduct(struct law_look *l, const struct law_cond *c)
{
	bool other = (l->conduct & ~LAW_OFFENCES_CORE) != 0;

	return proof_of_question(l->conduct != 0,
		c->conduct == LAW_CONDUCT_ANY || other == (c->conduct == LAW_CONDUCT_OTHER), c);
}

static struct law_proof
if_dual(struct law_look *l, const struct law_cond *c)
{
	struct law_proof p = l->dual;

	if (p.truth == LAW_UNKNOWN)
		p.gaps[p.gaps_n++] = (struct law_gap_at){ c, NULL };
	else if (!c->yes)
		p.truth = law_not(p.truth);
	return p;
}

static struct law_proof
if_penalty(struct law_look *l, const struct law_cond *c)
{
	return proof_of_question(l->q->max_months >= 0, l->q->max_months >= c->months, c);
}

/* While no form is being filled nothing is missing, and nothing is given. */
static struct law_proof
if_missing(struct law_look *l, const struct law_cond *c)
{
	return proof_of_question(
		true, l->q->fields != NULL && json_object_get(l->q->fields, c->field) == NULL, c);
}

static struct law_proof
if_given(struct law_look *l, const struct law_cond *c)
{
	const json_t *v = json_object_get(l->q->fields, c->field);

	if (c->any_value)
		return proof_of_question(true, v != NULL, c);
	if (c->is_n > 0)
		return proof_of_question(
			true, word_in(c, json_string_value(v)) || list_in(c, v), c);
	return proof_of_question(true, c->yes ? json_is_true(v) : json_is_false(v), c);
}

static struct law_proof cond_proof(struct law_look *l, const struct law_cond *c);

static struct law_proof
if_not(struct law_look *l, const struct law_cond *c)
{
	struct law_proof p = cond_proof(l, &c->sub[0]);

	p.truth = law_not(p.truth);
	return p;
}

static struct law_proof
if_any(struct law_look *l, const struct law_cond *c)
{
	struct law_proof p = cond_proof(l, &c->sub[0]);

	for (size_t i = 1; i < c->sub_n; i++) {
		struct law_proof q = cond_proof(l, &c->sub[i]);

		proof_combine(&p, &q, LAW_YES);
	}
	return p;
}

/* What nobody recorded counts as not so. */
static struct law_proof
if_sure(struct law_look *l, const struct law_cond *c)
{
	struct law_proof p = cond_proof(l, &c->sub[0]);

	if (p.truth == LAW_UNKNOWN)
		p = (struct law_proof){ .truth = LAW_NO, .certainty = LAW_VERIFIED };
	return p;
}

static struct law_proof (*const kinds[LAW_IF_N])(struct law_look *, const struct law_cond *) = {
	[LAW_IF_MEASURE] = if_measure,
	[LAW_IF_URGENCY] = if_urgency,
	[LAW_IF_CUSTODIAN] = if_custodian,
	[LAW_IF_DATA] = if_data,
	[LAW_IF_OFFENCE] = if_offence,
	[LAW_IF_CONDUCT] = if_conduct,
	[LAW_IF_FACT] = if_fact,
	[LAW_IF_DUAL] = if_dual,
	[LAW_IF_PENALTY] = if_penalty,
	[LAW_IF_MISSING] = if_missing,
	[LAW_IF_GIVEN] = if_given,
	[LAW_IF_NOT] = if_not,
	[LAW_IF_ANY] = if_any,
	[LAW_IF_SURE] = if_sure,
};

static struct law_proof
cond_proof(struct law_look *l, const struct law_cond *c)
{
	return kinds[c->kind](l, c);
}

struct law_proof
law_look_all(struct law_look *l, const struct law_cond *conds, size_t n)
{
	struct law_proof p = { .truth = LAW_YES, .certainty = LAW_VERIFIED };

	for (size_t i = 0; i < n; i++) {
		struct law_proof q = cond_proof(l, &conds[i]);

		law_proof_and(&p, &q);
		if (p.truth == LAW_NO && p.certainty == LAW_VERIFIED)
			break; /* nothing can be surer */
	}
	return p;
}
