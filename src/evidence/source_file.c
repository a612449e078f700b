#include "evidence/source.h"

#include "base/clock.h"
#include "base/enc.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { AGAIN_BLOCK = 1024 * 1024, FORGET = 64 * 1024 * 1024 };

enum co_rc
source_open(const char *path, int *fd, struct stat *st, struct co_err *err)
{
	/* Not blocking: a pipe by mistake must not hang here. */
	*fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (*fd < 0)
		return co_fail_errno(err, "open %s", path);
	if (fstat(*fd, st) != 0)
		return co_fail_errno(err, "%s", path);
	if (!S_ISREG(st->st_mode) && !S_ISBLK(st->st_mode) && !S_ISDIR(st->st_mode))
		return co_fail(err, CO_EUSAGE, "%s is no file, folder or block device", path);
	return CO_OK;
}

void
source_progress(struct source *s, uint64_t n, bool last)
{
	enum { EVERY_US = 100000 };
	int64_t now;

	s->done += n;
	if (s->conf->progress == NULL)
		return;
	now = co_mono_us();
	if (!last && now - s->told_us < EVERY_US)
		return;
	s->told_us = now;
	s->conf->progress(s->conf->arg, s->done, s->of);
}

bool
source_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
		a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

enum co_rc
source_shrunk(struct co_err *err)
{
	return co_fail(err, CO_ECONFLICT,
		"the source is not what it was before the stop: what is sealed of it cannot be "
		"gone on with. Start anew; comity acquire drop takes away what is there");
}

/* What is sealed already must come again, byte for byte. */
static enum co_rc
source_skip(struct source *s, const unsigned char **p, size_t *n, struct co_err *err)
{
	size_t part = s->skip < *n ? (size_t)s->skip : *n;
	unsigned char d[SHA256_LEN];
	char hex[SHA256_HEX + 1];

	digest_add(s->again, *p, part);
	*p += part;
	*n -= part;
	s->skip -= part;
	if (s->skip > 0)
		return CO_OK;
	digest_end(s->again, d);
	digest_free(&s->again);
	co_hex(d, sizeof(d), hex);
	if (strcmp(hex, s->skip_sha256) == 0)
		return CO_OK;
	return source_shrunk(err);
}

enum co_rc
source_put(struct source *s, const void *p, size_t n, struct co_err *err)
{
	const unsigned char *at = p;

	if (s->seal == NULL) {
		digest_add(s->again, p, n);
		return CO_OK;
	}
	if (s->skip > 0)
		TRY(source_skip(s, &at, &n, err));
	return n == 0 ? CO_OK : vault_seal_add(s->seal, at, n, err);
}

/* ---- one file or device ---- */
static enum co_rc
file_into_seal(struct source *s, struct reader *r, size_t *n, struct co_err *err)
{
	uint64_t left = s->of - s->done;
	size_t room;
	void *p;

	TRY(vault_seal_room(s->seal, &p, &room, err));
	*n = left < room ? (size_t)left : room;
	TRY(reader_get(r, p, *n, s->done, err));
	vault_seal_used(s->seal, *n);
	return CO_OK;
}

static enum co_rc
file_into_digest(
	struct source *s, struct reader *r, unsigned char *buf, size_t *n, struct co_err *err)
{
	uint64_t left = s->of - s->done;

	*n = left < AGAIN_BLOCK ? (size_t)left : AGAIN_BLOCK;
	TRY(reader_get(r, buf, *n, s->done, err));
	digest_add(s->again, buf, *n);
	return CO_OK;
}

/* A file that somebody writes to is no evidence; of a device the size is all there is to see. */
static enum co_rc
file_unchanged(const struct source *s, const struct reader *r, const struct stat *before,
	struct co_err *err)
{
	struct stat after;
	char more;

	if (fstat(r->fd, &after) == 0 &&
		(r->device ||
			(source_same(before, &after) &&
				pread(r->fd, &more, 1, (off_t)s->of) == 0)))
		return CO_OK;
	return co_fail(err, CO_ECONFLICT,
		"%s changed while it was read; nothing was sealed: stop what writes to it, then "
		"seal again",
		r->path);
}

enum co_rc
source_file(struct source *s, struct reader *r, struct co_err *err)
{
	co_auto_free unsigned char *buf = s->seal == NULL ? malloc(AGAIN_BLOCK) : NULL;
	struct stat before;
	uint64_t forgotten = s->done;

	if (s->seal == NULL && buf == NULL)
		return co_fail(err, CO_ENOMEM, "reading %s", r->path);
	if (fstat(r->fd, &before) != 0)
		return co_fail_errno(err, "%s", r->path);
	s->of = r->size;
	(void)posix_fadvise(r->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	while (s->done < s->of) {
		size_t n;

		TRY(s->seal != NULL ? file_into_seal(s, r, &n, err)
				    : file_into_digest(s, r, buf, &n, err));
		source_progress(s, n, false);
		/* A disk is larger than memory: what was read leaves the cache to others. */
		if (r->device && s->done - forgotten >= FORGET) {
			(void)posix_fadvise(r->fd, (off_t)forgotten, (off_t)(s->done - forgotten),
				POSIX_FADV_DONTNEED);
			forgotten = s->done;
		}
	}
	return file_unchanged(s, r, &before, err);
}
