#include "crypto/algorithm.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define REC ALGORITHM_RECORD
#define CRT ALGORITHM_CERTIFICATE
#define TOK ALGORITHM_TOKEN
#define NOTE ALGORITHM_NOTE
#define D ALGORITHM_DIGEST
#define S ALGORITHM_SIGNATURE
#define K ALGORITHM_KEY

static const char sha2[] = "SHA-256, SHA-384 or SHA-512";
static const char ec[] = "EC P-256 or P-384, or RSA of 3072 bits or more";

/* The end of 112 bits of security is that of NIST SP 800-57 part 1. Of keys with several rows the
 * last one holds whose bits are reached. */
static const struct algorithm algorithms[] = {
	{ D, "SHA256", 0, REC | CRT | TOK, REC | CRT | TOK, NULL, NULL },
	{ D, "SHA384", 0, REC | CRT | TOK, REC | CRT | TOK, NULL, NULL },
	{ D, "SHA512", 0, TOK, REC | CRT | TOK, NULL, NULL },
	{ D, "SHA224", 0, 0, 0, NULL, sha2 },
	{ D, "SHA1", 0, 0, 0, NULL, sha2 },
	{ D, "MD5", 0, 0, 0, NULL, sha2 },
	{ D, "MD4", 0, 0, 0, NULL, sha2 },
	{ D, "RIPEMD160", 0, 0, 0, NULL, sha2 },

	{ S, "ecdsa-with-SHA256", 0, REC | CRT | TOK, REC | CRT | TOK, NULL, NULL },
	{ S, "ecdsa-with-SHA384", 0, REC | CRT | TOK, REC | CRT | TOK, NULL, NULL },
	{ S, "ecdsa-with-SHA512", 0, 0, REC | CRT | TOK, NULL, NULL },
	{ S, "RSASSA-PSS", 0, REC | CRT, REC | CRT | TOK, NULL, NULL },
	{ S, "RSA-SHA256", 0, TOK, CRT | TOK, NULL, "RSASSA-PSS or ECDSA" },
	{ S, "RSA-SHA384", 0, 0, CRT | TOK, NULL, "RSASSA-PSS or ECDSA" },
	{ S, "RSA-SHA512", 0, 0, CRT | TOK, NULL, "RSASSA-PSS or ECDSA" },
	{ S, "rsaEncryption", 0, 0, TOK, NULL, "RSASSA-PSS or ECDSA" },
	{ S, "ED25519", 0, NOTE, CRT | NOTE, NULL, "RSASSA-PSS or ECDSA" },
	{ S, "ecdsa-with-SHA1", 0, 0, 0, NULL, sha2 },
	{ S, "ecdsa-with-SHA224", 0, 0, 0, NULL, sha2 },
	{ S, "RSA-SHA1", 0, 0, 0, NULL, sha2 },
	{ S, "RSA-SHA224", 0, 0, 0, NULL, sha2 },
	{ S, "RSA-MD5", 0, 0, 0, NULL, sha2 },
	{ S, "RSA-MD4", 0, 0, 0, NULL, sha2 },
	{ S, "RSA-RIPEMD160", 0, 0, 0, NULL, sha2 },
	{ S, "DSA-SHA1", 0, 0, 0, NULL, "ECDSA" },
	{ S, "dsa_with_SHA256", 0, 0, 0, NULL, "ECDSA" },

	{ K, "P-256", 0, REC | CRT | TOK, REC | CRT | TOK, NULL, NULL },
	{ K, "P-384", 0, REC | CRT | TOK, REC | CRT | TOK, NULL, NULL },
	{ K, "P-521", 0, 0, CRT | TOK, NULL, ec },
	{ K, "brainpoolP256r1", 0, 0, CRT | TOK, NULL, ec },
	{ K, "brainpoolP384r1", 0, 0, CRT | TOK, NULL, ec },
	{ K, "brainpoolP512r1", 0, 0, CRT | TOK, NULL, ec },
	{ K, "P-224", 0, 0, 0, NULL, ec },
	{ K, "P-192", 0, 0, 0, NULL, ec },
	{ K, "secp256k1", 0, 0, 0, NULL, ec },
	{ K, "RSA", 0, 0, 0, NULL, ec },
	{ K, "RSA", 2048, 0, REC | CRT | TOK, "2030-12-31", ec },
	{ K, "RSA", 3072, REC | CRT | TOK, REC | CRT | TOK, NULL, NULL },
	{ K, "RSA-PSS", 0, 0, 0, NULL, ec },
	{ K, "RSA-PSS", 2048, 0, CRT | TOK, "2030-12-31", ec },
	{ K, "RSA-PSS", 3072, 0, REC | CRT | TOK, NULL, NULL },
	{ K, "ED25519", 0, NOTE, CRT | NOTE, NULL, ec },
	{ K, "ED448", 0, 0, CRT, NULL, ec },
	{ K, "DSA", 0, 0, 0, NULL, ec },
};

