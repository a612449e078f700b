/* What a form begins with: templates, and what the officer usually writes. */
#include "desk/pages.h"

#include <string.h>

/* Our own entry, where the officer has not said otherwise yet. */
static void
own_contact(struct visit *v, const json_t *form, json_t *fields)
{
	const struct desk_conf *c = &v->desk->conf;
	const json_t *field;
	size_t i;

	json_array_foreach(json_object_get(form, "fields"), i, field)
	{
		const char *type = json_string_value(json_object_get(field, "type"));
		const char *code = json_string_value(json_object_get(field, "code"));

		if (strcmp(type, "contact") == 0 && json_is_true(json_object_get(field,
			"required")) && json_object_get(fields, code) == NULL)
			(void)json_object_set_new(fields, code,
				json_pack("{s:s,s:s}", "organisation", c->name, "timezone",
				c->zone));
		else if (json_object_get(field, "default") != NULL &&
			json_object_get(fields, code) == NULL)
			(void)json_object_set(fields, code, json_object_get(field, "default"));
	}
}

static enum co_rc
begin_usual(struct visit *v, const char *measure, json_t **out, struct co_err *err)
{
	json_t *usual, *form;

	TRY(visit_op(v, "template.usual", json_pack("{s:s}", "measure", measure), &usual, err));
	TRY(visit_op(v, "form.show", json_pack("{s:s}", "measure", measure), &form, err));
	*out = json_incref(json_object_get(usual, "fields"));
	own_contact(v, form, *out);
	json_decref(usual);
	json_decref(form);
	return CO_OK;
}

/* A draft that is corrected: a new one that begins with all it has. Its case is named only when
 * there is one already. */
static enum co_rc
begin_draft(struct visit *v, const char *id, const char *measure, json_t **out, struct co_err *err)
{
	json_t *draft, *in, *of = NULL, *found = NULL;
	const char *is;
	bool unfinished;

	TRY(visit_op(v, "draft.show", json_pack("{s:s}", "id", id), &draft, err));
	in = json_incref(json_object_get(draft, "in"));
	unfinished = strcmp(json_string_value(json_object_get(draft, "state")), "unfinished") == 0;
	if (strcmp(json_string_value(json_object_get(draft, "state")), "rejected") == 0)
		visit_put(v, "sent_back",
			json_pack("{s:O?,s:O?}", "by", json_object_get(draft, "approved_by"), "why",
				json_object_get(draft, "reason")));
	json_decref(draft);
	is = json_string_value(json_object_get(in, "measure"));
	if (is == NULL || strcmp(is, measure) != 0) {
		json_decref(in);
		return co_fail(err, CO_ENOTFOUND, "this draft is of another form");
	}
	if (visit_op(v, "case.show", json_pack("{s:O}", "case_id", json_object_get(in, "case_id")),
		    &found, NULL) != CO_OK)
		(void)json_object_del(in, "case_id");
	json_decref(found);
	if (visit_op(v, "attachment.list", json_pack("{s:s}", "of", id), &of, NULL) == CO_OK)
		(void)json_object_set(in, "files", json_object_get(of, "attachments"));
	json_decref(of);
	*out = json_incref(json_object_get(in, "fields"));
	visit_put(v, "from", in);
	visit_put(v, "unfinished", json_boolean(unfinished));
	visit_put(v, "kept", json_boolean(web_query(v->req, "kept") != NULL));
	visit_put(v, "replaces", json_string(id));
	return CO_OK;
}

/* Fields of the same name and type: what was written for the one request holds for the next. Not
 * why it was needed, nor why it was urgent unless it is an emergency: why data are to be kept, and
 * at once, is another reason than why they are to be given. */
static void
take_over(json_t *out, const json_t *form, const json_t *old_form, const json_t *old,
	bool emergency)
{
	const json_t *field, *was;
	size_t i, k;

	json_array_foreach(json_object_get(form, "fields"), i, field)
	{
		const char *code = json_string_value(json_object_get(field, "code"));

		json_array_foreach(json_object_get(old_form, "fields"), k, was)
			if (json_equal(json_object_get(was, "code"),
				    json_object_get(field, "code")) &&
				json_equal(json_object_get(was, "type"),
					json_object_get(field, "type")) &&
				json_object_get(field, "choices") == NULL &&
				strcmp(code, "necessity") != 0 &&
				(emergency || strcmp(code, "urgency_reason") != 0) &&
				json_object_get(old, code) != NULL)
				(void)json_object_set(out, code, json_object_get(old, code));
	}
}

