#include "base/clock.h"
#include "base/limits.h"
#include "crypto/internal.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

enum { CHECK_AUTH_LEVEL = 2 /* 112 bits: no SHA-1, no RSA under 2048, in the whole chain */ };

struct chain_work {
	X509_STORE *store;
	X509_STORE_CTX *ctx;
	STACK_OF(X509) *more;
};

static void
chain_work_deinit(struct chain_work *w)
{
	X509_STORE_CTX_free(w->ctx);
	sk_X509_free(w->more); /* borrowed members */
	X509_STORE_free(w->store);
}

/* A seal must be meant for signing. With an extended key usage it must not be one for machines
 * only: those of TLS and time-stamping have keys that live and sign elsewhere. */
static bool
use_is_seal(X509 *x)
{
	static const int machine[] = { NID_server_auth, NID_client_auth, NID_time_stamp,
		NID_OCSP_sign, NID_code_sign };
	EXTENDED_KEY_USAGE *uses;
	bool good = false;

	if ((X509_get_key_usage(x) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0 ||
		X509_check_ca(x) == 1)
		return false;
	if ((X509_get_extension_flags(x) & EXFLAG_XKUSAGE) == 0)
		return true;
	uses = X509_get_ext_d2i(x, NID_ext_key_usage, NULL, NULL);
	for (int i = 0; i < sk_ASN1_OBJECT_num(uses); i++) {
		int nid = OBJ_obj2nid(sk_ASN1_OBJECT_value(uses, i));
		bool is_machine = false;

		for (size_t j = 0; j < CO_ARRAY_LEN(machine); j++)
			is_machine = is_machine || nid == machine[j];
		good = good || !is_machine;
	}
	EXTENDED_KEY_USAGE_free(uses);
	return good;
}

static bool
use_is_tls(X509 *x)
{
	/* OpenSSL lets a certificate without extended key usage pass; a seal has none. */
	return (X509_get_extension_flags(x) & EXFLAG_XKUSAGE) != 0 &&
		X509_check_purpose(x, X509_PURPOSE_SSL_CLIENT, 0) == 1 &&
		X509_check_purpose(x, X509_PURPOSE_SSL_SERVER, 0) == 1;
}

static bool
use_is_tsa(X509 *x)
{
	return X509_check_purpose(x, X509_PURPOSE_TIMESTAMP_SIGN, 0) == 1;
}

static bool
use_is_root(X509 *x)
{
	return X509_check_ca(x) == 1;
}

static const struct {
	bool (*fits)(X509 *x);
	const char *text;
} cert_uses[] = {
	[CERT_ROOT] = { use_is_root, "a root" },
	[CERT_SEAL] = { use_is_seal, "a seal" },
	[CERT_TLS] = { use_is_tls, "both ends of TLS" },
	[CERT_TSA] = { use_is_tsa, "time-stamping" },
};

static bool
chain_prepare(struct chain_work *w, const struct cert *leaf, int64_t at_us,
	const struct cert *const *more, size_t more_n, const struct cert *const *roots,
	size_t roots_n)
{
	X509_VERIFY_PARAM *param;

	w->store = X509_STORE_new();
	w->ctx = X509_STORE_CTX_new();
	w->more = sk_X509_new_null();
	if (w->store == NULL || w->ctx == NULL || w->more == NULL)
		return false;
	for (size_t i = 0; i < roots_n; i++)
		if (X509_STORE_add_cert(w->store, roots[i]->x) != 1)
			return false;
	for (size_t i = 0; i < more_n; i++)
		if (sk_X509_push(w->more, more[i]->x) <= 0)
			return false;
	if (X509_STORE_CTX_init(w->ctx, w->store, leaf->x, w->more) != 1)
		return false;
	param = X509_STORE_CTX_get0_param(w->ctx);
	X509_VERIFY_PARAM_set_time(param, (time_t)(at_us / 1000000));
	X509_VERIFY_PARAM_set_depth(param, (int)LIMIT_CHAIN);
	X509_VERIFY_PARAM_set_auth_level(param, CHECK_AUTH_LEVEL);
	/* The directory may name an intermediate of a national authority as the anchor. */
	return X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN) == 1;
}

/* The library says "too weak" without a name: the table has it. */
static enum co_rc
chain_weak(X509_STORE_CTX *ctx, int64_t at_us, struct co_err *err)
{
	int why = X509_STORE_CTX_get_error(ctx);
	X509 *at = X509_STORE_CTX_get_current_cert(ctx);

	if (at == NULL ||
		(why != X509_V_ERR_EE_KEY_TOO_SMALL && why != X509_V_ERR_CA_KEY_TOO_SMALL &&
			why != X509_V_ERR_CA_MD_TOO_WEAK))
		return CO_OK;
	return algorithm_cert(at, false, at_us, err);
}

static enum co_rc
chain_algorithms(X509_STORE_CTX *ctx, int64_t at_us, struct co_err *err)
{
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);

	for (int i = 0; i < sk_X509_num(chain); i++)
		TRY(algorithm_cert(
			sk_X509_value(chain, i), i == sk_X509_num(chain) - 1, at_us, err));
	return CO_OK;
}

/* As a fault of the certificate, with whose it is. */
static enum co_rc
weak_cert(struct co_err *err, enum co_rc rc, const char *subject)
{
	struct co_err why = { rc, "" };

	if (err != NULL)
		why = *err;
	co_err_clear(err);
	return co_fail(err, rc, "the certificate of %s: %s", subject, why.msg);
}

enum co_rc
cert_validate(const struct cert *leaf, enum cert_use use, int64_t at_us,
	const struct cert *const *more, size_t more_n, const struct cert *const *roots,
	size_t roots_n, struct co_err *err)
{
	CO_CLEANUP(chain_work_deinit) struct chain_work w = { 0 };
	char at[CO_TIME_LEN], from[CO_TIME_LEN], to[CO_TIME_LEN];

	if (more_n > LIMIT_CHAIN)
		return co_fail(err, CO_ETOOBIG, "chain of %zu certificates", more_n + 1);
	if (!cert_uses[use].fits(leaf->x))
		return co_fail(err, CO_ECERT, "the certificate of %s is not made for %s",
			leaf->subject, cert_uses[use].text);
	if (at_us < leaf->from_us || at_us > leaf->to_us) {
		co_time_print(at_us, at);
		co_time_print(leaf->from_us, from);
		co_time_print(leaf->to_us, to);
		return co_fail(err, CO_ECERT,
			"the certificate of %s is good from %s to %s, not at %s", leaf->subject,
			from, to, at);
	}
	ERR_clear_error();
	if (!chain_prepare(&w, leaf, at_us, more, more_n, roots, roots_n))
		return crypto_fail(err, CO_ECRYPTO, "prepare the check of a certificate");
	if (X509_verify_cert(w.ctx) != 1) {
		int why = X509_STORE_CTX_get_error(w.ctx);

		ERR_clear_error();
		if (chain_weak(w.ctx, at_us, err) != CO_OK)
			return weak_cert(err, CO_ECERT, leaf->subject);
		return co_fail(err, CO_ECERT, "the certificate of %s: %s (at step %d of the chain)",
			leaf->subject, X509_verify_cert_error_string(why),
			X509_STORE_CTX_get_error_depth(w.ctx));
	}
	if (chain_algorithms(w.ctx, at_us, err) != CO_OK)
		return weak_cert(err, CO_ECERT, leaf->subject);
	return CO_OK;
}
