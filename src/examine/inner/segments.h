/* Are the segments of an E01 all there, in order and uncut? Says which one is not, by name; whether
 * what is in them is sound is for who reads it. Pure: bytes come from the caller. Format: the
 * Expert Witness Compression Format, version 1 (the file header and the chain of sections). */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct segments {
	size_t n;
	const char *(*name)(void *arg, size_t i);
	uint64_t (*size)(void *arg, size_t i);
	/* Within size. */
	enum co_rc (*read)(
		void *arg, size_t i, void *p, size_t n, uint64_t at, struct co_err *err);
	void *arg;
};
/* CO_EVERIFY: one is missing, cut, of another image or out of order. */
enum co_rc segments_check(const struct segments *s, struct co_err *err) CO_NODISCARD;
