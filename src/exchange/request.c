#include "exchange/deadlines.h"
#include "exchange/inside.h"
#include "exchange/named.h"
#include "exchange/numbers.h"

static void
copy_text(char *out, size_t cap, struct store_stmt *st, int col)
{
	(void)snprintf(out, cap, "%s", store_text(st, col));
}

void
request_row_read(struct request_row *out, struct store_stmt *st)
{
	*out = (struct request_row){ .state = ST_SENT };
	copy_text(out->id, sizeof(out->id), st, 0);
	copy_text(out->case_id, sizeof(out->case_id), st, 1);
	copy_text(out->measure, sizeof(out->measure), st, 2);
	copy_text(out->partner, sizeof(out->partner), st, 3);
	out->incoming = store_int(st, 4) != 0;
	(void)state_by_name(store_text(st, 5), &out->state);
	copy_text(out->urgency, sizeof(out->urgency), st, 6);
	copy_text(out->extends, sizeof(out->extends), st, 7);
	out->asked_us = store_int(st, 8);
	out->due_us = store_int(st, 9);
	out->expiry_us = store_int(st, 10);
	out->pending_mla = store_int(st, 11) != 0;
	out->changed_us = store_int(st, 12);
	copy_text(out->last_notice, sizeof(out->last_notice), st, 13);
	copy_text(out->officer, sizeof(out->officer), st, 14);
	copy_text(out->unit, sizeof(out->unit), st, 15);
	out->exercise = store_int(st, 16) != 0;
	out->keeps = (enum keeps)store_int(st, 17);
}

enum co_rc
request_get(struct store_db *db, const char *id, struct request_row *out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_REQUEST_GET, &st, err, "t", id));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_ENOTFOUND, "no request %s here", id);
	request_row_read(out, st);
	return CO_OK;
}

enum request_sort
request_sort_of(const struct request_row *q)
{
	return states_sort(q->measure, q->extends[0] != '\0');
}

bool
request_ripe(const struct request_row *q, enum state notice)
{
	return notice != ST_EXPIRED || (!q->pending_mla && q->expiry_us <= co_now_us());
}

/* The preservation that r asks to prolong: ours with the same partner, and still running. */
static enum co_rc
extends_check(struct store_db *db, const struct record *r, const char *extends, const char *partner,
	bool incoming, struct co_err *err)
{
	struct request_row old;

	TRY(request_get(db, extends, &old, err));
	if (strcmp(old.partner, partner) != 0 || old.incoming != incoming ||
		strcmp(old.case_id, r->case_id) != 0)
		return co_fail(err, CO_ENOTFOUND, "no request %s in this case to extend", extends);
	if (request_sort_of(&old) != SORT_PRESERVE)
		return co_fail(err, CO_EREFUSED,
			"request %s is no preservation, so it cannot be extended", extends);
	if (old.keeps != KEEPS_RUNS)
		return co_fail(err, CO_EREFUSED,
			"the preservation is %s, and no data are kept for it any more: only one "
			"that "
			"runs can be extended (art. 29(7)); send a new request",
			state_name(old.state));
	return CO_OK;
}

static const char *
body_text(const struct record *r, const char *member)
{
	return json_string_value(json_object_get(r->body, member));
}

static enum co_rc
request_judge(struct exchange *x, struct store_db *db, const struct record *r, bool incoming,
	struct co_err *err)
{
	const char *measure = body_text(r, "measure"), *extends = body_text(r, "extends");

	if (measure == NULL || body_text(r, "urgency") == NULL)
		return co_fail(err, CO_EMALFORMED, "body: measure and urgency are needed");
	if (extends != NULL && !atomic_load(&x->rebuilding))
		TRY(extends_check(db, r, extends, incoming ? r->from : r->to, incoming, err));
	return incoming ? CO_OK : approval_check(x, db, r, measure, err);
}

enum co_rc
request_plan(struct exchange *x, struct store_db *db, const struct record *r, struct co_err *err)
{
	return request_judge(x, db, r, false, err);
}

