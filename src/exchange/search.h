/* Full-text search over the records of cases. What is searched is a projection in a table of its
 * own, filled by a clerk that follows the records (search_fill): a record that arrives waits for
 * nothing, and is found a moment later. Must never find for an officer what sight.h hides. */
#pragma once

#include "base/limits.h"
#include "exchange/op.h"

/* One batch of the records that are not yet searched. *n: how many it took; 0: none are left. */
enum co_rc search_fill(struct exchange *x, size_t *n, struct co_err *err) CO_NODISCARD;
/* The clerk: a thread that fills while there is something, slowly while records pour in. */
struct searcher;
enum co_rc searcher_open(
	struct searcher **out, struct exchange *x, struct co_err *err) CO_NODISCARD;
void searcher_close(struct searcher **s);

/* In a job: the clerk begins again from the first record. */
enum co_rc search_forget(struct store_db *db, struct co_err *err) CO_NODISCARD;
void search_ops(struct exchange *x);

/* ---- the text; pure ---- */
/* Appends s with letters of scripts that are written without spaces standing alone, parted by
 * U+200B (which the tokenizer takes for a space and nobody sees), and without control characters.
 */
enum co_rc search_part(struct co_buf *out, const char *s, struct co_err *err) CO_NODISCARD;
/* Gives the words that begin so, one a call, as the tokenizer has them; false: no more. */
typedef bool search_terms(void *arg, const char *beginning, size_t i, char out[LIMIT_NAME + 1]);
/* Words of a person as an expression of FTS5: all must be there, each as it begins. Empty when
 * there is no word. A beginning becomes the words that have it: an index over all beginnings would
 * be read whole for each. terms NULL: nobody knows them, and FTS5 is asked. *whole: so many words
 * begin like one of these that only the whole word is looked for. */
enum co_rc search_expression(struct co_buf *out, const char *words, search_terms *terms, void *arg,
	bool *whole, struct co_err *err) CO_NODISCARD;
/* The same with the words that are here. */
enum co_rc search_words(struct store_db *db, struct co_buf *out, const char *words, bool *whole,
	struct co_err *err) CO_NODISCARD;
