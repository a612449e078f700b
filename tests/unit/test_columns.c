#include "test.h"

#include "base/columns.h"

static struct co_err err;

static void
widths_are_of_characters_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(co_columns("abc", SIZE_MAX), 3);
	assert_int_equal(co_columns("Côte d’Ivoire ✓", SIZE_MAX), 15);
	assert_int_equal(co_columns("ประเทศไทย", SIZE_MAX), 9);
	assert_int_equal(co_columns("ที่", SIZE_MAX), 1); /* two marks above take no room */
	assert_int_equal(co_columns("日本", SIZE_MAX), 4);
	assert_int_equal(co_columns("a\xff\xfe", SIZE_MAX), 3);  /* not UTF-8 */
	assert_int_equal(co_columns("ab\xe2\x9c", SIZE_MAX), 4); /* cut in a character */
}

static void
lines_break_at_spaces(void **state)
{
	(void)state;
	assert_int_equal(co_columns_break("one two three", 8), 7);
	assert_int_equal(co_columns_break("one two three", 7), 7);
	assert_int_equal(co_columns_break("one two three", 6), 3);
	assert_int_equal(co_columns_break("abcdefgh", 3), 3);
	assert_int_equal(co_columns_break("one\ntwo", 80), 3);
	assert_int_equal(co_columns_break("日本", 1), 3); /* never nothing, or it would never end */
	assert_int_equal(co_columns_break("", 8), 0);
}

static void
cells_wrap_side_by_side(void **state)
{
	co_auto_buf b;
	const struct co_column cells[] = { { .text = "a word or two", .width = 6 },
		{ .text = NULL, .width = 2, .indent = 1 },
		{ .text = "x\033[31m y", .width = 20, .indent = 1 } };

	(void)state;
	co_buf_init(&b, 1000);
	assert_ok(co_columns_add(&b, cells, 3, &err));
	assert_string_equal(b.data, "a word    x [31m y\nor two\n");
	co_buf_reset(&b);
	assert_ok(co_paragraph_add(&b, "  -", 4, 14, "hangs below its mark", &err));
	assert_string_equal(b.data, "  - hangs\n    below its\n    mark\n");
}

static void
nothing_turns_the_direction(void **state)
{
	co_auto_buf b;

	(void)state;
	co_buf_init(&b, 100);
	assert_ok(co_paragraph_add(&b, "", 0, 40,
		"a\xe2\x80\xae"
		"b\xc2\x85"
		"c\xff",
		&err));
	assert_string_equal(b.data, "ab c \n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(widths_are_of_characters_not_bytes),
		cmocka_unit_test(lines_break_at_spaces),
		cmocka_unit_test(cells_wrap_side_by_side),
		cmocka_unit_test(nothing_turns_the_direction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
