/* Who reads numbers is told of what they may see: the sums of their unit, and, computed from the
 * requests themselves, those of cases that name them. So a case that is closed to others is in no
 * number of theirs. The same computation takes a case's counts along when it gets another unit. */
#include "exchange/numbers.h"

#include "exchange/inside.h"
#include "exchange/sight.h"

static const struct {
	const char *by;
	size_t at; /* member of keys, below */
} times_by[] = { { "all", 0 }, { "partner", 1 }, { "measure", 2 }, { "hour", 3 } };

void
numbers_one_read(struct numbers_one *o, struct store_stmt *st)
{
	*o = (struct numbers_one){ .sum = { .partner = store_text(st, 0),
				   .measure = store_text(st, 1),
				   .urgency = store_text(st, 2) },
		.asked_us = store_int(st, 3),
		.acked_us = store_int(st, 4),
		.done_us = store_int(st, 5),
		.outcome = store_text(st, 6),
		.ground = store_text(st, 7),
		.preserved_us = store_int(st, 8),
		.incoming = store_int(st, 9) != 0 };
}

static enum co_rc
one_sum(const struct numbers_one *o, const char *what, const char *ground, int64_t took_us,
	numbers_sum_call *call, void *arg, struct co_err *err)
{
	struct numbers_sum s = o->sum;

	s.what = what;
	s.ground = ground;
	s.n = 1;
	s.seconds = took_us / 1000000;
	return call(arg, &s, err);
}

/* What numbers_asked and numbers_moved have added for it. */
enum co_rc
numbers_one_sums(const struct numbers_one *o, numbers_sum_call *call, void *arg, struct co_err *err)
{
	bool other = states_sort(o->sum.measure, false) == SORT_OTHER;

	TRY(one_sum(o, "asked", "", 0, call, arg, err));
	if (o->acked_us != 0)
		TRY(one_sum(o, "acknowledged", "", o->acked_us - o->asked_us, call, arg, err));
	if (o->outcome[0] != '\0')
		TRY(one_sum(o, o->outcome, o->ground,
			o->done_us == 0 ? 0 : o->done_us - o->asked_us, call, arg, err));
	if (!other || o->done_us == 0 || o->preserved_us == 0 || o->preserved_us > o->done_us)
		return CO_OK;
	return one_sum(
		o, "after-preservation", "", o->done_us - o->preserved_us, call, arg, err);
}

static enum co_rc
one_time(const struct numbers_one *o, const char *what, int64_t took_us, numbers_time_call *call,
	void *arg, struct co_err *err)
{
	char hour[8];
	const char *const keys[] = { "", o->sum.partner, o->sum.measure, hour };

	(void)snprintf(hour, sizeof(hour), "%02d", (int)(o->asked_us / 3600000000LL % 24));
	for (size_t i = 0; i < CO_ARRAY_LEN(times_by); i++) {
		const struct numbers_time t = { .what = what,
			.by = times_by[i].by,
			.key = keys[times_by[i].at],
			.step = numbers_step(took_us),
			.n = 1 };

		TRY(call(arg, &t, err));
	}
	return CO_OK;
}

enum co_rc
numbers_one_times(const struct numbers_one *o, numbers_time_call *call, void *arg,
	struct co_err *err)
{
	if (o->acked_us != 0)
		TRY(one_time(o, "acknowledged", o->acked_us - o->asked_us, call, arg, err));
	if (o->done_us != 0)
		TRY(one_time(o, "fulfilled", o->done_us - o->asked_us, call, arg, err));
	return CO_OK;
}

/* ---- reading ---- */

bool
numbers_whole(const struct officer *who)
{
	return strcmp(who->role, "auditor") == 0 || strcmp(who->role, "administrator") == 0;
}

static enum co_rc
sums_give(struct store_stmt *st, numbers_sum_call *call, void *arg, struct co_err *err)
{
	bool row;

	for (;;) {
		struct numbers_sum s;

		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		s = (struct numbers_sum){ store_text(st, 0), store_text(st, 1), store_text(st, 2),
			store_text(st, 3), store_text(st, 4), store_int(st, 5), store_int(st, 6) };
		TRY(call(arg, &s, err));
	}
}

enum co_rc
numbers_sums(struct store_db *db, const struct numbers_ask *a, numbers_sum_call *call, void *arg,
	struct co_err *err)
{
	const char *unit = numbers_whole(a->who) ? "" : a->who->unit;
	store_stmt_auto *st = NULL;
	store_stmt_auto *named = NULL;

	TRY(store_query(db, Q_NUMBER_SUMS, &st, err, "iiitt", a->from, a->to, (int64_t)a->incoming,
		unit, unit));
	TRY(sums_give(st, call, arg, err));
	if (unit[0] == '\0')
		return CO_OK;
	TRY(store_query(db, Q_NAMED_NUMBER_SUMS, &named, err, "tiiit", a->who->name,
		(int64_t)a->incoming, a->from, a->to, unit));
	return sums_give(named, call, arg, err);
}

