/* One manifest of a bag of somebody else, as versions 0.93 to 1.0 write them (RFC 8493 2.1.3): any
 * line end, one or more spaces, perhaps a "*" before the path. Pure. */
#pragma once

#include "base/buf.h"
#include "crypto/digest.h"

struct bag_line {
	char *path; /* percent signs undone as the version has it; may be anything else */
	unsigned char digest[SHA512_LEN];
};
struct bag_list {
	char algorithm[16];    /* "sha256" */
	size_t digest_n;       /* bytes */
	bool payload;          /* manifest-, not tagmanifest- */
	struct bag_line *lines; /* in order of paths; none twice */
	size_t n, room;
	size_t twice;  /* lines that say the same again */
	size_t dotted; /* paths that had "./" before them */
};
void bag_list_init(struct bag_list *l, const char *algorithm, size_t digest_n, bool payload);
void bag_list_deinit(struct bag_list *l);
/* version: 100 * major + minor. CO_EMALFORMED names the line. */
enum co_rc bag_list_parse(struct bag_list *l, const char *p, size_t n, unsigned version,
	struct co_err *err) CO_NODISCARD;
/* The line at i gets this path; after the last such change the order is made again. */
enum co_rc bag_list_rename(
	struct bag_list *l, size_t i, const char *path, struct co_err *err) CO_NODISCARD;
enum co_rc bag_list_settle(struct bag_list *l, struct co_err *err) CO_NODISCARD;
const struct bag_line *bag_list_find(const struct bag_list *l, const char *path);
