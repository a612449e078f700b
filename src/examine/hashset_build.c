/* A list becomes a set in three steps: count how digests begin, put each where its beginning has
 * its place in a scratch file, sort place by place into the set. */
#include "examine/hashset_file.h"

#include "base/limits_examine.h"

#include "base/clock.h"
#include "base/enc.h"
#include "base/fs.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { BUCKET_BITS = 12, BUCKETS = 1 << BUCKET_BITS, BUCKET_BUF = 8192, READ = 1 << 20 };

static const enum digest_kind kinds[] = { DIGEST_SHA256, DIGEST_SHA1, DIGEST_MD5 };

struct build {
	const struct hashset_build *ask;
	struct hashset_about about;
	size_t length;
	int list, scratch, out;
	char *read;                 /* READ bytes */
	char line[LIMIT_HASHSET_LINE];
	uint64_t counted[BUCKETS];  /* entries of the list */
	uint64_t begins[BUCKETS];   /* where a bucket begins in the scratch file, in entries */
	uint32_t filled[BUCKETS];   /* bytes in bufs */
	uint64_t written[BUCKETS];  /* entries in the scratch file */
	unsigned char *bufs;        /* BUCKETS * BUCKET_BUF */
	uint32_t *index;
	unsigned bits;
	uint64_t lines, done;
	struct digest *sum;
	int64_t told_us;
};

/* ---- a line ---- */
static bool
is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static unsigned
hex_of(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

static bool
is_word(char c)
{
	return is_hex(c) || (c >= 'g' && c <= 'z') || (c >= 'G' && c <= 'Z') || c == '_' ||
		(unsigned char)c >= 0x80;
}

/* The first run of exactly so many hexadecimal digits that stands alone. */
static const char *
hex_run(const char *p, size_t n, size_t digits)
{
	for (size_t i = 0; i < n;) {
		size_t from = i;
		bool hex = true;

		while (i < n && is_word(p[i])) {
			hex = hex && is_hex(p[i]);
			i++;
		}
		if (hex && i - from == digits)
			return p + from;
		i += i == from;
	}
	return NULL;
}

/* hex begins with a run of so many digits: is there another one, which is not the same? */
static bool
hex_other(const char *hex, size_t n, size_t digits)
{
	const char *at = hex + digits, *end = hex + n;

	while ((at = hex_run(at, (size_t)(end - at), digits)) != NULL) {
		if (strncasecmp(at, hex, digits) != 0)
			return true;
		at += digits;
	}
	return false;
}

/* A heading has letters and no digits that could be a digest. */
static bool
heading(const char *p, size_t n)
{
	static const char *const words[] = { "sha", "md5", "hash" };

	for (size_t i = 0; i + 3 <= n; i++)
		for (size_t k = 0; k < CO_ARRAY_LEN(words); k++)
			if (strncasecmp(p + i, words[k], 3) == 0)
				return hex_run(p, n, 32) == NULL && hex_run(p, n, 40) == NULL &&
					hex_run(p, n, 64) == NULL;
	return false;
}

enum co_rc
hashset_line(const char *p, size_t n, enum digest_kind kind, bool *found,
	unsigned char out[HASHSET_DIGEST], struct co_err *err)
{
	const char *hex;

	while (n > 0 && (p[n - 1] == '\r' || p[n - 1] == ' ' || p[n - 1] == '\t'))
		n--;
	*found = false;
	if (n == 0 || p[0] == '#' || p[0] == '%')
		return CO_OK;
	hex = hex_run(p, n, 2 * digest_len(kind));
	if (hex == NULL && heading(p, n))
		return CO_OK;
	if (hex == NULL)
		return co_fail(err, CO_EMALFORMED, "no %s stands in it", digest_name(kind));
	/* Which of two is meant nobody can tell here, and half of them would look like all. */
	if (hex_other(hex, (size_t)(p + n - hex), 2 * digest_len(kind)))
		return co_fail(err, CO_EMALFORMED,
			"two different %s stand in it: write each on a line of its own (of a STIX "
			"bundle or a table of several digests, take out those that are meant)",
			digest_name(kind));
	for (size_t i = 0; i < digest_len(kind); i++)
		out[i] = (unsigned char)(hex_of(hex[2 * i]) << 4 | hex_of(hex[2 * i + 1]));
	*found = true;
	return CO_OK;
}

/* ---- the list, line by line ---- */
typedef enum co_rc entry_call(struct build *b, const unsigned char *digest, struct co_err *err);

static void
tell(struct build *b, uint64_t done)
{
	int64_t now = co_mono_us();

	if (b->ask->progress == NULL || now - b->told_us < 100000)
		return;
	b->told_us = now;
	b->ask->progress(b->ask->arg, done, b->about.source_size * 2);
}

static enum co_rc
kind_choose(struct build *b, const char *p, size_t n)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(kinds); i++)
		if (hex_run(p, n, 2 * digest_len(kinds[i])) != NULL) {
			b->about.kind = kinds[i];
			b->length = digest_len(kinds[i]);
			return CO_OK;
		}
	return CO_OK;
}

