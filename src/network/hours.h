/* When people are at a desk, from the words of a directory entry: "24x7", "mon-fri 08:30-17:00",
 * "mon-fri 09:00-17:00, sat 09:00-12:00". Pure. What is written otherwise is for people to read,
 * and never guessed at. */
#pragma once

#include "base/zone.h"

enum hours_open { HOURS_UNKNOWN, HOURS_CLOSED, HOURS_OPEN };
const char *hours_open_name(enum hours_open o); /* "unknown", "closed", "open" */

/* Is somebody there at an instant? *next_us: when that changes, within eight days; 0 when it does
 * not, or is not known. z NULL: UTC. */
enum hours_open hours_at(const char *hours, const struct co_zone *z, int64_t us, int64_t *next_us);
