/* A zip from a stranger, taken as somebody's bag and as a container: BagIt, ASiC-E, CMS, RFC
 * 3161. */
#include "evidence/asice.h"
#include "evidence/bag.h"

#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

static void
hear(void *arg, enum verify_mark mark, const char *step, const char *text)
{
	(void)arg;
	(void)mark;
	if (step == NULL || text == NULL)
		abort();
}

static void
judge(enum co_rc rc, const json_t *summary)
{
	/* Bytes of a stranger are never our own mistake. */
	if ((rc == CO_OK) != (summary != NULL) ||
		(rc != CO_OK && rc != CO_EVERIFY && rc != CO_EREFUSED))
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	struct verify_conf conf = { .say = hear };
	struct co_err err = { 0 };
	json_t *summary = NULL;
	char path[64];
	int fd = memfd_create("foreign", MFD_CLOEXEC);
	enum co_rc rc;

	if (fd < 0 || (n > 0 && write(fd, p, n) != (ssize_t)n))
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	(void)verify_kind_of(path);
	rc = bag_verify(&conf, path, &summary, &err);
	judge(rc, summary);
	json_decref(summary);
	summary = NULL;
	co_err_clear(&err);
	rc = asice_verify(&conf, path, &summary, &err);
	judge(rc, summary);
	json_decref(summary);
	close(fd);
	return 0;
}
