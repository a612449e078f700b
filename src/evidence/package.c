#include "evidence/package_inside.h"

#include "base/enc.h"
#include "crypto/cert.h"
#include "evidence/bag_info.h"
#include "evidence/case_graph.h"
#include "evidence/content.h"
#include "evidence/index.h"
#include "evidence/zip.h"

#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

static const char *const tag_names[PACKAGE_TAGS] = { "bag-info.txt", "bagit.txt",
	"manifest-sha256.txt", "manifest-sha512.txt" };

static void
package_deinit(struct package *p)
{
	for (size_t i = 0; i < PACKAGE_TAGS; i++)
		co_buf_deinit(&p->tags[i]);
	for (size_t i = 0; i < p->n; i++) {
		free(p->members[i].path);
		free(p->members[i].text);
	}
	free(p->members);
	json_decref(p->exhibits);
	digest_free(&p->digest512);
	zip_writer_free(&p->zip);
}

enum co_rc
package_member(struct package *p, struct member **out, struct co_err *err, const char *fmt, ...)
{
	char path[LIMIT_PACKAGE_NAME + 1];
	struct member *m;
	va_list ap;
	int n;

	if (p->n == p->room) {
		size_t room = p->room == 0 ? 64 : p->room * 2;

		m = realloc(p->members, room * sizeof(*m));
		if (m == NULL)
			return co_fail(err, CO_ENOMEM, "package");
		p->members = m;
		p->room = room;
	}
	m = &p->members[p->n];
	va_start(ap, fmt);
	n = vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(path) || !zip_name_ok(path, (size_t)n))
		return co_fail(
			err, CO_EMALFORMED, "\"%.80s...\" cannot be a file of a package", path);
	*m = (struct member){ .path = strdup(path) };
	if (m->path == NULL)
		return co_fail(err, CO_ENOMEM, "package");
	p->n++;
	*out = m;
	return CO_OK;
}

enum co_rc
package_member_text(struct member *m, struct co_buf *b, struct co_err *err)
{
	m->text = co_buf_take(b, &m->n);
	if (m->text == NULL)
		return co_fail(err, CO_ENOMEM, "package");
	sha256(m->text, m->n, m->sha256);
	sha512(m->text, m->n, m->sha512);
	return CO_OK;
}

static enum co_rc
member_base64(struct member *m, const json_t *text, struct co_err *err)
{
	co_auto_buf b;
	enum co_rc rc;

	co_buf_init(&b, LIMIT_PACKAGE_MEMBER);
	if (!json_is_string(text))
		return co_fail(err, CO_EMALFORMED, "%s: the export lacks it", m->path);
	rc = co_unbase64(json_string_value(text), json_string_length(text), &b, err);
	if (rc != CO_OK)
		return co_wrap(err, "%s", m->path);
	m->coded = text;
	m->n = b.len;
	sha256(b.data, b.len, m->sha256);
	sha512(b.data, b.len, m->sha512);
	return CO_OK;
}

enum co_rc
package_member_bytes(const struct member *m, struct co_buf *out, struct co_err *err)
{
	return m->coded == NULL ? co_buf_add(out, m->text, m->n, err)
				: co_unbase64(json_string_value(m->coded),
					  json_string_length(m->coded), out, err);
}

