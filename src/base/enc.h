/* Hex (lower case), base64 (RFC 4648 section 4, strict: padding required, no spaces), UTF-8. */
#pragma once

#include "base/buf.h"

/* out has room for 2 * n + 1 characters. */
void co_hex(const void *p, size_t n, char *out);
/* Exactly 2 * n lower- or upper-case digits and nothing else. */
bool co_unhex(const char *s, void *out, size_t n);
enum co_rc co_base64_add(
	struct co_buf *b, const void *p, size_t n, struct co_err *err) CO_NODISCARD;
/* Appends the decoded bytes of the text s of slen characters. */
enum co_rc co_unbase64(
	const char *s, size_t slen, struct co_buf *out, struct co_err *err) CO_NODISCARD;
/* The shortest forms only, no surrogates, nothing above U+10FFFF (RFC 3629 4). */
bool co_utf8_valid(const char *s);
