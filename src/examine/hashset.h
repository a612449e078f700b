/* Sets of digests of known files, good or bad, of millions of entries: built once from a list,
 * mapped read-only, looked up in a microsecond. A set says what list it was made from and when. A
 * file that is no set, or was cut or changed in a way that could lead a look-up astray, is refused.
 * Format: docs/hashset.md. */
#pragma once

#include "base/limits.h"
#include "crypto/digest.h"

#include <stdio.h>

enum { HASHSET_NAME = 64, HASHSET_DIGEST = 32, HASHSET_HEADER = 512 };

enum hashset_known { HASHSET_GOOD, HASHSET_BAD };
const char *hashset_known_name(enum hashset_known known); /* "good", "bad" */

/* What stands in its header. */
struct hashset_about {
	enum digest_kind kind; /* MD5, SHA-1 or SHA-256 */
	enum hashset_known known;
	uint64_t count;
	int64_t built_us;
	char name[HASHSET_NAME];           /* chosen by who built it */
	char source[HASHSET_NAME];         /* the list's file name, cut at the front if longer */
	char source_sha256[SHA256_HEX + 1];
	uint64_t source_size;
	char sha256[SHA256_HEX + 1]; /* of everything after the header */
};

struct hashset;
/* Maps fd, which may be closed afterwards. CO_EMALFORMED. */
enum co_rc hashset_open(struct hashset **out, int fd, struct co_err *err) CO_NODISCARD;
void hashset_close(struct hashset **h);
#define hashset_auto CO_CLEANUP(hashset_close) struct hashset
const struct hashset_about *hashset_about(const struct hashset *h);
/* digest has digest_len(kind) bytes. */
bool hashset_has(const struct hashset *h, const unsigned char *digest);
/* Every entry in order, and the digest of the header. CO_EVERIFY says what does not hold. */
enum co_rc hashset_check(const struct hashset *h, struct co_err *err) CO_NODISCARD;

/* ---- building ---- */
struct hashset_build {
	const char *list; /* path: digests one a line, alone or in a column (NSRL RDS) */
	const char *out;  /* path; must not exist */
	const char *name; /* NULL: the list's file name */
	enum hashset_known known;
	const char *kind; /* "sha256", "sha1", "md5"; NULL: the longest that the first entry has */
	void (*progress)(void *arg, uint64_t done, uint64_t of); /* bytes; may be NULL */
	void *arg;
};
/* Memory stays under 80 MiB whatever the list; on the disk of out, up to the size of the set twice.
 * Nothing is left of it after an error. */
enum co_rc hashset_make(const struct hashset_build *b, struct hashset_about *about,
	struct co_err *err) CO_NODISCARD;

/* One line of a list (no newline): *found tells whether it has a digest of kind; a heading, a
 * comment and an empty line have none and are no error. CO_EMALFORMED: it has something else. */
enum co_rc hashset_line(const char *p, size_t n, enum digest_kind kind, bool *found,
	unsigned char out[HASHSET_DIGEST], struct co_err *err) CO_NODISCARD;
