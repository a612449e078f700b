/* What of a source could not be read, as ranges of bytes: in order, apart from each other, at most
 * LIMIT_BAD_RANGES. Beyond that the nearest are joined, so the map always holds every bad byte and
 * may then hold good ones between (joined says so). JSON: docs/protocol.md, section 4.5. */
#pragma once

#include "base/err.h"
#include "base/limits.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct bad_range {
	uint64_t at, n;
};

struct bad_map {
	struct bad_range ranges[LIMIT_BAD_RANGES + 1];
	size_t n;
	uint64_t bytes; /* that could not be read; what joining put between is not in it */
	bool joined;
};

/* n bytes from at on, of which none is in the map. */
void bad_add(struct bad_map *m, uint64_t at, uint64_t n);
/* Forgets what lies from at on. */
void bad_cut(struct bad_map *m, uint64_t at);
/* Is the byte at in a range? Then *upto is the byte after it; else the next range's first byte, or
 * UINT64_MAX. */
bool bad_holds(const struct bad_map *m, uint64_t at, uint64_t *upto);

json_t *bad_json(const struct bad_map *m);
enum co_rc bad_from_json(struct bad_map *m, const json_t *in, struct co_err *err) CO_NODISCARD;
