#include "ledger_fixture.h"

static enum co_rc
append_only(struct store_db *db, void *arg, struct co_err *e)
{
	const unsigned *n = arg;

	for (unsigned i = 0; i < *n; i++) {
		struct leaf leaf;
		char subject[CO_UUID_LEN + 1];
		enum co_rc rc;

		co_uuid7(subject);
		leaf_make(&leaf, LEAF_RECORD, &i, sizeof(i), "s", 1);
		rc = ledger_append(db, &leaf, subject, NULL, e);
		if (rc != CO_OK)
			return rc;
	}
	return CO_OK;
}

static void
append(struct fixture *f, unsigned n)
{
	assert_ok(store_write(f->store, append_only, &n, &err));
}

static void
leaf_commits_to_salt_bytes_and_signature(void **state)
{
	unsigned char in[LEAF_SALT + 2 * SHA256_LEN], inner[SHA256_LEN], entry[1 + LEAF_ENTRY];
	struct leaf a, b;

	(void)state;
	leaf_make(&a, LEAF_RECORD, "bytes", 5, "sig", 3);
	memcpy(in, a.salt, LEAF_SALT);
	sha256("bytes", 5, in + LEAF_SALT);
	sha256("sig", 3, in + LEAF_SALT + SHA256_LEN);
	sha256(in, sizeof(in), inner);
	assert_int_equal(a.entry[0], 1);
	assert_memory_equal(a.entry + 1, inner, SHA256_LEN);
	entry[0] = 0;
	memcpy(entry + 1, a.entry, LEAF_ENTRY);
	sha256(entry, sizeof(entry), inner);
	assert_memory_equal(a.hash.b, inner, SHA256_LEN);
	leaf_make_salted(&b, LEAF_RECORD, a.salt, "bytes", 5, "sig", 3);
	assert_memory_equal(&a, &b, sizeof(a));
	leaf_make(&b, LEAF_RECORD, "bytes", 5, "sig", 3);
	assert_memory_not_equal(&a.hash, &b.hash, sizeof(a.hash));
}

static void
open_latest(struct fixture *f, struct checkpoint *c, struct co_buf *note)
{
	co_auto_buf token;
	unsigned char digest[SHA256_LEN];
	const struct cert *root = f->pki.root;
	int64_t at = 0;

	co_buf_init(&token, LIMIT_TOKEN);
	assert_ok(ledger_latest(fixture_reader(f), note, &token, &err));
	assert_ok(checkpoint_open(note->data, note->len, ledger_vkey(f->ledger), c, &err));
	sha256(note->data, note->len, digest);
	assert_ok(tsp_verify(token.data, token.len, digest, &root, 1, &at, &err));
}

/* Each leaf's proof, under the oldest checkpoint that covers it. */
static void
check_every_proof(struct fixture *f, uint64_t leaves, uint64_t step)
{
	store_stmt_auto *st = NULL;
	bool row = true;

	assert_ok(store_query(
		fixture_reader(f), Q_LEAF_PAGE, &st, &err, "ii", (int64_t)0, (int64_t)leaves));
	for (uint64_t i = 0; i < leaves; i++) {
		co_auto_buf text, token;
		struct checkpoint c = { 0 };
		struct proof p;
		struct hash leaf;
		size_t n = 0;

		assert_ok(store_step(st, &row, &err));
		assert_true(row);
		if (i % step != 0)
			continue;
		memcpy(leaf.b, store_blob(st, 5, &n), SHA256_LEN);
		co_buf_init(&text, LIMIT_NOTE);
		co_buf_init(&token, LIMIT_TOKEN);
		assert_ok(ledger_prove(
			fixture_reader(f), store_text(st, 1), &leaf, &text, &token, &err));
		assert_ok(proof_parse(&p, text.data, text.len, &err));
		assert_int_equal(p.index, i);
		assert_int_equal(p.extra_n, LEAF_SALT);
		assert_true(token.len > 0);
		assert_ok(checkpoint_open(text.data + p.note_at, text.len - p.note_at,
			ledger_vkey(f->ledger), &c, &err));
		assert_ok(merkle_check_inclusion(
			p.index, c.size, &leaf, p.hashes, p.hashes_n, &c.root, &err));
	}
}

