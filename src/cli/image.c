#include "cli/image.h"

#include "base/limits_examine.h"
#include "cli/examine.h"
#include "record/text.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The first of several parts: disk.001 with a disk.002 or a later one beside it. */
static bool
split_is(const char *path)
{
	size_t n = strlen(path);
	co_auto_free char *next = strdup(path);

	if (next == NULL || n < 5 || strcmp(path + n - 4, ".001") != 0)
		return false;
	for (char last = '2'; last <= '9'; last++) {
		next[n - 1] = last;
		if (access(next, F_OK) == 0)
			return true;
	}
	return false;
}

bool
image_is(const char *path)
{
	unsigned char p[8];
	struct stat st;
	co_auto_fd fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	return split_is(path) ||
		(pread(fd, p, sizeof(p), 0) == (ssize_t)sizeof(p) &&
			(memcmp(p, "EVF\x09\x0d\x0a\xff", 8) == 0 ||
				memcmp(p, "EVF2\r\n\x81", 8) == 0));
}

void
image_name(const char *path, char out[LIMIT_NAME + 1])
{
	const char *slash = strrchr(path, '/'), *base = slash == NULL ? path : slash + 1;
	const char *dot = strrchr(base, '.');
	size_t n = dot == NULL || dot == base ? strlen(base) : (size_t)(dot - base);

	(void)snprintf(out, LIMIT_NAME + 1, "%.*s.raw", (int)(n < 250 ? n : 250), base);
}

/* ---- what the image says of itself ---- */
/* It is anybody's word: what cannot stand in a record becomes spaces, is cut, or is left out. */
static size_t
text_clean(char *text, size_t n, bool lines)
{
	for (char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = *c == '\n' && lines ? '\n' : ' ';
	while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\n'))
		text[--n] = '\0';
	return n;
}

static void
put_text(json_t *o, const char *member, const char *text, size_t most, const struct text_rule *rule)
{
	size_t n = text == NULL ? 0 : strnlen(text, most);
	co_auto_free char *clean = n == 0 ? NULL : strndup(text, n);

	if (clean == NULL)
		return;
	/* Not in the middle of a character. */
	while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
		clean[--n] = '\0';
	n = text_clean(clean, n, rule == &text_lines);
	if (n > 0 && rule->ok(clean, n))
		(void)json_object_set_new(o, member, json_string(clean));
}

struct imaging {
	acquire_put *put;
	void *to;
	uint64_t of;
	json_t *image, *end; /* lines */
};

static void
put_said(json_t *o, const json_t *image)
{
	static const struct {
		const char *member;
		bool lines;
	} words[] = { { "case_number", false }, { "evidence_number", false }, { "examiner", false },
		{ "acquired", false }, { "software", false }, { "description", true },
		{ "notes", true } };

	for (size_t i = 0; i < CO_ARRAY_LEN(words); i++)
		put_text(o, words[i].member,
			json_string_value(json_object_get(image, words[i].member)),
			words[i].lines ? LIMIT_TEXT : LIMIT_NAME,
			words[i].lines ? &text_lines : &text_name);
}

/* Digests that the content was compared with, and was the same. */
static json_t *
stored(const json_t *end)
{
	static const char *const names[] = { "md5", "sha1", "sha256" };
	json_t *o = json_object();

	for (size_t i = 0; i < CO_ARRAY_LEN(names); i++) {
		char member[16];
		const char *is = json_string_value(json_object_get(end, names[i]));

		(void)snprintf(member, sizeof(member), "stored_%s", names[i]);
		if (is != NULL && json_object_get(end, member) != NULL)
			(void)json_object_set_new(o, names[i], json_string(is));
	}
	if (json_object_size(o) == 0)
		(void)fprintf(stderr,
			"comity: the image holds no digest of its content: that it is what was "
			"taken, only who made it can say\n");
	return o;
}

static json_t *
about_image(const struct imaging *i, const struct sources *s)
{
	json_t *files = json_array();
	json_t *o = json_pack("{s:s,s:i,s:o}", "format", cli_text(i->image, "format"), "segments",
		(int)s->n, "stored", stored(i->end));

	for (size_t k = 0; k < s->n; k++) {
		json_t *f = json_pack("{s:I}", "size", (json_int_t)s->list[k].size);

		put_text(f, "name", s->list[k].name, LIMIT_NAME, &text_name);
		if (json_object_get(f, "name") == NULL)
			(void)json_object_set_new(f, "name", json_string("?"));
		(void)json_array_append_new(files, f);
	}
	if (o != NULL && s->n <= LIMIT_IMAGE_FILES)
		(void)json_object_set(o, "files", files);
	json_decref(files);
	if (o != NULL)
		put_said(o, i->image);
	return o;
}

/* ---- the job ---- */
static enum co_rc
line(void *arg, const char *type, const json_t *said, struct co_err *err)
{
	struct imaging *i = arg;

	if (strcmp(type, "note") == 0)
		(void)fprintf(stderr, "comity: note: %s\n", cli_text(said, "text"));
	if (strcmp(type, "end") == 0 && i->end == NULL)
		i->end = json_deep_copy(said);
	if (strcmp(type, "image") != 0 || i->image != NULL)
		return CO_OK;
	if (strcmp(cli_text(said, "format"), "e01") != 0 &&
		strcmp(cli_text(said, "format"), "raw") != 0)
		return co_fail(err, CO_EMALFORMED, "that is no image known here");
	i->image = json_deep_copy(said);
	i->of = (uint64_t)json_integer_value(json_object_get(said, "size"));
	return CO_OK;
}

static enum co_rc
content(void *arg, const void *p, size_t n, struct co_err *err)
{
	struct imaging *i = arg;

	return i->put(i->to, p, n, i->of, err);
}

enum co_rc
image_content(const char *path, acquire_put *put, void *to, json_t **about, struct co_err *err)
{
	struct imaging i = { .put = put, .to = to };
	sources_auto *s = NULL;
	struct examine_job job = { .name = "read", .limits = examine_limits, .line = line,
		.content = content, .arg = &i };
	enum co_rc rc;

	TRY(sources_of_file(path, &s, err));
	job.sources = s->list;
	job.sources_n = s->n;
	/* A disk takes hours, and all of it comes out. */
	job.limits.answer = INT64_MAX;
	job.limits.cpu_s = 0;
	job.limits.wall_ms = 0;
	rc = examine_run(&job, NULL, err);
	if (rc == CO_OK) {
		*about = about_image(&i, s);
		rc = *about == NULL ? co_fail(err, CO_ENOMEM, "image") : CO_OK;
	}
	json_decref(i.image);
	json_decref(i.end);
	return rc;
}
