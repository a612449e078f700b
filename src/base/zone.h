/* Time zones by name, from the system's zoneinfo files (RFC 8536, TZif 2 and later), without the
 * process-wide TZ. A zone is immutable and shared by threads. Needs the package tzdata for all but
 * UTC. Must be opened before the sandbox closes: its folder is not among those it lets through. */
#pragma once

#include "base/clock.h"
#include "base/err.h"

#include <stdint.h>

struct co_zone;

/* name: "Asia/Bangkok"; letters, digits and + - _ / only. Looks in $TZDIR, else in
 * /usr/share/zoneinfo; CO_ENOTFOUND says where and what to do. */
enum co_rc co_zone_open(const char *name, struct co_zone **out, struct co_err *err) CO_NODISCARD;
/* The same from bytes, for tests and fuzzing. */
enum co_rc co_zone_parse(
	const void *data, size_t n, struct co_zone **out, struct co_err *err) CO_NODISCARD;
void co_zone_close(struct co_zone **z);
#define co_zone_auto CO_CLEANUP(co_zone_close) struct co_zone

/* Seconds east of UTC at an instant, and the zone's abbreviation then ("+07"); z NULL: UTC. */
int32_t co_zone_offset(const struct co_zone *z, int64_t us, const char **abbreviation);
/* The instant of a local midnight: day days since 1970-01-01 in the zone; the first instant of the
 * day where midnight is skipped, of the next where the whole day is (Apia, 30 December 2011); the
 * first midnight where clocks go back over it. Days that no instant can tell give the farthest. */
int64_t co_zone_midnight_us(const struct co_zone *z, int32_t day);
/* The instant at which a clock in the zone shows this (microseconds, as if it were UTC): the first
 * where clocks go back over it; where they skip it, as late after the gap as it is in it. */
int64_t co_zone_instant_us(const struct co_zone *z, int64_t local_us);
/* The local day of an instant. */
int32_t co_zone_day(const struct co_zone *z, int64_t us);
/* RFC 3339 in local time, to the second: "2027-02-22T07:00:00+07:00". */
void co_zone_print(const struct co_zone *z, int64_t us, char out[CO_TIME_LEN]);
