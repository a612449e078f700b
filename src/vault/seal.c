/* Sealing and unsealing. Every byte is hashed twice (as it is and sealed), each on a thread of its
 * own, because SHA-256 is the slowest of all that is done. The caller's thread reads, encrypts and
 * writes while the block is in its cache. */
#include "vault/inside.h"

#include "base/enc.h"
#include "base/fault.h"
#include "base/fs.h"
#include "vault/pipe.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

struct block {
	unsigned char plain[VAULT_BLOCK_PLAIN];
	unsigned char sealed[VAULT_BLOCK_SEALED];
	size_t plain_n, sealed_n;
	bool used;
};

/* What both directions share. */
struct job {
	struct block *blocks; /* VAULT_SLOTS of them */
	struct chunked *cipher;
	uint64_t chunk; /* next one of the cipher stage */
	struct digest *plain256, *plain512, *sealed256;
	struct pipe *pipe;
	struct vault_sums sums; /* sizes count up as blocks pass */
	int fd;
	uint64_t flushed; /* bytes given to the disk by sync_file_range */
	vault_sink *sink;
	void *sink_arg;
};

static void
job_deinit(struct job *j)
{
	pipe_free(&j->pipe);
	chunked_free(&j->cipher);
	digest_free(&j->plain256);
	digest_free(&j->plain512);
	digest_free(&j->sealed256);
	if (j->blocks != NULL)
		for (size_t i = 0; i < VAULT_SLOTS; i++)
			if (j->blocks[i].used)
				crypto_wipe(j->blocks[i].plain, sizeof(j->blocks[i].plain));
	free(j->blocks);
	j->blocks = NULL;
}

static enum co_rc
job_init(struct job *j, bool sha512, struct co_err *err)
{
	enum co_rc rc;

	j->blocks = calloc(VAULT_SLOTS, sizeof(*j->blocks));
	if (j->blocks == NULL)
		return co_fail(err, CO_ENOMEM, "blocks for sealing");
	rc = digest_new(&j->plain256, false, err);
	if (rc == CO_OK)
		rc = digest_new(&j->sealed256, false, err);
	if (rc == CO_OK && sha512)
		rc = digest_new(&j->plain512, true, err);
	return rc;
}

static void
job_sums(struct job *j, struct vault_sums *sums)
{
	unsigned char d[SHA512_LEN];

	digest_end(j->plain256, d);
	co_hex(d, SHA256_LEN, j->sums.plain_sha256);
	digest_end(j->sealed256, d);
	co_hex(d, SHA256_LEN, j->sums.sealed_sha256);
	if (j->plain512 != NULL) {
		digest_end(j->plain512, d);
		co_hex(d, SHA512_LEN, j->sums.plain_sha512);
	}
	*sums = j->sums;
}

/* ---- stages ---- */
static enum co_rc
stage_hash_plain(void *arg, size_t slot, struct co_err *err)
{
	struct job *j = arg;

	(void)err;
	digest_add(j->plain256, j->blocks[slot].plain, j->blocks[slot].plain_n);
	return CO_OK;
}

static enum co_rc
stage_hash_plain512(void *arg, size_t slot, struct co_err *err)
{
	struct job *j = arg;

	(void)err;
	digest_add(j->plain512, j->blocks[slot].plain, j->blocks[slot].plain_n);
	return CO_OK;
}

static enum co_rc
stage_hash_sealed(void *arg, size_t slot, struct co_err *err)
{
	struct job *j = arg;

	(void)err;
	digest_add(j->sealed256, j->blocks[slot].sealed, j->blocks[slot].sealed_n);
	return CO_OK;
}

