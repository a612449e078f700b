#include "test.h"

#include "base/clock.h"
#include "base/cursor.h"
#include "base/enc.h"
#include "base/fs.h"
#include "base/uuid.h"

static struct co_err err;

static void
buffer_refuses_to_pass_its_ceiling(void **state)
{
	co_auto_buf b;

	(void)state;
	co_buf_init(&b, 10);
	assert_ok(co_buf_add_str(&b, "0123456789", &err));
	assert_rc(co_buf_add_u8(&b, 'x', &err), CO_ETOOBIG);
	assert_int_equal(b.len, 10);
	assert_string_equal(b.data, "0123456789");
}

static void
error_keeps_the_deepest_failure(void **state)
{
	struct co_err e = { 0 };

	(void)state;
	assert_int_equal(co_fail(&e, CO_EIO, "disk"), CO_EIO);
	assert_int_equal(co_fail(&e, CO_ENOMEM, "later"), CO_EIO);
	(void)co_wrap(&e, "while %s", "saving");
	assert_string_equal(e.msg, "while saving: disk");
	assert_int_equal(co_rc_from_name(co_rc_name(CO_ECONFLICT)), CO_ECONFLICT);
}

static void
a_cut_message_ends_in_a_whole_character(void **state)
{
	char text[1200] = "";

	(void)state;
	for (size_t shift = 0; shift < 4; shift++) {
		struct co_err e = { 0 };
		size_t n;

		memset(text, 'x', shift);
		for (n = shift; n < 900; n += 3)
			memcpy(text + n, "\xe0\xb8\x81", 3);
		text[n] = '\0';
		(void)co_fail(&e, CO_EIO, "%s", text);
		n = strlen(e.msg);
		assert_true(n > sizeof(e.msg) - 5);
		assert_int_equal((n - shift) % 3, 0);
	}
}

static void
times_round_trip_and_zoneless_ones_are_refused(void **state)
{
	char text[CO_TIME_LEN];
	int64_t us;

	(void)state;
	assert_ok(co_time_parse("2026-11-23T19:15:00Z", &us, &err));
	co_time_print(us, text);
	assert_string_equal(text, "2026-11-23T19:15:00Z");
	assert_ok(co_time_parse("2026-11-24T02:15:00.5+07:00", &us, &err));
	co_time_print(us, text);
	assert_string_equal(text, "2026-11-23T19:15:00.500000Z");
	assert_rc(co_time_parse("2026-11-23T19:15:00", &us, &err), CO_EMALFORMED);
	assert_rc(co_time_parse("2026-02-30T19:15:00Z", &us, &err), CO_EMALFORMED);
	assert_rc(co_time_parse("2026-11-23T19:15:00Zx", &us, &err), CO_EMALFORMED);
	assert_rc(co_time_parse("", &us, &err), CO_EMALFORMED);
	assert_rc(co_time_parse("2026-11-23T19:60:00Z", &us, &err), CO_EMALFORMED);
	assert_rc(co_time_parse("2026-11-23T19:15:00+24:00", &us, &err), CO_EMALFORMED);
}

static void
uuids_are_version_7_valid_and_rising(void **state)
{
	char a[CO_UUID_LEN + 1], b[CO_UUID_LEN + 1];

	(void)state;
	co_uuid7(a);
	for (int i = 0; i < 5000; i++) {
		co_uuid7(b);
		assert_true(co_uuid_valid(b));
		assert_int_equal(b[14], '7');
		assert_true(strcmp(a, b) < 0);
		memcpy(a, b, sizeof(a));
	}
	assert_false(co_uuid_valid("0190A000-0000-7000-8000-000000000000"));
	assert_false(co_uuid_valid("0190a000-0000-7000-8000-00000000000"));
}

static void
base64_is_strict(void **state)
{
	co_auto_buf b;
	static const char *const bad[] = { "Zg=", "Zg==\n", "Z===", "Zh==", "Zm9=", "Zm 9",
		"====" };

	(void)state;
	co_buf_init(&b, 100);
	assert_ok(co_base64_add(&b, "foob", 4, &err));
	assert_string_equal(b.data, "Zm9vYg==");
	co_buf_reset(&b);
	assert_ok(co_unbase64("Zm9vYg==", 8, &b, &err));
	assert_string_equal(b.data, "foob");
	for (size_t i = 0; i < CO_ARRAY_LEN(bad); i++) {
		co_buf_reset(&b);
		assert_rc(co_unbase64(bad[i], strlen(bad[i]), &b, &err), CO_EMALFORMED);
		assert_int_equal(b.len, 0);
	}
}

static void
only_the_shortest_utf8_is_taken(void **state)
{
	static const char *const good[] = { "", "a", "\xc2\x80", "\xe0\xa0\x80", "ไทย", "日本",
		"\xed\x9f\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf" };
	static const char *const bad[] = { "\x80", "\xff", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2z",
		"\xe0\x9f\xbf", "\xed\xa0\x80", "\xe1\x80", "\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf1\x80\x80", "a\xe3\x81z" };

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(good); i++)
		assert_true(co_utf8_valid(good[i]));
	for (size_t i = 0; i < CO_ARRAY_LEN(bad); i++)
		assert_false(co_utf8_valid(bad[i]));
}

static void
cursor_failure_sticks(void **state)
{
	struct co_cursor c = co_cursor("\x00\x00\x00\x05zz", 6);

	(void)state;
	assert_int_equal(co_cur_u32(&c), 5);
	assert_null(co_cur_bytes(&c, 3));
	assert_int_equal(co_cur_u8(&c), 0);
	assert_true(c.bad);
}

static void
durable_file_replaces_whole(void **state)
{
	char dir[] = "/tmp/comity-test-XXXXXX";
	co_auto_free char *path = NULL;
	co_auto_buf b;

	(void)state;
	co_buf_init(&b, 100);
	assert_non_null(mkdtemp(dir));
	path = co_path_join(dir, "f");
	assert_ok(co_write_file(path, "one", 3, 0600, &err));
	assert_ok(co_write_file(path, "two", 3, 0600, &err));
	assert_ok(co_read_file(path, &b, &err));
	assert_string_equal(b.data, "two");
	co_buf_deinit(&b);
	co_buf_init(&b, 2);
	assert_rc(co_read_file(path, &b, &err), CO_ETOOBIG);
	(void)unlink(path);
	(void)rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buffer_refuses_to_pass_its_ceiling),
		cmocka_unit_test(error_keeps_the_deepest_failure),
		cmocka_unit_test(a_cut_message_ends_in_a_whole_character),
		cmocka_unit_test(times_round_trip_and_zoneless_ones_are_refused),
		cmocka_unit_test(uuids_are_version_7_valid_and_rising),
		cmocka_unit_test(base64_is_strict),
		cmocka_unit_test(only_the_shortest_utf8_is_taken),
		cmocka_unit_test(cursor_failure_sticks),
		cmocka_unit_test(durable_file_replaces_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
