#include "test.h"

#include "law/gap.h"

#include <jansson.h>

/* A small world by hand: what the printers are given, whatever a book may hold. */

static struct co_err err;

static const struct law_source paper = { .key = "PAPER",
	.title = "Gazette <b>& \"others\"</b>",
	.url = "https://example.org/?a=1&b=2",
	.as_of = 20000 };
static const struct law_source rumour = {
	.key = "RUMOUR", .title = "=HYPERLINK(1)", .url = "javascript:alert(1)", .as_of = 20001
};
static const struct law_article articles[] = {
	{ .article = "2",
		.title = "Illegal access",
		.summary = "Entering a system without right.",
		.group = LAW_SUBSTANTIVE,
		.provides = "offence/illegal-access",
		.source = &paper },
	{ .article = "6",
		.title = "Misuse of devices",
		.summary = "Tools and passwords.",
		.group = LAW_SUBSTANTIVE,
		.provides = "offence/misuse-of-devices",
		.source = &paper },
	{ .article = "16",
		.title = "Expedited preservation, \"quick freeze\"",
		.summary = "Data are kept.",
		.group = LAW_PROCEDURAL,
		.provides = "power/preservation",
		.source = &paper },
	{ .article = "15",
		.title = "Conditions and safeguards",
		.summary = "Human rights.",
		.group = LAW_SAFEGUARD,
		.provides = "safeguard/conditions",
		.source = &paper },
};
static const struct law_instrument convention = { .code = "test-1",
	.name = "Convention on <Tests>",
	.short_name = "Test Convention",
	.articles = articles,
	.articles_n = CO_ARRAY_LEN(articles),
	.source = &paper };
static const struct law_economy economies[] = { { .code = "AA", .name = "Aland & Sons" },
	{ .code = "BB", .name = "Côte d’Bee" }, { .code = "CC", .name = "Ceeland" } };
static struct law_fact facts[] = {
	{ .id = "AA.1",
		.economy = "AA",
		.from = 15000,
		.to = LAW_DAY_OPEN,
		.known = 20000,
		.certainty = LAW_VERIFIED,
		.source = &paper,
		.note = "<script>alert(1)</script>" },
	{ .id = "AA.2",
		.economy = "AA",
		.from = LAW_DAY_START,
		.to = LAW_DAY_OPEN,
		.known = 20000,
		.certainty = LAW_UNVERIFIED,
		.source = &rumour,
		.note = "-1+1" },
	{ .id = "BB.1",
		.economy = "BB",
		.from = 15000,
		.to = LAW_DAY_OPEN,
		.known = 20000,
		.certainty = LAW_SECONDARY,
		.source = &paper },
};
static const char *const values[] = {
	"{\"has\":\"yes\",\"statute\":\"Penal Code\",\"section\":\"118a\"}",
	"{\"has\":\"no\"}",
	"\"party\"",
};

struct world {
	struct law_gap g;
	const struct law_article *articles[4];
	const struct law_economy *economies[3];
	struct law_cell cells[12];
	const struct law_fact *status[3];
};

static struct world
world_of(size_t n)
{
	struct world w = { .g = { .instrument = &convention,
				   .articles_n = 4,
				   .economies_n = n,
				   .at = 20050,
				   .known = 20050 } };

	for (size_t i = 0; i < 3; i++) {
		json_decref((json_t *)(uintptr_t)facts[i].value);
		facts[i].value = json_loads(values[i], JSON_DECODE_ANY, NULL);
		w.economies[i] = &economies[i];
	}
	for (size_t i = 0; i < 4; i++)
		w.articles[i] = &articles[i];
	w.cells[0] = (struct law_cell){ LAW_HAS, &facts[0] };
	w.cells[1 * n] = (struct law_cell){ LAW_HAS_NOT, &facts[1] };
	if (n > 1)
		w.status[1] = &facts[2];
	return w;
}

static void
world_end(void)
{
	for (size_t i = 0; i < 3; i++) {
		json_decref((json_t *)(uintptr_t)facts[i].value);
		facts[i].value = NULL;
	}
}

#define WORLD(n) \
	struct world w = world_of(n); \
	w.g.articles = w.articles; \
	w.g.economies = w.economies; \
	w.g.cells = w.cells; \
	w.g.status = w.status

static void
assert_has(const char *text, const char *want)
{
	if (strstr(text, want) == NULL)
		fail_msg("\"%s\" is not in:\n%s", want, text);
}

static void
assert_has_not(const char *text, const char *what)
{
	if (strstr(text, what) != NULL)
		fail_msg("\"%s\" is in:\n%s", what, text);
}

static size_t
widest(const char *text)
{
	size_t most = 0;

	while (*text != '\0') {
		size_t n = strcspn(text, "\n"), width = 0;

		for (size_t i = 0; i < n; i++)
			width += ((unsigned char)text[i] & 0xc0) != 0x80;
		most = width > most ? width : most;
		text += n + (text[n] == '\n');
	}
	return most;
}

static void
page_escapes_whatever_comes_from_data(void **state)
{
	co_auto_buf b;

	(void)state;
	WORLD(3);
	co_buf_init(&b, 1 << 20);
	assert_ok(law_gap_html(&w.g, &b, &err));
	assert_has(b.data, "&lt;script&gt;alert(1)&lt;/script&gt;");
	assert_has_not(b.data, "<script");
	assert_has_not(b.data, "<Tests>");
	assert_has_not(b.data, "<b>");
	assert_has(b.data, "Aland &amp; Sons");
	assert_has(b.data, "&quot;quick freeze&quot;");
	/* Only addresses of the web become links. */
	assert_has(b.data, "href=\"https://example.org/?a=1&amp;b=2\"");
	assert_has_not(b.data, "href=\"javascript");
	world_end();
}

