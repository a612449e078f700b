/* Operations that only read: requests, cases, deliveries, records, events. */
#include "base/enc.h"
#include "exchange/advice.h"
#include "exchange/approval.h"
#include "exchange/attach.h"
#include "exchange/inside.h"
#include "exchange/ops.h"
#include "exchange/pick.h"
#include "exchange/sight.h"

enum { CASE_REQUESTS = 50 }; /* of a case at once */

static const char pending_text[] = "pending the decision, art. 29(7)";

/* The end of a preservation for people: in our zone, and what is left of it. */
static void
clock_json(const struct exchange *x, const struct request_row *q, json_t *o)
{
	int64_t now_us = co_now_us();
	char text[CO_TIME_LEN] = "", left[TERM_LEFT_LEN] = "";
	bool runs = q->expiry_us > now_us && q->keeps == KEEPS_RUNS;

	if (q->expiry_us != 0)
		co_zone_print(x->calendar.zone, q->expiry_us, text);
	if (runs)
		term_left_print(now_us, q->expiry_us, left);
	out_text(o, "expiry_local", text);
	out_text(o, "left", left);
	(void)json_object_set_new(
		o, "left_s", runs ? json_integer((q->expiry_us - now_us) / 1000000) : json_null());
}

json_t *
request_json(const struct exchange *x, const struct request_row *q)
{
	json_t *o = json_pack("{s:s,s:s,s:s,s:s,s:b,s:s,s:s}", "id", q->id, "case_id", q->case_id,
		"measure", q->measure, "partner", q->partner, "incoming", q->incoming, "state",
		state_name(q->state), "urgency", q->urgency);
	bool ripe = q->expiry_us != 0 && q->expiry_us <= co_now_us();

	out_text(o, "extends", q->extends);
	out_time(o, "asked", q->asked_us);
	out_time(o, "due", q->due_us);
	(void)json_object_set_new(
		o, "late", json_boolean(q->due_us != 0 && q->due_us < co_now_us()));
	out_time(o, "expiry", q->expiry_us);
	clock_json(x, q, o);
	out_text(o, "expiry_note",
		!ripe                    ? ""
			: q->pending_mla ? pending_text
					 : "expired, art. 29(7)");
	(void)json_object_set_new(o, "pending_mla", json_boolean(q->pending_mla));
	out_time(o, "changed", q->changed_us);
	out_text(o, "last_notice", q->last_notice);
	out_text(o, "officer", q->officer);
	out_text(o, "unit", strcmp(q->unit, UNIT_CLOSED) == 0 ? "" : q->unit);
	(void)json_object_set_new(o, "exercise", json_boolean(q->exercise));
	return o;
}

enum co_rc
request_listed(struct exchange *x, struct store_db *db, const struct request_row *q, json_t **out,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_CASE_NUMBERS, &st, err, "t", q->case_id));
	TRY(store_step(st, &row, err));
	*out = request_json(x, q);
	out_text(*out, "ours", row ? store_text(st, 0) : "");
	out_text(*out, "theirs", row ? store_text(st, 1) : "");
	return CO_OK;
}

static json_t *
moves_json(const struct request_row *q)
{
	static const struct {
		unsigned need;
		const char *member;
	} needs[] = { { NEED_REASON, "reason" }, { NEED_GROUND, "ground" }, { NEED_UNTIL, "until" },
		{ NEED_CONDITIONS, "conditions" } };
	json_t *list = json_array();
	enum request_sort sort = request_sort_of(q);
	unsigned by = q->incoming ? SIDE_EXECUTING : SIDE_ASKING;

	for (size_t i = 0; i < moves_count(); i++) {
		const struct move *m = moves_at(i);
		json_t *want, *grounds;

		if (m->crossed || (m->from & 1u << q->state) == 0 || (m->by & by) == 0 ||
			(m->sorts & (unsigned)sort) == 0 || !request_ripe(q, m->notice))
			continue;
		want = json_array();
		for (size_t k = 0; k < CO_ARRAY_LEN(needs); k++) {
			if ((m->needs & needs[k].need) != 0)
				(void)json_array_append_new(want, json_string(needs[k].member));
		}
		grounds = json_array();
		for (size_t k = 0; (m->needs & NEED_GROUND) != 0 && k < grounds_count(); k++) {
			const struct ground *g = grounds_at(k);

			if ((g->sorts & (unsigned)sort) != 0)
				(void)json_array_append_new(grounds,
					json_pack("{s:s,s:s,s:s}", "code", g->code, "clause",
						g->clause, "text", g->text));
		}
		(void)json_array_append_new(list,
			json_pack("{s:s,s:s,s:o,s:o}", "state", state_name(m->notice), "clause",
				m->clause, "needs", want, "grounds", grounds));
	}
	return list;
}

