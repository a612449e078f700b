/* Words of a person as an expression, and places in a list: nothing of the outside reaches the
 * index as more than words. */
#include "exchange/pick.h"
#include "exchange/search.h"
#include "test.h"

static struct co_err err;
static char said[4096];
static bool whole;

/* "pre" -> preserve, preservation; "many" -> without end; everything else is unknown. */
static bool
terms(void *arg, const char *beginning, size_t i, char out[LIMIT_NAME + 1])
{
	static const char *const pre[] = { "preservation", "preserve" };

	(void)arg;
	if (strcmp(beginning, "many") == 0) {
		(void)snprintf(out, LIMIT_NAME + 1, "many%zu", i);
		return true;
	}
	if (strcmp(beginning, "pre") != 0 || i > 1)
		return false;
	(void)snprintf(out, LIMIT_NAME + 1, "%s", pre[i]);
	return true;
}

static const char *
expression(const char *words, search_terms *known)
{
	co_auto_buf out;

	co_buf_init(&out, sizeof(said));
	assert_ok(search_expression(&out, words, known, NULL, &whole, &err));
	(void)snprintf(said, sizeof(said), "%s", out.len == 0 ? "" : out.data);
	return said;
}

static void
beginnings_become_words(void **state)
{
	(void)state;
	assert_string_equal(
		expression("Pre", terms), "(\"preservation\" OR \"preserve\") ");
	assert_string_equal(expression("CCU-pre", terms),
		"(\"CCU-preservation\" OR \"CCU-preserve\") ");
	assert_string_equal(expression("zzz", terms), "\"zzz\" ");
	assert_false(whole);
	assert_string_equal(expression("many", terms), "\"many\" ");
	assert_true(whole);
	assert_string_equal(expression("pre", NULL), "\"pre\"* ");
}

static void
short_words_and_letters_alone_are_whole(void **state)
{
	(void)state;
	assert_string_equal(expression("al", terms), "\"al\" ");
	assert_string_equal(expression("203.0.113.7", terms), "\"203.0.113.7\" ");
	assert_string_equal(expression("203.0.113.", terms), "\"203.0.113.\" ");
	assert_string_equal(expression("al pre", terms),
		"\"al\" AND (\"preservation\" OR \"preserve\") ");
	assert_null(strchr(expression("東京", NULL), '*'));
	assert_non_null(strchr(expression("прив", NULL), '*'));
}

static void
nothing_but_words_reaches_the_index(void **state)
{
	(void)state;
	assert_string_equal(expression("a\" OR \"b", terms), "\"a\" AND \"OR\" AND \"b\" ");
	assert_string_equal(expression("NEAR(x y)", terms), "\"NEAR(x\" AND \"y)\" ");
	assert_string_equal(expression("\" ** - ", terms), "");
}

static void
a_place_is_a_key_and_an_id(void **state)
{
	static const char *const bad[] = { "", "x", "1", "-1.", "1.x", ".",
		"1790000000000000.rubbish",
		"9223372036854775807.", "99999999999999999999999.", " 1.", "1.01936b2e" };
	int64_t key;
	const char *id;

	(void)state;
	assert_ok(pick_cursor(NULL, false, &key, &id, &err));
	assert_true(key == 0 && *id == '\0');
	assert_ok(pick_cursor(NULL, true, &key, &id, &err));
	assert_true(key == INT64_MAX);
	assert_ok(pick_cursor("17.", false, &key, &id, &err));
	assert_true(key == 17 && *id == '\0');
	assert_ok(pick_cursor("17.01936b2e-1111-7000-8000-000000000001", true, &key, &id, &err));
	assert_string_equal(id, "01936b2e-1111-7000-8000-000000000001");
	for (size_t i = 0; i < CO_ARRAY_LEN(bad); i++) {
		key = 5;
		if (pick_cursor(bad[i], true, &key, &id, &err) != CO_EUSAGE)
			fail_msg("\"%s\" was taken", bad[i]);
		assert_true(key == 5);
		co_err_clear(&err);
	}
}

static void
sets_find_what_is_in_them(void **state)
{
	idset_auto s = { .ids = NULL };
	char id[CO_UUID_LEN + 1];

	(void)state;
	assert_false(idset_has(&s, "x"));
	for (unsigned i = 0; i < 500; i++) {
		(void)snprintf(id, sizeof(id), "%08x-0000-7000-8000-000000000000",
			(i * 7919) % 500);
		assert_ok(idset_add(&s, id, &err));
	}
	idset_sort(&s);
	assert_true(idset_has(&s, "000001f3-0000-7000-8000-000000000000"));
	assert_false(idset_has(&s, "000001f4-0000-7000-8000-000000000000"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(beginnings_become_words),
		cmocka_unit_test(short_words_and_letters_alone_are_whole),
		cmocka_unit_test(nothing_but_words_reaches_the_index),
		cmocka_unit_test(a_place_is_a_key_and_an_id),
		cmocka_unit_test(sets_find_what_is_in_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
