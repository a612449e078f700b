/* What the keeper does with its keys. Every request is checked here, however it came. */
#include "crypto/keeper_ipc.h"

#include "base/clock.h"
#include "crypto/cms.h"
#include "crypto/internal.h"
#include "crypto/tsp.h"

#include <inttypes.h>
#include <string.h>

static enum co_rc
record_sign(struct keeper_keys *k, const void *p, size_t n, struct co_buf *out, struct co_err *err)
{
	co_auto_buf sig;
	enum co_rc rc;

	co_buf_init(&sig, LIMIT_SIGNATURE);
	if (!keeper_scan_record(p, n, k->address))
		return co_fail(err, CO_EREFUSED,
			"the keeper signs only records from %s, in the order "
			"comity, kind, id, case, from",
			k->address);
	rc = cms_signer_sign(k->seal.at[k->seal.now].sealer, p, n, &sig, err);
	if (rc == CO_OK)
		rc = co_buf_add_u32(out, (uint32_t)sig.len, err);
	if (rc == CO_OK)
		rc = co_buf_add(out, sig.data, sig.len, err);
	return rc;
}

static enum co_rc
op_sign_records(struct keeper_keys *k, struct co_cursor *c, struct co_buf *out, struct co_err *err)
{
	uint32_t n = co_cur_u32(c);
	enum co_rc rc = CO_OK;

	if (c->bad || n == 0 || n > LIMIT_BATCH_RECORDS)
		return co_fail(err, CO_EMALFORMED, "batch of %" PRIu32 " records", n);
	for (uint32_t i = 0; i < n && rc == CO_OK; i++) {
		uint32_t len = co_cur_u32(c);
		const void *p = co_cur_bytes(c, len);

		if (p == NULL || len > LIMIT_RECORD)
			return co_fail(err, CO_EMALFORMED, "record %" PRIu32 " of a batch", i + 1);
		rc = record_sign(k, p, len, out, err);
		if (rc != CO_OK)
			return co_wrap(err, "record %" PRIu32 " of %" PRIu32, i + 1, n);
	}
	return rc;
}

static struct keeper_pair *
ring_find(struct keeper_ring *r, const unsigned char *sha256)
{
	for (size_t i = 0; i < r->n; i++)
		if (memcmp(cert_sha256(r->at[i].cert), sha256, SHA256_LEN) == 0)
			return &r->at[i];
	return NULL;
}

static enum co_rc
op_tls_sign(struct keeper_keys *k, struct co_cursor *c, struct co_buf *out, struct co_err *err)
{
	const unsigned char *leaf = co_cur_bytes(c, SHA256_LEN);
	size_t n = c->left;
	const void *digest = co_cur_bytes(c, n);
	const struct keeper_pair *p = leaf == NULL ? NULL : ring_find(&k->tls, leaf);

	if (n != 32 && n != 48 && n != 64)
		return co_fail(err, CO_EREFUSED, "a TLS digest has 32, 48 or 64 bytes, not %zu", n);
	if (p == NULL)
		return co_fail(err, CO_ENOTFOUND, "the keeper holds no such TLS certificate");
	return key_sign_digest(p->key, digest, n, out, err);
}

static enum co_rc
op_use(struct keeper_keys *k, struct co_cursor *c, struct co_buf *out, struct co_err *err)
{
	const unsigned char *sha256 = co_cur_bytes(c, SHA256_LEN);
	const struct keeper_pair *seal = sha256 == NULL ? NULL : ring_find(&k->seal, sha256);

	(void)out;
	if (sha256 == NULL)
		return co_fail(err, CO_EMALFORMED, "a fingerprint has %d bytes", (int)SHA256_LEN);
	if (seal != NULL && seal->sealer != NULL)
		k->seal.now = (size_t)(seal - k->seal.at);
	else if (seal != NULL || (ring_find(&k->tls, sha256) == NULL &&
					 ring_find(&k->tsa, sha256) == NULL))
		return co_fail(err, CO_ENOTFOUND,
			"the keeper does not hold the key of this certificate, or it has ended");
	return CO_OK;
}

static enum co_rc
op_checkpoint(struct keeper_keys *k, struct co_cursor *c, struct co_buf *out, struct co_err *err)
{
	size_t n = c->left;
	const char *text = co_cur_bytes(c, n);
	unsigned char sig[ED25519_SIG];
	struct keeper_mark m;
	enum co_rc rc;

	if (!keeper_scan_checkpoint(text, n, k->origin, &m))
		return co_fail(
			err, CO_EREFUSED, "not the three lines of a checkpoint of %s", k->origin);
	if (k->signed_once && m.size < k->last.size)
		return co_fail(err, CO_EREFUSED,
			"a checkpoint of %" PRIu64 " leaves after one of %" PRIu64
			" would rewrite the ledger; check the store before signing again",
			m.size, k->last.size);
	if (k->signed_once && m.size == k->last.size &&
		!crypto_equal(m.root, k->last.root, sizeof(m.root)))
		return co_fail(err, CO_EREFUSED,
			"another root for the same %" PRIu64 " leaves would "
			"split the ledger; check the store before signing again",
			m.size);
	rc = ed25519_sign(k->log, text, n, sig, err);
	if (rc == CO_OK)
		rc = co_buf_add(out, sig, sizeof(sig), err);
	if (rc != CO_OK)
		return rc;
	k->last = m;
	k->signed_once = true;
	return CO_OK;
}

