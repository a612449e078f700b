#include "law_texts.h"

/* ---- days and truth ---- */

static law_day
day(const char *s)
{
	law_day d = 0;

	assert_ok(law_day_parse(s, &d, &err));
	return d;
}

static void
entry_into_force_as_in_arts_36_and_37(void **state)
{
	/* consent, entry: as the depositary recorded them */
	static const char *const rows[][2] = {
		{ "2012-07-03", "2012-11-01" }, /* Japan */
		{ "2024-07-29", "2024-11-01" }, /* Côte d'Ivoire */
		{ "2024-06-20", "2024-10-01" }, /* Benin */
		{ "2025-08-28", "2025-12-01" }, /* New Zealand */
		{ "2012-06-13", "2012-10-01" }, /* Austria */
		{ "2013-08-22", "2013-12-01" }, /* Czechia */
		{ "2016-11-16", "2017-03-01" }, /* Andorra */
		{ "2006-11-16", "2007-03-01" }, /* Netherlands */
		{ "2024-08-31", "2024-12-01" }, /* a day that November does not have */
		{ "2024-09-01", "2025-01-01" },
	};

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		char got[16];

		law_day_print(law_entry_into_force(day(rows[i][0])), got);
		assert_string_equal(got, rows[i][1]);
	}
	assert_int_equal(law_entry_into_force(LAW_DAY_START), LAW_DAY_START);
	assert_int_equal(law_entry_into_force(LAW_DAY_OPEN), LAW_DAY_OPEN);
}

static void
only_days_that_exist_are_taken(void **state)
{
	static const char *const bad[] = { "2023-02-30", "2023-02-29", "1900-02-29", "2023-13-01",
		"2023-00-10", "2023-04-31", "2023-01-00", "2023-1-01", "2023-01-1", "20230101",
		"2023-01-01T00:00:00Z", " 2023-01-01", "", "+023-01-01", "0000-01-01" };
	law_day d = 7;
	char text[16];

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(bad); i++) {
		assert_rc(law_day_parse(bad[i], &d, &err), CO_EMALFORMED);
		assert_int_equal(d, 7);
	}
	assert_int_equal(day("1970-01-01"), 0);
	assert_int_equal(day("2000-02-29"), 11016);
	law_day_print(day("2024-02-29"), text);
	assert_string_equal(text, "2024-02-29");
	law_day_print(LAW_DAY_OPEN, text);
	assert_string_equal(text, "");
	assert_int_equal(law_day_of_us(-1), -1);
	assert_int_equal(law_day_of_us(INT64_C(86400000000)), 1);
}

static void
truth_has_three_values_after_kleene(void **state)
{
	static const enum law_truth and[3][3] = {
		{ LAW_NO, LAW_NO, LAW_NO },
		{ LAW_NO, LAW_UNKNOWN, LAW_UNKNOWN },
		{ LAW_NO, LAW_UNKNOWN, LAW_YES },
	};
	static const enum law_truth or [3][3] = {
		{ LAW_NO, LAW_UNKNOWN, LAW_YES },
		{ LAW_UNKNOWN, LAW_UNKNOWN, LAW_YES },
		{ LAW_YES, LAW_YES, LAW_YES },
	};

	(void)state;
	for (unsigned a = LAW_NO; a <= LAW_YES; a++)
		for (unsigned b = LAW_NO; b <= LAW_YES; b++) {
			assert_int_equal(law_and((enum law_truth)a, (enum law_truth)b), and[a][b]);
			assert_int_equal(law_or((enum law_truth)a, (enum law_truth)b), or [a][b]);
		}
	assert_int_equal(law_not(LAW_NO), LAW_YES);
	assert_int_equal(law_not(LAW_UNKNOWN), LAW_UNKNOWN);
	assert_int_equal(law_not(LAW_YES), LAW_NO);
}

/* ---- books ---- */

