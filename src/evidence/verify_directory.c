/* Who the nodes are: entries, their certificates, the signature of the package. */
#include "evidence/verify_inside.h"

#include "base/enc.h"

/* ---- entries ---- */
static enum co_rc
entry_open(struct verify *v, const char *path, struct co_err *err)
{
	char sig_path[LIMIT_PACKAGE_NAME + 8];
	co_auto_buf bytes;
	co_auto_buf sig;

	co_buf_init(&bytes, LIMIT_RECORD);
	co_buf_init(&sig, LIMIT_SIGNATURE);
	(void)snprintf(sig_path, sizeof(sig_path), "%s.p7s", path);
	TRY(verify_text(v, path, &bytes, err));
	TRY(verify_text(v, sig_path, &sig, err));
	return signers_add(&v->who, path, bytes.data, bytes.len, sig.data, sig.len, err);
}

static enum co_rc
entry_name(const struct signer_entry *e, struct co_err *err)
{
	char want[LIMIT_PACKAGE_NAME + 1];

	(void)snprintf(want, sizeof(want), "data/directory/%s.json", e->p.address);
	if (strcmp(e->path, want) == 0)
		return CO_OK;
	(void)snprintf(want, sizeof(want), "data/directory/%s.%s.json", e->p.address, e->r.id);
	if (strcmp(e->path, want) == 0)
		return CO_OK;
	return co_fail(err, CO_EVERIFY, "it is the entry of %s", e->p.address);
}

/* Two roots for one address would let the second speak in the first one's name. */
static enum co_rc
entry_root(const struct verify *v, const struct signer_entry *e, struct co_err *err)
{
	for (size_t i = 0; i < v->who.n; i++) {
		const struct partner *p = &v->who.entries[i]->p;

		if (strcmp(p->address, e->p.address) == 0 &&
			memcmp(cert_sha256(p->root), cert_sha256(e->p.root), SHA256_LEN) != 0)
			return co_fail(err, CO_EVERIFY, "it has another root than %s",
				v->who.entries[i]->path);
	}
	return CO_OK;
}

/* data/certificates is there for people with other tools: it must say what the entries say. */
static enum co_rc
certificate_file(struct verify *v, const char *path, struct co_err *err)
{
	const char *at = path + strlen("data/certificates/"), *slash = strchr(at, '/');
	cert_auto *c = NULL;
	co_auto_buf pem;

	co_buf_init(&pem, LIMIT_CERT * 2);
	TRY(verify_text(v, path, &pem, err));
	TRY(cert_from_pem(&c, pem.data, pem.len, err));
	for (size_t i = 0; i < v->who.n && slash != NULL; i++) {
		const struct partner *p = &v->who.entries[i]->p;

		if (strlen(p->address) != (size_t)(slash - at) ||
			strncmp(p->address, at, strlen(p->address)) != 0)
			continue;
		if (memcmp(cert_sha256(p->root), cert_sha256(c), SHA256_LEN) == 0)
			return CO_OK;
		for (size_t k = 0; k < p->seal_n; k++)
			if (memcmp(cert_sha256(p->seal[k]), cert_sha256(c), SHA256_LEN) == 0)
				return CO_OK;
	}
	return co_fail(err, CO_EVERIFY, "it is no certificate of that node's directory entry");
}

enum co_rc
step_directory(struct verify *v, struct co_err *err)
{
	char name[LIMIT_PACKAGE_NAME];
	const struct signer_entry *e;

	for (size_t i = 0; i < v->index.n; i++) {
		const char *path = v->index.lines[i].path;

		if (!verify_middle(path, "data/directory/", ".json", name, sizeof(name)))
			continue;
		if (entry_open(v, path, err) != CO_OK)
			return co_wrap(err, "%s", path);
		e = v->who.entries[v->who.n - 1];
		if (entry_name(e, err) != CO_OK || entry_root(v, e, err) != CO_OK)
			return co_wrap(err, "%s", path);
		say(v, VERIFY_HOLDS, "%s is %s (%s, %s)", e->p.address, e->p.name, e->p.economy,
			e->p.role);
	}
	if (v->who.n == 0)
		return co_fail(err, CO_EVERIFY, "data/directory holds no entry");
	for (size_t i = 0; i < v->index.n; i++)
		if (strncmp(v->index.lines[i].path, "data/certificates/", 18) == 0 &&
			certificate_file(v, v->index.lines[i].path, err) != CO_OK)
			return co_wrap(err, "%s", v->index.lines[i].path);
	return CO_OK;
}

