/* Operations on forms: what can be asked, and what is wrong with a form that is being filled. With
 * the rows of those on templates, which begin a form (ops_template.c). */
#include "exchange/approval.h"
#include "exchange/attach.h"
#include "exchange/inside.h"
#include "exchange/op_shape.h"
#include "exchange/ops.h"
#include "exchange/sight.h"

#define ASK "duty,investigator,administrator"

static enum co_rc
op_form_list(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	json_t *list = json_array();

	(void)x;
	(void)arg;
	(void)who;
	(void)in;
	for (size_t i = 0; i < form_count(); i++) {
		const struct form *f = form_at(i);

		(void)json_array_append_new(list,
			json_pack("{s:s,s:s,s:s}", "measure", form_measure(f), "title",
				form_title(f), "articles", form_articles(f)));
	}
	return out_give(json_pack("{s:o}", "forms", list), out, err);
}

static enum co_rc
op_form_show(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	const char *measure;
	const struct form *f;
	json_t *o;

	(void)arg;
	(void)who;
	TRY(in_text(in, "measure", true, 64, &measure, err));
	f = form_by_measure(measure);
	if (f == NULL)
		return co_fail(err, CO_ENOTFOUND,
			"no form for the measure \"%s\"; form.list has them", measure);
	o = json_deep_copy(form_json(f));
	(void)json_object_set_new(o, "approval", json_boolean(approval_needed(x, measure)));
	return out_give(o, out, err);
}

static enum co_rc
op_form_check(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct form_ask ask = { .compose = true, .now_us = co_now_us() };
	const json_t *fields = json_object_get(in, "fields");
	const char *measure;
	const struct form *f;
	json_t *faults;

	(void)x;
	(void)arg;
	(void)who;
	TRY(in_text(in, "measure", true, 64, &measure, err));
	TRY(in_text(in, "urgency", false, 16, &ask.urgency, err));
	f = form_by_measure(measure);
	if (f == NULL)
		return co_fail(err, CO_ENOTFOUND,
			"no form for the measure \"%s\"; form.list has them", measure);
	if (!json_is_object(fields))
		return co_fail(err, CO_EUSAGE,
			"fields must be an object: the fields of the form \"%s\"", measure);
	faults = form_faults(f, fields, &ask);
	return out_give(json_pack("{s:o}", "faults", faults), out, err);
}

/* Half a request, to go on with: only that it is one is looked at. */
static enum co_rc
op_draft_keep(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	json_t *full = json_copy((json_t *)(uintptr_t)in); /* shallow: in is not changed */
	const char *measure = json_string_value(json_object_get(in, "measure"));
	const char *case_id = json_string_value(json_object_get(in, "case_id"));
	char id[CO_UUID_LEN + 1];
	struct store_db *db;
	enum co_rc rc = CO_OK;

	(void)arg;
	co_uuid7(id);
	if (full == NULL)
		rc = co_fail(err, CO_ENOMEM, "draft");
	else if (form_by_measure(measure) == NULL)
		rc = co_fail(err, CO_ENOTFOUND,
			"no form for the measure \"%s\"; form.list has them", measure);
	if (rc == CO_OK)
		rc = store_reader(x->store, &db, err);
	if (rc == CO_OK && case_id != NULL)
		rc = sight_case(x, db, who, case_id, err);
	if (rc == CO_OK)
		rc = draft_replaced_seen(x, db, who, full, err);
	if (rc == CO_OK)
		rc = attach_take(db, who, full, err);
	if (rc == CO_OK)
		rc = draft_keep(x, id, full, who->name, err);
	json_decref(full);
	TRY(rc);
	return out_give(json_pack("{s:s,s:s}", "id", id, "state", "unfinished"), out, err);
}

static const struct op ops[] = {
	{ "draft.keep", ASK, op_draft_keep, NULL,
		"keep a request that is not finished, to go on with" },
	{ "form.list", "*", op_form_list, NULL, "the measures that can be asked" },
	{ "form.show", "*", op_form_show, NULL, "what a measure asks" },
	{ "form.check", "*", op_form_check, NULL,
		"what is missing or wrong in a form that is being filled" },
	{ "template.list", ASK, op_template_list, NULL,
		"what forms can be begun with: one's own and the unit's" },
	{ "template.show", ASK, op_template_show, NULL,
		"one template, as far as it fits the form of today" },
	{ "template.save", ASK, op_template_save, NULL, "keep fields of a form as a template" },
	{ "template.drop", ASK, op_template_drop, NULL, "delete a template" },
	{ "template.usual", ASK, op_template_usual, NULL,
		"the contacts that one gave last, for a new form" },
};

