#include "pki.h"

#include "base/fs.h"
#include "base/limits.h"
#include "crypto/tsp.h"

static struct co_err err;
static struct pki pki;
static char dir[32];
static unsigned char digest[SHA256_LEN];

static const char tsa_conf[] =
	"[tsa]\nserial = serial\ndefault_policy = 1.2.3.4.1\ndigests = sha256,sha1\n"
	"signer_digest = sha256\naccuracy = secs:1\ness_cert_id_alg = sha256\n"
	"ess_cert_id_chain = no\nordering = no\ntsa_name = yes\nother_policies = 1.2.3.4.2\n";

static void
store(const char *name, const void *p, size_t n)
{
	char path[96];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_ok(co_write_file(path, p, n, 0600, &err));
}

static void
fetch(const char *name, struct co_buf *out)
{
	char path[96];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	co_buf_reset(out);
	assert_ok(co_read_file(path, out, &err));
}

static void
store_cert(const char *name, const struct cert *c)
{
	co_auto_buf pem;

	co_buf_init(&pem, LIMIT_CERT);
	assert_ok(cert_pem(c, &pem, &err));
	store(name, pem.data, pem.len);
}

static int
make_all(void **state)
{
	char path[96];

	(void)state;
	scratch_make(dir);
	pki_make(&pki, KEY_P256);
	(void)snprintf(path, sizeof(path), "%s/tsa.key", dir);
	assert_ok(key_save(pki.key[CERT_TSA], path, "pw", &err));
	store_cert("tsa.pem", pki.cert[CERT_TSA]);
	store_cert("root.pem", pki.root);
	store("conf", tsa_conf, sizeof(tsa_conf) - 1);
	store("serial", "01\n", 3);
	store("f", "some checkpoint\n", 16);
	sha256("some checkpoint\n", 16, digest);
	return 0;
}

static int
free_all(void **state)
{
	(void)state;
	pki_free(&pki);
	scratch_drop(dir);
	return 0;
}

static enum co_rc
check(const struct co_buf *r, int64_t *at)
{
	const struct cert *root = pki.root;

	return tsp_verify(r->data, r->len, digest, &root, 1, at, &err);
}

static void
openssl_accepts_our_answer(void **state)
{
	int64_t at = 0;
	co_auto_buf r;

	(void)state;
	co_buf_init(&r, LIMIT_TOKEN);
	assert_ok(tsp_answer(pki.key[CERT_TSA], pki.cert[CERT_TSA], digest, pki.now, &r, &err));
	assert_int_equal(check(&r, &at), CO_OK);
	assert_int_equal(at, pki.now);
	store("r", r.data, r.len);
	assert_int_equal(scratch_run(dir, "openssl ts -verify -data f -in r -CAfile root.pem"), 0);
	assert_int_equal(
		scratch_run(
			dir, "openssl ts -reply -in r -text | grep -q 'Accuracy: 0x01 seconds'"),
		0);
	store("f2", "another checkpoint", 18);
	assert_int_not_equal(
		scratch_run(dir, "openssl ts -verify -data f2 -in r -CAfile root.pem"), 0);
}

static void
we_accept_what_an_openssl_authority_answers_to_our_query(void **state)
{
	struct tsp_ask ask = { .digest_n = SHA256_LEN };
	int64_t at = 0;
	co_auto_buf q, r;

	(void)state;
	co_buf_init(&q, LIMIT_TOKEN);
	co_buf_init(&r, LIMIT_TOKEN);
	memcpy(ask.digest, digest, SHA256_LEN);
	assert_ok(tsp_query(&ask, &q, &err));
	store("q", q.data, q.len);
	assert_int_equal(
		scratch_run(dir,
			"openssl ts -reply -config conf -section tsa -queryfile q "
			"-inkey tsa.key -passin pass:pw -signer tsa.pem -chain root.pem -out r"),
		0);
	assert_int_equal(
		scratch_run(dir, "openssl ts -verify -queryfile q -in r -CAfile root.pem"), 0);
	fetch("r", &r);
	assert_int_equal(check(&r, &at), CO_OK);
	assert_true(llabs(at - co_now_us()) < 120 * 1000000LL);
	/* A refusal is a response too, and no time-stamp. */
	assert_int_equal(scratch_run(dir, "openssl ts -query -sha512 -data f -cert -out q && "
		"openssl ts -reply -config conf -section tsa -queryfile q -inkey tsa.key "
		"-passin pass:pw -signer tsa.pem -out r"), 0);
	fetch("r", &r);
	assert_rc(check(&r, &at), CO_EVERIFY);
	/* Nor is one over SHA-1. */
	assert_int_equal(scratch_run(dir, "openssl ts -query -sha1 -data f -cert -out q && "
		"openssl ts -reply -config conf -section tsa -queryfile q -inkey tsa.key "
		"-passin pass:pw -signer tsa.pem -out r"), 0);
	fetch("r", &r);
	assert_rc(check(&r, &at), CO_EVERIFY);
}

