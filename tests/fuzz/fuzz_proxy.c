/* What a proxy, or who pretends to be one, says of whom it speaks for. */
#include "network/proxy.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	struct proxies proxies = { .forwarded = n > 0 && (p[0] & 1) != 0 };
	char out[PROXY_ADDRESS], *text;
	unsigned char ip[16];

	if (n == 0 || n > 2 * PROXY_HEADER)
		return 0;
	text = calloc(1, n);
	if (text == NULL)
		return 0;
	memcpy(text, p + 1, n - 1);
	if (proxies_parse(&proxies, "10.0.0.0/8, ::1, 192.0.2.7", NULL) != CO_OK)
		abort();
	proxies_client(&proxies, "10.1.2.3", text, out);
	if (inet_pton(AF_INET, out, ip) != 1 && inet_pton(AF_INET6, out, ip) != 1)
		abort();
	/* A stranger's word counts for nothing. */
	proxies_client(&proxies, "198.51.100.9", text, out);
	if (strcmp(out, "198.51.100.9") != 0)
		abort();
	if (proxies_parse(&proxies, text, NULL) == CO_OK && proxies.n > PROXY_NETS)
		abort();
	free(text);
	return 0;
}
