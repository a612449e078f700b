/* A verifier key from a directory entry; what is accepted prints as the same text. */
#include "ledger/note.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	char name[LIMIT_NAME + 1];
	unsigned char pub[ED25519_PUB];
	co_auto_buf text, out;

	co_buf_init(&text, n + 1);
	co_buf_init(&out, n + 1024);
	if (co_buf_add(&text, p, n, NULL) != CO_OK || text.data == NULL ||
		vkey_parse(text.data, name, pub, NULL) != CO_OK)
		return 0;
	if (vkey_print(name, pub, &out, NULL) == CO_OK)
		assert(strcmp(out.data, text.data) == 0);
	return 0;
}
