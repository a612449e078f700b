#include "test.h"

#include "base/fs.h"
#include "base/limits.h"
#include "crypto/algorithm.h"
#include "exchange/states.h"
#include "record/custody.h"
#include "record/form.h"

/* docs/protocol.md says what the tables of the program say: a second implementation is written
 * from that page. */
static struct co_err err;
static struct co_buf page;

static int
read_page(void **state)
{
	const char *source = getenv("COMITY_SOURCE");
	co_auto_free char *path = NULL;

	(void)state;
	co_buf_init(&page, 1024 * 1024);
	if (source == NULL || (path = co_path_join(source, "docs/protocol.md")) == NULL)
		return -1;
	return co_read_file(path, &page, &err) == CO_OK ? 0 : -1;
}

static int
drop_page(void **state)
{
	(void)state;
	co_buf_deinit(&page);
	return 0;
}

static void
assert_said(const char *text)
{
	if (strstr(page.data, text) == NULL)
		fail_msg("docs/protocol.md does not say: %s", text);
}

struct line {
	char text[1024];
	size_t n;
	unsigned items; /* in the present cell */
};

static void
line_add(struct line *l, const char *between, const char *s)
{
	int k = snprintf(l->text + l->n, sizeof(l->text) - l->n, "%s%s", l->items++ > 0 ? between :
		"", s);

	assert_true(k >= 0 && (size_t)k < sizeof(l->text) - l->n);
	l->n += (size_t)k;
}

static void
line_cell(struct line *l)
{
	l->items = 0;
	line_add(l, "", l->n == 0 ? "| " : l->text[l->n - 1] == ' ' ? "| " : " | ");
	l->items = 0;
}

static void
line_flags(struct line *l, unsigned flags, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((flags >> i & 1) != 0)
			line_add(l, ", ", names[i]);
}

static const char *const sorts[] = { "preserve", "extension", "path", "other" };

static void
line_sorts(struct line *l, unsigned flags)
{
	if (flags == SORT_ALL)
		line_add(l, "", "all");
	else
		line_flags(l, flags, sorts, CO_ARRAY_LEN(sorts));
}

static void
line_move(struct line *l, const struct move *m)
{
	static const char *const needs[] = { "reason", "until", "conditions" };

	line_cell(l);
	for (unsigned s = 0; s < ST_N; s++)
		if ((m->from >> s & 1) != 0)
			line_add(l, ", ", state_name((enum state)s));
	line_cell(l);
	line_add(l, "", state_name(m->notice));
	line_cell(l);
	line_add(l, "", m->by == (SIDE_ASKING | SIDE_EXECUTING) ? "either" :
		m->by == SIDE_ASKING ? "asking" : "requested");
	line_cell(l);
	line_sorts(l, m->sorts);
	line_cell(l);
	if ((m->needs & NEED_GROUND) != 0)
		line_add(l, ", ", "ground");
	line_flags(l, (m->needs & NEED_REASON) | (m->needs & (NEED_UNTIL | NEED_CONDITIONS)) >> 1,
		needs, CO_ARRAY_LEN(needs));
	line_cell(l);
	line_add(l, "", m->after == ST_N ? "(stays)" : state_name(m->after));
	line_cell(l);
	if (m->crossed)
		line_add(l, "", "yes");
	line_cell(l);
	line_add(l, "", m->clause);
	line_cell(l);
}

/* Every row stands there, and no other: the last column of the table of moves is the clause. */
static void
every_move_stands_in_the_page_and_no_other(void **state)
{
	size_t rows = 0;

	(void)state;
	for (size_t i = 0; i < moves_count(); i++) {
		struct line l = { .n = 0 };

		line_move(&l, moves_at(i));
		l.text[l.n - 1] = '\0';
		assert_said(l.text);
	}
	for (const char *at = strstr(page.data, "| in state |"); at != NULL && at[0] == '|';
	     at = strchr(at, '\n') + 1)
		rows++;
	assert_int_equal(rows, moves_count() + 2);
}

static void
every_algorithm_stands_in_the_page(void **state)
{
	size_t rows = 0;

	(void)state;
	for (size_t i = 0; i < algorithm_count(); i++) {
		const struct algorithm *a = algorithm_at(i);
		char bits[16] = "", made[64], read[64];
		struct line l = { .n = 0 };

		if (a->bits > 0)
			(void)snprintf(bits, sizeof(bits), "%u", a->bits);
		algorithm_uses_print(a->made, made, sizeof(made));
		algorithm_uses_print(a->read, read, sizeof(read));
		line_cell(&l);
		line_add(&l, "", algorithm_sort_name(a->sort));
		line_cell(&l);
		line_add(&l, "", a->name);
		line_cell(&l);
		line_add(&l, "", bits);
		line_cell(&l);
		line_add(&l, "", made);
		line_cell(&l);
		line_add(&l, "", read);
		line_cell(&l);
		line_add(&l, "", a->until == NULL ? "" : a->until);
		line_cell(&l);
		line_add(&l, "", a->instead == NULL ? "" : a->instead);
		line_cell(&l);
		l.text[l.n - 1] = '\0';
		assert_said(l.text);
	}
	for (const char *at = strstr(page.data, "| sort | name | bits |"); at != NULL
		&& at[0] == '|';
	     at = strchr(at, '\n') + 1)
		rows++;
	assert_int_equal(rows, algorithm_count() + 2);
}

