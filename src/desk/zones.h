/* Zones that readers and partners have, opened once. Must be threadsafe; a zone stays until the
 * desk closes, and a name that no file knows is UTC (NULL). */
#pragma once

#include "base/err.h"
#include "base/zone.h"

#include <jansson.h>

struct zones;
struct zones *zones_new(void);
void zones_free(struct zones **z);
const struct co_zone *zones_get(struct zones *z, const char *name);
/* A time as a person types it: "2026-11-27 18:40" or with T, seconds left out or not, in the zone
 * (NULL: UTC); a day alone is its end; RFC 3339 with its own zone. CO_EUSAGE says how. */
enum co_rc zone_read(const struct co_zone *z, const char *s, int64_t *us,
	struct co_err *err) CO_NODISCARD;
/* Every zone that tzdata names for an economy, for people to choose from: ["Africa/Abidjan", ..]
 * and UTC. Only UTC where there is no tzdata. */
json_t *zones_names(void);
