/* The gap report: what an economy has and lacks against an instrument, article by article;
 * matrices, side-by-sides and the legislator's checklist. Pure; printing is to a buffer. Must never
 * count "unknown" as "lacks", nor a signature under a treaty as a law at home. */
#pragma once

#include "law/instrument.h"

enum law_has { LAW_HAS_UNKNOWN, LAW_HAS_NOT, LAW_HAS_PARTLY, LAW_HAS };
const char *law_has_name(enum law_has h);  /* "unknown", "no", "partly", "yes" */
const char *law_has_shape(enum law_has h); /* "?", "✗", "◐", "✓": never by colour alone */

struct law_cell {
	enum law_has has;
	const struct law_fact *fact; /* or NULL */
};

/* Articles by group, then in the instrument's order, those with something to look up; economies as
 * given. Being bound by the instrument stands apart from having the law. */
struct law_gap {
	const struct law_instrument *instrument;
	const struct law_article **articles;
	size_t articles_n;
	const struct law_economy **economies;
	size_t economies_n;
	struct law_cell *cells;         /* [article * economies_n + economy] */
	const struct law_fact **status; /* [economy]: status/INSTRUMENT, or NULL */
	law_day at, known;
};
/* codes_n 0: every economy. CO_ENOTFOUND names an unknown economy or instrument. */
enum co_rc law_gap_make(const struct law_book *b, const char *instrument, const char *const *codes,
	size_t codes_n, law_day at, law_day known, struct law_gap **out,
	struct co_err *err) CO_NODISCARD;
void law_gap_free(struct law_gap **g);
#define law_gap_auto CO_CLEANUP(law_gap_free) struct law_gap

enum co_rc law_gap_json(const struct law_gap *g, json_t **out, struct co_err *err) CO_NODISCARD;
/* RFC 4180; a row for each cell. What a spreadsheet would take for a formula is text. */
enum co_rc law_gap_csv(
	const struct law_gap *g, struct co_buf *out, struct co_err *err) CO_NODISCARD;
/* One page without script or outside parts: matrix, legend, a checklist for each economy by group
 * with art. 15 as a row of its own, sources. */
enum co_rc law_gap_html(
	const struct law_gap *g, struct co_buf *out, struct co_err *err) CO_NODISCARD;
/* For a terminal width columns wide: one economy as the legislator's checklist, two side by side,
 * more as a matrix. */
enum co_rc law_gap_text(const struct law_gap *g, unsigned width, struct co_buf *out,
	struct co_err *err) CO_NODISCARD;
