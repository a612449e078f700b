/* Memory that OpenSSL asks for, with a wall behind each piece that is looked at when it is freed.
 * The library is not built with a sanitizer, so what it writes too far shows in no other way.
 * Include in one file of a program, before anything of OpenSSL runs. Must never be part of the
 * node. */
#pragma once

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GUARD_WALL = 256, GUARD_BYTE = 0xee };

struct guard_head {
	size_t n, unused; /* 16 bytes: what follows stays aligned */
};

static void *
guard_malloc(size_t n, const char *file, int line)
{
	struct guard_head *h = malloc(sizeof(*h) + n + GUARD_WALL);

	(void)file;
	(void)line;
	if (n == 0 || h == NULL) {
		free(h);
		return NULL;
	}
	h->n = n;
	memset((unsigned char *)(h + 1) + n, GUARD_BYTE, GUARD_WALL);
	return h + 1;
}

static void
guard_free(void *p, const char *file, int line)
{
	struct guard_head *h = p == NULL ? NULL : (struct guard_head *)p - 1;

	for (size_t i = 0; h != NULL && i < GUARD_WALL; i++) {
		if (((const unsigned char *)p)[h->n + i] == GUARD_BYTE)
			continue;
		(void)fprintf(stderr, "%zu bytes were written to beyond %zu, freed at %s:%d\n",
			h->n, i, file == NULL ? "?" : file, line);
		abort();
	}
	free(h);
}

static void *
guard_realloc(void *p, size_t n, const char *file, int line)
{
	void *to = guard_malloc(n, file, line);
	size_t old = p == NULL ? 0 : ((const struct guard_head *)p - 1)->n;

	if (to != NULL && p != NULL)
		memcpy(to, p, old < n ? old : n);
	if (to != NULL || n == 0)
		guard_free(p, file, line);
	return to;
}

__attribute__((constructor)) static void
guard_begin(void)
{
	if (CRYPTO_set_mem_functions(guard_malloc, guard_realloc, guard_free) != 1)
		abort();
}
