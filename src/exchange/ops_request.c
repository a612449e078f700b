/* Operations that write: requests, answers, messages. Each ends in exchange_send and nothing else.
 */
#include "base/enc.h"
#include "exchange/advice.h"
#include "exchange/approval.h"
#include "exchange/attach.h"
#include "exchange/deadlines.h"
#include "exchange/inside.h"
#include "exchange/op_shape.h"
#include "exchange/ops.h"
#include "exchange/sight.h"

enum { SUBMIT_MANY = 1024 };

static enum co_rc
text_set(char *out, size_t cap, const char *s, const char *name, struct co_err *err)
{
	if (s != NULL && strlen(s) >= cap)
		return co_fail(err, CO_ETOOBIG, "%s is longer than %zu bytes", name, cap - 1);
	if (s != NULL)
		(void)snprintf(out, cap, "%s", s);
	return CO_OK;
}

enum co_rc
record_case_fill(
	struct exchange *x, struct store_db *db, struct record *r, bool must, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row, own;

	TRY(store_query(db, Q_CASE_SHOW, &st, err, "t", r->case_id));
	TRY(store_step(st, &row, err));
	if (!row)
		return must ? co_fail(err, CO_ENOTFOUND, "no case %s here", r->case_id) : CO_OK;
	own = strcmp(store_text(st, 3), x->address) == 0;
	if (own && (r->to[0] == '\0' || strcmp(r->to, x->address) == 0))
		return case_alone(r->case_id, err);
	if (r->to[0] == '\0')
		(void)snprintf(r->to, sizeof(r->to), "%s", store_text(st, 3));
	if (!own && strcmp(r->to, store_text(st, 3)) != 0)
		return co_fail(err, CO_EREFUSED,
			"case %s is one with %s, not with %s; open a new case", r->case_id,
			store_text(st, 3), r->to);
	if (r->ours[0] == '\0')
		(void)snprintf(r->ours, sizeof(r->ours), "%s", store_text(st, 1));
	(void)snprintf(r->theirs, sizeof(r->theirs), "%s", store_text(st, 2));
	r->exercise = store_int(st, 6) != 0;
	return CO_OK;
}

static enum co_rc
ref_add(struct store_db *db, struct record *r, const char *sender, const char *id,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;
	char hex[SHA256_HEX + 1];
	const void *p;
	size_t n;
	bool row;

	TRY(store_query(db, Q_RECORD_KNOWN, &st, err, "tt", sender, id));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_ENOTFOUND, "no record %s of %s here", id, sender);
	p = store_blob(st, 0, &n);
	if (n != SHA256_LEN)
		return co_fail(err, CO_ESTORE, "record %s: its digest is damaged", id);
	co_hex(p, n, hex);
	return record_add_ref(r, id, hex, err);
}

/* What goes to a provider is the provider's view; the draft keeps the rest. */
static enum co_rc
view_apply(struct exchange *x, struct record *r, struct co_err *err)
{
	json_t *fields = json_object_get(r->body, "fields");
	const struct form *f =
		form_by_measure(json_string_value(json_object_get(r->body, "measure")));
	json_t *shown;

	if (f == NULL || json_object_get(r->body, "extends") != NULL ||
		!request_to_provider(x, r->to))
		return CO_OK;
	shown = form_fields_shown(f, fields);
	if (shown == NULL || json_object_set_new(r->body, "fields", shown) != 0 ||
		json_object_set_new(r->body, "view", json_string("provider")) != 0)
		return co_fail(err, CO_ENOMEM, "request");
	return CO_OK;
}

bool
request_to_provider(struct exchange *x, const char *address)
{
	const struct partner *p;
	bool provider;

	if (partner_get(x, address, &p, NULL) != CO_OK)
		return false; /* told where the partner is needed */
	provider = strcmp(p->role, "provider") == 0;
	partner_put(x, &p);
	return provider;
}

