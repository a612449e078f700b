/* Finding what leads further in bytes of any sort: addresses of mail, telephones, networks, pages,
 * domains, coins and accounts, in UTF-8 and in UTF-16LE. What has a check digit is checked, what
 * could be anything is left out. Pure: bytes in, hits out; hostile bytes cost time in proportion to
 * their number. Kinds: docs/examine.md. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INDICATOR_MAP(X) \
	X(EMAIL, "email") \
	X(PHONE, "phone") \
	X(IPV4, "ipv4") \
	X(IPV6, "ipv6") \
	X(URL, "url") \
	X(DOMAIN, "domain") \
	X(BITCOIN, "bitcoin") \
	X(ETHEREUM, "ethereum") \
	X(IBAN, "iban") \
	X(CARD, "card")
#define INDICATOR_ENUM(name, text) INDICATOR_##name,
enum indicator { INDICATOR_MAP(INDICATOR_ENUM) INDICATOR_N };
#undef INDICATOR_ENUM
const char *indicator_name(enum indicator k);

enum { INDICATOR_MOST = 256 }; /* bytes of one; what is longer is cut off or left out */

struct indicator_hit {
	enum indicator kind;
	uint64_t at; /* of its first byte */
	bool wide;   /* it stood there as UTF-16LE */
	char text[INDICATOR_MOST + 1]; /* ASCII; telephones and accounts without separators */
};
/* false ends the search. */
typedef bool indicator_call(void *arg, const struct indicator_hit *hit);

/* Bytes p to p + n, which stand at offset at of the whole. Told are hits that begin at p + from or
 * later and before p + to; what stands around is there so that they can be seen whole, and so that
 * half of one is not taken for one: INDICATOR_AROUND bytes on both sides, where there are any.
 * kinds: bits of enum indicator. Returns false when call did. */
enum { INDICATOR_AROUND = 2 * INDICATOR_MOST + 2 };
bool indicator_search(const unsigned char *p, size_t n, size_t from, size_t to, uint64_t at,
	unsigned kinds, indicator_call *call, void *arg);

/* ---- what indicator_search judges by; the text has no end of its own ---- */
bool indicator_ipv4(const char *s, size_t n);
bool indicator_ipv6(const char *s, size_t n);
bool indicator_domain(const char *s, size_t n); /* ends in a top-level domain that is in use */
/* Standing alone, as no part of an address of mail or of a page: stricter, because random bytes
 * have many that only look like one. */
bool indicator_domain_bare(const char *s, size_t n);
bool indicator_iban(const char *s, size_t n);   /* length of its country, ISO 7064 */
bool indicator_card(const char *s, size_t n);   /* issuer's range, length, Luhn */
bool indicator_bitcoin(const char *s, size_t n); /* base58check, bech32, bech32m */
/* *checked: its case carries a checksum (EIP-55), and that holds. */
bool indicator_ethereum(const char *s, size_t n, bool *checked);
