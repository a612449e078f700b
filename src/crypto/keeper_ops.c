/* What the keeper does with its keys. Every request is checked here, however it came. */
#include "crypto/keeper_ipc.h"

#include "base/clock.h"
#include "base/fs.h"
#include "crypto/cms.h"
#include "crypto/internal.h"
#include "crypto/tsp.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

enum { SECRET_MAX = 1024 };

struct secret {
	char text[SECRET_MAX];
};

static void
secret_wipe(struct secret *s)
{
	crypto_wipe(s->text, sizeof(s->text));
}

/* The first line of the file; it may end with or without a newline. */
static enum co_rc
secret_read(struct secret *s, const char *path, const char *what, struct co_err *err)
{
	co_auto_fd fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	size_t got;
	enum co_rc rc;

	if (fd < 0 || fstat(fd, &st) != 0)
		return co_fail_errno(err, "open %s (%s)", path, what);
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return co_fail(err, CO_EDENIED, "%s (%s) can be read by others: chmod 600 %s", path,
			what, path);
	rc = co_read_full(fd, s->text, sizeof(s->text) - 1, &got, err);
	if (rc != CO_OK)
		return co_wrap(err, "%s", path);
	s->text[got] = '\0';
	s->text[strcspn(s->text, "\r\n")] = '\0';
	if (s->text[0] == '\0')
		return co_fail(err, CO_EMALFORMED, "%s (%s) is empty: put it on the first line",
			path, what);
	return CO_OK;
}

void
keeper_keys_close(struct keeper_keys *k)
{
	cms_signer_free(&k->sealer);
	key_free(&k->seal);
	key_free(&k->tls);
	key_free(&k->log);
	key_free(&k->tsa);
	cert_free(&k->seal_cert);
	cert_free(&k->tls_cert);
	cert_free(&k->tsa_cert);
}

static bool
is_token(const char *where)
{
	return where != NULL && strncmp(where, "pkcs11:", 7) == 0;
}

struct key_slot {
	const char *what;
	const char *key, *cert; /* cert NULL: the key has none */
	struct key **to_key;
	struct cert **to_cert;
};

static enum co_rc
slot_open(struct keeper_keys *k, const struct key_slot *s, const struct keeper_conf *conf,
	const struct secret *pass, const struct secret *pin, struct co_err *err)
{
	bool token = is_token(s->key);
	const char *word = token ? pin->text : pass->text;
	enum co_rc rc;

	if (token)
		k->tokens = true;
	rc = key_load(s->to_key, s->key, word[0] != '\0' ? word : NULL, err);
	if (rc != CO_OK)
		return co_wrap(err, "%s key (its passphrase is read from %s)", s->what,
			token && conf->pin_file != NULL ? conf->pin_file : conf->secret_file);
	if (s->cert == NULL)
		return CO_OK;
	rc = cert_load(s->to_cert, s->cert, err);
	if (rc != CO_OK)
		return co_wrap(err, "%s certificate", s->what);
	if (!cert_matches_key(*s->to_cert, *s->to_key))
		return co_fail(err, CO_ECERT,
			"%s certificate %s does not belong to the key %s: "
			"issue it again for this key",
			s->what, s->cert, s->key);
	return CO_OK;
}

/* See keeper_keys_open: each key is used once. */
static enum co_rc
keys_rehearse(struct keeper_keys *k, struct co_err *err)
{
	const unsigned char digest[SHA256_LEN] = { 0 };
	unsigned char sig[ED25519_SIG];
	char now[CO_TIME_LEN];
	co_auto_buf out;
	enum co_rc rc;

	co_buf_init(&out, LIMIT_TOKEN);
	co_time_print(co_now_us(), now);
	rc = cms_signer_open(&k->sealer, k->seal, k->seal_cert, err);
	if (rc == CO_OK)
		rc = cms_signer_sign(k->sealer, digest, sizeof(digest), &out, err);
	if (rc != CO_OK)
		return co_wrap(err, "try the seal key");
	co_buf_reset(&out);
	rc = key_sign_digest(k->tls, digest, sizeof(digest), &out, err);
	if (rc != CO_OK)
		return co_wrap(err, "try the TLS key");
	rc = ed25519_sign(k->log, digest, sizeof(digest), sig, err);
	if (rc == CO_OK)
		rc = ed25519_public(k->log, k->log_public, err);
	if (rc != CO_OK)
		return co_wrap(err, "try the log key");
	co_buf_reset(&out);
	if (k->tsa != NULL)
		rc = tsp_answer(k->tsa, k->tsa_cert, digest, co_now_us(), &out, err);
	return rc == CO_OK ? CO_OK : co_wrap(err, "try the time-stamp key");
}