/* in as request.new takes it, with case_id filled. r is initialised. */
static enum co_rc
request_build(struct exchange *x, struct store_db *db, const json_t *in, const struct officer *who,
	struct record *r, struct co_err *err)
{
	const char *to, *ours, *measure, *urgency, *case_id, *extends, *basis;
	json_t *fields = json_object_get(in, "fields");
	bool exercise;

	TRY(in_text(in, "to", true, LIMIT_ADDRESS, &to, err));
	TRY(in_text(in, "ours", false, LIMIT_NAME, &ours, err));
	TRY(in_text(in, "measure", true, 64, &measure, err));
	TRY(in_text(in, "urgency", true, 16, &urgency, err));
	TRY(in_uuid(in, "case_id", true, &case_id, err));
	TRY(in_uuid(in, "extends", false, &extends, err));
	TRY(in_text(in, "basis", false, 64, &basis, err));
	TRY(in_bool(in, "exercise", false, &exercise, err));
	if (!json_is_object(fields))
		return co_fail(err, CO_EUSAGE,
			"fields must be an object: the fields of the form \"%s\"", measure);
	r->kind = REC_REQUEST;
	TRY(text_set(r->to, sizeof(r->to), to, "to", err));
	TRY(text_set(r->ours, sizeof(r->ours), ours, "ours", err));
	TRY(text_set(r->case_id, sizeof(r->case_id), case_id, "case_id", err));
	(void)snprintf(r->officer, sizeof(r->officer), "%s", who->name);
	(void)snprintf(r->role, sizeof(r->role), "%s", who->role);
	r->exercise = exercise;
	r->body = json_pack("{s:s,s:s,s:O,s:s*,s:s*}", "measure", measure, "urgency", urgency,
		"fields", fields, "extends", extends, "basis", basis);
	if (r->body == NULL)
		return co_fail(err, CO_ENOMEM, "request");
	TRY(attach_fill(json_object_get(in, "attachments"), r, err));
	if (extends != NULL)
		TRY(ref_add(db, r, x->address, extends, err));
	return view_apply(x, r, err);
}

/* Many at once have no drafts: what a provider may not see would be kept nowhere. */
static enum co_rc
view_whole(const struct record *r, const json_t *in, struct co_err *err)
{
	if (json_object_get(r->body, "view") == NULL ||
		json_equal(json_object_get(r->body, "fields"), json_object_get(in, "fields")))
		return CO_OK;
	return co_fail(err, CO_EREFUSED,
		"%s is a provider and may not see some of these fields; compose it by itself "
		"(request.new), so that they are kept here",
		r->to);
}

static enum co_rc
partner_check(struct exchange *x, const char *address, struct co_err *err)
{
	const struct partner *p;

	TRY(partner_get(x, address, &p, err));
	partner_put(x, &p);
	return CO_OK;
}

/* The form, the partner, the clauses: told to the author, not to the approver. given: the case is
 * one that must exist. */
static enum co_rc
request_review(struct exchange *x, struct store_db *db, struct record *r, const json_t *fields,
	bool given, struct co_err *err)
{
	const char *basis = json_string_value(json_object_get(r->body, "basis"));
	co_auto_buf printed;

	co_buf_init(&printed, LIMIT_RECORD);
	TRY(partner_check(x, r->to, err));
	if (basis != NULL)
		TRY(advice_basis(x, db, basis, err));
	if (given)
		TRY(record_case_fill(x, db, r, true, err));
	if (r->ours[0] == '\0')
		return co_fail(err, CO_EUSAGE, "ours is missing: your own number for the case");
	(void)snprintf(r->from, sizeof(r->from), "%s", x->address);
	r->at_us = co_now_us();
	TRY(record_print(r, &printed, err));
	TRY(kind_check_composed(r, fields, err));
	return kind_check(r, err);
}

/* A request in a case that is open already: only from who may see the case. */
static enum co_rc
sight_given(struct exchange *x, struct store_db *db, const struct officer *who, const json_t *in,
	struct co_err *err)
{
	return sight_case(x, db, who, json_string_value(json_object_get(in, "case_id")), err);
}

