/* Text in columns for a terminal: how wide a UTF-8 string shows, where it breaks, and rows of
 * wrapped cells. Widths are near enough for Latin, Thai and CJK; a terminal may differ on symbols.
 * Must never let a text move the cursor: controls are shown as spaces. */
#pragma once

#include "base/buf.h"

/* Columns that n bytes of s take; SIZE_MAX: up to its end. */
size_t co_columns(const char *s, size_t n);
/* Bytes of the longest beginning of s that fits width columns, broken at a space where there is
 * one; at least one character, 0 only for "". A newline ends it. */
size_t co_columns_break(const char *s, size_t width);

struct co_column {
	const char *text; /* NULL: nothing */
	size_t width;     /* columns; of the last one: where it breaks */
	size_t indent;    /* columns before it */
};
/* One row: each cell wrapped in its width, cut nowhere, no spaces at the end of a line. */
enum co_rc co_columns_add(
	struct co_buf *b, const struct co_column *cells, size_t n, struct co_err *err) CO_NODISCARD;
/* A paragraph that hangs: first is what stands before its first line, within indent. */
enum co_rc co_paragraph_add(struct co_buf *b, const char *first, size_t indent, size_t width,
	const char *text, struct co_err *err) CO_NODISCARD;
