/* Pages on people: officers, their roles, units and sessions. */
#include "desk/pages.h"

#include <string.h>

static void
take(struct visit *v, json_t *out)
{
	(void)json_object_update_missing(v->values, out);
	json_decref(out);
}

/* {"name", "on"} of each choice, for a select. */
static json_t *
choices(const char *const *names, size_t n, const char *on)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(list,
			json_pack("{s:s,s:b}", "name", names[i], "on",
				on != NULL && strcmp(names[i], on) == 0));
	return list;
}

static json_t *
role_choices(const char *on)
{
	static const char *const roles[] = { "duty", "investigator", "approver", "custodian",
		"auditor", "trainer", "administrator" };

	return choices(roles, CO_ARRAY_LEN(roles), on);
}

static void
unit_choices(struct visit *v, const char *on)
{
	const json_t *units = json_object_get(v->values, "units"), *u;
	json_t *list = json_array();
	size_t i;

	json_array_foreach(units, i, u)
	{
		const char *name = json_string_value(json_object_get(u, "name"));

		(void)json_array_append_new(list,
			json_pack("{s:s,s:s,s:b}", "name", name, "title",
				json_string_value(json_object_get(u, "title")), "on",
				strcmp(name, on) == 0));
	}
	(void)json_array_append_new(list,
		json_pack("{s:s,s:s,s:b}", "name", "none", "title", "", "on",
			strcmp("none", on) == 0));
	visit_put(v, "unit_choices", list);
}

/* ---- all of them ---- */

static enum co_rc
people_show(struct visit *v, const char *fault, struct co_err *err)
{
	json_t *out;

	TRY(visit_op(v, "user.list", json_object(), &out, err));
	take(v, out);
	TRY(visit_op(v, "unit.list", json_object(), &out, err));
	take(v, out);
	visit_put(v, "role_choices", role_choices("duty"));
	unit_choices(v, "all");
	if (fault != NULL) {
		visit_put(v, "fault", json_string(fault));
		v->status = 400;
	}
	visit_put(v, "title", json_string("people"));
	v->page = "people";
	return CO_OK;
}

enum co_rc
page_people(struct visit *v, struct co_err *err)
{
	return people_show(v, NULL, err);
}

static enum co_rc
invite_show(struct visit *v, const char *name, struct co_err *err)
{
	json_t *out;

	TRY(visit_op(v, "user.invite", json_pack("{s:s}", "name", name), &out, err));
	take(v, out);
	visit_put(v, "title", json_string("invitation"));
	v->page = "invited";
	return CO_OK;
}

/* The officer is made, put into the unit and invited; the page shows the link, once. */
enum co_rc
page_people_add(struct visit *v, struct co_err *err)
{
	const char *name = visit_field(v, "name"), *role = visit_field(v, "role"),
		   *unit = visit_field(v, "unit");
	struct co_err why = { CO_OK, "" };
	json_t *out = NULL;

	if (name == NULL || role == NULL)
		return people_show(v, "Give a name and a role.", err);
	if (visit_op(v, "user.add", json_pack("{s:s,s:s}", "name", name, "role", role), &out,
		    &why) != CO_OK)
		return people_show(v, why.msg, err);
	json_decref(out);
	if (unit != NULL && strcmp(unit, "all") != 0) {
		TRY(visit_op(v, "user.unit", json_pack("{s:s,s:s}", "name", name, "unit", unit),
			&out, err));
		json_decref(out);
	}
	return invite_show(v, name, err);
}

/* ---- one of them ---- */

enum co_rc
page_person(struct visit *v, struct co_err *err)
{
	const json_t *users, *u, *one = NULL;
	json_t *out;
	size_t i;

	TRY(visit_op(v, "user.list", json_object(), &out, err));
	users = json_object_get(out, "users");
	json_array_foreach(users, i, u)
	{
		if (strcmp(json_string_value(json_object_get(u, "name")), v->param[0]) == 0)
			one = u;
	}
	if (one == NULL) {
		json_decref(out);
		return co_fail(err, CO_ENOTFOUND, "no officer %s here", v->param[0]);
	}
	visit_put(v, "person", json_deep_copy(one));
	json_decref(out);
	one = json_object_get(v->values, "person");
	TRY(visit_op(v, "unit.list", json_object(), &out, err));
	take(v, out);
	TRY(visit_op(v, "session.list", json_pack("{s:s}", "officer", v->param[0]), &out, err));
	take(v, out);
	TRY(visit_op(v, "card.list", json_pack("{s:s}", "officer", v->param[0]), &out, err));
	take(v, out);
	if (v->desk->card != NULL)
		visit_put(v, "card_door", json_string(v->desk->conf.card_url));
	visit_put(v, "role_choices", role_choices(json_string_value(json_object_get(one, "role"))));
	unit_choices(v, json_string_value(json_object_get(one, "unit")));
	visit_put(v, "enabled", json_boolean(json_is_null(json_object_get(one, "disabled"))));
	visit_put(v, "self", json_boolean(strcmp(v->param[0], v->session.officer) == 0));
	visit_put(v, "title", json_string("officer"));
	v->page = "person";
	return CO_OK;
}

