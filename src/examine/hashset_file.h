/* The header and index of a hash set on disk, shared by hashset*.c; nobody else may include it.
 * Format: docs/hashset.md. */
#pragma once

#include "examine/hashset.h"

enum { HASHSET_BITS_MOST = 26 };

/* Bits of a digest's beginning that the index goes by: about eight entries a place. */
unsigned hashset_bits(uint64_t count);
/* Places in the index: one more than beginnings. */
static inline uint64_t
hashset_places(unsigned bits)
{
	return (1ULL << bits) + 1;
}
static inline uint32_t
hashset_place(const unsigned char *digest, unsigned bits)
{
	uint32_t v = (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 |
		(uint32_t)digest[2] << 8 | digest[3];

	return bits == 0 ? 0 : v >> (32 - bits);
}
void hashset_header(const struct hashset_about *a, unsigned char out[HASHSET_HEADER]);
