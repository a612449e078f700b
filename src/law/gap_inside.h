/* What the printers of the gap report share: words for cells, groups and status, and the sources
 * that were used. Private to the room. */
#pragma once

#include "law/gap.h"
#include "law/look.h" /* TRY */

enum { GAP_HAS_N = LAW_HAS + 1, GAP_WORDS = 512 };

const struct law_cell *gap_cell(const struct law_gap *g, size_t article, size_t economy);
enum law_certainty gap_certainty(const struct law_fact *f);
/* A text member of the fact's value; "" when there is none. */
const char *gap_member(const struct law_fact *f, const char *name);
/* "Penal Code, 118a"; "" when the fact names no statute. */
void gap_statute(const struct law_fact *f, char out[GAP_WORDS]);
/* "party since 2012-10-01", "not party", "unknown". */
void gap_status(const struct law_fact *f, char out[GAP_WORDS]);
/* One character beside gap_status: never by colour alone. */
const char *gap_status_shape(const struct law_fact *f);
/* The i-th of these marks and what it stands for; false past the last. */
bool gap_status_legend(size_t i, const char **shape, const char **words);
const char *gap_group_title(enum law_group group);
/* Is the article the first of its group? */
bool gap_group_begins(const struct law_gap *g, size_t article);
/* How many articles have each answer, of one economy. */
void gap_counts(const struct law_gap *g, size_t economy, size_t counts[GAP_HAS_N]);
/* v, s, u behind a mark; "" when nothing is known. */
const char *gap_certainty_mark(enum law_certainty c);
/* Back to its length before a failure. */
void gap_cut(struct co_buf *b, size_t len);
/* Sources of the cells and the instrument by key, each once; free() *out. */
enum co_rc gap_sources(const struct law_gap *g, const struct law_source ***out, size_t *n,
	struct co_err *err) CO_NODISCARD;
