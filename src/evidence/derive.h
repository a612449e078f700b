/* What is made of an exhibit becomes an exhibit itself, as it is made: nothing of it is written in
 * the open. Runs in the process of the officer. Must never be sealed for anybody but those named.
 * Lineage: docs/protocol.md, 4.5. */
#pragma once

#include "evidence/seal.h"

struct derive;
/* conf: vault, to, name, media and how; path and the rest are not used. */
enum co_rc derive_begin(
	struct derive **out, const struct seal_conf *conf, struct co_err *err) CO_NODISCARD;
enum co_rc derive_add(struct derive *d, const void *p, size_t n, struct co_err *err) CO_NODISCARD;
/* *exhibit: as seal_path gives it, with its lineage: from the exhibit whose row this is
 * (exhibit.show), made by what by names. Durable in the vault when it returns CO_OK. */
enum co_rc derive_end(struct derive *d, const json_t *from, const char *by, json_t **exhibit,
	struct co_err *err) CO_NODISCARD;
void derive_free(struct derive **d); /* removes what was not ended */
#define derive_auto CO_CLEANUP(derive_free) struct derive
