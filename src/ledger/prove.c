#include "ledger/archive.h"
#include "ledger/ledger.h"
#include "ledger/text.h"
#include "ledger/tiles.h"

#include <stdlib.h>
#include <string.h>

static enum co_rc
add_blob(struct store_stmt *st, int col, struct co_buf *out, struct co_err *err)
{
	size_t n = 0;
	const void *p = store_blob(st, col, &n);

	return co_buf_add(out, p, n, err);
}

enum co_rc
ledger_latest(struct store_db *db, struct co_buf *note, struct co_buf *token, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row = false;
	enum co_rc rc = store_query(db, Q_CHECKPOINT_LATEST, &st, err, "");

	if (rc == CO_OK)
		rc = store_step(st, &row, err);
	if (rc == CO_OK && !row)
		rc = co_fail(err, CO_ENOTFOUND, "the ledger has no checkpoint yet");
	if (rc == CO_OK)
		rc = co_buf_add_str(note, store_text(st, 3), err);
	if (rc == CO_OK && token != NULL)
		rc = add_blob(st, 4, token, err);
	return rc;
}

enum co_rc
ledger_tile(struct store_db *db, unsigned level, uint64_t n, unsigned width, struct co_buf *out,
	struct co_err *err)
{
	co_auto_free struct tile *t = NULL;
	enum co_rc rc;

	if (level >= TILE_LEVELS || width < 1 || width > TILE_W || n > INT64_MAX / TILE_W)
		return co_fail(err, CO_ENOTFOUND, "no such tile");
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return co_fail(err, CO_ENOMEM, "tile");
	rc = tile_read(db, level, n, t, err);
	if (rc == CO_OK && t->width < width)
		rc = co_fail(err, CO_ENOTFOUND, "tile %u/%llu has only %u hashes", level,
			(unsigned long long)n, t->width);
	return rc != CO_OK ? rc : co_buf_add(out, t->h, (size_t)width * SHA256_LEN, err);
}

enum co_rc
ledger_entries(
	struct store_db *db, uint64_t n, unsigned width, struct co_buf *out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	co_auto_buf bundle;
	unsigned got = 0;
	bool row = true;
	enum co_rc rc;

	co_buf_init(&bundle, (size_t)TILE_W * (2 + LEAF_ENTRY));
	if (width < 1 || width > TILE_W || n > INT64_MAX / TILE_W - 1)
		return co_fail(err, CO_ENOTFOUND, "no such entries");
	rc = store_query(db, Q_LEAF_ENTRIES, &st, err, "ii", (int64_t)(n * TILE_W),
		(int64_t)(n * TILE_W + width));
	while (rc == CO_OK) {
		size_t len = 0;
		const void *p;

		rc = store_step(st, &row, err);
		if (rc != CO_OK || !row)
			break;
		p = store_blob(st, 1, &len);
		if (len != LEAF_ENTRY || (uint64_t)store_int(st, 0) != n * TILE_W + got + 1)
			return co_fail(err, CO_EVERIFY, "entry %llu of the ledger is damaged",
				(unsigned long long)(n * TILE_W + got));
		rc = co_buf_add_u8(&bundle, 0, err);
		if (rc == CO_OK)
			rc = co_buf_add_u8(&bundle, LEAF_ENTRY, err);
		if (rc == CO_OK)
			rc = co_buf_add(&bundle, p, len, err);
		got++;
	}
	if (rc == CO_OK && got < width)
		rc = co_fail(err, CO_ENOTFOUND, "the ledger has not so many entries");
	return rc != CO_OK ? rc : co_buf_add(out, bundle.data, bundle.len, err);
}

struct found {
	uint64_t index;
	unsigned char salt[LEAF_SALT];
};

static bool
leaf_is(struct store_stmt *st, const struct hash *leaf)
{
	size_t n;
	const void *p = store_blob(st, 2, &n);

	return n == sizeof(leaf->b) && memcmp(p, leaf->b, n) == 0;
}

static enum co_rc
find_leaf(struct store_db *db, const char *subject, const struct hash *leaf, struct found *f,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row = false;
	const void *salt;
	size_t n = 0;
	enum co_rc rc;

	rc = store_query(db, Q_LEAF_BY_SUBJECT, &st, err, "t", subject);
	do {
		if (rc == CO_OK)
			rc = store_step(st, &row, err);
	} while (rc == CO_OK && row && leaf != NULL && !leaf_is(st, leaf));
	if (rc != CO_OK)
		return rc;
	if (!row)
		return co_fail(err, CO_ENOTFOUND, "the ledger has no %sleaf for %s",
			leaf != NULL ? "such " : "", subject);
	salt = store_blob(st, 1, &n);
	if (n != LEAF_SALT)
		return co_fail(err, CO_EVERIFY, "a leaf of %s is damaged: run comity ledger check",
			subject);
	memcpy(f->salt, salt, LEAF_SALT);
	f->index = (uint64_t)store_int(st, 0) - 1;
	return CO_OK;
}

