/* Operations on what is counted: numbers of a period, and the yearly report. */
#include "exchange/deadlines.h"
#include "exchange/inside.h"
#include "exchange/numbers.h"
#include "exchange/opjson.h"
#include "exchange/ops.h"

#define ENDING_US (ENDING_DAYS * INT64_C(86400000000))

static const char *const counts[] = { "asked", "acknowledged", "fulfilled", "partial", "refused",
	"impossible", "withdrawn", "open" };

/* ---- sums ---- */

static void
add_int(json_t *o, const char *name, int64_t n)
{
	(void)json_object_set_new(
		o, name, json_integer(json_integer_value(json_object_get(o, name)) + n));
}

/* The row of a key, made with zeros when it is new. */
static json_t *
row_of(json_t *rows, const char *key)
{
	json_t *o = json_object_get(rows, key);

	if (o != NULL)
		return o;
	o = json_pack("{s:s}", "key", key);
	for (size_t i = 0; i < CO_ARRAY_LEN(counts); i++)
		(void)json_object_set_new(o, counts[i], json_integer(0));
	(void)json_object_set_new(rows, key, o);
	return json_object_get(rows, key);
}

static bool
is_count(const char *what)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(counts); i++)
		if (strcmp(counts[i], what) == 0)
			return true;
	return false;
}

/* Open is what was asked and has no outcome. */
static void
row_count(json_t *row, const char *what, int64_t n)
{
	if (!is_count(what))
		return;
	add_int(row, what, n);
	if (strcmp(what, "asked") == 0)
		add_int(row, "open", n);
	else if (strcmp(what, "acknowledged") != 0)
		add_int(row, "open", -n);
}

static json_t *
list_of(json_t *rows)
{
	json_t *list = json_array(), *o;
	const char *key;

	json_object_foreach(rows, key, o)(void) json_array_append(list, o);
	json_decref(rows);
	return list;
}

/* ---- times ---- */

static void
time_put(json_t *row, const char *what, const int64_t steps[NUMBERS_STEPS])
{
	double median = numbers_share(steps, 0.5), most = numbers_share(steps, 0.9);
	int64_t n = 0;

	for (size_t i = 0; i < NUMBERS_STEPS; i++)
		n += steps[i];
	(void)json_object_set_new(row, what,
		json_pack("{s:I,s:I,s:I}", "n", (json_int_t)n, "median_s",
			(json_int_t)(median + 0.5), "p90_s", (json_int_t)(most + 0.5)));
}

/* One distribution; rows of one mostly come one after another. */
struct run {
	char what[24], by[16], key[LIMIT_ADDRESS + 1];
	int64_t steps[NUMBERS_STEPS];
};
struct runs {
	struct run *list;
	size_t n, room, last;
};

static bool
run_is(const struct run *r, const struct numbers_time *t)
{
	return strcmp(r->what, t->what) == 0 && strcmp(r->by, t->by) == 0 &&
		strcmp(r->key, t->key) == 0;
}

static enum co_rc
run_of(struct runs *rs, const struct numbers_time *t, struct run **out, struct co_err *err)
{
	if (rs->n == 0 || !run_is(&rs->list[rs->last], t)) {
		for (rs->last = 0; rs->last < rs->n && !run_is(&rs->list[rs->last], t);)
			rs->last++;
	}
	if (rs->last == rs->room) {
		size_t room = rs->room == 0 ? 64 : rs->room * 2;
		struct run *list = realloc(rs->list, room * sizeof(*list));

		if (list == NULL)
			return co_fail(err, CO_ENOMEM, "numbers");
		rs->list = list;
		rs->room = room;
	}
	*out = &rs->list[rs->last];
	if (rs->last < rs->n)
		return CO_OK;
	**out = (struct run){ .what = "" };
	(void)snprintf((*out)->what, sizeof((*out)->what), "%s", t->what);
	(void)snprintf((*out)->by, sizeof((*out)->by), "%s", t->by);
	(void)snprintf((*out)->key, sizeof((*out)->key), "%s", t->key);
	rs->n++;
	return CO_OK;
}

