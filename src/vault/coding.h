/* How content is written before it is encrypted: as it is, or as zstd (RFC 8878). Coded content is
 * a row of frames of CODING_FRAME bytes of content each, then the seek table of the "zstd seekable
 * format" in a skippable frame, so that one byte in the middle costs one frame; any zstd program
 * reads it. Bytes that come back are bounded by the size that the manifest says: nothing expands
 * beyond it. Shared by the files of room vault only. */
#pragma once

#include "vault/vault.h"

enum {
	CODING_FRAME = 512 * 1024,         /* content of one frame; the last may have less */
	CODING_PACKED = 512 * 1024 + 4096, /* what one frame takes at the most */
	CODING_TABLE_ENTRY = 8
};

/* ---- writing; one a thread ---- */
struct pack;
enum co_rc pack_new(struct pack **out, struct co_err *err) CO_NODISCARD;
void pack_free(struct pack **p);
/* At most CODING_FRAME bytes become one frame; out has room for CODING_PACKED. */
enum co_rc pack_frame(struct pack *p, const void *plain, size_t n, unsigned char *out,
	size_t *out_n, struct co_err *err) CO_NODISCARD;

/* The frame that p begins with: its content into plain (CODING_FRAME bytes), *frame bytes of p.
 * *frame 0: it is not whole, or, with *past, the seek table begins here. */
enum co_rc unpack_frame(const void *p, size_t n, unsigned char *plain, size_t *plain_n,
	size_t *frame, bool *past, struct co_err *err) CO_NODISCARD;

/* Sizes of the frames written so far, in order. Beyond LIMIT_SEEK_FRAMES no table is written: the
 * content stays readable from the start. */
struct seek_table {
	uint32_t *sizes;
	size_t n, room;
	bool given_up;
	uint32_t last_plain; /* content of the last frame; all others have CODING_FRAME */
};
enum co_rc seek_add(
	struct seek_table *t, size_t packed, size_t plain, struct co_err *err) CO_NODISCARD;
/* Bytes of the table from `at` on into out, at most room; 0: that was all. */
size_t seek_print(const struct seek_table *t, uint64_t at, unsigned char *out, size_t room);
void seek_deinit(struct seek_table *t);

/* ---- reading, from the first byte on ---- */
struct unpack;
/* plain_size: of the manifest. */
enum co_rc unpack_new(struct unpack **out, uint64_t plain_size, struct co_err *err) CO_NODISCARD;
void unpack_free(struct unpack **u);
/* Content goes to sink. CO_EVERIFY: no zstd, or more content than the manifest says. */
enum co_rc unpack_add(struct unpack *u, const void *p, size_t n, vault_sink *sink, void *arg,
	struct co_err *err) CO_NODISCARD;
/* CO_EVERIFY: it ends in the middle of a frame, or before all content came. */
enum co_rc unpack_end(struct unpack *u, struct co_err *err) CO_NODISCARD;
#define unpack_auto CO_CLEANUP(unpack_free) struct unpack