static enum co_rc
request_draft(struct exchange *x, const struct officer *who, const json_t *in, json_t **out,
	struct co_err *err)
{
	json_t *full = json_copy((json_t *)(uintptr_t)in); /* shallow: in is not changed */
	char id[CO_UUID_LEN + 1], case_id[CO_UUID_LEN + 1];
	record_auto r;
	struct store_db *db;
	bool waits, given = json_is_string(json_object_get(in, "case_id"));
	json_t *law = NULL;
	enum co_rc rc;

	record_init(&r);
	co_uuid7(id);
	co_uuid7(case_id);
	if (full == NULL ||
		(!given && json_object_set_new(full, "case_id", json_string(case_id)) != 0))
		rc = co_fail(err, CO_ENOMEM, "request");
	else
		rc = store_reader(x->store, &db, err);
	if (rc == CO_OK && given)
		rc = sight_given(x, db, who, full, err);
	if (rc == CO_OK)
		rc = draft_replaced_seen(x, db, who, full, err);
	if (rc == CO_OK)
		rc = attach_take(db, who, full, err);
	if (rc == CO_OK)
		rc = request_build(x, db, full, who, &r, err);
	if (rc == CO_OK) {
		(void)snprintf(r.id, sizeof(r.id), "%s", id);
		rc = request_review(x, db, &r, json_object_get(full, "fields"), given, err);
	}
	if (rc == CO_OK)
		rc = advice_on(x, db, &r, false, &law, err);
	if (rc == CO_OK)
		rc = advice_basis_name(full, law, err);
	if (rc == CO_OK) {
		waits = approval_needed(x, json_string_value(json_object_get(r.body, "measure")));
		rc = draft_new(x, id, "request", full, who->name, waits, NULL, err);
	}
	json_decref(full);
	if (rc != CO_OK) {
		json_decref(law);
		return rc;
	}
	return out_give(json_pack("{s:s,s:s,s:s,s:o}", "id", id, "case_id", r.case_id, "state",
				waits ? "waiting" : "draft", "law", law),
		out, err);
}

enum co_rc
op_request_new(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	(void)arg;
	return request_draft(x, who, in, out, err);
}

/* What needed a second officer is carried out as soon as it has one; what fails then can be tried
 * again, the approval stands. */
static enum co_rc
custody_do(struct exchange *x, struct store_db *db, const char *id, bool *done, struct co_err *err)
{
	draft_auto d = { .in = NULL };

	TRY(draft_get(db, id, &d, err));
	if (x->approved == NULL)
		return co_fail(err, CO_EINTERNAL, "nobody carries out drafts of custody");
	if (x->approved(x->approved_arg, &d, done, err) != CO_OK)
		return co_wrap(err, "it is approved, but not done yet");
	return CO_OK;
}

enum co_rc
op_request_approve(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	draft_auto d = { .in = NULL };
	advice_kept_auto kept = { .detail = NULL };
	struct store_db *db;
	const char *id, *reason;
	bool ok, done = false;

	(void)arg;
	TRY(in_uuid(in, "id", true, &id, err));
	TRY(in_bool(in, "ok", true, &ok, err));
	TRY(in_text(in, "reason", false, 1023, &reason, err));
	TRY(store_reader(x->store, &db, err));
	TRY(draft_seen(x, db, who, id, &d, err));
	if (!ok && (reason == NULL || reason[strspn(reason, " \t\r\n")] == '\0'))
		return co_fail(err, CO_EUSAGE,
			"a rejection needs its reason: %s reads it and corrects the request",
			d.created_by);
	/* Who wrote it, or comes too late, is told so before anything is kept. */
	if (ok && strcmp(d.created_by, who->name) != 0 && strcmp(d.state, "waiting") == 0)
		TRY(decide_draft(x, db, &d, "approve", reason, who, &kept, err));
	TRY(draft_decide(x, id, who->name, ok, reason, &kept, err));
	if (ok && strcmp(d.kind, "custody") == 0)
		TRY(custody_do(x, db, id, &done, err));
	return out_give(json_pack("{s:s,s:s}", "id", id, "state",
				!ok	    ? "rejected"
					: done ? "sent"
					       : "approved"),
		out, err);
}

