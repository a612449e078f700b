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

/* ---- who reads them (numbers_read.c) ---- */

struct officer;
/* Is somebody of this role told of every request, those of cases they may not see, too? */
bool numbers_whole(const struct officer *who);
struct numbers_ask {
	const struct officer *who;
	int64_t from, to; /* months, both counted */
	bool incoming;
};
/* Borrowed for the call. What is the same may come twice: it is added up. */
struct numbers_sum {
	const char *partner, *measure, *urgency, *what, *ground;
	int64_t n, seconds;
};
struct numbers_time {
	const char *what, *by, *key;
	int64_t step, n;
};
/* Were more asked of us in the period than by us? By the unit alone: cases that name are a few. */
enum co_rc numbers_side(struct store_db *db, const struct numbers_ask *a, bool *incoming,
	struct co_err *err) CO_NODISCARD;
typedef enum co_rc numbers_sum_call(void *arg, const struct numbers_sum *s, struct co_err *err);
typedef enum co_rc numbers_time_call(void *arg, const struct numbers_time *t, struct co_err *err);
enum co_rc numbers_sums(struct store_db *db, const struct numbers_ask *a, numbers_sum_call *call,
	void *arg, struct co_err *err) CO_NODISCARD;
enum co_rc numbers_times(struct store_db *db, const struct numbers_ask *a, numbers_time_call *call,
	void *arg, struct co_err *err) CO_NODISCARD;
/* In a job, before its requests get the unit: the case's counts go with it. */
enum co_rc numbers_of_unit(struct store_db *db, const char *case_id, const char *unit,
	struct co_err *err) CO_NODISCARD;

/* One request, as it stands in the columns of number_of_case and number_of_request. Borrowed. */
struct numbers_one {
	struct numbers_sum sum; /* its partner, measure and urgency */
	const char *outcome, *ground;
	int64_t asked_us, acked_us, done_us, preserved_us; /* 0: not */
	bool incoming;
};
void numbers_one_read(struct numbers_one *o, struct store_stmt *st);
/* What it has added to the counts. */
enum co_rc numbers_one_sums(const struct numbers_one *o, numbers_sum_call *call, void *arg,
	struct co_err *err) CO_NODISCARD;
enum co_rc numbers_one_times(const struct numbers_one *o, numbers_time_call *call, void *arg,
	struct co_err *err) CO_NODISCARD;

/* ---- of officers whom cases name (numbers_named.c) ---- */

/* In a job: takes away (-1) or adds (1) what a case's requests count for the officer, or for all
 * whom it names (NULL). Around everything that changes who is named or the case's unit. */
enum co_rc numbers_named_case(struct store_db *db, const char *case_id, const char *officer,
	int64_t sign, struct co_err *err) CO_NODISCARD;
/* The same of one request, around everything that changes what it counts. */
enum co_rc numbers_named_request(struct store_db *db, const struct request_row *q, int64_t sign,
	struct co_err *err) CO_NODISCARD;
/* In a job: all of them anew. */
enum co_rc numbers_named_again(struct store_db *db, struct co_err *err) CO_NODISCARD;
/* When the node starts: counts them, where nobody has yet. */
enum co_rc numbers_named_begin(struct store *s, struct co_err *err) CO_NODISCARD;

/* ---- distributions as they are stored (numbers_spread.c) ---- */

/* "12:5 14:1" is five in step 12 and one in step 14. Reading adds; what is not such ends it. */
void numbers_spread_read(const char *steps, int64_t into[NUMBERS_STEPS]);
enum co_rc numbers_spread_print(
	const int64_t steps[NUMBERS_STEPS], struct co_buf *out, struct co_err *err) CO_NODISCARD;
/* Whose they are: of a unit, or what an officer is named for in it. */
struct numbers_holder {
	int64_t month;
	bool incoming;
	const char *unit, *officer; /* officer NULL: of the unit */
};
/* In a job: n more, or less, in a step. */
enum co_rc numbers_time_add(struct store_db *db, const struct numbers_holder *of,
	const struct numbers_time *t, struct co_err *err) CO_NODISCARD;
