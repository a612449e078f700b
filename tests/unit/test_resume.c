/* A sealing that was stopped, anywhere, becomes byte for byte what it would have become. */
#include "pki.h"

#include "base/fs.h"
#include "vault/resume.h"

#include <fcntl.h>
#include <sys/stat.h>

static const char id[] = "0196a1b2-0000-7000-8000-00000000c0de";
static const unsigned char key[CHUNKED_KEY] = { 9 };
static struct co_err err;
static char dir[32], whole_dir[64], part_dir[64];
static struct vault *whole_vault, *part_vault;

enum { MOST = 3 * 1048576 + 12345 };
static unsigned char content[MOST];
static unsigned char *whole;
static size_t whole_n;

static int
setup(void **state)
{
	unsigned seed = 7;

	(void)state;
	co_err_clear(&err);
	scratch_make(dir);
	(void)snprintf(whole_dir, sizeof(whole_dir), "%s/whole", dir);
	(void)snprintf(part_dir, sizeof(part_dir), "%s/part", dir);
	for (size_t i = 0; i < MOST; i++) {
		seed = seed * 1103515245u + 12345u;
		/* A third each of what compresses well, a little, and not at all. */
		content[i] = i < MOST / 3 ? 0
			: i < MOST / 3 * 2 ? (unsigned char)('a' + (seed >> 16) % 20)
					   : (unsigned char)(seed >> 16);
	}
	return vault_open(&whole_vault, whole_dir, &err) == CO_OK &&
			vault_open(&part_vault, part_dir, &err) == CO_OK
		? 0
		: -1;
}

static int
teardown(void **state)
{
	(void)state;
	free(whole);
	whole = NULL;
	vault_close(&whole_vault);
	vault_close(&part_vault);
	scratch_drop(dir);
	return 0;
}

static void
file_path(char out[128], const char *folder, const char *suffix)
{
	(void)snprintf(out, 128, "%s/%s%s", folder, id, suffix);
}

static void
seal_whole(const struct vault_how *how, size_t n, struct vault_sums *sums)
{
	vault_seal_auto *s = NULL;
	co_auto_fd fd = -1;
	struct stat st;
	char path[128];
	size_t got;

	file_path(path, whole_dir, ".sealed");
	(void)unlink(path);
	assert_ok(vault_seal_begin(&s, whole_vault, id, key, how, &err));
	assert_ok(vault_seal_add(s, content, n, &err));
	assert_ok(vault_seal_end(s, sums, &err));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0 && fstat(fd, &st) == 0);
	free(whole);
	whole_n = (size_t)st.st_size;
	whole = malloc(whole_n);
	assert_non_null(whole);
	assert_ok(co_read_full(fd, whole, whole_n, &got, &err));
	assert_int_equal(got, whole_n);
}

/* The first n bytes of the sealed file are what the stop left; byte `hurt` of them is damaged. */
static void
leave(size_t n, size_t hurt)
{
	char path[128];
	unsigned char was = whole[hurt < whole_n ? hurt : 0];

	file_path(path, part_dir, ".sealed");
	(void)unlink(path);
	file_path(path, part_dir, ".take");
	(void)unlink(path);
	if (hurt < n)
		whole[hurt] ^= 0x40;
	assert_ok(co_write_file(path, whole, n, 0600, &err));
	if (hurt < n)
		whole[hurt] = was;
}

static void
go_on(const struct vault_how *how, size_t n, const struct vault_sums *want)
{
	vault_seal_auto *s = NULL;
	struct vault_kept kept;
	struct vault_sums sums;
	co_auto_buf made;
	char path[128], hex[SHA256_HEX + 1];

	co_buf_init(&made, 2 * MOST);
	assert_ok(vault_seal_resume(&s, part_vault, id, key, how, &kept, &err));
	assert_true(kept.plain_at <= n);
	if (kept.plain_at > 0) {
		sha256_hex(content, (size_t)kept.plain_at, hex);
		assert_string_equal(kept.sha256, hex);
	}
	assert_ok(vault_seal_add(s, content + kept.plain_at, n - (size_t)kept.plain_at, &err));
	assert_ok(vault_seal_end(s, &sums, &err));
	file_path(path, part_dir, ".sealed");
	assert_ok(co_read_file(path, &made, &err));
	assert_int_equal(sums.plain_size, n);
	assert_string_equal(sums.plain_sha256, want->plain_sha256);
	assert_string_equal(sums.also[DIGEST_MD5], want->also[DIGEST_MD5]);
	assert_int_equal(sums.sealed_size, made.len);
	sha256_hex(made.data, made.len, hex);
	assert_string_equal(sums.sealed_sha256, hex);
	/* Under a header of its own when nothing was left. */
	if (memcmp(made.data, whole, CHUNKED_HEADER) == 0) {
		assert_int_equal(made.len, whole_n);
		assert_memory_equal(made.data, whole, whole_n);
	}
}

static const size_t sizes[] = { 0, 1, CHUNKED_PLAIN, 524288, 524288 * 2, MOST };