enum co_rc
request_of_draft(struct exchange *x, struct store_db *db, const struct draft *d,
	const struct officer *who, struct record *r, struct co_err *err)
{
	TRY(request_build(x, db, d->in, who, r, err));
	return record_case_fill(x, db, r, false, err);
}

/* ---- notices ---- */

/* An answer to a request whose own delivery was refused for good could never arrive. */
static enum co_rc
delivery_check(struct store_db *db, const struct request_row *q, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	if (q->incoming)
		return CO_OK;
	TRY(store_query(db, Q_OUTBOX_OF_RECORD, &st, err, "t", q->id));
	TRY(store_step(st, &row, err));
	if (row && strcmp(store_text(st, 0), "refused") == 0)
		return co_fail(err, CO_EREFUSED,
			"the node of %s did not take this request (%s); send a new one", q->partner,
			store_text(st, 2));
	return CO_OK;
}

static enum co_rc
until_default(struct store_db *db, const struct request_row *q, enum state notice, json_t *body,
	struct co_err *err)
{
	stored_record_auto s = { .incoming = false };
	char text[CO_TIME_LEN];
	struct move_ask ask = { .state = q->state,
		.sort = request_sort_of(q),
		.by = SIDE_EXECUTING,
		.notice = notice };
	const struct move *m;
	const json_t *days;
	struct request_row old;
	int64_t from_us = co_now_us();

	if (!q->incoming || json_object_get(body, "until") != NULL ||
		moves_find(&ask, &m, NULL) != CO_OK || (m->needs & NEED_UNTIL) == 0)
		return CO_OK;
	TRY(exchange_load(db, q->id, &s, err));
	days = json_object_get(json_object_get(s.r.body, "fields"), "days");
	/* Days more, not days from today: an extension begins where the preservation ends. */
	if (q->extends[0] != '\0') {
		TRY(request_get(db, q->extends, &old, err));
		from_us = old.expiry_us > from_us ? old.expiry_us : from_us;
	}
	co_time_print(deadlines_default_until_us(from_us, json_integer_value(days)), text);
	return json_object_set_new(body, "until", json_string(text)) == 0
		? CO_OK
		: co_fail(err, CO_ENOMEM, "notice");
}

static enum co_rc
notice_body(const json_t *in, json_t **out, struct co_err *err)
{
	static const char *const members[] = { "state", "reason", "ground", "until", "conditions",
		"fields" };
	json_t *body = json_object();

	for (size_t i = 0; i < CO_ARRAY_LEN(members); i++) {
		json_t *v = json_object_get(in, members[i]);

		if (v != NULL && !json_is_null(v) && json_object_set(body, members[i], v) != 0) {
			json_decref(body);
			return co_fail(err, CO_ENOMEM, "notice");
		}
	}
	return out_give(body, out, err);
}

/* in as request.answer takes it. r is initialised. */
static enum co_rc
notice_build(struct exchange *x, struct store_db *db, const json_t *in, const struct officer *who,
	struct record *r, struct co_err *err)
{
	struct request_row q;
	const char *id, *name, *ours;
	enum state notice;

	TRY(in_uuid(in, "id", true, &id, err));
	TRY(in_text(in, "state", true, 32, &name, err));
	TRY(in_text(in, "ours", false, LIMIT_NAME, &ours, err));
	if (!state_by_name(name, &notice) || notice == ST_SENT)
		return co_fail(err, CO_EUSAGE,
			"\"%s\" is no state that can be answered; see request.show, moves", name);
	TRY(request_seen(x, db, who, id, &q, err));
	TRY(delivery_check(db, &q, err));
	r->kind = REC_NOTICE;
	TRY(text_set(r->ours, sizeof(r->ours), ours, "ours", err));
	(void)snprintf(r->to, sizeof(r->to), "%s", q.partner);
	(void)snprintf(r->case_id, sizeof(r->case_id), "%s", q.case_id);
	(void)snprintf(r->officer, sizeof(r->officer), "%s", who->name);
	(void)snprintf(r->role, sizeof(r->role), "%s", who->role);
	TRY(record_case_fill(x, db, r, true, err));
	TRY(attach_fill(json_object_get(in, "attachments"), r, err));
	TRY(notice_body(in, &r->body, err));
	TRY(until_default(db, &q, notice, r->body, err));
	TRY(ref_add(db, r, q.incoming ? q.partner : x->address, q.id, err));
	/* The last thing they said, so that they see what this answers. Ours needs no ref: order in
	 * a case. */
	if (q.last_notice[0] != '\0' && ref_add(db, r, q.partner, q.last_notice, NULL) != CO_OK)
		return CO_OK;
	return CO_OK;
}

