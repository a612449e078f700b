/* Addresses of coins, each with its checksum. Formats: Bitcoin base58check; BIP 173, BIP 350;
 * EIP-55, whose Keccak-256 is the one before FIPS 202 and so in no library here. */
#include "examine/inner/indicator.h"

#include "crypto/digest.h"

#include <ctype.h>
#include <string.h>

/* ---- base58check ---- */
static int
base58(char c)
{
	static const char digits[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits);
}

static bool
base58check(const char *s, size_t n)
{
	unsigned char raw[25] = { 0 }, sum[SHA256_LEN];
	size_t zeros = 0, ones = 0;

	for (size_t i = 0; i < n; i++) {
		int digit = base58(s[i]);
		unsigned carry = (unsigned)digit;

		if (digit < 0)
			return false;
		for (size_t k = sizeof(raw); k > 0; k--) {
			carry += raw[k - 1] * 58u;
			raw[k - 1] = (unsigned char)carry;
			carry >>= 8;
		}
		if (carry != 0)
			return false;
	}
	while (ones < n && s[ones] == '1')
		ones++;
	while (zeros < sizeof(raw) && raw[zeros] == 0)
		zeros++;
	/* 0: to a key's hash, 5: to a script's. */
	if (ones != zeros || (raw[0] != 0 && raw[0] != 5))
		return false;
	sha256(raw, 21, sum);
	sha256(sum, sizeof(sum), sum);
	return memcmp(sum, raw + 21, 4) == 0;
}

/* ---- bech32 ---- */
static uint32_t
polymod(uint32_t c, uint32_t v)
{
	static const uint32_t generator[] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
		0x2a1462b3 };
	uint32_t top = c >> 25;

	c = (c & 0x1ffffff) << 5 ^ v;
	for (unsigned i = 0; i < 5; i++)
		c ^= (top >> i & 1) != 0 ? generator[i] : 0;
	return c;
}

static bool
bech32(const char *s, size_t n)
{
	static const char digits[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
	static const unsigned char prefix[] = { 3, 3, 0, 2, 3 }; /* "bc" as BIP 173 spreads it */
	uint32_t c = 1;
	int version = -1;

	if (n < 14 || n > 74)
		return false;
	for (size_t i = 0; i < sizeof(prefix); i++)
		c = polymod(c, prefix[i]);
	for (size_t i = 3; i < n; i++) {
		const char *at = s[i] == '\0' ? NULL : strchr(digits, s[i] | 0x20);

		if (at == NULL)
			return false;
		if (version < 0)
			version = (int)(at - digits);
		c = polymod(c, (uint32_t)(at - digits));
	}
	return version <= 16 && c == (version == 0 ? 1u : 0x2bc830a3u);
}

bool
indicator_bitcoin(const char *s, size_t n)
{
	bool lower = false, upper = false;

	if (n >= 26 && n <= 35 && (s[0] == '1' || s[0] == '3') && base58check(s, n))
		return true;
	if (n < 4 || strncasecmp(s, "bc1", 3) != 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		lower = lower || (s[i] >= 'a' && s[i] <= 'z');
		upper = upper || (s[i] >= 'A' && s[i] <= 'Z');
	}
	return lower != upper && bech32(s, n);
}

/* ---- Keccak-256 of less than a block ---- */
static uint64_t
rotate(uint64_t v, unsigned by)
{
	return by == 0 ? v : v << by | v >> (64 - by);
}

static void
keccak_round(uint64_t a[25], uint64_t constant)
{
	static const unsigned char turns[25] = { 0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25,
		39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14 };
	uint64_t b[25], c[5], d[5];

	for (unsigned x = 0; x < 5; x++)
		c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
	for (unsigned x = 0; x < 5; x++)
		d[x] = c[(x + 4) % 5] ^ rotate(c[(x + 1) % 5], 1);
	for (unsigned i = 0; i < 25; i++) {
		unsigned x = i % 5, y = i / 5;

		b[y + 5 * ((2 * x + 3 * y) % 5)] = rotate(a[i] ^ d[x], turns[i]);
	}
	for (unsigned i = 0; i < 25; i++) {
		unsigned x = i % 5, row = i - x;

		a[i] = b[i] ^ (~b[row + (x + 1) % 5] & b[row + (x + 2) % 5]);
	}
	a[0] ^= constant;
}

static void
keccak256(const char *p, size_t n, unsigned char out[32])
{
	enum { RATE = 136, ROUNDS = 24 };
	unsigned char block[RATE] = { 0 };
	uint64_t a[25] = { 0 };
	unsigned lfsr = 1;

	memcpy(block, p, n);
	block[n] = 0x01;
	block[RATE - 1] |= 0x80;
	for (unsigned i = 0; i < RATE; i++)
		a[i / 8] |= (uint64_t)block[i] << 8 * (i % 8);
	for (unsigned r = 0; r < ROUNDS; r++) {
		uint64_t constant = 0;

		/* Bits 2^j - 1 come from the register of the specification. */
		for (unsigned j = 0; j < 7; j++) {
			constant |= (uint64_t)(lfsr & 1) << ((1u << j) - 1);
			lfsr = lfsr << 1 ^ ((lfsr & 0x80) != 0 ? 0x171u : 0);
		}
		keccak_round(a, constant);
	}
	for (unsigned i = 0; i < 32; i++)
		out[i] = (unsigned char)(a[i / 8] >> 8 * (i % 8));
}

/* EIP-55: a letter is a capital where the digest of the text in lower case has its bit set. */
static bool
eip55(const char *s, const char lower[40])
{
	unsigned char sum[32];

	keccak256(lower, 40, sum);
	for (size_t i = 0; i < 40; i++) {
		bool want = ((unsigned)sum[i / 2] >> (i % 2 == 0 ? 7 : 3) & 1) != 0;

		if (lower[i] >= 'a' && (s[i] != lower[i]) != want)
			return false;
	}
	return true;
}

bool
indicator_ethereum(const char *s, size_t n, bool *checked)
{
	char lower[40];
	size_t capitals = 0, smalls = 0, zeros = 0;

	if (n != 42 || s[0] != '0' || s[1] != 'x')
		return false;
	for (size_t i = 0; i < 40; i++) {
		char c = s[i + 2];

		if (!isxdigit((unsigned char)c))
			return false;
		lower[i] = (char)tolower((unsigned char)c);
		capitals += isupper((unsigned char)c) != 0;
		smalls += islower((unsigned char)c) != 0;
		zeros += c == '0';
	}
	*checked = capitals > 0 && smalls > 0;
	return *checked ? eip55(s + 2, lower) : zeros < 40;
}
