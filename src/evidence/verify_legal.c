/* The containers of legal documents: each must hold, and hold what the records are. */
#include "evidence/verify_inside.h"

#include "base/enc.h"
#include "crypto/cms.h"
#include "evidence/asice.h"
#include "evidence/legal.h"

struct container {
	struct verify *v;
	const char *path;
	struct zip *zip;
	struct asice manifest;
	struct co_buf text, sig;
};

static void
container_deinit(struct container *c)
{
	zip_free(&c->zip);
	asice_deinit(&c->manifest);
	co_buf_deinit(&c->text);
	co_buf_deinit(&c->sig);
}

/* Each file in it is a record, or a signature of one, of this package: then the steps before have
 * said all about it. */
static enum co_rc
object_check(struct container *c, size_t i, struct co_err *err)
{
	const struct asice_object *o = &c->manifest.objects[i];
	const struct zip_member *m = zip_at(c->zip, i + 1);
	struct zip_sums sums = { .with512 = false };
	char path[LIMIT_PACKAGE_NAME + 16];
	const struct index_line *l;

	if (strcmp(m->name, o->name) != 0)
		return co_fail(err, CO_EVERIFY, "%s is not where its manifest has it", m->name);
	TRY(zip_digest(c->zip, m, NULL, NULL, &sums, err));
	if (o->digest_n != SHA256_LEN || memcmp(sums.sha256, o->digest, SHA256_LEN) != 0)
		return co_fail(err, CO_EVERIFY, "%s is not what its manifest says", o->name);
	(void)snprintf(path, sizeof(path), "data/records/%s", o->name);
	l = index_find(&c->v->index, path);
	if (l == NULL || memcmp(l->digest, sums.sha256, SHA256_LEN) != 0)
		return co_fail(err, CO_EVERIFY, "%s is not the record of that name", o->name);
	return sums.crc_fits ? CO_OK
			     : co_fail(err, CO_EVERIFY, "%s: its check sum in the zip", o->name);
}

/* mimetype, the files in the order of the manifest, the manifest, its signature. */
static enum co_rc
container_files(struct container *c, struct co_err *err)
{
	size_t n = zip_count(c->zip);
	co_auto_buf first;
	co_auto_buf again;

	co_buf_init(&first, 64);
	co_buf_init(&again, LIMIT_XML);
	if (n < 4 || strcmp(zip_at(c->zip, 0)->name, "mimetype") != 0 ||
		strcmp(zip_at(c->zip, n - 2)->name, ASICE_MANIFEST) != 0 ||
		strcmp(zip_at(c->zip, n - 1)->name, ASICE_SIGNATURE) != 0)
		return co_fail(err, CO_EVERIFY, "it is not laid out as a container is");
	TRY(zip_text(c->zip, "mimetype", &first, err));
	if (strcmp(first.data, ASICE_MIMETYPE) != 0)
		return co_fail(err, CO_EVERIFY, "its mimetype is not " ASICE_MIMETYPE);
	TRY(zip_text(c->zip, ASICE_MANIFEST, &c->text, err));
	TRY(zip_text(c->zip, ASICE_SIGNATURE, &c->sig, err));
	TRY(asice_read(&c->manifest, c->text.data, c->text.len, err));
	TRY(asice_manifest(&c->manifest, &again, err));
	if (again.len != c->text.len || memcmp(again.data, c->text.data, again.len) != 0)
		return co_fail(err, CO_EVERIFY, "its manifest is not written as one is");
	if (c->manifest.n != n - 3)
		return co_fail(err, CO_EVERIFY, "it has other files than its manifest says");
	for (size_t i = 0; i < c->manifest.n; i++)
		TRY(object_check(c, i, err));
	return CO_OK;
}

static enum co_rc
container_signature(struct container *c, int64_t *stamped_us, struct co_err *err)
{
	const struct cert *roots[SIGNER_ENTRIES + 16];
	struct signer by;
	struct co_err why = { 0 };
	size_t n = 0;

	TRY(signers_verify(&c->v->who, c->text.data, c->text.len, c->sig.data, c->sig.len,
		&by, err));
	if (strcmp(by.entry->p.address, c->v->maker) != 0)
		return co_fail(err, CO_EVERIFY, "%s signed it, not the maker of the package",
			by.entry->p.address);
	TRY(cert_validate(by.cert, CERT_SEAL, c->v->made_us, NULL, 0,
		(const struct cert *const *)&by.entry->p.root, 1, err));
	roots[n++] = by.entry->p.root;
	for (size_t i = 0; i < c->v->conf->tsa_roots_n && i < 16; i++)
		roots[n++] = c->v->conf->tsa_roots[i];
	*stamped_us = 0;
	if (cms_stamp_verify(c->sig.data, c->sig.len, roots, n, stamped_us, &why) != CO_OK &&
		why.rc != CO_ENOTFOUND)
		return co_fail(err, CO_EVERIFY, "%s", why.msg);
	return CO_OK;
}

static enum co_rc
container_open(struct verify *v, const char *path, struct vrecord *r, struct co_err *err)
{
	CO_CLEANUP(container_deinit) struct container c = { .v = v, .path = path };
	char at[CO_TIME_LEN];
	int64_t stamped_us;

	asice_init(&c.manifest);
	co_buf_init(&c.text, LIMIT_XML);
	co_buf_init(&c.sig, LIMIT_SIGNATURE_LONG);
	TRY(zip_open_inside(v->zip, zip_find(v->zip, path), &c.zip, err));
	TRY(container_files(&c, err));
	if (strncmp(c.manifest.objects[0].name, r->id, CO_UUID_LEN) != 0)
		return co_fail(err, CO_EVERIFY,
			"its first file is not the document it is named for");
	TRY(container_signature(&c, &stamped_us, err));
	r->contained = true;
	co_time_print(stamped_us, at);
	say(v, stamped_us == 0 ? VERIFY_NOTE : VERIFY_HOLDS, "%s: %s with %zu files, %s%s", path,
		record_kind_name(r->kind), c.manifest.n,
		stamped_us == 0 ? "without a time-stamp of its own" : "time-stamped ",
		stamped_us == 0 ? "" : at);
	return CO_OK;
}

enum co_rc
step_legal(struct verify *v, struct co_err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < v->index.n; i++) {
		const char *path = v->index.lines[i].path;
		char id[CO_UUID_LEN + 8];
		struct vrecord *r;

		if (strncmp(path, "data/legal/", 11) != 0)
			continue;
		r = verify_middle(path, "data/legal/", ".asice", id, sizeof(id))
			? verify_find(v, id)
			: NULL;
		if (r == NULL)
			return co_fail(err, CO_EVERIFY, "%s belongs to no record here", path);
		if (container_open(v, path, r, err) != CO_OK)
			return co_wrap(err, "%s", path);
		n++;
	}
	say(v, VERIFY_HOLDS, "%zu containers", n);
	return CO_OK;
}
