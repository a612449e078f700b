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

	if (k.seal != NULL)
		return &k;
	issue(&root, &root_key, CERT_ROOT, NULL, NULL);
	issue(&k.seal_cert, &k.seal, CERT_SEAL, root, root_key);
	issue(&k.tls_cert, &k.tls, CERT_TLS, root, root_key);
	issue(&k.tsa_cert, &k.tsa, CERT_TSA, root, root_key);
	if (key_generate(&k.log, KEY_ED25519, NULL) != CO_OK ||
		cms_signer_open(&k.sealer, k.seal, k.seal_cert, NULL) != CO_OK)
		abort();
	return &k;
}

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	struct keeper_mark before;
	struct co_err err = { 0 };
	co_auto_buf out;
	enum co_rc rc;

	co_buf_init(&out, KEEPER_ANSWER_MAX);
	if (n == 0 || n > LIMIT_KEEPER_FRAME)
		return 0;
	before = keys()->last;
	rc = keeper_answer(keys(), p[0], p + 1, n - 1, &out, &err);
	if ((rc != CO_OK && (out.len != 0 || err.msg[0] == '\0')) ||
		keys()->last.size < before.size)
		abort();
	if (rc == CO_OK && p[0] == KEEPER_UNWRAP && out.len != 32)
		abort();
	return 0;
}