static const struct op_member nothing[] = { OP_END };

static const struct op_member by_id[] = {
	{ "id", OP_UUID, OP_REQUIRED, 0, 0, "which", NULL },
	OP_END,
};

static const struct op_member draft_keep_in[] = {
	{ "measure", OP_TEXT, OP_REQUIRED, 0, 64, "what is asked; form.list has them", NULL },
	{ "fields", OP_OBJECT, OP_REQUIRED, 0, 0, "as far as they are filled", NULL },
	{ "to", OP_TEXT, 0, 0, LIMIT_ADDRESS, "the partner's address", NULL },
	{ "case_id", OP_UUID, 0, 0, 0, "a case that is open", NULL },
	{ "ours", OP_TEXT, 0, 0, LIMIT_NAME, "our own number of the case", NULL },
	{ "urgency", OP_TEXT, 0, 0, 16, "emergency, urgent or routine", NULL },
	{ "basis", OP_TEXT, 0, 0, 64, "the rule of the law it rests on", NULL },
	{ "attachments", OP_WORDS, 0, 0, LIMIT_ATTACHMENTS, "ids that attachment.add gave", NULL },
	{ "replaces", OP_UUID, 0, 0, 0, "your own draft whose place it takes", NULL },
	OP_END,
};

static const struct op_member draft_keep_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "of the draft: give it to request.new as replaces", NULL },
	{ "state", OP_TEXT, 0, 0, 0, "unfinished", NULL },
	OP_END,
};

static const struct op_member form_row[] = {
	{ "measure", OP_TEXT, 0, 0, 0, "its code", NULL },
	{ "title", OP_TEXT, 0, 0, 0, "in words", NULL },
	{ "articles", OP_TEXT, 0, 0, 0, "where it stands", NULL },
	OP_END,
};

static const struct op_member form_list_out[] = {
	{ "forms", OP_LIST, 0, 0, 0, "the measures", form_row },
	OP_END,
};

static const struct op_member form_show_in[] = {
	{ "measure", OP_TEXT, OP_REQUIRED, 0, 64, "its code", NULL },
	OP_END,
};

static const struct op_member form_show_out[] = {
	{ "measure", OP_TEXT, 0, 0, 0, "its code", NULL },
	{ "title", OP_TEXT, 0, 0, 0, "in words", NULL },
	{ "articles", OP_WORDS, 0, 0, 0, "where it stands", NULL },
	{ "instrument", OP_TEXT, OP_NULL, 0, 0, "the treaty or law", NULL },
	{ "fields", OP_LIST, 0, 0, 0, "what it asks", NULL },
	{ "approval", OP_BOOL, 0, 0, 0, "a second officer approves it before it is sent", NULL },
	OP_END,
};

static const struct op_member form_check_in[] = {
	{ "measure", OP_TEXT, OP_REQUIRED, 0, 64, "its code", NULL },
	{ "urgency", OP_TEXT, 0, 0, 16, "an emergency needs its reason", NULL },
	{ "fields", OP_OBJECT, OP_REQUIRED, 0, 0, "as far as they are filled", NULL },
	OP_END,
};

static const struct op_member fault_row[] = {
	{ "path", OP_TEXT, 0, 0, 0, "as identifiers[0].to", NULL },
	{ "field", OP_TEXT, 0, 0, 0, "the field's code", NULL },
	{ "item", OP_INT, OP_NULL, 0, 0, "of a list, from 0", NULL },
	{ "member", OP_TEXT, OP_NULL, 0, 0, "of a contact, period or identifier", NULL },
	{ "code", OP_TEXT, 0, 0, 0, "what is wrong: missing, one, choice, past, ...", NULL },
	{ "text", OP_TEXT, 0, 0, 0, "the same in English, with path and source", NULL },
	{ "source", OP_TEXT, OP_NULL, 0, 0, "why the field is asked", NULL },
	{ "min", OP_INT, OP_NULL, 0, 0, "bytes, elements or the number itself", NULL },
	{ "max", OP_INT, OP_NULL, 0, 0, "bytes, elements or the number itself", NULL },
	{ "other", OP_TEXT, OP_NULL, 0, 0, "the field that would do instead", NULL },
	OP_END,
};

