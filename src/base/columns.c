#include "base/columns.h"

#include <string.h>

enum { CELLS_MAX = 8 };

/* The character at s and its bytes; a byte that begins none stands for itself. */
static uint32_t
character(const char *s, size_t *n)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t more = p[0] >= 0xf0 ? 3 : p[0] >= 0xe0 ? 2 : p[0] >= 0xc0 ? 1 : 0;
	uint32_t c = more == 0 ? p[0] : p[0] & (0x3fu >> more);

	*n = 1;
	for (size_t i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return p[0];
		c = c << 6 | (p[i] & 0x3f);
	}
	*n = more + 1;
	return c;
}

/* Ranges that take no column or two; ascending. */
static const struct {
	uint32_t from, to;
	unsigned columns;
} wide[] = {
	{ 0x0300, 0x036f, 0 },
	{ 0x0591, 0x05bd, 0 },
	{ 0x064b, 0x065f, 0 },
	{ 0x0e31, 0x0e31, 0 },
	{ 0x0e34, 0x0e3a, 0 },
	{ 0x0e47, 0x0e4e, 0 },
	{ 0x1100, 0x115f, 2 },
	{ 0x200b, 0x200f, 0 },
	{ 0x202a, 0x202e, 0 },
	{ 0x2066, 0x2069, 0 },
	{ 0x2e80, 0xa4cf, 2 },
	{ 0xac00, 0xd7a3, 2 },
	{ 0xf900, 0xfaff, 2 },
	{ 0xfe00, 0xfe0f, 0 },
	{ 0xfe30, 0xfe6f, 2 },
	{ 0xff00, 0xff60, 2 },
	{ 0x1f300, 0x1faff, 2 },
	{ 0x20000, 0x3fffd, 2 },
};

static unsigned
columns_of(uint32_t c)
{
	if (c < 0x300)
		return 1;
	for (size_t i = 0; i < CO_ARRAY_LEN(wide) && wide[i].from <= c; i++)
		if (c <= wide[i].to)
			return wide[i].columns;
	return 1;
}

size_t
co_columns(const char *s, size_t n)
{
	size_t at = 0, one, width = 0;

	while (at < n && s[at] != '\0') {
		width += columns_of(character(s + at, &one));
		at += one;
	}
	return width;
}

size_t
co_columns_break(const char *s, size_t width)
{
	size_t at = 0, one, used = 0, space = 0;

	while (s[at] != '\0' && s[at] != '\n') {
		unsigned w = columns_of(character(s + at, &one));

		if (used + w > width && s[at] != ' ')
			return space != 0 ? space : at != 0 ? at : one;
		if (s[at] == ' ' && at != 0)
			space = at;
		if (used + w > width)
			return space;
		used += w;
		at += one;
	}
	return at;
}

/* Controls, also those of C1, would move the cursor or colour the screen; marks that turn the
 * direction of writing would show another text than is there. */
static bool
is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
		(c >= 0x2066 && c <= 0x2069);
}

static enum co_rc
clean_add(struct co_buf *b, const char *s, size_t n, struct co_err *err)
{
	size_t at = 0, one, from = 0;

	while (at < n) {
		uint32_t c = character(s + at, &one);

		if (is_control(c) || (one == 1 && c >= 0x80)) {
			TRY(co_buf_add(b, s + from, at - from, err));
			if (columns_of(c) != 0)
				TRY(co_buf_add(b, " ", 1, err));
			from = at + one;
		}
		at += one;
	}
	return co_buf_add(b, s + from, n - from, err);
}

static enum co_rc
spaces_add(struct co_buf *b, size_t n, struct co_err *err)
{
	while (n-- > 0)
		TRY(co_buf_add(b, " ", 1, err));
	return CO_OK;
}

/* The next line of each cell; *left tells whether there is more. */
static enum co_rc
line_add(struct co_buf *b, const struct co_column *cells, const char **rest, size_t n, bool *left,
	struct co_err *err)
{
	size_t owed = 0; /* spaces not written yet: none at the end of a line */

	*left = false;
	for (size_t i = 0; i < n; i++) {
		size_t bytes = co_columns_break(rest[i], cells[i].width);
		size_t used = co_columns(rest[i], bytes);

		owed += cells[i].indent;
		if (bytes > 0) {
			TRY(spaces_add(b, owed, err));
			TRY(clean_add(b, rest[i], bytes, err));
			owed = 0;
		}
		owed += cells[i].width > used ? cells[i].width - used : 0;
		rest[i] += bytes;
		if (*rest[i] == '\n')
			rest[i]++;
		while (*rest[i] == ' ')
			rest[i]++;
		*left = *left || *rest[i] != '\0';
	}
	return co_buf_add(b, "\n", 1, err);
}

enum co_rc
co_columns_add(struct co_buf *b, const struct co_column *cells, size_t n, struct co_err *err)
{
	const char *rest[CELLS_MAX];
	bool left = true;

	if (n > CELLS_MAX)
		return co_fail(err, CO_EINTERNAL, "a row of %zu columns", n);
	for (size_t i = 0; i < n; i++)
		rest[i] = cells[i].text == NULL ? "" : cells[i].text;
	while (left)
		TRY(line_add(b, cells, rest, n, &left, err));
	return CO_OK;
}

enum co_rc
co_paragraph_add(struct co_buf *b, const char *first, size_t indent, size_t width, const char *text,
	struct co_err *err)
{
	const struct co_column cells[] = {
		{ .text = first, .width = indent },
		{ .text = text, .width = width > indent + 8 ? width - indent : 8 },
	};

	return co_columns_add(b, cells, 2, err);
}
