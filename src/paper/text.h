/* Text that somebody else wrote, made fit to be printed: what one does not see must not be able to
 * mislead. Controls, marks that turn the direction of what follows (Unicode 15 UAX #9, 2.2 and
 * 2.3: embeddings and overrides), invisible tags and what is no UTF-8 are shown as what they are,
 * "[U+202E]". Must never drop or change a visible character. */
#pragma once

#include "base/buf.h"

/* Appends the clean form of n bytes of s; CR LF and the separators of lines become LF. */
enum co_rc paper_clean(
	const char *s, size_t n, struct co_buf *out, struct co_err *err) CO_NODISCARD;
bool paper_is_clean(const char *s);
/* The character that begins at s and its bytes; 0 bytes when it is none (RFC 3629 4). */
uint32_t paper_char(const char *s, size_t n, size_t *len);
