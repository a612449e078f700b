/* The same counts once more for each officer whom a case names, by officer and unit of the case. So
 * what pages show does not grow slower with the cases that name their reader. What a request counts
 * is taken away before it changes and added after. */
#include "exchange/numbers.h"

#include "exchange/inside.h"

struct booking {
	struct store_db *db;
	const char *officer, *unit;
	const struct numbers_one *one;
	int64_t sign;
};

static enum co_rc
book_sum(void *arg, const struct numbers_sum *s, struct co_err *err)
{
	const struct booking *b = arg;

	return store_run(b->db, NULL, Q_NAMED_NUMBER_ADD, err,
		"tiitttt"
		"ttii",
		b->officer, (int64_t)b->one->incoming, numbers_month(b->one->asked_us), b->unit,
		s->partner, s->measure, s->urgency, s->what, s->ground, b->sign * s->n,
		b->sign * s->seconds);
}

static enum co_rc
book_time(void *arg, const struct numbers_time *t, struct co_err *err)
{
	const struct booking *b = arg;
	const struct numbers_holder of = { numbers_month(b->one->asked_us), b->one->incoming,
		b->unit, b->officer };
	struct numbers_time one = *t;

	one.n *= b->sign;
	return numbers_time_add(b->db, &of, &one, err);
}

/* Each request of st, for each of the officers. */
static enum co_rc
book_all(struct store_db *db, struct store_stmt *st, const json_t *officers, int64_t sign,
	struct co_err *err)
{
	const json_t *officer;
	size_t i;
	bool row;

	for (;;) {
		struct numbers_one one;
		struct booking b = { .db = db, .one = &one, .sign = sign };

		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		numbers_one_read(&one, st);
		b.unit = store_text(st, 10);
		json_array_foreach(officers, i, officer)
		{
			b.officer = json_string_value(officer);
			TRY(numbers_one_sums(&one, book_sum, &b, err));
			TRY(numbers_one_times(&one, book_time, &b, err));
		}
	}
}

static enum co_rc
officers_of(struct store_db *db, const char *case_id, json_t *list, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_CASE_NAMED_OF, &st, err, "t", case_id));
	for (;;) {
		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		if (json_array_append_new(list, json_string(store_text(st, 0))) != 0)
			return co_fail(err, CO_ENOMEM, "numbers");
	}
}

enum co_rc
numbers_named_case(struct store_db *db, const char *case_id, const char *officer, int64_t sign,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;
	json_auto_t *officers = json_array();

	if (officer != NULL)
		(void)json_array_append_new(officers, json_string(officer));
	else
		TRY(officers_of(db, case_id, officers, err));
	if (json_array_size(officers) == 0)
		return CO_OK;
	TRY(store_query(db, Q_NUMBER_OF_CASE, &st, err, "tt", case_id, ""));
	return book_all(db, st, officers, sign, err);
}

enum co_rc
numbers_named_request(struct store_db *db, const struct request_row *q, int64_t sign,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;
	json_auto_t *officers = json_array();

	TRY(officers_of(db, q->case_id, officers, err));
	if (json_array_size(officers) == 0)
		return CO_OK;
	TRY(store_query(db, Q_NUMBER_OF_REQUEST, &st, err, "t", q->id));
	return book_all(db, st, officers, sign, err);
}

/* ---- all of them ---- */

static enum co_rc
named_count_all(struct store_db *db, void *arg, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	(void)arg;
	TRY(store_run(db, NULL, Q_NAMED_NUMBER_WIPE, err, ""));
	TRY(store_run(db, NULL, Q_NAMED_SPREAD_WIPE, err, ""));
	TRY(store_run(db, NULL, Q_NAMED_COUNTED_WIPE, err, ""));
	TRY(store_query(db, Q_NAMED_CASES, &st, err, ""));
	for (;;) {
		TRY(store_step(st, &row, err));
		if (!row)
			break;
		TRY(numbers_named_case(db, store_text(st, 0), NULL, 1, err));
	}
	return store_run(db, NULL, Q_NAMED_COUNTED_PUT, err, "i", co_now_us());
}

enum co_rc
numbers_named_again(struct store_db *db, struct co_err *err)
{
	return named_count_all(db, NULL, err);
}

enum co_rc
numbers_named_begin(struct store *s, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;
	bool counted;

	TRY(store_reader(s, &db, err));
	TRY(store_query(db, Q_NAMED_COUNTED, &st, err, ""));
	TRY(store_step(st, &counted, err));
	store_done(&st);
	return counted ? CO_OK : store_write(s, named_count_all, NULL, err);
}