const char *
package_text(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

/* ---- what the export brings ---- */
typedef enum co_rc collect_fn(struct package *p, const json_t *item, struct co_err *err);

static enum co_rc
signed_pair(struct package *p, const json_t *item, const char *path, struct co_err *err)
{
	struct member *m;
	enum co_rc rc = package_member(p, &m, err, "%s", path);

	if (rc == CO_OK)
		rc = member_base64(m, json_object_get(item, "bytes"), err);
	if (rc == CO_OK)
		rc = package_member(p, &m, err, "%s.p7s", path);
	if (rc == CO_OK)
		rc = member_base64(m, json_object_get(item, "sig"), err);
	return rc;
}

static enum co_rc
collect_record(struct package *p, const json_t *item, struct co_err *err)
{
	char path[LIMIT_PACKAGE_NAME];

	if (!co_uuid_valid(package_text(item, "id")))
		return co_fail(err, CO_EMALFORMED, "the export has a record without an id");
	(void)snprintf(path, sizeof(path), "data/records/%s.json", package_text(item, "id"));
	return signed_pair(p, item, path, err);
}

/* The newest entry of an address comes first and has the short name. */
static enum co_rc
collect_entry(struct package *p, const json_t *item, struct co_err *err)
{
	const char *address = package_text(item, "address");
	char path[LIMIT_PACKAGE_NAME];

	(void)snprintf(path, sizeof(path), "data/directory/%s.json", address);
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->members[i].path, path) == 0) {
			(void)snprintf(path, sizeof(path), "data/directory/%s.%s.json", address,
				package_text(item, "id"));
			break;
		}
	return signed_pair(p, item, path, err);
}

static enum co_rc
collect_pem(struct package *p, const char *address, const char *name, const json_t *pem,
	struct co_err *err)
{
	co_auto_buf b;
	struct member *m;
	enum co_rc rc = package_member(p, &m, err, "data/certificates/%s/%s", address, name);

	co_buf_init(&b, LIMIT_CERT);
	if (rc == CO_OK)
		rc = co_buf_add(&b, json_string_value(pem), json_string_length(pem), err);
	return rc == CO_OK ? package_member_text(m, &b, err) : rc;
}

/* Certificates of the newest entry as files, for people with other tools; verify compares them. */
static enum co_rc
collect_certificates(struct package *p, const json_t *item, struct co_err *err)
{
	const char *address = package_text(item, "address");
	const json_t *bytes = json_object_get(item, "bytes"), *pem;
	json_t *entry = NULL, *body;
	co_auto_buf b;
	size_t i;
	enum co_rc rc;

	co_buf_init(&b, LIMIT_RECORD);
	for (i = 0; i < p->n; i++)
		if (strncmp(p->members[i].path, "data/certificates/", 18) == 0 &&
			strncmp(p->members[i].path + 18, address, strlen(address)) == 0 &&
			p->members[i].path[18 + strlen(address)] == '/')
			return CO_OK;
	rc = co_unbase64(json_string_value(bytes), json_string_length(bytes), &b, err);
	if (rc != CO_OK)
		return rc;
	entry = json_loadb(b.data, b.len, 0, NULL);
	body = json_object_get(entry, "body");
	pem = json_object_get(body, "root");
	rc = json_is_string(pem)
		? collect_pem(p, address, "root.pem", pem, err)
		: co_fail(err, CO_EMALFORMED, "the entry of %s has no root", address);
	json_array_foreach(json_object_get(body, "seal"), i, pem)
	{
		char name[32];

		(void)snprintf(name, sizeof(name), "seal-%zu.pem", i + 1);
		if (rc == CO_OK && json_is_string(pem))
			rc = collect_pem(p, address, name, pem, err);
	}
	json_decref(entry);
	return rc;
}

/* The largest state of each ledger has the short name. */
static bool
checkpoint_newest(const struct package *p, const char *address, long long size)
{
	const json_t *other;
	size_t i;

	json_array_foreach(json_object_get(p->export, "checkpoints"), i, other)
		if (strcmp(package_text(other, "address"), address) == 0 &&
			json_integer_value(json_object_get(other, "size")) > size)
			return false;
	return true;
}

static enum co_rc
collect_checkpoint(struct package *p, const json_t *item, struct co_err *err)
{
	long long size = (long long)json_integer_value(json_object_get(item, "size"));
	const char *address = package_text(item, "address");
	const json_t *token = json_object_get(item, "token");
	char path[LIMIT_PACKAGE_NAME];
	struct member *m;

	if (checkpoint_newest(p, address, size))
		(void)snprintf(path, sizeof(path), "data/ledger/%s/checkpoint", address);
	else
		(void)snprintf(path, sizeof(path), "data/ledger/%s/%lld/checkpoint", address, size);
	TRY(package_member(p, &m, err, "%s", path));
	TRY(member_base64(m, json_object_get(item, "note"), err));
	if (json_string_length(token) == 0)
		return CO_OK;
	TRY(package_member(p, &m, err, "%s.tsr", path));
	return member_base64(m, token, err);
}

