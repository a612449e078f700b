#include "crypto/chunked.h"

#include "crypto/internal.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <string.h>

enum {
	CHUNKED_NONCE = 12,
	CHUNKED_COMMITMENT = 32,
	CHUNKED_DERIVED = CHUNKED_KEY + CHUNKED_NONCE + CHUNKED_COMMITMENT,
	/* Ours is a 36-byte id; OpenSSL's HKDF takes at most 1024 bytes of info in all. */
	CHUNKED_CONTEXT = 512
};
#define CHUNKED_MAX_CHUNKS (UINT64_C(1) << 38)

/* The terminating NUL belongs to the info. */
static const char chunked_label[] = "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM";

struct chunked {
	EVP_CIPHER_CTX *seal, *unseal; /* keyed once; each chunk sets only its nonce */
	unsigned char key[CHUNKED_KEY];
	unsigned char nonce[CHUNKED_NONCE];
};

void
chunked_free(struct chunked **c)
{
	if (*c == NULL)
		return;
	EVP_CIPHER_CTX_free((*c)->seal);
	EVP_CIPHER_CTX_free((*c)->unseal);
	crypto_wipe(*c, sizeof(**c));
	free(*c);
	*c = NULL;
}

static enum co_rc
chunked_derive(unsigned char out[CHUNKED_DERIVED], const unsigned char key[CHUNKED_KEY],
	const unsigned char salt[CHUNKED_SALT], const void *context, size_t context_n,
	struct co_err *err)
{
	unsigned char info[sizeof(chunked_label) + CHUNKED_SALT + CHUNKED_CONTEXT];
	unsigned char prk[CHUNKED_KEY];
	char hash[] = "SHA512", mode[] = "EXPAND_ONLY";
	size_t n = sizeof(chunked_label);
	EVP_KDF_CTX *ctx = NULL;
	OSSL_PARAM params[5];
	EVP_KDF *kdf;
	bool ok;

	if (context_n > CHUNKED_CONTEXT)
		return co_fail(err, CO_ETOOBIG, "sealing context of %zu bytes", context_n);
	memcpy(info, chunked_label, n);
	memcpy(info + n, salt, CHUNKED_SALT);
	n += CHUNKED_SALT;
	if (context_n > 0)
		memcpy(info + n, context, context_n);
	n += context_n;
	memcpy(prk, key, sizeof(prk));
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, hash, 0);
	params[1] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MODE, mode, 0);
	params[2] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, prk, sizeof(prk));
	params[3] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, n);
	params[4] = OSSL_PARAM_construct_end();
	kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	if (kdf != NULL)
		ctx = EVP_KDF_CTX_new(kdf);
	ok = ctx != NULL && EVP_KDF_derive(ctx, out, CHUNKED_DERIVED, params) == 1;
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	crypto_wipe(prk, sizeof(prk));
	if (!ok)
		return crypto_fail(err, CO_ECRYPTO, "derive the content key");
	return CO_OK;
}

static enum co_rc
chunked_key_up(struct chunked *c, struct co_err *err)
{
	EVP_CIPHER *gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	bool ok;

	c->seal = EVP_CIPHER_CTX_new();
	c->unseal = EVP_CIPHER_CTX_new();
	ok = gcm != NULL && c->seal != NULL && c->unseal != NULL &&
		EVP_EncryptInit_ex2(c->seal, gcm, c->key, NULL, NULL) == 1 &&
		EVP_DecryptInit_ex2(c->unseal, gcm, c->key, NULL, NULL) == 1;
	EVP_CIPHER_free(gcm);
	if (!ok)
		return crypto_fail(err, CO_ECRYPTO, "prepare AES-256-GCM");
	return CO_OK;
}

/* commitment: 32 bytes out. */
static enum co_rc
chunked_make(struct chunked **out, const unsigned char key[CHUNKED_KEY],
	const unsigned char salt[CHUNKED_SALT], const void *context, size_t context_n,
	unsigned char commitment[CHUNKED_COMMITMENT], struct co_err *err)
{
	chunked_auto *c = calloc(1, sizeof(*c));
	unsigned char derived[CHUNKED_DERIVED];
	enum co_rc rc;

	if (c == NULL)
		return co_fail(err, CO_ENOMEM, "sealing state");
	rc = chunked_derive(derived, key, salt, context, context_n, err);
	if (rc != CO_OK)
		return rc;
	memcpy(c->key, derived, CHUNKED_KEY);
	memcpy(c->nonce, derived + CHUNKED_KEY, CHUNKED_NONCE);
	memcpy(commitment, derived + CHUNKED_KEY + CHUNKED_NONCE, CHUNKED_COMMITMENT);
	crypto_wipe(derived, sizeof(derived));
	rc = chunked_key_up(c, err);
	if (rc == CO_OK)
		*out = CO_TAKE(c);
	return rc;
}

enum co_rc
chunked_new_salted(struct chunked **out, const unsigned char key[CHUNKED_KEY], const void *context,
	size_t context_n, const unsigned char salt[CHUNKED_SALT],
	unsigned char header[CHUNKED_HEADER], struct co_err *err)
{
	unsigned char whole[CHUNKED_HEADER];
	enum co_rc rc;

	memcpy(whole, salt, CHUNKED_SALT);
	rc = chunked_make(out, key, salt, context, context_n, whole + CHUNKED_SALT, err);
	if (rc == CO_OK)
		memcpy(header, whole, sizeof(whole));
	return rc;
}

