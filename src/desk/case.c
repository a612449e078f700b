#include "desk/pages.h"

#include <string.h>

enum { TIMELINE_PART = 100 }; /* records on a page */

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
	visit_put(v, "title", json_string("cases"));
	v->page = "cases";
	return CO_OK;
}

/* What happened comes in parts, the latest first: a case may have ten thousand records. */
static json_t *
part_ask(const struct visit *v, const char *member)
{
	const char *before = web_query(v->req, "before");
	json_t *in = json_pack("{s:s,s:i}", member, v->param[0], "limit", TIMELINE_PART);

	if (before != NULL && *before != '\0')
		(void)json_object_set_new(in, "before", json_integer(strtoll(before, NULL, 10)));
	return in;
}

static void
part_put(struct visit *v)
{
	const char *before = web_query(v->req, "before");

	visit_put(v, "not_latest", json_boolean(before != NULL && *before != '\0'));
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
	(void)snprintf(at, sizeof(at), "/case/%s/keep", v->param[0]);
	custody_tell(v, at);
	visit_put(v, "hands",
		json_boolean(in_list("duty,investigator,custodian,administrator",
			v->session.role)));
	return CO_OK;
}

enum co_rc
page_case(struct visit *v, struct co_err *err)
{
	const char *after = web_query(v->req, "after");
	json_t *out, *in = part_ask(v, "case_id");

	if (after != NULL && *after != '\0')
		(void)json_object_set_new(in, "after", json_string(after));
	TRY(visit_op(v, "case.show", in, &out, err));
	part_put(v);
	(void)json_object_update_missing(v->values, out);
	json_decref(out);
	/* Who was refused has seen nothing. */
	TRY(visit_saw(v, v->param[0], v->param[0], err));
	TRY(case_custody(v, err));
	attach_tell_timeline(json_object_get(v->values, "timeline"));
	visit_with(v,
		json_string_value(json_object_get(json_object_get(v->values, "case"), "partner")));
	TRY(visit_op(v, "unit.list", json_object(), &out, err));
	visit_put(v, "several", json_boolean(json_array_size(json_object_get(out, "units")) > 1));
	(void)json_object_update_missing(v->values, out);
	json_decref(out);
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

/* The request as its form prints it: every field with its label. */
static void
request_form(struct visit *v, const json_t *request)
{
	json_t *form = NULL;

	if (visit_op(v, "form.show",
		    json_pack("{s:O}", "measure", json_object_get(request, "measure")), &form,
		    NULL) != CO_OK)
		return;
	visit_put(v, "rows", form_rows(form, json_object_get(v->values, "fields"), NULL));
	if (json_object_size(json_object_get(v->values, "withheld")) > 0) {
		json_t *all = form_rows(form, json_object_get(v->values, "withheld"), NULL);

		visit_put(v, "withheld_rows", form_rows_withhold(all));
		json_decref(all);
	}
	visit_put(v, "form", form);
}

/* May this answer go against what the law says? Then its reason is asked. */
static bool
asks_why(const char *state, bool against)
{
	static const char *const deciding[] = { "accepted", "partial", "executed", "extended",
		"path-disclosed" };

	if (strcmp(state, "refused") == 0)
		return true;
	for (size_t i = 0; against && i < CO_ARRAY_LEN(deciding); i++)
		if (strcmp(deciding[i], state) == 0)
			return true;
	return false;
}

/* What follows from telling a state, for who has to choose. */
static const struct {
	const char *state, *follows;
} consequences[] = {
	{ "acknowledged",
		WORDS("They learn that a person here has it in hand. Nothing is decided yet; the "
		      "clock for the answer goes on.") },
	{ "accepted",
		WORDS("They learn that it will be done. You then execute it and tell them when it "
		      "is done.") },
	{ "need-decision",
		WORDS("They learn that a court or another authority here must decide first.") },
	{ "condition-offered",
		WORDS("It waits until they accept your condition or decline it.") },
	{ "condition-accepted", WORDS("You are bound by the condition; the work goes on there.") },
	{ "condition-declined", WORDS("Without the condition they may refuse.") },
	{ "referred", WORDS("They learn that another authority here has it now.") },
	{ "postponed", WORDS("They learn that it waits, and why. It stays open.") },
	{ "partial",
	WORDS("They learn what was done and what was not. It stays open for the rest.") },
	{ "executed",
		WORDS("They learn that it is done. For a preservation the time of keeping begins "
		      "to run, and its end is watched.") },
	{ "path-disclosed", WORDS("They learn which provider to ask next.") },
	{ "extended", WORDS("The data are kept until the new end.") },
	{ "delayed", WORDS("They learn when to expect the answer. It stays open.") },
	{ "impossible", WORDS("They learn that it cannot be done. The request ends.") },
	{ "refused",
		WORDS("The request ends. They learn the ground and your reason, and can answer "
		      "in a message or ask anew.") },
	{ "withdrawn",
		WORDS("You give the request up. They stop, and what is preserved is no longer kept "
		      "for you.") },
	{ "use-explained", WORDS("They learn what was done with what they gave.") },
	{ "closed", WORDS("Both sides are done. The records stay.") },
};

/* What somebody who opens the request should do now; the first row that fits. */
static const struct {
	bool incoming;
	const char *state; /* NULL: any other */
	const char *next;
} nexts[] = {
	{ true, "sent",
		WORDS("Read what is asked, then acknowledge it: they wait to know that a person "
		      "has it. Accepting or refusing comes after.") },
	{ true, "acknowledged",
		WORDS("Decide: accept it, offer a condition, or refuse with a ground. When it is "
		      "done, tell them that it is executed.") },
	{ true, "accepted", WORDS("Carry it out, then tell them that it is executed.") },
	{ true, "condition-offered", WORDS("Wait for their answer to your condition.") },
	{ true, "executed",
		WORDS("Done. Their request for the data may follow. Close it when nothing more is "
		      "to come.") },
	{ true, NULL, WORDS("See below what can follow.") },
	{ false, "sent",
		WORDS("It is their turn to acknowledge it. You can withdraw it, or add a message "
		      "in the case.") },
	{ false, "acknowledged", WORDS("A person there has it. It is their turn to decide.") },
	{ false, "accepted",
	WORDS("They will do it. It is their turn to tell you when it is done.") }, { false,
	"condition-offered", WORDS("Accept or decline their condition below.") }, { false,
	"executed",
		WORDS("It is done. Ask for the data in the same case before the keeping ends, "
		      "or close it when nothing more is to come.") },
	{ false, "refused", WORDS("Read the ground below. You can close it, or ask anew.") },
	{ false, NULL, WORDS("See below what can follow.") },
};

static const char *
next_of(const json_t *request)
{
	bool incoming = json_is_true(json_object_get(request, "incoming"));
	const char *state = json_string_value(json_object_get(request, "state"));

	if (state == NULL || strcmp(state, "closed") == 0 || strcmp(state, "withdrawn") == 0 ||
		strcmp(state, "expired") == 0)
		return "";
	for (size_t i = 0; i < CO_ARRAY_LEN(nexts); i++)
		if (nexts[i].incoming == incoming &&
			(nexts[i].state == NULL || strcmp(nexts[i].state, state) == 0))
			return nexts[i].next;
	return "";
}

static const char *
consequence_of(const char *state)
{
	for (size_t i = 0; state != NULL && i < CO_ARRAY_LEN(consequences); i++)
		if (strcmp(consequences[i].state, state) == 0)
			return consequences[i].follows;
	return "";
}

/* What each move needs, as flags that a template can ask. */
static void
request_moves(json_t *moves, bool against)
{
	json_t *move, *need;
	size_t i, k;

	json_array_foreach(moves, i, move)
	{
		const char *state = json_string_value(json_object_get(move, "state"));

		(void)json_object_set_new(move, "follows", json_string(consequence_of(state)));
		(void)json_object_set_new(
			move, "asks_why", json_boolean(state != NULL && asks_why(state, against)));
		json_array_foreach(json_object_get(move, "needs"), k, need)
		{
			char flag[48];

			(void)snprintf(flag, sizeof(flag), "needs_%s", json_string_value(need));
			(void)json_object_set_new(move, flag, json_true());
		}
	}
}

enum co_rc
page_request(struct visit *v, struct co_err *err)
{
	const json_t *request;
	json_t *out;

	TRY(visit_op(v, "request.show", part_ask(v, "id"), &out, err));
	part_put(v);
	(void)json_object_update_missing(v->values, out);
	json_decref(out);
	request = json_object_get(v->values, "request");
	TRY(visit_saw(v, json_string_value(json_object_get(request, "case_id")), v->param[0], err));
	if (json_is_true(json_object_get(v->values, "fresh"))) {
		TRY(visit_op(v, "request.read", json_pack("{s:s}", "id", v->param[0]), &out, err));
		json_decref(out);
	}
	visit_with(v, json_string_value(json_object_get(request, "partner")));
	attach_tell(json_object_get(v->values, "attachments"));
	attach_tell_timeline(json_object_get(v->values, "timeline"));
	request_form(v, request);
	law_panel_put(v, json_object_get(v->values, "law"));
	request_moves(json_object_get(v->values, "moves"),
		json_is_true(json_object_get(v->values, "against")) &&
			json_is_true(json_object_get(request, "incoming")));
	visit_put(v, "next", json_string(next_of(request)));
	visit_put(v, "title", json_string("request"));
	v->page = "request";
	return CO_OK;
}

enum co_rc
page_answer(struct visit *v, struct co_err *err)
{
	static const char *const members[] = { "state", "reason", "ground", "until", "why" };
	const char *type = visit_field(v, "condition_type"),
		   *text = visit_field(v, "condition_text");
	json_t *out, *in = json_pack("{s:s}", "id", v->param[0]);
	enum co_rc rc;

	for (size_t i = 0; i < CO_ARRAY_LEN(members); i++) {
		const char *s = visit_field(v, members[i]);

		if (s != NULL)
			(void)json_object_set_new(in, members[i], json_string(s));
	}
	if (text != NULL)
		(void)json_object_set_new(in, "conditions",
			json_pack("[{s:s,s:s}]", "type", type == NULL ? "other" : type, "text",
				text));
	rc = attach_into(v, in, err);
	if (rc != CO_OK) {
		json_decref(in);
		return rc;
	}
	TRY(visit_op(v, "request.answer", in, &out, err));
	json_decref(out);
	visit_go(v, "/request/%s", v->param[0]);
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
