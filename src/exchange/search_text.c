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

enum {
	BEGINNING_MIN = 3, /* letters; a shorter word is taken whole */
	ENDING_MIN = 2,    /* letters of the last part of a word of several, as CCU-2026-01 */
	TERMS_MAX = 16     /* words that a beginning may become: each is a look into the index */
};

static bool
is_ascii_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* How the last part of a word is looked for: where it begins, and whether as a beginning. */
struct tail {
	size_t at, n;
	bool begins, known; /* known: of ASCII, so that the tokenizer's form is in small letters */
};

static struct tail
tail_of(const char *word, size_t n)
{
	struct tail t = { n, 0, false, true };
	size_t letters = 0;

	while (t.at > 0 && (is_ascii_word(word[t.at - 1])
		|| (unsigned char)word[t.at - 1] >= 0x80)) {
		t.at--;
		t.known = t.known && (unsigned char)word[t.at] < 0x80;
		letters += ((unsigned char)word[t.at] & 0xC0) != 0x80;
	}
	t.n = n - t.at;
	if (t.n > 0 && !t.known) { /* letters that stand alone are whole by themselves */
		size_t from = n;
		unsigned c;

		while (from > t.at && ((unsigned char)word[from - 1] & 0xC0) == 0x80)
			from--;
		from -= from > t.at;
		(void)rune(word + from, &c);
		if (stands_alone(c))
			return t;
	}
	t.begins = letters >= (t.at > 0 ? ENDING_MIN : BEGINNING_MIN);
	return t;
}

static enum co_rc
phrase(struct co_buf *out, const char *word, const char *end, const char *star, struct co_err *err)
{
	TRY(co_buf_add(out, "\"", 1, err));
	TRY(search_part(out, word, err));
	TRY(search_part(out, end, err));
	TRY(co_buf_add(out, "\"", 1, err));
	return co_buf_add_str(out, star, err);
}

struct expand {
	search_terms *terms;
	void *arg;
	bool *whole;
};

/* The phrase with each word that its last part may become, or with it alone. */
static enum co_rc
alternatives(struct co_buf *out, char *word, const struct tail *t, const struct expand *x,
	struct co_err *err)
{
	char beginning[LIMIT_NAME + 1], terms[TERMS_MAX + 1][LIMIT_NAME + 1];
	size_t n = 0;

	for (size_t i = 0; i <= t->n; i++) /* with its end */
		beginning[i] = (char)(word[t->at + i] >= 'A' && word[t->at + i] <= 'Z'
				? word[t->at + i] | 0x20
				: word[t->at + i]);
	while (n <= TERMS_MAX && x->terms(x->arg, beginning, n, terms[n]))
		n++;
	if (n == 0 || n > TERMS_MAX) {
		*x->whole = *x->whole || n > TERMS_MAX;
		return phrase(out, word, "", " ", err);
	}
	word[t->at] = '\0';
	TRY(co_buf_add(out, "(", 1, err));
	for (size_t i = 0; i < n; i++) {
		TRY(co_buf_add_str(out, i == 0 ? "" : " OR ", err));
		TRY(phrase(out, word, terms[i], "", err));
	}
	return co_buf_add_str(out, ") ", err);
}

static enum co_rc
word_add(struct co_buf *out, char *word, size_t n, const struct expand *x, struct co_err *err)
{
	struct tail t = tail_of(word, n);

	if (out->len > 0)
		TRY(co_buf_add_str(out, "AND ", err));
	if (t.begins && t.known && x->terms != NULL)
		return alternatives(out, word, &t, x, err);
	return phrase(out, word, "", t.begins ? "* " : " ", err);
}

enum co_rc
search_expression(struct co_buf *out, const char *words, search_terms *terms, void *arg,
	bool *whole, struct co_err *err)
{
	const struct expand x = { terms, arg, whole };
	char word[LIMIT_NAME + 1];

	*whole = false;
	while (*words != '\0') {
		size_t n = strcspn(words, " \t\r\n\"");

		if (n > LIMIT_NAME)
			return co_fail(
				err, CO_ETOOBIG, "a word is longer than %u bytes", LIMIT_NAME);
		if (says_something(words, n)) {
			memcpy(word, words, n);
			word[n] = '\0';
			TRY(word_add(out, word, n, &x, err));
		}
		words += n + (words[n] != '\0');
	}
	return CO_OK;
}

/* ---- the words that are here ---- */

struct known {
	struct store_db *db;
	char at[LIMIT_NAME + 8], end[LIMIT_NAME + 8];
};

/* One seek for each word: the last one and the least character behind it is where the next
 * begins. */
static bool
known_term(void *arg, const char *beginning, size_t i, char out[LIMIT_NAME + 1])
{
	struct known *k = arg;
	store_stmt_auto *st = NULL;
	bool row;

	if (i == 0) {
		(void)snprintf(k->at, sizeof(k->at), "%s", beginning);
		(void)snprintf(k->end, sizeof(k->end), "%s\xf4\x8f\xbf\xbf", beginning);
	}
	if (store_query(k->db, Q_SEARCH_TERM, &st, NULL, "tt", k->at, k->end) != CO_OK ||
		store_step(st, &row, NULL) != CO_OK || !row)
		return false;
	(void)snprintf(out, LIMIT_NAME + 1, "%s", store_text(st, 0));
	(void)snprintf(k->at, sizeof(k->at), "%s\x01", out);
	return true;
}

enum co_rc
search_words(struct store_db *db, struct co_buf *out, const char *words, bool *whole,
	struct co_err *err)
{
	struct known k = { .db = db };

	return search_expression(out, words, known_term, &k, whole, err);
}
