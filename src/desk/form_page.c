/* Forms of measures as they are posted: the inverse of form_rows.c. A field "authority" is posted
 * as f.authority.person, an identifier as f.identifiers.0.value. */
#include "desk/pages.h"

#include <stdarg.h>
#include <string.h>

enum { FIELD_NAME = 160 };

static const char *
text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

/* ---- the posted page ---- */

/* Where the fields come from: a browser's form, or a test's. */
struct source {
	form_field_fn *get;
	const void *arg;
	const struct form_look *look;
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
	json_t *o = json_object(), *v;
	const json_t *m;
	size_t i;

	json_array_foreach(json_object_get(field, "members"), i, m)
	{
		const char *code = text_of(m, "code"), *s = posted(from, "%s.%s", base, code);

		if (s == NULL)
			continue;
		if (strcmp(text_of(m, "type"), "datetime") == 0)
			v = form_time_read(s, posted(from, "%s.zone", base), from->look);
		else
			v = strcmp(text_of(m, "type"), "int") == 0 ? int_value(s) : text_value(s);
		(void)json_object_set_new(o, code, v);
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
	if (strcmp(type, "datetime") == 0)
		return form_time_read(s, NULL, from->look);
	return strcmp(type, "int") == 0 ? int_value(s) : text_value(s);
}

/* Ticked, and another written: what was written is not lost. */
static bool
same_person(const json_t *first, const json_t *second)
{
	const json_t *person = json_object_get(second, "person");

	return first != NULL &&
		(person == NULL || json_equal(person, json_object_get(first, "person")));
}

/* "The same person" was ticked: the contact of whoever asks stands here, too. */
static void
same_contacts(const struct source *from, const json_t *form, json_t *o)
{
	const char *first = NULL;
	const json_t *field;
	size_t i;

	json_array_foreach(json_object_get(form, "fields"), i, field)
	{
		const char *code = text_of(field, "code");

		if (strcmp(text_of(field, "type"), "contact") != 0 ||
			!json_is_true(json_object_get(field, "required")))
			continue;
		if (first == NULL)
			first = code;
		else if (posted(from, "same.%s", code) != NULL &&
			same_person(json_object_get(o, first), json_object_get(o, code)))
			(void)json_object_set(o, code, json_object_get(o, first));
	}
}

json_t *
form_read_from(form_field_fn *get, const void *arg, const json_t *form,
	const struct form_look *look)
{
	const struct source from = { get, arg, look };
	const json_t *fields = json_object_get(form, "fields"), *field;
	json_t *o = json_object();
	size_t i;

	json_array_foreach(fields, i, field)
	{
		json_t *value = field_value(&from, field);

		if (value != NULL)
			(void)json_object_set_new(o, text_of(field, "code"), value);
	}
	same_contacts(&from, form, o);
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
	struct form_look look = form_look_of(v);

	return form_read_from(visit_get, v, form, &look);
}
