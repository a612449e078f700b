/* Layout, lists and label: the package as a heap of files. */
#include "evidence/verify_inside.h"

#include "base/enc.h"
#include "evidence/package.h"

/* The files beside data/. listed: in the tag manifest; the signed record cannot stand in a list
 * that it signs, nor that list in itself. */
static const struct root_file {
	const char *name;
	bool must, listed;
} root_files[] = {
	{ "bagit.txt", true, true },
	{ "bag-info.txt", true, true },
	{ "manifest-sha256.txt", true, true },
	{ "manifest-sha512.txt", false, true },
	{ "tagmanifest-sha256.txt", true, false },
	{ "package.json", true, false },
	{ "package.json.p7s", true, false },
};

static const struct root_file *
root_file(const char *name)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(root_files); i++)
		if (strcmp(name, root_files[i].name) == 0)
			return &root_files[i];
	return NULL;
}

/* zip_open checked every header; here: the files a package has. */
enum co_rc
step_layout(struct verify *v, struct co_err *err)
{
	if (zip_find(v->zip, "bagit.txt") == NULL && zip_find(v->zip, "package.json") != NULL)
		return co_fail(err, CO_EVERIFY,
			"bagit.txt is missing: this is a package of form 1, or a damaged one; this "
			"program reads form %d, so have the package made again",
			(int)PACKAGE_FORM);
	for (size_t i = 0; i < CO_ARRAY_LEN(root_files); i++)
		if (root_files[i].must && zip_find(v->zip, root_files[i].name) == NULL)
			return co_fail(err, CO_EVERIFY, "%s is missing", root_files[i].name);
	for (size_t i = 0; i < zip_count(v->zip); i++) {
		const struct zip_member *m = zip_at(v->zip, i);

		if (root_file(m->name) == NULL && strncmp(m->name, "data/", 5) != 0)
			return co_fail(
				err, CO_EVERIFY, "%s does not belong into a package", m->name);
		v->of += m->size;
		v->payload += root_file(m->name) == NULL ? m->size : 0;
	}
	say(v, VERIFY_HOLDS, "%zu files, %llu bytes", zip_count(v->zip), (unsigned long long)v->of);
	return CO_OK;
}

/* ---- lists ---- */
static enum co_rc
list_read(struct verify *v, const char *name, struct index *x, struct co_err *err)
{
	co_auto_buf text;

	co_buf_init(&text, LIMIT_PACKAGE_MEMBER);
	TRY(zip_text(v->zip, name, &text, err));
	if (index_parse(x, text.data, text.len, err) != CO_OK)
		return co_wrap(err, "%s", name);
	for (size_t i = 0; i < x->n; i++)
		if (zip_find(v->zip, x->lines[i].path) == NULL)
			return co_fail(err, CO_EVERIFY, "%s is listed in %s but not in the package",
				x->lines[i].path, name);
	return CO_OK;
}

static void
on_bytes(void *arg, uint64_t n)
{
	struct verify *v = arg;

	v->done += n;
	if (v->conf->progress != NULL)
		v->conf->progress(v->conf->arg, v->done, v->of);
}

static enum co_rc
not_listed(const char *path, const char *list, struct co_err *err)
{
	return co_fail(err, CO_EVERIFY, "%s is not listed in %s", path, list);
}

static enum co_rc
index_member(struct verify *v, const struct zip_member *m, struct co_err *err)
{
	const struct root_file *root = root_file(m->name);
	const struct index *x = root == NULL ? &v->index : &v->tags;
	const struct index_line *l = index_find(x, m->name);
	const struct index_line *l512 = index_find(&v->index512, m->name);
	struct zip_sums sums = { .with512 = l512 != NULL };

	if (l == NULL && (root == NULL || root->listed))
		return not_listed(m->name,
			root == NULL ? "manifest-sha256.txt" : "tagmanifest-sha256.txt", err);
	if (l512 == NULL && root == NULL && v->index512.n > 0)
		return not_listed(m->name, "manifest-sha512.txt", err);
	TRY(zip_digest(v->zip, m, on_bytes, v, &sums, err));
	if ((l != NULL && memcmp(sums.sha256, l->digest, SHA256_LEN) != 0) ||
		(l512 != NULL && memcmp(sums.sha512, l512->digest, SHA512_LEN) != 0))
		return co_fail(err, CO_EVERIFY,
			"%s is not what its list says: its bytes were changed", m->name);
	if (!sums.crc_fits)
		return co_fail(err, CO_EVERIFY,
			"%s: its bytes or their check sum in the zip were changed", m->name);
	return CO_OK;
}

