/* The manifests of a package: a line for each file, "<hex>  <path>\n", in order of paths, "%" of a
 * path as "%25". One of the spellings of BagIt 1.0 (RFC 8493 2.1.3, 2.2.1), and no other is read
 * here: other people's bags are bag.h's. Pure. */
#pragma once

#include "base/buf.h"
#include "crypto/digest.h"

enum index_kind {
	INDEX_PAYLOAD,    /* manifest-sha256.txt: all below data/ */
	INDEX_PAYLOAD512, /* manifest-sha512.txt: the same files */
	INDEX_TAGS,       /* tagmanifest-sha256.txt: none below data/ */
};
struct index_line {
	char *path;
	unsigned char digest[SHA512_LEN]; /* the first 32 bytes, or all */
};
struct index {
	enum index_kind kind;
	struct index_line *lines; /* in order of paths, none twice */
	size_t n, room;
};

void index_init(struct index *x, enum index_kind kind);
size_t index_digest_n(const struct index *x);
void index_deinit(struct index *x);
#define index_auto CO_CLEANUP(index_deinit) struct index
/* Any order; index_print sorts. */
enum co_rc index_add(struct index *x, const char *path, const unsigned char *digest,
	struct co_err *err) CO_NODISCARD;
enum co_rc index_print(struct index *x, struct co_buf *out, struct co_err *err) CO_NODISCARD;
/* Strict: one spelling only. */
enum co_rc index_parse(struct index *x, const char *p, size_t n, struct co_err *err) CO_NODISCARD;
const struct index_line *index_find(const struct index *x, const char *path);
