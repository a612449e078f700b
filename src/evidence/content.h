/* What the object "exhibit" of a manifest says of the content: its size, and how it was written
 * before it was sealed (docs/protocol.md, section 12). Needs no node. */
#pragma once

#include "vault/vault.h"

#include <jansson.h>

/* CO_EREFUSED: the two sizes cannot belong together, or the coding is unknown here. */
enum co_rc content_of(
	const json_t *exhibit, struct vault_content *out, struct co_err *err) CO_NODISCARD;
/* Puts "coding" into the object "sealed" where there is one. */
void content_tell(json_t *exhibit, enum vault_coding coding);
