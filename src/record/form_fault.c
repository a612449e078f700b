/* What does not fit a form: everything at once, each with its place, a code and what a machine is
 * told. Pages say it by label in the reader's language; the check of a record makes one message. */
#include "record/form_inside.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

/* Clocks differ, and a day begins 14 hours earlier in Kiritimati than in Greenwich. */
#define ALLOWANCE_US (INT64_C(14) * 3600 * 1000000)

enum { PATH_TEXT = 160, TEXT = 320 };

/* Where: field, element of a list (-1: none), member (NULL: none). */
struct place {
	const struct form_field *field;
	const char *name; /* of a field that the form does not have; else NULL */
	int item;
	const char *member;
};

struct walk {
	const struct form *f;
	const struct form_ask *ask;
	json_t *out;
};

static void
place_print(const struct place *at, char out[PATH_TEXT])
{
	char item[24] = "", show[TEXT_SHOW];

	if (at->item >= 0)
		(void)snprintf(item, sizeof(item), "[%d]", at->item);
	(void)snprintf(out, PATH_TEXT, "%s%s%s%s", at->name != NULL ? at->name : at->field->code,
		item, at->member != NULL ? "." : "",
		at->member != NULL ? text_show(at->member, show) : "");
}

static json_t *
fault_add(struct walk *w, const struct place *at, const char *code, const char *text)
{
	char path[PATH_TEXT];
	json_t *o;

	place_print(at, path);
	o = json_pack("{s:s,s:s,s:s,s:s,s:s*,s:s*}", "path", path, "field",
		at->name != NULL ? at->name : at->field->code, "code", code, "text", text, "member",
		at->member, "source", at->name != NULL ? NULL : at->field->source);
	if (o != NULL && at->item >= 0)
		(void)json_object_set_new(o, "item", json_integer(at->item));
	/* A fault that is lost would pass a form that is wrong. */
	if (json_array_append_new(w->out, o) != 0) {
		json_decref(w->out);
		w->out = NULL;
		return NULL;
	}
	return o;
}

/* "want" after the place, as a message of the schema has it. */
static json_t *
fault_want(struct walk *w, const struct place *at, const char *code, const char *want)
{
	char path[PATH_TEXT], text[TEXT];

	place_print(at, path);
	(void)snprintf(text, sizeof(text), "%s: wanted %s (%s)", path, want, at->field->source);
	return fault_add(w, at, code, text);
}

static void
fault_missing(struct walk *w, const struct place *at)
{
	char path[PATH_TEXT], text[TEXT];

	place_print(at, path);
	(void)snprintf(text, sizeof(text), "%s: required (%s)", path, at->field->source);
	(void)fault_add(w, at, "missing", text);
}

/* ---- one value ---- */

static const struct {
	const struct text_rule *rule;
	const char *code;
} rules[] = {
	{ &text_name, "line" },
	{ &text_lines, "lines" },
	{ &text_email, "email" },
	{ &text_phone, "phone" },
	{ &text_time, "time" },
	{ &text_date, "date" },
	{ &text_zone, "zone" },
};

static const char *
string_code(const struct schema *row, const json_t *v)
{
	if (json_is_string(v) && json_string_length(v) == 0)
		return "missing";
	if (json_is_string(v) && (int64_t)json_string_length(v) > row->max)
		return "long";
	if (row->choices != NULL)
		return "choice";
	for (size_t i = 0; i < CO_ARRAY_LEN(rules); i++)
		if (row->rule == rules[i].rule)
			return rules[i].code;
	return "shape";
}

static const char *
leaf_code(const struct schema *row, const json_t *v)
{
	if (row->shape == SHAPE_STRING)
		return string_code(row, v);
	if (row->shape == SHAPE_INTEGER)
		return "number";
	if (row->shape == SHAPE_BOOL)
		return "bool";
	if (row->shape != SHAPE_LIST || !json_is_array(v))
		return "shape";
	if (json_array_size(v) == 0)
		return "missing";
	return (int64_t)json_array_size(v) > row->max ? "many" : "choice";
}

static bool
leaf_check(struct walk *w, const struct schema *row, const struct place *at, const json_t *v)
{
	struct schema_path field = { NULL, at->field->code, 0 }, item = { &field, NULL, 0 }, here;
	const struct schema_path *up = &field;
	struct co_err err = { CO_OK, "" };
	json_t *o;

	if (at->item >= 0) {
		item.i = (size_t)at->item;
		up = &item;
	}
	here = (struct schema_path){ up, at->member, 0 };
	if (schema_value(row, v, at->member != NULL ? &here : up, &err) == CO_OK)
		return true;
	o = fault_add(w, at, leaf_code(row, v), err.msg);
	if (o != NULL && row->shape != SHAPE_BOOL) {
		(void)json_object_set_new(o, "min", json_integer(row->min));
		(void)json_object_set_new(o, "max", json_integer(row->max));
	}
	return false;
}

