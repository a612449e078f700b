#include "evidence/e01.h"

#include "base/buf.h"
#include "base/fs.h"
#include "crypto/digest.h"

#include <ctype.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

/* Chunks of 64 sectors; a group of them has one table. */
enum {
	CHUNK = 64 * E01_SECTOR,
	GROUP = 128,
	PACKED = CHUNK + 4,
	SECTION = 76,
	VOLUME = 1052,
	ERRORS = 520,                /* before the ranges that could not be read */
	TAIL = 3 * SECTION + 80 + 36 /* digest, hash, done; more than next */
};
#define COMPRESSED 0x80000000u

struct e01 {
	struct e01_conf conf;
	int fd;
	unsigned segment;
	bool filled;    /* the segment has a group */
	uint64_t at;    /* in the segment */
	uint64_t taken; /* of the content */
	unsigned char volume[VOLUME];
	unsigned char chunk[CHUNK];
	size_t chunk_n;
	unsigned char *packed; /* the group */
	size_t packed_n;
	uint32_t entries[GROUP]; /* offsets in packed */
	unsigned entries_n;
	struct digest *md5, *sha1;
};

static void
put_little(unsigned char *p, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)(v >> (8 * i));
}

static void
put_checksum(unsigned char *p, size_t n)
{
	put_little(p + n, adler32(1, p, (uInt)n), 4);
}

static enum co_rc
put(struct e01 *e, const void *p, size_t n, struct co_err *err)
{
	TRY(co_write_all(e->fd, p, n, err));
	e->at += n;
	return CO_OK;
}

/* n: bytes behind the descriptor. The last of a segment points at itself. */
static enum co_rc
put_section(struct e01 *e, const char *type, uint64_t n, struct co_err *err)
{
	unsigned char p[SECTION] = { 0 };
	bool last = strcmp(type, "next") == 0 || strcmp(type, "done") == 0;

	(void)snprintf((char *)p, 16, "%s", type);
	put_little(p + 16, last ? e->at : e->at + SECTION + n, 8);
	put_little(p + 24, SECTION + n, 8);
	put_checksum(p, SECTION - 4);
	return put(e, p, sizeof(p), err);
}

/* ---- header values ---- */
/* Tabs and ends of lines are what separates values. */
static enum co_rc
add_value(struct co_buf *b, const char *text, struct co_err *err)
{
	for (const char *c = text == NULL ? "" : text; *c != '\0'; c++)
		TRY(co_buf_add(b, (unsigned char)*c < 0x20 || *c == 0x7f ? " " : c, 1, err));
	return CO_OK;
}

