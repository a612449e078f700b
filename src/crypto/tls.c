#include "crypto/tls.h"

#include "base/clock.h"
#include "base/enc.h"
#include "base/limits.h"
#include "base/log.h"
#include "crypto/tls_key.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

/* What we show: a certificate with its key in the keeper. */
struct tls_self {
	SSL_CTX *server;
	STACK_OF(X509) * chain; /* leaf first */
	EVP_PKEY *key;
	struct tls_remote remote;
};

struct tls {
	struct tls_self *self[TLS_SELVES];
	atomic_size_t n, now; /* which of them new connections show */
	struct keeper *keeper;
	tls_admit *admit;
	void *arg;
};

static pthread_once_t tls_once = PTHREAD_ONCE_INIT;
static int tls_peer_index = -1; /* SSL: the admitted address */
static int tls_want_index = -1; /* SSL_CTX of a client: the address it must meet */
static _Thread_local char tls_why[256];

static void
tls_text_free(void *parent, void *p, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
{
	(void)parent;
	(void)ad;
	(void)idx;
	(void)argl;
	(void)argp;
	free(p);
}

static void
tls_setup(void)
{
	tls_peer_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, tls_text_free);
	tls_want_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, tls_text_free);
	if (tls_peer_index < 0 || tls_want_index < 0)
		abort(); /* at start only */
}

void
tls_reason(char *out, size_t cap)
{
	(void)snprintf(out, cap, "%s", tls_why);
}

void
tls_peer(const struct ssl_st *ssl, char *address, size_t cap)
{
	const char *peer = SSL_get_ex_data(ssl, tls_peer_index);

	/* Admitted is not enough: whoever shows a partner's certificate has yet to prove its key.
	 */
	if (!SSL_is_init_finished(ssl))
		peer = NULL;
	(void)snprintf(address, cap, "%s", peer == NULL ? "" : peer);
}

/* ---- who is there ---- */

static bool
leaf_in_time(const struct cert *c)
{
	int64_t now = co_now_us();
	char at[CO_TIME_LEN];

	if (now >= cert_not_before_us(c) && now <= cert_not_after_us(c))
		return true;
	co_time_print(
		now < cert_not_before_us(c) ? cert_not_before_us(c) : cert_not_after_us(c), at);
	(void)snprintf(tls_why, sizeof(tls_why), "certificate %.100s %s %s", cert_subject(c),
		now < cert_not_before_us(c) ? "is valid only from" : "expired on", at);
	return false;
}

static bool
leaf_admitted(struct tls *t, SSL *ssl, const struct cert *c)
{
	const char *want = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), tls_want_index);
	char address[LIMIT_ADDRESS + 1] = "", hex[SHA256_HEX + 1];
	char *kept;

	if (!leaf_in_time(c))
		return false;
	co_hex(cert_sha256(c), SHA256_LEN, hex);
	if (!t->admit(t->arg, cert_sha256(c), address, sizeof(address))) {
		(void)snprintf(tls_why, sizeof(tls_why),
			"certificate %.100s (sha256 %s) belongs to no accepted partner",
			cert_subject(c), hex);
		return false;
	}
	if (want != NULL && strcmp(want, address) != 0) {
		(void)snprintf(tls_why, sizeof(tls_why), "the certificate is that of %s, not of %s",
			address, want);
		return false;
	}
	kept = strdup(address);
	if (kept == NULL || SSL_set_ex_data(ssl, tls_peer_index, kept) != 1) {
		free(kept);
		return false;
	}
	tls_why[0] = '\0';
	return true;
}

/* Strangers may knock a thousand times a second: the log says how many, once a second. */
static void
tls_refused(void)
{
	enum { EVERY_US = 1000000 };
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static int64_t told_us;
	static unsigned long long kept;
	unsigned long long more = 0;
	int64_t now = co_mono_us();
	bool tell;

	pthread_mutex_lock(&lock);
	tell = told_us == 0 || now - told_us >= EVERY_US;
	if (tell) {
		more = kept;
		kept = 0;
		told_us = now;
	} else {
		kept++;
	}
	pthread_mutex_unlock(&lock);
	if (tell && more > 0)
		co_warn("tls", "refused a connection: %s (and %llu others before it)", tls_why,
			more);
	else if (tell)
		co_warn("tls", "refused a connection: %s", tls_why);
}

