/* A whole package from a stranger: zip, index, entries, records, proofs, tokens, manifests. */
#include "evidence/verify.h"

#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

static void
hear(void *arg, enum verify_mark mark, const char *step, const char *text)
{
	(void)arg;
	(void)mark;
	if (step == NULL || text == NULL)
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	struct verify_conf conf = { .say = hear };
	struct co_err err = { 0 };
	json_t *summary = NULL;
	char path[64];
	int fd = memfd_create("package", MFD_CLOEXEC);
	enum co_rc rc;

	if (fd < 0 || (n > 0 && write(fd, p, n) != (ssize_t)n))
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rc = verify_package(&conf, path, &summary, &err);
	/* Bytes of a stranger are never our own mistake. */
	if ((rc == CO_OK) != (summary != NULL) || (rc != CO_OK && rc != CO_EVERIFY))
		abort();
	json_decref(summary);
	close(fd);
	return 0;
}