static enum co_rc
notice_send(struct exchange *x, const struct officer *who, const json_t *in, const char *id,
	json_t **out, struct co_err *err)
{
	record_auto r;
	advice_kept_auto kept = { .detail = NULL };
	struct store_db *db;
	const char *state = json_string_value(json_object_get(in, "state"));

	record_init(&r);
	TRY(store_reader(x->store, &db, err));
	TRY(notice_build(x, db, in, who, &r, err));
	(void)snprintf(r.id, sizeof(r.id), "%s", id);
	(void)snprintf(r.from, sizeof(r.from), "%s", x->address);
	r.at_us = co_now_us();
	TRY(kind_plan(x, db, &r, err)); /* what cannot be sent is no decision */
	TRY(decide_answer(x, db, in, who, &kept, err));
	TRY(attach_claim_new(x, json_object_get(in, "attachments"), who, r.id, err));
	TRY(exchange_send_advised(x, &r, &kept, err));
	return out_give(
		json_pack("{s:s,s:s,s:s}", "id", r.id, "case_id", r.case_id, "state", state), out,
		err);
}

static enum co_rc
notice_draft(struct exchange *x, const struct officer *who, const json_t *in, json_t **out,
	struct co_err *err)
{
	record_auto r;
	advice_kept_auto kept = { .detail = NULL };
	struct store_db *db;
	char id[CO_UUID_LEN + 1];

	record_init(&r);
	TRY(store_reader(x->store, &db, err));
	TRY(notice_build(x, db, in, who, &r, err)); /* told to the author, not to the approver */
	TRY(decide_answer(x, db, in, who, &kept, err));
	co_uuid7(id);
	TRY(draft_new(x, id, "notice", in, who->name, true, &kept, err));
	return out_give(
		json_pack("{s:s,s:s,s:s}", "id", id, "case_id", r.case_id, "state", "waiting"), out,
		err);
}

static enum co_rc
answer(struct exchange *x, const struct officer *who, const json_t *in, json_t **out,
	struct co_err *err)
{
	json_t *full = json_copy((json_t *)(uintptr_t)in); /* shallow: in is not changed */
	struct store_db *db;
	char what[64];
	const char *state;
	enum co_rc rc;

	rc = full == NULL ? co_fail(err, CO_ENOMEM, "notice")
			  : in_text(in, "state", true, 32, &state, err);
	if (rc == CO_OK)
		rc = store_reader(x->store, &db, err);
	if (rc == CO_OK)
		rc = attach_take(db, who, full, err);
	if (rc == CO_OK) {
		(void)snprintf(what, sizeof(what), "answer:%s", state);
		rc = approval_needed(x, what) ? notice_draft(x, who, full, out, err)
					      : notice_send(x, who, full, "", out, err);
	}
	json_decref(full);
	return rc;
}

enum co_rc
op_request_answer(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	(void)arg;
	return answer(x, who, in, out, err);
}

