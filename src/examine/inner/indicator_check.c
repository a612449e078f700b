/* Is it one? Numbers, domains and accounts; coins are in indicator_coin.c. */
#include "examine/inner/indicator.h"

#include <ctype.h>
#include <string.h>

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
indicator_ipv4(const char *s, size_t n)
{
	size_t i = 0;

	for (int part = 0; part < 4; part++) {
		unsigned v = 0;
		size_t from = i;

		while (i < n && digit(s[i]) && i - from < 3)
			v = v * 10 + (unsigned)(s[i++] - '0');
		if (i == from || v > 255 || (i - from > 1 && s[from] == '0'))
			return false;
		if (part < 3 && (i >= n || s[i++] != '.'))
			return false;
	}
	/* 0.x is a version of something, not a host. */
	return i == n && s[0] != '0';
}

/* "::" at i, and nothing that is none. *gap: there was one before. */
static bool
colon(const char *s, size_t n, size_t *i, bool *gap)
{
	if (*i + 1 < n && s[*i + 1] == ':') {
		if (*gap || (*i + 2 < n && s[*i + 2] == ':'))
			return false;
		*gap = true;
		(*i)++;
		return true;
	}
	return *i > 0 && *i + 1 < n;
}

/* RFC 4291 2.2; the unspecified address and what has less than three groups says nothing. */
bool
indicator_ipv6(const char *s, size_t n)
{
	unsigned groups = 0, digits = 0;
	bool gap = false;

	if (n < 7 || n > 39)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (isxdigit((unsigned char)s[i])) {
			groups += digits++ == 0;
			if (digits > 4)
				return false;
			continue;
		}
		if (s[i] != ':' || !colon(s, n, &i, &gap))
			return false;
		digits = 0;
	}
	return gap ? groups >= 3 && groups < 8 : groups == 8;
}

/* ISO 3166-1 codes that are top-level domains, two letters each, and the common others. */
static const char countries[] =
	"acadaeafagaialamaoaqarasatauawaxazbabbbdbebfbgbhbibjbmbnbobrbsbtbwbybzcacccdcfcgchci"
	"ckclcmcncocrcucvcwcxcyczdedjdkdmdodzeceeegereseteufifjfkfmfofrgagbgdgegfggghgiglgmgn"
	"gpgqgrgsgtgugwgyhkhmhnhrhthuidieiliminiqirisitjejmjojpkekgkhkikmknkpkrkwkykzlalblcli"
	"lklrlsltlulvlymamcmdmemgmhmkmlmmmnmompmqmrmsmtmumvmwmxmymznancnenfngninlnonpnrnunzom"
	"papepfpgphpkplpmpnprpsptpwpyqarerorsrurwsasbscsdsesgshsiskslsmsnsosrssstsvsxsysztctd"
	"tftgthtjtktltmtntotrtttvtwtzuaugukusuyuzvavcvevgvivnvuwfwsyeytzazmzw";
static const char *const generic[] = { "com", "org", "net", "edu", "gov", "mil", "int", "info",
	"biz",
	"name", "pro", "aero", "asia", "cat", "coop", "jobs", "mobi", "museum", "post", "tel",
	"travel", "xxx", "app", "dev", "xyz", "online", "site", "shop", "store", "club", "top",
	"live",
	"tech", "cloud", "space", "world", "news", "blog", "email", "link", "onion", "arpa", "bank",
	"page", "art", "vip", "win", "icu", "run", "agency", "network", "global", "digital", "life",
	"today", "support", "services", "solutions", "group", "systems", "host", "finance", "money",
	"exchange", "trade", "market", "chat", "social", "media", "wiki", "zone", "fun", "bid",
	"loan",
	"click", "work", "buzz", "monster", "quest", "bar", "moe", "wtf", "zip", "mov" };

static bool
top_level(const char *s, size_t n)
{
	if (n == 2)
		for (const char *c = countries; *c != '\0'; c += 2)
			if (strncasecmp(c, s, 2) == 0)
				return true;
	if (n > 4 && strncasecmp(s, "xn--", 4) == 0)
		return true;
	for (size_t i = 0; i < sizeof(generic) / sizeof(generic[0]); i++)
		if (strlen(generic[i]) == n && strncasecmp(generic[i], s, n) == 0)
			return true;
	return false;
}

bool
indicator_domain(const char *s, size_t n)
{
	size_t label = 0, last = 0;
	bool dot = false, letter = false;

	if (n > 253)
		return false;
	for (size_t i = 0; i <= n; i++) {
		if (i == n || s[i] == '.') {
			if (i == label || i - label > 63 || s[label] == '-' || s[i - 1] == '-')
				return false;
			dot = dot || i < n;
			last = label;
			label = i + 1;
		} else if (!isalnum((unsigned char)s[i]) && s[i] != '-') {
			return false;
		} else {
			letter = letter || isalpha((unsigned char)s[i]);
		}
	}
	return dot && letter && top_level(s + last, n - last);
}

/* A label as people write one: in lower case, in upper case, or with a capital at its beginning. */
static bool
label_written(const char *s, size_t n)
{
	size_t upper = 0, lower = 0;

	for (size_t i = 0; i < n; i++) {
		upper += isupper((unsigned char)s[i]) != 0;
		lower += islower((unsigned char)s[i]) != 0;
	}
	return upper == 0 || lower == 0 || (upper == 1 && isupper((unsigned char)s[0]));
}

