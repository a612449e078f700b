#include "evidence/report_inside.h"

#include "exchange/states.h"

#include <stdio.h>
#include <string.h>

const char *
report_say(const struct report *r, const char *english)
{
	return paper_say(&r->reader, english);
}

static void
fact(struct report *r, json_t *facts, const char *label, enum paper_look look, const char *value)
{
	if (value != NULL && *value != '\0')
		paper_fact(facts, report_say(r, label), look, value);
}

/* "Cyber Crime Unit (th.contact, TH, contact point)" */
static void
side_words(const struct report *r, unsigned i, char *out, size_t cap)
{
	const struct report_side *s = &r->sides[i];
	char apart[LIMIT_ADDRESS + 16];

	paper_isolate(&r->reader, s->address, apart, sizeof(apart));
	if (s->name[0] == '\0')
		(void)snprintf(out, cap, "%s", apart);
	else
		(void)snprintf(out, cap, "%s (%s, %s, %s)", s->name, apart, s->economy,
			report_say(r, s->role));
}

void
report_exhibit(const struct report *r, const char *id, char *out, size_t cap)
{
	size_t n = 0;

	(void)snprintf(out, cap, "%s", id == NULL ? "" : id);
	for (size_t i = 0; id != NULL && i < r->rows_n; i++) {
		if (r->rows[i].kind != REC_MANIFEST)
			continue;
		n++;
		if (strcmp(r->rows[i].about, id) == 0) {
			(void)snprintf(out, cap, "E%zu %s", n, r->rows[i].name);
			return;
		}
	}
}

static size_t
count_of(const struct report *r, enum record_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < r->rows_n; i++)
		n += r->rows[i].kind == kind;
	return n;
}

static void
the_case(struct report *r)
{
	char text[LIMIT_NAME + 256], number[32], time[PAPER_TIME];
	json_t *facts;

	paper_text(r->paper, PAPER_PLAIN,
		report_say(r,
			WORDS("This report tells in plain words what the signed records of this "
			      "case say. It was made by a program from those records alone. It "
			"takes "
			      "no side, and it is no evidence itself: the records with their "
			      "signatures are.")));
	paper_heading(r->paper, 1, report_say(r, WORDS("The case")));
	facts = paper_facts(r->paper);
	for (unsigned i = 0; i < r->sides_n; i++) {
		side_words(r, i, text, sizeof(text));
		fact(r, facts, i == 0 ? WORDS("This side") : WORDS("The other side"), PAPER_PLAIN,
			text);
	}
	fact(r, facts, WORDS("Number of this side"), PAPER_PLAIN, r->from->ours);
	fact(r, facts, WORDS("Number of the other side"), PAPER_PLAIN,
		r->from->theirs);
	fact(r, facts, WORDS("Case"), PAPER_CODE, r->from->case_id);
	paper_time(&r->reader, r->rows[0].at_us, time);
	fact(r, facts, WORDS("First record"), PAPER_PLAIN, time);
	paper_time(&r->reader, r->rows[r->rows_n - 1].at_us, time);
	fact(r, facts, WORDS("Last record"), PAPER_PLAIN, time);
	(void)snprintf(number, sizeof(number), "%zu", r->rows_n);
	fact(r, facts, WORDS("Signed records"), PAPER_PLAIN, number);
	(void)snprintf(number, sizeof(number), "%zu", count_of(r, REC_MANIFEST));
	fact(r, facts, WORDS("Exhibits"), PAPER_PLAIN, number);
}

/* ---- who asked whom for what ---- */

/* The state that the last notice about a request gave it. */
static const char *
outcome(const struct report *r, const char *request)
{
	const char *state = "sent";

	for (size_t i = 0; i < r->rows_n; i++) {
		const struct report_row *n = &r->rows[i];

		if (n->kind == REC_NOTICE && strcmp(n->about, request) == 0)
			state = n->word;
	}
	return state;
}

