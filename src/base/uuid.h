/* UUID text, lower case, 36 characters (RFC 9562). Version 7 for everything we choose. */
#pragma once

#include "base/err.h"

#include <stdbool.h>

enum { CO_UUID_LEN = 36 };

/* Version 7: milliseconds of now, then 74 random bits; later calls in one process sort later. */
void co_uuid7(char out[CO_UUID_LEN + 1]);
bool co_uuid_valid(const char *s);
