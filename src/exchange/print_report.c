/* report.print: the yearly report on paper, in the reader's language. It says what report.yearly
 * answers this reader, and nothing more. */
#include "exchange/inside.h"
#include "exchange/ops.h"
#include "exchange/paper_answer.h"
#include "exchange/paper_table.h"

const struct op_member report_print_in[] = {
	{ "year", OP_INT, 0, 2000, 2999, "which; otherwise this one", NULL },
	{ "format", OP_TEXT, 0, 0, 8, "pdf or html; pdf", NULL },
	{ "language", OP_TEXT, 0, 0, 35, "of labels and codes; en", NULL },
	OP_END,
};

static const struct column total_columns[] = {
	{ "side", WORDS("Requests"), COLUMN_CODE, 3 },
	{ "asked", WORDS("Asked"), COLUMN_NUMBER, 2 },
	{ "emergencies", WORDS("of them emergencies"), COLUMN_NUMBER, 4 },
	{ "fulfilled", WORDS("Fulfilled"), COLUMN_NUMBER, 2 },
	{ "partial", WORDS("In part"), COLUMN_NUMBER, 2 },
	{ "refused", WORDS("Refused"), COLUMN_NUMBER, 2 },
	{ "impossible", WORDS("Impossible"), COLUMN_NUMBER, 3 },
	{ "withdrawn", WORDS("Withdrawn"), COLUMN_NUMBER, 3 },
	{ "open", WORDS("Open"), COLUMN_NUMBER, 2 },
	{ "acknowledged_s", WORDS("To acknowledgement"), COLUMN_SPAN, 5 },
	{ "data_s", WORDS("To data"), COLUMN_SPAN, 3 },
	{ "preservation_to_data_s", WORDS("From preservation to data"), COLUMN_SPAN, 4 },
};
static const struct column row_columns[] = {
	{ "side", WORDS("Requests"), COLUMN_CODE, 3 },
	{ "measure", WORDS("Measure"), COLUMN_CODE, 4 },
	{ "partner", WORDS("Partner"), COLUMN_NAME, 4 },
	{ "emergency", WORDS("Emergency"), COLUMN_YES, 3 },
	{ "asked", WORDS("Asked"), COLUMN_NUMBER, 2 },
	{ "fulfilled", WORDS("Fulfilled"), COLUMN_NUMBER, 2 },
	{ "partial", WORDS("In part"), COLUMN_NUMBER, 2 },
	{ "refused", WORDS("Refused"), COLUMN_NUMBER, 2 },
	{ "impossible", WORDS("Impossible"), COLUMN_NUMBER, 3 },
	{ "withdrawn", WORDS("Withdrawn"), COLUMN_NUMBER, 3 },
	{ "open", WORDS("Open"), COLUMN_NUMBER, 2 },
	{ "data_s", WORDS("To data, average"), COLUMN_SPAN, 3 },
};
static const struct column refusal_columns[] = {
	{ "side", WORDS("Requests"), COLUMN_CODE, 2 },
	{ "measure", WORDS("Measure"), COLUMN_CODE, 3 },
	{ "partner", WORDS("Partner"), COLUMN_NAME, 3 },
	{ "emergency", WORDS("Emergency"), COLUMN_YES, 2 },
	{ "ground", WORDS("Ground"), COLUMN_CODE, 4 },
	{ "n", WORDS("Number"), COLUMN_NUMBER, 1 },
};

static void
table_put(json_t *paper, const struct paper_reader *r, const char *heading,
	const struct column *columns, size_t n, const json_t *rows)
{
	paper_heading(paper, 2, paper_say(r, heading));
	table_paper(paper, r, "", columns, n, rows);
}

static const char *
text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

static void
about_put(json_t *paper, const struct paper_reader *r, const json_t *report)
{
	json_t *facts = paper_facts(paper);
	bool whole = json_is_true(json_object_get(report, "whole"));

	paper_fact(facts, paper_say(r, WORDS("Node")), PAPER_STRONG, text_of(report, "address"));
	paper_fact(facts, paper_say(r, WORDS("After")), PAPER_PLAIN, text_of(report, "after"));
	paper_fact(facts, paper_say(r, WORDS("Counted")), whole ? PAPER_PLAIN : PAPER_STRONG,
		paper_say(r, whole ? WORDS("All requests of this node are counted, those of cases "
					   "that you may not see, too.")
				   : WORDS("Counted are the requests of cases that you may see. "
					   "Auditors and administrators have the numbers of the "
					   "whole.")));
	if (!json_is_true(json_object_get(report, "complete")))
		paper_text(paper, PAPER_WARN, paper_say(r, WORDS("The year is not over.")));
	paper_text(paper, PAPER_PLAIN, paper_say(r, WORDS("Exercises are not counted.")));
}

static json_t *
report_paper(const struct paper_reader *r, const json_t *report, const char *year)
{
	char title[160], footer[LIMIT_ADDRESS + 168];
	const json_t *not;
	json_t *paper, *list;
	size_t i;

	paper_fill(r, WORDS("Requests of {year}"), year, title, sizeof(title));
	(void)snprintf(footer, sizeof(footer), "%.*s · %s", LIMIT_ADDRESS,
		text_of(report, "address"), title);
	paper = paper_begin(r, title, footer, co_now_us(), false, true);
	about_put(paper, r, report);
	table_put(paper, r, WORDS("Totals"), total_columns, CO_ARRAY_LEN(total_columns),
		json_object_get(report, "totals"));
	table_put(paper, r, WORDS("By type of data, addressee and urgency"), row_columns,
		CO_ARRAY_LEN(row_columns), json_object_get(report, "rows"));
	table_put(paper, r, WORDS("Refused by ground"), refusal_columns,
		CO_ARRAY_LEN(refusal_columns), json_object_get(report, "refusals"));
	paper_heading(paper, 2, paper_say(r, WORDS("Not kept by this node")));
	list = paper_list(paper);
	json_array_foreach(json_object_get(report, "not_kept"), i, not)
		paper_item(list, paper_say(r, json_string_value(not)));
	return paper;
}

enum co_rc
op_report_print(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct paper_reader r = { .here = x->calendar.zone, .partner = "" };
	json_auto_t *report = NULL, *ask = NULL, *paper = NULL;
	const char *format, *language;
	char year[8], name[32];

	TRY(paper_format(in, &format, &language, err));
	ask = json_pack("{s:O*}", "year", json_object_get(in, "year"));
	if (ask == NULL)
		return co_fail(err, CO_ENOMEM, "report");
	TRY(op_report_yearly(x, arg, who, ask, &report, err));
	paper_reader_language(&r, language);
	(void)snprintf(year, sizeof(year), "%d",
		(int)json_integer_value(json_object_get(report, "year")));
	paper = report_paper(&r, report, year);
	(void)snprintf(name, sizeof(name), "report-%s", year);
	return paper_answer(x, paper, format, name, out, err);
}
