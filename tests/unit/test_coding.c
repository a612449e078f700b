/* Content that is compressed before it is sealed: it comes back whole by every way, any zstd
 * program reads it, and a sender who lies about it gets nowhere. */
#include "vault_fixture.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/limits.h"
#include "vault/coding.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <zstd.h>

/* Like a disk: what compresses, what does not, and zeros; free(). */
static unsigned char *
content(size_t n)
{
	unsigned char *p = malloc(n + 1);
	uint32_t x = 12345;

	assert_non_null(p);
	for (size_t i = 0; i < n; i++) {
		x = x * 1664525u + 1013904223u;
		p[i] = (unsigned char)((i >> 17) % 3 == 0 ? x >> 24 : (i >> 17) % 3 == 1 ? i >> 8
			: 0);
	}
	return p;
}

static void
seal(const void *p, size_t n, enum vault_coding coding, struct vault_sums *sums)
{
	const struct vault_how how = { .coding = coding };
	vault_seal_auto *s = NULL;

	assert_ok(vault_seal_begin(&s, vault, id, key, &how, &err));
	assert_ok(vault_seal_add(s, p, n, &err));
	assert_ok(vault_seal_end(s, sums, &err));
}

static enum co_rc
collect(void *arg, const void *p, size_t n, struct co_err *e)
{
	return co_buf_add(arg, p, n, e);
}

/* What lies in the vault, unsealed: as content says, or NULL for the coded bytes themselves. */
static enum co_rc
unseal(const struct vault_content *c, struct co_buf *out, struct vault_sums *sums)
{
	co_auto_fd fd = -1;

	co_buf_init(out, 64u << 20);
	assert_ok(vault_fd(vault, id, &fd, &err));
	return vault_unseal(fd, id, key, c, collect, out, sums, &err);
}

/* The sealed file is fetched from itself: removed, and received again in ranges. */
static enum co_rc
refill(const struct vault_content *c, const struct vault_sums *sums, const char *sha256)
{
	co_auto_free unsigned char *s = malloc((size_t)sums->sealed_size);
	vault_fill_auto *f = NULL;
	co_auto_fd fd = -1;
	uint64_t from, n;
	size_t got;

	assert_non_null(s);
	assert_ok(vault_fd(vault, id, &fd, &err));
	assert_ok(co_read_full(fd, s, (size_t)sums->sealed_size, &got, &err));
	assert_ok(vault_remove(vault, id, &err));
	assert_ok(vault_fill_begin(
		&f, vault, id, key, sums->header, sums->sealed_size, c, &err));
	while (vault_fill_next(f, 100000, &from, &n))
		assert_ok(vault_fill_add(f, from, s + from, (size_t)n, &err));
	return vault_fill_end(f, sha256, &err);
}

/* Around every edge: chunk, frame, and more frames than slots. */
static const size_t sizes[] = { 0, 1, 16383, 16384, 16385, CODING_FRAME - 1, CODING_FRAME,
	CODING_FRAME + 1, 3 * CODING_FRAME, 12 * CODING_FRAME + 12345 };

static void
coded_content_comes_back_whole_by_every_way(void **state)
{
	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(sizes); i++) {
		const struct vault_content c = { VAULT_ZSTD, sizes[i] };
		co_auto_free unsigned char *p = content(sizes[i]);
		struct vault_sums sums, got;
		char hex[SHA256_HEX + 1];
		co_auto_buf out;

		seal(p, sizes[i], VAULT_ZSTD, &sums);
		sha256_hex(p, sizes[i], hex);
		assert_string_equal(sums.plain_sha256, hex);
		assert_int_equal(sums.plain_size, sizes[i]);
		assert_ok(unseal(&c, &out, &got));
		assert_int_equal(out.len, sizes[i]);
		if (sizes[i] > 0)
			assert_memory_equal(out.data, p, sizes[i]);
		assert_string_equal(got.plain_sha256, hex);
		assert_string_equal(got.sealed_sha256, sums.sealed_sha256);
		assert_int_equal(got.sealed_size, sums.sealed_size);
		assert_ok(refill(&c, &sums, hex));
		assert_ok(vault_remove(vault, id, &err));
	}
}

static void
what_says_nothing_takes_no_room(void **state)
{
	enum { N = 8 << 20 };
	co_auto_free unsigned char *p = calloc(1, N);
	struct vault_sums sums;

	(void)state;
	assert_non_null(p);
	seal(p, N, VAULT_ZSTD, &sums);
	assert_true(sums.sealed_size < N / 100);
}