static void
what_was_true_then_as_known_then(void **state)
{
	/* Reservation made on entry; its withdrawal became known when it was made. */
	static const char text[] =
		"{\"economy\": \"CZ\", \"name\": \"Czechia\", \"facts\": [\n" FACT("CZ.1",
			MADE
			", \"from\": \"2013-12-01\"") ",\n"
						      "{\"id\": \"CZ.2\", \"source\": \"CZER\", "
						      "\"certainty\": \"secondary\", " MADE
						      ", \"from\": \"2013-12-01\", \"to\": "
						      "\"2019-07-05\", \"supersedes\": \"CZ.1\"},\n"
						      "{\"id\": \"CZ.3\", \"source\": \"CZER\", "
						      "\"certainty\": \"secondary\", \"about\": "
						      "\"reservation/cets-185/29(4)\", \"value\": "
						      "\"none\", \"from\": "
						      "\"2019-07-05\"}]}";
	static const char *const rows[][3] = {
		/* at, known, id */
		{ "2013-11-30", "2026-01-01", NULL },
		{ "2013-12-01", "2013-12-01", "CZ.1" },
		{ "2013-12-01", "2013-11-30", NULL },
		{ "2019-07-04", "2019-07-04", "CZ.1" },
		{ "2019-07-05", "2019-07-04", "CZ.1" },
		{ "2019-07-04", "2019-07-05", "CZ.2" },
		{ "2019-07-05", "2019-07-05", "CZ.3" },
		{ "2013-12-01", "2026-01-01", "CZ.2" },
		{ "2026-01-01", "2026-01-01", "CZ.3" },
		{ "2026-01-01", "2018-01-01", "CZ.1" },
	};
	struct texts t = texts_of("cz.json", text);
	struct law_book *b = book_of(&t);

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		const struct law_fact *f = law_fact_find(
			b, "CZ", "reservation/cets-185/29(4)", day(rows[i][0]), day(rows[i][1]));

		if (rows[i][2] == NULL)
			assert_null(f);
		else
			assert_string_equal(f != NULL ? f->id : "(none)", rows[i][2]);
	}
	assert_null(law_fact_find(b, "AT", "reservation/cets-185/29(4)", 20000, 20000));
	assert_null(law_fact_find(b, "CZ", "reservation/cets-185/22(2)", 20000, 20000));
	law_book_free(&b);
}

/* A correction that came with the same text leaves no day on which the first counted. */
static void
a_fact_corrected_from_the_start_never_counts(void **state)
{
	char text[1024];
	struct texts t;
	struct law_book *b;

	(void)state;
	economy_text(text, sizeof(text),
		FACT("CZ.1", MADE) ",\n" FACT("CZ.2",
			"\"about\": \"reservation/cets-185/29(4)\", \"value\": \"none\", "
			"\"supersedes\": "
			"\"CZ.1\""));
	t = texts_of("cz.json", text);
	b = book_of(&t);
	assert_string_equal(
		law_fact_find(b, "CZ", "reservation/cets-185/29(4)", 0, day("2013-12-01"))->id,
		"CZ.2");
	assert_ptr_equal(law_economy_find(b, "CZ")->facts[1]->supersedes,
		law_economy_find(b, "CZ")->facts[0]);
	law_book_free(&b);
}

static void
a_profile_goes_before_on_its_days_once_known(void **state)
{
	static const char profile[] =
		"{\"profile\": \"CZ\", \"name\": \"Czechia\",\n"
		" \"sources\": [{\"key\": \"CZ.GAZETTE\", \"title\": \"G\", \"as_of\": "
		"\"2024-05-01\"}],\n"
		" \"facts\": [{\"id\": \"CZ.own-1\", \"about\": \"reservation/cets-185/29(4)\", "
		"\"value\": \"none\", \"from\": \"2019-07-05\", \"source\": \"CZ.GAZETTE\", "
		"\"certainty\": \"verified\"}]}";
	static const char *const rows[][3] = {
		{ "2018-01-01", "2026-01-01", "CZ.1" }, /* before its days */
		{ "2020-01-01", "2024-04-30", "CZ.1" }, /* not yet known */
		{ "2020-01-01", "2024-05-01", "CZ.own-1" },
	};
	char text[1024];
	struct texts t;
	struct law_book *b;

	(void)state;
	economy_text(text, sizeof(text), FACT("CZ.1", MADE));
	t = texts_of("cz.json", text);
	t.list[t.n++] = (struct law_text){ "profile", profile, strlen(profile) };
	b = book_of(&t);
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++)
		assert_string_equal(law_fact_find(b, "CZ", "reservation/cets-185/29(4)",
					    day(rows[i][0]), day(rows[i][1]))
					    ->id,
			rows[i][2]);
	assert_int_equal(law_economy_count(b), 1);
	assert_int_equal(law_economy_find(b, "CZ")->facts_n, 2);
	law_book_free(&b);
	t.list[t.n] = t.list[t.n - 1];
	t.n++;
	assert_rc(law_book_load(&b, t.list, t.n, NULL, 0, NULL, &err), CO_EMALFORMED);
	assert_null(b);
}

/* sha256sum of the fact with sorted members, without blanks */
static void
a_fact_is_cited_by_its_digest(void **state)
{
	static const char hex[] =
		"3c6445cf0ba7392f65da94a49713846d338bbc76b3b4392bec3bed35bac89882";
	char text[1024];
	struct texts t;
	struct law_book *b;

	(void)state;
	economy_text(text, sizeof(text), FACT("CZ.1", MADE));
	t = texts_of("cz.json", text);
	b = book_of(&t);
	assert_string_equal(law_economy_find(b, "CZ")->facts[0]->sha256, hex);
	assert_ptr_equal(law_fact_by_sha256(b, hex), law_economy_find(b, "CZ")->facts[0]);
	assert_null(law_fact_by_sha256(b, "00"));
	law_book_free(&b);
}

