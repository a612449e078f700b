/* A real keeper process with real keys. */
#include "keeper_fixture.h"

#include "crypto/cms.h"
#include "crypto/tsp.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>

#define ID "0190a000-0000-7000-8000-000000000000"
#define RECORD(from) \
	"{\"comity\":1,\"kind\":\"ping\",\"id\":\"" ID "\",\"case\":null,\"from\":\"" from \
	"\",\"to\":\"us.contact\"}"
#define ROOT_A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define ROOT_B "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static struct co_err err;
static struct fixture fix;
static struct keeper *keeper;

static int
set_up(void **state)
{
	(void)state;
	if (fix_make(&fix, KEY_P256, co_now_us() + 30 * FIX_DAY, &err) != CO_OK ||
		keeper_start(&keeper, &fix.conf, &err) != CO_OK) {
		(void)fprintf(stderr, "%s\n", err.msg);
		return -1;
	}
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	keeper_stop(&keeper);
	fix_drop(&fix);
	return 0;
}

static void
batch_of_records_is_signed_and_each_signature_verifies(void **state)
{
	enum { N = 150 }; /* three frames */
	static char text[N][160];
	static struct keeper_blob blobs[N];
	static struct co_buf sigs[N];
	const struct cert *const allowed[] = { fix.seal };
	struct cms_seen seen;

	(void)state;
	for (size_t i = 0; i < N; i++) {
		int n = snprintf(text[i], sizeof(text[i]), "%.*s,\"n\":%zu}",
			(int)strlen(RECORD(FIX_ADDRESS)) - 1, RECORD(FIX_ADDRESS), i);

		blobs[i] = (struct keeper_blob){ text[i], (size_t)n };
		co_buf_init(&sigs[i], LIMIT_SIGNATURE);
	}
	assert_ok(keeper_sign_records(keeper, blobs, N, sigs, &err));
	for (size_t i = 0; i < N; i++) {
		assert_ok(cms_verify(sigs[i].data, sigs[i].len, blobs[i].p, blobs[i].n, allowed, 1,
			&seen, &err));
		if (i > 0)
			assert_rc(cms_verify(sigs[i].data, sigs[i].len, blobs[i - 1].p,
					  blobs[i - 1].n, allowed, 1, &seen, &err),
				CO_EVERIFY);
		co_buf_deinit(&sigs[i]);
	}
}

static void
record_of_the_largest_size_is_signed(void **state)
{
	co_auto_free char *p = malloc(LIMIT_RECORD + 1);
	struct keeper_blob blobs[2] = { { p, LIMIT_RECORD }, { p, LIMIT_RECORD } };
	struct co_buf sigs[2];

	(void)state;
	assert_non_null(p);
	memset(p, ' ', LIMIT_RECORD + 1);
	memcpy(p, RECORD(FIX_ADDRESS), strlen(RECORD(FIX_ADDRESS)) - 1);
	p[LIMIT_RECORD - 1] = '}';
	for (size_t i = 0; i < 2; i++)
		co_buf_init(&sigs[i], LIMIT_SIGNATURE);
	assert_ok(keeper_sign_records(keeper, blobs, 2, sigs, &err));
	assert_true(sigs[1].len > 0);
	blobs[0].n = LIMIT_RECORD + 1;
	assert_rc(keeper_sign_records(keeper, blobs, 1, sigs, &err), CO_ETOOBIG);
	for (size_t i = 0; i < 2; i++)
		co_buf_deinit(&sigs[i]);
}

