#include "exchange/approval.h"

#include "exchange/advice.h"
#include "exchange/attach.h"
#include "exchange/inside.h"
#include "exchange/opjson.h"
#include "exchange/sight.h"

void
draft_deinit(struct draft *d)
{
	json_decref(d->in);
	d->in = NULL;
}

bool
approval_needed(const struct exchange *x, const char *what)
{
	return in_list(x->four_eyes, what) ||
		(in_list(x->four_eyes, "*") && strncmp(what, "answer:", 7) != 0);
}

struct draft_job {
	const char *id, *kind, *who, *reason;
	const json_t *in;
	const struct advice_kept *kept;
	struct exchange *x;
	bool waits, ok;
};

/* The request that a draft is about, so that others can find it; NULL for a new request. */
static const char *
draft_about(const char *kind, const json_t *in)
{
	const char *member = strcmp(kind, "notice") == 0 ? "id" :
		strcmp(kind, "custody") == 0 ? "exhibit" : "extends";

	return json_string_value(json_object_get(in, member));
}

/* The case that it belongs or will belong to; "" when nothing says so. */
static enum co_rc
draft_case(struct store_db *db, const char *about, const json_t *in, char out[CO_UUID_LEN + 1],
	struct co_err *err)
{
	const char *case_id = json_string_value(json_object_get(in, "case_id"));
	struct request_row q = { .case_id = "" };

	if (case_id == NULL && about != NULL)
		TRY(request_get(db, about, &q, err));
	(void)snprintf(out, CO_UUID_LEN + 1, "%s", case_id == NULL ? q.case_id : case_id);
	return CO_OK;
}

enum co_rc
draft_put(struct store_db *db, const char *id, const char *kind, const json_t *in, const char *who,
	bool waits, const char *why, struct co_err *err)
{
	co_auto_free char *text = json_dumps(in, JSON_COMPACT);
	const char *about = draft_about(kind, in);
	char case_id[CO_UUID_LEN + 1], unit[LIMIT_UNIT + 1];

	if (text == NULL)
		return co_fail(err, CO_ENOMEM, "draft");
	if (strlen(text) > LIMIT_RECORD)
		return co_fail(err, CO_ETOOBIG, "the draft is longer than a record can be");
	TRY(draft_case(db, about, in, case_id, err));
	TRY(unit_of_new(db, case_id, "", who, unit, err));
	TRY(store_run(db, NULL, Q_DRAFT_INSERT, err, "ttttittttt", id, kind, text, who, co_now_us(),
		waits ? "waiting" : "draft", about, why, case_id, unit));
	return event_write(db, "draft.new", who,
		json_pack("{s:s,s:s,s:b,s:s*,s:s*}", "id", id, "kind", kind, "waits", waits,
		"about",
			about, "case", case_id[0] == '\0' ? NULL : case_id),
		err);
}

enum co_rc
draft_replaced_seen(struct exchange *x, struct store_db *db, const struct officer *who,
	const json_t *in, struct co_err *err)
{
	const char *old = json_string_value(json_object_get(in, "replaces"));
	draft_auto d = { .in = NULL };

	return old == NULL ? CO_OK : draft_seen(x, db, who, old, &d, err);
}

/* The one that this one is a correction of. */
static enum co_rc
draft_replace(struct store_db *db, const struct draft_job *j, struct co_err *err)
{
	const char *old = json_string_value(json_object_get(j->in, "replaces"));
	int64_t changes;

	if (old == NULL)
		return CO_OK;
	TRY(store_run(db, &changes, Q_DRAFT_REPLACE, err, "tt", old, j->who));
	if (changes == 0)
		return co_fail(err, CO_EREFUSED,
			"%s cannot be changed any more: it was sent or given up, or another "
			"officer wrote it; open it and look",
			old);
	return event_write(db, "draft.replaced", j->who,
		json_pack("{s:s,s:s}", "id", old, "by", j->id), err);
}

