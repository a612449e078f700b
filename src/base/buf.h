/* Growing byte buffer with a ceiling fixed at creation (house rule 6).
 * data is always NUL-terminated one past len, so text buffers can be used as strings.
 * Adders are all-or-nothing: on failure the buffer is unchanged. */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct co_buf {
	char *data;
	size_t len;
	size_t cap;
	size_t max; /* bytes, without the terminator */
};

void co_buf_init(struct co_buf *b, size_t max);
void co_buf_deinit(struct co_buf *b);
#define co_auto_buf CO_CLEANUP(co_buf_deinit) struct co_buf

enum co_rc co_buf_add(struct co_buf *b, const void *p, size_t n, struct co_err *err) CO_NODISCARD;
enum co_rc co_buf_add_str(struct co_buf *b, const char *s, struct co_err *err) CO_NODISCARD;
enum co_rc co_buf_addf(struct co_buf *b, struct co_err *err, const char *fmt, ...)
	CO_NODISCARD CO_PRINTF(3, 4);
/* Bytes on their way to a buffer, a digest, a file: what gives many takes one. */
typedef enum co_rc co_sink(void *arg, const void *p, size_t n, struct co_err *err);
co_sink co_buf_sink; /* arg: struct co_buf */
/* Big-endian integers, as on our wire. */
enum co_rc co_buf_add_u8(struct co_buf *b, uint8_t v, struct co_err *err) CO_NODISCARD;
enum co_rc co_buf_add_u32(struct co_buf *b, uint32_t v, struct co_err *err) CO_NODISCARD;
enum co_rc co_buf_add_u64(struct co_buf *b, uint64_t v, struct co_err *err) CO_NODISCARD;
/* Make room for n more bytes and return where they go; the caller then raises len. */
enum co_rc co_buf_reserve(struct co_buf *b, size_t n, char **at, struct co_err *err) CO_NODISCARD;
/* Empty the buffer, keep its memory. */
void co_buf_reset(struct co_buf *b);
/* The bytes become the caller's (free()); the buffer is empty afterwards. Never NULL on success
 * (an empty buffer gives a one-byte ""); NULL only when memory is out. */
char *co_buf_take(struct co_buf *b, size_t *len);