/* What was never sent is only dropped here. */
static enum co_rc
withdraw_draft(struct exchange *x, const struct officer *who, const char *id, const char *reason,
	bool *dropped, struct co_err *err)
{
	draft_auto d = { .in = NULL };
	struct co_err got = { CO_OK, "" };
	struct store_db *db;
	enum co_rc rc;

	*dropped = false;
	TRY(store_reader(x->store, &db, err));
	rc = draft_seen(x, db, who, id, &d, &got);
	if (strcmp(who->role, "custodian") == 0 && rc == CO_OK && strcmp(d.kind, "custody") != 0)
		return co_fail(err, CO_EDENIED,
			"a custodian gives up only what was proposed for an exhibit; %s is no "
			"such draft", id);
	if (strcmp(who->role, "custodian") == 0 && rc != CO_OK)
		return co_fail(err, rc, "%s", got.msg);
	if (rc == CO_ENOTFOUND || (rc == CO_OK && strcmp(d.state, "sent") == 0))
		return CO_OK;
	if (rc != CO_OK)
		return co_fail(err, rc, "%s", got.msg);
	*dropped = true;
	return draft_drop(x, id, who->name, reason, err);
}

enum co_rc
op_request_withdraw(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	const char *id, *reason;
	bool dropped;
	json_t *as;
	enum co_rc rc;

	(void)arg;
	TRY(in_uuid(in, "id", true, &id, err));
	TRY(in_text(in, "reason", false, LIMIT_TEXT, &reason, err));
	TRY(withdraw_draft(x, who, id, reason, &dropped, err));
	if (dropped)
		return out_give(json_pack("{s:s,s:s}", "id", id, "state", "dropped"), out, err);
	as = json_pack("{s:s,s:s,s:s*}", "id", id, "state", "withdrawn", "reason", reason);
	if (as == NULL)
		return co_fail(err, CO_ENOMEM, "notice");
	rc = answer(x, who, as, out, err);
	json_decref(as);
	return rc;
}

/* ---- sending ---- */

static enum co_rc
request_send_draft(struct exchange *x, struct store_db *db, const struct officer *who,
	const struct draft *d, const char *why, json_t **out, struct co_err *err)
{
	record_auto r;
	advice_kept_auto kept = { .detail = NULL };

	record_init(&r);
	TRY(request_build(x, db, d->in, who, &r, err));
	(void)snprintf(r.id, sizeof(r.id), "%s", d->id);
	TRY(partner_check(x, r.to, err));
	TRY(record_case_fill(x, db, &r, false, err));
	/* Approved against the advice: the reason was given then. */
	TRY(decide_draft(x, db, d, "send", why != NULL ? why : d->reason, who, &kept, err));
	TRY(exchange_send_advised(x, &r, &kept, err));
	return out_give(
		json_pack("{s:s,s:s,s:s}", "id", r.id, "case_id", r.case_id, "state", "sent"), out,
		err);
}

enum co_rc
op_request_send(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	draft_auto d = { .in = NULL };
	struct store_db *db;
	const char *id, *why;
	bool done = false;

	(void)arg;
	/* ok: taken and ignored, so that a program may send what it sent to request.approve. */
	TRY(in_uuid(in, "id", true, &id, err));
	TRY(in_text(in, "reason", false, 1023, &why, err));
	TRY(store_reader(x->store, &db, err));
	TRY(draft_seen(x, db, who, id, &d, err));
	if (strcmp(d.state, "waiting") == 0)
		return co_fail(
			err, CO_EREFUSED, "%s waits for the approval of a second officer", id);
	if (strcmp(d.state, "rejected") == 0)
		return co_fail(err, CO_EREFUSED, "%s was rejected by %s: %s", id, d.approved_by,
			d.reason[0] == '\0' ? "no reason given" : d.reason);
	if (strcmp(d.state, "sent") == 0)
		return co_fail(err, CO_EEXISTS, "%s was sent already", id);
	if (strcmp(d.state, "unfinished") == 0)
		return co_fail(err, CO_EREFUSED, "%s is not finished; request.new takes it", id);
	if (strcmp(d.state, "dropped") == 0)
		return co_fail(err, CO_EREFUSED, "%s was given up; write a new request", id);
	if (strcmp(d.kind, "custody") == 0) {
		TRY(custody_do(x, db, id, &done, err));
		if (!done)
			return co_fail(err, CO_EREFUSED,
				"%s is approved: %s goes on with it by asking the same again", id,
				d.created_by);
		return out_give(json_pack("{s:s,s:s,s:s}", "id", id, "case_id", d.case_id, "state",
					"sent"),
			out, err);
	}
	if (strcmp(d.kind, "notice") != 0)
		return request_send_draft(x, db, who, &d, why, out, err);
	if (why != NULL && json_object_set_new(d.in, "why", json_string(why)) != 0)
		return co_fail(err, CO_ENOMEM, "notice");
	return notice_send(x, who, d.in, id, out, err);
}