static enum co_rc
draft_new_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct draft_job *j = arg;

	TRY(draft_replace(db, j, err));
	TRY(advice_write(db, j->kept, err));
	TRY(draft_put(db, j->id, j->kind, j->in, j->who, j->waits, NULL, err));
	return attach_claim(db, json_object_get(j->in, "attachments"), j->who, j->id, err);
}

enum co_rc
draft_new(struct exchange *x, const char *id, const char *kind, const json_t *in, const char *who,
	bool waits, const struct advice_kept *kept, struct co_err *err)
{
	struct draft_job j = {
		.id = id, .kind = kind, .who = who, .in = in, .waits = waits, .kept = kept
	};

	return store_write(x->store, draft_new_work, &j, err);
}

static enum co_rc
draft_keep_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct draft_job *j = arg;
	store_stmt_auto *st = NULL;
	bool row;

	TRY(draft_new_work(db, arg, err));
	TRY(store_run(db, NULL, Q_DRAFT_UNFINISH, err, "t", j->id));
	TRY(store_query(db, Q_DRAFT_UNFINISHED_COUNT, &st, err, "t", j->who));
	TRY(store_step(st, &row, err));
	if (row && store_int(st, 0) > LIMIT_TEMPLATES)
		return co_fail(err, CO_EREFUSED, "you have %u drafts that are not finished; finish "
			"or drop one first", LIMIT_TEMPLATES);
	return CO_OK;
}

enum co_rc
draft_keep(struct exchange *x, const char *id, const json_t *in, const char *who,
	struct co_err *err)
{
	struct draft_job j = { .id = id, .kind = "request", .who = who, .in = in };

	return store_write(x->store, draft_keep_work, &j, err);
}

static enum co_rc
draft_read(struct draft *out, struct store_stmt *st, int first, struct co_err *err)
{
	const char *text = store_text(st, first + 1);

	(void)snprintf(out->kind, sizeof(out->kind), "%s", store_text(st, first));
	(void)snprintf(out->created_by, sizeof(out->created_by), "%s", store_text(st, first + 2));
	out->created_us = store_int(st, first + 3);
	(void)snprintf(out->state, sizeof(out->state), "%s", store_text(st, first + 4));
	(void)snprintf(out->approved_by, sizeof(out->approved_by), "%s", store_text(st, first + 5));
	(void)snprintf(out->reason, sizeof(out->reason), "%s", store_text(st, first + 7));
	(void)snprintf(out->about, sizeof(out->about), "%s", store_text(st, first + 8));
	(void)snprintf(out->case_id, sizeof(out->case_id), "%s", store_text(st, first + 9));
	(void)snprintf(out->unit, sizeof(out->unit), "%s", store_text(st, first + 10));
	out->in = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	return out->in == NULL ? co_fail(err, CO_ESTORE, "the draft is damaged") : CO_OK;
}

enum co_rc
draft_get(struct store_db *db, const char *id, struct draft *out, struct co_err *err)
{
	struct draft d = { .in = NULL };
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_DRAFT_GET, &st, err, "t", id));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_ENOTFOUND, "no draft %s here", id);
	(void)snprintf(d.id, sizeof(d.id), "%s", id);
	TRY(draft_read(&d, st, 0, err));
	*out = d;
	return CO_OK;
}

/* Before it was carried out. false: there was nothing for who to take back. */
static enum co_rc
draft_retract(struct store_db *db, const struct draft_job *j, const struct draft *d, bool *done,
	struct co_err *err)
{
	int64_t changes = 0;

	if (!j->ok)
		TRY(store_run(db, &changes, Q_DRAFT_RETRACT, err, "ttt", j->reason, j->id, j->who));
	*done = changes != 0;
	if (!*done)
		return CO_OK;
	return event_write(db, "draft.retracted", j->who,
		json_pack("{s:s,s:s,s:s?}", "id", j->id, "author", d->created_by, "reason",
			j->reason),
		err);
}

