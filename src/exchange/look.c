/* Who saw what through a program: the desk notes its pages itself (visit_saw), with the session. */
#include "exchange/look.h"

#include "exchange/inside.h"

/* Operations whose answer says what is in a case, and where the answer names the case. */
static const struct {
	const char *op, *holder; /* holder: the object of the answer with case_id, "" itself */
} looks[] = {
	{ "case.show", "case" },
	{ "request.show", "request" },
	{ "request.show", "draft" },
	{ "draft.show", "in" },
	{ "record.get", "" },
	{ "exhibit.show", "exhibit" },
	{ "exhibit.open", "" },
	{ "attachment.content", "" },
	{ "attachment.open", "" },
	{ "case.export", "" },
	{ "case.report", "" },
	{ "request.print", "" },
};

struct look_job {
	const char *officer, *what, *case_id, *subject;
};

static enum co_rc
look_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct look_job *j = arg;

	return store_run(db, NULL, Q_ACCESS_ADD, err,
		"itttt"
		"t",
		co_now_us(), j->officer, j->what, j->case_id, j->subject, "api");
}

static const char *
case_of(const char *op, const json_t *in, const json_t *out)
{
	const char *id = json_string_value(json_object_get(in, "case_id"));

	for (size_t i = 0; id == NULL && i < CO_ARRAY_LEN(looks); i++) {
		const json_t *holder = looks[i].holder[0] == '\0'
			? out
			: json_object_get(out, looks[i].holder);

		if (strcmp(looks[i].op, op) == 0)
			id = json_string_value(json_object_get(holder, "case_id"));
	}
	return id;
}

static bool
is_look(const char *op)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(looks); i++) {
		if (strcmp(looks[i].op, op) == 0)
			return true;
	}
	return false;
}

enum co_rc
look_note(struct exchange *x, const char *officer, const char *op, const json_t *in,
	const json_t *out, struct co_err *err)
{
	const char *id = json_string_value(json_object_get(in, "id"));
	struct look_job j = { .officer = officer, .what = op };

	if (!is_look(op))
		return CO_OK;
	j.case_id = case_of(op, in, out);
	j.subject = id != NULL ? id : j.case_id != NULL ? j.case_id : "";
	return store_write(x->store, look_work, &j, err);
}
