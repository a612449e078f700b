/* Digests: SHA-256 everywhere, SHA-512 where asked (FIPS 180-4). SHA-1 and MD5 (RFC 1321) only
 * beside SHA-256, for courts whose forms name them: nothing here is ever judged by them.
 * The room crypto is the only user of OpenSSL; no other room includes its headers. */
#pragma once

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum { SHA256_LEN = 32, SHA512_LEN = 64, SHA256_HEX = 64, SHA512_HEX = 128 };

/* One shot; cannot fail (aborts if the library has no SHA-256). */
void sha256(const void *p, size_t n, unsigned char out[SHA256_LEN]);
void sha512(const void *p, size_t n, unsigned char out[SHA512_LEN]);
void sha256_hex(const void *p, size_t n, char out[SHA256_HEX + 1]);

/* A fingerprint as people copy it: with blanks, colons and capitals, or after the "=" of what
 * openssl prints; false unless that leaves 64 hexadecimal digits. out: in small letters. */
bool sha256_hex_read(const char *text, char out[SHA256_HEX + 1]);

/* HMAC-SHA256, RFC 2104; one shot, cannot fail. */
void hmac_sha256(
	const void *key, size_t key_n, const void *p, size_t n, unsigned char out[SHA256_LEN]);

enum digest_kind { DIGEST_SHA256, DIGEST_SHA512, DIGEST_SHA1, DIGEST_MD5, DIGEST_N };
const char *digest_name(enum digest_kind k); /* "sha256" */
size_t digest_len(enum digest_kind k);       /* in bytes */

struct digest;
/* CO_ECRYPTO: this OpenSSL does not offer it (MD5 under FIPS). */
enum co_rc digest_new(struct digest **out, enum digest_kind k, struct co_err *err) CO_NODISCARD;
/* By the name that BagIt gives it: md5, sha1, sha224, sha256, sha384, sha512. Other people's lists
 * only: what we write is SHA-256. digest_known: its bytes; 0 for others. */
size_t digest_known(const char *name);
enum co_rc digest_by_name(struct digest **out, const char *name, struct co_err *err) CO_NODISCARD;
void digest_free(struct digest **d);
void digest_add(struct digest *d, const void *p, size_t n);
co_sink digest_sink; /* digest_add; arg: struct digest */
/* Finish; the object can only be freed afterwards. */
void digest_end(struct digest *d, unsigned char *out);
/* What digest_end would give now; the object goes on. */
void digest_peek(const struct digest *d, unsigned char *out);
#define digest_auto CO_CLEANUP(digest_free) struct digest

void crypto_random(void *p, size_t n);                     /* aborts if the kernel gives none */
void crypto_wipe(void *p, size_t n);                       /* not optimised away */
bool crypto_equal(const void *a, const void *b, size_t n); /* constant time */
