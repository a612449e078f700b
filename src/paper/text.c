#include "paper/text.h"

#include <string.h>

/* Shown by their number, from and to. Isolates (U+2066..9) stay: they end with the text, and our
 * own words use them. So do the joiners U+200C and U+200D, without which some scripts break. */
static const struct {
	uint32_t from, to;
} shown[] = {
	{ 0x00, 0x08 },
	{ 0x0b, 0x1f },
	{ 0x7f, 0x9f },
	{ 0x202a, 0x202e },
	{ 0x206a, 0x206f },
	{ 0xfdd0, 0xfdef },
	{ 0xfeff, 0xfeff },
	{ 0xfff0, 0xfffb },
	{ 0xe0000, 0xe0fff },
};

/* Bytes of a character by its first one; 0: none begins so. */
static size_t
bytes_of(unsigned char first)
{
	static const struct {
		unsigned char below;
		size_t n;
	} rows[] = { { 0x80, 1 }, { 0xc2, 0 }, { 0xe0, 2 }, { 0xf0, 3 }, { 0xf5, 4 } };

	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++)
		if (first < rows[i].below)
			return rows[i].n;
	return 0;
}

uint32_t
paper_char(const char *s, size_t n, size_t *len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)s;
	size_t want = n == 0 ? 0 : bytes_of(p[0]);
	uint32_t c;

	*len = 0;
	if (want == 0 || want > n)
		return 0;
	c = want == 1 ? p[0] : p[0] & (0x7fu >> want);
	for (size_t i = 1; i < want; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fu);
	}
	if (c < least[want] || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
		return 0;
	*len = want;
	return c;
}

static bool
is_shown(uint32_t c)
{
	if ((c & 0xfffe) == 0xfffe)
		return true;
	for (size_t i = 0; i < CO_ARRAY_LEN(shown); i++)
		if (c >= shown[i].from && c <= shown[i].to)
			return true;
	return false;
}

static bool
is_line_end(uint32_t c)
{
	return c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

enum co_rc
paper_clean(const char *s, size_t n, struct co_buf *out, struct co_err *err)
{
	size_t plain = 0, i = 0;

	while (i < n) {
		size_t len;
		uint32_t c = paper_char(s + i, n - i, &len);

		if (len != 0 && !is_shown(c) && !is_line_end(c)) {
			i += len;
			continue;
		}
		TRY(co_buf_add(out, s + plain, i - plain, err));
		if (len == 0)
			TRY(co_buf_addf(out, err, "[%02X]", (unsigned)(unsigned char)s[i]));
		else if (!is_line_end(c))
			TRY(co_buf_addf(out, err, "[U+%04X]", (unsigned)c));
		else if (c != '\r' || i + 1 == n || s[i + 1] != '\n')
			TRY(co_buf_add_str(out, "\n", err));
		i += len == 0 ? 1 : len;
		plain = i;
	}
	return co_buf_add(out, s + plain, n - plain, err);
}

bool
paper_is_clean(const char *s)
{
	size_t n = strlen(s), len;

	for (size_t i = 0; i < n; i += len) {
		uint32_t c = paper_char(s + i, n - i, &len);

		if (len == 0 || is_shown(c) || is_line_end(c))
			return false;
	}
	return true;
}
