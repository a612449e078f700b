/* Keys in a PKCS#11 module: SoftHSM2 with a token folder of its own. */
#include "pki.h"

#include "base/limits.h"
#include "crypto/cms.h"

#define MODULE "/usr/lib/softhsm/libsofthsm2.so"
#define URI(object) "pkcs11:token=comity;object=" object ";type=private?module-path=" MODULE

static struct co_err err;
static struct pki pki;
static char dir[32];

static int
make_token(void **state)
{
	char path[64], text[96];
	FILE *f;

	(void)state;
	scratch_make(dir);
	if (access(MODULE, R_OK) != 0 || scratch_run(dir, "which softhsm2-util pkcs11-tool") != 0 ||
		scratch_run(dir, "openssl engine -t pkcs11 | grep -q available") != 0) {
		(void)fprintf(stderr,
			"skipped: SoftHSM2, pkcs11-tool or OpenSSL's pkcs11 engine is absent\n");
		scratch_drop(dir);
		dir[0] = '\0';
		return 0;
	}
	(void)snprintf(path, sizeof(path), "%s/softhsm2.conf", dir);
	(void)snprintf(
		text, sizeof(text), "directories.tokendir = %s\nobjectstore.backend = file\n", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(setenv("SOFTHSM2_CONF", path, 1), 0);
	assert_int_equal(scratch_run(dir,
				 "softhsm2-util --init-token --free --label comity --pin 4321 "
				 "--so-pin 8765"),
		0);
	assert_int_equal(
		scratch_run(dir,
			"pkcs11-tool --module " MODULE " --token-label comity --login --pin 4321 "
			"--keypairgen --key-type EC:prime256v1 --usage-sign --usage-derive --label "
			"ec --id 01"),
		0);
	assert_int_equal(
		scratch_run(dir,
			"pkcs11-tool --module " MODULE " --token-label comity --login --pin 4321 "
			"--keypairgen --key-type rsa:2048 --usage-sign --usage-decrypt --label rsa "
			"--id 02"),
		0);
	pki_make(&pki, KEY_P256);
	return 0;
}

static int
drop_token(void **state)
{
	(void)state;
	pki_free(&pki);
	if (dir[0] != '\0')
		scratch_drop(dir);
	return 0;
}

static void
a_wrong_pin_or_object_opens_nothing(void **state)
{
	key_auto *k = NULL;

	(void)state;
	if (dir[0] == '\0')
		skip();
	assert_rc(key_load(&k, "pkcs11:token=comity;object=ec;pin-value=4321", NULL, &err),
		CO_EUSAGE);
	assert_rc(key_load(&k, URI("ec"), "0000", &err), CO_ECRYPTO);
	assert_rc(key_load(&k, URI("ec"), NULL, &err), CO_ECRYPTO);
	assert_rc(key_load(&k, URI("nothing"), "4321", &err), CO_ECRYPTO);
	assert_rc(
		key_load(&k, "pkcs11:object=ec?module-path=/nowhere.so", "4321", &err), CO_EUSAGE);
	assert_null(k);
}

static void
a_module_key_signs_records_and_handshakes_and_unwraps(const char *uri)
{
	static const char secret[] = "thirty-two bytes of a secret....";
	key_auto *k = NULL;
	cert_auto *c = NULL;
	const struct cert *to;
	co_auto_buf sig, der, out;

	co_buf_init(&sig, LIMIT_SIGNATURE);
	co_buf_init(&der, LIMIT_SIGNATURE);
	co_buf_init(&out, LIMIT_SIGNATURE);
	assert_ok(key_load(&k, uri, "4321", &err));
	c = pki_issue(&pki, CERT_SEAL, k, pki.now - PKI_DAY, pki.now + PKI_DAY);
	assert_true(cert_matches_key(c, k));
	assert_false(cert_matches_key(pki.cert[CERT_SEAL], k));
	to = c;
	assert_ok(cms_sign(k, c, "record", 6, &sig, &err));
	assert_ok(cms_verify(sig.data, sig.len, "record", 6, &to, 1, NULL, &err));
	co_buf_reset(&sig);
	assert_ok(key_sign_digest(k, secret, 32, &sig, &err));
	assert_true(sig.len >= 64);
	assert_ok(cms_wrap(secret, 32, &to, 1, &der, &err));
	assert_ok(cms_unwrap(k, c, der.data, der.len, &out, &err));
	assert_int_equal(out.len, 32);
	assert_memory_equal(out.data, secret, 32);
	/* It cannot leave the module. */
	{
		char path[64];

		(void)snprintf(path, sizeof(path), "%s/stolen", dir);
		assert_rc(key_save(k, path, "pw", &err), CO_EUSAGE);
		assert_int_not_equal(access(path, F_OK), 0);
	}
}

static void
an_elliptic_key_in_a_module_does_all_that_a_file_key_does(void **state)
{
	(void)state;
	if (dir[0] == '\0')
		skip();
	a_module_key_signs_records_and_handshakes_and_unwraps(URI("ec"));
}

static void
an_rsa_key_in_a_module_does_all_that_a_file_key_does(void **state)
{
	(void)state;
	if (dir[0] == '\0')
		skip();
	a_module_key_signs_records_and_handshakes_and_unwraps(URI("rsa"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_pin_or_object_opens_nothing), /* before any log-in */
		cmocka_unit_test(an_elliptic_key_in_a_module_does_all_that_a_file_key_does),
		cmocka_unit_test(an_rsa_key_in_a_module_does_all_that_a_file_key_does),
	};

	return cmocka_run_group_tests(tests, make_token, drop_token);
}
