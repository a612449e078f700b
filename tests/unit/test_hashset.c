#include "base/limits_examine.h"
#include "test.h"

#include "base/enc.h"
#include "base/fs.h"
#include "examine/answer.h"
#include "examine/hashset.h"

#include <fcntl.h>
#include <sys/stat.h>

static struct co_err err;
static char home[64], list_path[96], set_path[96];

static int
set_up(void **state)
{
	(void)state;
	(void)snprintf(home, sizeof(home), "/tmp/comity-hashset-XXXXXX");
	if (mkdtemp(home) == NULL)
		return -1;
	(void)snprintf(list_path, sizeof(list_path), "%s/list.txt", home);
	(void)snprintf(set_path, sizeof(set_path), "%s/a.hashset", home);
	return 0;
}

static int
tear_down(void **state)
{
	char cmd[128];

	(void)state;
	(void)snprintf(cmd, sizeof(cmd), "rm -rf '%s'", home);
	return system(cmd);
}

static enum co_rc
build(const char *text, const char *kind, struct hashset_about *about)
{
	const struct hashset_build b = {
		.list = list_path, .out = set_path, .known = HASHSET_BAD, .kind = kind
	};

	(void)unlink(set_path);
	co_err_clear(&err);
	assert_ok(co_write_file(list_path, text, strlen(text), 0600, &err));
	return hashset_make(&b, about, &err);
}

static struct hashset *
opened(void)
{
	co_auto_fd fd = open(set_path, O_RDONLY | O_CLOEXEC);
	struct hashset *h = NULL;

	assert_ok(hashset_open(&h, fd, &err));
	return h;
}

static void
number_digest(unsigned n, unsigned char out[SHA256_LEN])
{
	sha256(&n, sizeof(n), out);
}

static void
every_entry_is_found_and_no_other(void **state)
{
	enum { N = 30000 };
	char *text = malloc(N * 70 * 2), *at = text, hex[SHA256_HEX + 1];
	unsigned char digest[SHA256_LEN];
	struct hashset_about about;
	hashset_auto *h = NULL;

	(void)state;
	for (unsigned i = 0; i < N + N / 3; i++) { /* a third stands there twice */
		number_digest(i % N, digest);
		co_hex(digest, sizeof(digest), hex);
		memcpy(at, hex, SHA256_HEX);
		at[SHA256_HEX] = '\n';
		at += SHA256_HEX + 1;
	}
	*at = '\0';
	assert_ok(build(text, NULL, &about));
	free(text);
	assert_int_equal(about.count, N);
	assert_int_equal(about.kind, DIGEST_SHA256);
	h = opened();
	assert_ok(hashset_check(h, &err));
	assert_string_equal(hashset_about(h)->source, "list.txt");
	assert_string_equal(hashset_about(h)->source_sha256, about.source_sha256);
	for (unsigned i = 0; i < N; i++) {
		number_digest(i, digest);
		assert_true(hashset_has(h, digest));
		number_digest(i + N, digest);
		assert_false(hashset_has(h, digest));
	}
}

/* As NSRL RDS writes it: quoted columns, a heading, SHA-1 first, MD5 beside it. */
static void
columns_are_found_by_their_length(void **state)
{
	static const char nsrl[] =
		"\"SHA-1\",\"MD5\",\"CRC32\",\"FileName\"\r\n"
		"\"0000002D9D62AEBE1E0E9DB6C4C4C7C16A163D2C\",\"1D6EBB5A789ABD108FF578263E1F40F3\","
		"\"FFFFFFFF\",\"_sfx_0024._p\"\r\n"
		"# a remark\n\n"
		"\"00000079FD7AAC9B2F9C988C50750E1F50B27EB5\",\"8ED4B4ED952526D89899E723F3488DE4\","
		"\"7A5407CA\",\"deadbeef.txt\"";
	struct hashset_about about;
	hashset_auto *h = NULL;
	unsigned char md5[] = { 0x8e, 0xd4, 0xb4, 0xed, 0x95, 0x25, 0x26, 0xd8, 0x98, 0x99, 0xe7,
		0x23, 0xf3, 0x48, 0x8d, 0xe4 };

	(void)state;
	assert_ok(build(nsrl, NULL, &about));
	assert_int_equal(about.kind, DIGEST_SHA1);
	assert_int_equal(about.count, 2);
	assert_ok(build(nsrl, "md5", &about));
	assert_int_equal(about.kind, DIGEST_MD5);
	h = opened();
	assert_true(hashset_has(h, md5));
	md5[0] ^= 1;
	assert_false(hashset_has(h, md5));
}

static void
bad_lists_are_refused_by_line(void **state)
{
	struct hashset_about about;
	struct stat st;

	(void)state;
	/* Two on a line: which is meant? The same twice is one. */
	assert_int_equal(build("# list\nd41d8cd98f00b204e9800998ecf8427e "
			       "00000000000000000000000000000000\n",
				 NULL, &about),
		CO_EMALFORMED);
	assert_non_null(strstr(err.msg, "line 2: two different"));
	assert_ok(build("d41d8cd98f00b204e9800998ecf8427e D41D8CD98F00B204E9800998ECF8427E.exe\n",
		NULL, &about));
	assert_int_equal(about.count, 1);
	assert_int_equal(build("d41d8cd98f00b204e9800998ecf8427e\nnot a digest\n", NULL, &about),
		CO_EMALFORMED);
	assert_non_null(strstr(err.msg, "line 2"));
	assert_int_equal(stat(set_path, &st), -1);
	assert_int_equal(build("\n# nothing\n", NULL, &about), CO_EMALFORMED);
	assert_int_equal(build("d41d8cd98f00b204e9800998ecf8427e\n", "sha256", &about),
		CO_EMALFORMED);
	assert_int_equal(build("x", "crc32", &about), CO_EUSAGE);
	assert_ok(build("d41d8cd98f00b204e9800998ecf8427e  empty\n", NULL, &about));
	{
		const struct hashset_build b = { .list = list_path, .out = set_path };

		assert_rc(hashset_make(&b, &about, &err), CO_EEXISTS);
	}
}

