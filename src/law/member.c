/* Objects of the files against the rows that say what they may hold. */
#include "law/inside.h"

#include <inttypes.h>
#include <string.h>

static void
member_fault_words(struct law_load *l, const struct law_path *at, const char *name, const char *got,
	const char *choices)
{
	char show[TEXT_SHOW], list[200];
	size_t n = 0;

	for (; choices[n] != '\0' && n < sizeof(list) - 1; n++)
		list[n] = choices[n] == '|' ? ' ' : choices[n];
	list[n] = '\0';
	law_fault(l, at, "%s: \"%s\" is none of the words it may have; write one of: %s", name,
		text_show(got, show), list);
}

static bool
member_string(struct law_load *l, const struct law_path *at, const json_t *v,
	const struct law_member *row, const char *name)
{
	const struct text_rule *rule = row->rule != NULL ? row->rule : &text_name;
	const char *s = json_string_value(v);
	size_t n = json_string_length(v);
	size_t max = row->max > 0 ? (size_t)row->max : LIMIT_LAW_TEXT;

	if (!json_is_string(v))
		law_fault(l, at, "%s: wanted a string%s%s", name, row->rule != NULL ? ": " : "",
			row->rule != NULL ? row->rule->want : "");
	else if (n == 0)
		law_fault(l, at, "%s: it is empty; give it a text or leave it out", name);
	else if (n > max)
		law_fault(l, at, "%s: %zu bytes, %zu is the limit; shorten it", name, n, max);
	else if (row->choices != NULL && !text_one_of(row->choices, s, n))
		member_fault_words(l, at, name, s, row->choices);
	else if (row->choices == NULL && !rule->ok(s, n))
		law_fault(l, at, "%s: wanted %s", name, rule->want);
	else
		return true;
	return false;
}

static bool
member_date(struct law_load *l, const struct law_path *at, const json_t *v,
	const struct law_member *row, const char *name)
{
	struct co_err err = { 0 };
	law_day day;

	(void)row;
	if (json_is_string(v) && law_day_parse(json_string_value(v), &day, &err) == CO_OK)
		return true;
	law_fault(l, at, "%s: %s", name,
		json_is_string(v) ? err.msg : "wanted a date in quotes, as \"2013-12-01\"");
	return false;
}

static bool
member_integer(struct law_load *l, const struct law_path *at, const json_t *v,
	const struct law_member *row, const char *name)
{
	if (json_is_integer(v) && json_integer_value(v) >= 0 && json_integer_value(v) <= row->max)
		return true;
	law_fault(l, at, "%s: wanted a whole number from 0 to %" PRId64, name, row->max);
	return false;
}

static bool
member_bool(struct law_load *l, const struct law_path *at, const json_t *v,
	const struct law_member *row, const char *name)
{
	(void)row;
	if (json_is_boolean(v))
		return true;
	law_fault(l, at, "%s: wanted true or false, without quotes", name);
	return false;
}

static bool
member_object(struct law_load *l, const struct law_path *at, const json_t *v,
	const struct law_member *row, const char *name)
{
	(void)row;
	if (json_is_object(v))
		return true;
	law_fault(l, at, "%s: wanted an object in { }", name);
	return false;
}

static bool
member_list(struct law_load *l, const struct law_path *at, const json_t *v,
	const struct law_member *row, const char *name)
{
	size_t max = row->max > 0 ? (size_t)row->max : LIMIT_LAW_LIST;

	if (!json_is_array(v))
		law_fault(l, at, "%s: wanted a list in [ ]", name);
	else if (json_array_size(v) > max)
		law_fault(l, at, "%s: %zu elements, %zu is the limit; split the file", name,
			json_array_size(v), max);
	else
		return true;
	return false;
}

static bool
member_strings(struct law_load *l, const struct law_path *at, const json_t *v,
	const struct law_member *row, const char *name)
{
	struct law_member one = *row;
	bool ok = member_list(l, at, v, &(struct law_member){ .max = 0 }, name);

	for (size_t i = 0; ok && i < json_array_size(v); i++)
		ok = member_string(
			l, &(struct law_path){ at, NULL, i }, json_array_get(v, i), &one, name);
	return ok;
}

static bool (*const shapes[])(struct law_load *, const struct law_path *, const json_t *,
	const struct law_member *, const char *) = {
	[LAW_STRING] = member_string,
	[LAW_STRINGS] = member_strings,
	[LAW_DATE] = member_date,
	[LAW_INTEGER] = member_integer,
	[LAW_BOOL] = member_bool,
	[LAW_OBJECT] = member_object,
	[LAW_LIST] = member_list,
};

bool
law_value(struct law_load *l, const struct law_path *at, const json_t *v,
	const struct law_member *row)
{
	return row->shape == LAW_ANY || shapes[row->shape](l, at, v, row, row->name);
}

static const struct law_member *
member_row(const struct law_member *rows, const char *name)
{
	while (rows->name != NULL && strcmp(rows->name, name) != 0)
		rows++;
	return rows->name != NULL ? rows : NULL;
}

bool
law_members(struct law_load *l, const struct law_path *at, const json_t *o,
	const struct law_member *rows)
{
	json_t *it_of = (json_t *)(uintptr_t)o; /* jansson iterates without changing it */
	bool ok = true;

	if (!json_is_object(o)) {
		law_fault(l, at, "wanted an object in { }");
		return false;
	}
	for (void *it = json_object_iter(it_of); it != NULL;
		it = json_object_iter_next(it_of, it)) {
		const char *name = json_object_iter_key(it);
		const struct law_member *row = member_row(rows, name);
		struct law_path here = { at, name, 0 };
		char show[TEXT_SHOW];

		if (row == NULL)
			law_fault(l, &here, "unknown member \"%s\"; remove it or correct its name",
				text_show(name, show));
		if (row == NULL || !law_value(l, &here, json_object_iter_value(it), row))
			ok = false;
	}
	for (const struct law_member *row = rows; row->name != NULL; row++) {
		if (!row->must || json_object_get(o, row->name) != NULL)
			continue;
		law_fault(l, at, "\"%s\" is missing; add it", row->name);
		ok = false;
	}
	return ok;
}

const char *
law_get(const json_t *o, const char *name)
{
	return json_string_value(json_object_get(o, name));
}

int64_t
law_get_int(const json_t *o, const char *name, int64_t other)
{
	const json_t *v = json_object_get(o, name);

	return json_is_integer(v) ? json_integer_value(v) : other;
}

law_day
law_get_day(const json_t *o, const char *name, law_day other)
{
	const char *s = law_get(o, name);
	law_day day;

	return s != NULL && law_day_parse(s, &day, NULL) == CO_OK ? day : other;
}

const char *
law_get_copy(struct law_load *l, const json_t *o, const char *name)
{
	const char *s = law_get(o, name);

	return s == NULL ? NULL : law_copy(l, s);
}

const char *const *
law_strings(struct law_load *l, const json_t *list, size_t *n)
{
	const char **out = law_take(l, json_array_size(list) + 1, sizeof(*out));

	*n = 0;
	for (size_t i = 0; out != NULL && i < json_array_size(list) && !l->nomem; i++) {
		const char *s = json_string_value(json_array_get(list, i));

		if (s != NULL && (s = law_copy(l, s)) != NULL)
			out[(*n)++] = s;
	}
	return out;
}
