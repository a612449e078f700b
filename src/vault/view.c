#include "vault/view.h"

#include "base/cursor.h"
#include "base/fs.h"
#include "base/limits.h"
#include "vault/coding.h"
#include "vault/inside.h"

#include <string.h>
#include <sys/stat.h>
#include <zstd.h>

/* Frames that stay decompressed: a walk through a file system comes back to the same few. */
enum { KEPT = 8, TABLE_HEAD = 8, TABLE_FOOT = 9 };

struct vault_view {
	int fd;
	char id[CO_UUID_LEN + 1];
	uint64_t size;
	struct chunked *cipher;
	unsigned char sealed[CHUNKED_CIPHER], plain[CHUNKED_CIPHER];
	uint64_t held;   /* chunk + 1 in plain; 0: none */
	uint64_t stored; /* bytes that were encrypted: size, when they were not compressed */

	/* Compressed content. NULL: it is as it is. */
	uint64_t *frames; /* where each begins in what was encrypted; one more for the end */
	size_t frames_n;
	struct {
		uint64_t frame; /* + 1; 0: none */
		size_t n;
		unsigned char *plain; /* CODING_FRAME */
	} kept[KEPT];
	unsigned char *packed; /* CODING_PACKED */
	ZSTD_DCtx *zstd;
};

void
vault_view_close(struct vault_view **r)
{
	if (*r == NULL)
		return;
	if ((*r)->fd >= 0)
		close((*r)->fd);
	chunked_free(&(*r)->cipher);
	crypto_wipe((*r)->plain, sizeof((*r)->plain));
	for (size_t i = 0; i < KEPT; i++) {
		if ((*r)->kept[i].plain != NULL)
			crypto_wipe((*r)->kept[i].plain, CODING_FRAME);
		free((*r)->kept[i].plain);
	}
	(void)ZSTD_freeDCtx((*r)->zstd);
	free((*r)->packed);
	free((*r)->frames);
	free(*r);
	*r = NULL;
}

/* ---- what was encrypted ---- */
static enum co_rc
chunk_get(struct vault_view *r, uint64_t chunk, struct co_err *err)
{
	uint64_t left = r->stored - chunk * CHUNKED_PLAIN;
	size_t n = left < CHUNKED_PLAIN ? (size_t)left : CHUNKED_PLAIN, got;

	if (r->held == chunk + 1)
		return CO_OK;
	r->held = 0;
	TRY(co_pread_full(r->fd, r->sealed, n + CHUNKED_TAG,
		CHUNKED_HEADER + chunk * CHUNKED_CIPHER, &got, err));
	if (got != n + CHUNKED_TAG)
		return co_fail(err, CO_EVERIFY, "the sealed file of exhibit %s was cut", r->id);
	if (chunked_unseal(r->cipher, chunk, r->sealed, got, r->plain, err) != CO_OK)
		return co_wrap(err, "exhibit %s", r->id);
	r->held = chunk + 1;
	return CO_OK;
}

static enum co_rc
stored_get(struct vault_view *r, void *p, size_t n, uint64_t at, struct co_err *err)
{
	unsigned char *to = p;

	if (at > r->stored || n > r->stored - at)
		return co_fail(err, CO_EVERIFY, "the sealed file of exhibit %s is too short",
			r->id);
	while (n > 0) {
		size_t skip = (size_t)(at % CHUNKED_PLAIN);
		size_t part = CHUNKED_PLAIN - skip < n ? CHUNKED_PLAIN - skip : n;

		TRY(chunk_get(r, at / CHUNKED_PLAIN, err));
		memcpy(to, r->plain + skip, part);
		to += part;
		at += part;
		n -= part;
	}
	return CO_OK;
}

/* ---- frames ---- */
static enum co_rc
no_table(const struct vault_view *r, struct co_err *err)
{
	return co_fail(err, CO_EREFUSED,
		"exhibit %s was compressed without a seek table, so it cannot be read in the "
		"middle; "
		"take it out of its seal first (comity exhibit open)",
		r->id);
}

/* Whoever sealed it wrote the table: it is held against the size of the manifest. */
static enum co_rc
table_take(struct vault_view *r, uint64_t begin, struct co_err *err)
{
	uint64_t at = 0, plain = 0;

	for (size_t i = 0; i < r->frames_n; i++) {
		unsigned char entry[CODING_TABLE_ENTRY];
		uint64_t left = r->size - plain, want = left < CODING_FRAME ? left : CODING_FRAME;

		TRY(stored_get(r, entry, sizeof(entry), begin + TABLE_HEAD + i * sizeof(entry),
			err));
		r->frames[i] = at;
		if (co_le(entry + 4, 4) != want || co_le(entry, 4) > CODING_PACKED ||
			co_le(entry, 4) > begin - at)
			return no_table(r, err);
		at += co_le(entry, 4);
		plain += want;
	}
	r->frames[r->frames_n] = at;
	return at == begin && plain == r->size ? CO_OK : no_table(r, err);
}

