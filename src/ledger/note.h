/* C2SP signed notes, checkpoints and proofs as text. Pure. */
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

/* "<name>+<hex id>+<base64(0x01 || key)>" */
enum co_rc vkey_print(const char *name, const unsigned char pub[ED25519_PUB], struct co_buf *out,
	struct co_err *err) CO_NODISCARD;
enum co_rc vkey_parse(const char *vkey, char name[LIMIT_NAME + 1], unsigned char pub[ED25519_PUB],
	struct co_err *err) CO_NODISCARD;

enum co_rc checkpoint_body(const struct checkpoint *c, struct co_buf *out, struct co_err *err) CO_NODISCARD;
/* body + blank line + signature line. */
enum co_rc note_sign_line(const char *name, const unsigned char pub[ED25519_PUB],
	const unsigned char sig[ED25519_SIG], struct co_buf *out, struct co_err *err) CO_NODISCARD;
/* Verifies the note against vkey and returns the checkpoint. CO_EVERIFY when the known key's
 * signature is missing or wrong. */
enum co_rc checkpoint_open(const char *note, size_t n, const char *vkey, struct checkpoint *out,
	struct co_err *err) CO_NODISCARD;

/* c2sp.org/tlog-proof@v1; extra may be NULL. */
enum co_rc proof_print(uint64_t index, const struct hash *proof, size_t proof_n, const void *extra,
	size_t extra_n, const char *note, size_t note_n, struct co_buf *out, struct co_err *err) CO_NODISCARD;
struct proof {
	uint64_t index;
	struct hash hashes[LIMIT_PROOF_HASHES];
	size_t hashes_n;
	unsigned char extra[256];
	size_t extra_n;
	size_t note_at; /* offset of the checkpoint in the text */
};
enum co_rc proof_parse(struct proof *out, const char *text, size_t n, struct co_err *err) CO_NODISCARD;
