/* Large parts of files: read once, digest and check sum and copy side by side on threads.
 * 12 MiB whatever the size. */
#pragma once

#include "base/err.h"
#include "crypto/digest.h"

#include <stdint.h>

struct bulk {
	int from;
	uint64_t at, size;                       /* the part of from */
	int to;                                  /* appended there; -1: not copied */
	bool with512;                            /* SHA-512 too */
	void (*progress)(void *arg, uint64_t n); /* n more bytes; may be NULL */
	void *arg;
	/* results */
	unsigned char sha256[SHA256_LEN];
	unsigned char sha512[SHA512_LEN]; /* if with512 */
	uint32_t crc;
};

/* CO_EVERIFY: from ends before the part does. */
enum co_rc bulk_run(struct bulk *b, struct co_err *err) CO_NODISCARD;
