/* Words that are looked for: as they are in UTF-8, and in UTF-16LE, without regard to the case of
 * ASCII letters. Pure. */
#pragma once

#include "base/err.h"
#include "base/limits.h"
#include "base/limits_examine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct term {
	char text[LIMIT_EXAMINE_TERM + 1]; /* as it was given */
	unsigned char narrow[LIMIT_EXAMINE_TERM], wide[2 * LIMIT_EXAMINE_TERM]; /* in lower case */
	size_t narrow_n, wide_n;
};
/* CO_EUSAGE: empty, too long or no UTF-8. */
enum co_rc term_make(struct term *out, const char *text, struct co_err *err) CO_NODISCARD;

/* false ends the search. */
typedef bool term_call(void *arg, const struct term *t, uint64_t at, bool wide);
/* Matches that begin at p + from or later and before p + to are told. */
bool term_search(const struct term *terms, size_t terms_n, const unsigned char *p, size_t n,
	size_t from, size_t to, uint64_t at, term_call *call, void *arg);
