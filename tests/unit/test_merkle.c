#include "test.h"

#include "base/enc.h"
#include "base/fs.h"
#include "base/limits.h"
#include "ledger/merkle.h"

#include <ftw.h>
#include <jansson.h>

static struct co_err err;

enum { VECTOR_PROOF = 80 };

struct vector {
	json_t *json;
	struct hash proof[VECTOR_PROOF];
	size_t proof_n;
	const char *text; /* jansson has no integers above 2^63 */
};

/* Some vectors have texts of another length as "any value". An empty one stays all zeros, and is
 * marked: no parser of ours can give it. */
static bool absent;

static struct hash
vector_hash(const char *b64)
{
	co_auto_buf b;
	struct hash h = { { 0 } };
	struct co_err e = { 0 };

	co_buf_init(&b, 1024);
	assert_int_equal(co_unbase64(b64, strlen(b64), &b, &e), CO_OK);
	absent = absent || b.len == 0;
	if (b.len == SHA256_LEN)
		memcpy(h.b, b.data, SHA256_LEN);
	else
		sha256(b.data, b.len, h.b);
	return h;
}

static struct hash
member_hash(const struct vector *v, const char *name)
{
	const char *s = json_string_value(json_object_get(v->json, name));

	return vector_hash(s == NULL ? "" : s);
}

static uint64_t
member_int(const struct vector *v, const char *name)
{
	char key[32];
	const char *at;

	(void)snprintf(key, sizeof(key), "\"%s\": ", name);
	at = strstr(v->text, key);
	assert_non_null(at);
	return strtoull(at + strlen(key), NULL, 10);
}

static enum co_rc
run_inclusion(const struct vector *v)
{
	struct hash leaf = member_hash(v, "leafHash"), root = member_hash(v, "root");

	return merkle_check_inclusion(member_int(v, "leafIdx"), member_int(v, "treeSize"), &leaf,
		v->proof, v->proof_n, &root, NULL);
}

static enum co_rc
run_consistency(const struct vector *v)
{
	struct hash root1 = member_hash(v, "root1"), root2 = member_hash(v, "root2");

	return merkle_check_consistency(member_int(v, "size1"), member_int(v, "size2"), &root1,
		&root2, v->proof, v->proof_n, NULL);
}

static enum co_rc
run_subtree_inclusion(const struct vector *v)
{
	struct hash leaf = member_hash(v, "leafHash"), root = member_hash(v, "root");

	return merkle_check_subtree_inclusion(member_int(v, "leafIdx"), member_int(v, "start"),
		member_int(v, "end"), &leaf, v->proof, v->proof_n, &root, NULL);
}

static enum co_rc
run_subtree_consistency(const struct vector *v)
{
	struct hash root1 = member_hash(v, "root1"), root2 = member_hash(v, "root2");

	return merkle_check_subtree_consistency(member_int(v, "start"), member_int(v, "end"),
		member_int(v, "size"), &root1, &root2, v->proof, v->proof_n, NULL);
}

static const struct {
	const char *folder;
	enum co_rc (*run)(const struct vector *v);
	unsigned count;
} suites[] = {
	{ "/inclusion/", run_inclusion, 98 },
	{ "/consistency/", run_consistency, 98 },
	{ "/subtreeinclusion/", run_subtree_inclusion, 204 },
	{ "/subtreeconsistency/", run_subtree_consistency, 118 },
};
static unsigned seen[CO_ARRAY_LEN(suites)], wrong, expected_errors;

static void
run_file(const char *path, size_t suite)
{
	co_auto_buf text;
	struct vector v = { 0 };
	json_t *list, *item;
	bool want_err, got_err;
	size_t i;

	co_buf_init(&text, 1 << 20);
	assert_ok(co_read_file(path, &text, &err));
	v.text = text.data;
	v.json = json_loads(text.data, JSON_DECODE_INT_AS_REAL, NULL);
	assert_non_null(v.json);
	absent = false;
	list = json_object_get(v.json, "proof");
	json_array_foreach(list, i, item)
	{
		assert_true(v.proof_n < VECTOR_PROOF);
		v.proof[v.proof_n++] = vector_hash(json_string_value(item));
	}
	want_err = json_is_true(json_object_get(v.json, "wantErr"));
	got_err = suites[suite].run(&v) != CO_OK || absent;
	seen[suite]++;
	expected_errors += want_err;
	if (want_err != got_err) {
		wrong++;
		(void)fprintf(stderr, "%s: %s, the vector wants %s\n", path,
			got_err ? "refused" : "accepted", want_err ? "refusal" : "acceptance");
	}
	json_decref(v.json);
}

static int
visit(const char *path, const struct stat *sb, int type, struct FTW *at)
{
	(void)sb;
	(void)at;
	for (size_t i = 0; type == FTW_F && i < CO_ARRAY_LEN(suites); i++)
		if (strstr(path, suites[i].folder) != NULL && strstr(path, ".json") != NULL)
			run_file(path, i);
	return 0;
}

