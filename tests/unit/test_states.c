#include "test.h"

#include "exchange/deadlines.h"
#include "exchange/states.h"

#define DAY_US (24 * 3600 * INT64_C(1000000))

static const enum request_sort sorts[] = { SORT_PRESERVE, SORT_EXTENSION, SORT_PATH, SORT_OTHER };
static const enum side sides[] = { SIDE_ASKING, SIDE_EXECUTING };

static bool
in_table(const struct move_ask *ask)
{
	for (size_t i = 0; i < moves_count(); i++) {
		const struct move *m = moves_at(i);

		if (m->notice == ask->notice && (m->from & 1u << ask->state) != 0 &&
			(m->by & (unsigned)ask->by) != 0 && (m->sorts & (unsigned)ask->sort) != 0 &&
			(!m->crossed || ask->arrived))
			return true;
	}
	return false;
}

static void
every_move_is_allowed_exactly_when_the_table_has_it(void **state)
{
	size_t legal = 0, illegal = 0;
	(void)state;

	for (size_t n = 0; n < (size_t)ST_N * ST_N * 4 * 2 * 2; n++) {
		struct move_ask ask = { .state = (enum state)(n % ST_N),
			.notice = (enum state)(n / ST_N % ST_N),
			.sort = sorts[n / (ST_N * ST_N) % 4],
			.by = sides[n / (ST_N * ST_N * 4) % 2],
			.arrived = n / (ST_N * ST_N * 8) == 1 };
		const struct move *m = NULL;
		struct co_err err = { CO_OK, "" };
		bool want = in_table(&ask);

		assert_int_equal(moves_find(&ask, &m, &err) == CO_OK, want);
		if (want) {
			legal++;
			assert_non_null(m);
			assert_int_equal(m->notice, ask.notice);
			continue;
		}
		illegal++;
		assert_null(m);
		assert_int_equal(err.rc, CO_EREFUSED);
		assert_true(strlen(err.msg) > 20);
		if (ask.sort != SORT_PRESERVE || ask.notice != ST_POSTPONED) {
			assert_non_null(strstr(err.msg, state_name(ask.state)));
			assert_non_null(strstr(err.msg, "it may answer: "));
		}
	}
	assert_true(legal > 300);
	assert_true(illegal > legal);
}

static enum state
after(const struct move *m, enum state from)
{
	return m->after == ST_N ? from : m->after;
}

/* Both sides move at once from the same state; each then receives the other's notice. */
static void
notices_that_cross_lead_both_sides_to_the_same_state(void **state)
{
	size_t crossings = 0;
	(void)state;

	for (size_t s = 0; s < ST_N; s++) {
		for (size_t n = 0; n < (size_t)ST_N * ST_N * 4; n++) {
			enum request_sort sort = sorts[n / (ST_N * ST_N)];
			struct move_ask a = { .state = (enum state)s,
				.sort = sort,
				.by = SIDE_ASKING,
				.notice = (enum state)(n % ST_N) };
			struct move_ask e = { .state = (enum state)s,
				.sort = sort,
				.by = SIDE_EXECUTING,
				.notice = (enum state)(n / ST_N % ST_N) };
			const struct move *ma, *me, *ra, *re;
			struct co_err err = { CO_OK, "" };

			if (moves_find(&a, &ma, NULL) != CO_OK ||
				moves_find(&e, &me, NULL) != CO_OK)
				continue;
			crossings++;
			a.arrived = e.arrived = true;
			e.state = after(
				ma, (enum state)s); /* the executing side's notice arrives there */
			a.state = after(me, (enum state)s);
			if (moves_find(&e, &re, &err) != CO_OK ||
				moves_find(&a, &ra, &err) != CO_OK)
				fail_msg("from %s, %s crosses %s: %s", state_name((enum state)s),
					state_name(a.notice), state_name(e.notice), err.msg);
			if (after(re, e.state) != after(ra, a.state))
				fail_msg(
					"from %s, %s crosses %s: asking side %s, executing side %s",
					state_name((enum state)s), state_name(a.notice),
					state_name(e.notice), state_name(after(re, e.state)),
					state_name(after(ra, a.state)));
		}
	}
	assert_true(crossings > 100);
}

static void
a_crossing_is_let_in_but_never_sent(void **state)
{
	struct move_ask ask = {
		.state = ST_REFUSED, .sort = SORT_OTHER, .by = SIDE_ASKING, .notice = ST_WITHDRAWN
	};
	const struct move *m;
	struct co_err err = { CO_OK, "" };
	(void)state;

	assert_rc(moves_find(&ask, &m, &err), CO_EREFUSED);
	ask.arrived = true;
	assert_ok(moves_find(&ask, &m, &err));
	assert_int_equal(m->after, ST_N);
}

static void
a_preservation_cannot_be_postponed_and_the_refusal_says_what_can(void **state)
{
	struct move_ask ask = { .state = ST_SENT,
		.sort = SORT_PRESERVE,
		.by = SIDE_EXECUTING,
		.notice = ST_POSTPONED };
	const struct move *m;
	struct co_err err = { CO_OK, "" };
	(void)state;

	assert_int_equal(moves_find(&ask, &m, &err), CO_EREFUSED);
	assert_non_null(strstr(err.msg, "29(5)"));
}

