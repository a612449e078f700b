/* Every fault that a file of law can have is told with its line, and nothing is loaded. */
#include "law_texts.h"

/* The fault of a text is told with its line, and nothing is loaded. */
static void
assert_fault(const char *text, unsigned line, const char *want)
{
	struct texts t = texts_of("new.json", text);
	struct law_book *b = NULL;
	struct law_fault faults[16];
	size_t n = 0;

	co_err_clear(&err);
	if (law_book_load(&b, t.list, t.n, faults, CO_ARRAY_LEN(faults), &n, &err) !=
			CO_EMALFORMED ||
		b != NULL)
		fail_msg("taken, but wanted \"%s\":\n%s", want, text);
	for (size_t i = 0; i < n && i < CO_ARRAY_LEN(faults); i++)
		if (strstr(faults[i].text, want) != NULL && faults[i].line == line &&
			strcmp(faults[i].file, "new.json") == 0)
			return;
	fail_msg("wanted line %u \"%s\", got %s:%u: %s (%zu faults) for\n%s", line, want,
		faults[0].file, faults[0].line, faults[0].text, n, text);
}

struct wrong {
	const char *text;
	unsigned line;
	const char *want;
};

static void
faults_of_facts_are_told(void **state)
{
	/* The first fact stands on line 2 of its file. */
	static const struct wrong rows[] = {
		{ FACT("CZ.1", MADE ",\n \"colour\": \"red\""), 3, "unknown member \"colour\"" },
		{ FACT("CZ.1", "\"about\": \"hobby/chess\", \"value\": \"yes\""), 2,
			"unknown attribute \"hobby/chess\"" },
		{ FACT("CZ.1", "\"value\": \"made\",\n \"about\": \"reservation/cets-185/29(3)\""),
			3, "cets-185 permits no reservation to 29(3)" },
		{ FACT("CZ.1", "\"about\": \"declaration/cets-185/29(4)\", \"value\": \"made\""), 2,
			"cets-185 permits no declaration to 29(4)" },
		{ FACT("CZ.1", "\"about\": \"status/cets-999\", \"value\": \"party\""), 2,
			"\"cets-999\" is no {instrument}" },
		{ FACT("CZ.1", "\"about\": \"foreign/teleport\", \"value\": \"yes\""), 2,
			"\"teleport\" is no {measure}" },
		{ FACT("CZ.1", "\"about\": \"offence/other\", \"value\": {\"has\": \"yes\"}"), 2,
			"\"other\" is no {offence}" },
		{ FACT("CZ.1", MADE ",\n \"from\": \"2023-02-30\""), 3,
			"from: the day 2023-02-30 does not exist" },
		{ FACT("CZ.1", MADE ", \"from\": 2023"), 2, "from: wanted a date in quotes" },
		{ FACT("CZ.1", MADE ", \"from\": \"2020-01-01\",\n \"to\": \"2020-01-01\""), 3,
			"from 2020-01-01 to 2020-01-01 holds on no day" },
		{ "{\"id\": \"CZ.1\", \"certainty\": \"verified\", " MADE "}", 2,
			"\"source\" is missing" },
		{ "{\"id\": \"CZ.1\", \"source\": \"NONE\", \"certainty\": \"verified\", " MADE "}",
			2, "unknown source \"NONE\"" },
		{ "{\"id\": \"CZ.1\", \"source\": \"MEMORY\", \"certainty\": \"secondary\", " MADE
		  "}",
			2, "from MEMORY nothing is better than unverified" },
		{ "{\"id\": \"CZ.1\", \"source\": \"COC\", \"certainty\": \"sure\", " MADE "}", 2,
			"certainty: \"sure\" is none of the words" },
		{ FACT("CZ.1",
			  "\"about\": \"status/cets-185\", \"value\": \"party\", \"consent\": "
			  "\"2013-08-22\", \"from\": \"2013-12-02\""),
			2, "consent gives entry into force on 2013-12-01, but from is 2013-12-02" },
		{ FACT("CZ.1",
			  "\"about\": \"status/cets-185\", \"value\": \"party\", \"consent\": "
			  "\"2013-08-22\""),
			2, "but from is not there" },
		{ FACT("CZ.1",
			  "\"about\": \"status/cets-185\", \"value\": \"signed\", \"consent\": "
			  "\"2013-08-22\""),
			2, "consent goes only with a status whose value is \"party\"" },
		{ FACT("CZ.1", MADE ", \"consent\": \"2013-08-22\""), 2, "consent goes only with" },
		{ FACT("CZ.1", "\"about\": \"membership/eu\", \"value\": \"yes\"") ",\n" FACT(
			  "CZ.1", "\"about\": \"membership/apec\", \"value\": \"no\""),
			3, "CZ.1: the id is taken" },
		{ FACT("AT.1", MADE), 2, "the id \"AT.1\" does not fit; write CZ.1" },
		{ FACT("CZ.own-1", MADE), 2, "does not fit" },
		{ FACT("C", MADE), 2, "does not fit" },
		{ FACT("CZ.1", MADE ",\n \"supersedes\": \"CZ.9\""), 3, "CZ.9: no such fact" },
		{ FACT("CZ.1", "\"about\": \"membership/eu\", \"value\": \"yes\"") ",\n" FACT(
			  "CZ.2", MADE ", \"supersedes\": \"CZ.1\""),
			3, "CZ.1: is about something else" },
		{ FACT("CZ.1", MADE ", \"supersedes\": \"CZ.1\""), 2, "go round in a circle" },
		{ FACT("CZ.1", MADE ", \"supersedes\": \"CZ.2\"") ",\n" FACT(
			  "CZ.2", MADE ", \"supersedes\": \"CZ.1\""),
			3, "go round in a circle" },
		{ FACT("CZ.1",
			  MADE
			  ", \"from\": \"2013-12-01\", \"to\": \"2019-07-06\"") ",\n" FACT("CZ.2",
			  "\"about\": \"reservation/cets-185/29(4)\", \"value\": \"none\", "
			  "\"from\": \"2019-07-05\""),
			3, "CZ.2: holds on a day on which CZ.1 holds" },
		{ "7", 2, "wanted an object" },
	};
	char text[1024];

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		economy_text(text, sizeof(text), rows[i].text);
		assert_fault(text, rows[i].line, rows[i].want);
	}
}

