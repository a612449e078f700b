#include "desk/pages.h"

#include "exchange/sight.h"

#include <string.h>

enum co_rc
page_cases(struct visit *v, struct co_err *err)
{
	static const char *const texts[] = { "partner", "number", "after" };
	const char *exercise = web_query(v->req, "exercise");
	json_t *out, *in = json_pack("{s:i}", "limit", 50);

	for (size_t i = 0; i < CO_ARRAY_LEN(texts); i++) {
		const char *s = web_query(v->req, texts[i]);

		visit_put(v, texts[i], json_string(s == NULL ? "" : s));
		if (s != NULL && *s != '\0')
			(void)json_object_set_new(in, texts[i], json_string(s));
	}
	exercise = exercise == NULL ? "" : exercise;
	visit_put(v, "exercise", json_string(exercise));
	if (*exercise != '\0')
		(void)json_object_set_new(
			in, "exercise", json_boolean(strcmp(exercise, "yes") == 0));
	visit_put(v, "narrow",
		json_boolean(json_object_size(in) > 1 + (json_object_get(in, "after") != NULL)));
	visit_put(v, "only_training", json_boolean(strcmp(exercise, "yes") == 0));
	visit_put(v, "no_training", json_boolean(strcmp(exercise, "no") == 0));
	TRY(visit_op(v, "case.list", in, &out, err));
	(void)json_object_update_missing(v->values, out);
	json_decref(out);
	visit_put(v, "of_cases", json_true());
	visit_put(v, "hands",
		json_boolean(in_list("duty,investigator,custodian,administrator",
			v->session.role)));
	visit_put(v, "any",
		json_boolean(json_array_size(json_object_get(v->values, "cases")) > 0));
	TRY(bulk_fill(v, err));
	visit_put(v, "title", json_string("cases"));
	v->page = "cases";
	return CO_OK;
}

enum co_rc
page_case_new(struct visit *v, struct co_err *err)
{
	static const char *const fields[] = { "ours", "purpose", "authority" };
	json_t *out, *in = json_object();

	for (size_t i = 0; i < CO_ARRAY_LEN(fields); i++) {
		const char *s = visit_field(v, fields[i]);

		if (s != NULL)
			(void)json_object_set_new(in, fields[i], json_string(s));
	}
	if (visit_field(v, "exercise") != NULL)
		(void)json_object_set_new(in, "exercise", json_true());
	TRY(visit_op(v, "case.new", in, &out, err));
	visit_go(v, "/case/%s", json_string_value(json_object_get(out, "case_id")));
	json_decref(out);
	return CO_OK;
}

/* What a record carries stands with the record. What is here already is not fetched again. */
static void
case_evidence(json_t *exhibits)
{
	for (size_t i = json_array_size(exhibits); i-- > 0;) {
		json_t *row = json_array_get(exhibits, i);
		const char *state = json_string_value(json_object_get(row, "state"));

		if (json_is_string(json_object_get(row, "attached_to")))
			(void)json_array_remove(exhibits, i);
		else if (json_is_true(json_object_get(row, "incoming")) && state != NULL &&
			in_list("offered,failed", state))
			(void)json_object_set_new(row, "to_fetch", json_true());
	}
}

/* Conditions, keeping and evidence: what holds for all of it. */
static enum co_rc
case_custody(struct visit *v, struct co_err *err)
{
	char at[128];
	json_t *out;

	TRY(visit_op(v, "case.custody", json_pack("{s:s}", "case_id", v->param[0]), &out, err));
	case_evidence(json_object_get(out, "exhibits"));
	(void)json_object_update_missing(v->values, out);
	json_decref(out);
	visit_put(v, "bound",
		json_boolean(json_array_size(json_object_get(v->values, "markings")) > 0));
	(void)snprintf(at, sizeof(at), "/case/%s/keep", v->param[0]);
	custody_tell(v, at);
	visit_put(v, "hands",
		json_boolean(in_list("duty,investigator,custodian,administrator",
			v->session.role)));
	return CO_OK;
}

void
case_whose(struct visit *v)
{
	const json_t *unit = json_object_get(json_object_get(v->values, "case"), "unit");

	visit_put(v, "everybody",
		json_boolean(json_is_string(unit) &&
			strcmp(json_string_value(unit), UNIT_ALL) == 0));
}

void
case_tell(struct visit *v)
{
	json_t *one, *requests = json_object_get(v->values, "requests");
	size_t i;

	json_array_foreach(requests, i, one)
		request_tell(one);
	case_whose(v);
}

enum co_rc
page_case(struct visit *v, struct co_err *err)
{
	const char *after = web_query(v->req, "after"), *partner;
	json_t *out, *in = timeline_ask(v, "case_id");

	if (after != NULL && *after != '\0')
		(void)json_object_set_new(in, "after", json_string(after));
	TRY(visit_op(v, "case.show", in, &out, err));
	timeline_put(v);
	(void)json_object_update_missing(v->values, out);
	json_decref(out);
	/* Who was refused has seen nothing. */
	TRY(visit_saw(v, v->param[0], v->param[0], err));
	TRY(case_custody(v, err));
	timeline_tell(json_object_get(v->values, "timeline"));
	case_tell(v);
	visit_with(v,
		json_string_value(json_object_get(json_object_get(v->values, "case"), "partner")));
	TRY(visit_op(v, "unit.list", json_object(), &out, err));
	visit_put(v, "several", json_boolean(json_array_size(json_object_get(out, "units")) > 1));
	(void)json_object_update_missing(v->values, out);
	json_decref(out);
	partner = json_string_value(json_object_get(json_object_get(v->values, "case"), "partner"));
	visit_put(v, "own_case",
		json_boolean(partner != NULL &&
			strcmp(partner, exchange_address(v->desk->conf.exchange)) == 0));
	visit_put(v, "asks",
		json_boolean(in_list("duty,investigator,administrator", v->session.role)));
	visit_put(v, "title", json_string("case"));
	v->page = "case";
	return CO_OK;
}

enum co_rc
page_message(struct visit *v, struct co_err *err)
{
	const char *text = visit_field(v, "text");
	json_t *out, *in;
	enum co_rc rc;

	if (text == NULL)
		return co_fail(err, CO_EUSAGE, "the message is empty; go back and write it");
	in = json_pack("{s:s,s:s}", "case_id", v->param[0], "text", text);
	rc = attach_into(v, in, err);
	if (rc != CO_OK) {
		json_decref(in);
		return rc;
	}
	TRY(visit_op(v, "message.send", in, &out, err));
	json_decref(out);
	visit_go(v, "/case/%s", v->param[0]);
	return CO_OK;
}

enum co_rc
page_exhibit_fetch(struct visit *v, struct co_err *err)
{
	json_t *out;

	TRY(visit_op(v, "exhibit.fetch", json_pack("{s:s}", "id", v->param[0]), &out, err));
	json_decref(out);
	TRY(visit_op(v, "exhibit.show", json_pack("{s:s}", "id", v->param[0]), &out, err));
	visit_go(v, "/case/%s",
		json_string_value(json_object_get(json_object_get(out, "exhibit"), "case_id")));
	json_decref(out);
	return CO_OK;
}
