/* The manifest of a container: what is taken must print, in our form, as something that is taken
 * again and says the same. */
#include "evidence/asice.h"

#include "base/limits.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	struct co_err err = { 0 };
	co_auto_buf out;
	asice_auto a = { 0 };
	asice_auto again = { 0 };

	co_buf_init(&out, 4 * LIMIT_XML);
	asice_init(&a);
	asice_init(&again);
	if (asice_read(&a, p, n, &err) != CO_OK)
		return 0;
	for (size_t i = 0; i < a.n; i++)
		if (a.objects[i].media == NULL || a.objects[i].digest_n != SHA256_LEN)
			return 0;
	/* Names with control characters or percent signs do not come back as they were. */
	for (size_t i = 0; i < a.n; i++)
		if (strpbrk(a.objects[i].name, "%\n\r\t") != NULL)
			return 0;
	if (asice_manifest(&a, &out, &err) != CO_OK)
		return 0;
	if (asice_read(&again, out.data, out.len, &err) != CO_OK || again.n != a.n)
		abort();
	for (size_t i = 0; i < a.n; i++)
		if (memcmp(a.objects[i].digest, again.objects[i].digest, SHA256_LEN) != 0)
			abort();
	return 0;
}
