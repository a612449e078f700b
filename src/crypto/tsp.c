#include "crypto/tsp.h"

#include "base/clock.h"
#include "base/limits.h"
#include "crypto/internal.h"

#include <assert.h>
#include <openssl/err.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>
#include <openssl/x509_vfy.h>
#include <string.h>
#include <time.h>

/* Our authority's policy: the token states the clock of the node at the moment of a checkpoint.
 * The arc 2.25 takes a UUID as its number and needs no registry (ITU-T X.667). */
#define TSP_POLICY "2.25.321437082859735444238618324614402288032"
enum { TSP_SERIAL = 16, TSP_ACCURACY_S = 1, TSP_CLOCK_DIGITS = 6, TSP_AUTH_LEVEL = 2 };
#define TSP_FRESH_US INT64_C(300000000)

CRYPTO_CLEANUP(ts_req, TS_REQ, TS_REQ_free)
CRYPTO_CLEANUP(ts_resp, TS_RESP, TS_RESP_free)
CRYPTO_CLEANUP(ts_resp_ctx, TS_RESP_CTX, TS_RESP_CTX_free)
CRYPTO_CLEANUP(ts_verify_ctx, TS_VERIFY_CTX, TS_VERIFY_CTX_free)
CRYPTO_CLEANUP(asn1_int, ASN1_INTEGER, ASN1_INTEGER_free)
CRYPTO_CLEANUP(imprint, TS_MSG_IMPRINT, TS_MSG_IMPRINT_free)
CRYPTO_CLEANUP(algor, X509_ALGOR, X509_ALGOR_free)

/* A positive random number of 16 bytes; NULL when memory is out. */
static ASN1_INTEGER *
tsp_random_integer(void)
{
	unsigned char raw[TSP_SERIAL];
	ASN1_INTEGER *i;
	BIGNUM *n;

	crypto_random(raw, sizeof(raw));
	raw[0] = (unsigned char)((raw[0] & 0x3f) | 0x40);
	n = BN_bin2bn(raw, sizeof(raw), NULL);
	i = n == NULL ? NULL : BN_to_ASN1_INTEGER(n, NULL);
	BN_free(n);
	return i;
}

/* 32 bytes are SHA-256, 64 SHA-512: no other length comes here. */
static int
tsp_imprint_nid(size_t digest_n)
{
	return digest_n == SHA256_LEN ? NID_sha256 : NID_sha512;
}

static TS_MSG_IMPRINT *
tsp_imprint(const unsigned char *digest, size_t digest_n)
{
	CO_CLEANUP(crypto_cleanup_imprint) TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
	CO_CLEANUP(crypto_cleanup_algor) X509_ALGOR *algo = X509_ALGOR_new();
	unsigned char own[TSP_DIGEST_MAX];

	assert(digest_n == SHA256_LEN || digest_n == TSP_DIGEST_MAX);
	memcpy(own, digest, digest_n);
	if (imprint == NULL || algo == NULL ||
		X509_ALGOR_set0(algo, OBJ_nid2obj(tsp_imprint_nid(digest_n)), V_ASN1_NULL, NULL) !=
			1 ||
		TS_MSG_IMPRINT_set_algo(imprint, algo) != 1 ||
		TS_MSG_IMPRINT_set_msg(imprint, own, (int)digest_n) != 1)
		return NULL;
	return CO_TAKE(imprint);
}

static TS_REQ *
tsp_request(const unsigned char *digest, size_t digest_n)
{
	CO_CLEANUP(crypto_cleanup_ts_req) TS_REQ *req = TS_REQ_new();
	CO_CLEANUP(crypto_cleanup_imprint) TS_MSG_IMPRINT *imprint =
		tsp_imprint(digest, digest_n);

	if (req == NULL || imprint == NULL || TS_REQ_set_version(req, 1) != 1 ||
		TS_REQ_set_msg_imprint(req, imprint) != 1 || TS_REQ_set_cert_req(req, 1) != 1)
		return NULL;
	return CO_TAKE(req);
}

