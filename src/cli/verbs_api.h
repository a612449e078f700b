/* Rows of the table in verbs.c, its only reader: what programs and searchers use.
 * Must hold rows only; the macros they are written with stand in verbs.c. */
#pragma once

	{
		.name = "search",
		.summary = "records of cases that hold some words",
		.about = "All words must be there, each as it begins; Thai, Japanese and Chinese "
			"are found inside a text without spaces. A record is found some seconds "
			"after it was stored; while very many arrive, later.",
		.example = "comity search phishing CCU-2026 --partner us.contact",
		.roles = WHO_ANY,
		.op = "search",
		.list = "found",
		.columns = "at:When,kind:Kind,partner:With,ours:Our number,text:Text,id:Id",
		.run = run_search,
		.operands = {
			{ .name = "WORD", .help = "a word, name or number", .many = true },
		},
		.options = {
			OPT("partner", "ADDRESS", "partner", "only cases with this one"),
			OPT("measure", "MEASURE", "measure", "only cases with a request of it"),
			OPT("state", "STATE", "state", "only cases with a request in it"),
			OPT("from", "TIME", "from", "stored then or later"),
			OPT("to", "TIME", "to", "stored before then"),
			NUM("limit", "N", "limit", "at most so many; 50"),
		},
	},
	{
		.name = "token add",
		.summary = "a token of limited scope for a program; it goes into a file",
		.about = "It may do what its officer may and its scopes allow, never more, and "
			"ends by itself. Scopes: read (lists and records), requests (ask and "
			"answer), evidence (exhibits and packages), admin (officers, directory, "
			"logs).",
		.example = "comity token add tickets --officer somchai --scope read --days 90",
		.roles = WHO_RUNS,
		.op = "token.add",
		.columns = "name:Token,officer:Officer,scopes:Scopes,ends:Until,token_file:In",
		.run = run_token_add,
		.operands = {
			ARG("NAME", "name", "letters, digits, dot, hyphen: names it"),
		},
		.options = {
			NEED("officer", "NAME", "officer", "for whom it acts"),
			{ .name = "scope", .value = "SCOPE", .member = "scopes", .required = true,
				.many = true, .help = "read, requests, evidence or admin" },
			NUM("days", "N", "days", "how long it is good; 90, at most 366"),
			OPT("token-file", "FILE", NULL,
				"instead of officers/NAME.api-token in the node's folder"),
		},
	},
	{
		.name = "token list",
		.summary = "tokens of limited scope, when they end and were last used",
		.example = "comity token list",
		.roles = WHO_RUNS,
		.op = "token.list",
		.list = "tokens",
		.columns = "name:Token,officer:Officer,scopes:Scopes,state:Is,ends:Until,"
			"used:Last used",
		.run = run_op,
	},
	{
		.name = "token revoke",
		.summary = "end a token of limited scope",
		.example = "comity token revoke tickets",
		.roles = WHO_RUNS,
		.op = "token.revoke",
		.columns = "name:Token",
		.run = run_op,
		.operands = {
			ARG("NAME", "name", "as token list shows it"),
		},
	},
	{
		.name = "api describe",
		.summary = "the operations as an OpenAPI 3.1 description",
		.about = "The running node also serves it at GET /api/v1/openapi.json of the desk. "
			"Every operation is POST /api/v1/NAME with a header Authorization: "
			"Bearer TOKEN, at the desk's port or on run/api.sock.",
		.example = "comity api describe > openapi.json",
		.roles = WHO_ANY,
		.op = "api.describe",
		.run = run_api_describe,
	},
