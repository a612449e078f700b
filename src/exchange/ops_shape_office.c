/* What operations around the requests take and give: units, officers, law, numbers, the log. */
#include "exchange/op_shape.h"

#include "base/limits.h"
#include "exchange/ops.h"

static const struct op_member nothing[] = {
	OP_END,
};

static const struct op_member unit_row[] = {
	{ "name", OP_TEXT, 0, 0, 0, "the unit", NULL },
	{ "title", OP_TEXT, 0, 0, 0, "for people", NULL },
	{ "intake", OP_BOOL, 0, 0, 0, "new cases of partners come here", NULL },
	{ "officers", OP_INT, 0, 0, 0, "how many", NULL },
	OP_END,
};

static const struct op_member user_row[] = {
	{ "name", OP_TEXT, 0, 0, 0, "the officer", NULL },
	{ "role", OP_TEXT, 0, 0, 0, "one role", NULL },
	{ "created", OP_TIME, OP_NULL, 0, 0, "since", NULL },
	{ "disabled", OP_TIME, OP_NULL, 0, 0, "until", NULL },
	{ "unit", OP_TEXT, OP_NULL, 0, 0, "sees the cases of it", NULL },
	OP_END,
};

static const struct op_member event_row[] = {
	{ "seq", OP_INT, 0, 0, 0, "order", NULL },
	{ "id", OP_TEXT, 0, 0, 0, "of the event", NULL },
	{ "what", OP_TEXT, 0, 0, 0, "happened", NULL },
	{ "who", OP_TEXT, 0, 0, 0, "did it", NULL },
	{ "detail", OP_OBJECT, OP_NULL, 0, 0, "what the ledger's leaf commits to", NULL },
	{ "at", OP_TIME, OP_NULL, 0, 0, "when", NULL },
	OP_END,
};

static const struct op_member unit_list_out[] = {
	{ "units", OP_LIST, 0, 0, 0, "by name", unit_row },
	OP_END,
};

static const struct op_member unit_add_in[] = {
	{ "name", OP_TEXT, OP_REQUIRED, 0, LIMIT_UNIT, "letters, digits, hyphen", NULL },
	{ "title", OP_TEXT, OP_REQUIRED, 0, LIMIT_NAME, "for people", NULL },
	OP_END,
};

static const struct op_member unit_add_out[] = {
	{ "name", OP_TEXT, 0, 0, 0, "the unit", NULL },
	{ "title", OP_TEXT, 0, 0, 0, "for people", NULL },
	OP_END,
};

static const struct op_member unit_intake_in[] = {
	{ "name", OP_TEXT, OP_REQUIRED, 0, LIMIT_UNIT, "the unit", NULL },
	OP_END,
};

static const struct op_member unit_intake_out[] = {
	{ "name", OP_TEXT, 0, 0, 0, "the unit", NULL },
	{ "intake", OP_BOOL, 0, 0, 0, "true", NULL },
	OP_END,
};

static const struct op_member user_role_in[] = {
	{ "name", OP_TEXT, OP_REQUIRED, 0, LIMIT_NAME, "the officer", NULL },
	{ "role", OP_TEXT, OP_REQUIRED, 0, 31,
		"duty, investigator, approver, custodian, auditor, trainer or administrator",
		NULL },
	OP_END,
};

static const struct op_member user_role_out[] = {
	{ "name", OP_TEXT, 0, 0, 0, "the officer", NULL },
	{ "role", OP_TEXT, 0, 0, 0, "the role", NULL },
	OP_END,
};

static const struct op_member user_unit_in[] = {
	{ "name", OP_TEXT, OP_REQUIRED, 0, LIMIT_NAME, "the officer", NULL },
	{ "unit", OP_TEXT, OP_REQUIRED, 0, LIMIT_UNIT, "the unit, or none", NULL },
	OP_END,
};

static const struct op_member user_unit_out[] = {
	{ "name", OP_TEXT, 0, 0, 0, "the officer", NULL },
	{ "unit", OP_TEXT, 0, 0, 0, "the unit", NULL },
	OP_END,
};

