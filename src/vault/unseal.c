/* Unsealing: every chunk is authenticated, then decompressed where it was compressed, hashed and
 * handed to the caller in order; reading and both digests run side by side. */
#include "vault/coding.h"
#include "vault/inside.h"

#include "base/enc.h"
#include "base/fs.h"
#include "vault/pipe.h"

#include <string.h>

struct block {
	unsigned char stored[VAULT_BLOCK_PLAIN]; /* what was encrypted */
	unsigned char sealed[VAULT_BLOCK_SEALED];
	size_t stored_n, sealed_n;
};

struct unseal {
	struct block *blocks; /* VAULT_SLOTS of them */
	struct chunked *cipher;
	uint64_t chunk;
	struct digest *plain, *sealed;
	struct unpack *unpack; /* NULL: as it is */
	struct pipe *pipe;
	vault_sink *sink;
	void *sink_arg;
	struct vault_sums sums;
};

static void
unseal_deinit(struct unseal *u)
{
	pipe_free(&u->pipe);
	chunked_free(&u->cipher);
	digest_free(&u->plain);
	digest_free(&u->sealed);
	unpack_free(&u->unpack);
	for (size_t i = 0; u->blocks != NULL && i < VAULT_SLOTS; i++)
		crypto_wipe(u->blocks[i].stored, sizeof(u->blocks[i].stored));
	free(u->blocks);
	u->blocks = NULL;
}
#define unseal_auto CO_CLEANUP(unseal_deinit) struct unseal

/* ---- stages ---- */
static enum co_rc
stage_hash_sealed(void *arg, size_t slot, struct co_err *err)
{
	struct unseal *u = arg;

	(void)err;
	digest_add(u->sealed, u->blocks[slot].sealed, u->blocks[slot].sealed_n);
	return CO_OK;
}

static enum co_rc
stage_decrypt(void *arg, size_t slot, struct co_err *err)
{
	struct unseal *u = arg;
	struct block *b = &u->blocks[slot];
	size_t left = b->sealed_n;

	b->stored_n = 0;
	for (size_t at = 0; left > 0;) {
		size_t n = left < CHUNKED_CIPHER ? left : CHUNKED_CIPHER;

		TRY(chunked_unseal(
			u->cipher, u->chunk++, b->sealed + at, n, b->stored + b->stored_n, err));
		b->stored_n += n - CHUNKED_TAG;
		at += n;
		left -= n;
	}
	u->sums.sealed_size += b->sealed_n;
	return CO_OK;
}

static enum co_rc
stage_hash(void *arg, size_t slot, struct co_err *err)
{
	struct unseal *u = arg;

	(void)err;
	digest_add(u->plain, u->blocks[slot].stored, u->blocks[slot].stored_n);
	u->sums.plain_size += u->blocks[slot].stored_n;
	return CO_OK;
}

static enum co_rc
stage_sink(void *arg, size_t slot, struct co_err *err)
{
	struct unseal *u = arg;
	const struct block *b = &u->blocks[slot];

	if (u->sink == NULL || b->stored_n == 0)
		return CO_OK;
	return u->sink(u->sink_arg, b->stored, b->stored_n, err);
}

static enum co_rc
unpacked(void *arg, const void *p, size_t n, struct co_err *err)
{
	struct unseal *u = arg;

	digest_add(u->plain, p, n);
	u->sums.plain_size += n;
	return u->sink == NULL ? CO_OK : u->sink(u->sink_arg, p, n, err);
}

static enum co_rc
stage_unpack(void *arg, size_t slot, struct co_err *err)
{
	struct unseal *u = arg;
	const struct block *b = &u->blocks[slot];

	return unpack_add(u->unpack, b->stored, b->stored_n, unpacked, u, err);
}

