/* Bytes that can be read at any place: a file, or the content of a sealed exhibit. What an examiner
 * reads comes through this and nothing else, so it never sees a key, a path or a descriptor of the
 * evidence. Must never change what it reads. */
#pragma once

#include "base/err.h"

#include <stdint.h>

struct examine_source {
	const char *name; /* for people: the last part of a path */
	uint64_t size;    /* bytes */
	/* n bytes from at on, which lie within size. CO_EIO: they cannot be read (a bad sector),
	 * and the job goes on without them; any other failure ends it with its words. */
	enum co_rc (*read)(void *arg, void *p, size_t n, uint64_t at, struct co_err *err);
	void *arg;
};