static enum co_rc
line(struct build *b, const char *p, size_t n, entry_call *call, struct co_err *err)
{
	unsigned char digest[HASHSET_DIGEST];
	struct co_err why = { 0 };
	bool found;

	b->lines++;
	if (b->length == 0)
		TRY(kind_choose(b, p, n));
	if (hashset_line(p, n, b->length == 0 ? DIGEST_SHA256 : b->about.kind, &found, digest,
		    &why) != CO_OK)
		return co_fail(err, CO_EMALFORMED, "%s, line %llu: %s; a list of another digest "
			"needs --kind, other lines begin with #",
			b->ask->list, (unsigned long long)b->lines, why.msg);
	return found ? call(b, digest, err) : CO_OK;
}

/* What is left at the end of a block waits in b->line. */
static enum co_rc
block(struct build *b, const char *p, size_t n, size_t *held, entry_call *call, struct co_err *err)
{
	while (n > 0) {
		const char *nl = memchr(p, '\n', n);
		size_t part = nl != NULL ? (size_t)(nl - p) : n;

		if (*held + part > sizeof(b->line))
			return co_fail(err, CO_EMALFORMED,
				"%s, line %llu has more than %u bytes: this is no list of digests",
				b->ask->list, (unsigned long long)b->lines + 1,
				LIMIT_HASHSET_LINE);
		if (nl == NULL || *held > 0) {
			memcpy(b->line + *held, p, part);
			*held += part;
		}
		if (nl == NULL)
			return CO_OK;
		TRY(line(b, *held > 0 ? b->line : p, *held > 0 ? *held : part, call, err));
		*held = 0;
		p += part + 1;
		n -= part + 1;
	}
	return CO_OK;
}

static enum co_rc
list_read(struct build *b, entry_call *call, char hex[SHA256_HEX + 1], struct co_err *err)
{
	unsigned char sum[SHA256_LEN];
	digest_auto *d = NULL;
	size_t got, held = 0;
	uint64_t size = 0;

	TRY(digest_new(&d, DIGEST_SHA256, err));
	if (lseek(b->list, 0, SEEK_SET) < 0)
		return co_fail_errno(err, "read %s", b->ask->list);
	b->lines = 0;
	do {
		TRY(co_read_full(b->list, b->read, READ, &got, err));
		digest_add(d, b->read, got);
		TRY(block(b, b->read, got, &held, call, err));
		size += got;
		b->done += got;
		tell(b, b->done);
	} while (got == READ);
	if (held > 0)
		TRY(line(b, b->line, held, call, err));
	digest_end(d, sum);
	co_hex(sum, sizeof(sum), hex);
	b->about.source_size = size;
	return CO_OK;
}