/* Is the notice about the request, or about an extension of it? */
static bool
concerns(const struct report *r, const struct report_row *notice, const char *request)
{
	const char *about = notice->about;

	for (size_t i = 0; i < r->rows_n && strcmp(about, request) != 0; i++)
		if (strcmp(r->rows[i].id, about) == 0)
			about = r->rows[i].kind == REC_REQUEST ? r->rows[i].about : "";
	return strcmp(about, request) == 0;
}

/* The end of a preservation, as it was told last; 0: none was. */
static int64_t
kept_until(const struct report *r, const char *request)
{
	int64_t last = 0;

	for (size_t i = 0; i < r->rows_n; i++) {
		const struct report_row *n = &r->rows[i];

		if (n->kind == REC_NOTICE && n->until_us != 0 && concerns(r, n, request))
			last = n->until_us;
	}
	return last;
}

static void
fact_time(struct report *r, json_t *facts, const char *label, int64_t us)
{
	char time[PAPER_TIME];

	if (us == 0)
		return;
	paper_time(&r->reader, us, time);
	fact(r, facts, label, PAPER_PLAIN, time);
}

static void
request_put(struct report *r, const struct report_row *row, const struct record *q)
{
	const struct form *f = form_by_measure(report_text(q->body, "measure"));
	char text[LIMIT_LAW_TEXT], time[PAPER_TIME];
	json_t *facts;

	paper_record_title(&r->reader, q, text, sizeof(text));
	paper_heading(r->paper, 2, text);
	facts = paper_facts(r->paper);
	side_words(r, report_side_of(r, q->from), text, sizeof(text));
	fact(r, facts, WORDS("Who asked"), PAPER_PLAIN, text);
	side_words(r, report_side_of(r, q->to), text, sizeof(text));
	fact(r, facts, WORDS("Who was asked"), PAPER_PLAIN, text);
	(void)snprintf(text, sizeof(text), "%s (%s)", q->officer, report_say(r, q->role));
	fact(r, facts, WORDS("Officer"), PAPER_PLAIN, text);
	if (*row->approved_by != '\0') {
		paper_time(&r->reader, row->approved_us, time);
		(void)snprintf(text, sizeof(text), "%s, %s", row->approved_by, time);
		fact(r, facts, WORDS("Approved by"), PAPER_PLAIN, text);
	}
	fact_time(r, facts, WORDS("Signed on"), q->at_us);
	fact(r, facts, WORDS("Urgency"), PAPER_PLAIN,
		report_say(r, report_text(q->body, "urgency")));
	paper_basis(&r->reader, q, text, sizeof(text));
	fact(r, facts, WORDS("Law named by the request"), PAPER_PLAIN, text);
	fact(r, facts, WORDS("What became of it"), PAPER_STRONG,
		report_say(r, outcome(r, q->id)));
	fact_time(r, facts, WORDS("Kept until"), kept_until(r, q->id));
	fact(r, facts, WORDS("Record"), PAPER_CODE, q->id);
	if (f != NULL)
		paper_form(paper_facts(r->paper), &r->reader, f,
			json_object_get(q->body, "fields"));
}

static void
requests(struct report *r)
{
	paper_heading(r->paper, 1,
		report_say(r, WORDS("Who asked whom for what, and by which law")));
	if (count_of(r, REC_REQUEST) == 0)
		paper_text(r->paper, PAPER_QUIET,
			report_say(r, WORDS("No request was made in this case.")));
	for (size_t i = 0; i < r->rows_n; i++) {
		record_auto q;

		record_init(&q);
		if (r->rows[i].kind != REC_REQUEST)
			continue;
		report_open(r, &r->rows[i], &q);
		request_put(r, &r->rows[i], &q);
	}
}

/* ---- what happened, by whose clock ---- */