static void
foreign_sender_spoils_its_batch_and_is_named(void **state)
{
	const struct keeper_blob blobs[] = {
		{ RECORD(FIX_ADDRESS), strlen(RECORD(FIX_ADDRESS)) },
		{ RECORD("us.contact"), strlen(RECORD("us.contact")) },
	};
	struct co_buf sigs[2];

	(void)state;
	co_buf_init(&sigs[0], LIMIT_SIGNATURE);
	co_buf_init(&sigs[1], LIMIT_SIGNATURE);
	co_err_clear(&err);
	assert_int_equal(keeper_sign_records(keeper, blobs, 2, sigs, &err), CO_EREFUSED);
	assert_non_null(strstr(err.msg, "record 2 of 2"));
	co_err_clear(&err);
	assert_int_equal(sigs[0].len, 0);
	assert_int_equal(sigs[1].len, 0);
	/* The refusal costs nothing else. */
	assert_ok(keeper_sign_records(keeper, blobs, 1, sigs, &err));
	co_buf_deinit(&sigs[0]);
	co_buf_deinit(&sigs[1]);
}

static enum co_rc
checkpoint(const char *text)
{
	unsigned char sig[ED25519_SIG];
	enum co_rc rc = keeper_sign_checkpoint(keeper, text, strlen(text), sig, &err);

	if (rc == CO_OK)
		assert_true(ed25519_verify(keeper_log_public(keeper), text, strlen(text), sig));
	return rc;
}

static void
checkpoints_never_shrink_or_fork(void **state)
{
	(void)state;
	assert_ok(checkpoint("th.contact/ledger\n10\n" ROOT_A "\n"));
	assert_ok(checkpoint("th.contact/ledger\n10\n" ROOT_A "\n"));
	assert_rc(checkpoint("th.contact/ledger\n9\n" ROOT_A "\n"), CO_EREFUSED);
	assert_rc(checkpoint("th.contact/ledger\n10\n" ROOT_B "\n"), CO_EREFUSED);
	assert_ok(checkpoint("th.contact/ledger\n11\n" ROOT_B "\n"));
	assert_rc(checkpoint("us.contact/ledger\n12\n" ROOT_B "\n"), CO_EREFUSED);
	assert_rc(checkpoint(RECORD(FIX_ADDRESS)), CO_EREFUSED);
}

static void
stamp_verifies_under_the_root(void **state)
{
	const struct cert *const roots[] = { fix.root };
	unsigned char digest[SHA256_LEN];
	co_auto_buf resp;
	int64_t at;

	(void)state;
	co_buf_init(&resp, LIMIT_TOKEN);
	sha256("x", 1, digest);
	assert_ok(keeper_stamp(keeper, digest, SHA256_LEN, &resp, &err));
	assert_ok(tsp_verify(resp.data, resp.len, digest, roots, 1, &at, &err));
	assert_true(llabs(at - co_now_us()) < 60 * 1000000ll);
}

static void
only_file_keys_of_32_bytes_are_unwrapped(void **state)
{
	const struct cert *const to[] = { fix.seal };
	static unsigned char big[16 * 1024 + 1];
	unsigned char key[32], back[32];
	co_auto_buf der;

	(void)state;
	co_buf_init(&der, LIMIT_SIGNATURE);
	crypto_random(key, sizeof(key));
	assert_ok(cms_wrap(key, sizeof(key), to, 1, &der, &err));
	assert_ok(keeper_unwrap(keeper, der.data, der.len, back, &err));
	assert_memory_equal(key, back, 32);
	co_buf_reset(&der);
	assert_ok(cms_wrap(key, 31, to, 1, &der, &err));
	assert_rc(keeper_unwrap(keeper, der.data, der.len, back, &err), CO_EREFUSED);
	assert_rc(keeper_unwrap(keeper, big, sizeof(big), back, &err), CO_ETOOBIG);
	assert_true(keeper_unwrap(keeper, big, 100, back, &err) != CO_OK);
	co_err_clear(&err);
}

static void
tls_digests_have_a_digest_s_size(void **state)
{
	const unsigned char digest[65] = { 1 };
	co_auto_buf sig;

	(void)state;
	co_buf_init(&sig, LIMIT_SIGNATURE);
	assert_ok(keeper_tls_sign(keeper, cert_sha256(fix.tls), digest, 32, &sig, &err));
	assert_true(sig.len > 60);
	assert_rc(keeper_tls_sign(keeper, cert_sha256(fix.tls), digest, 31, &sig, &err),
		CO_EREFUSED);
	assert_rc(keeper_tls_sign(keeper, cert_sha256(fix.tls), digest, 65, &sig, &err),
		CO_EREFUSED);
	assert_rc(keeper_tls_sign(keeper, cert_sha256(fix.tls), digest, 0, &sig, &err),
		CO_EREFUSED);
}

