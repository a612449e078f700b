/* Growing the tree. Everything is computed and signed on the caller's thread from committed leaves;
 * the store's writer only inserts the ready rows, so a slow time-stamp authority delays nobody. */
#include "ledger/ledger.h"
#include "base/clock.h"
#include "base/enc.h"
#include "base/log.h"
#include "ledger/inside.h"
#include "ledger/tiles.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Leaves in one checkpoint: bounds memory and the transaction (65 tiles of 8 KiB). */
enum { BATCH_LEAVES = 16384, BATCH_TILES = BATCH_LEAVES / TILE_W + 16 };

enum co_rc
ledger_open_signed(struct ledger **out, struct store *s, ledger_sign *sign, void *sign_arg,
	const char *origin, const unsigned char pub[ED25519_PUB], ledger_stamp *stamp,
	void *stamp_arg, struct co_err *err)
{
	ledger_auto *l = calloc(1, sizeof(*l));
	enum co_rc rc;

	assert(sign != NULL && stamp != NULL);
	if (l == NULL || pthread_mutex_init(&l->lock, NULL) != 0 ||
		pthread_mutex_init(&l->late, NULL) != 0 || pthread_mutex_init(&l->told, NULL) != 0)
		return co_fail(err, CO_ENOMEM, "open the ledger");
	co_buf_init(&l->vkey, 2 * LIMIT_NAME);
	l->origin = strdup(origin);
	if (l->origin == NULL)
		return co_fail(err, CO_ENOMEM, "open the ledger");
	l->store = s;
	l->sign = sign;
	l->sign_arg = sign_arg;
	l->stamp = stamp;
	l->stamp_arg = stamp_arg;
	memcpy(l->pub, pub, ED25519_PUB);
	rc = vkey_print(origin, pub, &l->vkey, err);
	if (rc != CO_OK)
		return rc;
	*out = CO_TAKE(l);
	return CO_OK;
}

void
ledger_close(struct ledger **lp)
{
	struct ledger *l = *lp;

	if (l == NULL)
		return;
	*lp = NULL;
	co_buf_deinit(&l->vkey);
	(void)pthread_mutex_destroy(&l->lock);
	(void)pthread_mutex_destroy(&l->late);
	(void)pthread_mutex_destroy(&l->told);
	free(l->origin);
	free(l);
}

const char *
ledger_vkey(const struct ledger *l)
{
	return l->vkey.data;
}

static void
last_deinit(struct last *last)
{
	co_buf_deinit(&last->note);
	co_buf_deinit(&last->token);
}

static void
last_init(struct last *last)
{
	last->size = 0;
	co_buf_init(&last->note, LIMIT_NOTE);
	co_buf_init(&last->token, LIMIT_TOKEN);
}

static enum co_rc
last_read(struct last *last, struct store_db *db, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row = false;
	const void *p;
	size_t n = 0;
	enum co_rc rc = store_query(db, Q_CHECKPOINT_LATEST, &st, err, "");

	if (rc == CO_OK)
		rc = store_step(st, &row, err);
	if (rc != CO_OK || !row)
		return rc;
	last->size = (uint64_t)store_int(st, 0);
	rc = co_buf_add_str(&last->note, store_text(st, 3), err);
	p = store_blob(st, 4, &n);
	return rc != CO_OK ? rc : co_buf_add(&last->token, p, n, err);
}

static enum co_rc
count_leaves(struct store_db *db, uint64_t *count, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row = false;
	enum co_rc rc = store_query(db, Q_LEAF_COUNT, &st, err, "");

	if (rc == CO_OK)
		rc = store_step(st, &row, err);
	if (rc == CO_OK)
		*count = row ? (uint64_t)store_int(st, 0) : 0;
	return rc;
}

/* What one checkpoint adds. */
struct growth {
	struct tiles edge;
	uint64_t size; /* leaves so far */
	uint64_t from; /* at the last checkpoint */
	unsigned ready_n;
	struct {
		unsigned level;
		struct tile tile;
	} ready[BATCH_TILES];
	struct hash root;
	struct co_buf note, token;
	int64_t at_us;
};

