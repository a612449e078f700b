#include "evidence/zip.h"

#include "base/fault.h"
#include "base/fs.h"
#include "evidence/bulk.h"
#include "evidence/crc32.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

struct zip_writer {
	char *path, *tmp;
	int fd;
	bool finished;
	struct zip_member *members;
	size_t n, room;
	uint64_t at;   /* bytes written */
	uint64_t left; /* of the member under way */
	struct co_buf head;
};

enum co_rc
zip_create(struct zip_writer **out, const char *path, struct co_err *err)
{
	zip_writer_auto *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return co_fail(err, CO_ENOMEM, "package");
	w->fd = -1;
	co_buf_init(&w->head, LIMIT_PACKAGE_DIRECTORY);
	if (access(path, F_OK) == 0)
		return co_fail(err, CO_EEXISTS, "%s exists already; give another name", path);
	w->path = strdup(path);
	if (w->path == NULL || asprintf(&w->tmp, "%s.part.%d", path, (int)getpid()) < 0) {
		w->tmp = NULL;
		return co_fail(err, CO_ENOMEM, "package");
	}
	w->fd = open(w->tmp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (w->fd < 0)
		return co_fail_errno(err, "create %s", w->tmp);
	*out = CO_TAKE(w);
	return CO_OK;
}

static enum co_rc
member_new(struct zip_writer *w, const char *name, uint64_t size, struct co_err *err)
{
	struct zip_member *m;

	if (!zip_name_ok(name, strlen(name)))
		return co_fail(err, CO_EUSAGE, "\"%s\" cannot be a name in a package", name);
	if (w->n == LIMIT_PACKAGE_ENTRIES)
		return co_fail(err, CO_ETOOBIG, "more than %u files in one package",
			LIMIT_PACKAGE_ENTRIES);
	if (w->n == w->room) {
		size_t room = w->room == 0 ? 64 : w->room * 2;

		m = realloc(w->members, room * sizeof(*m));
		if (m == NULL)
			return co_fail(err, CO_ENOMEM, "package");
		w->members = m;
		w->room = room;
	}
	m = &w->members[w->n];
	*m = (struct zip_member){ .name = strdup(name), .size = size, .at = w->at };
	if (m->name == NULL)
		return co_fail(err, CO_ENOMEM, "package");
	w->n++;
	return CO_OK;
}

enum co_rc
zip_put_begin(struct zip_writer *w, const char *name, uint64_t size, struct co_err *err)
{
	enum co_rc rc = member_new(w, name, size, err);

	assert(w->left == 0);
	if (rc != CO_OK)
		return rc;
	/* Without its CRC yet: zip_put_done writes it again. */
	co_buf_reset(&w->head);
	rc = zip_local(&w->members[w->n - 1], &w->head, err);
	if (rc == CO_OK)
		rc = co_write_all(w->fd, w->head.data, w->head.len, err);
	w->at += w->head.len;
	w->left = size;
	return rc == CO_OK ? rc : co_wrap(err, "%s", w->path);
}

enum co_rc
zip_put_add(struct zip_writer *w, const void *p, size_t n, struct co_err *err)
{
	struct zip_member *m = &w->members[w->n - 1];

	if (n > w->left)
		return co_fail(err, CO_EVERIFY, "%s has more bytes than it should", m->name);
	m->crc = crc32_add(m->crc, p, n);
	w->left -= n;
	w->at += n;
	if (co_write_all(w->fd, p, n, err) != CO_OK)
		return co_wrap(err, "%s", w->path);
	return CO_OK;
}

enum co_rc
zip_put_done(struct zip_writer *w, struct co_err *err)
{
	struct zip_member *m = &w->members[w->n - 1];
	enum co_rc rc;

	if (w->left != 0)
		return co_fail(err, CO_EVERIFY, "%s has fewer bytes than it should", m->name);
	co_buf_reset(&w->head);
	rc = zip_local(m, &w->head, err);
	if (rc != CO_OK)
		return rc;
	if (co_fault_pwrite(w->fd, w->head.data, w->head.len, (off_t)m->at) !=
		(ssize_t)w->head.len)
		return co_fail_errno(err, "write %s", w->path);
	return CO_OK;
}

enum co_rc
zip_put(struct zip_writer *w, const char *name, const void *p, size_t n, struct co_err *err)
{
	enum co_rc rc = zip_put_begin(w, name, n, err);

	if (rc == CO_OK && n > 0)
		rc = zip_put_add(w, p, n, err);
	return rc == CO_OK ? zip_put_done(w, err) : rc;
}

enum co_rc
zip_put_fd(struct zip_writer *w, const char *name, int fd, uint64_t size,
	void (*progress)(void *arg, uint64_t n), void *arg, unsigned char sha256[32],
	struct co_err *err)
{
	struct bulk b = { .from = fd, .size = size, .to = w->fd, .progress = progress, .arg = arg };
	enum co_rc rc = zip_put_begin(w, name, size, err);

	if (rc != CO_OK)
		return rc;
	if (bulk_run(&b, err) != CO_OK)
		return co_wrap(err, "%s", name);
	w->members[w->n - 1].crc = b.crc;
	w->at += size;
	w->left = 0;
	memcpy(sha256, b.sha256, SHA256_LEN);
	return zip_put_done(w, err);
}

enum co_rc
zip_finish(struct zip_writer *w, uint64_t *size, struct co_err *err)
{
	enum co_rc rc = CO_OK;
	size_t central;

	co_buf_reset(&w->head);
	for (size_t i = 0; i < w->n && rc == CO_OK; i++)
		rc = zip_central(&w->members[i], &w->head, err);
	central = w->head.len;
	if (rc == CO_OK)
		rc = zip_end(w->n, w->at, central, &w->head, err);
	if (rc == CO_OK)
		rc = co_write_all(w->fd, w->head.data, w->head.len, err);
	if (rc != CO_OK)
		return co_wrap(err, "%s", w->path);
	if (fsync(w->fd) != 0)
		return co_fail_errno(err, "fsync %s", w->tmp);
	if (link(w->tmp, w->path) == 0) {
		(void)unlink(w->tmp);
	} else if (errno == EEXIST || rename(w->tmp, w->path) != 0) {
		/* Some file systems know no links: there a rename has to do. */
		return co_fail_errno(err, "name %s", w->path);
	}
	w->finished = true;
	*size = w->at + w->head.len;
	return co_fsync_parent(w->path, err);
}

void
zip_writer_free(struct zip_writer **out)
{
	struct zip_writer *w = *out;

	if (w == NULL)
		return;
	if (w->fd >= 0) {
		close(w->fd);
		if (!w->finished)
			(void)unlink(w->tmp);
	}
	for (size_t i = 0; i < w->n; i++)
		free(w->members[i].name);
	free(w->members);
	free(w->path);
	free(w->tmp);
	co_buf_deinit(&w->head);
	free(w);
	*out = NULL;
}