/* about, good value, value that is refused, and why */
static void
each_attribute_knows_its_values(void **state)
{
	static const char *const rows[][4] = {
		{ "status/cets-185", "\"signed\"", "\"member\"", "none of the words" },
		{ "reservation/cets-185/29(4)", "\"none\"", "true", "wanted a string" },
		{ "declaration/cets-185/27(9)(e)", "\"made\"", "\"yes\"", "none of the words" },
		{ "authority/contact", "{\"name\": \"Unit\", \"phase\": \"trial\"}", "\"Unit\"",
			"wanted an object" },
		{ "authority/central", "{\"name\": \"Ministry\"}", "{\"phase\": \"trial\"}",
			"\"name\" is missing" },
		{ "language/accepted", "[\"cs\", \"en\"]", "[\"czech language\"]",
			"a language code" },
		{ "network/interpol", "\"member\"", "\"yes\"", "none of the words" },
		{ "membership/eu", "\"yes\"", "\"member\"", "none of the words" },
		{ "treaty/US", "{\"name\": \"Treaty\", \"covers\": [\"mla\"]}",
			"{\"name\": \"Treaty\", \"covers\": [\"fish\"]}", "none of the words" },
		{ "treaty/AU", "\"none\"", "\"made\"", "none of the words" },
		{ "duration/preserve", "{\"first_days\": 90, \"text\": \"art. 1\"}",
			"{\"first_days\": -1}", "a whole number from 0" },
		{ "condition/dual-criminality", "\"discretionary\"", "\"maybe\"",
			"none of the words" },
		{ "condition/intercept/order", "\"judge\"", "\"king\"", "none of the words" },
		{ "condition/confirmation", "\"required\"", "\"yes\"", "none of the words" },
		{ "condition/provider-notice", "\"likely\"", "\"no\"", "none of the words" },
		{ "channel/urgent", "\"central\"", "\"slow\"", "none of the words" },
		{ "foreign/preserve", "{\"has\": \"yes\", \"section\": \"7\"}",
			"{\"has\": \"partly\"}", "none of the words" },
		{ "voluntary/emergency", "\"no\"", "\"\"", "it is empty" },
		{ "offence/illegal-access",
			"{\"has\": \"yes\", \"max_months\": 24, \"elements\": "
			"[\"security-breached\"]}",
			"{\"has\": \"yes\", \"max_months\": 2.5}", "a whole number from 0" },
		{ "power/preservation", "{\"has\": \"no\"}", "{\"statute\": \"Act\"}",
			"\"has\" is missing" },
		{ "safeguard/conditions", "{\"has\": \"partly\"}", "\"yes\"", "wanted an object" },
		{ "cooperation/transborder", "{\"has\": \"yes\"}", "{\"has\": \"yes\", \"x\": 1}",
			"unknown member \"x\"" },
		{ "jurisdiction/jurisdiction", "{\"has\": \"yes\"}", "[]", "wanted an object" },
	};
	char fact[512], text[1024];

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		struct law_book *b;
		struct texts t;

		(void)snprintf(fact, sizeof(fact), FACT("CZ.1", "\"about\": \"%s\", \"value\": %s"),
			rows[i][0], rows[i][1]);
		economy_text(text, sizeof(text), fact);
		t = texts_of("cz.json", text);
		b = book_of(&t);
		assert_non_null(law_fact_find(b, "CZ", rows[i][0], 0, LAW_DAY_OPEN - 1));
		law_book_free(&b);
		(void)snprintf(fact, sizeof(fact), FACT("CZ.1", "\"about\": \"%s\", \"value\": %s"),
			rows[i][0], rows[i][2]);
		economy_text(text, sizeof(text), fact);
		assert_fault(text, 2, rows[i][3]);
	}
}

