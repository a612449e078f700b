#include "crypto/cert.h"

#include "base/fs.h"
#include "base/limits.h"
#include "crypto/internal.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

void
cert_free(struct cert **c)
{
	struct cert *at = *c;

	*c = NULL;
	if (at == NULL || atomic_fetch_sub(&at->refs, 1) != 1)
		return;
	X509_free(at->x);
	OPENSSL_free(at->der);
	free(at->subject);
	cms_known_free(atomic_load(&at->known));
	free(at);
}

struct cert *
cert_ref(const struct cert *c)
{
	/* Constant to its users; the count is the one thing that moves. */
	struct cert *own = (struct cert *)(uintptr_t)c;

	atomic_fetch_add(&own->refs, 1);
	return own;
}

static bool
cert_time(const ASN1_TIME *t, int64_t *us)
{
	struct tm tm = { 0 };

	if (ASN1_TIME_to_tm(t, &tm) != 1)
		return false;
	*us = (int64_t)timegm(&tm) * 1000000;
	return true;
}

static char *
cert_subject_text(X509 *x)
{
	auto_bio *b = BIO_new(BIO_s_mem());
	char *p = NULL, *text;
	long n;

	/* UTF-8 names stay readable; control characters are escaped. */
	if (b == NULL || X509_NAME_print_ex(b, X509_get_subject_name(x), 0,
			XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) < 0)
		return NULL;
	n = BIO_get_mem_data(b, &p);
	text = calloc(1, (size_t)n + 1);
	if (text != NULL && n > 0)
		memcpy(text, p, (size_t)n);
	return text;
}

enum co_rc
cert_wrap_take(struct cert **out, X509 *x, struct co_err *err)
{
	cert_auto *c = calloc(1, sizeof(*c));
	int n;

	if (c == NULL) {
		X509_free(x);
		return co_fail(err, CO_ENOMEM, "certificate");
	}
	c->refs = 1;
	c->x = x;
	/* OpenSSL fills the extension cache on first use; do that before any thread shares it. */
	if (X509_check_purpose(x, -1, 0) != 1 || X509_get0_pubkey(x) == NULL)
		return crypto_fail(err, CO_ECERT, "a certificate with a broken extension or key");
	if (!cert_time(X509_get0_notBefore(x), &c->from_us) ||
		!cert_time(X509_get0_notAfter(x), &c->to_us))
		return crypto_fail(err, CO_ECERT, "a certificate with an unreadable validity");
	n = i2d_X509(x, &c->der);
	if (n <= 0)
		return crypto_fail(err, CO_ECERT, "write a certificate");
	c->der_n = (size_t)n;
	c->subject = cert_subject_text(x);
	if (c->subject == NULL)
		return crypto_fail(err, CO_ECERT, "a certificate with an unreadable subject");
	sha256(c->der, c->der_n, c->sha256);
	*out = CO_TAKE(c);
	return CO_OK;
}

enum co_rc
cert_from_der(struct cert **out, const void *p, size_t n, struct co_err *err)
{
	const unsigned char *at = p;
	cert_auto *c = NULL;
	X509 *x;
	enum co_rc rc;

	if (n > LIMIT_CERT)
		return co_fail(err, CO_ETOOBIG, "certificate of %zu bytes", n);
	if (!der_is_strict(p, n))
		return co_fail(err, CO_EMALFORMED, "not one DER value: no certificate");
	ERR_clear_error();
	x = d2i_X509(NULL, &at, (long)n);
	if (x == NULL)
		return crypto_fail(err, CO_EMALFORMED, "not a certificate");
	rc = cert_wrap_take(&c, x, err);
	if (rc != CO_OK)
		return rc;
	/* The fingerprint must be that of the bytes given. */
	if (c->der_n != n || memcmp(c->der, p, n) != 0)
		return co_fail(err, CO_EMALFORMED, "a certificate not in DER");
	*out = CO_TAKE(c);
	return CO_OK;
}

enum co_rc
cert_from_pem(struct cert **out, const char *pem, size_t n, struct co_err *err)
{
	auto_bio *in = NULL;
	unsigned char *der = NULL;
	long der_n = 0;
	enum co_rc rc;

	if (n > LIMIT_CERT * LIMIT_CHAIN)
		return co_fail(err, CO_ETOOBIG, "certificates of %zu bytes", n);
	ERR_clear_error();
	in = BIO_new_mem_buf(pem, (int)n);
	if (in == NULL ||
		PEM_bytes_read_bio(
			&der, &der_n, NULL, PEM_STRING_X509, in, crypto_no_password, NULL) != 1)
		return crypto_fail(err, CO_EMALFORMED, "no certificate in PEM form");
	rc = cert_from_der(out, der, (size_t)der_n, err);
	OPENSSL_free(der);
	return rc;
}

enum co_rc
cert_load(struct cert **out, const char *path, struct co_err *err)
{
	co_auto_buf b;
	enum co_rc rc;

	co_buf_init(&b, LIMIT_CERT * LIMIT_CHAIN);
	rc = co_read_file(path, &b, err);
	if (rc == CO_OK)
		rc = cert_from_pem(out, b.data, b.len, err);
	return rc == CO_OK ? CO_OK : co_wrap(err, "certificate %s", path);
}

enum co_rc
cert_pem(const struct cert *c, struct co_buf *out, struct co_err *err)
{
	auto_bio *b = BIO_new(BIO_s_mem());

	if (b == NULL || PEM_write_bio_X509(b, c->x) != 1)
		return crypto_fail(err, CO_ECRYPTO, "write a certificate");
	return crypto_bio_add(out, b, err);
}

enum co_rc
cert_der(const struct cert *c, struct co_buf *out, struct co_err *err)
{
	return co_buf_add(out, c->der, c->der_n, err);
}

const unsigned char *
cert_sha256(const struct cert *c)
{
	return c->sha256;
}

const char *
cert_subject(const struct cert *c)
{
	return c->subject;
}

int64_t
cert_not_before_us(const struct cert *c)
{
	return c->from_us;
}

int64_t
cert_not_after_us(const struct cert *c)
{
	return c->to_us;
}

bool
cert_matches_key(const struct cert *c, const struct key *k)
{
	bool same = EVP_PKEY_eq(X509_get0_pubkey(c->x), k->pkey) == 1;

	ERR_clear_error();
	return same;
}
