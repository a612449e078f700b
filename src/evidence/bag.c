#include "evidence/bag.h"

#include "base/enc.h"
#include "base/limits.h"
#include "base/nfd.h"
#include "evidence/bag_info.h"
#include "evidence/bag_list.h"
#include "evidence/tree.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

struct bag {
	const struct verify_conf *conf;
	const char *step;
	struct tree tree;
	unsigned version; /* 100 * major + minor: 93 to 97, 100 */
	char encoding[48];
	struct bag_info info;
	struct bag_list lists[LIMIT_BAG_MANIFESTS];
	size_t lists_n, payload_n; /* payload_n: payload manifests that can be checked */
	uint64_t files, bytes;     /* payload */
	uint64_t done, of;
	size_t warnings, fetched;
};

static void
bag_deinit(struct bag *b)
{
	tree_close(&b->tree);
	bag_info_deinit(&b->info);
	for (size_t i = 0; i < b->lists_n; i++)
		bag_list_deinit(&b->lists[i]);
}

static void say_bag(struct bag *b, enum verify_mark mark, const char *fmt, ...) CO_PRINTF(3, 4);

static void
say_bag(struct bag *b, enum verify_mark mark, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	b->warnings += mark == VERIFY_NOTE;
	if (b->conf->say == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	b->conf->say(b->conf->arg, mark, b->step, text);
}

static bool
is_payload(const char *path)
{
	return strncmp(path, "data/", 5) == 0;
}

/* ---- bagit.txt ---- */
/* Versions by what RFC 8493 and its drafts changed; others were never published. */
static enum co_rc
version_read(struct bag *b, const char *s, struct co_err *err)
{
	static const struct {
		const char *text;
		unsigned version;
	} known[] = { { "0.93", 93 }, { "0.94", 94 }, { "0.95", 95 }, { "0.96", 96 },
		{ "0.97", 97 }, { "1.0", 100 } };

	for (size_t i = 0; i < CO_ARRAY_LEN(known); i++)
		if (strcmp(s, known[i].text) == 0)
			b->version = known[i].version;
	return b->version != 0 ? CO_OK
			       : co_fail(err, CO_EVERIFY,
					 "bagit.txt: version %.40s; 0.93 to 0.97 and 1.0 are known",
					s);
}

static enum co_rc
step_declaration(struct bag *b, struct co_err *err)
{
	bag_info_auto d = { 0 };
	co_auto_buf text;
	const char *version, *encoding;

	bag_info_init(&d);
	co_buf_init(&text, LIMIT_BAG_TEXT);
	TRY(tree_text(&b->tree, "bagit.txt", &text, err));
	if (text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0)
		return co_fail(err, CO_EVERIFY, "bagit.txt begins with a byte order mark");
	if (strlen(text.data) != text.len || !co_utf8_valid(text.data))
		return co_fail(err, CO_EVERIFY, "bagit.txt is not UTF-8");
	if (bag_info_parse(&d, text.data, text.len, err) != CO_OK)
		return co_wrap(err, "bagit.txt");
	version = bag_info_get(&d, "BagIt-Version");
	encoding = bag_info_get(&d, "Tag-File-Character-Encoding");
	if (d.n != 2 || version == NULL || encoding == NULL)
		return co_fail(err, CO_EVERIFY,
			"bagit.txt has not exactly BagIt-Version and Tag-File-Character-Encoding");
	TRY(version_read(b, version, err));
	(void)snprintf(b->encoding, sizeof(b->encoding), "%s", encoding);
	say_bag(b, VERIFY_HOLDS, "BagIt %s, tag files in %.40s", version, encoding);
	return CO_OK;
}

static enum co_rc
tag_text(struct bag *b, const char *name, struct co_buf *out, struct co_err *err)
{
	co_auto_buf raw;

	co_buf_init(&raw, LIMIT_BAG_TEXT);
	TRY(tree_text(&b->tree, name, &raw, err));
	if (bag_text_decode(b->encoding, raw.data, raw.len, out, err) != CO_OK)
		return co_wrap(err, "%s", name);
	return CO_OK;
}

/* ---- manifests ---- */
static enum co_rc
list_take(struct bag *b, const char *name, bool payload, struct co_err *err)
{
	const char *at = name + strlen(payload ? "manifest-" : "tagmanifest-");
	size_t n = strlen(at) - strlen(".txt"), digest_n;
	struct bag_list *l = &b->lists[b->lists_n];
	char algorithm[16];
	co_auto_buf text;

	co_buf_init(&text, LIMIT_BAG_TEXT * 2);
	(void)snprintf(algorithm, sizeof(algorithm), "%.*s", (int)(n > 15 ? 15 : n), at);
	digest_n = digest_known(algorithm);
	if (digest_n == 0) {
		say_bag(b, VERIFY_NOTE, "%s: this program does not know %s; it is not checked",
			name, algorithm);
		return CO_OK;
	}
	if (b->lists_n == LIMIT_BAG_MANIFESTS)
		return co_fail(err, CO_ETOOBIG, "more than %u manifests", LIMIT_BAG_MANIFESTS);
	bag_list_init(l, algorithm, digest_n, payload);
	b->lists_n++;
	b->payload_n += payload;
	TRY(tag_text(b, name, &text, err));
	if (bag_list_parse(l, text.data == NULL ? "" : text.data, text.len, b->version, err) !=
		CO_OK)
		return co_wrap(err, "%s", name);
	if (l->twice > 0 && b->version >= 100)
		return co_fail(err, CO_EVERIFY, "%s lists a file more than once", name);
	if (l->twice > 0)
		say_bag(b, VERIFY_NOTE, "%s says %zu lines twice", name, l->twice);
	if (l->dotted > 0)
		say_bag(b, VERIFY_NOTE, "%s has \"./\" before %zu paths", name, l->dotted);
	return CO_OK;
}

static enum co_rc
paths_check(const struct bag_list *l, struct co_err *err)
{
	for (size_t i = 0; i < l->n; i++) {
		const char *path = l->lines[i].path;

		if (!tree_path_ok(path))
			return co_fail(err, CO_EVERIFY,
				"a manifest lists \"%.200s\", which leads outside of the bag",
				path);
		if (is_payload(path) != l->payload)
			return co_fail(err, CO_EVERIFY, "%s-%s.txt lists %.200s, which is %s data/",
				l->payload ? "manifest" : "tagmanifest", l->algorithm, path,
				l->payload ? "not below" : "below");
		if (l->payload || strncmp(path, "tagmanifest-", 12) != 0)
			continue;
		return co_fail(err, CO_EVERIFY, "a tag manifest lists a tag manifest: %.200s",
			path);
	}
	return CO_OK;
}

static bool
ends(const char *s, const char *with)
{
	size_t a = strlen(s), n = strlen(with);

	return a > n && strcmp(s + a - n, with) == 0;
}

static enum co_rc
step_manifests(struct bag *b, struct co_err *err)
{
	bool strong = false;

	for (size_t i = 0; i < b->tree.n; i++) {
		const char *name = b->tree.files[i].name;
		bool payload = strncmp(name, "manifest-", 9) == 0;

		b->files += is_payload(name);
		b->bytes += is_payload(name) ? b->tree.files[i].size : 0;
		if ((payload || strncmp(name, "tagmanifest-", 12) == 0) && ends(name, ".txt") &&
			strchr(name, '/') == NULL)
			TRY(list_take(b, name, payload, err));
	}
	if (b->payload_n == 0)
		return co_fail(err, CO_EVERIFY, "there is no payload manifest that can be checked");
	for (size_t i = 0; i < b->lists_n; i++) {
		TRY(paths_check(&b->lists[i], err));
		strong = strong || (b->lists[i].payload && b->lists[i].digest_n >= SHA256_LEN);
		say_bag(b, VERIFY_HOLDS, "%s-%s.txt: %zu files",
			b->lists[i].payload ? "manifest" : "tagmanifest", b->lists[i].algorithm,
			b->lists[i].n);
	}
	if (!strong)
		say_bag(b, VERIFY_NOTE,
			"only MD5 or SHA-1: that finds accidents; somebody who wants to can make "
			"other "
			"content with the same digest");
	return CO_OK;
}

/* ---- label ---- */
static enum co_rc
step_label(struct bag *b, struct co_err *err)
{
	const char *name = b->version <= 95 ? "package-info.txt" : "bag-info.txt", *oxum, *who;
	uint64_t bytes, files;
	co_auto_buf text;

	co_buf_init(&text, LIMIT_BAG_TEXT * 2);
	if (tree_find(&b->tree, name) == NULL) {
		say_bag(b, VERIFY_NOTE, "there is no %s: nothing says whose bag it is", name);
		return CO_OK;
	}
	TRY(tag_text(b, name, &text, err));
	if (bag_info_parse(&b->info, text.data == NULL ? "" : text.data, text.len, err) != CO_OK)
		return co_wrap(err, "%s", name);
	oxum = bag_info_get(&b->info, "Payload-Oxum");
	who = bag_info_get(&b->info, "Source-Organization");
	if (oxum != NULL &&
		(!bag_oxum_read(oxum, &bytes, &files) || bytes != b->bytes || files != b->files))
		return co_fail(err, CO_EVERIFY,
			"%s says Payload-Oxum %.60s; the payload is %llu.%llu", name, oxum,
			(unsigned long long)b->bytes, (unsigned long long)b->files);
	say_bag(b, VERIFY_HOLDS, "%s: %zu values, by %.200s; %s", name, b->info.n,
		who == NULL ? "nobody named" : who,
		oxum == NULL ? "no Payload-Oxum" : "Payload-Oxum is right");
	return CO_OK;
}

/* ---- fetch.txt ---- */
static enum co_rc
fetch_line(struct bag *b, char *line, size_t *missing, struct co_err *err)
{
	char *length, *path, *save = NULL;

	(void)strtok_r(line, " \t", &save);
	length = strtok_r(NULL, " \t", &save);
	path = save == NULL ? NULL : save + strspn(save, " \t");
	if (length == NULL || path == NULL || path[0] == '\0' ||
		(strcmp(length, "-") != 0 && strspn(length, "0123456789") != strlen(length)))
		return co_fail(err, CO_EVERIFY, "a line is not an address, a length and a path");
	if (!tree_path_ok(path) || !is_payload(path))
		return co_fail(err, CO_EVERIFY,
			"\"%.200s\" is not a place below data/: it leads outside of the payload",
			path);
	for (size_t i = 0; i < b->lists_n; i++)
		if (b->lists[i].payload && bag_list_find(&b->lists[i], path) == NULL)
			return co_fail(err, CO_EVERIFY, "%.200s is in no manifest", path);
	b->fetched++;
	*missing += tree_find(&b->tree, path) == NULL;
	return CO_OK;
}

static enum co_rc
step_fetch(struct bag *b, struct co_err *err)
{
	size_t missing = 0;
	char *line, *save = NULL;
	co_auto_buf text;

	co_buf_init(&text, LIMIT_BAG_TEXT * 2);
	if (tree_find(&b->tree, "fetch.txt") == NULL) {
		say_bag(b, VERIFY_HOLDS, "there is no fetch.txt: nothing is said to be elsewhere");
		return CO_OK;
	}
	TRY(tag_text(b, "fetch.txt", &text, err));
	for (line = strtok_r(text.data == NULL ? (char[]){ "" } : text.data, "\r\n", &save);
		line != NULL; line = strtok_r(NULL, "\r\n", &save))
		if (fetch_line(b, line, &missing, err) != CO_OK)
			return co_wrap(err, "fetch.txt");
	if (missing > 0)
		return co_fail(err, CO_EVERIFY,
			"the bag is not complete: fetch.txt names %zu files that are elsewhere; "
			"they "
			"are never fetched here. Put them in place and verify again",
			missing);
	say_bag(b, VERIFY_NOTE, "fetch.txt names %zu files; they are all here", b->fetched);
	return CO_OK;
}

/* ---- complete ---- */
/* Names of files as they compare: NFD, and which file. */
struct spelt {
	char *nfd;
	const char *name;
};

static void
spelt_free(struct spelt **s)
{
	for (struct spelt *x = *s; x != NULL && x->nfd != NULL; x++)
		free(x->nfd);
	free(*s);
}

static int
spelt_order(const void *a, const void *b)
{
	return strcmp(((const struct spelt *)a)->nfd, ((const struct spelt *)b)->nfd);
}

/* A list made on one computer and files on another: one name, its letters put together otherwise
 * (RFC 8493 4.1: "normalization"). The file counts, and a person is told. */
static enum co_rc
respell(struct bag *b, struct bag_list *l, struct co_err *err)
{
	CO_CLEANUP(spelt_free) struct spelt *all = calloc(b->tree.n + 1, sizeof(*all));

	if (all == NULL)
		return co_fail(err, CO_ENOMEM, "names");
	for (size_t i = 0; i < b->tree.n; i++) {
		all[i] = (struct spelt){ co_nfd(b->tree.files[i].name), b->tree.files[i].name };
		if (all[i].nfd == NULL)
			return co_fail(err, CO_ENOMEM, "names");
	}
	if (b->tree.n > 0)
		qsort(all, b->tree.n, sizeof(*all), spelt_order);
	for (size_t i = 0; i < l->n; i++) {
		struct spelt key = { NULL, NULL };
		const struct spelt *found;

		if (tree_find(&b->tree, l->lines[i].path) != NULL)
			continue;
		key.nfd = co_nfd(l->lines[i].path);
		found = key.nfd == NULL || b->tree.n == 0
			? NULL
			: bsearch(&key, all, b->tree.n, sizeof(*all), spelt_order);
		free(key.nfd);
		if (found == NULL)
			continue;
		say_bag(b, VERIFY_NOTE, "%.200s is listed with its letters written in another way",
			found->name);
		TRY(bag_list_rename(l, i, found->name, err));
	}
	return bag_list_settle(l, err);
}

static enum co_rc
listed_are_here(struct bag *b, const struct bag_list *l, struct co_err *err)
{
	for (size_t i = 0; i < l->n; i++)
		if (tree_find(&b->tree, l->lines[i].path) == NULL)
			return co_fail(err, CO_EVERIFY,
				"%.200s is in %s-%s.txt, but not in the bag", l->lines[i].path,
				l->payload ? "manifest" : "tagmanifest", l->algorithm);
	return CO_OK;
}

/* From 1.0 on in every payload manifest, before in one of them. */
static enum co_rc
payload_is_listed(struct bag *b, const char *path, struct co_err *err)
{
	size_t in = 0;

	for (size_t k = 0; k < b->lists_n; k++)
		in += b->lists[k].payload && bag_list_find(&b->lists[k], path) != NULL;
	if (in == 0 || (b->version >= 100 && in < b->payload_n))
		return co_fail(err, CO_EVERIFY, "%.200s is in the payload, but in %s", path,
			in == 0 ? "no manifest" : "not every manifest");
	return CO_OK;
}

static int
fold_order(const void *a, const void *b)
{
	return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names that one computer tells apart and another does not. */
static enum co_rc
names_told_apart(struct bag *b, struct co_err *err)
{
	co_auto_free const char **names = calloc(b->tree.n + 1, sizeof(*names));

	if (names == NULL)
		return co_fail(err, CO_ENOMEM, "names");
	for (size_t i = 0; i < b->tree.n; i++)
		names[i] = b->tree.files[i].name;
	if (b->tree.n > 0)
		qsort(names, b->tree.n, sizeof(*names), fold_order);
	for (size_t i = 1; i < b->tree.n; i++)
		if (strcasecmp(names[i - 1], names[i]) == 0)
			say_bag(b, VERIFY_NOTE,
				"%.150s and %.150s differ only in capitals: some computers hold "
				"one of "
				"them only",
				names[i - 1], names[i]);
	for (size_t i = 0; i < b->tree.n; i++)
		if (!co_utf8_valid(b->tree.files[i].name))
			say_bag(b, VERIFY_NOTE, "%.150s: its name is not UTF-8",
				b->tree.files[i].name);
	return CO_OK;
}

static enum co_rc
step_complete(struct bag *b, struct co_err *err)
{
	if (!b->tree.data_folder)
		return co_fail(err, CO_EVERIFY, "there is no folder data");
	for (size_t i = 0; i < b->lists_n; i++) {
		TRY(respell(b, &b->lists[i], err));
		TRY(listed_are_here(b, &b->lists[i], err));
	}
	for (size_t i = 0; i < b->tree.n; i++) {
		b->of += b->tree.files[i].size;
		if (is_payload(b->tree.files[i].name))
			TRY(payload_is_listed(b, b->tree.files[i].name, err));
	}
	if (b->tree.links > 0)
		say_bag(b, VERIFY_NOTE, "%zu links or devices in it were not followed",
			b->tree.links);
	TRY(names_told_apart(b, err));
	say_bag(b, VERIFY_HOLDS, "%llu files of payload, each listed",
		(unsigned long long)b->files);
	return CO_OK;
}

/* ---- valid ---- */
struct summing {
	struct bag *b;
	struct digest *digests[LIMIT_BAG_MANIFESTS]; /* by list; NULL: not in it */
};

static void
summing_deinit(struct summing *s)
{
	for (size_t i = 0; i < LIMIT_BAG_MANIFESTS; i++)
		digest_free(&s->digests[i]);
}

static enum co_rc
summing_add(void *arg, const void *p, size_t n, struct co_err *err)
{
	struct summing *s = arg;
	struct bag *b = s->b;

	(void)err;
	for (size_t i = 0; i < b->lists_n; i++)
		if (s->digests[i] != NULL)
			digest_add(s->digests[i], p, n);
	b->done += n;
	if (b->conf->progress != NULL)
		b->conf->progress(b->conf->arg, b->done, b->of);
	return CO_OK;
}

static enum co_rc
file_check(struct bag *b, const struct tree_file *f, struct co_err *err)
{
	CO_CLEANUP(summing_deinit) struct summing s = { .b = b };
	unsigned char own[SHA512_LEN];
	bool any = false;

	for (size_t i = 0; i < b->lists_n; i++)
		if (bag_list_find(&b->lists[i], f->name) != NULL) {
			TRY(digest_by_name(&s.digests[i], b->lists[i].algorithm, err));
			any = true;
		}
	if (!any)
		return CO_OK;
	TRY(tree_read(&b->tree, f, summing_add, &s, err));
	for (size_t i = 0; i < b->lists_n; i++) {
		const struct bag_line *l = bag_list_find(&b->lists[i], f->name);

		if (s.digests[i] == NULL)
			continue;
		digest_end(s.digests[i], own);
		if (memcmp(own, l->digest, b->lists[i].digest_n) != 0)
			return co_fail(err, CO_EVERIFY, "%.200s is not what %s-%s.txt lists",
				f->name, b->lists[i].payload ? "manifest" : "tagmanifest",
				b->lists[i].algorithm);
	}
	return CO_OK;
}

static enum co_rc
step_valid(struct bag *b, struct co_err *err)
{
	for (size_t i = 0; i < b->tree.n; i++)
		TRY(file_check(b, &b->tree.files[i], err));
	say_bag(b, VERIFY_HOLDS, "%llu bytes of payload are as listed",
		(unsigned long long)b->bytes);
	return CO_OK;
}

static const struct {
	const char *name;
	enum co_rc (*fn)(struct bag *b, struct co_err *err);
	const char *proves, *not ;
} steps[] = {
	{ "declaration", step_declaration, "The bag says what it is, in a version that is known.",
		"anything of what is in it." },
	{ "manifests", step_manifests,
		"The lists of digests can be read, and name only places inside the bag.",
		"who made them: a bag is not signed." },
	{ "fetch", step_fetch, "Nothing of the bag is somewhere else.",
		"that nothing was left out of its lists." },
	{ "complete", step_complete,
		"Every listed file is there, and every file of the payload is listed.",
		"that it was so when the bag was first made." },
	{ "label", step_label, "The label can be read, and its size of the payload is right.",
		"what else it says." },
	{ "valid", step_valid, "Every listed file has the digests that its lists give.",
		"that nobody changed file and lists together: keep the lists' own digests "
		"elsewhere, "
		"or have them signed." },
};

static json_t *
bag_summary(const struct bag *b)
{
	json_t *algorithms = json_array();

	for (size_t i = 0; i < b->lists_n; i++)
		if (b->lists[i].payload)
			(void)json_array_append_new(
				algorithms, json_string(b->lists[i].algorithm));
	return json_pack("{s:s,s:I,s:I,s:I,s:I,s:o}", "form", "bag", "version",
		(json_int_t)b->version, "files", (json_int_t)b->files, "bytes",
		(json_int_t)b->bytes, "warnings", (json_int_t)b->warnings, "algorithms",
		algorithms);
}

/* Whatever the bytes of a bag make a parser say, the bag does not hold. */
static enum co_rc
bag_verdict(struct bag *b, enum co_rc rc, struct co_err *err)
{
	static const enum co_rc theirs[] = { CO_EMALFORMED, CO_ETOOBIG, CO_EVERIFY, CO_ENOTFOUND };

	for (size_t i = 0; i < CO_ARRAY_LEN(theirs); i++)
		if (rc == theirs[i]) {
			err->rc = CO_EVERIFY;
			say_bag(b, VERIFY_FAILS, "%s", err->msg);
			return CO_EVERIFY;
		}
	return rc;
}

enum co_rc
bag_verify(const struct verify_conf *conf, const char *path, json_t **summary, struct co_err *err)
{
	CO_CLEANUP(bag_deinit) struct bag b = { .conf = conf, .tree = { .fd = -1 } };
	struct co_err own = { CO_OK, "" };
	struct co_err *e = err == NULL ? &own : err;
	enum co_rc rc;

	b.step = steps[0].name;
	rc = tree_open(&b.tree, path, e);
	for (size_t i = 0; rc == CO_OK && i < CO_ARRAY_LEN(steps); i++) {
		b.step = steps[i].name;
		say_bag(&b, VERIFY_STEP, "%s", steps[i].proves);
		say_bag(&b, VERIFY_NOT, "%s", steps[i].not );
		rc = steps[i].fn(&b, e);
	}
	if (rc != CO_OK)
		return bag_verdict(&b, rc, e);
	*summary = bag_summary(&b);
	return *summary == NULL ? co_fail(err, CO_ENOMEM, "summary") : CO_OK;
}
