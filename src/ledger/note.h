/* Signed notes, verifier keys, checkpoints and proofs as text. Pure: no store, no keys, no clock.
 * Nothing of a note may be believed before note_open or checkpoint_open has accepted it.
 * Formats: c2sp.org signed-note, tlog-checkpoint, tlog-proof@v1. */
#pragma once

#include "base/buf.h"
#include "base/limits.h"
#include "crypto/key.h"
#include "ledger/merkle.h"

struct checkpoint {
	char origin[LIMIT_NAME + 1];
	uint64_t size;
	struct hash root;
};

/* "<name>+<hex id>+<base64(0x01 || key)>", appended. */
enum co_rc vkey_print(const char *name, const unsigned char pub[ED25519_PUB], struct co_buf *out,
	struct co_err *err) CO_NODISCARD;
enum co_rc vkey_parse(const char *vkey, char name[LIMIT_NAME + 1], unsigned char pub[ED25519_PUB],
	struct co_err *err) CO_NODISCARD;

/* What is signed: a note is this body, an empty line, and signature lines. */
enum co_rc checkpoint_body(
	const struct checkpoint *c, struct co_buf *out, struct co_err *err) CO_NODISCARD;
/* One signature line, appended: "\u2014 <name> <base64(id || sig)>". */
enum co_rc note_sign_line(const char *name, const unsigned char pub[ED25519_PUB],
	const unsigned char sig[ED25519_SIG], struct co_buf *out, struct co_err *err) CO_NODISCARD;
/* CO_EVERIFY when vkey's signature is missing or wrong; *body_n: the signed bytes of the note. */
enum co_rc note_open(const char *note, size_t n, const char *vkey, size_t *body_n,
	struct co_err *err) CO_NODISCARD;
/* Unverified. Extension lines are skipped; *out is written only on success. */
enum co_rc checkpoint_parse(
	const char *body, size_t n, struct checkpoint *out, struct co_err *err) CO_NODISCARD;
/* Both; and the origin must be the key's name, so that no key can speak for another ledger. */
enum co_rc checkpoint_open(const char *note, size_t n, const char *vkey, struct checkpoint *out,
	struct co_err *err) CO_NODISCARD;

/* c2sp.org/tlog-proof@v1; extra may be NULL. */
enum co_rc proof_print(uint64_t index, const struct hash *proof, size_t proof_n, const void *extra,
	size_t extra_n, const char *note, size_t note_n, struct co_buf *out,
	struct co_err *err) CO_NODISCARD;
struct proof {
	uint64_t index;
	struct hash hashes[LIMIT_PROOF_HASHES];
	size_t hashes_n;
	unsigned char extra[256];
	size_t extra_n;
	size_t note_at; /* offset of the checkpoint in the text */
};
enum co_rc proof_parse(
	struct proof *out, const char *text, size_t n, struct co_err *err) CO_NODISCARD;
