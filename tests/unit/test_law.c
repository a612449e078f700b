#include "test.h"

#include "law/rule.h"

static struct co_err err;

/* ---- days and truth ---- */

static law_day
day(const char *s)
{
	law_day d = 0;

	assert_ok(law_day_parse(s, &d, &err));
	return d;
}

static void
entry_into_force_as_in_arts_36_and_37(void **state)
{
	/* consent, entry: as the depositary recorded them */
	static const char *const rows[][2] = {
		{ "2012-07-03", "2012-11-01" }, /* Japan */
		{ "2024-07-29", "2024-11-01" }, /* Côte d'Ivoire */
		{ "2024-06-20", "2024-10-01" }, /* Benin */
		{ "2025-08-28", "2025-12-01" }, /* New Zealand */
		{ "2012-06-13", "2012-10-01" }, /* Austria */
		{ "2013-08-22", "2013-12-01" }, /* Czechia */
		{ "2016-11-16", "2017-03-01" }, /* Andorra */
		{ "2006-11-16", "2007-03-01" }, /* Netherlands */
		{ "2024-08-31", "2024-12-01" }, /* a day that November does not have */
		{ "2024-09-01", "2025-01-01" },
	};

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		char got[16];

		law_day_print(law_entry_into_force(day(rows[i][0])), got);
		assert_string_equal(got, rows[i][1]);
	}
	assert_int_equal(law_entry_into_force(LAW_DAY_START), LAW_DAY_START);
	assert_int_equal(law_entry_into_force(LAW_DAY_OPEN), LAW_DAY_OPEN);
}

static void
only_days_that_exist_are_taken(void **state)
{
	static const char *const bad[] = { "2023-02-30", "2023-02-29", "1900-02-29", "2023-13-01",
		"2023-00-10", "2023-04-31", "2023-01-00", "2023-1-01", "2023-01-1", "20230101",
		"2023-01-01T00:00:00Z", " 2023-01-01", "", "+023-01-01", "0000-01-01" };
	law_day d = 7;
	char text[16];

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(bad); i++) {
		assert_rc(law_day_parse(bad[i], &d, &err), CO_EMALFORMED);
		assert_int_equal(d, 7);
	}
	assert_int_equal(day("1970-01-01"), 0);
	assert_int_equal(day("2000-02-29"), 11016);
	law_day_print(day("2024-02-29"), text);
	assert_string_equal(text, "2024-02-29");
	law_day_print(LAW_DAY_OPEN, text);
	assert_string_equal(text, "");
	assert_int_equal(law_day_of_us(-1), -1);
	assert_int_equal(law_day_of_us(INT64_C(86400000000)), 1);
}

static void
truth_has_three_values_after_kleene(void **state)
{
	static const enum law_truth and[3][3] = {
		{ LAW_NO, LAW_NO, LAW_NO },
		{ LAW_NO, LAW_UNKNOWN, LAW_UNKNOWN },
		{ LAW_NO, LAW_UNKNOWN, LAW_YES },
	};
	static const enum law_truth or [3][3] = {
		{ LAW_NO, LAW_UNKNOWN, LAW_YES },
		{ LAW_UNKNOWN, LAW_UNKNOWN, LAW_YES },
		{ LAW_YES, LAW_YES, LAW_YES },
	};

	(void)state;
	for (unsigned a = LAW_NO; a <= LAW_YES; a++)
		for (unsigned b = LAW_NO; b <= LAW_YES; b++) {
			assert_int_equal(law_and((enum law_truth)a, (enum law_truth)b), and[a][b]);
			assert_int_equal(law_or((enum law_truth)a, (enum law_truth)b), or [a][b]);
		}
	assert_int_equal(law_not(LAW_NO), LAW_YES);
	assert_int_equal(law_not(LAW_UNKNOWN), LAW_UNKNOWN);
	assert_int_equal(law_not(LAW_YES), LAW_NO);
}

/* ---- books ---- */

#define SOURCES \
	"{\"sources\": [\n" \
	" {\"key\": \"COC\", \"title\": \"Convention\", \"as_of\": \"2013-12-01\"},\n" \
	" {\"key\": \"CZER\", \"title\": \"Declarations\", \"url\": \"https://example.org/\",\n" \
	"  \"as_of\": \"2019-07-05\"},\n" \
	" {\"key\": \"MEMORY\", \"title\": \"Nobody checked\", \"as_of\": \"2026-01-01\"}]}\n"
