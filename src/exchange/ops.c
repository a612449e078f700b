/* The table of this room's operations, and the short ones: officers. */
#include "exchange/ops.h"

#include "exchange/inside.h"

struct officer_job {
	const char *name, *role;
	char token[65];
};

static enum co_rc
officer_add_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct officer_job *j = arg;

	return officer_add(db, j->name, j->role, j->token, err);
}

enum co_rc
op_user_add(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct officer_job j = { .name = NULL };
	enum co_rc rc;

	(void)arg;
	(void)who;
	TRY(in_text(in, "name", true, LIMIT_NAME, &j.name, err));
	TRY(in_text(in, "role", true, 31, &j.role, err));
	TRY(store_write(x->store, officer_add_work, &j, err));
	rc = out_give(json_pack("{s:s,s:s,s:s}", "name", j.name, "role", j.role, "token", j.token),
		out, err);
	crypto_wipe(j.token, sizeof(j.token));
	return rc;
}

static json_t *
user_row(struct store_stmt *st, void *arg)
{
	json_t *o = json_pack("{s:s,s:s}", "name", store_text(st, 0), "role", store_text(st, 1));

	(void)arg;
	out_time(o, "created", store_int(st, 2));
	out_time(o, "disabled", store_int(st, 3));
	out_text(o, "unit", store_text(st, 4));
	return o;
}

enum co_rc
op_user_list(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;

	(void)in;
	(void)arg;
	(void)who;
	TRY(store_reader(x->store, &db, err));
	TRY(store_query(db, Q_OFFICER_ALL, &st, err, ""));
	return out_list("users", st, user_row, NULL, out, err);
}

static enum co_rc
officer_disable_work(struct store_db *db, void *arg, struct co_err *err)
{
	return officer_disable(db, arg, err);
}

enum co_rc
op_user_disable(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	const char *name;

	(void)arg;
	TRY(in_text(in, "name", true, LIMIT_NAME, &name, err));
	if (strcmp(name, who->name) == 0)
		return co_fail(
			err, CO_EREFUSED, "you cannot disable yourself; another administrator can");
	TRY(store_write(x->store, officer_disable_work, (char *)(uintptr_t)name, err));
	return out_give(json_pack("{s:s}", "name", name), out, err);
}

#define ASK "duty,investigator,administrator"