static enum co_rc
add_date(struct co_buf *b, int64_t us, bool seconds, struct co_err *err)
{
	time_t s = (time_t)(us / 1000000);
	char text[64];
	struct tm t;

	if (seconds)
		(void)snprintf(text, sizeof(text), "%lld", (long long)s);
	else if (gmtime_r(&s, &t) != NULL)
		(void)snprintf(text, sizeof(text), "%d %d %d %d %d %d", t.tm_year + 1900,
			t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
	else
		text[0] = '\0';
	return co_buf_add(b, text, strlen(text), err);
}

/* The values in the order of both headers' column names. */
static enum co_rc
header_text(const struct e01 *e, bool second, struct co_buf *b, struct co_err *err)
{
	static const char begin1[] = "1\r\nmain\r\nc\tn\ta\te\tt\tav\tov\tm\tu\tp\r\n";
	static const char begin2[] = "1\nmain\na\tc\tn\te\tt\tav\tov\tm\tu\tp\n";
	const struct e01_about *a = &e->conf.about;
	const char *values1[] = { a->case_number, a->evidence_number, a->description, a->examiner,
		a->notes, "comity " COMITY_VERSION, "Linux" };
	const char *values2[] = { a->description, a->case_number, a->evidence_number, a->examiner,
		a->notes, "comity " COMITY_VERSION, "Linux" };
	const char *begin = second ? begin2 : begin1;

	TRY(co_buf_add(b, begin, strlen(begin), err));
	for (size_t i = 0; i < CO_ARRAY_LEN(values1); i++) {
		TRY(add_value(b, second ? values2[i] : values1[i], err));
		TRY(co_buf_add(b, "\t", 1, err));
	}
	TRY(add_date(b, a->acquired_us, second, err));
	TRY(co_buf_add(b, "\t", 1, err));
	TRY(add_date(b, a->now_us, second, err));
	return second ? co_buf_add(b, "\t\n\n", 3, err) : co_buf_add(b, "\t0\r\n\r\n", 6, err);
}

/* UTF-16LE with its mark. What is no UTF-8 becomes U+FFFD. */
static enum co_rc
utf16(const struct co_buf *from, struct co_buf *to, struct co_err *err)
{
	const unsigned char *p = (const unsigned char *)from->data;

	TRY(co_buf_add(to, "\xff\xfe", 2, err));
	for (size_t i = 0; i < from->len;) {
		size_t n = p[i] < 0x80 ? 1 : p[i] < 0xe0 ? 2 : p[i] < 0xf0 ? 3 : 4;
		uint32_t c = n == 1 ? p[i] : p[i] & (0xffu >> (n + 1));
		unsigned char out[4];
		size_t out_n = 2;

		if (n > from->len - i)
			n = from->len - i;
		for (size_t k = 1; k < n; k++)
			c = c << 6 | (p[i + k] & 0x3f);
		i += n;
		if (c >= 0x110000 || (c >= 0xd800 && c < 0xe000))
			c = 0xfffd;
		if (c < 0x10000) {
			put_little(out, c, 2);
		} else {
			put_little(out, 0xd800 + ((c - 0x10000) >> 10), 2);
			put_little(out + 2, 0xdc00 + ((c - 0x10000) & 0x3ff), 2);
			out_n = 4;
		}
		TRY(co_buf_add(to, out, out_n, err));
	}
	return CO_OK;
}

static enum co_rc
put_header(struct e01 *e, bool second, struct co_err *err)
{
	enum { MOST = 512 * 1024 };
	co_auto_free unsigned char *z = NULL;
	co_auto_buf text, wide;
	const struct co_buf *b = second ? &wide : &text;
	uLongf n;

	co_buf_init(&text, MOST);
	co_buf_init(&wide, 2 * MOST);
	TRY(header_text(e, second, &text, err));
	if (second)
		TRY(utf16(&text, &wide, err));
	n = compressBound((uLong)b->len);
	z = malloc(n);
	if (z == NULL || compress2(z, &n, (const Bytef *)b->data, (uLong)b->len, 9) != Z_OK)
		return co_fail(err, CO_ENOMEM, "E01");
	TRY(put_section(e, second ? "header2" : "header", n, err));
	return put(e, z, n, err);
}

/* ---- segments ---- */
static void
volume_make(struct e01 *e)
{
	unsigned char *p = e->volume;
	uint64_t chunks = (e->conf.size + CHUNK - 1) / CHUNK;

	p[0] = 1; /* a fixed disk */
	put_little(p + 4, chunks, 4);
	put_little(p + 8, CHUNK / E01_SECTOR, 4);
	put_little(p + 12, E01_SECTOR, 4);
	put_little(p + 16, e->conf.size / E01_SECTOR, 8);
	p[36] = 1; /* an image */
	p[52] = 1; /* compressed: good */
	put_little(p + 56, 1, 4);
	crypto_random(p + 64, 16);
	put_checksum(p, VOLUME - 4);
}

static enum co_rc
segment_begin(struct e01 *e, struct co_err *err)
{
	unsigned char p[13] = { 'E', 'V', 'F', 9, 13, 10, 255, 0, 1 };

	if (e->segment == E01_SEGMENTS)
		return co_fail(err, CO_ETOOBIG, "more than %d segments: give a larger "
			"--segment-size", E01_SEGMENTS);
	TRY(e->conf.segment(e->conf.arg, e->segment + 1, &e->fd, err));
	e->segment++;
	e->filled = false;
	e->at = 0;
	put_little(p + 9, e->segment, 2);
	TRY(put(e, p, sizeof(p), err));
	if (e->segment == 1) {
		/* EnCase writes it twice. */
		TRY(put_header(e, true, err));
		TRY(put_header(e, true, err));
		TRY(put_header(e, false, err));
	}
	TRY(put_section(e, e->segment == 1 ? "volume" : "data", VOLUME, err));
	return put(e, e->volume, VOLUME, err);
}

/* ---- content ---- */
static enum co_rc
put_table(struct e01 *e, const char *type, uint64_t base, struct co_err *err)
{
	unsigned char p[24 + 4 * GROUP + 4] = { 0 };
	size_t n = 4 * (size_t)e->entries_n;

	put_little(p, e->entries_n, 4);
	put_little(p + 8, base, 8);
	put_checksum(p, 20);
	for (unsigned i = 0; i < e->entries_n; i++)
		put_little(p + 24 + 4 * (size_t)i, e->entries[i], 4);
	put_checksum(p + 24, n);
	TRY(put_section(e, type, 24 + n + 4, err));
	return put(e, p, 24 + n + 4, err);
}

static enum co_rc
group_end(struct e01 *e, struct co_err *err)
{
	uint64_t all = 3 * SECTION + e->packed_n + 2 * (28 + 4 * (uint64_t)e->entries_n) + TAIL +
		SECTION + ERRORS + 8 * e->conf.bad_n + 4;
	uint64_t base;

	if (e->entries_n == 0)
		return CO_OK;
	if (e->at + all > e->conf.segment_size && e->filled) {
		TRY(put_section(e, "next", 0, err));
		TRY(segment_begin(e, err));
	}
	TRY(put_section(e, "sectors", e->packed_n, err));
	base = e->at;
	TRY(put(e, e->packed, e->packed_n, err));
	TRY(put_table(e, "table", base, err));
	TRY(put_table(e, "table2", base, err));
	e->filled = true;
	e->entries_n = 0;
	e->packed_n = 0;
	return CO_OK;
}

static enum co_rc
chunk_end(struct e01 *e, struct co_err *err)
{
	unsigned char *to = e->packed + e->packed_n;
	uLongf n = PACKED;

	if (e->chunk_n == 0)
		return CO_OK;
	e->entries[e->entries_n] = (uint32_t)e->packed_n;
	if (compress2(to, &n, e->chunk, (uLong)e->chunk_n, Z_BEST_SPEED) == Z_OK &&
		n < e->chunk_n) {
		e->entries[e->entries_n] |= COMPRESSED;
	} else {
		memcpy(to, e->chunk, e->chunk_n);
		put_checksum(to, e->chunk_n);
		n = e->chunk_n + 4;
	}
	e->packed_n += n;
	e->chunk_n = 0;
	e->entries_n++;
	return e->entries_n == GROUP ? group_end(e, err) : CO_OK;
}

enum co_rc
e01_add(struct e01 *e, const void *p, size_t n, struct co_err *err)
{
	const unsigned char *at = p;

	if (n > e->conf.size - e->taken)
		return co_fail(err, CO_EVERIFY, "there is more content than was said");
	if (e->md5 != NULL)
		digest_add(e->md5, p, n);
	if (e->sha1 != NULL)
		digest_add(e->sha1, p, n);
	while (n > 0) {
		size_t part = n < CHUNK - e->chunk_n ? n : CHUNK - e->chunk_n;

		memcpy(e->chunk + e->chunk_n, at, part);
		e->chunk_n += part;
		e->taken += part;
		at += part;
		n -= part;
		if (e->chunk_n == CHUNK)
			TRY(chunk_end(e, err));
	}
	return CO_OK;
}

/* ---- begin and end ---- */
enum co_rc
e01_begin(struct e01 **out, const struct e01_conf *conf, struct co_err *err)
{
	e01_auto *e = NULL;

	if (conf->size == 0 || conf->size % E01_SECTOR != 0)
		return co_fail(err, CO_EUSAGE,
			"the content has %llu bytes; an E01 holds whole sectors of %d. Write it as "
			"it is: --to raw",
			(unsigned long long)conf->size, E01_SECTOR);
	e = calloc(1, sizeof(*e));
	if (e != NULL)
		e->packed = malloc((size_t)GROUP * PACKED);
	if (e == NULL || e->packed == NULL)
		return co_fail(err, CO_ENOMEM, "E01");
	e->conf = *conf;
	/* A house in FIPS mode has no MD5: then none is stored. */
	if (digest_new(&e->md5, DIGEST_MD5, NULL) != CO_OK ||
		digest_new(&e->sha1, DIGEST_SHA1, NULL) != CO_OK)
		digest_free(&e->md5);
	volume_make(e);
	TRY(segment_begin(e, err));
	e->conf.about = (struct e01_about){ .now_us = 0 };
	*out = CO_TAKE(e);
	return CO_OK;
}

/* Sectors have 32 bits there: a range past 2 TiB cannot be told. */
static enum co_rc
put_bad(struct e01 *e, struct co_err *err)
{
	unsigned char head[ERRORS] = { 0 };
	co_auto_free unsigned char *p = malloc(8 * e->conf.bad_n + 4);
	size_t n = 0;

	if (p == NULL)
		return co_fail(err, CO_ENOMEM, "E01");
	for (size_t i = 0; i < e->conf.bad_n; i++) {
		const struct e01_range *r = &e->conf.bad[i];
		uint64_t first = r->at / E01_SECTOR;
		uint64_t end = (r->at + r->size + E01_SECTOR - 1) / E01_SECTOR;

		if (end > UINT32_MAX)
			break;
		put_little(p + 8 * n, first, 4);
		put_little(p + 8 * n + 4, end - first, 4);
		n++;
	}
	put_little(head, n, 4);
	put_checksum(head, ERRORS - 4);
	put_checksum(p, 8 * n);
	TRY(put_section(e, "error2", ERRORS + 8 * n + 4, err));
	TRY(put(e, head, sizeof(head), err));
	return put(e, p, 8 * n + 4, err);
}

static enum co_rc
put_digests(struct e01 *e, struct co_err *err)
{
	unsigned char p[80] = { 0 }, h[36] = { 0 };

	digest_end(e->md5, p);
	digest_end(e->sha1, p + 16);
	memcpy(h, p, 16);
	put_checksum(p, sizeof(p) - 4);
	put_checksum(h, sizeof(h) - 4);
	TRY(put_section(e, "digest", sizeof(p), err));
	TRY(put(e, p, sizeof(p), err));
	TRY(put_section(e, "hash", sizeof(h), err));
	return put(e, h, sizeof(h), err);
}

enum co_rc
e01_end(struct e01 *e, struct co_err *err)
{
	if (e->taken != e->conf.size)
		return co_fail(err, CO_EVERIFY, "there is less content than was said");
	TRY(chunk_end(e, err));
	TRY(group_end(e, err));
	if (e->conf.bad_n > 0)
		TRY(put_bad(e, err));
	if (e->md5 != NULL && e->sha1 != NULL)
		TRY(put_digests(e, err));
	return put_section(e, "done", 0, err);
}

void
e01_free(struct e01 **e)
{
	if (*e == NULL)
		return;
	digest_free(&(*e)->md5);
	digest_free(&(*e)->sha1);
	free((*e)->packed);
	free(*e);
	*e = NULL;
}

void
e01_name(char *path, unsigned n)
{
	char *p = path + strlen(path) - 3;
	bool small = islower((unsigned char)p[0]) != 0;
	unsigned k = n - 100;

	if (n < 100) {
		p[1] = (char)('0' + n / 10);
		p[2] = (char)('0' + n % 10);
		return;
	}
	p[0] = (char)((small ? 'e' : 'E') + (int)(k / 676));
	p[1] = (char)((small ? 'a' : 'A') + (int)(k / 26 % 26));
	p[2] = (char)((small ? 'a' : 'A') + (int)(k % 26));
}
