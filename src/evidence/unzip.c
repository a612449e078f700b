#include "evidence/unzip.h"

#include "base/cursor.h"
#include "base/fs.h"
#include "base/limits.h"
#include "evidence/crc32.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { END = 22, END64 = 56, LOCATOR = 20, CENTRAL = 46, LOCAL = 30, COMMENT = 65535,
	BLOCK = 65536 };
enum { STORED = 0, DEFLATED = 8, FLAG_ENCRYPTED = 1 };

struct unzip {
	int fd;
	uint64_t size;
	struct unzip_member *members;
	size_t n;
};

static enum co_rc
at_pread(const struct unzip *z, void *p, size_t n, uint64_t at, struct co_err *err)
{
	size_t got;

	if (at > z->size || n > z->size - at)
		return co_fail(err, CO_EVERIFY, "the zip names a place outside itself");
	TRY(co_pread_full(z->fd, p, n, at, &got, err));
	return got == n ? CO_OK : co_fail(err, CO_EVERIFY, "the zip ends too early");
}

struct directory {
	uint64_t members, at, size;
};

/* Values that did not fit the old end stand in the zip64 end before it (APPNOTE 4.3.14). */
static enum co_rc
directory64(const struct unzip *z, uint64_t end_at, struct directory *d, struct co_err *err)
{
	unsigned char locator[LOCATOR], end[END64];

	if (end_at < LOCATOR)
		return CO_OK;
	TRY(at_pread(z, locator, LOCATOR, end_at - LOCATOR, err));
	if (co_le(locator, 4) != 0x07064b50)
		return CO_OK;
	TRY(at_pread(z, end, END64, co_le(locator + 8, 8), err));
	if (co_le(end, 4) != 0x06064b50)
		return co_fail(err, CO_EVERIFY, "the zip64 end is not where it should be");
	*d = (struct directory){ co_le(end + 32, 8), co_le(end + 48, 8), co_le(end + 40, 8) };
	return CO_OK;
}

/* The end record: the last place where one fits exactly with its comment. */
static enum co_rc
directory_find(const struct unzip *z, struct directory *d, struct co_err *err)
{
	size_t n = z->size < END + COMMENT ? (size_t)z->size : END + COMMENT;
	co_auto_free unsigned char *tail = malloc(n + 1);
	uint64_t from = z->size - n;

	if (tail == NULL)
		return co_fail(err, CO_ENOMEM, "zip");
	TRY(at_pread(z, tail, n, from, err));
	for (size_t i = n < END ? 0 : n - END + 1; i > 0; i--) {
		const unsigned char *p = tail + i - 1;

		if (co_le(p, 4) != 0x06054b50 || co_le(p + 20, 2) != n - (i - 1) - END)
			continue;
		if (co_le(p + 4, 2) != 0 || co_le(p + 6, 2) != 0)
			return co_fail(err, CO_EVERIFY, "the zip is one part of several");
		*d = (struct directory){ co_le(p + 10, 2), co_le(p + 16, 4), co_le(p + 12, 4) };
		if (d->members == 0xffff || d->at == 0xffffffff || d->size == 0xffffffff)
			TRY(directory64(z, from + i - 1, d, err));
		if (d->at > from + i - 1 || d->size > from + i - 1 - d->at)
			return co_fail(err, CO_EVERIFY, "the zip's directory is outside the file");
		return CO_OK;
	}
	return co_fail(err, CO_EVERIFY, "it is no zip, or its end is lost");
}

/* APPNOTE 4.5.3: only values that are all ones stand in the extra field, in this order. */
static bool
extra64(struct unzip_member *m, const unsigned char *p, size_t n)
{
	while (n >= 4) {
		size_t id = (size_t)co_le(p, 2), len = (size_t)co_le(p + 2, 2);
		uint64_t *const want[] = { &m->size, &m->packed, &m->at };

		p += 4;
		n -= 4;
		if (len > n)
			return false;
		for (size_t i = 0, used = 0; id == 1 && i < 3; i++) {
			if (*want[i] != 0xffffffff)
				continue;
			if (len - used < 8)
				return false;
			*want[i] = co_le(p + used, 8);
			used += 8;
		}
		p += len;
		n -= len;
	}
	return n == 0;
}

