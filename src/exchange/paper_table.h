/* Rows of JSON as a table: on paper in the reader's language, or as CSV (RFC 4180) for a
 * spreadsheet, by the same columns. Must never choose rows, nor say a word of its own. */
#pragma once

#include "exchange/paper_record.h"

enum column_kind {
	COLUMN_CODE, /* a word that the catalogues have */
	COLUMN_NAME,
	COLUMN_YES,
	COLUMN_NUMBER,
	COLUMN_SPAN, /* seconds */
	COLUMN_TIME
};
struct column {
	const char *member; /* of a row; the head of a CSV */
	const char *head;   /* on paper; NULL: only in a CSV */
	enum column_kind kind;
	unsigned weight;
};

/* The rows under their heads; "None." for none. caption "": the heading above says it. */
void table_paper(json_t *paper, const struct paper_reader *r, const char *caption,
	const struct column *columns, size_t n, const json_t *rows);
/* A line of heads, then a line a row. Times and codes as programs read them. */
enum co_rc table_csv(struct co_buf *b, const struct column *columns, size_t n, const json_t *rows,
	struct co_err *err) CO_NODISCARD;
/* One quoted cell, and what comes after it; no spreadsheet runs it. */
enum co_rc csv_text(
	struct co_buf *b, const char *s, const char *after, struct co_err *err) CO_NODISCARD;
