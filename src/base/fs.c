#include "base/fs.h"

#include "base/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

enum co_rc
co_write_all(int fd, const void *p, size_t n, struct co_err *err)
{
	const char *at = p;

	while (n > 0) {
		ssize_t w = co_fault_write(fd, at, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return co_fail_errno(err, "write");
		at += w;
		n -= (size_t)w;
	}
	return CO_OK;
}

enum co_rc
co_read_full(int fd, void *p, size_t n, size_t *got, struct co_err *err)
{
	char *at = p;
	size_t left = n;

	while (left > 0) {
		ssize_t r = read(fd, at, left);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return co_fail_errno(err, "read");
		if (r == 0)
			break;
		at += r;
		left -= (size_t)r;
	}
	*got = n - left;
	return CO_OK;
}

enum co_rc
co_pread_full(int fd, void *p, size_t n, uint64_t at, size_t *got, struct co_err *err)
{
	char *to = p;
	size_t have = 0;

	while (have < n) {
		ssize_t r = pread(fd, to + have, n - have, (off_t)(at + have));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return co_fail_errno(err, "read");
		if (r == 0)
			break;
		have += (size_t)r;
	}
	*got = have;
	return CO_OK;
}

enum co_rc
co_read_file(const char *path, struct co_buf *out, struct co_err *err)
{
	co_auto_fd fd = open(path, O_RDONLY | O_CLOEXEC);
	char chunk[16384];
	size_t got;
	enum co_rc rc;

	if (fd < 0)
		return co_fail_errno(err, "open %s", path);
	do {
		rc = co_read_full(fd, chunk, sizeof(chunk), &got, err);
		if (rc == CO_OK)
			rc = co_buf_add(out, chunk, got, err);
		if (rc != CO_OK)
			return co_wrap(err, "%s", path);
	} while (got == sizeof(chunk));
	return CO_OK;
}

enum co_rc
co_fsync_dir(const char *path, struct co_err *err)
{
	co_auto_fd fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) != 0)
		return co_fail_errno(err, "fsync folder %s", path);
	return CO_OK;
}

enum co_rc
co_fsync_parent(const char *path, struct co_err *err)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];

	if (slash == NULL)
		return co_fsync_dir(".", err);
	if (slash == path)
		return co_fsync_dir("/", err);
	if ((size_t)(slash - path) >= sizeof(dir))
		return co_fail(err, CO_ETOOBIG, "path %s", path);
	memcpy(dir, path, (size_t)(slash - path));
	dir[slash - path] = '\0';
	return co_fsync_dir(dir, err);
}

enum co_rc
co_write_file(const char *path, const void *p, size_t n, mode_t mode, struct co_err *err)
{
	char tmp[PATH_MAX];
	enum co_rc rc;
	int fd;

	if ((size_t)snprintf(tmp, sizeof(tmp), "%s.tmp.%d", path, (int)getpid()) >= sizeof(tmp))
		return co_fail(err, CO_ETOOBIG, "path %s", path);
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0)
		return co_fail_errno(err, "create %s", tmp);
	rc = co_write_all(fd, p, n, err);
	if (rc == CO_OK && fsync(fd) != 0)
		rc = co_fail_errno(err, "fsync %s", tmp);
	if (close(fd) != 0 && rc == CO_OK)
		rc = co_fail_errno(err, "close %s", tmp);
	if (rc == CO_OK && rename(tmp, path) != 0)
		rc = co_fail_errno(err, "rename %s", tmp);
	if (rc != CO_OK) {
		(void)unlink(tmp);
		return rc;
	}
	return co_fsync_parent(path, err);
}

enum co_rc
co_mkdirs(const char *path, mode_t mode, struct co_err *err)
{
	char at[PATH_MAX];

	if (strlen(path) >= sizeof(at))
		return co_fail(err, CO_ETOOBIG, "path %s", path);
	memcpy(at, path, strlen(path) + 1);
	for (char *s = at + 1;; s++) {
		char c = *s;

		if (c != '/' && c != '\0')
			continue;
		*s = '\0';
		if (mkdir(at, mode) != 0 && errno != EEXIST)
			return co_fail_errno(err, "make folder %s", at);
		*s = c;
		if (c == '\0')
			break;
	}
	return CO_OK;
}

char *
co_path_join(const char *dir, const char *name)
{
	size_t n = strlen(dir) + strlen(name) + 2;
	char *p = malloc(n);

	if (p != NULL)
		(void)snprintf(p, n, "%s/%s", dir, name);
	return p;
}
