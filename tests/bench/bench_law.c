/* The law room alone: how long the built-in data take to load, one assessment with every economy
 * loaded, the answer as JSON, and the gap matrix of all economies. Prints one JSON line. */
#include "base/clock.h"
#include "law/assess.h"
#include "law/gap.h"

enum { LAW_CHECKS = 10000, LAW_LOADS = 20, LAW_GAPS_MADE = 200 };

static const char *const measures[] = { "preserve", "path", "subscriber", "traffic", "content",
	"traffic-realtime", "intercept", "emergency", "advice", "legal-information", "locate" };
static const char *const conducts[] = { "illegal-access", "fraud", "child-abuse-material",
	"other" };
static const char *const urgencies[] = { "routine", "urgent", "emergency" };
static const char *const custodians[] = { "provider", NULL, "person" };

static void
law_die(const struct co_err *err)
{
	(void)fprintf(stderr, "bench_law: %s\n", err->msg);
	exit(1);
}

static struct law_book *
book_load(void)
{
	struct law_book *book = NULL;
	struct law_fault fault;
	struct co_err err = { 0 };
	size_t n, faults;
	const struct law_text *texts = law_built_in(&n);

	if (law_book_load(&book, texts, n, &fault, 1, &faults, &err) != CO_OK)
		law_die(&err);
	return book;
}

/* Every pair, measure and urgency comes by in turn; i says which. */
static struct law_question
question_of(const struct law_book *book, size_t i)
{
	size_t n = law_economy_count(book), from = i % n, to = (i / 7 + 1 + from) % n;

	if (to == from)
		to = (to + 1) % n;
	return (struct law_question){ .requesting = law_economy_at(book, from)->code,
		.requested = law_economy_at(book, to)->code,
		.at = 20780,
		.known = 20780,
		.measure = measures[i % CO_ARRAY_LEN(measures)],
		.urgency = urgencies[i % CO_ARRAY_LEN(urgencies)],
		.conduct = &conducts[i % CO_ARRAY_LEN(conducts)],
		.conduct_n = 1,
		.custodian = custodians[i % CO_ARRAY_LEN(custodians)],
		.max_months = 36 };
}

struct timing {
	double check_us, mean_us, worst_us, json_us;
	size_t findings;
};

static int
by_time(const void *p, const void *q)
{
	int64_t a = *(const int64_t *)p, b = *(const int64_t *)q;

	return (a > b) - (a < b);
}

static struct timing
checks_time(const struct law_book *book)
{
	static int64_t took[LAW_CHECKS];
	struct timing t = { 0 };
	struct co_err err = { 0 };
	int64_t sum = 0, json = 0, begin;

	for (size_t i = 0; i < LAW_CHECKS; i++) {
		struct law_question q = question_of(book, i);
		law_answer_auto *a = NULL;
		json_t *j = NULL;
		size_t n;
		char *text;

		begin = co_mono_us();
		if (law_assess(book, &q, &a, &err) != CO_OK)
			law_die(&err);
		took[i] = co_mono_us() - begin;
		sum += took[i];
		(void)law_answer_findings(a, &n);
		t.findings += n;
		begin = co_mono_us();
		if (law_answer_json(a, &j, &err) != CO_OK)
			law_die(&err);
		text = json_dumps(j, JSON_COMPACT);
		json += co_mono_us() - begin;
		free(text);
		json_decref(j);
	}
	qsort(took, LAW_CHECKS, sizeof(took[0]), by_time);
	t.check_us = (double)took[LAW_CHECKS / 2];
	t.mean_us = (double)sum / LAW_CHECKS;
	t.worst_us = (double)took[LAW_CHECKS * 99 / 100];
	t.json_us = (double)json / LAW_CHECKS;
	return t;
}

static double
gap_us(const struct law_book *book)
{
	struct co_err err = { 0 };
	int64_t begin = co_mono_us();

	for (int i = 0; i < LAW_GAPS_MADE; i++) {
		law_gap_auto *g = NULL;

		if (law_gap_make(book, "cets-185", NULL, 0, 20780, 20780, &g, &err) != CO_OK)
			law_die(&err);
	}
	return (double)(co_mono_us() - begin) / LAW_GAPS_MADE;
}

int
main(void)
{
	law_book_auto *book = NULL;
	struct timing t;
	int64_t begin = co_mono_us();
	double load_ms;

	for (int i = 0; i < LAW_LOADS; i++) {
		law_book_free(&book);
		book = book_load();
	}
	load_ms = (double)(co_mono_us() - begin) / 1000 / LAW_LOADS;
	(void)checks_time(book); /* warm */
	t = checks_time(book);
	(void)printf("{\"economies\": %zu, \"facts\": %zu, \"load_ms\": %.2f, \"check_us\": %.0f, "
		     "\"check_mean_us\": %.1f, \"check_p99_us\": %.0f, \"findings\": %.1f, "
		     "\"json_us\": %.1f, \"gap_us\": "
		     "%.1f}\n",
		law_economy_count(book), law_fact_count(book), load_ms, t.check_us, t.mean_us,
		t.worst_us, (double)t.findings / LAW_CHECKS, t.json_us, gap_us(book));
	return 0;
}