static enum co_rc
times_take(void *arg, const struct numbers_time *t, struct co_err *err)
{
	struct run *r;

	TRY(run_of(arg, t, &r, err));
	if (t->step >= 0 && t->step < NUMBERS_STEPS)
		r->steps[t->step] += t->n;
	return CO_OK;
}

static enum co_rc
times_fill(struct store_db *db, const struct numbers_ask *p, json_t *by, struct co_err *err)
{
	struct runs rs = { .n = 0 };
	enum co_rc rc = numbers_times(db, p, times_take, &rs, err);

	for (size_t i = 0; rc == CO_OK && i < rs.n; i++) {
		json_t *rows = json_object_get(by, rs.list[i].by);
		char name[32];

		(void)snprintf(name, sizeof(name), "to_%s", rs.list[i].what);
		if (rows != NULL)
			time_put(row_of(rows, rs.list[i].key), name, rs.list[i].steps);
	}
	free(rs.list);
	return rc;
}

struct sums {
	json_t *by, *grounds;
};

static enum co_rc
sums_take(void *arg, const struct numbers_sum *t, struct co_err *err)
{
	struct sums *s = arg;

	(void)err;
	row_count(row_of(json_object_get(s->by, "all"), ""), t->what, t->n);
	row_count(row_of(json_object_get(s->by, "partner"), t->partner), t->what, t->n);
	row_count(row_of(json_object_get(s->by, "measure"), t->measure), t->what, t->n);
	if (strcmp(t->what, "refused") == 0)
		add_int(s->grounds, t->ground, t->n);
	return CO_OK;
}

/* ---- what was asked for ---- */

static enum co_rc
month_given(const json_t *in, const char *name, int64_t absent, int64_t *out, struct co_err *err)
{
	const char *text;
	char first[16];
	law_day day;

	*out = absent;
	TRY(in_text(in, name, false, 7, &text, err));
	if (text == NULL)
		return CO_OK;
	(void)snprintf(first, sizeof(first), "%s-01", text);
	if (strlen(text) != 7 || law_day_parse(first, &day, NULL) != CO_OK)
		return co_fail(err, CO_EUSAGE, "%s: wanted is a month, as 2026-11", name);
	*out = strtol(text, NULL, 10) * 100 + strtol(text + 5, NULL, 10);
	return CO_OK;
}

static json_t *
month_json(int64_t month)
{
	return json_sprintf("%04d-%02d", (int)(month / 100), (int)(month % 100));
}

static enum co_rc
period_given(const json_t *in, struct numbers_ask *p, struct co_err *err)
{
	int64_t now = numbers_month(co_now_us());
	/* The last twelve months, this one too. */
	int64_t from = now % 100 == 12 ? now / 100 * 100 + 1 : now - 100 + 1;

	TRY(month_given(in, "from", from, &p->from, err));
	TRY(month_given(in, "to", now, &p->to, err));
	TRY(in_bool(in, "incoming", false, &p->incoming, err));
	if (p->from > p->to)
		return co_fail(err, CO_EUSAGE, "the period ends before it begins");
	return CO_OK;
}

static enum co_rc
now_query(struct store_db *db, const struct numbers_ask *p, struct store_stmt **open,
	struct store_stmt **ends, struct co_err *err)
{
	const char *unit = p->who->unit, *name = p->who->name;
	int64_t now = co_now_us(), soon = now + ENDING_US;

	if (numbers_whole(p->who)) {
		TRY(store_query(db, Q_NUMBER_OPEN, open, err, "i", now));
		return store_query(db, Q_NUMBER_ENDING, ends, err, "ii", now, soon);
	}
	TRY(store_query(
		db, Q_NUMBER_OPEN_SEEN, open, err, "ititt", now, unit, now, name, unit));
	return store_query(
		db, Q_NUMBER_ENDING_SEEN, ends, err, "tiittii", unit, now, soon, name, unit, now,
		soon);
}

