/* Forms of measures on pages: rows for templates (form_rows.c), what was posted (form_page.c), what
 * is wrong (form_fault.c), times as a clock shows them (form_time.c). Private to the room; must
 * never judge a form: form.check does. */
#pragma once

#include "desk/inside.h"

/* What a form is shown and read with; NULL: for reading, or times with their zone only. */
struct form_look {
	const json_t *faults; /* of form.check, told */
	struct zones *zones;
	const char *zone; /* of the reader, by name */
};
struct form_look form_look_of(const struct visit *v);
/* Forms as rows for templates: every field with its value, for editing or for reading. */
json_t *form_rows(const json_t *form, const json_t *values, const struct form_look *look);
/* Takes the rows that no provider is shown out of rows; gives them. */
json_t *form_rows_withhold(json_t *rows);
/* Rows in their order, those that are optional folded. */
json_t *form_sections(const json_t *rows);
/* The i-th field called name; NULL when there are no more. */
typedef const char *form_field_fn(const void *arg, const char *name, size_t i);
/* Fields of the posted page into what an operation takes: the inverse of form_rows. */
json_t *form_read_from(form_field_fn *get, const void *arg, const json_t *form,
	const struct form_look *look);
json_t *form_read(const struct visit *v, const json_t *form);
/* A time as a clock in the zone shows it, for an input; false: it cannot be shown so. */
bool form_time_shown(const char *s, const char *zone, const struct form_look *look,
	char out[CO_TIME_LEN]);
json_t *form_time_read(const char *s, const char *zone, const struct form_look *look);
/* Labels, parts and where it is on the page, into each fault of form.check. */
void form_faults_tell(const json_t *form, json_t *faults);
/* One of the page itself; at: id of the input. */
json_t *form_fault(const char *at, const char *label, const char *code);
/* Those of one place; item -1: of no element, member NULL: of the whole. */
json_t *form_faults_at(
	const struct form_look *look, const char *field, int item, const char *member);
