/* The content of an image that somebody else made (E01): read by the examiner, which checks it
 * against the digests in the image. Formats: docs/examine.md; the record: docs/protocol.md, 4.5. */
#pragma once

#include "cli/cli.h"
#include "evidence/acquire.h"

/* Does the file begin like one? Also like one that the examiner refuses with its reason. */
bool image_is(const char *path);
/* What an exhibit made of it is called: its content is raw. */
void image_name(const char *path, char out[LIMIT_NAME + 1]);
/* As acquire_conf.image. CO_EVERIFY, CO_EMALFORMED: it is not whole or not what it says it is. */
enum co_rc image_content(const char *path, acquire_put *put, void *to, json_t **about,
	struct co_err *err) CO_NODISCARD;
