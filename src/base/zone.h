/* Time zones by name, from the system's zoneinfo files (RFC 8536, TZif 2 and later), without the
 * process-wide TZ. A zone is immutable and shared by threads. */
#pragma once

#include "base/err.h"

#include <stdint.h>

struct co_zone;

/* name: "Asia/Bangkok"; letters, digits and + - _ / only, no "..". CO_ENOTFOUND says where it
 * looked. */
enum co_rc co_zone_open(const char *name, struct co_zone **out, struct co_err *err) CO_NODISCARD;
/* The same from bytes, for tests and fuzzing. */
enum co_rc co_zone_parse(
	const void *data, size_t n, struct co_zone **out, struct co_err *err) CO_NODISCARD;
void co_zone_close(struct co_zone **z);
#define co_zone_auto CO_CLEANUP(co_zone_close) struct co_zone

/* Seconds east of UTC at an instant, and the zone's abbreviation then ("+07"); z NULL: UTC. */
int32_t co_zone_offset(const struct co_zone *z, int64_t us, const char **abbreviation);
/* The instant of a local midnight: day days since 1970-01-01 in the zone; the first instant of the
 * day where midnight is skipped. */
int64_t co_zone_midnight_us(const struct co_zone *z, int32_t day);
/* The local day of an instant. */
int32_t co_zone_day(const struct co_zone *z, int64_t us);
