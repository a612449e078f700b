/* Where the result of an examination goes: to a file, and for an exhibit into the vault as an
 * exhibit made from it, with custody on both. */
#include "cli/examine.h"

#include "base/clock.h"
#include "base/fs.h"
#include "evidence/derive.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { TEXT = 600 };

struct result {
	struct cli *c;
	const struct sources *sources;
	const char *job;
	bool content; /* of a file or image; otherwise lines */
	const json_t *options, *files;
	const char *path; /* --out */
	int out;          /* -1: none */
	struct derive *derive; /* NULL: the sources are files */
	struct cli_seals seals;
	char by[LIMIT_NAME + 1];
};

void
result_close(struct result **r)
{
	if (*r == NULL)
		return;
	if ((*r)->out >= 0)
		close((*r)->out);
	derive_free(&(*r)->derive);
	cli_seals_deinit(&(*r)->seals);
	free(*r);
	*r = NULL;
}

static const json_t *
parent(const struct result *r)
{
	return json_object_get(r->sources->shown, "exhibit");
}

/* ---- its name ---- */
/* The last part of a stranger's path, as an exhibit's name may be. */
static void
name_of_path(const char *path, char out[LIMIT_NAME + 1])
{
	const char *slash = strrchr(path, '/');
	json_t *utf8;

	(void)snprintf(out, LIMIT_NAME + 1, "%.200s", slash != NULL ? slash + 1 : path);
	for (char *c = out; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f || *c == '\\')
			*c = '_';
	utf8 = json_string(out);
	if (utf8 == NULL || out[0] == '\0' || out[0] == '.')
		(void)snprintf(out, LIMIT_NAME + 1, "extracted");
	json_decref(utf8);
}

static void
name_make(const struct result *r, char out[LIMIT_NAME + 1])
{
	const char *path = json_string_value(json_object_get(r->options, "path"));
	const char *name = cli_text(parent(r), "name");

	if (r->content && path != NULL)
		name_of_path(path, out);
	else if (r->content)
		(void)snprintf(out, LIMIT_NAME + 1, "%.200s.%s", name,
			cli_has(r->c, "address") ? cli_get(r->c, "address") : "raw");
	else
		(void)snprintf(out, LIMIT_NAME + 1, "%.200s.%s.jsonl", name, r->job);
}

/* ---- begin ---- */
/* What a reader years later needs to do it again. */
static json_t *
provenance(const struct result *r)
{
	char at[CO_TIME_LEN];

	co_time_print(co_now_us() / 1000000 * 1000000, at);
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:O,s:O}", "type", "provenance", "tool",
		"comity-examiner", "version", COMITY_VERSION, "job", r->job, "at", at, "exhibit",
		r->sources->exhibit, "sha256", cli_text(parent(r), "plain.sha256"), "options",
		r->options, "files", r->files);
}

static enum co_rc
derive_open(struct result *r, struct co_err *err)
{
	char name[LIMIT_NAME + 1];
	struct seal_conf conf = { .vault = r->sources->vault,
		.name = name,
		.media = r->content ? NULL : "application/x-ndjson",
		.how = { .coding = VAULT_ZSTD } };
	json_auto *first = NULL;

	TRY(cli_seals(r->c, NULL, &r->seals, err));
	name_make(r, name);
	conf.to = r->seals.to;
	conf.to_n = r->seals.n;
	TRY(derive_begin(&r->derive, &conf, err));
	(void)snprintf(r->by, sizeof(r->by), "comity-examiner %s %s", COMITY_VERSION, r->job);
	if (r->content)
		return CO_OK;
	first = provenance(r);
	return first == NULL ? co_fail(err, CO_ENOMEM, "result") : result_line(r, first, err);
}