static void
all_vectors_are_judged_as_they_say(void **state)
{
	const char *shared = test_shared();
	co_auto_free char *dir = NULL;

	(void)state;
	if (shared == NULL)
		skip();
	dir = co_path_join(shared, "vectors/merkle");
	assert_int_equal(nftw(dir, visit, 16, FTW_PHYS), 0);
	for (size_t i = 0; i < CO_ARRAY_LEN(suites); i++)
		assert_int_equal(seen[i], suites[i].count);
	assert_true(expected_errors > 0);
	assert_int_equal(wrong, 0);
}

/* A small tree in memory, its hashes made the slow and plain way of RFC 6962 2.1. */
enum { TREE = 70 };
static struct hash leaves[TREE];

static struct hash
plain_root(uint64_t from, uint64_t to)
{
	struct hash l, r, out;
	uint64_t k = 1;

	if (to - from == 1)
		return leaves[from];
	while (k * 2 < to - from)
		k *= 2;
	l = plain_root(from, from + k);
	r = plain_root(from + k, to);
	merkle_node(&l, &r, &out);
	return out;
}

static enum co_rc
plain_source(void *arg, unsigned level, uint64_t index, struct hash *out, struct co_err *e)
{
	(void)arg;
	(void)e;
	*out = plain_root(index << level, (index + 1) << level);
	return CO_OK;
}

static void
grow_tree(void)
{
	for (uint64_t i = 0; i < TREE; i++)
		merkle_leaf(&i, sizeof(i), &leaves[i]);
}

static void
every_inclusion_proof_of_small_trees_holds_for_its_leaf_alone(void **state)
{
	struct hash proof[LIMIT_PROOF_HASHES], root, plain;
	size_t n = 0;

	(void)state;
	grow_tree();
	for (uint64_t size = 1; size <= TREE; size++) {
		assert_ok(merkle_root(size, plain_source, NULL, &root, &err));
		plain = plain_root(0, size);
		assert_memory_equal(&root, &plain, sizeof(root));
		for (uint64_t i = 0; i < size; i++) {
			assert_ok(merkle_inclusion(i, size, plain_source, NULL, proof, &n, &err));
			assert_ok(
				merkle_check_inclusion(i, size, &leaves[i], proof, n, &root, &err));
			assert_rc(merkle_check_inclusion(
					  i, size, &leaves[(i + 1) % TREE], proof, n, &root, &err),
				CO_EVERIFY);
			assert_rc(merkle_check_inclusion(
					  i, size, &leaves[i], proof, n + 1, &root, &err),
				CO_EVERIFY);
		}
	}
	assert_rc(merkle_inclusion(3, 3, plain_source, NULL, proof, &n, &err), CO_ENOTFOUND);
}

static void
every_consistency_proof_of_small_trees_holds_for_its_roots_alone(void **state)
{
	struct hash proof[LIMIT_PROOF_HASHES], root1, root2;
	size_t n = 0;

	(void)state;
	grow_tree();
	for (uint64_t b = 0; b <= TREE; b++)
		for (uint64_t a = 0; a <= b; a++) {
			assert_ok(merkle_root(a, plain_source, NULL, &root1, &err));
			assert_ok(merkle_root(b, plain_source, NULL, &root2, &err));
			assert_ok(merkle_consistency(a, b, plain_source, NULL, proof, &n, &err));
			if (a == 0) {
				assert_int_equal(n, 0);
				continue;
			}
			assert_ok(merkle_check_consistency(a, b, &root1, &root2, proof, n, &err));
			root1.b[0] ^= 1;
			assert_rc(merkle_check_consistency(a, b, &root1, &root2, proof, n, &err),
				CO_EVERIFY);
		}
	assert_rc(merkle_consistency(5, 4, plain_source, NULL, proof, &n, &err), CO_EUSAGE);
}

static void
long_and_short_entries_hash_alike(void **state)
{
	static unsigned char in[1000];
	unsigned char with_prefix[sizeof(in) + 1];
	struct hash a, b;

	(void)state;
	memset(in, 'e', sizeof(in));
	for (size_t n = 250; n < 262; n++) {
		with_prefix[0] = 0;
		memcpy(with_prefix + 1, in, n);
		merkle_leaf(in, n, &a);
		sha256(with_prefix, n + 1, b.b);
		assert_memory_equal(&a, &b, sizeof(a));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_vectors_are_judged_as_they_say),
		cmocka_unit_test(every_inclusion_proof_of_small_trees_holds_for_its_leaf_alone),
		cmocka_unit_test(every_consistency_proof_of_small_trees_holds_for_its_roots_alone),
		cmocka_unit_test(long_and_short_entries_hash_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
