#include "pki.h"

#include "base/fs.h"
#include "base/limits.h"
#include "crypto/cert.h"

#include <sys/stat.h>

static struct co_err err;
static struct pki pki;

static int
make_pki(void **state)
{
	(void)state;
	pki_make(&pki, KEY_P256);
	return 0;
}

static int
free_pki(void **state)
{
	(void)state;
	pki_free(&pki);
	return 0;
}

static enum co_rc
check(const struct cert *leaf, enum cert_use use, int64_t at)
{
	const struct cert *root = pki.root;

	return cert_validate(leaf, use, at, NULL, 0, &root, 1, &err);
}

static void
each_profile_is_good_for_its_use_and_no_other(void **state)
{
	(void)state;
	for (int made = CERT_SEAL; made <= CERT_TSA; made++)
		for (int asked = CERT_ROOT; asked <= CERT_TSA; asked++)
			assert_rc(check(pki.cert[made], (enum cert_use)asked, pki.now),
				made == asked ? CO_OK : CO_ECERT);
	assert_rc(check(pki.root, CERT_ROOT, pki.now), CO_OK);
	assert_rc(check(pki.root, CERT_SEAL, pki.now), CO_ECERT);
}

static void
validity_is_checked_at_the_asked_time(void **state)
{
	cert_auto *old = NULL;

	(void)state;
	assert_rc(check(pki.cert[CERT_SEAL], CERT_SEAL, pki.now - 2 * PKI_DAY), CO_ECERT);
	assert_rc(check(pki.cert[CERT_SEAL], CERT_SEAL, pki.now + 299 * PKI_DAY), CO_OK);
	assert_int_equal(check(pki.cert[CERT_SEAL], CERT_SEAL, pki.now + 301 * PKI_DAY), CO_ECERT);
	assert_non_null(strstr(err.msg, "is good from"));
	co_err_clear(&err);
	/* The chain too: the root ends before this leaf. */
	old = pki_issue(&pki, CERT_SEAL, pki.key[CERT_SEAL], pki.now, pki.now + 2000 * PKI_DAY);
	assert_rc(check(old, CERT_SEAL, pki.now + 800 * PKI_DAY), CO_OK);
	assert_rc(check(old, CERT_SEAL, pki.now + 1000 * PKI_DAY), CO_ECERT);
}

static void
a_certificate_of_another_root_is_refused(void **state)
{
	struct pki other;

	(void)state;
	pki_make(&other, KEY_P256);
	/* Same names, other key. */
	assert_rc(check(other.cert[CERT_SEAL], CERT_SEAL, pki.now), CO_ECERT);
	assert_rc(cert_validate(pki.cert[CERT_SEAL], CERT_SEAL, pki.now, NULL, 0, NULL, 0, &err),
		CO_ECERT);
	assert_true(cert_matches_key(pki.cert[CERT_SEAL], pki.key[CERT_SEAL]));
	assert_false(cert_matches_key(other.cert[CERT_SEAL], pki.key[CERT_SEAL]));
	pki_free(&other);
}

static void
der_and_pem_come_back_as_they_were(void **state)
{
	co_auto_buf der, pem, again;
	cert_auto *a = NULL, *b = NULL, *more = cert_ref(pki.cert[CERT_TLS]);
	unsigned char digest[SHA256_LEN];

	(void)state;
	co_buf_init(&der, LIMIT_CERT);
	co_buf_init(&pem, LIMIT_CERT);
	co_buf_init(&again, LIMIT_CERT);
	assert_ok(cert_der(more, &der, &err));
	assert_ok(cert_pem(more, &pem, &err));
	assert_ok(cert_from_der(&a, der.data, der.len, &err));
	assert_ok(cert_from_pem(&b, pem.data, pem.len, &err));
	sha256(der.data, der.len, digest);
	assert_memory_equal(cert_sha256(a), digest, SHA256_LEN);
	assert_memory_equal(cert_sha256(b), digest, SHA256_LEN);
	assert_string_equal(cert_subject(a), "CN=th.contact,O=ตำรวจไซเบอร์,C=TH");
	assert_int_equal(cert_not_after_us(a) / PKI_DAY, (pki.now + 300 * PKI_DAY) / PKI_DAY);

	assert_ok(co_buf_add(&der, "", 1, &err));
	assert_rc(cert_from_der(&a, der.data, der.len, &err), CO_EMALFORMED);
	assert_rc(cert_from_der(&a, der.data, der.len - 2, &err), CO_EMALFORMED);
	assert_rc(cert_from_der(&a, "", 0, &err), CO_EMALFORMED);
	assert_rc(cert_from_pem(&a, "hello", 5, &err), CO_EMALFORMED);
}

