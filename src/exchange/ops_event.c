/* The log of what was done, for auditors. A name of an event stands for those below it too
 * ("officer" for officer.added and officer.role): each is a walk of its own, and the latest row of
 * all is the next. */
#include "exchange/inside.h"
#include "exchange/opjson.h"
#include "exchange/ops.h"
#include "exchange/sight.h"

#define DAY_US (INT64_C(86400) * 1000000)

enum { NAMES_MAX = 32 }; /* of events below one name; there are about seventy in all */

struct event_ask {
	const char *who;
	int64_t from_us, to_us; /* both within */
	int64_t at_us, before;  /* what is later is on a page before */
	int64_t limit;
};

struct event_walks {
	struct store_stmt *st[NAMES_MAX];
	bool has[NAMES_MAX];
	char names[NAMES_MAX][72]; /* bound as long as the walks */
	size_t n;
};

static void
event_walks_deinit(struct event_walks *w)
{
	for (size_t i = 0; i < w->n; i++)
		store_done(&w->st[i]);
}
#define event_walks_auto CO_CLEANUP(event_walks_deinit) struct event_walks

/* what NULL: any. */
static enum co_rc
walk_add(struct event_walks *w, struct store_db *db, const struct event_ask *a, const char *what,
	struct co_err *err)
{
	struct store_stmt **st = &w->st[w->n];

	if (w->n == NAMES_MAX)
		return co_fail(err, CO_ETOOBIG, "too many kinds of event begin so: give one whole");
	if (what == NULL && a->who == NULL)
		TRY(store_query(db, Q_EVENT_BACK, st, err, "iiiii", a->from_us, a->to_us, a->at_us,
			a->before, a->limit));
	else if (what == NULL)
		TRY(store_query(db, Q_EVENT_BACK_WHO, st, err, "tiiiii", a->who, a->from_us,
			a->to_us, a->at_us, a->before, a->limit));
	else {
		(void)snprintf(w->names[w->n], sizeof(w->names[0]), "%s", what);
		what = w->names[w->n];
		if (a->who == NULL)
			TRY(store_query(db, Q_EVENT_BACK_WHAT, st, err, "tiiiii", what, a->from_us,
				a->to_us, a->at_us, a->before, a->limit));
		else
			TRY(store_query(db, Q_EVENT_BACK_WHO_WHAT, st, err, "ttiiiii", a->who, what,
				a->from_us, a->to_us, a->at_us, a->before, a->limit));
	}
	w->n++;
	return store_step(*st, &w->has[w->n - 1], err);
}

/* The name itself and those that go on after a dot; one seek into an index for each. */
static enum co_rc
walks_of_name(struct event_walks *w, struct store_db *db, const struct event_ask *a,
	const char *what, struct co_err *err)
{
	char at[80], end[80];

	TRY(walk_add(w, db, a, what, err));
	(void)snprintf(at, sizeof(at), "%s.", what);
	(void)snprintf(end, sizeof(end), "%s/", what); /* "/" follows "." */
	for (;;) {
		store_stmt_auto *st = NULL;
		char name[72];
		bool row;

		TRY(store_query(db, Q_EVENT_NAMES, &st, err, "tt", at, end));
		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		(void)snprintf(name, sizeof(name), "%s", store_text(st, 0));
		store_done(&st);
		TRY(walk_add(w, db, a, name, err));
		(void)snprintf(at, sizeof(at), "%s\x01", name);
	}
}

/* The walk whose row is the latest; n at the end. */
static size_t
walks_next(const struct event_walks *w)
{
	size_t best = w->n;

	for (size_t i = 0; i < w->n; i++) {
		int64_t at, top;

		if (!w->has[i])
			continue;
		if (best == w->n) {
			best = i;
			continue;
		}
		at = store_int(w->st[i], 2);
		top = store_int(w->st[best], 2);
		if (at > top || (at == top && store_int(w->st[i], 0) > store_int(w->st[best], 0)))
			best = i;
	}
	return best;
}

/* An event that says what a request is about says it only to whom the request is shown. */
static void
event_hide(struct store_db *db, const struct officer *who, json_t *event)
{
	json_t *detail = json_object_get(json_object_get(event, "detail"), "detail");
	const char *what = json_string_value(json_object_get(event, "what"));
	const char *id = json_string_value(json_object_get(detail, "request"));

	if (what == NULL || strcmp(what, "law.advice") != 0 || id == NULL ||
		sight_of_request(db, who, id))
		return;
	(void)json_object_set_new(json_object_get(event, "detail"), "detail",
		json_pack("{s:s,s:b}", "request", id, "sealed", true));
}

static json_t *
event_json(struct store_db *db, const struct officer *who, struct store_stmt *st)
{
	json_t *o = json_pack("{s:I,s:s,s:s,s:s,s:o?}", "seq", (json_int_t)store_int(st, 0), "id",
		store_text(st, 1), "what", store_text(st, 3), "who", store_text(st, 4), "detail",
		json_loads(store_text(st, 5), JSON_DECODE_ANY, NULL));

	out_time(o, "at", store_int(st, 2));
	event_hide(db, who, o);
	return o;
}

static enum co_rc
events_read(struct event_walks *w, struct store_db *db, const struct officer *who, int64_t limit,
	json_t *list, struct co_err *err)
{
	for (size_t i; (int64_t)json_array_size(list) < limit && (i = walks_next(w)) < w->n;) {
		(void)json_array_append_new(list, event_json(db, who, w->st[i]));
		TRY(store_step(w->st[i], &w->has[i], err));
	}
	return CO_OK;
}

enum co_rc
op_event_list(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct event_ask a = { .at_us = INT64_MAX };
	event_walks_auto w = { .n = 0 };
	struct store_db *db;
	const char *what;
	json_t *list;
	enum co_rc rc;

	(void)arg;
	TRY(in_int(in, "limit", 100, 1, 1000, &a.limit, err));
	TRY(in_int(in, "before", INT64_MAX, 0, INT64_MAX, &a.before, err));
	TRY(in_text(in, "what", false, 64, &what, err));
	TRY(in_text(in, "who", false, LIMIT_NAME, &a.who, err));
	TRY(in_day(in, "from", 0, 0, &a.from_us, err));
	TRY(in_day(in, "to", DAY_US, INT64_MAX, &a.to_us, err));
	a.who = a.who == NULL || *a.who == '\0' ? NULL : a.who;
	TRY(store_reader(x->store, &db, err));
	TRY(log_place(db, Q_EVENT_PLACE, a.before, &a.at_us, err));
	a.to_us = a.to_us > a.at_us ? a.at_us : a.to_us - 1;
	if (what == NULL || *what == '\0')
		TRY(walk_add(&w, db, &a, NULL, err));
	else
		TRY(walks_of_name(&w, db, &a, what, err));
	list = json_array();
	rc = events_read(&w, db, who, a.limit, list, err);
	if (rc != CO_OK) {
		json_decref(list);
		return rc;
	}
	return out_give(json_pack("{s:o}", "events", list), out, err);
}
