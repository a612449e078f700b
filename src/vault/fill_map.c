/* <id>.map: which chunks landed. "CMTMAP1\n", the sealed size (big-endian), one bit a chunk. */
#include "vault/fill_place.h"

#include "base/cursor.h"
#include "base/fs.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static const char map_magic[8] = { 'C', 'M', 'T', 'M', 'A', 'P', '1', '\n' };

enum co_rc
fill_map_write(struct vault_fill *f, uint64_t from, uint64_t to, struct co_err *err)
{
	uint64_t first = from / 8, last = (to + 7) / 8;
	enum co_rc rc = vault_pwrite(
		f->map_fd, f->bits + first, (size_t)(last - first), FILL_MAP_HEAD + first, err);

	return rc == CO_OK ? rc : co_wrap(err, "exhibit %s: its map", f->id);
}

static enum co_rc
map_begin(struct vault_fill *f, struct co_err *err)
{
	unsigned char head[FILL_MAP_HEAD];

	memcpy(head, map_magic, sizeof(map_magic));
	for (unsigned i = 0; i < 8; i++)
		head[sizeof(map_magic) + i] = (unsigned char)(f->size >> (56 - 8 * i));
	memset(f->bits, 0, (size_t)(f->chunks / 8 + 1));
	if (ftruncate(f->map_fd, 0) != 0 || ftruncate(f->fd, 0) != 0)
		return co_fail_errno(err, "exhibit %s: begin anew", f->id);
	if (vault_pwrite(f->fd, f->header, sizeof(f->header), 0, err) != CO_OK)
		return co_wrap(err, "exhibit %s", f->id);
	return vault_pwrite(f->map_fd, head, sizeof(head), 0, err);
}

/* Is there a map of this size, and a file with this header? Then the bits are set. */
static enum co_rc
map_take(struct vault_fill *f, bool *taken, struct co_err *err)
{
	unsigned char head[FILL_MAP_HEAD], header[CHUNKED_HEADER];
	struct co_cursor c = co_cursor(head, sizeof(head));
	size_t got, n = (size_t)((f->chunks + 7) / 8);
	enum co_rc rc = co_pread_full(f->map_fd, head, sizeof(head), 0, &got, err);
	const void *magic = co_cur_bytes(&c, sizeof(map_magic));

	*taken = false;
	if (rc != CO_OK || got != sizeof(head) || magic == NULL)
		return rc;
	if (memcmp(magic, map_magic, sizeof(map_magic)) != 0 || co_cur_u64(&c) != f->size)
		return CO_OK;
	rc = co_pread_full(f->map_fd, f->bits, n, FILL_MAP_HEAD, &got, err);
	if (rc == CO_OK)
		rc = co_pread_full(f->fd, header, sizeof(header), 0, &got, err);
	if (rc != CO_OK || got != sizeof(header))
		return rc;
	if (memcmp(header, f->header, sizeof(header)) != 0) {
		co_warn("vault",
			"exhibit %s: what was received before is not what its manifest describes; "
			"it is fetched again",
			f->id);
		return CO_OK;
	}
	*taken = true;
	return CO_OK;
}

enum co_rc
fill_map_load(struct vault_fill *f, struct co_err *err)
{
	struct stat st;
	bool taken;
	enum co_rc rc = map_take(f, &taken, err);

	if (rc != CO_OK)
		return rc;
	if (!taken)
		return map_begin(f, err);
	if (fstat(f->fd, &st) != 0)
		return co_fail_errno(err, "exhibit %s", f->id);
	for (uint64_t c = 0; c < f->chunks; c++) {
		if (fill_end_of(f, c) > (uint64_t)st.st_size)
			fill_set(f->bits, c, false);
		if (!fill_bit(f->bits, c))
			continue;
		f->landed++;
		f->landed_bytes += fill_end_of(f, c) - fill_offset(c);
	}
	memcpy(f->old, f->bits, (size_t)(f->chunks / 8 + 1));
	return CO_OK;
}
