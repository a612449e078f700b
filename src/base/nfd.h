/* Canonical decomposition of names (Unicode, UAX 15: NFD): two names that look the same and differ
 * in how letters are put together have one. For comparing only; nothing is ever renamed to it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* A fresh string (free()); NULL when memory is out. What is no UTF-8 comes back as it is. */
char *co_nfd(const char *s);

/* ---- the tables, made at build time by tools/unicode.py; in order of c ---- */
struct nfd_pair {
	uint32_t c, a, b; /* b 0: a alone */
};
struct nfd_class {
	uint32_t c, class;
};
extern const struct nfd_pair nfd_pairs[];
extern const struct nfd_class nfd_classes[];
extern const size_t nfd_pairs_n, nfd_classes_n;
