#include "desk/pages.h"

#include <string.h>

#define ASKS "duty,investigator,administrator" /* who may write requests: request.new */

enum co_rc
page_compose(struct visit *v, struct co_err *err)
{
	const char *in_case = web_query(v->req, "case");
	json_t *out;

	visit_put(v, "in_case", json_string(in_case == NULL ? "" : in_case));
	TRY(visit_op(v, "form.list", json_object(), &out, err));
	(void)json_object_update_missing(v->values, out);
	json_decref(out);
	TRY(visit_op(v, "template.list", json_object(), &out, err));
	(void)json_object_update_missing(v->values, out);
	json_decref(out);
	visit_put(v, "title", json_string("compose"));
	v->page = "compose";
	return CO_OK;
}

/* Roles as they stand in the choice, the usual first. */
static const struct {
	const char *role, *heading;
} groups[] = {
	{ "contact", WORDS("Contact points") },
	{ "authority", WORDS("Central authorities") },
	{ "provider", WORDS("Providers") },
};

/* Economies of which something is recorded and that no accepted partner is of. */
static json_t *
economies_without(const json_t *book, const json_t *partners)
{
	json_t *list = json_array(), *one, *p;
	size_t i, k;

	json_array_foreach(json_object_get(book, "economies"), i, one)
	{
		bool reached = false;

		json_array_foreach(partners, k, p)
			reached = reached ||
				(json_is_true(json_object_get(p, "accepted")) &&
					json_equal(json_object_get(p, "economy"),
						json_object_get(one, "code")));
		if (!reached)
			(void)json_array_append(list, one);
	}
	return list;
}

/* Accepted partners of a role, the chosen one marked. */
static json_t *
partners_of(json_t *partners, const char *role, const char *to)
{
	json_t *list = json_array(), *p;
	size_t i;

	json_array_foreach(partners, i, p)
	{
		const char *address = json_string_value(json_object_get(p, "address"));
		const char *is = json_string_value(json_object_get(p, "role"));

		if (!json_is_true(json_object_get(p, "accepted")) || is == NULL ||
			strcmp(is, role) != 0)
			continue;
		(void)json_object_set_new(
			p, "on", json_boolean(to != NULL && strcmp(to, address) == 0));
		(void)json_array_append(list, p);
	}
	return list;
}

/* Partners one can ask, with what time it is there. */
static enum co_rc
compose_partners(struct visit *v, const char *to, const json_t *book, struct co_err *err)
{
	json_t *out, *list = json_array(), *partners, *p;
	size_t i;

	TRY(visit_op(v, "network.show", json_object(), &out, err));
	partners = json_object_get(out, "partners");
	json_array_foreach(partners, i, p)
		partner_look(p);
	for (size_t k = 0; k < CO_ARRAY_LEN(groups); k++) {
		json_t *group = partners_of(partners, groups[k].role, to);

		if (json_array_size(group) > 0)
			(void)json_array_append_new(list,
				json_pack("{s:s,s:O}", "heading", groups[k].heading, "partners",
					group));
		json_decref(group);
	}
	visit_put(v, "unreached", economies_without(book, partners));
	json_decref(out);
	visit_put(v, "groups", list);
	return CO_OK;
}

const char *
compose_given(const struct visit *v, const char *name, const char *query)
{
	const char *s = visit_field(v, name);

	if (s == NULL && query != NULL)
		s = web_query(v->req, query);
	if (s == NULL)
		s = json_string_value(json_object_get(json_object_get(v->values, "from"), name));
	return s == NULL ? "" : s;
}

/* Legal bases to choose from; most officers leave it to the first that can be used. */
static void
compose_bases(struct visit *v, const json_t *book)
{
	const char *basis = compose_given(v, "basis", NULL), *code;
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(book, "instruments"), i, one)
	{
		code = json_string_value(json_object_get(one, "code"));
		(void)json_object_set_new(
			one, "on", json_boolean(strcmp(basis, code) == 0));
	}
	visit_put(v, "instruments", json_incref(json_object_get(book, "instruments")));
}

/* ---- what is wrong ---- */

static const char *
fault_text(const json_t *fault, const char *name)
{
	const char *s = json_string_value(json_object_get(fault, name));

	return s == NULL ? "" : s;
}

/* A contact that is ticked to be the person above has what is wrong with that one: told there. */
static bool
told_above(const struct visit *v, const json_t *fields, const json_t *faults, size_t at)
{
	const json_t *one = json_array_get(faults, at);
	const char *field = fault_text(one, "field");
	char same[80];

	(void)snprintf(same, sizeof(same), "same.%s", field);
	if (visit_field(v, same) == NULL)
		return false;
	for (size_t i = 0; i < at; i++) {
		const json_t *other = json_array_get(faults, i);

		if (strcmp(fault_text(other, "field"), field) != 0 &&
			strcmp(fault_text(other, "member"), fault_text(one, "member")) == 0 &&
			strcmp(fault_text(other, "code"), fault_text(one, "code")) == 0 &&
			json_equal(json_object_get(fields, fault_text(other, "field")),
				json_object_get(fields, field)))
			return true;
	}
	return false;
}

