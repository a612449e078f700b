/* The verbs for programs and searchers, as rows like those in verbs.c. */
#include "cli/verbs.h"

const struct cli_verb cli_api_verbs[] = {
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
	{
		.name = "webhook add",
		.summary = "tell a program of the own house what happens",
		.about = "Events: record (one was stored), state (a notice told a new one), expiry "
			"(a preservation ends soon), evidence (its period ends, a hold ended, a "
			"second "
			"officer is awaited). Ids and kinds are told, signed with the "
			"secret, which goes into a file; docs/api.md shows how to check it.",
		.example = "comity webhook add https://tickets.example/comity --event state",
		.roles = WHO_RUNS,
		.op = "webhook.add",
		.columns = "id:Webhook,url:Tells,events:Of,secret_file:Secret in",
		.run = run_webhook_add,
		.operands = {
			ARG("URL", "url", "https, or http to localhost"),
		},
		.options = {
			{ .name = "event", .value = "EVENT", .member = "events", .required = true,
				.many = true, .help = "record, state, expiry or evidence" },
		},
	},
	{
		.name = "webhook list",
		.summary = "webhooks and what waits for them",
		.example = "comity webhook list",
		.roles = "auditor, administrator",
		.op = "webhook.list",
		.list = "webhooks",
		.columns = "id:Webhook,url:Tells,events:Of,waiting:Waiting,last_error:Last failure",
		.run = run_op,
	},
	{
		.name = "webhook remove",
		.summary = "tell a program nothing more",
		.example = "comity webhook remove 01a21024-5186-7073-9c3a-75fd57f8a59e",
		.roles = WHO_RUNS,
		.op = "webhook.remove",
		.columns = "id:Webhook",
		.run = run_op,
		.operands = {
			ARG("ID", "id", "as webhook list shows it"),
		},
	},
	{
		.name = "webhook test",
		.summary = "one attempt now, to see whether it is taken",
		.example = "comity webhook test 01a21024-5186-7073-9c3a-75fd57f8a59e",
		.roles = WHO_RUNS,
		.op = "webhook.test",
		.columns = "id:Webhook,delivered:Delivered",
		.run = run_op,
		.operands = {
			ARG("ID", "id", "as webhook list shows it"),
		},
	},
};

const size_t cli_api_verbs_n = CO_ARRAY_LEN(cli_api_verbs);
