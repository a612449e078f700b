#include "examine/inner/blocks.h"
#include "examine/inner/lost.h"

#include <string.h>
#include <tsk/libtsk.h>

const char *const item_whens[ITEM_WHENS] = { "modified", "accessed", "changed", "born",
	"name_modified", "name_accessed", "name_changed", "name_born" };

/* libtsk's image begins with its own part. */
struct tsk_image {
	TSK_IMG_INFO info;
	struct image *image;
};

struct walking {
	const struct walk *ask;
	TSK_IMG_INFO *img;
	unsigned part, found, parts;
	bool part_seen;
	const char *path; /* walk_one: looked for here; NULL and one: by address */
	uint64_t addr;
	bool one, done;
	uint64_t gap_from, gap_to; /* a gap that may go on */
	struct co_err *err;
	enum co_rc rc; /* of a callback */
};

/* ---- libtsk reads ---- */
/* libtsk fills its cache by pieces of 64 KiB, and where that fails asks again for what it needs
 * only: the first failure says nothing yet. The second it takes for a success when the end of what
 * it asked for is not the end of a sector (4.11, img_read_no_cache), so failures are kept here. */
static void
failed(struct image *i, size_t n, uint64_t at)
{
	enum { CACHE = 64 * 1024 };

	if ((n == CACHE || (n < CACHE && at + n == i->size)) && i->soft_at != at + 1) {
		i->soft_at = at + 1;
		return;
	}
	i->hard++;
	if (!i->in_file && i->tables_lost++ == 0)
		i->tables_at = i->failed_at;
}

static ssize_t
tsk_read(TSK_IMG_INFO *info, TSK_OFF_T at, char *p, size_t n)
{
	struct tsk_image *t = (struct tsk_image *)(void *)info;
	size_t got;

	if (at < 0)
		return -1;
	if (image_read(t->image, p, n, (uint64_t)at, &got, NULL) == CO_OK) {
		t->image->soft_at = 0;
		return (ssize_t)got;
	}
	failed(t->image, n, (uint64_t)at);
	return -1;
}

static void
tsk_close(TSK_IMG_INFO *info)
{
	(void)info;
}

static void
tsk_stat(TSK_IMG_INFO *info, FILE *f)
{
	(void)info, (void)f;
}

/* what, and in brackets why libtsk says so, in one line. */
static const char *
tsk_why(const char *what, char why[IMAGE_WHY])
{
	const char *said = tsk_error_get();

	if (said == NULL)
		(void)snprintf(why, IMAGE_WHY, "%s", what);
	else
		(void)snprintf(why, IMAGE_WHY, "%.140s (libtsk: %.*s)", what,
			(int)(strcspn(said, "\n") < 90 ? strcspn(said, "\n") : 90), said);
	return why;
}

/* ---- items ---- */
/* What lies past the initialised size of an NTFS file was never written and reads as zeros there
 * too. Returns how many of the n bytes at p are such, at their end. */
static size_t
never_written(const TSK_FS_ATTR *a, void *p, size_t n, uint64_t at)
{
	uint64_t size = a->nrd.initsize < 0 ? 0 : (uint64_t)a->nrd.initsize;
	size_t keep;

	if ((a->flags & TSK_FS_ATTR_NONRES) == 0 || a->fs_file == NULL ||
		a->fs_file->fs_info == NULL || !TSK_FS_TYPE_ISNTFS(a->fs_file->fs_info->ftype))
		return 0;
	keep = at >= size ? 0 : n < size - at ? n : (size_t)(size - at);
	memset((char *)p + keep, 0, n - keep);
	return n - keep;
}

