/* A hash set as a file: what is taken answers for every digest, and looks at nothing outside. Then
 * the same bytes as lines of a list. */
#include "examine/hashset.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

static void
as_set(const unsigned char *p, size_t n)
{
	co_auto_fd fd = memfd_create("hashset", MFD_CLOEXEC);
	hashset_auto *h = NULL;
	unsigned char digest[HASHSET_DIGEST];

	if (fd < 0 || write(fd, p, n) != (ssize_t)n || hashset_open(&h, fd, NULL) != CO_OK)
		return;
	for (unsigned i = 0; i < 256; i++) {
		memset(digest, (int)i, sizeof(digest));
		(void)hashset_has(h, digest);
	}
	if (hashset_check(h, NULL) == CO_OK && hashset_about(h)->count > 0 &&
		!hashset_has(h, p + n - digest_len(hashset_about(h)->kind)))
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	static const enum digest_kind kinds[] = { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256 };
	unsigned char digest[HASHSET_DIGEST];
	bool found;

	as_set(p, n);
	for (size_t k = 0; k < CO_ARRAY_LEN(kinds); k++)
		if (hashset_line((const char *)p, n, kinds[k], &found, digest, NULL) == CO_OK &&
			found && n < 2 * digest_len(kinds[k]))
			abort();
	return 0;
}
