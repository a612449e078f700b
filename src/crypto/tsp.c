#include "crypto/tsp.h"

#include "base/limits.h"
#include "crypto/internal.h"

#include <openssl/err.h>
#include <openssl/ts.h>
#include <openssl/x509_vfy.h>
#include <string.h>
#include <time.h>

/* Our authority's policy: the token states the clock of the node at the moment of a checkpoint.
 * The arc 2.25 takes a UUID as its number and needs no registry (ITU-T X.667). */
#define TSP_POLICY "2.25.321437082859735444238618324614402288032"
enum { TSP_SERIAL = 16, TSP_ACCURACY_S = 1, TSP_CLOCK_DIGITS = 6, TSP_AUTH_LEVEL = 2 };

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

static TS_MSG_IMPRINT *
tsp_imprint(const unsigned char digest[SHA256_LEN])
{
	CO_CLEANUP(crypto_cleanup_imprint) TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
	CO_CLEANUP(crypto_cleanup_algor) X509_ALGOR *algo = X509_ALGOR_new();
	unsigned char own[SHA256_LEN];

	memcpy(own, digest, sizeof(own));
	if (imprint == NULL || algo == NULL ||
		X509_ALGOR_set0(algo, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) != 1 ||
		TS_MSG_IMPRINT_set_algo(imprint, algo) != 1 ||
		TS_MSG_IMPRINT_set_msg(imprint, own, sizeof(own)) != 1)
		return NULL;
	return CO_TAKE(imprint);
}

static TS_REQ *
tsp_request(const unsigned char digest[SHA256_LEN])
{
	CO_CLEANUP(crypto_cleanup_ts_req) TS_REQ *req = TS_REQ_new();
	CO_CLEANUP(crypto_cleanup_imprint) TS_MSG_IMPRINT *imprint = tsp_imprint(digest);

	if (req == NULL || imprint == NULL || TS_REQ_set_version(req, 1) != 1 ||
		TS_REQ_set_msg_imprint(req, imprint) != 1 || TS_REQ_set_cert_req(req, 1) != 1)
		return NULL;
	return CO_TAKE(req);
}