static void
faults_once(const struct visit *v, const json_t *fields, json_t *faults)
{
	for (size_t i = json_array_size(faults); i-- > 0;)
		if (told_above(v, fields, faults, i))
			(void)json_array_remove(faults, i);
}

/* Everything at once: of the page around the form, and of the form. NULL: nothing is. */
static enum co_rc
compose_faults(struct visit *v, const json_t *form, json_t *fields, json_t **out,
	struct co_err *err)
{
	json_t *checked, *faults = json_array();

	TRY(visit_op(v, "form.check",
		json_pack("{s:s,s:s*,s:O}", "measure", v->param[0], "urgency",
			visit_field(v, "urgency"), "fields", fields),
		&checked, err));
	if (visit_field(v, "to") == NULL)
		(void)json_array_append_new(faults, form_fault("to", WORDS("Partner"), "missing"));
	if (visit_field(v, "ours") == NULL && visit_field(v, "case_id") == NULL)
		(void)json_array_append_new(
			faults, form_fault("ours", WORDS("Our number of the case"), "missing"));
	faults_once(v, fields, json_object_get(checked, "faults"));
	form_faults_tell(form, json_object_get(checked, "faults"));
	(void)json_array_extend(faults, json_object_get(checked, "faults"));
	json_decref(checked);
	*out = faults;
	return CO_OK;
}

static void
faults_put(struct visit *v, const char *fault, json_t *faults)
{
	static const char *const around[] = { "to", "ours" };
	struct form_look look = { .faults = faults };

	for (size_t i = 0; i < CO_ARRAY_LEN(around); i++) {
		json_t *list = form_faults_at(&look, around[i], -1, NULL);
		char name[16];

		(void)snprintf(name, sizeof(name), "%s_bad", around[i]);
		visit_put(v, name, json_boolean(json_array_size(list) > 0));
		(void)snprintf(name, sizeof(name), "%s_wrong", around[i]);
		visit_put(v, name, list);
	}
	visit_put(v, "wrong_some", json_boolean(fault != NULL || json_array_size(faults) > 0));
	visit_put(v, "faults", faults == NULL ? json_array() : json_incref(faults));
	if (fault != NULL)
		visit_put(v, "fault", json_string(fault));
	if (fault != NULL || json_array_size(faults) > 0)
		v->status = 400;
}

/* Posted again: the draft that it goes on from may be one that only its author sees. */
static void
replaces_put(struct visit *v, const char *id)
{
	json_t *draft = NULL;

	if (visit_op(v, "draft.show", json_pack("{s:s}", "id", id), &draft, NULL) == CO_OK)
		visit_put(v, "unfinished",
			json_boolean(strcmp(fault_text(draft, "state"), "unfinished") == 0));
	json_decref(draft);
	visit_put(v, "changed", json_true());
	visit_put(v, "replaces", json_string(id));
}

/* What was typed stays typed, whatever was wrong. */
static enum co_rc
compose_show(struct visit *v, json_t *form, json_t *values, const char *fault, json_t *faults,
	struct co_err *err)
{
	const char *urgency = compose_given(v, "urgency", NULL),
		   *replaces = visit_field(v, "replaces");
	struct form_look look = form_look_of(v);
	json_t *book, *rows;
	enum co_rc rc;

	TRY(visit_op(v, "law.show", json_object(), &book, err));
	compose_bases(v, book);
	law_panel_ask(v, form, values);
	attach_keep(v);
	look.faults = faults;
	rows = form_rows(form, values, &look);
	visit_put(v, "sections", form_sections(rows));
	json_decref(rows);
	visit_put(v, "zone_name", json_string(look.zone));
	visit_put(v, "form", form);
	faults_put(v, fault, faults);
	visit_put(v, "ours", json_string(compose_given(v, "ours", NULL)));
	visit_put(v, "urgent", json_pack("{s:b}", *urgency == '\0' ? "routine" : urgency, 1));
	visit_put(v, "case_id", json_string(compose_given(v, "case_id", "case")));
	if (replaces != NULL)
		replaces_put(v, replaces);
	visit_put(v, "title", json_string("compose"));
	v->page = "compose-form";
	rc = compose_partners(v, compose_given(v, "to", "to"), book, err);
	json_decref(book);
	return rc;
}

enum co_rc
page_compose_form(struct visit *v, struct co_err *err)
{
	json_t *form, *values;
	enum co_rc rc;

	TRY(visit_op(v, "form.show", json_pack("{s:s}", "measure", v->param[0]), &form, err));
	TRY(compose_begin(v, v->param[0], &values, err));
	rc = compose_show(v, form, values, NULL, NULL, err);
	json_decref(values);
	return rc;
}

