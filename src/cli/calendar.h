/* The working calendar of the node's own desk, from comity.conf: zone, weekend, holidays. Must be
 * opened before the sandbox closes (base/zone.h). */
#pragma once

#include "cli/config.h"
#include "law/term.h"

enum { CALENDAR_HOLIDAYS = 128 };

struct calendar {
	struct term_calendar term; /* borrows the rest */
	struct co_zone *zone;
	law_day holidays[CALENDAR_HOLIDAYS];
};

/* "sat,sun" as bits of struct term_calendar; seven days are refused. */
enum co_rc calendar_weekend(const char *text, unsigned *out, struct co_err *err) CO_NODISCARD;
/* "2027-04-13,2027-04-14": ascending; at most CALENDAR_HOLIDAYS. */
enum co_rc calendar_holidays(
	const char *text, law_day *out, size_t *n, struct co_err *err) CO_NODISCARD;
/* out stays where it is: its parts point at each other. */
enum co_rc calendar_open(
	struct calendar *out, const struct config *c, struct co_err *err) CO_NODISCARD;
void calendar_deinit(struct calendar *c);
#define calendar_auto CO_CLEANUP(calendar_deinit) struct calendar
