/* The table of algorithms, and that what it refuses is refused by name wherever it turns up. */
#include "pki.h"

#include "base/fs.h"
#include "base/limits.h"
#include "crypto/algorithm.h"
#include "crypto/cms.h"

static struct co_err err;
static char dir[32];

static int
begin(void **state)
{
	(void)state;
	scratch_make(dir);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	scratch_drop(dir);
	return 0;
}

/* assert_rc forgets the words, and they are what matters here. */
static void
refused(enum co_rc got, enum co_rc want)
{
	if (got != want)
		fail_msg("got %s, want %s (%s)", co_rc_name(got), co_rc_name(want), err.msg);
}

static int64_t
day(const char *text)
{
	int64_t us;

	assert_ok(co_time_parse(text, &us, &err));
	return us;
}

static void
every_row_is_found_and_judged_as_it_says(void **state)
{
	static const enum algorithm_use uses[] = { ALGORITHM_RECORD, ALGORITHM_CERTIFICATE,
		ALGORITHM_TOKEN, ALGORITHM_NOTE };

	(void)state;
	for (size_t i = 0; i < algorithm_count(); i++) {
		const struct algorithm *a = algorithm_at(i);

		/* What is made is read; what is refused or ends has a way out. */
		assert_int_equal(a->made & ~a->read, 0);
		assert_true((a->read != 0 && a->until == NULL) || a->instead != NULL);
		for (size_t u = 0; u < CO_ARRAY_LEN(uses); u++) {
			enum co_rc rc;

			co_err_clear(&err);
			rc = algorithm_check(a->sort, a->name, a->bits, uses[u],
				day("2026-11-28T00:00:00Z"), &err);
			assert_int_equal(
				rc, (a->read & (unsigned)uses[u]) != 0 ? CO_OK : CO_EVERIFY);
			if (rc != CO_OK)
				assert_non_null(strstr(err.msg, a->name));
		}
	}
	assert_null(algorithm_at(algorithm_count()));
	co_err_clear(&err);
	refused(algorithm_check(ALGORITHM_DIGEST, "ROT13", 0, ALGORITHM_RECORD, 0, &err),
		CO_EVERIFY);
	assert_non_null(strstr(err.msg, "SHA-256"));
}

static void
an_end_is_an_end(void **state)
{
	(void)state;
	assert_ok(algorithm_check(ALGORITHM_KEY, "RSA", 2048, ALGORITHM_CERTIFICATE,
		day("2030-12-31T23:59:59Z"), &err));
	co_err_clear(&err);
	refused(algorithm_check(ALGORITHM_KEY, "RSA", 2048, ALGORITHM_CERTIFICATE,
			  day("2031-01-01T00:00:01Z"), &err),
		CO_EVERIFY);
	assert_non_null(strstr(err.msg, "2030-12-31"));
	assert_ok(algorithm_check(ALGORITHM_KEY, "RSA", 3072, ALGORITHM_CERTIFICATE,
		day("2040-01-01T00:00:00Z"), &err));
	refused(algorithm_check(ALGORITHM_KEY, "RSA", 2047, ALGORITHM_CERTIFICATE, 0, &err),
		CO_EVERIFY);
}

/* Certificates that OpenSSL makes, each with one thing that is too weak. */
static const struct {
	const char *key, *digest, *named;
} weak[] = {
	{ "rsa:1024", "sha256", "RSA of 1024 bits" },
	{ "rsa:2048", "sha1", "RSA-SHA1" },
	{ "rsa:2048", "md5", "RSA-MD5" },
	{ "ec:P-224", "sha256", "secp224r1" },
	{ "ec:P-192", "sha256", "192" },
	{ "ec:secp256k1", "sha256", "secp256k1" },
	{ "ec:P-256", "sha1", "ecdsa-with-SHA1" },
	{ "ec:P-256", "sha224", "ecdsa-with-SHA224" },
};

static bool
issue(const char *key, const char *digest)
{
	char make[160];

	if (strncmp(key, "ec:", 3) == 0)
		(void)snprintf(make, sizeof(make),
			"openssl ecparam -name %s -genkey -noout -out k.pem",
			strcmp(key + 3, "P-192") == 0	 ? "prime192v1"
				: strcmp(key + 3, "P-224") == 0 ? "secp224r1"
				: strcmp(key + 3, "P-256") == 0 ? "prime256v1"
								: key + 3);
	else
		(void)snprintf(make, sizeof(make), "openssl genrsa -out k.pem %s", key + 4);
	return scratch_run(dir,
		       "%s 2>/dev/null && openssl req -new -key k.pem -subj /CN=weak -out q.pem "
		       "&& printf 'keyUsage=digitalSignature,keyAgreement,keyEncipherment\\n' >ext "
		       "&& openssl x509 -req -in q.pem -CA root.pem -CAkey root.key -set_serial 7 "
		       "-days 30 -%s -extfile ext -out weak.pem 2>/dev/null",
		       make, digest) == 0;
}

