#include "test.h"

#include "base/enc.h"
#include "crypto/chunked.h"
#include "crypto/digest.h"

static struct co_err err;
static const unsigned char test_key[CHUNKED_KEY] = "thirty-two bytes of a secret....";

static void
digests_match_fips_180_4(void **state)
{
	unsigned char d[SHA512_LEN];
	char hex[SHA512_HEX + 1];

	(void)state;
	sha256_hex("abc", 3, hex);
	assert_string_equal(
		hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	for (int wide = 0; wide < 2; wide++) {
		digest_auto *g = NULL;

		assert_ok(digest_new(&g, wide ? DIGEST_SHA512 : DIGEST_SHA256, &err));
		digest_add(g, "a", 1);
		digest_add(g, "bc", 2);
		digest_end(g, d);
		co_hex(d, wide ? SHA512_LEN : SHA256_LEN, hex);
		assert_string_equal(hex, wide
			? "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
			  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
			: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	}
	assert_true(crypto_equal("ab", "ab", 2));
	assert_false(crypto_equal("ab", "ac", 2));
}

/* Seal plain as one file; the caller frees. */
static unsigned char *
seal_file(struct chunked *c, const unsigned char header[CHUNKED_HEADER], const unsigned char *plain,
	size_t n)
{
	unsigned char *file = malloc(chunked_sealed_size(n));
	unsigned char *at = file + CHUNKED_HEADER;
	size_t i = 0, part;

	assert_non_null(file);
	memcpy(file, header, CHUNKED_HEADER);
	do {
		part = n - i * CHUNKED_PLAIN < CHUNKED_PLAIN ? n - i * CHUNKED_PLAIN
							     : CHUNKED_PLAIN;
		assert_ok(chunked_seal(c, i, plain + i * CHUNKED_PLAIN, part, at, &err));
		at += part + CHUNKED_TAG;
		i++;
	} while (part == CHUNKED_PLAIN);
	assert_int_equal(at - file, chunked_sealed_size(n));
	return file;
}

static void
check_vector(char *line)
{
	enum { KEY, CONTEXT, SALT, LENGTH, PLAIN, HEAD, FILE_SUM, TAIL, FIELDS };
	char *field[FIELDS], *save = NULL;
	unsigned char key[CHUNKED_KEY], salt[CHUNKED_SALT], header[CHUNKED_HEADER];
	co_auto_free unsigned char *plain = NULL, *file = NULL;
	chunked_auto *c = NULL, *r = NULL;
	char got[SHA256_HEX + 1], got_head[2 * CHUNKED_HEADER + 1], tail[2 * CHUNKED_TAG + 1];
	const char *context;
	size_t n, context_n;

	for (int i = 0; i < FIELDS; i++) {
		field[i] = strtok_r(i == 0 ? line : NULL, " \n", &save);
		assert_non_null(field[i]);
	}
	n = strtoul(field[LENGTH], NULL, 10);
	context = field[CONTEXT];
	context_n = strcmp(context, "-") == 0 ? 0 : strlen(context);
	assert_true(co_unhex(field[KEY], key, sizeof(key)));
	assert_true(co_unhex(field[SALT], salt, sizeof(salt)));
	plain = malloc(n + 1);
	assert_non_null(plain);
	for (size_t i = 0; i < n; i++)
		plain[i] = (unsigned char)(i * 7 + (i >> 8) * 13);
	sha256_hex(plain, n, got);
	assert_string_equal(got, field[PLAIN]);
	assert_ok(chunked_new_salted(&c, key, context, context_n, salt, header, &err));
	co_hex(header, sizeof(header), got_head);
	assert_string_equal(got_head, field[HEAD]);
	file = seal_file(c, header, plain, n);
	co_hex(file + chunked_sealed_size(n) - CHUNKED_TAG, CHUNKED_TAG, tail);
	assert_string_equal(tail, field[TAIL]);
	sha256_hex(file, chunked_sealed_size(n), got);
	assert_string_equal(got, field[FILE_SUM]);

	assert_ok(chunked_open(&r, key, context, context_n, file, &err));
	for (size_t at = 0, i = 0; at <= n; at += CHUNKED_PLAIN, i++) {
		unsigned char out[CHUNKED_PLAIN];
		size_t part = n - at < CHUNKED_PLAIN ? n - at : CHUNKED_PLAIN;

		assert_ok(chunked_unseal(r, i, file + CHUNKED_HEADER + i * CHUNKED_CIPHER,
			part + CHUNKED_TAG, out, &err));
		assert_memory_equal(out, plain + at, part);
	}
}

static void
sealing_agrees_with_the_independent_vectors(void **state)
{
	const char *src = getenv("COMITY_SOURCE");
	co_auto_free char *path = NULL;
	co_auto_file f = NULL;
	char line[1024];
	int lines = 0;

	(void)state;
	assert_non_null(src);
	assert_true(asprintf(&path, "%s/tests/vectors/chunked.txt", src) > 0);
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		check_vector(line);
		lines++;
	}
	assert_int_equal(lines, 16);
}

static void
altered_moved_or_cut_chunks_are_refused_and_leave_no_bytes(void **state)
{
	unsigned char header[CHUNKED_HEADER], sealed[64 + CHUNKED_TAG], out[64];
	static const unsigned char zero[64];
	chunked_auto *c = NULL, *copy = NULL;

	(void)state;
	assert_ok(chunked_new(&c, test_key, "x", 1, header, &err));
	assert_ok(chunked_clone(&copy, c, &err));
	memset(out, 'p', sizeof(out));
	assert_ok(chunked_seal(c, 5, out, sizeof(out), sealed, &err));
	assert_ok(chunked_unseal(copy, 5, sealed, sizeof(sealed), out, &err));
	assert_rc(chunked_unseal(c, 4, sealed, sizeof(sealed), out, &err), CO_EVERIFY);
	assert_memory_equal(out, zero, sizeof(out));
	assert_rc(chunked_unseal(c, 5, sealed, sizeof(sealed) - 1, out, &err), CO_EVERIFY);
	assert_rc(chunked_unseal(c, 5, sealed, CHUNKED_TAG - 1, out, &err), CO_EMALFORMED);
	for (size_t i = 0; i < sizeof(sealed); i++) {
		sealed[i] ^= 1;
		assert_rc(chunked_unseal(c, 5, sealed, sizeof(sealed), out, &err), CO_EVERIFY);
		sealed[i] ^= 1;
	}
	/* A failure leaves the state usable; sealing and opening may work in place. */
	assert_ok(chunked_unseal(c, 5, sealed, sizeof(sealed), sealed, &err));
	assert_int_equal(sealed[63], 'p');
	assert_ok(chunked_seal(c, 5, sealed, 64, sealed, &err));
	assert_ok(chunked_unseal(c, 5, sealed, sizeof(sealed), out, &err));
}

static void
another_key_or_exhibit_is_refused_before_any_chunk(void **state)
{
	unsigned char header[CHUNKED_HEADER], other[CHUNKED_KEY] = { 1 };
	chunked_auto *c = NULL, *r = NULL;

	(void)state;
	assert_ok(chunked_new(&c, test_key, "a", 1, header, &err));
	assert_rc(chunked_open(&r, test_key, "b", 1, header, &err), CO_EVERIFY);
	assert_rc(chunked_open(&r, other, "a", 1, header, &err), CO_EVERIFY);
	header[0] ^= 1;
	assert_rc(chunked_open(&r, test_key, "a", 1, header, &err), CO_EVERIFY);
	assert_null(r);
}

static void
sizes_that_no_plaintext_gives_are_refused(void **state)
{
	const uint64_t plains[] = { 0, 1, 16383, 16384, 16385, 32768, UINT64_C(20) << 30 };
	uint64_t plain = 7;

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(plains); i++) {
		assert_true(chunked_plain_size(chunked_sealed_size(plains[i]), &plain));
		assert_true(plain == plains[i]);
	}
	assert_false(chunked_plain_size(0, &plain));
	assert_false(chunked_plain_size(CHUNKED_HEADER, &plain));
	assert_false(chunked_plain_size(CHUNKED_HEADER + CHUNKED_TAG - 1, &plain));
	assert_false(chunked_plain_size(CHUNKED_HEADER + CHUNKED_CIPHER, &plain));
	assert_false(chunked_plain_size(CHUNKED_HEADER + CHUNKED_CIPHER + 15, &plain));
	assert_false(chunked_plain_size(UINT64_MAX, &plain));
}

static void
sealing_stops_at_the_specified_size(void **state)
{
	unsigned char header[CHUNKED_HEADER], buf[CHUNKED_TAG + 1] = { 0 };
	chunked_auto *c = NULL;

	(void)state;
	assert_ok(chunked_new(&c, test_key, NULL, 0, header, &err));
	assert_ok(chunked_seal(c, (UINT64_C(1) << 38) - 1, "x", 1, buf, &err));
	assert_rc(chunked_seal(c, UINT64_C(1) << 38, "x", 1, buf, &err), CO_ETOOBIG);
	assert_rc(chunked_unseal(c, UINT64_C(1) << 38, buf, sizeof(buf), buf, &err), CO_ETOOBIG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_match_fips_180_4),
		cmocka_unit_test(sealing_agrees_with_the_independent_vectors),
		cmocka_unit_test(altered_moved_or_cut_chunks_are_refused_and_leave_no_bytes),
		cmocka_unit_test(another_key_or_exhibit_is_refused_before_any_chunk),
		cmocka_unit_test(sizes_that_no_plaintext_gives_are_refused),
		cmocka_unit_test(sealing_stops_at_the_specified_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