/* Each byte of a set changed, and each length cut: refused, or found by check; never astray. */
static void
changed_sets_are_refused_or_found_out(void **state)
{
	struct hashset_about about;
	unsigned char digest[SHA256_LEN] = { 0xd4, 0x1d };
	co_auto_buf set;
	co_auto_fd fd = -1;
	size_t refused = 0, found = 0;

	(void)state;
	co_buf_init(&set, 1 << 16);
	assert_ok(build("d41d8cd98f00b204e9800998ecf8427e\n0cc175b9c0f1b6a831c399e269772661\n"
			"92eb5ffee6ae2fec3ad71c777531578f\n",
		NULL, &about));
	assert_ok(co_read_file(set_path, &set, &err));
	fd = open(set_path, O_RDWR | O_CLOEXEC);
	for (size_t i = 0; i < set.len; i++) {
		char was = set.data[i], now = (char)(was ^ 0x41);
		struct hashset *h = NULL;

		assert_int_equal(pwrite(fd, &now, 1, (off_t)i), 1);
		co_err_clear(&err);
		if (hashset_open(&h, fd, &err) != CO_OK) {
			refused++;
		} else {
			(void)hashset_has(h, digest);
			co_err_clear(&err);
			found += hashset_check(h, &err) != CO_OK;
		}
		hashset_close(&h);
		assert_int_equal(pwrite(fd, &was, 1, (off_t)i), 1);
	}
	assert_true(refused > 250);
	assert_int_equal(refused + found, set.len);
	for (size_t n = set.len - 1; n > 0; n -= n > 37 ? 37 : n) {
		struct hashset *h = NULL;

		assert_int_equal(ftruncate(fd, (off_t)n), 0);
		assert_rc(hashset_open(&h, fd, &err), CO_EMALFORMED);
	}
}

/* ---- what an examiner says ---- */
static size_t lines, content_n;

static enum co_rc
take_line(void *arg, const char *type, const json_t *line, struct co_err *e)
{
	(void)arg, (void)line, (void)e;
	lines += strcmp(type, "note") == 0;
	return CO_OK;
}

static enum co_rc
take_content(void *arg, const void *p, size_t n, struct co_err *e)
{
	(void)arg, (void)p, (void)e;
	content_n += n;
	return CO_OK;
}

static enum co_rc
answer_of(const char *text, size_t step, bool with_content)
{
	struct answer a = { .line = take_line, .content = with_content ? take_content : NULL };
	size_t n = strlen(text);
	enum co_rc rc = CO_OK;

	lines = content_n = 0;
	co_err_clear(&err);
	answer_init(&a);
	for (size_t at = 0; at < n && rc == CO_OK; at += step)
		rc = answer_add(&a, text + at, n - at < step ? n - at : step, &err);
	if (rc == CO_OK)
		rc = answer_end(&a, &err);
	answer_deinit(&a);
	return rc;
}

static void
answers_are_taken_apart_wherever_they_are_cut(void **state)
{
	static const char whole[] = "{\"type\":\"note\",\"text\":\"x\"}\n"
				    "{\"type\":\"content\",\"size\":12}\n"
				    "{\"no\nlines}\n"
				    "{\"type\":\"end\"}\n";

	(void)state;
	for (size_t step = 1; step < sizeof(whole); step++) {
		assert_int_equal(answer_of(whole, step, true), CO_OK);
		assert_int_equal(lines, 1);
		assert_int_equal(content_n, 12);
	}
	assert_int_equal(answer_of(whole, 1000, false), CO_EMALFORMED);
}

static void
wrong_answers_are_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"{\"type\":\"note\"}\n",
		"{\"type\":\"end\"}",
		"{\"type\":\"end\"}\n{\"type\":\"end\"}\n",
		"{\"type\":\"shell\"}\n{\"type\":\"end\"}\n",
		"{\"type\":\"end\",\"type\":\"end\"}\n",
		"[1]\n{\"type\":\"end\"}\n",
		"{\"type\":\"content\",\"size\":-1}\n{\"type\":\"end\"}\n",
		"{\"type\":\"content\",\"size\":\"9\"}\n{\"type\":\"end\"}\n",
		"{\"type\":\"content\",\"size\":9}\n{\"t\n",
	};
	char *huge = malloc(LIMIT_EXAMINE_LINE + 2);

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(wrong); i++)
		assert_int_equal(answer_of(wrong[i], 7, true), CO_EMALFORMED);
	memset(huge, ' ', LIMIT_EXAMINE_LINE + 1);
	huge[LIMIT_EXAMINE_LINE + 1] = '\0';
	assert_int_equal(answer_of(huge, 4096, true), CO_EMALFORMED);
	free(huge);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_entry_is_found_and_no_other),
		cmocka_unit_test(columns_are_found_by_their_length),
		cmocka_unit_test(bad_lists_are_refused_by_line),
		cmocka_unit_test(changed_sets_are_refused_or_found_out),
		cmocka_unit_test(answers_are_taken_apart_wherever_they_are_cut),
		cmocka_unit_test(wrong_answers_are_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
