/* Forms of measures as pages: the same rows for filling in, for preview and for reading. A field
 * "authority" is posted as f.authority.person, an identifier as f.identifiers.0.value. */
#include "desk/pages.h"

#include <stdarg.h>
#include <string.h>

enum { IDENTIFIER_ROWS = 4, FIELD_NAME = 160 };

static const char *
text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

/* ---- rows for templates ---- */

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

/* Members of one contact, period or identifier. base: "f.authority". */
static json_t *
row_members(const json_t *field, const json_t *value, const char *base)
{
	json_t *list = json_array();
	const json_t *m, *need;
	size_t i, k;

	json_array_foreach(json_object_get(field, "members"), i, m)
	{
		const char *code = text_of(m, "code");
		char name[FIELD_NAME];
		bool must = false;

		json_array_foreach(json_object_get(field, "needs"), k, need) must =
			must || strcmp(json_string_value(need), code) == 0;
		(void)snprintf(name, sizeof(name), "%s.%s", base, code);
		(void)json_array_append_new(list,
			json_pack("{s:s,s:s,s:s,s:O?,s:b}", "code", code, "label",
				text_of(m, "label"), "name", name, "value",
				json_object_get(value, code), "required", must));
	}
	return list;
}

static void
row_identifiers(json_t *row, const json_t *field, const json_t *value)
{
	size_t n = json_array_size(value);
	json_t *list = json_array(), *given = json_array();

	for (size_t i = 0; i < n || i < IDENTIFIER_ROWS; i++) {
		char base[FIELD_NAME];

		(void)snprintf(base, sizeof(base), "f.identifiers.%zu", i);
		(void)json_array_append_new(list,
			json_pack("{s:I,s:o,s:b}", "number", (json_int_t)i + 1, "members",
				row_members(field, json_array_get(value, i), base), "open",
				i == 0 || i < n));
		if (i < n)
			(void)json_array_append_new(given,
				json_pack("{s:o}", "members",
					row_members(field, json_array_get(value, i), base)));
	}
	(void)json_object_set_new(row, "items", list);
	(void)json_object_set_new(row, "given_items", given);
}

static json_t *
form_row(const json_t *field, const json_t *value)
{
	const char *type = text_of(field, "type"), *code = text_of(field, "code");
	json_t *row = json_object(), *is = json_object();
	char name[FIELD_NAME];

	(void)json_object_update(row, (json_t *)(uintptr_t)field);
	(void)json_object_del(row, "members");
	(void)json_object_del(row, "choices");
	(void)snprintf(name, sizeof(name), "f.%s", code);
	(void)json_object_set_new(row, "name", json_string(name));
	(void)json_object_set_new(is, type, json_true());
	(void)json_object_set_new(row, "is", is);
	(void)json_object_set_new(row, "given", json_boolean(value != NULL));
	if (json_object_get(field, "choices") != NULL)
		row_choices(row, field, value);
	if (strcmp(type, "identifiers") == 0)
		row_identifiers(row, field, value);
	else if (json_object_get(field, "members") != NULL)
		(void)json_object_set_new(row, "parts", row_members(field, value, name));
	else if (value != NULL && json_object_get(field, "choices") == NULL &&
		(json_is_string(value) || json_is_integer(value)))
		(void)json_object_set(row, "value", (json_t *)(uintptr_t)value);
	if (json_is_boolean(value))
		(void)json_object_set(row, "yes", (json_t *)(uintptr_t)value);
	return row;
}

