/* The vault: sealed exhibits as files of one folder, <id>.sealed, written once, durable before
 * named. Content is always encrypted (crypto/chunked.h); this room never sees a private key. An
 * unfinished file is <id>.part with <id>.map (one bit a chunk that landed and verified). */
#pragma once

#include "base/uuid.h"
#include "crypto/chunked.h"
#include "crypto/digest.h"

struct vault;
enum co_rc vault_open(struct vault **out, const char *folder, struct co_err *err) CO_NODISCARD;
void vault_close(struct vault **v);
#define vault_auto CO_CLEANUP(vault_close) struct vault

/* How the content is written before it is encrypted (coding.h). */
enum vault_coding { VAULT_AS_IS, VAULT_ZSTD };
/* Name in manifests; "" for VAULT_AS_IS. And the reverse; false: unknown here. */
const char *vault_coding_name(enum vault_coding coding);
bool vault_coding_find(const char *name, enum vault_coding *out);

/* What a manifest says of the content; plain_size bounds what compressed content may become. */
struct vault_content {
	enum vault_coding coding;
	uint64_t plain_size;
};

struct vault_sums {
	uint64_t plain_size, sealed_size;
	char plain_sha256[SHA256_HEX + 1];
	char also[DIGEST_N][SHA512_HEX + 1]; /* of the content; "" unless asked */
	char sealed_sha256[SHA256_HEX + 1];
	unsigned char header[CHUNKED_HEADER];
};

/* ---- sealing: hashing, compression, encryption and writing side by side, on threads ---- */
struct vault_how {
	enum vault_coding coding;
	bool also[DIGEST_N]; /* further digests of the content; SHA-256 is always there */
	bool stays;          /* what was sealed survives a stop, see vault/resume.h */
};
struct vault_seal;
/* how NULL: as it is, SHA-256 alone. */
enum co_rc vault_seal_begin(struct vault_seal **out, struct vault *v, const char *id,
	const unsigned char key[CHUNKED_KEY], const struct vault_how *how,
	struct co_err *err) CO_NODISCARD;
enum co_rc vault_seal_add(
	struct vault_seal *s, const void *p, size_t n, struct co_err *err) CO_NODISCARD;
/* Without a copy: a place for up to *n bytes (at least one), then how many were put there. */
enum co_rc vault_seal_room(
	struct vault_seal *s, void **p, size_t *n, struct co_err *err) CO_NODISCARD;
void vault_seal_used(struct vault_seal *s, size_t n);
/* Durable and named when it returns CO_OK. */
enum co_rc vault_seal_end(
	struct vault_seal *s, struct vault_sums *sums, struct co_err *err) CO_NODISCARD;
void vault_seal_free(struct vault_seal **s); /* removes what was not ended, but what stays */
#define vault_seal_auto CO_CLEANUP(vault_seal_free) struct vault_seal

/* ---- serving ---- */
enum co_rc vault_size(
	struct vault *v, const char *id, uint64_t *sealed_size, struct co_err *err) CO_NODISCARD;
/* A descriptor of the sealed file, read only; the caller closes. */
enum co_rc vault_fd(struct vault *v, const char *id, int *fd, struct co_err *err) CO_NODISCARD;

/* ---- receiving ranges, in any order, restartable ---- */
struct vault_fill;
enum { VAULT_FILL_RANGES = 16 }; /* under way at once */
/* header: the first bytes of the sealed file, as its manifest gives them; content NULL: as it is.
 * CO_EVERIFY: key and header do not belong together. CO_EEXISTS: the exhibit is complete already.
 * CO_EBUSY: another process is receiving it. */
enum co_rc vault_fill_begin(struct vault_fill **out, struct vault *v, const char *id,
	const unsigned char key[CHUNKED_KEY], const unsigned char header[CHUNKED_HEADER],
	uint64_t sealed_size, const struct vault_content *content, struct co_err *err) CO_NODISCARD;
/* The next range that is missing, whole chunks, at most max bytes (at least one chunk); false when
 * nothing is missing, all that is missing is under way, or what is under way shall be hashed first
 * (ask again when a range has ended). Thread-safe. */
bool vault_fill_next(struct vault_fill *f, uint64_t max, uint64_t *from, uint64_t *n);
/* Bytes of a range handed out by vault_fill_next, in order within it. Each chunk is authenticated
 * in the call, written and noted soon after (vault_fill_progress counts what is). CO_EVERIFY: a
 * chunk is not what was sealed. Others: the disk failed, maybe under an earlier range; what it did
 * not take is missing again. After an error: vault_fill_return. Different ranges may be added to by
 * different threads. */
enum co_rc vault_fill_add(struct vault_fill *f, uint64_t at, const void *p, size_t n,
	struct co_err *err) CO_NODISCARD;
void vault_fill_return(
	struct vault_fill *f, uint64_t from, uint64_t n); /* a range that broke off */
void vault_fill_progress(struct vault_fill *f, uint64_t *done, uint64_t *of);
/* Everything landed: checks the digest of the content, makes the file durable, names it. With key
 * and header the digest fixes every byte of the sealed file (docs/protocol.md, section 12).
 * CO_EBUSY: chunks kept from an earlier attempt turned out damaged and are missing again: fetch on.
 * CO_EVERIFY: it is not what the digest says; the partial file is removed. */
enum co_rc vault_fill_end(
	struct vault_fill *f, const char *plain_sha256, struct co_err *err) CO_NODISCARD;
void vault_fill_free(struct vault_fill **f); /* keeps .part and .map for the next attempt */
#define vault_fill_auto CO_CLEANUP(vault_fill_free) struct vault_fill

/* ---- reading back; at any place, or piece by piece: vault/view.h ---- */
typedef enum co_rc vault_sink(void *arg, const void *p, size_t n, struct co_err *err);
/* Plaintext of fd (a sealed file from its start) to sink, every chunk checked, digests returned.
 * content NULL: as it is. CO_EVERIFY also: it is longer or shorter than content says. */
enum co_rc vault_unseal(int fd, const char *id, const unsigned char key[CHUNKED_KEY],
	const struct vault_content *content, vault_sink *sink, void *arg, struct vault_sums *sums,
	struct co_err *err) CO_NODISCARD;
/* CO_ENOSPACE when the disk has less than want bytes and LIMIT_VAULT_RESERVE free. */
enum co_rc vault_room(struct vault *v, uint64_t want, struct co_err *err) CO_NODISCARD;
/* For good: the file's bytes are overwritten and on disk before its name goes, so that what a file
 * system or a device gives back of it is no ciphertext; whether old blocks of a copying file system
 * or of flash survive is beyond a program. *found: something was there. May be called again. */
enum co_rc vault_erase(
	struct vault *v, const char *id, bool *found, struct co_err *err) CO_NODISCARD;
enum co_rc vault_remove(struct vault *v, const char *id, struct co_err *err) CO_NODISCARD;
