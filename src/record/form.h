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

/* Does the body of a request satisfy the form? Names what is missing or wrong in err. */
enum co_rc form_check(const struct form *f, const json_t *fields, struct co_err *err) CO_NODISCARD;

/* How a form is judged. Somebody who writes one is held to more than a record that comes: dates
 * that have to be past or to come, and a reason for an emergency. */
struct form_ask {
	bool provider; /* the provider's view, below */
	bool compose;
	int64_t now_us;      /* when it is written */
	const char *urgency; /* NULL: not said */
};
enum co_rc form_check_asked(const struct form *f, const json_t *fields, const struct form_ask *ask,
	struct co_err *err) CO_NODISCARD;
/* All that does not fit, in the order of the form: [{"path": "identifiers[0].to", "field", "item"?,
 * "member"?, "code": "order", "text": for programs, "source", "min"?, "max"?, "other"?}]; the codes
 * are in docs/protocol.md, section 5. fields is an object. NULL when memory is out. */
json_t *form_faults(const struct form *f, const json_t *fields, const struct form_ask *ask);

/* Two views of one request: an authority sees all, a provider not what is for the authority only
 * (Regulation (EU) 2023/1543 art. 9(2): necessity and the summary of the case). The check of the
 * provider's view demands no such field and refuses one that is there. */
enum co_rc form_check_provider(
	const struct form *f, const json_t *fields, struct co_err *err) CO_NODISCARD;
/* The fields that a provider may see, or those that it may not; NULL when memory is out. */
json_t *form_fields_shown(const struct form *f, const json_t *fields);
json_t *form_fields_withheld(const struct form *f, const json_t *fields);

/* The i-th member of a field that is an object or a list of objects, its choices as "a|b" or NULL
 * when it has none; NULL: there are no more, or the field is plain. */
const char *form_member(const struct form *f, const char *code, size_t i, bool *must,
	const char **choices);

/* Is there such a field, and may it have this value? Says nothing of other fields. */
bool form_value_fits(const struct form *f, const char *code, const json_t *v);

/* What a form asks field by field, for those who say what is missing instead of refusing. */
struct form_need {
	const char *code, *label, *help, *source; /* source: "art. 29(2)(e)"; borrowed */
	/* A field that would do instead and is not given either; NULL. */
	const char *other, *other_label;
	bool required; /* here, with these fields */
	bool authority; /* no provider is shown it */
	bool given;
	bool unmet; /* a bool that has to be true and is false */
};
size_t form_field_count(const struct form *f);
/* fields may be NULL: nothing given yet. */
void form_need(
	const struct form *f, size_t i, const json_t *fields, struct form_need *out);