static enum co_rc
delivery_json(struct store_db *db, const char *id, json_t **out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;
	json_t *o;

	TRY(store_query(db, Q_OUTBOX_OF_RECORD, &st, err, "t", id));
	TRY(store_step(st, &row, err));
	if (!row) {
		*out = json_null();
		return CO_OK;
	}
	o = json_pack("{s:s,s:I,s:s}", "state", store_text(st, 0), "attempts",
		(json_int_t)store_int(st, 1), "lane",
		store_int(st, 5) == LANE_URGENT ? "urgent" : "usual");
	out_text(o, "last_error", store_text(st, 2));
	out_time(o, "queued", store_int(st, 3));
	out_time(o, "settled", store_int(st, 4));
	out_time(o, "next", strcmp(store_text(st, 0), "waiting") == 0 ? store_int(st, 6) : 0);
	out_text(o, "receipt", store_text(st, 7));
	return out_give(o, out, err);
}

/* Is a record of the case about this request: itself, its answers, or what is said in the case? */
static bool
about(const json_t *record, const char *kind, const char *id, const char *request)
{
	const json_t *refs = json_object_get(record, "refs");

	if (request == NULL || strcmp(id, request) == 0)
		return true;
	if (strcmp(kind, "receipt") == 0 || strcmp(kind, "request") == 0)
		return false;
	if (strcmp(kind, "notice") != 0)
		return true;
	return json_is_string(json_object_get(json_array_get(refs, 0), "id")) &&
		strcmp(json_string_value(json_object_get(json_array_get(refs, 0), "id")),
			request) == 0;
}

/* One row of a timeline: the words a person asks for, not the whole record (record.get has it). */
static enum co_rc
timeline_row(struct store_db *db, struct store_stmt *st, const json_t *record, json_t **out,
	struct co_err *err)
{
	static const char *const members[] = { "state", "ground", "reason", "until", "conditions",
		"fields", "measure", "urgency", "extends", "text", "subject", "exhibit", "action",
		"of" };
	const json_t *body = json_object_get(record, "body");
	char hex[SHA256_HEX + 1] = "";
	const void *p;
	size_t n;
	json_t *o, *delivery = NULL;

	p = store_blob(st, 6, &n);
	if (n == SHA256_LEN)
		co_hex(p, n, hex);
	if (store_int(st, 3) == 0)
		TRY(delivery_json(db, store_text(st, 0), &delivery, err));
	o = json_pack("{s:s,s:s,s:s,s:b,s:s,s:O?}", "id", store_text(st, 0), "kind",
		store_text(st, 1), "from", store_text(st, 2), "incoming", store_int(st, 3) != 0,
		"sha256", hex, "by", json_object_get(record, "by"));
	out_time(o, "at", store_int(st, 4));
	out_time(o, "stored", store_int(st, 5));
	for (size_t i = 0; i < CO_ARRAY_LEN(members); i++) {
		json_t *v = json_object_get(body, members[i]);

		if (v != NULL)
			(void)json_object_set(o, members[i], v);
	}
	(void)json_object_set_new(o, "delivery", delivery == NULL ? json_null() : delivery);
	if (json_array_size(json_object_get(record, "attachments")) > 0) {
		json_t *list = NULL;
		enum co_rc rc = attached_json(db, store_text(st, 0), store_text(st, 2), &list, err);

		if (rc != CO_OK) {
			json_decref(o);
			return rc;
		}
		(void)json_object_set_new(o, "attachments", list);
	}
	return out_give(o, out, err);
}

