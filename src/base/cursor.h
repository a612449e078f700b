/* Bounded reader over bytes from outside (house rule 7): big-endian, sticky failure.
 * After the last read check cur.bad once; a failed read returns 0 or NULL. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct co_cursor {
	const unsigned char *p;
	size_t left;
	bool bad;
};

static inline struct co_cursor
co_cursor(const void *p, size_t n)
{
	return (struct co_cursor){ p, n, false };
}

static inline const void *
co_cur_bytes(struct co_cursor *c, size_t n)
{
	const unsigned char *at = c->p;

	if (c->bad || n > c->left) {
		c->bad = true;
		return NULL;
	}
	c->p += n;
	c->left -= n;
	return at;
}

/* These very bytes come next. */
static inline bool
co_cur_is(struct co_cursor *c, const char *text)
{
	size_t n = strlen(text);
	const void *p = co_cur_bytes(c, n);

	if (p == NULL || memcmp(p, text, n) != 0)
		c->bad = true;
	return !c->bad;
}

static inline uint8_t
co_cur_u8(struct co_cursor *c)
{
	const unsigned char *p = co_cur_bytes(c, 1);

	return p == NULL ? 0 : p[0];
}

static inline uint32_t
co_cur_u32(struct co_cursor *c)
{
	const unsigned char *p = co_cur_bytes(c, 4);

	if (p == NULL)
		return 0;
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t
co_cur_u64(struct co_cursor *c)
{
	uint64_t hi = co_cur_u32(c);

	return hi << 32 | co_cur_u32(c);
}

/* n bytes, at most 8, of a format that is little-endian; the caller has checked that they are
 * there.
 */
static inline uint64_t
co_le(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = n; i > 0; i--)
		v = v << 8 | p[i - 1];
	return v;
}