static enum co_rc
collect_proof(struct package *p, const json_t *item, struct co_err *err)
{
	struct member *m;
	enum co_rc rc = package_member(p, &m, err, "data/ledger/%s/proofs/%s.tlog-proof",
		package_text(item, "address"), package_text(item, "id"));

	return rc == CO_OK ? member_base64(m, json_object_get(item, "proof"), err) : rc;
}

/* A text as it is, not base64. */
static enum co_rc
member_plain(struct member *m, const json_t *text, struct co_err *err)
{
	co_auto_buf b;

	co_buf_init(&b, LIMIT_PACKAGE_MEMBER);
	if (!json_is_string(text))
		return co_fail(err, CO_EMALFORMED, "the export lacks a text");
	TRY(co_buf_add(&b, json_string_value(text), json_string_length(text), err));
	return package_member_text(m, &b, err);
}

static enum co_rc
collect_archive(struct package *p, const json_t *item, struct co_err *err)
{
	long long n = (long long)json_integer_value(json_object_get(item, "n"));
	const char *address = package_text(item, "address");
	struct member *m;

	TRY(package_member(p, &m, err, "data/ledger/%s/archive/%lld", address, n));
	TRY(member_plain(m, json_object_get(item, "text"), err));
	TRY(package_member(p, &m, err, "data/ledger/%s/archive/%lld.tsr", address, n));
	return member_base64(m, json_object_get(item, "token"), err);
}

static enum co_rc
collect_named(struct package *p, const json_t *item, struct co_err *err)
{
	long long size = (long long)json_integer_value(json_object_get(item, "size"));
	long long under = (long long)json_integer_value(json_object_get(item, "under"));
	const char *address = package_text(item, "address");
	struct member *m;

	TRY(package_member(
		p, &m, err, "data/ledger/%s/named/%lld-%lld.json", address, size, under));
	TRY(member_plain(m, json_object_get(item, "event"), err));
	TRY(package_member(
		p, &m, err, "data/ledger/%s/named/%lld-%lld.tlog-proof", address, size, under));
	return member_base64(m, json_object_get(item, "proof"), err);
}

static enum co_rc
collect_consistency(struct package *p, const json_t *item, struct co_err *err)
{
	const json_t *hash;
	co_auto_buf b;
	struct member *m;
	size_t i;
	enum co_rc rc = package_member(p, &m, err, "data/ledger/%s/consistency/%lld-%lld",
		package_text(item, "address"),
		(long long)json_integer_value(json_object_get(item, "from")),
		(long long)json_integer_value(json_object_get(item, "to")));

	co_buf_init(&b, 128 * 64);
	json_array_foreach(json_object_get(item, "hashes"), i, hash) if (rc == CO_OK) rc =
		co_buf_addf(&b, err, "%s\n", json_string_value(hash));
	return rc == CO_OK ? package_member_text(m, &b, err) : rc;
}

static enum co_rc
collect_container(struct package *p, const json_t *item, struct co_err *err)
{
	struct member *m;

	TRY(package_member(p, &m, err, "data/legal/%s.asice", package_text(item, "id")));
	return member_base64(m, json_object_get(item, "bytes"), err);
}

