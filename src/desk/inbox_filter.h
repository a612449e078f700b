/* The filter of the inbox as people have it: fields of the address, chips that can be taken away, a
 * form, filters kept by name. It is nothing but the query string, so that every state of the page
 * can be linked to and had without a script. Private to the room; must never filter anything:
 * exchange/pick.h does. */
#pragma once

#include "desk/inside.h"

/* A field of a filter as it was given; NULL: not. */
typedef const char *given_fn(const struct visit *v, const char *name);
given_fn filter_asked; /* in the address */

/* The members of inbox.list for it. CO_EUSAGE names the field. */
enum co_rc filter_read(
	const struct visit *v, given_fn *given, json_t *in, struct co_err *err) CO_NODISCARD;
/* As a query string, without one field (NULL: with all). */
json_t *filter_query(const struct visit *v, given_fn *given, const char *without);

/* ---- values for the template ---- */
/* chips: one a field, what it says and the address without it; narrow: there are some; now: every
 * field as it is. */
void filter_chips(struct visit *v);
/* What can be chosen: pick_show, pick_measure, ... and units. */
enum co_rc filter_form(struct visit *v, struct co_err *err) CO_NODISCARD;
/* views: filters that the officer keeps, each as a link; the one that is on is marked. */
enum co_rc filter_views(struct visit *v, struct co_err *err) CO_NODISCARD;
