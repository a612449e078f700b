/* Acquiring: a device, file or folder becomes a sealed exhibit in one pass that survives a stop,
 * with a record of how it was taken. Reads and seals as evidence/seal.h does; more than that: bad
 * sectors are tried again, become zeros and are listed; what was read before a stop (kill -9 too)
 * stays and is authenticated before it is gone on with. Never writes to the source. Needs the node
 * only for the key after a stop, which the keeper alone can unwrap.
 * The notes of one under way are <id>.note in the vault; the record is docs/protocol.md, 4.5. */
#pragma once

#include "evidence/bad.h"
#include "evidence/seal.h"

struct device;

/* Content of an image in order. of: bytes of the whole. */
typedef enum co_rc acquire_put(
	void *to, const void *p, size_t n, uint64_t of, struct co_err *err);

struct acquire_conf {
	struct seal_conf seal;
	/* What people say: members item ... witness and protection of the record; borrowed. */
	const json_t *said;
	/* What else must be known to go on after a stop: given back by acquire_left; borrowed. */
	const json_t *keep;
	unsigned retries; /* of a sector that cannot be read */
	bool again;       /* read a second time and compare */
	/* path is the first segment of an image: what is taken is the content that this reads from
	 * it, with all its checks. *about: member image of the record. NULL: path is the source. */
	enum co_rc (*image)(void *arg, acquire_put *put, void *to, json_t **about,
		struct co_err *err);
	/* The source as it was found, before the first byte; CO_* stops. May be NULL. */
	enum co_rc (*found)(void *arg, const struct device *d, struct co_err *err);
	/* Before the first byte too: the id, and the key wrapped for each recipient. */
	enum co_rc (*begin)(void *arg, const char *id, const json_t *note, struct co_err *err);
	/* After a stop: the key of id, from the keeper. */
	enum co_rc (*key)(void *arg, const char *id, unsigned char key[CHUNKED_KEY],
		struct co_err *err);
	/* Bytes that could not be read so far. May be NULL. */
	void (*bad)(void *arg, uint64_t bytes);
	/* The second reading begins. May be NULL. */
	void (*second)(void *arg);
};

/* The exhibit of a manifest, with its member "acquisition". Durable in the vault when it returns
 * CO_OK; its note stays until acquire_done. After an error what was read stays to go on with. */
enum co_rc acquire_path(const struct acquire_conf *conf, const char *path, json_t **exhibit,
	struct co_err *err) CO_NODISCARD;
/* Goes on with what acquire_path began: said, keep, name, digests and coding come from the note.
 * CO_EIO: path is not the source that it was. */
enum co_rc acquire_resume(const struct acquire_conf *conf, const char *id, const char *path,
	json_t **exhibit, struct co_err *err) CO_NODISCARD;

/* The note of an acquisition that has not ended: keep, said, source, bad, ... CO_ENOTFOUND. */
enum co_rc acquire_left(
	struct vault *v, const char *id, json_t **note, struct co_err *err) CO_NODISCARD;
/* The manifest is signed: the note is not needed any more. */
enum co_rc acquire_done(struct vault *v, const char *id, struct co_err *err) CO_NODISCARD;
/* Takes away what an acquisition left that nobody goes on with; never a sealed exhibit. */
enum co_rc acquire_drop(struct vault *v, const char *id, struct co_err *err) CO_NODISCARD;
