#include "record/form.h"

#include "base/log.h"
#include "record/form_files.h"
#include "record/form_inside.h"

#include <pthread.h>
#include <string.h>

enum { FORMS_MAX = 16, FIELDS_MAX = 64, PROBLEMS_TEXT = 440, PROBLEMS_MORE = 48 };

struct form {
	json_t *json;
	const char *measure, *title;
	char articles[64];
	struct form_field fields[FIELDS_MAX];
	size_t fields_n;
};

static struct form forms[FORMS_MAX];
static size_t forms_n;
static pthread_once_t forms_once = PTHREAD_ONCE_INIT;

/* The files are part of the program: one that does not fit is our own mistake. */
static CO_NORETURN void
form_broken(const char *file, const char *what)
{
	co_error("form", "data/forms/%s.json: %s", file, what);
	abort();
}

static json_t *
form_decode(const char *name)
{
	for (const struct form_files *f = form_files; f->name != NULL; f++) {
		json_t *j = strcmp(f->name, name) != 0 ? NULL :
			json_loadb(f->data, f->n, JSON_REJECT_DUPLICATES, NULL);

		if (j != NULL)
			return j;
	}
	form_broken(name, "missing or not JSON");
}

static int
field_when(const char *word)
{
	if (word == NULL)
		return 0;
	return strcmp(word, "future") == 0 ? 1 : -(strcmp(word, "past") == 0);
}

static void
form_field_load(struct form *f, json_t *json, const json_t *members)
{
	struct form_field *field = &f->fields[f->fields_n++];
	const json_t *when = json_object_get(json, "required_if");
	const char *type = json_string_value(json_object_get(json, "type"));

	field->code = json_string_value(json_object_get(json, "code"));
	field->source = json_string_value(json_object_get(json, "source"));
	field->required = json_is_true(json_object_get(json, "required"));
	field->must = json_is_true(json_object_get(json, "must"));
	field->authority = json_object_get(json, "view") != NULL;
	field->if_field = json_string_value(json_object_get(when, "field"));
	field->if_is = json_object_get(when, "is");
	field->unless = json_string_value(json_object_get(json, "required_unless"));
	field->if_urgency = json_string_value(json_object_get(json, "required_if_urgency"));
	field->when = field_when(json_string_value(json_object_get(json, "when")));
	field->needs = json_object_get(json, "needs");
	if (field->code == NULL || field->source == NULL || !form_type_fill(field, json))
		form_broken(f->measure, field->code == NULL ? "a field without code" : field->code);
	/* So that a page or a prompt finds the labels of the parts where it finds the field. */
	if (json_object_get(members, type) != NULL &&
	    json_object_set(json, "members", json_object_get(members, type)) != 0)
		abort();
}

static void
form_load(struct form *f, const char *name, const json_t *members)
{
	const json_t *articles, *fields;
	size_t n = 0;

	f->json = form_decode(name);
	f->measure = json_string_value(json_object_get(f->json, "measure"));
	f->title = json_string_value(json_object_get(f->json, "title"));
	articles = json_object_get(f->json, "articles");
	fields = json_object_get(f->json, "fields");
	if (f->measure == NULL || strcmp(f->measure, name) != 0 || f->title == NULL ||
	    json_array_size(articles) == 0 || json_array_size(fields) == 0 ||
	    json_array_size(fields) > FIELDS_MAX)
		form_broken(name, "measure, title, articles or fields do not fit");
	for (size_t i = 0; i < json_array_size(articles) && n < sizeof(f->articles); i++)
		n += (size_t)snprintf(f->articles + n, sizeof(f->articles) - n, "%s%s",
			i > 0 ? ", " : "", json_string_value(json_array_get(articles, i)));
	for (size_t i = 0; i < json_array_size(fields); i++)
		form_field_load(f, json_array_get(fields, i), members);
}

static void
forms_load(void)
{
	json_t *members = form_decode("members");

	for (const struct form_files *f = form_files; f->name != NULL; f++) {
		if (strcmp(f->name, "members") == 0)
			continue;
		if (forms_n == FORMS_MAX)
			form_broken(f->name, "more forms than FORMS_MAX");
		form_load(&forms[forms_n++], f->name, members);
	}
	json_decref(members);
}

size_t
form_count(void)
{
	(void)pthread_once(&forms_once, forms_load);
	return forms_n;
}

const struct form *
form_at(size_t i)
{
	return i < form_count() ? &forms[i] : NULL;
}

const struct form *
form_by_measure(const char *measure)
{
	for (size_t i = 0; measure != NULL && i < form_count(); i++)
		if (strcmp(forms[i].measure, measure) == 0)
			return &forms[i];
	return NULL;
}

const char *
form_measure(const struct form *f)
{
	return f->measure;
}

const char *
form_title(const struct form *f)
{
	return f->title;
}

const char *
form_articles(const struct form *f)
{
	return f->articles;
}

const json_t *
form_json(const struct form *f)
{
	return f->json;
}

