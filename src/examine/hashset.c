#include "examine/hashset_file.h"

#include "base/limits_examine.h"

#include "base/enc.h"

#include <endian.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* Where things stand in the header; numbers are little-endian. */
enum {
	AT_MAGIC = 0,
	AT_LENGTH = 16, /* u32: bytes of a digest */
	AT_KNOWN = 20,  /* u32 */
	AT_COUNT = 24,  /* u64 */
	AT_BITS = 32,   /* u32 */
	AT_ZERO = 36,   /* u32 */
	AT_BUILT = 40,  /* u64: microseconds since 1970 */
	AT_SOURCE_SIZE = 48,
	AT_SHA256 = 56,
	AT_SOURCE_SHA256 = 88,
	AT_NAME = 120,
	AT_SOURCE = 184,
	AT_HEADER_SHA256 = 248, /* of what stands before it; 0: made before it was */
	AT_REST = 280
};
static const char magic[16] = "comity-hashset1\n";

struct hashset {
	struct hashset_about about;
	const unsigned char *map;
	size_t size;
	unsigned bits;
	size_t length;
	const unsigned char *index, *entries;
};

static const char *const known_names[] = { [HASHSET_GOOD] = "good", [HASHSET_BAD] = "bad" };
static const enum digest_kind kinds[] = { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256 };

const char *
hashset_known_name(enum hashset_known known)
{
	return known_names[known];
}

unsigned
hashset_bits(uint64_t count)
{
	unsigned bits = 0;

	while (bits < HASHSET_BITS_MOST && count >> bits > 8)
		bits++;
	return bits;
}

static void
put32(unsigned char *p, uint32_t v)
{
	v = htole32(v);
	memcpy(p, &v, sizeof(v));
}

static void
put64(unsigned char *p, uint64_t v)
{
	v = htole64(v);
	memcpy(p, &v, sizeof(v));
}

static uint32_t
get32(const unsigned char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

static uint64_t
get64(const unsigned char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

static void
put_hex(unsigned char *out, const char *hex)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < SHA256_LEN; i++)
		out[i] = (unsigned char)((strchr(digits, hex[2 * i]) - digits) << 4 |
			(strchr(digits, hex[2 * i + 1]) - digits));
}

static void
header_sum(const unsigned char *header, unsigned char sum[SHA256_LEN])
{
	char hex[SHA256_HEX + 1];

	sha256_hex(header, AT_HEADER_SHA256, hex);
	put_hex(sum, hex);
}

void
hashset_header(const struct hashset_about *a, unsigned char out[HASHSET_HEADER])
{
	memset(out, 0, HASHSET_HEADER);
	memcpy(out + AT_MAGIC, magic, sizeof(magic));
	put32(out + AT_LENGTH, (uint32_t)digest_len(a->kind));
	put32(out + AT_KNOWN, a->known);
	put64(out + AT_COUNT, a->count);
	put32(out + AT_BITS, hashset_bits(a->count));
	put64(out + AT_BUILT, (uint64_t)a->built_us);
	put64(out + AT_SOURCE_SIZE, a->source_size);
	put_hex(out + AT_SHA256, a->sha256);
	put_hex(out + AT_SOURCE_SHA256, a->source_sha256);
	memcpy(out + AT_NAME, a->name, strlen(a->name));
	memcpy(out + AT_SOURCE, a->source, strlen(a->source));
	header_sum(out, out + AT_HEADER_SHA256);
}

static enum co_rc
bad(const char *why, struct co_err *err)
{
	return co_fail(err, CO_EMALFORMED,
		"this is no hash set (%s); make one with comity hashset build", why);
}

/* Text with its end within the field, nothing after it, no control characters. */
static bool
get_text(const unsigned char *p, char out[HASHSET_NAME])
{
	size_t n = strnlen((const char *)p, HASHSET_NAME);

	for (size_t i = 0; i < HASHSET_NAME; i++)
		if (i < n ? p[i] < 0x20 || p[i] == 0x7f : p[i] != 0)
			return false;
	if (n == HASHSET_NAME)
		return false;
	memcpy(out, p, n + 1);
	return true;
}

static bool
get_kind(uint32_t length, enum digest_kind *out)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(kinds); i++)
		if (digest_len(kinds[i]) == length) {
			*out = kinds[i];
			return true;
		}
	return false;
}

