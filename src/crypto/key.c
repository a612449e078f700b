#include "crypto/key.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/limits.h"
#include "crypto/internal.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

/* The passphrase of `comity init` is 256 random bits in a file, so that stretching it adds nothing
 * to its strength; N = 2^12, r = 8 costs about 12 ms and 4 MiB a key, which keeps the start of a
 * node with four keys far under its 200 ms and still slows guesses at a passphrase that an
 * operator chose by hand. */
enum {
	KEY_SCRYPT_N = 4096,
	KEY_SCRYPT_R = 8,
	KEY_SCRYPT_P = 1,
	KEY_SALT = 16,
	KEY_RSA_LEAST = 2048
};

void
key_free(struct key **k)
{
	if (*k == NULL)
		return;
	EVP_PKEY_free((*k)->pkey);
	free(*k);
	*k = NULL;
}

static bool
key_classify(struct key *k)
{
	char group[32] = "";

	if (EVP_PKEY_is_a(k->pkey, "EC")) {
		k->kind = KEY_EC;
		if (EVP_PKEY_get_group_name(k->pkey, group, sizeof(group), NULL) != 1)
			return false;
		if (strcmp(group, "prime256v1") == 0 || strcmp(group, "P-256") == 0)
			k->md = crypto_sha256();
		else if (strcmp(group, "secp384r1") == 0 || strcmp(group, "P-384") == 0)
			k->md = crypto_sha384();
		return k->md != NULL;
	}
	if (EVP_PKEY_is_a(k->pkey, "RSA")) {
		k->kind = KEY_RSA;
		k->md = crypto_sha256();
		return EVP_PKEY_get_bits(k->pkey) >= KEY_RSA_LEAST;
	}
	k->kind = KEY_EDWARDS;
	return EVP_PKEY_is_a(k->pkey, "ED25519") == 1;
}

enum co_rc
key_wrap_take(struct key **out, EVP_PKEY *pkey, const char *where, struct co_err *err)
{
	key_auto *k = calloc(1, sizeof(*k));

	if (k == NULL) {
		EVP_PKEY_free(pkey);
		return co_fail(err, CO_ENOMEM, "key");
	}
	k->pkey = pkey;
	if (!key_classify(k)) {
		struct co_err why = { CO_OK, "" };

		ERR_clear_error();
		(void)!algorithm_key(pkey, ALGORITHM_RECORD, co_now_us(), &why);
		return co_fail(err, CO_ECRYPTO,
			"%s is not a key we use (%s): bring EC P-256, P-384, RSA of 2048 bits or "
			"more, or Ed25519",
			where, why.msg);
	}
	*out = CO_TAKE(k);
	return CO_OK;
}

enum co_rc
key_generate(struct key **out, enum key_type type, struct co_err *err)
{
	EVP_PKEY *pkey = NULL;

	switch (type) {
	case KEY_P256: pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"); break;
	case KEY_P384: pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384"); break;
	case KEY_RSA3072: pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)3072); break;
	case KEY_ED25519: pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"); break;
	}
	if (pkey == NULL)
		return crypto_fail(err, CO_ECRYPTO, "make a new key");
	return key_wrap_take(out, pkey, "the new key", err);
}

static int
key_passphrase(char *buf, int size, int rwflag, void *arg)
{
	const char *secret = arg;
	size_t n;

	(void)rwflag;
	if (secret == NULL)
		return -1;
	n = strlen(secret);
	if (size < 0 || n > (size_t)size)
		return -1;
	memcpy(buf, secret, n);
	return (int)n;
}

static enum co_rc
key_load_file(EVP_PKEY **out, const char *path, const char *secret, struct co_err *err)
{
	/* The callback only reads through it. */
	void *arg = (void *)(uintptr_t)secret;
	co_auto_buf b;
	auto_bio *in = NULL;
	EVP_PKEY *pkey;
	enum co_rc rc;

	co_buf_init(&b, LIMIT_KEYFILE);
	rc = co_read_file(path, &b, err);
	if (rc != CO_OK)
		return co_wrap(err, "private key");
	in = BIO_new_mem_buf(b.data, (int)b.len);
	ERR_clear_error();
	pkey = in == NULL ? NULL : PEM_read_bio_PrivateKey(in, NULL, key_passphrase, arg);
	crypto_wipe(b.data, b.len);
	if (pkey == NULL)
		return crypto_fail(
			err, CO_ECRYPTO, "open private key %s (wrong passphrase?)", path);
	*out = pkey;
	return CO_OK;
}

enum co_rc
key_load(struct key **out, const char *where, const char *secret, struct co_err *err)
{
	bool in_module = strncmp(where, "pkcs11:", 7) == 0;
	EVP_PKEY *pkey = NULL;
	key_auto *k = NULL;
	enum co_rc rc;

	rc = in_module ? key_pkcs11_open(&pkey, where, secret, err)
		       : key_load_file(&pkey, where, secret, err);
	if (rc == CO_OK)
		rc = key_wrap_take(&k, pkey, where, err);
	if (rc != CO_OK)
		return rc;
	k->in_module = in_module;
	*out = CO_TAKE(k);
	return CO_OK;
}

