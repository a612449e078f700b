/* What somebody must look at now: requests that are open, answers that nobody has read, drafts that
 * wait, preservations that end soon; and the list of all requests. Both are walks with a filter
 * (pick.h). */
#include "exchange/advice.h"
#include "exchange/approval.h"
#include "exchange/deadlines.h"
#include "exchange/inside.h"
#include "exchange/opjson.h"
#include "exchange/ops.h"
#include "exchange/pick.h"
#include "exchange/sight.h"

#define HOUR_US INT64_C(3600000000)
#define ENDING_US (ENDING_DAYS * 24 * HOUR_US)

enum { DRAFTS_LOOK = 200, SECTION_MAX = 200 };

/* Sections that are walks, in the order of the page. */
static const struct {
	const char *turn, *rows, *more;
	enum pick_order order;
} sections[] = {
	{ "ours", "ours_to_move", "ours_more", PICK_OURS },
	{ "theirs", "theirs_to_move", "theirs_more", PICK_THEIRS },
	{ "ending", "ending", "ending_more", PICK_KEPT },
};

struct inbox {
	struct exchange *x;
	struct store_db *db;
	const struct officer *who;
	struct pick *p;
	const char *turn, *after;
	size_t limit;
};

static enum co_rc
section(const struct inbox *b, size_t i, json_t *out, struct co_err *err)
{
	struct pick_ask ask = { .order = sections[i].order, .limit = b->limit, .after = b->after };
	char more[PICK_MORE_LEN], now[PICK_MORE_LEN];
	int64_t until_us = b->p->until_us;
	json_t *rows = json_array();
	enum co_rc rc;

	(void)json_object_set_new(out, sections[i].rows, rows);
	if (ask.order == PICK_KEPT && ask.after == NULL) {
		(void)snprintf(now, sizeof(now), "%lld.", (long long)co_now_us());
		ask.after = now;
	}
	if (ask.order == PICK_KEPT && until_us == INT64_MAX)
		b->p->until_us = co_now_us() + ENDING_US;
	rc = pick_page(b->x, b->db, b->who, b->p, &ask, rows, more, err);
	b->p->until_us = until_us;
	out_text(out, sections[i].more, rc == CO_OK ? more : "");
	return rc;
}

/* Answers that settled a request of ours, or withdrew one of theirs, until somebody has read them.
 */
static enum co_rc
answered(const struct inbox *b, json_t *out, struct co_err *err)
{
	json_t *rows = json_array();

	(void)json_object_set_new(out, "answered", rows);
	for (size_t i = 0; i < b->p->settled.n && json_array_size(rows) < b->limit; i++) {
		struct request_row q;
		json_t *o;

		TRY(request_get(b->db, b->p->settled.ids[i], &q, err));
		if (!pick_fits(b->p, &q))
			continue;
		TRY(request_listed(b->x, b->db, &q, &o, err));
		(void)json_object_set_new(o, "fresh", json_true());
		(void)json_array_append_new(rows, o);
	}
	return CO_OK;
}

/* ---- drafts ---- */

static bool
draft_is(const json_t *in, const char *member, const char *wanted)
{
	const char *got = json_string_value(json_object_get(in, member));

	return wanted == NULL || (got != NULL && strcmp(got, wanted) == 0);
}

/* A draft is not searched in; its words are looked for as they stand. */
static bool
draft_says(const json_t *in, const char *words)
{
	co_auto_free char *text = words == NULL ? NULL : json_dumps(in, JSON_COMPACT);

	return words == NULL || (text != NULL && strcasestr(text, words) != NULL);
}

static bool
draft_fits(const struct pick *p, const json_t *row)
{
	const json_t *in = json_object_get(row, "draft");
	bool exercise = json_is_true(json_object_get(in, "exercise"));

	return p->way != 1 && p->until_us == INT64_MAX && !p->fresh && p->unit == NULL &&
		draft_is(row, "state", p->state) && draft_is(in, "to", p->partner) &&
		draft_is(in, "measure", p->measure) && draft_is(in, "urgency", p->urgency) &&
		draft_is(row, "created_by", p->officer) &&
		(p->exercise < 0 || (p->exercise != 0) == exercise) && draft_says(in, p->words);
}

/* What an officer's role can do with drafts. */
struct draft_may {
	const struct officer *who;
	bool write, decide, send;
};