json_t *
form_rows(const json_t *form, const json_t *values, const json_t *faults)
{
	const json_t *fields = json_object_get(form, "fields"), *field;
	json_t *rows = json_array();
	size_t i;

	json_array_foreach(fields, i, field)
	{
		const char *code = text_of(field, "code");
		json_t *row = form_row(field, json_object_get(values, code));

		if (json_object_get(faults, code) != NULL)
			(void)json_object_set(row, "fault", json_object_get(faults, code));
		(void)json_array_append_new(rows, row);
	}
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

/* ---- the posted page ---- */

/* Where the fields come from: a browser's form, or a test's. */
struct source {
	form_field_fn *get;
	const void *arg;
};

static const char *
field_at(const struct source *from, const char *name, size_t i)
{
	const char *s = from->get(from->arg, name, i);

	return s == NULL || *s == '\0' ? NULL : s;
}

static const char *posted(const struct source *from, const char *fmt, ...) CO_PRINTF(2, 3);

static const char *
posted(const struct source *from, const char *fmt, ...)
{
	char name[FIELD_NAME];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	return field_at(from, name, 0);
}

/* Browsers send CR LF in lines; records have LF. */
static json_t *
text_value(const char *s)
{
	char *copy = strdup(s), *to = copy;
	json_t *v;

	if (copy == NULL)
		return NULL;
	for (const char *from = s; *from != '\0'; from++)
		if (*from != '\r')
			*to++ = *from;
	*to = '\0';
	v = json_string(copy);
	free(copy);
	return v;
}

static json_t *
int_value(const char *s)
{
	char *end;
	long long n = strtoll(s, &end, 10);

	/* What is no number stays text: the form's own check says it better. */
	return *end == '\0' ? json_integer(n) : json_string(s);
}

static json_t *
members_value(const struct source *from, const json_t *field, const char *base)
{
	json_t *o = json_object();
	const json_t *m;
	size_t i;

	json_array_foreach(json_object_get(field, "members"), i, m)
	{
		const char *code = text_of(m, "code"), *s = posted(from, "%s.%s", base, code);

		if (s != NULL)
			(void)json_object_set_new(
				o, code, strcmp(code, "port") == 0 ? int_value(s) : text_value(s));
	}
	if (json_object_size(o) > 0)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *
list_value(const struct source *from, const char *name)
{
	json_t *list = json_array();
	const char *s;

	for (size_t i = 0; (s = from->get(from->arg, name, i)) != NULL; i++)
		if (*s != '\0')
			(void)json_array_append_new(list, json_string(s));
	if (json_array_size(list) > 0)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *
identifiers_value(const struct source *from, const json_t *field)
{
	json_t *list = json_array();
	char base[FIELD_NAME];

	for (size_t i = 0; i < 64; i++) {
		json_t *one;

		(void)snprintf(base, sizeof(base), "f.identifiers.%zu", i);
		one = members_value(from, field, base);
		if (one != NULL && json_object_get(one, "value") == NULL) {
			json_decref(one); /* a type alone: the row was not used */
			continue;
		}
		if (one != NULL)
			(void)json_array_append_new(list, one);
	}
	if (json_array_size(list) > 0)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *
field_value(const struct source *from, const json_t *field)
{
	const char *type = text_of(field, "type");
	char name[FIELD_NAME];
	const char *s;

	(void)snprintf(name, sizeof(name), "f.%s", text_of(field, "code"));
	if (strcmp(type, "identifiers") == 0)
		return identifiers_value(from, field);
	if (json_object_get(field, "members") != NULL)
		return members_value(from, field, name);
	if (strcmp(type, "choices") == 0)
		return list_value(from, name);
	s = field_at(from, name, 0);
	if (s == NULL)
		return NULL;
	if (strcmp(type, "bool") == 0)
		return json_boolean(strcmp(s, "yes") == 0);
	return strcmp(type, "int") == 0 ? int_value(s) : text_value(s);
}

json_t *
form_read_from(form_field_fn *get, const void *arg, const json_t *form)
{
	const struct source from = { get, arg };
	const json_t *fields = json_object_get(form, "fields"), *field;
	json_t *o = json_object();
	size_t i;

	json_array_foreach(fields, i, field)
	{
		json_t *value = field_value(&from, field);

		if (value != NULL)
			(void)json_object_set_new(o, text_of(field, "code"), value);
	}
	return o;
}

static const char *
visit_get(const void *arg, const char *name, size_t i)
{
	const struct visit *v = arg;

	return web_field(v->req, name, i);
}

json_t *
form_read(const struct visit *v, const json_t *form)
{
	return form_read_from(visit_get, v, form);
}