bool
item_try(const struct item *i, void *p, size_t n, uint64_t at, char why[IMAGE_WHY])
{
	static const char damaged[] = "the image is damaged, or ends before them";
	struct co_err err = { 0 };
	uint64_t hard = i->image->hard;
	size_t got;

	if (i->mapped != NULL) {
		if (blocks_read(i->mapped, p, n, at) && i->image->hard == hard)
			return true;
		(void)snprintf(why, IMAGE_WHY, "%s", damaged);
		return false;
	}
	if (i->attr == NULL) {
		if (image_read(i->image, p, n, at, &got, &err) == CO_OK && got == n)
			return true;
		(void)snprintf(why, IMAGE_WHY, "%.250s", err.msg);
		return false;
	}
	n -= never_written(i->attr, p, n, at);
	tsk_error_reset();
	/* libtsk may give the bytes of the last piece alone: less than all is nothing. */
	if (n == 0 ||
		(tsk_fs_attr_read(i->attr, (TSK_OFF_T)at, p, n, TSK_FS_FILE_READ_FLAG_NONE) ==
				(ssize_t)n &&
			i->image->hard == hard))
		return true;
	(void)tsk_why(damaged, why);
	return false;
}

/* Which times of a file on NTFS lie before those of its name: set back by somebody, or by a program
 * that unpacked or installed it. Nobody judges here. */
static void
before_name(json_t *o, const struct item *i)
{
	json_t *list = json_array();

	for (int k = ITEM_MODIFIED; k <= ITEM_BORN; k++) {
		const struct item_time *t = &i->times[k], *n = &i->times[k + ITEM_NAME_MODIFIED];

		/* What was read is not changed by it: the time of access moves by itself. */
		if (k != ITEM_ACCESSED && t->s != 0 && t->s < n->s)
			(void)json_array_append_new(list, json_string(item_whens[k]));
	}
	if (json_array_size(list) > 0)
		(void)json_object_set(o, "before_name", list);
	json_decref(list);
}

json_t *
item_json(const struct item *i)
{
	json_t *o = json_object();
	char addr[48];

	if (i->part != 0)
		(void)json_object_set_new(o, "part", json_integer(i->part));
	say_text(o, "path", i->path);
	if (i->stream[0] != '\0')
		say_text(o, "stream", i->stream);
	if (i->attr != NULL || i->addr != 0) {
		(void)snprintf(addr, sizeof(addr), "%u-%llu", i->part, (unsigned long long)i->addr);
		(void)json_object_set_new(o, "address", json_string(addr));
	}
	(void)json_object_set_new(o, "kind", json_string(i->kind));
	(void)json_object_set_new(o, "size", json_integer((json_int_t)i->size));
	if (i->deleted)
		(void)json_object_set_new(o, "deleted", json_true());
	if (i->taken)
		(void)json_object_set_new(o, "overwritten", json_true());
	for (int k = 0; k < ITEM_WHENS; k++)
		if (i->times[k].s != 0)
			(void)json_object_set_new(o, item_whens[k],
				say_time(i->times[k].s, i->times[k].ns));
	before_name(o, i);
	return o;
}

static const char *
kind_of(const TSK_FS_FILE *f)
{
	TSK_FS_META_TYPE_ENUM t = f->meta != NULL ? f->meta->type : TSK_FS_META_TYPE_UNDEF;

	if (f->meta == NULL && f->name != NULL)
		return f->name->type == TSK_FS_NAME_TYPE_REG   ? "file"
			: f->name->type == TSK_FS_NAME_TYPE_DIR ? "folder"
								: "other";
	return t == TSK_FS_META_TYPE_REG			      ? "file"
		: t == TSK_FS_META_TYPE_DIR || t == TSK_FS_META_TYPE_VIRT_DIR ? "folder"
		: t == TSK_FS_META_TYPE_LNK				      ? "link"
									      : "other";
}

static struct item_time
named(time_t s, time_t ns)
{
	return (struct item_time){ s, (uint32_t)ns };
}