static enum co_rc
collect_exhibit(struct package *p, const json_t *item, struct co_err *err)
{
	const json_t *sums = json_object_get(item, p->conf->opened ? "plain" : "sealed");
	const char *id = package_text(item, "id");
	struct member *m;
	enum co_rc rc;

	if (!json_is_true(json_object_get(item, "here"))) {
		p->sums.left_out++;
		return CO_OK;
	}
	rc = p->conf->opened
		? package_member(p, &m, err, "data/exhibits/%s/%s", id, package_text(item, "name"))
		: package_member(p, &m, err, "data/exhibits/%s.sealed", id);
	if (rc != CO_OK)
		return rc;
	m->exhibit = item;
	if (!co_uuid_valid(id) || !co_unhex(package_text(sums, "sha256"), m->sha256, SHA256_LEN))
		return co_fail(err, CO_EMALFORMED, "the export has an exhibit without a digest");
	if (!p->conf->opened || !co_unhex(package_text(sums, "sha512"), m->sha512, SHA512_LEN))
		p->with512 = false;
	m->n = (size_t)json_integer_value(json_object_get(sums, "size"));
	p->of += m->n;
	p->sums.exhibits++;
	if (json_array_append_new(p->exhibits,
		    json_pack("{s:s,s:s}", "id", id, "form",
			    p->conf->opened ? "opened" : "sealed")) != 0)
		return co_fail(err, CO_ENOMEM, "package");
	return CO_OK;
}

static const struct {
	const char *list;
	collect_fn *fn;
} collect_table[] = {
	{ "records", collect_record },
	{ "entries", collect_entry },
	{ "entries", collect_certificates },
	{ "checkpoints", collect_checkpoint },
	{ "proofs", collect_proof },
	{ "consistency", collect_consistency },
	{ "archive", collect_archive },
	{ "named", collect_named },
	{ "containers", collect_container },
	{ "exhibits", collect_exhibit },
};

static int
member_order(const void *a, const void *b)
{
	return strcmp(((const struct member *)a)->path, ((const struct member *)b)->path);
}

/* What is made here from what was brought. */
static enum co_rc
collect_made(struct package *p, struct co_err *err)
{
	struct member *m;
	co_auto_buf graph;

	co_buf_init(&graph, LIMIT_PACKAGE_MEMBER);
	TRY(package_case(p, &graph, err));
	TRY(package_member(p, &m, err, "data/case.jsonld"));
	TRY(package_member_text(m, &graph, err));
	return package_report(p, err);
}

static enum co_rc
collect(struct package *p, struct co_err *err)
{
	for (size_t t = 0; t < CO_ARRAY_LEN(collect_table); t++) {
		const json_t *item;
		size_t i;

		json_array_foreach(json_object_get(p->export, collect_table[t].list), i, item)
		{
			enum co_rc rc = collect_table[t].fn(p, item, err);

			if (rc != CO_OK)
				return rc;
		}
	}
	if (p->n == 0)
		return co_fail(err, CO_EMALFORMED, "the export of the case is empty");
	TRY(collect_made(p, err));
	qsort(p->members, p->n, sizeof(*p->members), member_order);
	return CO_OK;
}

/* ---- writing ---- */
static void
on_bytes(void *arg, uint64_t n)
{
	struct package *p = arg;

	p->done += n;
	if (p->conf->progress != NULL)
		p->conf->progress(p->conf->arg, p->done, p->of);
}

static enum co_rc
on_plain(void *arg, const void *data, size_t n, struct co_err *err)
{
	struct package *p = arg;

	on_bytes(p, n);
	if (p->digest512 != NULL)
		digest_add(p->digest512, data, n);
	return zip_put_add(p->zip, data, n, err);
}

static enum co_rc
write_opened(struct package *p, const struct member *m, int fd, unsigned char got[SHA256_LEN],
	struct co_err *err)
{
	const char *id = package_text(m->exhibit, "id");
	unsigned char key[CHUNKED_KEY];
	unsigned char own[SHA512_LEN];
	struct vault_content content;
	struct vault_sums sums;
	enum co_rc rc;

	TRY(content_of(m->exhibit, &content, err));
	digest_free(&p->digest512);
	if (p->with512)
		TRY(digest_new(&p->digest512, DIGEST_SHA512, err));
	TRY(p->conf->open_key(p->conf->arg, id, key, err));
	rc = zip_put_begin(p->zip, m->path, m->n, err);
	if (rc == CO_OK)
		rc = vault_unseal(fd, id, key, &content, on_plain, p, &sums, err);
	crypto_wipe(key, sizeof(key));
	if (rc == CO_OK)
		rc = zip_put_done(p->zip, err);
	if (rc == CO_OK && !co_unhex(sums.plain_sha256, got, SHA256_LEN))
		rc = co_fail(err, CO_EINTERNAL, "digest");
	if (rc != CO_OK || p->digest512 == NULL)
		return rc;
	digest_end(p->digest512, own);
	return memcmp(own, m->sha512, SHA512_LEN) == 0
		? CO_OK
		: co_fail(err, CO_EVERIFY,
			  "exhibit %s is not what its manifest says: its SHA-512 differs; make "
			  "the package sealed, so that the manifest speaks for itself",
			  id);
}

