#include "test.h"

#include "base/enc.h"
#include "base/fs.h"
#include "base/limits.h"
#include "crypto/digest.h"
#include "evidence/report.h"
#include "exchange/paper_record.h"
#include "law/instrument.h"
#include "paper/paper.h"
#include "paper/text.h"
#include "paper/timeline.h"

static struct co_err err;

static json_t *
small(void)
{
	static const struct paper_head head = { .language = "en",
		.title = "A <title> & \"more\"",
		.made = "2026-11-28T00:00:00Z",
		.footer = "foot",
		.page = "Page {n} of {m}",
		.mark = "EXERCISE" };
	json_t *paper = paper_new(&head), *table, *row, *timeline;

	paper_heading(paper, 1, "One");
	paper_text(paper, PAPER_QUIET, "<script>alert(1)</script>");
	paper_fact(paper_facts(paper), "Label", PAPER_CODE, "ab'cd");
	paper_item(paper_list(paper), "item");
	table = paper_table(paper, "caption");
	paper_column(table, 2, "A");
	paper_column(table, 1, "B");
	row = paper_row(table);
	paper_cell(row, PAPER_PLAIN, "a");
	paper_cell(row, PAPER_WARN, "b");
	timeline = paper_timeline(paper, "who");
	paper_lane(timeline, "th.contact");
	paper_lane(timeline, "us.contact");
	paper_event(timeline, "now", 0, 1, PAPER_DIAMOND, "goes & comes");
	return paper;
}

static void
cleaned(const char *s, size_t n, const char *want)
{
	co_auto_buf b;

	co_buf_init(&b, 1024);
	assert_ok(paper_clean(s, n, &b, &err));
	assert_string_equal(b.data == NULL ? "" : b.data, want);
	assert_true(paper_is_clean(want));
}

static void
what_one_cannot_see_is_shown(void **state)
{
	(void)state;
	cleaned("plain ไทย 日本 العربية", strlen("plain ไทย 日本 العربية"),
		"plain ไทย 日本 العربية");
	cleaned("a\0b", 3, "a[U+0000]b");
	cleaned("\x1b[31m", 5, "[U+001B][31m");
	cleaned("evil\u202egnp.exe", 14, "evil[U+202E]gnp.exe");
	cleaned("\ufeffx\u2028y\r\nz\rw", 13, "[U+FEFF]x\ny\nz\nw");
	cleaned("\xff\xc3(", 3, "[FF][C3](");
	cleaned("\xed\xa0\x80", 3, "[ED][A0][80]");
	cleaned("\U000E0041", 4, "[U+E0041]");
	/* Joiners and isolates belong to scripts and to our own words. */
	cleaned("\u200d\u2066x\u2069", 10, "\u200d\u2066x\u2069");
	assert_false(paper_is_clean("\x01"));
	assert_false(paper_is_clean("\u202a"));
	assert_false(paper_is_clean("\xff"));
}

static void
html_escapes_everything_that_was_given(void **state)
{
	co_auto_buf b;
	json_t *paper = small();

	(void)state;
	co_buf_init(&b, 1 << 20);
	assert_ok(paper_html(paper, &b, &err));
	assert_null(strstr(b.data, "<script"));
	assert_non_null(strstr(b.data, "&lt;script&gt;alert(1)&lt;/script&gt;"));
	assert_non_null(strstr(b.data, "<title>A &lt;title&gt; &amp; &quot;more&quot;</title>"));
	assert_non_null(strstr(b.data, "ab&#39;cd"));
	assert_non_null(strstr(b.data, "<p class=\"mark\">EXERCISE</p>"));
	assert_non_null(strstr(b.data, "<svg"));
	assert_non_null(strstr(b.data, "goes &amp; comes"));
	assert_null(strstr(b.data, "http:"));
	assert_null(strstr(b.data, "https:"));
	json_decref(paper);
}

static void
a_model_comes_back_as_it_was(void **state)
{
	json_t *paper = small(), *again = NULL;
	char *text = json_dumps(paper, JSON_COMPACT);

	(void)state;
	assert_ok(paper_parse(text, strlen(text), &again, &err));
	assert_true(json_equal(paper, again));
	json_decref(again);
	json_decref(paper);
	free(text);
}

