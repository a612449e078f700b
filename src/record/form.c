#include "record/form.h"

#include "base/log.h"
#include "record/form_files.h"
#include "record/form_type.h"

#include <pthread.h>
#include <string.h>

enum { FORMS_MAX = 16, FIELDS_MAX = 64, PROBLEMS_TEXT = 400 };

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

/* Problems as one sentence each, as many as fit. */
struct problems {
	char text[PROBLEMS_TEXT];
	size_t len, n, left_out;
};

static void
problem_add(struct problems *p, const char *code, const char *what, const char *source)
{
	int k = snprintf(p->text + p->len, sizeof(p->text) - p->len, "%s%s%s%s%s%s%s",
		p->n > 0 ? "; " : "", code, code[0] != '\0' ? ": " : "", what,
		source != NULL ? " (" : "",
		source != NULL ? source : "", source != NULL ? ")" : "");

	p->n++;
	if (k > 0 && (size_t)k < sizeof(p->text) - p->len)
		p->len += (size_t)k;
	else
		p->left_out++;
	p->text[p->len] = '\0';
}

static bool
field_required(const struct form_field *f, const json_t *fields)
{
	if (f->required)
		return true;
	if (f->if_field != NULL && json_equal(json_object_get(fields, f->if_field), f->if_is))
		return true;
	return f->unless != NULL && json_object_get(fields, f->unless) == NULL;
}

static void
field_check(const struct form_field *f, const json_t *v, struct problems *p)
{
	struct schema_path here = { NULL, f->code, 0 };
	struct co_err err = { 0 };
	char want[96];

	if (schema_value(&f->row, v, &here, &err) != CO_OK)
		problem_add(p, "", err.msg, NULL);
	else if (f->extra != NULL && !f->extra(f, v, want, sizeof(want)))
		problem_add(p, f->code, want, f->source);
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
	const json_t *v = json_object_get(fields, field->code);

	*out = (struct form_need){
		.code = field->code,
		.label = json_string_value(json_object_get(json, "label")),
		.help = json_string_value(json_object_get(json, "help")),
		.source = field->source,
		.required = field_required(field, fields),
		.given = v != NULL,
		.authority = field->authority,
		.unmet = field->must && v != NULL && !json_is_true(v),
	};
}

static void
form_check_unknown(const struct form *f, const json_t *fields, struct problems *p)
{
	json_t *o = (json_t *)(uintptr_t)fields; /* jansson iterates without changing it */

	for (void *it = json_object_iter(o); it != NULL; it = json_object_iter_next(o, it)) {
		const char *code = json_object_iter_key(it);
		char show[TEXT_SHOW];
		size_t i = 0;

		while (i < f->fields_n && strcmp(f->fields[i].code, code) != 0)
			i++;
		if (i == f->fields_n)
			problem_add(p, text_show(code, show), "no such field in this form", NULL);
	}
}

static void
one_check(const struct form_field *field, const json_t *fields, bool provider, struct problems *p)
{
	const json_t *v = json_object_get(fields, field->code);

	if (v != NULL && provider && field->authority)
		problem_add(p, field->code, "is for the authority only and not sent to a provider",
			NULL);
	else if (v != NULL)
		field_check(field, v, p);
	else if (field_required(field, fields) && !(provider && field->authority))
		problem_add(p, field->code, "required", field->source);
}

static enum co_rc
view_check(const struct form *f, const json_t *fields, bool provider, struct co_err *err)
{
	struct problems p = { .n = 0 };
	char more[32] = "";
	size_t known = 0;

	if (!json_is_object(fields))
		return co_fail(err, CO_EREFUSED, "form %s: wanted an object with the fields",
			f->measure);
	for (size_t i = 0; i < f->fields_n; i++) {
		known += json_object_get(fields, f->fields[i].code) != NULL;
		one_check(&f->fields[i], fields, provider, &p);
	}
	if (known != json_object_size(fields))
		form_check_unknown(f, fields, &p);
	if (p.n == 0)
		return CO_OK;
	if (p.left_out > 0)
		(void)snprintf(more, sizeof(more), "; and %zu more", p.left_out);
	return co_fail(err, CO_EREFUSED, "form %s: %s%s", f->measure, p.text, more);
}

enum co_rc
form_check(const struct form *f, const json_t *fields, struct co_err *err)
{
	return view_check(f, fields, false, err);
}

enum co_rc
form_check_provider(const struct form *f, const json_t *fields, struct co_err *err)
{
	return view_check(f, fields, true, err);
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
	const struct schema *row = NULL;

	for (size_t k = 0; k < f->fields_n; k++)
		if (strcmp(f->fields[k].code, code) == 0)
			row = &f->fields[k].row;
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

bool
form_value_fits(const struct form *f, const char *code, const json_t *v)
{
	struct problems p = { .n = 0 };

	for (size_t i = 0; i < f->fields_n; i++) {
		if (strcmp(f->fields[i].code, code) != 0)
			continue;
		field_check(&f->fields[i], v, &p);
		return p.n == 0;
	}
	return false;
}
