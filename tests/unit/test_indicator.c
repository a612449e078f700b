#include "test.h"

#include "examine/inner/indicator.h"
#include "examine/inner/term.h"

static struct co_err err;
static char told[4096];

static bool
tell(void *arg, const struct indicator_hit *h)
{
	size_t n = strlen(told);

	(void)arg;
	(void)snprintf(told + n, sizeof(told) - n, "%s=%s@%llu%s;", indicator_name(h->kind),
		h->text, (unsigned long long)h->at, h->wide ? "w" : "");
	return true;
}

static const char *
find(const char *text)
{
	size_t n = strlen(text);

	told[0] = '\0';
	assert_true(indicator_search(
		(const unsigned char *)text, n, 0, n, 0, (1u << INDICATOR_N) - 1, tell, NULL));
	return told;
}

#define IS(fn, text) fn((text), strlen(text))

static void
numbers_and_domains(void **state)
{
	(void)state;
	assert_true(IS(indicator_ipv4, "192.168.1.10"));
	assert_false(IS(indicator_ipv4, "192.168.1.256"));
	assert_false(IS(indicator_ipv4, "192.168.01.1"));
	assert_false(IS(indicator_ipv4, "1.2.3"));
	assert_false(IS(indicator_ipv4, "0.4.12.1"));
	assert_true(IS(indicator_ipv6, "2001:db8::8a2e:370:7334"));
	assert_true(IS(indicator_ipv6, "2001:0db8:0000:0000:0000:ff00:0042:8329"));
	assert_false(IS(indicator_ipv6, "2001:db8:::1"));
	assert_false(IS(indicator_ipv6, "12:30:59"));
	assert_false(IS(indicator_ipv6, "::1:2345"));
	assert_true(IS(indicator_domain, "mail.example.co.th"));
	assert_true(IS(indicator_domain, "xn--e1afmkfd.xn--p1ai"));
	assert_true(IS(indicator_domain_bare, "bbc.co.uk"));
	assert_true(IS(indicator_domain_bare, "EXAMPLE.COM"));
	assert_true(IS(indicator_domain_bare, "Example.com"));
	assert_true(IS(indicator_domain, "DK3p5.kp"));
	assert_false(IS(indicator_domain_bare, "DK3p5.kp"));
	assert_false(IS(indicator_domain_bare, "JfF.SI"));
	assert_false(IS(indicator_domain_bare, "q7.fr"));
	assert_false(IS(indicator_domain_bare, "example.cO"));
	assert_false(IS(indicator_domain, "kernel.dll"));
	assert_false(IS(indicator_domain, "-a.com"));
	assert_false(IS(indicator_domain, "a..com"));
}

