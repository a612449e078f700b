/* Operations on templates: what an officer begins a form with. A template is checked against the
 * form of today each time it is taken; what does not fit any more is left out and told. */
#include "exchange/inside.h"
#include "exchange/ops.h"
#include "exchange/sight.h"

#include <string.h>

struct template_job {
	const struct officer *who;
	const char *id, *measure, *name, *to, *urgency;
	const json_t *fields;
	char *text; /* fields as stored */
	bool shared, made;
};

/* One that the officer sees; CO_ENOTFOUND otherwise, whether or not it is there. */
static enum co_rc
template_row(struct store_db *db, const struct officer *who, const char *id,
	struct store_stmt **out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_TEMPLATE_GET, &st, err, "ttt", id, who->name, who->unit));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_ENOTFOUND,
			"no template %s here that is yours or your unit's; template.list has them",
			id);
	*out = CO_TAKE(st);
	return CO_OK;
}

/* What the form of today takes; the codes of the rest go to left_out. */
static json_t *
fields_fitting(const struct form *f, json_t *fields, json_t *left_out)
{
	json_t *fit = json_object(), *v;
	const char *code;

	json_object_foreach(fields, code, v)
	{
		if (f != NULL && form_value_fits(f, code, v))
			(void)json_object_set(fit, code, v);
		else
			(void)json_array_append_new(left_out, json_string(code));
	}
	return fit;
}

static json_t *
template_json(struct store_stmt *st, const struct officer *who)
{
	json_t *left_out = json_array();
	json_t *fields = json_loads(store_text(st, 5), JSON_REJECT_DUPLICATES, NULL);
	json_t *o = json_pack("{s:s,s:s,s:s,s:s,s:b,s:b,s:o,s:o}", "id", store_text(st, 0),
		"measure", store_text(st, 1), "name", store_text(st, 2), "officer",
		store_text(st, 3), "shared", !store_is_null(st, 4), "own",
		strcmp(store_text(st, 3), who->name) == 0, "fields",
		fields_fitting(form_by_measure(store_text(st, 1)), fields, left_out), "left_out",
		left_out);

	json_decref(fields);
	out_time(o, "changed", store_int(st, 6));
	out_text(o, "to", store_is_null(st, 7) ? "" : store_text(st, 7));
	out_text(o, "urgency", store_is_null(st, 8) ? "" : store_text(st, 8));
	return o;
}

static json_t *
brief(struct store_stmt *st, void *who)
{
	json_t *o = template_json(st, who);

	(void)json_object_del(o, "fields");
	return o;
}

enum co_rc
op_template_list(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct officer reader = *who;
	const char *measure;
	struct store_db *db;

	(void)arg;
	TRY(in_text(in, "measure", false, 64, &measure, err));
	measure = measure == NULL ? "" : measure;
	TRY(store_reader(x->store, &db, err));
	TRY(store_query(db, Q_TEMPLATE_LIST, &st, err, "tttt", who->name, who->unit, measure,
		measure));
	return out_list("templates", st, brief, &reader, out, err);
}

enum co_rc
op_template_show(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;
	const char *id;

	(void)arg;
	TRY(in_uuid(in, "id", true, &id, err));
	TRY(store_reader(x->store, &db, err));
	TRY(template_row(db, who, id, &st, err));
	return out_give(template_json(st, who), out, err);
}

static enum co_rc
fields_check(const struct template_job *j, const struct form *f, struct co_err *err)
{
	json_t *v;
	const char *code;

	if (!json_is_object(j->fields))
		return co_fail(err, CO_EUSAGE, "fields must be an object: the fields of the form");
	json_object_foreach((json_t *)(uintptr_t)j->fields, code, v)
	{
		if (!form_value_fits(f, code, v))
			return co_fail(err, CO_EREFUSED,
				"%.64s: the form \"%s\" takes no such value; correct it or leave "
				"it "
				"out",
				code, j->measure);
	}
	if (strlen(j->text) > LIMIT_RECORD)
		return co_fail(err, CO_ETOOBIG, "the template is longer than a record can be");
	return CO_OK;
}

static enum co_rc
save_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct template_job *j = arg;
	store_stmt_auto *st = NULL;
	bool row;

	if (!j->made) {
		TRY(template_row(db, j->who, j->id, &st, err));
		if (strcmp(store_text(st, 1), j->measure) != 0)
			return co_fail(err, CO_EREFUSED,
				"the template is of the measure \"%s\"; save a new one",
				store_text(st, 1));
		if (!j->shared && !store_is_null(st, 4) &&
			strcmp(store_text(st, 3), j->who->name) != 0)
			return co_fail(err, CO_EREFUSED,
				"it is your unit's and %s made it; save one of your own",
				store_text(st, 3));
		store_done(&st);
	} else {
		TRY(store_query(db, Q_TEMPLATE_COUNT, &st, err, "t", j->who->name));
		TRY(store_step(st, &row, err));
		if (row && store_int(st, 0) >= LIMIT_TEMPLATES)
			return co_fail(err, CO_EREFUSED,
				"you have %u templates; delete one first", LIMIT_TEMPLATES);
		store_done(&st);
	}
	TRY(store_run(db, NULL, Q_TEMPLATE_PUT, err, "ttttttitt", j->id, j->measure,
		j->name, j->who->name, j->shared ? j->who->unit : NULL, j->text, co_now_us(), j->to,
		j->urgency));
	/* Those of a unit are others' beginning, too. */
	if (!j->shared)
		return CO_OK;
	return event_write(db, "template.saved", j->who->name,
		json_pack("{s:s,s:s,s:s,s:s}", "id", j->id, "name", j->name, "measure", j->measure,
			"unit", j->who->unit),
		err);
}

