/* Operations on sessions: one's own, and, for an administrator, everybody's. */
#include "desk/inside.h"

#include "base/clock.h"
#include "exchange/op_shape.h"

#include <string.h>

static bool
sees_all(const struct officer *who)
{
	return in_list("administrator,auditor", who->role);
}

static json_t *
session_json(struct store_stmt *st, void *arg)
{
	json_t *o = json_pack("{s:s,s:s,s:s,s:s,s:s}", "id", store_text(st, 0), "officer",
		store_text(st, 1), "peer", store_text(st, 5), "agent", store_text(st, 6), "way",
		store_text(st, 7));

	(void)arg;
	out_time(o, "since", store_int(st, 2));
	out_time(o, "seen", store_int(st, 3));
	out_time(o, "ends", store_int(st, 4));
	return o;
}

static enum co_rc
op_session_list(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	int64_t now_us = co_now_us();
	struct store_db *db;
	const char *officer;

	(void)arg;
	TRY(in_text(in, "officer", false, LIMIT_NAME, &officer, err));
	if (officer == NULL)
		officer = sees_all(who) ? "" : who->name;
	if (!sees_all(who) && strcmp(officer, who->name) != 0)
		return co_fail(err, CO_EDENIED,
			"sessions of others are for an administrator or an auditor to see");
	TRY(store_reader(exchange_store(x), &db, err));
	TRY(store_query(db, Q_SESSION_ALL, &st, err, "ttii", officer, officer,
		now_us - SESSION_IDLE_US, now_us));
	return out_list("sessions", st, session_json, NULL, out, err);
}

struct end_job {
	const struct officer *who;
	const char *id;
	char owner[LIMIT_NAME + 1];
};

static enum co_rc
end_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct end_job *j = arg;
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_SESSION_OWNER, &st, err, "t", j->id));
	TRY(store_step(st, &row, err));
	if (row)
		(void)snprintf(j->owner, sizeof(j->owner), "%s", store_text(st, 0));
	store_done(&st);
	if (!row ||
		(strcmp(j->owner, j->who->name) != 0 && strcmp(j->who->role, "administrator") != 0))
		return co_fail(err, CO_ENOTFOUND, "that session has ended already");
	TRY(store_run(db, NULL, Q_SESSION_END_NAMED, err, "tt", j->id, j->owner));
	return event_write(
		db, "session.ended", j->who->name, json_pack("{s:s}", "officer", j->owner), err);
}

static enum co_rc
op_session_end(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct end_job j = { .who = who };

	(void)arg;
	TRY(in_text(in, "id", true, 32, &j.id, err));
	TRY(store_write(exchange_store(x), end_work, &j, err));
	return out_give(json_pack("{s:s,s:s}", "id", j.id, "officer", j.owner), out, err);
}

/* ---- what they take and give ---- */

static const struct op_member session_row[] = {
	{ "id", OP_TEXT, 0, 0, 0, "its public name", NULL },
	{ "officer", OP_TEXT, 0, 0, 0, "whose", NULL },
	{ "peer", OP_TEXT, 0, 0, 0, "from where", NULL },
	{ "agent", OP_TEXT, 0, 0, 0, "the browser, as it says", NULL },
	{ "way", OP_TEXT, 0, 0, 0, "how the officer signed in", NULL },
	{ "since", OP_TIME, OP_NULL, 0, 0, "begun", NULL },
	{ "seen", OP_TIME, OP_NULL, 0, 0, "last seen, to the minute", NULL },
	{ "ends", OP_TIME, OP_NULL, 0, 0, "at the latest", NULL },
	OP_END,
};
static const struct op_member list_in[] = {
	{ "officer", OP_TEXT, 0, 0, LIMIT_NAME, "whose; others only for who oversees", NULL },
	OP_END,
};
static const struct op_member list_out[] = {
	{ "sessions", OP_LIST, 0, 0, 0, "the last seen first", session_row },
	OP_END,
};
static const struct op_member end_in[] = {
	{ "id", OP_TEXT, OP_REQUIRED, 1, 32, "as session.list shows it", NULL },
	OP_END,
};
static const struct op_member end_out[] = {
	{ "id", OP_TEXT, 0, 0, 0, "ended", NULL },
	{ "officer", OP_TEXT, 0, 0, 0, "whose it was", NULL },
	OP_END,
};
static const struct op_shape shapes[] = {
	{ "session.list", "admin", list_in, list_out },
	{ "session.end", "admin", end_in, end_out },
};

void
desk_session_ops(struct exchange *x)
{
	const struct op ops[] = {
		{ "session.list", "*", op_session_list, NULL, "who is signed in at the desk" },
		{ "session.end", "*", op_session_end, NULL, "end a session at the desk" },
	};

	op_register(x, ops, CO_ARRAY_LEN(ops));
	op_describe(x, shapes, CO_ARRAY_LEN(shapes));
}