/* What a draft waits for, when it waits for this officer. */
static const char *
draft_turn(const struct draft_may *may, const json_t *row)
{
	const struct officer *who = may->who;
	bool own = draft_is(row, "created_by", who->name);

	/* It waits for nobody: whoever began it goes on with it when there is time. */
	if (draft_is(row, "state", "unfinished"))
		return "";
	if (draft_is(row, "state", "rejected"))
		return own && may->write ? "correct" : "";
	if (draft_is(row, "state", "waiting"))
		return !own && may->decide ? "decide" : "";
	if (!may->send)
		return "";
	return draft_is(row, "state", "approved") || own ? "send" : "";
}

static enum co_rc
drafts(const struct inbox *b, json_t *out, struct co_err *err)
{
	const struct draft_may may = { .who = b->who,
		.write = op_open_to(b->x, "request.new", b->who->role),
		.decide = op_open_to(b->x, "request.approve", b->who->role),
		.send = op_open_to(b->x, "request.send", b->who->role) };
	json_t *rows = json_array(), *all = json_array(), *row;
	enum co_rc rc = draft_sent_back(b->db, b->who, DRAFTS_LOOK, all, err);
	size_t i;

	if (rc == CO_OK)
		rc = draft_unfinished(b->db, b->who->name, DRAFTS_LOOK, all, err);
	if (rc == CO_OK)
		rc = draft_list(b->db, b->who, "", DRAFTS_LOOK, all, err);
	(void)json_object_set_new(out, "drafts", rows);
	json_array_foreach(all, i, row)
	{
		(void)json_object_set_new(row, "turn", json_string(draft_turn(&may, row)));
		if (json_array_size(rows) < b->limit && draft_fits(b->p, row))
			(void)json_array_append(rows, row);
	}
	json_decref(all);
	return rc;
}

static enum co_rc
evidence(const struct inbox *b, json_t *out, struct co_err *err)
{
	int64_t horizon_us = b->p->until_us == INT64_MAX ? co_now_us() + ENDING_US
							 : b->p->until_us;
	json_t *rows = json_array();

	(void)json_object_set_new(out, "evidence", rows);
	return inbox_evidence(b->db, b->who, b->p, horizon_us, b->limit, rows, err);
}

static enum co_rc
inbox_fill(const struct inbox *b, json_t *out, struct co_err *err)
{
	TRY(pick_words(b->p, b->db, err));
	TRY(pick_unread(b->p, b->db, b->who, err));
	(void)json_object_set_new(out, "new", json_integer((json_int_t)b->p->unread.n));
	out_time(out, "words_since", b->p->words_since);
	for (size_t i = 0; i < CO_ARRAY_LEN(sections); i++) {
		if (b->turn == NULL || strcmp(b->turn, sections[i].turn) == 0)
			TRY(section(b, i, out, err));
	}
	if (b->turn != NULL)
		return CO_OK;
	TRY(answered(b, out, err));
	TRY(evidence(b, out, err));
	return drafts(b, out, err);
}

static enum co_rc
turn_check(const char *turn, const char *after, struct co_err *err)
{
	if (turn == NULL)
		return after == NULL ? CO_OK
				     : co_fail(err, CO_EUSAGE,
					       "after is a place in one section: give turn too, as "
					       "ours, theirs or ending");
	for (size_t i = 0; i < CO_ARRAY_LEN(sections); i++) {
		if (strcmp(turn, sections[i].turn) == 0)
			return CO_OK;
	}
	return co_fail(err, CO_EUSAGE, "turn is \"%s\": wanted is ours, theirs or ending", turn);
}

enum co_rc
op_inbox_list(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	pick_auto p = { .way = -1 };
	struct inbox b = { .x = x, .who = who, .p = &p };
	json_auto_t *ask = NULL;
	int64_t limit, within_h;
	json_t *o;
	enum co_rc rc;

	(void)arg;
	TRY(store_reader(x->store, &b.db, err));
	TRY(view_over(b.db, who, in, &ask, err));
	in = ask;
	TRY(pick_read(&p, in, who, err));
	TRY(in_bool(in, "fresh", false, &p.fresh, err));
	TRY(in_text(in, "turn", false, 16, &b.turn, err));
	TRY(in_text(in, "after", false, PICK_MORE_LEN, &b.after, err));
	TRY(in_int(in, "limit", 50, 1, SECTION_MAX, &limit, err));
	TRY(in_int(in, "within", 0, 0, 24 * 366, &within_h, err));
	TRY(turn_check(b.turn, b.after, err));
	b.limit = (size_t)limit;
	if (within_h != 0)
		p.until_us = co_now_us() + within_h * HOUR_US;
	o = json_object();
	rc = inbox_fill(&b, o, err);
	if (rc != CO_OK) {
		json_decref(o);
		return rc;
	}
	return out_give(o, out, err);
}

