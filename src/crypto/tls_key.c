/* The remote TLS key. OpenSSL 3.0 has no small way to sign elsewhere but a provider of one's own;
 * an EC_KEY with a foreign method does the same in fifty lines: EVP sees that the method is not
 * its own, leaves the key to the old path, and calls sign_sig below. Deprecated calls, this file
 * only; docs/decisions/0003-remote-tls-key.md. */
#include "crypto/tls_key.h"

#include "base/log.h"
#include "crypto/keeper.h"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <pthread.h>
#include <string.h>

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

enum { TLS_SIGNATURE_MAX = 512 };

static pthread_once_t tls_key_once = PTHREAD_ONCE_INIT;
static EC_KEY_METHOD *tls_key_method;
static int tls_key_index = -1;

static int
tls_key_sign_setup(EC_KEY *ec, BN_CTX *ctx, BIGNUM **kinv, BIGNUM **r)
{
	(void)ec;
	(void)ctx;
	(void)kinv;
	(void)r;
	return 1; /* the keeper chooses its own nonce */
}

static int
keeper_signature(EC_KEY *ec, const unsigned char *digest, int n, struct co_buf *sig)
{
	const struct tls_remote *at = EC_KEY_get_ex_data(ec, tls_key_index);
	struct co_err err = { 0 };

	if (at == NULL || n < 0)
		return 0;
	if (keeper_tls_sign(at->keeper, at->leaf, digest, (size_t)n, sig, &err) != CO_OK) {
		co_error("tls", "the keeper did not sign a handshake: %s", err.msg);
		return 0;
	}
	return 1;
}

static ECDSA_SIG *
tls_key_sign_sig(
	const unsigned char *digest, int n, const BIGNUM *kinv, const BIGNUM *r, EC_KEY *ec)
{
	const unsigned char *at;
	ECDSA_SIG *out = NULL;
	co_auto_buf sig;

	(void)kinv;
	(void)r;
	co_buf_init(&sig, TLS_SIGNATURE_MAX);
	if (keeper_signature(ec, digest, n, &sig)) {
		at = (const unsigned char *)sig.data;
		out = d2i_ECDSA_SIG(NULL, &at, (long)sig.len);
	}
	return out;
}

static int
tls_key_sign(int type, const unsigned char *digest, int n, unsigned char *out, unsigned int *out_n,
	const BIGNUM *kinv, const BIGNUM *r, EC_KEY *ec)
{
	co_auto_buf sig;

	(void)type;
	(void)kinv;
	(void)r;
	co_buf_init(&sig, TLS_SIGNATURE_MAX);
	if (!keeper_signature(ec, digest, n, &sig) || sig.len > (size_t)ECDSA_size(ec))
		return 0;
	memcpy(out, sig.data, sig.len);
	*out_n = (unsigned int)sig.len;
	return 1;
}

static void
tls_key_setup(void)
{
	tls_key_method = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
	tls_key_index = EC_KEY_get_ex_new_index(0, NULL, NULL, NULL, NULL);
	if (tls_key_method == NULL || tls_key_index < 0)
		abort(); /* at start only */
	EC_KEY_METHOD_set_sign(tls_key_method, tls_key_sign, tls_key_sign_setup, tls_key_sign_sig);
}

enum co_rc
tls_key_remote(EVP_PKEY **out, X509 *leaf, struct tls_remote *at, struct co_err *err)
{
	EVP_PKEY *public = X509_get0_pubkey(leaf), *key = EVP_PKEY_new();
	EC_KEY *have = NULL, *ec = NULL;

	(void)pthread_once(&tls_key_once, tls_key_setup);
	if (public != NULL && EVP_PKEY_get_base_id(public) == EVP_PKEY_EC)
		have = EVP_PKEY_get1_EC_KEY(public);
	if (have == NULL) {
		EVP_PKEY_free(key);
		return crypto_fail(err, CO_ECERT,
			"the TLS certificate's key must be ECDSA P-256 or P-384; seal keys may be "
			"RSA");
	}
	ec = EC_KEY_dup(have);
	EC_KEY_free(have);
	if (ec == NULL || key == NULL || EC_KEY_set_method(ec, tls_key_method) != 1 ||
		EC_KEY_set_ex_data(ec, tls_key_index, at) != 1 ||
		EVP_PKEY_assign_EC_KEY(key, ec) != 1) {
		EC_KEY_free(ec);
		EVP_PKEY_free(key);
		return crypto_fail(err, CO_ENOMEM, "the remote TLS key");
	}
	*out = key;
	return CO_OK;
}
