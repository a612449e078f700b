#include "exchange/paper_record.h"

#include "base/civil.h"
#include "base/zone.h"
#include "exchange/states.h"

#include <stdio.h>
#include <string.h>

#define SECOND_US INT64_C(1000000)
#define DAY_US (86400 * SECOND_US)

enum { VALUE_MAX = LIMIT_PAPER_TEXT / 2 };

static const char *
text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

void
paper_reader_language(struct paper_reader *r, const char *language)
{
	r->words = catalogue_for(language, NULL);
	r->language = language_of(catalogue_language(r->words));
}

const char *
paper_say(const struct paper_reader *r, const char *english)
{
	return catalogue_text(r->words, english);
}

void
paper_fill(const struct paper_reader *r, const char *english, const char *value, char *out,
	size_t cap)
{
	(void)catalogue_fill(paper_say(r, english), value, out, cap);
}

void
paper_isolate(const struct paper_reader *r, const char *text, char *out, size_t cap)
{
	(void)snprintf(out, cap, r->language->rtl ? "\u2066%.300s\u2069" : "%.300s", text);
}

/* ---- times ---- */

static void
zone_time(const struct paper_reader *r, const struct co_zone *zone, int64_t us, char *out,
	size_t cap)
{
	char text[LANGUAGE_DATE], offset[16], apart[32];

	language_time(r->language, zone, us, text);
	language_offset(zone, us, offset);
	paper_isolate(r, offset, apart, sizeof(apart));
	(void)snprintf(out, cap, "%s %s", text, apart);
}

void
paper_time(const struct paper_reader *r, int64_t us, char out[PAPER_TIME])
{
	char here[136], there[136], who[LIMIT_ADDRESS + 16];

	zone_time(r, r->here, us, here, sizeof(here));
	if (r->partner[0] == '\0' ||
		co_zone_offset(r->here, us, NULL) == co_zone_offset(r->there, us, NULL)) {
		(void)snprintf(out, PAPER_TIME, "%s", here);
		return;
	}
	zone_time(r, r->there, us, there, sizeof(there));
	paper_isolate(r, r->partner, who, sizeof(who));
	(void)snprintf(out, PAPER_TIME, "%s (%s: %s)", here, who, there);
}

void
paper_time_short(const struct paper_reader *r, int64_t us, char out[PAPER_TIME])
{
	int64_t s = co_floor_div(us, SECOND_US) + co_zone_offset(r->here, us, NULL);
	char text[LANGUAGE_DATE], offset[16], apart[32];

	language_time(r->language, r->here, us, text);
	language_offset(r->here, us, offset);
	paper_isolate(r, offset, apart, sizeof(apart));
	(void)snprintf(out, PAPER_TIME, "%s:%02d %s", text, (int)(s - co_floor_div(s, 60) * 60),
		apart);
}

/* ---- values of forms ---- */

struct value {
	const struct paper_reader *r;
	struct co_buf b;
};

/* A value past the limit is cut by paper.h, visibly. */
static void
add(struct value *v, const char *s)
{
	(void)!co_buf_add_str(&v->b, s, NULL);
}

/* An instant stays as it was written, with the reader's time after it. */
static void
add_given(struct value *v, const json_t *given)
{
	const char *s = json_string_value(given);
	char text[PAPER_TIME];
	int64_t us;

	if (json_is_boolean(given))
		add(v, paper_say(v->r, json_is_true(given) ? WORDS("yes") : WORDS("no")));
	if (json_is_integer(given)) {
		(void)snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(given));
		add(v, text);
	}
	if (s == NULL)
		return;
	if (co_time_parse(s, &us, NULL) != CO_OK) {
		add(v, s);
		return;
	}
	paper_isolate(v->r, s, text, sizeof(text));
	add(v, text);
	paper_time(v->r, us, text);
	add(v, " (");
	add(v, text);
	add(v, ")");
}

static void
add_day(struct value *v, const char *s)
{
	char instant[CO_TIME_LEN], text[LANGUAGE_DATE];
	int64_t us;

	(void)snprintf(instant, sizeof(instant), "%.10sT00:00:00Z", s);
	if (strlen(s) != 10 || co_time_parse(instant, &us, NULL) != CO_OK) {
		add(v, s);
		return;
	}
	language_day(v->r->language, co_floor_div(us, DAY_US), text);
	add(v, text);
}

static const char *
choice_label(const json_t *field, const json_t *code)
{
	const json_t *choice;
	size_t i;

	json_array_foreach(json_object_get(field, "choices"), i, choice)
		if (json_equal(json_object_get(choice, "code"), code))
			return text_of(choice, "label");
	return json_string_value(code);
}

