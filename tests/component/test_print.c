/* The real printer, through base/child.h, with its sandbox. */
#include "test.h"

#include "base/limits.h"
#include "evidence/report.h"
#include "exchange/paper_record.h"
#include "paper/print.h"

static struct co_err err;

static json_t *
paper_of(const char *text)
{
	struct paper_reader r = { .partner = "" };
	json_t *paper;

	paper_reader_language(&r, "en");
	paper = paper_begin(&r, "title", "foot", INT64_C(1795824000000000), false, false);
	paper_text(paper, PAPER_PLAIN, text);
	return paper;
}

static void
same_model_same_bytes(void **state)
{
	json_t *paper = paper_of("ไทย 日本語 العربية");
	co_auto_buf a;
	co_auto_buf b;
	paper_told_auto told = { .missing = NULL };

	(void)state;
	co_buf_init(&a, LIMIT_PAPER_PDF);
	co_buf_init(&b, LIMIT_PAPER_PDF);
	assert_ok(paper_pdf(paper, true, &a, &told, &err));
	assert_int_equal(told.pages, 1);
	assert_int_equal(json_array_size(told.missing), 0);
	assert_ok(paper_pdf(paper, true, &b, NULL, &err));
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.data, b.data, a.len);
	json_decref(paper);
}

static void
a_character_without_font_is_spelled_out_and_told(void **state)
{
	/* Private use: no font of Debian's has it. */
	json_t *paper =
		paper_of("A text long enough that one character is not most of it. \U000F1234");
	paper_told_auto told = { .missing = NULL };
	co_auto_buf b;

	(void)state;
	co_buf_init(&b, LIMIT_PAPER_PDF);
	assert_ok(paper_pdf(paper, true, &b, &told, &err));
	assert_int_equal(json_array_size(told.missing), 1);
	assert_string_equal(paper_member(json_array_get(told.missing, 0), "character"), "U+F1234");
	json_decref(paper);
}

static void
a_script_without_font_is_refused(void **state)
{
	char text[4 * 64 + 1];
	json_t *paper;
	co_auto_buf b;

	(void)state;
	co_buf_init(&b, LIMIT_PAPER_PDF);
	assert_ok(co_buf_add_str(&b, "kept", &err));
	for (size_t i = 0; i < 64; i++)
		memcpy(text + 4 * i, "\U000F1234", 4);
	text[sizeof(text) - 1] = '\0';
	paper = paper_of(text);
	assert_int_equal(paper_pdf(paper, true, &b, NULL, &err), CO_ENOTFOUND);
	assert_non_null(strstr(err.msg, "no font on this machine has U+F1234"));
	co_err_clear(&err);
	/* What stood in the buffer stays, and nothing else. */
	assert_string_equal(b.data, "kept");
	json_decref(paper);
}

static void
a_document_of_too_many_pages_is_refused(void **state)
{
	json_t *paper = paper_of("x"), *list = paper_list(paper);
	char *lines = malloc(60 * 2 * 30 + 1);
	co_auto_buf b;

	(void)state;
	co_buf_init(&b, LIMIT_PAPER_PDF);
	for (size_t i = 0; i < 60 * 30; i++)
		memcpy(lines + 2 * i, "x\n", 2);
	lines[60 * 2 * 30] = '\0';
	for (size_t i = 0; i < 200; i++)
		paper_item(list, lines);
	assert_rc(paper_pdf(paper, true, &b, NULL, &err), CO_ETOOBIG);
	assert_int_equal(b.len, 0);
	free(lines);
	json_decref(paper);
}

static void
words_without_end_are_printed(void **state)
{
	char *text = malloc(LIMIT_TEXT + 1);
	json_t *paper;
	paper_told_auto told = { .missing = NULL };
	co_auto_buf b;

	(void)state;
	co_buf_init(&b, LIMIT_PAPER_PDF);
	memset(text, 'w', LIMIT_TEXT);
	text[LIMIT_TEXT] = '\0';
	paper = paper_of(text);
	assert_ok(paper_pdf(paper, true, &b, &told, &err));
	assert_true(told.pages > 3);
	free(text);
	json_decref(paper);
}

static void
what_is_no_export_gives_no_report(void **state)
{
	static const char *const wrong[] = { "{}", "{\"records\":[]}", "{\"records\":[1]}",
		"{\"records\":[{\"bytes\":\"!\",\"sig\":\"\"}],\"address\":\"th.contact\"}",
		"{\"records\":[{\"bytes\":\"e30=\",\"sig\":\"\"}],\"address\":\"th.contact\"}",
		"{\"records\":[{}],\"address\":\"th.contact\",\"entries\":[{\"bytes\":1}]}" };

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(wrong); i++) {
		json_t *export = json_loads(wrong[i], 0, NULL), *model = NULL;
		struct report_source from;
		enum co_rc rc = report_of_export(export, &from, &err);

		assert_non_null(export);
		if (rc == CO_OK)
			rc = report_model(&from, "th", &model, &err);
		assert_int_equal(rc, CO_EMALFORMED);
		assert_null(model);
		json_decref(export);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_model_same_bytes),
		cmocka_unit_test(a_character_without_font_is_spelled_out_and_told),
		cmocka_unit_test(a_script_without_font_is_refused),
		cmocka_unit_test(a_document_of_too_many_pages_is_refused),
		cmocka_unit_test(words_without_end_are_printed),
		cmocka_unit_test(what_is_no_export_gives_no_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
