/* For whom evidence is sealed, and the key that the node gives out: what sealing, acquiring and
 * opening share. */
#include "cli/run.h"

#include "base/enc.h"
#include "base/fs.h"
#include "cli/config.h"
#include "crypto/slot.h"

#include <string.h>

enum co_rc
cli_vault(struct cli *c, struct vault **out, struct co_err *err)
{
	const char *home;
	co_auto_free char *folder = NULL;
	enum co_rc rc = cli_home(c, &home, err);

	if (rc != CO_OK)
		return rc;
	folder = co_path_join(home, "vault");
	return folder == NULL ? co_fail(err, CO_ENOMEM, "vault") : vault_open(out, folder, err);
}

/* The newest seal certificate of an accepted partner: what is wrapped for it, it can open. */
static enum co_rc
partner_seal(struct cli *c, const char *address, struct cert **out, struct co_err *err)
{
	json_auto *in = json_pack("{s:s}", "address", address), *shown = NULL;
	const json_t *seals, *pem;
	enum co_rc rc = cli_call(c, "directory.show", in, &shown, err);

	if (rc != CO_OK)
		return rc;
	if (strcmp(cli_text(shown, "state"), "accepted") != 0)
		return co_fail(err, CO_EDENIED,
			"%s is %s here, not accepted; see comity directory accept", address,
			cli_text(shown, "state"));
	seals = json_object_get(json_object_get(shown, "entry"), "seal");
	pem = json_array_get(seals, 0);
	if (!json_is_string(pem))
		return co_fail(err, CO_EMALFORMED, "the entry of %s has no seal certificate",
			address);
	return cert_from_pem(out, json_string_value(pem), json_string_length(pem), err);
}

static enum co_rc
own_seal(struct cli *c, struct cert **out, char address[LIMIT_ADDRESS + 1], struct co_err *err)
{
	json_auto *in = json_object(), *status = NULL;
	struct slot slots[SLOT_MOST];
	struct config conf;
	const char *home;
	size_t n;
	enum co_rc rc = cli_call(c, "status", in, &status, err);

	if (rc == CO_OK)
		rc = cli_home(c, &home, err);
	if (rc != CO_OK)
		return rc;
	(void)snprintf(address, LIMIT_ADDRESS + 1, "%s", cli_text(status, "address"));
	/* Any of ours would do, for the keeper has all their keys: the newest lasts longest. */
	TRY(config_load(&conf, home, err));
	TRY(slot_list(slots, &n, conf.certs, home, "seal", conf.seal_key, err));
	return cert_load(out, slots[n - 1].cert, err);
}

enum co_rc
cli_seals(struct cli *c, const char *to, struct cli_seals *out, struct co_err *err)
{
	enum co_rc rc = own_seal(c, &out->certs[0], out->ours, err);

	if (rc != CO_OK)
		return rc;
	out->to[0] = (struct seal_recipient){ out->ours, out->certs[0] };
	out->n = 1;
	if (to == NULL || strcmp(to, out->ours) == 0)
		return CO_OK;
	rc = partner_seal(c, to, &out->certs[1], err);
	if (rc != CO_OK)
		return rc;
	out->to[1] = (struct seal_recipient){ to, out->certs[1] };
	out->n = 2;
	return CO_OK;
}

void
cli_seals_deinit(struct cli_seals *s)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(s->certs); i++)
		cert_free(&s->certs[i]);
}

enum co_rc
cli_key(const json_t *answer, unsigned char key[CHUNKED_KEY], struct co_err *err)
{
	const json_t *text = json_object_get(answer, "key");
	co_auto_buf raw;
	enum co_rc rc;

	co_buf_init(&raw, CHUNKED_KEY);
	if (!json_is_string(text))
		return co_fail(err, CO_EMALFORMED, "the node gave no key");
	rc = co_unbase64(json_string_value(text), json_string_length(text), &raw, err);
	if (rc == CO_OK && raw.len != CHUNKED_KEY)
		rc = co_fail(err, CO_EMALFORMED, "the node gave no key");
	if (rc == CO_OK)
		memcpy(key, raw.data, CHUNKED_KEY);
	if (raw.data != NULL)
		crypto_wipe(raw.data, raw.len);
	crypto_wipe((char *)(uintptr_t)json_string_value(text), json_string_length(text));
	return rc;
}

void
cli_how(const struct cli *c, struct vault_how *how)
{
	static const char *const names[DIGEST_N] = { [DIGEST_SHA512] = "sha512",
		[DIGEST_SHA1] = "sha1", [DIGEST_MD5] = "md5" };

	how->coding = cli_has(c, "as-is") ? VAULT_AS_IS : VAULT_ZSTD;
	for (size_t i = 0; i < DIGEST_N; i++)
		how->also[i] = names[i] != NULL && cli_has(c, names[i]);
}
