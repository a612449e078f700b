/* Small files of law for tests: sources, an instrument, and texts of an economy and a rule. */
#pragma once

#include "test.h"

#include "law/rule.h"

static struct co_err err;

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

#define OTHER(rest) \
	"{\"instrument\": \"test-1\", \"name\": \"N\", \"short\": \"S\", \"kind\": \"treaty\", " \
	"\"rank\": 30, \"source\": \"COC\", \"certainty\": \"verified\", " rest "}"
#define RULE(rest) OTHER("\"articles\": [" ARTICLE "], \"rules\": [\n{\"id\": \"29-1\", " rest "}]")
#define RULE_BEGIN \
	"{\"instrument\": \"test-1\", \"name\": \"N\", \"short\": \"S\", \"kind\": \"treaty\", " \
	"\"rank\": 30, \"source\": \"COC\", \"certainty\": \"verified\", \"articles\": [" ARTICLE \
	"], \"rules\": [\n{\"id\": \"29-1\", " RULE_HEAD
#define RULE_HEAD "\"article\": \"29(1)\", \"topic\": \"duty\", \"effect\": \"informs\", "
#define WHEN(cond) RULE(RULE_HEAD "\"text\": \"T\",\n \"when\": [" cond "]")