/* ---- steps one and two ---- */
static unsigned
bucket_of(const unsigned char *digest)
{
	return hashset_place(digest, BUCKET_BITS);
}

static enum co_rc
count(struct build *b, const unsigned char *digest, struct co_err *err)
{
	b->counted[bucket_of(digest)]++;
	if (++b->about.count > LIMIT_HASHSET_ENTRIES)
		return co_fail(err, CO_ETOOBIG, "%s has more than %u entries", b->ask->list,
			LIMIT_HASHSET_ENTRIES);
	return CO_OK;
}

static enum co_rc
bucket_flush(struct build *b, unsigned k, struct co_err *err)
{
	const unsigned char *p = b->bufs + (size_t)k * BUCKET_BUF;
	size_t left = b->filled[k];
	uint64_t at = (b->begins[k] + b->written[k]) * b->length;

	while (left > 0) {
		ssize_t w = pwrite(b->scratch, p, left, (off_t)at);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return co_fail_errno(err, "write beside %s", b->ask->out);
		p += w;
		at += (uint64_t)w;
		left -= (size_t)w;
	}
	b->written[k] += b->filled[k] / b->length;
	b->filled[k] = 0;
	return CO_OK;
}

static enum co_rc
scatter(struct build *b, const unsigned char *digest, struct co_err *err)
{
	unsigned k = bucket_of(digest);

	if (b->written[k] + b->filled[k] / b->length >= b->counted[k])
		return co_fail(err, CO_EIO, "%s changed while it was read", b->ask->list);
	if (b->filled[k] + b->length > BUCKET_BUF)
		TRY(bucket_flush(b, k, err));
	memcpy(b->bufs + (size_t)k * BUCKET_BUF + b->filled[k], digest, b->length);
	b->filled[k] += (uint32_t)b->length;
	return CO_OK;
}

static enum co_rc
scatter_all(struct build *b, struct co_err *err)
{
	char hex[SHA256_HEX + 1];
	uint64_t at = 0;

	for (unsigned k = 0; k < BUCKETS; k++) {
		if (b->counted[k] * b->length > LIMIT_HASHSET_BUCKET)
			return co_fail(err, CO_EMALFORMED,
				"%s: %llu entries begin alike; these are no digests",
				b->ask->list, (unsigned long long)b->counted[k]);
		b->begins[k] = at;
		at += b->counted[k];
	}
	TRY(list_read(b, scatter, hex, err));
	if (strcmp(hex, b->about.source_sha256) != 0)
		return co_fail(err, CO_EIO, "%s changed while it was read", b->ask->list);
	for (unsigned k = 0; k < BUCKETS; k++)
		TRY(bucket_flush(b, k, err));
	return CO_OK;
}

/* ---- step three ---- */
static int
order(const void *a, const void *b, void *length)
{
	return memcmp(a, b, *(const size_t *)length);
}

/* Each entry once; returns how many stay. */
static size_t
unique(unsigned char *p, size_t n, size_t length)
{
	size_t kept = n > 0;

	for (size_t i = 1; i < n; i++)
		if (memcmp(p + (kept - 1) * length, p + i * length, length) != 0)
			memmove(p + kept++ * length, p + i * length, length);
	return kept;
}

