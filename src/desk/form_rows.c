/* Forms of measures as rows of a page: the same for filling in, for preview and for reading. */
#include "desk/pages.h"

#include <string.h>

enum { IDENTIFIER_ROWS = 4, FIELD_NAME = 160 };

static const char *
text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

static bool
chosen(const json_t *value, const char *code)
{
	const json_t *one;
	size_t i;

	if (json_is_string(value))
		return strcmp(json_string_value(value), code) == 0;
	json_array_foreach(value, i, one) if (json_is_string(one) &&
		strcmp(json_string_value(one), code) == 0) return true;
	return false;
}

static void
row_choices(json_t *row, const json_t *field, const json_t *value)
{
	json_t *list = json_array(), *words = json_array();
	const json_t *choice;
	size_t i;

	json_array_foreach(json_object_get(field, "choices"), i, choice)
	{
		bool on = chosen(value, text_of(choice, "code"));

		(void)json_array_append_new(list,
			json_pack("{s:s,s:s,s:b}", "code", text_of(choice, "code"), "label",
				text_of(choice, "label"), "on", on));
		if (on)
			(void)json_array_append_new(words, json_string(text_of(choice, "label")));
	}
	(void)json_object_set_new(row, "options", list);
	(void)json_object_set_new(row, "words", words);
}

/* Where faults are looked for: a field, an element of its list (-1: none). */
struct spot {
	const struct form_look *look;
	const char *field;
	int item;
	const json_t *whole; /* the object whose member is shown */
};

static bool
needed(const json_t *field, const char *code)
{
	const json_t *need;
	size_t i;

	json_array_foreach(json_object_get(field, "needs"), i, need) if (
		strcmp(json_string_value(need), code) == 0) return true;
	return false;
}

static void
part_time(json_t *part, const json_t *value, const struct spot *at)
{
	char local[CO_TIME_LEN];

	bool shown = value != NULL &&
		form_time_shown(json_string_value(value), text_of(at->whole, "zone"), at->look,
			local);

	(void)json_object_set_new(part, "local", json_string(shown ? local : ""));
	/* What no picker could show stays as it was typed. */
	(void)json_object_set_new(part, "typed", json_boolean(value != NULL && !shown));
}

static json_t *
member_part(const json_t *field, const json_t *m, const char *base, const struct spot *at)
{
	const char *code = text_of(m, "code"), *type = text_of(m, "type");
	const json_t *value = json_object_get(at->whole, code);
	/* An optional part of a contact that says nothing is folded. */
	bool must = needed(field, code) || json_is_true(json_object_get(m, "required"));
	json_t *wrong = form_faults_at(at->look, at->field, at->item, code), *part;
	bool more = !must && value == NULL && json_array_size(wrong) == 0 &&
		!json_is_true(json_object_get(m, "usual"));

	part = json_pack("{s:s,s:s,s:O?,s:b,s:b,s:o,s:{s:b}}", "code", code, "label",
		text_of(m, "label"), "value", value, "required",
		must && (json_is_true(json_object_get(field, "required")) || at->whole != NULL),
		"more", more, "wrong", wrong, "is", *type == '\0' ? "plain" : type, 1);
	(void)json_object_set_new(part, "bad", json_boolean(json_array_size(wrong) > 0));
	(void)json_object_set_new(
		part, "line", json_boolean(!in_list("choice,datetime,lines", type)));
	(void)json_object_set_new(part, "input",
		json_string(strcmp(type, "email") == 0	    ? "email"
				: strcmp(type, "phone") == 0 ? "tel"
				: strcmp(type, "int") == 0   ? "numeric"
							     : "text"));
	(void)json_object_set_new(part, "name", json_sprintf("%s.%s", base, code));
	if (json_object_get(m, "choices") != NULL)
		row_choices(part, m, value);
	if (strcmp(type, "datetime") == 0)
		part_time(part, value, at);
	return part;
}