static void
item_of(struct walking *w, const TSK_FS_FILE *f, const char *path, struct item *i)
{
	const TSK_FS_META *m = f->meta;
	bool name_gone = f->name != NULL && (f->name->flags & TSK_FS_NAME_FLAG_UNALLOC) != 0;

	*i = (struct item){ .part = w->part,
		.path = path,
		.stream = "",
		.kind = kind_of(f),
		.image = w->ask->image };
	i->deleted = name_gone || (m != NULL && (m->flags & TSK_FS_META_FLAG_UNALLOC) != 0);
	i->addr = m != NULL ? m->addr : f->name != NULL ? f->name->meta_addr : 0;
	if (m == NULL)
		return;
	/* The name is gone, the inode is in use: by another. */
	i->taken = name_gone && (m->flags & TSK_FS_META_FLAG_ALLOC) != 0;
	i->size = m->size > 0 ? (uint64_t)m->size : 0;
	i->times[ITEM_MODIFIED] = (struct item_time){ m->mtime, m->mtime_nano };
	i->times[ITEM_ACCESSED] = (struct item_time){ m->atime, m->atime_nano };
	i->times[ITEM_CHANGED] = (struct item_time){ m->ctime, m->ctime_nano };
	i->times[ITEM_BORN] = (struct item_time){ m->crtime, m->crtime_nano };
	if (f->fs_info != NULL && TSK_FS_TYPE_ISNTFS(f->fs_info->ftype)) {
		i->times[ITEM_NAME_MODIFIED] =
			named(m->time2.ntfs.fn_mtime, m->time2.ntfs.fn_mtime_nano);
		i->times[ITEM_NAME_ACCESSED] =
			named(m->time2.ntfs.fn_atime, m->time2.ntfs.fn_atime_nano);
		i->times[ITEM_NAME_CHANGED] =
			named(m->time2.ntfs.fn_ctime, m->time2.ntfs.fn_ctime_nano);
		i->times[ITEM_NAME_BORN] =
			named(m->time2.ntfs.fn_crtime, m->time2.ntfs.fn_crtime_nano);
	}
}

enum { NTFS_BADCLUS = 8 }; /* its record's number */

static bool
is_stream(const TSK_FS_ATTR *a)
{
	return a != NULL && a->type == TSK_FS_ATTR_TYPE_NTFS_DATA && a->name != NULL &&
		a->name[0] != '\0' && strcmp(a->name, "$Data") != 0;
}

static enum co_rc
streams(struct walking *w, TSK_FS_FILE *f, const struct item *of)
{
	bool some = f->meta != NULL && f->fs_info != NULL &&
		TSK_FS_TYPE_ISNTFS(f->fs_info->ftype);
	int n = some ? tsk_fs_file_attr_getsize(f) : 0;

	for (int k = 0; k < n; k++) {
		const TSK_FS_ATTR *a = tsk_fs_file_attr_get_idx(f, k);
		struct item i = *of;

		if (!is_stream(a))
			continue;
		i.stream = a->name;
		i.kind = "file";
		i.attr = a;
		i.size = a->size > 0 ? (uint64_t)a->size : 0;
		/* $BadClus:$Bad is as large as the volume and has nothing in it. */
		i.content = !i.taken &&
			!(i.addr == NTFS_BADCLUS && strcmp(a->name, "$Bad") == 0 &&
				a->nrd.initsize == 0);
		TRY(w->ask->item(w->ask->arg, &i, w->err));
	}
	return CO_OK;
}

/* libtsk passes over folders and records that it cannot read, without a word. */
static enum co_rc
item_whole(struct walking *w, TSK_FS_FILE *f, const struct item *i)
{
	bool named = f->name != NULL && (f->name->flags & TSK_FS_NAME_FLAG_UNALLOC) == 0;
	char why[IMAGE_WHY];
	TSK_FS_DIR *d;

	if (w->ask->quiet || w->one || i->deleted || !named)
		return CO_OK;
	if (f->meta == NULL || f->meta->type == TSK_FS_META_TYPE_UNDEF)
		return lost_place(w->ask->image, w->part, i->path,
			"its name is there, but what the file system holds of it (its inode) is "
			"damaged",
			w->err);
	if (strcmp(i->kind, "file") == 0 && i->attr == NULL && i->mapped == NULL && i->size > 0)
		return lost_place(w->ask->image, w->part, i->path,
			"where its content stands cannot be read: it was not looked at", w->err);
	if (f->meta->type != TSK_FS_META_TYPE_DIR)
		return CO_OK;
	tsk_error_reset();
	d = tsk_fs_dir_open_meta(f->fs_info, f->meta->addr);
	if (d == NULL)
		return lost_place(w->ask->image, w->part, i->path,
			tsk_why("this folder cannot be read: what is in it is missing here", why),
			w->err);
	tsk_fs_dir_close(d);
	return CO_OK;
}