static void
growth_free(struct growth **g)
{
	if (*g == NULL)
		return;
	co_buf_deinit(&(*g)->note);
	co_buf_deinit(&(*g)->token);
	free(*g);
	*g = NULL;
}

static void
growth_put(struct growth *g, unsigned level, const struct tile *t)
{
	assert(g->ready_n < BATCH_TILES);
	g->ready[g->ready_n].level = level;
	g->ready[g->ready_n++].tile = *t;
}

/* A full tile becomes one hash of the level above. */
static void
growth_add(struct growth *g, const struct hash *leaf)
{
	struct hash h = *leaf;

	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		struct tile *t = &g->edge.level[level];

		t->h[t->width++] = h;
		if (t->width < TILE_W)
			break;
		growth_put(g, level, t);
		tile_fold(t->h, TILE_W, &h);
		t->width = 0;
		t->n++;
	}
	g->size++;
}

static enum co_rc
growth_leaves(struct growth *g, struct store_db *db, uint64_t to, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row = true;
	enum co_rc rc =
		store_query(db, Q_LEAF_HASHES, &st, err, "ii", (int64_t)g->size, (int64_t)to);

	while (rc == CO_OK) {
		struct hash h;
		const void *p;
		size_t n = 0;

		rc = store_step(st, &row, err);
		if (rc != CO_OK || !row)
			break;
		p = store_blob(st, 1, &n);
		if (n != SHA256_LEN || (uint64_t)store_int(st, 0) != g->size + 1)
			return co_fail(err, CO_EVERIFY,
				"leaf %llu of the ledger is missing or damaged: run comity ledger "
				"check",
				(unsigned long long)g->size + 1);
		memcpy(h.b, p, SHA256_LEN);
		growth_add(g, &h);
	}
	if (rc == CO_OK && g->size != to)
		rc = co_fail(err, CO_EVERIFY,
			"leaf %llu of the ledger is missing: run comity ledger check",
			(unsigned long long)g->size + 1);
	return rc;
}

/* Partial tiles of the edge that this growth touched. */
static void
growth_edge(struct growth *g)
{
	for (unsigned level = 0; level < TILE_LEVELS; level++)
		if (g->edge.level[level].width > 0 &&
			tiles_hashes(level, g->size) != tiles_hashes(level, g->from))
			growth_put(g, level, &g->edge.level[level]);
}

static enum co_rc
growth_sign(struct growth *g, const struct ledger *l, struct co_err *err)
{
	struct checkpoint c = { .size = g->size };
	unsigned char sig[ED25519_SIG];
	enum co_rc rc = merkle_root(g->size, tiles_source, &g->edge, &g->root, err);

	if (rc != CO_OK)
		return rc;
	c.root = g->root;
	(void)snprintf(c.origin, sizeof(c.origin), "%s", l->origin);
	rc = checkpoint_body(&c, &g->note, err);
	if (rc == CO_OK)
		rc = l->sign(l->sign_arg, g->note.data, g->note.len, sig, err);
	if (rc == CO_OK)
		rc = co_buf_add_str(&g->note, "\n", err);
	if (rc == CO_OK)
		rc = note_sign_line(l->origin, l->pub, sig, &g->note, err);
	g->at_us = co_now_us();
	return rc;
}

static enum co_rc
growth_store(struct store_db *db, void *arg, struct co_err *err)
{
	struct growth *g = arg;
	enum co_rc rc = CO_OK;

	for (unsigned i = 0; rc == CO_OK && i < g->ready_n; i++)
		rc = tile_write(db, g->ready[i].level, &g->ready[i].tile, err);
	if (rc == CO_OK)
		rc = store_run(db, NULL, Q_CHECKPOINT_INSERT, err, "iibtb", (int64_t)g->size,
			g->at_us, g->root.b, (size_t)SHA256_LEN, g->note.data,
			g->token.len == 0 ? NULL : g->token.data, g->token.len);
	return rc == CO_OK ? stamp_note_end(db, &g->token, err) : rc;
}

