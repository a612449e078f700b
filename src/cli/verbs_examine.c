/* The verbs of examination, as rows like those in verbs.c. */
#include "cli/verbs.h"

#define WHAT \
	{ \
		.name = "EXHIBIT", .help = "the exhibit's id; or give --file", .optional = true \
	}
#define SOURCE \
	OPT("file", "PATH", NULL, "an image beside the node, or its first segment (.E01, .001)"), \
	OPT("purpose", "TEXT", NULL, "what for (with an exhibit)"), \
	OPT("authority", "TEXT", NULL, "on whose order (with an exhibit)"), \
	OPT("place", "TEXT", NULL, "where (with an exhibit)"), \
	OPT("use", "WORD", NULL, "case or other, where conditions bind the exhibit")
#define BOUNDS \
	NUM("memory", "MIB", NULL, "at most so much memory; 128"), \
	NUM("seconds", "N", NULL, "at most so much processor time; 3600"), \
	FLAG("no-sandbox", NULL, "go on where the kernel cannot hold the examiner")
#define RESULT \
	OPT("out", "FILE", NULL, "the result as lines of JSON; may not exist yet"), \
	NUM("part", "N", NULL, "only this partition"), \
	FLAG("orphans", NULL, "also deleted files that have lost their name")
#define BIG NUM("max-file", "BYTES", NULL, "pass over larger files; 16 GiB")
#define WHO WHO_KEEPS "; with --file whoever can read it"

