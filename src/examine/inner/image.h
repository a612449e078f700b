/* The image as one row of bytes, whatever it is kept in: one source, the parts of a raw image in
 * order, or the segments of an E01 (ewf.c). What was read is kept for a while (4 MiB), whatever the
 * size. Reads past the end give nothing; what cannot be read of a source is CO_EMALFORMED, as is
 * damage; a source that is gone ends the process by its caller. */
#pragma once

#include "base/err.h"
#include "base/limits.h"
#include "examine/inner/say.h"
#include "examine/wire.h"

#include <stdbool.h>
#include <stdint.h>

/* A block is what an E01 keeps together as a rule: damage costs no more than that. */
enum { IMAGE_BLOCK = 32 * 1024, IMAGE_BLOCKS = 128, IMAGE_FAILED = 1024 };
enum { IMAGE_SOURCES = 512, IMAGE_RANGES = 32, IMAGE_WHY = 256 };
#define IMAGE_NOWHERE UINT64_MAX

/* Of one file, what could not be read of it (lost.h). */
struct image_range {
	uint64_t at, size; /* in the file */
	uint64_t image_at; /* IMAGE_NOWHERE: not known */
};
struct image_lost {
	struct image_range ranges[IMAGE_RANGES];
	size_t n;
	bool cut; /* there are more */
	unsigned part;
	uint64_t bytes;
	char why[IMAGE_WHY]; /* of the first */
};

struct ewf;
struct image {
	int socket;
	size_t sources_n;
	uint64_t sizes[IMAGE_SOURCES];
	char name[LIMIT_NAME + 1]; /* of the first source */
	const json_t *sources;     /* name and size each; of the job */
	struct ewf *ewf;           /* NULL: raw */
	uint64_t size;             /* of the whole */

	/* Blocks of the whole that were read, by number % IMAGE_BLOCKS. */
	unsigned char *cache;
	uint64_t held[IMAGE_BLOCKS]; /* number + 1; 0: none */
	uint32_t held_n[IMAGE_BLOCKS];
	/* Blocks that could not be read, likewise: they are not tried again, because libewf takes
	 * long over each try and loses memory at it. */
	uint64_t failed[IMAGE_FAILED];
	uint64_t asked; /* bytes asked of the sources, for progress */
	bool gone;      /* the sources are not given any more: the end of the job */

	/* What could not be read (lost.h). */
	struct image_lost lost;
	uint64_t unread, unread_bytes; /* places, and bytes of content: for end */
	uint64_t failed_at;            /* the last block that could not be read */
	bool in_file;                  /* a file's content is read, not a table */
	uint64_t tables_lost, tables_at;
	uint64_t hard, soft_at; /* walk.c: reads that failed for good, and one that may not have */
};

/* job: of base/worker.h. Tells "image" with what it is. */
enum co_rc image_open(struct image **out, const json_t *job, struct co_err *err) CO_NODISCARD;
void image_close(struct image **i);
#define image_auto CO_CLEANUP(image_close) struct image
/* Up to n bytes; *got is less only at the end. */
enum co_rc image_read(struct image *i, void *p, size_t n, uint64_t at, size_t *got,
	struct co_err *err) CO_NODISCARD;
/* Bytes of one source, without the cache. Within its size. CO_EMALFORMED: they cannot be read;
 * others: nothing can be any more. */
enum co_rc source_read(struct image *i, size_t source, void *p, size_t n, uint64_t at,
	struct co_err *err) CO_NODISCARD;
