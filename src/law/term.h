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

/* An interval in which the clock stood; to_us INT64_MAX: it still stands. */
struct term_stop {
	int64_t from_us, to_us;
};

struct term {
	int64_t from_us;
	int64_t amount; /* 1.. */
	enum term_unit unit;
	const struct term_stop *stops; /* ascending, apart */
	size_t stops_n;
};

/* Hours end to the microsecond; the time that the clock stood is added. Days are those of the
 * zone's calendar: the day in which the term begins is not counted, nor is a day in which the clock
 * stood, if only for a while; the term ends at the end of the last day. A month ends on the day of
 * that number, or on the month's last. (How Regulation (EEC) 1182/71 art. 3 counts; its (4), by
 * which no term ends on a holiday, is left to who makes the term.)
 * c NULL: UTC, every day a working day. CO_EREFUSED while the clock stands and the end is not
 * known; CO_ETOOBIG for an end that no instant can tell. */
enum co_rc term_end(const struct term *t, const struct term_calendar *c, int64_t *end_us,
	struct co_err *err) CO_NODISCARD;

/* Alarms before an end, ascending in time: at half, three quarters, a day, two hours (those that
 * lie after from_us; of two at one instant one), and at the end itself. out holds TERM_ALARMS. */
enum { TERM_ALARMS = 5 };
size_t term_alarms(int64_t from_us, int64_t end_us, int64_t out[TERM_ALARMS]);

/* When an extension must be drafted so that it can be asked, approved and answered before expiry:
 * as the day begins that is lead_days working days before the day of expiry, or at half of a short
 * term. */
int64_t term_extend_by(
	int64_t from_us, int64_t expiry_us, unsigned lead_days, const struct term_calendar *c);

/* What is left, for people: "57 d 3 h left", "3 h 20 min left", "over". Rounded down. */
enum { TERM_LEFT_LEN = 40 };
void term_left_print(int64_t now_us, int64_t end_us, char out[TERM_LEFT_LEN]);
