#include "evidence/asice.h"

#include "base/enc.h"
#include "base/limits.h"
#include "evidence/crc32.h"
#include "evidence/zip.h"
#include "record/xml.h"

#include <string.h>

#define NS_ASIC "http://uri.etsi.org/02918/v1.2.1#"
#define NS_DS "http://www.w3.org/2000/09/xmldsig#"

static const struct {
	const char *uri;
	size_t n;
} digests[] = {
	{ "http://www.w3.org/2001/04/xmlenc#sha256", 32 },
	{ "http://www.w3.org/2001/04/xmldsig-more#sha384", 48 },
	{ "http://www.w3.org/2001/04/xmlenc#sha512", 64 },
};

void
asice_init(struct asice *a)
{
	*a = (struct asice){ 0 };
}

void
asice_deinit(struct asice *a)
{
	for (size_t i = 0; i < a->n; i++) {
		free(a->objects[i].name);
		free(a->objects[i].media);
	}
	free(a->objects);
	free(a->signature);
	free(a->signature_media);
	asice_init(a);
}

static enum co_rc
object_new(struct asice *a, struct asice_object **out, struct co_err *err)
{
	struct asice_object *o;

	if (a->n == LIMIT_CONTAINER_FILES)
		return co_fail(
			err, CO_ETOOBIG, "more than %u files in one manifest",
			LIMIT_CONTAINER_FILES);
	o = realloc(a->objects, (a->n + 1) * sizeof(*o));
	if (o == NULL)
		return co_fail(err, CO_ENOMEM, "container");
	a->objects = o;
	*out = &o[a->n++];
	**out = (struct asice_object){ 0 };
	return CO_OK;
}

enum co_rc
asice_add(struct asice *a, const char *name, const char *media,
	const unsigned char sha256[SHA256_LEN], struct co_err *err)
{
	struct asice_object *o;

	TRY(object_new(a, &o, err));
	o->name = strdup(name);
	o->media = strdup(media);
	o->digest_n = SHA256_LEN;
	memcpy(o->digest, sha256, SHA256_LEN);
	return o->name == NULL || o->media == NULL ? co_fail(err, CO_ENOMEM, "container") : CO_OK;
}

/* ---- writing ---- */
enum co_rc
asice_manifest(const struct asice *a, struct co_buf *out, struct co_err *err)
{
	struct xml_out x;

	xml_begin(&x, out);
	xml_open(&x, "asic:ASiCManifest");
	xml_attr(&x, "xmlns:asic", NS_ASIC);
	xml_attr(&x, "xmlns:ds", NS_DS);
	xml_open(&x, "asic:SigReference");
	xml_attr(&x, "URI", ASICE_SIGNATURE);
	xml_attr(&x, "MimeType", "application/x-pkcs7-signature");
	xml_close(&x);
	for (size_t i = 0; i < a->n; i++) {
		const struct asice_object *o = &a->objects[i];
		co_auto_buf b;

		co_buf_init(&b, 128);
		TRY(co_base64_add(&b, o->digest, SHA256_LEN, err));
		xml_open(&x, "asic:DataObjectReference");
		xml_attr(&x, "URI", o->name);
		xml_attr(&x, "MimeType", o->media);
		xml_open(&x, "ds:DigestMethod");
		xml_attr(&x, "Algorithm", digests[0].uri);
		xml_close(&x);
		xml_open(&x, "ds:DigestValue");
		xml_text(&x, b.data);
		xml_close(&x);
		xml_close(&x);
	}
	return xml_end(&x, err);
}

static enum co_rc
member_put(struct zip_member *m, const struct asice_file *f, struct co_buf *out, struct co_err *err)
{
	*m = (struct zip_member){
		.name = strdup(f->name), .size = f->n, .at = out->len,
			.crc = crc32_add(0, f->p, f->n)
	};
	if (m->name == NULL)
		return co_fail(err, CO_ENOMEM, "container");
	TRY(zip_local(m, out, err));
	return co_buf_add(out, f->p, f->n, err);
}

enum co_rc
asice_pack(const struct asice_file *files, size_t n, struct co_buf *out, struct co_err *err)
{
	const struct asice_file first = { "mimetype", ASICE_MIMETYPE, strlen(ASICE_MIMETYPE) };
	struct zip_member *members = calloc(n + 1, sizeof(*members));
	co_auto_buf zip;
	size_t at;
	enum co_rc rc = members == NULL ? co_fail(err, CO_ENOMEM, "container") : CO_OK;

	co_buf_init(&zip, LIMIT_PACKAGE_MEMBER);
	for (size_t i = 0; i <= n && rc == CO_OK; i++)
		rc = member_put(&members[i], i == 0 ? &first : &files[i - 1], &zip, err);
	at = zip.len;
	for (size_t i = 0; i <= n && rc == CO_OK; i++)
		rc = zip_central(&members[i], &zip, err);
	if (rc == CO_OK)
		rc = zip_end(n + 1, at, zip.len - at, &zip, err);
	if (rc == CO_OK)
		rc = co_buf_add(out, zip.data, zip.len, err);
	for (size_t i = 0; members != NULL && i <= n; i++)
		free(members[i].name);
	free(members);
	return rc;
}

