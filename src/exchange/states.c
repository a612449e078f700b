#include "exchange/states.h"

#include <stdio.h>
#include <string.h>

#define S(x) (1u << (ST_##x))
/* Work is under way on the executing side. */
#define OPEN \
	(S(SENT) | S(ACKNOWLEDGED) | S(ACCEPTED) | S(COND_ACCEPTED) | S(REFERRED) | S(POSTPONED) | \
		S(DELAYED) | S(PARTIAL))
/* The asking side has to say how to go on. */
#define ASKED (S(NEED_DECISION) | S(OFFERED))
#define FRESH \
	(S(SENT) | S(ACKNOWLEDGED) | S(ACCEPTED) | S(DELAYED) | S(POSTPONED) | S(COND_DECLINED))
#define NO_RESULT (S(REFUSED) | S(IMPOSSIBLE))
#define EITHER (SIDE_ASKING | SIDE_EXECUTING)
#define STAYS ST_N

static const char *const names[] = {
#define STATE_TEXT(e, text) text,
	STATE_MAP(STATE_TEXT)
};

/* An answer to an answer can cross the next one of the other side on the way. Rows with crossed =
 * true let it in, and lead both sides to the same state: what the executing side finished stands,
 * except that a preservation which the asking side gave up is given up. */
static const struct move moves[] = {
	/* from, notice, by, sorts, needs, after, crossed, clause */
	{ S(SENT), ST_ACKNOWLEDGED, SIDE_EXECUTING, SORT_ALL, 0, ST_ACKNOWLEDGED, false,
		"art. 25(3)" },
	{ OPEN & ~(S(ACCEPTED) | S(PARTIAL)), ST_ACCEPTED, SIDE_EXECUTING, SORT_ALL, 0, ST_ACCEPTED,
		false, "art. 25(3)" },
	{ OPEN, ST_NEED_DECISION, SIDE_EXECUTING, SORT_PRESERVE | SORT_EXTENSION, NEED_REASON,
		ST_NEED_DECISION, false, "art. 29(6)" },
	{ OPEN, ST_NEED_DECISION, SIDE_EXECUTING, SORT_PATH | SORT_OTHER, NEED_REASON,
		ST_NEED_DECISION, false, "arts 27(8), 28(3)" },
	{ FRESH, ST_OFFERED, SIDE_EXECUTING, SORT_ALL, NEED_CONDITIONS, ST_OFFERED, false,
		"arts 27(6), 28(2)" },
	{ ASKED, ST_COND_ACCEPTED, SIDE_ASKING, SORT_ALL, 0, ST_COND_ACCEPTED, false,
		"art. 28(3)" },
	{ ASKED, ST_COND_DECLINED, SIDE_ASKING, SORT_ALL, 0, ST_COND_DECLINED, false,
		"art. 28(3)" },
	{ OPEN & ~(S(REFERRED) | S(PARTIAL)), ST_REFERRED, SIDE_EXECUTING, SORT_ALL, NEED_REASON,
		ST_REFERRED, false, "art. 27(9)(c)" },
	{ (OPEN & ~(S(POSTPONED) | S(PARTIAL))) | S(COND_DECLINED), ST_POSTPONED, SIDE_EXECUTING,
		SORT_OTHER, NEED_REASON, ST_POSTPONED, false, "art. 27(5)" },
	{ OPEN, ST_PARTIAL, SIDE_EXECUTING, SORT_PRESERVE, NEED_REASON | NEED_UNTIL, ST_PARTIAL,
		false, "arts 27(6), 29(7)" },
	{ OPEN, ST_PARTIAL, SIDE_EXECUTING, SORT_PATH | SORT_OTHER, NEED_REASON, ST_PARTIAL, false,
		"art. 27(6)" },
	{ OPEN, ST_EXECUTED, SIDE_EXECUTING, SORT_PRESERVE, NEED_UNTIL, ST_EXECUTED, false,
		"arts 27(7), 29(7)" },
	{ OPEN, ST_EXECUTED, SIDE_EXECUTING, SORT_PATH | SORT_OTHER, 0, ST_EXECUTED, false,
		"art. 27(7)" },
	{ OPEN, ST_PATH_DISCLOSED, SIDE_EXECUTING, SORT_PATH, 0, ST_PATH_DISCLOSED, false,
		"art. 30(1)" },
	{ OPEN, ST_EXTENDED, SIDE_EXECUTING, SORT_EXTENSION, NEED_UNTIL, ST_EXTENDED, false,
		"art. 29(7)" },
	{ OPEN | S(COND_DECLINED), ST_DELAYED, SIDE_EXECUTING, SORT_ALL, NEED_REASON, ST_DELAYED,
		false, "art. 27(7)" },
	{ OPEN | ASKED | S(COND_DECLINED), ST_IMPOSSIBLE, SIDE_EXECUTING, SORT_ALL, NEED_REASON,
		ST_IMPOSSIBLE, false, "art. 27(7)" },
	{ OPEN | ASKED | S(COND_DECLINED), ST_REFUSED, SIDE_EXECUTING,
		SORT_PRESERVE | SORT_EXTENSION, NEED_REASON | NEED_GROUND, ST_REFUSED, false,
		"arts 27(7), 29(5)" },
	{ OPEN | ASKED | S(COND_DECLINED), ST_REFUSED, SIDE_EXECUTING, SORT_PATH,
		NEED_REASON | NEED_GROUND, ST_REFUSED, false, "art. 30(2)" },
	{ OPEN | ASKED | S(COND_DECLINED), ST_REFUSED, SIDE_EXECUTING, SORT_OTHER,
		NEED_REASON | NEED_GROUND, ST_REFUSED, false, "arts 27(4), 27(7)" },
	{ OPEN | ASKED | S(COND_DECLINED), ST_WITHDRAWN, SIDE_ASKING, SORT_ALL, 0, ST_WITHDRAWN,
		false, "practice" },
	{ S(EXECUTED) | S(EXTENDED), ST_WITHDRAWN, SIDE_ASKING, SORT_PRESERVE, 0, ST_WITHDRAWN,
		false, "practice" },
	{ S(EXECUTED) | S(EXTENDED) | S(PARTIAL), ST_EXPIRED, SIDE_EXECUTING, SORT_PRESERVE, 0,
		ST_EXPIRED, false, "art. 29(7)" },
	{ S(EXECUTED) | S(PATH_DISCLOSED), ST_USE_EXPLAINED, SIDE_ASKING, SORT_PATH | SORT_OTHER,
		NEED_REASON, STAYS, false, "art. 28(4)" },
	{ S(EXECUTED) | S(EXTENDED) | S(PATH_DISCLOSED) | NO_RESULT | S(WITHDRAWN) | S(EXPIRED),
		ST_CLOSED, EITHER, SORT_ALL, 0, ST_CLOSED, false, "practice" },

	{ S(EXECUTED) | S(EXTENDED) | S(PATH_DISCLOSED), ST_WITHDRAWN, SIDE_ASKING,
		SORT_EXTENSION | SORT_PATH | SORT_OTHER, 0, STAYS, true, "practice" },
	{ NO_RESULT | S(EXPIRED) | S(CLOSED), ST_WITHDRAWN, SIDE_ASKING, SORT_ALL, 0, STAYS, true,
		"practice" },
	{ NO_RESULT, ST_COND_ACCEPTED, SIDE_ASKING, SORT_ALL, 0, STAYS, true, "art. 28(3)" },
	{ NO_RESULT, ST_COND_DECLINED, SIDE_ASKING, SORT_ALL, 0, STAYS, true, "art. 28(3)" },
	{ S(CLOSED), ST_USE_EXPLAINED, SIDE_ASKING, SORT_PATH | SORT_OTHER, NEED_REASON, STAYS,
		true, "art. 28(4)" },
	{ S(EXPIRED), ST_EXECUTED, SIDE_EXECUTING, SORT_PRESERVE, NEED_UNTIL, ST_EXECUTED, true,
		"art. 29(7)" },
	{ S(CLOSED), ST_CLOSED, EITHER, SORT_ALL, 0, STAYS, true, "practice" },
	{ S(EXPIRED) | S(CLOSED), ST_EXPIRED, SIDE_EXECUTING, SORT_PRESERVE, 0, STAYS, true,
		"art. 29(7)" },
	{ S(WITHDRAWN), ST_EXPIRED, SIDE_EXECUTING, SORT_PRESERVE, 0, ST_EXPIRED, true,
		"art. 29(7)" },
	{ S(WITHDRAWN), ST_ACKNOWLEDGED, SIDE_EXECUTING, SORT_ALL, 0, STAYS, true, "art. 25(3)" },
	{ S(WITHDRAWN), ST_ACCEPTED, SIDE_EXECUTING, SORT_ALL, 0, STAYS, true, "art. 25(3)" },
	{ S(WITHDRAWN), ST_NEED_DECISION, SIDE_EXECUTING, SORT_ALL, NEED_REASON, STAYS, true,
		"arts 27(8), 29(6)" },
	{ S(WITHDRAWN), ST_OFFERED, SIDE_EXECUTING, SORT_ALL, NEED_CONDITIONS, STAYS, true,
		"art. 28(2)" },
	{ S(WITHDRAWN), ST_REFERRED, SIDE_EXECUTING, SORT_ALL, NEED_REASON, STAYS, true,
		"art. 27(9)(c)" },
	{ S(WITHDRAWN), ST_POSTPONED, SIDE_EXECUTING, SORT_OTHER, NEED_REASON, STAYS, true,
		"art. 27(5)" },
	{ S(WITHDRAWN), ST_DELAYED, SIDE_EXECUTING, SORT_ALL, NEED_REASON, STAYS, true,
		"art. 27(7)" },
	{ S(WITHDRAWN), ST_PARTIAL, SIDE_EXECUTING, SORT_PRESERVE, NEED_REASON | NEED_UNTIL, STAYS,
		true, "art. 27(6)" },
	{ S(WITHDRAWN), ST_PARTIAL, SIDE_EXECUTING, SORT_PATH | SORT_OTHER, NEED_REASON, STAYS,
		true, "art. 27(6)" },
	{ S(WITHDRAWN), ST_EXECUTED, SIDE_EXECUTING, SORT_PRESERVE, NEED_UNTIL, STAYS, true,
		"art. 29(7)" },
	{ S(WITHDRAWN), ST_EXECUTED, SIDE_EXECUTING, SORT_PATH | SORT_OTHER, 0, ST_EXECUTED, true,
		"art. 27(7)" },
	{ S(WITHDRAWN), ST_PATH_DISCLOSED, SIDE_EXECUTING, SORT_PATH, 0, ST_PATH_DISCLOSED, true,
		"art. 30(1)" },
	{ S(WITHDRAWN), ST_EXTENDED, SIDE_EXECUTING, SORT_EXTENSION, NEED_UNTIL, ST_EXTENDED, true,
		"art. 29(7)" },
	{ S(WITHDRAWN), ST_IMPOSSIBLE, SIDE_EXECUTING, SORT_ALL, NEED_REASON, ST_IMPOSSIBLE, true,
		"art. 27(7)" },
	{ S(WITHDRAWN), ST_REFUSED, SIDE_EXECUTING, SORT_ALL, NEED_REASON | NEED_GROUND, ST_REFUSED,
		true, "art. 27(7)" },
};