enum co_rc
result_open(struct result **out, struct cli *c, const struct sources *sources, const char *job,
	const json_t *options, const json_t *files, struct co_err *err)
{
	CO_CLEANUP(result_close) struct result *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return co_fail(err, CO_ENOMEM, "result");
	r->c = c;
	r->sources = sources;
	r->job = job;
	r->options = options;
	r->files = files;
	r->out = -1;
	r->content = strcmp(job, "extract") == 0 || strcmp(job, "read") == 0;
	r->path = cli_get(c, "out");
	if (r->path == NULL && r->content && sources->exhibit[0] == '\0')
		return co_fail(err, CO_EUSAGE, "say where to write it: --out FILE");
	if (r->path != NULL)
		r->out = open(r->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (r->path != NULL && r->out < 0)
		return co_fail_errno(err, "create %s", r->path);
	if (sources->exhibit[0] != '\0')
		TRY(derive_open(r, err));
	*out = CO_TAKE(r);
	return CO_OK;
}

/* ---- on the way ---- */
static enum co_rc
put(struct result *r, const void *p, size_t n, struct co_err *err)
{
	if (r->out >= 0)
		TRY(co_write_all(r->out, p, n, err));
	return r->derive == NULL ? CO_OK : derive_add(r->derive, p, n, err);
}

enum co_rc
result_line(struct result *r, const json_t *line, struct co_err *err)
{
	co_auto_free char *text = json_dumps(line, JSON_COMPACT | JSON_PRESERVE_ORDER);

	if (text == NULL)
		return co_fail(err, CO_ENOMEM, "result");
	if (r->c->json)
		(void)printf("%s\n", text);
	if (r->content)
		return CO_OK;
	TRY(put(r, text, strlen(text), err));
	return put(r, "\n", 1, err);
}

enum co_rc
result_content(struct result *r, const void *p, size_t n, struct co_err *err)
{
	return put(r, p, n, err);
}

/* ---- end ---- */
/* On the exhibit that was examined: with what, and what came of it. */
static enum co_rc
log_examined(struct result *r, const char *text, const struct examine_lost *lost,
	const json_t *made, struct co_err *err)
{
	json_auto *detail = provenance(r), *in = NULL, *out = NULL;

	(void)json_object_del(detail, "type");
	if (made != NULL)
		(void)json_object_set_new(detail, "result",
			json_pack("{s:s,s:s,s:s}", "id", cli_text(made, "id"), "name",
				cli_text(made, "name"), "sha256", cli_text(made, "plain.sha256")));
	if (lost != NULL && lost->text[0] != '\0')
		(void)json_object_set_new(detail, "unread",
			json_pack("{s:I,s:I,s:I,s:O}", "places", lost->places, "bytes", lost->bytes,
				"given_up", lost->given_up, "first", lost->list));
	in = json_pack("{s:s,s:s,s:s,s:s,s:{s:s,s:s},s:s,s:O,s:s*,s:s*}", "id", r->sources->exhibit,
		"action", "examined", "purpose", cli_get(r->c, "purpose"), "authority",
		cli_get(r->c, "authority"), "tool", "name", "comity-examiner", "version",
		COMITY_VERSION, "result", text, "detail", detail, "use", cli_get(r->c, "use"),
		"place", cli_get(r->c, "place"));
	return cli_call(r->c, "exhibit.log", in, &out, err);
}

static enum co_rc
result_register(struct result *r, const struct examine_lost *lost, json_t **made,
	struct co_err *err)
{
	json_auto *in = NULL, *out = NULL;
	char text[TEXT];

	/* Its own record says it too: it may go further than the custody of its parent. */
	if (lost->text[0] != '\0') {
		size_t n = strlen(r->by);

		(void)snprintf(r->by + n, sizeof(r->by) - n, "; not whole: %s%s", lost->text,
			r->content ? ", zeros stand there" : "");
	}
	TRY(derive_end(r->derive, parent(r), r->by, made, err));
	in = json_pack("{s:s,s:s,s:O,s:s,s:s}", "case_id", cli_text(parent(r), "case_id"), "to",
		r->seals.ours, "exhibit", *made, "purpose", cli_get(r->c, "purpose"), "authority",
		cli_get(r->c, "authority"));
	if (cli_call(r->c, "exhibit.register", in, &out, err) != CO_OK)
		return co_wrap(err, "sealed as %s, but the node did not take it up",
			cli_text(*made, "id"));
	(void)snprintf(text, sizeof(text), "%s: the result is exhibit %s%s%s", r->job,
		cli_text(*made, "id"), lost->text[0] != '\0' ? "; not whole: " : "", lost->text);
	return log_examined(r, text, lost, *made, err);
}

/* The examination was begun and is in custody as an opening; that nothing came of it is said
 * too. */
static void
log_failed(struct result *r, const struct co_err *why)
{
	struct co_err err = { 0 };
	char text[TEXT];

	(void)snprintf(text, sizeof(text), "%s: not finished: %s", r->job, why->msg);
	if (log_examined(r, text, NULL, NULL, &err) != CO_OK)
		(void)fprintf(stderr, "comity: the end of the examination is not in custody: %s\n",
			err.msg);
}

enum co_rc
result_end(struct result *r, enum co_rc rc, const struct examine_lost *lost, json_t **made,
	struct co_err *err)
{
	*made = NULL;
	if (rc == CO_OK && r->out >= 0 && fsync(r->out) != 0)
		rc = co_fail_errno(err, "fsync %s", r->path);
	if (rc == CO_OK && r->out >= 0)
		rc = co_fsync_parent(r->path, err);
	if (rc == CO_OK && r->derive != NULL)
		rc = result_register(r, lost, made, err);
	else if (rc != CO_OK && r->derive != NULL)
		log_failed(r, err);
	if (rc != CO_OK && r->path != NULL)
		(void)unlink(r->path);
	return rc;
}