static void
any_altered_byte_of_a_time_stamp_is_refused(void **state)
{
	const struct cert *root = pki.root;
	int64_t at = 7;
	unsigned char other[SHA256_LEN];
	co_auto_buf r;

	(void)state;
	co_buf_init(&r, LIMIT_TOKEN);
	assert_ok(tsp_answer(pki.key[CERT_TSA], pki.cert[CERT_TSA], digest, pki.now, &r, &err));
	memcpy(other, digest, sizeof(other));
	other[31] ^= 1;
	assert_rc(tsp_verify(r.data, r.len, other, &root, 1, &at, &err), CO_EVERIFY);
	for (size_t i = r.len; i-- > r.len - 60;) {
		r.data[i] = (char)(r.data[i] ^ 4);
		assert_true(check(&r, &at) != CO_OK);
		co_err_clear(&err);
		r.data[i] = (char)(r.data[i] ^ 4);
	}
	assert_rc(tsp_verify(r.data, r.len - 1, digest, &root, 1, &at, &err), CO_EMALFORMED);
	assert_ok(co_buf_add(&r, "", 1, &err));
	assert_rc(check(&r, &at), CO_EMALFORMED);
	assert_rc(tsp_verify("", 0, digest, &root, 1, &at, &err), CO_EMALFORMED);
	assert_int_equal(at, 7);
}

static void
the_authority_must_be_one_and_valid_at_the_time_of_the_token(void **state)
{
	const struct cert *foreign;
	struct pki other;
	int64_t at = 0;
	co_auto_buf r;

	(void)state;
	co_buf_init(&r, LIMIT_TOKEN);
	pki_make(&other, KEY_P384);
	foreign = other.root;
	assert_ok(tsp_answer(pki.key[CERT_TSA], pki.cert[CERT_TSA], digest, pki.now, &r, &err));
	assert_rc(tsp_verify(r.data, r.len, digest, &foreign, 1, &at, &err), CO_EVERIFY);
	assert_rc(tsp_verify(r.data, r.len, digest, NULL, 0, &at, &err), CO_EVERIFY);
	/* Years later it still holds, but one made before its certificate does not. */
	co_buf_reset(&r);
	assert_ok(tsp_answer(
		pki.key[CERT_TSA], pki.cert[CERT_TSA], digest, pki.now - 5 * PKI_DAY, &r, &err));
	assert_rc(check(&r, &at), CO_EVERIFY);
	co_buf_reset(&r);
	assert_ok(tsp_answer(
		pki.key[CERT_TSA], pki.cert[CERT_TSA], digest, pki.now + 200 * PKI_DAY, &r, &err));
	assert_rc(check(&r, &at), CO_OK);
	co_buf_reset(&r);
	assert_ok(tsp_answer(
		pki.key[CERT_TSA], pki.cert[CERT_TSA], digest, pki.now + 400 * PKI_DAY, &r, &err));
	assert_rc(check(&r, &at), CO_EVERIFY);
	/* A seal cannot stamp; nor a wrong key. */
	co_buf_reset(&r);
	assert_rc(tsp_answer(pki.key[CERT_SEAL], pki.cert[CERT_SEAL], digest, pki.now, &r, &err),
		CO_ECRYPTO);
	assert_rc(tsp_answer(pki.key[CERT_SEAL], pki.cert[CERT_TSA], digest, pki.now, &r, &err),
		CO_ECRYPTO);
	assert_int_equal(r.len, 0);
	/* Another type of key works the same. */
	assert_ok(tsp_answer(other.key[CERT_TSA], other.cert[CERT_TSA], digest, pki.now, &r, &err));
	assert_ok(tsp_verify(r.data, r.len, digest, &foreign, 1, &at, &err));
	pki_free(&other);
}

/* ---- as a client ---- */

/* An answer by this signer to ask, at at_us. */
static void
answered(const struct pki *p, const struct tsp_ask *ask, int64_t at_us, struct co_buf *r)
{
	co_buf_reset(r);
	assert_ok(tsp_answer_n(p->key[CERT_TSA], p->cert[CERT_TSA], ask->digest, ask->digest_n,
		at_us, r, &err));
}

