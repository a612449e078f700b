/* What is wrong with a form, in the reader's words: which field by its label, and what is wanted of
 * it. The codes are those of form.check. */
#include "desk/filters.h"
#include "desk/pages.h"

#include <string.h>

static const struct {
	const char *code, *message;
} messages[] = {
	{ "missing", WORDS("this is needed") },
	{ "one", WORDS("this is needed, or: {other}") },
	{ "urgent", WORDS("an emergency needs its reason") },
	{ "yes", WORDS("this has to be yes") },
	{ "line", WORDS("one line of plain text is wanted") },
	{ "lines", WORDS("plain text is wanted") },
	{ "long", WORDS("this is too long: {max} bytes are allowed") },
	{ "many", WORDS("these are too many: {max} are allowed") },
	{ "choice", WORDS("choose one of the list") },
	{ "once", WORDS("each may be chosen once") },
	{ "number", WORDS("a whole number is wanted, {range}") },
	{ "email", WORDS("an e-mail address is wanted, as duty@example.org") },
	{ "phone", WORDS("a telephone number is wanted, as +66 2 123 4567") },
	{ "time", WORDS("a day and a time are wanted, as 2026-11-27 18:40") },
	{ "date", WORDS("a day is wanted, as 2026-11-27") },
	{ "zone", WORDS("a time zone is wanted, as Asia/Bangkok or +07:00") },
	{ "bool", WORDS("yes or no is wanted") },
	{ "ip", WORDS("an IPv4 or IPv6 address is wanted") },
	{ "order", WORDS("the end is before the beginning") },
	{ "past", WORDS("this day is over; a day that is still to come is wanted") },
	{ "future", WORDS("this has not come yet; a time that has passed is wanted") },
	{ "authority", WORDS("this is for the authority only and not sent to a provider") },
	{ "unknown", WORDS("this form has no such field; leave it out") },
	{ "shape", WORDS("this cannot be read; write it again") },
};

static const char *
text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

/* The value that a message holds: another label, a number, a range. */
static void
fault_value(const json_t *v, const struct template_view *view, char *out, size_t cap)
{
	long long min = json_integer_value(json_object_get(v, "min"));
	long long max = json_integer_value(json_object_get(v, "max"));

	if (json_object_get(v, "other_label") != NULL)
		(void)snprintf(out, cap, "%s",
			catalogue_text(view->words, text_of(v, "other_label")));
	else if (strcmp(text_of(v, "code"), "number") == 0 && max < INT32_MAX)
		(void)snprintf(out, cap, "%lld\u2013%lld", min, max);
	else if (strcmp(text_of(v, "code"), "number") == 0)
		(void)snprintf(out, cap, "\u2265 %lld", min);
	else
		(void)snprintf(out, cap, "%lld", max);
}

enum co_rc
filter_fault(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	char value[256], text[512];
	const char *message = text_of(v, "message");

	for (size_t i = 0; i < CO_ARRAY_LEN(messages); i++)
		if (strcmp(messages[i].code, text_of(v, "code")) == 0)
			message = messages[i].message;
	fault_value(v, view, value, sizeof(value));
	(void)catalogue_fill(catalogue_text(view->words, message), value, text, sizeof(text));
	return html_text(out, text, strlen(text), err);
}

json_t *
form_faults_at(const struct form_look *look, const char *field, int item, const char *member)
{
	const json_t *one;
	json_t *list = json_array();
	size_t i;

	json_array_foreach(look == NULL ? NULL : look->faults, i, one)
	{
		const json_t *number = json_object_get(one, "item");

		if (strcmp(text_of(one, "field"), field) == 0 &&
			strcmp(text_of(one, "member"), member == NULL ? "" : member) == 0 &&
			(number == NULL ? -1 : (int)json_integer_value(number)) == item)
			(void)json_array_append(list, (json_t *)(uintptr_t)one);
	}
	return list;
}

static const json_t *
by_code(const json_t *list, const char *code)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one) if (strcmp(text_of(one, "code"), code) == 0) return one;
	return NULL;
}

/* Fields of one input are reached at it, groups of boxes at their frame. */
static bool
one_input(const json_t *field, const json_t *member)
{
	static const char *const kinds[] = { "text", "lines", "date", "datetime", "int", "email",
		"phone" };

	for (size_t i = 0; i < CO_ARRAY_LEN(kinds); i++)
		if (strcmp(text_of(field, "type"), kinds[i]) == 0)
			return true;
	return member != NULL;
}

void
form_faults_tell(const json_t *form, json_t *faults)
{
	json_t *one;
	size_t i;

	json_array_foreach(faults, i, one)
	{
		const char *code = text_of(one, "field"), *part = text_of(one, "member");
		const json_t *field = by_code(json_object_get(form, "fields"), code);
		const json_t *member = by_code(json_object_get(field, "members"), part);
		const json_t *other =
			by_code(json_object_get(form, "fields"), text_of(one, "other"));
		const json_t *item = json_object_get(one, "item");

		if (field == NULL)
			continue;
		(void)json_object_set_new(one, "label", json_string(text_of(field, "label")));
		if (member != NULL)
			(void)json_object_set_new(
				one, "part", json_string(text_of(member, "label")));
		if (other != NULL)
			(void)json_object_set_new(
				one, "other_label", json_string(text_of(other, "label")));
		if (item != NULL)
			(void)json_object_set_new(
				one, "number", json_integer(json_integer_value(item) + 1));
		(void)json_object_set_new(one, "at",
			!one_input(field, member) ? json_sprintf("x-%s", code)
				: item != NULL ? json_sprintf("f.%s.%lld.%s", code,
					  (long long)json_integer_value(item), part)
				: member != NULL ? json_sprintf("f.%s.%s", code, part)
						 : json_sprintf("f.%s", code));
	}
}

json_t *
form_fault(const char *at, const char *label, const char *code)
{
	return json_pack("{s:s,s:s,s:s,s:s}", "at", at, "field", at, "label", label, "code", code);
}