static enum co_rc
op_stamp(struct keeper_keys *k, struct co_cursor *c, struct co_buf *out, struct co_err *err)
{
	const struct keeper_pair *p = NULL;
	size_t n = c->left;
	const unsigned char *digest = co_cur_bytes(c, n);
	int64_t now_us = co_now_us();

	if (digest == NULL || (n != SHA256_LEN && n != TSP_DIGEST_MAX))
		return co_fail(err, CO_EMALFORMED, "digest to stamp");
	if (k->tsa.n == 0)
		return co_fail(err, CO_ENOTFOUND,
			"this node has no time-stamp key of its own; "
			"name an authority in the configuration");
	/* The newest that is good today: nobody has to know it before. */
	for (size_t i = k->tsa.n; i > 0 && p == NULL; i--)
		if (cert_not_before_us(k->tsa.at[i - 1].cert) <= now_us &&
			cert_not_after_us(k->tsa.at[i - 1].cert) > now_us)
			p = &k->tsa.at[i - 1];
	if (p == NULL)
		p = &k->tsa.at[k->tsa.n - 1];
	return tsp_answer_n(p->key, p->cert, digest, n, now_us, out, err);
}

/* The key that signs now first; the reason told is its own. A key of RSA may open with other bytes
 * than were wrapped: 32 of them it will not be. */
static enum co_rc
unwrap_any(struct keeper_keys *k, const void *der, size_t n, struct co_buf *out,
	struct co_err *err)
{
	const struct keeper_pair *now = &k->seal.at[k->seal.now];
	enum co_rc rc = cms_unwrap(now->key, now->cert, der, n, out, err);

	for (size_t i = k->seal.n; i > 0 && (rc != CO_OK || out->len != 32); i--) {
		const struct keeper_pair *p = &k->seal.at[i - 1];

		if (p->shared || p->key == now->key)
			continue;
		co_buf_reset(out);
		if (cms_unwrap(p->key, p->cert, der, n, out, NULL) == CO_OK && out->len == 32) {
			co_err_clear(err);
			rc = CO_OK;
		}
	}
	return rc;
}

static enum co_rc
op_unwrap(struct keeper_keys *k, struct co_cursor *c, struct co_buf *out, struct co_err *err)
{
	size_t n = c->left;
	const void *der = co_cur_bytes(c, n);
	co_auto_buf key;
	enum co_rc rc;

	co_buf_init(&key, KEEPER_UNWRAP_MAX);
	if (n == 0 || n > KEEPER_UNWRAP_MAX)
		return co_fail(err, CO_ETOOBIG, "a wrapped file key has at most %d bytes",
			KEEPER_UNWRAP_MAX);
	rc = unwrap_any(k, der, n, &key, err);
	if (rc == CO_OK && key.len != 32)
		rc = co_fail(err, CO_EREFUSED,
			"the keeper unwraps file keys of 32 bytes and nothing else");
	if (rc == CO_OK)
		rc = co_buf_add(out, key.data, key.len, err);
	if (key.data != NULL)
		crypto_wipe(key.data, key.cap);
	return rc;
}

static enum co_rc
op_container(struct keeper_keys *k, struct co_cursor *c, struct co_buf *out, struct co_err *err)
{
	size_t n = c->left;
	const void *p = co_cur_bytes(c, n);

	if (!keeper_scan_container(p, n))
		return co_fail(err, CO_EREFUSED,
			"the keeper signs only manifests of containers of documents, in its own "
			"form");
	return cms_signer_sign(k->seal.at[k->seal.now].sealer, p, n, out, err);
}

typedef enum co_rc keeper_do(
	struct keeper_keys *k, struct co_cursor *c, struct co_buf *out, struct co_err *err);
static keeper_do *const ops[KEEPER_OP_N] = {
	[KEEPER_SIGN_RECORDS] = op_sign_records,
	[KEEPER_TLS_SIGN] = op_tls_sign,
	[KEEPER_CHECKPOINT] = op_checkpoint,
	[KEEPER_STAMP] = op_stamp,
	[KEEPER_UNWRAP] = op_unwrap,
	[KEEPER_CONTAINER] = op_container,
	[KEEPER_USE] = op_use,
};

enum co_rc
keeper_answer(struct keeper_keys *k, unsigned op, const void *payload, size_t n, struct co_buf *out,
	struct co_err *err)
{
	struct co_cursor c = co_cursor(payload, n);
	enum co_rc rc;

	if (op >= CO_ARRAY_LEN(ops) || ops[op] == NULL)
		return co_fail(err, CO_EMALFORMED, "the keeper has no operation %u", op);
	rc = ops[op](k, &c, out, err);
	if (rc == CO_OK && (c.bad || c.left != 0))
		rc = co_fail(err, CO_EMALFORMED, "bytes after a request");
	if (rc != CO_OK)
		co_buf_reset(out);
	return rc;
}
