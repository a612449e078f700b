/* Rows of the table in verbs.c, its only reader: webhooks.
 * Must hold rows only; the macros they are written with stand in verbs.c. */
#pragma once

	{
		.name = "webhook add",
		.summary = "tell a program of the own house what happens",
		.about = "Events: record (one was stored), state (a notice told a new one), expiry "
			"(a preservation ends soon). Ids and kinds are told, signed with the "
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
				.many = true, .help = "record, state or expiry" },
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
