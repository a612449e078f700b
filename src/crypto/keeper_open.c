/* The keys that the keeper holds: opened, tried and, at the end, given up. */
#include "crypto/keeper_ipc.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "crypto/cms.h"
#include "crypto/internal.h"
#include "crypto/tsp.h"

#include <errno.h>
#include <fcntl.h>
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

static void
ring_close(struct keeper_ring *r)
{
	for (size_t i = 0; i < r->n; i++) {
		cms_signer_free(&r->at[i].sealer);
		cert_free(&r->at[i].cert);
		if (!r->at[i].shared)
			key_free(&r->at[i].key);
	}
	r->n = 0;
}

void
keeper_keys_close(struct keeper_keys *k)
{
	ring_close(&k->seal);
	ring_close(&k->tls);
	ring_close(&k->tsa);
	key_free(&k->log);
}

static bool
is_token(const char *where)
{
	return strncmp(where, "pkcs11:", 7) == 0;
}

struct opening {
	struct keeper_keys *k;
	const struct keeper_conf *conf;
	struct secret pass, pin;
};

static void
opening_wipe(struct opening *o)
{
	secret_wipe(&o->pass);
	secret_wipe(&o->pin);
}

static enum co_rc
open_key(struct opening *o, const char *what, const char *where, struct key **out,
	struct co_err *err)
{
	bool token = is_token(where);
	const char *word = token ? o->pin.text : o->pass.text;

	if (token)
		o->k->tokens = true;
	if (key_load(out, where, word[0] != '\0' ? word : NULL, err) != CO_OK)
		return co_wrap(err, "%s key (its passphrase is read from %s)", what,
			token && o->conf->pin_file != NULL ? o->conf->pin_file
							   : o->conf->secret_file);
	return CO_OK;
}

static enum co_rc
pair_open(struct opening *o, struct keeper_ring *r, const char *what, const char *where,
	const char *cert, struct co_err *err)
{
	struct keeper_pair p = { .where = where };
	enum co_rc rc = CO_OK;

	if (r->n == CO_ARRAY_LEN(r->at))
		return co_fail(err, CO_ETOOBIG, "more than %zu %s certificates", r->n, what);
	for (size_t i = 0; i < r->n && p.key == NULL; i++)
		if (strcmp(r->at[i].where, where) == 0) {
			p.key = r->at[i].key;
			p.shared = true;
		}
	if (p.key == NULL)
		rc = open_key(o, what, where, &p.key, err);
	if (rc == CO_OK && cert_load(&p.cert, cert, err) != CO_OK)
		rc = co_wrap(err, "%s certificate", what);
	if (rc == CO_OK && !cert_matches_key(p.cert, p.key))
		rc = co_fail(err, CO_ECERT,
			"%s certificate %s does not belong to the key %s: "
			"issue it again for this key",
			what, cert, where);
	if (rc == CO_OK) {
		r->at[r->n++] = p;
		return CO_OK;
	}
	cert_free(&p.cert);
	if (!p.shared)
		key_free(&p.key);
	return rc;
}

/* One that cannot be opened must not take the others away: it is said, and done without. */
static enum co_rc
ring_open(struct opening *o, struct keeper_ring *r, enum cert_use use, const char *what,
	const char *key, const char *cert, struct co_err *err)
{
	struct co_err first = { 0 };

	if (key == NULL)
		return CO_OK;
	if (pair_open(o, r, what, key, cert, &first) != CO_OK)
		co_debug("keeper", "%s", first.msg);
	for (size_t i = 0; i < o->conf->more_n; i++) {
		const struct keeper_more *m = &o->conf->more[i];
		struct co_err why = { 0 };

		if (m->use == use && pair_open(o, r, what, m->key, m->cert, &why) != CO_OK) {
			co_error("keeper", "done without: %s", why.msg);
			if (first.rc == CO_OK)
				first = why;
		}
	}
	if (r->n == 0)
		return co_fail(err, first.rc, "%s", first.msg);
	if (first.rc != CO_OK && o->conf->more_n > 0)
		co_error("keeper", "not all %s keys are open: %s", what, first.msg);
	return CO_OK;
}

/* The oldest that has not ended; with none, the newest. */
static size_t
ring_oldest(const struct keeper_ring *r, int64_t now_us)
{
	for (size_t i = 0; i < r->n; i++)
		if (cert_not_after_us(r->at[i].cert) > now_us)
			return i;
	return r->n - 1;
}

/* Unwrapping loads its own algorithms: wrap to ourselves and open it again. */
static enum co_rc
unwrap_rehearse(const struct keeper_pair *p, struct co_err *err)
{
	const unsigned char secret[32] = { 1 };
	const struct cert *const to[] = { p->cert };
	co_auto_buf der, back;
	enum co_rc rc;

	co_buf_init(&der, KEEPER_UNWRAP_MAX);
	co_buf_init(&back, KEEPER_UNWRAP_MAX);
	rc = cms_wrap(secret, sizeof(secret), to, 1, &der, err);
	if (rc == CO_OK)
		rc = cms_unwrap(p->key, p->cert, der.data, der.len, &back, err);
	if (rc == CO_OK && (back.len != 32 || !crypto_equal(back.data, secret, 32)))
		return co_fail(
			err, CO_ECRYPTO, "try the seal key: it does not open what it wrapped");
	return rc == CO_OK ? CO_OK : co_wrap(err, "try the seal key for unwrapping");
}

