/* Bytes of a disk: every hit lies in them, is printable, and is found again when they are searched
 * in two windows. */
#include "examine/inner/indicator.h"
#include "examine/inner/term.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

static size_t hits, size;

static bool
hit(void *arg, const struct indicator_hit *h)
{
	(void)arg;
	hits++;
	if (h->at >= size || h->text[0] == '\0' || strlen(h->text) > INDICATOR_MOST)
		abort();
	for (const char *c = h->text; *c != '\0'; c++)
		if (*c < 0x21 || *c > 0x7e)
			abort();
	return true;
}

static bool
match(void *arg, const struct term *t, uint64_t at, bool wide)
{
	(void)arg;
	if (at + (wide ? t->wide_n : t->narrow_n) > size)
		abort();
	return true;
}

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	const unsigned all = (1u << INDICATOR_N) - 1;
	struct term t;
	size_t whole;
	char text[16] = "";

	size = n;
	hits = 0;
	(void)indicator_search(p, n, 0, n, 0, all, hit, NULL);
	whole = hits;
	hits = 0;
	(void)indicator_search(p, n, 0, n / 2, 0, all, hit, NULL);
	(void)indicator_search(p, n, n / 2, n, 0, all, hit, NULL);
	if (hits != whole)
		abort();
	memcpy(text, p, n < 15 ? n : 15);
	if (term_make(&t, text, NULL) == CO_OK)
		(void)term_search(&t, 1, p, n, 0, n, 0, match, NULL);
	return 0;
}
