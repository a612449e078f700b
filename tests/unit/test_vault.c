#include "vault_fixture.h"

#include "base/fs.h"
#include "vault/vault.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

/* n bytes that are not all alike; free(). */
static unsigned char *
content(size_t n)
{
	unsigned char *p = malloc(n + 1);
	uint32_t x = 12345;

	assert_non_null(p);
	for (size_t i = 0; i < n; i++) {
		x = x * 1664525u + 1013904223u;
		p[i] = (unsigned char)(x >> 24);
	}
	return p;
}

static void
seal(const unsigned char *p, size_t n, struct vault_sums *sums)
{
	vault_seal_auto *s = NULL;

	assert_ok(vault_seal_begin(&s, vault, id, key, NULL, &err));
	/* Odd pieces, so that they do not fall on chunks. */
	for (size_t at = 0; at < n;) {
		size_t part = n - at < 100003 ? n - at : 100003;

		assert_ok(vault_seal_add(s, p + at, part, &err));
		at += part;
	}
	assert_ok(vault_seal_end(s, sums, &err));
}

static unsigned char *
sealed_bytes(size_t *n)
{
	co_auto_fd fd = -1;
	struct stat st;
	unsigned char *p;

	assert_ok(vault_fd(vault, id, &fd, &err));
	assert_int_equal(fstat(fd, &st), 0);
	p = malloc((size_t)st.st_size);
	assert_non_null(p);
	assert_ok(co_read_full(fd, p, (size_t)st.st_size, n, &err));
	return p;
}

struct expect {
	const unsigned char *p;
	size_t n, at;
};

static enum co_rc
same(void *arg, const void *p, size_t n, struct co_err *e)
{
	struct expect *x = arg;

	if (x->at + n > x->n || memcmp(x->p + x->at, p, n) != 0)
		return co_fail(e, CO_EINTERNAL, "other bytes at %zu", x->at);
	x->at += n;
	return CO_OK;
}

static void
check_unseal(const unsigned char *p, size_t n, const struct vault_sums *want)
{
	struct expect x = { p, n, 0 };
	struct vault_sums got;
	co_auto_fd fd = -1;

	assert_ok(vault_fd(vault, id, &fd, &err));
	assert_ok(vault_unseal(fd, id, key, NULL, same, &x, &got, &err));
	assert_int_equal(x.at, n);
	assert_string_equal(got.plain_sha256, want->plain_sha256);
	assert_string_equal(got.sealed_sha256, want->sealed_sha256);
	assert_int_equal(got.plain_size, want->plain_size);
	assert_int_equal(got.sealed_size, want->sealed_size);
}

/* Sizes around every edge: chunk, group, block. */
static const size_t sizes[] = { 0, 1, 16383, 16384, 16385, 262143, 262144, 1048575, 1048576,
	1048577, 3 * 1048576, 5000000 };

static void
sealed_content_comes_back_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(sizes); i++) {
		co_auto_free unsigned char *p = content(sizes[i]);
		co_auto_free unsigned char *s = NULL;
		char hex[SHA256_HEX + 1];
		struct vault_sums sums;
		size_t n;

		seal(p, sizes[i], &sums);
		sha256_hex(p, sizes[i], hex);
		assert_string_equal(sums.plain_sha256, hex);
		assert_int_equal(sums.plain_size, sizes[i]);
		assert_int_equal(sums.sealed_size, chunked_sealed_size(sizes[i]));
		s = sealed_bytes(&n);
		assert_int_equal(n, sums.sealed_size);
		sha256_hex(s, n, hex);
		assert_string_equal(sums.sealed_sha256, hex);
		check_unseal(p, sizes[i], &sums);
		assert_ok(vault_remove(vault, id, &err));
	}
}

static void
sha512_is_given_when_asked(void **state)
{
	static const char abc512[] =
		"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
	vault_seal_auto *s = NULL;
	struct vault_sums sums;

	(void)state;
	assert_ok(vault_seal_begin(&s, vault, id, key,
		&(struct vault_how){ .also = { [DIGEST_SHA512] = true } }, &err));
	assert_ok(vault_seal_add(s, "abc", 3, &err));
	assert_ok(vault_seal_end(s, &sums, &err));
	assert_string_equal(sums.also[DIGEST_SHA512], abc512);
}

