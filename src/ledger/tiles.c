#include "ledger/tiles.h"

#include <assert.h>
#include <string.h>

enum co_rc
tile_read(struct store_db *db, unsigned level, uint64_t n, struct tile *out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	const void *hashes;
	bool row = false;
	size_t len = 0;
	enum co_rc rc;

	rc = store_query(db, Q_TILE_GET, &st, err, "ii", (int64_t)level, (int64_t)n);
	if (rc == CO_OK)
		rc = store_step(st, &row, err);
	if (rc != CO_OK)
		return rc;
	if (!row)
		return co_fail(
			err, CO_ENOTFOUND, "tile %u/%llu is missing", level, (unsigned long long)n);
	hashes = store_blob(st, 1, &len);
	if (len == 0 || len > TILE_BYTES || len % SHA256_LEN != 0 ||
		(size_t)store_int(st, 0) != len / SHA256_LEN)
		return co_fail(err, CO_ENOTFOUND, "tile %u/%llu is not whole", level,
			(unsigned long long)n);
	memcpy(out->h, hashes, len);
	out->width = (unsigned)(len / SHA256_LEN);
	out->n = n;
	return CO_OK;
}

enum co_rc
tile_write(struct store_db *db, unsigned level, const struct tile *t, struct co_err *err)
{
	return store_run(db, NULL, Q_TILE_PUT, err, "iiib", (int64_t)level, (int64_t)t->n,
		(int64_t)t->width, t->h, (size_t)t->width * SHA256_LEN);
}

void
tile_fold(const struct hash *h, unsigned count, struct hash *out)
{
	struct hash row[TILE_W];

	assert(count >= 1 && count <= TILE_W && (count & (count - 1)) == 0);
	memcpy(row, h, count * sizeof(row[0]));
	for (; count > 1; count /= 2)
		for (unsigned i = 0; i < count / 2; i++)
			merkle_node(&row[2 * i], &row[2 * i + 1], &row[i]);
	*out = row[0];
}

enum co_rc
tiles_source(void *arg, unsigned level, uint64_t index, struct hash *out, struct co_err *err)
{
	struct tiles *t = arg;
	unsigned tile_level = level / 8, count = 1u << level % 8;
	uint64_t start = index << level % 8;
	struct tile *tile = &t->level[tile_level];
	enum co_rc rc = CO_OK;

	assert(tile_level < TILE_LEVELS);
	if (t->db != NULL && (tile->width == 0 || tile->n != start / TILE_W)) {
		tile->width = 0;
		rc = tile_read(t->db, tile_level, start / TILE_W, tile, err);
	}
	if (rc != CO_OK)
		return rc;
	if (tile->n != start / TILE_W || start % TILE_W + count > tile->width)
		return co_fail(err, CO_ENOTFOUND, "tile %u/%llu is too short", tile_level,
			(unsigned long long)(start / TILE_W));
	tile_fold(tile->h + start % TILE_W, count, out);
	return CO_OK;
}

uint64_t
tiles_hashes(unsigned level, uint64_t size)
{
	return level >= TILE_LEVELS ? 0 : size >> 8 * level;
}

enum co_rc
tiles_edge(struct tiles *t, struct store_db *db, uint64_t size, struct co_err *err)
{
	t->db = NULL;
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		uint64_t hashes = tiles_hashes(level, size);
		struct tile *tile = &t->level[level];
		unsigned width = (unsigned)(hashes % TILE_W);
		enum co_rc rc = CO_OK;

		tile->width = 0;
		tile->n = hashes / TILE_W;
		if (width > 0)
			rc = tile_read(db, level, tile->n, tile, err);
		if (rc == CO_OK && tile->width < width)
			rc = co_fail(err, CO_ENOTFOUND, "tile %u/%llu is too short", level,
				(unsigned long long)tile->n);
		if (rc != CO_OK)
			return rc;
		tile->width = width;
	}
	return CO_OK;
}