/* Files that no later step looks at: listed and signed, but nobody here can say what they mean. */
static void
index_strange(struct verify *v)
{
	static const char *const known[] = { "data/records/", "data/ledger/", "data/directory/",
		"data/certificates/", "data/exhibits/", "data/legal/", "data/case.jsonld",
		"data/report.html", "data/report.json", "data/report.pdf" };

	for (size_t i = 0; i < v->index.n; i++) {
		const char *path = v->index.lines[i].path;
		bool found = false;

		for (size_t k = 0; k < CO_ARRAY_LEN(known); k++)
			found = found || strncmp(path, known[k], strlen(known[k])) == 0;
		if (!found)
			say(v, VERIFY_NOTE,
				"%s is unchanged since the package was made; this program does "
				"not know what it is",
				path);
	}
}

/* One content, one file: those of the root as in the table, then the payload as listed. */
static enum co_rc
in_order(const struct verify *v, struct co_err *err)
{
	size_t at = 0;

	for (size_t i = 0; i < CO_ARRAY_LEN(root_files) && at < zip_count(v->zip); i++)
		if (zip_find(v->zip, root_files[i].name) == zip_at(v->zip, at))
			at++;
	for (size_t i = 0; i < v->index.n; i++)
		if (at < zip_count(v->zip) &&
			zip_find(v->zip, v->index.lines[i].path) == zip_at(v->zip, at))
			at++;
	if (at == zip_count(v->zip))
		return CO_OK;
	return co_fail(err, CO_EVERIFY,
		"%s: it is in no list, or not where a package has it in the zip",
		zip_at(v->zip, at)->name);
}

enum co_rc
step_index(struct verify *v, struct co_err *err)
{
	TRY(list_read(v, "tagmanifest-sha256.txt", &v->tags, err));
	for (size_t i = 0; i < v->tags.n; i++) {
		const struct root_file *f = root_file(v->tags.lines[i].path);

		if (f == NULL || !f->listed)
			return co_fail(err, CO_EVERIFY,
				"tagmanifest-sha256.txt lists %s, which it may not",
				v->tags.lines[i].path);
	}
	TRY(list_read(v, "manifest-sha256.txt", &v->index, err));
	if (zip_find(v->zip, "manifest-sha512.txt") != NULL) {
		TRY(list_read(v, "manifest-sha512.txt", &v->index512, err));
		if (v->index512.n != v->index.n)
			return co_fail(err, CO_EVERIFY,
				"manifest-sha512.txt lists other files than manifest-sha256.txt");
	}
	TRY(in_order(v, err));
	for (size_t i = 0; i < zip_count(v->zip); i++)
		TRY(index_member(v, zip_at(v->zip, i), err));
	index_strange(v);
	say(v, VERIFY_HOLDS, "%zu files are as listed, %zu of them also by SHA-512", v->index.n,
		v->index512.n);
	return CO_OK;
}

/* ---- label ---- */
static enum co_rc
bag_says(const struct verify *v, const char *label, const char **out, struct co_err *err)
{
	*out = bag_info_get(&v->info, label);
	return *out != NULL ? CO_OK
			    : co_fail(err, CO_EVERIFY, "bag-info.txt has no %s", label);
}

enum co_rc
step_bag(struct verify *v, struct co_err *err)
{
	const char *oxum, *form, *date, *who;
	uint64_t bytes, files;
	char want[16];
	co_auto_buf text;

	co_buf_init(&text, LIMIT_PACKAGE_MEMBER);
	TRY(zip_text(v->zip, "bagit.txt", &text, err));
	if (strcmp(text.data, bag_declaration) != 0)
		return co_fail(err, CO_EVERIFY, "bagit.txt is not the one of BagIt 1.0 in UTF-8");
	co_buf_reset(&text);
	TRY(zip_text(v->zip, "bag-info.txt", &text, err));
	if (bag_info_parse(&v->info, text.data, text.len, err) != CO_OK)
		return co_wrap(err, "bag-info.txt");
	TRY(bag_says(v, "Payload-Oxum", &oxum, err));
	TRY(bag_says(v, "Comity-Package", &form, err));
	TRY(bag_says(v, "Bagging-Date", &date, err));
	TRY(bag_says(v, "Source-Organization", &who, err));
	(void)snprintf(want, sizeof(want), "%d", (int)PACKAGE_FORM);
	if (strcmp(form, want) != 0)
		return co_fail(err, CO_EVERIFY,
			"bag-info.txt: this is a package of form %.20s; this program reads form %d",
			form, (int)PACKAGE_FORM);
	if (!bag_oxum_read(oxum, &bytes, &files) || bytes != v->payload || files != v->index.n)
		return co_fail(err, CO_EVERIFY,
			"bag-info.txt says Payload-Oxum %.60s; the payload is %llu.%zu", oxum,
			(unsigned long long)v->payload, v->index.n);
	say(v, VERIFY_HOLDS, "made on %s by %s: %llu bytes in %zu files", date, who,
		(unsigned long long)v->payload, v->index.n);
	return CO_OK;
}