static void
names_that_are_no_uuid_are_refused(void **state)
{
	static const char *const bad[] = { "", "../../etc/passwd",
		"0196a1b2-0000-7000-8000-00000000C0DE", "0196a1b2-0000-7000-8000-00000000c0d/",
		"0196a1b2-0000-7000-8000-00000000c0de/.." };
	vault_seal_auto *s = NULL;
	vault_fill_auto *f = NULL;
	unsigned char header[CHUNKED_HEADER] = { 0 };
	uint64_t size;

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(bad); i++) {
		assert_rc(vault_seal_begin(&s, vault, bad[i], key, NULL, &err), CO_EUSAGE);
		assert_rc(vault_fill_begin(&f, vault, bad[i], key, header, 1000, NULL, &err),
			CO_EUSAGE);
		assert_rc(vault_size(vault, bad[i], &size, &err), CO_EUSAGE);
		assert_rc(vault_remove(vault, bad[i], &err), CO_EUSAGE);
	}
}

static void
a_seal_not_ended_leaves_nothing(void **state)
{
	vault_seal_auto *s = NULL;
	uint64_t size;

	(void)state;
	assert_ok(vault_seal_begin(&s, vault, id, key, NULL, &err));
	assert_ok(vault_seal_add(s, "abc", 3, &err));
	vault_seal_free(&s);
	assert_rc(vault_size(vault, id, &size, &err), CO_ENOTFOUND);
	assert_rc(vault_remove(vault, id, &err), CO_ENOTFOUND);
	assert_int_equal(rmdir(folder), 0);
	assert_int_equal(mkdir(folder, 0700), 0);
}

static void
a_second_seal_does_not_replace_the_first(void **state)
{
	vault_seal_auto *s = NULL;
	struct vault_sums sums;

	(void)state;
	seal((const unsigned char *)"abc", 3, &sums);
	assert_rc(vault_seal_begin(&s, vault, id, key, NULL, &err), CO_EEXISTS);
}

static void
open_sweeps_what_a_dead_process_left(void **state)
{
	char path[128];
	struct vault *again;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/%s.seal", folder, id);
	assert_ok(co_write_file(path, "x", 1, 0600, &err));
	assert_ok(vault_open(&again, folder, &err));
	vault_close(&again);
	assert_int_not_equal(access(path, F_OK), 0);
}

/* ---- unsealing what was altered ---- */
static enum co_rc
unseal_altered(const unsigned char *s, size_t n, const unsigned char *with)
{
	co_auto_fd fd = open(folder, O_TMPFILE | O_RDWR, 0600);
	struct vault_sums got;

	assert_true(fd >= 0);
	assert_ok(co_write_all(fd, s, n, &err));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	co_err_clear(&err);
	return vault_unseal(fd, id, with, NULL, NULL, NULL, &got, &err);
}

static void
every_kind_of_alteration_is_found(void **state)
{
	static const unsigned char other[CHUNKED_KEY] = { 9 };
	co_auto_free unsigned char *p = content(2 * 1048576 + 100);
	co_auto_free unsigned char *s = NULL;
	struct vault_sums sums;
	size_t n;

	(void)state;
	seal(p, 2 * 1048576 + 100, &sums);
	s = sealed_bytes(&n);
	assert_int_equal(unseal_altered(s, n, key), CO_OK);
	assert_int_equal(unseal_altered(s, n, other), CO_EVERIFY);
	for (size_t at = 0; at < n; at += n / 37) {
		s[at] ^= 4;
		assert_int_equal(unseal_altered(s, n, key), CO_EVERIFY);
		s[at] ^= 4;
	}
	/* Cut anywhere, also between chunks, and with chunks in another order. */
	assert_int_equal(unseal_altered(s, n - 1, key), CO_EVERIFY);
	assert_int_equal(unseal_altered(s, CHUNKED_HEADER, key), CO_EVERIFY);
	assert_int_equal(unseal_altered(s, CHUNKED_HEADER + 64 * CHUNKED_CIPHER, key), CO_EVERIFY);
	assert_int_equal(unseal_altered(s, CHUNKED_HEADER + 5 * CHUNKED_CIPHER, key), CO_EVERIFY);
	assert_int_equal(unseal_altered(s, 10, key), CO_EVERIFY);
	memmove(s + CHUNKED_HEADER, s + CHUNKED_HEADER + CHUNKED_CIPHER, CHUNKED_CIPHER);
	assert_int_equal(unseal_altered(s, n, key), CO_EVERIFY);
}

