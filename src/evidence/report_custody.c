/* Who held the evidence when: a picture, and the table that has everything. */
#include "evidence/report_inside.h"

#include <stdio.h>
#include <string.h>

/* Those of record/custody.h that are more than something done: the rest is a dot. */
static const struct {
	const char *action;
	enum paper_shape shape;
	bool moves; /* it comes from the other side */
} actions[] = {
	{ "acquired", PAPER_SQUARE, false },
	{ "sealed", PAPER_SQUARE, false },
	{ "fetched", PAPER_DIAMOND, true },
	{ "received", PAPER_DIAMOND, true },
	{ "failed", PAPER_CROSS, false },
	{ "opened", PAPER_RING, false },
	{ "accessed", PAPER_RING, false },
	{ "examined", PAPER_RING, false },
	{ "exported", PAPER_RING, false },
	{ "copied", PAPER_RING, false },
	{ "returned", PAPER_DIAMOND, false },
	{ "transferred", PAPER_DIAMOND, false },
	{ "destroyed", PAPER_CROSS, false },
	{ "erased", PAPER_CROSS, false },
};

static void
event_put(struct report *r, json_t *timeline, const struct record *rec, size_t number)
{
	const char *action = report_text(rec->body, "action");
	unsigned to = report_side_of(r, rec->from), from = to;
	enum paper_shape shape = PAPER_DOT;
	char time[PAPER_TIME], label[LIMIT_NAME + 256], exhibit[REPORT_EXHIBIT];

	report_exhibit(r, report_text(rec->body, "exhibit"), exhibit, sizeof(exhibit));
	for (size_t i = 0; i < CO_ARRAY_LEN(actions); i++) {
		if (strcmp(actions[i].action, action) != 0)
			continue;
		shape = actions[i].shape;
		if (actions[i].moves && r->sides_n > 1)
			from = 1 - to;
	}
	paper_time_short(&r->reader, rec->at_us, time);
	(void)snprintf(label, sizeof(label), "%zu  %s%s%s", number, report_say(r, action),
		*exhibit == '\0' ? "" : ": ", exhibit);
	paper_event(timeline, time, from, to, shape, label);
}

/* Appended, each on a line of its own, when the record has it. */
static void
line_put(char *out, size_t cap, const char *label, const char *text)
{
	size_t n = strlen(out);

	if (*text != '\0' && n < cap)
		(void)snprintf(
			out + n, cap - n, "\n%s%s%s", label, *label == '\0' ? "" : ": ", text);
}

/* What was done to which exhibit, with what, what came of it, and who confirmed it. */
static void
done_put(struct report *r, json_t *row, const struct record *rec)
{
	const json_t *tool = json_object_get(rec->body, "tool");
	const char *second = report_text(json_object_get(rec->body, "second"), "officer");
	size_t cap = 2 * LIMIT_TEXT + 8 * LIMIT_NAME + 256;
	char name[2 * LIMIT_NAME + 16], *text = malloc(cap);

	if (text == NULL) {
		paper_cell(row, PAPER_PLAIN, report_say(r, report_text(rec->body, "action")));
		return;
	}
	report_exhibit(r, report_text(rec->body, "exhibit"), name, sizeof(name));
	(void)snprintf(
		text, cap, "%s\n%s", report_say(r, report_text(rec->body, "action")), name);
	(void)snprintf(name, sizeof(name), "%s %s", report_text(tool, "name"),
		report_text(tool, "version"));
	line_put(text, cap, report_say(r, "Condition"), report_text(rec->body, "condition"));
	line_put(text, cap, "", tool == NULL ? "" : name);
	line_put(text, cap, "", report_text(rec->body, "result"));
	line_put(text, cap, report_say(r, "confirmed by"), second);
	paper_cell(row, PAPER_PLAIN, text);
	free(text);
}

static void
row_put(struct report *r, json_t *table, const struct record *rec, size_t number)
{
	char text[2 * LIMIT_NAME + 64], time[PAPER_TIME];
	json_t *row = paper_row(table);
	const char *place = report_text(rec->body, "place");

	(void)snprintf(text, sizeof(text), "%zu", number);
	paper_cell(row, PAPER_QUIET, text);
	paper_time_short(&r->reader, rec->at_us, time);
	paper_cell(row, PAPER_PLAIN, time);
	(void)snprintf(text, sizeof(text), "%s\n%s%s%s", rec->from, rec->officer,
		*place == '\0' ? "" : ", ", place);
	paper_cell(row, PAPER_PLAIN, text);
	done_put(r, row, rec);
	paper_cell(row, PAPER_PLAIN, report_text(rec->body, "purpose"));
	paper_cell(row, PAPER_PLAIN, report_text(rec->body, "authority"));
}

static json_t *
table_new(struct report *r)
{
	json_t *table = paper_table(r->paper, "");

	paper_column(table, 1, "");
	paper_column(table, 5, report_say(r, WORDS("When")));
	paper_column(table, 4, report_say(r, WORDS("Who")));
	paper_column(table, 5, report_say(r, WORDS("What")));
	paper_column(table, 5, report_say(r, WORDS("Purpose")));
	paper_column(table, 5, report_say(r, WORDS("Authority")));
	return table;
}

void
report_custody(struct report *r)
{
	json_t *timeline, *table;
	size_t n = 0;

	paper_heading(r->paper, 1, report_say(r, WORDS("Chain of custody")));
	for (size_t i = 0; i < r->rows_n; i++)
		n += r->rows[i].kind == REC_CUSTODY;
	if (n == 0) {
		paper_text(r->paper, PAPER_QUIET, report_say(r,
			WORDS("No evidence in this case.")));
		return;
	}
	timeline = paper_timeline(r->paper,
		report_say(r,
			WORDS("Who held the evidence, from above down. A square seals, a diamond "
			      "comes from the other side, a ring reads or copies, a cross ends.")));
	for (size_t i = 0; i < r->sides_n; i++)
		paper_lane(timeline, r->sides[i].address);
	table = table_new(r);
	n = 0;
	for (size_t i = 0; i < r->rows_n; i++) {
		record_auto rec;

		record_init(&rec);
		if (r->rows[i].kind != REC_CUSTODY)
			continue;
		report_open(r, &r->rows[i], &rec);
		event_put(r, timeline, &rec, ++n);
		row_put(r, table, &rec, n);
	}
}