/* The buckets of the scratch file, sorted, at its beginning again; the count becomes exact. */
static enum co_rc
sort_all(struct build *b, struct co_err *err)
{
	co_auto_free unsigned char *p = malloc(LIMIT_HASHSET_BUCKET);
	uint64_t total = 0;

	if (p == NULL)
		return co_fail(err, CO_ENOMEM, "hash set");
	for (unsigned k = 0; k < BUCKETS; k++) {
		size_t n = (size_t)b->counted[k] * b->length, got, kept;

		if (lseek(b->scratch, (off_t)(b->begins[k] * b->length), SEEK_SET) < 0)
			return co_fail_errno(err, "read beside %s", b->ask->out);
		TRY(co_read_full(b->scratch, p, n, &got, err));
		if (got != n)
			return co_fail(err, CO_EIO, "what was written beside %s is cut",
				b->ask->out);
		qsort_r(p, n / b->length, b->length, order, &b->length);
		kept = unique(p, n / b->length, b->length);
		if (lseek(b->scratch, (off_t)(total * b->length), SEEK_SET) < 0)
			return co_fail_errno(err, "write beside %s", b->ask->out);
		TRY(co_write_all(b->scratch, p, kept * b->length, err));
		total += kept;
	}
	b->about.count = total;
	return CO_OK;
}

/* Entries to the set behind header and index, which is filled on the way. */
static enum co_rc
entries_write(struct build *b, struct co_err *err)
{
	uint64_t n = 0, place = 0, places = hashset_places(b->bits);
	size_t block_n = READ / b->length * b->length, got;

	if (lseek(b->scratch, 0, SEEK_SET) < 0 ||
		lseek(b->out, (off_t)(HASHSET_HEADER + 4 * places), SEEK_SET) < 0)
		return co_fail_errno(err, "write %s", b->ask->out);
	while (n < b->about.count) {
		uint64_t left = (b->about.count - n) * b->length;

		TRY(co_read_full(b->scratch, b->read, left < block_n ? (size_t)left : block_n,
			&got, err));
		if (got == 0)
			return co_fail(err, CO_EIO, "what was written beside %s is cut",
				b->ask->out);
		for (size_t i = 0; i + b->length <= got; i += b->length, n++) {
			uint32_t at = hashset_place((unsigned char *)b->read + i, b->bits);

			while (place <= at)
				b->index[place++] = htole32((uint32_t)n);
		}
		TRY(co_write_all(b->out, b->read, got, err));
	}
	while (place < places)
		b->index[place++] = htole32((uint32_t)b->about.count);
	return CO_OK;
}

static enum co_rc
sum_set(struct build *b, struct co_err *err)
{
	unsigned char sum[SHA256_LEN];
	digest_auto *d = NULL;
	size_t got;

	TRY(digest_new(&d, DIGEST_SHA256, err));
	if (lseek(b->out, HASHSET_HEADER, SEEK_SET) < 0)
		return co_fail_errno(err, "read %s", b->ask->out);
	do {
		TRY(co_read_full(b->out, b->read, READ, &got, err));
		digest_add(d, b->read, got);
	} while (got > 0);
	digest_end(d, sum);
	co_hex(sum, sizeof(sum), b->about.sha256);
	return CO_OK;
}

static enum co_rc
set_write(struct build *b, struct co_err *err)
{
	unsigned char header[HASHSET_HEADER];
	size_t index_n;

	b->bits = hashset_bits(b->about.count);
	index_n = 4 * (size_t)hashset_places(b->bits);
	b->index = malloc(index_n);
	if (b->index == NULL)
		return co_fail(err, CO_ENOMEM, "hash set");
	TRY(entries_write(b, err));
	if (lseek(b->out, HASHSET_HEADER, SEEK_SET) < 0)
		return co_fail_errno(err, "write %s", b->ask->out);
	TRY(co_write_all(b->out, b->index, index_n, err));
	TRY(sum_set(b, err));
	hashset_header(&b->about, header);
	if (lseek(b->out, 0, SEEK_SET) < 0)
		return co_fail_errno(err, "write %s", b->ask->out);
	return co_write_all(b->out, header, sizeof(header), err);
}

/* ---- all of it ---- */
static enum co_rc
kind_named(struct build *b, struct co_err *err)
{
	if (b->ask->kind == NULL)
		return CO_OK;
	for (size_t i = 0; i < CO_ARRAY_LEN(kinds); i++)
		if (strcmp(digest_name(kinds[i]), b->ask->kind) == 0) {
			b->about.kind = kinds[i];
			b->length = digest_len(kinds[i]);
			return CO_OK;
		}
	return co_fail(err, CO_EUSAGE, "a hash set is of sha256, sha1 or md5, not of %s",
		b->ask->kind);
}