/* One operation on the officer of the path, then the page again. */
static enum co_rc
person_change(struct visit *v, const char *op, const char *member, struct co_err *err)
{
	const char *value = member == NULL ? NULL : visit_field(v, member);
	json_t *out, *in = json_pack("{s:s}", "name", v->param[0]);

	if (value != NULL)
		(void)json_object_set_new(in, member, json_string(value));
	TRY(visit_op(v, op, in, &out, err));
	json_decref(out);
	visit_go(v, "/admin/people/%s", v->param[0]);
	return CO_OK;
}

enum co_rc
page_person_role(struct visit *v, struct co_err *err)
{
	return person_change(v, "user.role", "role", err);
}

enum co_rc
page_person_unit(struct visit *v, struct co_err *err)
{
	return person_change(v, "user.unit", "unit", err);
}

enum co_rc
page_person_disable(struct visit *v, struct co_err *err)
{
	return person_change(v, "user.disable", NULL, err);
}

enum co_rc
page_person_invite(struct visit *v, struct co_err *err)
{
	return invite_show(v, v->param[0], err);
}

/* ---- units ---- */

enum co_rc
page_unit_add(struct visit *v, struct co_err *err)
{
	const char *name = visit_field(v, "name"), *title = visit_field(v, "title");
	struct co_err why = { CO_OK, "" };
	json_t *out;

	if (name == NULL || title == NULL)
		return people_show(v, "Give a name and a title of the unit.", err);
	if (visit_op(v, "unit.add", json_pack("{s:s,s:s}", "name", name, "title", title), &out,
		    &why) != CO_OK)
		return people_show(v, why.msg, err);
	json_decref(out);
	visit_go(v, "/admin/people");
	return CO_OK;
}

enum co_rc
page_unit_intake(struct visit *v, struct co_err *err)
{
	json_t *out;

	TRY(visit_op(v, "unit.intake", json_pack("{s:s}", "name", v->param[0]), &out, err));
	json_decref(out);
	visit_go(v, "/admin/people");
	return CO_OK;
}

/* ---- sessions ---- */

enum co_rc
page_sessions(struct visit *v, struct co_err *err)
{
	json_t *out, *s;
	size_t i;

	TRY(visit_op(v, "session.list", json_object(), &out, err));
	json_array_foreach(json_object_get(out, "sessions"), i, s)
	{
		(void)json_object_set_new(s, "own",
			json_boolean(strcmp(json_string_value(json_object_get(s, "id")),
					     v->session.public_id) == 0));
	}
	take(v, out);
	visit_put(v, "title", json_string("sessions"));
	v->page = "sessions";
	return CO_OK;
}

enum co_rc
page_sessions_end(struct visit *v, struct co_err *err)
{
	json_t *out;

	TRY(visit_op(v, "session.end", json_pack("{s:s}", "id", v->param[0]), &out, err));
	json_decref(out);
	visit_go(v, "/admin/sessions");
	return CO_OK;
}

/* ---- who sees a case ---- */

static enum co_rc
case_change(struct visit *v, const char *op, json_t *in, struct co_err *err)
{
	const char *reason = visit_field(v, "reason");
	json_t *out;

	if (reason != NULL)
		(void)json_object_set_new(in, "reason", json_string(reason));
	TRY(visit_op(v, op, in, &out, err));
	json_decref(out);
	return CO_OK;
}

/* Of a case that is only a draft yet there is but the draft to look at. */
static void
case_back(struct visit *v)
{
	const char *draft = visit_field(v, "draft");

	if (draft != NULL && co_uuid_valid(draft))
		visit_go(v, "/draft/%s", draft);
	else
		visit_go(v, "/case/%s", v->param[0]);
}

enum co_rc
page_case_unit(struct visit *v, struct co_err *err)
{
	const char *unit = visit_field(v, "unit");

	if (unit == NULL)
		return co_fail(err, CO_EUSAGE, "choose a unit");
	TRY(case_change(v, "case.assign",
		json_pack("{s:s,s:s}", "case_id", v->param[0], "unit", unit), err));
	/* It may be gone from one's own sight now. */
	visit_go(v, visit_field(v, "draft") == NULL ? "/cases" : "/");
	return CO_OK;
}

/* Names as people write them: between spaces or commas. */
static json_t *
names_of(const char *text)
{
	json_t *list = json_array();

	for (const char *s = text; s != NULL && *s != '\0';) {
		size_t n = strcspn(s, " ,;\t\r\n");

		if (n > 0)
			(void)json_array_append_new(list, json_stringn(s, n));
		s += n + (s[n] != '\0');
	}
	return list;
}

enum co_rc
page_case_restrict(struct visit *v, struct co_err *err)
{
	if (visit_field(v, "reason") == NULL)
		return co_fail(err, CO_EUSAGE,
			"give the reason why only named officers may see this case");
	TRY(case_change(v, "case.restrict",
		json_pack("{s:s,s:o}", "case_id", v->param[0], "officers",
			names_of(visit_field(v, "officers"))),
		err));
	case_back(v);
	return CO_OK;
}

enum co_rc
page_case_name(struct visit *v, struct co_err *err)
{
	const char *officer = visit_field(v, "officer");

	if (officer == NULL)
		return co_fail(err, CO_EUSAGE, "name an officer");
	TRY(case_change(v, "case.name",
		json_pack("{s:s,s:s,s:b}", "case_id", v->param[0], "officer", officer, "off",
			visit_field(v, "off") != NULL),
		err));
	case_back(v);
	return CO_OK;
}