static void *
sign_some(void *arg)
{
	const struct keeper_blob blob = { RECORD(FIX_ADDRESS), strlen(RECORD(FIX_ADDRESS)) };
	size_t *good = arg;

	for (size_t i = 0; i < 50; i++) {
		co_auto_buf sig;

		co_buf_init(&sig, LIMIT_SIGNATURE);
		if (keeper_sign_records(keeper, &blob, 1, &sig, NULL) == CO_OK && sig.len > 0)
			(*good)++;
	}
	return NULL;
}

static void
eight_threads_sign_at_once(void **state)
{
	size_t good[8] = { 0 };
	pthread_t t[8];

	(void)state;
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&t[i], NULL, sign_some, &good[i]), 0);
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(pthread_join(t[i], NULL), 0);
		assert_int_equal(good[i], 50);
	}
}

static void
nothing_of_the_keeper_can_be_read_from_outside(void **state)
{
	char path[64], line[256], status[4096] = "";
	struct stat st;
	FILE *f;

	(void)state;
	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)keeper_pid(keeper));
	f = fopen(path, "re");
	assert_non_null(f);
	status[fread(status, 1, sizeof(status) - 1, f)] = '\0';
	fclose(f);
	assert_non_null(strstr(status, "NoNewPrivs:\t1"));
	if (fix.conf.seccomp)
		assert_non_null(strstr(status, "Seccomp:\t2"));
	/* Not dumpable: its /proc entries belong to root, whoever runs it. */
	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)keeper_pid(keeper));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, 0);
	/* Standard streams, the watch and four lanes; nothing of ours. */
	(void)snprintf(path, sizeof(path), "ls /proc/%d/fd | wc -l", (int)keeper_pid(keeper));
	f = popen(path, "re");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	(void)pclose(f);
	assert_in_range(strtol(line, NULL, 10), 7, 9);
}

static void
start_fails_with_words(const struct keeper_conf *conf, const char *first, const char *second)
{
	struct keeper *k = NULL;

	co_err_clear(&err);
	assert_true(keeper_start(&k, conf, &err) != CO_OK);
	assert_null(k);
	if (strstr(err.msg, first) == NULL || strstr(err.msg, second) == NULL)
		fail_msg("message does not say %s, %s: %s", first, second, err.msg);
	co_err_clear(&err);
}

static void
start_says_which_file_is_wrong(void **state)
{
	struct keeper_conf conf = fix.conf;
	co_auto_free char *other = co_path_join(fix.home, "other");

	(void)state;
	assert_non_null(other);
	assert_ok(co_write_file(other, "wrong\n", 6, 0600, &err));
	conf.secret_file = other;
	start_fails_with_words(&conf, "seal.key", "other");
	assert_int_equal(chmod(other, 0644), 0);
	start_fails_with_words(&conf, other, "chmod 600");
	conf = fix.conf;
	conf.seal_cert = conf.tsa_cert;
	start_fails_with_words(&conf, "tsa.pem", "does not belong");
	conf = fix.conf;
	conf.log_key = "/nonexistent/log.key";
	start_fails_with_words(&conf, "log", "/nonexistent/log.key");
	conf = fix.conf;
	conf.log_key = conf.tsa_key;
	start_fails_with_words(&conf, "log key", "Ed25519");
	(void)unlink(other);
}

