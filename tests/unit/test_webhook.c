/* What webhooks may call, how long they wait, how they sign. */
#include "network/webhook.h"

#include "test.h"

#include <arpa/inet.h>
#include <string.h>

static void
only_safe_urls_are_taken(void **state)
{
	static const char *const good[] = { "https://tickets.example/comity",
		"https://10.0.0.7:8443/x", "http://localhost:9000/", "http://127.0.0.1/x",
		"http://[::1]:9000/x", "https://[2001:db8::1]/x" };
	static const char *const bad[] = { "http://tickets.example/", "ftp://localhost/x",
		"https://", "https:///x", "https://user@tickets.example/", "http://localhost@evil/",
		"http://localhost.evil.example/", "https://a b/", "https://h:4501/x",
		"http://[::1]:4501/", "file:///etc/passwd", "https://h:x/", "gopher://x",
		"https://h\\@x/", "" };
	struct co_err err = { CO_OK, "" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_ok(webhook_url_check(good[i], 4501, &err));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_rc(webhook_url_check(bad[i], 4501, &err), CO_EUSAGE);
}

static bool
fits(const char *text, bool plain, bool link_local)
{
	struct sockaddr_in a4 = { .sin_family = AF_INET, .sin_port = htons(443) };
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6, .sin6_port = htons(443) };

	if (inet_pton(AF_INET, text, &a4.sin_addr) == 1)
		return webhook_address_fits((const struct sockaddr *)&a4, 4501, plain, link_local);
	assert_int_equal(inet_pton(AF_INET6, text, &a6.sin6_addr), 1);
	return webhook_address_fits((const struct sockaddr *)&a6, 4501, plain, link_local);
}

static void
names_that_lead_inside_lead_nowhere(void **state)
{
	static const char *const inside[] = { "169.254.169.254", "169.254.0.1", "100.100.100.200",
		"168.63.129.16", "fe80::1", "::ffff:169.254.169.254", "fd00:ec2::254" };
	static const char *const never[] = { "0.0.0.0", "224.0.0.1", "255.255.255.255",
		"::", "ff02::1" };
	static const char *const good[] = { "192.0.2.1", "10.1.2.3", "2001:db8::1", "127.0.0.1",
		"::1", "fd12::1" };

	(void)state;
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		assert_false(fits(inside[i], false, false));
		assert_true(fits(inside[i], false, true));
		assert_false(fits(inside[i], true, true));
	}
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		assert_false(fits(never[i], false, true));
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(fits(good[i], false, false));
	/* http stays on this machine, whatever the name says. */
	assert_true(fits("127.0.0.1", true, false));
	assert_true(fits("::1", true, false));
	assert_false(fits("192.0.2.1", true, false));
	assert_false(fits("10.1.2.3", true, true));
}

static void
partners_are_never_called(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(4501) };
	struct sockaddr other = { .sa_family = AF_UNIX };

	(void)state;
	a.sin_addr.s_addr = htonl(0x7F000001);
	assert_false(webhook_address_fits((const struct sockaddr *)&a, 4501, true, true));
	assert_false(webhook_address_fits(&other, 4501, false, true));
}

static void
waits_grow_and_end(void **state)
{
	int64_t before = 0, n = 0;

	(void)state;
	for (int64_t us; (us = webhook_wait_us(n)) != 0; n++) {
		assert_true(us >= before && us <= INT64_C(3600000000));
		before = us;
	}
	assert_int_equal(n, 20);
	assert_int_equal(webhook_wait_us(0), 5000000);
}

/* Made by: printf '%s' 'a-1.1764000000.{"x":1}' | openssl dgst -sha256 -hmac key */
static void
a_signature_is_that_of_openssl(void **state)
{
	char out[68];

	(void)state;
	webhook_sign("key", "a-1", 1764000000, "{\"x\":1}", out);
	assert_string_equal(
		out, "v1=5433ab98d08b5c0a792ed5b792400b878d4d34591a5001a8fac2d4af5152fdf2");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_safe_urls_are_taken),
		cmocka_unit_test(names_that_lead_inside_lead_nowhere),
		cmocka_unit_test(partners_are_never_called),
		cmocka_unit_test(waits_grow_and_end),
		cmocka_unit_test(a_signature_is_that_of_openssl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
