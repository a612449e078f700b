/* What of the evidence was destroyed, and by whose word: a file that is not here may be missing for
 * this reason, and a court asks. */
#include "evidence/verify_inside.h"

#include "base/enc.h"

const struct vrecord *
verify_said(const struct verify *v, const char *action, const char *exhibit, const char *from)
{
	for (size_t i = 0; i < v->records_n; i++) {
		const struct vrecord *k = &v->records[i];

		if (k->kind == REC_CUSTODY && strcmp(k->action, action) == 0 &&
			strcmp(k->exhibit, exhibit) == 0 && strcmp(k->from, from) == 0)
			return k;
	}
	return NULL;
}

/* Whose copy, who decided and who confirmed, when, why, and by which record. */
static enum co_rc
destroyed_tell(
	struct verify *v, const struct vrecord *r, const json_t *record, struct co_err *err)
{
	const json_t *body = json_object_get(record, "body");
	const char *exhibit = r->exhibit, *officer = json_string_value(json_object_get(
		json_object_get(record, "by"), "officer"));
	const char *second = json_string_value(
		json_object_get(json_object_get(body, "second"), "officer"));
	const char *purpose = json_string_value(json_object_get(body, "purpose"));
	const char *authority = json_string_value(json_object_get(body, "authority"));
	const char *name = json_string_value(
		json_object_get(verify_manifest(v, exhibit), "name"));
	const struct vrecord *erased = verify_said(v, "erased", exhibit, r->from);
	char at[CO_TIME_LEN], gone[CO_TIME_LEN] = "";

	co_time_print(r->at_us, at);
	if (erased != NULL)
		co_time_print(erased->at_us, gone);
	say(v, VERIFY_HOLDS,
		"destroyed at %s: exhibit %s \"%.80s\", on %s; decided by %s, %s%s; record %s",
		r->from, exhibit, name == NULL ? "" : name, at, officer,
		second == NULL ? "confirmed by nobody" : "confirmed by ",
		second == NULL ? "" : second, r->id);
	say(v, VERIFY_HOLDS, "  why: %.150s; by which authority: %.150s", purpose, authority);
	if (erased != NULL)
		say(v, VERIFY_HOLDS, "  its file was overwritten and removed on %s; record %s",
			gone, erased->id);
	else
		say(v, VERIFY_NOTE, "  no record here says that its file was erased");
	if (json_array_append_new(v->destroyed,
		    json_pack("{s:s,s:s?,s:s,s:s,s:s,s:s?,s:s?,s:s?,s:s,s:s*,s:s*}", "exhibit",
			    exhibit, "name", name, "from", r->from, "at", at, "officer", officer,
			    "second", second, "purpose", purpose, "authority", authority, "record",
			    r->id, "erased", erased == NULL ? NULL : gone, "erased_record",
			    erased == NULL ? NULL : erased->id)) != 0)
		return co_fail(err, CO_ENOMEM, "custody");
	return CO_OK;
}

enum co_rc
step_destroyed(struct verify *v, struct co_err *err)
{
	for (size_t i = 0; i < v->records_n; i++) {
		const struct vrecord *r = &v->records[i];
		json_t *record = NULL;
		enum co_rc rc;

		if (strcmp(r->action, "destroyed") != 0 || r->exhibit[0] == '\0')
			continue;
		TRY(verify_record(v, r, &record, err));
		rc = destroyed_tell(v, r, record, err);
		json_decref(record);
		TRY(rc);
	}
	if (json_array_size(v->destroyed) == 0)
		say(v, VERIFY_HOLDS, "no record says that an exhibit was destroyed");
	return CO_OK;
}