static void
every_cut_is_gone_on_with(enum vault_coding coding)
{
	struct vault_how how = { .coding = coding, .also = { [DIGEST_MD5] = true }, .stays = true };

	for (size_t i = 0; i < CO_ARRAY_LEN(sizes); i++) {
		struct vault_sums sums;
		size_t step;

		seal_whole(&how, sizes[i], &sums);
		step = whole_n / 23 + 1;
		for (size_t cut = 0; cut <= whole_n; cut += step) {
			leave(cut, SIZE_MAX);
			go_on(&how, sizes[i], &sums);
		}
		for (size_t c = 0; CHUNKED_HEADER + c * CHUNKED_CIPHER <= whole_n; c += 1 + c / 4) {
			leave(CHUNKED_HEADER + c * CHUNKED_CIPHER, SIZE_MAX);
			go_on(&how, sizes[i], &sums);
		}
		leave(whole_n, SIZE_MAX);
		go_on(&how, sizes[i], &sums);
	}
}

static void
as_it_is_every_cut_is_gone_on_with(void **state)
{
	(void)state;
	every_cut_is_gone_on_with(VAULT_AS_IS);
}

static void
compressed_every_cut_is_gone_on_with(void **state)
{
	(void)state;
	every_cut_is_gone_on_with(VAULT_ZSTD);
}

static void
what_the_disk_damaged_is_cut_off(void **state)
{
	struct vault_how how = { .coding = VAULT_ZSTD, .also = { [DIGEST_MD5] = true },
		.stays = true };
	struct vault_sums sums;

	(void)state;
	seal_whole(&how, MOST, &sums);
	for (size_t hurt = CHUNKED_HEADER; hurt < whole_n; hurt += whole_n / 17) {
		leave(whole_n - whole_n / 5, hurt);
		go_on(&how, MOST, &sums);
	}
	/* With another header nothing can be read. */
	leave(whole_n / 2, 30);
	{
		vault_seal_auto *s = NULL;
		struct vault_kept kept;

		assert_rc(vault_seal_resume(&s, part_vault, id, key, &how, &kept, &err),
			CO_EVERIFY);
	}
}

static void
another_source_is_noticed_before_anything_is_written(void **state)
{
	struct vault_how how = { .coding = VAULT_ZSTD, .stays = true };
	vault_seal_auto *s = NULL;
	struct vault_kept kept;
	struct vault_sums sums;
	struct stat st;
	char path[128];
	off_t before;
	enum co_rc rc;

	(void)state;
	seal_whole(&how, MOST, &sums);
	leave(whole_n - whole_n / 10, SIZE_MAX);
	assert_ok(vault_seal_resume(&s, part_vault, id, key, &how, &kept, &err));
	file_path(path, part_dir, ".take");
	assert_int_equal(stat(path, &st), 0);
	before = st.st_size;
	content[kept.plain_at + 3] ^= 1;
	rc = vault_seal_add(s, content + kept.plain_at, MOST - (size_t)kept.plain_at, &err);
	if (rc == CO_OK)
		rc = vault_seal_end(s, &sums, &err);
	content[kept.plain_at + 3] ^= 1;
	assert_int_equal(rc, CO_EIO);
	assert_non_null(strstr(err.msg, "other bytes than before the stop"));
	co_err_clear(&err);
	vault_seal_free(&s);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, before);
}

static void
one_process_at_a_time_goes_on(void **state)
{
	struct vault_how how = { .stays = true };
	vault_seal_auto *a = NULL, *b = NULL;
	struct vault_kept kept;
	struct vault_sums sums, again;

	(void)state;
	assert_ok(vault_seal_begin(&a, part_vault, id, key, &how, &err));
	assert_rc(vault_seal_resume(&b, part_vault, id, key, &how, &kept, &err), CO_EBUSY);
	assert_rc(vault_seal_drop(part_vault, id, &err), CO_EBUSY);
	assert_ok(vault_seal_add(a, content, 100000, &err));
	vault_seal_free(&a);
	/* It stayed; another vault opened beside it does not sweep it. */
	{
		vault_auto *v = NULL;

		assert_ok(vault_open(&v, part_dir, &err));
	}
	assert_ok(vault_seal_resume(&b, part_vault, id, key, &how, &kept, &err));
	assert_ok(vault_seal_add(b, content + kept.plain_at, 100000 - (size_t)kept.plain_at, &err));
	assert_ok(vault_seal_end(b, &sums, &err));
	vault_seal_free(&b);
	assert_rc(vault_seal_resume(&b, part_vault, id, key, &how, &kept, &err), CO_EEXISTS);
	assert_ok(vault_seal_sums(part_vault, id, key, &how, NULL, NULL, &again, &err));
	assert_memory_equal(&again, &sums, sizeof(sums));
	assert_ok(vault_seal_drop(part_vault, id, &err));
	assert_ok(vault_seal_sums(part_vault, id, key, &how, NULL, NULL, &again, &err));
}

static void
notes_are_whole_or_not_there(void **state)
{
	co_auto_buf b;

	(void)state;
	co_buf_init(&b, 100);
	assert_rc(vault_note_read(part_vault, id, &b, &err), CO_ENOTFOUND);
	assert_ok(vault_note_write(part_vault, id, "one", 3, &err));
	assert_ok(vault_note_write(part_vault, id, "second", 6, &err));
	assert_ok(vault_note_read(part_vault, id, &b, &err));
	assert_string_equal(b.data, "second");
	assert_rc(vault_note_write(part_vault, "../x", "y", 1, &err), CO_EUSAGE);
	assert_ok(vault_note_remove(part_vault, id, &err));
	assert_ok(vault_note_remove(part_vault, id, &err));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(as_it_is_every_cut_is_gone_on_with),
		T(compressed_every_cut_is_gone_on_with),
		T(what_the_disk_damaged_is_cut_off),
		T(another_source_is_noticed_before_anything_is_written),
		T(one_process_at_a_time_goes_on),
		T(notes_are_whole_or_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