/* What request.new takes, from the page. */
static enum co_rc
compose_in(struct visit *v, json_t *fields, json_t **out, struct co_err *err)
{
	static const char *const members[] = { "to", "ours", "urgency", "case_id", "basis",
		"replaces" };
	json_t *in = json_pack("{s:s,s:O}", "measure", v->param[0], "fields", fields);
	enum co_rc rc;

	for (size_t i = 0; i < CO_ARRAY_LEN(members); i++) {
		const char *s = visit_field(v, members[i]);

		if (s != NULL)
			(void)json_object_set_new(in, members[i], json_string(s));
	}
	rc = attach_into(v, in, err);
	if (rc == CO_OK)
		*out = in;
	else
		json_decref(in);
	return rc;
}

/* Without script: the law, and nothing kept but a template. true: the page is shown again. */
static bool
compose_aside(struct visit *v, json_t *fields, struct co_err *why)
{
	json_t *out;

	if (visit_field(v, "keep") != NULL) {
		if (compose_keep(v, fields, why) != CO_OK)
			v->status = 400; /* why says it on the page */
		return true;
	}
	if (visit_field(v, "drop") != NULL &&
		visit_op(v, "attachment.drop", json_pack("{s:s}", "id", visit_field(v, "drop")),
			&out, NULL) == CO_OK)
		json_decref(out);
	return visit_field(v, "drop") != NULL || visit_field(v, "check") != NULL;
}

/* As it is, to go on with: nothing is checked. */
static enum co_rc
compose_unfinished(struct visit *v, json_t *fields, struct co_err *why)
{
	json_t *in, *out;

	TRY(compose_in(v, fields, &in, why));
	TRY(visit_op(v, "draft.keep", in, &out, why));
	visit_go(v, "/compose/%s?draft=%s&kept=yes", v->param[0],
		json_string_value(json_object_get(out, "id")));
	json_decref(out);
	return CO_OK;
}

/* Checked as a whole, and a draft made of it; *faults or why say why not. */
static enum co_rc
compose_submit(struct visit *v, const json_t *form, json_t *fields, json_t **faults,
	struct co_err *why)
{
	json_t *in, *out;

	TRY(compose_faults(v, form, fields, faults, why));
	if (json_array_size(*faults) > 0)
		return CO_EREFUSED;
	TRY(compose_in(v, fields, &in, why));
	TRY(visit_op(v, "request.new", in, &out, why));
	visit_go(v, "/draft/%s", json_string_value(json_object_get(out, "id")));
	json_decref(out);
	return CO_OK;
}

enum co_rc
page_compose_post(struct visit *v, struct co_err *err)
{
	struct co_err why = { CO_OK, "" };
	json_t *form, *fields, *faults = NULL;
	const char *fault;
	bool done = false;
	enum co_rc rc;

	TRY(visit_op(v, "form.show", json_pack("{s:s}", "measure", v->param[0]), &form, err));
	fields = form_read(v, form);
	if (visit_field(v, "unfinished") != NULL)
		done = compose_unfinished(v, fields, &why) == CO_OK;
	else if (!compose_aside(v, fields, &why))
		done = compose_submit(v, form, fields, &faults, &why) == CO_OK;
	if (done) {
		json_decref(faults);
		json_decref(fields);
		json_decref(form);
		return CO_OK;
	}
	fault = why.msg[0] != '\0' ? why.msg : visit_field(v, "attach_fault");
	rc = compose_show(v, form, fields, fault, faults, err);
	json_decref(faults);
	json_decref(fields);
	return rc;
}

/* ---- drafts ---- */

/* What comes next, for who looks at it. */
static void
draft_step(struct visit *v, const char *state)
{
	bool own = json_is_true(json_object_get(v->values, "own"));
	bool asks = in_list(ASKS, v->session.role), custody;
	const char *step = "";

	custody = json_object_get(v->values, "custody") != NULL;
	if (strcmp(state, "waiting") == 0)
		step = !own && strcmp(v->session.role, "approver") == 0 ? "decide" : "waits";
	else if (strcmp(state, "draft") == 0 || strcmp(state, "approved") == 0)
		step = custody ? "" : asks ? "send" : "sends";
	else if (strcmp(state, "rejected") == 0)
		step = "correct";
	else
		step = strcmp(state, "sent") == 0 ? "sent" : "gone";
	visit_put(v, "step", json_pack("{s:b}", step, 1));
	visit_put(v, "change",
		json_boolean(own && asks && !custody && strcmp(step, "sent") != 0 &&
			strcmp(step, "gone") != 0));
}