/* Encrypted PKCS#8 of k; the caller frees. NULL: see the error queue. */
static X509_SIG *
key_encrypt(const struct key *k, const char *secret)
{
	unsigned char salt[KEY_SALT];
	PKCS8_PRIV_KEY_INFO *plain = EVP_PKEY2PKCS8(k->pkey);
	X509_ALGOR *pbe;
	X509_SIG *sealed = NULL;

	crypto_random(salt, sizeof(salt));
	pbe = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), salt, sizeof(salt), NULL, KEY_SCRYPT_N,
		KEY_SCRYPT_R, KEY_SCRYPT_P);
	if (plain != NULL && pbe != NULL)
		sealed = PKCS8_set0_pbe(secret, (int)strlen(secret), plain, pbe);
	if (sealed == NULL)
		X509_ALGOR_free(pbe);
	PKCS8_PRIV_KEY_INFO_free(plain); /* cleanses the key in it */
	return sealed;
}

enum co_rc
key_save(const struct key *k, const char *path, const char *secret, struct co_err *err)
{
	auto_bio *out = BIO_new(BIO_s_mem());
	X509_SIG *sealed;
	char *p = NULL;
	long n;
	bool ok;

	if (secret == NULL || secret[0] == '\0')
		return co_fail(
			err, CO_EUSAGE, "a key is never stored without a passphrase: %s", path);
	if (k->in_module)
		return co_fail(err, CO_EUSAGE, "a key in a PKCS#11 module stays there: %s", path);
	ERR_clear_error();
	sealed = key_encrypt(k, secret);
	ok = out != NULL && sealed != NULL && PEM_write_bio_PKCS8(out, sealed) == 1;
	X509_SIG_free(sealed);
	if (!ok)
		return crypto_fail(err, CO_ECRYPTO, "encrypt the key for %s", path);
	n = BIO_get_mem_data(out, &p);
	return co_write_file(path, p, (size_t)n, 0600, err);
}

enum co_rc
ed25519_public(const struct key *k, unsigned char out[ED25519_PUB], struct co_err *err)
{
	unsigned char pub[ED25519_PUB];
	size_t n = sizeof(pub);

	if (k->kind != KEY_EDWARDS)
		return co_fail(err, CO_EUSAGE, "the ledger needs an Ed25519 key");
	if (EVP_PKEY_get_raw_public_key(k->pkey, pub, &n) != 1 || n != sizeof(pub))
		return crypto_fail(err, CO_ECRYPTO, "read the public key");
	memcpy(out, pub, sizeof(pub));
	return CO_OK;
}

enum co_rc
ed25519_sign(const struct key *k, const void *p, size_t n, unsigned char out[ED25519_SIG],
	struct co_err *err)
{
	auto_md_ctx *ctx = EVP_MD_CTX_new();
	unsigned char sig[ED25519_SIG];
	size_t sig_n = sizeof(sig);

	if (k->kind != KEY_EDWARDS)
		return co_fail(err, CO_EUSAGE, "the ledger needs an Ed25519 key");
	if (ctx == NULL || EVP_DigestSignInit(ctx, NULL, NULL, NULL, k->pkey) != 1 ||
		EVP_DigestSign(ctx, sig, &sig_n, p, n) != 1 || sig_n != sizeof(sig))
		return crypto_fail(err, CO_ECRYPTO, "sign with Ed25519");
	memcpy(out, sig, sizeof(sig));
	return CO_OK;
}

bool
ed25519_verify(const unsigned char pub[ED25519_PUB], const void *p, size_t n,
	const unsigned char sig[ED25519_SIG])
{
	auto_pkey *pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, pub, ED25519_PUB);
	auto_md_ctx *ctx = EVP_MD_CTX_new();
	bool ok = pkey != NULL && ctx != NULL &&
		EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) == 1 &&
		EVP_DigestVerify(ctx, sig, ED25519_SIG, p, n) == 1;

	if (!ok)
		ERR_clear_error();
	return ok;
}

static const EVP_MD *
key_digest_of_size(size_t n)
{
	if (n == 48)
		return crypto_sha384();
	return n == 32 ? crypto_sha256() : n == 64 ? crypto_sha512() : NULL;
}

static bool
key_choose_pss(EVP_PKEY_CTX *ctx)
{
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
		EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1;
}

enum co_rc
key_sign_digest(const struct key *k, const void *digest, size_t n, struct co_buf *out,
	struct co_err *err)
{
	const EVP_MD *md = key_digest_of_size(n);
	auto_pkey_ctx *ctx = NULL;
	char *at;
	size_t sig_n;
	enum co_rc rc;

	if (md == NULL || k->kind == KEY_EDWARDS)
		return co_fail(err, CO_EUSAGE, "this key cannot sign a digest of %zu bytes", n);
	ERR_clear_error();
	ctx = EVP_PKEY_CTX_new(k->pkey, NULL);
	/* ECDSA takes a digest for what it is; naming the algorithm would look it up each time. */
	if (ctx == NULL || EVP_PKEY_sign_init(ctx) != 1 ||
		((k->kind == KEY_RSA || k->in_module) &&
			EVP_PKEY_CTX_set_signature_md(ctx, md) != 1) ||
		(k->kind == KEY_RSA && !key_choose_pss(ctx)) ||
		EVP_PKEY_sign(ctx, NULL, &sig_n, digest, n) != 1)
		return crypto_fail(err, CO_ECRYPTO, "prepare a signature");
	rc = co_buf_reserve(out, sig_n, &at, err);
	if (rc != CO_OK)
		return rc;
	if (EVP_PKEY_sign(ctx, (unsigned char *)at, &sig_n, digest, n) != 1)
		return crypto_fail(err, CO_ECRYPTO, "sign a digest");
	out->len += sig_n;
	out->data[out->len] = '\0';
	return CO_OK;
}
