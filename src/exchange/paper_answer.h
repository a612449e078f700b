/* What operations that print take and give: {format, language} in, the document out. Shared by this
 * room and evidence. Must never print for whom may not see: the operation asks sight.h first. */
#pragma once

#include "exchange/op.h"

/* format: "pdf" when not given; language: NULL when not given. Borrowed from in. */
enum co_rc paper_format(const json_t *in, const char **format, const char **language,
	struct co_err *err) CO_NODISCARD;
/* {name, media, size, sha256, document (base64), missing, pages of a PDF}; name without ending. */
enum co_rc paper_answer(struct exchange *x, const json_t *paper, const char *format,
	const char *name, json_t **out, struct co_err *err) CO_NODISCARD;
