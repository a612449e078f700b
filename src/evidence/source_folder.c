/* A folder as a pax tar: names in byte order, numeric owners, modification times to the nanosecond;
 * nothing that differs between two readings of the same folder (no access times, no inodes). */
#include "evidence/source.h"

#include "base/buf.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

enum { FOLDER_BUF = 256 * 1024 };

struct folder {
	struct source *s;
	struct archive *tar;
	bool drop;
	struct co_err err;    /* of the vault, from inside libarchive's callback */
	char path[PATH_MAX];  /* in the tar: "name/sub/file" */
	char shown[PATH_MAX]; /* what the person gave, for messages */
	size_t path_n, depth;
	char *buf;
};

/* A failure is kept and what follows dropped: libarchive 3.6 leaks its buffer after a refused
 * write. */
static la_ssize_t
folder_write(struct archive *a, void *arg, const void *p, size_t n)
{
	struct folder *f = arg;

	(void)a;
	if (!f->drop && source_put(f->s, p, n, &f->err) != CO_OK)
		f->drop = true;
	return (la_ssize_t)n;
}

static enum co_rc
folder_fail(struct folder *f, struct co_err *err)
{
	if (f->err.rc != CO_OK)
		return co_fail(err, f->err.rc, "%s", f->err.msg);
	return co_fail(err, CO_EIO, "%s/%s: %s", f->shown, f->path, archive_error_string(f->tar));
}

static void
folder_skip(struct folder *f, const char *why)
{
	if (f->s->conf->skipped != NULL)
		f->s->conf->skipped(f->s->conf->arg, f->path, why);
}