static enum co_rc
block_encrypt(struct job *j, struct block *b, struct co_err *err)
{
	size_t at = 0;

	b->used = true;
	b->sealed_n = 0;
	/* A block that is not full is the last; it ends in a chunk that is short, maybe empty. */
	while (at < b->plain_n || (b->plain_n < VAULT_BLOCK_PLAIN && at == b->plain_n)) {
		size_t n = b->plain_n - at < CHUNKED_PLAIN ? b->plain_n - at : CHUNKED_PLAIN;
		enum co_rc rc = chunked_seal(
			j->cipher, j->chunk++, b->plain + at, n, b->sealed + b->sealed_n, err);

		if (rc != CO_OK)
			return rc;
		b->sealed_n += n + CHUNKED_TAG;
		at += n;
		if (n < CHUNKED_PLAIN)
			break;
	}
	j->sums.plain_size += b->plain_n;
	j->sums.sealed_size += b->sealed_n;
	return CO_OK;
}

static enum co_rc
stage_decrypt(void *arg, size_t slot, struct co_err *err)
{
	struct job *j = arg;
	struct block *b = &j->blocks[slot];
	size_t left = b->sealed_n;

	b->used = true;
	b->plain_n = 0;
	for (size_t at = 0; left > 0;) {
		size_t n = left < CHUNKED_CIPHER ? left : CHUNKED_CIPHER;
		enum co_rc rc = chunked_unseal(
			j->cipher, j->chunk++, b->sealed + at, n, b->plain + b->plain_n, err);

		if (rc != CO_OK)
			return rc;
		b->plain_n += n - CHUNKED_TAG;
		at += n;
		left -= n;
	}
	j->sums.plain_size += b->plain_n;
	j->sums.sealed_size += b->sealed_n;
	return CO_OK;
}

static enum co_rc
block_write(struct job *j, const struct block *b, struct co_err *err)
{
	enum { FLUSH = 32 * 1024 * 1024 };
	uint64_t end;
	enum co_rc rc;

	if (co_fault_hit("vault.seal-write"))
		return co_fail(err, CO_ENOSPACE, "write: no space left (fault)");
	rc = co_write_all(j->fd, b->sealed, b->sealed_n, err);
	if (rc != CO_OK)
		return rc;
	/* Keep the disk busy from the start, so that the last fsync is short. */
	end = (uint64_t)lseek(j->fd, 0, SEEK_CUR);
	if (end - j->flushed >= FLUSH) {
		(void)sync_file_range(
			j->fd, (off_t)j->flushed, (off_t)(end - j->flushed), SYNC_FILE_RANGE_WRITE);
		j->flushed = end;
	}
	return CO_OK;
}

static enum co_rc
stage_sink(void *arg, size_t slot, struct co_err *err)
{
	struct job *j = arg;
	const struct block *b = &j->blocks[slot];

	if (j->sink == NULL || b->plain_n == 0)
		return CO_OK;
	return j->sink(j->sink_arg, b->plain, b->plain_n, err);
}

/* ---- sealing ---- */
struct vault_seal {
	struct vault *v;
	char id[CO_UUID_LEN + 1];
	char name[VAULT_NAME]; /* "" once it is published */
	struct job job;
	struct block *now; /* being filled; NULL: claim one */
	bool ended;
};

