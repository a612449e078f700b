/* The one table of the command line: what getopt_long, --help and the man page are made from.
 * An option or operand with a member goes into the operation's JSON under that name. */
#include "cli/run.h"
#include "cli/verbs.h"

#define ID ARG("ID", "id", "the request's id, as request list shows it")
#define ADDRESS ARG("ADDRESS", "address", "a node's address, as us.contact")

/* Of every verb that makes a request. */
#define MEASURE NEED("measure", "CODE", "measure", "what is asked; see form list")
#define OURS OPT("ours", "TEXT", "ours", "our own number of the case")
#define INTO_CASE OPT("case", "CASE", NULL, "put it into this case; otherwise a new one is opened")
#define FIELDS \
	OPT("fields", "FILE", NULL, "a JSON object of field codes"), \
		MANY("field", "CODE=VALUE", NULL, "one field, over those of the file")
#define BASIS \
	OPT("basis", "CODE", "basis", "the instrument it is asked under, as cets-185; see law show")

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
			OPT("listen", "IP:PORT", NULL,
				"where it listens; otherwise at the address of the url, or "
				"at all addresses when the url names a host"),
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
		.name = "form check",
		.summary = "what is missing or wrong in a form that is being filled",
		.about = "Nothing is kept and nothing is sent. Fields are given as to request new. "
			"The exit status is 1 when something is to be mended.",
		.example = "comity form check preserve --urgency urgent --fields preserve.json",
		.roles = WHO_ANY,
		.op = "form.check",
		.list = "faults",
		.columns = "path:Field,text:What is to be mended,source:Source",
		.run = run_form_check,
		.operands = {
			ARG("MEASURE", "measure", "the measure's code, as preserve"),
		},
		.options = {
			OPT("urgency", "WORD", "urgency", "emergency, urgent or routine"),
			FIELDS,
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
		.show = show_draft_made,
		.run = run_request_new,
		.options = {
			NEED("to", "ADDRESS", "to", "the partner who is asked"),
			MEASURE,
			OURS,
			NEED("urgency", "WORD", "urgency", "emergency, urgent or routine"),
			INTO_CASE,
			OPT("replaces", "ID", "replaces",
				"your own draft that this one corrects; it is dropped"),
			FIELDS,
			MANY("attach", "FILE", NULL,
			"a file that goes with it, at most 32 MiB; larger "
				"ones are exhibits"),
			FLAG("exercise", "exercise", "an exercise: marked as such everywhere"),
			BASIS,
		},
	},
	{
		.name = "request keep",
		.summary = "keep a request that is not finished, to go on with later",
		.about = "Nothing is checked, and only its author sees it. To go on, here or at "
			"the desk: request new or request keep with --replaces ID. comity request "
			"withdraw ID drops it.",
		.example = "comity request keep --measure preserve --field conduct='Sign-in with "
			"stolen keys'",
		.roles = WHO_ASKS,
		.op = "draft.keep",
		.columns = "id:Draft,state:State",
		.run = run_request_new,
		.options = {
			MEASURE,
			OPT("to", "ADDRESS", "to", "the partner who is asked"),
			OURS,
			OPT("urgency", "WORD", "urgency", "emergency, urgent or routine"),
			INTO_CASE,
			OPT("replaces", "ID", "replaces",
				"your own draft whose place it takes; it is dropped"),
			FIELDS,
			MANY("attach", "FILE", NULL,
				"a file that goes with it, at most 32 MiB"),
			BASIS,
		},
	},
	{
		.name = "request approve",
		.summary = "approve what another officer composed (four eyes), or reject it",
		.example = "comity request approve 01936b2e-... --as malee",
		.roles = "approver, not the author",
		.op = "request.approve",
		.columns = "id:Request,state:State",
		.show = show_draft_made,
		.run = run_request_approve,
		.operands = {
			ID,
		},
		.options = {
			FLAG("reject", NULL,
				"do not approve; --reason is needed, the author reads it"),
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
		.name = "request attachments",
		.summary = "the files that go with a request, an answer or a message",
		.about = "A partner's files come by themselves and are checked against the signed "
			"record. With --out they are written to a folder, and the chain of custody "
			"says who opened them.",
		.example = "comity request attachments 01936b2e-... --out order/",
		.roles = WHO_ANY,
		.op = "attachment.list",
		.list = "attachments",
		.columns = "name:Name,size:Bytes,state:State,sha256:SHA-256,file:File",
		.run = run_request_attachments,
		.operands = {
			ARG("ID", "of", "a request, answer, message or draft, by its id"),
		},
		.options = {
			OPT("out", "FOLDER", NULL, "write them there"),
		},
	},
	{
		.name = "request print",
		.summary = "a request, draft, notice or message on paper",
		.about = "As the receiver sees it: coded fields in the language asked for, "
			 "times in both zones, the record's id, digest and signature. A file "
			 "that ends in .html is a page that works without a network; any other "
			 "is a PDF.",
		.example = "comity request print 01936b2e-... --out request.pdf --language th",
		.roles = WHO_ANY,
		.op = "request.print",
		.run = run_request_print,
		.operands = {
			ARG("ID", "id", "of the request, draft, notice or message"),
		},
		.options = {
			NEED("out", "FILE", NULL, "the file to write; .html or PDF"),
			OPT("language", "CODE", "language",
				"of labels and codes: ar, en, es, fr, ja or th"),
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
		.show = show_draft_made,
		.run = run_request_answer,
		.operands = {
			ID,
			ARG("STATE", "state", "as acknowledged, accepted, executed, refused"),
		},
		.options = {
			OPT("reason", "TEXT", "reason", "why, for people"),
			OPT("ground", "CODE", "ground", "ground for a refusal, coded"),
			OPT("until", "TIME", "until", "the data are kept until then"),
			MANY("condition", "TYPE:TEXT", NULL, "condition for the use (arts 26, 28): "
				"confidentiality, use-limit or other, a colon, its words"),
			MANY("attach", "FILE", NULL,
			"a file that goes with it, at most 32 MiB; larger "
				"ones are exhibits"),
			OURS,
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
		.show = show_draft_made,
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
		.show = show_draft_made,
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
		.run = run_message,
		.operands = {
			CASE,
			ARG("TEXT", "text", "what to say"),
		},
		.options = {
			MANY("attach", "FILE", NULL,
				"a file that goes with it, at most 32 MiB; larger "
				"ones are exhibits"),
			OPT("to", "ADDRESS", "to", "the partner, if the case does not tell"),
		},
	},
	{
		.name = "case new",
		.summary = "begin an own case, before anything is asked of anybody",
		.about = "Evidence can be taken, examined and packaged in it, and nothing leaves "
			 "the house. The first request in it (request new --to ADDRESS --case) "
			 "makes it a case with that partner, under the same number.",
		.example = "comity case new --ours CCU-2026-0117 --purpose 'Sign-in with stolen "
			   "keys' --authority 'order 2026/117'",
		.roles = WHO_KEEPS,
		.op = "case.new",
		.columns = "ours:Number,case_id:Case,id:Record",
		.run = run_op,
		.options = {
			NEED("ours", "TEXT", "ours", "our own number of the case"),
			NEED("purpose", "TEXT", "purpose", "what is investigated"),
			NEED("authority", "TEXT", "authority", "the order or law it rests on"),
			FLAG("exercise", "exercise", "an exercise: marked as such everywhere"),
		},
	},
	{
		.name = "case list",
		.summary = "the cases here",
		.example = "comity case list --partner us.contact",
		.roles = WHO_ANY,
		.op = "case.list",
		.list = "cases",
		.columns = "case_id:Case,ours:Ours,theirs:Theirs,stands:State,partner:Partner,"
			   "changed:Changed,kept_until:Kept until",
		.run = run_op,
		.options = {
			OPT("partner", "ADDRESS", "partner", "only with this one"),
			OPT("number", "TEXT", "number", "only of this number, ours or theirs"),
			FLAG("exercise", "exercise", "only training"),
			NOT("real", "exercise", "no training"),
			NUM("limit", "N", "limit", "at most so many"),
			OPT("after", "MORE", "after", "the next page: more of the last one"),
		},
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
		.options = {
			NUM("limit", "N", "limit", "at most so many records, the latest; 500"),
			NUM("before", "N", "before", "the part before: earlier of the last answer"),
			OPT("after", "MORE", "after", "older requests: requests_more of it"),
		},
	},
	{
		.name = "case report",
		.summary = "a case in plain language on paper, for a court",
		.about = "Who asked whom for what and by which law, each record with whose clock "
			 "says what, the chain of custody as a picture with its table, what was "
			 "checked and what was not. A file that ends in .html is a page that "
			 "works without a network; any other is a PDF.",
		.example = "comity case report CCU-2026-0117 --out report.pdf --language fr",
		.roles = WHO_ANY,
		.op = "case.report",
		.run = run_case_report,
		.operands = {
			CASE,
		},
		.options = {
			NEED("out", "FILE", NULL, "the file to write; .html or PDF"),
			OPT("language", "CODE", "language", "ar, en, es, fr, ja or th"),
			OPT("use", "USE", "use",
				"case, or other: asked when a condition binds what is in it"),
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
		.name = "case restrict",
		.summary = "close a case to you and the officers that you name",
		.about =
		"Nobody else reads it then, administrators included. \"case name\" lets in "
			"more, \"case assign\" opens it to a unit again; both ask for a reason.",
		.example =
		"comity case restrict CCU-2026-0117 --officer malee --reason \"a suspect "
			"works here\"",
		.roles = WHO_ASKS,
		.op = "case.restrict",
		.run = run_case_op,
		.operands = {
			CASE,
		},
		.options = {
			MANY("officer", "NAME", "officers", "who sees it, too; may be given again"),
			OPT("reason", "TEXT", "reason", "why, for the ledger"),
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
		.show = show_offered,
		.run = run_directory_offer,
		.operands = {
			ARG("FILE", NULL, "the partner's entry"),
		},
	},
	{
		.name = "directory refresh",
		.summary = "fetch the present entry of a partner that was accepted",
		.about = "The node does so by itself four times a day; after a partner told of new "
			"certificates or hours it need not be waited for. Another root than the "
			"one accepted is refused.",
		.example = "comity directory refresh us.contact",
		.roles = WHO_RUNS,
		.op = "directory.refresh",
		.columns = "address:Address,name:Name,url:Reached at,fingerprint:Fingerprint,"
			"state:State,news:A newer entry",
		.run = run_op,
		.operands = {
			ADDRESS,
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

static const size_t verbs_n = CO_ARRAY_LEN(verbs);

/* The parts of the table, in the order in which --help lists them. */
static const struct {
	const struct cli_verb *rows;
	const size_t *n;
} parts[] = {
	{ verbs, &verbs_n },
	{ cli_certificate_verbs, &cli_certificate_verbs_n },
	{ cli_acquire_verbs, &cli_acquire_verbs_n },
	{ cli_evidence_verbs, &cli_evidence_verbs_n },
	{ cli_custody_verbs, &cli_custody_verbs_n },
	{ cli_examine_verbs, &cli_examine_verbs_n },
	{ cli_people_verbs, &cli_people_verbs_n },
	{ cli_inbox_verbs, &cli_inbox_verbs_n },
	{ cli_api_verbs, &cli_api_verbs_n },
	{ cli_law_verbs, &cli_law_verbs_n },
};

size_t
cli_verb_count(void)
{
	size_t n = 0;

	for (size_t i = 0; i < CO_ARRAY_LEN(parts); i++)
		n += *parts[i].n;
	return n;
}

const struct cli_verb *
cli_verb_at(size_t i)
{
	const struct cli_verb *rows = NULL;

	for (size_t part = 0; part < CO_ARRAY_LEN(parts) && rows == NULL; part++) {
		if (i < *parts[part].n)
			rows = parts[part].rows;
		else
			i -= *parts[part].n;
	}
	return rows == NULL ? NULL : &rows[i];
}
