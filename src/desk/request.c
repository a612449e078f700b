/* One request: what is asked, what the law says of it, what can follow, what happened. An answer
 * that does not go comes back as it was written, with what was wrong beside it. */
#include "desk/pages.h"

#include <string.h>

static const char *
text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
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

void
request_tell(json_t *request)
{
	bool asked = !json_is_true(json_object_get(request, "incoming"));
	bool kept = json_is_integer(json_object_get(request, "left_s"));
	bool keeps = strcmp(text_of(request, "measure"), "preserve") == 0;
	bool first = !json_is_string(json_object_get(request, "extends"));

	(void)json_object_set_new(request, "kept", json_boolean(kept));
	(void)json_object_set_new(
		request, "asks_data", json_boolean(asked && kept && keeps && first));
	(void)json_object_set_new(
		request, "asks_longer", json_boolean(asked && kept && keeps && first));
}

static enum co_rc
request_fill(struct visit *v, struct co_err *err)
{
	json_t *request, *out;

	TRY(visit_op(v, "request.show", timeline_ask(v, "id"), &out, err));
	timeline_put(v);
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
	timeline_tell(json_object_get(v->values, "timeline"));
	request_form(v, request);
	request_tell(request);
	law_panel_put(v, json_object_get(v->values, "law"));
	moves_fill(json_object_get(v->values, "moves"), request,
		json_is_true(json_object_get(v->values, "against")) &&
			json_is_true(json_object_get(request, "incoming")),
		!json_is_true(json_object_get(request, "incoming")) ||
			*text_of(v->values, "our_number") != '\0');
	visit_put(v, "answerable",
		json_boolean(json_array_size(json_object_get(v->values, "moves")) > 0));
	visit_put(v, "longer", json_boolean(web_query(v->req, "longer") != NULL));
	visit_put(v, "decided",
		json_boolean(json_array_size(json_object_get(v->values, "decisions")) > 0));
	visit_put(v, "next", json_string(moves_next(request)));
	visit_put(v, "asks",
		json_boolean(in_list("duty,investigator,administrator", v->session.role)));
	visit_put(v, "reader_zone", json_string(visit_zone(v)));
	visit_put(v, "title", json_string("request"));
	v->page = "request";
	return CO_OK;
}

enum co_rc
page_request(struct visit *v, struct co_err *err)
{
	return request_fill(v, err);
}

/* ---- answers ---- */

static const char *const typed[] = { "state", "reason", "ground", "until", "why", "ours" };

/* Into its move: what was typed, and what was wrong with it. false: no such move is left. */
static bool
answer_keep(const struct visit *v, json_t *files, const char *fault)
{
	const char *state = visit_field(v, "state"), *type = visit_field(v, "condition_type");
	json_t *move, *ground, *o;
	size_t i, k;
	bool found = false;

	json_array_foreach(json_object_get(v->values, "moves"), i, move)
	{
		bool this = state != NULL && strcmp(text_of(move, "state"), state) == 0;

		(void)json_object_set_new(move, "open", json_boolean(this));
		if (!this)
			continue;
		found = true;
		o = json_object();
		for (k = 0; k < CO_ARRAY_LEN(typed); k++)
			if (visit_field(v, typed[k]) != NULL)
				(void)json_object_set_new(
					o, typed[k], json_string(visit_field(v, typed[k])));
		if (visit_field(v, "condition_text") != NULL)
			(void)json_object_set_new(
				o, "condition", json_string(visit_field(v, "condition_text")));
		(void)json_object_set_new(o, "limits",
			json_boolean(type != NULL && strcmp(type, "use-limit") == 0));
		(void)json_object_set_new(
			o, "other", json_boolean(type != NULL && strcmp(type, "other") == 0));
		(void)json_object_set_new(move, "typed", o);
		(void)json_object_set_new(move, "fault", json_string(fault));
		(void)json_object_set(move, "files", files);
		json_array_foreach(json_object_get(move, "grounds"), k, ground)
			(void)json_object_set_new(ground, "on",
				json_boolean(strcmp(text_of(ground, "code"),
						     text_of(o, "ground")) == 0));
	}
	return found;
}