/* Marks what moves of the sort reach from what is reached already. */
static void
spread(enum request_sort sort, bool reached[ST_N])
{
	for (size_t i = 0; i < moves_count(); i++) {
		const struct move *m = moves_at(i);

		for (size_t s = 0; s < ST_N; s++) {
			if (reached[s] && (m->from & 1u << s) != 0 && !m->crossed &&
				(m->sorts & (unsigned)sort) != 0)
				reached[after(m, (enum state)s)] = true;
		}
	}
}

static bool
goes_on(enum request_sort sort, size_t s)
{
	for (size_t i = 0; i < moves_count(); i++) {
		if (!moves_at(i)->crossed && (moves_at(i)->from & 1u << s) != 0 &&
			(moves_at(i)->sorts & (unsigned)sort) != 0)
			return true;
	}
	return false;
}

static void
every_request_can_end_from_every_state(void **state)
{
	(void)state;
	for (size_t k = 0; k < 4; k++) {
		bool reached[ST_N] = { [ST_SENT] = true };

		for (size_t round = 0; round < ST_N; round++)
			spread(sorts[k], reached);
		assert_true(reached[ST_CLOSED]);
		assert_true(reached[ST_REFUSED]);
		assert_int_equal(reached[ST_EXTENDED], sorts[k] == SORT_EXTENSION);
		assert_int_equal(reached[ST_PATH_DISCLOSED], sorts[k] == SORT_PATH);
		assert_int_equal(reached[ST_POSTPONED], sorts[k] == SORT_OTHER);
		for (size_t s = 0; s < ST_N; s++)
			assert_int_equal(
				reached[s] && goes_on(sorts[k], s), reached[s] && s != ST_CLOSED);
	}
}

static void
a_refusal_takes_only_the_grounds_of_its_article(void **state)
{
	const struct ground *g;
	struct co_err err = { CO_OK, "" };
	(void)state;

	assert_ok(grounds_check("sovereignty", SORT_PRESERVE, &g, &err));
	assert_string_equal(g->clause, "art. 29(5)(b)");
	assert_ok(grounds_check("sovereignty", SORT_OTHER, &g, &err));
	assert_string_equal(g->clause, "art. 27(4)(b)");
	assert_rc(grounds_check("domestic-law", SORT_PRESERVE, &g, &err), CO_EREFUSED);
	assert_ok(grounds_check("domestic-law", SORT_OTHER, &g, &err));
	assert_int_equal(grounds_check("because", SORT_OTHER, &g, &err), CO_EREFUSED);
	assert_non_null(strstr(err.msg, "political-offence"));
}

static void
names_of_states_go_both_ways(void **state)
{
	enum state s;
	(void)state;

	for (size_t i = 0; i < ST_N; i++) {
		assert_true(state_by_name(state_name((enum state)i), &s));
		assert_int_equal(s, i);
	}
	assert_false(state_by_name("nonsense", &s));
}

static void
a_preservation_lasts_at_least_sixty_days(void **state)
{
	int64_t done = INT64_C(1795461300) * 1000000;
	struct co_err err = { CO_OK, "" };
	(void)state;

	assert_ok(deadlines_check_until(done, done + 60 * DAY_US, &err));
	assert_int_equal(deadlines_check_until(done, done + 60 * DAY_US - 1, &err), CO_EREFUSED);
	assert_non_null(strstr(err.msg, "29(7)"));
	co_err_clear(&err);
	assert_rc(deadlines_check_until(done, done + 5000 * DAY_US, &err), CO_EREFUSED);
	for (int64_t days = 0; days <= PRESERVE_UNTIL_DAYS + 10; days++)
		assert_ok(
			deadlines_check_until(done, deadlines_default_until_us(done, days), &err));
}

static void
fewer_than_sixty_days_are_refused_when_asked(void **state)
{
	json_t *fields = json_pack("{s:i}", "days", 59);
	struct co_err err = { CO_OK, "" };
	(void)state;

	assert_int_equal(deadlines_check_days(fields, &err), CO_EREFUSED);
	assert_non_null(strstr(err.msg, "29(7)"));
	co_err_clear(&err);
	json_object_set_new(fields, "days", json_integer(60));
	assert_ok(deadlines_check_days(fields, &err));
	json_object_set_new(fields, "days", json_string("90"));
	assert_rc(deadlines_check_days(fields, &err), CO_EREFUSED);
	json_object_del(fields, "days");
	assert_ok(deadlines_check_days(fields, &err));
	json_decref(fields);
}

static void
an_answer_is_due_sooner_the_more_urgent_it_is(void **state)
{
	(void)state;
	assert_true(deadlines_due_us("emergency", 0) < deadlines_due_us("urgent", 0));
	assert_true(deadlines_due_us("urgent", 0) < deadlines_due_us("routine", 0));
	assert_int_equal(deadlines_due_us("urgent", 5), DAY_US + 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_move_is_allowed_exactly_when_the_table_has_it),
		cmocka_unit_test(notices_that_cross_lead_both_sides_to_the_same_state),
		cmocka_unit_test(a_crossing_is_let_in_but_never_sent),
		cmocka_unit_test(a_preservation_cannot_be_postponed_and_the_refusal_says_what_can),
		cmocka_unit_test(every_request_can_end_from_every_state),
		cmocka_unit_test(a_refusal_takes_only_the_grounds_of_its_article),
		cmocka_unit_test(names_of_states_go_both_ways),
		cmocka_unit_test(a_preservation_lasts_at_least_sixty_days),
		cmocka_unit_test(fewer_than_sixty_days_are_refused_when_asked),
		cmocka_unit_test(an_answer_is_due_sooner_the_more_urgent_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