static const struct ground grounds[] = {
	{ "political-offence", SORT_PRESERVE | SORT_EXTENSION, "art. 29(5)(a)",
		"the offence is considered political or connected with a political offence" },
	{ "sovereignty", SORT_PRESERVE | SORT_EXTENSION, "art. 29(5)(b)",
		"prejudice to sovereignty" },
	{ "security", SORT_PRESERVE | SORT_EXTENSION, "art. 29(5)(b)", "prejudice to security" },
	{ "ordre-public", SORT_PRESERVE | SORT_EXTENSION, "art. 29(5)(b)",
		"prejudice to ordre public" },
	{ "essential-interests", SORT_PRESERVE | SORT_EXTENSION, "art. 29(5)(b)",
		"prejudice to other essential interests" },
	{ "dual-criminality", SORT_PRESERVE | SORT_EXTENSION, "art. 29(4)",
		"dual criminality could not be met at disclosure (only under a reservation)" },
	{ "political-offence", SORT_PATH, "art. 30(2)(a)",
		"the offence is considered political or connected with a political offence" },
	{ "sovereignty", SORT_PATH, "art. 30(2)(b)", "prejudice to sovereignty" },
	{ "security", SORT_PATH, "art. 30(2)(b)", "prejudice to security" },
	{ "ordre-public", SORT_PATH, "art. 30(2)(b)", "prejudice to ordre public" },
	{ "essential-interests", SORT_PATH, "art. 30(2)(b)",
		"prejudice to other essential interests" },
	{ "political-offence", SORT_OTHER, "art. 27(4)(a)",
		"the offence is considered political or connected with a political offence" },
	{ "sovereignty", SORT_OTHER, "art. 27(4)(b)", "prejudice to sovereignty" },
	{ "security", SORT_OTHER, "art. 27(4)(b)", "prejudice to security" },
	{ "ordre-public", SORT_OTHER, "art. 27(4)(b)", "prejudice to ordre public" },
	{ "essential-interests", SORT_OTHER, "art. 27(4)(b)",
		"prejudice to other essential interests" },
	{ "dual-criminality", SORT_OTHER, "arts 25(4), 25(5)", "the conduct is no offence here" },
	{ "domestic-law", SORT_OTHER, "art. 25(4)",
		"a ground in the law of the requested Party or an applicable treaty" },
};

