/* What a browser posts about a passkey. First byte: 0 authenticatorData of a registration, 1 of a
 * sign-in with its signature, otherwise clientDataJSON. The parts that are not fuzzed are good
 * ones, so that the bytes reach the last check; what nobody signed must never be taken. */
#include "crypto/digest.h"
#include "desk/webauthn.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

#define CLIENT(what) \
	"{\"type\":\"webauthn." what "\",\"challenge\":" \
	"\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"," \
	"\"origin\":\"https://desk.example\"}"

static const char create[] = CLIENT("create"), get[] = CLIENT("get");

/* A point of P-256: the base point, whose private key is 1 and signs nothing in a corpus. */
static const unsigned char key[65] = { 1, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8,
	0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0,
	0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f,
	0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31,
	0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5 };

static void
assert_none(const struct webauthn_ask *ask, const struct webauthn_said *said)
{
	uint32_t counter = 0;

	if (webauthn_assert(ask, said, key, sizeof(key), &counter, NULL) == CO_OK)
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	struct webauthn_ask ask = { .origin = "https://desk.example", .rp_id = "desk.example" };
	struct webauthn_said said = { .client = create, .client_n = sizeof(create) - 1 };
	unsigned char auth[SHA256_LEN + WEBAUTHN_AUTH_MAX] = { 0 };
	struct webauthn_key out;

	if (n < 1 || n > WEBAUTHN_AUTH_MAX)
		return 0;
	sha256(ask.rp_id, strlen(ask.rp_id), auth);
	memcpy(auth + SHA256_LEN, p + 1, n - 1);
	said.auth = auth;
	said.auth_n = SHA256_LEN + n - 1;
	said.sig = p + 1;
	said.sig_n = n - 1;
	if (p[0] == 0) {
		if (webauthn_register(&ask, &said, &out, NULL) == CO_OK &&
			(out.id_n == 0 || out.id_n > sizeof(out.id) ||
				out.public_n > sizeof(out.public)))
			abort();
		return 0;
	}
	said.client = get;
	said.client_n = sizeof(get) - 1;
	if (p[0] > 1) {
		auth[SHA256_LEN] = 5;
		said.auth_n = SHA256_LEN + 5;
		said.client = p + 1;
		said.client_n = n - 1;
	}
	assert_none(&ask, &said);
	return 0;
}
