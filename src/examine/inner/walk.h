/* Files of an image, each once: partitions, file systems, folders, deleted entries that still have
 * a name, and further streams (NTFS). What has neither partitions nor a file system is one file.
 * Also the places that belong to no file. What cannot be read is told (lost.h) and passed over;
 * libtsk reads hostile bytes here, so this stands only in the examiner. */
#pragma once

#include "examine/inner/image.h"

struct item_time {
	int64_t s; /* 0: none */
	uint32_t ns;
};
/* ITEM_NAME_*: of NTFS, the same four out of $FILE_NAME, which programs cannot set as they can
 * those of $STANDARD_INFORMATION: the kernel copies them when a name is made or moved. */
enum item_when {
	ITEM_MODIFIED,
	ITEM_ACCESSED,
	ITEM_CHANGED,
	ITEM_BORN,
	ITEM_NAME_MODIFIED,
	ITEM_NAME_ACCESSED,
	ITEM_NAME_CHANGED,
	ITEM_NAME_BORN,
	ITEM_WHENS
};
extern const char *const item_whens[ITEM_WHENS];

/* Borrowed for the call. */
struct item {
	unsigned part;    /* 0: the whole image; otherwise the partition, from 1 on */
	const char *path; /* from the root, any bytes; the source's name for what is one file */
	const char *stream; /* "" but for further streams */
	const char *kind; /* "file", "folder", "link", "other" */
	bool deleted, taken; /* taken: its content belongs to another file by now */
	bool content;        /* it has bytes that item_read gives */
	uint64_t addr, size;
	struct item_time times[ITEM_WHENS];
	/* Private. */
	struct image *image;
	const void *attr;   /* TSK_FS_ATTR; both NULL: the whole image */
	const void *mapped; /* TSK_FS_FILE, read by blocks.h */
};
/* All n bytes, which lie within its size, or false and why not. To read a file as far as it goes:
 * lost.h. */
bool item_try(const struct item *i, void *p, size_t n, uint64_t at, char why[IMAGE_WHY]);
/* part, path, address, ... as every line about a file has them. */
json_t *item_json(const struct item *i);

struct walk {
	struct image *image;
	bool orphans; /* also files without a name (costs a look at every inode) */
	bool quiet;   /* no lines about partitions: it was walked before */
	bool streams; /* further streams of files as items of their own */
	bool one_part; /* only this one, with 0 for what fills the image */
	unsigned part;
	enum co_rc (*item)(void *arg, const struct item *i, struct co_err *err);
	/* Bytes of the image that belong to no file. May be NULL. */
	enum co_rc (*gap)(void *arg, unsigned part, uint64_t from, uint64_t to, struct co_err *err);
	void *arg;
};
/* Notes how many file systems there were in *found, if not NULL. */
enum co_rc walk_image(const struct walk *w, unsigned *found, struct co_err *err) CO_NODISCARD;
/* One file by path or, with path NULL, by address. CO_ENOTFOUND. */
enum co_rc walk_one(const struct walk *w, const char *path, uint64_t addr,
	struct co_err *err) CO_NODISCARD;
