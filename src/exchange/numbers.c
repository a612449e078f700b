#include "exchange/numbers.h"

#include "exchange/inside.h"

#include <time.h>

/* 2^(i/8), in parts of 65536; and the middle of each step. */
static const int64_t bounds[NUMBERS_STEPS_DOUBLE] = { 65536, 71468, 77936, 84990, 92682, 101070,
	110218, 120194 };
static const double middles[NUMBERS_STEPS_DOUBLE] = { 1.0443, 1.1388, 1.2419, 1.3543, 1.4768,
	1.6105, 1.7563, 1.9152 };

unsigned
numbers_step(int64_t us)
{
	int64_t base = 1000000;
	unsigned step = 0, part = 0;

	while (step + NUMBERS_STEPS_DOUBLE < NUMBERS_STEPS && us >= 2 * base) {
		base *= 2;
		step += NUMBERS_STEPS_DOUBLE;
	}
	while (part + 1 < NUMBERS_STEPS_DOUBLE && us >= base / 100 * bounds[part + 1] / 65536 * 100)
		part++;
	return step + part;
}

double
numbers_step_seconds(unsigned step)
{
	return (double)(UINT64_C(1) << step / NUMBERS_STEPS_DOUBLE) *
		middles[step % NUMBERS_STEPS_DOUBLE];
}

double
numbers_share(const int64_t steps[NUMBERS_STEPS], double share)
{
	int64_t all = 0, seen = 0, want;

	for (size_t i = 0; i < NUMBERS_STEPS; i++)
		all += steps[i];
	want = (int64_t)((double)all * share + 0.999999);
	for (unsigned i = 0; all > 0 && i < NUMBERS_STEPS; i++) {
		seen += steps[i];
		if (seen >= want)
			return numbers_step_seconds(i);
	}
	return -1;
}

int64_t
numbers_month(int64_t us)
{
	time_t s = (time_t)(us / 1000000);
	struct tm tm;

	if (gmtime_r(&s, &tm) == NULL)
		return 0;
	return (int64_t)(tm.tm_year + 1900) * 100 + tm.tm_mon + 1;
}

/* ---- what becomes of a request ---- */

static const struct {
	enum state notice;
	const char *outcome;
} outcomes[] = {
	{ ST_EXECUTED, "fulfilled" },
	{ ST_EXTENDED, "fulfilled" },
	{ ST_PATH_DISCLOSED, "fulfilled" },
	{ ST_PARTIAL, "partial" },
	{ ST_REFUSED, "refused" },
	{ ST_IMPOSSIBLE, "impossible" },
	{ ST_WITHDRAWN, "withdrawn" },
};

/* What was answered is not undone by giving it up later; a result takes the place of anything. */
static const char *
outcome_after(const char *before, enum state notice)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(outcomes); i++) {
		if (outcomes[i].notice != notice)
			continue;
		if (strcmp(before, "fulfilled") == 0 ||
			(notice == ST_WITHDRAWN && before[0] != '\0'))
			return before;
		return outcomes[i].outcome;
	}
	return before;
}

/* ---- adding ---- */

struct sum {
	const char *what, *ground;
	int64_t n, seconds;
};

static enum co_rc
sum_add(struct store_db *db, const struct request_row *q, const struct sum *s, struct co_err *err)
{
	return store_run(db, NULL, Q_NUMBER_ADD, err,
		"iitttt"
		"ttii",
		numbers_month(q->asked_us), (int64_t)q->incoming, q->unit, q->partner, q->measure,
		q->urgency, s->what, s->ground, s->n, s->seconds);
}

static enum co_rc
time_add(struct store_db *db, const struct request_row *q, const char *what, int64_t took_us,
	struct co_err *err)
{
	char hour[8];
	const struct {
		const char *by, *key;
	} by[] = { { "all", "" }, { "partner", q->partner }, { "measure", q->measure },
		{ "hour", hour } };

	(void)snprintf(hour, sizeof(hour), "%02d", (int)(q->asked_us / 3600000000LL % 24));
	for (size_t i = 0; i < CO_ARRAY_LEN(by); i++) {
		const struct numbers_time t = { what, by[i].by, by[i].key, numbers_step(took_us),
			1 };

		TRY(numbers_time_add(db,
			&(struct numbers_holder){
				numbers_month(q->asked_us), q->incoming, q->unit, NULL },
			&t, err));
	}
	return CO_OK;
}

