#include "examine/inner/blocks.h"

#include <endian.h>
#include <string.h>

enum { DIRECT = 12, LEVELS = 3 }; /* pointers in the inode: to blocks, then to trees of them */

bool
blocks_mapped(const TSK_FS_FILE *f)
{
	const TSK_FS_META *m = f->meta;

	return m != NULL && f->fs_info != NULL && TSK_FS_TYPE_ISEXT(f->fs_info->ftype) &&
		m->content_type == TSK_FS_META_CONTENT_TYPE_DEFAULT && m->content_ptr != NULL &&
		m->content_len >= (DIRECT + LEVELS) * sizeof(TSK_DADDR_T);
}

static bool
read_at(TSK_FS_INFO *fs, TSK_DADDR_T block, size_t within, void *p, size_t n)
{
	return block <= fs->last_block_act &&
		tsk_fs_read(fs, (TSK_OFF_T)(block * fs->block_size + within), p, n) == (ssize_t)n;
}

/* The k-th block of the file; 0: a hole. */
static bool
block_of(const TSK_FS_FILE *f, uint64_t k, TSK_DADDR_T *block)
{
	TSK_FS_INFO *fs = f->fs_info;
	const TSK_DADDR_T *top = f->meta->content_ptr;
	const uint64_t each = fs->block_size / sizeof(uint32_t);
	uint64_t span = 1; /* blocks below a pointer */
	unsigned i = 0;

	while (k >= span) {
		k -= span;
		if (++i >= DIRECT)
			span *= each;
		if (i == DIRECT + LEVELS)
			return false;
	}
	*block = top[i];
	while (*block != 0 && span > 1) {
		uint32_t next;

		span /= each;
		if (!read_at(fs, *block, k / span * sizeof(next), &next, sizeof(next)))
			return false;
		*block = le32toh(next);
		k %= span;
	}
	return true;
}

bool
blocks_read(const TSK_FS_FILE *f, void *p, size_t n, uint64_t at)
{
	const size_t size = f->fs_info->block_size;
	char *to = p;

	while (n > 0) {
		size_t within = at % size, step = size - within < n ? size - within : n;
		TSK_DADDR_T block;

		if (!block_of(f, at / size, &block))
			return false;
		if (block == 0)
			memset(to, 0, step);
		else if (!read_at(f->fs_info, block, within, to, step))
			return false;
		to += step;
		at += step;
		n -= step;
	}
	return true;
}
