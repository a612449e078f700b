/* Of two signatures by one key only the time, the digest and the signature itself differ. The
 * library writes one of them; afterwards these three are replaced, which costs half of having it
 * build and encode the whole again (measured with OpenSSL 3.0). */
#include "crypto/cms.h"

#include "base/limits.h"
#include "crypto/internal.h"

#include <string.h>
#include <time.h>

enum { UTCTIME_LEN = 13 /* YYMMDDhhmmssZ: until 2049, RFC 5652 11.3 */ };

/* A run of bytes in the template. */
struct span {
	size_t at, n;
};

struct cms_signer {
	const struct key *k;
	const struct cert *c;
	struct co_buf model;          /* empty: sign through the library each time */
	struct span type, front;      /* of ContentInfo; of SignedData up to its signers */
	struct span info;             /* of SignerInfo up to its signature */
	struct span attrs, time, digest; /* inside info */
};

static struct span
span_of(const struct cms_signer *s, const void *p, size_t n)
{
	return (struct span){ (size_t)((const char *)p - s->model.data), n };
}

/* The value of a signed attribute: SEQUENCE { OID, SET { value } }. */
static bool
attribute_read(struct co_cursor *attrs, int nid, struct der_value *value)
{
	const ASN1_OBJECT *want = OBJ_nid2obj(nid);
	struct co_cursor all = *attrs, c;
	struct der_value attribute, oid, set;

	while (der_want(&all, DER_SEQUENCE, &attribute)) {
		c = co_cursor(attribute.body, attribute.body_n);
		if (!der_want(&c, DER_OID, &oid) || !der_want(&c, DER_SET, &set))
			return false;
		if (oid.body_n != OBJ_length(want) ||
			memcmp(oid.body, OBJ_get0_data(want), oid.body_n) != 0)
			continue;
		c = co_cursor(set.body, set.body_n);
		return der_next(&c, value);
	}
	return false;
}

static bool
signer_info_read(struct cms_signer *s, const struct der_value *whole)
{
	struct co_cursor c = co_cursor(whole->body, whole->body_n);
	struct der_value version, id, digest, attrs, algorithm, signature, time, sum;

	(void)der_want(&c, DER_INTEGER, &version);
	(void)der_want(&c, DER_SEQUENCE, &id);
	(void)der_want(&c, DER_SEQUENCE, &digest);
	(void)der_want(&c, DER_CONTEXT_0, &attrs);
	(void)der_want(&c, DER_SEQUENCE, &algorithm);
	if (!der_want(&c, DER_OCTETS, &signature) || c.left != 0)
		return false;
	c = co_cursor(attrs.body, attrs.body_n);
	if (!attribute_read(&c, NID_pkcs9_signingTime, &time) || time.tag != DER_UTCTIME ||
		time.body_n != UTCTIME_LEN ||
		!attribute_read(&c, NID_pkcs9_messageDigest, &sum) || sum.tag != DER_OCTETS ||
		sum.body_n != (size_t)EVP_MD_get_size(s->k->md))
		return false;
	s->info = span_of(s, whole->body, (size_t)(signature.whole - whole->body));
	s->attrs = span_of(s, attrs.whole, attrs.whole_n);
	s->time = span_of(s, time.body, time.body_n);
	s->digest = span_of(s, sum.body, sum.body_n);
	return true;
}

/* Takes the model apart (RFC 5652 5.1). */
static bool
model_read(struct cms_signer *s)
{
	struct co_cursor c = co_cursor(s->model.data, s->model.len);
	struct der_value v, type, signed_data, part, signers;

	if (!der_want(&c, DER_SEQUENCE, &v) || c.left != 0)
		return false;
	c = co_cursor(v.body, v.body_n);
	if (!der_want(&c, DER_OID, &type) || !der_want(&c, DER_CONTEXT_0, &v))
		return false;
	c = co_cursor(v.body, v.body_n);
	if (!der_want(&c, DER_SEQUENCE, &signed_data))
		return false;
	c = co_cursor(signed_data.body, signed_data.body_n);
	(void)der_want(&c, DER_INTEGER, &part);
	(void)der_want(&c, DER_SET, &part);
	(void)der_want(&c, DER_SEQUENCE, &part);
	(void)der_want(&c, DER_CONTEXT_0, &part);
	if (!der_want(&c, DER_SET, &signers) || c.left != 0)
		return false;
	s->type = span_of(s, type.whole, type.whole_n);
	s->front = span_of(s, signed_data.body, (size_t)(signers.whole - signed_data.body));
	c = co_cursor(signers.body, signers.body_n);
	return der_want(&c, DER_SEQUENCE, &v) && c.left == 0 && signer_info_read(s, &v);
}