static void
rules_are_compiled(void **state)
{
	static const char text[] = OTHER(
		"\"articles\": [" ARTICLE
		"], \"measures\": \"*\", \"rules\": [{\"id\": \"a\", " RULE_HEAD
		"\"text\": \"{requesting} asks {requested}\", \"when\": [{\"measure\": "
		"[\"preserve\", \"path\"]}, {\"conduct\": \"other\"}, {\"requested\": {\"about\": "
		"\"treaty/{other}\", \"is\": [\"mla\"]}}, {\"not\": {\"dual\": \"met\"}}, "
		"{\"any\": [{\"given\": \"confidential\", \"is\": true}, {\"missing\": "
		"\"necessity\"}, {\"penalty_at_least\": 48}]}]}]");
	struct texts t = texts_of("test.json", text);
	struct law_book *b = book_of(&t);
	const struct law_instrument *in = law_instrument_find(b, "test-1");
	const struct law_rule *r = in->rules;

	(void)state;
	assert_string_equal(law_instrument_at(b, 0)->code, "cets-185");
	assert_string_equal(law_instrument_at(b, 1)->code, "test-1");
	assert_true(in->from == LAW_DAY_OPEN && in->use->measures == UINT64_MAX);
	assert_int_equal(in->rules_n, 1);
	assert_int_equal(r->when_n, 5);
	assert_int_equal(r->side, LAW_BOTH);
	assert_true(r->when[0].bits ==
		(law_word_bit(LAW_MEASURES, "preserve") | law_word_bit(LAW_MEASURES, "path")));
	assert_int_equal(r->when[1].conduct, LAW_CONDUCT_OTHER);
	assert_true(r->when[2].about_open && r->when[2].who == LAW_WHO_REQUESTED);
	assert_true(r->when[3].kind == LAW_IF_NOT && r->when[3].sub[0].yes);
	assert_true(r->when[4].sub_n == 3 && r->when[4].sub[0].yes && !r->when[4].sub[0].any_value);
	assert_int_equal(r->when[4].sub[2].months, 48);
	assert_string_equal(law_article_find(in, "29(3)")->article, "29");
	assert_null(law_article_find(in, "2"));
	assert_true(law_word_bit(LAW_OFFENCES, "attempt-aiding") ==
		(LAW_OFFENCES_CORE & ~(LAW_OFFENCES_CORE >> 1)));
	law_book_free(&b);
}

/* ---- memory that gives out ---- */

static size_t left;

static void *
scarce(size_t n)
{
	if (left == 0)
		return NULL;
	left--;
	return malloc(n);
}

static void
nothing_is_half_loaded_when_memory_gives_out(void **state)
{
	char text[1024];
	struct texts t;
	struct law_book *b = NULL;
	size_t tries = 0;
	enum co_rc rc;

	(void)state;
	economy_text(text, sizeof(text), FACT("CZ.1", MADE));
	t = texts_of("cz.json", text);
	json_set_alloc_funcs(scarce, free);
	do {
		left = tries++;
		co_err_clear(&err);
		rc = law_book_load(&b, t.list, t.n, NULL, 0, NULL, &err);
		/* jansson takes some of its own failures for faults of the text. */
		if (rc != CO_OK && ((rc != CO_ENOMEM && rc != CO_EMALFORMED) || b != NULL))
			break;
	} while (rc != CO_OK && tries < 10000);
	json_set_alloc_funcs(malloc, free);
	assert_ok(rc);
	assert_true(tries > 50);
	law_book_free(&b);
}

/* ---- the data of the program ---- */

static struct law_book *
built_in(void)
{
	struct law_book *b = NULL;
	size_t n;
	const struct law_text *texts = law_built_in(&n);

	co_err_clear(&err);
	assert_ok(law_book_load(&b, texts, n, NULL, 0, NULL, &err));
	return b;
}

static void
the_built_in_data_have_no_fault(void **state)
{
	struct law_book *b = built_in();
	const struct law_instrument *in = law_instrument_find(b, "cets-185");

	(void)state;
	assert_non_null(in);
	assert_int_equal(in->from, day("2004-07-01"));
	assert_int_equal(in->use->reservations_n, 9); /* art. 42 is a closed list */
	assert_int_equal(in->use->declarations_n, 6); /* art. 40 */
	assert_true(in->rules_n > 20);
	for (size_t i = 1; i < law_economy_count(b); i++)
		assert_true(strcmp(law_economy_at(b, i - 1)->code, law_economy_at(b, i)->code) < 0);
	law_book_free(&b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(entry_into_force_as_in_arts_36_and_37),
		cmocka_unit_test(only_days_that_exist_are_taken),
		cmocka_unit_test(truth_has_three_values_after_kleene),
		cmocka_unit_test(what_was_true_then_as_known_then),
		cmocka_unit_test(a_fact_corrected_from_the_start_never_counts),
		cmocka_unit_test(a_profile_goes_before_on_its_days_once_known),
		cmocka_unit_test(a_fact_is_cited_by_its_digest),
		cmocka_unit_test(rules_are_compiled),
		cmocka_unit_test(nothing_is_half_loaded_when_memory_gives_out),
		cmocka_unit_test(the_built_in_data_have_no_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
