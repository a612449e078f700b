#include "crypto/internal.h"

#include "base/enc.h"
#include "base/log.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <string.h>
#include <sys/random.h>

struct digest {
	EVP_MD_CTX *ctx;
};

static pthread_once_t digest_once = PTHREAD_ONCE_INIT;
static EVP_MD *digest_md256, *digest_md384, *digest_md512; /* live as long as the process */

static CO_NORETURN void
digest_die(const char *what)
{
	co_error("crypto", "%s; the node cannot go on", what);
	abort();
}

static void
digest_fetch(void)
{
	digest_md256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	digest_md384 = EVP_MD_fetch(NULL, "SHA384", NULL);
	digest_md512 = EVP_MD_fetch(NULL, "SHA512", NULL);
	if (digest_md256 == NULL || digest_md384 == NULL || digest_md512 == NULL)
		digest_die("OpenSSL offers no SHA-2");
}

const EVP_MD *
crypto_sha256(void)
{
	(void)pthread_once(&digest_once, digest_fetch);
	return digest_md256;
}

const EVP_MD *
crypto_sha384(void)
{
	(void)pthread_once(&digest_once, digest_fetch);
	return digest_md384;
}

const EVP_MD *
crypto_sha512(void)
{
	(void)pthread_once(&digest_once, digest_fetch);
	return digest_md512;
}

void
sha256(const void *p, size_t n, unsigned char out[SHA256_LEN])
{
	if (EVP_Digest(p, n, out, NULL, crypto_sha256(), NULL) != 1)
		digest_die("SHA-256 failed");
}

void
sha512(const void *p, size_t n, unsigned char out[SHA512_LEN])
{
	if (EVP_Digest(p, n, out, NULL, crypto_sha512(), NULL) != 1)
		digest_die("SHA-512 failed");
}

void
sha256_hex(const void *p, size_t n, char out[SHA256_HEX + 1])
{
	unsigned char d[SHA256_LEN];

	sha256(p, n, d);
	co_hex(d, sizeof(d), out);
}

bool
sha256_hex_read(const char *text, char out[SHA256_HEX + 1])
{
	const char *after = strchr(text, '=');
	char hex[SHA256_HEX + 1];
	unsigned char d[SHA256_LEN];
	size_t n = 0;

	for (const char *c = after == NULL ? text : after + 1; *c != '\0'; c++) {
		if (*c == ' ' || *c == ':')
			continue;
		if (n == SHA256_HEX)
			return false;
		hex[n++] = *c >= 'A' && *c <= 'F' ? (char)(*c - 'A' + 'a') : *c;
	}
	hex[n] = '\0';
	if (n != SHA256_HEX || !co_unhex(hex, d, sizeof(d)))
		return false;
	memcpy(out, hex, sizeof(hex));
	return true;
}

static const struct {
	const char *name;
	size_t len;
} digest_kinds[DIGEST_N] = {
	[DIGEST_SHA256] = { "sha256", SHA256_LEN },
	[DIGEST_SHA512] = { "sha512", SHA512_LEN },
	[DIGEST_SHA1] = { "sha1", 20 },
	[DIGEST_MD5] = { "md5", 16 },
};

const char *
digest_name(enum digest_kind k)
{
	return digest_kinds[k].name;
}

size_t
digest_len(enum digest_kind k)
{
	return digest_kinds[k].len;
}

static enum co_rc
digest_init(EVP_MD_CTX *ctx, enum digest_kind k, struct co_err *err)
{
	EVP_MD *fetched = NULL;
	const EVP_MD *md = k == DIGEST_SHA256 ? crypto_sha256() : crypto_sha512();
	bool ok;

	if (k == DIGEST_SHA1 || k == DIGEST_MD5)
		md = fetched = EVP_MD_fetch(NULL, k == DIGEST_MD5 ? "MD5" : "SHA1", NULL);
	ok = md != NULL && EVP_DigestInit_ex(ctx, md, NULL) == 1;
	EVP_MD_free(fetched);
	return ok ? CO_OK
		  : crypto_fail(err, CO_ECRYPTO, "this machine's OpenSSL offers no %s",
			    digest_name(k));
}