/* Members of one contact, period or identifier. base: "f.authority". */
static json_t *
row_members(const json_t *field, const char *base, const struct spot *at)
{
	json_t *list = json_array();
	const json_t *m;
	size_t i;

	json_array_foreach(json_object_get(field, "members"), i, m)
		(void)json_array_append_new(list, member_part(field, m, base, at));
	return list;
}

static bool
some_more(const json_t *parts)
{
	const json_t *part;
	size_t i;

	json_array_foreach(parts, i, part) if (json_is_true(json_object_get(part, "more"))) return
		true;
	return false;
}

static bool
some_wrong(const json_t *parts)
{
	const json_t *part;
	size_t i;

	json_array_foreach(parts, i, part) if (json_array_size(json_object_get(part, "wrong")) > 0)
		return true;
	return false;
}

static void
row_identifiers(json_t *row, const json_t *field, const json_t *value, struct spot at)
{
	size_t n = json_array_size(value);
	json_t *list = json_array(), *given = json_array();

	for (size_t i = 0; i < n || i < IDENTIFIER_ROWS; i++) {
		char base[FIELD_NAME];
		json_t *parts;

		at.item = (int)i;
		at.whole = json_array_get(value, i);
		(void)snprintf(base, sizeof(base), "f.identifiers.%zu", i);
		parts = row_members(field, base, &at);
		(void)json_array_append_new(list,
			json_pack("{s:I,s:o,s:b,s:b,s:o}", "number", (json_int_t)i + 1, "members",
				parts, "open", i == 0 || i < n || some_wrong(parts), "some_more",
				some_more(parts), "wrong",
				form_faults_at(at.look, at.field, at.item, NULL)));
		if (i < n)
			(void)json_array_append_new(given,
				json_pack("{s:o}", "members", row_members(field, base, &at)));
	}
	(void)json_object_set_new(row, "items", list);
	(void)json_object_set_new(row, "given_items", given);
	(void)json_object_set_new(row, "items_some", json_true());
}

static json_t *
form_row(const json_t *field, const json_t *value, const struct form_look *look)
{
	const char *type = text_of(field, "type"), *code = text_of(field, "code");
	struct spot at = { look, code, -1, value };
	json_t *row = json_object(), *is = json_object(), *parts;
	json_t *wrong = form_faults_at(look, code, -1, NULL);
	char name[FIELD_NAME];

	(void)json_object_update(row, (json_t *)(uintptr_t)field);
	(void)json_object_del(row, "members");
	(void)json_object_del(row, "choices");
	(void)snprintf(name, sizeof(name), "f.%s", code);
	(void)json_object_set_new(row, "name", json_string(name));
	(void)json_object_set_new(is, type, json_true());
	(void)json_object_set_new(row, "is", is);
	(void)json_object_set_new(row, "given", json_boolean(value != NULL));
	(void)json_object_set_new(row, "wrong", wrong);
	(void)json_object_set_new(row, "bad", json_boolean(json_array_size(wrong) > 0));
	if (json_object_get(field, "choices") != NULL)
		row_choices(row, field, value);
	if (strcmp(type, "identifiers") == 0)
		row_identifiers(row, field, value, at);
	else if (json_object_get(field, "members") != NULL) {
		parts = row_members(field, name, &at);
		(void)json_object_set_new(row, "some_more", json_boolean(some_more(parts)));
		(void)json_object_set_new(row, "parts_some", json_true());
		(void)json_object_set_new(row, "parts", parts);
	} else if (value != NULL && json_object_get(field, "choices") == NULL &&
		(json_is_string(value) || json_is_integer(value)))
		(void)json_object_set(row, "value", (json_t *)(uintptr_t)value);
	if (json_is_boolean(value))
		(void)json_object_set(row, "yes", (json_t *)(uintptr_t)value);
	return row;
}

