#include "vault/inside.h"

#include "base/fault.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

static const char *const coding_names[] = { [VAULT_AS_IS] = "", [VAULT_ZSTD] = "zstd" };

const char *
vault_coding_name(enum vault_coding coding)
{
	return coding_names[coding];
}

bool
vault_coding_find(const char *name, enum vault_coding *out)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(coding_names); i++) {
		if (strcmp(name, coding_names[i]) != 0)
			continue;
		*out = (enum vault_coding)i;
		return true;
	}
	return false;
}

enum co_rc
vault_name(char out[VAULT_NAME], const char *id, const char *suffix, struct co_err *err)
{
	if (!co_uuid_valid(id))
		return co_fail(err, CO_EUSAGE, "an exhibit's id is a UUID in lower case");
	(void)snprintf(out, VAULT_NAME, "%s%s", id, suffix);
	return CO_OK;
}

bool
vault_exists(struct vault *v, const char *name)
{
	return faccessat(v->dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A crash while sealing leaves <id>.seal, which no process holds locked any more. */
static void
vault_sweep(struct vault *v)
{
	int fd = openat(v->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (d == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((e = readdir(d)) != NULL) {
		size_t n = strlen(e->d_name);
		int left;

		if (n != CO_UUID_LEN + 5 || strcmp(e->d_name + CO_UUID_LEN, ".seal") != 0)
			continue;
		left = openat(v->dir, e->d_name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
		if (left < 0)
			continue;
		if (flock(left, LOCK_EX | LOCK_NB) == 0 && unlinkat(v->dir, e->d_name, 0) == 0)
			co_warn("vault", "removed %s, left by an interrupted sealing", e->d_name);
		close(left);
	}
	closedir(d);
}

enum co_rc
vault_open(struct vault **out, const char *folder, struct co_err *err)
{
	vault_auto *v = calloc(1, sizeof(*v));
	enum co_rc rc;

	if (v == NULL)
		return co_fail(err, CO_ENOMEM, "vault");
	v->dir = -1;
	rc = co_mkdirs(folder, 0700, err);
	if (rc != CO_OK)
		return rc;
	v->path = strdup(folder);
	if (v->path == NULL)
		return co_fail(err, CO_ENOMEM, "vault");
	v->dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (v->dir < 0)
		return co_fail_errno(err, "open the vault %s", folder);
	vault_sweep(v);
	*out = CO_TAKE(v);
	return CO_OK;
}

void
vault_close(struct vault **v)
{
	if (*v == NULL)
		return;
	if ((*v)->dir >= 0)
		close((*v)->dir);
	free((*v)->path);
	free(*v);
	*v = NULL;
}

enum co_rc
vault_publish(struct vault *v, const char *from, const char *id, struct co_err *err)
{
	char name[VAULT_NAME];
	enum co_rc rc = vault_name(name, id, ".sealed", err);

	if (rc != CO_OK)
		return rc;
	if (renameat2(v->dir, from, v->dir, name, RENAME_NOREPLACE) != 0) {
		/* Some file systems have no such rename: look, then rename. */
		if (errno != EINVAL && errno != ENOSYS)
			return co_fail_errno(err, "name %s in the vault", name);
		if (vault_exists(v, name))
			return co_fail(err, CO_EEXISTS, "%s is in the vault already", name);
		if (renameat(v->dir, from, v->dir, name) != 0)
			return co_fail_errno(err, "name %s in the vault", name);
	}
	if (fsync(v->dir) != 0)
		return co_fail_errno(err, "fsync the vault %s", v->path);
	return CO_OK;
}

enum co_rc
vault_fd(struct vault *v, const char *id, int *fd, struct co_err *err)
{
	char name[VAULT_NAME];
	enum co_rc rc = vault_name(name, id, ".sealed", err);
	int got;

	if (rc != CO_OK)
		return rc;
	got = openat(v->dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (got < 0 && errno == ENOENT)
		return co_fail(err, CO_ENOTFOUND, "exhibit %s is not in the vault", id);
	if (got < 0)
		return co_fail_errno(err, "open %s in the vault", name);
	*fd = got;
	return CO_OK;
}

enum co_rc
vault_size(struct vault *v, const char *id, uint64_t *sealed_size, struct co_err *err)
{
	co_auto_fd fd = -1;
	struct stat st;
	enum co_rc rc = vault_fd(v, id, &fd, err);

	if (rc != CO_OK)
		return rc;
	if (fstat(fd, &st) != 0)
		return co_fail_errno(err, "exhibit %s", id);
	*sealed_size = (uint64_t)st.st_size;
	return CO_OK;
}

enum co_rc
vault_room(struct vault *v, uint64_t want, struct co_err *err)
{
	struct statvfs st;
	uint64_t left;

	if (fstatvfs(v->dir, &st) != 0)
		return co_fail_errno(err, "the disk of the vault %s", v->path);
	left = (uint64_t)st.f_bavail * st.f_frsize;
	if (co_fault_hit("vault.room") || left < want + LIMIT_VAULT_RESERVE)
		return co_fail(err, CO_ENOSPACE,
			"the disk of the vault has %llu MiB left and keeps %u MiB for records; "
			"make "
			"room in %s",
			(unsigned long long)(left >> 20), LIMIT_VAULT_RESERVE >> 20, v->path);
	return CO_OK;
}

enum co_rc
vault_remove(struct vault *v, const char *id, struct co_err *err)
{
	static const char *const suffixes[] = { ".sealed", ".part", ".map" };
	bool found = false;

	for (size_t i = 0; i < CO_ARRAY_LEN(suffixes); i++) {
		char name[VAULT_NAME];
		enum co_rc rc = vault_name(name, id, suffixes[i], err);

		if (rc != CO_OK)
			return rc;
		if (unlinkat(v->dir, name, 0) == 0)
			found = true;
		else if (errno != ENOENT)
			return co_fail_errno(err, "remove %s from the vault", name);
	}
	if (!found)
		return co_fail(err, CO_ENOTFOUND, "exhibit %s is not in the vault", id);
	if (fsync(v->dir) != 0)
		return co_fail_errno(err, "fsync the vault %s", v->path);
	return CO_OK;
}

static enum co_rc
overwrite(int fd, const char *name, struct co_err *err)
{
	enum { BLOCK = 1024 * 1024 };
	co_auto_free char *zero = calloc(1, BLOCK);
	struct stat st;

	if (zero == NULL)
		return co_fail(err, CO_ENOMEM, "erase %s", name);
	if (fstat(fd, &st) != 0)
		return co_fail_errno(err, "erase %s", name);
	for (off_t at = 0; at < st.st_size; at += BLOCK) {
		size_t n = st.st_size - at < BLOCK ? (size_t)(st.st_size - at) : BLOCK;

		if (co_fault_hit("vault.erase-write"))
			return co_fail(err, CO_ENOSPACE, "write: no space left (fault)");
		TRY(vault_pwrite(fd, zero, n, (uint64_t)at, err));
	}
	return fsync(fd) == 0 ? CO_OK : co_fail_errno(err, "erase %s", name);
}

enum co_rc
vault_erase(struct vault *v, const char *id, bool *found, struct co_err *err)
{
	static const char *const suffixes[] = { ".sealed", ".part" };
	struct co_err none = { CO_OK, "" };
	enum co_rc rc;

	for (size_t i = 0; i < CO_ARRAY_LEN(suffixes); i++) {
		char name[VAULT_NAME];
		co_auto_fd fd = -1;

		TRY(vault_name(name, id, suffixes[i], err));
		fd = openat(v->dir, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 && errno != ENOENT)
			return co_fail_errno(err, "open %s in the vault", name);
		if (fd >= 0)
			TRY(overwrite(fd, name, err));
	}
	(void)co_fault_hit("vault.erase-overwritten");
	rc = vault_remove(v, id, &none);
	if (rc != CO_OK && rc != CO_ENOTFOUND)
		return co_fail(err, rc, "%s", none.msg);
	*found = rc == CO_OK;
	return CO_OK;
}

enum co_rc
vault_pwrite(int fd, const void *p, size_t n, uint64_t at, struct co_err *err)
{
	const char *from = p;

	while (n > 0) {
		ssize_t w = co_fault_pwrite(fd, from, n, (off_t)at);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return co_fail_errno(err, "write");
		from += w;
		at += (uint64_t)w;
		n -= (size_t)w;
	}
	return CO_OK;
}
