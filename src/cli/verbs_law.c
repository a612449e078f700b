/* The verbs of law and of numbers, as rows like those in verbs.c. */
#include "cli/verbs.h"

#define PROFILE MANY("profile", "FILE", NULL, "an economy's profile to lay over the built-in data")
#define DATE OPT("date", "DAY", NULL, "the law of this day, as 2026-11-24; otherwise today")
#define KNOWN OPT("known", "DAY", NULL, "as it was known on this day")

const struct cli_verb cli_law_verbs[] = {
	{
		.name = "law check",
		.summary = "what two economies' law says about a request, article by article",
		.about = "Needs no node: the data are in the program. It lists findings and "
			"decides nothing; what nobody recorded is unknown and said to be so. "
			"Exit status 0 whenever there is an answer: the verdict (can, cannot, "
			"unknown) is in it.",
		.example = "comity law check --from TH --to US --measure preserve --conduct "
			"illegal-access,fraud",
		.run = run_law_check,
		.options = {
			NEED("from", "ECONOMY", NULL, "who asks, as TH"),
			NEED("to", "ECONOMY", NULL, "who is asked, as US"),
			NEED("measure", "CODE", NULL, "what is asked: preserve, path, subscriber, "
				"traffic, content, emergency and so on"),
			DATE,
			KNOWN,
			MANY("conduct", "NAME", NULL, "what was done, as illegal-access; other: "
				"none of arts 2 to 11; a list with commas"),
			MANY("data", "NAME", NULL, "subscriber, traffic or content"),
			OPT("urgency", "WORD", NULL, "routine, urgent or emergency"),
			FLAG("emergency", NULL, "the same as --urgency emergency"),
			OPT("custodian", "WHO", NULL, "who has the data: provider, authority or "
				"person"),
			NUM("penalty-months", "N", NULL, "the greatest penalty where it is asked "
				"from"),
			OPT("basis", "CODE", NULL, "under this instrument; otherwise the first "
				"usable"),
			MANY("switch-on", "CODE", NULL, "look at an instrument not in force as if "
				"it were"),
			OPT("fields", "FILE", NULL, "a JSON object of the form's fields, to hear "
				"what is missing"),
			FLAG("brief", NULL, "only the verdict, what blocks, is required or "
				"warned of"),
			PROFILE,
		},
	},
	{
		.name = "law gap",
		.summary = "what economies have and lack against an instrument",
		.about = "No economy: all of them. One is a checklist for legislators, two stand "
			"side by side, more are a matrix. The page for --format html is one file "
			"without script. Unknown is not the same as lacking.",
		.example = "comity law gap TH US --against cets-185\n"
			"  comity law gap --format html --out gap.html",
		.run = run_law_gap,
		.operands = {
			{ .name = "ECONOMY", .help = "as TH", .optional = true, .many = true },
		},
		.options = {
			OPT("against", "CODE", NULL, "the instrument; otherwise cets-185"),
			OPT("format", "WORD", NULL, "text, html, csv or json"),
			OPT("out", "FILE", NULL, "write it there instead of here"),
			DATE,
			KNOWN,
			PROFILE,
		},
	},
	{
		.name = "law show",
		.summary = "facts with dates, sources and certainty; articles with rules",
		.about = "WHAT is an economy (TH), an instrument (cets-185), an article "
			"(cets-185/29), a fact by its id or its sha256 as a decision cites it; "
			"nothing lists what there is. Superseded facts are shown and marked.",
		.example = "comity law show cets-185/29",
		.run = run_law_show,
		.operands = {
			{ .name = "WHAT", .help = "economy, instrument, article or fact",
				.optional = true },
		},
		.options = {
			DATE,
			KNOWN,
			PROFILE,
			FLAG("node", NULL, "ask the running node: with its partners' profiles"),
		},
	},
	{
		.name = "law publish",
		.summary = "sign our economy's profile and send it to all partners",
		.about = "Verifies the file first. Partners lay it over what their program holds "
			"and see whose word it is. Only for the node's own economy.",
		.example = "comity law publish th-profile.json",
		.roles = WHO_RUNS,
		.op = "law.publish",
		.list = "sent",
		.columns = "to:Partner,id:Record,error:Fault",
		.run = run_law_publish,
		.operands = {
			ARG("FILE", NULL, "a profile, as docs/law.md says"),
		},
	},
	{
		.name = "law verify",
		.summary = "check files of legal data, or the built-in ones",
		.about = "Each fault is one line: file:line: reason; exit status 1 then. A file "
			"with the name of a built-in one stands for it, others are laid over them. "
			"docs/law.md says what may stand in them.",
		.example = "comity law verify th-profile.json",
		.list = "kinds",
		.columns = "kind:What,verified:Verified,secondary:Secondary,unverified:Unverified",
		.run = run_law_verify,
		.operands = {
			{ .name = "FILE", .help = "an economy, a profile, an instrument or sources",
				.optional = true, .many = true },
		},
	},
	{
		.name = "report",
		.summary = "the statistics of a year: asked, fulfilled, refused, how long it took",
		.about = "By measure, partner and emergency or not, for requests issued and "
			"received, after Regulation (EU) 2023/1543 art. 28(2). Exercises are not "
			"counted.",
		.example = "comity report 2026 --out report-2026.pdf --language fr",
		.roles = WHO_ANY,
		.op = "report.yearly",
		.run = run_report,
		.operands = {
			{ .name = "YEAR", .help = "as 2026; otherwise this year",
				.optional = true },
		},
		.options = {
			FLAG("csv", NULL, "as CSV, for a spreadsheet"),
			OPT("out", "FILE", NULL,
				"write it to this file: .pdf, .html, otherwise as CSV"),
			OPT("language", "CODE", "language",
				"of the PDF or page: ar, en, es, fr, ja or th"),
		},
	},
};

const size_t cli_law_verbs_n = CO_ARRAY_LEN(cli_law_verbs);