static const struct op ops[] = {
	{ "request.new", ASK, op_request_new, NULL,
		"write a request; it is a draft until it is sent" },
	{ "request.approve", "approver", op_request_approve, NULL,
		"approve or reject what another officer wrote" },
	{ "request.send", ASK, op_request_send, NULL, "sign and send a draft" },
	{ "request.submit_many", ASK, op_request_submit_many, NULL,
		"write and send many requests that need no second officer" },
	{ "request.list", "*", op_request_list, NULL, "requests, the latest first, and drafts" },
	{ "request.show", "*", op_request_show, NULL,
		"one request, what happened, and what may be done next" },
	{ "request.print", "*", op_request_print, NULL,
		"a request, draft, notice or message on paper, as the receiver sees it" },
	{ "request.answer", "duty,administrator,investigator", op_request_answer, NULL,
		"tell the other side a new state of a request" },
	{ "request.extend", ASK, op_request_extend, NULL,
		"ask to prolong a preservation, art. 29(7)" },
	{ "request.withdraw", ASK ",custodian", op_request_withdraw, NULL,
		"give up a request of ours, or a draft; a custodian, only drafts of custody" },
	{ "request.assign", ASK, op_request_assign, NULL, "say which officer takes a request" },
	{ "request.read", "*", op_request_read, NULL,
		"you have read what the other side last said" },
	{ "request.each", "*", op_request_each, NULL,
		"acknowledge, assign, give away or mark as read up to 100 requests, each judged "
		"alone" },
	{ "inbox.list", "*", op_inbox_list, NULL,
		"requests that are not settled, the most pressing first, and drafts" },
	{ "view.list", "*", op_view_list, NULL, "your own filters of the inbox, by name" },
	{ "view.save", "*", op_view_save, NULL, "keep a filter of the inbox under a name" },
	{ "view.drop", "*", op_view_drop, NULL, "forget a filter of the inbox" },
	{ "draft.show", "*", op_draft_show, NULL, "one draft, as it would be sent" },
	{ "message.send", ASK, op_message_send, NULL, "say something in a case" },
	{ "attachment.list", "*", op_attachment_list, NULL,
		"what a record or draft carries, or what you gave and have not sent" },
	{ "case.new", "duty,investigator,custodian,administrator", op_case_new, NULL,
		"begin an own case, before anything is asked of anybody" },
	{ "case.list", "*", op_case_list, NULL, "cases, the latest changed first" },
	{ "request.table", "*", op_request_table, NULL,
		"up to 500 requests as a table: CSV, PDF or HTML" },
	{ "case.table", "*", op_case_table, NULL,
		"up to 500 cases as a table: CSV, PDF or HTML" },
	{ "case.each", "*", op_case_each, NULL,
		"take, give away or mark as read up to 100 cases, each judged alone" },
	{ "case.show", "*", op_case_show, NULL, "one case with its requests and records" },
	{ "delivery.list", "*", op_delivery_list, NULL, "where our records are on their way" },
	{ "record.get", "*", op_record_get, NULL, "one record as signed, with its signature" },
	{ "law.show", "*", op_law_show, NULL,
		"what is recorded of an economy, an instrument, an article or a fact" },
	{ "law.publish", "administrator", op_law_publish, NULL,
		"sign what our economy says of its law and send it to all partners" },
	{ "law.check", "*", op_law_check, NULL,
		"what the law says of a request before there is one" },
	{ "law.gap", "*", op_law_gap, NULL,
		"what economies have and lack against an instrument, article by article" },
	{ "numbers.show", "*", op_numbers_show, NULL,
		"how many requests, what became of them, how long it took" },
	{ "report.yearly", "*", op_report_yearly, NULL,
		"the statistics of a year, after Regulation (EU) 2023/1543 art. 28(2)" },
	{ "report.print", "*", op_report_print, NULL, "the same on paper, as PDF or HTML" },
	{ "api.describe", "*", op_api_describe, NULL, "these operations, as OpenAPI 3.1" },
	{ "user.add", "administrator", op_user_add, NULL,
		"add an officer; the token is shown once" },
	{ "user.list", "administrator,auditor", op_user_list, NULL, "officers and their roles" },
	{ "user.disable", "administrator", op_user_disable, NULL, "end an officer's access" },
	{ "user.role", "administrator", op_user_role, NULL, "give an officer another role" },
	{ "user.unit", "administrator", op_user_unit, NULL,
		"put an officer into a unit, or into none" },
	{ "unit.list", "*", op_unit_list, NULL, "units of officers, each with cases of its own" },
	{ "unit.add", "administrator", op_unit_add, NULL, "make a unit" },
	{ "unit.intake", "administrator", op_unit_intake, NULL,
		"the unit to which new cases of partners come" },
	{ "case.assign", ASK, op_case_assign, NULL, "give a case to another unit" },
	{ "case.name", ASK, op_case_name, NULL,
		"let one officer of another unit see a case, or no more" },
	{ "case.restrict", ASK, op_case_restrict, NULL,
		"close a case to the officers named for it; case.assign opens it again" },
	{ "event.list", "administrator,auditor", op_event_list, NULL,
		"administrative events and refusals" },
};

void
ops_register(struct exchange *x)
{
	op_register(x, ops, CO_ARRAY_LEN(ops));
	ops_describe(x);
	ops_law_describe(x);
	ops_form_register(x);
	ops_work_describe(x);
	ops_table_describe(x);
	ops_case_each_describe(x);
	ops_case_new_describe(x);
}