static enum co_rc
table_read(struct vault_view *r, struct co_err *err)
{
	static const unsigned char magic[] = { 0xb1, 0xea, 0x92, 0x8f };
	unsigned char foot[TABLE_FOOT];
	uint64_t size;

	if (r->stored < TABLE_HEAD + TABLE_FOOT)
		return no_table(r, err);
	TRY(stored_get(r, foot, sizeof(foot), r->stored - sizeof(foot), err));
	r->frames_n = (uint32_t)co_le(foot, 4);
	size = TABLE_HEAD + (uint64_t)r->frames_n * CODING_TABLE_ENTRY + TABLE_FOOT;
	if (memcmp(foot + 5, magic, sizeof(magic)) != 0 || foot[4] != 0 ||
		r->frames_n > LIMIT_SEEK_FRAMES || size > r->stored)
		return no_table(r, err);
	r->frames = calloc(r->frames_n + 1, sizeof(*r->frames));
	r->packed = malloc(CODING_PACKED);
	r->zstd = ZSTD_createDCtx();
	if (r->frames == NULL || r->packed == NULL || r->zstd == NULL)
		return co_fail(err, CO_ENOMEM, "exhibit %s", r->id);
	return table_take(r, r->stored - size, err);
}

static enum co_rc
frame_get(struct vault_view *r, uint64_t frame, const unsigned char **p, size_t *n,
	struct co_err *err)
{
	size_t k = frame % KEPT, packed = (size_t)(r->frames[frame + 1] - r->frames[frame]);

	if (r->kept[k].plain == NULL && (r->kept[k].plain = malloc(CODING_FRAME)) == NULL)
		return co_fail(err, CO_ENOMEM, "exhibit %s", r->id);
	if (r->kept[k].frame != frame + 1) {
		r->kept[k].frame = 0;
		TRY(stored_get(r, r->packed, packed, r->frames[frame], err));
		r->kept[k].n = ZSTD_decompressDCtx(
			r->zstd, r->kept[k].plain, CODING_FRAME, r->packed, packed);
		if (ZSTD_isError(r->kept[k].n))
			return co_fail(err, CO_EVERIFY, "frame %llu of exhibit %s is no zstd: %s",
				(unsigned long long)frame, r->id,
				ZSTD_getErrorName(r->kept[k].n));
		r->kept[k].frame = frame + 1;
	}
	*p = r->kept[k].plain;
	*n = r->kept[k].n;
	return CO_OK;
}

static enum co_rc
unpacked_get(struct vault_view *r, unsigned char *to, size_t n, uint64_t at, struct co_err *err)
{
	while (n > 0) {
		size_t skip = (size_t)(at % CODING_FRAME), have, part;
		const unsigned char *p;

		TRY(frame_get(r, at / CODING_FRAME, &p, &have, err));
		if (have <= skip)
			return co_fail(err, CO_EVERIFY,
				"the content of exhibit %s ends before its manifest says", r->id);
		part = have - skip < n ? have - skip : n;
		memcpy(to, p + skip, part);
		to += part;
		at += part;
		n -= part;
	}
	return CO_OK;
}

/* ---- both ---- */
enum co_rc
vault_view_open(struct vault_view **out, struct vault *v, const char *id,
	const unsigned char key[CHUNKED_KEY], const struct vault_content *content,
	struct co_err *err)
{
	vault_view_auto *r = calloc(1, sizeof(*r));
	unsigned char header[CHUNKED_HEADER];
	struct stat st;
	size_t got;

	if (r == NULL)
		return co_fail(err, CO_ENOMEM, "exhibit %s", id);
	r->fd = -1;
	TRY(vault_fd(v, id, &r->fd, err));
	(void)snprintf(r->id, sizeof(r->id), "%s", id);
	TRY(co_pread_full(r->fd, header, sizeof(header), 0, &got, err));
	if (fstat(r->fd, &st) != 0)
		return co_fail_errno(err, "exhibit %s", id);
	if (got != sizeof(header) || !chunked_plain_size((uint64_t)st.st_size, &r->stored))
		return co_fail(err, CO_EVERIFY, "the sealed file of exhibit %s was cut", id);
	TRY(chunked_open(&r->cipher, key, id, CO_UUID_LEN, header, err));
	r->size = content->plain_size;
	if (content->coding != VAULT_AS_IS)
		TRY(table_read(r, err));
	else if (r->size != r->stored)
		return co_fail(err, CO_EVERIFY,
			"exhibit %s holds %llu bytes, not what its manifest "
			"says", id, (unsigned long long)r->stored);
	*out = CO_TAKE(r);
	return CO_OK;
}

uint64_t
vault_view_size(const struct vault_view *r)
{
	return r->size;
}

enum co_rc
vault_view_get(struct vault_view *r, void *p, size_t n, uint64_t at, struct co_err *err)
{
	if (at > r->size || n > r->size - at)
		return co_fail(err, CO_EUSAGE, "exhibit %s has %llu bytes", r->id,
			(unsigned long long)r->size);
	return r->frames != NULL ? unpacked_get(r, p, n, at, err) : stored_get(r, p, n, at, err);
}
