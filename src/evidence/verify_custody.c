/* The chain of custody. */
#include "evidence/verify_inside.h"

#include "base/enc.h"

/* What the receiver signed for must be what the sender sealed. */
static enum co_rc
custody_received(
	struct verify *v, const struct vrecord *r, const json_t *body, struct co_err *err)
{
	const json_t *e = verify_manifest(v, r->exhibit), *detail = json_object_get(body, "detail");
	const char *said = json_string_value(json_object_get(detail, "sha256"));
	const char *want =
		json_string_value(json_object_get(json_object_get(e, "plain"), "sha256"));

	if (e == NULL)
		return co_fail(err, CO_EVERIFY,
			"data/records/%s.json is about an exhibit without a "
			"manifest",
			r->id);
	if (said != NULL && want != NULL && strcmp(said, want) != 0)
		return co_fail(err, CO_EVERIFY,
			"data/records/%s.json: %s received other content than was "
			"sealed",
			r->id, r->from);
	return CO_OK;
}

static int
time_order(const void *a, const void *b)
{
	const struct vrecord *x = *(const struct vrecord *const *)a,
			     *y = *(const struct vrecord *const *)b;

	if (x->at_us != y->at_us)
		return x->at_us < y->at_us ? -1 : 1;
	return strcmp(x->id, y->id);
}

/* A manifest is the sender's word that it sealed the exhibit; the rest are custody records. */
static enum co_rc
custody_line(
	struct verify *v, const struct vrecord *r, const json_t *record, struct co_err *err)
{
	const json_t *body = json_object_get(record, "body");
	bool manifest = r->kind == REC_MANIFEST;
	const char *exhibit = json_string_value(
		manifest ? json_object_get(r->sealed, "id") : json_object_get(body, "exhibit"));
	const char *action = manifest ? "sealed" : r->action;
	const char *purpose = json_string_value(
		manifest ? json_object_get(r->sealed, "name") : json_object_get(body, "purpose"));
	const char *officer =
		json_string_value(json_object_get(json_object_get(record, "by"), "officer"));
	char at[CO_TIME_LEN];

	if (exhibit != NULL && strcmp(action, "received") == 0)
		TRY(custody_received(v, r, body, err));
	co_time_print(r->at_us, at);
	say(v, VERIFY_HOLDS, "%s %s (%s) %s %s: %s", at, r->from, officer, action,
		exhibit == NULL ? "the case" : exhibit, purpose);
	if (json_array_append_new(v->custody,
		    json_pack("{s:s,s:s,s:s,s:s,s:s?,s:s,s:s}", "at", at, "from", r->from,
			    "officer", officer, "action", action, "exhibit", exhibit, "purpose",
			    purpose, "record", r->id)) != 0)
		return co_fail(err, CO_ENOMEM, "custody");
	return CO_OK;
}

static enum co_rc
custody_open(struct verify *v, const struct vrecord *r, struct co_err *err)
{
	json_t *record = NULL;
	enum co_rc rc;

	TRY(verify_record(v, r, &record, err));
	rc = custody_line(v, r, record, err);
	json_decref(record);
	return rc;
}

enum co_rc
step_custody(struct verify *v, struct co_err *err)
{
	co_auto_free const struct vrecord **order = calloc(v->records_n + 1, sizeof(*order));
	size_t n = 0;

	if (order == NULL)
		return co_fail(err, CO_ENOMEM, "custody");
	for (size_t i = 0; i < v->records_n; i++)
		if (v->records[i].kind == REC_CUSTODY || v->records[i].kind == REC_MANIFEST)
			order[n++] = &v->records[i];
	if (n > 0)
		qsort(order, n, sizeof(*order), time_order);
	for (size_t i = 0; i < n; i++)
		TRY(custody_open(v, order[i], err));
	if (n == 0)
		say(v, VERIFY_NOTE, "no custody records in the case");
	return CO_OK;
}
