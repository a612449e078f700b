/* What a browser posts for the rows of a form (desk/pages.h): the other half of form_read. */
#pragma once

#include <jansson.h>
#include <string.h>

/* Names and values in the order of the page: [["f.days", "60"], ..]. */
static inline void
post_pair(json_t *to, const json_t *name, const json_t *value)
{
	json_t *text = json_is_integer(value)
		? json_sprintf("%lld", (long long)json_integer_value(value))
		: json_is_string(value) ? json_string(json_string_value(value))
					: json_string("");

	(void)json_array_append_new(to, json_pack("[O,o]", name, text));
}

static inline void
post_members(json_t *to, const json_t *members)
{
	const json_t *m;
	size_t i;

	json_array_foreach(members, i, m)
		post_pair(to, json_object_get(m, "name"), json_object_get(m, "value"));
}

static inline void
post_row(json_t *to, const json_t *row)
{
	const json_t *name = json_object_get(row, "name"), *is = json_object_get(row, "is"), *one;
	size_t i;

	json_array_foreach(json_object_get(row, "options"), i,
		one) if (json_is_true(json_object_get(one, "on")))
		post_pair(to, name, json_object_get(one, "code"));
	json_array_foreach(json_object_get(row, "items"), i, one)
		post_members(to, json_object_get(one, "members"));
	post_members(to, json_object_get(row, "parts"));
	if (json_is_true(json_object_get(is, "bool")) &&
		json_is_true(json_object_get(row, "given")))
		(void)json_array_append_new(to,
			json_pack("[O,s]", name,
				json_is_true(json_object_get(row, "yes")) ? "yes" : "no"));
	else if (json_object_get(row, "options") == NULL && json_object_get(row, "items") == NULL &&
		json_object_get(row, "parts") == NULL)
		post_pair(to, name, json_object_get(row, "value"));
}

static inline json_t *
post_of(const json_t *rows)
{
	json_t *to = json_array();
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) post_row(to, row);
	return to;
}

/* A form_field_fn over such pairs. */
static inline const char *
post_get(const void *arg, const char *name, size_t i)
{
	const json_t *pairs = arg, *pair;
	size_t k;

	json_array_foreach(
		pairs, k, pair) if (strcmp(json_string_value(json_array_get(pair, 0)), name) == 0 &&
		i-- == 0) return json_string_value(json_array_get(pair, 1));
	return NULL;
}
