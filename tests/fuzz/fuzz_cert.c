/* A certificate from outside, as DER and as PEM, then the checks that read its extensions. */
#include "crypto/cert.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

static void
try_uses(const struct cert *c)
{
	for (int use = CERT_ROOT; use <= CERT_TSA; use++)
		(void)!cert_validate(
			c, (enum cert_use)use, cert_not_before_us(c), NULL, 0, &c, 1, NULL);
	if (strlen(cert_subject(c)) > 64 * 1024)
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	cert_auto *der = NULL, *pem = NULL;

	if (cert_from_der(&der, p, n, NULL) == CO_OK)
		try_uses(der);
	if (cert_from_pem(&pem, (const char *)p, n, NULL) == CO_OK)
		try_uses(pem);
	return 0;
}
