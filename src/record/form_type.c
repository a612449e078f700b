#include "record/form_type.h"

#include "base/clock.h"
#include "base/limits.h"

#include <arpa/inet.h>
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

/* The members are there as strings of the right form, or absent. */
static bool
extra_ordered(const json_t *v)
{
	const char *from = json_string_value(json_object_get(v, "from"));
	const char *to = json_string_value(json_object_get(v, "to"));
	int64_t a, b;

	if (from == NULL || to == NULL || co_time_parse(from, &a, NULL) != CO_OK ||
	    co_time_parse(to, &b, NULL) != CO_OK)
		return true;
	return a <= b;
}

static bool
extra_period(const struct form_field *f, const json_t *v, char *want, size_t cap)
{
	(void)f;
	(void)snprintf(want, cap, "wanted an end that is not before its start");
	return extra_ordered(v);
}

static bool
extra_identifiers(const struct form_field *f, const json_t *v, char *want, size_t cap)
{
	unsigned char ip[sizeof(struct in6_addr)];

	(void)f;
	for (size_t i = 0; i < json_array_size(v); i++) {
		const json_t *one = json_array_get(v, i);
		const char *type = json_string_value(json_object_get(one, "type"));
		const char *value = json_string_value(json_object_get(one, "value"));

		if (strcmp(type, "ip") == 0 && inet_pton(AF_INET, value, ip) != 1 &&
		    inet_pton(AF_INET6, value, ip) != 1) {
			(void)snprintf(want, cap, "[%zu].value: wanted an IPv4 or IPv6 address", i);
			return false;
		}
		if (strcmp(type, "email") == 0 && !text_email.ok(value, strlen(value))) {
			(void)snprintf(want, cap, "[%zu].value: wanted %s", i, text_email.want);
			return false;
		}
		if (!extra_ordered(one)) {
			(void)snprintf(want, cap, "[%zu].to: wanted a time that is not before from",
				i);
			return false;
		}
	}
	return true;
}

static bool
extra_contact(const struct form_field *f, const json_t *v, char *want, size_t cap)
{
	for (size_t i = 0; i < json_array_size(f->needs); i++) {
		const char *code = json_string_value(json_array_get(f->needs, i));

		if (json_object_get(v, code) == NULL) {
			(void)snprintf(want, cap, "wanted its member %s", code);
			return false;
		}
	}
	return true;
}

static bool
extra_choices(const struct form_field *f, const json_t *v, char *want, size_t cap)
{
	(void)f;
	for (size_t i = 0; i < json_array_size(v); i++)
		for (size_t j = 0; j < i; j++)
			if (json_equal(json_array_get(v, i), json_array_get(v, j))) {
				(void)snprintf(want, cap, "wanted each choice once");
				return false;
			}
	return true;
}

static bool
extra_bool(const struct form_field *f, const json_t *v, char *want, size_t cap)
{
	(void)snprintf(want, cap, "wanted true");
	return !f->must || json_is_true(v);
}

static const struct form_type {
	const char *name;
	struct schema row;
	bool (*extra)(const struct form_field *f, const json_t *v, char *want, size_t cap);
} types[] = {
	{ "text", { STRING(LINE_MAX_BYTES, text_name) }, NULL },
	{ "lines", { STRING(LIMIT_TEXT, text_lines) }, NULL },
	{ "choice", { .shape = SHAPE_STRING, .min = 1, .max = 64 }, NULL },
	{ "choices", { .shape = SHAPE_LIST, .min = 1, .max = 64 }, extra_choices },
	{ "date", { STRING(10, text_date) }, NULL },
	{ "datetime", { STRING(CO_TIME_LEN - 1, text_time) }, NULL },
	{ "int", { .shape = SHAPE_INTEGER, .min = 0, .max = INT64_MAX }, NULL },
	{ "email", { STRING(254, text_email) }, NULL },
	{ "phone", { STRING(40, text_phone) }, NULL },
	{ "bool", { .shape = SHAPE_BOOL }, extra_bool },
	{ "identifiers", { .shape = SHAPE_LIST, .min = 1, .max = IDENTIFIERS_MAX,
	  .sub = identifier_row },
	  extra_identifiers },
	{ "period", { .shape = SHAPE_OBJECT, .sub = period_members }, extra_period },
	{ "contact", { .shape = SHAPE_OBJECT, .sub = contact_members }, extra_contact },
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
	f->extra = t->extra;
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
