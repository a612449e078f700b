/* What a browser says of a passkey, checked (WebAuthn level 2, sections 7.1 and 7.2): that it is
 * the answer to our question, on our site, by a person whom the device has verified, signed with
 * the key that was registered. Pure: bytes in, verdict out. Attestation is "none": we ask for a
 * key of the officer's own, not for the maker of the device. Must never accept what names another
 * origin, and never trust a length. */
#pragma once

#include "base/err.h"
#include "base/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	WEBAUTHN_CHALLENGE = 32,
	WEBAUTHN_ID_MAX = 1023,     /* 4: credential id */
	WEBAUTHN_CLIENT_MAX = 2048, /* clientDataJSON; it holds a challenge and an origin */
	WEBAUTHN_AUTH_MAX = 2048,   /* authenticatorData with one key */
	WEBAUTHN_SIG_MAX = 1024,
	WEBAUTHN_PUBLIC_MAX = 320 /* one byte of kind, then the key */
};

struct webauthn_bytes {
	unsigned char p[WEBAUTHN_AUTH_MAX];
	size_t n;
};

/* What we asked. */
struct webauthn_ask {
	const char *origin; /* "https://desk.example" */
	const char *rp_id;  /* "desk.example" */
	unsigned char challenge[WEBAUTHN_CHALLENGE];
};

/* What came back; borrowed. */
struct webauthn_said {
	const void *client; /* clientDataJSON */
	size_t client_n;
	const void *auth; /* authenticatorData */
	size_t auth_n;
	const void *sig; /* not for a registration */
	size_t sig_n;
};

struct webauthn_key {
	unsigned char id[WEBAUTHN_ID_MAX];
	size_t id_n;
	unsigned char public[WEBAUTHN_PUBLIC_MAX];
	size_t public_n;
	uint32_t counter; /* 0: the device does not count */
};

/* 7.1: a new key. CO_EDENIED with the reason when it is not what we asked for. */
enum co_rc webauthn_register(const struct webauthn_ask *ask, const struct webauthn_said *said,
	struct webauthn_key *out, struct co_err *err) CO_NODISCARD;
/* 7.2: the holder of key signs in. *counter is the new count; the caller compares it. */
enum co_rc webauthn_assert(const struct webauthn_ask *ask, const struct webauthn_said *said,
	const void *public, size_t public_n, uint32_t *counter, struct co_err *err) CO_NODISCARD;
/* The rp id of an url: its host without port. false when browsers know no passkeys there (a numeric
 * address, or http elsewhere than localhost). */
bool webauthn_rp_id(const char *url, char out[128]);
