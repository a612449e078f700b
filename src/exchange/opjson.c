#include "exchange/opjson.h"

#include <string.h>

bool
in_list(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = list; *at != '\0'; at += strcspn(at, ",")) {
		at += strspn(at, ", ");
		if (strncmp(at, word, n) == 0 && strchr(", ", at[n]) != NULL)
			return true;
	}
	return false;
}

enum co_rc
in_text(const json_t *in, const char *name, bool required, size_t max, const char **out,
	struct co_err *err)
{
	const json_t *v = json_object_get(in, name);

	if (v == NULL || json_is_null(v)) {
		if (required)
			return co_fail(err, CO_EUSAGE, "%s is missing", name);
		*out = NULL;
		return CO_OK;
	}
	if (!json_is_string(v))
		return co_fail(err, CO_EUSAGE, "%s must be a text", name);
	if (json_string_length(v) > max)
		return co_fail(err, CO_ETOOBIG, "%s is longer than %zu bytes", name, max);
	if (json_string_length(v) != strlen(json_string_value(v)) ||
		(required && json_string_length(v) == 0))
		return co_fail(err, CO_EUSAGE, "%s is empty or holds a zero byte", name);
	*out = json_string_value(v);
	return CO_OK;
}

enum co_rc
in_uuid(const json_t *in, const char *name, bool required, const char **out, struct co_err *err)
{
	const char *s;
	enum co_rc rc = in_text(in, name, required, CO_UUID_LEN, &s, err);

	if (rc != CO_OK)
		return rc;
	if (s != NULL && !co_uuid_valid(s))
		return co_fail(err, CO_EUSAGE, "%s is no UUID: %s", name, s);
	*out = s;
	return CO_OK;
}

enum co_rc
in_int(const json_t *in, const char *name, int64_t absent, int64_t min, int64_t max, int64_t *out,
	struct co_err *err)
{
	const json_t *v = json_object_get(in, name);

	if (v == NULL || json_is_null(v)) {
		*out = absent;
		return CO_OK;
	}
	if (!json_is_integer(v) || json_integer_value(v) < min || json_integer_value(v) > max)
		return co_fail(err, CO_EUSAGE, "%s must be a whole number from %lld to %lld", name,
			(long long)min, (long long)max);
	*out = json_integer_value(v);
	return CO_OK;
}

enum co_rc
in_bool(const json_t *in, const char *name, bool absent, bool *out, struct co_err *err)
{
	const json_t *v = json_object_get(in, name);

	if (v != NULL && !json_is_null(v) && !json_is_boolean(v))
		return co_fail(err, CO_EUSAGE, "%s must be true or false", name);
	*out = v == NULL || json_is_null(v) ? absent : json_is_true(v);
	return CO_OK;
}

enum co_rc
in_known(const json_t *in, const char *names, struct co_err *err)
{
	json_t *o = (json_t *)(uintptr_t)in; /* jansson iterates without changing it */

	if (in != NULL && !json_is_object(in))
		return co_fail(err, CO_EUSAGE, "an operation takes a JSON object");
	for (void *it = json_object_iter(o); it != NULL; it = json_object_iter_next(o, it)) {
		if (!in_list(names, json_object_iter_key(it)))
			return co_fail(err, CO_EUSAGE,
				"\"%s\" is not a member of this operation; it takes: %s",
				json_object_iter_key(it), names[0] == '\0' ? "nothing" : names);
	}
	return CO_OK;
}

void
out_time(json_t *o, const char *name, int64_t us)
{
	char text[CO_TIME_LEN];

	if (us <= 0) {
		(void)json_object_set_new(o, name, json_null());
		return;
	}
	co_time_print(us, text);
	(void)json_object_set_new(o, name, json_string(text));
}

void
out_text(json_t *o, const char *name, const char *s)
{
	(void)json_object_set_new(o, name, s[0] == '\0' ? json_null() : json_string(s));
}

enum co_rc
out_give(json_t *o, json_t **out, struct co_err *err)
{
	if (o == NULL)
		return co_fail(err, CO_ENOMEM, "the answer");
	*out = o;
	return CO_OK;
}

enum co_rc
out_rows(struct store_stmt *st, out_row *row, void *arg, json_t **out, struct co_err *err)
{
	json_t *list = json_array();
	bool more = true;
	enum co_rc rc = CO_OK;

	while (rc == CO_OK && (rc = store_step(st, &more, err)) == CO_OK && more)
		if (json_array_append_new(list, row(st, arg)) != 0)
			rc = co_fail(err, CO_ENOMEM, "the answer");
	if (rc == CO_OK)
		rc = out_give(list, out, err);
	else
		json_decref(list);
	return rc;
}

enum co_rc
out_list(const char *name, struct store_stmt *st, out_row *row, void *arg, json_t **out,
	struct co_err *err)
{
	json_t *list;

	TRY(out_rows(st, row, arg, &list, err));
	return out_give(json_pack("{s:o}", name, list), out, err);
}

enum co_rc
in_day(const json_t *in, const char *name, int64_t more, int64_t absent, int64_t *out,
	struct co_err *err)
{
	char text[32];
	const char *day;

	TRY(in_text(in, name, false, 10, &day, err));
	*out = absent;
	if (day == NULL)
		return CO_OK;
	(void)snprintf(text, sizeof(text), "%sT00:00:00Z", day);
	if (co_time_parse(text, out, NULL) != CO_OK)
		return co_fail(err, CO_EUSAGE, "%s is \"%s\": a day, as 2026-11-24", name, day);
	*out += more;
	return CO_OK;
}