static enum co_rc
central_read(struct co_cursor *c, struct unzip_member *m, struct co_err *err)
{
	const unsigned char *p = co_cur_bytes(c, CENTRAL), *name, *extra;
	size_t name_n, extra_n;

	if (p == NULL || co_le(p, 4) != 0x02014b50)
		return co_fail(err, CO_EVERIFY, "the zip's directory is damaged");
	name_n = (size_t)co_le(p + 28, 2);
	extra_n = (size_t)co_le(p + 30, 2);
	name = co_cur_bytes(c, name_n);
	extra = co_cur_bytes(c, extra_n);
	(void)co_cur_bytes(c, (size_t)co_le(p + 32, 2)); /* a comment */
	*m = (struct unzip_member){ .flags = (unsigned)co_le(p + 8, 2),
		.method = (unsigned)co_le(p + 10, 2),
		.crc = (uint32_t)co_le(p + 16, 4),
		.packed = co_le(p + 20, 4),
		.size = co_le(p + 24, 4),
		.at = co_le(p + 42, 4) };
	if (c->bad || name_n == 0 || memchr(name, '\0', name_n) != NULL ||
		!extra64(m, extra, extra_n))
		return co_fail(err, CO_EVERIFY, "the zip's directory is damaged");
	m->name = strndup((const char *)name, name_n);
	return m->name == NULL ? co_fail(err, CO_ENOMEM, "zip") : CO_OK;
}

/* The member's own header has to name the same file, packed the same way. */
static enum co_rc
local_read(const struct unzip *z, struct unzip_member *m, struct co_err *err)
{
	unsigned char head[LOCAL];
	size_t name_n = strlen(m->name);
	co_auto_free char *name = malloc(name_n + 1);

	if (name == NULL)
		return co_fail(err, CO_ENOMEM, "zip");
	TRY(at_pread(z, head, LOCAL, m->at, err));
	if (co_le(head, 4) != 0x04034b50 || co_le(head + 26, 2) != name_n ||
		co_le(head + 8, 2) != m->method)
		return co_fail(err, CO_EVERIFY, "%.200s: its header is not that of the directory",
			m->name);
	TRY(at_pread(z, name, name_n, m->at + LOCAL, err));
	if (memcmp(name, m->name, name_n) != 0)
		return co_fail(err, CO_EVERIFY, "%.200s: its header names another file", m->name);
	m->data_at = m->at + LOCAL + name_n + co_le(head + 28, 2);
	if (m->data_at > z->size || m->packed > z->size - m->data_at)
		return co_fail(err, CO_EVERIFY, "%.200s: it ends outside the zip", m->name);
	return CO_OK;
}

static int
place_order(const void *a, const void *b)
{
	const struct unzip_member *x = *(const struct unzip_member *const *)a;
	const struct unzip_member *y = *(const struct unzip_member *const *)b;

	return x->at < y->at ? -1 : x->at > y->at;
}

static enum co_rc
overlaps(const struct unzip *z, struct co_err *err)
{
	co_auto_free const struct unzip_member **order = calloc(z->n + 1, sizeof(*order));

	if (order == NULL)
		return co_fail(err, CO_ENOMEM, "zip");
	for (size_t i = 0; i < z->n; i++)
		order[i] = &z->members[i];
	if (z->n > 0)
		qsort(order, z->n, sizeof(*order), place_order);
	for (size_t i = 1; i < z->n; i++)
		if (order[i - 1]->data_at + order[i - 1]->packed > order[i]->at)
			return co_fail(err, CO_EVERIFY, "%.200s lies over %.200s in the zip",
				order[i]->name, order[i - 1]->name);
	return CO_OK;
}

static enum co_rc
members_read(struct unzip *z, const struct directory *d, struct co_err *err)
{
	co_auto_free unsigned char *text = NULL;
	struct co_cursor c;

	if (d->members > LIMIT_PACKAGE_ENTRIES || d->size > LIMIT_PACKAGE_DIRECTORY)
		return co_fail(err, CO_ETOOBIG, "more than %u files", LIMIT_PACKAGE_ENTRIES);
	text = malloc((size_t)d->size + 1);
	z->members = calloc((size_t)d->members + 1, sizeof(*z->members));
	if (text == NULL || z->members == NULL)
		return co_fail(err, CO_ENOMEM, "zip");
	TRY(at_pread(z, text, (size_t)d->size, d->at, err));
	c = co_cursor(text, (size_t)d->size);
	while (z->n < d->members) {
		TRY(central_read(&c, &z->members[z->n], err));
		z->n++;
		TRY(local_read(z, &z->members[z->n - 1], err));
	}
	if (c.left != 0)
		return co_fail(err, CO_EVERIFY, "the zip's directory has more than it counts");
	return overlaps(z, err);
}

enum co_rc
unzip_open(struct unzip **out, const char *path, struct co_err *err)
{
	unzip_auto *z = calloc(1, sizeof(*z));
	struct directory d = { 0 };
	struct stat st;

	if (z == NULL)
		return co_fail(err, CO_ENOMEM, "zip");
	z->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (z->fd < 0)
		return co_fail_errno(err, "open %s", path);
	if (fstat(z->fd, &st) != 0 || !S_ISREG(st.st_mode))
		return co_fail(err, CO_EUSAGE, "%s is no file", path);
	z->size = (uint64_t)st.st_size;
	TRY(directory_find(z, &d, err));
	TRY(members_read(z, &d, err));
	*out = CO_TAKE(z);
	return CO_OK;
}

