/* What the examiner says: one JSON object a line (examine/wire.h). Names of hostile file systems
 * are no UTF-8: what is none becomes U+FFFD, and the bytes are given in hexadecimal beside it. */
#pragma once

#include "base/err.h"
#include "base/limits.h"

#include <jansson.h>
#include <stdint.h>

#define json_auto CO_CLEANUP(say_json_free) json_t
static inline void
say_json_free(json_t **j)
{
	json_decref(*j);
}

/* Takes the object; "type" is put first. CO_ENOMEM also for NULL. */
enum co_rc say(const char *type, json_t *o, struct co_err *err) CO_NODISCARD;
enum co_rc say_note(struct co_err *err, const char *fmt, ...) CO_NODISCARD CO_PRINTF(2, 3);
/* At most a few times a second. */
enum co_rc say_progress(uint64_t done, uint64_t of, struct co_err *err) CO_NODISCARD;
/* Bytes after a line "content". */
enum co_rc say_bytes(const void *p, size_t n, struct co_err *err) CO_NODISCARD;
/* o[member], and o[member + "_hex"] when the text is no UTF-8. */
void say_text(json_t *o, const char *member, const char *text);
/* Seconds and nanoseconds since 1970 as RFC 3339, or null when there is none. */
json_t *say_time(int64_t s, uint32_t ns);
