/* The verbs of the inbox: what waits, filtered as at the desk, and what is done with many at
 * once. */
#include "cli/verbs.h"

#define FILTER \
	FLAG("incoming", "incoming", "only those that partners sent"), \
		NOT("outgoing", "incoming", "only those that we sent"), \
		OPT("partner", "ADDRESS", "partner", "only with this one"), \
		OPT("measure", "CODE", "measure", "only this one; see form list"), \
		OPT("urgency", "WORD", "urgency", "only emergency, urgent or routine"), \
		OPT("state", "STATE", "state", "only those in this state"), \
		OPT("unit", "UNIT", "unit", "only of this unit"), \
		OPT("officer", "NAME", "officer", "only those taken by NAME; me; or nobody"), \
		FLAG("exercise", "exercise", "only training"), \
		NOT("real", "exercise", "no training"), \
		OPT("words", "TEXT", "words", \
			"only of cases with a record that holds these words")

#define SOON \
	NUM("within", "HOURS", "within", "only what ends within so many hours"), \
		FLAG("new", "fresh", "only what you have not read")

#define TABLE \
	NEED("out", "FILE", NULL, "the file to write; .csv, .html or PDF"), \
		OPT("language", "CODE", "language", "of the PDF or page: ar, en, es, fr, ja or th")

const struct cli_verb cli_inbox_verbs[] = {
	{
		.name = "inbox",
		.summary = "what waits for somebody now, the most pressing first",
		.about = "The same as the inbox of the desk: what waits for us, answers you have "
			"not read, drafts, what waits for others, preservations that end soon.",
		.example = "comity inbox --incoming --urgency emergency --within 24",
		.roles = WHO_ANY,
		.op = "inbox.list",
		.run = run_op,
		.show = show_inbox,
		.options = {
			FILTER,
			SOON,
			OPT("view", "NAME", "view", "by the filter that you keep as NAME"),
			OPT("turn", "WHOSE", "turn", "one section: ours, theirs or ending"),
			NUM("limit", "N", "limit", "at most so many of each; 50"),
			OPT("after", "MORE", "after", "the next page of a section"),
		},
	},
	{
		.name = "view list",
		.summary = "the filters of the inbox that you keep",
		.example = "comity view list",
		.roles = WHO_ANY,
		.op = "view.list",
		.run = run_op,
		.show = show_views,
	},
	{
		.name = "view save",
		.summary = "keep a filter of the inbox under a name",
		.about = "The same filters as at the desk. A name that you keep already is "
			"replaced; at most 32.",
		.example = "comity view save night --incoming --urgency emergency --within 24",
		.roles = WHO_ANY,
		.op = "view.save",
		.run = run_view_save,
		.operands = {
			ARG("NAME", "name", "for you, at most 60 bytes"),
		},
		.options = {
			FILTER,
			SOON,
		},
	},
	{
		.name = "view drop",
		.summary = "keep a filter no longer",
		.example = "comity view drop night",
		.roles = WHO_ANY,
		.op = "view.drop",
		.columns = "name:Dropped",
		.run = run_op,
		.operands = {
			ARG("NAME", "name", "as view list shows it"),
		},
	},
	{
		.name = "request list",
		.summary = "requests here, the newest first",
		.example = "comity request list --incoming --state accepted",
		.roles = WHO_ANY,
		.op = "request.list",
		.run = run_op,
		.show = show_requests,
		.options = {
			FILTER,
			NUM("limit", "N", "limit", "at most so many"),
			OPT("after", "MORE", "after", "the next page: more of the last one"),
		},
	},
	{
		.name = "request assign",
		.summary = "say which officer takes a request",
		.example = "comity request assign 01936b2e-... me",
		.roles = WHO_ASKS,
		.op = "request.assign",
		.run = run_op,
		.operands = {
			ARG("ID", "id", "the request's id, as request list shows it"),
			ARG("OFFICER", "officer", "who must see its case; me; or nobody"),
		},
	},
	{
		.name = "request each",
		.summary = "do one thing with many requests, each judged alone",
		.about =
		"acknowledge tells each asking side that its request came; assign says who "
			"takes them (--officer), unit gives their cases away (--unit), read marks "
			"them as read. At most 100. Doing it twice changes nothing.",
		.example = "comity request each acknowledge 01936b2e-... 01936b2f-...",
		.roles = WHO_ASKS "; to mark as read: any officer",
		.op = "request.each",
		.list = "results",
		.columns = "id:Request,did:Done,message:Why not",
		.run = run_op,
		.operands = {
			ARG("ACT", "act", "acknowledge, assign, unit or read"),
			{ .name = "ID", .member = "ids", .help = "the requests", .many = true },
		},
		.options = {
			OPT("officer", "NAME", "officer", "for assign: who; me; or nobody"),
			OPT("unit", "UNIT", "unit", "for unit: to whom"),
		},
	},
	{
		.name = "request table",
		.summary = "chosen requests as a table, to hand on",
		.example = "comity request table 01936b2e-... 01936b2f-... --out work.pdf",
		.roles = WHO_ANY,
		.op = "request.table",
		.run = run_table,
		.operands = {
			{ .name = "ID", .member = "ids", .help = "the requests, at most 500",
				.many = true },
		},
		.options = { TABLE },
	},
	{
		.name = "case table",
		.summary = "chosen cases as a table, to hand on",
		.example = "comity case table CCU-2026-0117 CCU-2026-0118 --out cases.csv",
		.roles = WHO_ANY,
		.op = "case.table",
		.run = run_table,
		.operands = {
			{ .name = "CASE", .help = "their ids or our numbers, at most 500",
				.many = true },
		},
		.options = { TABLE },
	},
	{
		.name = "case each",
		.summary = "do one thing with many cases, each judged alone",
		.about = "assign says who takes what is open of them (--officer), unit gives them "
			"away (--unit), read marks all of them as read. At most 100.",
		.example = "comity case each assign CCU-2026-0117 CCU-2026-0118 --officer me",
		.roles = WHO_ASKS "; to mark as read: any officer",
		.op = "case.each",
		.list = "results",
		.columns = "ours:Case,did:Done,message:Why not",
		.run = run_case_each,
		.operands = {
			ARG("ACT", "act", "assign, unit or read"),
			{ .name = "CASE", .help = "their ids or our numbers", .many = true },
		},
		.options = {
			OPT("officer", "NAME", "officer", "for assign: who; me; or nobody"),
			OPT("unit", "UNIT", "unit", "for unit: to whom"),
			OPT("reason", "TEXT", "reason", "for unit: for the ledger"),
		},
	},
};

const size_t cli_inbox_verbs_n = CO_ARRAY_LEN(cli_inbox_verbs);
