/* Which records are legal documents: asked where containers are made and where they are wanted.
 * Pure. The list: docs/protocol.md, "Package". */
#pragma once

#include <jansson.h>
#include <stdbool.h>

/* A request, or a notice that decides something or says it was done. */
bool legal_document(const char *kind, const json_t *body);
