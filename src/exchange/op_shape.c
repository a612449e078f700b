#include "exchange/op_shape.h"

#include "base/log.h"
#include "exchange/inside.h"
#include "exchange/opjson.h"

const char *const op_scopes[] = { "read", "requests", "evidence", "admin", NULL };

bool
op_scope_known(const char *scope)
{
	for (size_t i = 0; op_scopes[i] != NULL; i++)
		if (strcmp(op_scopes[i], scope) == 0)
			return true;
	return false;
}

static void
shape_abort(const struct op_shape *s, const char *why)
{
	co_error("op", "the description of operation %s: %s", s->op, why);
	abort(); /* at start, before anything runs */
}

void
op_describe(struct exchange *x, const struct op_shape *shapes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool there = false;

		for (size_t k = 0; k < x->ops_n; k++)
			there = there || strcmp(x->ops[k].name, shapes[i].op) == 0;
		if (!there)
			shape_abort(&shapes[i], "no such operation is registered");
		if (op_shape_of(x, shapes[i].op) != NULL)
			shape_abort(&shapes[i], "it is described twice");
		if (x->shapes_n == CO_ARRAY_LEN(x->shapes))
			shape_abort(&shapes[i], "too many operations; raise SHAPES_MAX");
		if (shapes[i].scope != NULL && !op_scope_known(shapes[i].scope))
			shape_abort(&shapes[i], "its scope is unknown");
		x->shapes[x->shapes_n++] = &shapes[i];
	}
}

const struct op_shape *
op_shape_of(const struct exchange *x, const char *op)
{
	for (size_t i = 0; i < x->shapes_n; i++)
		if (strcmp(x->shapes[i]->op, op) == 0)
			return x->shapes[i];
	return NULL;
}

/* ---- one check a type ---- */

typedef enum co_rc member_check(const struct op_member *m, const json_t *v, struct co_err *err);

static enum co_rc
check_text(const struct op_member *m, const json_t *v, struct co_err *err)
{
	size_t n = json_string_length(v);

	if (!json_is_string(v))
		return co_fail(err, CO_EUSAGE, "%s must be a text", m->name);
	if (m->max != 0 && n > (size_t)m->max)
		return co_fail(err, CO_ETOOBIG, "%s is longer than %lld bytes", m->name,
			(long long)m->max);
	if (n != strlen(json_string_value(v)) || ((m->flags & OP_REQUIRED) != 0 && n == 0))
		return co_fail(err, CO_EUSAGE, "%s is empty or holds a zero byte", m->name);
	return CO_OK;
}

static enum co_rc
check_uuid(const struct op_member *m, const json_t *v, struct co_err *err)
{
	if (!json_is_string(v))
		return co_fail(err, CO_EUSAGE, "%s must be a text", m->name);
	if (!co_uuid_valid(json_string_value(v)))
		return co_fail(
			err, CO_EUSAGE, "%s is no UUID: %.64s", m->name, json_string_value(v));
	return CO_OK;
}

static enum co_rc
check_time(const struct op_member *m, const json_t *v, struct co_err *err)
{
	int64_t us;

	if (!json_is_string(v) || co_time_parse(json_string_value(v), &us, NULL) != CO_OK)
		return co_fail(err, CO_EUSAGE,
			"%s must be a time with its zone, as 2026-11-25T09:00:00Z", m->name);
	return CO_OK;
}

static enum co_rc
check_int(const struct op_member *m, const json_t *v, struct co_err *err)
{
	int64_t n = json_integer_value(v);

	if (!json_is_integer(v) || ((m->min != 0 || m->max != 0) && (n < m->min || n > m->max)))
		return co_fail(err, CO_EUSAGE, "%s must be a whole number from %lld to %lld",
			m->name, (long long)m->min, (long long)m->max);
	return CO_OK;
}

static enum co_rc
check_number(const struct op_member *m, const json_t *v, struct co_err *err)
{
	return json_is_number(v) ? CO_OK : co_fail(err, CO_EUSAGE, "%s must be a number", m->name);
}