static enum co_rc
draft_decide_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct draft_job *j = arg;
	draft_auto d = { .in = NULL };
	bool retracted;
	int64_t changes;

	TRY(draft_get(db, j->id, &d, err));
	if (strcmp(d.created_by, j->who) == 0)
		return co_fail(err, CO_EDENIED,
			"%s wrote this and cannot approve it; a second officer must", j->who);
	TRY(draft_retract(db, j, &d, &retracted, err));
	if (retracted)
		return CO_OK;
	if (j->ok && j->x->confirm != NULL && strcmp(d.kind, "custody") == 0 &&
		strcmp(d.state, "waiting") == 0)
		TRY(j->x->confirm(j->x->approved_arg, db, &d, err));
	TRY(store_run(db, &changes, Q_DRAFT_DECIDE, err, "ttittt", j->ok ? "approved" : "rejected",
		j->who, co_now_us(), j->reason, j->id, j->who));
	if (changes == 0)
		return co_fail(err, CO_EREFUSED,
			"the draft is %s, it does not wait for approval%s%s", d.state,
			strcmp(d.state, "approved") == 0 ? "; taken back, it is by " : "",
			strcmp(d.state, "approved") == 0 ? d.approved_by : "");
	TRY(advice_write(db, j->kept, err));
	return event_write(db, j->ok ? "draft.approved" : "draft.rejected", j->who,
		json_pack(
			"{s:s,s:s,s:s?}", "id", j->id, "author", d.created_by, "reason", j->reason),
		err);
}

enum co_rc
draft_decide(struct exchange *x, const char *id, const char *who, bool ok, const char *reason,
	const struct advice_kept *kept, struct co_err *err)
{
	struct draft_job j = {
		.id = id, .who = who, .ok = ok, .reason = reason, .kept = kept, .x = x
	};

	return store_write(x->store, draft_decide_work, &j, err);
}

static enum co_rc
draft_drop_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct draft_job *j = arg;
	int64_t changes;

	TRY(store_run(db, &changes, Q_DRAFT_DROP, err, "tt", j->reason, j->id));
	if (changes == 0)
		return co_fail(err, CO_EREFUSED, "%s was sent or given up already", j->id);
	return event_write(db, "draft.dropped", j->who,
		json_pack("{s:s,s:s?}", "id", j->id, "reason", j->reason), err);
}

enum co_rc
draft_drop(
	struct exchange *x, const char *id, const char *who, const char *reason, struct co_err *err)
{
	struct draft_job j = { .id = id, .who = who, .reason = reason };

	return store_write(x->store, draft_drop_work, &j, err);
}

json_t *
draft_json(const char *id, const struct draft *d)
{
	json_t *o = json_pack("{s:s,s:s,s:s,s:s,s:O}", "id", id, "kind", d->kind, "state", d->state,
		"created_by", d->created_by, "draft", d->in);

	out_time(o, "created", d->created_us);
	out_text(o, "approved_by", d->approved_by);
	out_text(o, "reason", d->reason);
	out_text(o, "about", d->about);
	return o;
}

static enum co_rc
rows_read(struct store_stmt *st, json_t *out, struct co_err *err)
{
	bool row;

	for (;;) {
		draft_auto d = { .in = NULL };

		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		(void)snprintf(d.id, sizeof(d.id), "%s", store_text(st, 0));
		TRY(draft_read(&d, st, 1, err));
		(void)json_array_append_new(out, draft_json(d.id, &d));
	}
}

enum co_rc
draft_list(struct store_db *db, const struct officer *who, const char *state, int64_t limit,
	json_t *out, struct co_err *err)
{
	store_stmt_auto *st = NULL;

	/* Apart, so that each reads its index: what was sent stays in the table. */
	if (*state == '\0')
		TRY(store_query(db, Q_DRAFT_OPEN, &st, err, "ttti", who->unit, who->name, who->name,
			limit));
	else
		TRY(store_query(db, Q_DRAFT_IN_STATE, &st, err, "tttti", state, who->unit,
			who->name, who->name, limit));
	return rows_read(st, out, err);
}

