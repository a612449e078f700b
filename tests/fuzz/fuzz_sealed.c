/* A sealed file from a partner, whole (unseal) and in ranges as it is received (fill). */
#include "vault/vault.h"

#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

static const char id[] = "0196a1b2-0000-7000-8000-00000000c0de";
static const unsigned char key[CHUNKED_KEY] = { 1, 2, 3 };

static struct vault *v;
static char folder[] = "/tmp/comity-fuzz-XXXXXX";

static enum co_rc
sink(void *arg, const void *p, size_t n, struct co_err *err)
{
	(void)p;
	(void)err;
	*(uint64_t *)arg += n;
	return CO_OK;
}

/* Content of at most a megabyte was promised, so that is all that may come. */
static const struct vault_content coded = { VAULT_ZSTD, 1 << 20 };

static void
unseal(const unsigned char *p, size_t n, const struct vault_content *c)
{
	struct co_err err = { 0 };
	struct vault_sums sums;
	uint64_t got = 0;
	int fd = memfd_create("sealed", MFD_CLOEXEC);

	if (fd < 0 || (n > 0 && write(fd, p, n) != (ssize_t)n) || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	if (vault_unseal(fd, id, key, c, sink, &got, &sums, &err) == CO_OK &&
		(got != sums.plain_size || n != sums.sealed_size))
		abort();
	if (c != NULL && got > c->plain_size)
		abort();
	close(fd);
}

static void
fill(const unsigned char *p, size_t n, const struct vault_content *c)
{
	vault_fill_auto *f = NULL;
	struct co_err err = { 0 };
	uint64_t from, len;

	if (n < CHUNKED_HEADER || vault_fill_begin(&f, v, id, key, p, n, c, &err) != CO_OK)
		return;
	while (vault_fill_next(f, 65536, &from, &len)) {
		if (vault_fill_add(f, from, p + from, (size_t)len, &err) != CO_OK) {
			vault_fill_return(f, from, len);
			break;
		}
	}
	/* These digests fit nothing: whatever came, it must not be named. */
	if (vault_fill_end(f, "00", &err) == CO_OK)
		abort();
}

/* The input as what a sender with the key put where zstd should be. */
static void
stored(const unsigned char *p, size_t n)
{
	vault_seal_auto *s = NULL;
	struct co_err err = { 0 };
	struct vault_sums sums;
	uint64_t got = 0;
	int fd;

	if (vault_seal_begin(&s, v, id, key, NULL, &err) != CO_OK ||
		vault_seal_add(s, p, n, &err) != CO_OK || vault_seal_end(s, &sums, &err) != CO_OK ||
		vault_fd(v, id, &fd, &err) != CO_OK)
		abort();
	if (vault_unseal(fd, id, key, &coded, sink, &got, &sums, &err) == CO_OK &&
		got != coded.plain_size)
		abort();
	if (got > coded.plain_size)
		abort();
	close(fd);
	if (vault_remove(v, id, &err) != CO_OK)
		abort();
}

static void
leave(void)
{
	vault_close(&v);
	(void)rmdir(folder);
}

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	struct co_err err = { 0 };

	if (v == NULL) {
		if (mkdtemp(folder) == NULL || vault_open(&v, folder, &err) != CO_OK)
			abort();
		(void)atexit(leave);
	}
	for (int i = 0; i < 2; i++) {
		unseal(p, n, i == 0 ? NULL : &coded);
		fill(p, n, i == 0 ? NULL : &coded);
		/* There is nothing to remove when the size was impossible. */
		co_err_clear(&err);
		if (vault_remove(v, id, &err) != CO_OK && err.rc != CO_ENOTFOUND)
			abort();
	}
	/* Authentic, so that the fuzzer meets the decoder and not only the lock before it. */
	stored(p, n);
	return 0;
}
