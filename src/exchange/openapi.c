/* OpenAPI 3.1 of the operations, from the rows that check them (op_shape.h). */
#include "exchange/inside.h"
#include "exchange/op_shape.h"
#include "exchange/ops.h"

static json_t *members_schema(const struct op_member *rows, bool input);

/* JSON Schema of a type; format where there is one. */
static const struct {
	const char *type, *format;
} types[OP_TYPE_N] = {
	[OP_TEXT] = { "string", NULL },
	[OP_UUID] = { "string", "uuid" },
	[OP_TIME] = { "string", "date-time" },
	[OP_INT] = { "integer", NULL },
	[OP_NUMBER] = { "number", NULL },
	[OP_BOOL] = { "boolean", NULL },
	[OP_OBJECT] = { "object", NULL },
	[OP_LIST] = { "array", NULL },
	[OP_WORDS] = { "array", NULL },
	[OP_BYTES] = { "string", "binary" },
};

/* What min and max bound, by type; NULL: nothing. Bytes of a text are at least its characters. */
static const struct {
	const char *min, *max;
} bounds[OP_TYPE_N] = {
	[OP_TEXT] = { NULL, "maxLength" },
	[OP_INT] = { "minimum", "maximum" },
	[OP_LIST] = { "minItems", "maxItems" },
	[OP_WORDS] = { "minItems", "maxItems" },
};

static void
member_bounds(const struct op_member *m, json_t *o)
{
	if (m->min == 0 && m->max == 0)
		return;
	if (bounds[m->type].min != NULL)
		(void)json_object_set_new(o, bounds[m->type].min, json_integer(m->min));
	if (bounds[m->type].max != NULL && m->max != 0 && m->max != INT64_MAX)
		(void)json_object_set_new(o, bounds[m->type].max, json_integer(m->max));
}

static json_t *
member_schema(const struct op_member *m, bool input)
{
	bool null = (m->flags & OP_NULL) != 0 || (input && (m->flags & OP_REQUIRED) == 0);
	json_t *o = m->type == OP_OBJECT && m->of != NULL ? members_schema(m->of, input)
							  : json_object();

	(void)json_object_set_new(o, "type",
		null ? json_pack("[s,s]", types[m->type].type, "null")
		     : json_string(types[m->type].type));
	if (types[m->type].format != NULL)
		(void)json_object_set_new(o, "format", json_string(types[m->type].format));
	(void)json_object_set_new(o, "description", json_string(m->help));
	member_bounds(m, o);
	if (input && m->type == OP_TEXT && (m->flags & OP_REQUIRED) != 0)
		(void)json_object_set_new(o, "minLength", json_integer(1));
	if (m->type == OP_WORDS)
		(void)json_object_set_new(o, "items", json_pack("{s:s}", "type", "string"));
	if (m->type == OP_LIST && m->of != NULL)
		(void)json_object_set_new(o, "items", members_schema(m->of, input));
	return o;
}

/* An answer may grow; what is sent may not hold what nobody reads. */
static json_t *
members_schema(const struct op_member *rows, bool input)
{
	json_t *properties = json_object(), *required = json_array();
	json_t *o = json_pack("{s:s,s:o}", "type", "object", "properties", properties);

	for (const struct op_member *m = rows; m->name != NULL; m++) {
		(void)json_object_set_new(properties, m->name, member_schema(m, input));
		if ((m->flags & OP_REQUIRED) != 0 || (!input && (m->flags & OP_NULL) == 0))
			(void)json_array_append_new(required, json_string(m->name));
	}
	if (json_array_size(required) > 0)
		(void)json_object_set(o, "required", required);
	json_decref(required);
	if (input)
		(void)json_object_set_new(o, "additionalProperties", json_false());
	return o;
}

static json_t *
content(json_t *schema)
{
	return json_pack("{s:{s:o}}", "application/json", "schema", schema);
}

static json_t *
bytes_content(void)
{
	return json_pack("{s:{s:{s:s,s:s}}}", "application/octet-stream", "schema", "type",
		"string", "format", "binary");
}

static bool
has_bytes(const struct op_member *m)
{
	for (; m != NULL && m->name != NULL; m++)
		if (m->type == OP_BYTES)
			return true;
	return false;
}

