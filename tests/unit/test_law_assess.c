#include "test.h"

#include "law/assess.h"
#include "scenario.h"

static struct co_err err;
static struct law_book *book;

static int
book_setup(void **state)
{
	struct law_fault fault;
	size_t n, faults;
	const struct law_text *texts = law_built_in(&n);

	(void)state;
	return law_book_load(&book, texts, n, &fault, 1, &faults, &err) == CO_OK ? 0 : -1;
}

static int
book_teardown(void **state)
{
	(void)state;
	law_book_free(&book);
	return 0;
}

static struct law_question
question(const char *requesting, const char *requested, const char *measure)
{
	return (struct law_question){ .requesting = requesting,
		.requested = requested,
		.at = 20780,
		.known = 99999,
		.measure = measure,
		.max_months = -1 };
}

static char *
answer_text(const struct law_question *q)
{
	law_answer_auto *a = NULL;
	json_t *j = NULL;
	char *text;

	assert_ok(law_assess(book, q, &a, &err));
	assert_ok(law_answer_json(a, &j, &err));
	text = json_dumps(j, JSON_INDENT(1));
	assert_non_null(text);
	json_decref(j);
	return text;
}

static const char *const measures[] = { "preserve", "path", "subscriber", "content", "intercept",
	"emergency", "advice" };
static const char *const conduct[] = { "illegal-access", "other", "copyright" };

/* Every pair that a step of seven meets, each with a measure, urgency and conduct in turn. */
static void
each_question(void (*check)(const struct law_question *q))
{
	static const char *const urgencies[] = { "routine", "urgent", "emergency" };
	static const char *const held[] = { "provider", NULL };
	static const char *const off[] = { "un-cybercrime", "cets-224" };
	size_t n = law_economy_count(book), asked = 0;

	for (size_t i = 0; i < n * n; i += 7) {
		struct law_question q = question(law_economy_at(book, i / n)->code,
			law_economy_at(book, i % n)->code, measures[i % CO_ARRAY_LEN(measures)]);

		if (i / n == i % n)
			continue;
		q.measure = measures[asked % CO_ARRAY_LEN(measures)];
		q.urgency = urgencies[asked % CO_ARRAY_LEN(urgencies)];
		q.custodian = held[asked % CO_ARRAY_LEN(held)];
		q.conduct = conduct;
		q.conduct_n = asked % 4;
		q.switched_on = off;
		q.switched_on_n = asked % 5 == 0 ? 2 : 0;
		asked++;
		check(&q);
	}
	assert_true(asked > 1000);
}

static void
check_same_bytes(const struct law_question *q)
{
	char *one = answer_text(q), *two = answer_text(q);

	assert_string_equal(one, two);
	free(one);
	free(two);
}

static void
the_same_question_has_the_same_answer(void **state)
{
	(void)state;
	each_question(check_same_bytes);
}

static void
the_same_files_loaded_again_give_the_same_answer(void **state)
{
	struct law_question q = question("JP", "AT", "preserve");
	struct law_book *first = book;
	char *one = answer_text(&q), *two;

	assert_int_equal(book_setup(state), 0);
	two = answer_text(&q);
	assert_string_equal(one, two);
	free(one);
	free(two);
	law_book_free(&first);
}

static void
check_nothing_unsure_blocks(const struct law_question *q)
{
	law_answer_auto *a = NULL;
	const struct law_finding *f;
	size_t n;

	assert_ok(law_assess(book, q, &a, &err));
	f = law_answer_findings(a, &n);
	for (size_t i = 0; i < n; i++) {
		assert_true(f[i].effect >= LAW_WARNS ||
			(f[i].holds == LAW_YES && f[i].effect == LAW_REQUIRES) ||
			(f[i].holds == LAW_YES && f[i].certainty >= LAW_SECONDARY));
		assert_true(f[i].holds != LAW_NO);
		assert_true(f[i].holds != LAW_UNKNOWN || f[i].certainty <= LAW_UNVERIFIED);
		assert_true(f[i].text[0] != '\0');
		assert_null(strstr(f[i].text, "{re"));
		for (size_t k = 0; k < f[i].facts_n; k++)
			assert_true(f[i].holds == LAW_UNKNOWN ||
				f[i].facts[k]->certainty >= f[i].certainty);
		if (i > 0)
			assert_true(f[i - 1].effect <= f[i].effect);
	}
}

static void
nothing_unsure_or_unknown_ever_blocks(void **state)
{
	(void)state;
	each_question(check_nothing_unsure_blocks);
}

static void
check_verdict_fits(const struct law_question *q)
{
	law_answer_auto *a = NULL;
	const struct law_finding *f;
	const struct law_basis *b;
	enum law_verdict v;
	size_t n, blocks = 0;

	assert_ok(law_assess(book, q, &a, &err));
	f = law_answer_findings(a, &n);
	for (size_t i = 0; i < n; i++)
		blocks += f[i].effect == LAW_BLOCKS;
	v = law_answer_verdict(a);
	b = law_answer_basis(a);
	assert_true((v == LAW_CANNOT) == (blocks > 0));
	assert_true((v == LAW_CAN) == (blocks == 0 && b != NULL && b->usable == LAW_YES));
}

