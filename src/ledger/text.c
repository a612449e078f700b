#include "ledger/text.h"
#include "base/enc.h"
#include "base/limits.h"

/* One code point of well-formed UTF-8 (RFC 3629); 0 when it is not, or is NUL. */
static uint32_t
next_point(const unsigned char *s, size_t n, size_t *used)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	uint32_t c;

	if (len == 0 || len > n || s[0] > 0xf4)
		return 0;
	c = len == 1 ? s[0] : s[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3fu);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*used = len;
	return c;
}

static bool
is_space(uint32_t c)
{
	return c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
		c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

bool
text_plain(const char *s, size_t n)
{
	size_t used = 0;

	for (size_t i = 0; i < n; i += used) {
		uint32_t c = next_point((const unsigned char *)s + i, n - i, &used);

		if (c < 0x20 && c != '\n')
			return false;
	}
	return true;
}

bool
text_name_valid(const char *s, size_t n)
{
	size_t used = 0;

	if (n == 0 || n > LIMIT_NAME)
		return false;
	for (size_t i = 0; i < n; i += used) {
		uint32_t c = next_point((const unsigned char *)s + i, n - i, &used);

		if (c < 0x20 || c == '+' || is_space(c))
			return false;
	}
	return true;
}

bool
text_decimal(const char *s, size_t n, uint64_t *out)
{
	uint64_t v = 0;

	if (n == 0 || (n > 1 && s[0] == '0'))
		return false;
	for (size_t i = 0; i < n; i++) {
		uint64_t d = (uint64_t)(unsigned char)s[i] - '0';

		if (d > 9 || v > (UINT64_MAX - d) / 10)
			return false;
		v = v * 10 + d;
	}
	*out = v;
	return true;
}

bool
text_unbase64(const char *s, size_t n, void *out, size_t out_n)
{
	co_auto_buf b;

	co_buf_init(&b, out_n + 3);
	if (n != (out_n + 2) / 3 * 4 || co_unbase64(s, n, &b, NULL) != CO_OK || b.len != out_n)
		return false;
	memcpy(out, b.data, out_n);
	return true;
}

bool
text_lower_hex(const char *s, void *out, size_t n)
{
	char digits[65];

	if (2 * n >= sizeof(digits))
		return false;
	for (size_t i = 0; i < 2 * n; i++) {
		if (s[i] >= 'A' && s[i] <= 'F')
			return false;
		digits[i] = s[i];
	}
	digits[2 * n] = '\0'; /* s may go on */
	return co_unhex(digits, out, n);
}
