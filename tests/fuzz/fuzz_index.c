/* manifest-sha256.txt: what parses must print as the same bytes. */
#include "evidence/index.h"

#include "base/limits.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	struct co_err err = { 0 };
	co_auto_buf out;
	index_auto x = { 0 };

	co_buf_init(&out, LIMIT_PACKAGE_MEMBER);
	index_init(&x, INDEX_PAYLOAD);
	if (index_parse(&x, (const char *)p, n, &err) != CO_OK)
		return 0;
	if (index_print(&x, &out, &err) != CO_OK)
		abort();
	if (out.len != n || (n > 0 && memcmp(out.data, p, n) != 0))
		abort();
	return 0;
}
