/* Style, script and pictures: built into the program, named by their digest so that browsers may
 * keep them for ever. Must never serve anything else: no path of the machine is looked at. */
#pragma once

#include <jansson.h>

/* {"css": "comity.1a2b3c4d.css", ..}: name without ending and digest -> name as served. */
json_t *asset_names(void);
