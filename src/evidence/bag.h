/* Bags that others made: BagIt 0.93 to 1.0 (RFC 8493 and the drafts before it), in a folder or a
 * zip. Complete and valid, as the RFC uses the words; never fetches what fetch.txt names. A bag
 * proves that nothing changed since its lists were made, not who made them. */
#pragma once

#include "evidence/verify.h"

/* CO_EVERIFY: not complete, or not valid; err names the first thing. *summary, on success: version,
 * files, bytes, algorithms, warnings. */
enum co_rc bag_verify(const struct verify_conf *conf, const char *path, json_t **summary,
	struct co_err *err) CO_NODISCARD;
