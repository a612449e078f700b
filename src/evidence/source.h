/* Reading what is to be sealed: one file or device, or a folder as a tar stream. Private to the
 * room. Never follows a symbolic link below the path given, never writes to the source. Sealing and
 * acquiring read through here; so does the second reading that compares. */
#pragma once

#include "evidence/reader.h"
#include "evidence/seal.h"

struct source {
	const struct seal_conf *conf;
	struct vault_seal *seal; /* where it goes; NULL: only digested, into again */
	struct digest *again;
	/* Of a folder or image that is read once more after a stop: so many bytes are sealed
	 * already, and must be the same (again). */
	uint64_t skip;
	char skip_sha256[SHA256_HEX + 1];
	uint64_t done, of; /* bytes of content so far; of 0: not known */
	uint64_t files;    /* in a folder */
	int64_t told_us;   /* when progress was told last */
};

/* Opened for reading only. CO_EUSAGE: neither file nor folder nor block device. */
struct stat;
enum co_rc source_open(const char *path, int *fd, struct stat *st, struct co_err *err) CO_NODISCARD;
/* Content in order: to the seal or the digest. */
enum co_rc source_put(struct source *s, const void *p, size_t n, struct co_err *err) CO_NODISCARD;
/* A source has less than was sealed of it (s->skip is not 0 at its end). */
enum co_rc source_shrunk(struct co_err *err);
/* Bytes passed: tells progress now and then. */
void source_progress(struct source *s, uint64_t n, bool last);
/* From s->done to the end of a file or device. CO_EIO: it changed or vanished. */
enum co_rc source_file(struct source *s, struct reader *r, struct co_err *err) CO_NODISCARD;
/* path is open as fd; for messages. */
enum co_rc source_folder(
	struct source *s, int fd, const char *path, struct co_err *err) CO_NODISCARD;
/* What must not change between two looks at a file; false: it changed. */
bool source_same(const struct stat *a, const struct stat *b);

/* ---- seal.c: what every exhibit has ---- */
/* Name in the manifest; checked before an hour of reading, not after. */
enum co_rc exhibit_name(const struct seal_conf *conf, const char *path, bool folder,
	char out[LIMIT_NAME + 1], struct co_err *err) CO_NODISCARD;
/* The file key for each recipient: an object, address to base64. */
enum co_rc exhibit_wrap(const struct seal_conf *conf, const unsigned char key[CHUNKED_KEY],
	json_t **wrapped, struct co_err *err) CO_NODISCARD;
/* The object "exhibit" of a manifest. files 0: no folder. */
enum co_rc exhibit_object(const struct seal_conf *conf, const char *id, const char *name,
	uint64_t files, const struct vault_sums *sums, json_t *wrapped, json_t **out,
	struct co_err *err) CO_NODISCARD;