static ASN1_INTEGER *
tsp_integer(const unsigned char raw[TSP_NONCE])
{
	BIGNUM *n = BN_bin2bn(raw, TSP_NONCE, NULL);
	ASN1_INTEGER *i = n == NULL ? NULL : BN_to_ASN1_INTEGER(n, NULL);

	BN_free(n);
	return i;
}

static bool
tsp_set_policy(TS_REQ *req, const char *policy)
{
	ASN1_OBJECT *o;
	bool ok;

	if (policy[0] == '\0')
		return true;
	o = OBJ_txt2obj(policy, 1);
	ok = o != NULL && TS_REQ_set_policy_id(req, o) == 1;
	ASN1_OBJECT_free(o);
	return ok;
}

enum co_rc
tsp_query(struct tsp_ask *ask, struct co_buf *out, struct co_err *err)
{
	CO_CLEANUP(crypto_cleanup_ts_req) TS_REQ *req = NULL;
	CO_CLEANUP(crypto_cleanup_asn1_int) ASN1_INTEGER *nonce = NULL;
	auto_bio *der = BIO_new(BIO_s_mem());

	ERR_clear_error();
	crypto_random(ask->nonce, sizeof(ask->nonce));
	ask->nonce[0] = (unsigned char)((ask->nonce[0] & 0x3f) | 0x40); /* positive, full length */
	req = tsp_request(ask->digest, ask->digest_n);
	nonce = tsp_integer(ask->nonce);
	if (req == NULL || nonce == NULL || TS_REQ_set_nonce(req, nonce) != 1 ||
		!tsp_set_policy(req, ask->policy) || der == NULL || i2d_TS_REQ_bio(der, req) != 1)
		return crypto_fail(err, CO_ECRYPTO, "write a time-stamp query");
	return crypto_bio_add(out, der, err);
}

static ASN1_INTEGER *
tsp_serial(TS_RESP_CTX *ctx, void *arg)
{
	(void)ctx;
	(void)arg;
	return tsp_random_integer();
}

static int
tsp_time(TS_RESP_CTX *ctx, void *arg, long *sec, long *usec)
{
	const int64_t *at_us = arg;

	(void)ctx;
	*sec = (long)(*at_us / 1000000);
	*usec = (long)(*at_us % 1000000);
	return 1;
}

static TS_RESP_CTX *
tsp_authority(const struct key *k, const struct cert *c, int64_t *at_us)
{
	CO_CLEANUP(crypto_cleanup_ts_resp_ctx) TS_RESP_CTX *ctx = TS_RESP_CTX_new();
	ASN1_OBJECT *policy = OBJ_txt2obj(TSP_POLICY, 1);
	bool ok = ctx != NULL && policy != NULL && TS_RESP_CTX_set_def_policy(ctx, policy) == 1;

	ASN1_OBJECT_free(policy);
	if (!ok || TS_RESP_CTX_set_signer_cert(ctx, c->x) != 1 ||
		TS_RESP_CTX_set_signer_key(ctx, k->pkey) != 1 ||
		TS_RESP_CTX_set_signer_digest(ctx, k->md) != 1 ||
		TS_RESP_CTX_set_ess_cert_id_digest(ctx, crypto_sha256()) != 1 ||
		TS_RESP_CTX_add_md(ctx, crypto_sha256()) != 1 ||
		TS_RESP_CTX_add_md(ctx, crypto_sha512()) != 1 ||
		TS_RESP_CTX_set_accuracy(ctx, TSP_ACCURACY_S, 0, 0) != 1 ||
		TS_RESP_CTX_set_clock_precision_digits(ctx, TSP_CLOCK_DIGITS) != 1)
		return NULL;
	TS_RESP_CTX_set_serial_cb(ctx, tsp_serial, NULL);
	TS_RESP_CTX_set_time_cb(ctx, tsp_time, at_us);
	return CO_TAKE(ctx);
}

enum co_rc
tsp_answer(const struct key *k, const struct cert *c, const unsigned char digest[SHA256_LEN],
	int64_t at_us, struct co_buf *out, struct co_err *err)
{
	return tsp_answer_n(k, c, digest, SHA256_LEN, at_us, out, err);
}