/* What is changed in the small model, and what the refusal names. */
static const struct {
	const char *path, *json, *names;
} wrong[] = {
	{ "paper", "2", "version" },
	{ "language", "\"en\\\"><b\"", "language" },
	{ "made", "\"yesterday\"", "made" },
	{ "rtl", "1", "rtl" },
	{ "title", "3", "title" },
	{ "title", "\"a\\u0007\"", "control" },
	{ "title", "\"a\\u202eb\"", "control" },
	{ "more", "1", "unknown" },
	{ "blocks", "[{\"heading\":\"x\",\"level\":4}]", "level" },
	{ "blocks", "[{\"heading\":\"x\",\"level\":1,\"y\":1}]", "other members" },
	{ "blocks", "[{\"text\":\"x\",\"look\":\"loud\"}]", "look" },
	{ "blocks", "[null]", "none of" },
	{ "blocks", "[{\"facts\":[[\"a\"]]}]", "fact" },
	{ "blocks", "[{\"list\":[1]}]", "item" },
	{ "blocks", "[{\"table\":\"\",\"columns\":[],\"rows\":[]}]", "columns" },
	{ "blocks", "[{\"table\":\"\",\"columns\":[{\"head\":\"\",\"weight\":0}],\"rows\":[]}]",
		"weight" },
	{ "blocks",
		"[{\"table\":\"\",\"columns\":[{\"head\":\"\",\"weight\":1}],\"rows\":[[]]}]",
		"as many cells" },
	{ "blocks", "[{\"timeline\":\"\",\"lanes\":[],\"events\":[]}]", "lanes" },
	{ "blocks",
		"[{\"timeline\":\"\",\"lanes\":[\"a\"],\"events\":[{\"time\":\"\","
		"\"from\":0,\"to\":1,\"shape\":\"dot\",\"label\":\"\"}]}]",
		"no lane" },
	{ "blocks",
		"[{\"timeline\":\"\",\"lanes\":[\"a\"],\"events\":[{\"time\":\"\","
		"\"from\":0,\"to\":0,\"shape\":\"star\",\"label\":\"\"}]}]",
		"shape" },
};

static void
what_is_no_model_is_refused_by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(wrong); i++) {
		json_t *paper = small(), *out = NULL;
		char *text;

		assert_int_equal(json_object_set_new(paper, wrong[i].path,
					 json_loads(wrong[i].json, JSON_DECODE_ANY, NULL)),
			0);
		text = json_dumps(paper, 0);
		co_err_clear(&err);
		assert_int_equal(paper_parse(text, strlen(text), &out, &err), CO_EMALFORMED);
		assert_null(out);
		if (strstr(err.msg, wrong[i].names) == NULL)
			fail_msg("row %zu: \"%s\" does not name \"%s\"", i, err.msg,
				wrong[i].names);
		free(text);
		json_decref(paper);
	}
}

static void
limits_hold(void **state)
{
	json_t *paper = small(), *list = paper_list(paper), *out = NULL;
	char *big = malloc(LIMIT_PAPER_TEXT * 2);

	(void)state;
	memset(big, 'x', LIMIT_PAPER_TEXT * 2);
	big[LIMIT_PAPER_TEXT * 2 - 1] = '\0';
	/* A text too long is cut where it can be seen, and stays printable. */
	paper_text(paper, PAPER_PLAIN, big);
	assert_ok(paper_check(paper, &err));
	memset(big, '\x01', 1000);
	big[1000] = '\0';
	paper_text(paper, PAPER_PLAIN, big);
	assert_ok(paper_check(paper, &err));
	for (size_t i = 0; i < PAPER_ROWS; i++)
		paper_item(list, "x");
	assert_rc(paper_check(paper, &err), CO_ETOOBIG);
	json_decref(paper);
	co_err_clear(&err);
	assert_rc(paper_parse(big, (size_t)LIMIT_PAPER_MODEL + 1, &out, &err), CO_ETOOBIG);
	free(big);
}

static void
lost_memory_is_told_by_the_check(void **state)
{
	(void)state;
	co_err_clear(&err);
	assert_rc(paper_check(NULL, &err), CO_ENOMEM);
	/* A builder that was given nothing drops what comes. */
	paper_item(paper_list(NULL), "x");
	paper_cell(paper_row(paper_table(NULL, "x")), PAPER_PLAIN, "x");
}

static void
a_timeline_is_mirrored_for_who_reads_from_the_right(void **state)
{
	const struct timeline left = { .lanes = 3, .width = 680 };
	const struct timeline right = { .rtl = true, .lanes = 3, .width = 680 };
	char label[TIMELINE_LABEL + 8];

	(void)state;
	for (unsigned lane = 0; lane < 3; lane++)
		assert_true(timeline_lane_x(&left, lane) + timeline_lane_x(&right, lane) > 679.9 &&
			timeline_lane_x(&left, lane) + timeline_lane_x(&right, lane) < 680.1);
	assert_true(timeline_label_x(&left) > timeline_lane_x(&left, 2));
	assert_true(timeline_label_x(&right) < timeline_lane_x(&right, 2));
	timeline_short("short\nsecond line", label);
	assert_string_equal(label, "short…");
	timeline_short("日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本", label);
	assert_int_equal(strlen(label), 28 * 3 + 3);
	assert_true(paper_is_clean(label));
}

