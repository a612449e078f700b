/* What an operation takes and gives, and which scope of a token it needs, as data: op.c checks what
 * comes in by these rows before the operation runs, openapi.c prints them. So the description and
 * the behaviour cannot differ. An operation without a shape, or without a scope, is not callable
 * with a token of limited scope. */
#pragma once

#include "exchange/op.h"

enum op_type {
	OP_TEXT,
	OP_UUID,
	OP_TIME,
	OP_INT,
	OP_NUMBER,
	OP_BOOL,
	OP_OBJECT,
	OP_LIST,  /* of objects, or of anything when of is NULL */
	OP_WORDS, /* a list of texts */
	OP_BYTES, /* the body itself; other members go into the query */
	OP_TYPE_N
};

enum op_flag { OP_REQUIRED = 1, OP_NULL = 2 /* an answer may hold null here, or lack it */ };

struct op_member {
	const char *name; /* NULL ends a table */
	enum op_type type;
	unsigned flags;
	int64_t min, max; /* bytes of a text, values of a number, elements of a list; 0, 0: any */
	const char *help;
	const struct op_member *of; /* members of an object, or of each object of a list */
};

struct op_shape {
	const char *op;
	const char *scope; /* one of op_scopes, or NULL: not for tokens of limited scope */
	const struct op_member *in, *out; /* out NULL: not described further */
};

#define OP_END \
	{ \
		NULL, OP_TEXT, 0, 0, 0, NULL, NULL \
	}

/* After op_register of the same operations (asserted); rows are borrowed for ever. */
void op_describe(struct exchange *x, const struct op_shape *shapes, size_t n);
const struct op_shape *op_shape_of(const struct exchange *x, const char *op); /* NULL: none */
/* CO_EUSAGE or CO_ETOOBIG, naming the member. Pure. */
enum co_rc op_shape_check(
	const struct op_member *rows, const json_t *in, struct co_err *err) CO_NODISCARD;

extern const struct op_member op_paper_out[]; /* of operations that print */
extern const char *const op_scopes[]; /* NULL at the end */
bool op_scope_known(const char *scope);

/* The OpenAPI 3.1 description of every operation. url: where the API is reached. */
json_t *openapi_make(const struct exchange *x, const char *url);