static void
a_client_takes_only_an_answer_to_its_question(void **state)
{
	struct tsp_ask ask = { .digest_n = SHA256_LEN };
	const struct cert *root = pki.root;
	struct tsp_seen seen;
	int64_t now = co_now_us();
	co_auto_buf q, r;

	(void)state;
	co_buf_init(&q, LIMIT_TOKEN);
	co_buf_init(&r, LIMIT_TOKEN);
	memcpy(ask.digest, digest, SHA256_LEN);
	assert_ok(tsp_query(&ask, &q, &err));
	/* Ours answers without a nonce. */
	answered(&pki, &ask, now, &r);
	assert_int_equal(tsp_accept(r.data, r.len, &ask, &root, 1, now, &seen, &err), CO_EVERIFY);
	assert_non_null(strstr(err.msg, "nonce"));
	store("q", q.data, q.len);
	assert_int_equal(scratch_run(dir,
				 "openssl ts -reply -config conf -section tsa -queryfile q -inkey "
				 "tsa.key -passin pass:pw -signer tsa.pem -out r"),
		0);
	fetch("r", &r);
	assert_ok(tsp_accept(r.data, r.len, &ask, &root, 1, now, &seen, &err));
	assert_true(llabs(seen.at_us - now) < 120 * 1000000LL);
	assert_true(seen.until_us > now);
	assert_rc(tsp_accept(r.data, r.len, &ask, &root, 1, now + 3600 * 1000000LL, &seen, &err),
		CO_EVERIFY);
	assert_rc(tsp_accept(r.data, r.len, &ask, &root, 1, now - 3600 * 1000000LL, &seen, &err),
		CO_EVERIFY);
	(void)snprintf(ask.policy, sizeof(ask.policy), "1.2.3.4.1");
	assert_ok(tsp_accept(r.data, r.len, &ask, &root, 1, now, &seen, &err));
	(void)snprintf(ask.policy, sizeof(ask.policy), "1.2.3.4.9");
	co_err_clear(&err);
	assert_int_equal(tsp_accept(r.data, r.len, &ask, &root, 1, now, &seen, &err), CO_EVERIFY);
	assert_non_null(strstr(err.msg, "policy"));
	ask.nonce[3] ^= 1;
	assert_rc(tsp_accept(r.data, r.len, &ask, &root, 1, now, &seen, &err), CO_EVERIFY);
}

/* A token is good for ever at its own time, but no authority whose certificate ended is asked. */
static void
an_ended_certificate_gives_no_new_time(void **state)
{
	const struct cert *root = pki.root;
	struct tsp_ask ask = { .digest_n = SHA256_LEN };
	int64_t now = co_now_us(), at = 0;
	struct cert *old = pki.cert[CERT_TSA];
	struct tsp_seen seen;
	co_auto_buf q, r;

	(void)state;
	co_buf_init(&q, LIMIT_TOKEN);
	co_buf_init(&r, LIMIT_TOKEN);
	memcpy(ask.digest, digest, SHA256_LEN);
	pki.cert[CERT_TSA] = pki_issue(
		&pki, CERT_TSA, pki.key[CERT_TSA], now - 9 * PKI_DAY, now - 30 * 1000000LL);
	store_cert("tsa.pem", pki.cert[CERT_TSA]);
	assert_ok(tsp_query(&ask, &q, &err));
	answered(&pki, &ask, now - 60 * 1000000LL, &r);
	assert_ok(tsp_verify(r.data, r.len, digest, &root, 1, &at, &err));
	assert_ok(tsp_until(r.data, r.len, &at, &err));
	assert_true(at <= now - 30 * 1000000LL);
	store("q", q.data, q.len);
	if (scratch_run(dir,
		    "openssl ts -reply -config conf -section tsa -queryfile q -inkey tsa.key "
		    "-passin pass:pw -signer tsa.pem -out r") == 0) {
		fetch("r", &r);
		assert_rc(tsp_accept(r.data, r.len, &ask, &root, 1, now, &seen, &err),
			CO_EVERIFY);
	}
	cert_free(&pki.cert[CERT_TSA]);
	pki.cert[CERT_TSA] = old;
	store_cert("tsa.pem", old);
}

static void
a_longer_digest_is_stamped_too(void **state)
{
	const struct cert *root = pki.root;
	unsigned char longer[TSP_DIGEST_MAX];
	struct tsp_seen seen;
	int64_t at;
	co_auto_buf r;

	(void)state;
	co_buf_init(&r, LIMIT_TOKEN);
	sha512("a link\n", 7, longer);
	store("link", "a link\n", 7);
	assert_ok(tsp_answer_n(pki.key[CERT_TSA], pki.cert[CERT_TSA], longer, sizeof(longer),
		co_now_us(), &r, &err));
	assert_ok(tsp_check(
		r.data, r.len, longer, sizeof(longer), &root, 1, &seen, &err));
	store("link.tsr", r.data, r.len);
	assert_int_equal(scratch_run(dir,
				 "openssl ts -verify -data link -in link.tsr -CAfile root.pem"),
		0);
	/* Not mistaken for the other kind. */
	assert_rc(tsp_verify(r.data, r.len, longer, &root, 1, &at, &err), CO_EVERIFY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(openssl_accepts_our_answer),
		cmocka_unit_test(we_accept_what_an_openssl_authority_answers_to_our_query),
		cmocka_unit_test(a_client_takes_only_an_answer_to_its_question),
		cmocka_unit_test(an_ended_certificate_gives_no_new_time),
		cmocka_unit_test(a_longer_digest_is_stamped_too),
		cmocka_unit_test(any_altered_byte_of_a_time_stamp_is_refused),
		cmocka_unit_test(the_authority_must_be_one_and_valid_at_the_time_of_the_token),
	};

	return cmocka_run_group_tests(tests, make_all, free_all);
}