static enum co_rc
now_fill(struct store_db *db, const struct numbers_ask *p, json_t *o, struct co_err *err)
{
	store_stmt_auto *open = NULL;
	store_stmt_auto *ends = NULL;
	json_t *now = json_pack("{s:i,s:i,s:i}", "open", 0, "late", 0, "ending", 0);
	bool row = true;

	(void)json_object_set_new(o, "now", now);
	TRY(now_query(db, p, &open, &ends, err));
	for (;;) {
		TRY(store_step(open, &row, err));
		if (!row)
			break;
		if ((store_int(open, 0) != 0) != p->incoming)
			continue;
		add_int(now, "open", store_int(open, 1));
		add_int(now, "late", store_int(open, 2));
	}
	for (;;) {
		TRY(store_step(ends, &row, err));
		if (!row)
			return CO_OK;
		if ((store_int(ends, 0) != 0) == p->incoming)
			add_int(now, "ending", store_int(ends, 1));
	}
}

/* Requests from before the counting began, or before it went by unit, are counted by a rebuild.
 * That there are requests is told to nobody who may not see them. */
static enum co_rc
note_fill(struct store_db *db, bool whole, json_t *o, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	store_stmt_auto *old = NULL;
	bool row;

	TRY(store_query(db, Q_NUMBER_UNCOUNTED, &st, err, ""));
	TRY(store_step(st, &row, err));
	if (whole && row && store_int(st, 0) != 0)
		(void)json_object_set_new(o, "note",
			json_string("nothing is counted yet, but there are requests: stop the "
				    "node and run comity rebuild once, or they are exercises"));
	TRY(store_query(db, Q_NUMBER_UNITLESS, &old, err, ""));
	TRY(store_step(old, &row, err));
	if (!whole && row)
		(void)json_object_set_new(o, "note",
			json_string("numbers of a unit begin when comity rebuild has counted once; "
				    "an administrator has those of the whole"));
	return CO_OK;
}

static const char *
ground_words(const char *code)
{
	for (size_t i = 0; i < grounds_count(); i++)
		if (strcmp(grounds_at(i)->code, code) == 0)
			return grounds_at(i)->text;
	return "";
}

static json_t *
grounds_json(json_t *grounds)
{
	json_t *list = json_array();
	const char *code;
	json_t *n;

	json_object_foreach(grounds, code, n)(void) json_array_append_new(list,
		json_pack("{s:s,s:s,s:O}", "ground", code, "text", ground_words(code), "n", n));
	return list;
}

static enum co_rc
numbers_fill(struct store_db *db, const struct numbers_ask *p, json_t *o, struct co_err *err)
{
	json_t *by = json_pack("{s:{},s:{},s:{},s:{}}", "all", "partner", "measure", "hour");
	json_t *grounds = json_object();
	struct sums sums = { by, grounds };
	enum co_rc rc = numbers_sums(db, p, sums_take, &sums, err);

	if (rc == CO_OK)
		rc = times_fill(db, p, by, err);
	(void)json_object_set(o, "total", row_of(json_object_get(by, "all"), ""));
	(void)json_object_set_new(
		o, "partners", list_of(json_incref(json_object_get(by, "partner"))));
	(void)json_object_set_new(
		o, "measures", list_of(json_incref(json_object_get(by, "measure"))));
	(void)json_object_set_new(o, "hours", list_of(json_incref(json_object_get(by, "hour"))));
	(void)json_object_set_new(o, "grounds", grounds_json(grounds));
	json_decref(by);
	json_decref(grounds);
	return rc;
}

enum co_rc
op_numbers_show(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct store_db *db;
	struct numbers_ask p = { .who = who };
	json_t *o;
	enum co_rc rc;

	(void)arg;
	TRY(period_given(in, &p, err));
	TRY(store_reader(x->store, &db, err));
	if (!json_is_boolean(json_object_get(in, "incoming")))
		TRY(numbers_side(db, &p, &p.incoming, err));
	o = json_pack("{s:o,s:o,s:b,s:s}", "from", month_json(p.from), "to", month_json(p.to),
		"incoming", (int)p.incoming, "exact",
		"Counts are exact; medians and p90 are read from steps of 9 %.");
	rc = numbers_fill(db, &p, o, err);
	if (rc == CO_OK)
		rc = now_fill(db, &p, o, err);
	if (rc == CO_OK)
		rc = note_fill(db, numbers_whole(who), o, err);
	(void)json_object_set_new(o, "whole", json_boolean(numbers_whole(who)));
	if (rc == CO_OK)
		return out_give(o, out, err);
	json_decref(o);
	return rc;
}
