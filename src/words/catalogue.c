#include "words/catalogue.h"

#include "words/language.h"
#include "words/locale_files.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A compiled catalogue is a .mo file (GNU gettext manual, "The Format of GNU MO Files") in the byte
 * order of the machine that built us; its messages are sorted. The files are part of the program.
 */
enum { MO_COUNT = 2, MO_IDS = 3, MO_TEXTS = 4, LANGUAGE_MAX = 16 };

struct catalogue {
	struct locale_files file;
};

/* So that a pointer to a row of the generated table can be handed out under our name. */
_Static_assert(sizeof(struct catalogue) == sizeof(struct locale_files), "same shape");

static const struct catalogue *
language_find(const char *s, size_t n)
{
	for (const struct locale_files *f = locale_files; f->name != NULL; f++)
		if (strlen(f->name) == n && strncasecmp(f->name, s, n) == 0)
			return (const struct catalogue *)(const void *)f;
	return NULL;
}

/* "fr-CA" is served by fr. */
static const struct catalogue *
range_find(const char *s, size_t n)
{
	size_t base = strcspn(s, "-_");

	if (base > n)
		base = n;
	return language_find(s, base);
}

/* Quality of "..;q=0.8" in thousandths; 1000 when not given, 0 when it is no number from 0 to 1. */
static long
range_quality(const char *s, size_t n)
{
	const char *q = memmem(s, n, "q=", 2);
	double v = q == NULL ? 1 : strtod(q + 2, NULL);

	return v >= 0 && v <= 1 ? (long)(v * 1000) : 0;
}

const struct catalogue *
catalogue_for(const char *accept, const char *fallback)
{
	const struct catalogue *best = NULL;
	long best_q = 0;

	while (accept != NULL && *accept != '\0') {
		size_t n, name;
		const struct catalogue *c;

		accept += strspn(accept, ", \t");
		n = strcspn(accept, ",");
		name = strcspn(accept, ",; \t");
		c = range_find(accept, name);
		if (c != NULL && range_quality(accept, n) > best_q) {
			best = c;
			best_q = range_quality(accept, n);
		}
		accept += n;
	}
	if (best == NULL && fallback != NULL)
		best = range_find(fallback, strcspn(fallback, ","));
	return best == NULL ? language_find("en", 2) : best;
}

enum co_rc
catalogue_known(const char *code, struct co_err *err)
{
	char list[128] = "";
	size_t n = 0;

	if (code == NULL || *code == '\0' || range_find(code, strlen(code)) != NULL)
		return CO_OK;
	for (const struct locale_files *f = locale_files; f->name != NULL && n < sizeof(list); f++)
		n += (size_t)snprintf(
			list + n, sizeof(list) - n, "%s%s", n == 0 ? "" : ", ", f->name);
	return co_fail(err, CO_EUSAGE, "there are no words in \"%.32s\"; languages are %s", code,
		list);
}

const char *
catalogue_language(const struct catalogue *c)
{
	return c == NULL ? "en" : c->file.name;
}

static uint32_t
mo_word(const struct catalogue *c, size_t at)
{
	uint32_t v;

	memcpy(&v, c->file.data + at, sizeof(v));
	return v;
}

/* What stands for english, its forms one after another; NULL when nothing does. */
static const char *
mo_find(const struct catalogue *c, const char *english)
{
	uint32_t low = 0, high;

	/* The empty text is the place of a catalogue's own head (gettext manual, "PO Files"). */
	if (c == NULL || *english == '\0')
		return NULL;
	high = mo_word(c, MO_COUNT * 4);
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		size_t id = mo_word(c, MO_IDS * 4) + 8 * (size_t)mid + 4;
		size_t text = mo_word(c, MO_TEXTS * 4) + 8 * (size_t)mid;
		int cmp = strcmp(english, c->file.data + mo_word(c, id));

		if (cmp == 0)
			return mo_word(c, text) == 0 ? NULL : c->file.data + mo_word(c, text + 4);
		if (cmp < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

const char *
catalogue_text(const struct catalogue *c, const char *english)
{
	const char *text = mo_find(c, english);

	return text == NULL ? english : text;
}

const char *
catalogue_many(const struct catalogue *c, const char *one, const char *many, uint64_t n)
{
	const struct language *l = language_of(catalogue_language(c));
	const char *text = mo_find(c, one);

	if (text == NULL)
		return n == 1 ? one : many;
	for (unsigned i = l->plural(n); i > 0; i--)
		text += strlen(text) + 1;
	return text;
}

size_t
catalogue_fill(const char *text, const char *value, char *out, size_t cap)
{
	size_t before = strcspn(text, "{");
	const char *close = strchr(text + before, '}');
	int n;

	if (close == NULL)
		n = snprintf(out, cap, "%s", text);
	else
		n = snprintf(out, cap, "%.*s%s%s", (int)before, text, value, close + 1);
	return n < 0 ? 0 : (size_t)n < cap ? (size_t)n : cap - 1;
}

bool
catalogue_words(size_t i, const void **p, size_t *n)
{
	for (const struct locale_files *f = locale_files; f->name != NULL; f++, i--)
		if (i == 0) {
			*p = f->data;
			*n = f->n;
			return true;
		}
	return false;
}
