/* Where the chunks of an exhibit being received lie, and which are there; shared by fill*.c only.
 * Offsets are those of the sealed file (crypto/chunked.h): the header, then chunks. */
#pragma once

#include "vault/fill.h"

static inline bool
fill_bit(const unsigned char *bits, uint64_t c)
{
	return (bits[c / 8] >> (c % 8) & 1) != 0;
}

static inline void
fill_set(unsigned char *bits, uint64_t c, bool on)
{
	unsigned m = 1u << (c % 8);

	bits[c / 8] = (unsigned char)(on ? bits[c / 8] | m : bits[c / 8] & ~m);
}

static inline uint64_t
fill_offset(uint64_t chunk)
{
	return CHUNKED_HEADER + chunk * CHUNKED_CIPHER;
}

static inline uint64_t
fill_chunk_at(uint64_t offset)
{
	return (offset - CHUNKED_HEADER) / CHUNKED_CIPHER;
}

/* The byte after a chunk. */
static inline uint64_t
fill_end_of(const struct vault_fill *f, uint64_t chunk)
{
	return chunk + 1 >= f->chunks ? f->size : fill_offset(chunk + 1);
}
