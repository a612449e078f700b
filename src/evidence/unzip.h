/* Zip files that others made (PKWARE APPNOTE 6.3): stored and deflated members, zip64, any extra
 * fields. Ours are zip.h's. The central directory counts; a member whose own header says something
 * else, or that lies over another, is refused, so that two programs cannot see two contents.
 * Extracts nothing to disk; memory does not grow with members. */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct unzip_member {
	char *name;    /* as it stands there: may be anything but contain NUL */
	uint64_t size; /* unpacked */
	uint64_t packed, at, data_at;
	uint32_t crc;
	unsigned method, flags;
};

struct unzip;
/* CO_EVERIFY: it is no zip, or one that contradicts itself. */
enum co_rc unzip_open(struct unzip **out, const char *path, struct co_err *err) CO_NODISCARD;
void unzip_free(struct unzip **z);
#define unzip_auto CO_CLEANUP(unzip_free) struct unzip
size_t unzip_count(const struct unzip *z);
/* As the directory has them. */
const struct unzip_member *unzip_at(const struct unzip *z, size_t i);
/* The bytes of a member, in pieces; then its size and CRC are checked. */
typedef enum co_rc unzip_sink(void *arg, const void *p, size_t n, struct co_err *err);
enum co_rc unzip_read(const struct unzip *z, const struct unzip_member *m, unzip_sink *sink,
	void *arg, struct co_err *err) CO_NODISCARD;