static void
name_of(const char *path, char out[HASHSET_NAME])
{
	const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
	size_t n = strlen(name);

	(void)snprintf(out, HASHSET_NAME, "%s", n < HASHSET_NAME ? name
								  : name + n - HASHSET_NAME + 1);
	for (char *c = out; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '_';
}

static enum co_rc
steps(struct build *b, struct co_err *err)
{
	struct stat st;

	if (fstat(b->list, &st) != 0 || !S_ISREG(st.st_mode))
		return co_fail(err, CO_EUSAGE, "%s is no file: it is read twice", b->ask->list);
	b->about.source_size = (uint64_t)st.st_size;
	TRY(list_read(b, count, b->about.source_sha256, err));
	if (b->about.count == 0)
		return co_fail(err, CO_EMALFORMED, "%s has no digest in it", b->ask->list);
	TRY(scatter_all(b, err));
	free(b->bufs);
	b->bufs = NULL;
	TRY(sort_all(b, err));
	return set_write(b, err);
}

static enum co_rc
make_at(struct build *b, const char *part, struct co_err *err)
{
	co_auto_free char *folder = strdup(b->ask->out);
	char *slash = folder == NULL ? NULL : strrchr(folder, '/');
	co_auto_fd scratch = -1, out = -1;

	if (folder == NULL)
		return co_fail(err, CO_ENOMEM, "hash set");
	if (slash != NULL)
		slash[slash == folder] = '\0';
	scratch = open(slash == NULL ? "." : folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (scratch < 0)
		return co_fail_errno(err, "a scratch file in %s", slash == NULL ? "." : folder);
	out = open(part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (out < 0)
		return co_fail_errno(err, "create %s", part);
	b->scratch = scratch;
	b->out = out;
	TRY(steps(b, err));
	if (fsync(out) != 0)
		return co_fail_errno(err, "fsync %s", part);
	/* link: never over another. */
	if (link(part, b->ask->out) != 0)
		return co_fail_errno(err, "name %s", b->ask->out);
	return co_fsync_parent(b->ask->out, err);
}

static void
build_free(struct build **b)
{
	if (*b == NULL)
		return;
	free((*b)->read);
	free((*b)->bufs);
	free((*b)->index);
	if ((*b)->list >= 0)
		close((*b)->list);
	free(*b);
}

enum co_rc
hashset_make(const struct hashset_build *ask, struct hashset_about *about, struct co_err *err)
{
	CO_CLEANUP(build_free) struct build *b = calloc(1, sizeof(*b));
	co_auto_free char *part = NULL;
	enum co_rc rc;

	if (b == NULL)
		return co_fail(err, CO_ENOMEM, "hash set");
	b->ask = ask;
	b->list = -1;
	b->read = malloc(READ);
	b->bufs = malloc((size_t)BUCKETS * BUCKET_BUF);
	if (b->read == NULL || b->bufs == NULL || asprintf(&part, "%s.part", ask->out) < 0)
		return co_fail(err, CO_ENOMEM, "hash set");
	if (access(ask->out, F_OK) == 0)
		return co_fail(err, CO_EEXISTS, "%s is there already; nothing was changed",
			ask->out);
	TRY(kind_named(b, err));
	b->list = open(ask->list, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (b->list < 0)
		return co_fail_errno(err, "open %s", ask->list);
	b->about.known = ask->known;
	b->about.built_us = co_now_us();
	name_of(ask->list, b->about.source);
	name_of(ask->name != NULL ? ask->name : ask->list, b->about.name);
	rc = make_at(b, part, err);
	(void)unlink(part);
	if (rc == CO_OK)
		*about = b->about;
	return rc;
}