const struct cli_verb cli_examine_verbs[] = {
	{
		.name = "examine list",
		.summary = "files of an image, deleted ones too",
		.about = "Partitions, file systems (ext4, NTFS, FAT, exFAT, HFS+, ISO 9660) and "
			"every entry with its times. The image is read in a process of its own "
			"without network, keys or files; it is never changed. An exhibit stays in "
			"its seal; what is told becomes an exhibit made from it, with both in the "
			"chain of custody.",
		.example = "comity examine list --file disk.E01",
		.roles = WHO,
		.op = "exhibit.open",
		.run = run_examine,
		.operands = { WHAT },
		.options = { SOURCE, RESULT, BOUNDS },
	},
	{
		.name = "examine extract",
		.summary = "take a file, or the whole content, out of an image",
		.about = "By path, or by the address that list shows, which deleted files have as "
			"well. Without either: the whole as raw bytes; stored digests of an E01 "
			"are compared.",
		.example = "comity examine extract --file disk.E01 --path /etc/passwd --out passwd",
		.roles = WHO,
		.op = "exhibit.open",
		.run = run_examine,
		.operands = { WHAT },
		.options = {
			SOURCE,
			OPT("out", "FILE", NULL, "where to write it; may not exist yet"),
			OPT("path", "PATH", NULL, "from the root of its file system"),
			OPT("address", "PART-N", NULL, "as list shows it"),
			OPT("stream", "NAME", NULL, "a further stream of the file (NTFS)"),
			NUM("part", "N", NULL, "only this partition"),
			BOUNDS,
		},
	},
	{
		.name = "examine types",
		.summary = "what files are by their content",
		.about = "A name that says something else than the content is marked.",
		.example = "comity examine types --file disk.raw",
		.roles = WHO,
		.op = "exhibit.open",
		.run = run_examine,
		.operands = { WHAT },
		.options = { SOURCE, RESULT, BOUNDS },
	},
	{
		.name = "examine match",
		.summary = "compare files with sets of known files",
		.about = "Sets are made with comity hashset build. Known bad files are told; "
			"--all tells every file.",
		.example = "comity examine match --file disk.raw --set csam.hashset "
			"--set nsrl.hashset",
		.roles = WHO,
		.op = "exhibit.open",
		.run = run_examine,
		.operands = { WHAT },
		.options = {
			SOURCE,
			MANY("set", "FILE", NULL, "a hash set; at most 8"),
			FLAG("all", NULL, "also good and unknown files"),
			RESULT,
			BIG,
			BOUNDS,
		},
	},
	{
		.name = "examine scan",
		.summary = "look for patterns with YARA rules",
		.about = "Rules are compiled in the examiner too: they may be a stranger's. "
			"Includes are refused.",
		.example = "comity examine scan --file disk.raw --rules ransom.yar",
		.roles = WHO,
		.op = "exhibit.open",
		.run = run_examine,
		.operands = { WHAT },
		.options = {
			SOURCE,
			MANY("rules", "FILE", NULL, "YARA rules as text; at most 8"),
			RESULT,
			BIG,
			BOUNDS,
		},
	},
	{
		.name = "examine search",
		.summary = "find addresses, numbers, accounts or words",
		.about = "In UTF-8 and UTF-16, in files and in free space. KIND is email, phone, "
			"ipv4, ipv6, url, domain, bitcoin, ethereum, iban or card; without it all "
			"of them, or none when --text is given.",
		.example = "comity examine search --file disk.raw --kind email --text invoice",
		.roles = WHO,
		.op = "exhibit.open",
		.run = run_examine,
		.operands = { WHAT },
		.options = {
			SOURCE,
			MANY("kind", "KIND", NULL, "only these"),
			MANY("text", "TEXT", NULL, "a word, without regard to case"),
			FLAG("only-files", NULL, "not in free space"),
			NUM("hits", "N", NULL, "end after so many; 1000000"),
			RESULT,
			BIG,
			BOUNDS,
		},
	},
	{
		.name = "examine timeline",
		.summary = "what happened when, in order",
		.about = "Every time that a file system holds of a file is an event. NTFS holds "
			"four more beside the name (name_born and so on), which programs do not "
			"set: they are events where they differ, and show times that were set "
			"back.",
		.example = "comity examine timeline --file disk.raw --indicators --csv "
			">timeline.csv",
		.roles = WHO,
		.op = "exhibit.open",
		.run = run_examine,
		.operands = { WHAT },
		.options = {
			SOURCE,
			FLAG("indicators", NULL,
			"what leads further in each file beside its change"),
			MANY("kind", "KIND", NULL, "only these indicators (see examine search)"),
			FLAG("csv", NULL, "events as CSV on standard output, for a spreadsheet"),
			RESULT, BIG,
			BOUNDS,
		},
	},
	{
		.name = "hashset build",
		.summary = "make a set of known files from a list",
		.about = "The list has digests one a line, alone or in a column (NSRL RDS, CSV).",
		.example = "comity hashset build NSRLFile.txt --known good --out nsrl.hashset",
		.columns = "file:Set,name:Name,known:Known,digest:Digest,entries:Entries,"
			"source:Made from,source_sha256:SHA-256 of that,sha256:SHA-256",
		.run = run_hashset_build,
		.operands = { ARG("LIST", NULL, "text, CSV or TSV") },
		.options = {
			NEED("out", "FILE", NULL, "the set; may not exist yet"),
			NEED("known", "WORD", NULL, "good or bad"),
			OPT("name", "TEXT", NULL, "its name; otherwise that of LIST"),
			OPT("kind", "DIGEST", NULL, "sha256, sha1 or md5; otherwise the longest"),
		},
	},
	{
		.name = "hashset show",
		.summary = "what a set was made from",
		.example = "comity hashset show nsrl.hashset",
		.columns =
		"file:Set,name:Name,known:Known,digest:Digest,entries:Entries,built:Built,"
			"source:Made from,source_size:Its bytes,source_sha256:Its SHA-256,"
			"sha256:SHA-256",
		.run = run_hashset_show,
		.operands = { ARG("FILE", NULL, "the set") },
	},
	{
		.name = "hashset check",
		.summary = "check every entry of a set",
		.example = "comity hashset check nsrl.hashset",
		.columns = "file:Set,name:Name,entries:Entries,sha256:SHA-256",
		.run = run_hashset_show,
		.operands = { ARG("FILE", NULL, "the set") },
	},
};

const size_t cli_examine_verbs_n = CO_ARRAY_LEN(cli_examine_verbs);