/* In one cell: what the record says, short. */
static void
what(const struct report *r, const struct record *rec, char *out, size_t cap)
{
	const json_t *b = rec->body;
	const char *more = report_text(b, "reason");
	char name[REPORT_EXHIBIT];

	if (rec->kind == REC_CUSTODY) {
		report_exhibit(r, report_text(b, "exhibit"), name, sizeof(name));
		(void)snprintf(out, cap, "%s: %s%s%s", report_say(r, "custody"),
			report_say(r, report_text(b, "action")), *name == '\0' ? "" : ", ", name);
	} else if (rec->kind == REC_MANIFEST) {
		report_exhibit(r, report_text(json_object_get(b, "exhibit"), "id"), name,
			sizeof(name));
		(void)snprintf(out, cap, "%s: %s", report_say(r, WORDS("Exhibit described")), name);
	} else {
		paper_record_title(&r->reader, rec, out, cap);
		if (rec->kind == REC_MESSAGE || rec->kind == REC_INFORMATION)
			more = report_text(b, "text");
		if (*more != '\0' && strlen(out) + 8 < cap)
			(void)snprintf(out + strlen(out), cap - strlen(out), "\n%s", more);
	}
}

static void
receipt_words(const struct report *r, const struct report_row *row, char *out, size_t cap)
{
	char time[PAPER_TIME], number[32];

	*out = '\0';
	if (row->received_us == 0)
		return;
	paper_time_short(&r->reader, row->received_us, time);
	(void)snprintf(out, cap, "%s", time);
	if (row->skew_s == 0)
		return;
	(void)snprintf(number, sizeof(number), "%+lld", (long long)row->skew_s);
	(void)snprintf(out + strlen(out), cap - strlen(out), "\n");
	paper_fill(&r->reader, WORDS("clocks differ by {n} s"), number, out + strlen(out),
		cap - strlen(out));
}

static void
history(struct report *r)
{
	json_t *table;
	/* A message's text is at most LIMIT_TEXT: it stays whole. */
	char *text = malloc(LIMIT_TEXT + 1024), cell[PAPER_TIME + 128], number[24];
	size_t n = 0;

	paper_heading(r->paper, 1, report_say(r, WORDS("What happened")));
	paper_text(r->paper, PAPER_QUIET,
		report_say(r,
			WORDS("In the order of the senders' own clocks. When the other side took a "
			      "record in is said by that side's clock, in its signed receipt. All "
			      "times are shown in the zone of this side.")));
	table = paper_table(r->paper, "");
	paper_column(table, 1, "");
	paper_column(table, 5, report_say(r, WORDS("Sender's clock")));
	paper_column(table, 5, report_say(r, WORDS("Receiver's clock")));
	paper_column(table, 4, report_say(r, WORDS("From")));
	paper_column(table, 12, report_say(r, WORDS("What")));
	for (size_t i = 0; text != NULL && i < r->rows_n; i++) {
		record_auto rec;
		json_t *row;

		record_init(&rec);
		if (r->rows[i].kind == REC_RECEIPT)
			continue;
		report_open(r, &r->rows[i], &rec);
		row = paper_row(table);
		(void)snprintf(number, sizeof(number), "%zu", ++n);
		paper_cell(row, PAPER_QUIET, number);
		paper_time_short(&r->reader, rec.at_us, cell);
		paper_cell(row, PAPER_PLAIN, cell);
		receipt_words(r, &r->rows[i], cell, sizeof(cell));
		paper_cell(row, PAPER_PLAIN, cell);
		(void)snprintf(cell, sizeof(cell), "%s\n%s", rec.from, rec.officer);
		paper_cell(row, PAPER_PLAIN, cell);
		what(r, &rec, text, LIMIT_TEXT + 1024);
		paper_cell(row, PAPER_PLAIN, text);
	}
	free(text);
}

/* How far an exhibit came, in this order, as its custody records say; ours: only a record of this
 * side counts. */
