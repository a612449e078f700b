#include "crypto/door.h"

#include "base/limits.h"
#include "crypto/internal.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

struct door {
	SSL_CTX *ctx;
};

/* Possession is proved by the handshake itself; dates and registration are told in words later,
 * where an alert would leave a person with a page of the browser's own. */
static int
door_take_any(X509_STORE_CTX *ctx, void *arg)
{
	(void)arg;
	X509_STORE_CTX_set_error(ctx, X509_V_OK);
	return 1;
}

static int
no_password(char *buf, int size, int rwflag, void *arg)
{
	(void)buf;
	(void)size;
	(void)rwflag;
	(void)arg;
	return -1;
}

static enum co_rc
door_chain(struct door *d, const char *pem, size_t n, struct co_err *err)
{
	BIO *b = BIO_new_mem_buf(pem, (int)n);
	unsigned count = 0;
	enum co_rc rc = CO_OK;
	X509 *x;

	if (b == NULL)
		return co_fail(err, CO_ENOMEM, "the desk's TLS certificate");
	while (rc == CO_OK && (x = PEM_read_bio_X509(b, NULL, no_password, NULL)) != NULL) {
		if (count >= LIMIT_CHAIN)
			rc = co_fail(err, CO_ETOOBIG, "more than %u certificates", LIMIT_CHAIN);
		else if ((count == 0 ? SSL_CTX_use_certificate(d->ctx, x)
				     : SSL_CTX_add1_chain_cert(d->ctx, x)) != 1)
			rc = crypto_fail(err, CO_ECERT, "certificate %u of the desk", count + 1);
		count++;
		X509_free(x);
	}
	BIO_free(b);
	ERR_clear_error(); /* the end of the text */
	if (rc == CO_OK && count == 0)
		return co_fail(err, CO_EMALFORMED, "no certificate in the desk's PEM file");
	return rc;
}

static enum co_rc
door_key(struct door *d, const char *pem, size_t n, struct co_err *err)
{
	BIO *b = BIO_new_mem_buf(pem, (int)n);
	EVP_PKEY *key = b == NULL ? NULL : PEM_read_bio_PrivateKey(b, NULL, no_password, NULL);
	enum co_rc rc = CO_OK;

	BIO_free(b);
	if (key == NULL)
		return crypto_fail(err, CO_EMALFORMED,
			"no private key without a password in the desk's PEM file");
	if (SSL_CTX_use_PrivateKey(d->ctx, key) != 1)
		rc = crypto_fail(
			err, CO_ECERT, "the private key is not that of the desk's certificate");
	EVP_PKEY_free(key);
	return rc;
}

static enum co_rc
door_dress(struct door *d, struct co_err *err)
{
	if (SSL_CTX_set_min_proto_version(d->ctx, TLS1_3_VERSION) != 1)
		return crypto_fail(err, CO_ECRYPTO, "TLS 1.3");
	SSL_CTX_set_verify(d->ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(d->ctx, door_take_any, NULL);
	/* No resumption: a card that was taken out is not there any more. */
	(void)SSL_CTX_set_options(d->ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
	(void)SSL_CTX_set_num_tickets(d->ctx, 0);
	(void)SSL_CTX_set_session_cache_mode(d->ctx, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_mode(d->ctx, SSL_MODE_RELEASE_BUFFERS);
	return CO_OK;
}

enum co_rc
door_new(struct door **out, const char *pem, size_t n, struct co_err *err)
{
	door_auto *d = calloc(1, sizeof(*d));
	enum co_rc rc = CO_OK;

	if (d == NULL)
		return co_fail(err, CO_ENOMEM, "the desk's TLS");
	d->ctx = SSL_CTX_new(TLS_server_method());
	if (d->ctx == NULL)
		rc = crypto_fail(err, CO_ENOMEM, "the desk's TLS");
	if (rc == CO_OK)
		rc = door_dress(d, err);
	if (rc == CO_OK)
		rc = door_chain(d, pem, n, err);
	if (rc == CO_OK)
		rc = door_key(d, pem, n, err);
	if (rc == CO_OK)
		*out = CO_TAKE(d);
	return rc;
}

void
door_free(struct door **door)
{
	struct door *d = *door;

	if (d == NULL)
		return;
	SSL_CTX_free(d->ctx);
	free(d);
	*door = NULL;
}

enum co_rc
door_accept(struct door *d, struct ssl_st **out, struct co_err *err)
{
	SSL *ssl = SSL_new(d->ctx);

	if (ssl == NULL)
		return crypto_fail(err, CO_ENOMEM, "a TLS session");
	SSL_set_accept_state(ssl);
	*out = ssl;
	return CO_OK;
}

struct cert *
door_shown(const struct ssl_st *ssl)
{
	X509 *x = SSL_is_init_finished(ssl) ? SSL_get1_peer_certificate(ssl) : NULL;
	struct cert *c = NULL;

	if (x == NULL || cert_wrap_take(&c, x, NULL) != CO_OK)
		return NULL;
	return c;
}