/* The second contact that is needed is often the first: one box instead of four lines. */
static void
rows_same(json_t *rows, const json_t *values)
{
	const char *first = NULL;
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const char *code = text_of(row, "code");

		if (strcmp(text_of(row, "type"), "contact") != 0 ||
			!json_is_true(json_object_get(row, "required")))
			continue;
		if (first == NULL) {
			first = code;
			continue;
		}
		(void)json_object_set_new(row, "may_be_same", json_true());
		(void)json_object_set_new(row, "same",
			json_boolean(json_object_get(json_object_get(values, code), "person") !=
					NULL &&
				json_equal(json_object_get(values, first),
					json_object_get(values, code))));
	}
}

/* "needed, if ..": the label and the choice that make it so. */
static void
rows_when(const json_t *form, json_t *rows)
{
	json_t *row, *other, *choice;
	size_t i, k, m;

	json_array_foreach(rows, i, row)
	{
		const json_t *when = json_object_get(row, "required_if");
		const char *unless = text_of(row, "required_unless");

		json_array_foreach(json_object_get(form, "fields"), k, other)
		{
			const char *code = text_of(other, "code");

			if (*unless != '\0' && strcmp(code, unless) == 0)
				(void)json_object_set_new(
					row, "instead", json_string(text_of(other, "label")));
			if (strcmp(code, text_of(when, "field")) != 0)
				continue;
			(void)json_object_set_new(
				row, "if_label", json_string(text_of(other, "label")));
			json_array_foreach(json_object_get(other, "choices"), m, choice) if (
				json_equal(json_object_get(choice, "code"),
					json_object_get(when, "is")))
				(void)json_object_set(
					row, "if_choice", json_object_get(choice, "label"));
		}
	}
}

json_t *
form_rows(const json_t *form, const json_t *values, const struct form_look *look)
{
	const json_t *fields = json_object_get(form, "fields"), *field;
	json_t *rows = json_array();
	size_t i;

	json_array_foreach(fields, i, field)
		(void)json_array_append_new(rows,
			form_row(field, json_object_get(values, text_of(field, "code")), look));
	rows_same(rows, values);
	rows_when(form, rows);
	return rows;
}

json_t *
form_rows_withhold(json_t *rows)
{
	json_t *out = json_array();

	for (size_t i = 0; i < json_array_size(rows);) {
		json_t *row = json_array_get(rows, i);

		if (json_object_get(row, "view") == NULL) {
			i++;
			continue;
		}
		(void)json_array_append(out, row);
		(void)json_array_remove(rows, i);
	}
	return out;
}

/* ---- what is optional is folded ---- */

static bool
row_optional(const json_t *row)
{
	return !json_is_true(json_object_get(row, "required")) &&
		json_object_get(row, "required_if") == NULL &&
		json_object_get(row, "required_unless") == NULL &&
		json_object_get(row, "required_if_urgency") == NULL;
}

/* It says something that is not there by itself, or is wrong. */
static bool
row_busy(const json_t *row)
{
	return json_array_size(json_object_get(row, "wrong")) > 0 ||
		some_wrong(json_object_get(row, "parts")) ||
		(json_is_true(json_object_get(row, "given")) &&
			!json_equal(json_object_get(row, "value"),
				json_object_get(row, "default")));
}

json_t *
form_sections(const json_t *rows)
{
	json_t *out = json_array(), *now = NULL, *row;
	bool fold = false;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		if (now == NULL || row_optional(row) != fold) {
			fold = row_optional(row);
			now = json_pack("{s:b,s:b,s:[],s:[]}", "fold", fold, "open", 0, "labels",
				"rows");
			(void)json_array_append_new(out, now);
		}
		if (fold && row_busy(row))
			(void)json_object_set_new(now, "open", json_true());
		(void)json_array_append_new(json_object_get(now, "labels"),
			json_pack("{s:s,s:b}", "label", text_of(row, "label"), "next",
				json_array_size(json_object_get(now, "rows")) > 0));
		(void)json_array_append(json_object_get(now, "rows"), row);
	}
	return out;
}
