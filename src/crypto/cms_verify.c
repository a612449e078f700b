/* Verification without decoding the certificate inside: decoding one costs twice an ECDSA check
 * (measured with OpenSSL 3.0), and we hold the only certificate that counts already. The
 * certificates are compared as bytes, cut out, and the library verifies the rest. */
#include "crypto/cms.h"

#include "base/limits.h"
#include "crypto/cms_known.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/ess.h>
#include <string.h>
#include <time.h>

CRYPTO_CLEANUP(cms, CMS_ContentInfo, CMS_ContentInfo_free)
#define auto_cms CO_CLEANUP(crypto_cleanup_cms) CMS_ContentInfo
CRYPTO_CLEANUP(ess, ESS_SIGNING_CERT_V2, ESS_SIGNING_CERT_V2_free)
#define auto_ess CO_CLEANUP(crypto_cleanup_ess) ESS_SIGNING_CERT_V2

/* SignedData (RFC 5652 5.1), taken apart; everything points into the signature. */
struct cms_parts {
	struct der_value type, version, digests, content, certs, signers;
	struct der_value digest_oid;
	size_t certs_n;
};

/* The one digest algorithm that the signer announced. */
static bool
parts_digest(struct cms_parts *p)
{
	struct co_cursor set = co_cursor(p->digests.body, p->digests.body_n), algorithm;
	struct der_value v;

	if (!der_want(&set, DER_SEQUENCE, &v) || set.left != 0)
		return false;
	algorithm = co_cursor(v.body, v.body_n);
	return der_want(&algorithm, DER_OID, &p->digest_oid);
}

static bool
parts_count_certs(struct cms_parts *p)
{
	struct co_cursor c = co_cursor(p->certs.body, p->certs.body_n);
	struct der_value v;

	while (c.left > 0) {
		/* Attribute certificates and other forms are tagged, and not for us. */
		if (!der_want(&c, DER_SEQUENCE, &v))
			return false;
		p->certs_n++;
	}
	return p->certs_n > 0 && p->certs_n <= LIMIT_CHAIN;
}

/* Version 1 with issuer and serial number, 3 with a key identifier, in both places, and attributes
 * that are a constructed value (RFC 5652 5.1, 5.3): the library does not look, and one signature
 * should have one form. */
static bool
parts_form(const struct cms_parts *p)
{
	struct co_cursor c = co_cursor(p->signers.body, p->signers.body_n);
	struct der_value info, version, id, digest, attrs;
	unsigned want;

	if (!der_want(&c, DER_SEQUENCE, &info))
		return false;
	c = co_cursor(info.body, info.body_n);
	if (!der_want(&c, DER_INTEGER, &version) || !der_next(&c, &id) ||
		!der_want(&c, DER_SEQUENCE, &digest) || !der_next(&c, &attrs) ||
		attrs.tag == (DER_CONTEXT_0 & ~DER_CONSTRUCTED))
		return false;
	want = id.tag == DER_SEQUENCE ? 1 : 3;
	return version.body_n == 1 && version.body[0] == want && p->version.body_n == 1 &&
		p->version.body[0] == want;
}

