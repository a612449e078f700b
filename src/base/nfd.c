#include "base/nfd.h"

#include "base/enc.h"

#include <stdlib.h>
#include <string.h>

/* Hangul syllables by arithmetic (Unicode 3.12). */
enum { S_BASE = 0xac00, L_BASE = 0x1100, V_BASE = 0x1161, T_BASE = 0x11a7 };
enum { V_COUNT = 21, T_COUNT = 28, S_COUNT = 19 * V_COUNT * T_COUNT };
enum { GROWTH = 4 }; /* letters from one letter, at most (U+1F82) */

static int
pair_order(const void *a, const void *b)
{
	const struct nfd_pair *x = a, *y = b;

	return x->c < y->c ? -1 : x->c > y->c;
}

static int
class_order(const void *a, const void *b)
{
	const struct nfd_class *x = a, *y = b;

	return x->c < y->c ? -1 : x->c > y->c;
}

static size_t
decompose(uint32_t c, uint32_t *out)
{
	const struct nfd_pair key = { c, 0, 0 }, *p;
	size_t n;

	if (c >= S_BASE && c < S_BASE + S_COUNT) {
		uint32_t s = c - S_BASE;

		out[0] = L_BASE + s / (V_COUNT * T_COUNT);
		out[1] = V_BASE + s % (V_COUNT * T_COUNT) / T_COUNT;
		out[2] = T_BASE + s % T_COUNT;
		return s % T_COUNT == 0 ? 2 : 3;
	}
	p = c < 0x80 ? NULL
		     : bsearch(&key, nfd_pairs, nfd_pairs_n, sizeof(*nfd_pairs), pair_order);
	if (p == NULL) {
		out[0] = c;
		return 1;
	}
	n = decompose(p->a, out);
	return p->b == 0 ? n : n + decompose(p->b, out + n);
}

static uint32_t
class_of(uint32_t c)
{
	const struct nfd_class key = { c, 0 };
	const struct nfd_class *k = c < 0x300
		? NULL
		: bsearch(&key, nfd_classes, nfd_classes_n, sizeof(*nfd_classes), class_order);

	return k == NULL ? 0 : k->class;
}

/* Marks of one letter by their classes; equal ones stay as they were. */
static void
reorder(uint32_t *c, size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t k = i; k > 0 && class_of(c[k]) != 0 &&
			class_of(c[k - 1]) > class_of(c[k]);
			k--) {
			uint32_t swap = c[k];

			c[k] = c[k - 1];
			c[k - 1] = swap;
		}
}

/* One character of valid UTF-8. */
static uint32_t
next(const unsigned char **s)
{
	uint32_t c = *(*s)++;
	unsigned more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

	c = more == 0 ? c : c & (0x3fu >> more);
	while (more-- > 0)
		c = c << 6 | (*(*s)++ & 0x3fu);
	return c;
}

static char *
put(char *to, uint32_t c)
{
	if (c < 0x80) {
		*to++ = (char)c;
		return to;
	}
	if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
	} else if (c < 0x10000) {
		*to++ = (char)(0xe0 | c >> 12);
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
	} else {
		*to++ = (char)(0xf0 | c >> 18);
		*to++ = (char)(0x80 | (c >> 12 & 0x3f));
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*to++ = (char)(0x80 | (c & 0x3f));
	return to;
}

char *
co_nfd(const char *s)
{
	size_t n = strlen(s), letters = 0;
	uint32_t *c;
	char *out, *to;

	if (!co_utf8_valid(s))
		return strdup(s);
	c = calloc(n * GROWTH + 1, sizeof(*c));
	out = malloc(n * GROWTH * 4 + 1);
	for (const unsigned char *at = (const unsigned char *)s;
		c != NULL && out != NULL && *at != '\0';)
		letters += decompose(next(&at), c + letters);
	to = out;
	if (c != NULL && out != NULL) {
		reorder(c, letters);
		for (size_t i = 0; i < letters; i++)
			to = put(to, c[i]);
		*to = '\0';
	} else {
		free(out);
		out = NULL;
	}
	free(c);
	return out;
}