static enum co_rc
unseal_start(struct unseal *u, struct co_err *err)
{
	static const struct pipe_stage as_is[] = { { stage_hash_sealed, PIPE_FEED, 1 },
		{ stage_decrypt, PIPE_FEED, 1 }, { stage_hash, 1, 1 }, { stage_sink, 1, 1 } };
	static const struct pipe_stage coded[] = { { stage_hash_sealed, PIPE_FEED, 1 },
		{ stage_decrypt, PIPE_FEED, 1 }, { stage_unpack, 1, 1 } };

	return pipe_start(&u->pipe, VAULT_SLOTS, u->unpack == NULL ? as_is : coded,
		u->unpack == NULL ? CO_ARRAY_LEN(as_is) : CO_ARRAY_LEN(coded), u, err);
}

/* ---- the file ---- */
/* Reads blocks until the short one that ends a sealed file. */
static enum co_rc
unseal_feed(struct unseal *u, int fd, struct co_err *err)
{
	struct block *b;

	do {
		size_t slot, rest;

		TRY(pipe_claim(u->pipe, &slot, err));
		b = &u->blocks[slot];
		TRY(co_read_full(fd, b->sealed, VAULT_BLOCK_SEALED, &b->sealed_n, err));
		rest = b->sealed_n % CHUNKED_CIPHER;
		if (b->sealed_n < VAULT_BLOCK_SEALED && rest < CHUNKED_TAG)
			return co_fail(err, CO_EVERIFY, "the sealed file is cut short");
		pipe_push(u->pipe);
	} while (b->sealed_n == VAULT_BLOCK_SEALED);
	TRY(pipe_end(u->pipe, err));
	return u->unpack == NULL ? CO_OK : unpack_end(u->unpack, err);
}

static enum co_rc
unseal_begin(struct unseal *u, int fd, const char *id, const unsigned char key[CHUNKED_KEY],
	const struct vault_content *content, struct co_err *err)
{
	size_t got;

	u->blocks = calloc(VAULT_SLOTS, sizeof(*u->blocks));
	if (u->blocks == NULL)
		return co_fail(err, CO_ENOMEM, "blocks for opening");
	TRY(digest_new(&u->plain, DIGEST_SHA256, err));
	TRY(digest_new(&u->sealed, DIGEST_SHA256, err));
	if (content != NULL && content->coding == VAULT_ZSTD)
		TRY(unpack_new(&u->unpack, content->plain_size, err));
	TRY(co_read_full(fd, u->sums.header, CHUNKED_HEADER, &got, err));
	if (got != CHUNKED_HEADER)
		return co_fail(err, CO_EVERIFY, "the sealed file is cut short");
	TRY(chunked_open(&u->cipher, key, id, CO_UUID_LEN, u->sums.header, err));
	digest_add(u->sealed, u->sums.header, CHUNKED_HEADER);
	u->sums.sealed_size = CHUNKED_HEADER;
	return unseal_start(u, err);
}

static void
unseal_sums(struct unseal *u, struct vault_sums *sums)
{
	unsigned char d[SHA256_LEN];

	digest_end(u->plain, d);
	co_hex(d, sizeof(d), u->sums.plain_sha256);
	digest_end(u->sealed, d);
	co_hex(d, sizeof(d), u->sums.sealed_sha256);
	*sums = u->sums;
}

enum co_rc
vault_unseal(int fd, const char *id, const unsigned char key[CHUNKED_KEY],
	const struct vault_content *content, vault_sink *sink, void *arg, struct vault_sums *sums,
	struct co_err *err)
{
	unseal_auto u = { .sink = sink, .sink_arg = arg };

	if (!co_uuid_valid(id))
		return co_fail(err, CO_EUSAGE, "an exhibit's id is a UUID in lower case");
	if (unseal_begin(&u, fd, id, key, content, err) != CO_OK ||
		unseal_feed(&u, fd, err) != CO_OK)
		return co_wrap(err, "exhibit %s", id);
	unseal_sums(&u, sums);
	return CO_OK;
}
