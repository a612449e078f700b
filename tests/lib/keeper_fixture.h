/* A home with real keys and certificates of one node, and its keeper's configuration. */
#pragma once

#include "test.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/limits.h"
#include "crypto/cert.h"
#include "crypto/keeper.h"

#include <sys/stat.h>

#define FIX_ADDRESS "th.contact"
#define FIX_DAY (86400ll * 1000000)
#define FIX_PASSPHRASE "correct horse"

struct fixture {
	char home[64];
	char path[9][96]; /* storage of conf's strings */
	struct keeper_conf conf;
	struct cert *root, *seal, *tls, *tsa;
	struct key *root_key;
};

static inline char *
fix_path(struct fixture *f, size_t i, const char *name)
{
	(void)snprintf(f->path[i], sizeof(f->path[i]), "%s/%s", f->home, name);
	return f->path[i];
}

static inline enum co_rc
fix_cert(struct cert **out, enum cert_use use, enum key_type type, const char *key_path,
	const char *cert_path, const struct cert *root, const struct key *root_key, int64_t from,
	int64_t to, struct co_err *err)
{
	struct cert_ask ask = { .use = use,
		.organisation = "Test",
		.country = "TH",
		.name = FIX_ADDRESS,
		.from_us = from,
		.to_us = to };
	key_auto *k = NULL;
	cert_auto *c = NULL;
	co_auto_buf pem;
	enum co_rc rc = key_generate(&k, type, err);

	co_buf_init(&pem, LIMIT_CERT);
	if (rc == CO_OK)
		rc = key_save(k, key_path, FIX_PASSPHRASE, err);
	if (rc == CO_OK)
		rc = cert_issue(&c, &ask, k, root, root_key, err);
	if (rc == CO_OK)
		rc = cert_pem(c, &pem, err);
	if (rc == CO_OK)
		rc = co_write_file(cert_path, pem.data, pem.len, 0644, err);
	if (rc == CO_OK)
		*out = CO_TAKE(c);
	return rc;
}

/* tls_to: end of the TLS certificate; it begins 30 days ago. */
static inline enum co_rc
fix_make(struct fixture *f, enum key_type seal_type, int64_t tls_to, struct co_err *err)
{
	int64_t from = co_now_us() - 30 * FIX_DAY, to = co_now_us() + 30 * FIX_DAY;
	struct cert_ask ask = { .use = CERT_ROOT,
		.organisation = "Test",
		.country = "TH",
		.name = FIX_ADDRESS,
		.from_us = from,
		.to_us = to };
	key_auto *log_key = NULL;
	struct key *root_key;
	enum co_rc rc;

	*f = (struct fixture){ .home = "/tmp/comity-keeper-XXXXXX" };
	if (mkdtemp(f->home) == NULL)
		return co_fail_errno(err, "mkdtemp");
	f->conf = (struct keeper_conf){
		.address = FIX_ADDRESS,
		.log_origin = FIX_ADDRESS "/ledger",
		.seal_key = fix_path(f, 0, "seal.key"),
		.seal_cert = fix_path(f, 1, "seal.pem"),
		.tls_key = fix_path(f, 2, "tls.key"),
		.tls_cert = fix_path(f, 3, "tls.pem"),
		.tsa_key = fix_path(f, 4, "tsa.key"),
		.tsa_cert = fix_path(f, 5, "tsa.pem"),
		.log_key = fix_path(f, 6, "log.key"),
		.secret_file = fix_path(f, 7, "passphrase"),
		.seccomp = getenv("COMITY_TEST_NO_SECCOMP") == NULL,
	};
	rc = key_generate(&f->root_key, KEY_P256, err);
	root_key = f->root_key;
	if (rc == CO_OK)
		rc = cert_issue(&f->root, &ask, root_key, NULL, root_key, err);
	if (rc == CO_OK)
		rc = fix_cert(&f->seal, CERT_SEAL, seal_type, f->conf.seal_key, f->conf.seal_cert,
			f->root, root_key, from, to, err);
	if (rc == CO_OK)
		rc = fix_cert(&f->tls, CERT_TLS, KEY_P256, f->conf.tls_key, f->conf.tls_cert,
			f->root, root_key, from, tls_to, err);
	if (rc == CO_OK)
		rc = fix_cert(&f->tsa, CERT_TSA, KEY_P256, f->conf.tsa_key, f->conf.tsa_cert,
			f->root, root_key, from, to, err);
	if (rc == CO_OK)
		rc = key_generate(&log_key, KEY_ED25519, err);
	if (rc == CO_OK)
		rc = key_save(log_key, f->conf.log_key, FIX_PASSPHRASE, err);
	if (rc == CO_OK)
		rc = co_write_file(f->conf.secret_file, FIX_PASSPHRASE "\n", sizeof(FIX_PASSPHRASE),
			0600, err);
	return rc;
}

static inline void
fix_drop(struct fixture *f)
{
	static const char *const names[] = { "seal.key", "seal.pem", "tls.key", "tls.pem",
		"tsa.key", "tsa.pem", "log.key", "passphrase", "other" };

	for (size_t i = 0; i < CO_ARRAY_LEN(names); i++) {
		co_auto_free char *path = co_path_join(f->home, names[i]);

		if (path != NULL)
			(void)unlink(path);
	}
	(void)rmdir(f->home);
	key_free(&f->root_key);
	cert_free(&f->root);
	cert_free(&f->seal);
	cert_free(&f->tls);
	cert_free(&f->tsa);
}
