#include "scenario.h"

#include <string.h>

static bool
same(const char *want, const char *got)
{
	return want == NULL || (got != NULL && strcmp(want, got) == 0);
}

static bool
fits(const struct sc_expect *e, const struct law_finding *f)
{
	return (strcmp(e->word, f->id) == 0 || (f->article != NULL && same(e->word, f->article))) &&
		same(e->instrument, f->instrument) && same(e->effect, law_effect_name(f->effect)) &&
		same(e->holds, law_truth_name(f->holds)) &&
		same(e->certainty, law_certainty_name(f->certainty)) &&
		(e->saying == NULL || strstr(f->text, e->saying) != NULL);
}

static bool
judge_finding(const struct sc_expect *e, const struct law_answer *a, char *why, size_t cap)
{
	bool found = false;
	size_t n, k = 0;
	const struct law_finding *f = law_answer_findings(a, &n);

	for (size_t i = 0; i < n && !found; i++)
		found = fits(e, &f[i]);
	if (found == (e->want == SC_TELLS))
		return true;
	for (size_t i = 0; i < n && k < cap; i++) {
		int c = snprintf(why + k, cap - k, "\n    %s %s %s %s (%s, %s): %s",
			law_effect_name(f[i].effect), f[i].id,
			f[i].instrument != NULL ? f[i].instrument : "-",
			f[i].article != NULL ? f[i].article : "-", law_truth_name(f[i].holds),
			law_certainty_name(f[i].certainty), f[i].text);

		k += c > 0 ? (size_t)c : 0;
	}
	return false;
}

static bool
judge_verdict(const struct sc_expect *e, const struct law_answer *a, char *why, size_t cap)
{
	const char *got = law_verdict_name(law_answer_verdict(a));
	size_t n;
	const struct law_finding *f = law_answer_findings(a, &n);

	(void)snprintf(why, cap, "%s; first finding: %s", got, n > 0 ? f[0].text : "none");
	return strcmp(e->word, got) == 0;
}

static bool
judge_basis(const struct sc_expect *e, const struct law_answer *a, char *why, size_t cap)
{
	size_t n;
	const struct law_basis *b = law_answer_bases(a, &n);

	(void)snprintf(why, cap, "no such basis");
	for (size_t i = 0; i < n; i++) {
		if (strcmp(b[i].instrument->code, e->instrument) != 0)
			continue;
		(void)snprintf(why, cap, "%s (%s): %s", law_truth_name(b[i].usable),
			law_certainty_name(b[i].certainty), b[i].why);
		return strcmp(e->word, law_truth_name(b[i].usable)) == 0 &&
			same(e->certainty, law_certainty_name(b[i].certainty)) &&
			(e->saying == NULL || strstr(b[i].why, e->saying) != NULL);
	}
	return false;
}

static bool
judge_chosen(const struct sc_expect *e, const struct law_answer *a, char *why, size_t cap)
{
	const struct law_basis *b = law_answer_basis(a);
	const char *got = b == NULL ? "none" : b->instrument->code;

	(void)snprintf(why, cap, "%s", got);
	return strcmp(e->word, got) == 0;
}

static bool
judge_dual(const struct sc_expect *e, const struct law_answer *a, char *why, size_t cap)
{
	static const char *const names[] = {
		[LAW_NO] = "not-met",
		[LAW_UNKNOWN] = "unknown",
		[LAW_YES] = "met",
	};
	const char *got = names[law_answer_dual(a)];

	(void)snprintf(why, cap, "%s", got);
	return strcmp(e->word, got) == 0;
}

static bool
judge_period(const struct sc_expect *e, const struct law_answer *a, char *why, size_t cap)
{
	size_t n, k = 0;
	const struct law_period *p = law_answer_periods(a, &n);

	(void)snprintf(why, cap, "no period");
	for (size_t i = 0; i < n; i++) {
		const int64_t days[] = { p[i].first_days, p[i].extension_days, p[i].total_days,
			p[i].least_days };
		const char *whose = p[i].economy != NULL ? p[i].economy : p[i].instrument;
		bool fit = same(e->word, whose);

		for (size_t d = 0; d < CO_ARRAY_LEN(days); d++)
			fit = fit && (e->days[d] < 0 || e->days[d] == days[d]);
		if (fit)
			return true;
		if (k < cap) {
			int c = snprintf(why + k, cap - k, "%s %lld+%lld total %lld least %lld; ",
				whose, (long long)days[0], (long long)days[1], (long long)days[2],
				(long long)days[3]);

			k += c > 0 ? (size_t)c : 0;
		}
	}
	return false;
}

static bool
judge_most(const struct sc_expect *e, const struct law_answer *a, char *why, size_t cap)
{
	size_t n;

	(void)law_answer_findings(a, &n);
	(void)snprintf(why, cap, "%zu", n);
	return n <= (size_t)e->number;
}

static bool
judge_refused(const struct sc_expect *e, const struct law_answer *a, char *why, size_t cap)
{
	(void)e;
	(void)a;
	(void)snprintf(why, cap, "the question was answered");
	return false;
}

static bool (*const judges[])(
	const struct sc_expect *e, const struct law_answer *a, char *why, size_t cap) = {
	[SC_TELLS] = judge_finding,
	[SC_SILENT] = judge_finding,
	[SC_VERDICT] = judge_verdict,
	[SC_BASIS] = judge_basis,
	[SC_CHOSEN] = judge_chosen,
	[SC_DUAL] = judge_dual,
	[SC_PERIOD] = judge_period,
	[SC_MOST] = judge_most,
	[SC_REFUSED] = judge_refused,
};

bool
expect_met(const struct sc_expect *e, const struct law_answer *a, const char *refusal, char *why,
	size_t cap)
{
	if (a != NULL)
		return judges[e->want](e, a, why, cap);
	(void)snprintf(why, cap, "the question was refused: %s", refusal);
	return e->want == SC_REFUSED && (e->saying == NULL || strstr(refusal, e->saying) != NULL);
}
