#include "exchange/search_walk.h"

#include "exchange/inside.h"

#include <string.h>
#include <time.h>

/* Blocks of 4,096, 32,768 and 262,144 numbers; the words that stand for them begin with U+E000. */
static const struct {
	const char *word;
	unsigned shift;
	int64_t at_once; /* blocks of a part of the walk */
} levels[] = {
	{ "\xee\x80\x80" "a", 12, 3 },
	{ "\xee\x80\x80" "b", 15, 3 },
	{ "\xee\x80\x80" "c", 18, 6 },
};

enum {
	FIRST_BUDGET_US = 1000, /* of reading that gives nothing; the first blocks are read whatever
				 * they cost */
	MORE_BUDGET_US = 8000,
	MORE_LEVEL = 1,
	MATCH_MAX = LIMIT_TEXT + 256
};

void
search_blocks(int64_t seq, char out[SEARCH_BLOCKS_LEN])
{
	size_t at = 0;

	for (size_t i = 0; i < CO_ARRAY_LEN(levels); i++)
		at += (size_t)snprintf(out + at, SEARCH_BLOCKS_LEN - at, "%s%s%lld",
			i == 0 ? "" : " ", levels[i].word, (long long)(seq >> levels[i].shift));
}

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
	co_buf_deinit(&w->match);
}

enum co_rc
search_walk_begin(struct search_walk *w, struct store_db *db, bool more, struct co_err *err)
{
	store_stmt_auto *last = NULL;
	bool row;

	co_buf_init(&w->match, MATCH_MAX);
	TRY(store_query(db, Q_SEARCH_LAST, &last, err, ""));
	TRY(store_step(last, &row, err));
	if (!row || store_int(last, 0) < w->before)
		w->before = row ? store_int(last, 0) + 1 : 1;
	w->level = more ? MORE_LEVEL : 0;
	w->budget_us = more ? MORE_BUDGET_US : FIRST_BUDGET_US;
	return CO_OK;
}

/* The latest blocks below before. A beginning that FTS5 is asked for (search_expression) is read
 * for all records, however few are wanted: once. */
static enum co_rc
part_open(struct search_walk *w, struct store_db *db, struct co_err *err)
{
	unsigned shift = levels[w->level].shift;
	int64_t top = (w->before - 1) >> shift;
	int64_t n = levels[w->level].at_once, bottom = top >= n ? top - n + 1 : 0;

	co_buf_reset(&w->match);
	w->low = w->above;
	if (strchr(w->expression, '*') == NULL) {
		w->low = w->above > (bottom << shift) - 1 ? w->above : (bottom << shift) - 1;
		for (int64_t i = top; i >= bottom; i--)
			TRY(co_buf_addf(&w->match, err, "%s\"%s%lld\"",
				i == top ? "block : (" : " OR ", levels[w->level].word,
				(long long)i));
		TRY(co_buf_add_str(&w->match, ") AND ", err));
	}
	TRY(co_buf_addf(&w->match, err, "text : (%s)", w->expression));
	return w->open(w, db, w->before, w->low, &w->st, err);
}

enum co_rc
search_walk_next(struct search_walk *w, struct store_db *db, struct co_err *err)
{
	while (w->before > w->above + 1) {
		int64_t took_us, next_us;
		bool row;

		if (w->st == NULL) {
			w->begin_us = work_us();
			w->given = 0;
			TRY(part_open(w, db, err));
		}
		TRY(store_step(w->st, &row, err));
		if (row) {
			/* Not at each: the clock costs as much as a row. */
			if (w->given++ % 64 == 0)
				w->begin_us = work_us();
			return CO_OK;
		}
		took_us = work_us() - w->begin_us;
		store_done(&w->st);
		w->before = w->low + 1;
		w->spent_us += took_us;
		next_us = took_us;
		if (w->level + 1 < CO_ARRAY_LEN(levels)) {
			w->level++;
			next_us *= (levels[w->level].at_once << levels[w->level].shift) /
				(levels[w->level - 1].at_once << levels[w->level - 1].shift);
		}
		if (w->before > w->above + 1 && w->spent_us + next_us > w->budget_us)
			return CO_OK;
	}
	w->before = 0;
	return CO_OK;
}