enum co_rc
tsp_answer_n(const struct key *k, const struct cert *c, const unsigned char *digest,
	size_t digest_n, int64_t at_us, struct co_buf *out, struct co_err *err)
{
	CO_CLEANUP(crypto_cleanup_ts_resp_ctx) TS_RESP_CTX *ctx = NULL;
	CO_CLEANUP(crypto_cleanup_ts_req) TS_REQ *req = NULL;
	CO_CLEANUP(crypto_cleanup_ts_resp) TS_RESP *resp = NULL;
	auto_bio *in = BIO_new(BIO_s_mem()), *der = BIO_new(BIO_s_mem());

	if (k->md == NULL)
		return co_fail(err, CO_EUSAGE, "a time-stamp cannot be signed with an Ed25519 key");
	ERR_clear_error();
	ctx = tsp_authority(k, c, &at_us);
	req = tsp_request(digest, digest_n);
	if (ctx == NULL || req == NULL || in == NULL || der == NULL || i2d_TS_REQ_bio(in, req) != 1)
		return crypto_fail(err, CO_ECRYPTO, "prepare a time-stamp by %s", c->subject);
	resp = TS_RESP_create_response(ctx, in);
	if (resp == NULL || TS_RESP_get_token(resp) == NULL || i2d_TS_RESP_bio(der, resp) != 1)
		return crypto_fail(err, CO_ECRYPTO, "time-stamp by %s", c->subject);
	return crypto_bio_add(out, der, err);
}

/* RFC 3161 2.4.2: GeneralizedTime in UTC, with a fraction or without. */
static bool
tsp_gen_time(const ASN1_GENERALIZEDTIME *t, int64_t *us)
{
	const char *dot;
	struct tm tm = { 0 };
	int64_t unit = 100000, fraction = 0;

	if (t == NULL || ASN1_TIME_to_tm(t, &tm) != 1)
		return false;
	dot = memchr(ASN1_STRING_get0_data(t), '.', (size_t)ASN1_STRING_length(t));
	for (int i = 1; dot != NULL && dot[i] >= '0' && dot[i] <= '9'; i++, unit /= 10)
		fraction += (dot[i] - '0') * unit;
	*us = (int64_t)timegm(&tm) * 1000000 + fraction;
	return true;
}

/* What the library does not ask for: the digest algorithms, of the imprint and of the signature,
 * and what the signature is made with. */
static enum co_rc
tsp_check_algorithms(TS_RESP *resp, size_t digest_n, int64_t at_us, struct co_err *err)
{
	TS_TST_INFO *info = TS_RESP_get_tst_info(resp);
	STACK_OF(PKCS7_SIGNER_INFO) *signers = PKCS7_get_signer_info(TS_RESP_get_token(resp));
	X509_ALGOR *digest = NULL, *signature = NULL;
	const ASN1_OBJECT *oid;

	X509_ALGOR_get0(
		&oid, NULL, NULL, TS_MSG_IMPRINT_get_algo(TS_TST_INFO_get_msg_imprint(info)));
	TRY(algorithm_digest(OBJ_obj2nid(oid), ALGORITHM_TOKEN, at_us, err));
	if (OBJ_obj2nid(oid) != tsp_imprint_nid(digest_n))
		return co_fail(err, CO_EVERIFY, "the time-stamp is over a %s digest, not %s",
			OBJ_nid2sn(OBJ_obj2nid(oid)), OBJ_nid2sn(tsp_imprint_nid(digest_n)));
	if (sk_PKCS7_SIGNER_INFO_num(signers) != 1)
		return co_fail(err, CO_EMALFORMED, "the time-stamp has not exactly one signer");
	PKCS7_SIGNER_INFO_get0_algs(
		sk_PKCS7_SIGNER_INFO_value(signers, 0), NULL, &digest, &signature);
	X509_ALGOR_get0(&oid, NULL, NULL, digest);
	TRY(algorithm_digest(OBJ_obj2nid(oid), ALGORITHM_TOKEN, at_us, err));
	X509_ALGOR_get0(&oid, NULL, NULL, signature);
	/* Some authorities name the key here, not the signature; the digest was judged above. */
	if (OBJ_obj2nid(oid) == NID_X9_62_id_ecPublicKey)
		return CO_OK;
	return algorithm_signature(OBJ_obj2nid(oid), ALGORITHM_TOKEN, at_us, err);
}

