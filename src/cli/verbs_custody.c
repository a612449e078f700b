/* The verbs of custody, as rows like those in verbs.c. */
#include "cli/verbs.h"

#define WHY NEED("purpose", "TEXT", "purpose", "what for"), \
	NEED("authority", "TEXT", "authority", "on whose order"), \
	OPT("place", "TEXT", "place", "where")
#define HANDED OPT("condition", "TEXT", "condition", "of the item and its seals"), \
	OPT("released-by", "NAME", NULL, "who gave it"), \
	OPT("released-by-organisation", "NAME", NULL, "and for whom"), \
	OPT("received-by", "NAME", NULL, "who took it"), \
	OPT("received-by-organisation", "NAME", NULL, "and for whom"), \
	OPT("witness", "NAME", "witness", "who saw it"), \
	OPT("carried-from", "PLACE", NULL, "where it left"), \
	OPT("carried-to", "PLACE", NULL, "where it arrived"), \
	OPT("carried-by", "TEXT", NULL, "how it travelled")
#define KEPT ARG("ID", NULL, "the exhibit's id; with --case a case's id or our number of it")

const struct cli_verb cli_custody_verbs[] = {
	{
		.name = "exhibit custody",
		.summary = "an exhibit's chain of custody, its conditions, how long it is kept",
		.example = "comity exhibit custody 01936b2e-...",
		.roles = WHO_ANY,
		.op = "exhibit.custody",
		.run = run_op,
		.show = show_custody,
		.operands = {
			EXHIBIT,
		},
	},
	{
		.name = "exhibit moves",
		.summary = "what you may do with an exhibit now, and what waits for whom",
		.example = "comity exhibit moves 01936b2e-...",
		.roles = WHO_ANY,
		.op = "exhibit.moves",
		.run = run_op,
		.show = show_moves,
		.operands = {
			EXHIBIT,
		},
	},
	{
		.name = "case custody",
		.summary = "the conditions of a case, its evidence, how long that is kept",
		.example = "comity case custody CCU-2026-0117",
		.roles = WHO_ANY,
		.op = "case.custody",
		.run = run_case_op,
		.show = show_case_custody,
		.operands = {
			CASE,
		},
	},
	{
		.name = "exhibit log",
		.summary = "record what was done with an exhibit",
		.about = "ACTION is accessed, copied, examined, exported, checked-in, checked-out, "
			"transferred or changed; each says what else it needs. The record is "
			"signed "
			"and in the ledger. What needs a second officer waits for one.",
		.example = "comity exhibit log 01936b2e-... copied --purpose analysis "
			"--authority \"order 2026/117\" --place \"laboratory, room 4\"",
		.roles = WHO_KEEPS,
		.op = "exhibit.log",
		.run = run_exhibit_log,
		.show = show_said,
		.operands = {
			EXHIBIT,
			ARG("ACTION", "action", "what was done"),
		},
		.options = {
			WHY,
			HANDED,
			OPT("storage", "TEXT", "storage", "the store, and who answers for it"),
			OPT("tool", "NAME", NULL, "with what it was done"),
			OPT("tool-version", "TEXT", NULL, "and which version"),
			OPT("result", "TEXT", "result", "what came of it"),
			OPT("changed", "TEXT", NULL, "a change that could not be avoided"),
			OPT("changed-because", "TEXT", NULL, "why it could not"),
			OPT("responsible", "NAME", NULL, "who answers for the change"),
			OPT("use", "USE", "use",
				"case, or other: asked when a condition binds it"),
		},
	},
	{
		.name = "exhibit return",
		.summary = "record that an exhibit was given back, and tell the partner",
		.example = "comity exhibit return 01936b2e-... --purpose \"case closed\" "
			"--authority \"order 2026/117\" --released-by \"A. Srisai\" "
			"--received-by \"J. Doe\" --condition \"seal unbroken\"",
		.roles = WHO_KEEPS,
		.op = "exhibit.return",
		.run = run_exhibit_log,
		.show = show_said,
		.operands = {
			EXHIBIT,
		},
		.options = {
			WHY,
			HANDED,
		},
	},
	{
		.name = "exhibit retain",
		.summary = "set how long an exhibit or a case is kept, by which rule",
		.about = "Before the end there are alarms, as for a preservation. Nothing is "
			"destroyed because time passed: that is an officer's decision.",
		.example = "comity exhibit retain 01936b2e-... --until 2031-12-31T00:00:00Z "
			"--rule \"five years after judgment\" --source \"Evidence Act s. 12\" "
			"--purpose \"retention\" --authority \"head of unit\"",
		.roles = WHO_KEEPS,
		.op = "exhibit.retain",
		.run = run_exhibit_keep,
		.show = show_said,
		.operands = {
			KEPT,
		},
		.options = {
			NEED("until", "TIME", "until", "when the period ends, with time zone"),
			NEED("rule", "TEXT", "rule", "what asks for it"),
			NEED("source", "TEXT", "source", "where that stands"),
			WHY,
			FLAG("case", NULL, "ID is a case: everything in it"),
		},
	},
	{
		.name = "exhibit hold",
		.summary = "keep an exhibit or a case from destruction",
		.about = "It lasts until exhibit release. With --until the inbox reminds from two "
			"weeks before that day on; nothing ends by itself, and the same verb names "
			"another day.",
		.example = "comity exhibit hold 01936b2e-... --purpose \"appeal pending\" "
			"--authority \"order 2026/140\"",
		.roles = WHO_KEEPS,
		.op = "exhibit.hold",
		.run = run_exhibit_keep,
		.show = show_said,
		.operands = {
			KEPT,
		},
		.options = {
			OPT("until", "TIME", "until", "remind us then, with time zone"),
			WHY,
			FLAG("case", NULL, "ID is a case: everything in it"),
		},
	},
	{
		.name = "exhibit release",
		.summary = "end a hold",
		.example = "comity exhibit release 01936b2e-... --purpose \"appeal decided\" "
			"--authority \"order 2026/151\"",
		.roles = WHO_KEEPS,
		.op = "exhibit.release",
		.run = run_exhibit_keep,
		.show = show_said,
		.operands = {
			KEPT,
		},
		.options = {
			WHY,
			FLAG("case", NULL, "ID is a case: everything in it"),
		},
	},
	{
		.name = "exhibit ease",
		.summary = "allow the partner a further use of what we gave under a condition",
		.about = "The answer to a partner who asks to share evidence with a third side, or "
			"to use it beyond its case (arts 26 and 28).",
		.example = "comity exhibit ease 01936b2e-... --use share --for fr.contact "
			"--purpose \"joint investigation\" --authority \"prosecutor 12/26\"",
		.roles = WHO_ASKS,
		.op = "exhibit.ease",
		.run = run_op,
		.show = show_said,
		.operands = {
			EXHIBIT,
		},
		.options = {
			NEED("use", "USE", "use", "share, or other"),
			OPT("for", "ADDRESS", "to",
			"with whom it may be shared; otherwise with all"),
			OPT("until", "TIME", "until", "how long"), WHY,
		},
	},
	{
		.name = "exhibit destroy",
		.summary = "destroy an exhibit, when a second officer has confirmed it",
		.about = "Refused while it is on hold or its period runs. The custody record, with "
			"the digests and both officers, is signed first and goes to the partner; "
			"then "
			"the wrapped key is forgotten and the sealed file overwritten and removed.",
		.example = "comity exhibit destroy 01936b2e-... --purpose \"period is over\" "
			"--authority \"order 2026/117\"",
		.roles = WHO_KEEPS,
		.op = "exhibit.destroy",
		.run = run_op,
		.show = show_said,
		.operands = {
			EXHIBIT,
		},
		.options = {
			WHY,
		},
	},
	{
		.name = "exhibit lineage",
		.summary = "what an exhibit was made from, and what was made from it",
		.example = "comity exhibit lineage 01936b2e-...",
		.roles = WHO_ANY,
		.op = "exhibit.lineage",
		.run = run_op,
		.show = show_lineage,
		.operands = {
			EXHIBIT,
		},
	},
};

const size_t cli_custody_verbs_n = CO_ARRAY_LEN(cli_custody_verbs);