bool
indicator_domain_bare(const char *s, size_t n)
{
	size_t label = 0, longest = 0, last = 0;

	if (!indicator_domain(s, n))
		return false;
	for (size_t i = 0; i <= n; i++) {
		if (i < n && s[i] != '.')
			continue;
		last = i - label;
		if (!label_written(s + label, last))
			return false;
		if (i < n && last > longest)
			longest = last;
		label = i + 1;
	}
	/* Half of all pairs of letters are a country: before such an end stands more than two. */
	return longest >= (last == 2 ? 3 : 2) && (islower((unsigned char)s[n - 1]) != 0) ==
		(islower((unsigned char)s[n - 2]) != 0);
}

/* The IBAN registry of SWIFT: length by country. */
static const struct {
	char country[3];
	unsigned char length;
} iban_lengths[] = { { "AD", 24 }, { "AE", 23 }, { "AL", 28 }, { "AT", 20 }, { "AZ", 28 }, { "BA",
	20 }, { "BE", 16 }, { "BG", 22 }, { "BH", 22 }, { "BR", 29 }, { "BY", 28 }, { "CH", 21 },
	{ "CR", 22 }, { "CY", 28 }, { "CZ", 24 }, { "DE", 22 }, { "DK", 18 }, { "DO", 28 }, { "EE",
	20 }, { "EG", 29 }, { "ES", 24 }, { "FI", 18 }, { "FO", 18 }, { "FR", 27 }, { "GB", 22 },
	{ "GE", 22 }, { "GI", 23 }, { "GL", 18 }, { "GR", 27 }, { "GT", 28 }, { "HR", 21 }, { "HU",
	28 }, { "IE", 22 }, { "IL", 23 }, { "IQ", 23 }, { "IS", 26 }, { "IT", 27 }, { "JO", 30 },
	{ "KW", 30 }, { "KZ", 20 }, { "LB", 28 }, { "LC", 32 }, { "LI", 21 }, { "LT", 20 }, { "LU",
	20 }, { "LV", 21 }, { "LY", 25 }, { "MC", 27 }, { "MD", 24 }, { "ME", 22 }, { "MK", 19 },
	{ "MR", 27 }, { "MT", 31 }, { "MU", 30 }, { "NL", 18 }, { "NO", 15 }, { "PK", 24 }, { "PL",
	28 }, { "PS", 29 }, { "PT", 25 }, { "QA", 29 }, { "RO", 24 }, { "RS", 22 }, { "SA", 24 },
	{ "SC", 31 }, { "SD", 18 }, { "SE", 24 }, { "SI", 19 }, { "SK", 24 }, { "SM", 27 }, { "ST",
	25 }, { "SV", 28 }, { "TL", 23 }, { "TN", 24 }, { "TR", 26 }, { "UA", 29 }, { "VA", 22 },
	{ "VG", 24 }, { "XK", 20 } };

static bool
iban_length(const char *s, size_t n)
{
	for (size_t i = 0; i < sizeof(iban_lengths) / sizeof(iban_lengths[0]); i++)
		if (memcmp(iban_lengths[i].country, s, 2) == 0)
			return iban_lengths[i].length == n;
	return false;
}

bool
indicator_iban(const char *s, size_t n)
{
	unsigned rest = 0;

	if (n < 15 || n > 34 || !digit(s[2]) || !digit(s[3]) || !iban_length(s, n))
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = s[(i + 4) % n];

		if (digit(c))
			rest = (rest * 10 + (unsigned)(c - '0')) % 97;
		else if (c >= 'A' && c <= 'Z')
			rest = (rest * 100 + (unsigned)(c - 'A') + 10) % 97;
		else
			return false;
	}
	return rest == 1;
}

static bool
luhn(const char *s, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned d = (unsigned)(s[n - 1 - i] - '0') << (i & 1);

		sum += d > 9 ? d - 9 : d;
	}
	return sum % 10 == 0;
}

/* ISO/IEC 7812: first four digits and lengths of the issuers that are met. */
static const struct {
	unsigned short from, to;
	unsigned char least, most;
} issuers[] = { { 4000, 4999, 13, 13 }, { 4000, 4999, 16, 16 }, { 4000, 4999, 19, 19 },
	{ 5100, 5599, 16, 16 }, { 2221, 2720, 16, 16 }, { 3400, 3499, 15, 15 },
	{ 3700, 3799, 15, 15 }, { 3528, 3589, 16, 16 }, { 6011, 6011, 16, 16 },
	{ 6500, 6599, 16, 16 }, { 6440, 6499, 16, 16 }, { 3000, 3059, 14, 14 },
	{ 3600, 3699, 14, 14 }, { 3800, 3899, 14, 14 }, { 6200, 6299, 16, 19 } };

bool
indicator_card(const char *s, size_t n)
{
	unsigned four = 0;

	if (n < 13 || n > 19)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!digit(s[i]))
			return false;
	for (size_t i = 0; i < 4; i++)
		four = four * 10 + (unsigned)(s[i] - '0');
	for (size_t i = 0; i < sizeof(issuers) / sizeof(issuers[0]); i++)
		if (four >= issuers[i].from && four <= issuers[i].to && n >= issuers[i].least &&
			n <= issuers[i].most)
			return luhn(s, n);
	return false;
}