static X509_STORE *
tsp_store(const struct cert *const *roots, size_t roots_n, int64_t at_us)
{
	X509_STORE *store = X509_STORE_new();
	X509_VERIFY_PARAM *param;
	bool ok = store != NULL;

	for (size_t i = 0; ok && i < roots_n; i++)
		ok = X509_STORE_add_cert(store, roots[i]->x) == 1;
	if (ok) {
		param = X509_STORE_get0_param(store);
		X509_VERIFY_PARAM_set_time(param, (time_t)(at_us / 1000000));
		X509_VERIFY_PARAM_set_auth_level(param, TSP_AUTH_LEVEL);
		X509_VERIFY_PARAM_set_depth(param, (int)LIMIT_CHAIN);
		ok = X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN) == 1;
	}
	if (ok)
		return store;
	X509_STORE_free(store);
	return NULL;
}

static TS_VERIFY_CTX *
tsp_verify_ctx(const unsigned char *digest, size_t digest_n, const struct cert *const *roots,
	size_t roots_n, int64_t at_us)
{
	CO_CLEANUP(crypto_cleanup_ts_verify_ctx) TS_VERIFY_CTX *ctx = TS_VERIFY_CTX_new();
	X509_STORE *store = tsp_store(roots, roots_n, at_us);
	unsigned char *imprint;

	if (ctx == NULL || store == NULL) {
		X509_STORE_free(store);
		return NULL;
	}
	TS_VERIFY_CTX_set_flags(ctx, TS_VFY_VERSION | TS_VFY_SIGNATURE | TS_VFY_IMPRINT);
	TS_VERIFY_CTX_set_store(ctx, store); /* owned by ctx from here */
	imprint = OPENSSL_memdup(digest, digest_n);
	if (imprint == NULL)
		return NULL;
	TS_VERIFY_CTX_set_imprint(ctx, imprint, (long)digest_n); /* owned by ctx */
	return CO_TAKE(ctx);
}

static void
tsp_earlier(const X509 *x, int64_t *until_us)
{
	struct tm tm;
	int64_t end_us;

	if (ASN1_TIME_to_tm(X509_get0_notAfter(x), &tm) != 1)
		return;
	end_us = (int64_t)timegm(&tm) * 1000000;
	*until_us = end_us < *until_us ? end_us : *until_us;
}

/* The chain of the token's signer at at_us: judged by the table of algorithms, and its first
 * end. */
static enum co_rc
tsp_chain(PKCS7 *token, const struct cert *const *roots, size_t roots_n, int64_t at_us,
	struct tsp_seen *seen, struct co_err *err)
{
	STACK_OF(X509) *signers = PKCS7_get0_signers(token, NULL, 0), *chain;
	X509_STORE *store = tsp_store(roots, roots_n, at_us);
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509 *signer = sk_X509_num(signers) == 1 ? sk_X509_value(signers, 0) : NULL;
	enum co_rc rc = CO_OK;

	sk_X509_free(signers);
	if (store == NULL || ctx == NULL || signer == NULL ||
		X509_STORE_CTX_init(ctx, store, signer, token->d.sign->cert) != 1)
		rc = crypto_fail(err, CO_EVERIFY, "the time-stamp carries no certificate of its "
			"signer");
	if (rc == CO_OK) /* by name before the library says "too weak" */
		rc = algorithm_cert(signer, false, at_us, err);
	if (rc == CO_OK && X509_verify_cert(ctx) != 1) {
		int why = X509_STORE_CTX_get_error(ctx);

		ERR_clear_error();
		rc = co_fail(err, CO_EVERIFY, "the certificate of the time-stamp's signer: %s",
			X509_verify_cert_error_string(why));
	}
	chain = rc == CO_OK ? X509_STORE_CTX_get0_chain(ctx) : NULL;
	seen->until_us = INT64_MAX;
	for (int i = 0; rc == CO_OK && i < sk_X509_num(chain); i++) {
		rc = algorithm_cert(
			sk_X509_value(chain, i), i == sk_X509_num(chain) - 1, at_us, err);
		if (rc == CO_OK)
			tsp_earlier(sk_X509_value(chain, i), &seen->until_us);
	}
	if (rc == CO_OK)
		(void)X509_NAME_oneline(
			X509_get_subject_name(signer), seen->signer, sizeof(seen->signer));
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	return rc;
}