/* ---- what a row cannot say ---- */

static bool
time_of(const json_t *o, const char *member, int64_t *us)
{
	const char *s = json_string_value(json_object_get(o, member));

	return s != NULL && co_time_parse(s, us, NULL) == CO_OK;
}

/* A period of what has passed begins in the past; its end may be as long as it likes. */
static void
period_check(struct walk *w, struct place at, const json_t *v)
{
	int64_t from, to;

	if (!time_of(v, "from", &from))
		return;
	at.member = "from";
	if (w->ask->compose && at.field->when < 0 && from > w->ask->now_us + ALLOWANCE_US)
		(void)fault_want(w, &at, "future", "a time that has passed");
	at.member = "to";
	if (time_of(v, "to", &to) && to < from)
		(void)fault_want(w, &at, "order", "a time that is not before from");
}

static void
identifier_check(struct walk *w, struct place at, const json_t *v)
{
	const char *type = json_string_value(json_object_get(v, "type"));
	const char *value = json_string_value(json_object_get(v, "value"));
	unsigned char ip[sizeof(struct in6_addr)];

	at.member = "value";
	if (type == NULL || value == NULL)
		return;
	if (strcmp(type, "ip") == 0 && inet_pton(AF_INET, value, ip) != 1 &&
		inet_pton(AF_INET6, value, ip) != 1)
		(void)fault_want(w, &at, "ip", "an IPv4 or IPv6 address");
	if (strcmp(type, "email") == 0 && !text_email.ok(value, strlen(value)))
		(void)fault_want(w, &at, "email", text_email.want);
}

static void
date_check(struct walk *w, const struct place *at, const char *date)
{
	char edge[CO_TIME_LEN];
	int when = at->field->when;

	co_time_print(w->ask->now_us - when * ALLOWANCE_US, edge);
	if (when > 0 && strncmp(date, edge, 10) < 0)
		(void)fault_want(w, at, "past", "a day that is still to come");
	if (when < 0 && strncmp(date, edge, 10) > 0)
		(void)fault_want(w, at, "future", "a day that has passed");
}

static void
choices_check(struct walk *w, const struct place *at, const json_t *v)
{
	for (size_t i = 0; i < json_array_size(v); i++)
		for (size_t j = 0; j < i; j++)
			if (json_equal(json_array_get(v, i), json_array_get(v, j))) {
				(void)fault_want(w, at, "once", "each choice once");
				return;
			}
}

/* ---- objects and lists ---- */

static bool
member_needed(const struct form_field *f, const struct schema *row)
{
	if ((row->flags & SCHEMA_MUST) != 0)
		return true;
	for (size_t i = 0; i < json_array_size(f->needs); i++)
		if (strcmp(json_string_value(json_array_get(f->needs, i)), row->name) == 0)
			return true;
	return false;
}

static void
members_unknown(struct walk *w, struct place at, const struct schema *rows, const json_t *v)
{
	json_t *o = (json_t *)(uintptr_t)v; /* jansson iterates without changing it */

	for (void *it = json_object_iter(o); it != NULL; it = json_object_iter_next(o, it)) {
		const struct schema *row = rows;
		char path[PATH_TEXT], text[TEXT];

		at.member = json_object_iter_key(it);
		while (row->name != NULL && strcmp(row->name, at.member) != 0)
			row++;
		if (row->name != NULL)
			continue;
		place_print(&at, path);
		(void)snprintf(text, sizeof(text), "%s: wanted no such member here", path);
		(void)fault_add(w, &at, "unknown", text);
	}
}

static void
object_check(struct walk *w, struct place at, const struct schema *rows, const json_t *v)
{
	if (!json_is_object(v)) {
		(void)fault_want(w, &at, "shape", "an object");
		return;
	}
	for (const struct schema *row = rows; row->name != NULL; row++) {
		const json_t *m = json_object_get(v, row->name);
		struct place here = { at.field, NULL, at.item, row->name };

		if (m != NULL)
			(void)leaf_check(w, row, &here, m);
		else if (member_needed(at.field, row))
			fault_missing(w, &here);
	}
	members_unknown(w, at, rows, v);
	if (at.item >= 0)
		identifier_check(w, at, v);
	period_check(w, at, v);
}

static void
list_check(struct walk *w, struct place at, const json_t *v)
{
	const struct schema *row = &at.field->row;
	struct schema sizes = *row;

	/* Lists of objects are looked at element by element, those of words as one. */
	if (row->sub->shape != SHAPE_OBJECT) {
		if (leaf_check(w, row, &at, v))
			choices_check(w, &at, v);
		return;
	}
	sizes.sub = &(const struct schema){ .shape = SHAPE_OPEN };
	if (!json_is_array(v) || (int64_t)json_array_size(v) < row->min ||
		(int64_t)json_array_size(v) > row->max) {
		(void)leaf_check(w, &sizes, &at, v);
		return;
	}
	for (size_t i = 0; i < json_array_size(v); i++) {
		at.item = (int)i;
		object_check(w, at, row->sub->sub, json_array_get(v, i));
	}
}

