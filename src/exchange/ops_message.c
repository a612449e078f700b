/* A free message within a case. */
#include "exchange/attach.h"
#include "exchange/inside.h"
#include "exchange/ops.h"
#include "exchange/sight.h"

static enum co_rc
message_send(struct exchange *x, const struct officer *who, json_t *in, json_t **out,
	struct co_err *err)
{
	const char *case_id, *text, *to;
	struct store_db *db;
	record_auto r;

	record_init(&r);
	TRY(in_uuid(in, "case_id", true, &case_id, err));
	TRY(in_text(in, "text", true, LIMIT_TEXT, &text, err));
	TRY(in_text(in, "to", false, LIMIT_ADDRESS, &to, err));
	r.kind = REC_MESSAGE;
	(void)snprintf(r.case_id, sizeof(r.case_id), "%s", case_id);
	(void)snprintf(r.to, sizeof(r.to), "%s", to == NULL ? "" : to);
	(void)snprintf(r.officer, sizeof(r.officer), "%s", who->name);
	(void)snprintf(r.role, sizeof(r.role), "%s", who->role);
	TRY(store_reader(x->store, &db, err));
	TRY(sight_case(x, db, who, case_id, err));
	TRY(record_case_fill(x, db, &r, true, err));
	TRY(attach_take(db, who, in, err));
	TRY(attach_fill(json_object_get(in, "attachments"), &r, err));
	r.body = json_pack("{s:s}", "text", text);
	if (r.body == NULL)
		return co_fail(err, CO_ENOMEM, "message");
	TRY(attach_claim_new(x, json_object_get(in, "attachments"), who, r.id, err));
	TRY(exchange_send(x, &r, err));
	return out_give(json_pack("{s:s,s:s}", "id", r.id, "case_id", r.case_id), out, err);
}

enum co_rc
op_message_send(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	json_t *full = json_copy((json_t *)(uintptr_t)in); /* shallow: in is not changed */
	enum co_rc rc;

	(void)arg;
	rc = full == NULL ? co_fail(err, CO_ENOMEM, "message")
			  : message_send(x, who, full, out, err);
	json_decref(full);
	return rc;
}