static void
faults_of_files_are_told(void **state)
{
	static const struct wrong rows[] = {
		{ "{\"economy\": \"CZ\",\n \"name\": }", 2, "not JSON" },
		{ "", 1, "not JSON" },
		{ "{\"economy\": \"CZ\", \"name\": \"Czechia\",\n \"name\": \"C\", \"facts\": []}",
			2, "duplicate object key" },
		{ "{\"planet\": \"Mars\"}", 0, "nothing here is known" },
		{ "{\"economy\": \"CZ\", \"facts\": []}", 0, "\"name\" is missing" },
		{ "{\"economy\": \"cz\",\n \"name\": \"C\", \"facts\": []}", 1,
			"economy: wanted a two-letter code" },
		{ "{\"economy\": \"CZ\", \"name\": \"C\", \"facts\": [],\n \"of\": \"XX\"}", 2,
			"no such economy XX" },
		{ "{\"economy\": \"CZ\", \"name\": \"C\", \"facts\": [], \"of\": \"CZ\"}", 1,
			"CZ is a territory of itself" },
		{ "{\"sources\": [\n {\"key\": \"COC\", \"title\": \"C\", \"as_of\": "
		  "\"2020-01-01\"}]}",
			2, "the source COC is there twice" },
		{ "{\"sources\": [\n {\"key\": \"A.B\", \"title\": \"C\", \"as_of\": "
		  "\"2020-01-01\"}]}",
			2, "is for an economy's own sources" },
		{ "{\"sources\": [{\"key\": \"A\", \"title\": \"C\", \"as_of\": \"2020-01-01\",\n"
		  " \"url\": \"javascript:x\"}]}",
			2, "an address that begins with https://" },
		{ "{\"economy\": \"CZ\", \"name\": \"C\", \"facts\": [], \"sources\": [\n"
		  "{\"key\": \"ACT\", \"title\": \"C\", \"as_of\": \"2020-01-01\"}]}",
			2, "named after the economy: CZ.ACT" },
		{ "{\"economy\": \"CZ\", \"name\": \"C\\u001b[31m\", \"facts\": []}", 1,
			"name: wanted one line of text" },
		{ "{\"profile\": \"CZ\", \"name\": \"C\", \"facts\": [\n" FACT("CZ.1", MADE) "]}",
			2, "in a profile write CZ.own-1" },
	};

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++)
		assert_fault(rows[i].text, rows[i].line, rows[i].want);
}

