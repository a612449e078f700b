/* Operations that the desk adds: what its pages and the command line need beyond requests and
 * evidence. */
#include "desk/inside.h"

#include "base/clock.h"

enum { INVITE_HOURS = 72 };

#define DAY_US (INT64_C(86400) * 1000000)

struct invite_job {
	const char *name, *by;
	char code[65];
};

static enum co_rc
invite_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct invite_job *j = arg;
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_OFFICER_ROLE, &st, err, "t", j->name));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(
			err, CO_ENOTFOUND, "no enabled officer %s; see comity user list", j->name);
	TRY(desk_invite(db, j->name, j->by, INVITE_HOURS, j->code, err));
	return event_write(db, "officer.invited", j->by, json_pack("{s:s}", "name", j->name), err);
}

static enum co_rc
op_user_invite(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	const struct desk *d = arg;
	struct invite_job j = { .by = who->name };
	char link[512];
	json_t *o;

	TRY(in_text(in, "name", true, LIMIT_NAME, &j.name, err));
	TRY(store_write(exchange_store(x), invite_work, &j, err));
	(void)snprintf(link, sizeof(link), "%s/welcome?code=%s", d->conf.url, j.code);
	o = json_pack("{s:s,s:s}", "name", j.name, "link", link);
	out_time(o, "ends", co_now_us() + (int64_t)INVITE_HOURS * 3600 * 1000000);
	return out_give(o, out, err);
}

struct access_ask {
	const char *case_id, *officer; /* NULL: any */
	int64_t limit, from_us, to_us; /* times: both within */
	int64_t at_us, before;         /* what is later is on a page before */
};

/* Each question has its own index: the log of years is not read for the few rows of one case. */
static enum co_rc
access_query(struct store_db *db, const struct access_ask *a, struct store_stmt **st,
	struct co_err *err)
{
	if (a->case_id != NULL && a->officer != NULL)
		return store_query(db, Q_ACCESS_BACK_CASE_OFFICER, st, err, "ttiiiii", a->case_id,
			a->officer, a->from_us, a->to_us, a->at_us, a->before, a->limit);
	if (a->case_id != NULL || a->officer != NULL)
		return store_query(db,
			a->case_id != NULL ? Q_ACCESS_BACK_CASE : Q_ACCESS_BACK_OFFICER, st, err,
			"tiiiii", a->case_id != NULL ? a->case_id : a->officer, a->from_us,
			a->to_us, a->at_us, a->before, a->limit);
	return store_query(db, Q_ACCESS_BACK, st, err, "iiiii", a->from_us, a->to_us, a->at_us,
		a->before, a->limit);
}

static json_t *
access_row(struct store_stmt *st, void *arg)
{
	json_t *o = json_pack("{s:I,s:s,s:s,s:s}", "seq", (json_int_t)store_int(st, 0), "officer",
		store_text(st, 2), "what", store_text(st, 3), "subject", store_text(st, 5));

	(void)arg;
	out_time(o, "at", store_int(st, 1));
	out_text(o, "case_id", store_text(st, 4));
	return o;
}

static enum co_rc
op_access_list(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;
	struct access_ask ask;

	(void)arg;
	(void)who;
	TRY(in_uuid(in, "case_id", false, &ask.case_id, err));
	TRY(in_text(in, "officer", false, LIMIT_NAME, &ask.officer, err));
	TRY(in_int(in, "limit", 100, 1, 1000, &ask.limit, err));
	TRY(in_int(in, "before", INT64_MAX, 0, INT64_MAX, &ask.before, err));
	TRY(in_day(in, "from", 0, 0, &ask.from_us, err));
	TRY(in_day(in, "to", DAY_US, INT64_MAX, &ask.to_us, err));
	TRY(store_reader(exchange_store(x), &db, err));
	TRY(log_place(db, Q_ACCESS_PLACE, ask.before, &ask.at_us, err));
	ask.to_us = ask.to_us > ask.at_us ? ask.at_us : ask.to_us - 1;
	TRY(access_query(db, &ask, &st, err));
	return out_list("access", st, access_row, NULL, out, err);
}

void
desk_ops_register(struct desk *d)
{
	const struct op ops[] = {
		{ "user.invite", "administrator", op_user_invite, d,
			"a link that lets an officer set how they sign in; works once" },
		{ "access.list", "auditor,administrator", op_access_list, d,
			"who looked at what, the latest first" },
	};

	op_register(d->conf.exchange, ops, CO_ARRAY_LEN(ops));
	desk_session_ops(d->conf.exchange);
	preference_ops_register(d);
	card_ops_register(d);
	desk_ops_describe(d->conf.exchange);
}