enum co_rc
numbers_asked(struct store_db *db, const struct request_row *q, struct co_err *err)
{
	const struct sum s = { "asked", "", 1, 0 };

	TRY(numbers_named_request(db, q, 1, err));
	return sum_add(db, q, &s, err);
}

/* Since the data were first asked to be kept: Regulation (EU) 2023/1543 art. 28(2). */
static enum co_rc
preserved_add(struct store_db *db, const struct numbers_move *m, struct co_err *err)
{
	struct sum s = { "after-preservation", "", 1, 0 };
	store_stmt_auto *st = NULL;
	bool row;

	if (request_sort_of(m->q) != SORT_OTHER)
		return CO_OK;
	TRY(store_query(
		db, Q_NUMBER_PRESERVED, &st, err, "ti", m->q->case_id, (int64_t)m->q->incoming));
	TRY(store_step(st, &row, err));
	if (!row || store_is_null(st, 0))
		return CO_OK;
	s.seconds = (m->at_us - store_int(st, 0)) / 1000000;
	store_done(&st);
	return sum_add(db, m->q, &s, err);
}

struct counted {
	bool acked, done;
	char outcome[16], ground[64];
};

static enum co_rc
counted_read(struct store_db *db, const char *id, struct counted *c, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_NUMBER_STATE, &st, err, "t", id));
	TRY(store_step(st, &row, err));
	*c = (struct counted){ .acked = row && !store_is_null(st, 0),
		.done = row && !store_is_null(st, 1) };
	if (row) {
		(void)snprintf(c->outcome, sizeof(c->outcome), "%s", store_text(st, 2));
		(void)snprintf(c->ground, sizeof(c->ground), "%s", store_text(st, 3));
	}
	return CO_OK;
}

/* Takes the old outcome back and counts the new one. */
static enum co_rc
outcome_move(struct store_db *db, const struct numbers_move *m, const struct counted *before,
	const struct counted *after, struct co_err *err)
{
	int64_t seconds = (m->at_us - m->q->asked_us) / 1000000;
	struct sum s = { before->outcome, before->ground, -1, 0 };

	/* Times are told of what was fulfilled alone, which is never taken back. */
	if (before->outcome[0] != '\0')
		TRY(sum_add(db, m->q, &s, err));
	s = (struct sum){ after->outcome, after->ground, 1, after->done ? seconds : 0 };
	TRY(sum_add(db, m->q, &s, err));
	if (!after->done)
		return CO_OK;
	TRY(preserved_add(db, m, err));
	return time_add(db, m->q, "fulfilled", m->at_us - m->q->asked_us, err);
}

enum co_rc
numbers_moved(struct store_db *db, const struct numbers_move *m, struct co_err *err)
{
	struct counted before, after;
	int64_t took_us = m->at_us - m->q->asked_us;
	bool acks, changes;

	TRY(counted_read(db, m->q->id, &before, err));
	after = before;
	(void)snprintf(after.outcome, sizeof(after.outcome), "%s",
		outcome_after(before.outcome, m->notice));
	acks = m->by_asked_side && !before.acked;
	changes = strcmp(before.outcome, after.outcome) != 0;
	if (!acks && !changes)
		return CO_OK;
	TRY(numbers_named_request(db, m->q, -1, err));
	after.done = changes && strcmp(after.outcome, "fulfilled") == 0;
	if (changes)
		(void)snprintf(after.ground, sizeof(after.ground), "%s",
			m->notice == ST_REFUSED && m->ground != NULL ? m->ground : "");
	if (acks) {
		const struct sum s = { "acknowledged", "", 1, took_us / 1000000 };

		TRY(sum_add(db, m->q, &s, err));
		TRY(time_add(db, m->q, "acknowledged", took_us, err));
	}
	if (changes)
		TRY(outcome_move(db, m, &before, &after, err));
	TRY(store_run(db, NULL, Q_NUMBER_MARK, err, "oottt", acks ? &m->at_us : NULL,
		after.done ? &m->at_us : NULL, after.outcome[0] == '\0' ? NULL : after.outcome,
		after.ground[0] == '\0' ? NULL : after.ground, m->q->id));
	return numbers_named_request(db, m->q, 1, err);
}

enum co_rc
numbers_wipe(struct store_db *db, struct co_err *err)
{
	TRY(store_run(db, NULL, Q_REBUILD_NUMBERS, err, ""));
	return store_run(db, NULL, Q_REBUILD_NUMBER_SPREADS, err, "");
}
