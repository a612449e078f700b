/* Writing content as an E01 image, in one pass and in order, for tools that want one. Segments are
 * cut where they are full; each group of chunks has its table behind it, so nothing is written
 * twice and memory stays at 5 MiB. Must hold whole sectors of 512 bytes. Format: Expert Witness
 * Compression Format, version 1, as EnCase 4 and later write it; libewf reads it in the tests. */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { E01_SECTOR = 512, E01_SEGMENTS = 14971 }; /* .E01 to .E99, .EAA to .ZZZ */

/* Texts may be NULL; UTF-8. */
struct e01_about {
	const char *case_number, *evidence_number, *description, *examiner, *notes;
	int64_t acquired_us, now_us;
};
/* Bytes that could not be read and are zero. */
struct e01_range {
	uint64_t at, size;
};
struct e01_conf {
	uint64_t size;         /* of the content */
	uint64_t segment_size; /* a segment is at most so long, but for one group of chunks */
	struct e01_about about;
	const struct e01_range *bad; /* in order; borrowed until the end */
	size_t bad_n;
	/* A file for segment n (from 1) to write to. */
	enum co_rc (*segment)(void *arg, unsigned n, int *fd, struct co_err *err);
	void *arg;
};

struct e01;
/* CO_EUSAGE: not whole sectors, or empty. conf is copied, its texts are used in the call only. */
enum co_rc e01_begin(
	struct e01 **out, const struct e01_conf *conf, struct co_err *err) CO_NODISCARD;
enum co_rc e01_add(struct e01 *e, const void *p, size_t n, struct co_err *err) CO_NODISCARD;
/* All of it is there. The digests stored are those of what came. */
enum co_rc e01_end(struct e01 *e, struct co_err *err) CO_NODISCARD;
void e01_free(struct e01 **e); /* closes no file */
#define e01_auto CO_CLEANUP(e01_free) struct e01

/* The name of segment n: path ends in .E01 (or .e01). */
void e01_name(char *path, unsigned n);