void
unzip_free(struct unzip **out)
{
	struct unzip *z = *out;

	if (z == NULL)
		return;
	if (z->fd >= 0)
		close(z->fd);
	for (size_t i = 0; z->members != NULL && i < z->n; i++)
		free(z->members[i].name);
	free(z->members);
	free(z);
	*out = NULL;
}

size_t
unzip_count(const struct unzip *z)
{
	return z->n;
}

const struct unzip_member *
unzip_at(const struct unzip *z, size_t i)
{
	return &z->members[i];
}

/* ---- content ---- */
struct reading {
	const struct unzip *z;
	const struct unzip_member *m;
	unzip_sink *sink;
	void *arg;
	uint64_t done; /* unpacked */
	uint32_t crc;
	unsigned char in[BLOCK], out[BLOCK];
};

static enum co_rc
give(struct reading *r, const void *p, size_t n, struct co_err *err)
{
	if (n > r->m->size - r->done)
		return co_fail(err, CO_EVERIFY, "it has more bytes than the zip says");
	r->done += n;
	r->crc = crc32_add(r->crc, p, n);
	return n == 0 ? CO_OK : r->sink(r->arg, p, n, err);
}

static enum co_rc
stored(struct reading *r, struct co_err *err)
{
	for (uint64_t at = 0; at < r->m->packed;) {
		uint64_t left = r->m->packed - at;
		size_t n = left < BLOCK ? (size_t)left : BLOCK;

		TRY(at_pread(r->z, r->in, n, r->m->data_at + at, err));
		TRY(give(r, r->in, n, err));
		at += n;
	}
	return CO_OK;
}

/* What one block of input unpacks to. */
static enum co_rc
inflate_block(struct reading *r, z_stream *s, int *status, struct co_err *err)
{
	do {
		s->next_out = r->out;
		s->avail_out = BLOCK;
		*status = inflate(s, Z_NO_FLUSH);
		if (*status != Z_OK && *status != Z_STREAM_END && *status != Z_BUF_ERROR)
			return co_fail(err, CO_EVERIFY, "its compressed bytes are damaged");
		TRY(give(r, r->out, BLOCK - s->avail_out, err));
	} while (*status == Z_OK && s->avail_out == 0);
	return CO_OK;
}

static enum co_rc
inflated(struct reading *r, z_stream *s, struct co_err *err)
{
	int status = Z_OK;

	for (uint64_t at = 0; at < r->m->packed && status != Z_STREAM_END;) {
		uint64_t left = r->m->packed - at;
		size_t n = left < BLOCK ? (size_t)left : BLOCK;

		TRY(at_pread(r->z, r->in, n, r->m->data_at + at, err));
		s->next_in = r->in;
		s->avail_in = (unsigned)n;
		TRY(inflate_block(r, s, &status, err));
		at += n;
		if (status == Z_STREAM_END && (s->avail_in > 0 || at < r->m->packed))
			return co_fail(err, CO_EVERIFY, "there is more than its compressed bytes");
	}
	return status == Z_STREAM_END
		? CO_OK
		: co_fail(err, CO_EVERIFY, "its compressed bytes end too early");
}

static enum co_rc
member_read(struct reading *r, struct co_err *err)
{
	z_stream s = { 0 };
	enum co_rc rc;

	if ((r->m->flags & FLAG_ENCRYPTED) != 0)
		return co_fail(err, CO_EVERIFY, "it is encrypted by zip");
	if (r->m->method == STORED)
		return r->m->packed == r->m->size
			? stored(r, err)
			: co_fail(err, CO_EVERIFY, "it has two sizes");
	if (r->m->method != DEFLATED)
		return co_fail(err, CO_EVERIFY,
			"it is packed by method %u; stored and deflate are read here",
			r->m->method);
	if (inflateInit2(&s, -MAX_WBITS) != Z_OK)
		return co_fail(err, CO_ENOMEM, "unpack");
	rc = inflated(r, &s, err);
	(void)inflateEnd(&s);
	return rc;
}

enum co_rc
unzip_read(const struct unzip *z, const struct unzip_member *m, unzip_sink *sink, void *arg,
	struct co_err *err)
{
	co_auto_free struct reading *r = malloc(sizeof(*r));
	enum co_rc rc;

	if (r == NULL)
		return co_fail(err, CO_ENOMEM, "unpack");
	r->z = z;
	r->m = m;
	r->sink = sink;
	r->arg = arg;
	r->done = 0;
	r->crc = 0;
	rc = member_read(r, err);
	if (rc == CO_OK && (r->done != m->size || r->crc != m->crc))
		rc = co_fail(err, CO_EVERIFY, "its size or check sum is not what the zip says");
	return rc == CO_OK ? rc : co_wrap(err, "%.200s", m->name);
}
