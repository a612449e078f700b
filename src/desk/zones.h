/* Zones that readers and partners have, opened once. Must be threadsafe; a zone stays until the
 * desk closes, and a name that no file knows is UTC (NULL). */
#pragma once

#include "base/zone.h"

#include <jansson.h>

struct zones;
struct zones *zones_new(void);
void zones_free(struct zones **z);
const struct co_zone *zones_get(struct zones *z, const char *name);
/* Every zone that tzdata names for an economy, for people to choose from: ["Africa/Abidjan", ..]
 * and UTC. Only UTC where there is no tzdata. */
json_t *zones_names(void);