/* A part of what happened in a case, up to a record. request NULL: everything of the case. */
struct part {
	const char *case_id, *request;
	int64_t before, limit;
};

enum { TIMELINE_LOOK = 600 }; /* records looked at for the part of one request */

/* The latest first into list. *earlier: where the next part begins; 0: there is none. */
static enum co_rc
timeline_back(struct store_db *db, const struct part *p, json_t *list, int64_t *earlier,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;
	const char *only = p->request == NULL ? "" : p->request;
	int64_t looked = 0, seq = 0;
	bool row;

	*earlier = 0;
	TRY(store_query(
		db, Q_RECORD_TIMELINE, &st, err, "titt", p->case_id, p->before, only, only));
	for (;;) {
		json_t *record, *o = NULL;
		const void *bytes;
		size_t n;
		enum co_rc rc = CO_OK;

		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		if ((int64_t)json_array_size(list) == p->limit ||
			looked++ == p->limit + TIMELINE_LOOK) {
			*earlier = seq;
			return CO_OK;
		}
		seq = store_int(st, 9);
		bytes = store_blob(st, 7, &n);
		record = json_loadb(bytes, n, 0, NULL);
		if (about(record, store_text(st, 1), store_text(st, 0), p->request))
			rc = timeline_row(db, st, record, &o, err);
		json_decref(record);
		TRY(rc);
		if (o != NULL)
			(void)json_array_append_new(list, o);
	}
}

/* Into o: timeline, the oldest of the part first, and earlier. */
static enum co_rc
timeline(struct store_db *db, const struct part *p, json_t *o, struct co_err *err)
{
	json_t *back = json_array(), *list = json_array();
	int64_t earlier;
	enum co_rc rc = timeline_back(db, p, back, &earlier, err);

	for (size_t i = json_array_size(back); rc == CO_OK && i > 0; i--)
		(void)json_array_append(list, json_array_get(back, i - 1));
	json_decref(back);
	if (rc != CO_OK) {
		json_decref(list);
		return rc;
	}
	(void)json_object_set_new(o, "timeline", list);
	(void)json_object_set_new(
		o, "earlier", earlier == 0 ? json_null() : json_integer(earlier));
	return CO_OK;
}

static enum co_rc
part_read(struct part *p, const json_t *in, struct co_err *err)
{
	TRY(in_int(in, "before", INT64_MAX, 1, INT64_MAX, &p->before, err));
	return in_int(in, "limit", 500, 1, 1000, &p->limit, err);
}

/* What is not sent yet, for those who approve and send it. */
static enum co_rc
draft_show(struct exchange *x, struct store_db *db, const struct draft *d,
	const struct officer *who, json_t **out, struct co_err *err)
{
	json_t *law = NULL, *decisions = json_array();
	enum co_rc rc = law_of_draft(x, db, d, who, &law, err);

	if (rc == CO_OK)
		rc = advice_list(db, d->id, decisions, err);
	if (rc != CO_OK) {
		json_decref(law);
		json_decref(decisions);
		return rc;
	}
	return out_give(json_pack("{s:o,s:o,s:o}", "draft", draft_json(d->id, d), "law", law,
				"decisions", decisions),
		out, err);
}

/* Has the other side said something that the officer has not read? */
static enum co_rc
request_fresh(struct store_db *db, const struct officer *who, const char *id, json_t *o,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_REQUEST_FRESH, &st, err, "tt", who->name, id));
	TRY(store_step(st, &row, err));
	(void)json_object_set_new(o, "fresh", json_boolean(row));
	return CO_OK;
}

/* What each side calls the case. */
static enum co_rc
numbers_tell(struct store_db *db, const char *case_id, json_t *o, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_CASE_SHOW, &st, err, "t", case_id));
	TRY(store_step(st, &row, err));
	out_text(o, "our_number", row ? store_text(st, 1) : "");
	out_text(o, "their_number", row ? store_text(st, 2) : "");
	return CO_OK;
}

/* What a request of ours kept from a provider: it stands in the draft alone. */
static json_t *
withheld(const struct record *r, bool incoming, const struct draft *d)
{
	const struct form *f =
		form_by_measure(json_string_value(json_object_get(r->body, "measure")));

	if (incoming || f == NULL || d->in == NULL || json_object_get(r->body, "view") == NULL)
		return NULL;
	return form_fields_withheld(f, json_object_get(d->in, "fields"));
}

