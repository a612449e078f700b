/* Layout and index: the package as a heap of files. */
#include "evidence/verify_inside.h"

#include "base/enc.h"

static const char *const root_files[] = { "manifest-sha256.txt", "package.json",
	"package.json.p7s" };

static bool
is_root_file(const char *name)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(root_files); i++)
		if (strcmp(name, root_files[i]) == 0)
			return true;
	return false;
}

/* zip_open checked every header; here: the files a package has. */
enum co_rc
step_layout(struct verify *v, struct co_err *err)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(root_files); i++)
		if (zip_find(v->zip, root_files[i]) == NULL)
			return co_fail(err, CO_EVERIFY, "%s is missing", root_files[i]);
	for (size_t i = 0; i < zip_count(v->zip); i++) {
		const struct zip_member *m = zip_at(v->zip, i);

		if (!is_root_file(m->name) && strncmp(m->name, "data/", 5) != 0)
			return co_fail(
				err, CO_EVERIFY, "%s does not belong into a package", m->name);
		v->of += m->size;
	}
	say(v, VERIFY_HOLDS, "%zu files, %llu bytes", zip_count(v->zip), (unsigned long long)v->of);
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
index_member(struct verify *v, const struct zip_member *m, struct co_err *err)
{
	const struct index_line *l = index_find(&v->index, m->name);
	unsigned char digest[SHA256_LEN];
	bool crc_fits;

	if (l == NULL && !is_root_file(m->name))
		return co_fail(
			err, CO_EVERIFY, "%s is not in the index manifest-sha256.txt", m->name);
	TRY(zip_digest(v->zip, m, on_bytes, v, digest, &crc_fits, err));
	if (l != NULL && memcmp(digest, l->sha256, SHA256_LEN) != 0)
		return co_fail(err, CO_EVERIFY,
			"%s is not what the index lists: its bytes were changed", m->name);
	if (!crc_fits)
		return co_fail(err, CO_EVERIFY,
			"%s: its bytes or their check sum in the zip were changed", m->name);
	return CO_OK;
}

/* Files that no later step looks at: listed and signed, but nobody here can say what they mean. */
static void
index_strange(struct verify *v)
{
	static const char *const known[] = { "data/records/", "data/ledger/", "data/directory/",
		"data/certificates/", "data/exhibits/" };

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

enum co_rc
step_index(struct verify *v, struct co_err *err)
{
	co_auto_buf text;

	co_buf_init(&text, LIMIT_PACKAGE_MEMBER);
	TRY(zip_text(v->zip, "manifest-sha256.txt", &text, err));
	if (index_parse(&v->index, text.data, text.len, err) != CO_OK)
		return co_wrap(err, "manifest-sha256.txt");
	for (size_t i = 0; i < v->index.n; i++)
		if (zip_find(v->zip, v->index.lines[i].path) == NULL)
			return co_fail(err, CO_EVERIFY, "%s is in the index but not in the package",
				v->index.lines[i].path);
	for (size_t i = 0; i < zip_count(v->zip); i++)
		TRY(index_member(v, zip_at(v->zip, i), err));
	index_strange(v);
	say(v, VERIFY_HOLDS, "%zu files are as listed", v->index.n);
	return CO_OK;
}