static void
a_weak_certificate_is_refused_by_name(void **state)
{
	cert_auto *root = NULL;
	char path[64];
	size_t tried = 0;

	(void)state;
	assert_int_equal(scratch_run(dir,
				 "openssl ecparam -name prime256v1 -genkey -noout -out root.key && "
				 "openssl req -x509 -new -key root.key -subj /CN=root -days 90 "
				 "-out root.pem"),
		0);
	(void)snprintf(path, sizeof(path), "%s/root.pem", dir);
	assert_ok(cert_load(&root, path, &err));
	for (size_t i = 0; i < CO_ARRAY_LEN(weak); i++) {
		const struct cert *roots[] = { root };
		cert_auto *c = NULL;
		bool rsa_leaf = strncmp(weak[i].key, "rsa", 3) == 0;

		/* The leaf's own key says nothing of how it is signed: the root signs with
		 * ECDSA. */
		if (rsa_leaf && strcmp(weak[i].digest, "sha256") != 0)
			continue;
		if (!issue(weak[i].key, weak[i].digest))
			continue; /* this OpenSSL cannot even make it */
		(void)snprintf(path, sizeof(path), "%s/weak.pem", dir);
		co_err_clear(&err);
		if (cert_load(&c, path, &err) == CO_OK)
			refused(cert_validate(c, CERT_SEAL, co_now_us(), NULL, 0, roots, 1, &err),
				CO_ECERT);
		if (strstr(err.msg, weak[i].named) == NULL)
			fail_msg("%s %s: %s", weak[i].key, weak[i].digest, err.msg);
		tried++;
	}
	assert_true(tried >= 5);
}

/* A key that we would load to sign with. */
static void
a_weak_key_is_refused_by_name(void **state)
{
	static const struct {
		const char *make, *named;
	} keys[] = {
		{ "openssl genrsa -out k.pem 1024", "RSA of 1024 bits" },
		{ "openssl ecparam -name secp256k1 -genkey -noout -out k.pem", "secp256k1" },
		{ "openssl ecparam -name secp224r1 -genkey -noout -out k.pem", "secp224r1" },
	};

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(keys); i++) {
		char path[64];
		key_auto *k = NULL;

		assert_int_equal(scratch_run(dir, "%s 2>/dev/null", keys[i].make), 0);
		(void)snprintf(path, sizeof(path), "%s/k.pem", dir);
		co_err_clear(&err);
		assert_int_not_equal(key_load(&k, path, NULL, &err), CO_OK);
		if (strstr(err.msg, keys[i].named) == NULL)
			fail_msg("%s: %s", keys[i].make, err.msg);
	}
}

/* Signatures over a record, made by stock openssl. */
static void
a_weak_signature_is_refused_by_name(void **state)
{
	static const struct {
		const char *options, *named;
	} how[] = {
		{ "-md sha1", "SHA1" },
		{ "-md md5", "MD5" },
		{ "-md sha224", "SHA224" },
		{ "-md sha256", "rsaEncryption" }, /* PKCS #1 v1.5 */
	};
	cert_auto *c = NULL;
	char path[64];

	(void)state;
	assert_int_equal(scratch_run(dir,
				 "openssl req -x509 -newkey rsa:3072 -nodes -keyout s.key "
				 "-subj /CN=s -days 30 -out s.pem 2>/dev/null && printf '{}' >r"),
		0);
	(void)snprintf(path, sizeof(path), "%s/s.pem", dir);
	assert_ok(cert_load(&c, path, &err));
	for (size_t i = 0; i < CO_ARRAY_LEN(how); i++) {
		const struct cert *allowed[] = { c };
		struct cms_seen seen;
		co_auto_buf sig;

		co_buf_init(&sig, LIMIT_SIGNATURE);
		assert_int_equal(scratch_run(dir,
					 "openssl cms -sign -binary -cades -nosmimecap -in r "
					"-signer "
					 "s.pem -inkey s.key %s -outform DER -out r.p7s",
					 how[i].options),
			0);
		(void)snprintf(path, sizeof(path), "%s/r.p7s", dir);
		assert_ok(co_read_file(path, &sig, &err));
		co_err_clear(&err);
		refused(cms_verify(sig.data, sig.len, "{}", 2, allowed, 1, &seen, &err),
			CO_EVERIFY);
		if (strstr(err.msg, how[i].named) == NULL)
			fail_msg("%s: %s", how[i].options, err.msg);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_found_and_judged_as_it_says),
		cmocka_unit_test(an_end_is_an_end),
		cmocka_unit_test(a_weak_certificate_is_refused_by_name),
		cmocka_unit_test(a_weak_key_is_refused_by_name),
		cmocka_unit_test(a_weak_signature_is_refused_by_name),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
