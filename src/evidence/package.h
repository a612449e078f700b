/* The package of a case: one zip that is a BagIt 1.0 bag (RFC 8493), with its records, signatures,
 * time-stamps, proofs, certificates and exhibits, that anyone can verify offline (verify.h).
 * Layout: docs/protocol.md, "Package".
 * Runs in the process of the person who wants it; reads exhibits from the vault folder.
 * The zip is written in one way only (zip.h), so that no bit of it escapes verification. */
#pragma once

#include "base/buf.h"
#include "base/limits.h"
#include "vault/vault.h"

#include <jansson.h>

enum { PACKAGE_FORM = 2 }; /* 1: before BagIt; no longer read */

struct package_conf {
	struct vault *vault; /* borrowed */
	bool opened;         /* exhibits as they were, not sealed: each key is asked for */
	const char *language; /* of the report; NULL: English */
	bool no_sandbox;      /* `sandbox = off`: for the printer, too */
	bool pdf;             /* report.pdf beside report.html: comity-printer makes it */
	/* What op case.packaged answers; bytes and sig are initialised buffers. */
	enum co_rc (*sign)(void *arg, const char *index_sha256, uint64_t files,
		const json_t *exhibits, struct co_buf *bytes, struct co_buf *sig,
		struct co_err *err);
	/* What op exhibit.open answers; NULL with opened false. */
	enum co_rc (*open_key)(
		void *arg, const char *id, unsigned char key[CHUNKED_KEY], struct co_err *err);
	void (*progress)(void *arg, uint64_t done, uint64_t of); /* bytes; may be NULL */
	void *arg;
};

struct package_sums {
	uint64_t size, files, exhibits;
	uint64_t left_out;           /* exhibits of the case that are not in the vault here */
	char sha256[SHA256_HEX + 1]; /* of tagmanifest-sha256.txt */
	char report[512]; /* what the report lacks and why; "": nothing */
};

/* export: the answer of op case.export. out must not exist. Durable when it returns CO_OK; nothing
 * is left after an error. CO_EVERIFY: an exhibit in the vault is not what the manifest says. */
enum co_rc package_write(const struct package_conf *conf, const json_t *export, const char *out,
	struct package_sums *sums, struct co_err *err) CO_NODISCARD;