static const struct op_member form_check_out[] = {
	{ "faults", OP_LIST, 0, 0, 0, "in the order of the form; none: it can be submitted",
		fault_row },
	OP_END,
};

static const struct op_member template_list_in[] = {
	{ "measure", OP_TEXT, 0, 0, 64, "only of this one", NULL },
	OP_END,
};

static const struct op_member template_row[] = {
	{ "id", OP_UUID, 0, 0, 0, "which", NULL },
	{ "measure", OP_TEXT, 0, 0, 0, "of which form", NULL },
	{ "name", OP_TEXT, 0, 0, 0, "for people", NULL },
	{ "officer", OP_TEXT, 0, 0, 0, "who made it", NULL },
	{ "shared", OP_BOOL, 0, 0, 0, "the unit's; otherwise the officer's alone", NULL },
	{ "own", OP_BOOL, 0, 0, 0, "made by the one who asks", NULL },
	{ "left_out", OP_WORDS, 0, 0, 0, "codes of fields that the form does not take any more",
		NULL },
	{ "fields", OP_OBJECT, OP_NULL, 0, 0, "those that it takes", NULL },
	{ "to", OP_TEXT, OP_NULL, 0, 0, "whom it asks", NULL },
	{ "urgency", OP_TEXT, OP_NULL, 0, 0, "how urgently", NULL },
	{ "changed", OP_TIME, OP_NULL, 0, 0, "last", NULL },
	OP_END,
};

static const struct op_member template_list_out[] = {
	{ "templates", OP_LIST, 0, 0, 0, "by measure and name", template_row },
	OP_END,
};

static const struct op_member template_save_in[] = {
	{ "id", OP_UUID, 0, 0, 0, "one that is to be replaced; otherwise a new one", NULL },
	{ "measure", OP_TEXT, OP_REQUIRED, 0, 64, "of which form", NULL },
	{ "name", OP_TEXT, OP_REQUIRED, 0, LIMIT_NAME, "for people", NULL },
	{ "fields", OP_OBJECT, OP_REQUIRED, 0, 0, "as far as they are to be kept", NULL },
	{ "shared", OP_BOOL, 0, 0, 0, "for all of the unit", NULL },
	{ "to", OP_TEXT, 0, 0, LIMIT_ADDRESS, "whom it asks", NULL },
	{ "urgency", OP_TEXT, 0, 0, 16, "how urgently", NULL },
	OP_END,
};

static const struct op_member template_save_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "which", NULL },
	{ "name", OP_TEXT, 0, 0, 0, "for people", NULL },
	{ "shared", OP_BOOL, 0, 0, 0, "for all of the unit", NULL },
	OP_END,
};

static const struct op_member template_drop_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "which", NULL },
	OP_END,
};

static const struct op_member template_usual_out[] = {
	{ "measure", OP_TEXT, 0, 0, 0, "of which form", NULL },
	{ "fields", OP_OBJECT, 0, 0, 0, "its contacts, as one gave them last", NULL },
	OP_END,
};

static const struct op_shape shapes[] = {
	{ "draft.keep", "requests", draft_keep_in, draft_keep_out },
	{ "form.list", "read", nothing, form_list_out },
	{ "form.show", "read", form_show_in, form_show_out },
	{ "form.check", "read", form_check_in, form_check_out },
	{ "template.list", "read", template_list_in, template_list_out },
	{ "template.show", "read", by_id, template_row },
	{ "template.save", "requests", template_save_in, template_save_out },
	{ "template.drop", "requests", by_id, template_drop_out },
	{ "template.usual", "read", form_show_in, template_usual_out },
};

void
ops_form_register(struct exchange *x)
{
	op_register(x, ops, CO_ARRAY_LEN(ops));
	op_describe(x, shapes, CO_ARRAY_LEN(shapes));
}
