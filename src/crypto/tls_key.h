/* An EVP_PKEY whose private half is in the keeper: TLS signs through it. Private to the room; must
 * never be handed to anything but an SSL_CTX. */
#pragma once

#include "crypto/internal.h"

struct keeper;
/* For the public key of leaf (P-256 or P-384). keeper must outlive the key. */
enum co_rc tls_key_remote(
	EVP_PKEY **out, X509 *leaf, struct keeper *keeper, struct co_err *err) CO_NODISCARD;
