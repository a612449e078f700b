/* Inside the room: strict little readers for the text formats. They must never accept two texts
 * for one value. Formats: c2sp.org signed-note, tlog-checkpoint, tlog-proof. */
#pragma once

#include "base/buf.h"

#include <string.h>

struct text_lines {
	const char *p;
	size_t left;
};

/* The next line without its newline; false at the end, or when the rest has no newline. */
static inline bool
text_line(struct text_lines *l, const char **line, size_t *n)
{
	const char *end = l->left == 0 ? NULL : memchr(l->p, '\n', l->left);

	if (end == NULL)
		return false;
	*line = l->p;
	*n = (size_t)(end - l->p);
	l->left -= *n + 1;
	l->p = end + 1;
	return true;
}

/* Cut a buffer back to what it held before a failed series of additions. */
static inline void
text_cut(struct co_buf *b, size_t len)
{
	b->len = len;
	if (b->data != NULL)
		b->data[len] = '\0';
}

/* Well-formed UTF-8 without control characters other than newline (signed-note). */
bool text_plain(const char *s, size_t n);
/* A key's name: 1 to LIMIT_NAME bytes of UTF-8 without Unicode spaces, '+' or controls. */
bool text_name_valid(const char *s, size_t n);
/* No sign, no leading zero, fits 64 bits. */
bool text_decimal(const char *s, size_t n, uint64_t *out);
/* Exactly out_n bytes in strict base64. */
bool text_unbase64(const char *s, size_t n, void *out, size_t out_n);
bool text_lower_hex(const char *s, void *out, size_t n);
