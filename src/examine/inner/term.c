#include "examine/inner/term.h"

#include "base/limits_examine.h"

#include <string.h>

static unsigned char
lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/* One character of UTF-8; 0 when it is none. */
static uint32_t
decode(const unsigned char **p)
{
	const unsigned char *s = *p;
	unsigned more = s[0] < 0x80 ? 0
		: s[0] >= 0xc2 && s[0] < 0xe0
		? 1
		: s[0] >= 0xe0 && s[0] < 0xf0 ? 2
		: s[0] >= 0xf0 && s[0] < 0xf5 ? 3
					      : 4;
	uint32_t c = more == 0 ? s[0] : s[0] & (0x3fu >> more);

	if (more == 4)
		return 0;
	for (unsigned i = 1; i <= more; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3fu);
	}
	*p += more + 1;
	return c;
}

static void
unit(struct term *t, uint32_t u)
{
	t->wide[t->wide_n++] = (unsigned char)u;
	t->wide[t->wide_n++] = (unsigned char)(u >> 8);
}

enum co_rc
term_make(struct term *out, const char *text, struct co_err *err)
{
	struct term t = { .narrow_n = strlen(text) };
	const unsigned char *p = (const unsigned char *)text;

	if (t.narrow_n == 0 || t.narrow_n > LIMIT_EXAMINE_TERM)
		return co_fail(err, CO_EUSAGE, "a text to search has 1 to %u bytes",
			LIMIT_EXAMINE_TERM);
	memcpy(t.text, text, t.narrow_n);
	for (size_t i = 0; i < t.narrow_n; i++)
		t.narrow[i] = lower((unsigned char)text[i]);
	while (*p != '\0') {
		uint32_t c = decode(&p);

		if (c == 0 || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
			return co_fail(err, CO_EUSAGE, "a text to search is not UTF-8");
		if (c < 0x80)
			c = lower((unsigned char)c);
		if (c >= 0x10000) {
			unit(&t, 0xd800 + ((c - 0x10000) >> 10));
			unit(&t, 0xdc00 + ((c - 0x10000) & 0x3ff));
		} else {
			unit(&t, c);
		}
	}
	*out = t;
	return CO_OK;
}

static bool
same(const unsigned char *p, const unsigned char *want, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (lower(p[i]) != want[i])
			return false;
	return true;
}

bool
term_search(const struct term *terms, size_t terms_n, const unsigned char *p, size_t n,
	size_t from, size_t to, uint64_t at, term_call *call, void *arg)
{
	bool first[256] = { false };

	for (size_t k = 0; k < terms_n; k++)
		first[terms[k].narrow[0]] = first[terms[k].wide[0]] = true;
	for (size_t i = from; i < to && i < n; i++) {
		unsigned char c = lower(p[i]);

		if (!first[c])
			continue;
		for (size_t k = 0; k < terms_n; k++) {
			const struct term *t = &terms[k];

			if (n - i >= t->narrow_n && same(p + i, t->narrow, t->narrow_n) &&
				!call(arg, t, at + i, false))
				return false;
			if (n - i >= t->wide_n && same(p + i, t->wide, t->wide_n) &&
				!call(arg, t, at + i, true))
				return false;
		}
	}
	return true;
}