enum co_rc
tsp_query(const unsigned char digest[SHA256_LEN], struct co_buf *out, struct co_err *err)
{
	CO_CLEANUP(crypto_cleanup_ts_req) TS_REQ *req = NULL;
	CO_CLEANUP(crypto_cleanup_asn1_int) ASN1_INTEGER *nonce = NULL;
	auto_bio *der = BIO_new(BIO_s_mem());

	ERR_clear_error();
	req = tsp_request(digest);
	nonce = tsp_random_integer();
	if (req == NULL || nonce == NULL || TS_REQ_set_nonce(req, nonce) != 1 || der == NULL ||
		i2d_TS_REQ_bio(der, req) != 1)
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
	CO_CLEANUP(crypto_cleanup_ts_resp_ctx) TS_RESP_CTX *ctx = NULL;
	CO_CLEANUP(crypto_cleanup_ts_req) TS_REQ *req = NULL;
	CO_CLEANUP(crypto_cleanup_ts_resp) TS_RESP *resp = NULL;
	auto_bio *in = BIO_new(BIO_s_mem()), *der = BIO_new(BIO_s_mem());

	if (k->md == NULL)
		return co_fail(err, CO_EUSAGE, "a time-stamp cannot be signed with an Ed25519 key");
	ERR_clear_error();
	ctx = tsp_authority(k, c, &at_us);
	req = tsp_request(digest);
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

/* What the library does not ask for: the digest algorithms, of the imprint and of the signature. */
static enum co_rc
tsp_check_digests(TS_RESP *resp, struct co_err *err)
{
	TS_TST_INFO *info = TS_RESP_get_tst_info(resp);
	STACK_OF(PKCS7_SIGNER_INFO) *signers = PKCS7_get_signer_info(TS_RESP_get_token(resp));
	X509_ALGOR *digest = NULL;
	const ASN1_OBJECT *oid;
	int nid;

	X509_ALGOR_get0(
		&oid, NULL, NULL, TS_MSG_IMPRINT_get_algo(TS_TST_INFO_get_msg_imprint(info)));
	if (OBJ_obj2nid(oid) != NID_sha256)
		return co_fail(
			err, CO_EVERIFY, "the time-stamp is over another digest than SHA-256");
	if (sk_PKCS7_SIGNER_INFO_num(signers) != 1)
		return co_fail(err, CO_EMALFORMED, "the time-stamp has not exactly one signer");
	PKCS7_SIGNER_INFO_get0_algs(sk_PKCS7_SIGNER_INFO_value(signers, 0), NULL, &digest, NULL);
	X509_ALGOR_get0(&oid, NULL, NULL, digest);
	nid = OBJ_obj2nid(oid);
	if (nid != NID_sha256 && nid != NID_sha384 && nid != NID_sha512)
		return co_fail(err, CO_EVERIFY,
			"the time-stamp is signed over the digest %s; SHA-256 or "
			"longer is asked",
			OBJ_nid2sn(nid));
	return CO_OK;
}

static TS_VERIFY_CTX *
tsp_verify_ctx(const unsigned char digest[SHA256_LEN], const struct cert *const *roots,
	size_t roots_n, int64_t at_us)
{
	CO_CLEANUP(crypto_cleanup_ts_verify_ctx) TS_VERIFY_CTX *ctx = TS_VERIFY_CTX_new();
	X509_STORE *store = X509_STORE_new();
	X509_VERIFY_PARAM *param;
	unsigned char *imprint;

	if (ctx == NULL || store == NULL) {
		X509_STORE_free(store);
		return NULL;
	}
	TS_VERIFY_CTX_set_flags(ctx, TS_VFY_VERSION | TS_VFY_SIGNATURE | TS_VFY_IMPRINT);
	TS_VERIFY_CTX_set_store(ctx, store); /* owned by ctx from here */
	for (size_t i = 0; i < roots_n; i++)
		if (X509_STORE_add_cert(store, roots[i]->x) != 1)
			return NULL;
	param = X509_STORE_get0_param(store);
	X509_VERIFY_PARAM_set_time(param, (time_t)(at_us / 1000000));
	X509_VERIFY_PARAM_set_auth_level(param, TSP_AUTH_LEVEL);
	X509_VERIFY_PARAM_set_depth(param, (int)LIMIT_CHAIN);
	imprint = OPENSSL_memdup(digest, SHA256_LEN);
	if (imprint == NULL || X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN) != 1) {
		OPENSSL_free(imprint);
		return NULL;
	}
	TS_VERIFY_CTX_set_imprint(ctx, imprint, SHA256_LEN); /* owned by ctx */
	return CO_TAKE(ctx);
}

enum co_rc
tsp_verify(const void *resp, size_t n, const unsigned char digest[SHA256_LEN],
	const struct cert *const *roots, size_t roots_n, int64_t *at_us, struct co_err *err)
{
	CO_CLEANUP(crypto_cleanup_ts_verify_ctx) TS_VERIFY_CTX *ctx = NULL;
	CO_CLEANUP(crypto_cleanup_ts_resp) TS_RESP *r = NULL;
	const unsigned char *at = resp;
	int64_t gen = 0;
	enum co_rc rc;

	if (n > LIMIT_TOKEN)
		return co_fail(err, CO_ETOOBIG, "time-stamp of %zu bytes", n);
	if (!der_is_strict(resp, n))
		return co_fail(err, CO_EMALFORMED, "the time-stamp is not one DER value");
	ERR_clear_error();
	r = d2i_TS_RESP(NULL, &at, (long)n);
	if (r == NULL)
		return crypto_fail(err, CO_EMALFORMED, "not a time-stamp response");
	if (TS_RESP_get_token(r) == NULL || TS_RESP_get_tst_info(r) == NULL)
		return co_fail(err, CO_EVERIFY, "the authority did not grant the time-stamp");
	rc = tsp_check_digests(r, err);
	if (rc != CO_OK)
		return rc;
	if (!tsp_gen_time(TS_TST_INFO_get_time(TS_RESP_get_tst_info(r)), &gen))
		return crypto_fail(err, CO_EMALFORMED, "the time-stamp has no readable time");
	ctx = tsp_verify_ctx(digest, roots, roots_n, gen);
	if (ctx == NULL)
		return crypto_fail(err, CO_ENOMEM, "check a time-stamp");
	if (TS_RESP_verify_response(ctx, r) != 1)
		return crypto_fail(err, CO_EVERIFY, "the time-stamp does not hold");
	*at_us = gen;
	return CO_OK;
}
