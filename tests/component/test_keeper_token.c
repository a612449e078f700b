/* The keeper with its seal key in a PKCS#11 module: SoftHSM2 with a token folder of its own. */
#include "keeper_fixture.h"

#include "crypto/cms.h"

#include <sys/wait.h>

#define MODULE "/usr/lib/softhsm/libsofthsm2.so"
#define URI "pkcs11:token=comity;object=seal;type=private?module-path=" MODULE
#define ID "0190a000-0000-7000-8000-000000000000"
#define RECORD \
	"{\"comity\":1,\"kind\":\"ping\",\"id\":\"" ID "\",\"case\":null,\"from\":\"th.contact\"," \
	"\"to\":\"us.contact\"}"

static struct co_err err;
static struct fixture fix;
static char pin[96];
static bool token;

static int
run(const char *cmd)
{
	char line[512];

	(void)snprintf(line, sizeof(line), "%s >'%s/out' 2>&1", cmd, fix.home);
	return system(line);
}

/* In a process of its own: the module must first be opened in the keeper, not in its parent. */
static int
token_certificate(void)
{
	struct cert_ask ask = { .use = CERT_SEAL,
		.name = FIX_ADDRESS,
		.from_us = co_now_us() - FIX_DAY,
		.to_us = co_now_us() + FIX_DAY };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		key_auto *k = NULL;
		cert_auto *c = NULL;
		co_auto_buf pem;

		co_buf_init(&pem, LIMIT_CERT);
		if (key_load(&k, URI, "4321", &err) != CO_OK ||
			cert_issue(&c, &ask, k, NULL, k, &err) != CO_OK ||
			cert_pem(c, &pem, &err) != CO_OK ||
			co_write_file(fix.conf.seal_cert, pem.data, pem.len, 0644, &err) != CO_OK) {
			(void)fprintf(stderr, "%s\n", err.msg);
			_exit(1);
		}
		_exit(0);
	}
	return waitpid(pid, &status, 0) == pid ? status : -1;
}

static int
set_up(void **state)
{
	char path[96], text[160];

	(void)state;
	if (fix_make(&fix, KEY_P256, co_now_us() + FIX_DAY, &err) != CO_OK)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/softhsm2.conf", fix.home);
	(void)snprintf(text, sizeof(text),
		"directories.tokendir = %s\nobjectstore.backend = file\n", fix.home);
	(void)snprintf(pin, sizeof(pin), "%s/pin", fix.home);
	if (co_write_file(path, text, strlen(text), 0600, &err) != CO_OK ||
		co_write_file(pin, "4321\n", 5, 0600, &err) != CO_OK ||
		setenv("SOFTHSM2_CONF", path, 1) != 0)
		return -1;
	if (access(MODULE, R_OK) != 0 || run("which softhsm2-util pkcs11-tool") != 0 ||
		run("openssl engine -t pkcs11 | grep -q available") != 0)
		return 0;
	token = true;
	fix.conf.seal_key = URI;
	fix.conf.pin_file = pin;
	if (run("softhsm2-util --init-token --free --label comity --pin 4321 --so-pin 8765") != 0 ||
		run("pkcs11-tool --module " MODULE
		    " --token-label comity --login --pin 4321 --keypairgen "
		    "--key-type EC:prime256v1 --usage-sign --usage-derive --label seal --id 01") !=
			0 ||
		token_certificate() != 0)
		return -1;
	cert_free(&fix.seal);
	return cert_load(&fix.seal, fix.conf.seal_cert, &err) == CO_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	char cmd[128];

	(void)state;
	(void)snprintf(cmd, sizeof(cmd), "rm -rf '%s'", fix.home);
	fix_drop(&fix);
	return system(cmd);
}

static void
seal_key_in_a_token_signs_and_unwraps_inside_the_wider_filter(void **state)
{
	const struct keeper_blob blob = { RECORD, strlen(RECORD) };
	const struct cert *const allowed[] = { fix.seal };
	unsigned char key[32] = { 5 }, back[32];
	struct cms_seen seen;
	keeper_auto *k = NULL;
	co_auto_buf der;

	(void)state;
	co_buf_init(&der, LIMIT_SIGNATURE);
	if (!token) {
		(void)fprintf(
			stderr, "skipped: SoftHSM2, pkcs11-tool or the pkcs11 engine is absent\n");
		skip();
	}
	assert_ok(keeper_start(&k, &fix.conf, &err));
	for (int i = 0; i < 20; i++) {
		co_auto_buf sig;

		co_buf_init(&sig, LIMIT_SIGNATURE);
		assert_ok(keeper_sign_records(k, &blob, 1, &sig, &err));
		assert_ok(cms_verify(sig.data, sig.len, blob.p, blob.n, allowed, 1, &seen, &err));
	}
	assert_ok(cms_wrap(key, sizeof(key), allowed, 1, &der, &err));
	assert_ok(keeper_unwrap(k, der.data, der.len, back, &err));
	assert_memory_equal(key, back, 32);
}

static void
wrong_pin_names_its_file(void **state)
{
	struct keeper *k = NULL;

	(void)state;
	if (!token)
		skip();
	assert_ok(co_write_file(pin, "0000\n", 5, 0600, &err));
	assert_true(keeper_start(&k, &fix.conf, &err) != CO_OK);
	assert_non_null(strstr(err.msg, pin));
	co_err_clear(&err);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seal_key_in_a_token_signs_and_unwraps_inside_the_wider_filter),
		cmocka_unit_test(wrong_pin_names_its_file),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
