#include "base/limits.h"
#include "exchange/inside.h"
#include "exchange/search.h"

static const char part[] = "\xe2\x80\x8b"; /* U+200B, zero width space */

/* Scripts without spaces between words, as ranges of code points: Thai and Lao; Myanmar; Khmer;
 * radicals to CJK ideographs, kana among them; Hangul; compatibility forms; half width kana; the
 * supplementary ideographs. */
static const struct {
	unsigned from, to;
} unspaced[] = { { 0x0E00, 0x0EFF }, { 0x1000, 0x109F }, { 0x1780, 0x17FF }, { 0x2E80, 0x9FFF },
	{ 0xAC00, 0xD7AF }, { 0xF900, 0xFAFF }, { 0xFF66, 0xFF9F }, { 0x20000, 0x3FFFF } };

static bool
stands_alone(unsigned c)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(unspaced); i++)
		if (c >= unspaced[i].from && c <= unspaced[i].to)
			return true;
	return false;
}

/* Bytes of the character at s, which is UTF-8 (jansson and the web refuse the rest). */
static size_t
rune(const char *s, unsigned *c)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t n = *p < 0x80 ? 1 : *p < 0xE0 ? 2 : *p < 0xF0 ? 3 : 4;

	*c = n == 1 ? *p : *p & (0x7Fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return i; /* not UTF-8 after all: never past the end */
		*c = *c << 6 | (p[i] & 0x3Fu);
	}
	return n;
}

enum co_rc
search_part(struct co_buf *out, const char *s, struct co_err *err)
{
	bool parted = true;

	while (*s != '\0') {
		unsigned c;
		size_t n = rune(s, &c);
		bool alone = stands_alone(c);

		if (c < 0x20 || c == 0x7F)
			TRY(co_buf_add(out, " ", 1, err));
		else if (c != 0x200B) {
			if (alone && !parted)
				TRY(co_buf_add(out, part, 3, err));
			TRY(co_buf_add(out, s, n, err));
			if (alone)
				TRY(co_buf_add(out, part, 3, err));
			parted = alone;
		}
		s += n;
	}
	return CO_OK;
}

/* Something that a tokenizer keeps: a letter or digit of ASCII, or anything beyond it. */
static bool
says_something(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c >= 0x80 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
			return true;
	}
	return false;
}

enum co_rc
search_expression(struct co_buf *out, const char *words, struct co_err *err)
{
	char word[LIMIT_NAME + 1];

	while (*words != '\0') {
		size_t n = strcspn(words, " \t\r\n\"");

		if (n > LIMIT_NAME)
			return co_fail(
				err, CO_ETOOBIG, "a word is longer than %u bytes", LIMIT_NAME);
		if (says_something(words, n)) {
			memcpy(word, words, n);
			word[n] = '\0';
			TRY(co_buf_add(out, "\"", 1, err));
			TRY(search_part(out, word, err));
			TRY(co_buf_add(out, "\"* ", 3, err));
		}
		words += n + (words[n] != '\0');
	}
	return CO_OK;
}