enum co_rc
op_request_show(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	stored_record_auto s = { .incoming = false };
	draft_auto d = { .in = NULL };
	struct co_err got = { CO_OK, "" };
	struct request_row q;
	struct store_db *db;
	struct part part;
	const char *id;
	json_t *o, *decisions, *law = NULL, *files = NULL;
	enum co_rc rc;

	(void)arg;
	TRY(in_uuid(in, "id", true, &id, err));
	TRY(part_read(&part, in, err));
	TRY(store_reader(x->store, &db, err));
	rc = draft_seen(x, db, who, id, &d, &got);
	if (rc == CO_OK && strcmp(d.state, "sent") != 0)
		return draft_show(x, db, &d, who, out, err);
	TRY(request_seen(x, db, who, id, &q, err));
	TRY(exchange_load(db, id, &s, err));
	part.case_id = q.case_id;
	part.request = id;
	o = json_object();
	decisions = json_array();
	rc = timeline(db, &part, o, err);
	if (rc == CO_OK)
		rc = advice_list(db, id, decisions, err);
	if (rc == CO_OK)
		rc = attached_json(db, id, s.r.from, &files, err);
	if (rc == CO_OK)
		rc = advice_on(x, db, &s.r, q.incoming, &law, err);
	if (rc == CO_OK)
		rc = request_fresh(db, who, id, o, err);
	if (rc != CO_OK) {
		json_decref(o);
		json_decref(decisions);
		json_decref(files);
		return rc;
	}
	rc = numbers_tell(db, q.case_id, o, err);
	if (rc == CO_OK)
		rc = advice_basis_tell(x, db, s.r.body, o, err);
	if (rc != CO_OK) {
		json_decref(o);
		json_decref(decisions);
		json_decref(files);
		json_decref(law);
		return rc;
	}
	(void)json_object_set_new(o, "request", request_json(x, &q));
	(void)json_object_set(o, "fields", json_object_get(s.r.body, "fields"));
	(void)json_object_set_new(o, "withheld", withheld(&s.r, q.incoming, &d));
	(void)json_object_set_new(o, "attachments", files);
	(void)json_object_set_new(o, "moves", moves_json(&q));
	(void)json_object_set_new(o, "law", law);
	(void)json_object_set_new(o, "decisions", decisions);
	return out_give(o, out, err);
}

/* Requests of the case, and what happened in it, a part of each. */
static enum co_rc
case_fill(struct exchange *x, struct store_db *db, const struct officer *who, const struct part *p,
	const char *after, json_t *o, struct co_err *err)
{
	const struct pick any = { .way = -1, .exercise = -1, .until_us = INT64_MAX };
	const struct pick_ask ask = { PICK_CASE, after, p->case_id, CASE_REQUESTS };
	char more[PICK_MORE_LEN];
	json_t *requests = json_array(), *named = NULL;

	(void)json_object_set_new(o, "requests", requests);
	TRY(pick_page(x, db, who, &any, &ask, requests, more, err));
	out_text(o, "requests_more", more);
	TRY(timeline(db, p, o, err));
	TRY(case_named_json(db, p->case_id, &named, err));
	(void)json_object_set_new(o, "named", named);
	return CO_OK;
}

enum co_rc
op_case_show(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;
	struct part part = { .request = NULL };
	const char *after;
	json_t *o;
	bool row;
	enum co_rc rc;

	(void)arg;
	TRY(in_uuid(in, "case_id", true, &part.case_id, err));
	TRY(part_read(&part, in, err));
	TRY(in_text(in, "after", false, PICK_MORE_LEN, &after, err));
	TRY(store_reader(x->store, &db, err));
	TRY(sight_case(x, db, who, part.case_id, err));
	TRY(store_query(db, Q_CASE_SHOW, &st, err, "t", part.case_id));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_ENOTFOUND, "no case %s here", part.case_id);
	o = json_pack("{s:o}", "case", case_json(st));
	rc = case_standing(db, part.case_id, json_object_get(o, "case"), err);
	if (rc == CO_OK)
		rc = case_fill(x, db, who, &part, after, o, err);
	if (rc != CO_OK) {
		json_decref(o);
		return rc;
	}
	return out_give(o, out, err);
}

