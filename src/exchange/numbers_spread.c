/* Distributions as they are stored: steps of one month and key in one text. */
#include "exchange/numbers.h"

#include "exchange/inside.h"

#include <assert.h>

void
numbers_spread_read(const char *steps, int64_t into[NUMBERS_STEPS])
{
	while (*steps != '\0') {
		char *end;
		unsigned long step = strtoul(steps, &end, 10);
		long long n;

		if (*end != ':')
			return;
		n = strtoll(end + 1, &end, 10);
		if (step < NUMBERS_STEPS)
			into[step] += n;
		steps = end + strspn(end, " ");
	}
}

enum co_rc
numbers_spread_print(const int64_t steps[NUMBERS_STEPS], struct co_buf *out, struct co_err *err)
{
	TRY(co_buf_add_str(out, "", err));
	for (unsigned i = 0; i < NUMBERS_STEPS; i++)
		if (steps[i] != 0)
			TRY(co_buf_addf(out, err, "%s%u:%lld", out->len == 0 ? "" : " ", i,
				(long long)steps[i]));
	return CO_OK;
}

enum co_rc
numbers_time_add(struct store_db *db, const struct numbers_holder *of,
	const struct numbers_time *t, struct co_err *err)
{
	int64_t in = of->incoming, steps[NUMBERS_STEPS] = { 0 };
	store_stmt_auto *st = NULL;
	co_auto_buf text;
	bool row;

	co_buf_init(&text, NUMBERS_STEPS * 32);
	assert(t->step >= 0 && t->step < NUMBERS_STEPS);
	if (of->officer == NULL)
		TRY(store_query(db, Q_NUMBER_SPREAD_GET, &st, err, "itttit", in, t->what, t->by,
			t->key, of->month, of->unit));
	else
		TRY(store_query(db, Q_NAMED_SPREAD_GET, &st, err, "itttitt", in, t->what, t->by,
			t->key, of->month, of->unit, of->officer));
	TRY(store_step(st, &row, err));
	if (row)
		numbers_spread_read(store_text(st, 0), steps);
	store_done(&st);
	steps[t->step] += t->n;
	TRY(numbers_spread_print(steps, &text, err));
	if (of->officer == NULL)
		return store_run(db, NULL, Q_NUMBER_SPREAD_PUT, err, "itttitt", in, t->what, t->by,
			t->key, of->month, of->unit, text.data);
	return store_run(db, NULL, Q_NAMED_SPREAD_PUT, err,
		"itttitt"
		"t",
		in, t->what, t->by, t->key, of->month, of->unit, of->officer, text.data);
}