/* Known addresses of the specifications: BIP 173, BIP 350, EIP-55, the genesis block. */
static void
coins_with_their_checksums(void **state)
{
	bool checked;

	(void)state;
	assert_true(IS(indicator_bitcoin, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"));
	assert_false(IS(indicator_bitcoin, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"));
	assert_true(IS(indicator_bitcoin, "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"));
	assert_true(IS(indicator_bitcoin, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"));
	assert_true(IS(indicator_bitcoin, "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"));
	assert_false(IS(indicator_bitcoin, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"));
	assert_true(IS(indicator_bitcoin,
		"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"));
	assert_true(indicator_ethereum("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", 42, &checked));
	assert_true(checked);
	assert_true(indicator_ethereum("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359", 42, &checked));
	assert_false(indicator_ethereum("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", 42,
		&checked));
	assert_true(indicator_ethereum("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", 42, &checked));
	assert_false(checked);
	assert_false(indicator_ethereum("0x0000000000000000000000000000000000000000", 42,
		&checked));
}

static void
accounts(void **state)
{
	(void)state;
	assert_true(IS(indicator_iban, "DE89370400440532013000"));
	assert_true(IS(indicator_iban, "GB82WEST12345698765432"));
	assert_false(IS(indicator_iban, "DE89370400440532013001"));
	assert_false(IS(indicator_iban, "DE8937040044053201300"));
	assert_true(IS(indicator_card, "4111111111111111"));
	assert_true(IS(indicator_card, "378282246310005"));
	assert_false(IS(indicator_card, "4111111111111112"));
	assert_false(IS(indicator_card, "1234567812345670"));
}

static void
text_gives_its_leads(void **state)
{
	(void)state;
	assert_string_equal(find("write to <bob.b+x@mail.example.org>, now."),
		"email=bob.b+x@mail.example.org@10;");
	assert_string_equal(find("see https://a.example.com/x?y=1&z=(2)."),
		"url=https://a.example.com/x?y=1&z=(2@4;");
	assert_string_equal(find("call +66 (2) 123-4567 or +0123456789"), "phone=+6621234567@5;");
	assert_string_equal(
		find("IBAN de89 3704 0044 0532 0130 00 please"), "iban=DE89370400440532013000@5;");
	assert_string_equal(find("card 4111 1111 1111 1111,"), "card=4111111111111111@5;");
	assert_string_equal(find("from evil.example.net to 10.1.2.3"),
		"domain=evil.example.net@5;ipv4=10.1.2.3@25;");
	assert_string_equal(find("peer [2001:db8::8a2e:370:7334]:443"),
		"ipv6=2001:db8::8a2e:370:7334@6;");
	assert_string_equal(find("version 1.2.3 of libfoo.so.2, 12:30:59, a@b"), "");
}

static void
wide_text_gives_the_same(void **state)
{
	const char *text = "xx bob@example.com yy";
	unsigned char wide[128];
	size_t n = strlen(text);

	(void)state;
	wide[0] = 7; /* at an odd place */
	for (size_t i = 0; i < n; i++) {
		wide[1 + 2 * i] = (unsigned char)text[i];
		wide[2 + 2 * i] = 0;
	}
	told[0] = '\0';
	assert_true(indicator_search(
		wide, 2 * n + 1, 0, 2 * n + 1, 100, 1u << INDICATOR_EMAIL, tell, NULL));
	assert_string_equal(told, "email=bob@example.com@107w;");
}

/* However the bytes are cut into windows, each is told once and whole. */
static void
windows_lose_and_double_nothing(void **state)
{
	enum { WHOLE = 20000, STEP = 777 };
	static unsigned char whole[WHOLE];
	static const char *const put = "alice@example.org ";
	char want[4096] = "";
	size_t places = 0;

	(void)state;
	memset(whole, '.', sizeof(whole));
	for (size_t at = 100; at + 100 < WHOLE; at += 997) {
		memcpy(whole + at - 1, " ", 1);
		memcpy(whole + at, put, strlen(put));
		places++;
		(void)snprintf(want + strlen(want), sizeof(want) - strlen(want),
			"email=alice@example.org@%zu;", at);
	}
	told[0] = '\0';
	for (size_t middle = 0; middle < WHOLE; middle += STEP) {
		size_t from = middle > INDICATOR_AROUND ? middle - INDICATOR_AROUND : 0;
		size_t to = middle + STEP + INDICATOR_AROUND;
		size_t end = middle + STEP < WHOLE ? middle + STEP : WHOLE;

		if (to > WHOLE)
			to = WHOLE;
		assert_true(indicator_search(whole + from, to - from, middle - from, end - from,
			from, 1u << INDICATOR_EMAIL, tell, NULL));
	}
	assert_true(places > 15);
	assert_string_equal(told, want);
}

static bool
tell_term(void *arg, const struct term *t, uint64_t at, bool wide)
{
	size_t n = strlen(told);

	(void)arg;
	(void)snprintf(told + n, sizeof(told) - n, "%s@%llu%s;", t->text, (unsigned long long)at,
		wide ? "w" : "");
	return true;
}

static void
words_in_any_case_and_width(void **state)
{
	static const unsigned char text[] = "an INVoice and i\0N\0v\0o\0i\0c\0e\0 caf\xc3\xa9";
	struct term t[2];

	(void)state;
	assert_ok(term_make(&t[0], "Invoice", &err));
	assert_ok(term_make(&t[1], "caf\xc3\xa9", &err));
	told[0] = '\0';
	assert_true(term_search(t, 2, text, sizeof(text) - 1, 0, sizeof(text) - 1, 10, tell_term,
		NULL));
	assert_string_equal(told, "Invoice@13;Invoice@25w;caf\xc3\xa9@40;");
	assert_rc(term_make(&t[0], "", &err), CO_EUSAGE);
	assert_rc(term_make(&t[0], "\xff\xfe", &err), CO_EUSAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_and_domains),
		cmocka_unit_test(coins_with_their_checksums),
		cmocka_unit_test(accounts),
		cmocka_unit_test(text_gives_its_leads),
		cmocka_unit_test(wide_text_gives_the_same),
		cmocka_unit_test(windows_lose_and_double_nothing),
		cmocka_unit_test(words_in_any_case_and_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