/* PKIStatusInfo in words: why it was not granted. */
static enum co_rc
tsp_not_granted(TS_RESP *r, struct co_err *err)
{
	TS_STATUS_INFO *info = TS_RESP_get_status_info(r);
	const STACK_OF(ASN1_UTF8STRING) *text = info == NULL ? NULL
		: TS_STATUS_INFO_get0_text(info);
	long status = info == NULL ? -1 : ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(info));
	char why[160] = "";

	if (sk_ASN1_UTF8STRING_num(text) > 0) {
		const ASN1_UTF8STRING *s = sk_ASN1_UTF8STRING_value(text, 0);
		int n = ASN1_STRING_length(s) < 150 ? ASN1_STRING_length(s) : 150;

		(void)snprintf(why, sizeof(why), ": %.*s", n, ASN1_STRING_get0_data(s));
		for (char *c = why; *c != '\0'; c++)
			*c = (unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f ? '?' : *c;
	}
	return co_fail(err, CO_EVERIFY,
		"the authority did not grant the time-stamp (status %ld%s)", status, why);
}

static enum co_rc
tsp_read(TS_RESP **out, const void *resp, size_t n, struct co_err *err)
{
	const unsigned char *at = resp;
	TS_RESP *r;

	if (n > LIMIT_TOKEN)
		return co_fail(err, CO_ETOOBIG, "time-stamp of %zu bytes", n);
	if (!der_is_strict(resp, n))
		return co_fail(err, CO_EMALFORMED, "the time-stamp is not one DER value");
	ERR_clear_error();
	r = d2i_TS_RESP(NULL, &at, (long)n);
	if (r == NULL)
		return crypto_fail(err, CO_EMALFORMED, "not a time-stamp response");
	*out = r;
	if (TS_RESP_get_token(r) == NULL || TS_RESP_get_tst_info(r) == NULL)
		return tsp_not_granted(r, err);
	return CO_OK;
}

static enum co_rc
tsp_check_read(TS_RESP *r, const unsigned char *digest, size_t digest_n,
	const struct cert *const *roots, size_t roots_n, struct tsp_seen *seen, struct co_err *err)
{
	CO_CLEANUP(crypto_cleanup_ts_verify_ctx) TS_VERIFY_CTX *ctx = NULL;
	struct tsp_seen got = { .at_us = 0 };

	if (!tsp_gen_time(TS_TST_INFO_get_time(TS_RESP_get_tst_info(r)), &got.at_us))
		return crypto_fail(err, CO_EMALFORMED, "the time-stamp has no readable time");
	TRY(tsp_check_algorithms(r, digest_n, got.at_us, err));
	ctx = tsp_verify_ctx(digest, digest_n, roots, roots_n, got.at_us);
	if (ctx == NULL)
		return crypto_fail(err, CO_ENOMEM, "check a time-stamp");
	TRY(tsp_chain(TS_RESP_get_token(r), roots, roots_n, got.at_us, &got, err));
	if (TS_RESP_verify_response(ctx, r) != 1)
		return crypto_fail(err, CO_EVERIFY, "the time-stamp does not hold");
	*seen = got;
	return CO_OK;
}

enum co_rc
tsp_check(const void *resp, size_t n, const unsigned char *digest, size_t digest_n,
	const struct cert *const *roots, size_t roots_n, struct tsp_seen *seen, struct co_err *err)
{
	CO_CLEANUP(crypto_cleanup_ts_resp) TS_RESP *r = NULL;

	TRY(tsp_read(&r, resp, n, err));
	return tsp_check_read(r, digest, digest_n, roots, roots_n, seen, err);
}

enum co_rc
tsp_verify(const void *resp, size_t n, const unsigned char digest[SHA256_LEN],
	const struct cert *const *roots, size_t roots_n, int64_t *at_us, struct co_err *err)
{
	struct tsp_seen seen;

	TRY(tsp_check(resp, n, digest, SHA256_LEN, roots, roots_n, &seen, err));
	*at_us = seen.at_us;
	return CO_OK;
}

