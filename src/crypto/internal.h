/* Shared by the files of room crypto only; the one header here that shows OpenSSL types.
 * Never include it from another room. */
#pragma once

#include "base/buf.h"
#include "base/cursor.h"
#include "crypto/algorithm.h"
#include "crypto/cert.h"
#include "crypto/digest.h"
#include "crypto/key.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdatomic.h>

/* co_fail with the deepest reason of OpenSSL's error queue appended; empties the queue.
 * An allocation failure inside the library is reported as CO_ENOMEM. */
enum co_rc crypto_fail(struct co_err *err, enum co_rc rc, const char *fmt, ...) CO_PRINTF(3, 4);

enum key_kind { KEY_EC, KEY_RSA, KEY_EDWARDS };
struct key {
	EVP_PKEY *pkey;
	enum key_kind kind;
	const EVP_MD *md; /* what it signs with; NULL for Ed25519 */
	bool in_module;   /* PKCS#11: only the public half is in this process */
};
/* Takes pkey over, also on failure; refuses types and strengths we do not use. */
enum co_rc key_wrap_take(struct key **out, EVP_PKEY *pkey, const char *where, struct co_err *err)
	CO_NODISCARD;
/* key_pkcs11.c: the private key that a "pkcs11:" URI names. */
enum co_rc key_pkcs11_open(EVP_PKEY **out, const char *uri, const char *pin, struct co_err *err)
	CO_NODISCARD;

struct cms_known;
struct cert {
	X509 *x;             /* extension cache filled at creation: read-only, so thread-safe */
	unsigned char *der;
	size_t der_n;
	char *subject;
	int64_t from_us, to_us;
	unsigned char sha256[SHA256_LEN];
	_Atomic unsigned refs;
	_Atomic(struct cms_known *) known; /* cms_known.c; NULL until a signature was accepted */
};
/* NULL allowed. */
void cms_known_free(struct cms_known *k);
/* Takes x over, also on failure. */
enum co_rc cert_wrap_take(struct cert **out, X509 *x, struct co_err *err) CO_NODISCARD;

/* algorithm_x509.c: the table of algorithms for what the library knows by number. */
enum co_rc algorithm_digest(
	int nid, enum algorithm_use use, int64_t at_us, struct co_err *err) CO_NODISCARD;
enum co_rc algorithm_signature(
	int nid, enum algorithm_use use, int64_t at_us, struct co_err *err) CO_NODISCARD;
enum co_rc algorithm_key(
	EVP_PKEY *key, enum algorithm_use use, int64_t at_us, struct co_err *err) CO_NODISCARD;
/* Key and signature of a certificate; of an anchor its key alone. */
enum co_rc algorithm_cert(X509 *x, bool anchor, int64_t at_us, struct co_err *err) CO_NODISCARD;

/* Identifier octets, X.690 8.1.2. */
enum {
	DER_INTEGER = 0x02,
	DER_OCTETS = 0x04,
	DER_OID = 0x06,
	DER_UTCTIME = 0x17,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT_0 = 0xa0,
	DER_CONSTRUCTED = 0x20
};
/* Exactly one DER value: definite and minimal lengths all the way down, universal types in the one
 * form they have, nothing after it. */
bool der_is_strict(const void *p, size_t n);
struct der_value {
	unsigned tag; /* the identifier octet */
	const unsigned char *whole, *body;
	size_t whole_n, body_n;
};
/* The next value of c; false and c->bad at the end or when it is not what der_is_strict wants. */
bool der_next(struct co_cursor *c, struct der_value *v);
/* The same, and its identifier octet must be tag. */
bool der_want(struct co_cursor *c, unsigned tag, struct der_value *v);
/* Writes the head of a value before at, returns where it begins; at most DER_HEAD bytes. */
enum { DER_HEAD = 6 };
unsigned char *der_head_before(unsigned char *at, unsigned tag, size_t body_n);
/* The unwritten rest of a memory BIO, appended to out. */
enum co_rc crypto_bio_add(struct co_buf *out, BIO *b, struct co_err *err) CO_NODISCARD;
/* A PEM or key reader must never ask at the terminal. */
int crypto_no_password(char *buf, int size, int rwflag, void *arg);

/* Fetched once: a fetch by name costs more than hashing a small record. */
const EVP_MD *crypto_sha256(void);
const EVP_MD *crypto_sha384(void);
const EVP_MD *crypto_sha512(void);

#define CRYPTO_CLEANUP(name, type, fn)                                        \
	static inline void crypto_cleanup_##name(type **p) { fn(*p); }
CRYPTO_CLEANUP(bio, BIO, BIO_free_all)
CRYPTO_CLEANUP(x509, X509, X509_free)
CRYPTO_CLEANUP(pkey, EVP_PKEY, EVP_PKEY_free)
CRYPTO_CLEANUP(pkey_ctx, EVP_PKEY_CTX, EVP_PKEY_CTX_free)
CRYPTO_CLEANUP(md_ctx, EVP_MD_CTX, EVP_MD_CTX_free)
#define auto_bio CO_CLEANUP(crypto_cleanup_bio) BIO
#define auto_x509 CO_CLEANUP(crypto_cleanup_x509) X509
#define auto_pkey CO_CLEANUP(crypto_cleanup_pkey) EVP_PKEY
#define auto_pkey_ctx CO_CLEANUP(crypto_cleanup_pkey_ctx) EVP_PKEY_CTX
#define auto_md_ctx CO_CLEANUP(crypto_cleanup_md_ctx) EVP_MD_CTX