static void
a_name_that_is_no_host_name_gets_no_tls_certificate(void **state)
{
	struct cert_ask ask = { .use = CERT_TLS, .name = "th.contact,DNS:us.contact",
		.from_us = pki.now, .to_us = pki.now + PKI_DAY };
	cert_auto *c = NULL;

	(void)state;
	assert_rc(cert_issue(&c, &ask, pki.key[CERT_TLS], pki.root, pki.root_key, &err), CO_EUSAGE);
	ask.name = "th.contact";
	assert_rc(cert_issue(&c, &ask, pki.key[CERT_TLS], pki.root, pki.key[CERT_TLS], &err),
		CO_EUSAGE);
	ask.country = "THA";
	assert_rc(
		cert_issue(&c, &ask, pki.key[CERT_TLS], pki.root, pki.root_key, &err), CO_ECRYPTO);
	assert_null(c);
}

static void
keys_are_saved_encrypted_and_opened_only_with_their_passphrase(void **state)
{
	const enum key_type types[] = { KEY_P256, KEY_P384, KEY_RSA3072, KEY_ED25519 };
	char dir[32], path[64];
	struct stat st;

	(void)state;
	scratch_make(dir);
	(void)snprintf(path, sizeof(path), "%s/k", dir);
	for (size_t i = 0; i < CO_ARRAY_LEN(types); i++) {
		key_auto *k = NULL, *back = NULL;
		co_auto_buf text;

		co_buf_init(&text, LIMIT_KEYFILE);
		assert_ok(key_generate(&k, types[i], &err));
		assert_rc(key_save(k, path, "", &err), CO_EUSAGE);
		assert_ok(key_save(k, path, "secret", &err));
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		assert_ok(co_read_file(path, &text, &err));
		assert_non_null(strstr(text.data, "BEGIN ENCRYPTED PRIVATE KEY"));
		assert_rc(key_load(&back, path, "Secret", &err), CO_ECRYPTO);
		assert_rc(key_load(&back, path, NULL, &err), CO_ECRYPTO);
		assert_ok(key_load(&back, path, "secret", &err));
		assert_int_equal(
			scratch_run(dir, "openssl pkey -in k -passin pass:secret -noout"), 0);
	}
	assert_int_equal(
		scratch_run(dir, "openssl ecparam -name secp256k1 -genkey -noout -out k"), 0);
	{
		key_auto *odd = NULL;

		assert_rc(key_load(&odd, path, NULL, &err), CO_ECRYPTO);
	}
	scratch_drop(dir);
}

static void
ed25519_agrees_with_rfc_8032(void **state)
{
	/* RFC 8032 7.1, test 2, as PKCS#8. */
	static const char pem[] = "-----BEGIN PRIVATE KEY-----\n"
		"MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n"
		"-----END PRIVATE KEY-----\n";
	static const unsigned char pub[] = { 0x3d, 0x40, 0x17, 0xc3, 0xe8, 0x43, 0x89, 0x5a, 0x92,
		0xb7, 0x0a, 0xa7, 0x4d, 0x1b, 0x7e, 0xbc, 0x9c, 0x98, 0x2c, 0xcf, 0x2e, 0xc4, 0x96,
		0x8c, 0xc0, 0xcd, 0x55, 0xf1, 0x2a, 0xf4, 0x66, 0x0c };
	unsigned char got[ED25519_PUB], sig[ED25519_SIG];
	key_auto *k = NULL;
	char dir[32], path[64];

	(void)state;
	scratch_make(dir);
	(void)snprintf(path, sizeof(path), "%s/k", dir);
	assert_ok(co_write_file(path, pem, strlen(pem), 0600, &err));
	assert_ok(key_load(&k, path, NULL, &err));
	assert_ok(ed25519_public(k, got, &err));
	assert_memory_equal(got, pub, sizeof(pub));
	assert_ok(ed25519_sign(k, "\x72", 1, sig, &err));
	assert_int_equal(sig[0], 0x92);
	assert_int_equal(sig[63], 0x00);
	assert_int_equal(sig[62], 0x0c);
	assert_true(ed25519_verify(pub, "\x72", 1, sig));
	assert_false(ed25519_verify(pub, "\x73", 1, sig));
	sig[5] ^= 1;
	assert_false(ed25519_verify(pub, "\x72", 1, sig));
	assert_rc(ed25519_sign(pki.root_key, "x", 1, sig, &err), CO_EUSAGE);
	scratch_drop(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_profile_is_good_for_its_use_and_no_other),
		cmocka_unit_test(validity_is_checked_at_the_asked_time),
		cmocka_unit_test(a_certificate_of_another_root_is_refused),
		cmocka_unit_test(der_and_pem_come_back_as_they_were),
		cmocka_unit_test(a_name_that_is_no_host_name_gets_no_tls_certificate),
		cmocka_unit_test(keys_are_saved_encrypted_and_opened_only_with_their_passphrase),
		cmocka_unit_test(ed25519_agrees_with_rfc_8032),
	};

	return cmocka_run_group_tests(tests, make_pki, free_pki);
}
