/* Shared by the files of room crypto only; the one header here that shows OpenSSL types.
 * Never include it from another room. */
#pragma once

#include "base/buf.h"
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

/* Fetched once: a fetch by name costs more than hashing a small record. */
const EVP_MD *crypto_sha256(void);
const EVP_MD *crypto_sha512(void);

static inline void
crypto_cleanup_bio(BIO **b)
{
	BIO_free_all(*b);
}
#define auto_bio CO_CLEANUP(crypto_cleanup_bio) BIO
