/* Legal documents of a case as containers of their own: each request and each decision, with the
 * signature it came with and the receipts for it. Made in the node, because the keeper signs. */
#include "evidence/inside.h"

#include "base/enc.h"
#include "base/log.h"
#include "crypto/cms.h"
#include "evidence/asice.h"
#include "evidence/legal.h"

/* Notices that decide something, and those that say it was done. */
static const char *const decisions[] = { "accepted", "condition-offered", "condition-accepted",
	"condition-declined", "referred", "postponed", "partial", "executed", "path-disclosed",
	"extended", "impossible", "refused", "withdrawn" };

static const char *
text_in(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

bool
legal_document(const char *kind, const json_t *body)
{
	const char *state = text_in(body, "state");

	if (strcmp(kind, "request") == 0)
		return true;
	for (size_t i = 0; strcmp(kind, "notice") == 0 && i < CO_ARRAY_LEN(decisions); i++)
		if (strcmp(state, decisions[i]) == 0)
			return true;
	return false;
}

struct legal {
	struct evidence *e;
	struct asice manifest;
	struct asice_file files[LIMIT_CONTAINER_FILES + 2];
	struct co_buf bytes[LIMIT_CONTAINER_FILES];
	char names[LIMIT_CONTAINER_FILES][CO_UUID_LEN + 16];
	size_t n;
};

static void
legal_deinit(struct legal *l)
{
	for (size_t i = 0; i < l->n; i++)
		co_buf_deinit(&l->bytes[i]);
	asice_deinit(&l->manifest);
	free(l);
}

static void
legal_free(struct legal **l)
{
	if (*l != NULL)
		legal_deinit(*l);
}

static enum co_rc
file_add(struct legal *l, const char *id, const char *end, const char *media, const char *base64,
	struct co_err *err)
{
	struct co_buf *b = &l->bytes[l->n];
	unsigned char digest[SHA256_LEN];

	co_buf_init(b, LIMIT_RECORD);
	(void)snprintf(l->names[l->n], sizeof(l->names[0]), "%.36s%s", id, end);
	l->n++; /* b is freed from here on */
	TRY(co_unbase64(base64, strlen(base64), b, err));
	sha256(b->data, b->len, digest);
	l->files[l->n - 1] = (struct asice_file){ l->names[l->n - 1], b->data, b->len };
	return asice_add(&l->manifest, l->names[l->n - 1], media, digest, err);
}

static enum co_rc
record_add(struct legal *l, const json_t *row, struct co_err *err)
{
	if (l->n + 2 > LIMIT_CONTAINER_FILES)
		return co_fail(err, CO_ETOOBIG, "more than %u files in one container",
			LIMIT_CONTAINER_FILES);
	TRY(file_add(l, text_in(row, "id"), ".json", "application/json", text_in(row, "bytes"),
		err));
	return file_add(l, text_in(row, "id"), ".json.p7s", "application/x-pkcs7-signature",
		text_in(row, "sig"), err);
}

/* CAdES-B by the keeper, CAdES-T when the authority answers. */
static enum co_rc
legal_sign(struct evidence *e, const struct co_buf *manifest, struct co_buf *out,
	struct co_err *err)
{
	unsigned char digest[SHA256_LEN];
	struct co_err why = { 0 };
	co_auto_buf sig;
	co_auto_buf resp;
	co_auto_buf with;

	co_buf_init(&sig, LIMIT_SIGNATURE);
	co_buf_init(&resp, LIMIT_TOKEN);
	co_buf_init(&with, LIMIT_SIGNATURE_LONG);
	TRY(keeper_sign_container(
		exchange_keeper(e->x), manifest->data, manifest->len, &sig, err));
	/* By the own authority: an outside one answers in its own time, for checkpoints. */
	if (cms_stamp_digest(sig.data, sig.len, digest, &why) != CO_OK ||
		keeper_stamp(exchange_keeper(e->x), digest, sizeof(digest), &resp, &why) !=
			CO_OK ||
		cms_stamp_add(sig.data, sig.len, resp.data, resp.len, &with, &why) != CO_OK) {
		co_warn("evidence", "a container has no time-stamp of its own: %s", why.msg);
		return co_buf_add(out, sig.data, sig.len, err);
	}
	return co_buf_add(out, with.data, with.len, err);
}

/* The document, its receipts, and the whole of it signed. */
static enum co_rc
legal_make(struct evidence *e, const json_t *records, const json_t *row, struct co_buf *out,
	struct co_err *err)
{
	CO_CLEANUP(legal_free) struct legal *l = calloc(1, sizeof(*l));
	const json_t *other;
	size_t i;
	co_auto_buf manifest;
	co_auto_buf sig;

	co_buf_init(&manifest, LIMIT_XML);
	co_buf_init(&sig, LIMIT_SIGNATURE_LONG);
	if (l == NULL)
		return co_fail(err, CO_ENOMEM, "container");
	asice_init(&l->manifest);
	TRY(record_add(l, row, err));
	json_array_foreach(records, i, other)
	{
		if (strcmp(text_in(other, "of"), text_in(row, "id")) == 0 &&
			l->n + 2 <= LIMIT_CONTAINER_FILES)
			TRY(record_add(l, other, err));
	}
	TRY(asice_manifest(&l->manifest, &manifest, err));
	TRY(legal_sign(e, &manifest, &sig, err));
	l->files[l->n] = (struct asice_file){ ASICE_MANIFEST, manifest.data, manifest.len };
	l->files[l->n + 1] = (struct asice_file){ ASICE_SIGNATURE, sig.data, sig.len };
	return asice_pack(l->files, l->n + 2, out, err);
}

enum co_rc
legal_containers(struct evidence *e, const json_t *records, json_t *out, struct co_err *err)
{
	const json_t *row;
	size_t i;

	json_array_foreach(records, i, row)
	{
		co_auto_buf zip;
		co_auto_buf text;

		co_buf_init(&zip, LIMIT_PACKAGE_MEMBER);
		co_buf_init(&text, LIMIT_PACKAGE_MEMBER * 2);
		if (!json_is_true(json_object_get(row, "legal")))
			continue;
		if (legal_make(e, records, row, &zip, err) != CO_OK)
			return co_wrap(err, "container of %s", text_in(row, "id"));
		TRY(co_base64_add(&text, zip.data, zip.len, err));
		if (json_array_append_new(out,
			    json_pack("{s:s,s:s}", "id", text_in(row, "id"), "bytes", text.data)) !=
			0)
			return co_fail(err, CO_ENOMEM, "container");
	}
	return CO_OK;
}
