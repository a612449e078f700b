/* Forms: what each measure asks, one JSON file in data/forms, built into the program.
 * Drives validation, prompts, labels and documents. Field codes are language-neutral. */
#pragma once

#include "record/record.h"

struct form; /* immutable, process-wide, parsed once */

/* By measure code ("preserve"); NULL when there is none. */
const struct form *form_by_measure(const char *measure);
size_t form_count(void);
const struct form *form_at(size_t i);
const char *form_measure(const struct form *f);
const char *form_title(const struct form *f);   /* English, from the form file */
const char *form_articles(const struct form *f); /* "29", borrowed text */
/* The whole form as JSON (borrowed), for the desk, the API and documents. */
const json_t *form_json(const struct form *f);

/* Does the body of a request satisfy the form? Names every missing or wrong field in err. */
enum co_rc form_check(const struct form *f, const json_t *fields, struct co_err *err) CO_NODISCARD;

/* What a form asks field by field, for those who say what is missing instead of refusing. */
struct form_need {
	const char *code, *label, *help, *source; /* source: "art. 29(2)(e)"; borrowed */
	bool required; /* here, with these fields */
	bool given;
	bool unmet; /* a bool that has to be true and is false */
};
size_t form_field_count(const struct form *f);
/* fields may be NULL: nothing given yet. */
void form_need(
	const struct form *f, size_t i, const json_t *fields, struct form_need *out);
