/* Which algorithms are good for what, as one table: records, certificates, time-stamps and keys all
 * ask it, docs/protocol.md prints it. What is weak is refused by its name, with the way out. Must
 * never be asked about content: MD5 and SHA-1 of evidence may stand beside SHA-256 where an old
 * court asks for them, and nothing ever relies on them. */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum algorithm_sort { ALGORITHM_DIGEST, ALGORITHM_SIGNATURE, ALGORITHM_KEY, ALGORITHM_SORT_N };
enum algorithm_use {
	ALGORITHM_RECORD = 1,      /* CMS of records */
	ALGORITHM_CERTIFICATE = 2, /* a chain, TLS among them */
	ALGORITHM_TOKEN = 4,       /* RFC 3161 */
	ALGORITHM_NOTE = 8         /* checkpoints */
};

struct algorithm {
	enum algorithm_sort sort;
	const char *name;  /* as OpenSSL writes it; of a curve, its group */
	unsigned bits;     /* of a key: from here on this row holds; 0: of any size */
	unsigned made;     /* enum algorithm_use: what we make */
	unsigned read;     /* and what we accept from others */
	const char *until;   /* "2030-12-31": good for what is signed until then; NULL: no end */
	const char *instead; /* the way out */
};
size_t algorithm_count(void);
const struct algorithm *algorithm_at(size_t i);
const char *algorithm_sort_name(enum algorithm_sort sort);
/* "made", "read" or "refused", for a person; with uses. */
void algorithm_uses_print(unsigned uses, char *out, size_t cap);

/* CO_EVERIFY, with name and way out, unless what was signed at at_us may use it. bits 0 unless a
 * key. An algorithm without a row is refused. */
enum co_rc algorithm_check(enum algorithm_sort sort, const char *name, unsigned bits,
	enum algorithm_use use, int64_t at_us, struct co_err *err) CO_NODISCARD;
