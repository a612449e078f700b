/* Inside the room: tiles of 256 hashes (c2sp tlog-tiles) in memory, one a level: the right edge of
 * the tree while it grows, or a small cache while proofs are made. */
#pragma once

#include "ledger/ledger.h"

enum { TILE_W = 256, TILE_LEVELS = 8, TILE_BYTES = TILE_W * SHA256_LEN };

struct tile {
	uint64_t n;     /* number within its level */
	unsigned width; /* 0: nothing loaded */
	struct hash h[TILE_W];
};

struct tiles {
	struct store_db *db; /* where other tiles come from; NULL: only those in memory */
	struct tile level[TILE_LEVELS];
};

/* Read one tile; CO_ENOTFOUND when the row is absent or not 1 to 256 whole hashes. */
enum co_rc tile_read(struct store_db *db, unsigned level, uint64_t n, struct tile *out,
	struct co_err *err) CO_NODISCARD;
enum co_rc tile_write(
	struct store_db *db, unsigned level, const struct tile *t, struct co_err *err) CO_NODISCARD;
/* The root over count hashes, a power of two up to 256. */
void tile_fold(const struct hash *h, unsigned count, struct hash *out);
/* A merkle_source; arg is struct tiles. Complete subtrees never change, so it serves any size. */
enum co_rc tiles_source(
	void *arg, unsigned level, uint64_t index, struct hash *out, struct co_err *err);
/* How many hashes level has in a tree of size leaves. */
uint64_t tiles_hashes(unsigned level, uint64_t size);
/* The right edge of the tree of size leaves, ready to grow. */
enum co_rc tiles_edge(
	struct tiles *t, struct store_db *db, uint64_t size, struct co_err *err) CO_NODISCARD;
