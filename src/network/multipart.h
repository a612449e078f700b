/* A form with files (multipart/form-data, RFC 7578 over RFC 2046 5.1) as it comes, piece by piece:
 * no part is ever held whole. Bytes of a stranger: everything is bounded, and what is not exactly
 * such a form is refused. Pure; must never know what a part means. */
#pragma once

#include "base/buf.h"
#include "base/limits.h"

enum { MULTIPART_BOUNDARY = 70 };

struct multipart_part {
	char name[LIMIT_NAME + 1];
	char *file; /* its name as the browser gave it; NULL: a field */
};

struct multipart_calls {
	/* A refusal ends the parsing with it. part is borrowed for the call. */
	enum co_rc (*begin)(void *arg, const struct multipart_part *part, struct co_err *err);
	enum co_rc (*data)(void *arg, const void *p, size_t n, struct co_err *err);
	enum co_rc (*end)(void *arg, struct co_err *err);
};

struct multipart;
/* media: the value of Content-Type. CO_EUSAGE: it is no such form. */
enum co_rc multipart_open(struct multipart **out, const char *media,
	const struct multipart_calls *calls, void *arg, struct co_err *err) CO_NODISCARD;
enum co_rc multipart_add(
	struct multipart *m, const void *p, size_t n, struct co_err *err) CO_NODISCARD;
/* CO_EMALFORMED when the closing delimiter has not come. */
enum co_rc multipart_end(struct multipart *m, struct co_err *err) CO_NODISCARD;
void multipart_free(struct multipart **m);
#define multipart_auto CO_CLEANUP(multipart_free) struct multipart
