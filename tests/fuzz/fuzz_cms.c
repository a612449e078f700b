/* A detached signature from outside. The allowed certificate is the one it carries, so that the
 * whole check runs; corpus files sign "fuzz\n". */
#include "crypto/cms.h"

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	cert_auto *claimed = NULL;
	const struct cert *allowed;
	struct cms_seen seen, again;

	if (cms_claimed_signer(&claimed, p, n, NULL) != CO_OK) {
		(void)!cms_verify(p, n, "fuzz\n", 5, NULL, 0, NULL, NULL);
		return 0;
	}
	allowed = claimed;
	if (cms_verify(p, n, "fuzz\n", 5, &allowed, 1, &seen, NULL) != CO_OK)
		return 0;
	/* Now by the form that was kept: the same judgement, and no other content. */
	if (cms_verify(p, n, "fuzz\n", 5, &allowed, 1, &again, NULL) != CO_OK ||
		again.signing_time_us != seen.signing_time_us ||
		cms_verify(p, n, "fuzz", 4, &allowed, 1, NULL, NULL) == CO_OK)
		abort();
	return 0;
}