enum co_rc
page_draft_drop(struct visit *v, struct co_err *err)
{
	json_t *out;

	TRY(visit_op(v, "request.withdraw", json_pack("{s:s}", "id", v->param[0]), &out, err));
	json_decref(out);
	visit_go(v, "/");
	return CO_OK;
}

enum co_rc
page_draft(struct visit *v, struct co_err *err)
{
	const json_t *in;
	json_t *out, *form = NULL;
	const char *by, *state;

	TRY(visit_op(v, "draft.show", json_pack("{s:s}", "id", v->param[0]), &out, err));
	if (strcmp(json_string_value(json_object_get(out, "state")), "unfinished") == 0) {
		visit_go(v, "/compose/%s?draft=%s",
			json_string_value(json_object_get(json_object_get(out, "in"), "measure")),
			v->param[0]);
		json_decref(out);
		return CO_OK;
	}
	(void)json_object_update_missing(v->values, out);
	json_decref(out);
	law_panel_put(v, json_object_get(v->values, "law"));
	in = json_object_get(v->values, "in");
	if (json_object_get(in, "measure") != NULL &&
		visit_op(v, "form.show",
			json_pack("{s:O}", "measure", json_object_get(in, "measure")), &form,
			NULL) == CO_OK) {
		json_t *rows = form_rows(form, json_object_get(in, "fields"), NULL);

		if (json_is_string(json_object_get(v->values, "view")))
			visit_put(v, "withheld_rows", form_rows_withhold(rows));
		visit_put(v, "rows", rows);
		visit_put(v, "form", form);
	}
	attach_draft(v, json_object_get(in, "attachments"));
	/* What is done with an exhibit, and waits for a second officer. */
	if (json_object_get(in, "exhibit") != NULL) {
		const json_t *body = json_object_get(in, "body");
		const char *action = json_string_value(json_object_get(body, "action"));

		visit_put(v, "custody", json_incref((json_t *)(uintptr_t)body));
		visit_put(v, "follows", json_string(custody_follows(action)));
		visit_put(v, "last", json_boolean(custody_last(action)));
	}
	state = json_string_value(json_object_get(v->values, "state"));
	visit_put(v, "waits", json_boolean(strcmp(state, "waiting") == 0));
	visit_put(v, "ready",
		json_boolean(strcmp(state, "draft") == 0 || strcmp(state, "approved") == 0));
	visit_with(v, json_string_value(json_object_get(in, "to")));
	by = json_string_value(json_object_get(v->values, "created_by"));
	visit_put(v, "own", json_boolean(by != NULL && strcmp(by, v->session.officer) == 0));
	draft_step(v, state);
	case_whose(v);
	visit_put(v, "can_keep",
		json_boolean(in_list(ASKS, v->session.role)));
	visit_put(v, "asks", json_incref(json_object_get(v->values, "can_keep")));
	TRY(visit_op(v, "unit.list", json_object(), &out, err));
	visit_put(v, "several", json_boolean(json_array_size(json_object_get(out, "units")) > 1));
	(void)json_object_update_missing(v->values, out);
	json_decref(out);
	visit_put(v, "template_kept", json_boolean(web_query(v->req, "kept") != NULL));
	visit_put(v, "title", json_string("draft"));
	v->page = "draft";
	return visit_saw(v, json_string_value(json_object_get(in, "case_id")), v->param[0], err);
}

enum co_rc
page_draft_decide(struct visit *v, struct co_err *err)
{
	const char *ok = visit_field(v, "ok"), *reason = visit_field(v, "reason");
	json_t *out;

	if (ok == NULL)
		return co_fail(err, CO_EUSAGE, "choose approve or reject");
	if (strcmp(ok, "yes") != 0 &&
		(reason == NULL || reason[strspn(reason, " \t\r\n")] == '\0')) {
		visit_put(v, "reason_missing", json_true());
		v->status = 400;
		return page_draft(v, err);
	}
	if (strcmp(ok, "yes") == 0 && visit_field(v, "last") != NULL &&
		visit_field(v, "sure") == NULL)
		return co_fail(err, CO_EUSAGE,
			"it cannot be undone: go back and tick that you have read what follows");
	TRY(visit_op(v, "request.approve",
		json_pack("{s:s,s:b,s:s*}", "id", v->param[0], "ok", strcmp(ok, "yes") == 0,
			"reason", reason),
		&out, err));
	json_decref(out);
	visit_go(v, "/draft/%s", v->param[0]);
	return CO_OK;
}

enum co_rc
page_draft_send(struct visit *v, struct co_err *err)
{
	json_t *out;

	TRY(visit_op(v, "request.send",
		json_pack("{s:s,s:s*}", "id", v->param[0], "reason", visit_field(v, "reason")),
		&out, err));
	visit_go(v, "/case/%s", json_string_value(json_object_get(out, "case_id")));
	json_decref(out);
	return CO_OK;
}
