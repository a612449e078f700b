/* Tiles against each other, checkpoints against tiles, signatures and time-stamps. */
#include "crypto/tsp.h"
#include "ledger/audit.h"

#include <stdlib.h>
#include <string.h>

typedef unsigned long long ull;

static bool
same(const struct hash *a, const struct hash *b)
{
	return memcmp(a->b, b->b, SHA256_LEN) == 0;
}

/* One row of the checkpoint table, borrowed from its statement. */
struct checkpoint_row {
	uint64_t size;
	const void *root;
	size_t root_n;
	const char *note;
	const void *token;
	size_t token_n;
};

static void
audit_note(struct audit *a, const struct checkpoint_row *r)
{
	struct checkpoint c;
	struct co_err e = { 0 };

	if (checkpoint_open(r->note, strlen(r->note), a->vkey, &c, &e) != CO_OK)
		audit_fault(a, "checkpoint of %llu leaves was changed: %s", (ull)r->size, e.msg);
	else if (c.size != r->size || r->root_n != SHA256_LEN ||
		memcmp(c.root.b, r->root, SHA256_LEN) != 0)
		audit_fault(a,
			"checkpoint of %llu leaves was changed: its signed text says %llu "
			"leaves or another root",
			(ull)r->size, (ull)c.size);
}

static void
audit_token(struct audit *a, const struct checkpoint_row *r)
{
	unsigned char digest[SHA256_LEN];
	struct co_err e = { 0 };
	int64_t at_us = 0;

	sha256(r->note, strlen(r->note), digest);
	if (r->token_n == 0)
		audit_fault(a,
			"checkpoint of %llu leaves has no time-stamp: never given, or removed",
			(ull)r->size);
	else if (tsp_verify(r->token, r->token_n, digest, a->roots, a->roots_n, &at_us, &e) !=
		CO_OK)
		audit_fault(a, "the time-stamp of the checkpoint of %llu leaves does not hold: %s",
			(ull)r->size, e.msg);
}

/* The root that is signed is the one in the note; the row's copy is compared in audit_note. */
static enum co_rc
audit_root(struct audit *a, const struct checkpoint_row *r, struct co_err *err)
{
	struct checkpoint c;
	struct hash root;
	enum co_rc rc;

	if (checkpoint_open(r->note, strlen(r->note), a->vkey, &c, NULL) != CO_OK)
		return CO_OK;
	rc = merkle_root(r->size, tiles_source, &a->tiles, &root, err);
	if (rc != CO_OK) {
		if (!audit_absent(rc, err))
			return rc;
		audit_fault(a,
			"checkpoint of %llu leaves cannot be held against the tiles: some are "
			"missing",
			(ull)r->size);
		return CO_OK;
	}
	if (!same(&root, &c.root))
		audit_fault(a,
			"checkpoint of %llu leaves signs another tree than the tiles hold: "
			"tiles were changed",
			(ull)r->size);
	else if (r->size == a->size)
		a->edge_ok = true;
	return CO_OK;
}

enum co_rc
audit_checkpoints(struct audit *a, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row = true;
	enum co_rc rc = store_query(
		a->db, Q_CHECKPOINT_PAGE, &st, err, "ii", (int64_t)-1, (int64_t)INT64_MAX);

	while (rc == CO_OK) {
		struct checkpoint_row r;

		rc = store_step(st, &row, err);
		if (rc != CO_OK || !row)
			break;
		r.size = (uint64_t)store_int(st, 0);
		r.root = store_blob(st, 2, &r.root_n);
		r.note = store_text(st, 3);
		r.token = store_blob(st, 4, &r.token_n);
		audit_note(a, &r);
		audit_token(a, &r);
		rc = audit_root(a, &r, err);
	}
	return rc;
}

/* A full tile is one hash of the level above. Of the two, the upper one is held by the root. */
static enum co_rc
audit_parent(struct audit *a, unsigned level, const struct tile *t, struct co_err *err)
{
	struct hash folded, parent;
	enum co_rc rc;

	if (level + 1 >= TILE_LEVELS)
		return CO_OK;
	rc = tiles_source(&a->tiles, 8 * (level + 1), t->n, &parent, err);
	if (rc != CO_OK)
		return audit_absent(rc, err) ? CO_OK : rc;
	tile_fold(t->h, TILE_W, &folded);
	if (same(&folded, &parent))
		return CO_OK;
	if (a->edge_ok)
		audit_fault(a, "tile %u/%llu was changed: it does not give hash %u of tile %u/%llu",
			level, (ull)t->n, (unsigned)(t->n % TILE_W), level + 1,
			(ull)(t->n / TILE_W));
	else
		audit_fault(a, "tile %u/%llu was changed: its hash %u is not that of tile %u/%llu",
			level + 1, (ull)(t->n / TILE_W), (unsigned)(t->n % TILE_W), level,
			(ull)t->n);
	return CO_OK;
}

static enum co_rc
audit_tile(struct audit *a, unsigned level, uint64_t n, unsigned width, struct tile *t,
	struct co_err *err)
{
	enum co_rc rc = tile_read(a->db, level, n, t, err);

	if (rc == CO_ENOTFOUND) {
		audit_fault(a, "%s", err->msg);
		co_err_clear(err);
		return CO_OK;
	}
	if (rc != CO_OK)
		return rc;
	if (t->width < width)
		audit_fault(a, "tile %u/%llu was cut: it has %u hashes of %u", level, (ull)n,
			t->width, width);
	return t->width < TILE_W ? CO_OK : audit_parent(a, level, t, err);
}

/* Tiles and their checkpoint are one transaction: they end at the same leaf. */
static enum co_rc
audit_end(struct audit *a, unsigned level, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row = false;
	uint64_t end, want = tiles_hashes(level, a->size);
	enum co_rc rc = store_query(a->db, Q_TILE_LAST, &st, err, "i", (int64_t)level);

	if (rc == CO_OK)
		rc = store_step(st, &row, err);
	if (rc != CO_OK || !row)
		return rc;
	end = (uint64_t)store_int(st, 0) * TILE_W + (uint64_t)store_int(st, 1);
	if (end > want)
		audit_fault(a,
			"the tiles of level %u hold %llu hashes but the newest checkpoint only "
			"%llu: a newer checkpoint was deleted",
			level, (ull)end, (ull)want);
	return CO_OK;
}

enum co_rc
audit_tiles(struct audit *a, struct co_err *err)
{
	co_auto_free struct tile *t = calloc(1, sizeof(*t));
	enum co_rc rc = CO_OK;

	if (t == NULL)
		return co_fail(err, CO_ENOMEM, "ledger check");
	for (unsigned level = 0; rc == CO_OK && level < TILE_LEVELS; level++) {
		uint64_t hashes = tiles_hashes(level, a->size);

		for (uint64_t n = 0; rc == CO_OK && n * TILE_W < hashes; n++)
			rc = audit_tile(a, level, n,
				hashes - n * TILE_W < TILE_W ? (unsigned)(hashes - n * TILE_W)
							     : TILE_W,
				t, err);
		if (rc == CO_OK)
			rc = audit_end(a, level, err);
	}
	return rc;
}
