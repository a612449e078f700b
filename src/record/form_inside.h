/* What the files of forms share: the rows of a form as they were loaded. Private to the room; must
 * never be seen by another: they read form_json, form_need and form_faults. */
#pragma once

#include "record/form.h"
#include "record/form_type.h"

/* NULL when the form has no such field. */
const struct form_field *form_field(const struct form *f, const char *code);
const struct form_field *form_field_at(const struct form *f, size_t i);
/* Required with these fields; of two that stand for each other, while neither is given. */
bool field_required(const struct form_field *f, const json_t *fields);
