/* What is counted of requests, as they are asked and answered: how many, what became of them, how
 * long it took. Kept as sums and as steps of 9 %, so that a year of a million requests is told at
 * once. Exercises are not counted. Must never judge: what is counted was committed. */
#pragma once

#include "exchange/request.h"

/* How long something took, as steps: step n begins at 2^(n/8) seconds. */
enum { NUMBERS_STEPS = 232, NUMBERS_STEPS_DOUBLE = 8 };
unsigned numbers_step(int64_t us);
/* The middle of a step, in seconds. */
double numbers_step_seconds(unsigned step);
/* The share (0.5: median) of n things in steps; -1 when there are none. */
double numbers_share(const int64_t steps[NUMBERS_STEPS], double share);
/* 202611 of an instant, UTC. */
int64_t numbers_month(int64_t us);

/* In a job: a request was asked. */
enum co_rc numbers_asked(
	struct store_db *db, const struct request_row *q, struct co_err *err) CO_NODISCARD;

struct numbers_move {
	const struct request_row *q; /* before it */
	enum state notice;
	const char *ground; /* or NULL */
	bool by_asked_side;
	int64_t at_us;
};
/* In a job: a notice moved it. */
enum co_rc numbers_moved(
	struct store_db *db, const struct numbers_move *m, struct co_err *err) CO_NODISCARD;
enum co_rc numbers_wipe(struct store_db *db, struct co_err *err) CO_NODISCARD;
