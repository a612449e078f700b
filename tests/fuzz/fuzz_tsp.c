/* A time-stamp response from outside, over the digest of "fuzz\n", under a fixed root. */
#include "crypto/tsp.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

static const char root_pem[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIIBwzCCAWqgAwIBAgIQQIIMzd47E8pCGifu/skofjAKBggqhkjOPQQDAjAwMQsw\n"
	"CQYDVQQGEwJUSDEMMAoGA1UECgwDT3JnMRMwEQYDVQQDDAp0aC5jb250YWN0MB4X\n"
	"DTI2MTEyNDA0MDIwNVoXDTM2MTEyMTA0MDIwNlowMDELMAkGA1UEBhMCVEgxDDAK\n"
	"BgNVBAoMA09yZzETMBEGA1UEAwwKdGguY29udGFjdDBZMBMGByqGSM49AgEGCCqG\n"
	"SM49AwEHA0IABDJufGYlFu3AUJeVosvCFlCv056rkWLdH/gAsz5nIZNfXw9boRhC\n"
	"LhCfkThvlc7YLo256Mt34kylevJgSB/QdyOjZjBkMBIGA1UdEwEB/wQIMAYBAf8C\n"
	"AQAwDgYDVR0PAQH/BAQDAgEGMB0GA1UdDgQWBBTUDd93PcprLZ3Lc3QwWXQedutn\n"
	"kTAfBgNVHSMEGDAWgBTUDd93PcprLZ3Lc3QwWXQedutnkTAKBggqhkjOPQQDAgNH\n"
	"ADBEAiAV5ffkHiQNlC5hSKVaMD75Y49LaP7xfYSnwR0FX2CfbQIgXaoq9zu71Xan\n"
	"TzqzujzdcXgg5M81sNQ8fRFa0coFheY=\n"
	"-----END CERTIFICATE-----\n";

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	static struct cert *root; /* kept for the whole run */
	unsigned char digest[SHA256_LEN];
	const struct cert *roots;
	int64_t at;

	if (root == NULL && cert_from_pem(&root, root_pem, strlen(root_pem), NULL) != CO_OK)
		abort();
	roots = root;
	sha256("fuzz\n", 5, digest);
	(void)!tsp_verify(p, n, digest, &roots, 1, &at, NULL);
	return 0;
}
