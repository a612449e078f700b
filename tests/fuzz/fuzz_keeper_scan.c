/* What the keeper would sign: whatever passes must begin as the scanner promises. */
#include "crypto/keeper_ipc.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	static const char head[] = "{\"comity\":1,\"kind\":\"",
			  from[] = ",\"from\":\"th.contact\",\"to\":",
			  origin[] = "th.contact/ledger\n", xml[] = "<?xml version=\"1.0\"";
	struct keeper_mark m;

	if (keeper_scan_record(p, n, "th.contact") &&
		(memcmp(p, head, strlen(head)) != 0 || memmem(p, n, from, strlen(from)) == NULL))
		abort();
	if (keeper_scan_checkpoint((const char *)p, n, "th.contact/ledger", &m) &&
		(memcmp(p, origin, strlen(origin)) != 0 || memchr(p, '{', n) != NULL))
		abort();
	if (keeper_scan_container(p, n) && (memcmp(p, xml, strlen(xml)) != 0 || memchr(p, '{',
		n) != NULL))
		abort();
	return 0;
}
