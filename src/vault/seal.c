/* Sealing. The caller's thread reads; content is hashed, compressed, encrypted and written, and the
 * sealed bytes are hashed, each on a thread of its own while a block is in the cache. SHA-256 of
 * the content is the one chain that cannot be cut, so it is the pace of all that has cores
 * enough. */
#include "vault/seal.h"

#include "base/enc.h"
#include "base/fault.h"
#include "base/fs.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

/* ---- stages ---- */
static enum co_rc
hash_plain(struct vault_seal *s, size_t slot, enum digest_kind k)
{
	digest_add(s->plain[k], s->blocks[slot].plain, s->blocks[slot].plain_n);
	return CO_OK;
}

static enum co_rc
stage_sha256(void *arg, size_t slot, struct co_err *err)
{
	(void)err;
	return hash_plain(arg, slot, DIGEST_SHA256);
}

static enum co_rc
stage_sha512(void *arg, size_t slot, struct co_err *err)
{
	(void)err;
	return hash_plain(arg, slot, DIGEST_SHA512);
}

static enum co_rc
stage_sha1(void *arg, size_t slot, struct co_err *err)
{
	(void)err;
	return hash_plain(arg, slot, DIGEST_SHA1);
}

static enum co_rc
stage_md5(void *arg, size_t slot, struct co_err *err)
{
	(void)err;
	return hash_plain(arg, slot, DIGEST_MD5);
}

static pipe_work *const hash_stages[DIGEST_N] = { [DIGEST_SHA256] = stage_sha256,
	[DIGEST_SHA512] = stage_sha512, [DIGEST_SHA1] = stage_sha1, [DIGEST_MD5] = stage_md5 };

static enum co_rc
stage_hash_sealed(void *arg, size_t slot, struct co_err *err)
{
	struct vault_seal *s = arg;

	(void)err;
	digest_add(s->sealed256, s->blocks[slot].sealed, s->blocks[slot].sealed_n);
	return CO_OK;
}

static enum co_rc
stage_pack(void *arg, size_t slot, struct co_err *err)
{
	struct vault_seal *s = arg;
	struct block *b = &s->blocks[slot];

	if (b->pack == NULL)
		TRY(pack_new(&b->pack, err));
	return pack_frame(b->pack, b->plain, b->plain_n, b->packed, &b->packed_n, err);
}

static enum co_rc
chunk_seal(struct vault_seal *s, struct block *b, const void *p, size_t n, struct co_err *err)
{
	TRY(chunked_seal(s->cipher, s->chunk++, p, n, b->sealed + b->sealed_n, err));
	b->sealed_n += n + CHUNKED_TAG;
	return CO_OK;
}

/* What is sealed already from before a stop is compared and passed over. */
static enum co_rc
block_again(struct vault_seal *s, const unsigned char **p, size_t *n, struct co_err *err)
{
	size_t left = s->expect_n - s->expect_at, part = left < *n ? left : *n;

	if (part > 0 && memcmp(s->expect + s->expect_at, *p, part) != 0)
		return co_fail(err, CO_EIO,
			"the source gives other bytes than before the stop, near byte %llu of it "
			"(or another zstd compresses them): it cannot be gone on with; drop it and "
			"start anew",
			(unsigned long long)s->sums.plain_size);
	s->expect_at += part;
	*p += part;
	*n -= part;
	part = s->expect_more < *n ? (size_t)s->expect_more : *n;
	s->expect_more -= part;
	*p += part;
	*n -= part;
	return CO_OK;
}

