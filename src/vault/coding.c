#include "vault/coding.h"

#include "base/limits.h"

#include <assert.h>
#include <string.h>
#include <zstd.h>

enum {
	PACK_LEVEL = 1,          /* as fast as the digest; more would slow an officer who waits */
	UNPACK_WINDOW_LOG = 23,  /* 8 MiB: what a reader must have, RFC 8878 3.1.1.1.2 */
	UNPACK_OUT = 128 * 1024, /* a block of zstd */
	TABLE_HEAD = 8,          /* magic of a skippable frame, its size */
	TABLE_FOOT = 9           /* frames, descriptor, magic */
};
#define TABLE_SKIPPABLE 0x184D2A5Eu
#define TABLE_MAGIC 0x8F92EAB1u

/* ---- writing ---- */
struct pack {
	ZSTD_CCtx *c;
};

enum co_rc
pack_new(struct pack **out, struct co_err *err)
{
	struct pack *p = calloc(1, sizeof(*p));

	assert(ZSTD_compressBound(CODING_FRAME) <= CODING_PACKED);
	if (p != NULL)
		p->c = ZSTD_createCCtx();
	if (p == NULL || p->c == NULL ||
		ZSTD_isError(ZSTD_CCtx_setParameter(p->c, ZSTD_c_compressionLevel, PACK_LEVEL))) {
		pack_free(&p);
		return co_fail(err, CO_ENOMEM, "compression");
	}
	*out = p;
	return CO_OK;
}

void
pack_free(struct pack **p)
{
	if (*p != NULL)
		(void)ZSTD_freeCCtx((*p)->c);
	free(*p);
	*p = NULL;
}

enum co_rc
pack_frame(struct pack *p, const void *plain, size_t n, unsigned char *out, size_t *out_n,
	struct co_err *err)
{
	size_t got;

	assert(n <= CODING_FRAME);
	got = ZSTD_compress2(p->c, out, CODING_PACKED, plain, n);
	if (ZSTD_isError(got))
		return co_fail(err, CO_EINTERNAL, "compression: %s", ZSTD_getErrorName(got));
	*out_n = got;
	return CO_OK;
}

enum co_rc
unpack_frame(const void *p, size_t n, unsigned char *plain, size_t *plain_n, size_t *frame,
	bool *past, struct co_err *err)
{
	const unsigned char *b = p;
	size_t size, got;

	*frame = 0;
	*past = n >= 4 && (b[0] & 0xf0) == 0x50 && b[1] == 0x2a && b[2] == 0x4d && b[3] == 0x18;
	if (n < 4 || *past)
		return CO_OK;
	size = ZSTD_findFrameCompressedSize(p, n);
	if (ZSTD_isError(size))
		return CO_OK;
	got = ZSTD_decompress(plain, CODING_FRAME, p, size);
	if (ZSTD_isError(got))
		return co_fail(err, CO_EVERIFY, "a frame of the content: %s",
			ZSTD_getErrorName(got));
	*plain_n = got;
	*frame = size;
	return CO_OK;
}

/* ---- the table ---- */
enum co_rc
seek_add(struct seek_table *t, size_t packed, size_t plain, struct co_err *err)
{
	enum { FIRST = 1024 };

	if (t->n == LIMIT_SEEK_FRAMES)
		t->given_up = true;
	if (t->given_up)
		return CO_OK;
	if (t->n == t->room) {
		size_t room = t->room == 0 ? FIRST : t->room * 2;
		uint32_t *sizes = realloc(t->sizes, room * sizeof(*sizes));

		if (sizes == NULL)
			return co_fail(err, CO_ENOMEM, "the seek table");
		t->sizes = sizes;
		t->room = room;
	}
	t->sizes[t->n++] = (uint32_t)packed;
	t->last_plain = (uint32_t)plain;
	return CO_OK;
}

static void
put32(unsigned char out[4], uint32_t v)
{
	for (int i = 0; i < 4; i++)
		out[i] = (unsigned char)(v >> (8 * i));
}

static uint64_t
table_size(const struct seek_table *t)
{
	return t->given_up ? 0 : TABLE_HEAD + (uint64_t)t->n * CODING_TABLE_ENTRY + TABLE_FOOT;
}