static void
checkpoints_of_every_small_size_prove_every_leaf(void **state)
{
	struct fixture *f = *state;
	uint64_t size = 0;

	while (size < 40) {
		struct checkpoint c = { 0 };
		co_auto_buf note;

		append(f, 1);
		size = fixture_checkpoint(f);
		co_buf_init(&note, LIMIT_NOTE);
		open_latest(f, &c, &note);
		assert_int_equal(c.size, size);
	}
	check_every_proof(f, size, 1);
}

static void
trees_across_tile_edges_prove_every_leaf(void **state)
{
	static const unsigned steps[] = { 255, 1, 255, 1, 600, 3, 17000, 260 };
	struct fixture *f = *state;
	struct hash proof[LIMIT_PROOF_HASHES], roots[CO_ARRAY_LEN(steps)];
	uint64_t sizes[CO_ARRAY_LEN(steps)];
	size_t n = 0;

	for (size_t i = 0; i < CO_ARRAY_LEN(steps); i++) {
		struct checkpoint c = { 0 };
		co_auto_buf note;

		append(f, steps[i]);
		sizes[i] = fixture_checkpoint(f);
		co_buf_init(&note, LIMIT_NOTE);
		open_latest(f, &c, &note);
		assert_int_equal(c.size, sizes[i]);
		roots[i] = c.root;
	}
	check_every_proof(f, sizes[CO_ARRAY_LEN(steps) - 1], 97);
	for (size_t b = 1; b < CO_ARRAY_LEN(steps); b++) {
		assert_ok(ledger_prove_consistency(
			fixture_reader(f), sizes[b - 1], sizes[b], proof, &n, &err));
		assert_ok(merkle_check_consistency(
			sizes[b - 1], sizes[b], &roots[b - 1], &roots[b], proof, n, &err));
	}
}

static void
nothing_new_makes_no_checkpoint(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(fixture_checkpoint(f), 0);
	append(f, 3);
	assert_int_equal(fixture_checkpoint(f), 3);
	assert_int_equal(fixture_checkpoint(f), 3);
	assert_int_equal(f->signed_n, 1);
	assert_int_equal(f->stamped_n, 1);
	/* One more: the first checkpoint is named by an event. */
	append(f, 1);
	assert_int_equal(fixture_checkpoint(f), 5);
}

static void
a_missing_stamp_is_made_up_for_later(void **state)
{
	struct fixture *f = *state;
	struct checkpoint c;
	struct put_records p = { .n = 1 };
	co_auto_buf proof, note;

	co_buf_init(&proof, LIMIT_NOTE);
	co_buf_init(&note, LIMIT_NOTE);
	assert_ok(store_write(f->store, put_records_work, &p, &err));
	assert_rc(ledger_prove(fixture_reader(f), p.last_id, NULL, &proof, NULL, &err), CO_EBUSY);
	f->stamp_down = true;
	assert_int_equal(fixture_checkpoint(f), 1);
	assert_rc(ledger_prove(fixture_reader(f), p.last_id, NULL, &proof, NULL, &err), CO_EBUSY);
	f->stamp_down = false;
	assert_int_equal(fixture_checkpoint(f), 1);
	assert_ok(ledger_prove(fixture_reader(f), p.last_id, NULL, &proof, NULL, &err));
	open_latest(f, &c, &note);
	assert_rc(
		ledger_prove(fixture_reader(f), "nobody", NULL, &proof, NULL, &err), CO_ENOTFOUND);
}