/* ---- reading ---- */
/* A URI inside a container is a relative path; "%20" and the like are undone (RFC 3986 2.1). */
static char *
path_of(const char *uri)
{
	char *out = calloc(1, strlen(uri) + 1), *to = out;

	for (; out != NULL && *uri != '\0'; uri++) {
		unsigned char byte;

		if (*uri != '%') {
			*to++ = *uri;
		} else if (strlen(uri) >= 3 && co_unhex((char[]){ uri[1], uri[2], '\0' }, &byte,
			1)) {
			*to++ = (char)byte;
			uri += 2;
		} else {
			free(out);
			return NULL;
		}
	}
	return out;
}

static size_t
digest_method(const char *uri)
{
	for (size_t i = 0; uri != NULL && i < CO_ARRAY_LEN(digests); i++)
		if (strcmp(uri, digests[i].uri) == 0)
			return digests[i].n;
	return 0;
}

/* XML lets lines of base64 be broken and indented. */
static void
spaces_drop(char *s)
{
	char *to = s;

	for (; *s != '\0'; s++)
		if (strchr(" \t\r\n", *s) == NULL)
			*to++ = *s;
	*to = '\0';
}

static enum co_rc
digest_read(struct asice_object *o, const struct xml_node *n, struct co_err *err)
{
	co_auto_free char *method = NULL;
	co_auto_free char *value = NULL;
	co_auto_buf b;

	co_buf_init(&b, SHA512_LEN);
	for (; n != NULL; n = xml_next(n)) {
		if (method == NULL && xml_is(n, NS_DS, "DigestMethod"))
			method = xml_value(n, "Algorithm");
		else if (value == NULL && xml_is(n, NS_DS, "DigestValue"))
			value = xml_content(n);
	}
	o->digest_n = digest_method(method);
	if (o->digest_n == 0)
		return co_fail(err, CO_EMALFORMED,
			"its digest method is %.80s; SHA-256, SHA-384 or SHA-512 is asked",
			method == NULL ? "missing" : method);
	if (value != NULL)
		spaces_drop(value);
	if (value == NULL || co_unbase64(value, strlen(value), &b, NULL) != CO_OK ||
		b.len != o->digest_n)
		return co_fail(err, CO_EMALFORMED, "its digest is missing or not of its method");
	memcpy(o->digest, b.data, b.len);
	return CO_OK;
}

static enum co_rc
object_read(struct asice *a, const struct xml_node *n, struct co_err *err)
{
	co_auto_free char *uri = xml_value(n, "URI");
	struct asice_object *o;

	TRY(object_new(a, &o, err));
	o->media = xml_value(n, "MimeType");
	o->name = uri == NULL ? NULL : path_of(uri);
	if (o->name == NULL)
		return co_fail(err, CO_EMALFORMED, "a file of the manifest has no readable URI");
	for (size_t i = 0; i + 1 < a->n; i++)
		if (strcmp(a->objects[i].name, o->name) == 0)
			return co_fail(err, CO_EMALFORMED, "%.200s: named twice", o->name);
	if (digest_read(o, xml_first(n), err) != CO_OK)
		return co_wrap(err, "%.200s", o->name);
	return CO_OK;
}

enum co_rc
asice_read(struct asice *a, const void *p, size_t n, struct co_err *err)
{
	xml_auto *doc = NULL;
	const struct xml_node *at;

	TRY(xml_read(&doc, p, n, err));
	at = xml_root(doc);
	if (!xml_is(at, NS_ASIC, "ASiCManifest"))
		return co_fail(err, CO_EMALFORMED, "it is no ASiCManifest");
	for (at = xml_first(at); at != NULL; at = xml_next(at)) {
		if (xml_is(at, NS_ASIC, "SigReference")) {
			co_auto_free char *uri = xml_value(at, "URI");

			if (uri == NULL || a->signature != NULL)
				return co_fail(err, CO_EMALFORMED, "it must name one signature");
			a->signature = path_of(uri);
			a->signature_media = xml_value(at, "MimeType");
		} else if (xml_is(at, NS_ASIC, "DataObjectReference")) {
			TRY(object_read(a, at, err));
		}
	}
	if (a->signature == NULL || a->n == 0)
		return co_fail(err, CO_EMALFORMED, "it names no signature, or no file");
	return CO_OK;
}
