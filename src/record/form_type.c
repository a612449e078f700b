#include "record/form_type.h"

#include "base/clock.h"
#include "base/limits.h"

#include <string.h>

#define STRING(x, r) .shape = SHAPE_STRING, .min = 1, .max = (x), .rule = &(r)

enum { LINE_MAX_BYTES = 255, VALUE_MAX_BYTES = 2048, IDENTIFIERS_MAX = 64 };

static const struct schema contact_members[] = {
	{ .name = "organisation", STRING(LIMIT_NAME, text_name) },
	{ .name = "person", STRING(LIMIT_NAME, text_name) },
	{ .name = "title", STRING(LIMIT_NAME, text_name) },
	{ .name = "function", STRING(LIMIT_NAME, text_name) },
	{ .name = "address", STRING(1000, text_lines) },
	{ .name = "phone", STRING(40, text_phone) },
	{ .name = "mobile", STRING(40, text_phone) },
	{ .name = "email", STRING(254, text_email) },
	{ .name = "fax", STRING(40, text_phone) },
	{ .name = "hours", STRING(LIMIT_NAME, text_name) },
	{ .name = "timezone", STRING(63, text_zone) },
	SCHEMA_END
};

static const struct schema identifier_members[] = {
	{ .name = "type", .flags = SCHEMA_MUST, .shape = SHAPE_STRING, .min = 1, .max = 32,
	  .choices = "ip|domain|url|email|account|phone|imsi|imei|device|message|wallet|other" },
	{ .name = "value", .flags = SCHEMA_MUST, STRING(VALUE_MAX_BYTES, text_name) },
	{ .name = "port", .shape = SHAPE_INTEGER, .min = 1, .max = 65535 },
	{ .name = "from", STRING(CO_TIME_LEN - 1, text_time) },
	{ .name = "to", STRING(CO_TIME_LEN - 1, text_time) },
	{ .name = "zone", STRING(63, text_zone) },
	{ .name = "note", STRING(1000, text_lines) },
	SCHEMA_END
};
static const struct schema identifier_row[] = { { .name = "identifier", .shape = SHAPE_OBJECT,
	.sub = identifier_members }, SCHEMA_END };

static const struct schema period_members[] = {
	{ .name = "from", .flags = SCHEMA_MUST, STRING(CO_TIME_LEN - 1, text_time) },
	{ .name = "to", .flags = SCHEMA_MUST, STRING(CO_TIME_LEN - 1, text_time) },
	SCHEMA_END
};

static const struct form_type {
	const char *name;
	struct schema row;
} types[] = {
	{ "text", { STRING(LINE_MAX_BYTES, text_name) } },
	{ "lines", { STRING(LIMIT_TEXT, text_lines) } },
	{ "choice", { .shape = SHAPE_STRING, .min = 1, .max = 64 } },
	{ "choices", { .shape = SHAPE_LIST, .min = 1, .max = 64 } },
	{ "date", { STRING(10, text_date) } },
	{ "datetime", { STRING(CO_TIME_LEN - 1, text_time) } },
	{ "int", { .shape = SHAPE_INTEGER, .min = 0, .max = INT64_MAX } },
	{ "email", { STRING(254, text_email) } },
	{ "phone", { STRING(40, text_phone) } },
	{ "bool", { .shape = SHAPE_BOOL } },
	{ "identifiers", { .shape = SHAPE_LIST, .min = 1, .max = IDENTIFIERS_MAX,
	  .sub = identifier_row } },
	{ "period", { .shape = SHAPE_OBJECT, .sub = period_members } },
	{ "contact", { .shape = SHAPE_OBJECT, .sub = contact_members } },
};

/* "a|b|c" of the codes; NULL when memory is out or there is none. */
static char *
type_choices(const json_t *json)
{
	const json_t *list = json_object_get(json, "choices");
	size_t n = 1;
	char *out, *at;

	for (size_t i = 0; i < json_array_size(list); i++)
		n += json_string_length(json_object_get(json_array_get(list, i), "code")) + 1;
	out = n > 1 ? calloc(n, 1) : NULL;
	if (out == NULL)
		return NULL;
	at = out;
	for (size_t i = 0; i < json_array_size(list); i++)
		at += snprintf(at, n - (size_t)(at - out), "%s%s", i > 0 ? "|" : "",
			json_string_value(json_object_get(json_array_get(list, i), "code")));
	return out;
}

bool
form_type_fill(struct form_field *f, const json_t *json)
{
	const char *name = json_string_value(json_object_get(json, "type"));
	const json_t *min = json_object_get(json, "min"), *max = json_object_get(json, "max");
	const struct form_type *t = types;

	while (t < types + CO_ARRAY_LEN(types) && (name == NULL || strcmp(t->name, name) != 0))
		t++;
	if (t == types + CO_ARRAY_LEN(types))
		return false;
	f->row = t->row;
	f->row.name = f->code;
	if (min != NULL)
		f->row.min = json_integer_value(min);
	if (max != NULL)
		f->row.max = json_integer_value(max);
	if (strncmp(t->name, "choice", 6) != 0)
		return true;
	f->choices = type_choices(json);
	f->element[0] = (struct schema){ .name = "choice", .shape = SHAPE_STRING, .min = 1,
		.max = 64,
		.choices = f->choices };
	if (f->row.shape == SHAPE_LIST)
		f->row.sub = f->element;
	else
		f->row.choices = f->choices;
	return f->choices != NULL;
}