static enum co_rc
item_tell(struct walking *w, TSK_FS_FILE *f, const char *path)
{
	struct item i;

	item_of(w, f, path, &i);
	if (f->meta != NULL && strcmp(i.kind, "file") == 0) {
		tsk_error_reset();
		if (blocks_mapped(f))
			i.mapped = f;
		else
			i.attr = tsk_fs_file_attr_get(f);
		i.content = (i.attr != NULL || i.mapped != NULL) && !i.taken;
	}
	TRY(w->ask->item(w->ask->arg, &i, w->err));
	TRY(item_whole(w, f, &i));
	TRY(say_progress(w->ask->image->asked, w->ask->image->size, w->err));
	return w->ask->streams ? streams(w, f, &i) : CO_OK;
}

static TSK_WALK_RET_ENUM
each_file(TSK_FS_FILE *f, const char *folder, void *arg)
{
	struct walking *w = arg;
	char path[8192];

	if (f->name == NULL || f->name->name == NULL || TSK_FS_ISDOT(f->name->name))
		return TSK_WALK_CONT;
	(void)snprintf(path, sizeof(path), "/%s%s", folder == NULL ? "" : folder, f->name->name);
	w->rc = item_tell(w, f, path);
	return w->rc == CO_OK ? TSK_WALK_CONT : TSK_WALK_STOP;
}

/* ---- gaps ---- */
static enum co_rc
gap_flush(struct walking *w)
{
	uint64_t from = w->gap_from, to = w->gap_to;

	w->gap_from = w->gap_to = 0;
	return from == to ? CO_OK : w->ask->gap(w->ask->arg, w->part, from, to, w->err);
}

static TSK_WALK_RET_ENUM
each_block(const TSK_FS_BLOCK *b, void *arg)
{
	struct walking *w = arg;
	uint64_t size = b->fs_info->block_size;
	uint64_t at = (uint64_t)b->fs_info->offset + b->addr * size;

	if (at != w->gap_to || w->gap_from == w->gap_to) {
		w->rc = gap_flush(w);
		w->gap_from = at;
	}
	w->gap_to = at + size;
	return w->rc == CO_OK ? TSK_WALK_CONT : TSK_WALK_STOP;
}

static enum co_rc
gaps(struct walking *w, TSK_FS_INFO *fs)
{
	const int flags = TSK_FS_BLOCK_WALK_FLAG_UNALLOC | TSK_FS_BLOCK_WALK_FLAG_AONLY;
	char why[IMAGE_WHY];

	tsk_error_reset();
	if (tsk_fs_block_walk(fs, fs->first_block, fs->last_block_act,
		    (TSK_FS_BLOCK_WALK_FLAG_ENUM)flags, each_block, w) != 0 &&
		w->rc == CO_OK)
		TRY(lost_place(w->ask->image, w->part, NULL,
			tsk_why("not all of the free space could be found", why), w->err));
	return w->rc == CO_OK ? gap_flush(w) : w->rc;
}

/* ---- file systems ---- */
static enum co_rc
one_file(struct walking *w, TSK_FS_INFO *fs)
{
	TSK_FS_FILE *f;
	enum co_rc rc;

	tsk_error_reset();
	f = w->path != NULL ? tsk_fs_file_open(fs, NULL, w->path)
			    : tsk_fs_file_open_meta(fs, NULL, w->addr);
	if (f == NULL)
		return CO_OK;
	w->done = true;
	rc = item_tell(w, f, w->path != NULL ? w->path : "(by address)");
	tsk_fs_file_close(f);
	return rc;
}

