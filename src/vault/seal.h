/* State of one sealing; shared by seal.c, which makes it, and resume.c, which goes on with it after
 * a stop. Never used by another file. */
#pragma once

#include "vault/coding.h"
#include "vault/inside.h"
#include "vault/pipe.h"

enum {
	/* Chunks that a block and what was left of the one before can fill. */
	BLOCK_CHUNKS = (CODING_PACKED + CHUNKED_PLAIN) / CHUNKED_PLAIN + 1,
	BLOCK_SEALED = BLOCK_CHUNKS * CHUNKED_CIPHER,
	PACKERS_MAX = PIPE_WIDTH
};

struct block {
	unsigned char *plain, *packed, *sealed; /* packed NULL: not compressed */
	size_t plain_n, packed_n, sealed_n;
	struct pack *pack; /* one a slot: no two threads have the same slot */
};

struct vault_seal {
	struct vault *v;
	char id[CO_UUID_LEN + 1];
	char name[VAULT_NAME]; /* "" once it is published */
	bool stays;            /* what is there survives vault_seal_free, and a stop */
	struct vault_how how;
	int fd;
	struct pipe *pipe;
	struct block blocks[VAULT_SLOTS];
	struct block *now; /* being filled; NULL: claim one */
	bool ended;
	struct vault_sums sums;
	struct digest *plain[DIGEST_N], *sealed256; /* of plain those that were asked for */
	/* The encrypting stage's: */
	struct chunked *cipher;
	uint64_t chunk;
	unsigned char carry[CHUNKED_PLAIN]; /* less than a chunk, of the block before */
	size_t carry_n;
	struct seek_table table;
	/* After a stop: what must come again before anything new is written; more bytes of it that
	 * are not here (the seek table). */
	unsigned char *expect;
	size_t expect_n, expect_at;
	uint64_t expect_more;
	uint64_t written, flushed; /* bytes; what was given to the disk by sync_file_range */
};

/* Memory and digests, nothing on disk yet. */
enum co_rc seal_new(struct vault_seal **out, struct vault *v, const char *id,
	const struct vault_how *how, struct co_err *err) CO_NODISCARD;
/* The threads; cipher, digests and the file stand where the content goes on. */
enum co_rc seal_start(struct vault_seal *s, struct co_err *err) CO_NODISCARD;
/* Ends the digests. */
void seal_sums(struct vault_seal *s, struct vault_sums *sums);