/* Whole chunks are encrypted into b, the rest waits for what comes next. */
static enum co_rc
block_encrypt(struct vault_seal *s, struct block *b, const unsigned char *p, size_t n,
	struct co_err *err)
{
	b->sealed_n = 0;
	TRY(block_again(s, &p, &n, err));
	while (n > 0) {
		size_t part = CHUNKED_PLAIN - s->carry_n < n ? CHUNKED_PLAIN - s->carry_n : n;

		if (part == CHUNKED_PLAIN) {
			TRY(chunk_seal(s, b, p, part, err));
		} else {
			memcpy(s->carry + s->carry_n, p, part);
			s->carry_n += part;
		}
		if (s->carry_n == CHUNKED_PLAIN) {
			TRY(chunk_seal(s, b, s->carry, CHUNKED_PLAIN, err));
			s->carry_n = 0;
		}
		p += part;
		n -= part;
	}
	return CO_OK;
}

static enum co_rc
block_write(struct vault_seal *s, const struct block *b, struct co_err *err)
{
	enum { FLUSH = 32 * 1024 * 1024 };

	if (co_fault_hit("vault.seal-write"))
		return co_fail(err, CO_ENOSPACE, "write: no space left (fault)");
	TRY(co_write_all(s->fd, b->sealed, b->sealed_n, err));
	s->written += b->sealed_n;
	/* Keep the disk busy from the start, so that the last fsync is short. */
	if (s->written - s->flushed >= FLUSH) {
		(void)sync_file_range(s->fd, (off_t)s->flushed, (off_t)(s->written - s->flushed),
			SYNC_FILE_RANGE_WRITE);
		s->flushed = s->written;
	}
	return CO_OK;
}

static enum co_rc
stage_encrypt(void *arg, size_t slot, struct co_err *err)
{
	struct vault_seal *s = arg;
	struct block *b = &s->blocks[slot];
	bool coded = s->how.coding != VAULT_AS_IS;

	s->sums.plain_size += b->plain_n;
	if (coded)
		TRY(seek_add(&s->table, b->packed_n, b->plain_n, err));
	TRY(block_encrypt(
		s, b, coded ? b->packed : b->plain, coded ? b->packed_n : b->plain_n, err));
	return block_write(s, b, err);
}

/* Compression on as many threads as leave a core for the digest. */
static unsigned
packers(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return cores <= 2 ? 1u : cores - 1 < PACKERS_MAX ? (unsigned)cores - 1 : PACKERS_MAX;
}

enum co_rc
seal_start(struct vault_seal *s, struct co_err *err)
{
	struct pipe_stage stages[PIPE_STAGES] = { { stage_sha256, PIPE_FEED, 1 } };
	size_t n = 1;
	int ready = PIPE_FEED;

	if (s->how.coding != VAULT_AS_IS) {
		ready = (int)n;
		stages[n++] = (struct pipe_stage){ stage_pack, PIPE_FEED, packers() };
	}
	stages[n] = (struct pipe_stage){ stage_encrypt, ready, 1 };
	stages[n + 1] = (struct pipe_stage){ stage_hash_sealed, (int)n, 1 };
	n += 2;
	for (int k = DIGEST_SHA256 + 1; k < DIGEST_N; k++)
		if (s->how.also[k])
			stages[n++] = (struct pipe_stage){ hash_stages[k], PIPE_FEED, 1 };
	return pipe_start(&s->pipe, VAULT_SLOTS, stages, n, s, err);
}

/* ---- beginning ---- */
static enum co_rc
seal_memory(struct vault_seal *s, struct co_err *err)
{
	bool coded = s->how.coding != VAULT_AS_IS;

	for (size_t i = 0; i < VAULT_SLOTS; i++) {
		struct block *b = &s->blocks[i];

		b->plain = malloc(VAULT_BLOCK_PLAIN);
		b->packed = coded ? malloc(CODING_PACKED) : NULL;
		b->sealed = malloc(BLOCK_SEALED);
		if (b->plain == NULL || b->sealed == NULL || (coded && b->packed == NULL))
			return co_fail(err, CO_ENOMEM, "blocks for sealing");
	}
	for (int k = 0; k < DIGEST_N; k++)
		if (k == DIGEST_SHA256 || s->how.also[k])
			TRY(digest_new(&s->plain[k], (enum digest_kind)k, err));
	return digest_new(&s->sealed256, DIGEST_SHA256, err);
}