/* libtsk shows an empty file system where the root is no folder any more. */
static bool
root_is(TSK_FS_INFO *fs)
{
	TSK_FS_FILE *f = tsk_fs_file_open_meta(fs, NULL, fs->root_inum);
	bool is = f != NULL && f->meta != NULL &&
		(f->meta->type == TSK_FS_META_TYPE_DIR ||
			f->meta->type == TSK_FS_META_TYPE_VIRT_DIR);

	if (f != NULL)
		tsk_fs_file_close(f);
	return is;
}

static enum co_rc
file_system(struct walking *w, TSK_FS_INFO *fs)
{
	int flags = TSK_FS_DIR_WALK_FLAG_ALLOC | TSK_FS_DIR_WALK_FLAG_UNALLOC |
		TSK_FS_DIR_WALK_FLAG_RECURSE;
	char why[IMAGE_WHY];

	w->found++;
	if (!w->ask->quiet && fs->last_block_act < fs->last_block) {
		(void)snprintf(why, sizeof(why),
			"the image ends before the file system does, which has %llu "
			"bytes: it was cut",
			(unsigned long long)((fs->last_block + 1) * fs->block_size));
		TRY(lost_place(w->ask->image, w->part, NULL, why, w->err));
	}
	if (!w->ask->quiet)
		TRY(say("partition",
			json_pack("{s:i,s:I,s:I,s:s,s:I,s:I}", "part", (int)w->part, "offset",
				(json_int_t)fs->offset, "size",
				(json_int_t)(fs->block_count * fs->block_size), "filesystem",
				tsk_fs_type_toname(fs->ftype), "block", (json_int_t)fs->block_size,
				"inodes", (json_int_t)fs->inum_count),
			w->err));
	if (w->one)
		return one_file(w, fs);
	if (!w->ask->orphans)
		flags |= TSK_FS_DIR_WALK_FLAG_NOORPHAN;
	tsk_error_reset();
	if ((tsk_fs_dir_walk(fs, fs->root_inum, (TSK_FS_DIR_WALK_FLAG_ENUM)flags, each_file, w) !=
			    0 ||
		    !root_is(fs)) &&
		w->rc == CO_OK && !w->ask->quiet)
		TRY(lost_place(w->ask->image, w->part, "/",
			tsk_why("the root folder, or the table of files that it stands in, is "
				"damaged: not everything could be listed",
				why),
			w->err));
	if (w->rc == CO_OK && w->ask->gap != NULL)
		w->rc = gaps(w, fs);
	return w->rc == CO_OK ? lost_tables(w->ask->image, w->part, w->err) : w->rc;
}

/* *is: there was one. */
static enum co_rc
try_at(struct walking *w, uint64_t offset, bool *is)
{
	TSK_FS_INFO *fs;
	enum co_rc rc;

	*is = false;
	if (w->ask->one_part && w->part != w->ask->part)
		return CO_OK;
	tsk_error_reset();
	fs = tsk_fs_open_img(w->img, (TSK_OFF_T)offset, TSK_FS_TYPE_DETECT);
	*is = fs != NULL;
	if (fs == NULL)
		return CO_OK;
	rc = file_system(w, fs);
	tsk_fs_close(fs);
	return rc;
}

static enum co_rc
partition(struct walking *w, const TSK_VS_INFO *vs, const TSK_VS_PART_INFO *p)
{
	uint64_t from = (uint64_t)vs->offset + p->start * vs->block_size;
	uint64_t to = from + p->len * vs->block_size, size = w->ask->image->size;
	bool is = false;
	char why[IMAGE_WHY];

	if (from >= size || to <= from) {
		(void)snprintf(why, sizeof(why),
			"it begins at byte %llu, past the end of the image: the image was cut",
			(unsigned long long)from);
		return w->ask->quiet || (p->flags & TSK_VS_PART_FLAG_ALLOC) == 0
			? CO_OK
			: lost_place(w->ask->image, w->part, NULL, why, w->err);
	}
	if ((p->flags & TSK_VS_PART_FLAG_ALLOC) != 0)
		TRY(try_at(w, from, &is));
	if (is || w->one)
		return CO_OK;
	if ((p->flags & TSK_VS_PART_FLAG_ALLOC) != 0 && !w->ask->quiet)
		TRY(say_note(w->err,
			"partition %u at byte %llu (%s): %s", w->part, (unsigned long long)from,
			p->desc == NULL ? "" : p->desc,
			tsk_why("no file system known here", why)));
	if (w->ask->gap == NULL)
		return CO_OK;
	return w->ask->gap(w->ask->arg, w->part, from, to < size ? to : size, w->err);
}

