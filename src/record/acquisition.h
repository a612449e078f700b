/* How an exhibit was taken from its source, as its manifest says it: what the source was, who took
 * it, where and with what, both clocks, what could not be read. Nothing is judged by it.
 * docs/protocol.md, section 4.5, prints these rows. */
#pragma once

#include "record/schema.h"

extern const struct schema acquisition_body[]; /* for kinds.c */
