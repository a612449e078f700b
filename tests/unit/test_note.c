#include "test.h"

#include "base/enc.h"
#include "ledger/note.h"

static struct co_err err;

/* The example of c2sp.org/signed-note. */
static const char example_vkey[] =
	"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
static const char example_note[] = "This is an example message.\n\n"
				   "\xe2\x80\x94 example.com/foo "
				   "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsY"
				   "jOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
/* The body of the example of c2sp.org/tlog-checkpoint. */
static const char example_body[] = "example.com/behind-the-sofa\n20852163\n"
				   "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
static const char other_line[] = "\xe2\x80\x94 witness.example/w AAAAAWJ5dGVz\n";

struct signer {
	struct key *key;
	unsigned char pub[ED25519_PUB];
	struct co_buf vkey;
};

static void
signer_init(struct signer *s, const char *name)
{
	s->key = NULL;
	co_buf_init(&s->vkey, 1024);
	assert_ok(key_generate(&s->key, KEY_ED25519, &err));
	assert_ok(ed25519_public(s->key, s->pub, &err));
	assert_ok(vkey_print(name, s->pub, &s->vkey, &err));
}

static void
signer_deinit(struct signer *s)
{
	key_free(&s->key);
	co_buf_deinit(&s->vkey);
}

/* body + empty line + signature by s under name, into out. */
static void
sign_note(const struct signer *s, const char *name, const char *body, struct co_buf *out)
{
	unsigned char sig[ED25519_SIG];

	assert_ok(ed25519_sign(s->key, body, strlen(body), sig, &err));
	assert_ok(co_buf_addf(out, &err, "%s\n", body));
	assert_ok(note_sign_line(name, s->pub, sig, out, &err));
}

static void
the_example_of_the_specification_verifies(void **state)
{
	char name[LIMIT_NAME + 1];
	unsigned char pub[ED25519_PUB];
	size_t body_n = 0;
	co_auto_buf again;

	(void)state;
	co_buf_init(&again, 1024);
	assert_ok(note_open(example_note, strlen(example_note), example_vkey, &body_n, &err));
	assert_int_equal(body_n, strlen("This is an example message.\n"));
	assert_ok(vkey_parse(example_vkey, name, pub, &err));
	assert_string_equal(name, "example.com/foo");
	assert_ok(vkey_print(name, pub, &again, &err));
	assert_string_equal(again.data, example_vkey);
}

static void
any_changed_bit_of_the_example_is_refused(void **state)
{
	char copy[sizeof(example_note)];
	size_t body_n = 0;

	(void)state;
	for (size_t i = 0; i < strlen(example_note); i++) {
		memcpy(copy, example_note, sizeof(copy));
		copy[i] = (char)(copy[i] ^ 1);
		assert_int_not_equal(
			note_open(copy, strlen(example_note), example_vkey, &body_n, NULL), CO_OK);
		assert_int_not_equal(
			note_open(example_note, i, example_vkey, &body_n, NULL), CO_OK);
	}
}

static void
bad_verifier_keys_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"example.com/foo",
		"+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2",
		"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k+",
		"example.com foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530d",
	};
	char name[LIMIT_NAME + 1];
	unsigned char pub[ED25519_PUB];

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(bad); i++)
		assert_rc(vkey_parse(bad[i], name, pub, &err), CO_EMALFORMED);
}

static void
the_example_checkpoint_reads_and_prints_the_same(void **state)
{
	struct checkpoint c = { 0 };
	co_auto_buf out;

	(void)state;
	co_buf_init(&out, 1024);
	assert_ok(checkpoint_parse(example_body, strlen(example_body), &c, &err));
	assert_string_equal(c.origin, "example.com/behind-the-sofa");
	assert_int_equal(c.size, 20852163);
	assert_ok(checkpoint_body(&c, &out, &err));
	assert_string_equal(out.data, example_body);
}

static void
malformed_checkpoints_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"a",
		"a\n",
		"a\n1\n",
		"\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
		"a\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
		"a\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
		"a\n18446744073709551616\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
		"a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2==\n",
		"a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n",
		"a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
		"a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n",
	};
	struct checkpoint c;

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(bad); i++)
		assert_rc(checkpoint_parse(bad[i], strlen(bad[i]), &c, &err), CO_EMALFORMED);
	assert_ok(checkpoint_parse("a\n18446744073709551615\n"
				   "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nextension\n",
		strlen("a\n18446744073709551615\n") + 45 + strlen("extension\n"), &c, &err));
	assert_true(c.size == UINT64_MAX);
}