static enum co_rc
partitions(struct walking *w, const TSK_VS_INFO *vs)
{
	unsigned number = 0;

	for (const TSK_VS_PART_INFO *p = vs->part_list; p != NULL && !w->done; p = p->next) {
		bool alloc = (p->flags & TSK_VS_PART_FLAG_ALLOC) != 0;

		if ((p->flags & TSK_VS_PART_FLAG_META) != 0)
			continue;
		number += alloc;
		w->parts = number;
		w->part = alloc ? number : 0;
		if (w->ask->one_part && w->part != w->ask->part)
			continue;
		w->part_seen = true;
		TRY(partition(w, vs, p));
	}
	return CO_OK;
}

/* Neither partitions nor a file system: one file. */
static enum co_rc
plain(struct walking *w)
{
	struct image *image = w->ask->image;
	struct item i = { .path = image->name,
		.stream = "",
		.kind = "file",
		.content = true,
		.size = image->size,
		.image = image };

	w->part_seen = w->ask->part == 0;
	if (w->one || (w->ask->one_part && w->ask->part != 0))
		return CO_OK;
	if (!w->ask->quiet)
		TRY(say_note(w->err,
			"no file system recognised: the whole image is shown as one file"));
	return w->ask->item(w->ask->arg, &i, w->err);
}

static enum co_rc
walk(struct walking *w)
{
	struct tsk_image t;
	TSK_VS_INFO *vs;
	bool is = false;
	enum co_rc rc;

	memset(&t, 0, sizeof(t));
	t.image = w->ask->image;
	w->img = tsk_img_open_external(&t, (TSK_OFF_T)t.image->size, 512, tsk_read, tsk_close,
		tsk_stat);
	if (w->img == NULL)
		return plain(w);
	/* A file system that fills the image may look like a table of partitions, seldom the other
	 * way round. */
	rc = try_at(w, 0, &is);
	w->part_seen = is;
	vs = rc == CO_OK && !is ? tsk_vs_open(w->img, 0, TSK_VS_TYPE_DETECT) : NULL;
	if (vs != NULL) {
		rc = partitions(w, vs);
		tsk_vs_close(vs);
	} else if (rc == CO_OK && !is) {
		rc = plain(w);
	}
	tsk_img_close(w->img);
	if (rc == CO_OK)
		rc = lost_tables(w->ask->image, 0, w->err);
	if (rc == CO_OK && w->ask->one_part && !w->part_seen)
		return co_fail(w->err, CO_ENOTFOUND,
			"there is no partition %u: the image has %u of them%s", w->ask->part,
			w->parts, w->parts == 0 ? " (what fills it is called 0)" : "");
	return rc;
}

enum co_rc
walk_image(const struct walk *ask, unsigned *found, struct co_err *err)
{
	struct walking w = { .ask = ask, .err = err };

	TRY(walk(&w));
	if (found != NULL)
		*found = w.found;
	return CO_OK;
}

enum co_rc
walk_one(const struct walk *ask, const char *path, uint64_t addr, struct co_err *err)
{
	struct walking w = { .ask = ask, .err = err, .path = path, .addr = addr, .one = true };

	TRY(walk(&w));
	if (w.done)
		return CO_OK;
	if (w.found == 0)
		return co_fail(err, CO_EMALFORMED, "no file system was found in %s",
			ask->image->name);
	if (path != NULL)
		return co_fail(err, CO_ENOTFOUND,
			"%s is not in the image; comity examine list shows what is, and the "
			"address "
			"of deleted files",
			path);
	return co_fail(err, CO_ENOTFOUND, "no file has the address %u-%llu", ask->part,
		(unsigned long long)addr);
}
