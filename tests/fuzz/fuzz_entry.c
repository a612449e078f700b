/* A directory entry from outside: a record first, then certificates, keys and addresses in it. */
#include "exchange/partner.h"

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	struct partner partner;
	struct record r;

	if (record_parse(&r, p, n, NULL) != CO_OK)
		return 0;
	if (partner_from_entry(&partner, &r, NULL) == CO_OK) {
		if (partner.seal_n == 0 || partner.seal_n > PARTNER_CERTS || partner.root == NULL)
			abort();
		partner_deinit(&partner);
	}
	record_deinit(&r);
	return 0;
}