enum co_rc
request_effect(struct exchange *x, struct store_db *db, const struct record *r, bool incoming,
	void *arg, struct co_err *err)
{
	const char *measure = body_text(r, "measure"), *urgency = body_text(r, "urgency");
	int64_t now_us = x->effect_time_us;
	struct request_row q;

	(void)arg;
	TRY(request_judge(x, db, r, incoming, err));
	TRY(store_run(db, NULL, Q_REQUEST_INSERT, err,
		"ttttittt"
		"iiitiit",
		r->id, r->case_id, measure, incoming ? r->from : r->to, (int64_t)incoming,
		state_name(ST_SENT), urgency, body_text(r, "extends"), now_us,
		deadlines_due_us(urgency, now_us), now_us, r->case_id, (int64_t)r->exercise,
		incoming ? now_us : 0, r->id));
	TRY(named_request(db, r->id, err));
	if (!incoming)
		TRY(store_run(db, NULL, Q_DRAFT_SENT, err, "t", r->id));
	if (body_text(r, "extends") != NULL)
		TRY(store_run(db, NULL, Q_REQUEST_LOOK, err, "t", body_text(r, "extends")));
	TRY(request_get(db, r->id, &q, err));
	if (!r->exercise)
		TRY(numbers_asked(db, &q, err));
	return store_run(db, NULL, Q_REQUEST_PENDING_MLA, err, "t", r->case_id);
}

/* What the body of the notice must carry for this move. */
static enum co_rc
needs_check(const struct record *r, const struct move *m, enum request_sort sort, int64_t *until_us,
	struct co_err *err)
{
	const char *reason = body_text(r, "reason"), *ground = body_text(r, "ground");
	const char *until = body_text(r, "until");
	const char *name = state_name(m->notice);
	const struct ground *g;

	*until_us = 0;
	if ((m->needs & NEED_GROUND) != 0 && ground == NULL)
		return co_fail(err, CO_EREFUSED, "%s needs a ground (%s)", name, m->clause);
	if ((m->needs & NEED_GROUND) != 0)
		TRY(grounds_check(ground, sort, &g, err));
	if ((m->needs & NEED_REASON) != 0 && (reason == NULL || reason[0] == '\0'))
		return co_fail(err, CO_EREFUSED, "%s needs a reason (%s)", name, m->clause);
	if ((m->needs & NEED_CONDITIONS) != 0 &&
		json_array_size(json_object_get(r->body, "conditions")) == 0)
		return co_fail(
			err, CO_EREFUSED, "%s needs at least one condition (%s)", name, m->clause);
	if ((m->needs & NEED_UNTIL) == 0)
		return CO_OK;
	if (until == NULL)
		return co_fail(err, CO_EREFUSED, "%s needs until: when the preservation ends (%s)",
			name, m->clause);
	TRY(co_time_parse(until, until_us, err));
	return deadlines_check_until(r->at_us, *until_us, err);
}

static bool
still_due(enum state s)
{
	static const unsigned waits = 1u << ST_SENT | 1u << ST_ACKNOWLEDGED | 1u << ST_ACCEPTED |
		1u << ST_COND_ACCEPTED | 1u << ST_COND_DECLINED | 1u << ST_REFERRED;

	return (waits & 1u << s) != 0;
}

/* A notice against the request it answers: what it would do. */
struct step {
	struct request_row q;
	enum request_sort sort;
	const struct move *move;
	int64_t until_us; /* 0: none asked for */
};

/* An extension that ends before what it prolongs would take data away under the name of keeping
 * them (art. 29(7)). */
static enum co_rc
prolong_check(struct store_db *db, const struct step *s, struct co_err *err)
{
	char least[CO_TIME_LEN], got[CO_TIME_LEN];
	struct request_row old;

	if (s->sort != SORT_EXTENSION || s->until_us == 0)
		return CO_OK;
	TRY(request_get(db, s->q.extends, &old, err));
	if (s->until_us >= old.expiry_us)
		return CO_OK;
	co_time_print(old.expiry_us, least);
	co_time_print(s->until_us, got);
	return co_fail(err, CO_EREFUSED,
		"the data are kept until %s already; an extension cannot end on %s, before that",
		least, got);
}

static enum co_rc
notice_judge(struct exchange *x, struct store_db *db, const struct record *r, bool incoming,
	struct step *out, struct co_err *err)
{
	const char *name = body_text(r, "state");
	struct move_ask ask = { .arrived = incoming };
	char what[64], until[CO_TIME_LEN];