/* The answer that would have brought it: granted, and nothing more. */
enum co_rc
tsp_verify_token(const void *token, size_t n, const unsigned char digest[SHA256_LEN],
	const struct cert *const *roots, size_t roots_n, int64_t *at_us, struct co_err *err)
{
	static const unsigned char granted[] = { 0x30, 0x03, 0x02, 0x01, 0x00 };
	unsigned char resp[LIMIT_TOKEN + DER_HEAD], *const end = resp + sizeof(resp), *at;

	if (n > LIMIT_TOKEN - sizeof(granted) - DER_HEAD)
		return co_fail(err, CO_ETOOBIG, "time-stamp of %zu bytes", n);
	at = end - n;
	memcpy(at, token, n);
	at -= sizeof(granted);
	memcpy(at, granted, sizeof(granted));
	at = der_head_before(at, DER_SEQUENCE, (size_t)(end - at));
	return tsp_verify(at, (size_t)(end - at), digest, roots, roots_n, at_us, err);
}

/* Is the answer to what was asked? */
static enum co_rc
tsp_fits(TS_RESP *r, const struct tsp_ask *ask, struct co_err *err)
{
	TS_TST_INFO *info = TS_RESP_get_tst_info(r);
	CO_CLEANUP(crypto_cleanup_asn1_int) ASN1_INTEGER *nonce = tsp_integer(ask->nonce);
	const ASN1_INTEGER *got = TS_TST_INFO_get_nonce(info);
	char policy[TSP_POLICY_MAX] = "";

	if (nonce == NULL)
		return co_fail(err, CO_ENOMEM, "check a time-stamp");
	if (got == NULL || ASN1_INTEGER_cmp(got, nonce) != 0)
		return co_fail(err, CO_EVERIFY,
			"the answer has another nonce than the question: it is an old answer, or "
			"somebody else's");
	if (ask->policy[0] == '\0')
		return CO_OK;
	(void)OBJ_obj2txt(policy, sizeof(policy), TS_TST_INFO_get_policy_id(info), 1);
	return strcmp(policy, ask->policy) == 0
		? CO_OK
		: co_fail(err, CO_EVERIFY, "the answer is under the policy %s, not %s", policy,
			  ask->policy);
}

enum co_rc
tsp_accept(const void *resp, size_t n, const struct tsp_ask *ask, const struct cert *const *roots,
	size_t roots_n, int64_t now_us, struct tsp_seen *seen, struct co_err *err)
{
	CO_CLEANUP(crypto_cleanup_ts_resp) TS_RESP *r = NULL;
	struct tsp_seen got = { .at_us = 0 };
	char at[CO_TIME_LEN];

	TRY(tsp_read(&r, resp, n, err));
	TRY(tsp_fits(r, ask, err));
	TRY(tsp_check_read(r, ask->digest, ask->digest_n, roots, roots_n, &got, err));
	co_time_print(got.at_us, at);
	if (got.at_us > now_us + TSP_FRESH_US || got.at_us < now_us - TSP_FRESH_US)
		return co_fail(err, CO_EVERIFY,
			"the answer says %s, which is not now; look at the clocks of both", at);
	co_time_print(got.until_us, at);
	if (got.until_us < now_us)
		return co_fail(err, CO_EVERIFY, "a certificate of the time-stamp ended on %s", at);
	*seen = got;
	return CO_OK;
}

enum co_rc
tsp_until(const void *resp, size_t n, int64_t *until_us, struct co_err *err)
{
	CO_CLEANUP(crypto_cleanup_ts_resp) TS_RESP *r = NULL;
	STACK_OF(X509) *certs;
	int64_t until = INT64_MAX;

	TRY(tsp_read(&r, resp, n, err));
	certs = TS_RESP_get_token(r)->d.sign->cert;
	for (int i = 0; i < sk_X509_num(certs); i++)
		tsp_earlier(sk_X509_value(certs, i), &until);
	if (until == INT64_MAX)
		return co_fail(err, CO_EVERIFY, "the time-stamp carries no certificate");
	*until_us = until;
	return CO_OK;
}
