/* Exhibits against their manifests. */
#include "evidence/verify_inside.h"

#include "base/enc.h"
#include "crypto/chunked.h"

const json_t *
verify_manifest(const struct verify *v, const char *exhibit)
{
	for (size_t i = 0; i < v->records_n; i++) {
		const json_t *e = v->records[i].sealed;
		const char *id = json_string_value(json_object_get(e, "id"));

		if (id != NULL && strcmp(id, exhibit) == 0)
			return e;
	}
	return NULL;
}

/* Digest and size of the file must be those of one half of the manifest. */
static enum co_rc
exhibit_same(struct verify *v, const char *path, const json_t *want, struct co_err *err)
{
	const struct index_line *l = index_find(&v->index, path);
	const struct zip_member *m = zip_find(v->zip, path);
	const char *said = json_string_value(json_object_get(want, "sha256"));
	char hex[SHA256_HEX + 1];

	if (l == NULL || m == NULL || said == NULL)
		return co_fail(err, CO_EVERIFY, "%s is missing", path);
	co_hex(l->digest, SHA256_LEN, hex);
	if (strcmp(hex, said) != 0)
		return co_fail(err, CO_EVERIFY,
			"%s is not the exhibit its sender sealed: SHA-256 %s, the "
			"manifest says %s",
			path, hex, said);
	if (m->size != (uint64_t)json_integer_value(json_object_get(want, "size")))
		return co_fail(err, CO_EVERIFY, "%s has another size than its manifest says", path);
	return CO_OK;
}

static enum co_rc
exhibit_file(struct verify *v, const char *path, struct co_err *err)
{
	const char *at = path + strlen("data/exhibits/");
	char id[CO_UUID_LEN + 8];
	const json_t *e;
	bool sealed = verify_middle(at, "", ".sealed", id, sizeof(id)) && co_uuid_valid(id);

	if (!sealed) {
		(void)snprintf(id, sizeof(id), "%.36s", at);
		if (!co_uuid_valid(id) || at[CO_UUID_LEN] != '/')
			return co_fail(
				err, CO_EVERIFY, "%s does not belong into data/exhibits", path);
	}
	e = verify_manifest(v, id);
	if (e == NULL)
		return co_fail(
			err, CO_EVERIFY, "%s: no manifest in the package describes it", path);
	if (!sealed &&
		strcmp(at + CO_UUID_LEN + 1, json_string_value(json_object_get(e, "name"))) != 0)
		return co_fail(err, CO_EVERIFY, "%s: its manifest names it otherwise", path);
	TRY(exhibit_same(v, path, json_object_get(e, sealed ? "sealed" : "plain"), err));
	v->exhibits_n++;
	say(v, VERIFY_HOLDS, "%s \"%s\": %s", id, json_string_value(json_object_get(e, "name")),
		sealed ? "sealed, byte for byte as its sender sealed it (its content is read with "
			 "its key only)"
		       : "opened, byte for byte the content its sender sealed");
	return CO_OK;
}

static bool
exhibit_there(const struct verify *v, const char *id)
{
	char path[LIMIT_PACKAGE_NAME];
	size_t n;

	(void)snprintf(path, sizeof(path), "data/exhibits/%s.sealed", id);
	if (index_find(&v->index, path) != NULL)
		return true;
	(void)snprintf(path, sizeof(path), "data/exhibits/%s/", id);
	n = strlen(path);
	for (size_t i = 0; i < v->index.n; i++)
		if (strncmp(v->index.lines[i].path, path, n) == 0)
			return true;
	return false;
}

/* Two manifests for one exhibit could disagree: then neither says what the exhibit is. */
static enum co_rc
manifest_once(struct verify *v, size_t i, const char *id, struct co_err *err)
{
	for (size_t k = 0; k < i; k++) {
		const char *other =
			json_string_value(json_object_get(v->records[k].sealed, "id"));

		if (other != NULL && strcmp(other, id) == 0)
			return co_fail(err, CO_EVERIFY,
				"data/records/%s.json: exhibit %s has a second "
				"manifest",
				v->records[i].id, id);
	}
	return CO_OK;
}

