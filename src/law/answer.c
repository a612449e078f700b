#include "law/look.h"

enum { FINDINGS_STEP = 64, USED_STEP = 128 };

static const char *const verdicts[] = {
	[LAW_CAN] = "can",
	[LAW_CANNOT] = "cannot",
	[LAW_NOT_KNOWN] = "unknown",
};
static const char *const truths[] = {
	[LAW_NO] = "no",
	[LAW_UNKNOWN] = "unknown",
	[LAW_YES] = "yes",
};

const char *
law_verdict_name(enum law_verdict v)
{
	return verdicts[v];
}

const char *
law_truth_name(enum law_truth t)
{
	return truths[t];
}

void
law_answer_free(struct law_answer **a)
{
	if (*a == NULL)
		return;
	json_decref((*a)->question);
	free((*a)->bases);
	free((*a)->findings);
	free((*a)->used);
	free(*a);
	*a = NULL;
}

struct law_finding *
law_find(struct law_look *l, const char *id)
{
	struct law_answer *a = l->a;
	struct law_finding *f;

	if (a->findings_n == LIMIT_LAW_FINDINGS) {
		l->failed = CO_ETOOBIG;
		return NULL;
	}
	if (a->findings_n == a->findings_cap) {
		size_t cap = a->findings_cap + FINDINGS_STEP;
		struct law_finding *grown = reallocarray(a->findings, cap, sizeof(*grown));

		if (grown == NULL) {
			l->failed = CO_ENOMEM;
			return NULL;
		}
		a->findings = grown;
		a->findings_cap = cap;
	}
	f = &a->findings[a->findings_n++];
	memset(f, 0, offsetof(struct law_finding, text) + 1);
	f->facts_n = 0;
	f->id = id;
	f->effect = LAW_INFORMS;
	f->holds = LAW_YES;
	f->certainty = LAW_VERIFIED;
	return f;
}

void
law_finding_cite(struct law_finding *f, const struct law_fact *fact)
{
	if (f->facts_n < LAW_FINDING_FACTS)
		f->facts[f->facts_n++] = fact;
	if (fact->certainty < f->certainty)
		f->certainty = fact->certainty;
}

void
law_answer_use(struct law_look *l, const struct law_fact *f)
{
	struct law_answer *a = l->a;

	for (size_t i = 0; i < a->used_n; i++)
		if (a->used[i] == f)
			return;
	if (a->used_n == a->used_cap) {
		size_t cap = a->used_cap + USED_STEP;
		const struct law_fact **grown = reallocarray(a->used, cap, sizeof(*grown));

		if (grown == NULL) {
			l->failed = CO_ENOMEM;
			return;
		}
		a->used = grown;
		a->used_cap = cap;
	}
	a->used[a->used_n++] = f;
}

/* The basis first in its topic; sure before unknown; 29-3 before 29-10. */
static int
finding_order(const void *p, const void *q)
{
	const struct law_finding *a = p, *b = q;
	int by[] = { (int)a->effect - (int)b->effect, (int)a->topic - (int)b->topic,
		(strcmp(b->id, "basis") == 0) - (strcmp(a->id, "basis") == 0),
		(int)b->holds - (int)a->holds, strverscmp(a->id, b->id) };

	for (size_t i = 0; i < CO_ARRAY_LEN(by); i++)
		if (by[i] != 0)
			return by[i];
	return strcmp(a->instrument != NULL ? a->instrument : "",
		b->instrument != NULL ? b->instrument : "");
}

void
law_answer_sort(struct law_answer *a)
{
	if (a->findings_n > 1)
		qsort(a->findings, a->findings_n, sizeof(a->findings[0]), finding_order);
}

enum law_verdict
law_answer_verdict(const struct law_answer *a)
{
	return a->verdict;
}

const struct law_finding *
law_answer_findings(const struct law_answer *a, size_t *n)
{
	*n = a->findings_n;
	return a->findings;
}

const struct law_basis *
law_answer_bases(const struct law_answer *a, size_t *n)
{
	*n = a->bases_n;
	return a->bases;
}

const struct law_basis *
law_answer_basis(const struct law_answer *a)
{
	return a->chosen;
}

const struct law_period *
law_answer_periods(const struct law_answer *a, size_t *n)
{
	*n = a->periods_n;
	return a->periods;
}

enum law_truth
law_answer_dual(const struct law_answer *a)
{
	return a->dual;
}
