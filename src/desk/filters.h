/* What the files of filters share: filters turn a value of the API into what people read. A row of
 * the table in filters.c names each. Must never write a text unescaped. Private to the room. */
#pragma once

#include "desk/inside.h"

/* An English message in the reader's language. */
enum co_rc filter_say(struct co_buf *out, const struct template_view *view, const char *english,
	struct co_err *err) CO_NODISCARD;

/* filters_time.c: times, days and numbers as the reader's language and zone have them */
template_filter filter_time, /* in the reader's zone */
	filter_both,         /* and in the partner's beside it */
	filter_given,        /* what a form was given, with times as here */
	filter_said,         /* a message, with the times in it as here */
	filter_day,          /* "2026-12-01" */
	filter_left,         /* until a time, or since */
	filter_clock,        /* the time it is now in a zone, by its name */
	filter_days,         /* a number of days */
	filter_bytes;

template_filter filter_fault; /* form_fault.c: what is wrong with a field */
