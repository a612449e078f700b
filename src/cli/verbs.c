/* The one table of the command line: what getopt_long, --help and the man page are made from.
 * An option or operand with a member goes into the operation's JSON under that name. */
#include "cli/run.h"
#include "cli/verbs.h"

#define ID ARG("ID", "id", "the request's id, as request list shows it")
#define EXHIBIT ARG("ID", "id", "the exhibit's id, as exhibit list shows it")
#define CASE ARG("CASE", NULL, "the case's id, or our own number of it")
#define ADDRESS ARG("ADDRESS", "address", "a node's address, as us.contact")

const struct cli_option cli_common[] = {
	OPT("home", "FOLDER", NULL, "the node's folder; otherwise $COMITY_HOME"),
	OPT("as", "OFFICER", NULL,
		"whose token to use; otherwise $COMITY_OFFICER, or the only one there"),
	FLAG("json", NULL, "answer in JSON, for programs"),
	FLAG("help", NULL, "say what the verb does, with an example"),
	{ .name = NULL },
};

static const struct cli_verb verbs[] = {
	{
		.name = "init",
		.summary = "make a node in a folder: keys, certificates, configuration, database",
		.about = "Asks for nothing and leaves nothing half done. The first officer is "
			"admin; its token is in FOLDER/officers. Keys are encrypted with a random "
			"passphrase in FOLDER/secret and are used only by the keeper process. To "
			"bring keys: --seal-key and --tls-key take a file or a pkcs11: URI, and "
			"this node's root certifies them; or bring certificates too, with "
			"--root-cert.",
		.example = "comity init th --address th.contact --name \"Cyber Crime Unit\" "
			"--economy TH \\\n    "
			"--role contact --url https://127.0.0.1:4501 --officer somchai:duty",
		.run = run_init,
		.operands = {
			ARG("FOLDER", NULL, "where the node will live; new or empty"),
		},
		.options = {
			NEED("address", "ADDRESS", NULL,
				"how partners call it: economy and name, as th.contact"),
			NEED("name", "TEXT", NULL, "the organisation, as partners see it"),
			NEED("economy", "CODE", NULL, "ISO 3166-1 alpha-2, as TH"),
			NEED("role", "ROLE", NULL, "contact, authority or provider"),
			NEED("url", "URL", NULL, "where partners reach it: https://HOST:PORT"),
			OPT("listen", "HOST:PORT", NULL, "listen elsewhere than the url says"),
			OPT("desk", "IP:PORT", NULL,
				"where the officers' console listens; otherwise "
				"127.0.0.1:8401; off: none"),
			OPT("timezone", "ZONE", NULL, "where the desk is, as Asia/Bangkok"),
			OPT("hours", "TEXT", NULL, "when people are there, as 24x7"),
			OPT("languages", "LIST", NULL, "languages the desk reads, as th,en"),
			OPT("four-eyes", "LIST", NULL,
				"measures a second officer must approve; * for all"),
			MANY("officer", "NAME:ROLE", NULL, "one more officer with a token"),
			OPT("seal-key", "WHERE", NULL,
				"key that signs records: a file or a pkcs11: URI"),
			OPT("seal-cert", "FILE", NULL, "its certificate"),
			OPT("tls-key", "WHERE", NULL,
				"key of the connections: a file or a pkcs11: URI"),
			OPT("tls-cert", "FILE", NULL, "its certificate"),
			OPT("tsa-key", "WHERE", NULL,
				"key of the time-stamps: a file or a pkcs11: URI"),
			OPT("tsa-cert", "FILE", NULL, "its certificate"),
			OPT("root-cert", "FILE", NULL,
				"the root that issued the certificates brought"),
			OPT("pin-file", "FILE", NULL, "holds the PIN for pkcs11: URIs"),
			OPT("key-secret-file", "FILE", NULL,
				"holds the passphrase of key files brought"),
		},
	},
	{
		.name = "serve",
		.summary = "run the node in the foreground until it is stopped",
		.about = "Starts the keeper, then the node; prints one line when partners are "
			"served. SIGTERM stops it cleanly. A unit for systemd is in "
			"packaging/systemd.",
		.example = "comity serve --home th",
		.run = run_serve,
		.options = {
			OPT("log-level", "LEVEL", NULL,
				"debug, info, warn or error, over the configuration"),
		},
	},
	{
		.name = "status",
		.summary = "what the running node does: partners, deliveries, ledger",
		.example = "comity status --home th",
		.roles = WHO_ANY,
		.op = "status",
		.run = run_op,
		.show = show_status,
	},
	{
		.name = "selfcheck",
		.summary = "look at folder, keys, certificates, disk, clock, ledger and partners",
		.about = "For the operator: it opens the keys to see that they fit. Exit status 1 "
			"if anything is bad.",
		.example = "comity selfcheck --home th",
		.list = "checks",
		.columns = "what:What,is:Is,text:In words",
		.run = run_selfcheck,
	},
	{
		.name = "rebuild",
		.summary = "make the tables of requests, cases and evidence again from the records",
		.about = "The records are the truth; the tables are made from them. The node must "
			"be stopped. Faults are records whose effects were refused; none, unless "
			"somebody changed the tables by hand.",
		.example = "comity rebuild --home th",
		.columns = "records:Records,faults:Faults",
		.run = run_rebuild,
	},
	{
		.name = "form list",
		.summary = "what can be asked",
		.example = "comity form list",
		.list = "forms",
		.columns = "measure:Measure,articles:Article,title:What it asks",
		.run = run_form_show,
	},
	{
		.name = "form show",
		.summary = "the fields of one measure, with their codes",
		.example = "comity form show preserve",
		.run = run_form_show,
		.show = show_form,
		.operands = {
			ARG("MEASURE", NULL, "the measure's code, as preserve"),
		},
	},
	{
		.name = "request new",
		.summary = "compose a request; it is not sent yet",
		.about = "Fields come from --fields, then from each --field; on a terminal "
			"without either, every field is asked. --field authority.phone=... sets a "
			"member, --field identifiers:=[...] gives JSON. The form is checked now, "
			"so that the author hears what is missing.",
		.example = "comity request new --to us.contact --measure preserve --urgency "
			"urgent \\\n    "
			"--ours CCU-2026-0117 --fields preserve.json --field days=90",
		.roles = WHO_ASKS,
		.op = "request.new",
		.columns = "id:Request,case_id:Case,state:State",
		.show = show_request_new,
		.run = run_request_new,
		.options = {
			NEED("to", "ADDRESS", "to", "the partner who is asked"),
			NEED("measure", "CODE", "measure", "what is asked; see form list"),
			OPT("ours", "TEXT", "ours", "our own number of the case"),
			NEED("urgency", "WORD", "urgency", "emergency, urgent or routine"),
			OPT("case", "CASE", NULL,
				"put it into this case; otherwise a new one is opened"),
			OPT("fields", "FILE", NULL, "a JSON object of field codes"),
			MANY("field", "CODE=VALUE", NULL, "one field, over those of the file"),
			FLAG("exercise", "exercise", "an exercise: marked as such everywhere"),
			OPT("basis", "CODE", "basis", "the instrument it is asked under, as "
				"cets-185; see law show"),
		},
	},
	{
		.name = "request approve",
		.summary = "approve what another officer composed (four eyes), or reject it",
		.example = "comity request approve 01936b2e-... --as malee",
		.roles = "approver, not the author",
		.op = "request.approve",
		.columns = "id:Request,state:State",
		.run = run_request_approve,
		.operands = {
			ID,
		},
		.options = {
			FLAG("reject", NULL, "do not approve"),
			OPT("reason", "TEXT", "reason", "why; needed where the law is found to "
				"stand in the way"),
		},
	},
	{
		.name = "request send",
		.summary = "sign and send what was composed",
		.example = "comity request send 01936b2e-...",
		.roles = WHO_ASKS,
		.op = "request.send",
		.columns = "id:Request,case_id:Case,state:State",
		.run = run_op,
		.operands = {
			ID,
		},
		.options = {
			OPT("reason", "TEXT", "reason", "why, where the law is found to stand in "
				"the way; kept here, not sent"),
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
			OPT("state", "STATE", "state", "only those in this state"),
			FLAG("incoming", "incoming", "only those that partners sent"),
			NUM("limit", "N", "limit", "at most so many"),
		},
	},
	{
		.name = "request show",
		.summary = "one request: what happened, its delivery, what can follow",
		.example = "comity request show 01936b2e-... --language th",
		.roles = WHO_ANY,
		.op = "request.show",
		.run = run_op,
		.show = show_request,
		.operands = {
			ID,
		},
		.options = {
			OPT("language", "CODE", NULL,
				"labels of the form in ar, en, es, fr, ja or th"),
			FLAG("law", NULL, "all that the law says, and what was advised at each "
				"decision"),
		},
	},
	{
		.name = "request answer",
		.summary = "tell the other side what became of a request",
		.about = "Only moves that the Convention and this node's table allow are taken; "
			"request show lists them with their clause.",
		.example = "comity request answer 01936b2e-... executed --until "
			"2027-02-22T00:00:00Z",
		.roles = WHO_ASKS,
		.op = "request.answer",
		.columns = "id:Notice,case_id:Case,state:State",
		.run = run_request_answer,
		.operands = {
			ID,
			ARG("STATE", "state", "as acknowledged, accepted, executed, refused"),
		},
		.options = {
			OPT("reason", "TEXT", "reason", "why, for people"),
			OPT("ground", "CODE", "ground", "ground for a refusal, coded"),
			OPT("until", "TIME", "until", "the data are kept until then"),
			MANY("condition", "TYPE:TEXT", NULL, "condition for the use (arts 26, 28)"),
			OPT("ours", "TEXT", "ours", "our own number of the case"),
			OPT("why", "TEXT", "why", "why you decide against what the law is found "
				"to say; kept here, not sent"),
		},
	},
	{
		.name = "request extend",
		.summary = "ask to keep the data longer (art. 29(7))",
		.example = "comity request extend 01936b2e-... --days 60 --reason \"the request "
			"for assistance is under way\"",
		.roles = WHO_ASKS,
		.op = "request.extend",
		.columns = "id:Request,case_id:Case,state:State",
		.run = run_op,
		.operands = {
			ID,
		},
		.options = {
			NUM("days", "N", "days", "how many days more; 60 if not given"),
			OPT("reason", "TEXT", "reason", "why"),
		},
	},
	{
		.name = "request withdraw",
		.summary = "take a request back, or drop the draft of one",
		.example = "comity request withdraw 01936b2e-... --reason \"found elsewhere\"",
		.roles = WHO_ASKS,
		.op = "request.withdraw",
		.columns = "id:Notice,case_id:Case,state:State",
		.run = run_op,
		.operands = {
			ID,
		},
		.options = {
			OPT("reason", "TEXT", "reason", "why"),
		},
	},
	{
		.name = "message",
		.summary = "a free message within a case",
		.example = "comity message CCU-2026-0117 \"Our duty officer calls you at 09:00Z.\"",
		.roles = WHO_ASKS,
		.op = "message.send",
		.columns = "id:Message,case_id:Case",
		.run = run_case_op,
		.operands = {
			CASE,
			ARG("TEXT", "text", "what to say"),
		},
		.options = {
			OPT("to", "ADDRESS", "to", "the partner, if the case does not tell"),
		},
	},
	{
		.name = "case list",
		.summary = "the cases here",
		.example = "comity case list",
		.roles = WHO_ANY,
		.op = "case.list",
		.list = "cases",
		.columns = "case_id:Case,ours:Ours,theirs:Theirs,partner:Partner,changed:Changed",
		.run = run_op,
	},
	{
		.name = "case show",
		.summary = "the records of one case",
		.example = "comity case show CCU-2026-0117",
		.roles = WHO_ANY,
		.op = "case.show",
		.run = run_case_op,
		.show = show_case,
		.operands = {
			CASE,
		},
	},
	{
		.name = "case assign",
		.summary = "give a case to another unit of officers",
		.about = "Only officers of the unit, and those named for the case, see it then. An "
			"administrator may do it without seeing the case.",
		.example = "comity case assign CCU-2026-0117 fraud",
		.roles = WHO_ASKS,
		.op = "case.assign",
		.run = run_case_op,
		.operands = {
			CASE,
			ARG("UNIT", "unit", "as unit list shows it"),
		},
		.options = {
			OPT("reason", "TEXT", "reason", "for the ledger"),
		},
	},
	{
		.name = "case name",
		.summary = "let one officer of another unit see a case",
		.example = "comity case name CCU-2026-0117 malee",
		.roles = WHO_ASKS,
		.op = "case.name",
		.run = run_case_op,
		.operands = {
			CASE,
			ARG("OFFICER", "officer", "as user list shows it"),
		},
		.options = {
			FLAG("off", "off", "no more"),
			OPT("reason", "TEXT", "reason", "for the ledger"),
		},
	},
	{
		.name = "record get",
		.summary = "write a record as it was signed, with its signature beside it",
		.about = "FILE holds the exact bytes and FILE.p7s the detached CMS signature; "
			"openssl cms -verify accepts them.",
		.example = "comity record get 01936b2e-... --out request.json",
		.roles = WHO_ANY,
		.op = "record.get",
		.columns = "file:Record,signature:Signature,kind:Kind,from:From,sha256:SHA-256",
		.run = run_record_get,
		.operands = {
			ARG("ID", "id", "the record's id"),
		},
		.options = {
			NEED("out", "FILE", NULL, "where to write it"),
		},
	},
	{
		.name = "delivery list",
		.summary = "what is on its way, and why it is not there yet",
		.example = "comity delivery list --state waiting",
		.roles = WHO_ANY,
		.op = "delivery.list",
		.list = "deliveries",
		.columns = "record_id:Record,partner:Partner,lane:Lane,state:State,attempts:Tries,"
			"last_error:Last error",
		.run = run_op,
		.options = {
			OPT("state", "STATE", "state", "waiting, delivered or refused"),
			OPT("partner", "ADDRESS", "partner", "only to this partner"),
			NUM("limit", "N", "limit", "at most so many"),
		},
	},
	{
		.name = "directory list",
		.summary = "the partners this node knows",
		.example = "comity directory list",
		.roles = WHO_ANY,
		.op = "directory.list",
		.list = "partners",
		.columns = "address:Address,name:Name,role:Role,state:State,"
			"last_contact:Last contact",
		.run = run_op,
	},
	{
		.name = "directory show",
		.summary = "one partner: certificates, ledger key, fingerprint to compare",
		.example = "comity directory show us.contact",
		.roles = WHO_ANY,
		.op = "directory.show",
		.run = run_op,
		.show = show_partner,
		.operands = {
			ADDRESS,
		},
	},
	{
		.name = "directory publish",
		.summary = "write our own signed entry to a file, to hand to partners",
		.about = "Tell the partner the fingerprint another way than the file: by "
			"telephone, on paper.",
		.example = "comity directory publish --out th.contact.entry",
		.roles = WHO_ANY,
		.op = "directory.self",
		.columns = "file:Entry written to,fingerprint:Fingerprint",
		.run = run_directory_publish,
		.options = {
			NEED("out", "FILE", NULL, "where to write it"),
		},
	},
	{
		.name = "directory offer",
		.summary = "take in a partner's entry; it is not trusted yet",
		.example = "comity directory offer us.contact.entry",
		.roles = WHO_RUNS,
		.op = "directory.offer",
		.columns = "address:Address,name:Name,role:Role,url:Reached at,"
			"fingerprint:Fingerprint,state:State",
		.run = run_directory_offer,
		.operands = {
			ARG("FILE", NULL, "the partner's entry"),
		},
	},
	{
		.name = "directory accept",
		.summary = "trust an entry from now on, after its fingerprint was compared",
		.example = "comity directory accept us.contact --fingerprint 4f3a...",
		.roles = WHO_RUNS,
		.op = "directory.accept",
		.columns = "address:Address,done:Recorded as",
		.run = run_op,
		.operands = {
			ADDRESS,
		},
		.options = {
			OPT("fingerprint", "HEX", "fingerprint",
				"what the partner told; a difference is refused"),
		},
	},
	{
		.name = "directory block",
		.summary = "no longer talk to a partner",
		.example = "comity directory block us.contact --reason \"key lost\"",
		.roles = WHO_RUNS,
		.op = "directory.block",
		.columns = "address:Address,done:Recorded as",
		.run = run_op,
		.operands = {
			ADDRESS,
		},
		.options = {
			NEED("reason", "TEXT", "reason", "why"),
		},
	},
	{
		.name = "directory revoke",
		.summary = "no longer trust one certificate of a partner",
		.example = "comity directory revoke us.contact 4f3a... --reason \"key lost\"",
		.roles = WHO_RUNS,
		.op = "directory.revoke",
		.columns = "address:Address,done:Recorded as",
		.run = run_op,
		.operands = {
			ADDRESS,
			ARG("SHA256", "sha256", "of the certificate (DER), in hex"),
		},
		.options = {
			NEED("reason", "TEXT", "reason", "why"),
		},
	},
	{
		.name = "directory ping",
		.summary = "is a partner's node there, and its ledger's signature right?",
		.example = "comity directory ping us.contact",
		.roles = WHO_ANY,
		.op = "directory.ping",
		.columns = "address:Address,ms:Milliseconds,ledger_size:Leaves in its ledger",
		.run = run_op,
		.operands = {
			ADDRESS,
		},
	},
	{
		.name = "exhibit seal",
		.summary = "seal a file or folder as evidence for a partner",
		.about = "One pass hashes, encrypts and stores it in this node's vault; the file "
			"key is wrapped for the partner and for us. The partner is told at once "
			"and fetches it. The source is not changed.",
		.example = "comity exhibit seal /evidence/disk.img --case CCU-2026-0117 "
			"--to th.contact",
		.roles = WHO_KEEPS,
		.op = "exhibit.register",
		.columns = "id:Exhibit,name:Name,plain.size:Bytes,plain.sha256:SHA-256,"
			"plain.sha512:SHA-512,sealed.size:Sealed bytes,"
			"sealed.sha256:Sealed SHA-256,manifest_id:Manifest",
		.run = run_exhibit_seal,
		.operands = {
			ARG("PATH", NULL, "a file, a device or a folder"),
		},
		.options = {
			NEED("case", "CASE", NULL, "the case's id, or our own number of it"),
			NEED("to", "ADDRESS", NULL, "the partner who may open it"),
			OPT("name", "TEXT", NULL, "its name; otherwise that of PATH"),
			OPT("media", "TYPE", NULL, "its media type"),
			OPT("purpose", "TEXT", NULL, "what for; otherwise the answer to the case"),
			OPT("authority", "TEXT", NULL, "on whose order"),
			FLAG("sha512", NULL, "a second digest"),
		},
	},
	{
		.name = "exhibit list",
		.summary = "evidence sent and received",
		.example = "comity exhibit list --case CCU-2026-0117",
		.roles = WHO_ANY,
		.op = "exhibit.list",
		.list = "exhibits",
		.columns = "id:Exhibit,name:Name,partner:Partner,state:State,plain.size:Bytes",
		.run = run_case_op,
		.options = {
			OPT("case", "CASE", NULL, "only of this case"),
		},
	},
	{
		.name = "exhibit show",
		.summary = "one exhibit and its chain of custody",
		.example = "comity exhibit show 01936b2e-...",
		.roles = WHO_ANY,
		.op = "exhibit.show",
		.run = run_op,
		.show = show_exhibit,
		.operands = {
			EXHIBIT,
		},
	},
	{
		.name = "exhibit fetch",
		.summary = "pull an exhibit from the partner, check it, send the signed receipt",
		.about = "Several ranges at once; what landed stays after a break, and the next "
			"fetch goes on there.",
		.example = "comity exhibit fetch 01936b2e-...",
		.roles = WHO_KEEPS,
		.op = "exhibit.fetch",
		.columns = "id:Exhibit,state:State,done:Bytes",
		.run = run_exhibit_fetch,
		.operands = {
			EXHIBIT,
		},
	},
	{
		.name = "exhibit open",
		.summary = "take an exhibit out of its seal",
		.about = "The opening, its purpose and its authority are in the chain of custody "
			"before the key is given out.",
		.example = "comity exhibit open 01936b2e-... --out disk.img --purpose examination "
			"--authority \"order 2026/117\"",
		.roles = WHO_KEEPS,
		.op = "exhibit.open",
		.columns = "id:Exhibit,file:File,sha256:SHA-256",
		.run = run_exhibit_open,
		.operands = {
			EXHIBIT,
		},
		.options = {
			NEED("out", "FILE", NULL,
				"where to write it; a folder: under its own name"),
			NEED("purpose", "TEXT", NULL, "what for"),
			NEED("authority", "TEXT", NULL, "on whose order"),
		},
	},
	{
		.name = "exhibit custody",
		.summary = "record what was done with an exhibit",
		.example = "comity exhibit custody 01936b2e-... copied --purpose analysis "
			"--authority \"order 2026/117\"",
		.roles = WHO_KEEPS,
		.op = "exhibit.custody",
		.run = run_op,
		.operands = {
			EXHIBIT,
			ARG("ACTION", "action", "exported, copied, returned or destroyed"),
		},
		.options = {
			NEED("purpose", "TEXT", "purpose", "what for"),
			NEED("authority", "TEXT", "authority", "on whose order"),
			OPT("place", "TEXT", "place", "where"),
		},
	},
	{
		.name = "package",
		.summary = "everything of a case in one file that anyone can verify",
		.about = "Records, signatures, time-stamps, ledger proofs, certificates and "
			"sealed evidence.",
		.example = "comity package CCU-2026-0117 --out case.zip",
		.roles = WHO_KEEPS,
		.op = "case.export",
		.columns = "file:Package,size:Bytes,files:Files,exhibits:Exhibits,"
			"left_out:Exhibits not here,index_sha256:Index SHA-256",
		.run = run_package,
		.operands = {
			CASE,
		},
		.options = {
			NEED("out", "FILE", NULL, "the package; may not exist yet"),
			FLAG("opened", NULL, "evidence as it was, not sealed"),
			OPT("purpose", "TEXT", NULL, "what for (with --opened)"),
			OPT("authority", "TEXT", NULL, "on whose order (with --opened)"),
		},
	},
	{
		.name = "verify",
		.summary = "check a package: no node, no network, no account",
		.about = "Says step by step what was proved. Exit status 3 and the first thing "
			"that does not hold if anything was changed. Compare the roots' "
			"fingerprints with the directory, or give them.",
		.example = "comity verify case.zip --root 4f3a...",
		.run = run_verify,
		.operands = {
			ARG("FILE", NULL, "the package"),
		},
		.options = {
			MANY("root", "HEX", NULL, "SHA-256 of a root certificate that is trusted"),
			OPT("tsa-root", "FILE", NULL, "root of an outside time-stamp authority"),
		},
	},
	{
		.name = "ledger check",
		.summary = "check every record, leaf, tile and checkpoint of this node",
		.about = "Reads the database itself, running node or not: an audit should not ask "
			"the audited.",
		.example = "comity ledger check --home th",
		.run = run_ledger_check,
	},
	{
		.name = "ledger prove",
		.summary = "the proof that a record is in this node's ledger",
		.about = "FILE holds the proof (C2SP tlog-proof) and FILE.tsr the time-stamp of "
			"its checkpoint.",
		.example = "comity ledger prove 01936b2e-... --out request.tlog-proof",
		.columns = "file:Proof,vkey:Ledger key",
		.run = run_ledger_prove,
		.operands = {
			ARG("ID", NULL, "the record's id"),
		},
		.options = {
			NEED("out", "FILE", NULL, "where to write it"),
		},
	},
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
#include "cli/verbs_api.h"
#include "cli/verbs_webhook.h"
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
	{
		.name = "log",
		.summary = "who did what on this node, the newest first",
		.example = "comity log --limit 20",
		.roles = "auditor, administrator",
		.op = "event.list",
		.list = "events",
		.columns = "at:When,who:Who,what:What",
		.run = run_op,
		.options = {
			NUM("limit", "N", "limit", "at most so many"),
		},
	},
};

size_t
cli_verb_count(void)
{
	return CO_ARRAY_LEN(verbs) + cli_law_verbs_n;
}

const struct cli_verb *
cli_verb_at(size_t i)
{
	return i < CO_ARRAY_LEN(verbs) ? &verbs[i] : &cli_law_verbs[i - CO_ARRAY_LEN(verbs)];
}
