#include "test.h"

#include "crypto/keeper_ipc.h"

#include <sys/socket.h>

#define ID "0190a000-0000-7000-8000-000000000000"
#define HEAD "{\"comity\":1,\"kind\":\"request\",\"id\":\"" ID "\",\"case\":"
#define TAIL ",\"from\":\"th.contact\",\"to\":\"us.contact\",\"x\":1}"
#define CASE(ours, theirs) "{\"id\":\"" ID "\",\"ours\":" ours ",\"theirs\":" theirs "}"

static struct co_err err;

static bool
scan(const char *text)
{
	/* A copy of the exact size, so that a sanitizer sees a read past the end. */
	size_t n = strlen(text);
	co_auto_free char *p = malloc(n > 0 ? n : 1);

	assert_non_null(p);
	memcpy(p, text, n);
	return keeper_scan_record(p, n, "th.contact");
}

static void
own_records_are_recognised(void **state)
{
	(void)state;
	assert_true(scan(HEAD "null" TAIL));
	assert_true(scan(HEAD CASE("\"A-1\"", "null") TAIL));
	assert_true(scan(HEAD CASE("null", "\"B\\\"2\\\\\"") TAIL));
	assert_true(scan(HEAD CASE("\"\xe0\xb8\x81\"", "\"\\u0e01\"") TAIL));
}

static void
foreign_sender_is_refused_even_when_ours_stands_in_the_case(void **state)
{
	static const char *const bad[] = {
		HEAD "null,\"from\":\"us.contact\",\"to\":\"th.contact\"}",
		HEAD CASE("\",\\\"from\\\":\\\"th.contact\\\",\\\"to\\\":\"",
			"null") ",\"from\":\"us.contact\",\"to\":\"*\"}",
		HEAD "null,\"from\":\"th.contact.evil\",\"to\":\"*\"}",
		HEAD "null,\"from\":\"th.contac\",\"to\":\"*\"}",
		/* A raw quote ends the string: what follows is not where it should be. */
		HEAD CASE("\"\",\"from\":\"th.contact\"", "null") TAIL,
		/* A case that is a string. */
		HEAD "\"x\",\"from\":\"th.contact\",\"to\":\"*\"}",
	};

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(bad); i++)
		if (scan(bad[i]))
			fail_msg("would sign %s", bad[i]);
}

static void
anything_but_the_printed_form_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"{}",
		"th.contact/ledger\n1\n",
		" " HEAD "null" TAIL,
		HEAD "null" TAIL "\n",
		HEAD "null ,\"from\":\"th.contact\",\"to\":\"*\"}",
		"{\"comity\":2,\"kind\":\"request\",\"id\":\"" ID "\",\"case\":null" TAIL,
		"{\"comity\":1,\"kind\":\"\",\"id\":\"" ID "\",\"case\":null" TAIL,
		"{\"comity\":1,\"kind\":\"seventeenletters_\",\"id\":\"" ID "\",\"case\":null" TAIL,
		"{\"comity\":1,\"kind\":\"ping\",\"id\":\"x\",\"case\":null" TAIL,
		"{\"comity\":1,\"id\":\"" ID "\",\"kind\":\"ping\",\"case\":null" TAIL,
		"{\"comity\":1,\"kind\":\"ping\",\"from\":\"th.contact\",\"to\":\"*\"}",
		HEAD CASE("\"a\nb\"", "null") TAIL,
		HEAD CASE("\"\\x\"", "null") TAIL,
		HEAD CASE("1", "null") TAIL,
		HEAD "{\"id\":\"" ID "\"}" TAIL,
	};

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(bad); i++)
		if (scan(bad[i]))
			fail_msg("would sign %s", bad[i]);
	/* Cut anywhere before the end of the head: refused, and never read beyond. */
	for (size_t n = 0; n + 1 < strlen(HEAD "null,\"from\":\"th.contact\",\"to\":"); n++) {
		co_auto_free char *cut = strndup(HEAD "null" TAIL, n);

		assert_non_null(cut);
		assert_false(scan(cut));
	}
	/* NUL after a backslash is no escape. */
	assert_false(keeper_scan_record(HEAD "{\"id\":\"" ID
					     "\",\"ours\":\"\\\0\",\"theirs\":null}" TAIL,
		sizeof(HEAD "{\"id\":\"" ID "\",\"ours\":\"\\\0\",\"theirs\":null}" TAIL) - 1,
		"th.contact"));
}