static void
the_verdict_follows_from_bases_and_findings(void **state)
{
	(void)state;
	each_question(check_verdict_fits);
}

static void
every_fact_used_is_cited_by_its_digest(void **state)
{
	struct law_question q = question("JP", "AT", "preserve");
	char *text = answer_text(&q);
	json_t *j = json_loads(text, 0, NULL), *facts = json_object_get(j, "facts");

	(void)state;
	assert_true(json_array_size(facts) > 3);
	for (size_t i = 0; i < json_array_size(facts); i++) {
		const json_t *o = json_array_get(facts, i);
		const struct law_fact *f =
			law_fact_by_sha256(book, json_string_value(json_object_get(o, "sha256")));

		assert_non_null(f);
		assert_string_equal(f->id, json_string_value(json_object_get(o, "id")));
	}
	json_decref(j);
	free(text);
}

static void
a_wrong_question_says_what_is_possible(void **state)
{
	static const char *const no_conduct[] = { "hacking" };
	struct law_question good = question("JP", "AT", "preserve"), q;
	law_answer_auto *a = NULL;

	(void)state;
	q = good;
	q.requested = "QQ";
	assert_int_equal(law_assess(book, &q, &a, &err), CO_EUSAGE);
	assert_non_null(strstr(err.msg, "AT AU"));
	co_err_clear(&err);
	q = good;
	q.requesting = NULL;
	assert_rc(law_assess(book, &q, &a, &err), CO_EUSAGE);
	q = good;
	q.measure = NULL;
	assert_rc(law_assess(book, &q, &a, &err), CO_EUSAGE);
	q = good;
	q.at = LAW_DAY_OPEN;
	assert_rc(law_assess(book, &q, &a, &err), CO_EUSAGE);
	q = good;
	q.known = LAW_DAY_OPEN;
	assert_rc(law_assess(book, &q, &a, &err), CO_EUSAGE);
	q = good;
	q.conduct = no_conduct;
	q.conduct_n = 1;
	assert_int_equal(law_assess(book, &q, &a, &err), CO_EUSAGE);
	assert_non_null(strstr(err.msg, "illegal-access, illegal-interception"));
	co_err_clear(&err);
	assert_null(a);
}

/* ---- the words of scenarios ---- */

static void
assert_scenario_fault(const char *text, const char *want)
{
	struct scenario *s = NULL;
	char why[256], *copy = strdup(text);
	size_t n;

	assert_non_null(copy);
	if (scenarios_read("x.txt", copy, &s, &n, why, sizeof(why)))
		fail_msg("taken: %s", text);
	if (strstr(why, want) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", why, want);
	free(copy);
}

#define GOOD "scenario: t\nrequest: JP asks AU to preserve, on 2026-11-23\n"

static void
an_unknown_word_fails_with_its_line(void **state)
{
	(void)state;
	assert_scenario_fault("", "no scenario");
	assert_scenario_fault("scenario: t\nexpect: verdict can\n", "x.txt:1: no request");
	assert_scenario_fault(GOOD, "x.txt:1: a scenario that expects nothing");
	assert_scenario_fault(GOOD "colour: red\n", "x.txt:3: unknown word \"colour\"");
	assert_scenario_fault(GOOD "expect: wonders\n", "x.txt:3: wanted an effect");
	assert_scenario_fault(GOOD "expect: verdict maybe\n", "x.txt:3: wanted: verdict can");
	assert_scenario_fault(GOOD "expect: informs 29(3) perhaps\n", "x.txt:3: wanted of");
	assert_scenario_fault(GOOD "expect: informs 29(3) saying \"open\n", "x.txt:3: ");
	assert_scenario_fault(GOOD "expect: period JP first many\n", "x.txt:3: wanted: period");
	assert_scenario_fault(GOOD "expect: at most few findings\n", "x.txt:3: wanted: at most");
	assert_scenario_fault(GOOD "known: yesterday\n", "x.txt:3: \"yesterday\" is no day");
	assert_scenario_fault(GOOD "penalty: 4 years\n", "x.txt:3: wanted: penalty");
	assert_scenario_fault(GOOD "fact: AT x\n", "x.txt:3: wanted: fact");
	assert_scenario_fault(GOOD "fact: AT x = {\"a\": 1} b\n", "x.txt:3: ");
	assert_scenario_fault(
		"scenario: t\nrequest: JP asks AU to preserve\n", "x.txt:2: on which");
	assert_scenario_fault("scenario: t\nrequest: JP wants AU\n", "x.txt:2: wanted: request");
	assert_scenario_fault("known: 2026-11-23\n", "x.txt:1: \"known:\" before the first");
	assert_scenario_fault(GOOD "expect verdict can\n", "x.txt:3: ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_question_has_the_same_answer),
		cmocka_unit_test(the_same_files_loaded_again_give_the_same_answer),
		cmocka_unit_test(nothing_unsure_or_unknown_ever_blocks),
		cmocka_unit_test(the_verdict_follows_from_bases_and_findings),
		cmocka_unit_test(every_fact_used_is_cited_by_its_digest),
		cmocka_unit_test(a_wrong_question_says_what_is_possible),
		cmocka_unit_test(an_unknown_word_fails_with_its_line),
	};

	return cmocka_run_group_tests(tests, book_setup, book_teardown);
}
