#include "cli/identity.h"

#include "base/clock.h"
#include "base/fs.h"

#include <string.h>
#include <sys/stat.h>

/* Certificates begin an hour ago, so that a partner whose clock is behind accepts them. */
#define EARLY_US (3600ll * 1000000)
#define YEAR_US (366ll * 24 * 3600 * 1000000)

const struct identity identities[IDENTITIES] = {
	{ CERT_SEAL, "seal", "seal", offsetof(struct config, seal_key), 3 },
	{ CERT_TLS, "tls", "tls", offsetof(struct config, tls_key), 3 },
	{ CERT_TSA, "tsa", "time-stamp", offsetof(struct config, tsa_key), 10 },
};

const char *
identity_key(const struct identity *id, const struct config *conf)
{
	return (const char *)conf + id->conf_key;
}

enum co_rc
identity_issue(struct cert **out, const struct identity *id, const struct config *conf,
	const struct key *key, const struct cert *root, const struct key *root_key,
	struct co_err *err)
{
	int64_t now_us = co_now_us();
	struct cert_ask ask = { id->use, conf->name, conf->economy, conf->address,
		now_us - EARLY_US, now_us + id->years * YEAR_US };

	if (ask.from_us < cert_not_before_us(root))
		ask.from_us = cert_not_before_us(root);
	if (ask.to_us > cert_not_after_us(root))
		ask.to_us = cert_not_after_us(root);
	return cert_issue(out, &ask, key, root, root_key, err);
}

enum co_rc
identity_brought(struct cert **out, const struct identity *id, const char *path,
	const struct key *key, const struct cert *root, struct co_err *err)
{
	cert_auto *c = NULL;

	TRY(cert_load(&c, path, err));
	if (!cert_matches_key(c, key))
		return co_fail(err, CO_ECERT, "the certificate %s does not belong to the %s key",
			path, id->word);
	if (cert_validate(c, id->use, co_now_us(), NULL, 0, &root, 1, err) != CO_OK)
		return co_wrap(err, "%s", path);
	*out = CO_TAKE(c);
	return CO_OK;
}

enum co_rc
identity_secret(const char *path, char out[LIMIT_NAME + 1], struct co_err *err)
{
	co_auto_buf b;
	struct stat st;
	enum co_rc rc;

	co_buf_init(&b, LIMIT_NAME);
	out[0] = '\0';
	if (path == NULL)
		return CO_OK;
	if (stat(path, &st) == 0 && (st.st_mode & 077) != 0)
		return co_fail(err, CO_EDENIED, "%s can be read by others: chmod 600 %s", path,
			path);
	rc = co_read_file(path, &b, err);
	if (rc == CO_OK && b.data != NULL)
		(void)snprintf(out, LIMIT_NAME + 1, "%.*s", (int)strcspn(b.data, "\r\n"), b.data);
	if (b.data != NULL)
		crypto_wipe(b.data, b.len);
	return rc;
}