enum co_rc
op_request_extend(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	stored_record_auto s = { .incoming = false };
	struct request_row q;
	struct store_db *db;
	const char *id, *reason;
	int64_t days, least, most;
	json_t *as, *drafted = NULL;
	enum co_rc rc;

	(void)arg;
	TRY(in_uuid(in, "id", true, &id, err));
	deadlines_days(&least, &most);
	TRY(in_int(in, "days", least, 1, most, &days, err));
	TRY(in_text(in, "reason", false, LIMIT_TEXT, &reason, err));
	TRY(store_reader(x->store, &db, err));
	TRY(request_seen(x, db, who, id, &q, err));
	if (q.incoming)
		return co_fail(err, CO_EREFUSED,
			"%s is a request of %s; only the asking side asks to extend it", id,
			q.partner);
	TRY(exchange_load(db, id, &s, err));
	as = json_pack("{s:s,s:s,s:s,s:s,s:s,s:{s:s,s:I,s:s*},s:O*}", "to", q.partner, "case_id",
		q.case_id, "measure", q.measure, "urgency", q.urgency, "extends",
		q.extends[0] == '\0' ? id : q.extends, "fields", "status", "extension", "days",
		(json_int_t)days, "reason", reason, "basis",
		json_object_get(s.r.body, "basis"));
	if (as == NULL)
		return co_fail(err, CO_ENOMEM, "extension");
	rc = request_draft(x, who, as, &drafted, err);
	json_decref(as);
	if (rc != CO_OK ||
		strcmp(json_string_value(json_object_get(drafted, "state")), "waiting") == 0) {
		*out = drafted;
		return rc;
	}
	as = json_pack("{s:O,s:s*}", "id", json_object_get(drafted, "id"), "reason", reason);
	rc = op_request_send(x, NULL, who, as, out, err);
	json_decref(as);
	json_decref(drafted);
	return rc;
}

/* One that is blocked has to be composed by itself, with a reason. */
static enum co_rc
submit_decide(struct exchange *x, struct store_db *db, const struct officer *who, struct record *r,
	struct advice_kept *kept, struct co_err *err)
{
	const struct advice_decision d = { .request = r->id, .decision = "send" };
	json_t *law = NULL;
	const json_t *f;
	enum co_rc rc;

	TRY(advice_on(x, db, r, false, &law, err));
	co_uuid7(r->id);
	f = advice_blocked(law);
	rc = advice_basis_name(r->body, law, err);
	if (rc == CO_OK && f == NULL)
		rc = advice_decide(law, &d, who, kept, err);
	else if (rc == CO_OK)
		rc = co_fail(err, CO_EREFUSED,
			"the law as recorded stands in the way: %.200s Compose it by itself "
			"(request.new) and send it with a reason",
			json_string_value(json_object_get(f, "text")));
	json_decref(law);
	return rc;
}

static enum co_rc
submit_one(struct exchange *x, struct store_db *db, const struct officer *who, json_t *in,
	struct record *r, struct advice_kept *kept, struct co_err *err)
{
	char case_id[CO_UUID_LEN + 1];
	json_t *full;
	bool given = json_is_string(json_object_get(in, "case_id"));
	enum co_rc rc;

