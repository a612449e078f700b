/* What a browser says of a passkey, good and hostile. Vectors: tests/vectors/passkey.py. */
#include "test.h"

#include "base/enc.h"
#include "desk/webauthn.h"

static struct co_err err;

struct vector {
	char kind[16], what[32];
	unsigned char client[WEBAUTHN_CLIENT_MAX], auth[WEBAUTHN_AUTH_MAX], sig[WEBAUTHN_SIG_MAX];
	struct webauthn_said said;
};

static struct vector vectors[32];
static size_t vectors_n;
static struct webauthn_ask ask = { .origin = "https://desk.example", .rp_id = "desk.example" };

static void
hex_read(const char *hex, unsigned char *out, size_t cap, size_t *n)
{
	*n = strcmp(hex, "-") == 0 ? 0 : strlen(hex) / 2;
	assert_true(*n <= cap);
	assert_true(*n == 0 || co_unhex(hex, out, *n));
}

static int
vectors_read(void **state)
{
	const char *source = getenv("COMITY_SOURCE");
	char path[512], client[4200], auth[4200], sig[2100];
	FILE *f;

	(void)state;
	(void)snprintf(
		path, sizeof(path), "%s/tests/vectors/passkey.txt", source == NULL ? "." : source);
	f = fopen(path, "r");
	if (f == NULL)
		return -1;
	while (vectors_n < CO_ARRAY_LEN(vectors)) {
		struct vector *v = &vectors[vectors_n];

		if (fscanf(f, "%15s %31s %4199s %4199s %2099s", v->kind, v->what, client, auth,
			    sig) != 5)
			break;
		hex_read(client, v->client, sizeof(v->client), &v->said.client_n);
		hex_read(auth, v->auth, sizeof(v->auth), &v->said.auth_n);
		hex_read(sig, v->sig, sizeof(v->sig), &v->said.sig_n);
		v->said.client = v->client;
		v->said.auth = v->auth;
		v->said.sig = v->sig;
		vectors_n++;
	}
	(void)fclose(f);
	for (size_t i = 0; i < WEBAUTHN_CHALLENGE; i++)
		ask.challenge[i] = (unsigned char)i;
	return vectors_n > 0 ? 0 : -1;
}

static struct vector *
vector_of(const char *kind, const char *what)
{
	for (size_t i = 0; i < vectors_n; i++) {
		if (strcmp(vectors[i].kind, kind) == 0 && strcmp(vectors[i].what, what) == 0)
			return &vectors[i];
	}
	fail_msg("no vector %s %s", kind, what);
	abort();
}

static void
key_of(const char *kind, struct webauthn_key *key)
{
	assert_ok(webauthn_register(&ask, &vector_of(kind, "register")->said, key, &err));
}

static enum co_rc
try_assert(const struct webauthn_said *said, const struct webauthn_key *key)
{
	uint32_t counter = 7777;
	enum co_rc rc;

	co_err_clear(&err);
	rc = webauthn_assert(&ask, said, key->public, key->public_n, &counter, &err);
	assert_true(rc == CO_OK || counter == 7777); /* nothing is said of what fails */
	return rc;
}

static void
each_kind_of_key_registers_and_signs_in(void **state)
{
	static const char *const kinds[] = { "ES256", "RS256", "EdDSA" };

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(kinds); i++) {
		struct webauthn_key key;
		uint32_t counter = 0;

		key_of(kinds[i], &key);
		assert_int_equal(key.id_n, 32);
		assert_int_equal(key.counter, 1);
		assert_ok(webauthn_assert(&ask, &vector_of(kinds[i], "assert")->said, key.public,
			key.public_n, &counter, &err));
		assert_int_equal(counter, 2);
	}
}

static void
what_is_wrong_in_one_thing_is_refused(void **state)
{
	struct webauthn_key key;
	size_t n = 0;

	(void)state;
	key_of("ES256", &key);
	for (size_t i = 0; i < vectors_n; i++) {
		const struct vector *v = &vectors[i];

		if (strcmp(v->what, "register") == 0 || strcmp(v->what, "assert") == 0)
			continue;
		if (try_assert(&v->said, &key) != CO_EDENIED)
			fail_msg("%s was taken", v->what);
		n++;
	}
	assert_int_equal(n, 7);
}