/* What an operation gives: an object, or bytes. */
static json_t *
given(const struct op_shape *s)
{
	if (s == NULL || s->out == NULL)
		return content(json_pack("{s:s}", "type", "object"));
	return has_bytes(s->out) ? bytes_content() : content(members_schema(s->out, false));
}

static json_t *
responses(const struct op_shape *s)
{
	static const struct {
		const char *status, *text;
	} refusals[] = {
		{ "400", "something in the request cannot be used; the message names it" },
		{ "403", "no token, not a good one, or it or its officer may not" },
		{ "404", "there is no such thing here" },
		{ "409", "it cannot be done as things stand" },
		{ "429", "too many wrong tokens from this address; wait" },
		{ "503", "the node is busy; try again" },
	};
	json_t *o =
		json_pack("{s:{s:s,s:o}}", "200", "description", "done", "content", given(s));

	for (size_t i = 0; i < CO_ARRAY_LEN(refusals); i++)
		(void)json_object_set_new(o, refusals[i].status,
			json_pack("{s:s,s:o}", "description", refusals[i].text, "content",
				content(json_pack(
					"{s:s}", "$ref", "#/components/schemas/Refusal"))));
	return o;
}

/* The body is the bytes; what the operation needs besides stands in the query. */
static void
operation_bytes(json_t *post, const struct op_shape *s)
{
	json_t *query = json_array();

	for (const struct op_member *m = s->in; m->name != NULL; m++)
		if ((m->flags & OP_REQUIRED) != 0)
			(void)json_array_append_new(query,
				json_pack("{s:s,s:s,s:b,s:o}", "name", m->name, "in", "query",
					"required", 1, "schema", member_schema(m, true)));
	(void)json_object_set_new(post, "parameters", query);
	(void)json_object_set_new(post, "requestBody",
		json_pack("{s:b,s:o}", "required", 1, "content", bytes_content()));
}

static json_t *
operation(const struct op *op, const struct op_shape *s)
{
	json_t *o;
	char tag[32], text[400];
	const char *scope = s == NULL || s->scope == NULL ? "none" : s->scope;
	json_t *in = s == NULL ? json_pack("{s:s}", "type", "object") : members_schema(s->in, true);

	(void)snprintf(tag, sizeof(tag), "%.*s", (int)strcspn(op->name, "."), op->name);
	(void)snprintf(text, sizeof(text), "Roles: %s. Scope of a token: %s.",
		strcmp(op->roles, "*") == 0 ? "any officer" : op->roles, scope);
	o = json_pack("{s:{s:s,s:s,s:s,s:[s],s:s?,s:{s:b,s:o},s:o}}", "post", "operationId",
		op->name, "summary", op->help, "description", text, "tags", tag, "x-scope",
		s == NULL ? NULL : s->scope, "requestBody", "required", 1, "content", content(in),
		"responses", responses(s));
	if (s != NULL && has_bytes(s->in))
		operation_bytes(json_object_get(o, "post"), s);
	return o;
}

enum co_rc
op_api_describe(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	(void)arg;
	(void)who;
	(void)in;
	return out_give(openapi_make(x, "http://localhost"), out, err);
}

json_t *
openapi_make(const struct exchange *x, const char *url)
{
	json_t *paths = json_object();
	char path[96];

	for (size_t i = 0; i < op_count(x); i++) {
		const struct op *op = op_at(x, i);

		(void)snprintf(path, sizeof(path), "/api/v1/%s", op->name);
		(void)json_object_set_new(paths, path, operation(op, op_shape_of(x, op->name)));
	}
	return json_pack("{s:s,s:{s:s,s:s,s:s,s:{s:s}},s:[{s:s}],s:[{s:[]}],s:o,"
			 "s:{s:{s:{s:s,s:s,s:s}},s:{s:{s:s,s:[s,s],s:{s:{s:s},s:{s:s}}}}}}",
		"openapi", "3.1.0", "info", "title", "Comity node", "version", COMITY_VERSION,
		"description",
		"Every operation is POST with a JSON object, and answers one, but for the few that "
		"take or give bytes. A refusal holds a "
		"code and a message for a person.",
		"license", "name", "see the file LICENSE of the source", "servers", "url", url,
		"security", "bearer", "paths", paths, "components", "securitySchemes", "bearer",
		"type", "http", "scheme", "bearer", "description",
		"an officer's token, or one made by comity token add", "schemas", "Refusal", "type",
		"object", "required", "error", "message", "properties", "error", "type", "string",
		"message", "type", "string");
}