static enum co_rc
parts_read(struct cms_parts *p, const void *sig, size_t sig_n, struct co_err *err)
{
	struct co_cursor c = co_cursor(sig, sig_n);
	struct der_value v;

	*p = (struct cms_parts){ 0 };
	if (sig_n > LIMIT_SIGNATURE)
		return co_fail(err, CO_ETOOBIG, "signature of %zu bytes", sig_n);
	if (!der_is_strict(sig, sig_n))
		return co_fail(err, CO_EMALFORMED, "the signature is not one DER value");
	(void)der_want(&c, DER_SEQUENCE, &v);
	if (c.bad)
		return co_fail(err, CO_EMALFORMED, "the signature is not CMS");
	c = co_cursor(v.body, v.body_n);
	(void)der_want(&c, DER_OID, &p->type);
	if (!der_want(&c, DER_CONTEXT_0, &v) || c.left != 0)
		return co_fail(err, CO_EMALFORMED, "the signature is not CMS");
	c = co_cursor(v.body, v.body_n);
	if (!der_want(&c, DER_SEQUENCE, &v) || c.left != 0)
		return co_fail(err, CO_EMALFORMED, "the signature is not CMS");
	c = co_cursor(v.body, v.body_n);
	(void)der_want(&c, DER_INTEGER, &p->version);
	(void)der_want(&c, DER_SET, &p->digests);
	(void)der_want(&c, DER_SEQUENCE, &p->content);
	if (!der_want(&c, DER_CONTEXT_0, &p->certs) || !parts_count_certs(p))
		return co_fail(err, CO_EMALFORMED, "the signature does not carry its certificate");
	if (!der_want(&c, DER_SET, &p->signers) || c.left != 0 || !parts_digest(p))
		return co_fail(err, CO_EMALFORMED,
			"the signature carries more than certificates, one digest and signers");
	if (!parts_form(p))
		return co_fail(err, CO_EMALFORMED,
			"the signature has a wrong version number or form");
	return CO_OK;
}

/* The same CMS without its certificates, decoded. */
static enum co_rc
parts_decode(CMS_ContentInfo **out, const struct cms_parts *p, struct co_err *err)
{
	unsigned char der[LIMIT_SIGNATURE + 4 * DER_HEAD];
	const struct der_value *const order[] = { &p->signers, &p->content, &p->digests,
		&p->version };
	unsigned char *const end = der + sizeof(der), *at = end;
	const unsigned char *from;

	for (size_t i = 0; i < CO_ARRAY_LEN(order); i++) {
		at -= order[i]->whole_n;
		memcpy(at, order[i]->whole, order[i]->whole_n);
	}
	at = der_head_before(at, DER_SEQUENCE, (size_t)(end - at));
	at = der_head_before(at, DER_CONTEXT_0, (size_t)(end - at));
	at -= p->type.whole_n;
	memcpy(at, p->type.whole, p->type.whole_n);
	at = der_head_before(at, DER_SEQUENCE, (size_t)(end - at));
	from = at;
	*out = d2i_CMS_ContentInfo(NULL, &from, end - at);
	if (*out == NULL || from != end)
		return crypto_fail(err, CO_EMALFORMED, "the signature is not CMS SignedData");
	return CO_OK;
}

/* The one SignerInfo of a detached signature over plain data. */
static enum co_rc
cms_signer(CMS_ContentInfo *cms, CMS_SignerInfo **out, struct co_err *err)
{
	STACK_OF(CMS_SignerInfo) *signers;
	ASN1_OCTET_STRING **content;

	if (OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed ||
		OBJ_obj2nid(CMS_get0_eContentType(cms)) != NID_pkcs7_data)
		return crypto_fail(err, CO_EMALFORMED, "the CMS is not a signature over data");
	content = CMS_get0_content(cms);
	if (content == NULL || *content != NULL)
		return crypto_fail(
			err, CO_EMALFORMED, "the signature must be detached: content inside");
	signers = CMS_get0_SignerInfos(cms);
	if (sk_CMS_SignerInfo_num(signers) != 1)
		return co_fail(err, CO_EMALFORMED, "the signature has %d signers, not one",
			sk_CMS_SignerInfo_num(signers));
	*out = sk_CMS_SignerInfo_value(signers, 0);
	return CO_OK;
}