static void
tiles_and_entries_rebuild_the_tree_from_outside(void **state)
{
	struct fixture *f = *state;
	struct checkpoint c = { 0 };
	struct hash leaves[256], left, right, root;
	co_auto_buf note, tile, entries, upper;

	co_buf_init(&note, LIMIT_NOTE);
	co_buf_init(&tile, 8192);
	co_buf_init(&entries, 256 * 35);
	co_buf_init(&upper, 8192);
	append(f, 257);
	assert_int_equal(fixture_checkpoint(f), 257);
	open_latest(f, &c, &note);
	assert_ok(ledger_tile(fixture_reader(f), 0, 0, 256, &tile, &err));
	assert_ok(ledger_entries(fixture_reader(f), 0, 256, &entries, &err));
	assert_int_equal(tile.len, 8192);
	for (size_t i = 0; i < 256; i++) {
		const unsigned char *e = (const unsigned char *)entries.data + i * 35;

		assert_int_equal(e[0] * 256 + e[1], LEAF_ENTRY);
		merkle_leaf(e + 2, LEAF_ENTRY, &leaves[i]);
	}
	assert_memory_equal(leaves, tile.data, 8192);
	for (size_t n = 256; n > 1; n /= 2)
		for (size_t i = 0; i < n / 2; i++)
			merkle_node(&leaves[2 * i], &leaves[2 * i + 1], &leaves[i]);
	left = leaves[0];
	assert_ok(ledger_tile(fixture_reader(f), 1, 0, 1, &upper, &err));
	assert_memory_equal(upper.data, left.b, SHA256_LEN);
	co_buf_reset(&tile);
	assert_ok(ledger_tile(fixture_reader(f), 0, 1, 1, &tile, &err));
	memcpy(right.b, tile.data, SHA256_LEN);
	merkle_node(&left, &right, &root);
	assert_memory_equal(&root, &c.root, sizeof(root));
	assert_rc(ledger_tile(fixture_reader(f), 0, 1, 2, &tile, &err), CO_ENOTFOUND);
	assert_rc(ledger_tile(fixture_reader(f), 0, 2, 1, &tile, &err), CO_ENOTFOUND);
	assert_rc(ledger_tile(fixture_reader(f), 9, 0, 1, &tile, &err), CO_ENOTFOUND);
	assert_rc(ledger_entries(fixture_reader(f), 1, 2, &entries, &err), CO_ENOTFOUND);
}

static enum co_rc
event_then_fail(struct store_db *db, void *arg, struct co_err *e)
{
	const bool *fail = arg;
	enum co_rc rc = ledger_event(db, "officer-added", "admin", "{\"name\":\"nok\"}", e);

	return rc == CO_OK && *fail ? co_fail(e, CO_EREFUSED, "undo") : rc;
}

static void
an_event_and_its_leaf_live_or_die_together(void **state)
{
	struct fixture *f = *state;
	bool fail = true;
	store_stmt_auto *st = NULL;
	bool row = false;

	assert_rc(store_write(f->store, event_then_fail, &fail, &err), CO_EREFUSED);
	assert_int_equal(fixture_checkpoint(f), 0);
	fail = false;
	assert_ok(store_write(f->store, event_then_fail, &fail, &err));
	assert_int_equal(fixture_checkpoint(f), 1);
	assert_ok(store_query(
		fixture_reader(f), Q_EVENT_PAGE, &st, &err, "ii", (int64_t)0, (int64_t)9));
	assert_ok(store_step(st, &row, &err));
	assert_true(row);
	assert_string_equal(store_text(st, 3), "officer-added");
	assert_non_null(
		strstr(store_text(st, 5), "\"who\":\"admin\",\"detail\":{\"name\":\"nok\"}}"));
}

static void
a_ledger_goes_on_where_it_stopped(void **state)
{
	struct fixture *f = *state;

	append(f, 300);
	(void)fixture_checkpoint(f);
	fixture_close(f);
	fixture_open(f);
	append(f, 300);
	assert_int_equal(fixture_checkpoint(f), 601);
	check_every_proof(f, 601, 13);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaf_commits_to_salt_bytes_and_signature),
		T(checkpoints_of_every_small_size_prove_every_leaf),
		T(trees_across_tile_edges_prove_every_leaf),
		T(nothing_new_makes_no_checkpoint),
		T(a_missing_stamp_is_made_up_for_later),
		T(tiles_and_entries_rebuild_the_tree_from_outside),
		T(an_event_and_its_leaf_live_or_die_together),
		T(a_ledger_goes_on_where_it_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