/* ---- the package's own record ---- */
static enum co_rc
package_record(struct verify *v, struct record *r, struct co_err *err)
{
	struct signer by;
	co_auto_buf bytes;
	co_auto_buf sig;

	co_buf_init(&bytes, LIMIT_RECORD);
	co_buf_init(&sig, LIMIT_SIGNATURE);
	TRY(zip_text(v->zip, "package.json", &bytes, err));
	TRY(zip_text(v->zip, "package.json.p7s", &sig, err));
	TRY(signers_verify(&v->who, bytes.data, bytes.len, sig.data, sig.len, &by, err));
	return signer_record(&by, bytes.data, bytes.len, r, err);
}

/* The sealed file of a manifest has other bytes than the sender signed. */
static bool
sealed_changed(const struct verify *v, const json_t *record, char path[LIMIT_PACKAGE_NAME + 1])
{
	const json_t *e = json_object_get(json_object_get(record, "body"), "exhibit");
	const char *said = json_string_value(
		json_object_get(json_object_get(e, "sealed"), "sha256"));
	const char *id = json_string_value(json_object_get(e, "id"));
	const struct index_line *l;
	char hex[SHA256_HEX + 1];

	if (said == NULL || id == NULL)
		return false;
	(void)snprintf(path, LIMIT_PACKAGE_NAME + 1, "data/exhibits/%.*s.sealed", CO_UUID_LEN, id);
	l = index_find(&v->index, path);
	if (l == NULL)
		return false;
	co_hex(l->digest, SHA256_LEN, hex);
	return strcmp(hex, said) != 0;
}

/* The first file that a signature of its own shows to be another one; false: none does. */
static bool
first_changed(struct verify *v, char path[LIMIT_PACKAGE_NAME + 1])
{
	char id[CO_UUID_LEN + 1], of[LIMIT_PACKAGE_NAME + 8];

	for (size_t i = 0; i < v->index.n; i++) {
		const char *name = v->index.lines[i].path;
		co_auto_buf bytes, sig;
		struct signer by;
		json_t *record;
		bool found;

		co_buf_init(&bytes, LIMIT_RECORD);
		co_buf_init(&sig, LIMIT_SIGNATURE);
		if (!verify_middle(name, "data/records/", ".json", id, sizeof(id)))
			continue;
		(void)snprintf(path, LIMIT_PACKAGE_NAME + 1, "%s", name);
		(void)snprintf(of, sizeof(of), "%s.p7s", name);
		if (zip_text(v->zip, name, &bytes, NULL) != CO_OK ||
			zip_text(v->zip, of, &sig, NULL) != CO_OK ||
			signers_verify(&v->who, bytes.data, bytes.len, sig.data, sig.len, &by,
				NULL) != CO_OK)
			return true;
		record = json_loadb(bytes.data, bytes.len, 0, NULL);
		found = sealed_changed(v, record, path);
		json_decref(record);
		if (found)
			return true;
	}
	return false;
}

/* Somebody made the lists anew: as far as it can be known, because of which file. */
static enum co_rc
other_lists(struct verify *v, struct co_err *err)
{
	char path[LIMIT_PACKAGE_NAME + 1];

	if (first_changed(v, path))
		return co_fail(err, CO_EVERIFY,
			"it was signed over other lists: tagmanifest-sha256.txt was changed; the "
			"first file that is not as it was signed is %s", path);
	return co_fail(err, CO_EVERIFY,
		"it was signed over other lists: tagmanifest-sha256.txt was changed; every record "
		"and sealed exhibit still holds by itself, so a file was added or taken away, or "
		"one that only the lists covered was changed");
}

