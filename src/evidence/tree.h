/* A bag or container of somebody else as a list of files: a folder, or a zip. Names are sorted;
 * reads never follow a symbolic link and never leave the folder. Nothing is extracted, nothing
 * fetched. */
#pragma once

#include "base/buf.h"

struct tree_file {
	char *name; /* relative, with "/" */
	uint64_t size;
	size_t inner; /* where the backend has it */
};
struct tree {
	struct tree_file *files; /* in order of names */
	size_t n, room;
	bool data_folder;   /* there is a folder "data", empty or not */
	struct unzip *zip;  /* NULL: a folder */
	int fd;             /* of the folder */
	char base[256];     /* a zip often has its bag in one folder: "name/"; "" */
	size_t links;       /* symbolic links, which are left out */
};
/* path: a folder or a zip. CO_EVERIFY: the zip contradicts itself, has a file twice, or a name that
 * leads outside. */
enum co_rc tree_open(struct tree *t, const char *path, struct co_err *err) CO_NODISCARD;
void tree_close(struct tree *t);
#define tree_auto CO_CLEANUP(tree_close) struct tree
const struct tree_file *tree_find(const struct tree *t, const char *name);
typedef enum co_rc tree_sink(void *arg, const void *p, size_t n, struct co_err *err);
enum co_rc tree_read(const struct tree *t, const struct tree_file *f, tree_sink *sink, void *arg,
	struct co_err *err) CO_NODISCARD;
/* Appended; CO_ETOOBIG past out's ceiling, CO_ENOTFOUND. */
enum co_rc tree_text(const struct tree *t, const char *name, struct co_buf *out,
	struct co_err *err) CO_NODISCARD;
/* A relative path of plain parts; not "..", not absolute, no drive, no "~", no backslash. */
bool tree_path_ok(const char *s);
