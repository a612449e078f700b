/* The deadline engine: when a term ends, what is left, when to warn. Pure arithmetic on instants
 * and a calendar; must never read a clock. Calendar days and hours run always; working days leave
 * out the weekend and the holidays given, in the zone given. Clocks can stop and go on (Regulation
 * (EU) 2023/1543 art. 10(6)). Exchange decides what a term is for and what follows from its end. */
#pragma once

#include "base/err.h"
#include "base/zone.h"
#include "law/law.h"

enum term_unit { TERM_HOURS, TERM_DAYS, TERM_WORKING_DAYS, TERM_MONTHS };

struct term_calendar {
	const struct co_zone *zone; /* NULL: UTC */
	unsigned weekend;           /* bit 0 Monday .. bit 6 Sunday; 0 none */
	const law_day *holidays;    /* ascending */
	size_t holidays_n;
};

/* An interval in which the clock stood; end_us INT64_MAX: it still stands. */
struct term_stop {
	int64_t from_us, to_us;
};

struct term {
	int64_t from_us;
	int64_t amount;
	enum term_unit unit;
	const struct term_stop *stops; /* ascending, apart */
	size_t stops_n;
};

/* Days end at the end of the last day in the zone (Regulation (EEC) 1182/71 art. 3 counts the day
 * of the event out); hours to the microsecond. CO_EREFUSED while the clock stands and the end is
 * not known. */
enum co_rc term_end(const struct term *t, const struct term_calendar *c, int64_t *end_us,
	struct co_err *err) CO_NODISCARD;

/* Alarms before an end, ascending in time: at half, three quarters, a day, two hours (those that
 * lie after from_us), and at the end itself. out holds TERM_ALARMS. */
enum { TERM_ALARMS = 5 };
size_t term_alarms(int64_t from_us, int64_t end_us, int64_t out[TERM_ALARMS]);

/* When an extension must be drafted so that it can be asked, approved and answered before expiry:
 * lead_days working days before, or at half of a short term. */
int64_t term_extend_by(
	int64_t from_us, int64_t expiry_us, unsigned lead_days, const struct term_calendar *c);
