/* File types by content, not by name. The types' own file is read before the sandbox closes. */
#include "examine/inner/types.h"

#include "examine/inner/lost.h"

#include <magic.h>
#include <string.h>

enum { HEAD = 256 * 1024 };

static magic_t types;

enum co_rc
types_load(struct co_err *err)
{
	types = magic_open(MAGIC_MIME | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_ELF |
		MAGIC_NO_CHECK_TAR | MAGIC_ERROR);
	if (types == NULL)
		return co_fail(err, CO_ENOMEM, "file types");
	if (magic_load(types, NULL) != 0)
		return co_fail(err, CO_ENOTFOUND,
			"the table of file types cannot be read: %s; install the package "
			"libmagic-mgc",
			magic_error(types));
	return CO_OK;
}

struct typing {
	struct job *job;
	unsigned char *head;
};

/* The ending of a name that says something else than the content. */
static const struct {
	const char *media, *ends;
} endings[] = { { "image/jpeg", ".jpg.jpeg.jpe.jfif" }, { "image/png", ".png" },
	{ "image/gif", ".gif" }, { "application/pdf", ".pdf" }, { "application/zip", ".zip" },
	{ "application/x-dosexec", ".exe.dll.sys.scr.ocx.cpl.drv" },
	{ "application/x-sqlite3", ".sqlite.sqlite3.db3" }, { "video/mp4", ".mp4.m4v" },
	{ "application/gzip", ".gz.tgz" }, { "application/x-7z-compressed", ".7z" },
	{ "application/x-rar", ".rar" } };
static bool
in_ends(const char *ends, const char *end)
{
	size_t n = strlen(end);
	const char *at = ends;

	while ((at = strcasestr(at, end)) != NULL) {
		if (at[n] == '.' || at[n] == '\0')
			return true;
		at += n;
	}
	return false;
}

static bool
disguised(const char *path, const char *media)
{
	const char *slash = strrchr(path, '/');
	const char *end = strrchr(slash == NULL ? path : slash, '.');

	if (end == NULL || strcmp(media, "application/octet-stream") == 0 ||
		strncmp(media, "inode/", 6) == 0)
		return false;
	for (size_t i = 0; i < CO_ARRAY_LEN(endings); i++)
		if (in_ends(endings[i].ends, end))
			return strcmp(endings[i].media, media) != 0;
	return false;
}

static enum co_rc
one(void *arg, const struct item *i, struct co_err *err)
{
	struct typing *t = arg;
	const char *said;
	char media[256];
	json_t *o;
	size_t got, lost;

	if (!i->content)
		return CO_OK;
	TRY(lost_read(i, t->head, HEAD, 0, &got, &lost, err));
	TRY(lost_tell(i->image, i, err));
	if (got > 0 && lost == got)
		return CO_OK;
	said = magic_buffer(types, t->head, got);
	(void)snprintf(media, sizeof(media), "%s", said == NULL ? "application/octet-stream"
		: said);
	media[strcspn(media, ";")] = '\0';
	t->job->files++;
	t->job->bytes += i->size;
	o = item_json(i);
	say_text(o, "media", media);
	if (disguised(i->path, media))
		(void)json_object_set_new(o, "disguised", json_true());
	return say("file", o, err);
}

enum co_rc
job_types(struct job *j, struct co_err *err)
{
	co_auto_free unsigned char *head = malloc(HEAD);
	struct typing t = { .job = j, .head = head };
	struct walk w = job_walk(j, one, &t);

	if (head == NULL)
		return co_fail(err, CO_ENOMEM, "types");
	return walk_image(&w, NULL, err);
}