/* The same group under the names that libraries give it. */
static const struct {
	const char *name, *as;
} aliases[] = {
	{ "prime256v1", "P-256" },
	{ "secp256r1", "P-256" },
	{ "secp384r1", "P-384" },
	{ "secp521r1", "P-521" },
	{ "secp224r1", "P-224" },
	{ "prime192v1", "P-192" },
	{ "secp192r1", "P-192" },
};

size_t
algorithm_count(void)
{
	return sizeof(algorithms) / sizeof(algorithms[0]);
}

const struct algorithm *
algorithm_at(size_t i)
{
	return i < algorithm_count() ? &algorithms[i] : NULL;
}

const char *
algorithm_sort_name(enum algorithm_sort sort)
{
	static const char *const names[] = { "digest", "signature", "key" };

	return sort < ALGORITHM_SORT_N ? names[sort] : "";
}

void
algorithm_uses_print(unsigned uses, char *out, size_t cap)
{
	static const char *const names[] = { "records", "certificates", "time-stamps",
		"checkpoints" };
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && n < cap; i++)
		if ((uses >> i & 1) != 0)
			n += (size_t)snprintf(
				out + n, cap - n, "%s%s", n == 0 ? "" : ", ", names[i]);
}

static const struct algorithm *
algorithm_find(enum algorithm_sort sort, const char *name, unsigned bits)
{
	const struct algorithm *found = NULL;

	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (sort == ALGORITHM_KEY && strcmp(aliases[i].name, name) == 0)
			name = aliases[i].as;
	for (size_t i = 0; i < algorithm_count(); i++)
		if (algorithms[i].sort == sort && strcasecmp(algorithms[i].name, name) == 0 &&
			bits >= algorithms[i].bits)
			found = &algorithms[i];
	return found;
}

static bool
over(const struct algorithm *a, int64_t at_us)
{
	char end[CO_TIME_LEN];
	int64_t end_us;

	if (a->until == NULL)
		return false;
	(void)snprintf(end, sizeof(end), "%sT23:59:59Z", a->until);
	return co_time_parse(end, &end_us, NULL) == CO_OK && at_us > end_us;
}

enum co_rc
algorithm_check(enum algorithm_sort sort, const char *name, unsigned bits, enum algorithm_use use,
	int64_t at_us, struct co_err *err)
{
	const struct algorithm *a = algorithm_find(sort, name, bits);
	char size[32] = "", where[64];

	if (bits > 0)
		(void)snprintf(size, sizeof(size), " of %u bits", bits);
	algorithm_uses_print(use, where, sizeof(where));
	if (a == NULL || (a->read & (unsigned)use) == 0)
		return co_fail(err, CO_EVERIFY, "the %s %s%s is refused for %s; wanted is %s",
			algorithm_sort_name(sort), name, size, where,
			a != NULL && a->instead != NULL ? a->instead :
				sort == ALGORITHM_KEY	? ec :
				sort == ALGORITHM_DIGEST ? sha2 :
							   "ECDSA or RSASSA-PSS with SHA-256");
	if (over(a, at_us))
		return co_fail(err, CO_EVERIFY,
			"the %s %s%s was good for %s signed until %s; wanted is %s",
			algorithm_sort_name(sort), name, size, where, a->until, a->instead);
	return CO_OK;
}
