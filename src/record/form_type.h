/* Types of form fields: each becomes a schema row, and says what a row cannot say.
 * Private to the room; the types are described in docs/protocol.md. */
#pragma once

#include "record/schema.h"

struct form_field {
	const char *code;
	const char *source;       /* "art. 29(2)(a)" */
	struct schema row;        /* .sub may point to element */
	struct schema element[2]; /* of "choices" */
	char *choices;            /* "a|b|c", owned */
	bool authority;           /* "view": for the executing authority only, no provider's */
	bool required, must;      /* must: a bool that has to be true */
	const char *if_field;     /* required if that field has the value if_is */
	const json_t *if_is;
	const char *unless;       /* required unless that field is given */
	const char *if_urgency;   /* required of a request of this urgency, when it is written */
	int when;                 /* -1: has passed, 1: is to come, when it is written; 0: either */
	const json_t *needs;      /* members that a contact must have */
};

/* Fills row, element and choices from the field of a form file; false: no such type. */
bool form_type_fill(struct form_field *f, const json_t *json);