static void
rsa_seal_key_signs_and_unwraps(void **state)
{
	const struct keeper_blob blob = { RECORD(FIX_ADDRESS), strlen(RECORD(FIX_ADDRESS)) };
	unsigned char key[32] = { 7 }, back[32];
	const struct cert *allowed[1];
	struct cms_seen seen;
	struct fixture rsa;
	keeper_auto *k = NULL;
	co_auto_buf sig, der;

	(void)state;
	co_buf_init(&sig, LIMIT_SIGNATURE);
	co_buf_init(&der, LIMIT_SIGNATURE);
	assert_ok(fix_make(&rsa, KEY_RSA3072, co_now_us() + FIX_DAY, &err));
	assert_ok(keeper_start(&k, &rsa.conf, &err));
	allowed[0] = rsa.seal;
	assert_ok(keeper_sign_records(k, &blob, 1, &sig, &err));
	assert_ok(cms_verify(sig.data, sig.len, blob.p, blob.n, allowed, 1, &seen, &err));
	assert_ok(cms_wrap(key, sizeof(key), allowed, 1, &der, &err));
	assert_ok(keeper_unwrap(k, der.data, der.len, back, &err));
	assert_memory_equal(key, back, 32);
	/* But not for TLS. */
	keeper_stop(&k);
	rsa.conf.tls_key = rsa.conf.seal_key;
	rsa.conf.tls_cert = rsa.conf.seal_cert;
	start_fails_with_words(&rsa.conf, "TLS key", "P-256");
	fix_drop(&rsa);
}

/* A seal and a TLS certificate beside the first, each with a key of its own. */
static void
renewed_certificates_are_held_beside_the_first(void **state)
{
	int64_t from = co_now_us() - FIX_DAY, to = co_now_us() + 60 * FIX_DAY;
	const struct keeper_blob blob = { RECORD(FIX_ADDRESS), sizeof(RECORD(FIX_ADDRESS)) - 1 };
	char key[2][96], pem[2][96];
	struct keeper_more more[3];
	const struct cert *allowed[2];
	cert_auto *seal = NULL, *tls = NULL;
	const unsigned char secret[32] = { 7 }, stranger[SHA256_LEN] = { 9 };
	struct fixture f;
	unsigned char back[32];
	struct keeper *k;
	struct cms_seen seen;
	co_auto_buf sig, der;

	(void)state;
	co_buf_init(&sig, LIMIT_SIGNATURE);
	co_buf_init(&der, LIMIT_SIGNATURE);
	assert_ok(fix_make(&f, KEY_P256, co_now_us() + 30 * FIX_DAY, &err));
	for (int i = 0; i < 2; i++) {
		(void)snprintf(key[i], sizeof(key[i]), "%s/more-%d.key", f.home, i);
		(void)snprintf(pem[i], sizeof(pem[i]), "%s/more-%d.pem", f.home, i);
		assert_ok(fix_cert(i == 0 ? &seal : &tls, i == 0 ? CERT_SEAL : CERT_TLS, KEY_P256,
			key[i], pem[i], f.root, f.root_key, from, to, &err));
		more[i] = (struct keeper_more){ i == 0 ? CERT_SEAL : CERT_TLS, key[i], pem[i] };
	}
	/* One that is not there is done without. */
	more[2] = (struct keeper_more){ CERT_SEAL, "/nonexistent/key", "/nonexistent/pem" };
	f.conf.more = more;
	f.conf.more_n = 3;
	assert_ok(keeper_start(&k, &f.conf, &err));
	allowed[0] = f.seal;
	allowed[1] = seal;
	assert_ok(keeper_sign_records(k, &blob, 1, &sig, &err));
	assert_ok(cms_verify(sig.data, sig.len, blob.p, blob.n, allowed, 2, &seen, &err));
	assert_int_equal(seen.signer, 0);
	assert_rc(keeper_use(k, stranger, &err), CO_ENOTFOUND);
	assert_ok(keeper_use(k, cert_sha256(seal), &err));
	assert_ok(keeper_use(k, cert_sha256(tls), &err)); /* held; changes nothing */
	co_buf_reset(&sig);
	assert_ok(keeper_sign_records(k, &blob, 1, &sig, &err));
	assert_ok(cms_verify(sig.data, sig.len, blob.p, blob.n, allowed, 2, &seen, &err));
	assert_int_equal(seen.signer, 1);
	for (int i = 0; i < 2; i++) {
		co_buf_reset(&der);
		assert_ok(cms_wrap(secret, sizeof(secret), &allowed[i], 1, &der, &err));
		assert_ok(keeper_unwrap(k, der.data, der.len, back, &err));
		assert_memory_equal(back, secret, 32);
	}
	co_buf_reset(&der);
	allowed[0] = f.tsa; /* nobody's seal */
	if (cms_wrap(secret, sizeof(secret), &allowed[0], 1, &der, NULL) == CO_OK)
		assert_rc(keeper_unwrap(k, der.data, der.len, back, &err), CO_EVERIFY);
	assert_ok(keeper_tls_sign(k, cert_sha256(tls), secret, 32, &sig, &err));
	assert_ok(keeper_tls_sign(k, cert_sha256(f.tls), secret, 32, &sig, &err));
	assert_rc(keeper_tls_sign(k, cert_sha256(seal), secret, 32, &sig, &err), CO_ENOTFOUND);
	keeper_stop(&k);
	for (int i = 0; i < 2; i++) {
		(void)unlink(key[i]);
		(void)unlink(pem[i]);
	}
	fix_drop(&f);
}

