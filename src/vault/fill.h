/* State of one exhibit being received; shared by the files fill*.c only.
 * Chunks are counted from 0; a group is 16 chunks, the unit of writing, caching and hashing. */
#pragma once

#include "vault/inside.h"

#include <pthread.h>

enum {
	FILL_GROUP = 16,
	FILL_GROUP_PLAIN = FILL_GROUP * CHUNKED_PLAIN,
	FILL_GROUP_SEALED = FILL_GROUP * CHUNKED_CIPHER,
	FILL_SLOTS = 64,               /* groups of plaintext kept for the digest thread: 16 MiB */
	FILL_FLUSH = 32 * 1024 * 1024, /* bytes after which the disk is set to work */
	FILL_MAP_HEAD = 16             /* of <id>.map: magic, sealed size; then one bit a chunk */
};

struct fill_range {
	bool used;
	uint64_t first, last; /* chunks; last is not in it */
	uint64_t from;        /* byte offset as handed out */
	uint64_t at;          /* where the next bytes belong; lock held */
	/* Below: only the thread that adds to this range. */
	uint64_t pos;       /* as at, inside one call */
	uint64_t done;      /* chunks below this one are written */
	uint64_t verified;  /* chunks below this one are authentic and in buf */
	size_t have;        /* bytes in buf, from chunk `done` on */
	bool cached;        /* content of done.. is in the cache, so far without a gap */
	unsigned char *buf; /* a group, sealed */
	struct chunked *cipher;
	unsigned char scratch[CHUNKED_PLAIN];
};

struct vault_fill {
	struct vault *v;
	char id[CO_UUID_LEN + 1];
	char part[VAULT_NAME], map[VAULT_NAME];
	unsigned char key[CHUNKED_KEY];
	uint64_t size, chunks, groups;
	int fd, map_fd;
	bool published; /* or removed: nothing is left to keep */

	pthread_mutex_t lock;
	pthread_cond_t moved; /* something below changed */
	unsigned char header[CHUNKED_HEADER];
	struct chunked *cipher; /* NULL until the header is there */
	unsigned char *bits;    /* landed */
	unsigned char *old;     /* landed in an earlier attempt, not yet authenticated again */
	uint64_t landed, landed_bytes, unflushed;
	uint64_t hint; /* no missing chunk lies below */
	struct fill_range ranges[VAULT_FILL_RANGES];

	/* The digest threads. A slot g % FILL_SLOTS belongs to group g while plain_at <= g <
	 * plain_at + FILL_SLOTS; cached has a bit for each chunk in it. */
	unsigned char *cache;
	uint16_t cached[FILL_SLOTS];
	uint64_t plain_at, sealed_at; /* groups hashed */
	struct digest *plain, *sealed;
	pthread_t threads[2];
	size_t threads_n;
	bool stop;
	struct co_err err; /* of a digest thread */
};

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

/* fill_map.c. Lock held, or no thread yet. */
enum co_rc fill_map_write(
	struct vault_fill *f, uint64_t from, uint64_t to, struct co_err *err) CO_NODISCARD;
/* Takes over what an earlier attempt left, or starts both files anew. */
enum co_rc fill_map_load(struct vault_fill *f, struct co_err *err) CO_NODISCARD;

/* fill_digest.c */
enum co_rc fill_digest_start(struct vault_fill *f, struct co_err *err) CO_NODISCARD;
void fill_digest_stop(struct vault_fill *f);
/* Waits until both threads are at the end. CO_EBUSY: chunks are missing. */
enum co_rc fill_digest_wait(struct vault_fill *f, struct co_err *err) CO_NODISCARD;