enum co_rc
numbers_side(
	struct store_db *db, const struct numbers_ask *a, bool *incoming, struct co_err *err)
{
	const char *unit = numbers_whole(a->who) ? "" : a->who->unit;
	store_stmt_auto *st = NULL;
	int64_t n[2] = { 0, 0 };
	bool row;

	TRY(store_query(db, Q_NUMBER_SIDES, &st, err, "iitt", a->from, a->to, unit, unit));
	for (;;) {
		TRY(store_step(st, &row, err));
		if (!row)
			break;
		n[store_int(st, 0) != 0] += store_int(st, 1);
	}
	*incoming = n[1] > n[0];
	return CO_OK;
}

/* One distribution over months and units; what was taken back leaves no trace. */
struct spread {
	char what[24], by[16], key[LIMIT_ADDRESS + 1];
	int64_t steps[NUMBERS_STEPS];
};

static enum co_rc
spread_give(const struct spread *s, numbers_time_call *call, void *arg, struct co_err *err)
{
	for (unsigned i = 0; i < NUMBERS_STEPS; i++) {
		const struct numbers_time t = { s->what, s->by, s->key, i, s->steps[i] };

		if (t.n != 0)
			TRY(call(arg, &t, err));
	}
	return CO_OK;
}

static enum co_rc
spreads_give(struct store_stmt *st, numbers_time_call *call, void *arg, struct co_err *err)
{
	struct spread s = { .what = "" };
	bool row;

	for (;;) {
		TRY(store_step(st, &row, err));
		if (!row || strcmp(s.what, store_text(st, 0)) != 0 ||
			strcmp(s.by, store_text(st, 1)) != 0 ||
			strcmp(s.key, store_text(st, 2)) != 0) {
			TRY(spread_give(&s, call, arg, err));
			s = (struct spread){ .what = "" };
		}
		if (!row)
			return CO_OK;
		(void)snprintf(s.what, sizeof(s.what), "%s", store_text(st, 0));
		(void)snprintf(s.by, sizeof(s.by), "%s", store_text(st, 1));
		(void)snprintf(s.key, sizeof(s.key), "%s", store_text(st, 2));
		numbers_spread_read(store_text(st, 3), s.steps);
	}
}

enum co_rc
numbers_times(struct store_db *db, const struct numbers_ask *a, numbers_time_call *call, void *arg,
	struct co_err *err)
{
	const char *unit = numbers_whole(a->who) ? "" : a->who->unit;
	store_stmt_auto *st = NULL;
	store_stmt_auto *named = NULL;

	TRY(store_query(db, Q_NUMBER_SPREADS, &st, err, "iiitt", (int64_t)a->incoming, a->from,
		a->to, unit, unit));
	TRY(spreads_give(st, call, arg, err));
	if (unit[0] == '\0')
		return CO_OK;
	TRY(store_query(db, Q_NAMED_SPREADS, &named, err, "tiiit", a->who->name,
		(int64_t)a->incoming, a->from, a->to, unit));
	return spreads_give(named, call, arg, err);
}

/* ---- another unit ---- */

struct booking {
	struct store_db *db;
	const struct numbers_one *one;
	const char *unit;
	int64_t sign;
};

static enum co_rc
book_sum(void *arg, const struct numbers_sum *s, struct co_err *err)
{
	const struct booking *b = arg;

	return store_run(b->db, NULL, Q_NUMBER_ADD, err, "iitttt" "ttii",
		numbers_month(b->one->asked_us), (int64_t)b->one->incoming, b->unit, s->partner,
		s->measure, s->urgency, s->what, s->ground, b->sign * s->n, b->sign * s->seconds);
}

static enum co_rc
book_time(void *arg, const struct numbers_time *t, struct co_err *err)
{
	const struct booking *b = arg;

	struct numbers_time signed_t = *t;

	signed_t.n *= b->sign;
	return numbers_time_add(b->db,
		&(struct numbers_holder){ numbers_month(b->one->asked_us), b->one->incoming,
			b->unit, NULL },
		&signed_t, err);
}

static enum co_rc
book(struct store_db *db, const struct numbers_one *o, const char *unit, int64_t sign,
	struct co_err *err)
{
	struct booking b = { .db = db, .one = o, .unit = unit, .sign = sign };

	TRY(numbers_one_sums(o, book_sum, &b, err));
	return numbers_one_times(o, book_time, &b, err);
}

/* Counted before counts had a unit: a rebuild puts that right, and this too. */
static enum co_rc
uncounted(struct store_db *db, bool *yes, struct co_err *err)
{
	store_stmt_auto *st = NULL;

	TRY(store_query(db, Q_NUMBER_UNITLESS, &st, err, ""));
	return store_step(st, yes, err);
}

enum co_rc
numbers_of_unit(struct store_db *db, const char *case_id, const char *unit, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row, old;

	TRY(uncounted(db, &old, err));
	if (old)
		return CO_OK;
	TRY(store_query(db, Q_NUMBER_OF_CASE, &st, err, "tt", case_id, unit));
	for (;;) {
		struct numbers_one o;

		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		numbers_one_read(&o, st);
		TRY(book(db, &o, store_text(st, 10), -1, err));
		TRY(book(db, &o, unit, 1, err));
	}
}