/* ---- receiving ---- */
/* Feeds one range in odd pieces; stops after `most` bytes and gives the range back. */
static enum co_rc
feed(struct vault_fill *f, const unsigned char *s, uint64_t from, uint64_t n, uint64_t most)
{
	uint64_t at = 0;
	enum co_rc rc = CO_OK;

	while (rc == CO_OK && at < n && at < most) {
		uint64_t part = n - at < 9973 ? n - at : 9973;

		co_err_clear(&err);
		rc = vault_fill_add(f, from + at, s + from + at, (size_t)part, &err);
		at += part;
	}
	if (rc != CO_OK || at < n)
		vault_fill_return(f, from, n);
	return rc;
}

static enum co_rc
feed_all(struct vault_fill *f, const unsigned char *s, uint64_t range)
{
	uint64_t from, n;

	while (vault_fill_next(f, range, &from, &n)) {
		enum co_rc rc = feed(f, s, from, n, UINT64_MAX);

		if (rc != CO_OK)
			return rc;
	}
	return CO_OK;
}

/* Seals p, takes the sealed bytes and removes them from the vault. */
static unsigned char *
offer(const unsigned char *p, size_t n, struct vault_sums *sums, size_t *sealed_n)
{
	unsigned char *s;

	seal(p, n, sums);
	s = sealed_bytes(sealed_n);
	assert_ok(vault_remove(vault, id, &err));
	return s;
}

static void
ranges_of_every_size_make_the_file_again(void **state)
{
	static const uint64_t ranges[] = { 1, 16400, 100000, 1048576, 4194304 };

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(sizes); i++) {
		co_auto_free unsigned char *p = content(sizes[i]);
		co_auto_free unsigned char *s = NULL;
		struct vault_sums sums;
		size_t n;

		s = offer(p, sizes[i], &sums, &n);
		for (size_t k = 0; k < CO_ARRAY_LEN(ranges); k++) {
			vault_fill_auto *f = NULL;
			uint64_t done, of;

			assert_ok(vault_fill_begin(&f, vault, id, key, sums.header, n, NULL, &err));
			assert_int_equal(feed_all(f, s, ranges[k]), CO_OK);
			assert_ok(vault_fill_end(f, sums.plain_sha256, &err));
			vault_fill_progress(f, &done, &of);
			assert_int_equal(done, n);
			assert_int_equal(of, n);
			check_unseal(p, sizes[i], &sums);
			assert_ok(vault_remove(vault, id, &err));
		}
	}
}

struct puller {
	struct vault_fill *f;
	const unsigned char *s;
	enum co_rc rc;
};

static void *
pull(void *arg)
{
	struct puller *x = arg;
	struct co_err e = { 0 };
	uint64_t from, n;

	while (x->rc == CO_OK && vault_fill_next(x->f, 1048576, &from, &n))
		for (uint64_t at = 0; x->rc == CO_OK && at < n; at += 65536)
			x->rc = vault_fill_add(x->f, from + at, x->s + from + at,
				(size_t)(n - at < 65536 ? n - at : 65536), &e);
	return NULL;
}

