/* E01 through libewf, which gets its bytes from us. Stored digests are told and can be checked by
 * who reads the whole (job read). Must never open a file. Format: the one of libewf 20140813;
 * logical images (L01) and Ex01 are refused by name. */
#pragma once

#include "examine/inner/image.h"

struct ewf;
/* Do bytes begin like one? *known false: like one that cannot be read. */
bool ewf_begins(const unsigned char *p, size_t n, bool *known);
enum co_rc ewf_open(struct ewf **out, struct image *i, struct co_err *err) CO_NODISCARD;
void ewf_close(struct ewf **e);
uint64_t ewf_size(const struct ewf *e);
/* CO_EMALFORMED also when the checksum of anything in the range does not hold: libewf itself gives
 * zeros or wrong bytes then. */
enum co_rc ewf_read(struct ewf *e, void *p, size_t n, uint64_t at, struct co_err *err) CO_NODISCARD;
/* Is anything missing or damaged? Checksums are known of what was read. */
bool ewf_damaged(struct ewf *e);
/* CO_EVERIFY: a segment is missing, cut, or of another image; its name is told. Before the whole is
 * given out. */
enum co_rc ewf_whole(struct ewf *e, struct co_err *err) CO_NODISCARD;
/* "md5", "sha1", case number, ... as it says of itself: added to o. */
void ewf_tell(struct ewf *e, json_t *o);