static enum co_rc
seal_create(struct vault_seal *s, struct co_err *err)
{
	char name[VAULT_NAME], done[VAULT_NAME];
	struct stat st;
	enum co_rc rc = vault_name(name, s->id, ".seal", err);

	if (rc == CO_OK)
		rc = vault_name(done, s->id, ".sealed", err);
	if (rc != CO_OK)
		return rc;
	if (vault_exists(s->v, done))
		return co_fail(err, CO_EEXISTS, "exhibit %s is in the vault already", s->id);
	s->job.fd =
		openat(s->v->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (s->job.fd < 0)
		return co_fail_errno(err, "create %s in the vault", name);
	memcpy(s->name, name, sizeof(name));
	/* A process that opens the vault now may take the file for a leftover before it is locked.
	 */
	if (flock(s->job.fd, LOCK_EX) != 0 || fstat(s->job.fd, &st) != 0)
		return co_fail_errno(err, "lock %s in the vault", name);
	if (st.st_nlink == 0)
		return co_fail(err, CO_EBUSY, "%s was taken for a leftover: seal again", name);
	return CO_OK;
}

enum co_rc
vault_seal_begin(struct vault_seal **out, struct vault *v, const char *id,
	const unsigned char key[CHUNKED_KEY], bool sha512, struct co_err *err)
{
	static const struct pipe_stage stages[] = { { stage_hash_plain, PIPE_FEED },
		{ stage_hash_sealed, PIPE_FEED }, { stage_hash_plain512, PIPE_FEED } };
	vault_seal_auto *s = calloc(1, sizeof(*s));
	unsigned char header[CHUNKED_HEADER];
	enum co_rc rc;

	if (s == NULL)
		return co_fail(err, CO_ENOMEM, "sealing");
	s->v = v;
	s->job.fd = -1;
	if (!co_uuid_valid(id))
		return co_fail(err, CO_EUSAGE, "an exhibit's id is a UUID in lower case");
	memcpy(s->id, id, sizeof(s->id));
	rc = job_init(&s->job, sha512, err);
	if (rc == CO_OK)
		rc = chunked_new(&s->job.cipher, key, id, CO_UUID_LEN, header, err);
	if (rc == CO_OK)
		rc = seal_create(s, err);
	if (rc == CO_OK)
		rc = co_write_all(s->job.fd, header, sizeof(header), err);
	if (rc != CO_OK)
		return rc;
	digest_add(s->job.sealed256, header, sizeof(header));
	memcpy(s->job.sums.header, header, sizeof(header));
	s->job.sums.sealed_size = sizeof(header);
	rc = pipe_start(&s->job.pipe, VAULT_SLOTS, stages,
		sha512 ? CO_ARRAY_LEN(stages) : CO_ARRAY_LEN(stages) - 1, &s->job, err);
	if (rc == CO_OK)
		*out = CO_TAKE(s);
	return rc;
}

/* The block in hand is as full as it gets. */
static enum co_rc
seal_pass(struct vault_seal *s, struct co_err *err)
{
	enum co_rc rc = block_encrypt(&s->job, s->now, err);

	if (rc == CO_OK)
		rc = block_write(&s->job, s->now, err);
	if (rc != CO_OK)
		return co_wrap(err, "seal exhibit %s", s->id);
	pipe_push(s->job.pipe);
	s->now = NULL;
	return CO_OK;
}

static enum co_rc
seal_claim(struct vault_seal *s, struct co_err *err)
{
	size_t slot;
	enum co_rc rc = CO_OK;

	if (s->now != NULL && s->now->plain_n == VAULT_BLOCK_PLAIN)
		rc = seal_pass(s, err);
	if (rc != CO_OK || s->now != NULL)
		return rc;
	rc = pipe_claim(s->job.pipe, &slot, err);
	if (rc != CO_OK)
		return co_wrap(err, "seal exhibit %s", s->id);
	s->now = &s->job.blocks[slot];
	s->now->plain_n = 0;
	return CO_OK;
}

enum co_rc
vault_seal_room(struct vault_seal *s, void **p, size_t *n, struct co_err *err)
{
	enum co_rc rc = seal_claim(s, err);

	if (rc != CO_OK)
		return rc;
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
		enum co_rc rc = vault_seal_room(s, &to, &room, err);

		if (rc != CO_OK)
			return rc;
		part = n < room ? n : room;
		memcpy(to, from, part);
		vault_seal_used(s, part);
		from += part;
		n -= part;
	}
	return CO_OK;
}

