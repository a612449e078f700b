#include "base/limits.h"
#include "crypto/internal.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

enum { ISSUE_SERIAL = 16 };

struct issue_ext {
	int nid;
	const char *value;
};

/* RFC 5280 4.2; time-stamping: RFC 3161 2.3. Subject and issuer key ids go into every one. */
static const struct issue_ext issue_root[] = {
	{ NID_basic_constraints, "critical,CA:TRUE,pathlen:0" },
	{ NID_key_usage, "critical,keyCertSign,cRLSign" },
	{ NID_undef, NULL },
};
static const struct issue_ext issue_seal_ec[] = {
	{ NID_basic_constraints, "critical,CA:FALSE" },
	{ NID_key_usage, "critical,digitalSignature,nonRepudiation,keyAgreement" },
	{ NID_undef, NULL },
};
static const struct issue_ext issue_seal_rsa[] = {
	{ NID_basic_constraints, "critical,CA:FALSE" },
	{ NID_key_usage, "critical,digitalSignature,nonRepudiation,keyEncipherment" },
	{ NID_undef, NULL },
};
static const struct issue_ext issue_tls[] = {
	{ NID_basic_constraints, "critical,CA:FALSE" },
	{ NID_key_usage, "critical,digitalSignature" },
	{ NID_ext_key_usage, "clientAuth,serverAuth" },
	{ NID_undef, NULL },
};
static const struct issue_ext issue_tsa[] = {
	{ NID_basic_constraints, "critical,CA:FALSE" },
	{ NID_key_usage, "critical,digitalSignature,nonRepudiation" },
	{ NID_ext_key_usage, "critical,timeStamping" },
	{ NID_undef, NULL },
};

static const struct issue_ext *
issue_profile(enum cert_use use, const struct key *subject)
{
	static const struct issue_ext *const profiles[] = {
		[CERT_ROOT] = issue_root,
		[CERT_SEAL] = issue_seal_ec,
		[CERT_TLS] = issue_tls,
		[CERT_TSA] = issue_tsa,
	};

	if (use == CERT_SEAL && subject->kind == KEY_RSA)
		return issue_seal_rsa;
	return profiles[use];
}

static bool
issue_add(X509 *x, X509V3_CTX *ctx, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_nconf_nid(NULL, ctx, nid, value);
	bool ok = e != NULL && X509_add_ext(x, e, -1) == 1;

	X509_EXTENSION_free(e);
	return ok;
}

/* A name that goes into a dNSName and, as text, into OpenSSL's extension syntax. */
static bool
issue_name_is_plain(const char *s)
{
	return s[0] != '\0' && strlen(s) <= LIMIT_ADDRESS &&
		strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			"0123456789.-") == strlen(s);
}

static bool
issue_extensions(X509 *x, const struct cert_ask *ask, const struct key *subject, X509 *issuer)
{
	char names[2 * LIMIT_ADDRESS + 32];
	X509V3_CTX ctx;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	for (const struct issue_ext *e = issue_profile(ask->use, subject); e->value != NULL; e++)
		if (!issue_add(x, &ctx, e->nid, e->value))
			return false;
	if (ask->use == CERT_TLS) {
		(void)snprintf(names, sizeof(names), "DNS:%s,URI:comity:%s", ask->name, ask->name);
		if (!issue_add(x, &ctx, NID_subject_alt_name, names))
			return false;
	}
	return issue_add(x, &ctx, NID_subject_key_identifier, "hash") &&
		issue_add(x, &ctx, NID_authority_key_identifier, "keyid:always");
}

static bool
issue_subject(X509_NAME *name, const struct cert_ask *ask)
{
	const struct {
		const char *field, *value;
	} parts[] = { { "C", ask->country }, { "O", ask->organisation }, { "CN", ask->name } };

	for (size_t i = 0; i < CO_ARRAY_LEN(parts); i++)
		if (parts[i].value != NULL && parts[i].value[0] != '\0' &&
			X509_NAME_add_entry_by_txt(name, parts[i].field, MBSTRING_UTF8,
				(const unsigned char *)parts[i].value, -1, -1, 0) != 1)
			return false;
	return true;
}

static bool
issue_serial(X509 *x)
{
	unsigned char raw[ISSUE_SERIAL];
	BIGNUM *n;
	bool ok;

	crypto_random(raw, sizeof(raw));
	raw[0] = (unsigned char)((raw[0] & 0x3f) | 0x40); /* positive, and always 16 bytes long */
	n = BN_bin2bn(raw, sizeof(raw), NULL);
	ok = n != NULL && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)) != NULL;
	BN_free(n);
	return ok;
}

