/* An entry record's body -> a partner: pure, and the one place where a directory entry is judged.
 */
#include "base/log.h"
#include "exchange/inside.h"

static enum co_rc
text_take(const json_t *body, const char *member, char *out, size_t cap, struct co_err *err)
{
	const char *s = json_string_value(json_object_get(body, member));

	if (s == NULL || s[0] == '\0')
		return co_fail(err, CO_EMALFORMED, "entry: %s is missing", member);
	if (strlen(s) >= cap)
		return co_fail(err, CO_ETOOBIG, "entry: %s is longer than %zu", member, cap - 1);
	(void)snprintf(out, cap, "%s", s);
	return CO_OK;
}

static enum co_rc
cert_take(struct cert **out, const json_t *pem, const char *member, struct co_err *err)
{
	const char *s = json_string_value(pem);

	if (s == NULL || json_string_length(pem) > LIMIT_CERT)
		return co_fail(err, CO_EMALFORMED, "entry: %s is no certificate in PEM", member);
	if (cert_from_pem(out, s, json_string_length(pem), err) != CO_OK)
		return co_wrap(err, "entry: %s", member);
	return CO_OK;
}

/* Does it chain to the entry's root for its use? Judged at the start of its validity: whether it is
 * expired is asked at every use. */
static enum co_rc
chain_check(const struct cert *c, enum cert_use use, const struct cert *root, const char *member,
	struct co_err *err)
{
	int64_t at_us = cert_not_before_us(c);

	if (at_us < cert_not_before_us(root))
		at_us = cert_not_before_us(root);
	if (cert_validate(c, use, at_us, NULL, 0, &root, 1, err) != CO_OK)
		return co_wrap(err, "entry: %s %s does not chain to the entry's root", member,
			cert_subject(c));
	return CO_OK;
}

static enum co_rc
seals_take(struct partner *p, const json_t *list, struct co_err *err)
{
	if (!json_is_array(list) || json_array_size(list) == 0 ||
		json_array_size(list) > PARTNER_CERTS)
		return co_fail(err, CO_EMALFORMED, "entry: seal holds 1 to %d certificates",
			PARTNER_CERTS);
	for (size_t i = 0; i < json_array_size(list); i++) {
		TRY(cert_take(&p->seal[i], json_array_get(list, i), "seal", err));
		p->seal_n = i + 1;
		TRY(chain_check(p->seal[i], CERT_SEAL, p->root, "seal", err));
	}
	return CO_OK;
}

static enum co_rc
tls_take(struct partner *p, const json_t *list, struct co_err *err)
{
	if (!json_is_array(list) || json_array_size(list) == 0 ||
		json_array_size(list) > PARTNER_CERTS)
		return co_fail(
			err, CO_EMALFORMED, "entry: tls holds 1 to %d certificates", PARTNER_CERTS);
	for (size_t i = 0; i < json_array_size(list); i++) {
		cert_auto *c = NULL;

		TRY(cert_take(&c, json_array_get(list, i), "tls", err));
		TRY(chain_check(c, CERT_TLS, p->root, "tls", err));
		memcpy(p->tls_sha256[i], cert_sha256(c), SHA256_LEN);
		p->tls_n = i + 1;
	}
	return CO_OK;
}

static enum co_rc
ledger_take(struct partner *p, const json_t *ledger, struct co_err *err)
{
	unsigned char pub[ED25519_PUB];
	char name[LIMIT_NAME + 1], origin[LIMIT_NAME + 1], want[LIMIT_ADDRESS + 16];

	TRY(text_take(ledger, "vkey", p->vkey, sizeof(p->vkey), err));
	TRY(text_take(ledger, "origin", origin, sizeof(origin), err));
	if (vkey_parse(p->vkey, name, pub, err) != CO_OK)
		return co_wrap(err, "entry: ledger.vkey");
	(void)snprintf(want, sizeof(want), "%s/ledger", p->address);
	if (strcmp(origin, want) != 0 || strcmp(name, want) != 0)
		return co_fail(err, CO_EMALFORMED,
			"entry: the ledger's origin and key name must be %s", want);
	return CO_OK;
}

static bool
one_of(const char *s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(s, list[i]) == 0)
			return true;
	}
	return false;
}

static enum co_rc
entry_take(struct partner *p, const struct record *entry, struct co_err *err)
{
	static const char *const roles[] = { "contact", "authority", "provider" };
	const json_t *b = entry->body;

	if (entry->kind != REC_ENTRY)
		return co_fail(err, CO_EMALFORMED, "a %s is no directory entry",
			record_kind_name(entry->kind));
	(void)snprintf(p->address, sizeof(p->address), "%s", entry->from);
	TRY(text_take(b, "name", p->name, sizeof(p->name), err));
	TRY(text_take(b, "economy", p->economy, sizeof(p->economy), err));
	TRY(text_take(b, "role", p->role, sizeof(p->role), err));
	TRY(text_take(b, "url", p->url, sizeof(p->url), err));
	TRY(text_take(b, "timezone", p->timezone, sizeof(p->timezone), err));
	if (!one_of(p->role, roles, CO_ARRAY_LEN(roles)))
		return co_fail(err, CO_EMALFORMED,
			"entry: role \"%s\" is not contact, authority or provider", p->role);
	if (strncmp(p->url, "https://", 8) != 0)
		return co_fail(err, CO_EMALFORMED, "entry: url must begin with https://");
	TRY(cert_take(&p->root, json_object_get(b, "root"), "root", err));
	TRY(seals_take(p, json_object_get(b, "seal"), err));
	TRY(tls_take(p, json_object_get(b, "tls"), err));
	return ledger_take(p, json_object_get(b, "ledger"), err);
}

enum co_rc
partner_from_entry(struct partner *out, const struct record *entry, struct co_err *err)
{
	struct partner p = { .accepted = false };
	enum co_rc rc = entry_take(&p, entry, err);

	if (rc == CO_OK)
		*out = p;
	else
		partner_deinit(&p);
	return rc;
}

void
partner_deinit(struct partner *p)
{
	cert_free(&p->root);
	for (size_t i = 0; i < PARTNER_CERTS; i++)
		cert_free(&p->seal[i]);
	*p = (struct partner){ .accepted = false };
}