static enum co_rc
list_fill(struct exchange *x, struct store_db *db, const struct officer *who, struct pick *p,
	const struct pick_ask *ask, json_t *o, struct co_err *err)
{
	json_t *rows = json_array(), *waiting = json_array();
	char more[PICK_MORE_LEN];

	(void)json_object_set_new(o, "requests", rows);
	(void)json_object_set_new(o, "drafts", waiting);
	TRY(pick_words(p, db, err));
	out_time(o, "words_since", p->words_since);
	TRY(pick_page(x, db, who, p, ask, rows, more, err));
	out_text(o, "more", more);
	if (p->way == 1 || ask->after != NULL)
		return CO_OK;
	return draft_list(
		db, who, p->state == NULL ? "" : p->state, (int64_t)ask->limit, waiting, err);
}

enum co_rc
op_request_list(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	pick_auto p = { .way = -1 };
	struct pick_ask ask = { .order = PICK_ALL };
	struct store_db *db;
	int64_t limit;
	json_t *o;
	enum co_rc rc;

	(void)arg;
	TRY(pick_read(&p, in, who, err));
	TRY(in_text(in, "after", false, PICK_MORE_LEN, &ask.after, err));
	TRY(in_int(in, "limit", 100, 1, 1000, &limit, err));
	ask.limit = (size_t)limit;
	TRY(store_reader(x->store, &db, err));
	o = json_object();
	rc = list_fill(x, db, who, &p, &ask, o, err);
	if (rc != CO_OK) {
		json_decref(o);
		return rc;
	}
	return out_give(o, out, err);
}

/* Will only the provider's view of it go out? */
static bool
draft_to_provider(struct exchange *x, const struct draft *d)
{
	const char *to = json_string_value(json_object_get(d->in, "to"));

	return strcmp(d->kind, "request") == 0 && to != NULL &&
		json_object_get(d->in, "extends") == NULL && request_to_provider(x, to);
}

/* The case that it belongs to, or that it becomes: who sees it. */
static enum co_rc
draft_case_json(struct store_db *db, const struct draft *d, json_t *o, struct co_err *err)
{
	bool closed = strcmp(d->unit, UNIT_CLOSED) == 0, open;
	store_stmt_auto *st = NULL;
	json_t *c, *named = NULL;

	TRY(store_query(db, Q_CASE_GET, &st, err, "t", d->case_id));
	TRY(store_step(st, &open, err));
	store_done(&st);
	TRY(case_named_json(db, d->case_id, &named, err));
	(void)json_object_set_new(o, "named", named);
	c = json_pack("{s:s,s:b,s:b}", "case_id", d->case_id, "closed", (int)closed, "open",
		(int)open);
	out_text(c, "unit", closed ? "" : d->unit);
	(void)json_object_set_new(o, "case", c);
	return CO_OK;
}

enum co_rc
op_draft_show(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	draft_auto d = { .in = NULL };
	struct store_db *db;
	const char *id;
	json_t *o, *law = NULL;

	(void)arg;
	TRY(in_uuid(in, "id", true, &id, err));
	TRY(store_reader(x->store, &db, err));
	TRY(draft_seen(x, db, who, id, &d, err));
	TRY(law_of_draft(x, db, &d, who, &law, err));
	o = json_pack("{s:s,s:s,s:s,s:s,s:O,s:o}", "id", id, "kind", d.kind, "state", d.state,
		"created_by", d.created_by, "in", d.in, "law", law);
	out_time(o, "created", d.created_us);
	out_text(o, "approved_by", d.approved_by);
	out_text(o, "reason", d.reason);
	out_text(o, "view", draft_to_provider(x, &d) ? "provider" : "");
	if (draft_case_json(db, &d, o, err) != CO_OK ||
		advice_basis_tell(x, db, d.in, o, err) != CO_OK) {
		json_decref(o);
		return err->rc;
	}
	return out_give(o, out, err);
}