	TRY(op_shape_check(op_shape_of(x, "request.new")->in, in, err));
	co_uuid7(case_id);
	full = json_copy(in);
	if (full == NULL ||
		(!given && json_object_set_new(full, "case_id", json_string(case_id)) != 0))
		rc = co_fail(err, CO_ENOMEM, "request");
	else
		rc = given ? sight_given(x, db, who, full, err) : CO_OK;
	if (rc == CO_OK)
		rc = request_build(x, db, full, who, r, err);
	if (rc == CO_OK)
		rc = view_whole(r, full, err);
	json_decref(full);
	if (rc == CO_OK)
		rc = partner_check(x, r->to, err);
	if (rc == CO_OK && given)
		rc = record_case_fill(x, db, r, true, err);
	if (rc == CO_OK && r->ours[0] == '\0')
		rc = co_fail(err, CO_EUSAGE, "ours is missing: your own number for the case");
	if (rc == CO_OK)
		rc = submit_decide(x, db, who, r, kept, err);
	return rc;
}

static json_t *
submit_result(const struct record *r, const struct co_err *e)
{
	if (e->rc == CO_OK)
		return json_pack("{s:s,s:s}", "id", r->id, "case_id", r->case_id);
	return json_pack("{s:s,s:s}", "error", co_rc_name(e->rc), "message", e->msg);
}

/* good[] are the records that were built, in order; which[i] is the place of good[i] among all. */
struct submit {
	struct record *good;
	struct advice_kept *kept; /* one for each of good */
	struct co_err *good_errs, *errs;
	size_t *which;
	size_t n, good_n;
};

static void
submit_free(struct submit *s)
{
	for (size_t i = 0; s->good != NULL && i < s->good_n; i++)
		record_deinit(&s->good[i]);
	for (size_t i = 0; s->kept != NULL && i < s->good_n; i++)
		advice_kept_deinit(&s->kept[i]);
	free(s->good);
	free(s->kept);
	free(s->good_errs);
	free(s->errs);
	free(s->which);
}

static enum co_rc
submit_run(struct exchange *x, const struct officer *who, const json_t *list, struct submit *s,
	json_t **out, struct co_err *err)
{
	struct store_db *db;
	json_t *results = json_array();

	TRY(store_reader(x->store, &db, err));
	for (size_t i = 0; i < s->n; i++) {
		struct record *r = &s->good[s->good_n];

		record_init(r);
		if (submit_one(x, db, who, json_array_get(list, i), r, &s->kept[s->good_n],
			    &s->errs[i]) == CO_OK)
			s->which[s->good_n++] = i;
		else
			record_deinit(r);
	}
	/* A failure of all is told in each: some may have been stored before it. */
	if (exchange_send_many(x, s->good, s->kept, s->good_n, s->good_errs, err) != CO_OK)
		co_err_clear(err);
	for (size_t i = 0, k = 0; i < s->n; i++) {
		bool built = k < s->good_n && s->which[k] == i;

		(void)json_array_append_new(results,
			submit_result(built ? &s->good[k] : NULL,
				built ? &s->good_errs[k] : &s->errs[i]));
		k += built ? 1 : 0;
	}
	return out_give(json_pack("{s:o}", "results", results), out, err);
}

enum co_rc
op_request_submit_many(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	const json_t *list = json_object_get(in, "requests");
	struct submit s = { .n = json_array_size(list) };
	enum co_rc rc;

	(void)arg;
	if (!json_is_array(list) || s.n == 0 || s.n > SUBMIT_MANY)
		return co_fail(
			err, CO_EUSAGE, "requests must be a list of 1 to %d requests", SUBMIT_MANY);
	s.good = calloc(s.n, sizeof(*s.good));
	s.kept = calloc(s.n, sizeof(*s.kept));
	s.good_errs = calloc(s.n, sizeof(*s.good_errs));
	s.errs = calloc(s.n, sizeof(*s.errs));
	s.which = calloc(s.n, sizeof(*s.which));
	if (s.good == NULL || s.kept == NULL || s.good_errs == NULL || s.errs == NULL ||
		s.which == NULL)
		rc = co_fail(err, CO_ENOMEM, "%zu requests", s.n);
	else
		rc = submit_run(x, who, list, &s, out, err);
	submit_free(&s);
	return rc;
}