enum co_rc
ledger_prove(struct store_db *db, const char *subject, const struct hash *leaf,
	struct co_buf *proof, struct co_buf *token, struct co_err *err)
{
	struct hash hashes[LIMIT_PROOF_HASHES];
	co_auto_free struct tiles *tiles = calloc(1, sizeof(*tiles));
	store_stmt_auto *st = NULL;
	struct found f;
	size_t hashes_n = 0, before = proof->len;
	bool row = false;
	const char *note;
	enum co_rc rc;

	if (tiles == NULL)
		return co_fail(err, CO_ENOMEM, "proof");
	rc = find_leaf(db, subject, leaf, &f, err);
	if (rc == CO_OK)
		rc = store_query(db, Q_CHECKPOINT_COVERING, &st, err, "i", (int64_t)f.index);
	if (rc == CO_OK)
		rc = store_step(st, &row, err);
	if (rc == CO_OK && !row)
		rc = co_fail(
			err, CO_EBUSY, "no time-stamped checkpoint covers it yet: try again soon");
	if (rc != CO_OK)
		return rc;
	tiles->db = db;
	rc = merkle_inclusion(
		f.index, (uint64_t)store_int(st, 0), tiles_source, tiles, hashes, &hashes_n, err);
	if (rc != CO_OK)
		return rc;
	note = store_text(st, 1);
	rc = proof_print(
		f.index, hashes, hashes_n, f.salt, LEAF_SALT, note, strlen(note), proof, err);
	if (rc == CO_OK && token != NULL)
		rc = add_blob(st, 2, token, err);
	if (rc != CO_OK)
		text_cut(proof, before);
	return rc;
}

enum co_rc
ledger_prove_consistency(struct store_db *db, uint64_t size1, uint64_t size2, struct hash *proof,
	size_t *proof_n, struct co_err *err)
{
	co_auto_free struct tiles *tiles = calloc(1, sizeof(*tiles));

	if (tiles == NULL)
		return co_fail(err, CO_ENOMEM, "proof");
	tiles->db = db;
	return merkle_consistency(size1, size2, tiles_source, tiles, proof, proof_n, err);
}

/* Inclusion of leaf f under the stamped checkpoint of size leaves. */
static enum co_rc
prove_under(struct store_db *db, const struct found *f, uint64_t size, struct co_buf *proof,
	struct co_err *err)
{
	struct hash hashes[LIMIT_PROOF_HASHES];
	co_auto_free struct tiles *tiles = calloc(1, sizeof(*tiles));
	store_stmt_auto *st = NULL;
	size_t n = 0;
	const char *note;
	bool row;

	if (tiles == NULL)
		return co_fail(err, CO_ENOMEM, "proof");
	TRY(store_query(db, Q_CHECKPOINT_GET, &st, err, "i", (int64_t)size));
	TRY(store_step(st, &row, err));
	if (!row || f->index >= size)
		return co_fail(err, CO_ENOTFOUND, "the checkpoint of %llu leaves does not hold it",
			(unsigned long long)size);
	tiles->db = db;
	TRY(merkle_inclusion(f->index, size, tiles_source, tiles, hashes, &n, err));
	note = store_text(st, 2);
	return proof_print(
		f->index, hashes, n, f->salt, LEAF_SALT, note, strlen(note), proof, err);
}

enum co_rc
ledger_prove_named(struct store_db *db, uint64_t size, uint64_t under, struct co_buf *event,
	struct co_buf *proof, struct co_err *err)
{
	store_stmt_auto *naming = NULL, *text = NULL;
	char id[CO_UUID_LEN + 1];
	struct found f;
	bool row;

	TRY(store_query(db, Q_CHECKPOINT_NAMING, &naming, err, "i", (int64_t)size));
	TRY(store_step(naming, &row, err));
	(void)snprintf(id, sizeof(id), "%s", row ? store_text(naming, 0) : "");
	if (id[0] == '\0')
		return co_fail(err, CO_ENOTFOUND,
			"no event names the time-stamp of the checkpoint of %llu leaves",
			(unsigned long long)size);
	TRY(find_leaf(db, id, NULL, &f, err));
	TRY(prove_under(db, &f, under, proof, err));
	TRY(store_query(db, Q_EVENT_BY_ID, &text, err, "t", id));
	TRY(store_step(text, &row, err));
	return co_buf_add_str(event, store_text(text, 4), err);
}