static void
faults_of_instruments_are_told(void **state)
{
	static const struct wrong rows[] = {
		{ OTHER("\"articles\": [],\n \"colour\": 1"), 2, "unknown member \"colour\"" },
		{ OTHER("\"articles\": [" ARTICLE ",\n" ARTICLE "]"), 3,
			"article 29 is there twice" },
		{ OTHER("\"articles\": [{\"article\": \"1\", \"title\": \"T\", \"summary\": "
			"\"S\", \"group\": \"final\",\n \"provides\": \"power/flying\"}]"),
			2, "\"flying\" is no {power}" },
		{ OTHER("\"articles\": [{\"article\": \"1\", \"title\": \"T\", \"summary\": "
			"\"S\", \"group\": \"final\",\n \"provides\": \"membership/eu\"}]"),
			2, "membership/eu cannot be counted" },
		{ OTHER("\"articles\": [{\"article\": \"1\", \"title\": \"T\", \"summary\": "
			"\"S\", \"group\": \"final\",\n \"model\": \"99\"}]"),
			2, "cets-185 has no article 99" },
		{ OTHER("\"articles\": [{\"article\": \"1\", \"title\": \"T\", \"summary\": "
			"\"S\",\n \"group\": \"misc\"}]"),
			2, "group: \"misc\" is none of the words" },
		{ OTHER("\"articles\": [],\n \"measures\": [\"teleport\"]"), 2,
			"unknown word \"teleport\"" },
		{ OTHER("\"articles\": [],\n \"measures\": \"preserve\""), 2,
			"measures: wanted a list" },
		{ OTHER("\"articles\": [" ARTICLE "], \"periods\": [\n{\"measure\": \"nap\", "
			"\"article\": \"29\"}]"),
			3, "unknown measure \"nap\"" },
		{ OTHER("\"articles\": [], \"periods\": [\n{\"measure\": \"preserve\", "
			"\"article\": \"29(7)\"}]"),
			2, "test-1 has no article 29(7)" },
		{ RULE("\"article\": \"30(1)\", \"topic\": \"duty\", \"effect\": \"informs\", "
		       "\"text\": \"T\""),
			3, "test-1 has no article 30(1)" },
		{ RULE("\"article\": \"29\", \"topic\": \"weather\", \"effect\": \"informs\", "
		       "\"text\": \"T\""),
			3, "topic: \"weather\" is none of the words" },
		{ RULE("\"article\": \"29\", \"topic\": \"duty\", \"effect\": \"explodes\", "
		       "\"text\": \"T\""),
			3, "effect: \"explodes\" is none of the words" },
		{ RULE(RULE_HEAD "\"text\": \"T\", \"side\": \"left\""), 3,
			"side: \"left\" is none of the words" },
		{ RULE(RULE_HEAD "\"text\": \"Ask {somebody}.\""), 3,
			"\"{somebody}.\" stands for nothing" },
		{ RULE(RULE_HEAD "\"text\": \"T\"},\n{\"id\": \"29-1\", " RULE_HEAD
				 "\"text\": \"T\""),
			4, "the rule 29-1 is there twice" },
		{ WHEN("{\"moon\": \"full\"}"), 4, "unknown condition \"moon\"" },
		{ WHEN("{\"measure\": [\"teleport\"]}"), 4, "unknown word \"teleport\"" },
		{ WHEN("{\"measure\": \"preserve\"}"), 4, "measure: wanted a list" },
		{ WHEN("{\"measure\": [\"preserve\"], \"data\": [\"traffic\"]}"), 4,
			"does not belong there" },
		{ WHEN("{\"conduct\": \"nice\"}"), 4, "conduct: wanted \"core\"" },
		{ WHEN("{\"dual\": true}"), 4, "dual: wanted \"met\"" },
		{ WHEN("{\"penalty_at_least\": \"long\"}"), 4, "penalty_at_least: wanted months" },
		{ WHEN("{\"missing\": 1}"), 4, "missing: wanted the code of a form's field" },
		{ WHEN("{\"given\": \"days\", \"is\": 3}"), 4, "given: wanted \"is\"" },
		{ WHEN("{\"both\": {\"about\": \"status/none\", \"is\": [\"party\"]}}"), 4,
			"\"none\" is no {instrument}" },
		{ WHEN("{\"both\": {\"about\": \"status/cets-185\", \"is\": [\"great\"]}}"), 4,
			"status/cets-185 never is \"great\"" },
		{ WHEN("{\"both\": {\"about\": \"status/cets-185\", \"is\": []}}"), 4,
			"an empty list never holds" },
		{ WHEN("{\"not\": {\"not\": {\"not\": {\"not\": {\"not\": {\"dual\": "
		       "\"met\"}}}}}}"),
			4, "conditions more than 4 deep" },
		{ WHEN("3"), 4, "wanted a condition" },
	};

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++)
		assert_fault(rows[i].text, rows[i].line, rows[i].want);
}

static char *
filled(const char *before, char with, size_t n, const char *after)
{
	size_t head = strlen(before), tail = strlen(after) + 1;
	char *out = malloc(head + n + tail);

	assert_non_null(out);
	memcpy(out, before, head);
	memset(out + head, with, n);
	memcpy(out + head + n, after, tail);
	return out;
}