static void
page_links_each_cell_to_its_row(void **state)
{
	co_auto_buf b;

	(void)state;
	WORLD(3);
	co_buf_init(&b, 1 << 20);
	assert_ok(law_gap_html(&w.g, &b, &err));
	for (size_t a = 0; a < 4; a++)
		for (size_t e = 0; e < 3; e++) {
			char link[64];

			(void)snprintf(link, sizeof(link), "href=\"#%s-%s\"", economies[e].code,
				articles[a].article);
			assert_has(b.data, link);
			(void)snprintf(link, sizeof(link), "<tr id=\"%s-%s\">", economies[e].code,
				articles[a].article);
			assert_has(b.data, link);
		}
	assert_has(b.data, "href=\"#src-PAPER\"");
	assert_has(b.data, "<dt id=\"src-PAPER\">");
	world_end();
}

static void
unknown_is_never_counted_as_lacking(void **state)
{
	co_auto_buf b;

	(void)state;
	WORLD(1);
	co_buf_init(&b, 1 << 20);
	assert_ok(law_gap_text(&w.g, 100, &b, &err));
	assert_has(b.data,
		"2 of 4 articles are recorded: ✓ has 1, ◐ partly 0, ✗ lacks 1. ? Unknown 2");
	assert_has(b.data, "Penal Code, 118a (verified)");
	assert_has(b.data, "nobody recorded it");
	/* What is asked is told where it is missing or unknown, not where it is there. */
	assert_has(b.data, "Tools and passwords.");
	assert_has(b.data, "Human rights.");
	assert_has_not(b.data, "Entering a system");
	assert_has(b.data, "Aland & Sons: unknown");
	world_end();
}

static void
text_keeps_to_its_width(void **state)
{
	static const unsigned widths[] = { 40, 60, 80, 132 };
	co_auto_buf b;

	(void)state;
	co_buf_init(&b, 1 << 20);
	for (size_t n = 1; n <= 3; n++) {
		WORLD(n);
		for (size_t i = 0; i < CO_ARRAY_LEN(widths); i++) {
			co_buf_reset(&b);
			assert_ok(law_gap_text(&w.g, widths[i], &b, &err));
			if (widest(b.data) > widths[i])
				fail_msg("%zu columns, not %u:\n%s", widest(b.data), widths[i],
					b.data);
			assert_has_not(b.data, " \n");
		}
	}
	assert_has(b.data, "party");
	world_end();
}

static void
groups_stand_apart(void **state)
{
	co_auto_buf b;
	const char *substantive, *procedural, *safeguards;

	(void)state;
	WORLD(2);
	co_buf_init(&b, 1 << 20);
	assert_ok(law_gap_text(&w.g, 120, &b, &err));
	substantive = strstr(b.data, "Substantive law");
	procedural = strstr(b.data, "Procedural law");
	safeguards = strstr(b.data, "Conditions and safeguards");
	assert_true(substantive != NULL && substantive < procedural && procedural < safeguards);
	assert_has(b.data, "party since 2011-01-26");
	world_end();
}

static void
sheet_is_rfc4180_and_runs_no_formula(void **state)
{
	co_auto_buf b;
	size_t lines = 0;

	(void)state;
	WORLD(3);
	co_buf_init(&b, 1 << 20);
	assert_ok(law_gap_csv(&w.g, &b, &err));
	assert_has(b.data, "instrument,group,article,title,economy,");
	assert_has(b.data, "\"Expedited preservation, \"\"quick freeze\"\"\"");
	assert_has(b.data, ",\"'-1+1\",RUMOUR,\"'=HYPERLINK(1)\",");
	for (const char *p = b.data; (p = strstr(p, "\r\n")) != NULL; p += 2)
		lines++;
	assert_int_equal(lines, 1 + 3 + 4 * 3);
	world_end();
}

static void
programs_get_every_cell(void **state)
{
	json_t *j = NULL, *cell;

	(void)state;
	WORLD(3);
	assert_ok(law_gap_json(&w.g, &j, &err));
	assert_int_equal(json_array_size(json_object_get(j, "articles")), 4);
	cell = json_array_get(
		json_object_get(json_array_get(json_object_get(j, "articles"), 0), "cells"), 0);
	assert_string_equal(json_string_value(json_object_get(cell, "has")), "yes");
	assert_string_equal(json_string_value(json_object_get(cell, "statute")), "Penal Code");
	assert_int_equal(json_array_size(json_object_get(j, "sources")), 2);
	json_decref(j);
	world_end();
}

static void
no_room_leaves_nothing_behind(void **state)
{
	co_auto_buf b;

	(void)state;
	WORLD(3);
	co_buf_init(&b, 600);
	assert_ok(co_buf_add_str(&b, "before", &err));
	assert_rc(law_gap_html(&w.g, &b, &err), CO_ETOOBIG);
	assert_int_equal(b.len, 6);
	assert_rc(law_gap_csv(&w.g, &b, &err), CO_ETOOBIG);
	assert_rc(law_gap_text(&w.g, 80, &b, &err), CO_ETOOBIG);
	assert_int_equal(b.len, 6);
	world_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(page_escapes_whatever_comes_from_data),
		cmocka_unit_test(page_links_each_cell_to_its_row),
		cmocka_unit_test(unknown_is_never_counted_as_lacking),
		cmocka_unit_test(text_keeps_to_its_width),
		cmocka_unit_test(groups_stand_apart),
		cmocka_unit_test(sheet_is_rfc4180_and_runs_no_formula),
		cmocka_unit_test(programs_get_every_cell),
		cmocka_unit_test(no_room_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