/* The page again, with what was written and what was wrong. */
static enum co_rc
answer_again(struct visit *v, const struct co_err *why, struct co_err *err)
{
	json_t *files;

	if (why->rc == CO_ENOTFOUND)
		return co_fail(err, why->rc, "%s", why->msg);
	attach_keep(v);
	files = json_incref(json_object_get(v->values, "files"));
	(void)json_object_del(v->values, "files");
	v->status = visit_status(why->rc);
	if (request_fill(v, err) != CO_OK) {
		json_decref(files);
		return err->rc;
	}
	/* Somebody else was faster: then its words stand above what can follow now. */
	if (answer_keep(v, files, why->msg))
		visit_put(v, "again", json_string(visit_field(v, "state")));
	else if (visit_field(v, "reason") != NULL)
		visit_put(v, "lost", json_string(visit_field(v, "reason")));
	visit_put(v, "refused", json_string(why->msg));
	json_decref(files);
	return CO_OK;
}

/* The posted form as request.answer takes it; in holds the id. */
static enum co_rc
answer_read(const struct visit *v, json_t *in, struct co_err *err)
{
	const char *type = visit_field(v, "condition_type"),
		   *text = visit_field(v, "condition_text"), *until = visit_field(v, "until");
	char instant[CO_TIME_LEN];
	int64_t us;

	for (size_t i = 0; i < CO_ARRAY_LEN(typed); i++) {
		const char *s = visit_field(v, typed[i]);

		if (s != NULL)
			(void)json_object_set_new(in, typed[i], json_string(s));
	}
	if (until != NULL) {
		TRY(zone_read(visit_clock(v), until, &us, err));
		co_time_print(us, instant);
		(void)json_object_set_new(in, "until", json_string(instant));
	}
	if (text != NULL)
		(void)json_object_set_new(in, "conditions",
			json_pack("[{s:s,s:s}]", "type", type == NULL ? "other" : type, "text",
				text));
	return attach_into(v, in, err);
}

/* What lets go of kept data is ticked first: asked of the request as it stands now. */
static enum co_rc
answer_sure(struct visit *v, struct co_err *err)
{
	const char *state = visit_field(v, "state");
	json_t *out;
	bool lets_go;

	if (state == NULL || visit_field(v, "sure") != NULL)
		return CO_OK;
	TRY(visit_op(v, "request.show", json_pack("{s:s,s:i}", "id", v->param[0], "limit", 1),
		&out, err));
	lets_go = moves_lets_go(json_object_get(out, "request"), state);
	json_decref(out);
	return lets_go ? co_fail(err, CO_EUSAGE,
				 "the data are still kept: tick that you have read what follows")
		       : CO_OK;
}

enum co_rc
page_answer(struct visit *v, struct co_err *err)
{
	struct co_err why = { CO_OK, "" };
	json_t *out = NULL, *in = json_pack("{s:s}", "id", v->param[0]);

	if (answer_read(v, in, &why) != CO_OK || answer_sure(v, &why) != CO_OK) {
		json_decref(in);
		return answer_again(v, &why, err);
	}
	if (visit_op(v, "request.answer", in, &out, &why) != CO_OK)
		return answer_again(v, &why, err);
	json_decref(out);
	visit_go(v, "/request/%s", v->param[0]);
	return CO_OK;
}

enum co_rc
page_extend(struct visit *v, struct co_err *err)
{
	const char *days = visit_field(v, "days");
	struct co_err why = { CO_OK, "" };
	json_t *out = NULL, *in = json_pack("{s:s,s:s*}", "id", v->param[0], "reason",
				    visit_field(v, "reason"));
	bool waits;

	if (days != NULL)
		(void)json_object_set_new(in, "days", json_integer(strtoll(days, NULL, 10)));
	if (visit_op(v, "request.extend", in, &out, &why) != CO_OK)
		return answer_again(v, &why, err);
	waits = strcmp(text_of(out, "state"), "waiting") == 0;
	visit_go(v, "/%s/%s", waits ? "draft" : "request", text_of(out, "id"));
	json_decref(out);
	return CO_OK;
}
