#include "desk/webauthn.h"

#include "base/buf.h"
#include "crypto/digest.h"

#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <jansson.h>
#include <pthread.h>
#include <string.h>

enum {
	FLAG_PRESENT = 0x01,  /* 6.1: UP */
	FLAG_VERIFIED = 0x04, /* UV */
	FLAG_KEY = 0x40,      /* AT */
	AUTH_LEAST = 37       /* rpIdHash, flags, signCount */
};

/* ---- keys ---- */

static void *
es256_new(void)
{
	return es256_pk_new();
}

static void *
rs256_new(void)
{
	return rs256_pk_new();
}

static void *
eddsa_new(void)
{
	return eddsa_pk_new();
}

static int
es256_set(void *k, const void *p, size_t n)
{
	return es256_pk_from_ptr(k, p, n);
}

static int
rs256_set(void *k, const void *p, size_t n)
{
	return rs256_pk_from_ptr(k, p, n);
}

static int
eddsa_set(void *k, const void *p, size_t n)
{
	return eddsa_pk_from_ptr(k, p, n);
}

static void
es256_drop(void *k)
{
	es256_pk_t *p = k;

	es256_pk_free(&p);
}

static void
rs256_drop(void *k)
{
	rs256_pk_t *p = k;

	rs256_pk_free(&p);
}

static void
eddsa_drop(void *k)
{
	eddsa_pk_t *p = k;

	eddsa_pk_free(&p);
}

/* The kinds that the page asks for, best first; kind is the first byte of a stored key. */
static const struct kind {
	unsigned char kind;
	int cose;
	size_t n; /* of the public key as libfido2 gives it */
	void *(*make)(void);
	int (*set)(void *k, const void *p, size_t n);
	void (*drop)(void *k);
} kinds[] = {
	{ 1, COSE_ES256, 64, es256_new, es256_set, es256_drop },
	{ 2, COSE_RS256, 259, rs256_new, rs256_set, rs256_drop },
	{ 3, COSE_EDDSA, 32, eddsa_new, eddsa_set, eddsa_drop },
};

static void
fido_begin(void)
{
	fido_init(0);
}

static void
fido_once(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, fido_begin);
}

/* ---- clientDataJSON, 5.8.1 ---- */

/* base64url without padding, as browsers write the challenge. */
static void
challenge_text(const unsigned char c[WEBAUTHN_CHALLENGE], char out[48])
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t n = 0;

	for (size_t i = 0; i < WEBAUTHN_CHALLENGE; i += 3) {
		size_t left = WEBAUTHN_CHALLENGE - i;
		unsigned v = (unsigned)c[i] << 16 | (left > 1 ? (unsigned)c[i + 1] << 8 : 0) |
			(left > 2 ? (unsigned)c[i + 2] : 0);

		for (size_t k = 0; k < (left > 2 ? 4 : left + 1); k++)
			out[n++] = letters[v >> (18 - 6 * k) & 63];
	}
	out[n] = '\0';
}

static bool
member_is(const json_t *o, const char *name, const char *want)
{
	const json_t *v = json_object_get(o, name);

	return json_is_string(v) && json_string_length(v) == strlen(want) &&
		crypto_equal(json_string_value(v), want, strlen(want));
}

static enum co_rc
client_judge(const struct webauthn_ask *ask, const json_t *o, const char *type, struct co_err *err)
{
	const json_t *cross = json_object_get(o, "crossOrigin");
	char challenge[48];

	challenge_text(ask->challenge, challenge);
	if (!member_is(o, "type", type))
		return co_fail(err, CO_EDENIED, "the passkey answered another question");
	if (!member_is(o, "challenge", challenge))
		return co_fail(err, CO_EDENIED,
			"the passkey answered an older page; reload this one and try again");
	if (!member_is(o, "origin", ask->origin))
		return co_fail(err, CO_EDENIED, "the passkey was used on another site than %s",
			ask->origin);
	if (cross != NULL && !json_is_false(cross))
		return co_fail(err, CO_EDENIED, "the passkey was used from inside another site");
	return CO_OK;
}

static enum co_rc
client_check(const struct webauthn_ask *ask, const struct webauthn_said *said, const char *type,
	struct co_err *err)
{
	json_t *o = NULL;
	enum co_rc rc;

	if (said->client_n != 0 && said->client_n <= WEBAUTHN_CLIENT_MAX)
		o = json_loadb(said->client, said->client_n, JSON_REJECT_DUPLICATES, NULL);
	rc = json_is_object(o)
		? client_judge(ask, o, type, err)
		: co_fail(err, CO_EMALFORMED, "what the browser said of the passkey is not JSON");
	json_decref(o);
	return rc;
}

