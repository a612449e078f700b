/* Between two signatures by one signer only the signing time, the digest and the signature value
 * differ: which bytes of a signature are these three, and which the rest. */
#include "crypto/cms_model.h"

#include "crypto/internal.h"

#include <openssl/objects.h>
#include <string.h>

/* The one value of a signed attribute: SEQUENCE { OID, SET { value } }. */
static bool
attribute_read(const struct der_value *attrs, int nid, unsigned tag, struct der_value *value)
{
	const ASN1_OBJECT *want = OBJ_nid2obj(nid);
	struct co_cursor all = co_cursor(attrs->body, attrs->body_n), c;
	struct der_value attribute, oid, set;

	while (der_want(&all, DER_SEQUENCE, &attribute)) {
		c = co_cursor(attribute.body, attribute.body_n);
		if (!der_want(&c, DER_OID, &oid) || !der_want(&c, DER_SET, &set) || c.left != 0)
			return false;
		if (oid.body_n != OBJ_length(want) ||
			memcmp(oid.body, OBJ_get0_data(want), oid.body_n) != 0)
			continue;
		c = co_cursor(set.body, set.body_n);
		return der_want(&c, tag, value) && c.left == 0;
	}
	return false;
}

static bool
signer_info_read(struct cms_model *m, const struct der_value *whole, const unsigned char *der)
{
	struct co_cursor c = co_cursor(whole->body, whole->body_n);
	struct der_value part, attrs, value, time, digest;

	(void)der_want(&c, DER_INTEGER, &part);
	(void)der_want(&c, DER_SEQUENCE, &part); /* issuer and serial number */
	(void)der_want(&c, DER_SEQUENCE, &part); /* digest algorithm */
	(void)der_want(&c, DER_CONTEXT_0, &attrs);
	(void)der_want(&c, DER_SEQUENCE, &part); /* signature algorithm */
	if (!der_want(&c, DER_OCTETS, &value) || c.left != 0 ||
		!attribute_read(&attrs, NID_pkcs9_signingTime, DER_UTCTIME, &time) ||
		time.body_n != UTCTIME_LEN ||
		!attribute_read(&attrs, NID_pkcs9_messageDigest, DER_OCTETS, &digest))
		return false;
	m->info = (struct span){ (size_t)(whole->body - der), (size_t)(value.whole - whole->body) };
	m->attrs = (struct span){ (size_t)(attrs.whole - der), attrs.whole_n };
	m->time = (struct span){ (size_t)(time.body - der), time.body_n };
	m->digest = (struct span){ (size_t)(digest.body - der), digest.body_n };
	m->value = (struct span){ (size_t)(value.body - der), value.body_n };
	return true;
}

bool
cms_model_read(struct cms_model *m, const void *der, size_t n)
{
	const unsigned char *from = der;
	struct co_cursor c = co_cursor(der, n);
	struct der_value v, type, data, part, signers;

	if (!der_want(&c, DER_SEQUENCE, &v) || c.left != 0)
		return false;
	c = co_cursor(v.body, v.body_n);
	if (!der_want(&c, DER_OID, &type) || !der_want(&c, DER_CONTEXT_0, &v) || c.left != 0)
		return false;
	c = co_cursor(v.body, v.body_n);
	if (!der_want(&c, DER_SEQUENCE, &data) || c.left != 0)
		return false;
	c = co_cursor(data.body, data.body_n);
	(void)der_want(&c, DER_INTEGER, &part);
	(void)der_want(&c, DER_SET, &part);       /* digest algorithms */
	(void)der_want(&c, DER_SEQUENCE, &part);  /* content: none, it is detached */
	(void)der_want(&c, DER_CONTEXT_0, &part); /* certificates */
	if (!der_want(&c, DER_SET, &signers) || c.left != 0)
		return false;
	m->type = (struct span){ (size_t)(type.whole - from), type.whole_n };
	m->front = (struct span){ (size_t)(data.body - from), (size_t)(signers.whole - data.body) };
	c = co_cursor(signers.body, signers.body_n);
	return der_want(&c, DER_SEQUENCE, &v) && c.left == 0 && signer_info_read(m, &v, from);
}

static bool
same(const unsigned char *a, struct span in_a, const unsigned char *b, struct span in_b)
{
	return in_a.n == in_b.n && memcmp(a + in_a.at, b + in_b.at, in_a.n) == 0;
}

/* From the end of one span to the beginning of another. */
static struct span
between(struct span from, struct span to)
{
	size_t at = from.at + from.n;

	return (struct span){ at, to.at - at };
}

bool
cms_model_same(const struct cms_model *m, const void *der, const struct cms_model *n,
	const void *other)
{
	const unsigned char *a = der, *b = other;
	struct span m_open = { m->info.at, 0 }, n_open = { n->info.at, 0 };
	struct span m_end = { m->info.at + m->info.n, 0 }, n_end = { n->info.at + n->info.n, 0 };

	/* DER sorts a SET: with this length the time always stands before the digest. */
	return m->time.at < m->digest.at && n->time.at < n->digest.at &&
		m->digest.n == n->digest.n && same(a, m->type, b, n->type) &&
		same(a, m->front, b, n->front) &&
		same(a, between(m_open, m->time), b, between(n_open, n->time)) &&
		same(a, between(m->time, m->digest), b, between(n->time, n->digest)) &&
		same(a, between(m->digest, m_end), b, between(n->digest, n_end));
}

enum co_rc
cms_model_hash(const struct cms_model *m, const void *der, const EVP_MD *md, unsigned char *out,
	struct co_err *err)
{
	const unsigned char *attrs = (const unsigned char *)der + m->attrs.at;
	const unsigned char set = DER_SET;
	auto_md_ctx *ctx = EVP_MD_CTX_new();

	if (ctx == NULL || EVP_DigestInit_ex(ctx, md, NULL) != 1 ||
		EVP_DigestUpdate(ctx, &set, 1) != 1 ||
		EVP_DigestUpdate(ctx, attrs + 1, m->attrs.n - 1) != 1 ||
		EVP_DigestFinal_ex(ctx, out, NULL) != 1)
		return crypto_fail(err, CO_ECRYPTO, "digest the signed attributes");
	return CO_OK;
}
