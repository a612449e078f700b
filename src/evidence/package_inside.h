/* Shared by the files that write a package only: what has been collected so far, and what makes
 * further files of it. No other room includes it. */
#pragma once

#include "evidence/package.h"
#include "evidence/zip.h"

/* The tag files of a bag that the package is, in the order of the tag manifest. */
enum { TAG_INFO, TAG_BAGIT, TAG_SHA256, TAG_SHA512, PACKAGE_TAGS };
/* One file of the package: a text in memory, one that the export has in base64, or an exhibit of
 * the vault. There are many: those of the export are not kept a second time. */
struct member {
	char *path;
	char *text; /* NULL: not made here */
	size_t n;
	const json_t *coded, *exhibit; /* borrowed from the export */
	unsigned char sha256[SHA256_LEN];
	unsigned char sha512[SHA512_LEN]; /* when the package has that list */
};

struct package {
	const struct package_conf *conf;
	const json_t *export;
	struct member *members;
	size_t n, room;
	json_t *exhibits; /* what the signed record lists */
	struct digest *digest512; /* of the exhibit under way; NULL: not asked */
	bool with512;     /* every exhibit in it has a SHA-512 that its sender signed */
	uint64_t payload; /* bytes below data/ */
	struct co_buf tags[PACKAGE_TAGS];
	struct package_sums sums;
	uint64_t done, of;
	struct zip_writer *zip;
};

const char *package_text(const json_t *o, const char *name); /* "" when it is not there */
/* A fresh member with this path; *out is valid until the next one. */
enum co_rc package_member(struct package *p, struct member **out, struct co_err *err,
	const char *fmt, ...) CO_PRINTF(4, 5);
/* Takes the text of a fresh member over from b. */
enum co_rc package_member_text(struct member *m, struct co_buf *b, struct co_err *err);
/* What is in it, appended; not of an exhibit. */
enum co_rc package_member_bytes(
	const struct member *m, struct co_buf *out, struct co_err *err) CO_NODISCARD;

/* case.jsonld, appended, from the members that are there. */
enum co_rc package_case(
	const struct package *p, struct co_buf *graph, struct co_err *err) CO_NODISCARD;
/* report.html and report.pdf. What cannot be printed is left out and told in sums.report: a case
 * is never held back for want of a font. */
enum co_rc package_report(struct package *p, struct co_err *err) CO_NODISCARD;
