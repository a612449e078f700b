#include "test.h"

#include "network/own.h"

#define DAY (INT64_C(86400) * 1000000)

static void
the_renewed_one_waits_for_all_or_for_the_last_day(void **state)
{
	struct own_term t[2] = { { 0, 100 * DAY, true }, { 40 * DAY, 900 * DAY, false } };

	(void)state;
	assert_int_equal(own_choose(t, 2, 10 * DAY), 0); /* not valid yet */
	assert_int_equal(own_choose(t, 2, 50 * DAY), 0); /* not known */
	assert_int_equal(own_choose(t, 2, 99 * DAY), 0);
	assert_int_equal(own_choose(t, 2, 99 * DAY + 1), 1);
	assert_int_equal(own_choose(t, 2, 100 * DAY), 1);
	t[1].known = true;
	assert_int_equal(own_choose(t, 2, 39 * DAY), 0);
	assert_int_equal(own_choose(t, 2, 50 * DAY), 1);
	/* A partner that came since and does not know it: back, as long as that can be. */
	t[1].known = false;
	assert_int_equal(own_choose(t, 2, 60 * DAY), 0);
}

static void
of_several_the_newest_that_all_know(void **state)
{
	struct own_term t[3] = { { 0, 100 * DAY, true }, { 0, 200 * DAY, true },
		{ 0, 300 * DAY, false } };

	(void)state;
	assert_int_equal(own_choose(t, 3, DAY), 1);
	t[1].known = false;
	assert_int_equal(own_choose(t, 3, DAY), 0);
	t[2].known = true;
	assert_int_equal(own_choose(t, 3, DAY), 2);
}

static void
what_has_ended_is_never_chosen(void **state)
{
	struct own_term t[2] = { { 0, 10 * DAY, true }, { 0, 20 * DAY, true } };

	(void)state;
	assert_int_equal(own_choose(t, 2, 15 * DAY), 1);
	assert_int_equal(own_choose(t, 2, 20 * DAY), 2);
	assert_int_equal(own_choose(t, 0, 0), 0);
	t[1] = (struct own_term){ 0, 5 * DAY, true }; /* the newer one ends first */
	assert_int_equal(own_choose(t, 2, 7 * DAY), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_renewed_one_waits_for_all_or_for_the_last_day),
		cmocka_unit_test(of_several_the_newest_that_all_know),
		cmocka_unit_test(what_has_ended_is_never_chosen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