static void *
sign_until_closed(void *arg)
{
	const struct keeper_blob blob = { RECORD(FIX_ADDRESS), strlen(RECORD(FIX_ADDRESS)) };
	enum co_rc *rc = arg;

	do {
		co_auto_buf sig;

		co_buf_init(&sig, LIMIT_SIGNATURE);
		*rc = keeper_sign_records(keeper, &blob, 1, &sig, NULL);
	} while (*rc == CO_OK);
	return NULL;
}

/* Last: the keeper of the group dies here. */
static void
killed_keeper_is_closed_for_every_caller(void **state)
{
	struct pollfd watch = { .fd = keeper_watch_fd(keeper), .events = POLLIN };
	unsigned char digest[SHA256_LEN] = { 0 };
	enum co_rc rc[6];
	pthread_t t[6];
	co_auto_buf out;

	(void)state;
	co_buf_init(&out, LIMIT_TOKEN);
	assert_int_equal(poll(&watch, 1, 0), 0);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(pthread_create(&t[i], NULL, sign_until_closed, &rc[i]), 0);
	assert_int_equal(kill(keeper_pid(keeper), SIGTERM), 0); /* ignored: the node decides */
	usleep(50000);
	assert_int_equal(poll(&watch, 1, 0), 0);
	assert_int_equal(kill(keeper_pid(keeper), SIGKILL), 0);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(pthread_join(t[i], NULL), 0);
		assert_int_equal(rc[i], CO_ECLOSED);
	}
	assert_int_equal(poll(&watch, 1, 5000), 1);
	assert_rc(keeper_stamp(keeper, digest, SHA256_LEN, &out, &err), CO_ECLOSED);
	assert_rc(keeper_tls_sign(keeper, cert_sha256(fix.tls), digest, 32, &out, &err),
		CO_ECLOSED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(renewed_certificates_are_held_beside_the_first),
		cmocka_unit_test(batch_of_records_is_signed_and_each_signature_verifies),
		cmocka_unit_test(record_of_the_largest_size_is_signed),
		cmocka_unit_test(foreign_sender_spoils_its_batch_and_is_named),
		cmocka_unit_test(checkpoints_never_shrink_or_fork),
		cmocka_unit_test(stamp_verifies_under_the_root),
		cmocka_unit_test(only_file_keys_of_32_bytes_are_unwrapped),
		cmocka_unit_test(tls_digests_have_a_digest_s_size),
		cmocka_unit_test(eight_threads_sign_at_once),
		cmocka_unit_test(nothing_of_the_keeper_can_be_read_from_outside),
		cmocka_unit_test(start_says_which_file_is_wrong),
		cmocka_unit_test(rsa_seal_key_signs_and_unwraps),
		cmocka_unit_test(killed_keeper_is_closed_for_every_caller),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