static void
limits_are_told(void **state)
{
	static const char begin[] = "{\"economy\": \"CZ\", \"name\": \"C\", \"facts\": [\n";
	const struct {
		const char *before, *after;
		size_t n;
		unsigned line;
		const char *want;
	} rows[] = {
		{ "{\"economy\": \"CZ\"", "}", LIMIT_LAW_FILE, 0, "1048576 is the limit" },
		{ "{\"economy\": \"CZ\", \"name\": \"", "\", \"facts\": []}", LIMIT_NAME + 1, 1,
			"name: 256 bytes, 255 is the limit" },
		{ "{\"economy\": \"CZ\", \"name\": \"C\", \"facts\": [\n{\"note\": \"", "\"}]}",
			LIMIT_LAW_TEXT + 1, 2, "note: 2049 bytes, 2048 is the limit" },
		{ RULE_BEGIN "\"text\": \"", "\"}]}", LIMIT_LAW_RULE + 1, 3,
			"text: 513 bytes, 512 is the limit" },
	};
	char *text, *at;

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		text = filled(rows[i].before, i == 0 ? ' ' : 'x', rows[i].n, rows[i].after);
		assert_fault(text, rows[i].line, rows[i].want);
		free(text);
	}
	/* Facts about one thing, and elements of a list. */
	text = filled(begin, ' ', LIMIT_LAW_LIST * 120, "");
	at = text + strlen(begin);
	for (unsigned i = 0; i <= LIMIT_LAW_SAME; i++)
		at += snprintf(at, 128, "%s" FACT("CZ.%u", MADE), i > 0 ? "," : "", i);
	memcpy(at, "]}", 3);
	assert_fault(text, 2, "too many facts about one thing");
	at = text + strlen(begin);
	for (unsigned i = 0; i <= LIMIT_LAW_LIST; i++)
		at += snprintf(at, 128, "%s%u", i > 0 ? "," : "", i);
	memcpy(at, "]}", 3);
	assert_fault(text, 1, "facts: 4097 elements, 4096 is the limit");
	free(text);
}

static void
territories_do_not_go_round(void **state)
{
	static const char other[] =
		"{\"economy\": \"AT\", \"name\": \"A\", \"of\": \"CZ\", \"facts\": []}";
	struct texts t = texts_of("cz.json",
		"{\"economy\": \"CZ\", \"name\": \"C\",\n \"of\": \"AT\", \"facts\": []}");
	struct law_book *b = NULL;
	struct law_fault f[4];
	size_t n;

	(void)state;
	t.list[t.n++] = (struct law_text){ "at.json", other, strlen(other) };
	assert_rc(law_book_load(&b, t.list, t.n, f, 4, &n, &err), CO_EMALFORMED);
	assert_int_equal(n, 2);
	assert_string_equal(f[0].text, "CZ is a territory of itself; correct the code");
	assert_int_equal(f[0].line, 2);
	assert_null(b);
}

static void
every_fault_is_told_in_the_order_of_files_and_lines(void **state)
{
	static const char bad[] = "{\"economy\": \"CZ\", \"name\": \"C\", \"facts\": [\n" FACT(
		"CZ.1", MADE ", \"to\": \"2023-02-30\"") ",\n" FACT("CZ.2",
		"\"about\": \"hobby/chess\", \"value\": 1") ",\n" FACT("CZ.3",
		MADE ", \"supersedes\": \"CZ.8\"") "]}";
	struct texts t = texts_of("a.json", bad);
	struct law_book *b = NULL;
	struct law_fault f[2];
	size_t n = 0;

	(void)state;
	co_err_clear(&err);
	t.list[t.n++] = (struct law_text){ "b.json", "[", 1 };
	assert_int_equal(law_book_load(&b, t.list, t.n, f, 2, &n, &err), CO_EMALFORMED);
	assert_null(b);
	assert_int_equal(n, 4);
	assert_int_equal(f[0].line, 2);
	assert_int_equal(f[1].line, 3);
	assert_string_equal(
		err.msg, "a.json:2: to: the day 2023-02-30 does not exist (and 3 more)");
	co_err_clear(&err);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_of_facts_are_told),
		cmocka_unit_test(each_attribute_knows_its_values),
		cmocka_unit_test(faults_of_files_are_told),
		cmocka_unit_test(faults_of_instruments_are_told),
		cmocka_unit_test(limits_are_told),
		cmocka_unit_test(territories_do_not_go_round),
		cmocka_unit_test(every_fault_is_told_in_the_order_of_files_and_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