static void
key_of_another_does_not_sign_for_this_one(void **state)
{
	struct webauthn_key es, rs, ed;

	(void)state;
	key_of("ES256", &es);
	key_of("RS256", &rs);
	key_of("EdDSA", &ed);
	assert_int_equal(try_assert(&vector_of("EdDSA", "assert")->said, &es), CO_EDENIED);
	assert_int_equal(try_assert(&vector_of("ES256", "assert")->said, &rs), CO_EDENIED);
	assert_int_equal(try_assert(&vector_of("ES256", "assert")->said, &ed), CO_EDENIED);
	es.public[0] = 2; /* a key that says it is of another kind */
	assert_int_equal(try_assert(&vector_of("ES256", "assert")->said, &es), CO_ESTORE);
	es.public_n = 0;
	assert_int_equal(try_assert(&vector_of("ES256", "assert")->said, &es), CO_ESTORE);
}

/* Whatever single byte of what was signed or of the signature is another one. */
static void
no_changed_byte_is_taken(void **state)
{
	struct vector *v = vector_of("ES256", "assert");
	struct {
		unsigned char *p;
		size_t n;
	} parts[] = { { v->client, v->said.client_n }, { v->auth, v->said.auth_n },
		{ v->sig, v->said.sig_n } };
	struct webauthn_key key;

	(void)state;
	key_of("ES256", &key);
	for (size_t i = 0; i < CO_ARRAY_LEN(parts); i++) {
		for (size_t k = 0; k < parts[i].n; k++) {
			parts[i].p[k] ^= 0x20;
			if (try_assert(&v->said, &key) == CO_OK)
				fail_msg("part %zu, byte %zu", i, k);
			parts[i].p[k] ^= 0x20;
		}
	}
	assert_int_equal(try_assert(&v->said, &key), CO_OK);
}

static void
nothing_cut_is_taken(void **state)
{
	struct vector *v = vector_of("ES256", "register"), *a = vector_of("ES256", "assert");
	struct webauthn_key key, before;

	(void)state;
	memset(&before, 0x5a, sizeof(before));
	for (size_t n = 0; n < v->said.auth_n; n++) {
		struct webauthn_said said = v->said;
		/* On the heap, so that a look past the end is seen. */
		unsigned char *p = malloc(n + 1);

		assert_non_null(p);
		memcpy(p, v->auth, n);
		said.auth = p;
		said.auth_n = n;
		key = before;
		co_err_clear(&err);
		assert_int_not_equal(webauthn_register(&ask, &said, &key, &err), CO_OK);
		assert_memory_equal(&key, &before, sizeof(key));
		free(p);
	}
	key_of("ES256", &key);
	for (size_t n = 0; n < a->said.client_n; n++) {
		struct webauthn_said said = a->said;

		said.client_n = n;
		assert_int_not_equal(try_assert(&said, &key), CO_OK);
	}
	for (size_t n = 0; n < a->said.sig_n; n++) {
		struct webauthn_said said = a->said;

		said.sig_n = n;
		assert_int_not_equal(try_assert(&said, &key), CO_OK);
	}
}