enum co_rc
op_template_save(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct template_job j = { .who = who, .fields = json_object_get(in, "fields") };
	char id[CO_UUID_LEN + 1];
	const struct form *f;
	enum co_rc rc;

	(void)arg;
	TRY(in_uuid(in, "id", false, &j.id, err));
	TRY(in_text(in, "measure", true, 64, &j.measure, err));
	TRY(in_text(in, "name", true, LIMIT_NAME, &j.name, err));
	TRY(in_bool(in, "shared", false, &j.shared, err));
	TRY(in_text(in, "to", false, LIMIT_ADDRESS, &j.to, err));
	TRY(in_text(in, "urgency", false, 16, &j.urgency, err));
	f = form_by_measure(j.measure);
	if (f == NULL)
		return co_fail(err, CO_ENOTFOUND,
			"no form for the measure \"%s\"; form.list has them", j.measure);
	if (j.shared && strcmp(who->unit, UNIT_NONE) == 0)
		return co_fail(err, CO_EREFUSED,
			"you are in no unit; keep the template for yourself");
	j.made = j.id == NULL;
	co_uuid7(id);
	j.id = j.made ? id : j.id;
	j.text = json_dumps(j.fields, JSON_COMPACT);
	rc = j.text == NULL ? co_fail(err, CO_EUSAGE, "fields must be an object")
			    : fields_check(&j, f, err);
	if (rc == CO_OK)
		rc = store_write(x->store, save_work, &j, err);
	free(j.text);
	TRY(rc);
	return out_give(json_pack("{s:s,s:s,s:b}", "id", j.id, "name", j.name, "shared", j.shared),
		out, err);
}

static enum co_rc
drop_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct template_job *j = arg;
	store_stmt_auto *st = NULL;
	char name[LIMIT_NAME + 1];
	bool shared;

	TRY(template_row(db, j->who, j->id, &st, err));
	(void)snprintf(name, sizeof(name), "%s", store_text(st, 2));
	shared = !store_is_null(st, 4);
	store_done(&st);
	TRY(store_run(db, NULL, Q_TEMPLATE_DROP, err, "t", j->id));
	if (!shared)
		return CO_OK;
	return event_write(db, "template.dropped", j->who->name,
		json_pack("{s:s,s:s}", "id", j->id, "name", name), err);
}

enum co_rc
op_template_drop(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct template_job j = { .who = who };

	(void)arg;
	TRY(in_uuid(in, "id", true, &j.id, err));
	TRY(store_write(x->store, drop_work, &j, err));
	return out_give(json_pack("{s:s}", "id", j.id), out, err);
}

/* Contacts as the officer gave them last: who asks is mostly who asked. */
static enum co_rc
contacts_of(struct store_db *db, const struct officer *who, const struct form *f, json_t *fields,
	struct co_err *err)
{
	const json_t *field, *list = json_object_get(form_json(f), "fields");
	store_stmt_auto *st = NULL;
	json_t *last, *v;
	bool row;
	size_t i;

	TRY(store_query(db, Q_DRAFT_LATEST, &st, err, "t", who->name));
	TRY(store_step(st, &row, err));
	if (!row)
		return CO_OK;
	last = json_loads(store_text(st, 0), JSON_REJECT_DUPLICATES, NULL);
	json_array_foreach(list, i, field)
	{
		const char *type = json_string_value(json_object_get(field, "type"));
		const char *code = json_string_value(json_object_get(field, "code"));

		v = json_object_get(json_object_get(last, "fields"), code);
		if (v != NULL && strcmp(type, "contact") == 0 && form_value_fits(f, code, v))
			(void)json_object_set(fields, code, v);
	}
	json_decref(last);
	return CO_OK;
}

enum co_rc
op_template_usual(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	const char *measure;
	const struct form *f;
	struct store_db *db;
	json_t *fields;
	enum co_rc rc;

	(void)arg;
	TRY(in_text(in, "measure", true, 64, &measure, err));
	f = form_by_measure(measure);
	if (f == NULL)
		return co_fail(err, CO_ENOTFOUND,
			"no form for the measure \"%s\"; form.list has them", measure);
	TRY(store_reader(x->store, &db, err));
	fields = json_object();
	rc = contacts_of(db, who, f, fields, err);
	if (rc != CO_OK) {
		json_decref(fields);
		return rc;
	}
	return out_give(json_pack("{s:s,s:o}", "measure", measure, "fields", fields), out, err);
}