#define HEAD \
	"{\"instrument\": \"cets-185\", \"name\": \"Convention on Cybercrime\",\n" \
	" \"short\": \"Budapest Convention\", \"kind\": \"treaty\", \"rank\": 20,\n" \
	" \"from\": \"2004-07-01\", \"source\": \"COC\", \"certainty\": \"verified\",\n" \
	" \"entry\": \"month-after-three-months\", \"measures\": [\"preserve\", \"path\"],\n" \
	" \"reservations\": [\"29(4)\"], \"declarations\": [\"27(9)(e)\"],\n"
#define ARTICLE \
	"{\"article\": \"29\", \"title\": \"Preservation\", \"summary\": \"Keep.\",\n" \
	" \"group\": \"cooperation\", \"provides\": \"cooperation/preservation-abroad\"}"
#define FACT(id, rest) \
	"{\"id\": \"" id "\", \"source\": \"COC\", \"certainty\": \"verified\", " rest "}"
#define MADE "\"about\": \"reservation/cets-185/29(4)\", \"value\": \"made\""

static const char instrument[] = HEAD " \"articles\": [" ARTICLE "]}\n";

struct texts {
	struct law_text list[8];
	size_t n;
};

static struct texts
texts_of(const char *name, const char *data)
{
	struct texts t = { { { "sources.json", SOURCES, strlen(SOURCES) },
				   { "cets-185.json", instrument, strlen(instrument) } },
		2 };

	if (name != NULL)
		t.list[t.n++] = (struct law_text){ name, data, strlen(data) };
	return t;
}

static struct law_book *
book_of(const struct texts *t)
{
	struct law_book *b = NULL;

	co_err_clear(&err);
	assert_ok(law_book_load(&b, t->list, t->n, NULL, 0, NULL, &err));
	return b;
}

static void
economy_text(char *out, size_t cap, const char *facts)
{
	int n = snprintf(
		out, cap, "{\"economy\": \"CZ\", \"name\": \"Czechia\", \"facts\": [\n%s]}", facts);

	assert_true(n > 0 && (size_t)n < cap);
}

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

#define OTHER(rest) \
	"{\"instrument\": \"test-1\", \"name\": \"N\", \"short\": \"S\", \"kind\": \"treaty\", " \
	"\"rank\": 30, \"source\": \"COC\", \"certainty\": \"verified\", " rest "}"
#define RULE(rest) OTHER("\"articles\": [" ARTICLE "], \"rules\": [\n{\"id\": \"29-1\", " rest "}]")
#define RULE_HEAD "\"article\": \"29(1)\", \"topic\": \"duty\", \"effect\": \"informs\", "
#define WHEN(cond) RULE(RULE_HEAD "\"text\": \"T\",\n \"when\": [" cond "]")

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

static void
what_was_true_then_as_known_then(void **state)
{
	/* Reservation made on entry; its withdrawal became known when it was made. */
	static const char text[] =
		"{\"economy\": \"CZ\", \"name\": \"Czechia\", \"facts\": [\n" FACT("CZ.1",
			MADE
			", \"from\": \"2013-12-01\"") ",\n"
						      "{\"id\": \"CZ.2\", \"source\": \"CZER\", "
						      "\"certainty\": \"secondary\", " MADE
						      ", \"from\": \"2013-12-01\", \"to\": "
						      "\"2019-07-05\", \"supersedes\": \"CZ.1\"},\n"
						      "{\"id\": \"CZ.3\", \"source\": \"CZER\", "
						      "\"certainty\": \"secondary\", \"about\": "
						      "\"reservation/cets-185/29(4)\", \"value\": "
						      "\"none\", \"from\": "
						      "\"2019-07-05\"}]}";
	static const char *const rows[][3] = {
		/* at, known, id */
		{ "2013-11-30", "2026-01-01", NULL },
		{ "2013-12-01", "2013-12-01", "CZ.1" },
		{ "2013-12-01", "2013-11-30", NULL },
		{ "2019-07-04", "2019-07-04", "CZ.1" },
		{ "2019-07-05", "2019-07-04", "CZ.1" },
		{ "2019-07-04", "2019-07-05", "CZ.2" },
		{ "2019-07-05", "2019-07-05", "CZ.3" },
		{ "2013-12-01", "2026-01-01", "CZ.2" },
		{ "2026-01-01", "2026-01-01", "CZ.3" },
		{ "2026-01-01", "2018-01-01", "CZ.1" },
	};
	struct texts t = texts_of("cz.json", text);
	struct law_book *b = book_of(&t);

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		const struct law_fact *f = law_fact_find(
			b, "CZ", "reservation/cets-185/29(4)", day(rows[i][0]), day(rows[i][1]));

		if (rows[i][2] == NULL)
			assert_null(f);
		else
			assert_string_equal(f != NULL ? f->id : "(none)", rows[i][2]);
	}
	assert_null(law_fact_find(b, "AT", "reservation/cets-185/29(4)", 20000, 20000));
	assert_null(law_fact_find(b, "CZ", "reservation/cets-185/22(2)", 20000, 20000));
	law_book_free(&b);
}