/* "Person in charge: Somchai Jaidee", a line each. */
static void
add_members(struct value *v, const json_t *field, const json_t *value)
{
	const json_t *m;
	size_t i, n = 0;

	json_array_foreach(json_object_get(field, "members"), i, m) {
		const json_t *part = json_object_get(value, text_of(m, "code"));

		if (part == NULL)
			continue;
		add(v, n++ == 0 ? "" : "\n");
		add(v, paper_say(v->r, text_of(m, "label")));
		/* So that a name or a number keeps its order within a line that runs from the
		 * right. */
		add(v, v->r->language->rtl ? ": \u2068" : ": ");
		add_given(v, part);
		add(v, v->r->language->rtl ? "\u2069" : "");
	}
}

static void
add_list(struct value *v, const json_t *field, const json_t *list)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one) {
		const char *label = choice_label(field, one);

		add(v, i == 0 ? "" : json_is_object(one) ? "\n\n" : "\n");
		if (json_is_object(one))
			add_members(v, field, one);
		else if (label != NULL)
			add(v, paper_say(v->r, label));
	}
}

static void
add_value(struct value *v, const json_t *field, const json_t *value)
{
	const char *type = text_of(field, "type");

	if (json_is_array(value))
		add_list(v, field, value);
	else if (json_is_object(value))
		add_members(v, field, value);
	else if (strcmp(type, "choice") == 0 && choice_label(field, value) != NULL)
		add(v, paper_say(v->r, choice_label(field, value)));
	else if (strcmp(type, "date") == 0 && json_is_string(value))
		add_day(v, json_string_value(value));
	else
		add_given(v, value);
}

void
paper_form(json_t *facts, const struct paper_reader *r, const struct form *f, const json_t *fields)
{
	const json_t *field;
	size_t i;

	json_array_foreach(json_object_get(form_json(f), "fields"), i, field) {
		const json_t *given = json_object_get(fields, text_of(field, "code"));
		struct value v = { .r = r };

		if (given == NULL)
			continue;
		co_buf_init(&v.b, VALUE_MAX);
		add_value(&v, field, given);
		paper_fact(facts, paper_say(r, text_of(field, "label")), PAPER_PLAIN,
			v.b.data == NULL ? "" : v.b.data);
		co_buf_deinit(&v.b);
	}
}

/* ---- records ---- */

json_t *
paper_begin(const struct paper_reader *r, const char *title, const char *footer, int64_t made_us,
	bool exercise, bool wide)
{
	char made[CO_TIME_LEN];
	struct paper_head head = { .language = catalogue_language(r->words),
		.rtl = r->language->rtl,
		.wide = wide,
		.title = title,
		.mark = exercise ? paper_say(r, WORDS("EXERCISE")) : NULL,
		.made = made,
		.footer = footer,
		.page = paper_say(r, WORDS("Page {n} of {m}")) };

	co_time_print(co_floor_div(made_us, SECOND_US) * SECOND_US, made);
	return paper_new(&head);
}

/* Names of instruments as data/law/instruments has them (test_paper holds them to it): the report
 * of a package is made again elsewhere, where other law may be built in. */
static const struct {
	const char *code, *name;
} instruments[] = {
	{ "bilateral",
	WORDS("Treaty or arrangement on mutual assistance between the two economies") },
	{ "cets-185", WORDS("Convention on Cybercrime") },
	{ "cets-224",
		WORDS("Second Additional Protocol on enhanced cooperation and disclosure of "
		      "electronic evidence") },
	{ "domestic", WORDS("Law of the requested economy on assistance without a treaty") },
	{ "ets-189",
		WORDS("Additional Protocol on acts of a racist and xenophobic nature committed "
		      "through computer systems") },
	{ "eu-2023-1543",
		WORDS("Regulation (EU) 2023/1543 on European Production Orders and European "
		      "Preservation Orders") },
	{ "g7-247", WORDS("G7 24/7 network of high tech crime contact points") },
	{ "interpol", WORDS("INTERPOL channel I-24/7") },
	{ "reciprocity", WORDS("Assistance on a promise of reciprocity") },
	{ "un-cybercrime",
		WORDS("United Nations Convention against Cybercrime, adopted 24 December 2024") },
	{ "voluntary", WORDS("Voluntary disclosure or preservation by a provider") },
};

const char *
paper_instrument(const char *code)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(instruments); i++)
		if (strcmp(instruments[i].code, code) == 0)
			return instruments[i].name;
	return code;
}