static bool
issue_fill(X509 *x, const struct cert_ask *ask, const struct key *subject_key, X509 *issuer,
	const struct key *issuer_key)
{
	return X509_set_version(x, X509_VERSION_3) == 1 && issue_serial(x) &&
		ASN1_TIME_set(X509_getm_notBefore(x), (time_t)(ask->from_us / 1000000)) != NULL &&
		ASN1_TIME_set(X509_getm_notAfter(x), (time_t)(ask->to_us / 1000000)) != NULL &&
		X509_set_pubkey(x, subject_key->pkey) == 1
		&& issue_subject(X509_get_subject_name(x), ask) && X509_set_issuer_name(x,
			X509_get_subject_name(issuer)) == 1 &&
		issue_extensions(x, ask, subject_key, issuer) &&
		X509_sign(x, issuer_key->pkey, issuer_key->md) > 0;
}

/* Through the reader, so that what we issue is what everyone else will accept. */
static enum co_rc
issue_read_back(struct cert **out, X509 *x, struct co_err *err)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);
	enum co_rc rc;

	if (n <= 0)
		return crypto_fail(err, CO_ECRYPTO, "write a new certificate");
	rc = cert_from_der(out, der, (size_t)n, err);
	OPENSSL_free(der);
	return rc;
}

enum co_rc
cert_issue(struct cert **out, const struct cert_ask *ask, const struct key *subject_key,
	const struct cert *issuer, const struct key *issuer_key, struct co_err *err)
{
	auto_x509 *x = NULL;

	if (ask->name == NULL || ask->name[0] == '\0' || ask->to_us <= ask->from_us)
		return co_fail(err, CO_EUSAGE,
			"a certificate needs a name and an end after its start");
	if (ask->use == CERT_TLS && !issue_name_is_plain(ask->name))
		return co_fail(err, CO_EUSAGE, "\"%s\" cannot be the name of a node: "
			"use letters, digits, dots and hyphens", ask->name);
	if (issuer != NULL && !cert_matches_key(issuer, issuer_key))
		return co_fail(err, CO_EUSAGE,
			"the issuer's certificate and key do not belong together");
	ERR_clear_error();
	x = X509_new();
	if (x == NULL ||
		!issue_fill(x, ask, subject_key, issuer != NULL ? issuer->x : x, issuer_key))
		return crypto_fail(err, CO_ECRYPTO, "issue a certificate for %s", ask->name);
	return issue_read_back(out, x, err);
}

/* ---- requests ---- */

static bool
request_add(STACK_OF(X509_EXTENSION) *all, X509V3_CTX *ctx, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_nconf_nid(NULL, ctx, nid, value);

	if (e != NULL && sk_X509_EXTENSION_push(all, e) > 0)
		return true;
	X509_EXTENSION_free(e);
	return false;
}

static bool
request_extensions(X509_REQ *req, const struct cert_ask *ask, const struct key *key)
{
	STACK_OF(X509_EXTENSION) *all = sk_X509_EXTENSION_new_null();
	char names[2 * LIMIT_ADDRESS + 32];
	X509V3_CTX ctx;
	bool ok = all != NULL;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, NULL, NULL, req, NULL, 0);
	for (const struct issue_ext *e = issue_profile(ask->use, key); ok && e->value != NULL; e++)
		ok = request_add(all, &ctx, e->nid, e->value);
	(void)snprintf(names, sizeof(names), "DNS:%s,URI:comity:%s", ask->name, ask->name);
	if (ok && ask->use == CERT_TLS)
		ok = request_add(all, &ctx, NID_subject_alt_name, names);
	ok = ok && X509_REQ_add_extensions(req, all) == 1;
	sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
	return ok;
}

static void
request_free(X509_REQ **req)
{
	X509_REQ_free(*req);
}

enum co_rc
cert_request(const struct cert_ask *ask, const struct key *key, struct co_buf *out,
	struct co_err *err)
{
	CO_CLEANUP(request_free) X509_REQ *req = NULL;
	auto_bio *pem = BIO_new(BIO_s_mem());

	if (!issue_name_is_plain(ask->name))
		return co_fail(err, CO_EUSAGE, "\"%s\" cannot be the name of a node: "
			"use letters, digits, dots and hyphens", ask->name);
	ERR_clear_error();
	req = X509_REQ_new();
	if (req == NULL || pem == NULL || X509_REQ_set_version(req, X509_REQ_VERSION_1) != 1 ||
		!issue_subject(X509_REQ_get_subject_name(req), ask) ||
		X509_REQ_set_pubkey(req, key->pkey) != 1 || !request_extensions(req, ask, key) ||
		X509_REQ_sign(req, key->pkey, key->md) <= 0 ||
		PEM_write_bio_X509_REQ(pem, req) != 1)
		return crypto_fail(err, CO_ECRYPTO, "a request for a certificate of %s", ask->name);
	return crypto_bio_add(out, pem, err);
}