static enum co_rc
header_read(struct hashset *h, struct co_err *err)
{
	struct hashset_about *a = &h->about;
	static const unsigned char none[SHA256_LEN];
	unsigned char sum[SHA256_LEN];
	const unsigned char *p = h->map;
	uint64_t want;

	if (h->size < HASHSET_HEADER || memcmp(p + AT_MAGIC, magic, sizeof(magic)) != 0)
		return bad("it begins otherwise", err);
	if (!get_kind(get32(p + AT_LENGTH), &a->kind) || get32(p + AT_KNOWN) > HASHSET_BAD ||
		get32(p + AT_ZERO) != 0)
		return bad("its header names an unknown sort", err);
	a->known = (enum hashset_known)get32(p + AT_KNOWN);
	a->count = get64(p + AT_COUNT);
	h->bits = get32(p + AT_BITS);
	h->length = digest_len(a->kind);
	if (a->count > LIMIT_HASHSET_ENTRIES || h->bits != hashset_bits(a->count))
		return bad("its header does not fit itself", err);
	for (size_t i = AT_REST; i < HASHSET_HEADER; i++)
		if (p[i] != 0)
			return bad("its header does not end as it should", err);
	header_sum(p, sum);
	if (memcmp(p + AT_HEADER_SHA256, none, sizeof(none)) != 0 &&
		memcmp(p + AT_HEADER_SHA256, sum, sizeof(sum)) != 0)
		return bad("its header was changed", err);
	want = HASHSET_HEADER + 4 * hashset_places(h->bits) + a->count * h->length;
	if (want != h->size)
		return bad("its size is not what its header says: it was cut", err);
	a->built_us = (int64_t)get64(p + AT_BUILT);
	a->source_size = get64(p + AT_SOURCE_SIZE);
	co_hex(p + AT_SHA256, SHA256_LEN, a->sha256);
	co_hex(p + AT_SOURCE_SHA256, SHA256_LEN, a->source_sha256);
	if (!get_text(p + AT_NAME, a->name) || !get_text(p + AT_SOURCE, a->source))
		return bad("its name is no text", err);
	h->index = p + HASHSET_HEADER;
	h->entries = h->index + 4 * hashset_places(h->bits);
	return CO_OK;
}

enum co_rc
hashset_open(struct hashset **out, int fd, struct co_err *err)
{
	hashset_auto *h = calloc(1, sizeof(*h));
	struct stat st;
	void *map;

	if (h == NULL)
		return co_fail(err, CO_ENOMEM, "hash set");
	if (fstat(fd, &st) != 0)
		return co_fail_errno(err, "hash set");
	if (!S_ISREG(st.st_mode) || st.st_size < HASHSET_HEADER)
		return bad("it is too short", err);
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return co_fail_errno(err, "map a hash set");
	h->map = map;
	h->size = (size_t)st.st_size;
	TRY(header_read(h, err));
	(void)madvise(map, h->size, MADV_RANDOM);
	*out = CO_TAKE(h);
	return CO_OK;
}

void
hashset_close(struct hashset **h)
{
	if (*h == NULL)
		return;
	if ((*h)->map != NULL)
		(void)munmap((void *)(uintptr_t)(*h)->map, (*h)->size);
	free(*h);
	*h = NULL;
}

const struct hashset_about *
hashset_about(const struct hashset *h)
{
	return &h->about;
}

bool
hashset_has(const struct hashset *h, const unsigned char *digest)
{
	uint32_t place = hashset_place(digest, h->bits);
	uint64_t from = get32(h->index + 4 * (size_t)place);
	uint64_t to = get32(h->index + 4 * ((size_t)place + 1));

	/* The file may lie: nothing outside of it is looked at. */
	if (to > h->about.count)
		to = h->about.count;
	while (from < to) {
		uint64_t mid = from + (to - from) / 2;
		int order = memcmp(h->entries + mid * h->length, digest, h->length);

		if (order == 0)
			return true;
		if (order < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return false;
}

static enum co_rc
check_order(const struct hashset *h, struct co_err *err)
{
	uint64_t at = 0, places = hashset_places(h->bits);

	for (uint64_t place = 0; place + 1 < places; place++) {
		uint64_t from = get32(h->index + 4 * place), to = get32(h->index + 4 * place + 4);

		if (from != at || to < from || to > h->about.count)
			return co_fail(err, CO_EVERIFY, "its index does not hold at place %llu",
				(unsigned long long)place);
		for (; at < to; at++) {
			const unsigned char *e = h->entries + at * h->length;

			if (hashset_place(e, h->bits) != place ||
				(at > 0 && memcmp(e - h->length, e, h->length) >= 0))
				return co_fail(err, CO_EVERIFY, "entry %llu is out of order",
					(unsigned long long)at);
		}
	}
	return at == h->about.count
		? CO_OK
		: co_fail(err, CO_EVERIFY, "its index leaves out entries");
}

enum co_rc
hashset_check(const struct hashset *h, struct co_err *err)
{
	char hex[SHA256_HEX + 1];

	(void)madvise((void *)(uintptr_t)h->map, h->size, MADV_SEQUENTIAL);
	sha256_hex(h->map + HASHSET_HEADER, h->size - HASHSET_HEADER, hex);
	if (strcmp(hex, h->about.sha256) != 0)
		return co_fail(err, CO_EVERIFY,
			"its digest is %s, not what its header says: it was changed", hex);
	return check_order(h, err);
}
