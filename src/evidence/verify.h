/* Verifies a package offline: no node, no network, no database, nothing is extracted.
 * Says in plain language what each step proves and what it does not. The only trust it cannot make
 * itself is whose root certificates these are: their fingerprints are said, to be compared with the
 * directory, or given as anchors. Layout of a package: docs/protocol.md, "Package". */
#pragma once

#include "crypto/cert.h"

#include <jansson.h>

enum verify_mark { VERIFY_STEP, VERIFY_NOT, VERIFY_HOLDS, VERIFY_NOTE, VERIFY_FAILS };

/* STEP: a new step begins, text says what it proves; NOT: what it does not.
 * HOLDS: what was found true. NOTE: what a person should know. FAILS: last, the same as err. */
typedef void verify_say(void *arg, enum verify_mark mark, const char *step, const char *text);

/* What must be there, beside what is there having to hold:
 * basic: nothing more. full: nothing is missing that the maker could have put in. strict: it can be
 * believed without believing either node. Each demand is a row in verify_level.c. */
enum verify_level { VERIFY_BASIC, VERIFY_FULL, VERIFY_STRICT, VERIFY_LEVELS };
const char *verify_level_name(enum verify_level l);

struct verify_conf {
	enum verify_level level;
	const char *const *anchors; /* SHA-256 of root certificates in hex; none: not compared */
	size_t anchors_n;
	const struct cert *const *tsa_roots; /* of outside time-stamp authorities; may be NULL */
	size_t tsa_roots_n;
	const struct cert *const *ca; /* roots of foreign signers; may be NULL */
	size_t ca_n;
	verify_say *say;                                         /* may be NULL */
	void (*progress)(void *arg, uint64_t done, uint64_t of); /* bytes; may be NULL */
	void *arg;
};

/* What a file is: a package unless it is plainly a bag or container of somebody else. A folder is a
 * bag, but for a package that was unpacked: only the zip can be verified as one. bag.h, asice.h
 * verify those. */
enum verify_kind { VERIFY_PACKAGE, VERIFY_BAG, VERIFY_CONTAINER, VERIFY_KINDS };
const char *verify_kind_name(enum verify_kind k);
enum verify_kind verify_kind_of(const char *path);

/* CO_OK: everything holds. CO_EVERIFY: err names the file and the first thing that does not hold.
 * Others: the file could not be read. *summary, on success, for programs: case, files, records,
 * receipts, exhibits, roots [{address, name, sha256, anchored}], custody, destroyed, proved_from,
 * proved_to.
 */
enum co_rc verify_package(const struct verify_conf *conf, const char *path, json_t **summary,
	struct co_err *err) CO_NODISCARD;