static const struct op_member law_show_in[] = {
	{ "what", OP_TEXT, 0, 0, 128, "an economy, instrument, article or fact; otherwise all",
		NULL },
	{ "date", OP_TEXT, 0, 0, 10, "the law of this day, as 2026-11-24", NULL },
	{ "known", OP_TEXT, 0, 0, 10, "as it was known on this day", NULL },
	OP_END,
};

static const struct op_member law_publish_in[] = {
	{ "profile", OP_OBJECT, OP_REQUIRED, 0, 0, "as docs/law.md says", NULL },
	OP_END,
};

static const struct op_member numbers_show_in[] = {
	{ "from", OP_TEXT, 0, 0, 7, "the first month, as 2026-01", NULL },
	{ "to", OP_TEXT, 0, 0, 7, "the last month", NULL },
	{ "incoming", OP_BOOL, 0, 0, 0,
		"of requests asked of us (true) or of ours; left out: of which there are more; the "
		"answer says which",
		NULL },
	OP_END,
};

static const struct op_member report_yearly_in[] = {
	{ "year", OP_INT, 0, 2000, 2999, "which; otherwise this one", NULL },
	{ "csv", OP_BOOL, 0, 0, 0, "also as a table for a spreadsheet", NULL },
	OP_END,
};

static const struct op_member user_add_in[] = {
	{ "name", OP_TEXT, OP_REQUIRED, 0, LIMIT_NAME, "letters, digits, dot, hyphen", NULL },
	{ "role", OP_TEXT, OP_REQUIRED, 0, 31,
		"duty, investigator, approver, custodian, auditor, trainer or administrator",
		NULL },
	OP_END,
};

static const struct op_member user_add_out[] = {
	{ "name", OP_TEXT, 0, 0, 0, "the officer", NULL },
	{ "role", OP_TEXT, 0, 0, 0, "the role", NULL },
	{ "token", OP_TEXT, 0, 0, 0, "told only now", NULL },
	OP_END,
};

static const struct op_member user_list_out[] = {
	{ "users", OP_LIST, 0, 0, 0, "by name", user_row },
	OP_END,
};

static const struct op_member user_disable_in[] = {
	{ "name", OP_TEXT, OP_REQUIRED, 0, LIMIT_NAME, "the officer", NULL },
	OP_END,
};

static const struct op_member user_disable_out[] = {
	{ "name", OP_TEXT, 0, 0, 0, "the officer", NULL },
	OP_END,
};

static const struct op_member event_list_in[] = {
	{ "what", OP_TEXT, 0, 0, 64, "only these: officer, or officer.added", NULL },
	{ "who", OP_TEXT, 0, 0, LIMIT_NAME, "only by this one", NULL },
	{ "from", OP_TEXT, 0, 10, 10, "from this day, UTC, as 2026-11-24", NULL },
	{ "to", OP_TEXT, 0, 10, 10, "up to and with this day", NULL },
	{ "limit", OP_INT, 0, 1, 1000, "at most so many rows; 100", NULL },
	{ "before", OP_INT, 0, 0, INT64_MAX, "only what is older than the row of this seq", NULL },
	OP_END,
};

static const struct op_member event_list_out[] = {
	{ "events", OP_LIST, 0, 0, 0, "the newest first", event_row },
	OP_END,
};

static const struct op_shape shapes[] = {
	{ "unit.list", "read", nothing, unit_list_out },
	{ "unit.add", "admin", unit_add_in, unit_add_out },
	{ "unit.intake", "admin", unit_intake_in, unit_intake_out },
	{ "user.role", "admin", user_role_in, user_role_out },
	{ "user.unit", "admin", user_unit_in, user_unit_out },
	{ "law.show", "read", law_show_in, NULL },
	{ "law.publish", "admin", law_publish_in, NULL },
	{ "numbers.show", "read", numbers_show_in, NULL },
	{ "report.yearly", "read", report_yearly_in, NULL },
	{ "report.print", "read", report_print_in, op_paper_out },
	{ "user.add", "admin", user_add_in, user_add_out },
	{ "user.list", "admin", nothing, user_list_out },
	{ "user.disable", "admin", user_disable_in, user_disable_out },
	{ "event.list", "admin", event_list_in, event_list_out },
};

void
ops_describe_office(struct exchange *x)
{
	op_describe(x, shapes, CO_ARRAY_LEN(shapes));
}