enum co_rc
vault_seal_end(struct vault_seal *s, struct vault_sums *sums, struct co_err *err)
{
	enum co_rc rc;

	assert(!s->ended);
	s->ended = true;
	/* The last block is never full, so that the last chunk is a short one. */
	rc = seal_claim(s, err);
	if (rc == CO_OK)
		rc = seal_pass(s, err);
	if (rc != CO_OK)
		return rc;
	rc = pipe_end(s->job.pipe, err);
	if (rc != CO_OK)
		return co_wrap(err, "seal exhibit %s", s->id);
	if (fsync(s->job.fd) != 0)
		return co_fail_errno(err, "seal exhibit %s: fsync", s->id);
	rc = vault_publish(s->v, s->name, s->id, err);
	if (rc != CO_OK)
		return rc;
	s->name[0] = '\0';
	job_sums(&s->job, sums);
	return CO_OK;
}

void
vault_seal_free(struct vault_seal **out)
{
	struct vault_seal *s = *out;

	if (s == NULL)
		return;
	job_deinit(&s->job);
	if (s->name[0] != '\0')
		(void)unlinkat(s->v->dir, s->name, 0);
	if (s->job.fd >= 0)
		close(s->job.fd);
	free(s);
	*out = NULL;
}

/* ---- unsealing ---- */
#define job_auto CO_CLEANUP(job_deinit) struct job

/* Reads blocks until the short one that ends a sealed file. */
static enum co_rc
unseal_feed(struct job *j, int fd, struct co_err *err)
{
	struct block *b;
	enum co_rc rc;

	do {
		size_t slot, rest;

		rc = pipe_claim(j->pipe, &slot, err);
		if (rc != CO_OK)
			return rc;
		b = &j->blocks[slot];
		rc = co_read_full(fd, b->sealed, VAULT_BLOCK_SEALED, &b->sealed_n, err);
		if (rc != CO_OK)
			return rc;
		rest = b->sealed_n % CHUNKED_CIPHER;
		if (b->sealed_n < VAULT_BLOCK_SEALED && rest < CHUNKED_TAG)
			return co_fail(err, CO_EVERIFY, "the sealed file is cut short");
		pipe_push(j->pipe);
	} while (b->sealed_n == VAULT_BLOCK_SEALED);
	return pipe_end(j->pipe, err);
}

enum co_rc
vault_unseal(int fd, const char *id, const unsigned char key[CHUNKED_KEY], vault_sink *sink,
	void *arg, struct vault_sums *sums, struct co_err *err)
{
	static const struct pipe_stage stages[] = { { stage_hash_sealed, PIPE_FEED },
		{ stage_decrypt, PIPE_FEED }, { stage_hash_plain, 1 }, { stage_sink, 1 } };
	job_auto j = { .fd = -1, .sink = sink, .sink_arg = arg };
	unsigned char header[CHUNKED_HEADER];
	size_t got;
	enum co_rc rc;

	if (!co_uuid_valid(id))
		return co_fail(err, CO_EUSAGE, "an exhibit's id is a UUID in lower case");
	rc = job_init(&j, false, err);
	if (rc == CO_OK)
		rc = co_read_full(fd, header, sizeof(header), &got, err);
	if (rc == CO_OK && got != sizeof(header))
		rc = co_fail(err, CO_EVERIFY, "the sealed file is cut short");
	if (rc == CO_OK)
		rc = chunked_open(&j.cipher, key, id, CO_UUID_LEN, header, err);
	if (rc != CO_OK)
		return co_wrap(err, "exhibit %s", id);
	digest_add(j.sealed256, header, sizeof(header));
	memcpy(j.sums.header, header, sizeof(header));
	j.sums.sealed_size = sizeof(header);
	rc = pipe_start(&j.pipe, VAULT_SLOTS, stages, CO_ARRAY_LEN(stages), &j, err);
	if (rc == CO_OK)
		rc = unseal_feed(&j, fd, err);
	if (rc != CO_OK)
		return co_wrap(err, "exhibit %s", id);
	job_sums(&j, sums);
	return CO_OK;
}