/* Unwrapping loads its own algorithms: wrap to ourselves and open it again. */
static enum co_rc
unwrap_rehearse(struct keeper_keys *k, struct co_err *err)
{
	const unsigned char secret[32] = { 1 };
	const struct cert *const to[] = { k->seal_cert };
	co_auto_buf der, back;
	enum co_rc rc;

	co_buf_init(&der, KEEPER_UNWRAP_MAX);
	co_buf_init(&back, KEEPER_UNWRAP_MAX);
	rc = cms_wrap(secret, sizeof(secret), to, 1, &der, err);
	if (rc == CO_OK)
		rc = cms_unwrap(k->seal, k->seal_cert, der.data, der.len, &back, err);
	if (rc == CO_OK && (back.len != 32 || !crypto_equal(back.data, secret, 32)))
		return co_fail(
			err, CO_ECRYPTO, "try the seal key: it does not open what it wrapped");
	return rc == CO_OK ? CO_OK : co_wrap(err, "try the seal key for unwrapping");
}

/* One failing request before files are shut off: error paths load things of their own. */
static void
refusal_rehearse(struct keeper_keys *k)
{
	co_auto_buf out;

	co_buf_init(&out, LIMIT_TOKEN);
	if (cms_unwrap(k->seal, k->seal_cert, "0", 1, &out, NULL) != CO_OK)
		co_buf_reset(&out);
}

enum co_rc
keeper_keys_open(struct keeper_keys *k, const struct keeper_conf *conf, struct co_err *err)
{
	CO_CLEANUP(secret_wipe) struct secret pass = { 0 };
	CO_CLEANUP(secret_wipe) struct secret pin = { 0 };
	const struct key_slot slots[] = {
		{ "seal", conf->seal_key, conf->seal_cert, &k->seal, &k->seal_cert },
		{ "TLS", conf->tls_key, conf->tls_cert, &k->tls, &k->tls_cert },
		{ "log", conf->log_key, NULL, &k->log, NULL },
		{ "time-stamp", conf->tsa_key, conf->tsa_cert, &k->tsa, &k->tsa_cert },
	};
	enum co_rc rc = CO_OK;

	if (strlen(conf->address) >= sizeof(k->address) ||
		strlen(conf->log_origin) >= sizeof(k->origin))
		return co_fail(err, CO_ETOOBIG, "address or log origin of the keeper");
	(void)snprintf(k->address, sizeof(k->address), "%s", conf->address);
	(void)snprintf(k->origin, sizeof(k->origin), "%s", conf->log_origin);
	if (conf->secret_file != NULL)
		rc = secret_read(&pass, conf->secret_file, "passphrase of the keys", err);
	if (rc == CO_OK && conf->pin_file != NULL)
		rc = secret_read(&pin, conf->pin_file, "PIN of the token", err);
	for (size_t i = 0; i < CO_ARRAY_LEN(slots) && rc == CO_OK; i++)
		if (slots[i].key != NULL)
			rc = slot_open(k, &slots[i], conf, &pass, &pin, err);
	if (rc == CO_OK && k->tls->kind != KEY_EC)
		return co_fail(err, CO_EUSAGE,
			"TLS key %s: only EC P-256 or P-384 can be used for TLS "
			"(the seal key may be RSA); make a new one and publish its certificate",
			conf->tls_key);
	if (rc == CO_OK)
		rc = keys_rehearse(k, err);
	if (rc == CO_OK)
		rc = unwrap_rehearse(k, err);
	if (rc == CO_OK)
		refusal_rehearse(k);
	return rc;
}

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
	rc = cms_signer_sign(k->sealer, p, n, &sig, err);
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

static enum co_rc
op_tls_sign(struct keeper_keys *k, struct co_cursor *c, struct co_buf *out, struct co_err *err)
{
	size_t n = c->left;
	const void *digest = co_cur_bytes(c, n);

	if (n != 32 && n != 48 && n != 64)
		return co_fail(err, CO_EREFUSED, "a TLS digest has 32, 48 or 64 bytes, not %zu", n);
	return key_sign_digest(k->tls, digest, n, out, err);
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
	size_t n = c->left;
	const unsigned char *digest = co_cur_bytes(c, n);

	if (digest == NULL || (n != SHA256_LEN && n != TSP_DIGEST_MAX))
		return co_fail(err, CO_EMALFORMED, "digest to stamp");
	if (k->tsa == NULL)
		return co_fail(err, CO_ENOTFOUND,
			"this node has no time-stamp key of its own; "
			"name an authority in the configuration");
	return tsp_answer_n(k->tsa, k->tsa_cert, digest, n, co_now_us(), out, err);
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
	rc = cms_unwrap(k->seal, k->seal_cert, der, n, &key, err);
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
	return cms_signer_sign(k->sealer, p, n, out, err);
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