static void
a_form_is_printed_in_the_language_of_the_reader(void **state)
{
	struct paper_reader r = { .partner = "" };
	const struct form *f = form_by_measure("preserve");
	json_t *fields = json_pack("{s:s,s:[s],s:b,s:{s:s},s:[{s:s,s:s}]}", "status", "new", "data",
		"traffic", "confidential", 1, "authority", "person", "Anong", "identifiers", "type",
		"ip", "from", "2026-11-20T10:00:00+07:00");
	json_t *paper, *facts;
	char *text;

	(void)state;
	paper_reader_language(&r, "th");
	paper = paper_begin(&r, "t", "f", 0, false, false);
	facts = paper_facts(paper);
	paper_form(facts, &r, f, fields);
	text = json_dumps(paper, 0);
	assert_ok(paper_check(paper, &err));
	assert_int_equal(json_array_size(facts), 5);
	assert_non_null(strstr(text, catalogue_text(r.words, "New request")));
	assert_string_not_equal(catalogue_text(r.words, "New request"), "New request");
	assert_non_null(strstr(text, "Anong"));
	/* The instant as it was written, and in the reader's zone and calendar. */
	assert_non_null(strstr(text, "2026-11-20T10:00:00+07:00 (20"));
	assert_non_null(strstr(text, "2569 03:00 UTC)"));
	free(text);
	json_decref(paper);
	json_decref(fields);
}

/* ---- the report of a case ---- */
/* One a line, as fuzz_case_graph has them. */
static json_t *
corpus_records(void)
{
	json_t *list = json_array();
	char path[512], *line, *save = NULL;
	co_auto_buf bytes;

	co_buf_init(&bytes, LIMIT_RECORD);
	(void)snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/case_graph/records",
		getenv("COMITY_SOURCE"));
	assert_ok(co_read_file(path, &bytes, &err));
	for (line = strtok_r(bytes.data, "\n", &save); line != NULL;
		line = strtok_r(NULL, "\n", &save)) {
		co_auto_buf text;

		co_buf_init(&text, 2 * LIMIT_RECORD);
		assert_ok(co_base64_add(&text, line, strlen(line), &err));
		assert_int_equal(json_array_append_new(list,
					 json_pack("{s:s,s:s,s:s}", "id", "x", "bytes", text.data,
						 "sig", "")),
			0);
	}
	return list;
}

/* A verifier makes the report again: whoever changes its form must say so. */
static void
another_form_of_the_report_has_another_number(void **state)
{
	static const struct {
		int form;
		const char *sha256;
	} known = { 3, "04bf25bdc67d57e402d24443bd65c2c6195aacffe88e7839bc5a5682720a9c41" };
	json_t *records = corpus_records(), *export, *paper = NULL;
	struct report_source from;
	char hex[SHA256_HEX + 1];
	co_auto_buf html;

	(void)state;
	assert_true(json_array_size(records) > 5);
	export = json_pack("{s:s,s:s,s:s,s:s,s:s,s:o,s:[],s:[],s:[{s:s,s:s}]}", "address",
		"th.contact", "partner", "us.contact", "case_id",
		"0190a000-0000-7000-8000-00000000000c", "ours", "T-1", "theirs", "", "records",
		records, "entries", "proofs", "missing", "what", "a proof", "why", "away");
	co_buf_init(&html, LIMIT_PAPER_PDF);
	assert_ok(report_of_export(export, &from, &err));
	assert_ok(report_model(&from, NULL, &paper, &err));
	assert_ok(paper_html(paper, &html, &err));
	sha256_hex(html.data, html.len, hex);
	if (known.form != REPORT_FORM || strcmp(hex, known.sha256) != 0)
		fail_msg("the report is another one: raise REPORT_FORM if it is not yet, and put "
			 "{ %d, \"%s\" } here",
			REPORT_FORM, hex);
	json_decref(paper);
	json_decref(export);
}

/* Prints name instruments as the law's pages do. */
static void
instruments_have_the_names_of_the_law(void **state)
{
	size_t n, faults;
	const struct law_text *texts = law_built_in(&n);
	law_book_auto *book = NULL;

	(void)state;
	assert_ok(law_book_load(&book, texts, n, NULL, 0, &faults, &err));
	assert_true(law_instrument_count(book) > 0);
	for (size_t i = 0; i < law_instrument_count(book); i++) {
		const struct law_instrument *in = law_instrument_at(book, i);

		assert_string_equal(paper_instrument(in->code), in->name);
	}
	assert_string_equal(paper_instrument("xx-1"), "xx-1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_form_of_the_report_has_another_number),
		cmocka_unit_test(what_one_cannot_see_is_shown),
		cmocka_unit_test(html_escapes_everything_that_was_given),
		cmocka_unit_test(a_model_comes_back_as_it_was),
		cmocka_unit_test(what_is_no_model_is_refused_by_name),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(lost_memory_is_told_by_the_check),
		cmocka_unit_test(a_timeline_is_mirrored_for_who_reads_from_the_right),
		cmocka_unit_test(instruments_have_the_names_of_the_law),
		cmocka_unit_test(a_form_is_printed_in_the_language_of_the_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
