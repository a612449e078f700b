/* An own case: begun before anything is asked of anybody, so that evidence can be taken, examined
 * and packaged in it. It begins as everything does, with a signed record, which stays in the house;
 * the first request in it to a partner makes it one with that partner. */
#include "exchange/inside.h"
#include "exchange/op_shape.h"
#include "exchange/ops.h"

#include "record/custody.h"

enum co_rc
op_case_new(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	const char *ours, *purpose, *authority;
	record_auto r;

	(void)arg;
	record_init(&r);
	TRY(in_text(in, "ours", true, LIMIT_NAME, &ours, err));
	TRY(in_text(in, "purpose", true, LIMIT_TEXT, &purpose, err));
	TRY(in_text(in, "authority", true, LIMIT_TEXT, &authority, err));
	TRY(in_bool(in, "exercise", false, &r.exercise, err));
	r.kind = REC_CUSTODY;
	co_uuid7(r.case_id);
	(void)snprintf(r.ours, sizeof(r.ours), "%s", ours);
	(void)snprintf(r.to, sizeof(r.to), "%s", x->address);
	(void)snprintf(r.officer, sizeof(r.officer), "%s", who->name);
	(void)snprintf(r.role, sizeof(r.role), "%s", who->role);
	r.body = json_pack("{s:s,s:s,s:s}", "action", CUSTODY_BEGUN, "purpose", purpose,
		"authority", authority);
	if (r.body == NULL)
		return co_fail(err, CO_ENOMEM, "case");
	TRY(exchange_send(x, &r, err));
	return out_give(
		json_pack("{s:s,s:s,s:s}", "case_id", r.case_id, "id", r.id, "ours", r.ours), out,
		err);
}

enum co_rc
case_alone(const char *case_id, struct co_err *err)
{
	return co_fail(err, CO_EREFUSED,
		"case %s is an own one: nobody else has part in it until you ask somebody "
		"(comity request new --to ADDRESS --case %s)",
		case_id, case_id);
}

static const struct op_member case_new_in[] = {
	{ "ours", OP_TEXT, OP_REQUIRED, 1, LIMIT_NAME, "our own number for the case", NULL },
	{ "purpose", OP_TEXT, OP_REQUIRED, 1, LIMIT_TEXT, "what is investigated", NULL },
	{ "authority", OP_TEXT, OP_REQUIRED, 1, LIMIT_TEXT, "the order or law it rests on", NULL },
	{ "exercise", OP_BOOL, 0, 0, 0, "an exercise: marked as such everywhere", NULL },
	OP_END,
};
static const struct op_member case_new_out[] = {
	{ "case_id", OP_UUID, 0, 0, 0, "of the new case", NULL },
	{ "id", OP_UUID, 0, 0, 0, "of the record that begins it", NULL },
	{ "ours", OP_TEXT, 0, 0, 0, "its number", NULL },
	OP_END,
};
static const struct op_shape shapes[] = {
	{ "case.new", "requests", case_new_in, case_new_out },
};

void
ops_case_new_describe(struct exchange *x)
{
	op_describe(x, shapes, CO_ARRAY_LEN(shapes));
}