enum co_rc
digest_new(struct digest **out, enum digest_kind k, struct co_err *err)
{
	digest_auto *d = calloc(1, sizeof(*d));
	enum co_rc rc;

	if (d == NULL)
		return co_fail(err, CO_ENOMEM, "digest");
	d->ctx = EVP_MD_CTX_new();
	if (d->ctx == NULL)
		return co_fail(err, CO_ENOMEM, "digest");
	rc = digest_init(d->ctx, k, err);
	if (rc == CO_OK)
		*out = CO_TAKE(d);
	return rc;
}

static const struct {
	const char *name;
	size_t n;
	const EVP_MD *(*md)(void);
} named[] = {
	{ "md5", 16, EVP_md5 },
	{ "sha1", 20, EVP_sha1 },
	{ "sha224", 28, EVP_sha224 },
	{ "sha256", 32, EVP_sha256 },
	{ "sha384", 48, EVP_sha384 },
	{ "sha512", 64, EVP_sha512 },
};

size_t
digest_known(const char *name)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(named); i++)
		if (strcasecmp(name, named[i].name) == 0)
			return named[i].n;
	return 0;
}

enum co_rc
digest_by_name(struct digest **out, const char *name, struct co_err *err)
{
	digest_auto *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return co_fail(err, CO_ENOMEM, "digest");
	d->ctx = EVP_MD_CTX_new();
	for (size_t i = 0; d->ctx != NULL && i < CO_ARRAY_LEN(named); i++) {
		if (strcasecmp(name, named[i].name) != 0)
			continue;
		if (EVP_DigestInit_ex(d->ctx, named[i].md(), NULL) != 1)
			return crypto_fail(err, CO_ECRYPTO, "start a digest: %s", name);
		*out = CO_TAKE(d);
		return CO_OK;
	}
	return co_fail(err, CO_EINTERNAL, "digest %s", name);
}

void
digest_free(struct digest **d)
{
	if (*d == NULL)
		return;
	EVP_MD_CTX_free((*d)->ctx);
	free(*d);
	*d = NULL;
}

/* SHA-256 has one long chain of dependencies, so it waits for every line of cache that another core
 * wrote. Asking for a page while the one before it is hashed hides that (a quarter of the time). */
void
digest_add(struct digest *d, const void *p, size_t n)
{
	enum { PAGE = 4096, LINE = 64 };
	const unsigned char *at = p;

	while (n > 0) {
		size_t now = n < PAGE ? n : PAGE, next = n - now < PAGE ? n - now : PAGE;

		for (size_t i = 0; i < next; i += LINE)
			__builtin_prefetch(at + now + i);
		if (EVP_DigestUpdate(d->ctx, at, now) != 1)
			digest_die("a digest failed");
		at += now;
		n -= now;
	}
}

enum co_rc
digest_sink(void *arg, const void *p, size_t n, struct co_err *err)
{
	(void)err;
	digest_add(arg, p, n);
	return CO_OK;
}

void
digest_end(struct digest *d, unsigned char *out)
{
	if (EVP_DigestFinal_ex(d->ctx, out, NULL) != 1)
		digest_die("a digest failed");
}

void
digest_peek(const struct digest *d, unsigned char *out)
{
	EVP_MD_CTX *copy = EVP_MD_CTX_new();

	if (copy == NULL || EVP_MD_CTX_copy_ex(copy, d->ctx) != 1 ||
		EVP_DigestFinal_ex(copy, out, NULL) != 1)
		digest_die("a digest failed");
	EVP_MD_CTX_free(copy);
}

void
crypto_random(void *p, size_t n)
{
	unsigned char *at = p;

	while (n > 0) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			digest_die("the kernel gives no random bytes");
		at += got;
		n -= (size_t)got;
	}
}

void
crypto_wipe(void *p, size_t n)
{
	OPENSSL_cleanse(p, n);
}

bool
crypto_equal(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}

void
hmac_sha256(const void *key, size_t key_n, const void *p, size_t n, unsigned char out[SHA256_LEN])
{
	size_t len = 0;

	if (EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key, key_n, p, n, out, SHA256_LEN,
		    &len) == NULL ||
		len != SHA256_LEN)
		digest_die("OpenSSL offers no HMAC");
}