/* Replaces OpenSSL's chain building: the directory's pins are the only trust. */
static int
tls_verify(X509_STORE_CTX *ctx, void *arg)
{
	struct tls *t = arg;
	SSL *ssl = X509_STORE_CTX_get_ex_data(ctx, SSL_get_ex_data_X509_STORE_CTX_idx());
	X509 *leaf = X509_STORE_CTX_get0_cert(ctx);
	struct co_err err = { 0 };
	cert_auto *c = NULL;

	if (leaf == NULL || X509_up_ref(leaf) != 1)
		return 0;
	if (cert_wrap_take(&c, leaf, &err) != CO_OK)
		(void)snprintf(tls_why, sizeof(tls_why), "%.200s", err.msg);
	else if (leaf_admitted(t, ssl, c)) {
		X509_STORE_CTX_set_error(ctx, X509_V_OK);
		return 1;
	}
	if (SSL_is_server(ssl))
		tls_refused();
	X509_STORE_CTX_set_error(ctx, X509_V_ERR_CERT_UNTRUSTED);
	return 0;
}

/* A server that ends a handshake before any certificate was judged would end it in silence. */
static void
tls_watch(const SSL *ssl, int where, int alert)
{
	if ((where & SSL_CB_WRITE_ALERT) != SSL_CB_WRITE_ALERT || !SSL_is_server(ssl) ||
		(alert >> 8) != SSL3_AL_FATAL || SSL_get_verify_result(ssl) != X509_V_OK)
		return;
	(void)snprintf(tls_why, sizeof(tls_why), "%s",
		(alert & 0xff) == SSL_AD_CERTIFICATE_REQUIRED
			? "it showed no certificate; only nodes of the directory may connect"
			: SSL_alert_desc_string_long(alert));
	tls_refused();
}

/* ---- contexts ---- */

static enum co_rc
tls_dress(struct tls *t, const struct tls_self *self, SSL_CTX *ctx, struct co_err *err)
{
	bool bad = SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) != 1 ||
		SSL_CTX_use_certificate(ctx, sk_X509_value(self->chain, 0)) != 1 ||
		SSL_CTX_use_PrivateKey(ctx, self->key) != 1;

	for (int i = 1; !bad && i < sk_X509_num(self->chain); i++)
		bad = SSL_CTX_add1_chain_cert(ctx, sk_X509_value(self->chain, i)) != 1;
	if (bad)
		return crypto_fail(err, CO_ECRYPTO, "the TLS certificate and key");
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, tls_verify, t);
	SSL_CTX_set_info_callback(ctx, tls_watch);
	/* No resumption: every connection is admitted anew. */
	(void)SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
	(void)SSL_CTX_set_num_tickets(ctx, 0);
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	/* An idle connection gives its buffers back. */
	(void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	return CO_OK;
}

static enum co_rc
self_chain(struct tls_self *self, const char *pem, size_t n, struct co_err *err)
{
	auto_bio *b = BIO_new_mem_buf(pem, (int)n);
	unsigned size = SHA256_LEN;
	X509 *x;

	self->chain = sk_X509_new_null();
	if (b == NULL || self->chain == NULL)
		return co_fail(err, CO_ENOMEM, "the TLS certificate");
	while ((x = PEM_read_bio_X509(b, NULL, crypto_no_password, NULL)) != NULL) {
		if (sk_X509_num(self->chain) < (int)LIMIT_CHAIN && sk_X509_push(self->chain, x) > 0)
			continue;
		X509_free(x);
		return co_fail(err, CO_ETOOBIG, "more than %u TLS certificates", LIMIT_CHAIN);
	}
	ERR_clear_error(); /* the end of the text */
	if (sk_X509_num(self->chain) == 0)
		return co_fail(err, CO_EMALFORMED, "no certificate in the TLS certificate's PEM");
	if (X509_digest(sk_X509_value(self->chain, 0), crypto_sha256(), self->remote.leaf,
		    &size) != 1)
		return crypto_fail(err, CO_ECRYPTO, "the TLS certificate");
	return CO_OK;
}

