#include "evidence/derive.h"

#include "evidence/source.h"

#include <string.h>

struct derive {
	struct seal_conf conf;
	struct vault_seal *seal;
	char id[CO_UUID_LEN + 1];
	char name[LIMIT_NAME + 1];
	json_t *wrapped;
};

void
derive_free(struct derive **d)
{
	if (*d == NULL)
		return;
	vault_seal_free(&(*d)->seal);
	json_decref((*d)->wrapped);
	free(*d);
	*d = NULL;
}

static enum co_rc
begin(struct derive *d, const unsigned char key[CHUNKED_KEY], struct co_err *err)
{
	TRY(exhibit_wrap(&d->conf, key, &d->wrapped, err));
	return vault_seal_begin(&d->seal, d->conf.vault, d->id, key, &d->conf.how, err);
}

enum co_rc
derive_begin(struct derive **out, const struct seal_conf *conf, struct co_err *err)
{
	derive_auto *d = calloc(1, sizeof(*d));
	unsigned char key[CHUNKED_KEY];
	enum co_rc rc;

	if (d == NULL)
		return co_fail(err, CO_ENOMEM, "derived exhibit");
	d->conf = *conf;
	TRY(exhibit_name(conf, conf->name, false, d->name, err));
	co_uuid7(d->id);
	crypto_random(key, sizeof(key));
	rc = begin(d, key, err);
	crypto_wipe(key, sizeof(key));
	if (rc == CO_OK)
		*out = CO_TAKE(d);
	return rc;
}

enum co_rc
derive_add(struct derive *d, const void *p, size_t n, struct co_err *err)
{
	return vault_seal_add(d->seal, p, n, err);
}

enum co_rc
derive_end(struct derive *d, const json_t *from, const char *by, json_t **exhibit,
	struct co_err *err)
{
	const char *id = json_string_value(json_object_get(from, "id"));
	const json_t *line = json_object_get(from, "derived");
	const char *root = json_string_value(json_object_get(line, "root"));
	struct vault_sums sums = { 0 };
	json_t *o = NULL;

	if (id == NULL)
		return co_fail(err, CO_EUSAGE, "a derived exhibit is made from another");
	TRY(vault_seal_end(d->seal, &sums, err));
	TRY(exhibit_object(&d->conf, d->id, d->name, 0, &sums, d->wrapped, &o, err));
	if (json_object_set_new(o, "derived",
		    json_pack("{s:s,s:s,s:s}", "from", id, "root", root == NULL ? id : root, "by",
			    by)) != 0) {
		json_decref(o);
		return co_fail(err, CO_ENOMEM, "derived exhibit");
	}
	*exhibit = o;
	return CO_OK;
}
