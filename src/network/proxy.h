/* Who sits behind a proxy: the address that counts sign-ins, taken from what proxies of the house
 * say and from nobody else. Must never believe a word that the reader's own side could have
 * written: the list is read from its end, and the first address that is no proxy of ours is the
 * reader. Formats: X-Forwarded-For as proxies write it, Forwarded (RFC 7239). */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum { PROXY_NETS = 16, PROXY_ADDRESS = 46, PROXY_HEADER = 4096 };

/* IPv4 within ::ffff:0:0/96. */
struct proxy_net {
	unsigned char ip[16];
	unsigned bits;
};
struct proxies {
	struct proxy_net at[PROXY_NETS];
	size_t n;
	bool forwarded; /* the header is Forwarded, not X-Forwarded-For */
};
/* "127.0.0.1, 10.1.0.0/16, ::1"; nothing written on failure. "" is none. */
enum co_rc proxies_parse(struct proxies *out, const char *list, struct co_err *err) CO_NODISCARD;
/* peer: who is connected. header: its value, all lines of that name joined by commas, or NULL. out
 * is the reader's address, else peer. */
void proxies_client(const struct proxies *p, const char *peer, const char *header,
	char out[PROXY_ADDRESS]);
