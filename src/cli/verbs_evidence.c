/* The verbs of evidence and of proof, as rows like those in verbs.c. */
#include "cli/verbs.h"

const struct cli_verb cli_evidence_verbs[] = {
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
			"plain.sha512:SHA-512,plain.sha1:SHA-1,plain.md5:MD5,"
			"sealed.size:Sealed bytes,"
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
			FLAG("sha1", NULL, "where an old court asks for it; beside SHA-256"),
			FLAG("md5", NULL, "likewise"),
			FLAG("as-is", NULL,
				"do not compress: a little faster where nothing can be saved"),
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
		.columns = "id:Exhibit,state:State,done:Sealed bytes",
		.run = run_exhibit_fetch,
		.operands = {
			EXHIBIT,
		},
	},
	{
		.name = "exhibit open",
		.summary = "take an exhibit out of its seal",
		.about = "The opening, its purpose and its authority are in the chain of custody "
			"before the key is given out. With --to e01 it becomes an E01 image for "
			"tools that want one: MD5 and SHA-1 stored in it, SHA-256 in its notes, "
			"with what is known of its taking.",
		.example = "comity exhibit open 01936b2e-... --out disk.img --purpose examination "
			"--authority \"order 2026/117\"",
		.roles = WHO_KEEPS,
		.op = "exhibit.open",
		.columns = "id:Exhibit,file:File,segments:Segments,sha256:SHA-256",
		.run = run_exhibit_open,
		.operands = {
			EXHIBIT,
		},
		.options = {
			NEED("out", "FILE", NULL,
				"where to write it; a folder: under its own name"),
			NEED("purpose", "TEXT", NULL, "what for"),
			NEED("authority", "TEXT", NULL, "on whose order"),
			OPT("to", "FORMAT", NULL, "raw, as it is; or e01"),
			OPT("segment-size", "MIB", NULL, "of an E01; 1500, and more for a large "
				"disk"),
			OPT("use", "USE", NULL,
				"case, or other: asked when a condition binds it"),
		},
	},
	{
		.name = "package",
		.summary = "everything of a case in one file that anyone can verify",
		.about = "Records, signatures, time-stamps, ledger proofs, certificates and "
			"sealed evidence; with the report of the case as a page and a PDF. What "
			"cannot be printed here is left out, and the answer says so.",
		.example = "comity package CCU-2026-0117 --out case.zip --language fr",
		.roles = WHO_KEEPS ", auditor",
		.op = "case.export",
		.columns = "file:Package,size:Bytes,files:Files,exhibits:Exhibits,"
			"left_out:Exhibits not here,index_sha256:Index SHA-256,report:Report",
		.run = run_package,
		.operands = {
			CASE,
		},
		.options = {
			NEED("out", "FILE", NULL, "the package; may not exist yet"),
			OPT("language", "CODE", NULL,
				"of the report: ar, en, es, fr, ja or th"),
			FLAG("opened", NULL, "evidence as it was, not sealed"),
			OPT("purpose", "TEXT", NULL, "what for (with --opened)"),
			OPT("authority", "TEXT", NULL, "on whose order (with --opened)"),
			OPT("use", "USE", NULL,
				"case, or other: asked when a condition binds what is in it"),
		},
	},
	{
		.name = "verify",
		.summary = "check a package, bag or container: no node, no network",
		.about = "Says step by step what was proved. Exit status 3 and the first thing "
			"that does not hold if anything was changed. Compare the roots' "
			"fingerprints with the directory, or give them.",
		.example = "comity verify case.zip --level full --root 4f3a...",
		.run = run_verify,
		.operands = {
			ARG("FILE", NULL, "a package; or a BagIt bag (zip or folder), or an ASiC-E "
				"container with CAdES, of anybody"),
		},
		.options = {
			MANY("root", "HEX", NULL, "SHA-256 of a root certificate that is trusted"),
			MANY("tsa-root", "FILE", NULL, "root of an outside time-stamp authority"),
			MANY("ca", "FILE", NULL, "root for the signers of a foreign container"),
			OPT("kind", "KIND", NULL, "package, bag or container, if it is not seen"),
			OPT("level", "LEVEL", NULL,
			"basic (what is there holds), full (nothing the "
				"maker could give is missing) or strict (both ledgers, outside "
				"time, "
				"given roots)"),
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
		.name = "ledger resume",
		.summary = "sign again after a loss: the decision that what is missing is lost",
		.about =
		"A node that finds itself to be an old copy signs nothing (comity status says "
			"why). If a newer copy exists, restore that instead. The reason is an "
			"event of the ledger; tell your partners, and ask each for what was "
			"exchanged since.",
		.example = "comity ledger resume --reason \"disk of 3 May lost, copy of 2 May\"",
		.roles = WHO_RUNS,
		.op = "ledger.resume",
		.columns = "recorded:Recorded as",
		.run = run_op,
		.options = {
			NEED("reason", "TEXT", "reason", "why, for the ledger"),
		},
	},
};

const size_t cli_evidence_verbs_n = CO_ARRAY_LEN(cli_evidence_verbs);
