/* Walking what holds some words, from the latest record back, some blocks of numbers after others.
 * Words that many records have, but no record has together, give no row however long the index is
 * read; so a walk that has found nothing for so much work ends where it is, and says where. Must
 * never end early for what the officer may not see: only reading that gave no row counts. The index
 * is FTS5's; what the blocks are is told in schema/020_walks.sql. */
#pragma once

#include "base/buf.h"
#include "exchange/search.h"

/* The blocks that a record is in, as words of the index. */
enum { SEARCH_BLOCKS_LEN = 96 };
void search_blocks(int64_t seq, char out[SEARCH_BLOCKS_LEN]);

/* Opens the rows of w->match with above < seq < before, the latest first; column 0 is seq. */
struct search_walk;
typedef enum co_rc search_open(const struct search_walk *w, struct store_db *db, int64_t before,
	int64_t above, struct store_stmt **out, struct co_err *err);

struct search_walk {
	search_open *open;
	const void *arg;
	const char *expression; /* of search_words */
	int64_t before, above;  /* as open has them; before goes down */
	struct store_stmt *st;  /* stands at the row given last */
	/* private */
	struct co_buf match; /* the expression, in some blocks alone */
	int64_t low, begin_us, spent_us, budget_us;
	unsigned level, given;
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