static void
self_free(struct tls_self **at)
{
	struct tls_self *self = *at;

	if (self == NULL)
		return;
	SSL_CTX_free(self->server);
	sk_X509_pop_free(self->chain, X509_free);
	EVP_PKEY_free(self->key);
	free(self);
	*at = NULL;
}

enum co_rc
tls_add(struct tls *t, const char *chain_pem, size_t chain_n, struct co_err *err)
{
	CO_CLEANUP(self_free) struct tls_self *self = calloc(1, sizeof(*self));
	size_t n = atomic_load(&t->n);

	if (self == NULL)
		return co_fail(err, CO_ENOMEM, "TLS");
	if (n == TLS_SELVES)
		return co_fail(err, CO_ETOOBIG, "more than %d TLS certificates of ours",
			TLS_SELVES);
	self->remote.keeper = t->keeper;
	TRY(self_chain(self, chain_pem, chain_n, err));
	TRY(tls_key_remote(&self->key, sk_X509_value(self->chain, 0), &self->remote, err));
	self->server = SSL_CTX_new(TLS_server_method());
	if (self->server == NULL)
		return crypto_fail(err, CO_ENOMEM, "TLS");
	TRY(tls_dress(t, self, self->server, err));
	t->self[n] = CO_TAKE(self);
	atomic_store(&t->n, n + 1);
	return CO_OK;
}

void
tls_use(struct tls *t, size_t i)
{
	assert(i < atomic_load(&t->n));
	atomic_store(&t->now, i);
}

enum co_rc
tls_new(struct tls **out, const char *chain_pem, size_t chain_n, struct keeper *keeper,
	tls_admit *admit, void *arg, struct co_err *err)
{
	tls_auto *t = calloc(1, sizeof(*t));

	(void)pthread_once(&tls_once, tls_setup);
	if (t == NULL)
		return co_fail(err, CO_ENOMEM, "TLS");
	t->keeper = keeper;
	t->admit = admit;
	t->arg = arg;
	TRY(tls_add(t, chain_pem, chain_n, err));
	*out = CO_TAKE(t);
	return CO_OK;
}

void
tls_free(struct tls **tls)
{
	struct tls *t = *tls;

	if (t == NULL)
		return;
	for (size_t i = 0; i < TLS_SELVES; i++)
		self_free(&t->self[i]);
	free(t);
	*tls = NULL;
}

enum co_rc
tls_accept(struct tls *t, struct ssl_st **out, struct co_err *err)
{
	SSL *ssl = SSL_new(t->self[atomic_load(&t->now)]->server);

	if (ssl == NULL)
		return crypto_fail(err, CO_ENOMEM, "a TLS session");
	SSL_set_accept_state(ssl);
	*out = ssl;
	return CO_OK;
}

enum co_rc
tls_setup_client(struct tls *t, struct ssl_ctx_st *ctx, const char *address, struct co_err *err)
{
	char *want = strdup(address);

	tls_why[0] = '\0';
	if (want == NULL || SSL_CTX_set_ex_data(ctx, tls_want_index, want) != 1) {
		free(want);
		return co_fail(err, CO_ENOMEM, "a TLS session");
	}
	return tls_dress(t, t->self[atomic_load(&t->now)], ctx, err);
}

enum co_rc
tls_setup_bulk(struct ssl_ctx_st *ctx, struct co_err *err)
{
	static const char ciphers[] =
		"TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

	if (SSL_CTX_set_ciphersuites(ctx, ciphers) != 1)
		return crypto_fail(err, CO_ECRYPTO, "the ciphers of a transfer");
	return CO_OK;
}