/* ---- authenticatorData, 6.1 ---- */

/* Before libcbor sees it: it takes memory for as many members as a head promises. Heads follow one
 * another, definite as CTAP2 asks, and none promises more than the bytes that are left. */
static bool
cbor_plain(const unsigned char *p, size_t n)
{
	size_t at = 0;

	while (at < n) {
		unsigned major = p[at] >> 5, low = p[at] & 31;
		size_t more = low < 24 ? 0 : low > 27 ? n : (size_t)1 << (low - 24);
		uint64_t value = low;

		at++;
		if (more > n - at)
			return false;
		for (size_t i = 0; i < more; i++)
			value = (i == 0 ? 0 : value << 8) | p[at + i];
		at += more;
		if (major == 6 || (major >= 2 && major <= 5 && value > n - at))
			return false;
		if (major == 2 || major == 3)
			at += (size_t)value;
	}
	return true;
}

/* What follows the fixed part: the key with its id, extensions. */
static bool
auth_tail_plain(const unsigned char *p, size_t n)
{
	size_t at = AUTH_LEAST;

	if ((p[32] & FLAG_KEY) != 0) {
		if (n < AUTH_LEAST + 18)
			return false;
		at += 18 + ((size_t)p[AUTH_LEAST + 16] << 8 | p[AUTH_LEAST + 17]);
	}
	return at <= n && cbor_plain(p + at, n - at);
}

static enum co_rc
auth_check(const struct webauthn_ask *ask, const struct webauthn_said *said, unsigned flags,
	uint32_t *counter, struct co_err *err)
{
	const unsigned char *p = said->auth;
	unsigned char rp[SHA256_LEN];

	if (said->auth_n < AUTH_LEAST || said->auth_n > WEBAUTHN_AUTH_MAX)
		return co_fail(err, CO_EMALFORMED, "what the passkey said is cut or too long");
	/* A key comes when registering and never else (6.1); libfido2 takes what follows the fixed
	 * part of a sign-in for extensions, whatever the flags say. */
	if ((flags & FLAG_KEY) != 0 && (p[32] & FLAG_KEY) == 0)
		return co_fail(err, CO_EMALFORMED, "the passkey gave no key");
	if ((p[32] & FLAG_KEY) != (flags & FLAG_KEY) || !auth_tail_plain(p, said->auth_n))
		return co_fail(err, CO_EMALFORMED, "what the passkey said cannot be read");
	sha256(ask->rp_id, strlen(ask->rp_id), rp);
	if (!crypto_equal(p, rp, sizeof(rp)))
		return co_fail(
			err, CO_EDENIED, "the passkey is of another site than %s", ask->rp_id);
	if ((p[32] & FLAG_PRESENT) == 0 || (p[32] & FLAG_VERIFIED) == 0)
		return co_fail(err, CO_EDENIED,
			"the device did not check who you are; set a PIN, a fingerprint or a face "
			"on it, then try again");
	*counter = (uint32_t)p[33] << 24 | (uint32_t)p[34] << 16 | (uint32_t)p[35] << 8 | p[36];
	return CO_OK;
}

/* ---- registering ---- */

static enum co_rc
key_take(
	const fido_cred_t *cred, const struct kind *k, struct webauthn_key *out, struct co_err *err)
{
	const unsigned char *id = fido_cred_id_ptr(cred), *pub = fido_cred_pubkey_ptr(cred);
	size_t id_n = fido_cred_id_len(cred), pub_n = fido_cred_pubkey_len(cred);
	void *test = k->make();
	bool whole;

	whole = test != NULL && id != NULL && pub != NULL && id_n > 0 && id_n <= sizeof(out->id) &&
		pub_n == k->n && k->set(test, pub, pub_n) == FIDO_OK;
	k->drop(test);
	if (!whole)
		return co_fail(err, CO_EMALFORMED, "the passkey gave a key that cannot be read");
	memcpy(out->id, id, id_n);
	out->id_n = id_n;
	out->public[0] = k->kind;
	memcpy(out->public + 1, pub, pub_n);
	out->public_n = pub_n + 1;
	return CO_OK;
}

