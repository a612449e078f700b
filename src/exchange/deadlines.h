/* Time limits of requests: how long a preservation must last (art. 29(7)) and by when we expect an
 * answer (our own defaults, not law). Never asks for anything by itself: it counts, marks, warns,
 * and drafts what an officer may send. */
#pragma once

#include "exchange/exchange.h"

enum {
	PRESERVE_DAYS_MIN = 60, /* art. 29(7): not less than sixty days */
	/* A promise farther off than ten years is a slip of the hand. */
	PRESERVE_UNTIL_DAYS = 3650,
	ENDING_DAYS = 14 /* what ends so soon is shown as ending; ours, not law */
};
/* What a request may ask for: field days of the form preserve, its one place. */
void deadlines_days(int64_t *least, int64_t *most);

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
 * pending request for disclosure stay (art. 29(7)). Before the end it writes an event "alarm" at
 * half, three quarters, a day and two hours, and in time (exchange_conf.lead_days) drafts one
 * extension of a preservation of ours that nothing else keeps alive; it waits for an officer. What
 * is told and drafted is in one transaction with its mark. The node calls it every minute or so;
 * *marked may be NULL. */
enum co_rc exchange_sweep(
	struct exchange *x, int64_t now_us, size_t *marked, struct co_err *err) CO_NODISCARD;
