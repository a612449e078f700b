#include "exchange/search_walk.h"

#include "exchange/inside.h"

#include <string.h>
#include <time.h>

enum {
	FIRST_PART = 16384,    /* records: what is looked at whatever it costs, about 1 ms */
	MORE_PART = 65536,     /* of a walk that goes on */
	FIRST_BUDGET_US = 1000, /* of reading that gives nothing */
	MORE_BUDGET_US = 8000
};

static int64_t
work_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void
search_walk_deinit(struct search_walk *w)
{
	store_done(&w->st);
}

enum co_rc
search_walk_begin(struct search_walk *w, struct store_db *db, bool more, struct co_err *err)
{
	store_stmt_auto *last = NULL;
	bool row;

	TRY(store_query(db, Q_SEARCH_LAST, &last, err, ""));
	TRY(store_step(last, &row, err));
	if (!row || store_int(last, 0) < w->before)
		w->before = row ? store_int(last, 0) + 1 : 1;
	w->part = more ? MORE_PART : FIRST_PART;
	w->budget_us = more ? MORE_BUDGET_US : FIRST_BUDGET_US;
	/* FTS5 reads every word that begins so, however few records are asked for: once. */
	if (strchr(w->expression, '*') != NULL)
		w->part = INT64_MAX;
	return CO_OK;
}

static enum co_rc
part_open(struct search_walk *w, struct store_db *db, struct co_err *err)
{
	w->low = w->before - w->above > w->part ? w->before - 1 - w->part : w->above;
	return w->open(w, db, w->before, w->low, &w->st, err);
}

enum co_rc
search_walk_next(struct search_walk *w, struct store_db *db, struct co_err *err)
{
	while (w->before > w->above + 1) {
		int64_t begin_us, took_us;
		bool row;

		if (w->st == NULL)
			TRY(part_open(w, db, err));
		begin_us = work_us();
		TRY(store_step(w->st, &row, err));
		if (row)
			return CO_OK;
		took_us = work_us() - begin_us;
		store_done(&w->st);
		w->before = w->low + 1;
		w->spent_us += took_us;
		if (w->before <= w->above + 1)
			break;
		/* The next part is twice as long. */
		if (w->spent_us + 2 * took_us > w->budget_us)
			return CO_OK;
		w->part *= 2;
	}
	w->before = 0;
	return CO_OK;
}