/* A request for the data after a preservation of ours: it names it, and begins with its words. */
static enum co_rc
begin_after(struct visit *v, const char *id, const char *measure, json_t **out, struct co_err *err)
{
	json_t *shown = NULL, *form = NULL, *old_form = NULL, *fields = NULL;
	const json_t *request, *number;
	const char *urgency;
	enum co_rc rc = begin_usual(v, measure, &fields, err);

	if (rc == CO_OK)
		rc = visit_op(v, "request.show", json_pack("{s:s,s:i}", "id", id, "limit", 1),
			&shown, err);
	request = json_object_get(shown, "request");
	if (rc == CO_OK)
		rc = visit_op(v, "form.show", json_pack("{s:s}", "measure", measure), &form, err);
	if (rc == CO_OK)
		rc = visit_op(v, "form.show",
			json_pack("{s:O?}", "measure", json_object_get(request, "measure")),
			&old_form, err);
	if (rc == CO_OK) {
		number = json_object_get(shown, "our_number");
		visit_put(v, "from",
			json_pack("{s:O?,s:O?,s:O?,s:O?}", "to",
				json_object_get(request, "partner"), "ours", number, "urgency",
				json_object_get(request, "urgency"), "case_id",
				json_object_get(request, "case_id")));
		*out = json_deep_copy(fields);
		urgency = json_string_value(json_object_get(request, "urgency"));
		take_over(*out, form, old_form, json_object_get(shown, "fields"),
			urgency != NULL && strcmp(urgency, "emergency") == 0);
		(void)json_object_set_new(*out, "status", json_string("after-preservation"));
		(void)json_object_set(*out, "preservation_reference",
			(json_t *)(uintptr_t)(json_is_string(number)
					? number
					: json_object_get(request, "id")));
		(void)json_object_set_new(*out, "preservation_date",
			json_sprintf("%.10s",
				json_string_value(json_object_get(request, "asked"))));
	}
	json_decref(shown);
	json_decref(form);
	json_decref(old_form);
	json_decref(fields);
	return rc;
}

enum co_rc
compose_begin(struct visit *v, const char *measure, json_t **out, struct co_err *err)
{
	const char *id = web_query(v->req, "template"), *draft = web_query(v->req, "draft");
	const char *after = web_query(v->req, "after");
	json_t *one;

	if (draft != NULL)
		return begin_draft(v, draft, measure, out, err);
	if (after != NULL && strcmp(measure, "subscriber") == 0)
		return begin_after(v, after, measure, out, err);
	if (id == NULL)
		return begin_usual(v, measure, out, err);
	TRY(visit_op(v, "template.show", json_pack("{s:s}", "id", id), &one, err));
	if (strcmp(json_string_value(json_object_get(one, "measure")), measure) != 0) {
		json_decref(one);
		return co_fail(err, CO_ENOTFOUND, "this template is of another form");
	}
	*out = json_incref(json_object_get(one, "fields"));
	visit_put(v, "from",
		json_pack("{s:O?,s:O?}", "to", json_object_get(one, "to"), "urgency",
			json_object_get(one, "urgency")));
	visit_put(v, "template", one);
	return CO_OK;
}

static enum co_rc
template_save(struct visit *v, const char *measure, json_t *fields, const char *id,
	const char *to, const char *urgency, json_t **out, struct co_err *err)
{
	const char *name = visit_field(v, "template_name");

	if (name == NULL)
		return co_fail(err, CO_EUSAGE, "give the template a name");
	return visit_op(v, "template.save",
		json_pack("{s:s,s:s,s:O,s:b,s:s*,s:s*,s:s*}", "measure", measure, "name", name,
			"fields", fields, "shared", visit_field(v, "template_shared") != NULL, "id",
			id, "to", to, "urgency", urgency),
		out, err);
}

enum co_rc
compose_keep(struct visit *v, json_t *fields, struct co_err *err)
{
	const char *again = visit_field(v, "template_id");
	json_t *out;

	TRY(template_save(v, v->param[0], fields, again, visit_field(v, "to"),
		visit_field(v, "urgency"), &out, err));
	visit_put(v, "template_kept", json_incref(json_object_get(out, "name")));
	visit_put(v, "template", out);
	return CO_OK;
}

/* What is asked again and again, without what is of this case alone. */
static enum co_rc
template_of_draft(struct visit *v, const json_t *in, json_t **out, struct co_err *err)
{
	const char *measure = json_string_value(json_object_get(in, "measure"));
	json_t *form, *fields, *field;
	enum co_rc rc;
	size_t i;

	TRY(visit_op(v, "form.show", json_pack("{s:s}", "measure", measure), &form, err));
	fields = json_copy(json_object_get(in, "fields"));
	json_array_foreach(json_object_get(form, "fields"), i, field)
	{
		if (json_is_true(json_object_get(field, "case")))
			(void)json_object_del(
				fields, json_string_value(json_object_get(field, "code")));
	}
	rc = template_save(v, measure, fields, NULL, json_string_value(json_object_get(in, "to")),
		json_string_value(json_object_get(in, "urgency")), out, err);
	json_decref(fields);
	json_decref(form);
	return rc;
}

enum co_rc
page_draft_template(struct visit *v, struct co_err *err)
{
	json_t *draft, *out;
	const json_t *in;
	enum co_rc rc;

	TRY(visit_op(v, "draft.show", json_pack("{s:s}", "id", v->param[0]), &draft, err));
	in = json_object_get(draft, "in");
	if (json_object_get(in, "measure") == NULL)
		rc = co_fail(err, CO_EREFUSED, "only a request can be kept as a template");
	else
		rc = template_of_draft(v, in, &out, err);
	json_decref(draft);
	TRY(rc);
	json_decref(out);
	visit_go(v, "/draft/%s?kept=template", v->param[0]);
	return CO_OK;
}

enum co_rc
page_template_drop(struct visit *v, struct co_err *err)
{
	json_t *out;

	TRY(visit_op(v, "template.drop", json_pack("{s:s}", "id", v->param[0]), &out, err));
	json_decref(out);
	visit_go(v, "/compose");
	return CO_OK;
}