static void
missing(struct verify *v, const char *what)
{
	if (v->exhibits_missing++ == 0)
		v->exhibit_missing = what;
}

/* ---- attachments: docs/protocol.md, section 12.1 ---- */
static bool
text_is(const json_t *o, const char *name, const char *want)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s != NULL && strcmp(s, want) == 0;
}

/* Is m the manifest of a file that r lists? Then what it describes. */
static const json_t *
attached_by(const struct vrecord *m, const struct vrecord *r, const struct record_attachment *a)
{
	const json_t *e = m->sealed, *plain = json_object_get(e, "plain");
	bool refers = false;

	if (e == NULL || strcmp(m->from, r->from) != 0)
		return NULL;
	for (size_t i = 0; i < m->refs_n; i++)
		refers = refers || strcmp(m->refs[i].id, r->id) == 0;
	return refers && text_is(e, "name", a->name) && text_is(e, "media", a->media) &&
			text_is(plain, "sha256", a->sha256) &&
			(uint64_t)json_integer_value(json_object_get(plain, "size")) == a->size &&
			json_object_get(json_object_get(e, "sealed"), "coding") == NULL
		? e
		: NULL;
}

static void
attachment_tell(struct verify *v, const struct vrecord *r, const struct record_attachment *a)
{
	const json_t *found = NULL;
	const char *id;

	for (size_t i = 0; i < v->records_n; i++) {
		const json_t *e = attached_by(&v->records[i], r, a);

		/* One that came damaged may have been offered again: any that is here will do. */
		if (e != NULL && (found == NULL ||
				exhibit_there(v, json_string_value(json_object_get(e, "id")))))
			found = e;
	}
	id = json_string_value(json_object_get(found, "id"));
	if (id != NULL && exhibit_there(v, id)) {
		say(v, VERIFY_HOLDS, "attachment \"%s\" of the %s %s is %s, with the digest that "
			"its record signed", a->name, record_kind_name(r->kind), r->id, id);
		return;
	}
	if (found == NULL) /* a manifest without its file was counted */
		missing(v, a->name);
	say(v, VERIFY_NOTE,
		"attachment \"%s\" of the %s %s is signed for but not in this package%s", a->name,
		record_kind_name(r->kind), r->id, found == NULL ? ": its bytes were never offered"
		: "");
}

enum co_rc
step_exhibits(struct verify *v, struct co_err *err)
{
	for (size_t i = 0; i < v->index.n; i++)
		if (strncmp(v->index.lines[i].path, "data/exhibits/", 14) == 0)
			TRY(exhibit_file(v, v->index.lines[i].path, err));
	for (size_t i = 0; i < v->records_n; i++) {
		const json_t *e = v->records[i].sealed;
		const char *id = json_string_value(json_object_get(e, "id"));
		bool gone;

		if (id == NULL)
			continue;
		TRY(manifest_once(v, i, id, err));
		if (exhibit_there(v, id))
			continue;
		gone = verify_said(v, "destroyed", id, v->maker) != NULL;
		if (!gone)
			missing(v, id);
		say(v, VERIFY_NOTE, "exhibit %s \"%s\" is described but not in this package%s", id,
			json_string_value(json_object_get(e, "name")),
			gone ? ": its maker destroyed it, see destruction below" : "");
	}
	for (size_t i = 0; i < v->records_n; i++)
		for (size_t k = 0; k < v->records[i].attachments_n; k++)
			attachment_tell(v, &v->records[i], &v->records[i].attachments[k]);
	say(v, VERIFY_HOLDS, "%zu exhibit%s", v->exhibits_n, v->exhibits_n == 1 ? "" : "s");
	return CO_OK;
}