bool
field_required(const struct form_field *f, const json_t *fields)
{
	if (f->required)
		return true;
	if (f->if_field != NULL && json_equal(json_object_get(fields, f->if_field), f->if_is))
		return true;
	return f->unless != NULL && json_object_get(fields, f->unless) == NULL;
}

const struct form_field *
form_field_at(const struct form *f, size_t i)
{
	return &f->fields[i];
}

const struct form_field *
form_field(const struct form *f, const char *code)
{
	for (size_t i = 0; i < f->fields_n; i++)
		if (strcmp(f->fields[i].code, code) == 0)
			return &f->fields[i];
	return NULL;
}

size_t
form_field_count(const struct form *f)
{
	return f->fields_n;
}

void
form_need(const struct form *f, size_t i, const json_t *fields, struct form_need *out)
{
	const struct form_field *field = &f->fields[i];
	const json_t *json = json_array_get(json_object_get(f->json, "fields"), i);
	const json_t *v = json_object_get(fields, field->code), *other = NULL;

	if (field->unless != NULL && json_object_get(fields, field->unless) == NULL)
		other = json_array_get(json_object_get(f->json, "fields"),
			(size_t)(form_field(f, field->unless) - f->fields));
	*out = (struct form_need){
		.code = field->code,
		.label = json_string_value(json_object_get(json, "label")),
		.help = json_string_value(json_object_get(json, "help")),
		.source = field->source,
		.other = other == NULL ? NULL : field->unless,
		.other_label = json_string_value(json_object_get(other, "label")),
		.required = field_required(field, fields),
		.given = v != NULL,
		.authority = field->authority,
		.unmet = field->must && v != NULL && !json_is_true(v),
	};
}

/* As one message, as much as fits: form.check has all. */
static void
faults_print(const json_t *faults, char out[PROBLEMS_TEXT])
{
	size_t n = 0, i, left_out = 0;
	const json_t *one;

	out[0] = '\0';
	json_array_foreach(faults, i, one) {
		const char *text = json_string_value(json_object_get(one, "text"));

		if (left_out > 0 || n + strlen(text) + 3 > PROBLEMS_TEXT - PROBLEMS_MORE)
			left_out++;
		else
			n += (size_t)snprintf(out + n, PROBLEMS_TEXT - n, "%s%s", i > 0 ? "; " : "",
				text);
	}
	if (left_out > 0)
		(void)snprintf(out + n, PROBLEMS_TEXT - n, "; and %zu more: form.check has all",
			left_out);
}

enum co_rc
form_check_asked(
	const struct form *f, const json_t *fields, const struct form_ask *ask, struct co_err *err)
{
	char text[PROBLEMS_TEXT];
	json_t *faults;
	bool good;

	if (!json_is_object(fields))
		return co_fail(err, CO_EREFUSED, "form %s: wanted an object with the fields",
			f->measure);
	faults = form_faults(f, fields, ask);
	if (faults == NULL)
		return co_fail(err, CO_ENOMEM, "form %s", f->measure);
	good = json_array_size(faults) == 0;
	faults_print(faults, text);
	json_decref(faults);
	return good ? CO_OK : co_fail(err, CO_EREFUSED, "form %s: %s", f->measure, text);
}

enum co_rc
form_check(const struct form *f, const json_t *fields, struct co_err *err)
{
	return form_check_asked(f, fields, &(struct form_ask){ .provider = false }, err);
}

enum co_rc
form_check_provider(const struct form *f, const json_t *fields, struct co_err *err)
{
	return form_check_asked(f, fields, &(struct form_ask){ .provider = true }, err);
}

static json_t *
fields_of_view(const struct form *f, const json_t *fields, bool authority)
{
	json_t *out = json_object();

	for (size_t i = 0; out != NULL && i < f->fields_n; i++) {
		json_t *v = json_object_get(fields, f->fields[i].code);

		if (v != NULL && f->fields[i].authority == authority &&
			json_object_set(out, f->fields[i].code, v) != 0) {
			json_decref(out);
			return NULL;
		}
	}
	return out;
}

json_t *
form_fields_shown(const struct form *f, const json_t *fields)
{
	return fields_of_view(f, fields, false);
}

json_t *
form_fields_withheld(const struct form *f, const json_t *fields)
{
	return fields_of_view(f, fields, true);
}

const char *
form_member(const struct form *f, const char *code, size_t i, bool *must, const char **choices)
{
	const struct form_field *field = form_field(f, code);
	const struct schema *row = field == NULL ? NULL : &field->row;

	if (row != NULL && row->shape == SHAPE_LIST && row->sub != NULL)
		row = row->sub;
	if (row == NULL || row->shape != SHAPE_OBJECT || row->sub == NULL)
		return NULL;
	for (row = row->sub; row->name != NULL && i > 0; i--)
		row++;
	if (row->name == NULL)
		return NULL;
	*must = (row->flags & SCHEMA_MUST) != 0;
	*choices = row->choices;
	return row->name;
}