#define ROOT "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static bool
scan_checkpoint(const char *text, struct keeper_mark *m)
{
	return keeper_scan_checkpoint(text, strlen(text), "th.contact/ledger", m);
}

static void
checkpoint_is_three_lines_of_our_origin(void **state)
{
	static const char *const bad[] = {
		"",
		"th.contact/ledger\n",
		"us.contact/ledger\n5\n" ROOT "\n",
		"th.contact/ledger\n5\n" ROOT,
		"th.contact/ledger\n05\n" ROOT "\n",
		"th.contact/ledger\n-5\n" ROOT "\n",
		"th.contact/ledger\n5\n" ROOT "\nextra\n",
		"th.contact/ledger\n5\n\n" ROOT "\n",
		"th.contact/ledger\n1234567890123456789\n" ROOT "\n",
		"th.contact/ledgerx\n5\n" ROOT "\n",
		"th.contact/ledger\n5\nAAAA\n",
		"th.contact/ledger\n\n" ROOT "\n",
	};
	struct keeper_mark m = { 0 };

	(void)state;
	assert_true(scan_checkpoint("th.contact/ledger\n0\n" ROOT "\n", &m));
	assert_true(scan_checkpoint("th.contact/ledger\n1234567\n" ROOT "\n", &m));
	assert_int_equal(m.size, 1234567);
	for (size_t i = 0; i < CO_ARRAY_LEN(bad); i++)
		if (scan_checkpoint(bad[i], &m))
			fail_msg("would sign %s", bad[i]);
}

static void
frame_round_trips_and_a_bad_one_is_refused(void **state)
{
	unsigned char head[KEEPER_HEAD] = { 0xff, 0xff, 0xff, 0xff };
	struct keeper_head h = { 0 };
	co_auto_buf b;
	int fd[2];

	(void)state;
	co_buf_init(&b, 100);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	assert_ok(keeper_frame_send(fd[0], 0x01020304, 7, "abc", 3, &err));
	assert_ok(keeper_frame_send(fd[0], 5, 0, NULL, 0, &err));
	assert_ok(keeper_frame_recv(fd[1], &h, &b, &err));
	assert_int_equal(h.number, 0x01020304);
	assert_int_equal(h.code, 7);
	assert_string_equal(b.data, "abc");
	assert_ok(keeper_frame_recv(fd[1], &h, &b, &err));
	assert_int_equal(b.len, 0);
	assert_false(keeper_head_read(&h, head, 1000));
	memset(head, 0, sizeof(head));
	head[3] = 4;
	assert_false(keeper_head_read(&h, head, 1000));
	head[3] = 101 + 5;
	assert_int_equal(write(fd[0], head, sizeof(head)), sizeof(head));
	assert_rc(keeper_frame_recv(fd[1], &h, &b, &err), CO_EMALFORMED);
	assert_int_equal(write(fd[0], head, 3), 3);
	close(fd[0]);
	assert_rc(keeper_frame_recv(fd[1], &h, &b, &err), CO_ECLOSED);
	close(fd[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_records_are_recognised),
		cmocka_unit_test(foreign_sender_is_refused_even_when_ours_stands_in_the_case),
		cmocka_unit_test(anything_but_the_printed_form_is_refused),
		cmocka_unit_test(checkpoint_is_three_lines_of_our_origin),
		cmocka_unit_test(frame_round_trips_and_a_bad_one_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
