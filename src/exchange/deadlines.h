/* Time limits of requests: how long a preservation must last (art. 29(7)) and by when we expect an
 * answer (our own defaults, not law). Never extends anything by itself: it only counts and marks.
 */
#pragma once

#include "exchange/exchange.h"

/* Art. 29(7): "not less than sixty days". */
enum { PRESERVE_DAYS_MIN = 60, PRESERVE_DAYS_MAX = 3650 };

/* When an answer is expected; the slowest default for an unknown urgency. */
int64_t deadlines_due_us(const char *urgency, int64_t asked_us);
/* fields.days of a preservation request, if given, against art. 29(7). */
enum co_rc deadlines_check_days(const json_t *fields, struct co_err *err) CO_NODISCARD;
/* A preservation done at done_us that runs until until_us. */
enum co_rc deadlines_check_until(
	int64_t done_us, int64_t until_us, struct co_err *err) CO_NODISCARD;
/* The end we promise when the officer names none: days (0: the least) after now, full hours up. */
int64_t deadlines_default_until_us(int64_t now_us, int64_t days);

/* Marks preservations whose time is over as expired, each with an event; those kept alive by a
 * pending request for disclosure stay (art. 29(7)). The node calls it every minute or so; *marked
 * may be NULL. */
enum co_rc exchange_sweep(
	struct exchange *x, int64_t now_us, size_t *marked, struct co_err *err) CO_NODISCARD;
