/* An EVP_PKEY whose private half is in the keeper: TLS signs through it. Private to the room; must
 * never be handed to anything but an SSL_CTX. */
#pragma once

#include "crypto/internal.h"

struct keeper;
struct tls_remote {
	struct keeper *keeper;
	unsigned char leaf[SHA256_LEN]; /* fingerprint of the certificate */
};
/* For the public key of leaf (P-256 or P-384). at must outlive the key. */
enum co_rc tls_key_remote(EVP_PKEY **out, X509 *leaf, struct tls_remote *at,
	struct co_err *err) CO_NODISCARD;
