/* Content of a sealed exhibit at any place, without taking it out of its seal: what is asked for is
 * decrypted and authenticated, decompressed where it was compressed, and nothing else. Must never
 * write, nor keep plaintext beyond a few blocks. Not thread-safe.
 * Format: crypto/chunked.h, vault/coding.h. */
#pragma once

#include "vault/vault.h"

struct vault_view;
/* content: what the manifest says. CO_EVERIFY: the key is not that of the file, or it was changed.
 * CO_EREFUSED: it was compressed without a seek table. */
enum co_rc vault_view_open(struct vault_view **out, struct vault *v, const char *id,
	const unsigned char key[CHUNKED_KEY], const struct vault_content *content,
	struct co_err *err) CO_NODISCARD;
void vault_view_close(struct vault_view **r);
#define vault_view_auto CO_CLEANUP(vault_view_close) struct vault_view
uint64_t vault_view_size(const struct vault_view *r);
/* n bytes from at on, which lie within the size. CO_EVERIFY names the chunk that was changed. */
enum co_rc vault_view_get(struct vault_view *r, void *p, size_t n, uint64_t at,
	struct co_err *err) CO_NODISCARD;
