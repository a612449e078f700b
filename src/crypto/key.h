/* Private keys. Only the keeper process and `comity init` hold one.
 * At rest: encrypted PKCS#8 PEM (PBES2, scrypt, AES-256-CBC), or a PKCS#11 object named by
 * URI (RFC 7512), or a plain passphrase-protected PEM brought by the operator. */
#pragma once

#include "base/buf.h"

enum key_type { KEY_P256, KEY_P384, KEY_RSA3072, KEY_ED25519 };

struct key;
void key_free(struct key **k);
#define key_auto CO_CLEANUP(key_free) struct key

enum co_rc key_generate(struct key **out, enum key_type type, struct co_err *err) CO_NODISCARD;
/* where: a path, or "pkcs11:token=..;object=..?module-path=/usr/lib/..so" (without module-path the
 * engine's own default); secret: the passphrase or the PIN (may be NULL for none). */
enum co_rc key_load(struct key **out, const char *where, const char *secret, struct co_err *err)
	CO_NODISCARD;
/* Durable, mode 0600, always encrypted. */
enum co_rc key_save(const struct key *k, const char *path, const char *secret, struct co_err *err)
	CO_NODISCARD;

enum { ED25519_PUB = 32, ED25519_SIG = 64 };
enum co_rc ed25519_public(const struct key *k, unsigned char out[ED25519_PUB], struct co_err *err)
	CO_NODISCARD;
enum co_rc ed25519_sign(const struct key *k, const void *p, size_t n,
	unsigned char out[ED25519_SIG], struct co_err *err) CO_NODISCARD;
bool ed25519_verify(const unsigned char pub[ED25519_PUB], const void *p, size_t n,
	const unsigned char sig[ED25519_SIG]);
/* Signature over a ready digest, as TLS asks for it (ECDSA DER or RSA-PSS). */
enum co_rc key_sign_digest(const struct key *k, const void *digest, size_t n, struct co_buf *out,
	struct co_err *err) CO_NODISCARD;