enum co_rc
chunked_new(struct chunked **out, const unsigned char key[CHUNKED_KEY], const void *context,
	size_t context_n, unsigned char header[CHUNKED_HEADER], struct co_err *err)
{
	unsigned char salt[CHUNKED_SALT];

	crypto_random(salt, sizeof(salt));
	return chunked_new_salted(out, key, context, context_n, salt, header, err);
}

enum co_rc
chunked_open(struct chunked **out, const unsigned char key[CHUNKED_KEY], const void *context,
	size_t context_n, const unsigned char header[CHUNKED_HEADER], struct co_err *err)
{
	unsigned char commitment[CHUNKED_COMMITMENT];
	chunked_auto *c = NULL;
	enum co_rc rc;

	rc = chunked_make(&c, key, header, context, context_n, commitment, err);
	if (rc != CO_OK)
		return rc;
	if (!crypto_equal(commitment, header + CHUNKED_SALT, sizeof(commitment)))
		return co_fail(err, CO_EVERIFY,
			"the sealed content was not made with this key for this exhibit");
	*out = CO_TAKE(c);
	return CO_OK;
}

enum co_rc
chunked_clone(struct chunked **out, const struct chunked *from, struct co_err *err)
{
	chunked_auto *c = calloc(1, sizeof(*c));
	enum co_rc rc;

	if (c == NULL)
		return co_fail(err, CO_ENOMEM, "sealing state");
	memcpy(c->key, from->key, sizeof(c->key));
	memcpy(c->nonce, from->nonce, sizeof(c->nonce));
	rc = chunked_key_up(c, err);
	if (rc == CO_OK)
		*out = CO_TAKE(c);
	return rc;
}

static enum co_rc
chunked_nonce(const struct chunked *c, uint64_t index, unsigned char out[CHUNKED_NONCE],
	struct co_err *err)
{
	if (index >= CHUNKED_MAX_CHUNKS)
		return co_fail(err, CO_ETOOBIG, "sealed content ends at 4 PiB");
	memcpy(out, c->nonce, CHUNKED_NONCE);
	for (unsigned i = 0; i < 5; i++)
		out[CHUNKED_NONCE - 1 - i] ^= (unsigned char)(index >> (8 * i));
	return CO_OK;
}

enum co_rc
chunked_seal(struct chunked *c, uint64_t index, const void *plain, size_t n, void *out,
	struct co_err *err)
{
	unsigned char nonce[CHUNKED_NONCE], *at = out;
	int got = 0, end = 0;
	enum co_rc rc;

	if (n > CHUNKED_PLAIN)
		return co_fail(err, CO_EUSAGE, "chunk of %zu bytes", n);
	rc = chunked_nonce(c, index, nonce, err);
	if (rc != CO_OK)
		return rc;
	if (EVP_EncryptInit_ex2(c->seal, NULL, NULL, nonce, NULL) != 1 ||
		(n > 0 && EVP_EncryptUpdate(c->seal, at, &got, plain, (int)n) != 1) ||
		EVP_EncryptFinal_ex(c->seal, at + got, &end) != 1 ||
		EVP_CIPHER_CTX_ctrl(c->seal, EVP_CTRL_AEAD_GET_TAG, CHUNKED_TAG, at + n) != 1)
		return crypto_fail(err, CO_ECRYPTO, "seal chunk %llu", (unsigned long long)index);
	return CO_OK;
}

enum co_rc
chunked_unseal(struct chunked *c, uint64_t index, const void *sealed, size_t n, void *out,
	struct co_err *err)
{
	unsigned char nonce[CHUNKED_NONCE], tag[CHUNKED_TAG], *at = out;
	int got = 0, end = 0;
	size_t plain_n;
	enum co_rc rc;

	if (n < CHUNKED_TAG || n > CHUNKED_CIPHER)
		return co_fail(err, CO_EMALFORMED, "sealed chunk of %zu bytes", n);
	plain_n = n - CHUNKED_TAG;
	rc = chunked_nonce(c, index, nonce, err);
	if (rc != CO_OK)
		return rc;
	memcpy(tag, (const unsigned char *)sealed + plain_n, sizeof(tag));
	if (EVP_DecryptInit_ex2(c->unseal, NULL, NULL, nonce, NULL) != 1 ||
		EVP_CIPHER_CTX_ctrl(c->unseal, EVP_CTRL_AEAD_SET_TAG, CHUNKED_TAG, tag) != 1 ||
		(plain_n > 0 && EVP_DecryptUpdate(c->unseal, at, &got, sealed, (int)plain_n) != 1))
		return crypto_fail(err, CO_ECRYPTO, "open chunk %llu", (unsigned long long)index);
	if (EVP_DecryptFinal_ex(c->unseal, at + got, &end) != 1) {
		/* GCM has written unauthenticated bytes by now: nobody may see them. */
		crypto_wipe(out, plain_n);
		return crypto_fail(err, CO_EVERIFY, "sealed chunk %llu was altered",
			(unsigned long long)index);
	}
	return CO_OK;
}

uint64_t
chunked_sealed_size(uint64_t plain)
{
	return CHUNKED_HEADER + plain + (plain / CHUNKED_PLAIN + 1) * CHUNKED_TAG;
}

bool
chunked_plain_size(uint64_t sealed, uint64_t *plain)
{
	uint64_t full, rest;

	if (sealed < CHUNKED_HEADER + CHUNKED_TAG)
		return false;
	full = (sealed - CHUNKED_HEADER) / CHUNKED_CIPHER;
	rest = (sealed - CHUNKED_HEADER) % CHUNKED_CIPHER;
	if (rest < CHUNKED_TAG || full >= CHUNKED_MAX_CHUNKS)
		return false;
	*plain = full * CHUNKED_PLAIN + rest - CHUNKED_TAG;
	return true;
}
