/* A filled form in words: labels and choices in the reader's language. What a person wrote
 * stays. */
#include "cli/form_text.h"

#include "words/catalogue.h"
#include "record/form.h"

#include <stdio.h>
#include <string.h>

static const char *
say(const struct catalogue *words, const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : catalogue_text(words, s);
}

/* A value by itself; a code of a choice gives its label. */
static void
value_print(const struct catalogue *words, const json_t *field, const json_t *v)
{
	const json_t *choice;
	size_t i;

	if (json_is_boolean(v))
		(void)fputs(catalogue_text(words, json_is_true(v) ? "yes" : "no"), stdout);
	else if (json_is_integer(v))
		(void)printf("%lld", (long long)json_integer_value(v));
	json_array_foreach(json_object_get(field, "choices"), i, choice) {
		if (json_equal(json_object_get(choice, "code"), v)) {
			(void)fputs(say(words, choice, "label"), stdout);
			return;
		}
	}
	if (json_is_string(v))
		(void)fputs(json_string_value(v), stdout); /* forms hold no control characters */
}

/* One contact, period or identifier: its parts that were given, with their labels. */
static void
members_print(const struct catalogue *words, const json_t *field, const json_t *v)
{
	const json_t *m;
	size_t i;

	json_array_foreach(json_object_get(field, "members"), i, m) {
		const char *code = json_string_value(json_object_get(m, "code"));
		const json_t *part = json_object_get(v, code);

		if (part == NULL)
			continue;
		(void)printf("\n    %s: ", say(words, m, "label"));
		value_print(words, m, part);
	}
}

static void
field_print(const struct catalogue *words, const json_t *field, const json_t *v)
{
	const json_t *one;
	size_t i;

	(void)printf("  %s:", say(words, field, "label"));
	if (json_is_object(v)) {
		members_print(words, field, v);
	} else if (json_is_array(v)) {
		json_array_foreach(v, i, one) {
			if (json_is_object(one)) {
				members_print(words, field, one);
				continue;
			}
			(void)fputs(i == 0 ? " " : ", ", stdout);
			value_print(words, field, one);
		}
	} else {
		(void)putchar(' ');
		value_print(words, field, v);
	}
	(void)putchar('\n');
}

void
form_text(const char *language, const char *measure, const json_t *fields)
{
	const struct catalogue *words = catalogue_for(language, NULL);
	const struct form *f = form_by_measure(measure);
	const json_t *field;
	size_t i;

	if (f == NULL || json_object_size(fields) == 0)
		return;
	(void)printf("\n%s\n", catalogue_text(words, form_title(f)));
	json_array_foreach(json_object_get(form_json(f), "fields"), i, field) {
		const json_t *v = json_object_get(
			fields, json_string_value(json_object_get(field, "code")));

		if (v != NULL)
			field_print(words, field, v);
	}
}