static enum co_rc
package_index(struct verify *v, const struct record *r, struct co_err *err)
{
	const json_t *detail = json_object_get(r->body, "detail");
	const char *action = json_string_value(json_object_get(r->body, "action"));
	const char *said = json_string_value(json_object_get(detail, "index_sha256"));
	char hex[SHA256_HEX + 1];
	co_auto_buf text;

	co_buf_init(&text, LIMIT_PACKAGE_MEMBER);
	if (r->kind != REC_CUSTODY || action == NULL || strcmp(action, "packaged") != 0)
		return co_fail(err, CO_EVERIFY, "it is no record of a package");
	TRY(zip_text(v->zip, "tagmanifest-sha256.txt", &text, err));
	sha256_hex(text.data, text.len, hex);
	if (said == NULL || strcmp(said, hex) != 0)
		return other_lists(v, err);
	if (json_integer_value(json_object_get(detail, "files")) != (json_int_t)v->index.n)
		return co_fail(err, CO_EVERIFY, "it was signed for another number of files");
	return CO_OK;
}

enum co_rc
step_package(struct verify *v, struct co_err *err)
{
	char when[CO_TIME_LEN];
	const char *said;
	record_auto r;
	enum co_rc rc;

	record_init(&r);
	rc = package_record(v, &r, err);
	if (rc == CO_OK)
		rc = package_index(v, &r, err);
	if (rc != CO_OK)
		return co_wrap(err, "package.json");
	said = bag_info_get(&v->info, "External-Identifier");
	if (said == NULL || strcmp(said, r.case_id) != 0)
		return co_fail(err, CO_EVERIFY,
			"bag-info.txt names another case as External-Identifier than package.json");
	(void)snprintf(v->case_id, sizeof(v->case_id), "%s", r.case_id);
	v->made_us = r.at_us;
	(void)snprintf(v->maker, sizeof(v->maker), "%s", r.from);
	(void)snprintf(v->ours, sizeof(v->ours), "%s", r.ours);
	(void)snprintf(v->theirs, sizeof(v->theirs), "%s", r.theirs);
	co_time_print(r.at_us, when);
	say(v, VERIFY_HOLDS, "made by %s (%s, %s) at %s by its own clock, case %s", r.from,
		r.officer, r.role, when, r.case_id);
	return CO_OK;
}

/* ---- roots ---- */
static bool
anchored(const struct verify *v, const char *hex)
{
	for (size_t i = 0; i < v->conf->anchors_n; i++)
		if (strcasecmp(v->conf->anchors[i], hex) == 0)
			return true;
	return false;
}

static bool
root_said(const struct verify *v, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(v->who.entries[k]->p.address, v->who.entries[i]->p.address) == 0 &&
			memcmp(cert_sha256(v->who.entries[k]->p.root),
				cert_sha256(v->who.entries[i]->p.root), SHA256_LEN) == 0)
			return true;
	return false;
}

enum co_rc
step_roots(struct verify *v, struct co_err *err)
{
	for (size_t i = 0; i < v->who.n; i++) {
		const struct partner *p = &v->who.entries[i]->p;
		char hex[SHA256_HEX + 1];
		bool known;

		if (root_said(v, i))
			continue;
		co_hex(cert_sha256(p->root), SHA256_LEN, hex);
		known = anchored(v, hex);
		if (json_array_append_new(v->roots,
			    json_pack("{s:s,s:s,s:s,s:b}", "address", p->address, "name", p->name,
				    "sha256", hex, "anchored", known)) != 0)
			return co_fail(err, CO_ENOMEM, "roots");
		if (v->conf->anchors_n > 0 && !known)
			return co_fail(err, CO_EVERIFY,
				"%s: the root %s of %s is none of the fingerprints "
				"that were given",
				v->who.entries[i]->path, hex, p->address);
		say(v, known ? VERIFY_HOLDS : VERIFY_NOTE, "%s (%s): root SHA-256 %s%s", p->address,
			p->name, hex, known ? ", as given" : "; compare it with the directory");
	}
	return CO_OK;
}