/* One checkpoint over at most BATCH_LEAVES more leaves. */
static enum co_rc
grow(struct ledger *l, struct store_db *db, uint64_t from, uint64_t count, uint64_t *size,
	struct co_err *err)
{
	CO_CLEANUP(growth_free) struct growth *g = calloc(1, sizeof(*g));
	uint64_t to = count - from > BATCH_LEAVES ? from + BATCH_LEAVES : count;
	enum co_rc rc;

	if (g == NULL)
		return co_fail(err, CO_ENOMEM, "checkpoint");
	co_buf_init(&g->note, LIMIT_NOTE);
	co_buf_init(&g->token, LIMIT_TOKEN);
	g->from = g->size = from;
	rc = tiles_edge(&g->edge, db, from, err);
	if (rc == CO_OK)
		rc = growth_leaves(g, db, to, err);
	if (rc != CO_OK)
		return rc;
	growth_edge(g);
	rc = growth_sign(g, l, err);
	if (rc != CO_OK)
		return co_wrap(err, "sign the checkpoint of %llu leaves", (unsigned long long)to);
	if (l->outside == NULL)
		stamp_own(l, g->note.data, g->note.len, to, &g->token);
	rc = store_write(l->store, growth_store, g, err);
	if (rc == CO_OK)
		*size = to;
	return rc;
}

static enum co_rc
deleted_leaves(struct store_db *db, uint64_t signed_size, struct co_err *err)
{
	uint64_t count = 0;
	enum co_rc rc = count_leaves(db, &count, err);

	if (rc == CO_OK && count < signed_size)
		rc = co_fail(err, CO_EVERIFY,
			"the ledger has %llu leaves but has signed %llu: leaves were deleted; run "
			"comity "
			"ledger check",
			(unsigned long long)count, (unsigned long long)signed_size);
	return rc;
}

/* One step towards target; false in *more when it is reached. */
static enum co_rc
checkpoint_step(struct ledger *l, struct store_db *db, uint64_t target, uint64_t *size, bool *more,
	struct co_err *err)
{
	CO_CLEANUP(last_deinit) struct last last;
	uint64_t count = 0;
	enum co_rc rc;

	last_init(&last);
	rc = last_read(&last, db, err);
	if (rc != CO_OK)
		return rc;
	*size = last.size;
	*more = last.size < target;
	if (!*more)
		return CO_OK;
	if (last.size > 0)
		rc = stamp_name(l, &last, err);
	if (rc == CO_OK)
		rc = count_leaves(db, &count, err);
	return rc != CO_OK ? rc : grow(l, db, last.size, count, size, err);
}

static enum co_rc
checkpoint_locked(struct ledger *l, struct store_db *db, uint64_t *size, struct co_err *err)
{
	uint64_t target = 0;
	bool more = true;
	enum co_rc rc = count_leaves(db, &target, err);

	/* What is appended meanwhile waits for the next call: no endless work under load. */
	while (rc == CO_OK && more)
		rc = checkpoint_step(l, db, target, size, &more, err);
	if (rc == CO_OK && *size > target)
		rc = deleted_leaves(db, *size, err);
	return rc;
}

void
ledger_guard(struct ledger *l, ledger_may *may, void *may_arg)
{
	l->may = may;
	l->may_arg = may_arg;
}

enum co_rc
ledger_checkpoint(struct ledger *l, uint64_t *size, struct co_err *err)
{
	struct store_db *db = NULL;
	uint64_t at = 0;
	enum co_rc rc = store_reader(l->store, &db, err);

	if (rc == CO_OK && l->may != NULL)
		rc = l->may(l->may_arg, err);
	if (rc != CO_OK)
		return rc;
	(void)pthread_mutex_lock(&l->lock);
	rc = l->outside == NULL ? stamp_missing(l, db, err) : CO_OK;
	if (rc == CO_OK)
		rc = checkpoint_locked(l, db, &at, err);
	(void)pthread_mutex_unlock(&l->lock);
	if (rc == CO_OK && size != NULL)
		*size = at;
	return rc;
}
