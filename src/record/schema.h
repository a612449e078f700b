/* What an object of a record may hold, as rows: member, shape, limits, rule. A member without a row
 * is refused. Private to the room; kinds.c has the rows. */
#pragma once

#include "record/text.h"

enum schema_shape {
	SHAPE_STRING,  /* min..max bytes, rule or choices */
	SHAPE_INTEGER, /* min..max */
	SHAPE_BOOL,
	SHAPE_OBJECT,  /* members as sub says */
	SHAPE_OPEN,    /* any object: a form or a table elsewhere checks it */
	SHAPE_LIST,    /* min..max elements, each as sub[0] says */
	SHAPE_MAP,     /* min..max members: names by rule, values as sub[0] says */
};

enum schema_flag { SCHEMA_MUST = 1, SCHEMA_NULL = 2 };

struct schema {
	const char *name; /* NULL ends the rows */
	enum schema_shape shape;
	unsigned flags;
	int64_t min, max;
	const struct text_rule *rule;
	const char *choices; /* "a|b|c" */
	const struct schema *sub;
};

#define SCHEMA_END { .name = NULL }

/* Where we are, for messages: body.exhibit.plain.size, refs[3].id. */
struct schema_path {
	const struct schema_path *up;
	const char *name; /* NULL: element i of up */
	size_t i;
};

/* The first thing that does not fit is named with its path. */
enum co_rc schema_check(const struct schema *rows, const json_t *object,
	const struct schema_path *at, struct co_err *err) CO_NODISCARD;
/* One value against one row; for tables made at run time (forms). */
enum co_rc schema_value(const struct schema *row, const json_t *v, const struct schema_path *at,
	struct co_err *err) CO_NODISCARD;
