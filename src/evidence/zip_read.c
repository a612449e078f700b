#include "evidence/zip.h"

#include "base/cursor.h"
#include "base/fs.h"
#include "evidence/bulk.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { END = 22, END64 = 56, LOCATOR = 20, CENTRAL = 46 };

struct zip {
	int fd;
	uint64_t base, size; /* the part of the file that the zip is */
	struct zip_member *members;
	struct zip_member **by_name;
	size_t n;
};

static enum co_rc
zip_pread(const struct zip *z, void *p, size_t n, uint64_t at, struct co_err *err)
{
	size_t got;

	TRY(co_pread_full(z->fd, p, n, z->base + at, &got, err));
	return got == n ? CO_OK : co_fail(err, CO_EVERIFY, "the zip ends too early");
}

struct tail {
	uint64_t members, at, size; /* of the central directory */
};

/* Where the central directory is, as the end of the file says; compared with the canonical end. */
static enum co_rc
tail_read(const struct zip *z, struct tail *t, struct co_err *err)
{
	unsigned char all[END64 + LOCATOR + END] = { 0 }, *end = all + END64 + LOCATOR;
	size_t n = z->size < sizeof(all) ? (size_t)z->size : sizeof(all), want_n;
	co_auto_buf want;
	enum co_rc rc;

	co_buf_init(&want, sizeof(all));
	if (n < END)
		return co_fail(err, CO_EVERIFY, "it is no zip: too short");
	rc = zip_pread(z, all + sizeof(all) - n, n, z->size - n, err);
	if (rc != CO_OK)
		return rc;
	if (co_le(end, 4) != 0x06054b50)
		return co_fail(err, CO_EVERIFY,
			"it is cut off at the end, or something is appended to it (a zip of a "
			"package ends without comment)");
	*t = (struct tail){ co_le(end + 10, 2), co_le(end + 16, 4), co_le(end + 12, 4) };
	if (t->members == 0xffff || t->at == 0xffffffff || t->size == 0xffffffff)
		*t = (struct tail){ co_le(all + 32, 8), co_le(all + 48, 8), co_le(all + 40, 8) };
	rc = zip_end(t->members, t->at, t->size, &want, err);
	if (rc != CO_OK)
		return rc;
	want_n = want.len;
	if (want_n > n || memcmp(want.data, all + sizeof(all) - want_n, want_n) != 0)
		return co_fail(
			err, CO_EVERIFY, "the end of the zip is not written as a package's is");
	if (t->members > LIMIT_PACKAGE_ENTRIES || t->size > LIMIT_PACKAGE_DIRECTORY)
		return co_fail(err, CO_ETOOBIG, "more than %u files", LIMIT_PACKAGE_ENTRIES);
	if (t->at > z->size || t->at + t->size + want_n != z->size)
		return co_fail(err, CO_EVERIFY,
			"there is something after the zip's directory, or its "
			"directory is not where the end says");
	return CO_OK;
}

/* What makes a header different, in words a person understands. */
static enum co_rc
not_ours(const char *name, unsigned flags, unsigned method, struct co_err *err)
{
	if ((flags & 1) != 0)
		return co_fail(err, CO_EVERIFY, "%s is encrypted by zip; a package never is", name);
	if (method != 0)
		return co_fail(err, CO_EVERIFY,
			"%s is compressed; a package stores its files as they "
			"are (was it packed again?)",
			name);
	return co_fail(err, CO_EVERIFY,
		"%s: its entry in the zip's directory is not written as a "
		"package's is",
		name);
}