void
paper_basis(const struct paper_reader *r, const struct record *request, char *out, size_t cap)
{
	const char *code = text_of(request->body, "basis");
	const struct form *f = form_by_measure(text_of(request->body, "measure"));
	const char *name = paper_say(r, paper_instrument(code));

	/* The articles of a form are those of its own instrument. */
	if (*code == '\0')
		(void)snprintf(out, cap, "%s", paper_say(r, WORDS("none is named")));
	else if (f != NULL && strcmp(code, text_of(form_json(f), "instrument")) == 0)
		(void)snprintf(out, cap, "%s, art. %s", name, form_articles(f));
	else
		(void)snprintf(out, cap, "%s", name);
}

void
paper_record_title(const struct paper_reader *r, const struct record *rec, char *out, size_t cap)
{
	const struct form *f = form_by_measure(text_of(rec->body, "measure"));
	const char *state = text_of(rec->body, "state");

	if (rec->kind == REC_REQUEST && f != NULL)
		(void)snprintf(out, cap, "%s", paper_say(r, form_title(f)));
	else if (rec->kind == REC_REQUEST)
		(void)snprintf(out, cap, "%s", paper_say(r, text_of(rec->body, "measure")));
	else if (rec->kind == REC_NOTICE)
		paper_fill(r, WORDS("Notice: {state}"), paper_say(r, state), out, cap);
	else if (rec->kind == REC_MESSAGE)
		(void)snprintf(out, cap, "%s", paper_say(r, WORDS("Message")));
	else if (rec->kind == REC_INFORMATION)
		(void)snprintf(out, cap, "%s", paper_say(r, WORDS("Spontaneous information")));
	else
		(void)snprintf(out, cap, "%s", paper_say(r, record_kind_name(rec->kind)));
}

static void
conditions_put(json_t *paper, const struct paper_reader *r, const json_t *list)
{
	const json_t *one;
	json_t *facts;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	paper_heading(paper, 1, paper_say(r, WORDS("Conditions")));
	facts = paper_facts(paper);
	json_array_foreach(list, i, one)
		paper_fact(facts, paper_say(r, text_of(one, "type")), PAPER_PLAIN,
			text_of(one, "text"));
}

static void
ground_put(json_t *facts, const struct paper_reader *r, const char *code)
{
	char text[512], clause[64];

	for (size_t i = 0; *code != '\0' && i < grounds_count(); i++) {
		const struct ground *g = grounds_at(i);

		if (strcmp(g->code, code) != 0)
			continue;
		paper_isolate(r, g->clause, clause, sizeof(clause));
		(void)snprintf(text, sizeof(text), "%s (%s)", paper_say(r, g->text), clause);
		paper_fact(facts, paper_say(r, WORDS("Ground")), PAPER_PLAIN, text);
		return;
	}
	if (*code != '\0')
		paper_fact(facts, paper_say(r, WORDS("Ground")), PAPER_CODE, code);
}

static void
notice_body(json_t *paper, const struct paper_reader *r, const struct record *rec)
{
	json_t *facts = paper_facts(paper);
	const char *until = text_of(rec->body, "until"), *reason = text_of(rec->body, "reason");
	char text[PAPER_TIME];
	int64_t us;

	paper_fact(facts, paper_say(r, WORDS("State")), PAPER_STRONG,
		paper_say(r, text_of(rec->body, "state")));
	ground_put(facts, r, text_of(rec->body, "ground"));
	if (*until != '\0' && co_time_parse(until, &us, NULL) == CO_OK) {
		paper_time(r, us, text);
		paper_fact(facts, paper_say(r, WORDS("Until")), PAPER_PLAIN, text);
	}
	if (*reason != '\0')
		paper_fact(facts, paper_say(r, WORDS("Reason")), PAPER_PLAIN, reason);
	conditions_put(paper, r, json_object_get(rec->body, "conditions"));
}

static void
request_body(json_t *paper, const struct paper_reader *r, const struct record *rec)
{
	const struct form *f = form_by_measure(text_of(rec->body, "measure"));
	char *text;

	paper_heading(paper, 1, paper_say(r, WORDS("What is asked")));
	if (f != NULL) {
		paper_form(paper_facts(paper), r, f, json_object_get(rec->body, "fields"));
		return;
	}
	/* A measure that this version has no form for: its fields as they came. */
	text = json_dumps(json_object_get(rec->body, "fields"), JSON_INDENT(1));
	paper_text(paper, PAPER_CODE, text);
	free(text);
}

void
paper_record_body(json_t *paper, const struct paper_reader *r, const struct record *rec)
{
	if (rec->kind == REC_REQUEST) {
		request_body(paper, r, rec);
	} else if (rec->kind == REC_NOTICE) {
		notice_body(paper, r, rec);
	} else {
		if (*text_of(rec->body, "subject") != '\0')
			paper_heading(paper, 1, text_of(rec->body, "subject"));
		paper_text(paper, PAPER_PLAIN, text_of(rec->body, "text"));
		conditions_put(paper, r, json_object_get(rec->body, "conditions"));
	}
}