static void
four_threads_may_fill_at_once(void **state)
{
	enum { N = 40 * 1048576 + 77, THREADS = 4 };
	co_auto_free unsigned char *p = content(N);
	co_auto_free unsigned char *s = NULL;
	vault_fill_auto *f = NULL;
	struct puller x[THREADS];
	pthread_t t[THREADS];
	struct vault_sums sums;
	size_t n;

	(void)state;
	s = offer(p, N, &sums, &n);
	assert_ok(vault_fill_begin(&f, vault, id, key, sums.header, n, NULL, &err));
	for (int i = 0; i < THREADS; i++) {
		x[i] = (struct puller){ f, s, CO_OK };
		assert_int_equal(pthread_create(&t[i], NULL, pull, &x[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(t[i], NULL);
		assert_int_equal(x[i].rc, CO_OK);
	}
	assert_ok(vault_fill_end(f, sums.plain_sha256, &err));
	check_unseal(p, N, &sums);
}

static void
a_broken_transfer_goes_on_at_the_last_complete_chunk(void **state)
{
	enum { N = 3 * 1048576 + 5 };
	co_auto_free unsigned char *p = content(N);
	co_auto_free unsigned char *s = NULL;
	vault_fill_auto *f = NULL, *g = NULL;
	struct vault_sums sums;
	uint64_t from, len, done, of;
	size_t n;

	(void)state;
	s = offer(p, N, &sums, &n);
	assert_ok(vault_fill_begin(&f, vault, id, key, sums.header, n, NULL, &err));
	assert_true(vault_fill_next(f, 1048576, &from, &len));
	assert_int_equal(feed(f, s, from, len, UINT64_MAX), CO_OK);
	assert_true(vault_fill_next(f, 1048576, &from, &len));
	assert_int_equal(feed(f, s, from, len, 20 * CHUNKED_CIPHER + 100), CO_OK);
	assert_rc(vault_fill_begin(&g, vault, id, key, sums.header, n, NULL, &err), CO_EBUSY);
	assert_rc(vault_fill_end(f, sums.plain_sha256, &err), CO_EBUSY);
	vault_fill_free(&f);

	assert_ok(vault_fill_begin(&f, vault, id, key, sums.header, n, NULL, &err));
	vault_fill_progress(f, &done, &of);
	assert_int_equal(done, CHUNKED_HEADER + 68 * CHUNKED_CIPHER);
	assert_true(vault_fill_next(f, 1048576, &from, &len));
	assert_int_equal(from, done);
	assert_int_equal(feed(f, s, from, len, UINT64_MAX), CO_OK);
	assert_int_equal(feed_all(f, s, 1048576), CO_OK);
	assert_ok(vault_fill_end(f, sums.plain_sha256, &err));
	check_unseal(p, N, &sums);
}

static void
what_the_disk_lost_between_attempts_is_fetched_again(void **state)
{
	enum { N = 3 * 1048576 + 5 };
	co_auto_free unsigned char *p = content(N);
	co_auto_free unsigned char *s = NULL;
	vault_fill_auto *f = NULL;
	struct vault_sums sums;
	char path[128];
	size_t n;
	int fd;
	enum co_rc rc;

	(void)state;
	s = offer(p, N, &sums, &n);
	assert_ok(vault_fill_begin(&f, vault, id, key, sums.header, n, NULL, &err));
	assert_int_equal(feed_all(f, s, 1048576), CO_OK);
	vault_fill_free(&f);
	(void)snprintf(path, sizeof(path), "%s/%s.part", folder, id);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, "\0\0\0\0", 4, CHUNKED_HEADER + 50 * CHUNKED_CIPHER + 9), 4);
	close(fd);

	assert_ok(vault_fill_begin(&f, vault, id, key, sums.header, n, NULL, &err));
	while ((rc = vault_fill_end(f, sums.plain_sha256, &err)) == CO_EBUSY) {
		co_err_clear(&err);
		assert_int_equal(feed_all(f, s, 1048576), CO_OK);
	}
	assert_int_equal(rc, CO_OK);
	check_unseal(p, N, &sums);
}

static void
a_wrong_chunk_is_refused_and_can_be_asked_for_again(void **state)
{
	enum { N = 1048576 + 5 };
	co_auto_free unsigned char *p = content(N);
	co_auto_free unsigned char *s = NULL;
	vault_fill_auto *f = NULL;
	struct vault_sums sums;
	uint64_t done, of;
	size_t n, bad = CHUNKED_HEADER + 20 * CHUNKED_CIPHER + 4000;

	(void)state;
	s = offer(p, N, &sums, &n);
	s[bad] ^= 1;
	assert_ok(vault_fill_begin(&f, vault, id, key, sums.header, n, NULL, &err));
	assert_int_equal(feed_all(f, s, 1048576), CO_EVERIFY);
	assert_non_null(strstr(err.msg, "chunk 20"));
	vault_fill_progress(f, &done, &of);
	assert_int_equal(done, CHUNKED_HEADER + 20 * CHUNKED_CIPHER);
	s[bad] ^= 1;
	assert_int_equal(feed_all(f, s, 1048576), CO_OK);
	assert_ok(vault_fill_end(f, sums.plain_sha256, &err));
	check_unseal(p, N, &sums);
}

static void
a_wrong_key_or_size_is_refused_at_once(void **state)
{
	static const unsigned char other[CHUNKED_KEY] = { 9 };
	co_auto_free unsigned char *p = content(100);
	co_auto_free unsigned char *s = NULL;
	vault_fill_auto *f = NULL;
	struct vault_sums sums;
	size_t n;

	(void)state;
	s = offer(p, 100, &sums, &n);
	assert_rc(vault_fill_begin(&f, vault, id, other, sums.header, n, NULL, &err), CO_EVERIFY);
	sums.header[0] ^= 1;
	assert_rc(vault_fill_begin(&f, vault, id, key, sums.header, n, NULL, &err), CO_EVERIFY);
	sums.header[0] ^= 1;
	assert_rc(vault_fill_begin(&f, vault, id, key, sums.header, CHUNKED_HEADER, NULL, &err),
		CO_EMALFORMED);
	assert_rc(vault_fill_begin(&f, vault, id, key, sums.header, UINT64_MAX, NULL, &err),
		CO_EMALFORMED);
}

static void
bytes_that_were_not_asked_for_are_refused(void **state)
{
	co_auto_free unsigned char *p = content(500000);
	co_auto_free unsigned char *s = NULL;
	vault_fill_auto *f = NULL;
	struct vault_sums sums;
	uint64_t from, len;
	size_t n;

	(void)state;
	s = offer(p, 500000, &sums, &n);
	assert_ok(vault_fill_begin(&f, vault, id, key, sums.header, n, NULL, &err));
	assert_rc(vault_fill_add(f, 0, s, 10, &err), CO_EVERIFY);
	assert_true(vault_fill_next(f, 1048576, &from, &len));
	assert_rc(vault_fill_add(f, 1, s, 10, &err), CO_EVERIFY);
	assert_rc(vault_fill_add(f, 0, s, n, &err), CO_EVERIFY);
	assert_int_equal(feed(f, s, from, len, UINT64_MAX), CO_OK);
}

static void
an_end_with_another_digest_fails_and_keeps_nothing(void **state)
{
	co_auto_free unsigned char *p = content(500000);
	co_auto_free unsigned char *s = NULL;
	vault_fill_auto *f = NULL;
	struct vault_sums sums;
	uint64_t size;
	size_t n;

	(void)state;
	s = offer(p, 500000, &sums, &n);
	assert_ok(vault_fill_begin(&f, vault, id, key, sums.header, n, NULL, &err));
	assert_int_equal(feed_all(f, s, 1048576), CO_OK);
	sums.plain_sha256[0] = sums.plain_sha256[0] == '0' ? '1' : '0';
	assert_rc(vault_fill_end(f, sums.plain_sha256, &err), CO_EVERIFY);
	vault_fill_free(&f);
	assert_rc(vault_size(vault, id, &size, &err), CO_ENOTFOUND);
	assert_rc(vault_remove(vault, id, &err), CO_ENOTFOUND);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(sealed_content_comes_back_whole),
		T(sha512_is_given_when_asked),
		T(names_that_are_no_uuid_are_refused),
		T(a_seal_not_ended_leaves_nothing),
		T(a_second_seal_does_not_replace_the_first),
		T(open_sweeps_what_a_dead_process_left),
		T(every_kind_of_alteration_is_found),
		T(ranges_of_every_size_make_the_file_again),
		T(four_threads_may_fill_at_once),
		T(a_broken_transfer_goes_on_at_the_last_complete_chunk),
		T(what_the_disk_lost_between_attempts_is_fetched_again),
		T(a_wrong_chunk_is_refused_and_can_be_asked_for_again),
		T(a_wrong_key_or_size_is_refused_at_once),
		T(bytes_that_were_not_asked_for_are_refused),
		T(an_end_with_another_digest_fails_and_keeps_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
