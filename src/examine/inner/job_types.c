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

/* What content goes with the ending of a name; a star stands for any rest. Endings that are not
 * here say nothing. Old office formats hold RTF, HTML and plain text as well. */
static const struct {
	const char *ends, *media;
} endings[] = { { ".jpg.jpeg.jpe.jfif", "image/jpeg" }, { ".png", "image/png" },
	{ ".gif", "image/gif" }, { ".pdf", "application/pdf" },
	{ ".zip", "application/zip application/java-archive application/vnd.* application/epub*" },
	{ ".exe.dll.sys.scr.ocx.cpl.drv",
		"application/x-dosexec application/vnd.microsoft.portable-executable" },
	{ ".sqlite.sqlite3.db3", "application/x-sqlite3 application/vnd.sqlite3" },
	{ ".mp4.m4v", "video/mp4 video/x-m4v" },
	{ ".gz.tgz", "application/gzip application/x-gzip" },
	{ ".7z", "application/x-7z-compressed" },
	{ ".rar", "application/x-rar application/vnd.rar" },
	{ ".doc.xls.ppt.msg",
		"application/msword application/vnd.* application/cdf* application/x-ole* "
		"application/encrypted text/*" },
	{ ".docx.xlsx.pptx.odt.ods.odp",
		"application/vnd.* application/zip application/cdf* application/encrypted" },
	{ ".txt.log.csv.md.ini.cfg.conf",
		"text/* message/* application/json application/xml application/csv "
		"application/x-ndjson application/javascript application/pgp* application/mbox "
		"application/x-setupscript application/x-wine*" },
	{ ".htm.html.xml.json.js.css",
		"text/* message/* application/json application/xml application/xhtml* "
		"application/javascript image/svg*" } };
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
in_media(const char *list, const char *media)
{
	for (const char *at = list; *at != '\0'; at += strspn(at, " ")) {
		size_t n = strcspn(at, " ");
		bool any = at[n - 1] == '*';

		if ((any || strlen(media) == n) && strncasecmp(at, media, any ? n - 1 : n) == 0)
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
			return !in_media(endings[i].media, media);
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
