/* Time: microseconds since the epoch (UTC), RFC 3339 text on the wire.
 * The offset exists for tests of a wrong clock: COMITY_CLOCK_OFFSET_S, read once. */
#pragma once

#include "base/err.h"

#include <stdbool.h>

#include <stdint.h>

enum { CO_TIME_LEN = 40 }; /* room for a printed time and its NUL */

int64_t co_now_us(void);  /* wall clock, UTC */
int64_t co_mono_us(void); /* monotonic, for time-outs */

/* "2026-11-23T19:15:00Z"; with microseconds when us is not a whole second. */
void co_time_print(int64_t us, char out[CO_TIME_LEN]);
/* RFC 3339 with 'Z' or a numeric zone; a time without zone is refused. */
enum co_rc co_time_parse(const char *s, int64_t *us, struct co_err *err) CO_NODISCARD;