/* The part that byte `at` lies in: head, an entry, or foot. */
static size_t
table_part(const struct seek_table *t, uint64_t at, unsigned char part[TABLE_FOOT], size_t *skip)
{
	uint64_t entry = (at - TABLE_HEAD) / CODING_TABLE_ENTRY;

	if (at < TABLE_HEAD) {
		put32(part, TABLE_SKIPPABLE);
		put32(part + 4, (uint32_t)(table_size(t) - TABLE_HEAD));
		*skip = (size_t)at;
		return TABLE_HEAD;
	}
	if (entry < t->n) {
		put32(part, t->sizes[entry]);
		put32(part + 4, entry + 1 == t->n ? t->last_plain : CODING_FRAME);
		*skip = (size_t)((at - TABLE_HEAD) % CODING_TABLE_ENTRY);
		return CODING_TABLE_ENTRY;
	}
	put32(part, (uint32_t)t->n);
	part[4] = 0; /* no checksums: every chunk is authenticated */
	put32(part + 5, TABLE_MAGIC);
	*skip = (size_t)(at - TABLE_HEAD - (uint64_t)t->n * CODING_TABLE_ENTRY);
	return TABLE_FOOT;
}

size_t
seek_print(const struct seek_table *t, uint64_t at, unsigned char *out, size_t room)
{
	uint64_t end = table_size(t);
	size_t done = 0;

	while (done < room && at < end) {
		unsigned char part[TABLE_FOOT];
		size_t skip, n = table_part(t, at, part, &skip) - skip;

		if (n > room - done)
			n = room - done;
		memcpy(out + done, part + skip, n);
		done += n;
		at += n;
	}
	return done;
}

void
seek_deinit(struct seek_table *t)
{
	free(t->sizes);
	t->sizes = NULL;
}

/* ---- reading ---- */
struct unpack {
	ZSTD_DCtx *d;
	uint64_t got, most;
	bool inside; /* of a frame */
	unsigned char out[UNPACK_OUT];
};

enum co_rc
unpack_new(struct unpack **out, uint64_t plain_size, struct co_err *err)
{
	struct unpack *u = calloc(1, sizeof(*u));

	if (u != NULL)
		u->d = ZSTD_createDCtx();
	if (u == NULL || u->d == NULL ||
		ZSTD_isError(ZSTD_DCtx_setParameter(
			u->d, ZSTD_d_windowLogMax, UNPACK_WINDOW_LOG))) {
		unpack_free(&u);
		return co_fail(err, CO_ENOMEM, "decompression");
	}
	u->most = plain_size;
	*out = u;
	return CO_OK;
}

void
unpack_free(struct unpack **u)
{
	if (*u == NULL)
		return;
	(void)ZSTD_freeDCtx((*u)->d);
	crypto_wipe((*u)->out, sizeof((*u)->out));
	free(*u);
	*u = NULL;
}

enum co_rc
unpack_add(struct unpack *u, const void *p, size_t n, vault_sink *sink, void *arg,
	struct co_err *err)
{
	ZSTD_inBuffer in = { p, n, 0 };

	for (;;) {
		ZSTD_outBuffer out = { u->out, sizeof(u->out), 0 };
		size_t left, before = in.pos;

		if (in.pos == in.size && !u->inside)
			return CO_OK;
		left = ZSTD_decompressStream(u->d, &out, &in);
		if (ZSTD_isError(left))
			return co_fail(err, CO_EVERIFY, "the content is not zstd as promised: %s",
				ZSTD_getErrorName(left));
		u->inside = left != 0;
		if (out.pos > u->most - u->got)
			return co_fail(err, CO_EVERIFY,
				"the content is longer than the %llu bytes that were promised",
				(unsigned long long)u->most);
		u->got += out.pos;
		if (out.pos > 0)
			TRY(sink(arg, u->out, out.pos, err));
		/* All was eaten and nothing more comes out of it. */
		if (in.pos == in.size && out.pos < sizeof(u->out))
			return CO_OK;
		if (in.pos == before && out.pos == 0)
			return co_fail(err, CO_EVERIFY, "the content's zstd stands still");
	}
}

enum co_rc
unpack_end(struct unpack *u, struct co_err *err)
{
	if (u->inside || u->got != u->most)
		return co_fail(err, CO_EVERIFY,
			"the content ends after %llu of the %llu bytes that were promised",
			(unsigned long long)u->got, (unsigned long long)u->most);
	return CO_OK;
}