/* One entry of the central directory. */
static enum co_rc
central_read(struct co_cursor *c, struct zip_member *m, struct co_err *err)
{
	const unsigned char *p = co_cur_bytes(c, CENTRAL), *name, *extra;
	co_auto_buf want;
	size_t name_n, extra_n;
	enum co_rc rc;

	co_buf_init(&want, LIMIT_PACKAGE_NAME + 256);
	if (p == NULL || co_le(p, 4) != 0x02014b50)
		return co_fail(err, CO_EVERIFY, "the zip's directory is damaged");
	name_n = (size_t)co_le(p + 28, 2);
	extra_n = (size_t)co_le(p + 30, 2);
	name = co_cur_bytes(c, name_n);
	extra = co_cur_bytes(c, extra_n);
	if (name == NULL || extra == NULL)
		return co_fail(err, CO_EVERIFY, "the zip's directory is damaged");
	if (!zip_name_ok((const char *)name, name_n))
		return co_fail(err, CO_EVERIFY,
			"a file in the zip has a name that a package must not "
			"have (absolute, \"..\", backslash or not UTF-8)");
	m->name = strndup((const char *)name, name_n);
	if (m->name == NULL)
		return co_fail(err, CO_ENOMEM, "package");
	m->crc = (uint32_t)co_le(p + 16, 4);
	m->size = co_le(p + 24, 4);
	m->at = co_le(p + 42, 4);
	if (extra_n >= 20 && m->size == 0xffffffff)
		m->size = co_le(extra + 4, 8);
	if (extra_n >= 12 && m->at == 0xffffffff)
		m->at = co_le(extra + extra_n - 8, 8);
	rc = zip_central(m, &want, err);
	if (rc != CO_OK)
		return rc;
	if (want.len != CENTRAL + name_n + extra_n || memcmp(want.data, p, want.len) != 0)
		return not_ours(m->name, (unsigned)co_le(p + 8, 2), (unsigned)co_le(p + 10, 2),
			err);
	return CO_OK;
}

/* The header before the member's bytes must say the same. */
static enum co_rc
local_check(const struct zip *z, const struct zip_member *m, struct co_err *err)
{
	char have[LIMIT_PACKAGE_NAME + 64];
	co_auto_buf want;
	enum co_rc rc;

	co_buf_init(&want, sizeof(have));
	rc = zip_local(m, &want, err);
	if (rc == CO_OK)
		rc = zip_pread(z, have, want.len, m->at, err);
	if (rc == CO_OK && memcmp(have, want.data, want.len) != 0)
		rc = co_fail(err, CO_EVERIFY,
			"%s: the header before it and the zip's directory do not "
			"say the same",
			m->name);
	return rc;
}

static enum co_rc
members_read(struct zip *z, const struct tail *t, const char *p, struct co_err *err)
{
	struct co_cursor c = co_cursor(p, (size_t)t->size);
	uint64_t at = 0;

	for (; z->n < t->members; z->n++) {
		struct zip_member *m = &z->members[z->n];
		enum co_rc rc = central_read(&c, m, err);

		if (rc != CO_OK) {
			free(m->name);
			return rc;
		}
		if (m->at != at || m->size > t->at - at || zip_data_at(m) > t->at - m->size) {
			rc = co_fail(err, CO_EVERIFY, "%s: it does not follow the file before it",
				m->name);
			free(m->name);
			return rc;
		}
		at = zip_data_at(m) + m->size;
		rc = local_check(z, m, err);
		if (rc != CO_OK) {
			free(m->name);
			return rc;
		}
	}
	if (at != t->at || c.left != 0)
		return co_fail(
			err, CO_EVERIFY, "there are bytes in the zip that belong to no file");
	return CO_OK;
}

static int
member_order(const void *a, const void *b)
{
	return strcmp(
		(*(struct zip_member *const *)a)->name, (*(struct zip_member *const *)b)->name);
}

static enum co_rc
members_sort(struct zip *z, struct co_err *err)
{
	z->by_name = malloc((z->n + 1) * sizeof(struct zip_member *));
	if (z->by_name == NULL)
		return co_fail(err, CO_ENOMEM, "package");
	for (size_t i = 0; i < z->n; i++)
		z->by_name[i] = &z->members[i];
	qsort(z->by_name, z->n, sizeof(struct zip_member *), member_order);
	for (size_t i = 1; i < z->n; i++)
		if (strcmp(z->by_name[i - 1]->name, z->by_name[i]->name) == 0)
			return co_fail(
				err, CO_EVERIFY, "%s is in the zip twice", z->by_name[i]->name);
	return CO_OK;
}