/* The index is signed by now: what is read must be what it says. */
static enum co_rc
write_exhibit(struct package *p, const struct member *m, struct co_err *err)
{
	uint64_t size = (uint64_t)json_integer_value(
		json_object_get(json_object_get(m->exhibit, "sealed"), "size"));
	unsigned char got[SHA256_LEN] = { 0 };
	co_auto_fd fd = -1;
	struct stat st;
	enum co_rc rc = vault_fd(p->conf->vault, package_text(m->exhibit, "id"), &fd, err);

	if (rc != CO_OK)
		return rc;
	if (fstat(fd, &st) != 0 || (uint64_t)st.st_size != size)
		return co_fail(err, CO_EVERIFY,
			"exhibit %s in the vault has %lld bytes; its manifest "
			"says %llu",
			package_text(m->exhibit, "id"), (long long)st.st_size,
			(unsigned long long)size);
	rc = p->conf->opened ? write_opened(p, m, fd, got, err)
			     : zip_put_fd(p->zip, m->path, fd, size, on_bytes, p, got, err);
	if (rc == CO_OK && memcmp(got, m->sha256, SHA256_LEN) != 0)
		rc = co_fail(err, CO_EVERIFY,
			"exhibit %s in the vault is not what its manifest says: "
			"its digest differs",
			package_text(m->exhibit, "id"));
	return rc;
}

/* ---- the bag's own files ---- */
static enum co_rc
payload_list(struct package *p, enum index_kind kind, struct co_buf *out, struct co_err *err)
{
	index_auto x = { 0 };

	index_init(&x, kind);
	for (size_t i = 0; i < p->n; i++)
		TRY(index_add(&x, p->members[i].path,
			kind == INDEX_PAYLOAD512 ? p->members[i].sha512 : p->members[i].sha256,
			err));
	return index_print(&x, out, err);
}

/* RFC 8493 2.2.2. Everything in it comes from the export, so the same export gives the same bag. */
static enum co_rc
bag_info_print(struct package *p, struct co_buf *out, struct co_err *err)
{
	const char *ours = package_text(p->export, "ours");
	char text[LIMIT_NAME + LIMIT_ADDRESS + 64];

	TRY(bag_info_add(out, "Source-Organization", package_text(p->export, "organisation"), err));
	TRY(bag_info_add(out, "External-Description",
		"Records, signatures, time-stamps, ledger proofs and evidence of one case; see "
		"docs/protocol.md of Comity, section 13",
		err));
	(void)snprintf(text, sizeof(text), "%.10s", package_text(p->export, "at"));
	TRY(bag_info_add(out, "Bagging-Date", text, err));
	TRY(bag_info_add(out, "External-Identifier", package_text(p->export, "case_id"), err));
	if (ours[0] != '\0')
		TRY(bag_info_add(out, "Internal-Sender-Identifier", ours, err));
	(void)snprintf(text, sizeof(text), "%llu.%zu", (unsigned long long)p->payload, p->n);
	TRY(bag_info_add(out, "Payload-Oxum", text, err));
	TRY(bag_info_add(out, "Bag-Software-Agent", "comity " COMITY_VERSION, err));
	(void)snprintf(text, sizeof(text), "%d", PACKAGE_FORM);
	TRY(bag_info_add(out, "Comity-Package", text, err));
	(void)snprintf(text, sizeof(text), "%d", CASE_FORM);
	return bag_info_add(out, "Comity-Case", text, err);
}

