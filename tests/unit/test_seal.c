#include "pki.h"

#include "base/enc.h"
#include "base/fs.h"
#include "crypto/cms.h"
#include "evidence/seal.h"

#include <fcntl.h>
#include <sys/stat.h>

static struct pki pki;
static char dir[32], source[64];
static struct vault *vault;
static struct co_err err;
static unsigned skipped;

static void
on_skipped(void *arg, const char *path, const char *why)
{
	(void)arg;
	(void)why;
	assert_string_equal(path, "sub/pipe");
	skipped++;
}

static struct seal_recipient to[2];
static struct seal_conf conf;

static int
setup(void **state)
{
	char path[64];

	(void)state;
	co_err_clear(&err);
	scratch_make(dir);
	(void)snprintf(path, sizeof(path), "%s/vault", dir);
	(void)snprintf(source, sizeof(source), "%s/source", dir);
	if (mkdir(source, 0700) != 0 || vault_open(&vault, path, &err) != CO_OK)
		return -1;
	to[0] = (struct seal_recipient){ "th.contact", pki.cert[CERT_SEAL] };
	to[1] = (struct seal_recipient){ "us.contact", pki.cert[CERT_SEAL] };
	conf = (struct seal_conf){ .vault = vault, .to = to, .to_n = 2, .skipped = on_skipped };
	skipped = 0;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	vault_close(&vault);
	scratch_drop(dir);
	return 0;
}

static int
group_setup(void **state)
{
	(void)state;
	pki_make(&pki, KEY_P256);
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	pki_free(&pki);
	return 0;
}

static const char *
text_of(const json_t *o, const char *a, const char *b)
{
	const char *s = json_string_value(json_object_get(json_object_get(o, a), b));

	assert_non_null(s);
	return s;
}

static enum co_rc
to_fd(void *arg, const void *p, size_t n, struct co_err *e)
{
	return co_write_all(*(const int *)arg, p, n, e);
}

/* Opens the exhibit as recipient address with its private key; the content goes to dir/name. */
static void
open_exhibit(const json_t *o, const char *address, const char *name)
{
	const char *id = json_string_value(json_object_get(o, "id"));
	const char *wrapped = text_of(o, "wrapped", address);
	struct vault_sums sums;
	co_auto_fd fd = -1, out = -1;
	co_auto_buf der;
	co_auto_buf key;
	char path[128];

	co_buf_init(&der, LIMIT_SIGNATURE);
	co_buf_init(&key, 64);
	assert_ok(co_unbase64(wrapped, strlen(wrapped), &der, &err));
	assert_ok(
		cms_unwrap(pki.key[CERT_SEAL], pki.cert[CERT_SEAL], der.data, der.len, &key, &err));
	assert_int_equal(key.len, CHUNKED_KEY);
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	out = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(out >= 0);
	assert_ok(vault_fd(vault, id, &fd, &err));
	assert_ok(vault_unseal(fd, id, (const unsigned char *)key.data, NULL, to_fd, &out, &sums,
		&err));
	assert_string_equal(sums.plain_sha256, text_of(o, "plain", "sha256"));
	assert_string_equal(sums.sealed_sha256, text_of(o, "sealed", "sha256"));
	assert_int_equal(sums.plain_size,
		json_integer_value(json_object_get(json_object_get(o, "plain"), "size")));
}

static void
a_file_is_sealed_for_each_recipient(void **state)
{
	char path[128];
	json_t *o = NULL;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/mail.eml", source);
	assert_ok(co_write_file(path, "Subject: x\n\nhello\n", 18, 0600, &err));
	conf.how.also[DIGEST_SHA512] = true;
	assert_ok(seal_path(&conf, path, &o, &err));
	assert_string_equal(json_string_value(json_object_get(o, "name")), "mail.eml");
	assert_string_equal(json_string_value(json_object_get(o, "media")), "message/rfc822");
	assert_null(json_object_get(o, "files"));
	assert_int_equal(strlen(text_of(o, "plain", "sha512")), SHA512_HEX);
	open_exhibit(o, "th.contact", "out");
	assert_int_equal(scratch_run(dir, "cmp out source/mail.eml"), 0);
	open_exhibit(o, "us.contact", "out2");
	assert_int_equal(scratch_run(dir, "cmp out2 source/mail.eml"), 0);
	json_decref(o);
}

