/* Sealed content: C2SP chunked-encryption, instantiation Cobblestone-256 (HKDF-Expand with
 * SHA-512, AES-256-GCM, 16 KiB chunks, last chunk always shorter).
 * A context is read-only after creation but owns cipher state: one a thread (chunked_clone). */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	CHUNKED_KEY = 32,
	CHUNKED_SALT = 24,
	CHUNKED_HEADER = 56, /* salt, then 32 bytes of commitment */
	CHUNKED_PLAIN = 16384,
	CHUNKED_TAG = 16,
	CHUNKED_CIPHER = 16384 + 16
};

struct chunked;
void chunked_free(struct chunked **c);
#define chunked_auto CO_CLEANUP(chunked_free) struct chunked

/* For writing: header is filled with a fresh salt and the commitment. */
enum co_rc chunked_new(struct chunked **out, const unsigned char key[CHUNKED_KEY],
	const void *context, size_t context_n, unsigned char header[CHUNKED_HEADER],
	struct co_err *err) CO_NODISCARD;
/* As chunked_new with a given salt: vectors only. */
enum co_rc chunked_new_salted(struct chunked **out, const unsigned char key[CHUNKED_KEY],
	const void *context, size_t context_n, const unsigned char salt[CHUNKED_SALT],
	unsigned char header[CHUNKED_HEADER], struct co_err *err) CO_NODISCARD;
/* For reading: CO_EVERIFY when the commitment does not match key and context. */
enum co_rc chunked_open(struct chunked **out, const unsigned char key[CHUNKED_KEY],
	const void *context, size_t context_n, const unsigned char header[CHUNKED_HEADER],
	struct co_err *err) CO_NODISCARD;
enum co_rc chunked_clone(
	struct chunked **out, const struct chunked *from, struct co_err *err) CO_NODISCARD;

/* n <= CHUNKED_PLAIN; out takes n + CHUNKED_TAG bytes. May work in place. */
enum co_rc chunked_seal(struct chunked *c, uint64_t index, const void *plain, size_t n, void *out,
	struct co_err *err) CO_NODISCARD;
/* n is the sealed length, CHUNKED_TAG..CHUNKED_CIPHER; out takes n - CHUNKED_TAG bytes. */
enum co_rc chunked_unseal(struct chunked *c, uint64_t index, const void *sealed, size_t n,
	void *out, struct co_err *err) CO_NODISCARD;

/* Sealed size of plain bytes; and the reverse, false when no plaintext gives that size. */
uint64_t chunked_sealed_size(uint64_t plain);
bool chunked_plain_size(uint64_t sealed, uint64_t *plain);
