/* A wrapped file key from outside. The key must be ours for the decryption to be reached, so the
 * input is a mask laid over a good EnvelopedData made at the start of the run. */
#include "openssl_guard.h"

#include "base/clock.h"
#include "base/limits.h"
#include "crypto/cms.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

static struct key *key;
static struct cert *cert;
static struct co_buf good;

static void
prepare(void)
{
	struct cert_ask ask = { .use = CERT_SEAL, .name = "fuzz", .from_us = co_now_us(),
		.to_us = co_now_us() + INT64_C(86400000000) };
	const struct cert *to;

	co_buf_init(&good, LIMIT_SIGNATURE);
	if (key_generate(&key, KEY_P256, NULL) != CO_OK ||
		cert_issue(&cert, &ask, key, NULL, key, NULL) != CO_OK)
		abort();
	to = cert;
	if (cms_wrap("0123456789abcdef0123456789abcdef", 32, &to, 1, &good, NULL) != CO_OK)
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	unsigned char *der;
	co_auto_buf out;

	if (key == NULL)
		prepare();
	co_buf_init(&out, LIMIT_SIGNATURE);
	der = malloc(good.len);
	if (der == NULL)
		abort();
	memcpy(der, good.data, good.len);
	for (size_t i = 0; i < n && i < good.len; i++)
		der[i] ^= p[i];
	(void)!cms_unwrap(key, cert, der, good.len, &out, NULL);
	free(der);
	return 0;
}
