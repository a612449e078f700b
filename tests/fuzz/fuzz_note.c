/* A signed note and checkpoint from a partner, against a known key. */
#include "ledger/note.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	static const char vkey[] =
		"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
	struct checkpoint c;
	size_t body_n = 0;

	if (note_open((const char *)p, n, vkey, &body_n, NULL) == CO_OK)
		assert(body_n < n);
	if (checkpoint_open((const char *)p, n, vkey, &c, NULL) == CO_OK)
		assert(strcmp(c.origin, "example.com/foo") == 0);
	if (checkpoint_parse((const char *)p, n, &c, NULL) == CO_OK)
		assert(c.origin[0] != '\0');
	return 0;
}