enum co_rc
draft_unfinished(
	struct store_db *db, const char *who, int64_t limit, json_t *out, struct co_err *err)
{
	store_stmt_auto *st = NULL;

	TRY(store_query(db, Q_DRAFT_UNFINISHED, &st, err, "ti", who, limit));
	return rows_read(st, out, err);
}

enum co_rc
draft_sent_back(struct store_db *db, const struct officer *who, int64_t limit, json_t *out,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;

	TRY(store_query(db, Q_DRAFT_SENT_BACK, &st, err, "itti",
		co_now_us() - DRAFT_SENT_BACK_US, who->name, who->name, limit));
	return rows_read(st, out, err);
}

static bool
same_member(const json_t *a, const json_t *b, const char *name)
{
	const json_t *va = json_object_get(a, name), *vb = json_object_get(b, name);

	return (va == NULL && vb == NULL) || json_equal(va, vb);
}

/* A provider gets of what was approved what a provider may see. */
static bool
same_fields(const struct draft *d, const struct record *r)
{
	json_t *fields = json_object_get(d->in, "fields"), *shown = NULL;
	const struct form *f =
		form_by_measure(json_string_value(json_object_get(r->body, "measure")));
	bool same;

	if (f != NULL && json_object_get(r->body, "view") != NULL)
		shown = form_fields_shown(f, fields);
	same = json_equal(shown == NULL ? fields : shown, json_object_get(r->body, "fields"));
	json_decref(shown);
	return same;
}

/* The second officer is named in the record, by the node: that is no part of what was asked. */
static bool
same_custody(const struct draft *d, const struct record *r)
{
	json_t *said = json_copy(r->body);
	const char *second = json_string_value(
		json_object_get(json_object_get(r->body, "second"), "officer"));
	bool same;

	(void)json_object_del(said, "second");
	same = second != NULL && strcmp(second, d->approved_by) == 0 &&
		json_equal(json_object_get(d->in, "body"), said);
	json_decref(said);
	return same;
}

/* What was approved is what goes out: the same receiver and the same content. */
static bool
same_content(const struct draft *d, const struct record *r)
{
	const char *to = json_string_value(json_object_get(d->in, "to"));

	if (r->kind == REC_CUSTODY)
		return same_custody(d, r);
	if (!attach_same(json_object_get(d->in, "attachments"), r))
		return false;
	if (r->kind == REC_REQUEST)
		return to != NULL && strcmp(to, r->to) == 0 && same_fields(d, r) &&
			json_equal(json_object_get(d->in, "measure"),
				json_object_get(r->body, "measure")) &&
			same_member(d->in, r->body, "basis");
	return json_equal(json_object_get(d->in, "state"), json_object_get(r->body, "state")) &&
		r->refs_n > 0 &&
		strcmp(json_string_value(json_object_get(d->in, "id")), r->refs[0].id) == 0;
}

enum co_rc
approval_given(struct exchange *x, struct store_db *db, const struct record *r, const char *what,
	struct co_err *err)
{
	draft_auto d = { .in = NULL };
	struct co_err why = { CO_OK, "" };
	enum co_rc rc;

	if (atomic_load(&x->rebuilding))
		return CO_OK;
	rc = draft_get(db, r->id, &d, &why);
	if (rc == CO_ENOTFOUND)
		return co_fail(err, CO_EREFUSED, "%s needs the approval of a second officer", what);
	if (rc != CO_OK)
		return co_fail(err, rc, "%s", why.msg);
	if (strcmp(d.state, "approved") != 0 || !same_content(&d, r))
		return co_fail(err, CO_EREFUSED,
			"the draft is %s: %s needs the approval of a second officer", d.state,
			what);
	return CO_OK;
}

enum co_rc
approval_check(struct exchange *x, struct store_db *db, const struct record *r, const char *what,
	struct co_err *err)
{
	return approval_needed(x, what) ? approval_given(x, db, r, what, err) : CO_OK;
}
