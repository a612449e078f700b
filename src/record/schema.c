#include "record/schema.h"

#include <inttypes.h>
#include <string.h>

enum { PATH_TEXT = 160 };

/* "body.seal[2]"; innermost last. */
static size_t
schema_path_print(const struct schema_path *at, char *out, size_t cap)
{
	size_t n = 0;
	int k;
	char show[TEXT_SHOW];

	if (at == NULL)
		return 0;
	n = schema_path_print(at->up, out, cap);
	if (at->name == NULL)
		k = snprintf(out + n, cap - n, "[%zu]", at->i);
	else
		k = snprintf(out + n, cap - n, "%s%s", n > 0 ? "." : "", text_show(at->name, show));
	return k > 0 && (size_t)k < cap - n ? n + (size_t)k : n;
}

static enum co_rc
schema_fail(enum co_rc rc, const struct schema_path *at, const char *want, struct co_err *err)
{
	char where[PATH_TEXT] = "";

	(void)schema_path_print(at, where, sizeof(where));
	return co_fail(err, rc, "%s: wanted %s", where, want);
}

static enum co_rc
schema_size(const struct schema *row, size_t n, const char *unit, const struct schema_path *at,
	struct co_err *err)
{
	char want[96];

	if ((int64_t)n >= row->min && (int64_t)n <= row->max)
		return CO_OK;
	(void)snprintf(want, sizeof(want), "%" PRId64 " to %" PRId64 " %s, not %zu",
		row->min, row->max, unit, n);
	return schema_fail((int64_t)n > row->max ? CO_ETOOBIG : CO_EMALFORMED, at, want, err);
}

static enum co_rc
schema_string(const struct schema *row, const json_t *v, const struct schema_path *at,
	struct co_err *err)
{
	const char *s = json_string_value(v);
	size_t n = json_string_length(v);
	char want[200];
	enum co_rc rc;

	if (!json_is_string(v))
		return schema_fail(CO_EMALFORMED, at,
			row->rule != NULL ? row->rule->want : "a string", err);
	rc = schema_size(row, n, "bytes", at, err);
	if (rc != CO_OK)
		return rc;
	if (strlen(s) != n)
		return schema_fail(CO_EMALFORMED, at, "a string without NUL", err);
	if (row->choices != NULL && !text_one_of(row->choices, s, n)) {
		(void)snprintf(want, sizeof(want), "one of %s", row->choices);
		return schema_fail(CO_EMALFORMED, at, want, err);
	}
	if (row->rule != NULL && !row->rule->ok(s, n))
		return schema_fail(CO_EMALFORMED, at, row->rule->want, err);
	return CO_OK;
}

static enum co_rc
schema_integer(const struct schema *row, const json_t *v, const struct schema_path *at,
	struct co_err *err)
{
	char want[96];

	if (json_is_integer(v) && json_integer_value(v) >= row->min &&
	    json_integer_value(v) <= row->max)
		return CO_OK;
	(void)snprintf(want, sizeof(want), "an integer from %" PRId64 " to %" PRId64, row->min,
		row->max);
	return schema_fail(CO_EMALFORMED, at, want, err);
}

static enum co_rc
schema_list(const struct schema *row, const json_t *v, const struct schema_path *at,
	struct co_err *err)
{
	enum co_rc rc;

	if (!json_is_array(v))
		return schema_fail(CO_EMALFORMED, at, "a list", err);
	rc = schema_size(row, json_array_size(v), "elements", at, err);
	for (size_t i = 0; rc == CO_OK && i < json_array_size(v); i++) {
		struct schema_path here = { at, NULL, i };

		rc = schema_value(row->sub, json_array_get(v, i), &here, err);
	}
	return rc;
}

static enum co_rc
schema_map(const struct schema *row, const json_t *v, const struct schema_path *at,
	struct co_err *err)
{
	json_t *o = (json_t *)(uintptr_t)v; /* jansson iterates without changing it */
	enum co_rc rc;

	if (!json_is_object(v))
		return schema_fail(CO_EMALFORMED, at, "an object", err);
	rc = schema_size(row, json_object_size(v), "members", at, err);
	for (void *it = json_object_iter(o); rc == CO_OK && it != NULL;
	     it = json_object_iter_next(o, it)) {
		const char *key = json_object_iter_key(it);
		struct schema_path here = { at, key, 0 };

		if (!row->rule->ok(key, json_object_iter_key_len(it)))
			return schema_fail(CO_EMALFORMED, &here, row->rule->want, err);
		rc = schema_value(row->sub, json_object_iter_value(it), &here, err);
	}
	return rc;
}

enum co_rc
schema_value(const struct schema *row, const json_t *v, const struct schema_path *at,
	struct co_err *err)
{
	if (json_is_null(v) && (row->flags & SCHEMA_NULL) != 0)
		return CO_OK;
	switch (row->shape) {
	case SHAPE_STRING:
		return schema_string(row, v, at, err);
	case SHAPE_INTEGER:
		return schema_integer(row, v, at, err);
	case SHAPE_BOOL:
		return json_is_boolean(v) ? CO_OK : schema_fail(CO_EMALFORMED, at, "true or false",
			err);
	case SHAPE_OPEN:
		return json_is_object(v) ? CO_OK : schema_fail(CO_EMALFORMED, at, "an object", err);
	case SHAPE_OBJECT:
		return schema_check(row->sub, v, at, err);
	case SHAPE_LIST:
		return schema_list(row, v, at, err);
	case SHAPE_MAP:
		return schema_map(row, v, at, err);
	}
	return co_fail(err, CO_EINTERNAL, "a schema row without shape");
}

/* With those that there are: who typed it by hand has only this message. */
static enum co_rc
schema_members(const struct schema *rows, const struct schema_path *here, struct co_err *err)
{
	char want[300] = "no such member here; there are";
	size_t n = strlen(want);

	for (const struct schema *row = rows; row->name != NULL && n < sizeof(want); row++)
		n += (size_t)snprintf(want + n, sizeof(want) - n, "%s %s", row == rows ? "" : ",",
			row->name);
	return schema_fail(CO_EMALFORMED, here, want, err);
}

static enum co_rc
schema_name_unknown(const struct schema *rows, const json_t *object, const struct schema_path *at,
	struct co_err *err)
{
	json_t *o = (json_t *)(uintptr_t)object;

	for (void *it = json_object_iter(o); it != NULL; it = json_object_iter_next(o, it)) {
		struct schema_path here = { at, json_object_iter_key(it), 0 };
		const struct schema *row = rows;

		while (row->name != NULL && strcmp(row->name, here.name) != 0)
			row++;
		if (row->name == NULL)
			return schema_members(rows, &here, err);
	}
	return co_fail(err, CO_EINTERNAL, "a member counted twice");
}

enum co_rc
schema_check(const struct schema *rows, const json_t *object, const struct schema_path *at,
	struct co_err *err)
{
	size_t known = 0;

	if (!json_is_object(object))
		return schema_fail(CO_EMALFORMED, at, "an object", err);
	for (const struct schema *row = rows; row->name != NULL; row++) {
		struct schema_path here = { at, row->name, 0 };
		const json_t *v = json_object_get(object, row->name);
		enum co_rc rc;

		if (v == NULL && (row->flags & SCHEMA_MUST) != 0)
			return schema_fail(CO_EMALFORMED, &here, "this member, which is missing",
				err);
		if (v == NULL)
			continue;
		known++;
		rc = schema_value(row, v, &here, err);
		if (rc != CO_OK)
			return rc;
	}
	if (known != json_object_size(object))
		return schema_name_unknown(rows, object, at, err);
	return CO_OK;
}