/* SHA-2 of 256 bits or more, with ECDSA or RSA-PSS; all three places must agree. */
static enum co_rc
cms_algorithms(CMS_SignerInfo *si, const struct cms_parts *p, const EVP_MD **md, struct co_err *err)
{
	X509_ALGOR *digest = NULL, *signature = NULL;
	const ASN1_OBJECT *oid;
	int nid, sig_md = NID_undef, sig_key = NID_undef;

	CMS_SignerInfo_get0_algs(si, NULL, NULL, &digest, &signature);
	X509_ALGOR_get0(&oid, NULL, NULL, digest);
	nid = OBJ_obj2nid(oid);
	*md = nid == NID_sha256 ? crypto_sha256() : nid == NID_sha384 ? crypto_sha384()
		: nid == NID_sha512 ? crypto_sha512() : NULL;
	TRY(algorithm_digest(nid, ALGORITHM_RECORD, 0, err));
	if (*md == NULL)
		return co_fail(err, CO_EINTERNAL, "no digest for %s", OBJ_nid2sn(nid));
	if (OBJ_length(oid) != p->digest_oid.body_n ||
		memcmp(OBJ_get0_data(oid), p->digest_oid.body, p->digest_oid.body_n) != 0)
		return co_fail(
			err, CO_EMALFORMED, "the signature announces another digest than it uses");
	X509_ALGOR_get0(&oid, NULL, NULL, signature);
	if (OBJ_obj2nid(oid) == NID_rsassaPss)
		return CO_OK; /* its parameters name the digest; the library compares */
	TRY(algorithm_signature(OBJ_obj2nid(oid), ALGORITHM_RECORD, 0, err));
	if (OBJ_find_sigid_algs(OBJ_obj2nid(oid), &sig_md, &sig_key) != 1 ||
		sig_key != NID_X9_62_id_ecPublicKey || sig_md != nid)
		return co_fail(err, CO_EVERIFY,
			"the signature algorithm is %s; ECDSA with the digest "
			"itself or RSA-PSS is asked",
			OBJ_nid2sn(OBJ_obj2nid(oid)));
	return CO_OK;
}

/* A signed attribute that stands exactly once with exactly one value; NULL otherwise. */
static const ASN1_TYPE *
cms_attribute(const CMS_SignerInfo *si, int nid)
{
	int at = CMS_signed_get_attr_by_NID(si, nid, -1);
	X509_ATTRIBUTE *a;

	if (at < 0 || CMS_signed_get_attr_by_NID(si, nid, at) >= 0)
		return NULL;
	a = CMS_signed_get_attr(si, at);
	return X509_ATTRIBUTE_count(a) == 1 ? X509_ATTRIBUTE_get0_type(a, 0) : NULL;
}

static enum co_rc
cms_signing_time(const CMS_SignerInfo *si, int64_t *us, struct co_err *err)
{
	const ASN1_TYPE *t = cms_attribute(si, NID_pkcs9_signingTime);
	struct tm tm = { 0 };

	if (t == NULL ||
		!(t->type == V_ASN1_UTCTIME ? ASN1_TIME_to_tm(t->value.utctime, &tm) == 1
			: t->type == V_ASN1_GENERALIZEDTIME &&
				ASN1_TIME_to_tm(t->value.generalizedtime, &tm) == 1))
		return crypto_fail(err, CO_EVERIFY, "the signature has no readable signing time");
	*us = (int64_t)timegm(&tm) * 1000000;
	return CO_OK;
}

static enum co_rc
cms_content_attributes(const CMS_SignerInfo *si, const EVP_MD *md, const void *data, size_t n,
	struct co_err *err)
{
	const ASN1_TYPE *type = cms_attribute(si, NID_pkcs9_contentType);
	const ASN1_TYPE *digest = cms_attribute(si, NID_pkcs9_messageDigest);
	unsigned char own[EVP_MAX_MD_SIZE];
	unsigned own_n = 0;

	if (type == NULL || type->type != V_ASN1_OBJECT ||
		OBJ_obj2nid(type->value.object) != NID_pkcs7_data)
		return co_fail(err, CO_EVERIFY, "the signature does not sign its content type");
	if (digest == NULL || digest->type != V_ASN1_OCTET_STRING)
		return co_fail(
			err, CO_EVERIFY, "the signature does not sign a digest of the content");
	if (EVP_Digest(data, n, own, &own_n, md, NULL) != 1)
		return crypto_fail(err, CO_ECRYPTO, "digest the content");
	if (ASN1_STRING_length(digest->value.octet_string) != (int)own_n ||
		memcmp(ASN1_STRING_get0_data(digest->value.octet_string), own, own_n) != 0)
		return co_fail(err, CO_EVERIFY, "the content is not what was signed");
	return CO_OK;
}

