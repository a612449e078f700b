#include "evidence/tree.h"

#include "base/limits.h"
#include "evidence/unzip.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool
tree_path_ok(const char *s)
{
	if (s[0] == '\0' || s[0] == '/' || s[0] == '~' || s[1] == ':' || strchr(s, '\\') != NULL)
		return false;
	while (*s != '\0') {
		size_t n = strcspn(s, "/");

		if (n == 0 || (n <= 2 && strspn(s, ".") == n))
			return false;
		s += n;
		if (*s == '/' && *++s == '\0')
			return false;
	}
	return true;
}

static enum co_rc
file_add(struct tree *t, const char *name, uint64_t size, size_t inner, struct co_err *err)
{
	struct tree_file *f;

	if (t->n == LIMIT_PACKAGE_ENTRIES)
		return co_fail(err, CO_ETOOBIG, "more than %u files", LIMIT_PACKAGE_ENTRIES);
	if (t->n == t->room) {
		size_t room = t->room == 0 ? 64 : t->room * 2;

		f = realloc(t->files, room * sizeof(*f));
		if (f == NULL)
			return co_fail(err, CO_ENOMEM, "files of a bag");
		t->files = f;
		t->room = room;
	}
	f = &t->files[t->n];
	*f = (struct tree_file){ strdup(name), size, inner };
	if (f->name == NULL)
		return co_fail(err, CO_ENOMEM, "files of a bag");
	t->n++;
	return CO_OK;
}

static int
name_order(const void *a, const void *b)
{
	return strcmp(((const struct tree_file *)a)->name, ((const struct tree_file *)b)->name);
}

static enum co_rc
files_sort(struct tree *t, struct co_err *err)
{
	if (t->n > 0)
		qsort(t->files, t->n, sizeof(*t->files), name_order);
	for (size_t i = 1; i < t->n; i++)
		if (strcmp(t->files[i - 1].name, t->files[i].name) == 0)
			return co_fail(
				err, CO_EVERIFY, "%.200s is in it twice", t->files[i].name);
	return CO_OK;
}

/* ---- a folder ---- */
static enum co_rc folder_walk(
	struct tree *t, int fd, const char *prefix, unsigned depth, struct co_err *err);

static enum co_rc
folder_entry(struct tree *t, int fd, const char *name, const char *path, unsigned depth,
	struct co_err *err)
{
	struct stat st;
	int sub;

	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return co_fail_errno(err, "look at %s", path);
	if (S_ISREG(st.st_mode))
		return file_add(t, path, (uint64_t)st.st_size, 0, err);
	if (!S_ISDIR(st.st_mode)) {
		t->links++;
		return CO_OK;
	}
	if (strcmp(path, "data") == 0)
		t->data_folder = true;
	if (depth == LIMIT_BAG_DEPTH)
		return co_fail(err, CO_ETOOBIG, "%s: folders more than %u deep", path,
			LIMIT_BAG_DEPTH);
	sub = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (sub < 0)
		return co_fail_errno(err, "open %s", path);
	return folder_walk(t, sub, path, depth + 1, err); /* takes sub */
}

static void
dir_close(DIR **d)
{
	if (*d != NULL)
		(void)closedir(*d);
}

/* Takes fd over. */
static enum co_rc
folder_walk(struct tree *t, int fd, const char *prefix, unsigned depth, struct co_err *err)
{
	CO_CLEANUP(dir_close) DIR *d = fdopendir(fd);
	struct dirent *e;

	if (d == NULL) {
		close(fd);
		return co_fail_errno(err, "list %s", prefix);
	}
	for (errno = 0; (e = readdir(d)) != NULL; errno = 0) {
		co_auto_free char *path = NULL;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (asprintf(&path, "%s%s%s", prefix, prefix[0] == '\0' ? "" : "/",
			e->d_name) < 0) {
			path = NULL;
			return co_fail(err, CO_ENOMEM, "files of a bag");
		}
		TRY(folder_entry(t, dirfd(d), e->d_name, path, depth, err));
	}
	return errno == 0 ? CO_OK : co_fail_errno(err, "list %s", prefix);
}

/* ---- a zip ---- */
/* The folder that holds all, if bagit.txt is not at the top: "name/". */
static void
zip_base(struct tree *t)
{
	static const char mark[] = "/bagit.txt";

	for (size_t i = 0; i < unzip_count(t->zip); i++)
		if (strcmp(unzip_at(t->zip, i)->name, mark + 1) == 0)
			return;
	for (size_t i = 0; i < unzip_count(t->zip); i++) {
		const char *name = unzip_at(t->zip, i)->name, *slash = strchr(name, '/');

		if (slash != NULL && strcmp(slash, mark) == 0 &&
			(size_t)(slash - name) + 2 < sizeof(t->base)) {
			(void)snprintf(t->base, sizeof(t->base), "%.*s/", (int)(slash - name),
				name);
			return;
		}
	}
}

