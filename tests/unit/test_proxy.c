#include "test.h"

#include "network/proxy.h"

static struct co_err err;

static void
a_list_is_addresses_and_networks(void **state)
{
	static const char *const bad[] = { "10.0.0.0/33", "10.0.0", "::1/129", "localhost",
		"10.0.0.1,",
		",", "10.0.0.1/", "10.0.0.1/x", "10.0.0.1/8x", "10.0.0.1 10.0.0.2", "/8",
		"::1/-1" };
	struct proxies p = { .n = 7 };

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(bad); i++) {
		co_err_clear(&err);
		if (proxies_parse(&p, bad[i], &err) != CO_EUSAGE)
			fail_msg("taken: %s", bad[i]);
	}
	assert_int_equal(p.n, 7);
	assert_ok(proxies_parse(&p, " 127.0.0.1 , 10.1.0.0/16,::1 ,2001:db8::/32", &err));
	assert_int_equal(p.n, 4);
	assert_int_equal(p.at[1].bits, 112);
	assert_ok(proxies_parse(&p, " ", &err));
	assert_int_equal(p.n, 0);
}

static void
who_is_connected_counts_unless_it_is_a_proxy(void **state)
{
	static const struct {
		const char *peer, *header, *client;
	} x[] = {
		{ "203.0.113.9", "192.0.2.1", "203.0.113.9" }, /* a stranger says what it likes */
		{ "127.0.0.1", NULL, "127.0.0.1" },
		{ "127.0.0.1", "", "127.0.0.1" },
		{ "127.0.0.1", "192.0.2.1", "192.0.2.1" },
		{ "::1", "2001:db8::5", "2001:db8::5" },
		{ "::ffff:127.0.0.1", "192.0.2.1:4711", "192.0.2.1" },
		{ "127.0.0.1", "[2001:db8::5]:99", "2001:db8::5" },
		/* what the reader wrote stands first; the proxy's word last */
		{ "127.0.0.1", "1.1.1.1, 192.0.2.1", "192.0.2.1" },
		{ "127.0.0.1", "1.1.1.1, 192.0.2.1, 10.1.2.3", "192.0.2.1" },
		{ "127.0.0.1", "10.1.9.9, 10.1.2.3", "10.1.9.9" },
		/* what is no address ends it: the last that spoke is who we know */
		{ "127.0.0.1", "1.1.1.1, unknown", "127.0.0.1" },
		{ "127.0.0.1", "1.1.1.1, rubbish, 10.1.2.3", "10.1.2.3" },
		{ "127.0.0.1", ",,", "127.0.0.1" },
		{ "10.2.0.1", "192.0.2.1", "10.2.0.1" }, /* beside the network */
	};
	struct proxies p = { .n = 0 };
	char out[PROXY_ADDRESS], longer[PROXY_HEADER + 32];

	(void)state;
	assert_ok(proxies_parse(&p, "127.0.0.1,10.1.0.0/16,::1", &err));
	for (size_t i = 0; i < CO_ARRAY_LEN(x); i++) {
		proxies_client(&p, x[i].peer, x[i].header, out);
		assert_string_equal(out, x[i].client);
	}
	/* What a reader wrote in front does not push out what the proxy added. */
	memset(longer, ' ', sizeof(longer));
	memcpy(longer + PROXY_HEADER - 9, "192.0.2.1,192.0.2.9", 20);
	proxies_client(&p, "127.0.0.1", longer, out);
	assert_string_equal(out, "127.0.0.1");
	assert_ok(proxies_parse(&p, "", &err));
	proxies_client(&p, "127.0.0.1", "192.0.2.1", out);
	assert_string_equal(out, "127.0.0.1");
}

static void
forwarded_is_read_as_rfc_7239_has_it(void **state)
{
	static const char *const x[][2] = {
		{ "for=192.0.2.60;proto=https;by=203.0.113.43", "192.0.2.60" },
		{ "For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17" },
		{ "proto=https; for=192.0.2.61", "192.0.2.61" },
		{ "for=1.1.1.1, for=192.0.2.43:80", "192.0.2.43" },
		{ "for=_hidden", "::1" },
		{ "by=192.0.2.1", "::1" },
		{ "for=", "::1" },
		{ "for=\"[::1", "::1" },
		{ "192.0.2.60", "::1" },
	};
	struct proxies p = { .forwarded = true };
	char out[PROXY_ADDRESS];

	(void)state;
	assert_ok(proxies_parse(&p, "::1", &err));
	assert_true(p.forwarded);
	for (size_t i = 0; i < CO_ARRAY_LEN(x); i++) {
		proxies_client(&p, "::1", x[i][0], out);
		assert_string_equal(out, x[i][1]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_is_addresses_and_networks),
		cmocka_unit_test(who_is_connected_counts_unless_it_is_a_proxy),
		cmocka_unit_test(forwarded_is_read_as_rfc_7239_has_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
