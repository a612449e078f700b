/* The bytes of the zip structures, little-endian. APPNOTE 4.3.7, 4.3.12, 4.3.14-16, 4.5.3. */
#include "evidence/zip.h"

#include <jansson.h>
#include <string.h>

#define NONE32 0xffffffffu
#define NONE16 0xffffu
enum {
	FLAG_UTF8 = 0x0800,
	DATE_1980 = 0x0021,
	VERSION = 20,
	VERSION64 = 45,
	MADE_BY = 3 << 8 | 45
};
#define MODE_0644 (0100644u << 16)

/* n bytes of v, lowest first; a failure sticks in rc. */
static void
le(struct co_buf *out, uint64_t v, size_t n, enum co_rc *rc, struct co_err *err)
{
	unsigned char b[8];

	for (size_t i = 0; i < n; i++)
		b[i] = (unsigned char)(v >> (8 * i));
	if (*rc == CO_OK)
		*rc = co_buf_add(out, b, n, err);
}

static bool
big(uint64_t v)
{
	return v >= NONE32;
}

static void
head(struct co_buf *out, const struct zip_member *m, bool zip64, enum co_rc *rc, struct co_err *err)
{
	uint64_t size = big(m->size) ? NONE32 : m->size;

	le(out, zip64 ? VERSION64 : VERSION, 2, rc, err);
	le(out, FLAG_UTF8, 2, rc, err);
	le(out, 0, 2, rc, err); /* stored */
	le(out, 0, 2, rc, err);
	le(out, DATE_1980, 2, rc, err);
	le(out, m->crc, 4, rc, err);
	le(out, size, 4, rc, err);
	le(out, size, 4, rc, err);
	le(out, strlen(m->name), 2, rc, err);
}

uint64_t
zip_data_at(const struct zip_member *m)
{
	return m->at + 30 + strlen(m->name) + (big(m->size) ? 20 : 0);
}

enum co_rc
zip_local(const struct zip_member *m, struct co_buf *out, struct co_err *err)
{
	bool zip64 = big(m->size);
	enum co_rc rc = CO_OK;

	le(out, 0x04034b50, 4, &rc, err);
	head(out, m, zip64, &rc, err);
	le(out, zip64 ? 20 : 0, 2, &rc, err);
	if (rc == CO_OK)
		rc = co_buf_add(out, m->name, strlen(m->name), err);
	if (!zip64)
		return rc;
	le(out, 0x0001, 2, &rc, err);
	le(out, 16, 2, &rc, err);
	le(out, m->size, 8, &rc, err);
	le(out, m->size, 8, &rc, err);
	return rc;
}

enum co_rc
zip_central(const struct zip_member *m, struct co_buf *out, struct co_err *err)
{
	unsigned extra = (big(m->size) ? 16u : 0) + (big(m->at) ? 8u : 0);
	enum co_rc rc = CO_OK;

	le(out, 0x02014b50, 4, &rc, err);
	le(out, MADE_BY, 2, &rc, err);
	head(out, m, extra > 0, &rc, err);
	le(out, extra > 0 ? extra + 4 : 0, 2, &rc, err);
	le(out, 0, 2, &rc, err); /* comment */
	le(out, 0, 2, &rc, err); /* disk */
	le(out, 0, 2, &rc, err); /* internal attributes */
	le(out, MODE_0644, 4, &rc, err);
	le(out, big(m->at) ? NONE32 : m->at, 4, &rc, err);
	if (rc == CO_OK)
		rc = co_buf_add(out, m->name, strlen(m->name), err);
	if (extra == 0)
		return rc;
	le(out, 0x0001, 2, &rc, err);
	le(out, extra, 2, &rc, err);
	if (big(m->size)) {
		le(out, m->size, 8, &rc, err);
		le(out, m->size, 8, &rc, err);
	}
	if (big(m->at))
		le(out, m->at, 8, &rc, err);
	return rc;
}

enum co_rc
zip_end(uint64_t members, uint64_t at, uint64_t size, struct co_buf *out, struct co_err *err)
{
	uint64_t n16 = members >= NONE16 ? NONE16 : members;
	enum co_rc rc = CO_OK;

	if (members >= NONE16 || big(at) || big(size)) {
		le(out, 0x06064b50, 4, &rc, err);
		le(out, 44, 8, &rc, err);
		le(out, MADE_BY, 2, &rc, err);
		le(out, VERSION64, 2, &rc, err);
		le(out, 0, 4, &rc, err);
		le(out, 0, 4, &rc, err);
		le(out, members, 8, &rc, err);
		le(out, members, 8, &rc, err);
		le(out, size, 8, &rc, err);
		le(out, at, 8, &rc, err);
		le(out, 0x07064b50, 4, &rc, err);
		le(out, 0, 4, &rc, err);
		le(out, at + size, 8, &rc, err);
		le(out, 1, 4, &rc, err);
	}
	le(out, 0x06054b50, 4, &rc, err);
	le(out, 0, 2, &rc, err);
	le(out, 0, 2, &rc, err);
	le(out, n16, 2, &rc, err);
	le(out, n16, 2, &rc, err);
	le(out, big(size) ? NONE32 : size, 4, &rc, err);
	le(out, big(at) ? NONE32 : at, 4, &rc, err);
	le(out, 0, 2, &rc, err);
	return rc;
}

static bool
utf8_ok(const char *s, size_t n)
{
	json_t *j = json_stringn(s, n);
	bool ok = j != NULL;

	json_decref(j);
	return ok;
}

static bool
part_ok(const char *s, size_t n)
{
	return n > 0 && !(n == 1 && s[0] == '.') && !(n == 2 && s[0] == '.' && s[1] == '.');
}

bool
zip_name_ok(const char *s, size_t n)
{
	size_t part = 0;

	if (n == 0 || n > LIMIT_PACKAGE_NAME || !utf8_ok(s, n))
		return false;
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f || s[i] == '\\')
			return false;
		if (s[i] != '/')
			continue;
		if (!part_ok(s + part, i - part))
			return false;
		part = i + 1;
	}
	return part_ok(s + part, n - part);
}
