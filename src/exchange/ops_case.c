/* The list of cases: a walk with a filter, as the lists of requests are (pick.h), from the latest
 * changed on. An auditor is told of the others that they exist, and no filter tells more of
 * them. */
#include "exchange/deadlines.h"
#include "exchange/inside.h"
#include "exchange/ops.h"
#include "exchange/pick.h"
#include "exchange/sight.h"

#define DAY_US INT64_C(86400000000)

enum { CASE_LOOK = 2000 }; /* rows looked at for one page: about 6 ms */

struct case_walk {
	struct store_stmt *st[2]; /* the own unit's, and those that name the officer */
	bool has[2];
	const char *partner, *number;
	int exercise; /* -1: any */
};

static void
case_walk_deinit(struct case_walk *w)
{
	store_done(&w->st[0]);
	store_done(&w->st[1]);
}
#define case_walk_auto CO_CLEANUP(case_walk_deinit) struct case_walk

static void
case_whose(json_t *o, const char *unit)
{
	bool closed = strcmp(unit, UNIT_CLOSED) == 0;

	out_text(o, "unit", closed ? "" : unit);
	(void)json_object_set_new(o, "closed", json_boolean(closed));
}

/* Columns of case_show and case_page. */
json_t *
case_json(struct store_stmt *st)
{
	json_t *o = json_pack("{s:s,s:s,s:b}", "case_id", store_text(st, 0), "partner",
		store_text(st, 3), "exercise", store_int(st, 6) != 0);

	out_text(o, "ours", store_text(st, 1));
	out_text(o, "theirs", store_text(st, 2));
	out_time(o, "opened", store_int(st, 4));
	out_time(o, "changed", store_int(st, 5));
	(void)json_object_set_new(o, "changed_us", json_integer(store_int(st, 5)));
	case_whose(o, store_text(st, 7));
	return o;
}

enum co_rc
case_standing(struct store_db *db, const char *id, json_t *o, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	int64_t all, ended;
	bool row;

	TRY(store_query(db, Q_CASE_STANDING, &st, err, "t", id));
	TRY(store_step(st, &row, err));
	all = store_int(st, 0);
	ended = store_int(st, 3);
	out_text(o, "stands",
		store_int(st, 1) > 0               ? "ours"
			: store_int(st, 2) > 0     ? "theirs"
			: all == 0                 ? "empty"
			: ended < all              ? "answered"
						   : "closed");
	out_time(o, "kept_until", store_int(st, 4));
	(void)json_object_set_new(o, "ending",
		json_boolean(store_int(st, 4) != 0 &&
			store_int(st, 4) < co_now_us() + ENDING_DAYS * DAY_US));
	return CO_OK;
}

/* Of a case that one may not read: that it exists. */
static json_t *
case_outline(struct store_stmt *st)
{
	json_t *o = json_pack("{s:s,s:b}", "case_id", store_text(st, 0), "sealed", true);

	out_text(o, "ours", store_text(st, 1));
	out_time(o, "opened", store_int(st, 4));
	out_time(o, "changed", store_int(st, 5));
	(void)json_object_set_new(o, "changed_us", json_integer(store_int(st, 5)));
	case_whose(o, store_text(st, 7));
	return o;
}

static enum co_rc
case_walk_start(struct case_walk *w, struct store_db *db, const struct officer *who, int64_t key,
	const char *id, struct co_err *err)
{
	if (w->number != NULL)
		TRY(store_query(db, Q_CASE_OF_NUMBER, &w->st[0], err, "ttttiit", who->unit,
			who->name, w->number, w->number, key, key, id));
	else if (sight_witness(who))
		TRY(store_query(db, Q_CASE_WALK_WITNESS, &w->st[0], err, "ttiit", who->unit,
			who->name, key, key, id));
	else {
		TRY(store_query(db, Q_CASE_WALK, &w->st[0], err, "tiit", who->unit, key, key, id));
		TRY(store_query(db, Q_CASE_WALK_NAMED, &w->st[1], err, "ttiit", who->unit,
			who->name, key, key, id));
	}
	for (int i = 0; i < 2; i++)
		if (w->st[i] != NULL)
			TRY(store_step(w->st[i], &w->has[i], err));
	return CO_OK;
}

