/* What was checked and what not, how to check it oneself, and the words that a reader needs. */
#include "evidence/report_inside.h"

#include <stdio.h>
#include <string.h>

static void
filled(struct report *r, json_t *list, const char *english, size_t n)
{
	char number[24], text[1024];

	(void)snprintf(number, sizeof(number), "%zu", n);
	paper_fill(&r->reader, english, number, text, sizeof(text));
	paper_item(list, text);
}

/* Records whose signature does not hold by the certificates that are here, by id. */
static void
broken(struct report *r)
{
	json_t *facts = NULL;

	for (size_t i = 0; i < r->rows_n; i++) {
		if (r->rows[i].holds)
			continue;
		if (facts == NULL) {
			paper_text(r->paper, PAPER_WARN,
				report_say(r, WORDS("These signatures do not hold with the "
						    "certificates of the directory entries:")));
			facts = paper_facts(r->paper);
		}
		paper_fact(facts, report_say(r, record_kind_name(r->rows[i].kind)), PAPER_CODE,
			r->rows[i].id);
	}
}

static void
missing(struct report *r)
{
	const json_t *list = r->from->missing, *one;
	json_t *facts;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	paper_text(r->paper, PAPER_WARN,
		report_say(r, WORDS("Could not be had when this report was made:")));
	facts = paper_facts(r->paper);
	json_array_foreach(list, i, one)
		paper_fact(facts, report_text(one, "what"), PAPER_PLAIN, report_text(one, "why"));
}

void
report_checked(struct report *r)
{
	static const char *const not_checked[] = {
		WORDS("Whether what the records say is true."),
		WORDS("Whether the officers named are who they say: a signature is of an "
		      "organisation, which answers for its officers."),
		WORDS("Whether the directory's root certificates are the right ones: compare their "
		      "fingerprints with what each organisation publishes."),
		WORDS("The ledgers' proofs and time-stamps, and the bytes of the exhibits: comity "
		      "verify checks them in the package."),
	};
	json_t *list;

	paper_heading(r->paper, 1, report_say(r, WORDS("What was checked")));
	list = paper_list(r->paper);
	filled(r, list,
		WORDS("The signatures of {n} records hold: nobody has changed a byte since."),
		r->held);
	filled(r, list, WORDS("{n} ledger proofs are there."),
		r->from->proofs_n);
	broken(r);
	missing(r);
	paper_heading(r->paper, 2, report_say(r, WORDS("Not checked here")));
	list = paper_list(r->paper);
	for (size_t i = 0; i < CO_ARRAY_LEN(not_checked); i++)
		paper_item(list, report_say(r, not_checked[i]));
}

static void
by_hand(struct report *r)
{
	static const struct {
		const char *what, *command;
	} steps[] = {
		{ WORDS("The whole package, offline"), "comity verify case.zip" },
		{ WORDS("The digests of all files"), "sha256sum -c manifest-sha256.txt" },
		{ WORDS("One record's signature"),
			"openssl cms -verify -binary -inform DER -in data/records/ID.json.p7s "
			"-content data/records/ID.json -CAfile "
			"data/certificates/ADDRESS/root.pem -purpose any -out /dev/null" },
		{ WORDS("A time-stamp"),
			"openssl ts -verify -in data/ledger/ADDRESS/checkpoint.tsr -data "
			"data/ledger/ADDRESS/checkpoint -CAfile "
			"data/certificates/ADDRESS/root.pem" },
		{ WORDS("A time-stamp of an authority outside: its own root, which is not here"),
			"openssl ts -verify -in data/ledger/ADDRESS/checkpoint.tsr -data "
			"data/ledger/ADDRESS/checkpoint -CAfile AUTHORITY.pem" },
	};
	json_t *facts;

	paper_heading(r->paper, 1, report_say(r, WORDS("How to check it yourself")));
	paper_text(r->paper, PAPER_PLAIN,
		report_say(r,
			WORDS("The package of the case has every record with its signature. No "
			      "account and no network are needed.")));
	facts = paper_facts(r->paper);
	for (size_t i = 0; i < CO_ARRAY_LEN(steps); i++)
		paper_fact(facts, report_say(r, steps[i].what), PAPER_CODE, steps[i].command);
}

void
report_glossary(struct report *r)
{
	static const struct {
		const char *word, *means;
	} words[] = {
		{ WORDS("Record"),
			WORDS("A small document, signed by the organisation that sent it. "
			      "Everything in this case is one.") },
		{ WORDS("Digest (SHA-256)"),
			WORDS("A number made from a file. If one byte of the file changes, the "
			      "number is another one.") },
		{ WORDS("Signature"),
			WORDS("Shows which organisation wrote these exact bytes. Nobody else can "
			      "make it.") },
		{ WORDS("Receipt"),
			WORDS("The other side's signed word that it took a record in, and when.") },
		{ WORDS("Ledger"),
			WORDS("A list to which lines are only added. A proof shows that a record "
			      "stands in it, so that nothing can be taken away or put in later.") },
		{ WORDS("Time-stamp"),
			WORDS("The clock of an authority confirms that something existed by "
			      "then. comity verify says whose it is: an authority outside, or the "
			      "organisation's own, which nobody outside confirms.") },
		{ WORDS("Exhibit"),
			WORDS("A file or folder handed over as evidence, sealed so that only the "
			      "receiver can open it.") },
		{ WORDS("Chain of custody"),
			WORDS("Who had the evidence, when, for what purpose and by whose "
			      "authority.") },
	};
	json_t *facts;

	by_hand(r);
	paper_heading(r->paper, 1, report_say(r, WORDS("Words used")));
	facts = paper_facts(r->paper);
	for (size_t i = 0; i < CO_ARRAY_LEN(words); i++)
		paper_fact(facts, report_say(r, words[i].word), PAPER_PLAIN,
			report_say(r, words[i].means));
}