const char *
state_name(enum state s)
{
	return s < ST_N ? names[s] : "";
}

bool
state_by_name(const char *name, enum state *out)
{
	for (size_t i = 0; i < ST_N; i++) {
		if (strcmp(names[i], name) == 0) {
			*out = (enum state)i;
			return true;
		}
	}
	return false;
}

enum request_sort
states_sort(const char *measure, bool extends)
{
	if (strcmp(measure, "preserve") == 0)
		return extends ? SORT_EXTENSION : SORT_PRESERVE;
	return strcmp(measure, "path") == 0 ? SORT_PATH : SORT_OTHER;
}

size_t
moves_count(void)
{
	return CO_ARRAY_LEN(moves);
}

const struct move *
moves_at(size_t i)
{
	return i < CO_ARRAY_LEN(moves) ? &moves[i] : NULL;
}

static bool
move_fits(const struct move *m, const struct move_ask *ask)
{
	return (m->from & 1u << ask->state) != 0 && (m->by & (unsigned)ask->by) != 0 &&
		(m->sorts & (unsigned)ask->sort) != 0 && (!m->crossed || ask->arrived);
}

/* "a, b or c" of what this side may do now. */
static void
instead(const struct move_ask *ask, char *out, size_t cap)
{
	struct move_ask own = *ask;
	size_t at = 0;

	own.arrived = false;
	out[0] = '\0';
	for (size_t i = 0; i < CO_ARRAY_LEN(moves); i++) {
		int n;

		if (!move_fits(&moves[i], &own))
			continue;
		n = snprintf(
			out + at, cap - at, "%s%s", at == 0 ? "" : ", ", names[moves[i].notice]);
		if (n < 0 || (size_t)n >= cap - at)
			return;
		at += (size_t)n;
	}
	if (at == 0)
		(void)snprintf(out, cap, "nothing");
}

