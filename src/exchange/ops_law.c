/* Operations on the law: what is recorded, a profile of our own; and what the law says beside the
 * decisions of officers. */
#include "exchange/advice.h"
#include "exchange/approval.h"
#include "exchange/inside.h"
#include "exchange/lawbook.h"
#include "exchange/ops.h"
#include "law/show.h"

enum { PARTNERS_MAX = 1024 };

/* A partner's request that in (as request.answer takes it) is about. */
static enum co_rc
law_of_answer(
	struct exchange *x, struct store_db *db, const json_t *in, json_t **out, struct co_err *err)
{
	stored_record_auto s = { .incoming = false };
	const char *id;

	TRY(in_uuid(in, "id", true, &id, err));
	TRY(exchange_load(db, id, &s, err));
	return advice_on(x, db, &s.r, s.incoming, out, err);
}

enum co_rc
law_of_draft(struct exchange *x, struct store_db *db, const struct draft *d,
	const struct officer *who, json_t **out, struct co_err *err)
{
	record_auto r;

	record_init(&r);
	/* Nothing is asked of a partner, or not yet. */
	if (strcmp(d->kind, "custody") == 0 || strcmp(d->state, "unfinished") == 0)
		return out_give(json_null(), out, err);
	if (strcmp(d->kind, "notice") == 0)
		return law_of_answer(x, db, d->in, out, err);
	TRY(request_of_draft(x, db, d, who, &r, err));
	return advice_on(x, db, &r, false, out, err);
}

/* Answers by which the asked side decides, and what they are. */
static const struct {
	enum state state;
	bool refuses;
} deciding[] = {
	{ ST_ACCEPTED, false },
	{ ST_PARTIAL, false },
	{ ST_EXECUTED, false },
	{ ST_EXTENDED, false },
	{ ST_PATH_DISCLOSED, false },
	{ ST_REFUSED, true },
};

enum co_rc
decide_answer(struct exchange *x, struct store_db *db, const json_t *in, const struct officer *who,
	struct advice_kept *kept, struct co_err *err)
{
	struct advice_decision d = { .request = NULL };
	struct request_row q;
	enum state s = ST_N;
	size_t i = 0;
	json_t *law = NULL;
	enum co_rc rc;

	TRY(in_uuid(in, "id", true, &d.request, err));
	TRY(in_text(in, "state", true, 32, &d.decision, err));
	TRY(in_text(in, "ground", false, 64, &d.ground, err));
	TRY(in_text(in, "why", false, 1023, &d.why, err));
	TRY(request_get(db, d.request, &q, err));
	while (i < CO_ARRAY_LEN(deciding) &&
		!(state_by_name(d.decision, &s) && deciding[i].state == s))
		i++;
	if (!q.incoming || i == CO_ARRAY_LEN(deciding))
		return CO_OK;
	d.refuses = deciding[i].refuses;
	TRY(law_of_answer(x, db, in, &law, err));
	rc = advice_decide(law, &d, who, kept, err);
	json_decref(law);
	return rc;
}

enum co_rc
decide_draft(struct exchange *x, struct store_db *db, const struct draft *d, const char *decision,
	const char *why, const struct officer *who, struct advice_kept *kept, struct co_err *err)
{
	const struct advice_decision of = { .request = d->id, .decision = decision, .why = why };
	json_t *law = NULL;
	enum co_rc rc;

	if (strcmp(d->kind, "custody") == 0)
		return CO_OK;
	if (strcmp(d->kind, "notice") == 0)
		return decide_answer(x, db, d->in, who, kept, err);
	TRY(law_of_draft(x, db, d, who, &law, err));
	rc = advice_decide(law, &of, who, kept, err);
	json_decref(law);
	return rc;
}

/* ---- what is recorded ---- */

static enum co_rc
day_given(const json_t *in, const char *name, law_day *out, struct co_err *err)
{
	const char *text;

	*out = law_day_of_us(co_now_us());
	TRY(in_text(in, name, false, 10, &text, err));
	return text == NULL ? CO_OK : law_day_parse(text, out, err);
}

/* Whose word a profile's facts are. */
static enum co_rc
profiles_put(struct store_db *db, json_t *o, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	json_t *list = json_array();
	bool row;

	if (json_object_set_new(o, "profiles", list) != 0)
		return co_fail(err, CO_ENOMEM, "profiles");
	TRY(store_query(db, Q_PROFILE_ALL, &st, err, ""));
	for (;;) {
		json_t *p;

		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		p = json_pack("{s:s,s:s,s:s}", "economy", store_text(st, 0), "record",
			store_text(st, 1), "by", store_text(st, 2));
		out_time(p, "at", store_int(st, 3));
		(void)json_array_append_new(list, p);
	}
}

enum co_rc
op_law_show(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	lawbook_auto *b = NULL;
	struct store_db *db;
	const char *what;
	law_day at, known;
	json_t *o = NULL;
	enum co_rc rc;

	(void)arg;
	(void)who;
	TRY(in_text(in, "what", false, 128, &what, err));
	TRY(day_given(in, "date", &at, err));
	TRY(day_given(in, "known", &known, err));
	TRY(store_reader(x->store, &db, err));
	TRY(lawbook_use(x, db, &b, err));
	TRY(law_show(lawbook_of(b), what == NULL ? "" : what, at, known, &o, err));
	rc = profiles_put(db, o, err);
	if (rc == CO_OK)
		*out = o;
	else
		json_decref(o);
	return rc;
}

