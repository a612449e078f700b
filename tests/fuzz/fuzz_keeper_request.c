/* One request as a captured node might send it: operation, then payload. Keys are real. */
#include "crypto/keeper_ipc.h"

#include "base/clock.h"
#include "crypto/cert.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

static void
issue(struct cert **out, struct key **key, enum cert_use use, const struct cert *root,
	const struct key *root_key)
{
	struct cert_ask ask = { .use = use,
		.name = "th.contact",
		.from_us = co_now_us() - 1000000,
		.to_us = co_now_us() + 86400ll * 1000000 };
	struct co_err err = { 0 };

	if (key_generate(key, KEY_P256, &err) != CO_OK ||
		cert_issue(out, &ask, *key, root, root == NULL ? *key : root_key, &err) != CO_OK) {
		(void)fprintf(stderr, "%s\n", err.msg);
		abort();
	}
}

static struct keeper_keys *
keys(void)
{
	static struct keeper_keys k = { .address = "th.contact", .origin = "th.contact/ledger" };
	key_auto *root_key = NULL;
	cert_auto *root = NULL;

	if (k.log != NULL)
		return &k;
	issue(&root, &root_key, CERT_ROOT, NULL, NULL);
	for (k.seal.n = 0; k.seal.n < 2; k.seal.n++) {
		struct keeper_pair *seal = &k.seal.at[k.seal.n];

		issue(&seal->cert, &seal->key, CERT_SEAL, root, root_key);
		if (cms_signer_open(&seal->sealer, seal->key, seal->cert, NULL) != CO_OK)
			abort();
	}
	issue(&k.tls.at[0].cert, &k.tls.at[0].key, CERT_TLS, root, root_key);
	issue(&k.tsa.at[0].cert, &k.tsa.at[0].key, CERT_TSA, root, root_key);
	k.tls.n = k.tsa.n = 1;
	if (key_generate(&k.log, KEY_ED25519, NULL) != CO_OK)
		abort();
	return &k;
}

/* Fingerprints are others each time: one that begins with a letter of these stands for ours. */
static void
fingerprint_put(unsigned char *p, size_t n)
{
	const struct keeper_keys *k = keys();

	if (n <= SHA256_LEN || (p[0] != KEEPER_TLS_SIGN && p[0] != KEEPER_USE))
		return;
	if (p[1] == 'T')
		memcpy(p + 1, cert_sha256(k->tls.at[0].cert), SHA256_LEN);
	if (p[1] == 'S')
		memcpy(p + 1, cert_sha256(k->seal.at[n & 1].cert), SHA256_LEN);
}

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	struct keeper_mark before;
	struct co_err err = { 0 };
	unsigned char *own;
	co_auto_buf out;
	enum co_rc rc;

	co_buf_init(&out, KEEPER_ANSWER_MAX);
	if (n == 0 || n > LIMIT_KEEPER_FRAME)
		return 0;
	before = keys()->last;
	own = malloc(n);
	if (own == NULL)
		return 0;
	memcpy(own, p, n);
	fingerprint_put(own, n);
	rc = keeper_answer(keys(), own[0], own + 1, n - 1, &out, &err);
	free(own);
	if ((rc != CO_OK && (out.len != 0 || err.msg[0] == '\0')) ||
		keys()->last.size < before.size)
		abort();
	if (rc == CO_OK && p[0] == KEEPER_UNWRAP && out.len != 32)
		abort();
	return 0;
}
