/* The verbs that take evidence from where it is, as rows like those in verbs.c. */
#include "cli/verbs.h"

const struct cli_verb cli_acquire_verbs[] = {
	{
		.name = "acquire list",
		.summary = "acquisitions that have not ended",
		.example = "comity acquire list",
		.roles = WHO_ANY,
		.op = "acquire.list",
		.list = "acquisitions",
		.columns = "id:Exhibit,name:Name,officer:By,begun:Begun,source.path:From",
		.run = run_op,
	},
	{
		.name = "acquire drop",
		.summary = "give up an acquisition and take away what was read",
		.example = "comity acquire drop 01936b2e-... --why \"wrong disk\"",
		.roles = WHO_KEEPS,
		.op = "acquire.drop",
		.columns = "id:Given up",
		.run = run_acquire_drop,
		.operands = {
			ARG("ID", "id", "as acquire list shows it"),
		},
		.options = {
			NEED("why", "TEXT", "why", "why nobody goes on with it"),
		},
	},
	{
		.name = "exhibit import",
		.summary =
		"take the content of an image that somebody else made: E01, or raw in parts",
		.about = "All segments beside the first one are read, by a program that can do "
			"nothing else; the content is checked against the digests in the image. "
			"One that does not match, or a segment that is missing or cut, is an "
			"error, and nothing is sealed. What the image says of itself goes into "
			"the signed manifest. A raw image in parts (disk.001, disk.002, ...) is "
			"taken as one. After a stop: --resume.",
		.example = "comity exhibit import disk.E01 --case CCU-2026-0117 --to us.contact "
			"--item A3",
		.roles = WHO_KEEPS,
		.op = "exhibit.register",
		.columns = "id:Exhibit,name:Name,plain.size:Bytes,plain.sha256:SHA-256,"
			"plain.sha1:SHA-1,plain.md5:MD5,acquisition.image.segments:Segments,"
			"acquisition.image.stored.md5:Same MD5 as stored,"
			"acquisition.image.stored.sha1:Same SHA-1 as stored,"
			"acquisition.image.case_number:Case number,"
			"acquisition.image.evidence_number:Evidence number,"
			"acquisition.image.examiner:Examiner,acquisition.image.acquired:Acquired,"
			"manifest_id:Manifest",
		.run = run_exhibit_import,
		.operands = {
			ARG("FILE", NULL, "the first segment: disk.E01, or disk.001"),
		},
		.options = {
			OPT("case", "CASE", NULL, "the case's id, or our own number of it"),
			OPT("to", "ADDRESS", NULL, "who may open it; otherwise it stays with us"),
			OPT("resume", "ID", NULL, "go on with one that was stopped"),
			OPT("item", "NUMBER", NULL, "its number on the list of what was seized"),
			OPT("description", "TEXT", NULL, "what it is"),
			OPT("condition", "TEXT", NULL, "the state it was found in"),
			OPT("place", "TEXT", NULL, "where it was taken over"),
			OPT("collector", "NAME", NULL, "who takes it; otherwise the officer"),
			OPT("witness", "NAME", NULL, "who saw it"),
			FLAG("verify", NULL, "read it a second time and compare"),
			FLAG("sha512", NULL, "a second digest"),
			FLAG("sha1", NULL, "where an old court asks for it; beside SHA-256"),
			FLAG("md5", NULL, "likewise"),
			FLAG("as-is", NULL, "do not compress"),
			OPT("name", "TEXT", NULL, "of the exhibit; otherwise that of FILE"),
			OPT("media", "TYPE", NULL, "its media type"),
			OPT("purpose", "TEXT", NULL, "what for; otherwise the answer to the case"),
			OPT("authority", "TEXT", NULL, "on whose order"),
		},
	},
	{
		.name = "acquire",
		.summary = "take a disk, file or folder as evidence, with a record of how",
		.about = "One pass reads, hashes, compresses, encrypts and stores it in this "
			"node's vault; nothing is ever written to the source. Sectors that "
			"cannot be read are tried again in smaller pieces, become zeros and are "
			"listed. What was read survives a stop of any kind. The record goes "
			"into the signed manifest: what the source is, who took it, where, with "
			"which write protection, both clocks. Areas that a disk hides from the "
			"kernel (HPA, DCO) are not looked for. Of an E01 image, and of a raw "
			"one in parts, the content is taken, as exhibit import does. It goes into "
			"a case, which a request opened, a partner's or ours (comity case list).",
		.example = "comity acquire /dev/sdb --case CCU-2026-0117 --to us.contact --item A3 "
			"--place \"Bangkok, 12 Rama I Rd\" --collector \"Lt Somchai\" --witness "
			"\"Ms Dao\" --write-blocker \"Tableau T35u, serial 0123\" --verify",
		.roles = WHO_KEEPS,
		.op = "exhibit.register",
		.columns = "id:Exhibit,name:Name,plain.size:Bytes,plain.sha256:SHA-256,"
			"plain.sha512:SHA-512,plain.sha1:SHA-1,plain.md5:MD5,"
			"sealed.size:Sealed bytes,acquisition.bad.bytes:Unreadable bytes,"
			"acquisition.again.same:Second reading the same,"
			"acquisition.begun.at:Begun,acquisition.ended.at:Ended,"
			"manifest_id:Manifest",
		.run = run_acquire,
		.operands = {
			ARG("SOURCE", NULL, "a block device, a file, a folder, or an E01 image"),
		},
		.options = {
			OPT("case", "CASE", NULL, "the case's id, or our own number of it"),
			OPT("to", "ADDRESS", NULL, "who may open it; otherwise it stays with us"),
			OPT("resume", "ID", NULL, "go on with one that was stopped"),
			OPT("item", "NUMBER", NULL, "its number on the list of what was seized"),
			OPT("description", "TEXT", NULL, "what it is"),
			OPT("condition", "TEXT", NULL, "the state it was found in"),
			OPT("place", "TEXT", NULL, "exactly where it was taken"),
			OPT("collector", "NAME", NULL, "who takes it; otherwise the officer"),
			OPT("witness", "NAME", NULL, "who saw it"),
			OPT("write-blocker", "TEXT", NULL, "the device that forbids writing"),
			OPT("unprotected", "WHY", NULL, "why there is none"),
			FLAG("verify", NULL, "read it a second time and compare"),
			OPT("retries", "N", NULL, "of a sector that cannot be read; 3"),
			FLAG("sha512", NULL, "a second digest"),
			FLAG("sha1", NULL, "where an old court asks for it; beside SHA-256"),
			FLAG("md5", NULL, "likewise"),
			FLAG("as-is", NULL, "do not compress"),
			OPT("name", "TEXT", NULL, "of the exhibit; otherwise that of SOURCE"),
			OPT("media", "TYPE", NULL, "its media type"),
			OPT("purpose", "TEXT", NULL, "what for; otherwise the answer to the case"),
			OPT("authority", "TEXT", NULL, "on whose order"),
		},
	},
};

const size_t cli_acquire_verbs_n = CO_ARRAY_LEN(cli_acquire_verbs);