static enum co_rc
folder_header(struct folder *f, const struct stat *st, const char *link, struct co_err *err)
{
	struct archive_entry *e = archive_entry_new();
	enum co_rc rc = CO_OK;

	if (e == NULL)
		return co_fail(err, CO_ENOMEM, "tar entry");
	archive_entry_set_pathname(e, f->path);
	archive_entry_set_filetype(e, st->st_mode & S_IFMT);
	archive_entry_set_perm(e, st->st_mode & 07777);
	archive_entry_set_uid(e, st->st_uid);
	archive_entry_set_gid(e, st->st_gid);
	archive_entry_set_mtime(e, st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
	archive_entry_set_size(e, S_ISREG(st->st_mode) ? st->st_size : 0);
	if (link != NULL)
		archive_entry_set_symlink(e, link);
	if (archive_write_header(f->tar, e) < ARCHIVE_WARN || f->drop)
		rc = folder_fail(f, err);
	archive_entry_free(e);
	return rc;
}

static enum co_rc
folder_content(struct folder *f, int fd, const struct stat *st, struct co_err *err)
{
	uint64_t left = (uint64_t)st->st_size;
	struct stat after;

	while (left > 0) {
		ssize_t got = read(fd, f->buf, left < FOLDER_BUF ? (size_t)left : FOLDER_BUF);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return co_fail(
				err, CO_EIO, "read %s/%s: %s", f->shown, f->path, strerror(errno));
		if (got == 0)
			break;
		if (archive_write_data(f->tar, f->buf, (size_t)got) != got || f->drop)
			return folder_fail(f, err);
		left -= (uint64_t)got;
		source_progress(f->s, (uint64_t)got, false);
	}
	if (left > 0 || fstat(fd, &after) != 0 || !source_same(st, &after))
		return co_fail(err, CO_ECONFLICT,
			"%s/%s changed while it was read; nothing was sealed: stop what writes to "
			"it, "
			"then seal again",
			f->shown, f->path);
	return CO_OK;
}

static enum co_rc
folder_file(
	struct folder *f, int dir, const char *name, const struct stat *seen, struct co_err *err)
{
	co_auto_fd fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	enum co_rc rc;

	if (fd < 0 || fstat(fd, &st) != 0)
		return co_fail(err, CO_EIO, "open %s/%s: %s", f->shown, f->path, strerror(errno));
	if (!source_same(seen, &st))
		return co_fail(
			err, CO_EIO, "%s/%s changed while the folder was read", f->shown, f->path);
	rc = folder_header(f, &st, NULL, err);
	if (rc == CO_OK)
		rc = folder_content(f, fd, &st, err);
	if (rc == CO_OK)
		f->s->files++;
	return rc;
}

static enum co_rc
folder_link(struct folder *f, int dir, const char *name, const struct stat *st, struct co_err *err)
{
	char to[PATH_MAX];
	ssize_t n = readlinkat(dir, name, to, sizeof(to) - 1);

	if (n < 0)
		return co_fail(err, CO_EIO, "%s/%s: %s", f->shown, f->path, strerror(errno));
	to[n] = '\0';
	return folder_header(f, st, to, err);
}

static enum co_rc folder_walk(struct folder *f, int dir, struct co_err *err);

static enum co_rc
folder_sub(struct folder *f, int dir, const char *name, const struct stat *st, struct co_err *err)
{
	enum co_rc rc;
	int sub;

	/* Each level holds a descriptor and its names. */
	if (f->depth >= LIMIT_FOLDER_DEPTH)
		return co_fail(err, CO_ETOOBIG, "%s/%s: folders nested deeper than %u", f->shown,
			f->path, LIMIT_FOLDER_DEPTH);
	rc = folder_header(f, st, NULL, err);
	if (rc != CO_OK)
		return rc;
	sub = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (sub < 0)
		return co_fail(err, CO_EIO, "open %s/%s: %s", f->shown, f->path, strerror(errno));
	f->depth++;
	rc = folder_walk(f, sub, err);
	f->depth--;
	return rc;
}

static enum co_rc
folder_entry(struct folder *f, int dir, const char *name, struct co_err *err)
{
	size_t before = f->path_n, n = strlen(name);
	struct stat st;
	enum co_rc rc = CO_OK;

	if (before + n + 2 > sizeof(f->path))
		return co_fail(err, CO_ETOOBIG, "%s/%s: a path longer than %d bytes", f->shown,
			f->path, PATH_MAX);
	(void)snprintf(
		f->path + before, sizeof(f->path) - before, "%s%s", before > 0 ? "/" : "", name);
	f->path_n = strlen(f->path);
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		rc = co_fail(err, CO_EIO, "%s/%s: %s", f->shown, f->path, strerror(errno));
	else if (f->s->files >= LIMIT_FOLDER_FILES)
		rc = co_fail(err, CO_ETOOBIG, "%s holds more than %u files", f->shown,
			LIMIT_FOLDER_FILES);
	else if (S_ISREG(st.st_mode))
		rc = folder_file(f, dir, name, &st, err);
	else if (S_ISDIR(st.st_mode))
		rc = folder_sub(f, dir, name, &st, err);
	else if (S_ISLNK(st.st_mode))
		rc = folder_link(f, dir, name, &st, err);
	else
		folder_skip(f, "a socket, pipe or device has no content to seal");
	f->path_n = before;
	f->path[before] = '\0';
	return rc;
}

static int
name_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names one after the other in names, each with its NUL; *n of them. */
static enum co_rc
folder_names(struct folder *f, DIR *d, struct co_buf *names, size_t *n, struct co_err *err)
{
	*n = 0;
	for (;;) {
		struct dirent *e;
		enum co_rc rc;

		errno = 0;
		e = readdir(d);
		if (e == NULL && errno != 0)
			return co_fail(
				err, CO_EIO, "read %s/%s: %s", f->shown, f->path, strerror(errno));
		if (e == NULL)
			return CO_OK;
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		rc = co_buf_add(names, e->d_name, strlen(e->d_name) + 1, err);
		if (rc != CO_OK)
			return co_wrap(err, "%s/%s: the names of one folder", f->shown, f->path);
		(*n)++;
	}
}

static void
folder_close(DIR **d)
{
	if (*d != NULL)
		closedir(*d);
}

/* Takes fd over. */
static enum co_rc
folder_walk(struct folder *f, int fd, struct co_err *err)
{
	CO_CLEANUP(folder_close) DIR *d = fdopendir(fd);
	co_auto_free const char **order = NULL;
	co_auto_buf names;
	const char *at;
	size_t n;
	enum co_rc rc;

	co_buf_init(&names, LIMIT_FOLDER_NAMES);
	if (d == NULL) {
		close(fd);
		return co_fail(err, CO_EIO, "read %s/%s: %s", f->shown, f->path, strerror(errno));
	}
	rc = folder_names(f, d, &names, &n, err);
	if (rc != CO_OK)
		return rc;
	order = malloc((n > 0 ? n : 1) * sizeof(*order));
	if (order == NULL)
		return co_fail(err, CO_ENOMEM, "names of a folder");
	at = names.data;
	for (size_t i = 0; i < n; i++) {
		order[i] = at;
		at += strlen(at) + 1;
	}
	qsort(order, n, sizeof(*order), name_order);
	for (size_t i = 0; i < n && rc == CO_OK; i++)
		rc = folder_entry(f, dirfd(d), order[i], err);
	return rc;
}

static enum co_rc
folder_tar(struct folder *f, int fd, struct co_err *err)
{
	int dir;
	enum co_rc rc;

	/* Names as they are: no locale has a say in the digest. */
	if (archive_write_set_format_pax(f->tar) != ARCHIVE_OK ||
		archive_write_set_format_option(f->tar, "pax", "hdrcharset", "BINARY") !=
			ARCHIVE_OK ||
		archive_write_set_bytes_per_block(f->tar, FOLDER_BUF) != ARCHIVE_OK ||
		archive_write_set_bytes_in_last_block(f->tar, 1) != ARCHIVE_OK ||
		archive_write_open(f->tar, f, NULL, folder_write, NULL) != ARCHIVE_OK)
		return folder_fail(f, err);
	dir = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return co_fail_errno(err, "open %s", f->shown);
	rc = folder_walk(f, dir, err);
	if (rc == CO_OK && (archive_write_close(f->tar) != ARCHIVE_OK || f->drop))
		rc = folder_fail(f, err);
	return rc;
}

enum co_rc
source_folder(struct source *s, int fd, const char *path, struct co_err *err)
{
	struct folder *f = calloc(1, sizeof(*f));
	enum co_rc rc;

	if (f == NULL)
		return co_fail(err, CO_ENOMEM, "folder");
	f->s = s;
	(void)snprintf(f->shown, sizeof(f->shown), "%s", path);
	f->buf = malloc(FOLDER_BUF);
	f->tar = archive_write_new();
	if (f->buf == NULL || f->tar == NULL)
		rc = co_fail(err, CO_ENOMEM, "folder");
	else
		rc = folder_tar(f, fd, err);
	f->drop = true;
	archive_write_free(f->tar);
	free(f->buf);
	free(f);
	return rc;
}