enum co_rc
moves_find(const struct move_ask *ask, const struct move **out, struct co_err *err)
{
	const char *side = ask->by == SIDE_ASKING ? "asking" : "requested";
	char may[320];

	for (size_t i = 0; i < CO_ARRAY_LEN(moves); i++) {
		if (moves[i].notice == ask->notice && move_fits(&moves[i], ask)) {
			*out = &moves[i];
			return CO_OK;
		}
	}
	instead(ask, may, sizeof(may));
	if (ask->sort == SORT_PRESERVE && ask->notice == ST_POSTPONED)
		return co_fail(err, CO_EREFUSED,
			"a preservation cannot be postponed (art. 29 asks for it expeditiously); "
			"say delayed, "
			"impossible, or refused on a ground of art. 29(5)");
	return co_fail(err, CO_EREFUSED,
		"the request is %s: the %s side cannot answer %s; it may answer: %s",
		names[ask->state], side, state_name(ask->notice), may);
}

size_t
grounds_count(void)
{
	return CO_ARRAY_LEN(grounds);
}

const struct ground *
grounds_at(size_t i)
{
	return i < CO_ARRAY_LEN(grounds) ? &grounds[i] : NULL;
}

enum co_rc
grounds_check(
	const char *code, enum request_sort sort, const struct ground **out, struct co_err *err)
{
	char may[320];
	size_t at = 0;

	may[0] = '\0';
	for (size_t i = 0; i < CO_ARRAY_LEN(grounds); i++) {
		const struct ground *g = &grounds[i];
		int n;

		if ((g->sorts & (unsigned)sort) == 0)
			continue;
		if (strcmp(g->code, code) == 0) {
			*out = g;
			return CO_OK;
		}
		n = snprintf(may + at, sizeof(may) - at, "%s%s", at == 0 ? "" : ", ", g->code);
		if (n > 0 && (size_t)n < sizeof(may) - at)
			at += (size_t)n;
	}
	return co_fail(err, CO_EREFUSED,
		"\"%s\" is no ground for refusing this request; the grounds are %s", code, may);
}