static enum co_rc
tags_fill(struct package *p, struct co_err *err)
{
	for (size_t i = 0; i < p->n; i++)
		p->payload += p->members[i].n;
	TRY(bag_info_print(p, &p->tags[TAG_INFO], err));
	TRY(co_buf_add_str(&p->tags[TAG_BAGIT], bag_declaration, err));
	TRY(payload_list(p, INDEX_PAYLOAD, &p->tags[TAG_SHA256], err));
	if (p->with512)
		TRY(payload_list(p, INDEX_PAYLOAD512, &p->tags[TAG_SHA512], err));
	return CO_OK;
}

static enum co_rc
tags_list(struct package *p, struct co_buf *out, struct co_err *err)
{
	index_auto x = { 0 };

	index_init(&x, INDEX_TAGS);
	for (size_t i = 0; i < PACKAGE_TAGS; i++) {
		unsigned char digest[SHA256_LEN];

		if (p->tags[i].len == 0)
			continue;
		sha256(p->tags[i].data, p->tags[i].len, digest);
		TRY(index_add(&x, tag_names[i], digest, err));
	}
	return index_print(&x, out, err);
}

/* The tag manifest fixes the other lists, and they fix the payload: so one signature over its
 * digest covers every byte of the package. */
static enum co_rc
write_tags(struct package *p, struct co_err *err)
{
	co_auto_buf list;
	co_auto_buf bytes;
	co_auto_buf sig;

	co_buf_init(&list, LIMIT_PACKAGE_MEMBER);
	co_buf_init(&bytes, LIMIT_RECORD);
	co_buf_init(&sig, LIMIT_SIGNATURE);
	TRY(tags_fill(p, err));
	TRY(tags_list(p, &list, err));
	sha256_hex(list.data, list.len, p->sums.sha256);
	p->sums.files = p->n;
	if (p->conf->sign(p->conf->arg, p->sums.sha256, p->n, p->exhibits, &bytes, &sig, err) !=
		CO_OK)
		return co_wrap(err, "the package's record");
	TRY(zip_put(p->zip, "bagit.txt", p->tags[TAG_BAGIT].data, p->tags[TAG_BAGIT].len, err));
	for (size_t i = 0; i < PACKAGE_TAGS; i++)
		if (i != TAG_BAGIT && p->tags[i].len > 0)
			TRY(zip_put(p->zip, tag_names[i], p->tags[i].data, p->tags[i].len, err));
	TRY(zip_put(p->zip, "tagmanifest-sha256.txt", list.data, list.len, err));
	TRY(zip_put(p->zip, "package.json", bytes.data, bytes.len, err));
	return zip_put(p->zip, "package.json.p7s", sig.data, sig.len, err);
}

static enum co_rc
write_text(struct package *p, const struct member *m, struct co_err *err)
{
	co_auto_buf b;

	co_buf_init(&b, LIMIT_PACKAGE_MEMBER);
	if (m->text != NULL)
		return zip_put(p->zip, m->path, m->text, m->n, err);
	TRY(package_member_bytes(m, &b, err));
	return zip_put(p->zip, m->path, b.data == NULL ? "" : b.data, b.len, err);
}

enum co_rc
package_write(const struct package_conf *conf, const json_t *export, const char *out,
	struct package_sums *sums, struct co_err *err)
{
	CO_CLEANUP(package_deinit)
	struct package p = { .conf = conf, .export = export, .exhibits = json_array() };

	for (size_t i = 0; i < PACKAGE_TAGS; i++)
		co_buf_init(&p.tags[i], LIMIT_PACKAGE_MEMBER);
	p.with512 = conf->opened;
	TRY(collect(&p, err));
	p.with512 = p.with512 && p.sums.exhibits > 0;
	TRY(zip_create(&p.zip, out, err));
	TRY(write_tags(&p, err));
	for (size_t i = 0; i < p.n; i++)
		TRY(p.members[i].exhibit != NULL
				? write_exhibit(&p, &p.members[i], err)
				: write_text(&p, &p.members[i], err));
	TRY(zip_finish(p.zip, &p.sums.size, err));
	*sums = p.sums;
	return CO_OK;
}