static enum co_rc
seal_create(struct vault_seal *s, struct co_err *err)
{
	char name[VAULT_NAME], done[VAULT_NAME];
	struct stat st;

	TRY(vault_name(name, s->id, s->how.stays ? ".take" : ".seal", err));
	TRY(vault_name(done, s->id, ".sealed", err));
	if (vault_exists(s->v, done))
		return co_fail(err, CO_EEXISTS, "exhibit %s is in the vault already", s->id);
	s->fd = openat(s->v->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (s->fd < 0)
		return co_fail_errno(err, "create %s in the vault", name);
	memcpy(s->name, name, sizeof(name));
	s->stays = s->how.stays;
	/* A process that opens the vault now may take the file for a leftover before it is locked.
	 */
	if (flock(s->fd, LOCK_EX) != 0 || fstat(s->fd, &st) != 0)
		return co_fail_errno(err, "lock %s in the vault", name);
	if (st.st_nlink == 0)
		return co_fail(err, CO_EBUSY, "%s was taken for a leftover: seal again", name);
	return CO_OK;
}

enum co_rc
seal_new(struct vault_seal **out, struct vault *v, const char *id, const struct vault_how *how,
	struct co_err *err)
{
	vault_seal_auto *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return co_fail(err, CO_ENOMEM, "sealing");
	s->v = v;
	s->fd = -1;
	if (how != NULL)
		s->how = *how;
	if (!co_uuid_valid(id))
		return co_fail(err, CO_EUSAGE, "an exhibit's id is a UUID in lower case");
	memcpy(s->id, id, sizeof(s->id));
	TRY(seal_memory(s, err));
	*out = CO_TAKE(s);
	return CO_OK;
}

enum co_rc
vault_seal_begin(struct vault_seal **out, struct vault *v, const char *id,
	const unsigned char key[CHUNKED_KEY], const struct vault_how *how, struct co_err *err)
{
	vault_seal_auto *s = NULL;

	TRY(seal_new(&s, v, id, how, err));
	TRY(chunked_new(&s->cipher, key, id, CO_UUID_LEN, s->sums.header, err));
	TRY(seal_create(s, err));
	TRY(co_write_all(s->fd, s->sums.header, CHUNKED_HEADER, err));
	digest_add(s->sealed256, s->sums.header, CHUNKED_HEADER);
	s->written = CHUNKED_HEADER;
	TRY(seal_start(s, err));
	*out = CO_TAKE(s);
	return CO_OK;
}

/* ---- content ---- */
static enum co_rc
seal_claim(struct vault_seal *s, struct co_err *err)
{
	size_t slot;

	if (s->now != NULL && s->now->plain_n == VAULT_BLOCK_PLAIN) {
		pipe_push(s->pipe);
		s->now = NULL;
	}
	if (s->now != NULL)
		return CO_OK;
	if (pipe_claim(s->pipe, &slot, err) != CO_OK)
		return co_wrap(err, "seal exhibit %s", s->id);
	s->now = &s->blocks[slot];
	s->now->plain_n = 0;
	return CO_OK;
}

enum co_rc
vault_seal_room(struct vault_seal *s, void **p, size_t *n, struct co_err *err)
{
	TRY(seal_claim(s, err));
	*p = s->now->plain + s->now->plain_n;
	*n = VAULT_BLOCK_PLAIN - s->now->plain_n;
	return CO_OK;
}

void
vault_seal_used(struct vault_seal *s, size_t n)
{
	assert(s->now != NULL && n <= VAULT_BLOCK_PLAIN - s->now->plain_n);
	s->now->plain_n += n;
}

enum co_rc
vault_seal_add(struct vault_seal *s, const void *p, size_t n, struct co_err *err)
{
	const unsigned char *from = p;

	while (n > 0) {
		size_t room, part;
		void *to;

		TRY(vault_seal_room(s, &to, &room, err));
		part = n < room ? n : room;
		memcpy(to, from, part);
		vault_seal_used(s, part);
		from += part;
		n -= part;
	}
	return CO_OK;
}

/* ---- the end ---- */
/* The threads are done: what follows the content, and the short chunk that ends every sealed file.
 */
static enum co_rc
seal_tail(struct vault_seal *s, struct co_err *err)
{
	struct block *b = &s->blocks[0];
	uint64_t at = 0;
	size_t n;

	while (s->how.coding != VAULT_AS_IS &&
		(n = seek_print(&s->table, at, b->plain, VAULT_BLOCK_PLAIN)) > 0) {
		TRY(block_encrypt(s, b, b->plain, n, err));
		TRY(block_write(s, b, err));
		digest_add(s->sealed256, b->sealed, b->sealed_n);
		at += n;
	}
	b->sealed_n = 0;
	TRY(chunk_seal(s, b, s->carry, s->carry_n, err));
	TRY(block_write(s, b, err));
	digest_add(s->sealed256, b->sealed, b->sealed_n);
	return CO_OK;
}

void
seal_sums(struct vault_seal *s, struct vault_sums *sums)
{
	unsigned char d[SHA512_LEN];

	s->sums.sealed_size = s->written;
	digest_end(s->plain[DIGEST_SHA256], d);
	co_hex(d, SHA256_LEN, s->sums.plain_sha256);
	digest_end(s->sealed256, d);
	co_hex(d, SHA256_LEN, s->sums.sealed_sha256);
	for (int k = DIGEST_SHA256 + 1; k < DIGEST_N; k++) {
		if (s->plain[k] == NULL)
			continue;
		digest_end(s->plain[k], d);
		co_hex(d, digest_len((enum digest_kind)k), s->sums.also[k]);
	}
	*sums = s->sums;
}

enum co_rc
vault_seal_end(struct vault_seal *s, struct vault_sums *sums, struct co_err *err)
{
	assert(!s->ended);
	s->ended = true;
	if (s->now != NULL && s->now->plain_n > 0)
		pipe_push(s->pipe);
	if (pipe_end(s->pipe, err) != CO_OK || seal_tail(s, err) != CO_OK)
		return co_wrap(err, "seal exhibit %s", s->id);
	if (fsync(s->fd) != 0)
		return co_fail_errno(err, "seal exhibit %s: fsync", s->id);
	TRY(vault_publish(s->v, s->name, s->id, err));
	s->name[0] = '\0';
	seal_sums(s, sums);
	return CO_OK;
}

void
vault_seal_free(struct vault_seal **out)
{
	struct vault_seal *s = *out;

	if (s == NULL)
		return;
	pipe_free(&s->pipe);
	for (size_t i = 0; i < VAULT_SLOTS; i++) {
		struct block *b = &s->blocks[i];

		if (b->plain != NULL)
			crypto_wipe(b->plain, VAULT_BLOCK_PLAIN);
		if (b->packed != NULL)
			crypto_wipe(b->packed, CODING_PACKED);
		free(b->plain);
		free(b->packed);
		free(b->sealed);
		pack_free(&b->pack);
	}
	seek_deinit(&s->table);
	chunked_free(&s->cipher);
	for (int k = 0; k < DIGEST_N; k++)
		digest_free(&s->plain[k]);
	digest_free(&s->sealed256);
	if (s->expect != NULL)
		crypto_wipe(s->expect, s->expect_n);
	free(s->expect);
	if (s->name[0] != '\0' && !s->stays)
		(void)unlinkat(s->v->dir, s->name, 0);
	if (s->fd >= 0)
		close(s->fd);
	crypto_wipe(s->carry, sizeof(s->carry));
	free(s);
	*out = NULL;
}
