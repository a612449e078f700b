#include "evidence/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

enum { PIECE = 64 * 1024, ALIGN = 4096 };

enum co_rc
reader_open(struct reader *r, struct co_err *err)
{
	void *p;

	r->direct = -1;
	r->bounce = NULL;
	r->good = UINT64_MAX;
	r->errors = 0;
	if (r->sector == 0 || r->sector > PIECE || (r->sector & (r->sector - 1)) != 0)
		return co_fail(err, CO_EMALFORMED, "%s says it has sectors of %u bytes", r->path,
			r->sector);
	if (r->bad == NULL)
		return CO_OK;
	if (posix_memalign(&p, ALIGN, PIECE) != 0)
		return co_fail(err, CO_ENOMEM, "reading %s", r->path);
	r->bounce = p;
	r->direct = open(r->path, O_RDONLY | O_DIRECT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return CO_OK;
}

void
reader_close(struct reader *r)
{
	if (r->direct >= 0)
		close(r->direct);
	free(r->bounce);
	r->direct = -1;
	r->bounce = NULL;
}

static ssize_t
read_some(const struct reader *r, int fd, void *p, size_t n, uint64_t at)
{
	ssize_t got;

	do
		got = r->read != NULL ? r->read(r, fd, p, n, (off_t)at)
				      : pread(fd, p, n, (off_t)at);
	while (got < 0 && errno == EINTR);
	return got;
}

/* ---- is it still there ---- */
static bool
same_thing(const struct reader *r, int fd)
{
	struct stat was, is;
	uint64_t size;

	if (fstat(r->fd, &was) != 0 || fstat(fd, &is) != 0)
		return false;
	if (!r->device)
		return is.st_dev == was.st_dev && is.st_ino == was.st_ino &&
			(uint64_t)is.st_size == r->size;
	return is.st_rdev == was.st_rdev && ioctl(fd, BLKGETSIZE64, &size) == 0 && size == r->size;
}

/* By its name, its size, and a place that could be read before. */
static bool
reader_there(struct reader *r)
{
	co_auto_fd fd = open(r->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	size_t n;

	if (fd < 0 || !same_thing(r, fd))
		return false;
	if (r->good == UINT64_MAX)
		return true;
	n = r->size - r->good < r->sector ? (size_t)(r->size - r->good) : r->sector;
	return read_some(r, r->direct >= 0 ? r->direct : r->fd, r->bounce, r->sector, r->good) >=
		(ssize_t)n;
}

/* ---- small pieces ---- */
/* n bytes from at on, whole sectors but at the end of the source. */
static bool
piece_read(struct reader *r, unsigned char *p, size_t n, uint64_t at)
{
	size_t whole = (n + r->sector - 1) / r->sector * r->sector;
	ssize_t got = -1;

	if (r->direct >= 0) {
		got = read_some(r, r->direct, r->bounce, whole, at);
		if (got < 0 && errno == EINVAL)
			got = read_some(r, r->fd, r->bounce, n, at);
	} else {
		got = read_some(r, r->fd, r->bounce, n, at);
	}
	if (got < (ssize_t)n)
		return false;
	memcpy(p, r->bounce, n);
	r->good = at;
	return true;
}

static void
sector_read(struct reader *r, unsigned char *p, size_t n, uint64_t at)
{
	for (unsigned i = 0; i < r->retries; i++)
		if (piece_read(r, p, n, at))
			return;
	memset(p, 0, n);
	bad_add(r->bad, at, n);
}

/* Halves until it can be read or is one sector. n <= PIECE. */
static void
piece_halve(struct reader *r, unsigned char *p, size_t n, uint64_t at)
{
	size_t half = (n / 2 + r->sector - 1) / r->sector * r->sector;

	if (piece_read(r, p, n, at))
		return;
	if (n <= r->sector) {
		sector_read(r, p, n, at);
		return;
	}
	piece_halve(r, p, half, at);
	if (half < n)
		piece_halve(r, p + half, n - half, at + half);
}

/* From at on something failed: pieces that end at multiples of their size. */
static size_t
reader_mend(struct reader *r, unsigned char *p, size_t n, uint64_t at)
{
	size_t part = PIECE - (size_t)(at % PIECE);

	if (part > n)
		part = n;
	r->errors++;
	piece_halve(r, p, part, at);
	return part;
}

/* The device ends before the size that it told. */
static size_t
reader_end(struct reader *r, unsigned char *p, size_t n, uint64_t at)
{
	r->errors++;
	memset(p, 0, n);
	bad_add(r->bad, at, n);
	return n;
}

/* ---- the usual way ---- */
static bool
error_of_medium(int e)
{
	return e == EIO || e == EREMOTEIO || e == EBADMSG || e == ENODATA || e == EILSEQ ||
		e == ETIMEDOUT || e == EUCLEAN;
}

static enum co_rc
reader_failed(const struct reader *r, uint64_t at, int e, struct co_err *err)
{
	if (e != 0)
		return co_fail(err, CO_EIO, "read %s at byte %llu: %s", r->path,
			(unsigned long long)at, strerror(e));
	return co_fail(err, CO_EIO,
		"%s changed while it was read: it ends at byte %llu, its size was %llu", r->path,
		(unsigned long long)at, (unsigned long long)r->size);
}

/* Up to the next known bad range, or n. */
static enum co_rc
reader_run(struct reader *r, unsigned char *p, size_t n, uint64_t at, struct co_err *err)
{
	while (n > 0) {
		ssize_t got = read_some(r, r->fd, p, n, at);
		int e = got < 0 ? errno : 0;
		size_t part = got > 0 ? (size_t)got : 0;

		/* A device that ends early has sectors that cannot be read; a file was cut. */
		if (got <= 0 && (r->bad == NULL || (e != 0 ? !error_of_medium(e) : !r->device)))
			return reader_failed(r, at, e, err);
		if (got == 0)
			part = reader_end(r, p, n, at);
		else if (got < 0)
			part = reader_mend(r, p, n, at);
		else
			r->good = at / r->sector * r->sector;
		p += part;
		at += part;
		n -= part;
	}
	return CO_OK;
}

enum co_rc
reader_get(struct reader *r, void *p, size_t n, uint64_t at, struct co_err *err)
{
	unsigned char *to = p;
	unsigned before = r->errors;
	uint64_t from = at, end = at + n;

	while (at < end) {
		uint64_t upto = UINT64_MAX;
		bool known = r->bad != NULL && bad_holds(r->bad, at, &upto);
		size_t part = upto < end ? (size_t)(upto - at) : (size_t)(end - at);

		if (known)
			memset(to, 0, part);
		else
			TRY(reader_run(r, to, part, at, err));
		to += part;
		at += part;
	}
	if (r->errors == before)
		return CO_OK;
	if (!reader_there(r)) {
		bad_cut(r->bad, from);
		return co_fail(err, CO_EIO,
			"%s is gone, or reads nothing any more, at byte %llu: what is sealed "
			"stays; connect it again and go on with --resume",
			r->path, (unsigned long long)from);
	}
	return r->told == NULL ? CO_OK : r->told(r->arg, err);
}
