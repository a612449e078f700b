/* Reading a source that may have bad sectors. What fails is read again in ever smaller pieces, down
 * to one sector, some times; what still fails becomes zeros and a range of the map. Never writes
 * to the source. A source that is gone is not a source with bad sectors: before zeros count, it is
 * asked whether it is still there. Not thread-safe. */
#pragma once

#include "evidence/bad.h"

#include <sys/types.h>

struct reader {
	int fd;            /* borrowed */
	const char *path;  /* for messages, and to see whether it is still there */
	uint64_t size;
	uint32_t sector;   /* bytes; the smallest piece */
	unsigned retries;  /* of one sector */
	bool device;
	struct bad_map *bad; /* NULL: the first error ends the reading */
	/* A range came into the map: called before the zeros are given out. May be NULL. */
	enum co_rc (*told)(void *arg, struct co_err *err);
	void *arg;
	/* NULL: pread. A test puts faults here. */
	ssize_t (*read)(const struct reader *r, int fd, void *p, size_t n, off_t at);

	/* Private. */
	int direct; /* without the page cache, which reads whole pages; -1: not to be had */
	unsigned char *bounce;
	uint64_t good; /* this byte was readable; UINT64_MAX: none yet */
	unsigned errors;
};

/* fd, path, size, sector, ... are set. */
enum co_rc reader_open(struct reader *r, struct co_err *err) CO_NODISCARD;
void reader_close(struct reader *r);
#define reader_auto CO_CLEANUP(reader_close) struct reader
/* n bytes from at on, which lie within size. CO_EIO: it failed (without a map), changed or
 * vanished; the map is as it was before. */
enum co_rc reader_get(struct reader *r, void *p, size_t n, uint64_t at, struct co_err *err)
	CO_NODISCARD;