static uint32_t
get32(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The seek table leads to each frame, and zstd's own decoder reads frame and whole alike. */
static void
the_stored_bytes_are_zstd_with_a_seek_table(void **state)
{
	enum { N = 5 * CODING_FRAME + 777, FRAMES = 6, FOOT = 9 };
	co_auto_free unsigned char *p = content(N), *d = malloc(N);
	const unsigned char *z, *entry;
	struct vault_sums sums, got;
	co_auto_buf out;
	size_t at = 0;

	(void)state;
	seal(p, N, VAULT_ZSTD, &sums);
	assert_ok(unseal(NULL, &out, &got));
	z = (const unsigned char *)out.data;
	assert_int_equal(get32(z + out.len - 4), 0x8F92EAB1u);
	assert_int_equal(z[out.len - 5], 0);
	assert_int_equal(get32(z + out.len - FOOT), FRAMES);
	entry = z + out.len - FOOT - 8 * FRAMES;
	assert_int_equal(get32(entry - 8), 0x184D2A5Eu);
	assert_int_equal(get32(entry - 4), 8 * FRAMES + FOOT);
	for (size_t i = 0; i < FRAMES; i++) {
		size_t packed = get32(entry + 8 * i), plain = get32(entry + 8 * i + 4);

		assert_int_equal(plain, i + 1 < FRAMES ? CODING_FRAME : 777);
		assert_int_equal(ZSTD_decompress(d, N, z + at, packed), plain);
		assert_memory_equal(d, p + i * CODING_FRAME, plain);
		at += packed;
	}
	assert_ptr_equal(z + at, entry - 8);
	assert_int_equal(ZSTD_decompress(d, N, z, out.len), N);
	assert_memory_equal(d, p, N);
}

/* What a sender with the key may put in the place of zstd. */
static void
what_is_not_the_promised_zstd_is_refused(void **state)
{
	enum { N = 300000 };
	co_auto_free unsigned char *p = calloc(1, N), *z = malloc(N);
	size_t zn = ZSTD_compress(z, N, p, N, 1);
	const struct {
		const void *stored;
		size_t n;
		uint64_t promised;
	} bad[] = {
		{ "no zstd at all", 14, N },
		{ z, zn, N - 1 },  /* more than promised: a bomb in small */
		{ z, zn, 0 },      /* the same */
		{ z, zn, N + 1 },  /* less */
		{ z, zn - 1, N },  /* cut in the middle of the frame */
		{ z, 0, N },       /* nothing */
	};

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(bad); i++) {
		const struct vault_content c = { VAULT_ZSTD, bad[i].promised };
		struct vault_sums sums, got;
		char hex[SHA256_HEX + 1];
		co_auto_buf out;
		struct stat st;
		char path[120];

		seal(bad[i].stored, bad[i].n, VAULT_AS_IS, &sums);
		assert_rc(unseal(&c, &out, &got), CO_EVERIFY);
		assert_true(out.len <= bad[i].promised);
		sha256_hex(p, N, hex);
		assert_rc(refill(&c, &sums, hex), CO_EVERIFY);
		/* Nothing of it is kept or named. */
		for (size_t k = 0; k < 3; k++) {
			static const char *const ends[] = { "sealed", "part", "map" };

			(void)snprintf(path, sizeof(path), "%s/%s.%s", folder, id, ends[k]);
			assert_int_equal(stat(path, &st), -1);
		}
		if (vault_remove(vault, id, &err) != CO_OK)
			assert_int_equal(err.rc, CO_ENOTFOUND);
		co_err_clear(&err);
	}
}

/* 8 MiB of window is what a reader must have (RFC 8878); more is a way to take memory. */
static void
a_window_beyond_the_limit_is_refused(void **state)
{
	enum { N = 40 << 20 };
	co_auto_free unsigned char *p = content(N), *z = malloc(ZSTD_compressBound(N));
	const struct vault_content c = { VAULT_ZSTD, N };
	ZSTD_CCtx *cctx = ZSTD_createCCtx();
	struct vault_sums sums, got;
	co_auto_buf out;
	size_t n;

	(void)state;
	(void)ZSTD_CCtx_setParameter(cctx, ZSTD_c_windowLog, 25);
	n = ZSTD_compress2(cctx, z, ZSTD_compressBound(N), p, N);
	(void)ZSTD_freeCCtx(cctx);
	assert_false(ZSTD_isError(n));
	seal(z, n, VAULT_AS_IS, &sums);
	assert_rc(unseal(&c, &out, &got), CO_EVERIFY);
}

static void
the_table_is_given_up_beyond_its_ceiling(void **state)
{
	struct seek_table t = { .sizes = NULL };
	unsigned char out[64];

	(void)state;
	for (uint32_t i = 0; i < LIMIT_SEEK_FRAMES; i++)
		assert_ok(seek_add(&t, 100, CODING_FRAME, &err));
	assert_int_equal(seek_print(&t, 0, out, sizeof(out)), sizeof(out));
	assert_ok(seek_add(&t, 100, CODING_FRAME, &err));
	assert_int_equal(seek_print(&t, 0, out, sizeof(out)), 0);
	seek_deinit(&t);
}

static void
a_coding_has_one_name(void **state)
{
	enum vault_coding c;

	(void)state;
	assert_true(vault_coding_find("", &c) && c == VAULT_AS_IS);
	assert_true(vault_coding_find("zstd", &c) && c == VAULT_ZSTD);
	assert_false(vault_coding_find("gzip", &c));
	assert_string_equal(vault_coding_name(VAULT_ZSTD), "zstd");
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(coded_content_comes_back_whole_by_every_way),
		T(what_says_nothing_takes_no_room),
		T(the_stored_bytes_are_zstd_with_a_seek_table),
		T(what_is_not_the_promised_zstd_is_refused),
		T(a_window_beyond_the_limit_is_refused),
		T(the_table_is_given_up_beyond_its_ceiling),
		T(a_coding_has_one_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