/* A correction that came with the same text leaves no day on which the first counted. */
static void
a_fact_corrected_from_the_start_never_counts(void **state)
{
	char text[1024];
	struct texts t;
	struct law_book *b;

	(void)state;
	economy_text(text, sizeof(text),
		FACT("CZ.1", MADE) ",\n" FACT("CZ.2",
			"\"about\": \"reservation/cets-185/29(4)\", \"value\": \"none\", "
			"\"supersedes\": "
			"\"CZ.1\""));
	t = texts_of("cz.json", text);
	b = book_of(&t);
	assert_string_equal(
		law_fact_find(b, "CZ", "reservation/cets-185/29(4)", 0, day("2013-12-01"))->id,
		"CZ.2");
	assert_ptr_equal(law_economy_find(b, "CZ")->facts[1]->supersedes,
		law_economy_find(b, "CZ")->facts[0]);
	law_book_free(&b);
}

static void
a_profile_goes_before_on_its_days_once_known(void **state)
{
	static const char profile[] =
		"{\"profile\": \"CZ\", \"name\": \"Czechia\",\n"
		" \"sources\": [{\"key\": \"CZ.GAZETTE\", \"title\": \"G\", \"as_of\": "
		"\"2024-05-01\"}],\n"
		" \"facts\": [{\"id\": \"CZ.own-1\", \"about\": \"reservation/cets-185/29(4)\", "
		"\"value\": \"none\", \"from\": \"2019-07-05\", \"source\": \"CZ.GAZETTE\", "
		"\"certainty\": \"verified\"}]}";
	static const char *const rows[][3] = {
		{ "2018-01-01", "2026-01-01", "CZ.1" }, /* before its days */
		{ "2020-01-01", "2024-04-30", "CZ.1" }, /* not yet known */
		{ "2020-01-01", "2024-05-01", "CZ.own-1" },
	};
	char text[1024];
	struct texts t;
	struct law_book *b;

	(void)state;
	economy_text(text, sizeof(text), FACT("CZ.1", MADE));
	t = texts_of("cz.json", text);
	t.list[t.n++] = (struct law_text){ "profile", profile, strlen(profile) };
	b = book_of(&t);
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++)
		assert_string_equal(law_fact_find(b, "CZ", "reservation/cets-185/29(4)",
					    day(rows[i][0]), day(rows[i][1]))
					    ->id,
			rows[i][2]);
	assert_int_equal(law_economy_count(b), 1);
	assert_int_equal(law_economy_find(b, "CZ")->facts_n, 2);
	law_book_free(&b);
	t.list[t.n] = t.list[t.n - 1];
	t.n++;
	assert_rc(law_book_load(&b, t.list, t.n, NULL, 0, NULL, &err), CO_EMALFORMED);
	assert_null(b);
}

/* sha256sum of the fact with sorted members, without blanks */
static void
a_fact_is_cited_by_its_digest(void **state)
{
	static const char hex[] =
		"3c6445cf0ba7392f65da94a49713846d338bbc76b3b4392bec3bed35bac89882";
	char text[1024];
	struct texts t;
	struct law_book *b;

	(void)state;
	economy_text(text, sizeof(text), FACT("CZ.1", MADE));
	t = texts_of("cz.json", text);
	b = book_of(&t);
	assert_string_equal(law_economy_find(b, "CZ")->facts[0]->sha256, hex);
	assert_ptr_equal(law_fact_by_sha256(b, hex), law_economy_find(b, "CZ")->facts[0]);
	assert_null(law_fact_by_sha256(b, "00"));
	law_book_free(&b);
}

