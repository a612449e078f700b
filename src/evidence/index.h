/* manifest-sha256.txt: a line for each file under data/, "<64 hex>  <path>\n", in order of paths
 * (BagIt 1.0, RFC 8493 2.1.3, of which it is one of the spellings). Pure. */
#pragma once

#include "base/buf.h"
#include "crypto/digest.h"

struct index_line {
	char *path;
	unsigned char sha256[SHA256_LEN];
};
struct index {
	struct index_line *lines; /* in order of paths, none twice */
	size_t n, room;
};

void index_init(struct index *x);
void index_deinit(struct index *x);
#define index_auto CO_CLEANUP(index_deinit) struct index
/* Any order; index_print sorts. */
enum co_rc index_add(struct index *x, const char *path, const unsigned char sha256[SHA256_LEN],
	struct co_err *err) CO_NODISCARD;
enum co_rc index_print(struct index *x, struct co_buf *out, struct co_err *err) CO_NODISCARD;
/* Strict: one spelling only. */
enum co_rc index_parse(struct index *x, const char *p, size_t n, struct co_err *err) CO_NODISCARD;
const struct index_line *index_find(const struct index *x, const char *path);