static void
a_folder_becomes_a_tar_that_tar_reads(void **state)
{
	json_t *o = NULL;

	(void)state;
	assert_int_equal(
		scratch_run(dir,
			"cd source && mkdir sub empty && echo a >a && "
			"head -c 3000000 /dev/urandom >sub/big && ln -s /etc/passwd sub/link && "
			"mkfifo sub/pipe && echo x >'sub/ชื่อ.txt'"),
		0);
	assert_ok(seal_path(&conf, source, &o, &err));
	assert_string_equal(json_string_value(json_object_get(o, "name")), "source.tar");
	assert_string_equal(json_string_value(json_object_get(o, "media")), "application/x-tar");
	assert_int_equal(json_integer_value(json_object_get(o, "files")), 3);
	assert_int_equal(skipped, 1);
	open_exhibit(o, "th.contact", "out.tar");
	assert_int_equal(
		scratch_run(dir,
			"mkdir again && tar -xf out.tar -C again && "
			"rm source/sub/pipe && diff -r --no-dereference source again && "
			"[ \"$(readlink again/sub/link)\" = /etc/passwd ] && [ -d again/empty ]"),
		0);
	json_decref(o);
}

static void
the_same_folder_gives_the_same_digest(void **state)
{
	json_t *a = NULL, *b = NULL;

	(void)state;
	assert_int_equal(scratch_run(dir, "cd source && for i in 3 1 2; do echo $i >f$i; done"), 0);
	assert_ok(seal_path(&conf, source, &a, &err));
	/* Reading changes access times; a copy changes inodes and the order in the folder. */
	assert_int_equal(scratch_run(dir,
				 "cat source/* && mv source old && mkdir source && "
				 "cp -a old/f2 old/f3 old/f1 source/"),
		0);
	assert_ok(seal_path(&conf, source, &b, &err));
	assert_string_equal(text_of(a, "plain", "sha256"), text_of(b, "plain", "sha256"));
	assert_string_not_equal(text_of(a, "sealed", "sha256"), text_of(b, "sealed", "sha256"));
	json_decref(a);
	json_decref(b);
}

struct grower {
	const char *path;
	bool done;
};

static void
grow(void *arg, uint64_t done, uint64_t of)
{
	struct grower *g = arg;
	int fd;

	(void)done;
	(void)of;
	if (g->done)
		return;
	g->done = true;
	fd = open(g->path, O_WRONLY | O_APPEND);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "more", 4), 4);
	close(fd);
}

static void
a_source_that_changes_is_not_sealed(void **state)
{
	char path[128];
	struct grower g = { path, false };
	json_t *o = NULL;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/live.log", source);
	assert_int_equal(scratch_run(dir, "head -c 4000000 /dev/zero >source/live.log"), 0);
	conf.progress = grow;
	conf.arg = &g;
	assert_rc(seal_path(&conf, path, &o, &err), CO_ECONFLICT);
	g.done = false;
	assert_rc(seal_path(&conf, source, &o, &err), CO_ECONFLICT);
	assert_null(o);
	/* Nothing is left, neither named nor half. */
	assert_int_equal(scratch_run(dir, "[ -z \"$(ls -A vault)\" ]"), 0);
}

static void
what_is_no_evidence_is_refused(void **state)
{
	char path[128];
	json_t *o = NULL;

	(void)state;
	assert_rc(seal_path(&conf, "/dev/null", &o, &err), CO_EUSAGE);
	(void)snprintf(path, sizeof(path), "%s/none", source);
	assert_rc(seal_path(&conf, path, &o, &err), CO_ENOTFOUND);
	conf.name = "../x";
	assert_rc(seal_path(&conf, source, &o, &err), CO_EUSAGE);
	conf.name = "bad\xff";
	assert_rc(seal_path(&conf, source, &o, &err), CO_EUSAGE);
	conf.name = NULL;
	conf.to_n = 0;
	assert_rc(seal_path(&conf, source, &o, &err), CO_EUSAGE);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_file_is_sealed_for_each_recipient),
		T(a_folder_becomes_a_tar_that_tar_reads),
		T(the_same_folder_gives_the_same_digest),
		T(a_source_that_changes_is_not_sealed),
		T(what_is_no_evidence_is_refused),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