static void
rules_are_compiled(void **state)
{
	static const char text[] = OTHER(
		"\"articles\": [" ARTICLE
		"], \"measures\": \"*\", \"rules\": [{\"id\": \"a\", " RULE_HEAD
		"\"text\": \"{requesting} asks {requested}\", \"when\": [{\"measure\": "
		"[\"preserve\", \"path\"]}, {\"conduct\": \"other\"}, {\"requested\": {\"about\": "
		"\"treaty/{other}\", \"is\": [\"mla\"]}}, {\"not\": {\"dual\": \"met\"}}, "
		"{\"any\": [{\"given\": \"confidential\", \"is\": true}, {\"missing\": "
		"\"necessity\"}, {\"penalty_at_least\": 48}]}]}]");
	struct texts t = texts_of("test.json", text);
	struct law_book *b = book_of(&t);
	const struct law_instrument *in = law_instrument_find(b, "test-1");
	const struct law_rule *r = in->rules;

	(void)state;
	assert_string_equal(law_instrument_at(b, 0)->code, "cets-185");
	assert_string_equal(law_instrument_at(b, 1)->code, "test-1");
	assert_true(in->from == LAW_DAY_OPEN && in->use->measures == UINT64_MAX);
	assert_int_equal(in->rules_n, 1);
	assert_int_equal(r->when_n, 5);
	assert_int_equal(r->side, LAW_BOTH);
	assert_true(r->when[0].bits ==
		(law_word_bit(LAW_MEASURES, "preserve") | law_word_bit(LAW_MEASURES, "path")));
	assert_int_equal(r->when[1].conduct, LAW_CONDUCT_OTHER);
	assert_true(r->when[2].about_open && r->when[2].who == LAW_WHO_REQUESTED);
	assert_true(r->when[3].kind == LAW_IF_NOT && r->when[3].sub[0].yes);
	assert_true(r->when[4].sub_n == 3 && r->when[4].sub[0].yes && !r->when[4].sub[0].any_value);
	assert_int_equal(r->when[4].sub[2].months, 48);
	assert_string_equal(law_article_find(in, "29(3)")->article, "29");
	assert_null(law_article_find(in, "2"));
	assert_true(law_word_bit(LAW_OFFENCES, "attempt-aiding") ==
		(LAW_OFFENCES_CORE & ~(LAW_OFFENCES_CORE >> 1)));
	law_book_free(&b);
}

/* ---- memory that gives out ---- */

static size_t left;

static void *
scarce(size_t n)
{
	if (left == 0)
		return NULL;
	left--;
	return malloc(n);
}

static void
nothing_is_half_loaded_when_memory_gives_out(void **state)
{
	char text[1024];
	struct texts t;
	struct law_book *b = NULL;
	size_t tries = 0;
	enum co_rc rc;

	(void)state;
	economy_text(text, sizeof(text), FACT("CZ.1", MADE));
	t = texts_of("cz.json", text);
	json_set_alloc_funcs(scarce, free);
	do {
		left = tries++;
		co_err_clear(&err);
		rc = law_book_load(&b, t.list, t.n, NULL, 0, NULL, &err);
		/* jansson takes some of its own failures for faults of the text. */
		if (rc != CO_OK && ((rc != CO_ENOMEM && rc != CO_EMALFORMED) || b != NULL))
			break;
	} while (rc != CO_OK && tries < 10000);
	json_set_alloc_funcs(malloc, free);
	assert_ok(rc);
	assert_true(tries > 50);
	law_book_free(&b);
}

/* ---- the data of the program ---- */

static struct law_book *
built_in(void)
{
	struct law_book *b = NULL;
	size_t n;
	const struct law_text *texts = law_built_in(&n);

	co_err_clear(&err);
	assert_ok(law_book_load(&b, texts, n, NULL, 0, NULL, &err));
	return b;
}

static void
the_built_in_data_have_no_fault(void **state)
{
	struct law_book *b = built_in();
	const struct law_instrument *in = law_instrument_find(b, "cets-185");

	(void)state;
	assert_non_null(in);
	assert_int_equal(in->from, day("2004-07-01"));
	assert_int_equal(in->use->reservations_n, 9); /* art. 42 is a closed list */
	assert_int_equal(in->use->declarations_n, 6); /* art. 40 */
	assert_true(in->rules_n > 20);
	for (size_t i = 1; i < law_economy_count(b); i++)
		assert_true(strcmp(law_economy_at(b, i - 1)->code, law_economy_at(b, i)->code) < 0);
	law_book_free(&b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(entry_into_force_as_in_arts_36_and_37),
		cmocka_unit_test(only_days_that_exist_are_taken),
		cmocka_unit_test(truth_has_three_values_after_kleene),
		cmocka_unit_test(faults_of_facts_are_told),
		cmocka_unit_test(each_attribute_knows_its_values),
		cmocka_unit_test(faults_of_files_are_told),
		cmocka_unit_test(faults_of_instruments_are_told),
		cmocka_unit_test(every_fault_is_told_in_the_order_of_files_and_lines),
		cmocka_unit_test(what_was_true_then_as_known_then),
		cmocka_unit_test(a_fact_corrected_from_the_start_never_counts),
		cmocka_unit_test(a_profile_goes_before_on_its_days_once_known),
		cmocka_unit_test(a_fact_is_cited_by_its_digest),
		cmocka_unit_test(rules_are_compiled),
		cmocka_unit_test(nothing_is_half_loaded_when_memory_gives_out),
		cmocka_unit_test(the_built_in_data_have_no_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