static void
a_signed_checkpoint_opens_beside_unknown_cosignatures(void **state)
{
	struct checkpoint c = { .origin = "th.contact/ledger", .size = 7 }, got = { 0 };
	struct signer s, stranger;
	co_auto_buf body, note;

	(void)state;
	co_buf_init(&body, 1024);
	co_buf_init(&note, 4096);
	signer_init(&s, "th.contact/ledger");
	signer_init(&stranger, "th.contact/ledger");
	memset(c.root.b, 0xab, sizeof(c.root.b));
	assert_ok(checkpoint_body(&c, &body, &err));
	sign_note(&s, "th.contact/ledger", body.data, &note);
	assert_ok(co_buf_add_str(&note, other_line, &err));
	assert_ok(checkpoint_open(note.data, note.len, s.vkey.data, &got, &err));
	assert_string_equal(got.origin, "th.contact/ledger");
	assert_int_equal(got.size, 7);
	assert_memory_equal(&got.root, &c.root, sizeof(c.root));
	assert_rc(checkpoint_open(note.data, note.len, stranger.vkey.data, &got, &err), CO_EVERIFY);
	signer_deinit(&s);
	signer_deinit(&stranger);
}

static void
a_key_cannot_speak_for_another_ledger(void **state)
{
	struct checkpoint got;
	struct signer s;
	co_auto_buf note;

	(void)state;
	co_buf_init(&note, 4096);
	signer_init(&s, "us.contact/ledger");
	sign_note(&s, "us.contact/ledger", example_body, &note);
	assert_rc(checkpoint_open(note.data, note.len, s.vkey.data, &got, &err), CO_EVERIFY);
	signer_deinit(&s);
}

static void
notes_with_controls_or_broken_utf8_are_refused(void **state)
{
	static const char *const bad[] = { "a\tb\n", "a\rb\n", "a\xc3\n", "a\xff\n",
		"\xed\xa0\x80\n", "\xc0\xaf\n" };
	struct signer s;
	size_t body_n;

	(void)state;
	signer_init(&s, "n");
	for (size_t i = 0; i < CO_ARRAY_LEN(bad); i++) {
		co_auto_buf note;

		co_buf_init(&note, 4096);
		sign_note(&s, "n", bad[i], &note);
		assert_rc(
			note_open(note.data, note.len, s.vkey.data, &body_n, &err), CO_EMALFORMED);
	}
	signer_deinit(&s);
}

static void
a_proof_reads_and_prints_the_same(void **state)
{
	struct hash hashes[3];
	struct proof p;
	co_auto_buf text;

	(void)state;
	co_buf_init(&text, 4096);
	memset(hashes, 0x5a, sizeof(hashes));
	assert_ok(proof_print(73894, hashes, 3, "sixteen bytes ok", 16, example_note,
		strlen(example_note), &text, &err));
	assert_non_null(strstr(text.data, "c2sp.org/tlog-proof@v1\nextra c2l4"));
	assert_ok(proof_parse(&p, text.data, text.len, &err));
	assert_int_equal(p.index, 73894);
	assert_int_equal(p.hashes_n, 3);
	assert_memory_equal(p.hashes, hashes, sizeof(hashes));
	assert_int_equal(p.extra_n, 16);
	assert_memory_equal(p.extra, "sixteen bytes ok", 16);
	assert_string_equal(text.data + p.note_at, example_note);
	co_buf_reset(&text);
	assert_ok(proof_print(0, NULL, 0, NULL, 0, "n\n", 2, &text, &err));
	assert_string_equal(text.data, "c2sp.org/tlog-proof@v1\nindex 0\n\nn\n");
	assert_ok(proof_parse(&p, text.data, text.len, &err));
	assert_int_equal(p.extra_n + p.hashes_n, 0);
}

static void
malformed_proofs_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"c2sp.org/tlog-proof@v2\nindex 0\n\nn\n",
		"c2sp.org/tlog-proof@v1\n",
		"c2sp.org/tlog-proof@v1\nindex 01\n\nn\n",
		"c2sp.org/tlog-proof@v1\nindex \n\nn\n",
		"c2sp.org/tlog-proof@v1\nextra \nindex 1\n\nn\n",
		"c2sp.org/tlog-proof@v1\nextra A\nindex 1\n\nn\n",
		"c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nn\n",
		"c2sp.org/tlog-proof@v1\nindex 1\n\n",
		"c2sp.org/tlog-proof@v1\nindex 1\n",
	};
	struct proof p;

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(bad); i++)
		assert_rc(proof_parse(&p, bad[i], strlen(bad[i]), &err), CO_EMALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_specification_verifies),
		cmocka_unit_test(any_changed_bit_of_the_example_is_refused),
		cmocka_unit_test(bad_verifier_keys_are_refused),
		cmocka_unit_test(the_example_checkpoint_reads_and_prints_the_same),
		cmocka_unit_test(malformed_checkpoints_are_refused),
		cmocka_unit_test(a_signed_checkpoint_opens_beside_unknown_cosignatures),
		cmocka_unit_test(a_key_cannot_speak_for_another_ledger),
		cmocka_unit_test(notes_with_controls_or_broken_utf8_are_refused),
		cmocka_unit_test(a_proof_reads_and_prints_the_same),
		cmocka_unit_test(malformed_proofs_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