/* RFC 5035: the signature names the certificate it was made for by hash. */
static enum co_rc
cms_ess(const CMS_SignerInfo *si, const struct cert *c, struct co_err *err)
{
	const ASN1_TYPE *t = cms_attribute(si, NID_id_smime_aa_signingCertificateV2);
	auto_ess *ess = NULL;
	const unsigned char *at;
	STACK_OF(X509) *chain;
	int good;

	if (t == NULL || t->type != V_ASN1_SEQUENCE)
		return co_fail(err, CO_EVERIFY, "the signature does not name its certificate "
			"(signing-certificate-v2 is missing)");
	at = ASN1_STRING_get0_data(t->value.sequence);
	ess = d2i_ESS_SIGNING_CERT_V2(NULL, &at, ASN1_STRING_length(t->value.sequence));
	chain = sk_X509_new_null();
	if (chain == NULL || sk_X509_push(chain, c->x) <= 0) {
		sk_X509_free(chain);
		return co_fail(err, CO_ENOMEM, "signing certificate");
	}
	good = ess == NULL ? 0 : OSSL_ESS_check_signing_certs(NULL, ess, chain, 1);
	sk_X509_free(chain);
	if (good != 1)
		return crypto_fail(err, CO_EVERIFY,
			"the signature names another certificate than %s", c->subject);
	return CO_OK;
}

/* The library takes names that differ in case or spaces for one: nothing signs the signer id, so it
 * must be the certificate's own bytes. */
static bool
cms_names(CMS_SignerInfo *si, const struct cert *c)
{
	const unsigned char *named = NULL, *own = NULL;
	X509_NAME *issuer = NULL;
	size_t named_n = 0, own_n = 0;

	if (CMS_SignerInfo_cert_cmp(si, c->x) != 0 ||
		CMS_SignerInfo_get0_signer_id(si, NULL, &issuer, NULL) != 1)
		return false;
	return issuer == NULL ||
		(X509_NAME_get0_der(issuer, &named, &named_n) == 1 &&
			X509_NAME_get0_der(X509_get_issuer_name(c->x), &own, &own_n) == 1 &&
			named_n == own_n && memcmp(named, own, own_n) == 0);
}

/* Among allowed: carried inside byte for byte, and the one that the signer id names. */
static enum co_rc
cms_find(CMS_SignerInfo *si, const struct cms_parts *p, const struct cert *const *allowed,
	size_t allowed_n, size_t *found, struct co_err *err)
{
	for (size_t i = 0; i < allowed_n; i++) {
		struct co_cursor c = co_cursor(p->certs.body, p->certs.body_n);
		struct der_value v;

		while (der_next(&c, &v)) {
			if (v.whole_n != allowed[i]->der_n ||
				memcmp(v.whole, allowed[i]->der, v.whole_n) != 0 ||
				!cms_names(si, allowed[i]))
				continue;
			*found = i;
			return CO_OK;
		}
	}
	return co_fail(err, CO_EVERIFY, "the signer's certificate is not among the %zu allowed",
		allowed_n);
}

/* What else travels inside must at least be certificates, or other readers of the stored
 * signature would stumble over them. */
static enum co_rc
cms_other_certs(const struct cms_parts *p, const struct cert *signer, struct co_err *err)
{
	struct co_cursor c = co_cursor(p->certs.body, p->certs.body_n);
	struct der_value v;

	while (p->certs_n > 1 && der_next(&c, &v)) {
		cert_auto *other = NULL;
		enum co_rc rc;

		if (v.whole_n == signer->der_n && memcmp(v.whole, signer->der, v.whole_n) == 0)
			continue;
		rc = cert_from_der(&other, v.whole, v.whole_n, err);
		if (rc != CO_OK)
			return co_wrap(err, "a further certificate in the signature");
	}
	return CO_OK;
}