/* A head that promises more than there is costs no memory. */
static void
promises_that_cannot_be_kept_are_refused(void **state)
{
	static const unsigned char heads[][9] = { { 0xbb, 0, 0, 0, 1, 0, 0, 0, 0 },
		{ 0x9b, 0, 0, 0, 0, 0x7f, 0, 0, 0 }, { 0x5a, 0x7f, 0, 0, 0 }, { 0xbf }, { 0x9f },
		{ 0xc1 }, { 0x7b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
	struct vector *v = vector_of("ES256", "register"), *a = vector_of("ES256", "assert");
	struct webauthn_key key, good;

	(void)state;
	key_of("ES256", &good);
	for (size_t i = 0; i < CO_ARRAY_LEN(heads); i++) {
		unsigned char auth[WEBAUTHN_AUTH_MAX];
		struct webauthn_said said = v->said;

		memcpy(auth, v->auth, v->said.auth_n);
		memcpy(auth + 55 + 32, heads[i], sizeof(heads[i]));
		said.auth = auth;
		co_err_clear(&err);
		assert_int_equal(webauthn_register(&ask, &said, &key, &err), CO_EMALFORMED);
		said = a->said;
		memcpy(auth, a->auth, 37);
		memcpy(auth + 37, heads[i], sizeof(heads[i]));
		auth[32] |= 0x80;
		said.auth = auth;
		said.auth_n = 37 + sizeof(heads[i]);
		assert_int_equal(try_assert(&said, &good), CO_EMALFORMED);
		/* Where a key would stand: a sign-in has none, so nothing hides there. */
		auth[32] |= 0x40;
		memset(auth + 37 + sizeof(heads[i]), 0, 64);
		said.auth_n = 37 + 64;
		assert_int_equal(try_assert(&said, &good), CO_EMALFORMED);
	}
}

static void
answer_to_one_question_is_none_to_the_other(void **state)
{
	struct webauthn_key key;

	(void)state;
	key_of("ES256", &key);
	assert_int_not_equal(try_assert(&vector_of("ES256", "register")->said, &key), CO_OK);
	co_err_clear(&err);
	assert_int_equal(webauthn_register(&ask, &vector_of("ES256", "assert")->said, &key, &err),
		CO_EDENIED);
}

static void
client_data_that_is_odd_is_refused(void **state)
{
	static const char *const odd[] = { "", "[]", "null", "{}", "{\"type\":\"webauthn.get\"}",
		"{\"type\":1,\"challenge\":2,\"origin\":3}",
		"{\"type\":\"webauthn.get\",\"type\":\"webauthn.get\",\"challenge\":"
		"\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\",\"origin\":"
		"\"https://desk.example\"}",
		"{\"type\":\"webauthn.get\",\"challenge\":"
		"\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\",\"origin\":"
		"\"https://desk.example\"}" };
	struct vector *v = vector_of("ES256", "assert");
	struct webauthn_key key;
	char deep[2000];

	(void)state;
	key_of("ES256", &key);
	for (size_t i = 0; i < CO_ARRAY_LEN(odd); i++) {
		struct webauthn_said said = v->said;

		said.client = odd[i];
		said.client_n = strlen(odd[i]);
		assert_int_not_equal(try_assert(&said, &key), CO_OK);
	}
	memset(deep, '[', sizeof(deep));
	v->said.client = deep;
	v->said.client_n = sizeof(deep);
	assert_int_not_equal(try_assert(&v->said, &key), CO_OK);
	v->said.client_n = WEBAUTHN_CLIENT_MAX + 1; /* refused before it is read */
	assert_int_not_equal(try_assert(&v->said, &key), CO_OK);
	v->said.client = v->client;
}

static void
site_comes_from_the_address_of_the_desk(void **state)
{
	char id[128];

	(void)state;
	assert_true(webauthn_rp_id("https://desk.example", id));
	assert_string_equal(id, "desk.example");
	assert_true(webauthn_rp_id("http://localhost:8443", id));
	assert_string_equal(id, "localhost");
	assert_false(webauthn_rp_id("http://desk.example", id));
	assert_false(webauthn_rp_id("https://192.0.2.1:8443", id));
	assert_false(webauthn_rp_id("https://[::1]:8443", id));
	assert_false(webauthn_rp_id("desk.example", id));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_key_registers_and_signs_in),
		cmocka_unit_test(what_is_wrong_in_one_thing_is_refused),
		cmocka_unit_test(key_of_another_does_not_sign_for_this_one),
		cmocka_unit_test(no_changed_byte_is_taken), cmocka_unit_test(nothing_cut_is_taken),
		cmocka_unit_test(promises_that_cannot_be_kept_are_refused),
		cmocka_unit_test(answer_to_one_question_is_none_to_the_other),
		cmocka_unit_test(site_comes_from_the_address_of_the_desk),
		cmocka_unit_test(client_data_that_is_odd_is_refused), /* last: spoils a vector */
	};

	return cmocka_run_group_tests(tests, vectors_read, NULL);
}