static enum co_rc
seals_rehearse(struct keeper_keys *k, int64_t now_us, struct co_err *err)
{
	const unsigned char digest[SHA256_LEN] = { 0 };
	co_auto_buf out;

	co_buf_init(&out, LIMIT_TOKEN);
	k->seal.now = ring_oldest(&k->seal, now_us);
	for (size_t i = 0; i < k->seal.n; i++) {
		struct keeper_pair *p = &k->seal.at[i];

		if (!p->shared)
			TRY(unwrap_rehearse(p, err));
		if (i != k->seal.now && cert_not_after_us(p->cert) <= now_us)
			continue;
		co_buf_reset(&out);
		if (cms_signer_open(&p->sealer, p->key, p->cert, err) != CO_OK ||
			cms_signer_sign(p->sealer, digest, sizeof(digest), &out, err) != CO_OK)
			return co_wrap(err, "try the seal key");
	}
	return CO_OK;
}

/* See keeper_keys_open: each key is used once. */
static enum co_rc
keys_rehearse(struct keeper_keys *k, struct co_err *err)
{
	const unsigned char digest[SHA256_LEN] = { 0 };
	int64_t now_us = co_now_us();
	unsigned char sig[ED25519_SIG];
	co_auto_buf out;
	enum co_rc rc;

	co_buf_init(&out, LIMIT_TOKEN);
	TRY(seals_rehearse(k, now_us, err));
	for (size_t i = 0; i < k->tls.n; i++) {
		co_buf_reset(&out);
		if (key_sign_digest(k->tls.at[i].key, digest, sizeof(digest), &out, err) != CO_OK)
			return co_wrap(err, "try the TLS key");
	}
	rc = ed25519_sign(k->log, digest, sizeof(digest), sig, err);
	if (rc == CO_OK)
		rc = ed25519_public(k->log, k->log_public, err);
	if (rc != CO_OK)
		return co_wrap(err, "try the log key");
	for (size_t i = 0; i < k->tsa.n; i++) {
		co_buf_reset(&out);
		if (tsp_answer(k->tsa.at[i].key, k->tsa.at[i].cert, digest, now_us, &out, err) !=
			CO_OK)
			return co_wrap(err, "try the time-stamp key");
	}
	return CO_OK;
}

/* One failing request before files are shut off: error paths load things of their own. */
static void
refusal_rehearse(struct keeper_keys *k)
{
	co_auto_buf out;

	co_buf_init(&out, LIMIT_TOKEN);
	if (cms_unwrap(k->seal.at[0].key, k->seal.at[0].cert, "0", 1, &out, NULL) != CO_OK)
		co_buf_reset(&out);
}

static enum co_rc
keys_all(struct opening *o, struct co_err *err)
{
	const struct keeper_conf *c = o->conf;
	struct keeper_keys *k = o->k;

	if (c->secret_file != NULL)
		TRY(secret_read(&o->pass, c->secret_file, "passphrase of the keys", err));
	if (c->pin_file != NULL)
		TRY(secret_read(&o->pin, c->pin_file, "PIN of the token", err));
	TRY(ring_open(o, &k->seal, CERT_SEAL, "seal", c->seal_key, c->seal_cert, err));
	TRY(ring_open(o, &k->tls, CERT_TLS, "TLS", c->tls_key, c->tls_cert, err));
	TRY(open_key(o, "log", c->log_key, &k->log, err));
	return ring_open(o, &k->tsa, CERT_TSA, "time-stamp", c->tsa_key, c->tsa_cert, err);
}

enum co_rc
keeper_keys_open(struct keeper_keys *k, const struct keeper_conf *conf, struct co_err *err)
{
	CO_CLEANUP(opening_wipe) struct opening o = { .k = k, .conf = conf };

	if (strlen(conf->address) >= sizeof(k->address) ||
		strlen(conf->log_origin) >= sizeof(k->origin))
		return co_fail(err, CO_ETOOBIG, "address or log origin of the keeper");
	(void)snprintf(k->address, sizeof(k->address), "%s", conf->address);
	(void)snprintf(k->origin, sizeof(k->origin), "%s", conf->log_origin);
	TRY(keys_all(&o, err));
	for (size_t i = 0; i < k->tls.n; i++)
		if (k->tls.at[i].key->kind != KEY_EC)
			return co_fail(err, CO_EUSAGE,
				"TLS key %s: only EC P-256 or P-384 can be used for TLS "
				"(the seal key may be RSA); make a new one and publish its "
				"certificate",
				k->tls.at[i].where);
	TRY(keys_rehearse(k, err));
	refusal_rehearse(k);
	return CO_OK;
}