/* Columns of outbox_list. */
static json_t *
delivery_row(struct store_stmt *st, void *arg)
{
	json_t *o = json_pack("{s:I,s:s,s:s,s:s,s:s,s:I,s:I,s:I}", "seq",
		(json_int_t)store_int(st, 0), "record_id", store_text(st, 1), "partner",
		store_text(st, 2), "lane", store_int(st, 4) == LANE_URGENT ? "urgent" : "usual",
		"state", store_text(st, 5), "attempts", (json_int_t)store_int(st, 6), "queued_us",
		(json_int_t)store_int(st, 8), "settled_us", (json_int_t)store_int(st, 9));

	(void)arg;
	out_text(o, "case_id", store_text(st, 3));
	out_time(o, "next", strcmp(store_text(st, 5), "waiting") == 0 ? store_int(st, 7) : 0);
	out_time(o, "queued", store_int(st, 8));
	out_time(o, "settled", store_int(st, 9));
	out_text(o, "last_error", store_text(st, 10));
	out_text(o, "receipt", store_text(st, 11));
	return o;
}

enum co_rc
op_delivery_list(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;
	const char *case_id, *state, *partner;
	int64_t limit;

	(void)arg;
	TRY(in_uuid(in, "case_id", false, &case_id, err));
	TRY(in_text(in, "state", false, 32, &state, err));
	TRY(in_text(in, "partner", false, LIMIT_ADDRESS, &partner, err));
	TRY(in_int(in, "limit", 100, 1, 100000, &limit, err));
	case_id = case_id == NULL ? "" : case_id;
	state = state == NULL ? "" : state;
	partner = partner == NULL ? "" : partner;
	TRY(store_reader(x->store, &db, err));
	/* Nearly all rows are delivered: for those the order of rows is the short way, for the few
	 * others their state is. */
	if (state[0] != '\0' && strcmp(state, "delivered") != 0)
		TRY(store_query(db, Q_OUTBOX_LIST_STATE, &st, err,
			"ttttt"
			"tti",
			state, partner, partner, case_id, case_id, who->unit, who->name, limit));
	else
		TRY(store_query(db, Q_OUTBOX_LIST, &st, err,
			"tttttt"
			"tti",
			state, state, partner, partner, case_id, case_id, who->unit, who->name,
			limit));
	return out_list("deliveries", st, delivery_row, NULL, out, err);
}

enum co_rc
op_record_get(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	stored_record_auto s = { .incoming = false };
	co_auto_buf bytes;
	co_auto_buf sig;
	struct store_db *db;
	const char *id;
	char hex[SHA256_HEX + 1];
	struct co_err got = { CO_OK, "" };
	json_t *o;
	enum co_rc rc;

	(void)arg;
	co_buf_init(&bytes, 2 * LIMIT_RECORD);
	co_buf_init(&sig, 2 * LIMIT_SIGNATURE);
	TRY(in_uuid(in, "id", true, &id, err));
	TRY(store_reader(x->store, &db, err));
	rc = exchange_load(db, id, &s, &got);
	if (rc == CO_OK)
		rc = sight_case(x, db, who, s.r.case_id, &got);
	TRY(sight_tell(rc, &got, "record", id, err));
	TRY(co_base64_add(&bytes, s.bytes.data, s.bytes.len, err));
	TRY(co_base64_add(&sig, s.sig.data, s.sig.len, err));
	sha256_hex(s.bytes.data, s.bytes.len, hex);
	o = json_pack("{s:s,s:s,s:s,s:s,s:s,s:b,s:s,s:s}", "id", s.r.id, "kind",
		record_kind_name(s.r.kind), "from", s.r.from, "to", s.r.to, "sha256", hex,
		"incoming", s.incoming, "bytes", bytes.data, "sig", sig.data);
	out_text(o, "case_id", s.r.case_id);
	out_time(o, "at", s.r.at_us);
	out_time(o, "stored", s.stored_us);
	return out_give(o, out, err);
}