static void
value_check(struct walk *w, const struct form_field *f, const json_t *v)
{
	struct place at = { f, NULL, -1, NULL };

	if (f->row.shape == SHAPE_OBJECT)
		object_check(w, at, f->row.sub, v);
	else if (f->row.shape == SHAPE_LIST)
		list_check(w, at, v);
	else if (!leaf_check(w, &f->row, &at, v))
		return;
	else if (f->must && !json_is_true(v))
		(void)fault_want(w, &at, "yes", "true");
	else if (w->ask->compose && f->when != 0 && f->row.rule == &text_date)
		date_check(w, &at, json_string_value(v));
}

/* ---- the form ---- */

static void
one_of_two(struct walk *w, const struct form_field *f)
{
	struct place at = { f, NULL, -1, NULL };
	char text[TEXT];
	json_t *o;

	(void)snprintf(text, sizeof(text), "%s: this or %s is required (%s)", f->code, f->unless,
		f->source);
	o = fault_add(w, &at, "one", text);
	if (o != NULL)
		(void)json_object_set_new(o, "other", json_string(f->unless));
}

/* Somebody who writes is told of every part that is needed, not first of the whole. */
static void
whole_missing(struct walk *w, const struct form_field *f)
{
	struct place at = { f, NULL, -1, NULL };
	json_t *none = json_object();

	if (!w->ask->compose || f->row.sub == NULL ||
		(f->row.shape == SHAPE_LIST && f->row.sub->shape != SHAPE_OBJECT))
		fault_missing(w, &at);
	else if (f->row.shape == SHAPE_OBJECT)
		object_check(w, at, f->row.sub, none);
	else {
		at.item = 0;
		object_check(w, at, f->row.sub->sub, none);
	}
	json_decref(none);
}

static void
absent_check(struct walk *w, const struct form_field *f, const json_t *fields)
{
	const struct form_field *other = f->unless == NULL ? NULL : form_field(w->f, f->unless);
	const char *urgency = w->ask->compose ? w->ask->urgency : NULL;
	struct place at = { f, NULL, -1, NULL };

	if (w->ask->provider && f->authority)
		return;
	if (other != NULL && json_object_get(fields, f->unless) == NULL) {
		/* Of two that stand for each other the first says it. */
		if (other->unless == NULL || strcmp(other->unless, f->code) != 0 || f < other)
			one_of_two(w, f);
	} else if (field_required(f, fields)) {
		whole_missing(w, f);
	} else if (f->if_urgency != NULL && urgency != NULL &&
		strcmp(urgency, f->if_urgency) == 0) {
		char text[TEXT];

		(void)snprintf(text, sizeof(text), "%s: required when the urgency is %s (%s)",
			f->code, urgency, f->source);
		(void)fault_add(w, &at, "urgent", text);
	}
}

static void
field_check(struct walk *w, const struct form_field *f, const json_t *fields)
{
	const json_t *v = json_object_get(fields, f->code);
	struct place at = { f, NULL, -1, NULL };
	char text[TEXT];

	if (v == NULL) {
		absent_check(w, f, fields);
	} else if (w->ask->provider && f->authority) {
		(void)snprintf(text, sizeof(text),
			"%s: is for the authority only and not sent to a provider", f->code);
		(void)fault_add(w, &at, "authority", text);
	} else {
		value_check(w, f, v);
	}
}

static void
fields_unknown(struct walk *w, const json_t *fields)
{
	json_t *o = (json_t *)(uintptr_t)fields;

	for (void *it = json_object_iter(o); it != NULL; it = json_object_iter_next(o, it)) {
		char show[TEXT_SHOW], text[TEXT];
		struct place at = { NULL, text_show(json_object_iter_key(it), show), -1, NULL };

		if (form_field(w->f, json_object_iter_key(it)) != NULL)
			continue;
		(void)snprintf(text, sizeof(text), "%s: no such field in this form", at.name);
		(void)fault_add(w, &at, "unknown", text);
	}
}

json_t *
form_faults(const struct form *f, const json_t *fields, const struct form_ask *ask)
{
	struct walk w = { f, ask, json_array() };

	for (size_t i = 0; i < form_field_count(f); i++)
		field_check(&w, form_field_at(f, i), fields);
	fields_unknown(&w, fields);
	return w.out;
}

bool
form_value_fits(const struct form *f, const char *code, const json_t *v)
{
	static const struct form_ask any = { .provider = false };
	const struct form_field *field = form_field(f, code);
	struct walk w = { f, &any, json_array() };
	bool fits;

	if (field != NULL)
		value_check(&w, field, v);
	fits = field != NULL && w.out != NULL && json_array_size(w.out) == 0;
	json_decref(w.out);
	return fits;
}