enum co_rc
cms_signer_open(struct cms_signer **out, const struct key *k, const struct cert *c,
	struct co_err *err)
{
	cms_signer_auto *s = calloc(1, sizeof(*s));
	enum co_rc rc;

	if (s == NULL)
		return co_fail(err, CO_ENOMEM, "signer");
	s->k = k;
	s->c = c;
	co_buf_init(&s->model, LIMIT_SIGNATURE);
	rc = cms_sign(k, c, "", 0, &s->model, err);
	if (rc != CO_OK)
		return rc;
	/* The parameters of PSS and what a token does inside are the library's matter. */
	if (k->kind != KEY_EC || k->in_module || !model_read(s))
		co_buf_reset(&s->model);
	*out = CO_TAKE(s);
	return CO_OK;
}

void
cms_signer_free(struct cms_signer **s)
{
	if (*s == NULL)
		return;
	co_buf_deinit(&(*s)->model);
	free(*s);
	*s = NULL;
}

/* False when the model cannot tell this time. */
static bool
model_set_time(struct cms_signer *s)
{
	char *at = s->model.data + s->time.at;
	time_t now = time(NULL);
	struct tm tm = { 0 };
	bool told = gmtime_r(&now, &tm) != NULL && tm.tm_year >= 70 && tm.tm_year < 150;
	const int parts[] = { tm.tm_year % 100, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
		tm.tm_sec };

	for (size_t i = 0; told && i < CO_ARRAY_LEN(parts); i++) {
		*at++ = (char)('0' + parts[i] / 10);
		*at++ = (char)('0' + parts[i] % 10);
	}
	return told;
}

/* Signs the attributes: they are hashed as the SET OF that they are, RFC 5652 5.4. */
static enum co_rc
model_sign(struct cms_signer *s, const void *data, size_t n, struct co_buf *sig, struct co_err *err)
{
	char *attrs = s->model.data + s->attrs.at;
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned md_n = 0;
	char tag = attrs[0];
	bool good;

	if (EVP_Digest(data, n, md, &md_n, s->k->md, NULL) != 1)
		return crypto_fail(err, CO_ECRYPTO, "digest the content");
	memcpy(s->model.data + s->digest.at, md, md_n);
	attrs[0] = DER_SET;
	good = EVP_Digest(attrs, s->attrs.n, md, &md_n, s->k->md, NULL) == 1;
	attrs[0] = tag;
	if (!good)
		return crypto_fail(err, CO_ECRYPTO, "digest the signed attributes");
	return key_sign_digest(s->k, md, md_n, sig, err);
}

static unsigned char *
span_before(unsigned char *at, const struct cms_signer *s, struct span part)
{
	at -= part.n;
	memcpy(at, s->model.data + part.at, part.n);
	return at;
}

/* From its end to its beginning, because a length stands before what it measures. */
static enum co_rc
model_write(
	const struct cms_signer *s, const struct co_buf *sig, struct co_buf *out,
	struct co_err *err)
{
	unsigned char der[LIMIT_SIGNATURE + 8 * DER_HEAD];
	unsigned char *const end = der + sizeof(der), *at = end - sig->len;

	if (s->model.len + sig->len + 8 * DER_HEAD > LIMIT_SIGNATURE)
		return co_fail(err, CO_ETOOBIG, "signature as %s", s->c->subject);
	memcpy(at, sig->data, sig->len);
	at = der_head_before(at, DER_OCTETS, sig->len);
	at = span_before(at, s, s->info);
	at = der_head_before(at, DER_SEQUENCE, (size_t)(end - at));
	at = der_head_before(at, DER_SET, (size_t)(end - at));
	at = span_before(at, s, s->front);
	at = der_head_before(at, DER_SEQUENCE, (size_t)(end - at));
	at = der_head_before(at, DER_CONTEXT_0, (size_t)(end - at));
	at = span_before(at, s, s->type);
	at = der_head_before(at, DER_SEQUENCE, (size_t)(end - at));
	return co_buf_add(out, at, (size_t)(end - at), err);
}

enum co_rc
cms_signer_sign(
	struct cms_signer *s, const void *data, size_t n, struct co_buf *out, struct co_err *err)
{
	co_auto_buf sig;
	enum co_rc rc;

	co_buf_init(&sig, LIMIT_SIGNATURE);
	if (s->model.len == 0 || !model_set_time(s))
		return cms_sign(s->k, s->c, data, n, out, err);
	rc = model_sign(s, data, n, &sig, err);
	return rc == CO_OK ? model_write(s, &sig, out, err) : rc;
}
