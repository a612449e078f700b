/* Leaves: one after the other, each against its entry, its tile, and what it commits to. */
#include "ledger/audit.h"

#include <stdlib.h>
#include <string.h>

typedef unsigned long long ull;

enum { PAGE = 256 };

struct walk {
	struct audit *a;
	struct tile tile; /* of the leaves in hand; width 0: not to be had */
	bool trusted;     /* the tile fits what is above it */
	uint64_t next;    /* index of the leaf expected */
};

static enum co_rc
tile_trusted(struct audit *a, const struct tile *t, bool *trusted, struct co_err *err)
{
	struct hash folded, parent;
	enum co_rc rc;

	*trusted = a->edge_ok;
	if (t->width < TILE_W)
		return CO_OK;
	rc = tiles_source(&a->tiles, 8, t->n, &parent, err);
	if (rc != CO_OK)
		return audit_absent(rc, err) ? CO_OK : rc;
	tile_fold(t->h, TILE_W, &folded);
	*trusted = memcmp(folded.b, parent.b, SHA256_LEN) == 0;
	return CO_OK;
}

static enum co_rc
tile_for(struct walk *w, uint64_t index, struct co_err *err)
{
	enum co_rc rc;

	if (w->tile.width > 0 && w->tile.n == index / TILE_W)
		return CO_OK;
	if (index >= w->a->size) {
		w->tile.width = 0;
		return CO_OK;
	}
	rc = tile_read(w->a->db, 0, index / TILE_W, &w->tile, err);
	if (rc != CO_OK) {
		w->tile.width = 0;
		return audit_absent(rc, err) ? CO_OK : rc;
	}
	return tile_trusted(w->a, &w->tile, &w->trusted, err);
}

/* Where the leaf that belongs here stands now; -1 when nowhere. */
static enum co_rc
find_hash(struct audit *a, const struct hash *h, int64_t *index, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row = false;
	enum co_rc rc = store_query(a->db, Q_LEAF_BY_HASH, &st, err, "b", h->b, (size_t)SHA256_LEN);

	if (rc == CO_OK)
		rc = store_step(st, &row, err);
	if (rc == CO_OK)
		*index = row ? store_int(st, 0) - 1 : -1;
	return rc;
}

static enum co_rc
against_tile(struct walk *w, const struct audit_leaf *l, struct co_err *err)
{
	const struct hash *want;
	int64_t elsewhere = -1;
	enum co_rc rc = tile_for(w, l->index, err);

	if (rc != CO_OK || l->index % TILE_W >= w->tile.width)
		return rc;
	want = &w->tile.h[l->index % TILE_W];
	if (memcmp(want->b, l->leaf.hash.b, SHA256_LEN) == 0)
		return CO_OK;
	rc = find_hash(w->a, want, &elsewhere, err);
	if (rc != CO_OK)
		return rc;
	if (elsewhere >= 0)
		audit_fault(w->a,
			"leaves were reordered: leaf %lld belongs at %llu, where leaf of %s "
			"stands",
			(long long)elsewhere, (ull)l->index, l->subject);
	else if (w->trusted)
		audit_fault(w->a,
			"leaf %llu (%s) was changed: tile 0/%llu, which is signed, holds "
			"another hash",
			(ull)l->index, l->subject, (ull)w->tile.n);
	else
		audit_fault(w->a,
			"tile 0/%llu was changed: its hash %u is not that of leaf %llu (%s)",
			(ull)w->tile.n, (unsigned)(l->index % TILE_W), (ull)l->index, l->subject);
	return CO_OK;
}

static void
missing(struct walk *w, uint64_t to)
{
	if (w->next + 1 == to)
		audit_fault(w->a, "leaf %llu is missing: it was deleted", (ull)w->next);
	else if (w->next < to)
		audit_fault(w->a, "leaves %llu to %llu are missing: they were deleted",
			(ull)w->next, (ull)to - 1);
}

/* A row whose parts have the wrong size or do not fit each other says so and is not read on. */
static bool
leaf_read(struct walk *w, struct store_stmt *st, struct audit_leaf *l)
{
	size_t salt_n = 0, entry_n = 0, hash_n = 0;
	const void *salt = store_blob(st, 3, &salt_n), *entry = store_blob(st, 4, &entry_n),
		   *hash = store_blob(st, 5, &hash_n);
	struct hash again;

	l->index = (uint64_t)store_int(st, 0) - 1;
	(void)snprintf(l->subject, sizeof(l->subject), "%s", store_text(st, 1));
	l->type = (enum leaf_type)store_int(st, 2);
	if (salt_n != LEAF_SALT || entry_n != LEAF_ENTRY || hash_n != SHA256_LEN) {
		audit_fault(w->a, "leaf %llu (%s) was changed: a part has the wrong size",
			(ull)l->index, l->subject);
		return false;
	}
	memcpy(l->leaf.salt, salt, LEAF_SALT);
	memcpy(l->leaf.entry, entry, LEAF_ENTRY);
	memcpy(l->leaf.hash.b, hash, SHA256_LEN);
	merkle_leaf(l->leaf.entry, LEAF_ENTRY, &again);
	if (memcmp(again.b, l->leaf.hash.b, SHA256_LEN) != 0 || l->leaf.entry[0] != l->type)
		audit_fault(w->a, "leaf %llu (%s) was changed: entry, type and hash do not fit",
			(ull)l->index, l->subject);
	return true;
}

static enum co_rc
audit_one(struct walk *w, const struct audit_leaf *l, struct co_err *err)
{
	enum co_rc rc = against_tile(w, l, err);

	if (rc != CO_OK)
		return rc;
	if (l->type == LEAF_RECORD)
		return audit_record(w->a, l, err);
	if (l->type == LEAF_EVENT)
		return audit_event(w->a, l, err);
	audit_fault(
		w->a, "leaf %llu (%s) has a type that does not exist", (ull)l->index, l->subject);
	return CO_OK;
}

static enum co_rc
audit_page(struct walk *w, bool *more, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	unsigned rows = 0;
	bool row = true;
	enum co_rc rc =
		store_query(w->a->db, Q_LEAF_PAGE, &st, err, "ii", (int64_t)w->next, (int64_t)PAGE);

	while (rc == CO_OK) {
		struct audit_leaf l;

		rc = store_step(st, &row, err);
		if (rc != CO_OK || !row)
			break;
		rows++;
		if (leaf_read(w, st, &l)) {
			missing(w, l.index);
			rc = audit_one(w, &l, err);
		}
		w->next = l.index + 1;
	}
	*more = rows == PAGE;
	return rc;
}

enum co_rc
audit_leaves(struct audit *a, struct co_err *err)
{
	co_auto_free struct walk *w = calloc(1, sizeof(*w));
	bool more = true;
	enum co_rc rc = CO_OK;

	if (w == NULL)
		return co_fail(err, CO_ENOMEM, "ledger check");
	w->a = a;
	while (rc == CO_OK && more) {
		rc = audit_page(w, &more, err);
		if (a->report->progress != NULL)
			a->report->progress(a->report->arg, w->next, a->leaves);
	}
	if (rc == CO_OK)
		missing(w, a->size);
	return rc;
}
