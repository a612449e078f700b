#include "evidence/bulk.h"

#include "base/fs.h"
#include "evidence/crc32.h"
#include "vault/pipe.h"

#include <string.h>

enum { BULK_BLOCK = 1024 * 1024, BULK_SLOTS = 8 };

struct bulk_job {
	struct bulk *b;
	struct digest *digest, *digest512; /* digest512 NULL: not asked */
	char *blocks;
	size_t n[BULK_SLOTS];
};

static void
job_deinit(struct bulk_job *j)
{
	digest_free(&j->digest);
	digest_free(&j->digest512);
	free(j->blocks);
}

static const char *
block_of(const struct bulk_job *j, size_t slot)
{
	return j->blocks + slot * BULK_BLOCK;
}

static enum co_rc
stage_hash(void *arg, size_t slot, struct co_err *err)
{
	struct bulk_job *j = arg;

	(void)err;
	digest_add(j->digest, block_of(j, slot), j->n[slot]);
	return CO_OK;
}

static enum co_rc
stage_hash512(void *arg, size_t slot, struct co_err *err)
{
	struct bulk_job *j = arg;

	(void)err;
	digest_add(j->digest512, block_of(j, slot), j->n[slot]);
	return CO_OK;
}

static enum co_rc
stage_crc(void *arg, size_t slot, struct co_err *err)
{
	struct bulk_job *j = arg;

	(void)err;
	j->b->crc = crc32_add(j->b->crc, block_of(j, slot), j->n[slot]);
	return CO_OK;
}

static enum co_rc
stage_copy(void *arg, size_t slot, struct co_err *err)
{
	struct bulk_job *j = arg;

	return co_write_all(j->b->to, block_of(j, slot), j->n[slot], err);
}

static enum co_rc
bulk_read(const struct bulk *b, char *to, size_t n, uint64_t at, struct co_err *err)
{
	size_t got;

	TRY(co_pread_full(b->from, to, n, at, &got, err));
	return got == n ? CO_OK : co_fail(err, CO_EVERIFY, "the file ends too early");
}

static enum co_rc
bulk_small(struct bulk_job *j, struct co_err *err)
{
	struct bulk *b = j->b;
	enum co_rc rc = bulk_read(b, j->blocks, (size_t)b->size, b->at, err);

	if (rc != CO_OK)
		return rc;
	sha256(j->blocks, (size_t)b->size, b->sha256);
	b->crc = crc32_add(0, j->blocks, (size_t)b->size);
	if (j->digest512 != NULL) {
		digest_add(j->digest512, j->blocks, (size_t)b->size);
		digest_end(j->digest512, b->sha512);
	}
	if (b->progress != NULL)
		b->progress(b->arg, b->size);
	return b->to < 0 ? CO_OK : co_write_all(b->to, j->blocks, (size_t)b->size, err);
}

static enum co_rc
bulk_large(struct bulk_job *j, struct co_err *err)
{
	struct pipe_stage stages[PIPE_STAGES] = { { stage_hash, PIPE_FEED, 1 },
		{ stage_crc, PIPE_FEED, 1 } };
	struct bulk *b = j->b;
	pipe_auto *p = NULL;
	size_t stages_n = 2;
	enum co_rc rc;

	if (b->to >= 0)
		stages[stages_n++] = (struct pipe_stage){ stage_copy, PIPE_FEED, 1 };
	if (j->digest512 != NULL)
		stages[stages_n++] = (struct pipe_stage){ stage_hash512, PIPE_FEED, 1 };
	rc = pipe_start(&p, BULK_SLOTS, stages, stages_n, j, err);

	for (uint64_t done = 0; rc == CO_OK && done < b->size;) {
		uint64_t left = b->size - done;
		size_t slot, n = left < BULK_BLOCK ? (size_t)left : BULK_BLOCK;

		rc = pipe_claim(p, &slot, err);
		if (rc == CO_OK)
			rc = bulk_read(b, j->blocks + slot * BULK_BLOCK, n, b->at + done, err);
		if (rc != CO_OK)
			break;
		j->n[slot] = n;
		pipe_push(p);
		done += n;
		if (b->progress != NULL)
			b->progress(b->arg, n);
	}
	if (rc == CO_OK)
		rc = pipe_end(p, err);
	if (rc == CO_OK)
		digest_end(j->digest, b->sha256);
	if (rc == CO_OK && j->digest512 != NULL)
		digest_end(j->digest512, b->sha512);
	return rc;
}

enum co_rc
bulk_run(struct bulk *b, struct co_err *err)
{
	CO_CLEANUP(job_deinit) struct bulk_job j = { .b = b };
	bool small = b->size <= BULK_BLOCK;
	enum co_rc rc = digest_new(&j.digest, DIGEST_SHA256, err);

	if (rc == CO_OK && b->with512)
		rc = digest_new(&j.digest512, DIGEST_SHA512, err);
	if (rc != CO_OK)
		return rc;
	b->crc = 0;
	j.blocks = malloc(small ? (size_t)b->size + 1 : (size_t)BULK_SLOTS * BULK_BLOCK);
	if (j.blocks == NULL)
		return co_fail(err, CO_ENOMEM, "memory for reading");
	return small ? bulk_small(&j, err) : bulk_large(&j, err);
}