	TRY(request_get(db, r->refs[0].id, &out->q, err));
	if (strcmp(out->q.partner, incoming ? r->from : r->to) != 0 ||
		strcmp(out->q.case_id, r->case_id) != 0)
		return co_fail(err, CO_ENOTFOUND, "no request %s in this case", r->refs[0].id);
	if (name == NULL || !state_by_name(name, &ask.notice))
		return co_fail(err, CO_EMALFORMED, "body: unknown state");
	ask.state = out->q.state;
	ask.sort = out->sort = request_sort_of(&out->q);
	ask.by = incoming == out->q.incoming ? SIDE_ASKING : SIDE_EXECUTING;
	TRY(moves_find(&ask, &out->move, err));
	TRY(needs_check(r, out->move, ask.sort, &out->until_us, err));
	if (!atomic_load(&x->rebuilding))
		TRY(prolong_check(db, out, err));
	if (!incoming && !request_ripe(&out->q, ask.notice)) {
		co_time_print(out->q.expiry_us, until);
		return co_fail(err, CO_EREFUSED,
			"the data are kept until %s%s: that their time is over can be told when it "
			"is (art. 29(7))",
			until,
			out->q.pending_mla ? ", and as long as the request for them is open" : "");
	}
	(void)snprintf(what, sizeof(what), "answer:%s", name);
	return incoming ? CO_OK : approval_check(x, db, r, what, err);
}

enum co_rc
notice_plan(struct exchange *x, struct store_db *db, const struct record *r, struct co_err *err)
{
	struct step s;

	return notice_judge(x, db, r, false, &s, err);
}

static enum co_rc
prolong(struct store_db *db, const char *id, int64_t until_us, int64_t now_us, struct co_err *err)
{
	TRY(store_run(
		db, NULL, Q_REQUEST_PROLONG, err, "iiit", until_us, now_us, now_us, id));
	return named_request(db, id, err);
}

/* A notice that ends the request ends the keeping only where it gives the data up. The end of an
 * extension stands with what it prolongs. */
static enum keeps
keeps_after(const struct step *s, enum state after, bool begins)
{
	enum state notice = s->move->notice;

	if (begins)
		return KEEPS_RUNS;
	if (s->sort == SORT_EXTENSION)
		return after == ST_EXTENDED ? s->q.keeps : KEEPS_NOTHING;
	if (notice == ST_WITHDRAWN || notice == ST_REFUSED || notice == ST_IMPOSSIBLE)
		return KEEPS_NOTHING;
	if (notice == ST_EXPIRED && s->q.keeps == KEEPS_RUNS)
		return KEEPS_OVER;
	return s->q.keeps;
}

enum co_rc
notice_effect(struct exchange *x, struct store_db *db, const struct record *r, bool incoming,
	void *arg, struct co_err *err)
{
	struct step s;
	int64_t due_us, now_us = x->effect_time_us;
	struct numbers_move moved;
	enum state after;
	bool keeps;

	(void)arg;
	TRY(notice_judge(x, db, r, incoming, &s, err));
	moved = (struct numbers_move){ .q = &s.q,
		.notice = s.move->notice,
		.ground = body_text(r, "ground"),
		.by_asked_side = incoming != s.q.incoming,
		.at_us = now_us };
	after = s.move->after == ST_N ? s.q.state : s.move->after;
	keeps = s.until_us != 0 && after == s.move->notice;
	due_us = still_due(after) ? s.q.due_us : 0;
	TRY(store_run(db, NULL, Q_REQUEST_MOVE, err,
		"tooiiot"
		"t",
		state_name(after), due_us == 0 ? NULL : &due_us, keeps ? &s.until_us : NULL,
		(int64_t)keeps_after(&s, after, keeps), now_us, incoming ? &now_us : NULL, r->id,
		s.q.id));
	TRY(named_request(db, s.q.id, err));
	if (!r->exercise)
		TRY(numbers_moved(db, &moved, err));
	if (keeps && s.sort == SORT_PRESERVE)
		TRY(store_run(db, NULL, Q_REQUEST_KEEP, err, "it", now_us, s.q.id));
	if (keeps && s.sort == SORT_EXTENSION)
		TRY(prolong(db, s.q.extends, s.until_us, now_us, err));
	if (!incoming)
		TRY(store_run(db, NULL, Q_DRAFT_SENT, err, "t", r->id));
	return store_run(db, NULL, Q_REQUEST_PENDING_MLA, err, "t", s.q.case_id);
}
