/* The export of a case as what a report is made from. */
#include "evidence/report_inside.h"

#include "base/enc.h"

#include <string.h>

static enum co_rc
decoded(const json_t *o, const char *name, struct co_buf *out, struct co_err *err)
{
	const json_t *v = json_object_get(o, name);

	if (!json_is_string(v))
		return co_fail(err, CO_EMALFORMED, "the export has a record without %s", name);
	return co_unbase64(json_string_value(v), json_string_length(v), out, err);
}

static enum co_rc
record_give(void *arg, size_t i, struct report_bytes *out, struct co_err *err)
{
	const json_t *one = json_array_get(arg, i);

	TRY(decoded(one, "bytes", &out->bytes, err));
	TRY(decoded(one, "sig", &out->sig, err));
	out->approved_by = report_text(one, "approved_by");
	if (co_time_parse(report_text(one, "approved"), &out->approved_us, NULL) != CO_OK)
		out->approved_us = 0;
	return CO_OK;
}

enum co_rc
report_of_export(const json_t *export, struct report_source *out, struct co_err *err)
{
	json_t *list = json_object_get(export, "records");

	if (!json_is_array(list) || json_array_size(list) == 0)
		return co_fail(err, CO_EMALFORMED, "the export has no records");
	*out = (struct report_source){ .case_id = report_text(export, "case_id"),
		.ours = report_text(export, "ours"),
		.theirs = report_text(export, "theirs"),
		.address = report_text(export, "address"),
		.partner = report_text(export, "partner"),
		.missing = json_object_get(export, "missing"),
		.entries = json_object_get(export, "entries"),
		.proofs_n = json_array_size(json_object_get(export, "proofs")),
		.records_n = json_array_size(list),
		.record = record_give,
		.arg = list };
	return CO_OK;
}