static enum co_rc
zip_files(struct tree *t, struct co_err *err)
{
	size_t base_n;

	zip_base(t);
	base_n = strlen(t->base);
	for (size_t i = 0; i < unzip_count(t->zip); i++) {
		const struct unzip_member *m = unzip_at(t->zip, i);
		size_t n = strlen(m->name);
		co_auto_free char *name = strdup(m->name);

		if (name == NULL)
			return co_fail(err, CO_ENOMEM, "files of a bag");
		if (n > 0 && name[n - 1] == '/')
			name[n - 1] = '\0'; /* a folder */
		if (!tree_path_ok(name))
			return co_fail(err, CO_EVERIFY,
				"\"%.200s\": a name in the zip that leads outside of it", m->name);
		if (strncmp(m->name, t->base, base_n) != 0)
			return co_fail(err, CO_EVERIFY, "%.200s is beside the bag, not in it",
				m->name);
		if (n <= base_n)
			continue;
		if (strcmp(name + base_n, "data") == 0 || strncmp(name + base_n, "data/", 5) == 0)
			t->data_folder = true;
		if (m->name[n - 1] != '/')
			TRY(file_add(t, name + base_n, m->size, i, err));
	}
	return CO_OK;
}

enum co_rc
tree_open(struct tree *t, const char *path, struct co_err *err)
{
	struct stat st;
	int walk;

	*t = (struct tree){ .fd = -1 };
	if (stat(path, &st) != 0)
		return co_fail_errno(err, "open %s", path);
	if (!S_ISDIR(st.st_mode)) {
		TRY(unzip_open(&t->zip, path, err));
		TRY(zip_files(t, err));
		return files_sort(t, err);
	}
	t->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	walk = t->fd < 0 ? -1 : openat(t->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (walk < 0)
		return co_fail_errno(err, "open %s", path);
	TRY(folder_walk(t, walk, "", 0, err));
	return files_sort(t, err);
}

void
tree_close(struct tree *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->files[i].name);
	free(t->files);
	unzip_free(&t->zip);
	if (t->fd >= 0)
		close(t->fd);
	*t = (struct tree){ .fd = -1 };
}

const struct tree_file *
tree_find(const struct tree *t, const char *name)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int d = strcmp(name, t->files[mid].name);

		if (d == 0)
			return &t->files[mid];
		if (d < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

/* Opened part by part, so that no link on the way is followed. */
static enum co_rc
folder_file(const struct tree *t, const char *name, int *out, struct co_err *err)
{
	int at = openat(t->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), next;
	co_auto_free char *copy = strdup(name);
	char *part = copy, *slash;

	if (copy == NULL) {
		if (at >= 0)
			close(at);
		return co_fail(err, CO_ENOMEM, "files of a bag");
	}
	while (at >= 0 && (slash = strchr(part, '/')) != NULL) {
		*slash = '\0';
		next = openat(at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(at);
		at = next;
		part = slash + 1;
	}
	if (at >= 0) {
		next = openat(at, part, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		close(at);
		at = next;
	}
	if (at < 0)
		return co_fail_errno(err, "open %s", name);
	*out = at;
	return CO_OK;
}

enum co_rc
tree_read(const struct tree *t, const struct tree_file *f, tree_sink *sink, void *arg,
	struct co_err *err)
{
	enum { BLOCK = 256 * 1024 };
	co_auto_free char *block = NULL;
	co_auto_fd fd = -1;
	uint64_t done = 0;

	if (t->zip != NULL)
		return unzip_read(t->zip, unzip_at(t->zip, f->inner), sink, arg, err);
	block = malloc(BLOCK);
	if (block == NULL)
		return co_fail(err, CO_ENOMEM, "files of a bag");
	TRY(folder_file(t, f->name, &fd, err));
	for (;;) {
		ssize_t n = read(fd, block, BLOCK);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return co_fail_errno(err, "read %s", f->name);
		if (n == 0)
			break;
		done += (uint64_t)n;
		TRY(sink(arg, block, (size_t)n, err));
	}
	return done == f->size ? CO_OK
			       : co_fail(err, CO_EVERIFY, "%s changed while it was read", f->name);
}

static enum co_rc
text_sink(void *arg, const void *p, size_t n, struct co_err *err)
{
	return co_buf_add(arg, p, n, err);
}

enum co_rc
tree_text(const struct tree *t, const char *name, struct co_buf *out, struct co_err *err)
{
	const struct tree_file *f = tree_find(t, name);

	if (f == NULL)
		return co_fail(err, CO_ENOTFOUND, "%s is missing", name);
	if (tree_read(t, f, text_sink, out, err) != CO_OK)
		return co_wrap(err, "%s", name);
	return CO_OK;
}