/* ---- publishing ---- */

struct publishing {
	struct record *rs;
	struct co_err *errs;
	size_t n;
};

static void
publishing_free(struct publishing *p)
{
	for (size_t i = 0; p->rs != NULL && i < p->n; i++)
		record_deinit(&p->rs[i]);
	free(p->rs);
	free(p->errs);
}
#define publishing_auto CO_CLEANUP(publishing_free) struct publishing

static enum co_rc
publishing_add(struct publishing *p, const char *to, const struct officer *who, json_t *body,
	struct co_err *err)
{
	struct record *r = &p->rs[p->n];

	if (p->n == PARTNERS_MAX)
		return co_fail(err, CO_ETOOBIG, "more than %d partners", PARTNERS_MAX);
	record_init(r);
	r->kind = REC_LAWPROFILE;
	(void)snprintf(r->to, sizeof(r->to), "%s", to);
	(void)snprintf(r->officer, sizeof(r->officer), "%s", who->name);
	(void)snprintf(r->role, sizeof(r->role), "%s", who->role);
	r->body = json_incref(body);
	p->n++;
	return CO_OK;
}

/* One record for ourselves, so that our own book has it, and one for each accepted partner. */
static enum co_rc
publishing_fill(struct exchange *x, struct publishing *p, const struct officer *who, json_t *body,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;
	bool row;

	p->rs = calloc(PARTNERS_MAX, sizeof(*p->rs));
	p->errs = calloc(PARTNERS_MAX, sizeof(*p->errs));
	if (p->rs == NULL || p->errs == NULL)
		return co_fail(err, CO_ENOMEM, "publishing");
	TRY(publishing_add(p, x->address, who, body, err));
	TRY(store_reader(x->store, &db, err));
	TRY(store_query(db, Q_PARTNER_ROWS, &st, err, ""));
	for (;;) {
		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		if (strcmp(store_text(st, 1), "accepted") == 0 &&
			strcmp(store_text(st, 0), x->address) != 0)
			TRY(publishing_add(p, store_text(st, 0), who, body, err));
	}
}

static json_t *
sent_json(const struct publishing *p)
{
	json_t *list = json_array();

	for (size_t i = 1; i < p->n; i++) {
		json_t *o = json_pack("{s:s,s:s}", "to", p->rs[i].to, "id", p->rs[i].id);

		if (p->errs[i].rc != CO_OK)
			(void)json_object_set_new(o, "error", json_string(p->errs[i].msg));
		(void)json_array_append_new(list, o);
	}
	return list;
}

enum co_rc
op_law_publish(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	json_t *profile = json_object_get(in, "profile"), *body;
	publishing_auto p = { .rs = NULL };
	enum co_rc rc;

	(void)arg;
	if (!json_is_object(profile))
		return co_fail(err, CO_EUSAGE, "profile must be an object, as docs/law.md says");
	TRY(profile_check(x->economy, profile, err));
	body = json_pack("{s:s,s:O}", "economy", x->economy, "profile", profile);
	if (body == NULL)
		return co_fail(err, CO_ENOMEM, "profile");
	rc = publishing_fill(x, &p, who, body, err);
	json_decref(body);
	TRY(rc);
	TRY(exchange_send_many(x, p.rs, NULL, p.n, p.errs, err));
	if (p.errs[0].rc != CO_OK)
		return co_fail(err, p.errs[0].rc, "%s", p.errs[0].msg);
	return out_give(json_pack("{s:s,s:s,s:o}", "economy", x->economy, "id", p.rs[0].id, "sent",
				sent_json(&p)),
		out, err);
}

/* What this node itself published: *body stays NULL when it did not, or the partner has it. */
static enum co_rc
offer_body(struct exchange *x, struct store_db *db, const char *address, json_t **body,
	struct co_err *err)
{
	store_stmt_auto *st = NULL, *sent = NULL;
	bool row;

	TRY(store_query(db, Q_PROFILE_GET, &st, err, "t", x->economy));
	TRY(store_step(st, &row, err));
	if (!row || strcmp(store_text(st, 1), x->address) != 0)
		return CO_OK;
	TRY(store_query(
		db, Q_PROFILE_SENT, &sent, err, "tti", x->address, address, store_int(st, 2)));
	TRY(store_step(sent, &row, err));
	if (row)
		return CO_OK;
	return out_give(json_pack("{s:s,s:o}", "economy", x->economy, "profile",
				json_loads(store_text(st, 3), 0, NULL)),
		body, err);
}

enum co_rc
profile_offer(
	struct exchange *x, const char *address, const struct officer *who, struct co_err *err)
{
	publishing_auto p = { .rs = calloc(1, sizeof(*p.rs)) };
	struct store_db *db;
	json_t *body = NULL;
	enum co_rc rc;

	if (p.rs == NULL)
		return co_fail(err, CO_ENOMEM, "publishing");
	TRY(store_reader(x->store, &db, err));
	TRY(offer_body(x, db, address, &body, err));
	if (body == NULL)
		return CO_OK;
	rc = publishing_add(&p, address, who, body, err);
	json_decref(body);
	TRY(rc);
	return exchange_send(x, &p.rs[0], err);
}
