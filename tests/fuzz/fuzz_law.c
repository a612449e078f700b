/* law_book_load on any bytes beside good sources and an instrument: a book, or faults with words;
 * and what is in a book can be found and printed. */
#include "law/rule.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

static const char sources[] =
	"{\"sources\":[{\"key\":\"COC\",\"title\":\"C\",\"as_of\":\"2013-12-01\"},"
	"{\"key\":\"MEMORY\",\"title\":\"M\",\"as_of\":\"2026-01-01\"}]}";
static const char instrument[] =
	"{\"instrument\":\"cets-185\",\"name\":\"N\",\"short\":\"S\",\"kind\":\"treaty\","
	"\"rank\":1,\"from\":\"2004-07-01\",\"source\":\"COC\",\"certainty\":\"verified\","
	"\"entry\":\"month-after-three-months\",\"reservations\":[\"29(4)\"],\"articles\":["
	"{\"article\":\"29\",\"title\":\"T\",\"summary\":\"S\",\"group\":\"final\"}]}";

/* Every fact is found on its first day as known then, unless another goes before. */
static void
facts_look(const struct law_book *b, const struct law_economy *e)
{
	for (size_t i = 0; i < e->facts_n; i++) {
		const struct law_fact *f = e->facts[i];
		const struct law_fact *found =
			law_fact_find(b, f->economy, f->about, f->from, f->known);

		if (found != NULL && strcmp(found->about, f->about) != 0)
			abort();
		if (f->from >= f->to || law_fact_by_sha256(b, f->sha256) == NULL)
			abort();
	}
}

static void
book_look(const struct law_book *b)
{
	for (size_t i = 0; i < law_economy_count(b); i++)
		facts_look(b, law_economy_at(b, i));
	for (size_t i = 0; i < law_instrument_count(b); i++) {
		const struct law_instrument *in = law_instrument_at(b, i);

		for (size_t k = 0; k < in->rules_n; k++)
			if (law_article_find(in, in->rules[k].article) == NULL)
				abort();
	}
}

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	const struct law_text texts[] = {
		{ "sources.json", sources, sizeof(sources) - 1 },
		{ "cets-185.json", instrument, sizeof(instrument) - 1 },
		{ "fuzz.json", (const char *)p, n },
	};
	law_book_auto *b = NULL;
	struct law_fault faults[4];
	struct co_err err = { 0 };
	size_t faults_n;

	if (law_book_load(&b, texts, CO_ARRAY_LEN(texts), faults, CO_ARRAY_LEN(faults), &faults_n,
		    &err) == CO_OK)
		book_look(b);
	else if (b != NULL || faults_n == 0 || faults[0].text[0] == '\0' || err.msg[0] == '\0')
		abort();
	return 0;
}
