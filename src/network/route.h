/* Paths and ranges as partners send them: parsed strictly, pure, fuzzed. Must never touch a file.
 * The paths are in docs/protocol.md; tile paths follow C2SP tlog-tiles. */
#pragma once

#include "base/err.h"
#include "base/uuid.h"
#include "crypto/digest.h"

#include <stdint.h>

enum route_what {
	ROUTE_RECORDS,
	ROUTE_EXHIBIT,
	ROUTE_CHECKPOINT,
	ROUTE_TILE,
	ROUTE_ENTRIES,
	ROUTE_PROOF,
	ROUTE_DIRECTORY,
	ROUTE_LAST
};

struct route {
	enum route_what what;
	bool post;                        /* the method it takes; GET otherwise */
	char id[CO_UUID_LEN + 1];         /* exhibit */
	unsigned char leaf[SHA256_LEN];   /* proof, of the record id */
	unsigned level, width;            /* tile; width 256 is a full one */
	uint64_t n;
};

/* path without query. CO_ENOTFOUND when there is nothing of that name. */
enum co_rc route_parse(const char *path, struct route *out, struct co_err *err) CO_NODISCARD;
/* "bytes=a-b" or "bytes=a-" within size; exactly one range. CO_EREFUSED when it is not satisfiable.
 */
enum co_rc route_range(const char *header, uint64_t size, uint64_t *from, uint64_t *n,
	struct co_err *err) CO_NODISCARD;