/* The source whose row is next; -1 at the end. */
static int
case_walk_next(const struct case_walk *w)
{
	int64_t a, b;

	if (!w->has[0] || !w->has[1])
		return w->has[0] ? 0 : w->has[1] ? 1 : -1;
	a = store_int(w->st[0], 5);
	b = store_int(w->st[1], 5);
	if (a != b)
		return a > b ? 0 : 1;
	return strcmp(store_text(w->st[0], 0), store_text(w->st[1], 0)) > 0 ? 0 : 1;
}

/* What is sealed fits only by what is told of it anyway. */
static bool
case_fits(const struct case_walk *w, struct store_stmt *st, const struct officer *who)
{
	bool seen = store_int(st, 8) != 0;

	if (!seen)
		return sight_witness(who) && w->partner == NULL && w->exercise < 0 &&
			(w->number == NULL || strcmp(w->number, store_text(st, 1)) == 0);
	return (w->partner == NULL || strcmp(w->partner, store_text(st, 3)) == 0) &&
		(w->exercise < 0 || w->exercise == (store_int(st, 6) != 0));
}

static enum co_rc
case_give(struct store_db *db, struct store_stmt *st, json_t *list, struct co_err *err)
{
	bool seen = store_int(st, 8) != 0;
	json_t *o = seen ? case_json(st) : case_outline(st);

	if (json_array_append_new(list, o) != 0)
		return co_fail(err, CO_ENOMEM, "cases");
	return seen ? case_standing(db, store_text(st, 0), o, err) : CO_OK;
}

static enum co_rc
case_page(struct case_walk *w, struct store_db *db, const struct officer *who, size_t limit,
	json_t *list, char more[PICK_MORE_LEN], struct co_err *err)
{
	char last[PICK_MORE_LEN] = "";
	size_t looked = 0;
	int i;

	more[0] = '\0';
	while ((i = case_walk_next(w)) >= 0) {
		struct store_stmt *st = w->st[i];
		bool fits = case_fits(w, st, who);

		if ((fits && json_array_size(list) == limit) || ++looked > CASE_LOOK) {
			(void)snprintf(more, PICK_MORE_LEN, "%s", last);
			return CO_OK;
		}
		(void)snprintf(last, sizeof(last), "%lld.%s", (long long)store_int(st, 5),
			store_text(st, 0));
		if (fits)
			TRY(case_give(db, st, list, err));
		TRY(store_step(st, &w->has[i], err));
	}
	return CO_OK;
}

enum co_rc
op_case_list(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	case_walk_auto w = { .exercise = -1 };
	struct store_db *db;
	const char *after, *id;
	int64_t limit, key;
	char more[PICK_MORE_LEN];
	json_t *list;
	bool exercise;
	enum co_rc rc;

	(void)arg;
	TRY(in_text(in, "partner", false, LIMIT_ADDRESS, &w.partner, err));
	TRY(in_text(in, "number", false, LIMIT_NAME, &w.number, err));
	TRY(in_bool(in, "exercise", false, &exercise, err));
	if (json_is_boolean(json_object_get(in, "exercise")))
		w.exercise = exercise;
	TRY(in_int(in, "limit", 100, 1, 1000, &limit, err));
	TRY(in_text(in, "after", false, PICK_MORE_LEN, &after, err));
	TRY(pick_cursor(after, true, &key, &id, err));
	TRY(store_reader(x->store, &db, err));
	TRY(case_walk_start(&w, db, who, key, id, err));
	list = json_array();
	rc = case_page(&w, db, who, (size_t)limit, list, more, err);
	if (rc != CO_OK) {
		json_decref(list);
		return rc;
	}
	return out_give(json_pack("{s:o,s:s*}", "cases", list, "more",
				more[0] == '\0' ? NULL : more),
		out, err);
}