static enum co_rc
zip_load(struct zip *z, struct co_err *err)
{
	co_auto_free char *p = NULL;
	struct tail t = { 0 };
	enum co_rc rc = tail_read(z, &t, err);

	if (rc != CO_OK)
		return rc;
	p = malloc((size_t)t.size + 1);
	z->members = calloc((size_t)t.members + 1, sizeof(*z->members));
	if (p == NULL || z->members == NULL)
		return co_fail(err, CO_ENOMEM, "package");
	rc = zip_pread(z, p, (size_t)t.size, t.at, err);
	if (rc == CO_OK)
		rc = members_read(z, &t, p, err);
	return rc == CO_OK ? members_sort(z, err) : rc;
}

enum co_rc
zip_open(struct zip **out, const char *path, struct co_err *err)
{
	zip_auto *z = calloc(1, sizeof(*z));
	struct stat st;
	enum co_rc rc;

	if (z == NULL)
		return co_fail(err, CO_ENOMEM, "package");
	z->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (z->fd < 0)
		return co_fail_errno(err, "open %s", path);
	if (fstat(z->fd, &st) != 0 || !S_ISREG(st.st_mode))
		return co_fail(err, CO_EUSAGE, "%s is no file", path);
	z->size = (uint64_t)st.st_size;
	rc = zip_load(z, err);
	if (rc == CO_OK)
		*out = CO_TAKE(z);
	return rc;
}

enum co_rc
zip_open_inside(
	const struct zip *outer, const struct zip_member *m, struct zip **out, struct co_err *err)
{
	zip_auto *z = calloc(1, sizeof(*z));

	if (z == NULL)
		return co_fail(err, CO_ENOMEM, "package");
	z->fd = fcntl(outer->fd, F_DUPFD_CLOEXEC, 0);
	if (z->fd < 0)
		return co_fail_errno(err, "a container inside");
	z->base = outer->base + zip_data_at(m);
	z->size = m->size;
	TRY(zip_load(z, err));
	*out = CO_TAKE(z);
	return CO_OK;
}

void
zip_free(struct zip **out)
{
	struct zip *z = *out;

	if (z == NULL)
		return;
	if (z->fd >= 0)
		close(z->fd);
	for (size_t i = 0; i < z->n; i++)
		free(z->members[i].name);
	free(z->members);
	free(z->by_name);
	free(z);
	*out = NULL;
}

size_t
zip_count(const struct zip *z)
{
	return z->n;
}

const struct zip_member *
zip_at(const struct zip *z, size_t i)
{
	return &z->members[i];
}

const struct zip_member *
zip_find(const struct zip *z, const char *name)
{
	size_t low = 0, high = z->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int d = strcmp(name, z->by_name[mid]->name);

		if (d == 0)
			return z->by_name[mid];
		if (d < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

enum co_rc
zip_digest(const struct zip *z, const struct zip_member *m, void (*progress)(void *arg, uint64_t n),
	void *arg, struct zip_sums *sums, struct co_err *err)
{
	struct bulk b = { .from = z->fd,
		.at = z->base + zip_data_at(m),
		.size = m->size,
		.to = -1,
		.with512 = sums->with512,
		.progress = progress,
		.arg = arg };

	if (bulk_run(&b, err) != CO_OK)
		return co_wrap(err, "%s", m->name);
	sums->crc_fits = b.crc == m->crc;
	memcpy(sums->sha256, b.sha256, SHA256_LEN);
	memcpy(sums->sha512, b.sha512, SHA512_LEN);
	return CO_OK;
}

enum co_rc
zip_text(const struct zip *z, const char *name, struct co_buf *out, struct co_err *err)
{
	const struct zip_member *m = zip_find(z, name);
	char *at;
	enum co_rc rc;

	if (m == NULL)
		return co_fail(err, CO_ENOTFOUND, "%s is missing", name);
	if (m->size > LIMIT_PACKAGE_MEMBER)
		return co_fail(
			err, CO_ETOOBIG, "%s has more than %u bytes", name, LIMIT_PACKAGE_MEMBER);
	rc = co_buf_reserve(out, (size_t)m->size, &at, err);
	if (rc == CO_OK)
		rc = zip_pread(z, at, (size_t)m->size, zip_data_at(m), err);
	if (rc != CO_OK)
		return co_wrap(err, "%s", name);
	out->len += (size_t)m->size;
	out->data[out->len] = '\0';
	return CO_OK;
}
