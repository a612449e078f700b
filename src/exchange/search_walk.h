/* Walking what holds some words, from the latest record back: a part of the numbers after another,
 * each twice as long. Words that many records have, but no record has together, give no row however
 * long the index reads; so a walk that has found nothing for so much work ends where it is, and
 * says where. Must never end early for what the officer may not see: only reading that gave no row
 * counts. */
#pragma once

#include "exchange/search.h"

/* Opens the rows of records with above < seq < before, the latest first; column 0 is seq. */
struct search_walk;
typedef enum co_rc search_open(const struct search_walk *w, struct store_db *db, int64_t before,
	int64_t above, struct store_stmt **out, struct co_err *err);

struct search_walk {
	search_open *open;
	const void *arg;
	const char *expression; /* of search_words */
	int64_t before, above;  /* as open has them; before goes down */
	int64_t budget_us;      /* of processor time */
	/* private */
	struct store_stmt *st;
	int64_t low, part, spent_us;
};
void search_walk_deinit(struct search_walk *w);
#define search_walk_auto CO_CLEANUP(search_walk_deinit) struct search_walk

/* Sets a walk over at most before > seq > above. more: it goes on for somebody who waits already,
 * and may take longer. */
enum co_rc search_walk_begin(struct search_walk *w, struct store_db *db, bool more,
	struct co_err *err) CO_NODISCARD;
/* The next row, in w->st; NULL there when no more are given: then w->before is where to go on, or
 * 0 when all was looked at. */
enum co_rc search_walk_next(
	struct search_walk *w, struct store_db *db, struct co_err *err) CO_NODISCARD;