/* The table of what is done with exhibits, row by row and no other. */
static void
every_custody_action_stands_in_the_page(void **state)
{
	static const char *const by[] = { "officer", "node", "order" };
	size_t rows = 0;

	(void)state;
	for (size_t i = 0; i < custody_actions_count(); i++) {
		const struct custody_action *a = custody_action_at(i);
		const char *needs[CUSTODY_NEEDS];
		struct line l = { .n = 0 };

		for (unsigned k = 0; k < CUSTODY_NEEDS; k++)
			needs[k] = custody_need_member(k);
		line_cell(&l);
		line_add(&l, "", a->name);
		line_cell(&l);
		line_flags(&l, a->said, by, CO_ARRAY_LEN(by));
		line_cell(&l);
		line_flags(&l, a->needs, needs, CUSTODY_NEEDS);
		line_cell(&l);
		if (a->whole)
			line_add(&l, "", "yes");
		line_cell(&l);
		if (a->use)
			line_add(&l, "", "yes");
		line_cell(&l);
		line_add(&l, "", a->text);
		line_cell(&l);
		l.text[l.n - 1] = '\0';
		assert_said(l.text);
	}
	for (const char *at = strstr(page.data, "| action | said by |"); at != NULL && at[0] == '|';
	     at = strchr(at, '\n') + 1)
		rows++;
	assert_int_equal(rows, custody_actions_count() + 2);
}

static void
every_ground_stands_in_the_page(void **state)
{
	(void)state;
	for (size_t i = 0; i < grounds_count(); i++) {
		const struct ground *g = grounds_at(i);
		struct line l = { .n = 0 };

		line_cell(&l);
		line_add(&l, "", g->code);
		line_cell(&l);
		line_sorts(&l, g->sorts);
		line_cell(&l);
		line_add(&l, "", g->clause);
		line_cell(&l);
		line_add(&l, "", g->text);
		assert_said(l.text);
	}
}

static void
every_kind_and_error_stands_in_the_page(void **state)
{
#define CODE(name, num, text) #name,
	static const char *const codes[] = { CO_RC_MAP(CODE) };
#undef CODE

	(void)state;
	for (unsigned k = 0; k < REC_KIND_N; k++)
		assert_said(record_kind_name((enum record_kind)k));
	for (size_t i = 1; i < CO_ARRAY_LEN(codes); i++)
		assert_said(codes[i] + 3);
}

static void
every_field_of_the_preservation_stands_in_the_page(void **state)
{
	const json_t *fields = json_object_get(form_json(form_by_measure("preserve")), "fields");

	(void)state;
	assert_true(json_array_size(fields) > 10);
	for (size_t i = 0; i < json_array_size(fields); i++) {
		char text[80];

		(void)snprintf(text, sizeof(text), "`%s`",
			json_string_value(json_object_get(json_array_get(fields, i), "code")));
		assert_said(text);
	}
}

/* 262144 -> "262,144" */
static void
grouped(char out[32], unsigned long v)
{
	if (v < 1000)
		(void)snprintf(out, 32, "%lu", v);
	else
		(void)snprintf(out, 32, "%lu,%03lu", v / 1000 % 1000, v % 1000);
	if (v >= 1000000)
		(void)snprintf(out, 32, "%lu,%03lu,%03lu", v / 1000000, v / 1000 % 1000, v % 1000);
}

static void
limits_stand_in_the_page_as_they_are(void **state)
{
	static const struct {
		const char *before;
		unsigned long limit;
		const char *after;
	} rows[] = {
		{ "| record | ", LIMIT_RECORD, " bytes, 16 levels" },
		{ "16 levels, ", LIMIT_RECORD_VALUES, " values |" },
		{ "| signature | ", LIMIT_SIGNATURE, " bytes |" },
		{ "| batch | ", LIMIT_BATCH_RECORDS, " records, " },
		{ " records, ", LIMIT_BATCH_BYTES, " bytes |" },
		{ "| refs, attachments | ", LIMIT_REFS, " each |" },
		{ "| address, name, text | ", LIMIT_ADDRESS, ", 255, " },
		{ ", 255, ", LIMIT_TEXT, " bytes |" },
		{ "| certificate, chain | ", LIMIT_CERT, " bytes, " },
		{ "| time-stamp response | ", LIMIT_TOKEN, " bytes |" },
		{ "| checkpoint note | ", LIMIT_NOTE, " bytes, " },
		{ "| range of an exhibit | ", LIMIT_RANGE, " bytes |" },
		{ "| HTTP headers | ", LIMIT_HTTP_HEADERS, " bytes |" },
		{ "| package | ", LIMIT_PACKAGE_ENTRIES, " files, " },
		{ " files, ", LIMIT_PACKAGE_MEMBER, " bytes a text, " },
	};

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		char number[32], text[160];

		grouped(number, rows[i].limit);
		(void)snprintf(text, sizeof(text), "%s%s%s", rows[i].before, number, rows[i].after);
		assert_said(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_move_stands_in_the_page_and_no_other),
		cmocka_unit_test(every_algorithm_stands_in_the_page),
		cmocka_unit_test(every_custody_action_stands_in_the_page),
		cmocka_unit_test(every_ground_stands_in_the_page),
		cmocka_unit_test(every_kind_and_error_stands_in_the_page),
		cmocka_unit_test(every_field_of_the_preservation_stands_in_the_page),
		cmocka_unit_test(limits_stand_in_the_page_as_they_are),
	};

	return cmocka_run_group_tests(tests, read_page, drop_page);
}
