/* Taking apart what an examiner says: it may have been taken over by what it read, so every line is
 * bounded, strict JSON, and of a known type. Pure; never prints. Format: examine/wire.h. */
#pragma once

#include "base/buf.h"

#include <jansson.h>

struct answer {
	/* A line; borrowed for the call. "progress", "content" and "end" come here as well. */
	enum co_rc (*line)(void *arg, const char *type, const json_t *line, struct co_err *err);
	/* Bytes after a line "content". NULL: content is refused. */
	enum co_rc (*content)(void *arg, const void *p, size_t n, struct co_err *err);
	void *arg;

	/* Private. */
	struct co_buf text;
	uint64_t left; /* bytes of content still to come */
	bool ended;
};

void answer_init(struct answer *a);
void answer_deinit(struct answer *a);
/* CO_EMALFORMED: that is no answer. */
enum co_rc answer_add(
	struct answer *a, const void *p, size_t n, struct co_err *err) CO_NODISCARD;
/* CO_EMALFORMED: it is not whole. */
enum co_rc answer_end(const struct answer *a, struct co_err *err) CO_NODISCARD;