struct verify_ask {
	const void *sig, *data;
	size_t sig_n, n;
	const struct cert *const *allowed;
	size_t allowed_n;
};

/* The whole of it, by the library. */
static enum co_rc
verify_decoded(const struct verify_ask *ask, const struct cms_parts *p, struct cms_seen *got,
	struct co_err *err)
{
	auto_cms *cms = NULL;
	CMS_SignerInfo *si = NULL;
	const EVP_MD *md = NULL;
	const struct cert *signer;
	enum co_rc rc = parts_decode(&cms, p, err);

	if (rc == CO_OK)
		rc = cms_signer(cms, &si, err);
	if (rc == CO_OK)
		rc = cms_algorithms(si, p, &md, err);
	if (rc == CO_OK)
		rc = cms_find(si, p, ask->allowed, ask->allowed_n, &got->signer, err);
	if (rc != CO_OK)
		return rc;
	signer = ask->allowed[got->signer];
	rc = cms_other_certs(p, signer, err);
	if (rc == CO_OK)
		rc = cms_content_attributes(si, md, ask->data, ask->n, err);
	if (rc == CO_OK)
		rc = cms_ess(si, signer, err);
	if (rc == CO_OK)
		rc = cms_signing_time(si, &got->signing_time_us, err);
	if (rc != CO_OK)
		return rc;
	CMS_SignerInfo_set1_signer_cert(si, signer->x);
	if (CMS_SignerInfo_verify(si) != 1)
		return crypto_fail(
			err, CO_EVERIFY, "the signature of %s is wrong", signer->subject);
	cms_known_keep(signer, md, ask->sig, ask->sig_n);
	return CO_OK;
}

/* By a form that was accepted before, if it has one. */
static bool
verify_known(const struct verify_ask *ask, struct cms_seen *got, enum co_rc *rc, struct co_err *err)
{
	for (size_t i = 0; i < ask->allowed_n; i++) {
		got->signer = i;
		if (cms_known_verify(ask->allowed[i], ask->sig, ask->sig_n, ask->data, ask->n,
			    &got->signing_time_us, rc, err))
			return true;
	}
	return false;
}

enum co_rc
cms_verify(const void *sig, size_t sig_n, const void *data, size_t n,
	const struct cert *const *allowed, size_t allowed_n, struct cms_seen *seen,
	struct co_err *err)
{
	const struct verify_ask ask = { sig, data, sig_n, n, allowed, allowed_n };
	struct cms_seen got = { 0 };
	struct cms_parts p;
	enum co_rc rc;

	ERR_clear_error();
	rc = parts_read(&p, sig, sig_n, err);
	if (rc == CO_OK && !verify_known(&ask, &got, &rc, err))
		rc = verify_decoded(&ask, &p, &got, err);
	if (rc == CO_OK && seen != NULL)
		*seen = got;
	return rc;
}

enum co_rc
cms_claimed_signer(struct cert **out, const void *sig, size_t sig_n, struct co_err *err)
{
	auto_cms *cms = NULL;
	CMS_SignerInfo *si = NULL;
	struct co_cursor c;
	struct cms_parts p;
	struct der_value v;
	enum co_rc rc;

	ERR_clear_error();
	rc = parts_read(&p, sig, sig_n, err);
	if (rc == CO_OK)
		rc = parts_decode(&cms, &p, err);
	if (rc == CO_OK)
		rc = cms_signer(cms, &si, err);
	if (rc != CO_OK)
		return rc;
	c = co_cursor(p.certs.body, p.certs.body_n);
	while (der_next(&c, &v)) {
		cert_auto *one = NULL;

		rc = cert_from_der(&one, v.whole, v.whole_n, err);
		if (rc != CO_OK)
			return rc;
		if (CMS_SignerInfo_cert_cmp(si, one->x) == 0) {
			*out = CO_TAKE(one);
			return CO_OK;
		}
	}
	return co_fail(err, CO_ENOTFOUND, "the signature does not carry its signer's certificate");
}
