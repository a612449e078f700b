/* Of two signatures by one key only the time, the digest and the signature itself differ. The
 * library writes one of them; afterwards these three are replaced, which costs half of having it
 * build and encode the whole again (measured with OpenSSL 3.0). */
#include "crypto/cms.h"

#include "base/limits.h"
#include "crypto/cms_model.h"

#include <string.h>
#include <time.h>

struct cms_signer {
	const struct key *k;
	const struct cert *c;
	struct co_buf der; /* empty: sign through the library each time */
	struct cms_model model;
};

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
	co_buf_init(&s->der, LIMIT_SIGNATURE);
	rc = cms_sign(k, c, "", 0, &s->der, err);
	if (rc != CO_OK)
		return rc;
	/* The parameters of PSS and what a token does inside are the library's matter. */
	if (k->kind != KEY_EC || k->in_module ||
		!cms_model_read(&s->model, s->der.data, s->der.len))
		co_buf_reset(&s->der);
	*out = CO_TAKE(s);
	return CO_OK;
}

void
cms_signer_free(struct cms_signer **s)
{
	if (*s == NULL)
		return;
	co_buf_deinit(&(*s)->der);
	free(*s);
	*s = NULL;
}

/* False when the model cannot tell this time. */
static bool
model_set_time(struct cms_signer *s)
{
	char *at = s->der.data + s->model.time.at;
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

static enum co_rc
model_sign(struct cms_signer *s, const void *data, size_t n, struct co_buf *sig, struct co_err *err)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned md_n = 0;
	enum co_rc rc;

	if (EVP_Digest(data, n, md, &md_n, s->k->md, NULL) != 1)
		return crypto_fail(err, CO_ECRYPTO, "digest the content");
	memcpy(s->der.data + s->model.digest.at, md, md_n);
	rc = cms_model_hash(&s->model, s->der.data, s->k->md, md, err);
	return rc == CO_OK ? key_sign_digest(s->k, md, md_n, sig, err) : rc;
}

static unsigned char *
span_before(unsigned char *at, const struct cms_signer *s, struct span part)
{
	at -= part.n;
	memcpy(at, s->der.data + part.at, part.n);
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

	if (s->der.len + sig->len + 8 * DER_HEAD > LIMIT_SIGNATURE)
		return co_fail(err, CO_ETOOBIG, "signature as %s", s->c->subject);
	memcpy(at, sig->data, sig->len);
	at = der_head_before(at, DER_OCTETS, sig->len);
	at = span_before(at, s, s->model.info);
	at = der_head_before(at, DER_SEQUENCE, (size_t)(end - at));
	at = der_head_before(at, DER_SET, (size_t)(end - at));
	at = span_before(at, s, s->model.front);
	at = der_head_before(at, DER_SEQUENCE, (size_t)(end - at));
	at = der_head_before(at, DER_CONTEXT_0, (size_t)(end - at));
	at = span_before(at, s, s->model.type);
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
	if (s->der.len == 0 || !model_set_time(s))
		return cms_sign(s->k, s->c, data, n, out, err);
	rc = model_sign(s, data, n, &sig, err);
	return rc == CO_OK ? model_write(s, &sig, out, err) : rc;
}