/* *fits: the key is of this kind. */
static enum co_rc
key_try(const struct webauthn_said *said, const struct kind *k, struct webauthn_key *out,
	bool *fits, struct co_err *err)
{
	fido_cred_t *cred = fido_cred_new();
	enum co_rc rc = CO_OK;

	if (cred == NULL)
		return co_fail(err, CO_ENOMEM, "passkey");
	*fits = fido_cred_set_type(cred, k->cose) == FIDO_OK &&
		fido_cred_set_authdata_raw(cred, said->auth, said->auth_n) == FIDO_OK;
	if (*fits)
		rc = key_take(cred, k, out, err);
	fido_cred_free(&cred);
	return rc;
}

enum co_rc
webauthn_register(const struct webauthn_ask *ask, const struct webauthn_said *said,
	struct webauthn_key *out, struct co_err *err)
{
	struct webauthn_key key = { .id_n = 0 };
	bool fits = false;

	fido_once();
	TRY(client_check(ask, said, "webauthn.create", err));
	TRY(auth_check(ask, said, FLAG_KEY, &key.counter, err));
	for (size_t i = 0; i < CO_ARRAY_LEN(kinds) && !fits; i++)
		TRY(key_try(said, &kinds[i], &key, &fits, err));
	if (!fits)
		return co_fail(err, CO_EMALFORMED,
			"the passkey gave a key of a kind that was not asked for");
	*out = key;
	return CO_OK;
}

/* ---- signing in ---- */

static enum co_rc
assert_verify(const struct webauthn_ask *ask, const struct webauthn_said *said,
	const struct kind *k, const void *key, struct co_err *err)
{
	fido_assert_t *a = fido_assert_new();
	int r = a == NULL ? FIDO_ERR_INTERNAL : fido_assert_set_rp(a, ask->rp_id);

	if (r == FIDO_OK)
		r = fido_assert_set_clientdata(a, said->client, said->client_n);
	if (r == FIDO_OK)
		r = fido_assert_set_count(a, 1);
	if (r == FIDO_OK)
		r = fido_assert_set_authdata_raw(a, 0, said->auth, said->auth_n);
	if (r == FIDO_OK)
		r = fido_assert_set_sig(a, 0, said->sig, said->sig_n);
	if (r == FIDO_OK)
		r = fido_assert_set_up(a, FIDO_OPT_TRUE);
	if (r == FIDO_OK)
		r = fido_assert_set_uv(a, FIDO_OPT_TRUE);
	if (r == FIDO_OK)
		r = fido_assert_verify(a, 0, k->cose, key);
	fido_assert_free(&a);
	return r == FIDO_OK ? CO_OK
			    : co_fail(err, CO_EDENIED, "the passkey's signature does not hold (%s)",
				      fido_strerr(r));
}

enum co_rc
webauthn_assert(const struct webauthn_ask *ask, const struct webauthn_said *said,
	const void *public, size_t public_n, uint32_t *counter, struct co_err *err)
{
	const unsigned char *p = public;
	const struct kind *k = NULL;
	uint32_t count = 0;
	void *key;
	enum co_rc rc;

	fido_once();
	TRY(client_check(ask, said, "webauthn.get", err));
	TRY(auth_check(ask, said, 0, &count, err));
	if (said->sig_n == 0 || said->sig_n > WEBAUTHN_SIG_MAX)
		return co_fail(err, CO_EMALFORMED, "the passkey's signature is cut or too long");
	for (size_t i = 0; i < CO_ARRAY_LEN(kinds) && public_n > 0 && k == NULL; i++)
		k = kinds[i].kind == p[0] && kinds[i].n + 1 == public_n ? &kinds[i] : NULL;
	if (k == NULL)
		return co_fail(err, CO_ESTORE, "the passkey's stored key is damaged");
	key = k->make();
	if (key == NULL)
		return co_fail(err, CO_ENOMEM, "passkey");
	rc = k->set(key, p + 1, public_n - 1) == FIDO_OK
		? assert_verify(ask, said, k, key, err)
		: co_fail(err, CO_ESTORE, "the passkey's stored key is damaged");
	k->drop(key);
	TRY(rc);
	*counter = count;
	return CO_OK;
}

bool
webauthn_rp_id(const char *url, char out[128])
{
	const char *host = strstr(url, "://");
	size_t n;

	if (host == NULL)
		return false;
	host += 3;
	n = strcspn(host, ":/");
	if (n == 0 || n >= 128 || host[0] == '[' || strspn(host, "0123456789.") == n)
		return false;
	memcpy(out, host, n);
	out[n] = '\0';
	return strncmp(url, "https://", 8) == 0 || strcmp(out, "localhost") == 0;
}