static const char *
exhibit_state(const struct report *r, const struct record *manifest)
{
	static const struct {
		const char *action, *state;
		bool ours;
	} states[] = { { "sealed", "sealed", false }, { "offered", "offered", false },
		{ "fetched", "fetching", true }, { "failed", "failed", false },
		{ "received", "verified", false }, { "destroyed", "destroyed", true } };
	const char *id = report_text(json_object_get(manifest->body, "exhibit"), "id");
	size_t far = strcmp(manifest->from, manifest->to) != 0;

	for (size_t i = 0; i < r->rows_n; i++) {
		const struct report_row *c = &r->rows[i];

		if (c->kind != REC_CUSTODY || strcmp(c->about, id) != 0)
			continue;
		for (size_t k = far + 1; k < CO_ARRAY_LEN(states); k++)
			if (strcmp(c->word, states[k].action) == 0 &&
				(!states[k].ours || strcmp(c->from, r->sides[0].address) == 0))
				far = k;
	}
	return states[far].state;
}

static void
exhibit_put(struct report *r, json_t *table, const struct record *m)
{
	char size[32], name[REPORT_EXHIBIT + CO_UUID_LEN + 2];
	const json_t *one = json_object_get(m->body, "exhibit");
	const json_t *plain = json_object_get(one, "plain");
	json_t *row = paper_row(table);

	report_exhibit(r, report_text(one, "id"), name, sizeof(name));
	(void)snprintf(name + strlen(name), sizeof(name) - strlen(name), "\n%s",
		report_text(one, "id"));
	paper_cell(row, PAPER_PLAIN, name);
	(void)snprintf(size, sizeof(size), "%lld",
		(long long)json_integer_value(json_object_get(plain, "size")));
	paper_cell(row, PAPER_PLAIN, size);
	paper_cell(row, PAPER_PLAIN, report_say(r, exhibit_state(r, m)));
	paper_cell(row, PAPER_CODE, report_text(plain, "sha256"));
}

static void
exhibits(struct report *r)
{
	json_t *table;

	paper_heading(r->paper, 1, report_say(r, WORDS("Evidence")));
	if (count_of(r, REC_MANIFEST) == 0) {
		paper_text(r->paper, PAPER_QUIET, report_say(r,
			WORDS("No evidence in this case.")));
		return;
	}
	table = paper_table(r->paper, "");
	paper_column(table, 6, report_say(r, WORDS("Exhibit")));
	paper_column(table, 3, report_say(r, WORDS("Bytes")));
	paper_column(table, 3, report_say(r, WORDS("State")));
	paper_column(table, 8, report_say(r, WORDS("SHA-256 of the content")));
	for (size_t i = 0; i < r->rows_n; i++) {
		record_auto m;

		record_init(&m);
		if (r->rows[i].kind != REC_MANIFEST)
			continue;
		report_open(r, &r->rows[i], &m);
		exhibit_put(r, table, &m);
	}
}

enum co_rc
report_model(const struct report_source *from, const char *language, json_t **model,
	struct co_err *err)
{
	CO_CLEANUP(report_deinit) struct report r = { .rows = NULL };
	char title[LIMIT_NAME + 64], footer[LIMIT_NAME + 128];
	const char *number;

	paper_reader_language(&r.reader, language);
	TRY(report_read(&r, from, err));
	number = from->ours;
	paper_fill(&r.reader, WORDS("Report of case {number}"),
		*number == '\0' ? from->case_id : number, title, sizeof(title));
	(void)snprintf(footer, sizeof(footer), "%s\n%s", title, from->case_id);
	r.paper = paper_begin(
		&r.reader, title, footer, r.rows[r.rows_n - 1].at_us, r.exercise, false);
	the_case(&r);
	requests(&r);
	history(&r);
	exhibits(&r);
	report_acquired(&r);
	report_conditions(&r);
	report_custody(&r);
	report_destroyed(&r);
	report_checked(&r);
	report_glossary(&r);
	TRY(r.rc);
	TRY(paper_check(r.paper, err));
	*model = CO_TAKE(r.paper);
	return CO_OK;
}
