/* Tag files of a bag as labels and values: bagit.txt and bag-info.txt (RFC 8493 2.1.1, 2.2.2).
 * Reads what others write: any line end, folded values, a space before the colon as up to 0.97.
 * Never reads a file. Text is UTF-8 here; bag_text_decode makes it so. */
#pragma once

#include "base/buf.h"

struct bag_pair {
	char *label, *value;
};
struct bag_info {
	struct bag_pair *pairs; /* in order of the file; labels may repeat */
	size_t n;
};
void bag_info_init(struct bag_info *b);
void bag_info_deinit(struct bag_info *b);
#define bag_info_auto CO_CLEANUP(bag_info_deinit) struct bag_info
/* CO_EMALFORMED names the line. */
enum co_rc bag_info_parse(
	struct bag_info *b, const char *p, size_t n, struct co_err *err) CO_NODISCARD;
const char *bag_info_get(const struct bag_info *b, const char *label); /* the first; NULL */
/* "Label: value" with a line feed; control characters of the value become spaces. */
enum co_rc bag_info_add(
	struct co_buf *out, const char *label, const char *value, struct co_err *err) CO_NODISCARD;
/* "<bytes>.<files>" of Payload-Oxum. */
bool bag_oxum_read(const char *s, uint64_t *bytes, uint64_t *files);

/* Bytes of a tag file in the named encoding, as UTF-8, appended; a byte order mark is left in as
 * U+FEFF. UTF-8, US-ASCII, ISO-8859-1, UTF-16 and UTF-32 in both orders; others are
 * CO_EMALFORMED, as is what is not in the encoding. */
enum co_rc bag_text_decode(const char *encoding, const void *p, size_t n, struct co_buf *out,
	struct co_err *err) CO_NODISCARD;

/* The one bagit.txt that we write. */
extern const char bag_declaration[];
