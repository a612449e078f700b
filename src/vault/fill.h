/* State of one exhibit being received; shared by the files fill*.c only.
 * Chunks are counted from 0; a group is 16 chunks, the unit of writing, caching and hashing. */
#pragma once

#include "vault/coding.h"
#include "vault/inside.h"

#include <pthread.h>

enum {
	FILL_GROUP = 16,
	FILL_GROUP_PLAIN = FILL_GROUP * CHUNKED_PLAIN,
	FILL_GROUP_SEALED = FILL_GROUP * CHUNKED_CIPHER,
	FILL_SLOTS = 80,               /* groups of plaintext kept for the digest thread: 20 MiB */
	FILL_QUEUE = 8,                /* groups that wait to be written: 2 MiB */
	FILL_WAKE = 4,                 /* groups worth waking the writer for: 1 MiB */
	FILL_PIECES = FILL_QUEUE + VAULT_FILL_RANGES,
	FILL_RANGES = FILL_QUEUE + VAULT_FILL_RANGES, /* with those that wait for the writer */
	FILL_FLUSH = 32 * 1024 * 1024, /* bytes after which the disk is set to work */
	FILL_MAP_HEAD = 16             /* of <id>.map: magic, sealed size; then one bit a chunk */
};

/* Sealed chunks first .. upto of a range, authenticated, from the first byte of buf on. */
struct fill_piece {
	struct fill_range *r;
	uint64_t first, upto;
	bool cached; /* their content is in the cache, without a gap */
	unsigned char buf[FILL_GROUP_SEALED];
};

struct fill_range {
	bool used;
	uint64_t first, last; /* chunks; last is not in it */
	uint64_t from;        /* byte offset as handed out */
	uint64_t at;          /* where the next bytes belong; lock held */
	size_t queued;        /* pieces that the writer has; lock held */
	bool ended;           /* free when the writer has done with it; lock held */
	/* Below: only the thread that adds to this range. */
	uint64_t pos;             /* as at, inside one call */
	size_t have;              /* bytes in the piece */
	struct fill_piece *piece; /* being filled; NULL: claim one */
	struct chunked *cipher;
	unsigned char scratch[CHUNKED_PLAIN];
};

struct vault_fill {
	struct vault *v;
	char id[CO_UUID_LEN + 1];
	char part[VAULT_NAME], map[VAULT_NAME];
	uint64_t size, chunks, groups;
	int fd, map_fd;
	bool published; /* or removed: nothing is left to keep */

	pthread_mutex_t lock;
	pthread_cond_t moved; /* something below changed */
	pthread_cond_t work;  /* the writer's: there is a piece, or the end */
	unsigned char header[CHUNKED_HEADER];
	struct chunked *cipher;
	unsigned char *bits; /* landed */
	unsigned char *old;  /* landed in an earlier attempt, not yet authenticated again */
	uint64_t landed, landed_bytes, unflushed;
	uint64_t hint; /* no missing chunk lies below */
	struct fill_range ranges[FILL_RANGES];

	/* What waits for the writer: a ring. Pieces are made when first needed. */
	struct fill_piece *queue[FILL_QUEUE], *spare[FILL_PIECES];
	uint64_t queue_in, queue_out;
	size_t spare_n;

	/* The digest thread. A slot g % FILL_SLOTS belongs to group g while plain_at <= g <
	 * plain_at + FILL_SLOTS; cached has a bit for each chunk in it. */
	unsigned char *cache;
	uint16_t cached[FILL_SLOTS];
	uint64_t plain_at; /* groups hashed */
	struct digest *plain;
	struct unpack *unpack; /* NULL: the content is as it is */
	pthread_t threads[2];
	size_t threads_n;
	bool stop;
	struct co_err err;       /* of the digest thread */
	struct co_err write_err; /* of the writer, until it was told */
};

/* fill_map.c. Lock held, or no thread yet. */
enum co_rc fill_map_write(
	struct vault_fill *f, uint64_t from, uint64_t to, struct co_err *err) CO_NODISCARD;
/* Takes over what an earlier attempt left, or starts both files anew. */
enum co_rc fill_map_load(struct vault_fill *f, struct co_err *err) CO_NODISCARD;

/* fill_write.c */
/* An empty piece for a range. */
enum co_rc fill_piece_claim(struct vault_fill *f, struct fill_range *r, uint64_t first,
	struct co_err *err) CO_NODISCARD;
/* r->piece goes to the writer; waits while too many do. */
void fill_piece_push(struct vault_fill *f, struct fill_range *r);
/* Nothing more comes for the range: it is free, or will be when the writer has done with it. */
void fill_range_end(struct vault_fill *f, struct fill_range *r);
/* As fill_range_end, early: waits, and keeps the chunks that are whole in r->piece. */
void fill_range_break(struct vault_fill *f, struct fill_range *r);
/* What the writer failed with, once. Lock held. */
enum co_rc fill_write_told(struct vault_fill *f, struct co_err *err) CO_NODISCARD;
void *fill_write_run(void *fill);

/* fill_digest.c */
enum co_rc fill_digest_start(struct vault_fill *f, struct co_err *err) CO_NODISCARD;
void fill_digest_stop(struct vault_fill *f);
/* Waits until the digest is at the end. CO_EBUSY: chunks are missing. */
enum co_rc fill_digest_wait(struct vault_fill *f, struct co_err *err) CO_NODISCARD;
