/* The verbs about officers, their units and what they may do, as rows like those in verbs.c. */
#include "cli/verbs.h"

const struct cli_verb cli_people_verbs[] = {
	{
		.name = "user add",
		.summary = "add an officer; the token goes into a file",
		.example = "comity user add malee approver",
		.roles = WHO_RUNS,
		.op = "user.add",
		.columns = "name:Officer,role:Role,token_file:Token in",
		.run = run_user_add,
		.operands = {
			ARG("NAME", "name", "letters, digits, dot, hyphen"),
			ARG("ROLE", "role",
				"duty, investigator, approver, custodian, auditor, trainer or "
				"administrator"),
		},
		.options = {
			OPT("token-file", "FILE", NULL,
				"instead of officers/NAME.token in the node's folder"),
		},
	},
	{
		.name = "user invite",
		.summary = "a link that lets an officer set how to sign in at the desk; works once",
		.about = "For a new officer, and for one who lost the telephone or the password. "
			"What was set before holds until the link is used.",
		.example = "comity user invite malee",
		.roles = WHO_RUNS,
		.op = "user.invite",
		.columns = "name:Officer,link:Link,ends:Works until",
		.run = run_op,
		.operands = {
			ARG("NAME", "name", "the officer"),
		},
	},
	{
		.name = "user list",
		.summary = "the officers of this node",
		.example = "comity user list",
		.roles = WHO_RUNS,
		.op = "user.list",
		.list = "users",
		.columns = "name:Officer,role:Role,unit:Unit,created:Since,disabled:Disabled",
		.run = run_op,
	},
	{
		.name = "user disable",
		.summary = "an officer's token is no longer good",
		.example = "comity user disable malee",
		.roles = WHO_RUNS,
		.op = "user.disable",
		.run = run_op,
		.operands = {
			ARG("NAME", "name", "the officer"),
		},
	},
	{
		.name = "user role",
		.summary = "give an officer another role",
		.example = "comity user role malee approver",
		.roles = WHO_RUNS,
		.op = "user.role",
		.run = run_op,
		.operands = {
			ARG("NAME", "name", "the officer"),
			ARG("ROLE", "role", "as user add takes it"),
		},
	},
	{
		.name = "user unit",
		.summary = "put an officer into a unit: whose cases the officer sees",
		.about = "The unit none is for officers who see only the cases that name them.",
		.example = "comity user unit malee fraud",
		.roles = WHO_RUNS,
		.op = "user.unit",
		.run = run_op,
		.operands = {
			ARG("NAME", "name", "the officer"),
			ARG("UNIT", "unit", "as unit list shows it, or none"),
		},
	},
	{
		.name = "user card",
		.summary = "let a certificate or smart card sign an officer in at the desk",
		.about = "The desk needs a door for cards: desk_card in comity.conf. The officer "
			"reads the fingerprint there; openssl x509 -fingerprint -sha256 says it "
			"too.",
		.example = "comity user card malee 3f9a...c2 --title \"card 4711\"",
		.roles = WHO_RUNS,
		.op = "card.add",
		.run = run_op,
		.operands = {
			ARG("NAME", "officer", "the officer"),
			ARG("FINGERPRINT", "fingerprint", "SHA-256 of the certificate"),
		},
		.options = {
			OPT("title", "TEXT", "name", "a name for it"),
		},
	},
	{
		.name = "user cards",
		.summary = "certificates that sign officers in",
		.example = "comity user cards",
		.roles = "auditor, administrator",
		.op = "card.list",
		.list = "cards",
		.columns = "officer:Officer,name:Name,fingerprint:Fingerprint,used:Last used",
		.run = run_op,
		.options = {
			OPT("officer", "NAME", "officer", "only of this one"),
		},
	},
	{
		.name = "user uncard",
		.summary = "let a certificate sign nobody in any more, and end its sessions",
		.example = "comity user uncard 3f9a...c2",
		.roles = WHO_RUNS,
		.op = "card.drop",
		.run = run_op,
		.operands = {
			ARG("FINGERPRINT", "fingerprint", "as user cards shows it"),
		},
	},
	{
		.name = "unit list",
		.summary = "the units of officers",
		.example = "comity unit list",
		.roles = WHO_ANY,
		.op = "unit.list",
		.list = "units",
		.columns = "name:Unit,title:Title,intake:Takes in,officers:Officers",
		.run = run_op,
	},
	{
		.name = "unit add",
		.summary = "make a unit: its cases are seen by its officers alone",
		.example = "comity unit add fraud \"Fraud and money\"",
		.roles = WHO_RUNS,
		.op = "unit.add",
		.run = run_op,
		.operands = {
			ARG("NAME", "name", "a-z, 0-9 and hyphen"),
			ARG("TITLE", "title", "for people"),
		},
	},
	{
		.name = "unit intake",
		.summary = "the unit to which new cases of partners come",
		.example = "comity unit intake fraud",
		.roles = WHO_RUNS,
		.op = "unit.intake",
		.run = run_op,
		.operands = {
			ARG("NAME", "name", "the unit"),
		},
	},
};

const size_t cli_people_verbs_n = CO_ARRAY_LEN(cli_people_verbs);
