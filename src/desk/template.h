/* Pages from templates: what a page shows is JSON, how it shows is a template. Must never write a
 * value unescaped, but what a filter of this room made. Syntax: a small part of Mustache, below. */

/* {{name}} {{a.b}} {{.}}      a value, escaped; null and absent are empty
 * {{name|filter}}             through a row of the filter table (filters.c)
 * {{#name}}..{{/name}}        for each element, or once inside an object or true
 * {{^name}}..{{/name}}        when absent, null, false, empty
 * {{>name}}  {{>@}}           another template; the page inside its layout
 * {{_n count|{n} day|{n} days}}  the form for the number "count" has
 * {{_ Words of the page}}     translated; {name} inside it is a value, escaped
 * A name is looked up in the innermost object that has it. Templates are part of the program: one
 * that does not fit is our own mistake and ends the start (templates_check says where). */
#pragma once

#include "base/buf.h"

#include <jansson.h>

struct catalogue;
struct co_zone;
struct zones;

struct template_view {
	const struct catalogue *words; /* NULL: English, as in the template */
	const struct co_zone *zone;    /* of the reader; NULL: UTC */
	const char *partner;           /* whose time stands beside the reader's, or NULL */
	const struct co_zone *there;   /* the partner's zone */
	struct zones *zones;           /* for zones that a page names */
	int64_t now_us;                /* what "left" and "ago" count from */
};

/* Renders template page inside template layout (NULL: bare). */
enum co_rc template_render(const char *layout, const char *page, const json_t *values,
	const struct template_view *view, struct co_buf *out, struct co_err *err) CO_NODISCARD;
/* Parses all; CO_EINTERNAL names file and place. Called once at start and by a test. */
enum co_rc templates_check(struct co_err *err) CO_NODISCARD;

/* For tests, on one thread: renders text as if it were templates/NAME.html. */
enum co_rc template_try(const char *name, const char *text, const json_t *values,
	const struct template_view *view, struct co_buf *out, struct co_err *err) CO_NODISCARD;

/* ---- for filters ---- */
/* Text into HTML text or a quoted attribute: & < > " ' */
enum co_rc html_text(struct co_buf *out, const char *s, size_t n, struct co_err *err) CO_NODISCARD;
typedef enum co_rc template_filter(const json_t *value, const struct template_view *view,
	struct co_buf *out, struct co_err *err);
/* NULL when there is none. */
template_filter *template_filter_find(const char *name, size_t n);
