/* What caller and examiner say to each other on one machine, one version: the examiner asks for
 * bytes of a source over a socket pair, the caller answers; the examiner writes its answer to
 * standard output. Neither side trusts a number of the other.
 * Answer: lines of JSON, each an object with "type"; after a line "content" with "size" come so
 * many bytes as they are; the last line is of type "end". */
#pragma once

#include <stdint.h>

enum { EXAMINE_SOCKET = 3, EXAMINE_FILES = 4, EXAMINE_READ = 256 * 1024 };

struct examine_ask {
	uint64_t at;
	uint32_t n; /* 1..EXAMINE_READ */
	uint32_t source;
};
/* The answer: n as asked, and so many bytes follow; 0: they cannot be read, and nothing follows. */
struct examine_given {
	uint32_t n;
};