static enum co_rc
check_bool(const struct op_member *m, const json_t *v, struct co_err *err)
{
	return json_is_boolean(v) ? CO_OK
				  : co_fail(err, CO_EUSAGE, "%s must be true or false", m->name);
}

static enum co_rc
check_object(const struct op_member *m, const json_t *v, struct co_err *err)
{
	if (!json_is_object(v))
		return co_fail(err, CO_EUSAGE, "%s must be an object", m->name);
	return m->of == NULL ? CO_OK : op_shape_check(m->of, v, err);
}

static enum co_rc
check_list(const struct op_member *m, const json_t *v, struct co_err *err)
{
	size_t n = json_array_size(v);

	if (!json_is_array(v))
		return co_fail(err, CO_EUSAGE, "%s must be a list", m->name);
	if (n < (size_t)m->min || (m->max != 0 && n > (size_t)m->max))
		return co_fail(err, CO_EUSAGE, "%s must be a list of %lld to %lld", m->name,
			(long long)m->min, (long long)m->max);
	return CO_OK; /* each element is for the operation: it may take the others */
}

static enum co_rc
check_words(const struct op_member *m, const json_t *v, struct co_err *err)
{
	const json_t *word;
	size_t i;

	TRY(check_list(m, v, err));
	json_array_foreach(v, i, word)
	{
		if (!json_is_string(word) || json_string_length(word) > LIMIT_NAME)
			return co_fail(err, CO_EUSAGE, "%s must be a list of texts of at most %u",
				m->name, LIMIT_NAME);
	}
	return CO_OK;
}

static enum co_rc
check_bytes(const struct op_member *m, const json_t *v, struct co_err *err)
{
	(void)v;
	return co_fail(err, CO_EUSAGE,
		"%s is not for JSON: send it as the body, Content-Type: application/octet-stream",
		m->name);
}

static member_check *const checks[OP_TYPE_N] = {
	[OP_BYTES] = check_bytes,
	[OP_TEXT] = check_text,
	[OP_UUID] = check_uuid,
	[OP_TIME] = check_time,
	[OP_INT] = check_int,
	[OP_NUMBER] = check_number,
	[OP_BOOL] = check_bool,
	[OP_OBJECT] = check_object,
	[OP_LIST] = check_list,
	[OP_WORDS] = check_words,
};

/* Who misspells a member is told which there are. */
static enum co_rc
unknown(const struct op_member *rows, const char *name, struct co_err *err)
{
	char names[512] = "";
	size_t at = 0;

	for (const struct op_member *m = rows; m->name != NULL && at < sizeof(names) - 1; m++) {
		int n = snprintf(
			names + at, sizeof(names) - at, "%s%s", at == 0 ? "" : ",", m->name);

		at += n < 0 ? 0 : (size_t)n;
	}
	return co_fail(err, CO_EUSAGE, "\"%.64s\" is not a member of this operation; it takes: %s",
		name, names[0] == '\0' ? "nothing" : names);
}

static bool
member_known(const struct op_member *rows, const char *name)
{
	for (const struct op_member *m = rows; m->name != NULL; m++)
		if (strcmp(m->name, name) == 0)
			return true;
	return false;
}

enum co_rc
op_shape_check(const struct op_member *rows, const json_t *in, struct co_err *err)
{
	json_t *o = (json_t *)(uintptr_t)in; /* jansson iterates without changing it */

	if (in != NULL && !json_is_object(in))
		return co_fail(err, CO_EUSAGE, "an operation takes a JSON object");
	for (void *it = json_object_iter(o); it != NULL; it = json_object_iter_next(o, it))
		if (!member_known(rows, json_object_iter_key(it)))
			return unknown(rows, json_object_iter_key(it), err);
	for (const struct op_member *m = rows; m->name != NULL; m++) {
		const json_t *v = json_object_get(in, m->name);

		if (v != NULL && !json_is_null(v))
			TRY(checks[m->type](m, v, err));
		else if ((m->flags & OP_REQUIRED) != 0)
			return co_fail(err, CO_EUSAGE, "%s is missing", m->name);
	}
	return CO_OK;
}
