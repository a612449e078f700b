#include "cli/run.h"

#include "base/enc.h"
#include "cli/image.h"
#include "cli/progress.h"
#include "evidence/acquire.h"
#include "evidence/device.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct acquiring {
	struct cli *c;
	struct progress bar;
	const char *path;
	const char *case_id, *to;
	const json_t *wrapped; /* for us */
	const char *ours;      /* our address */
	json_t *said;
	char name[LIMIT_NAME + 1]; /* of the content of an image */
	bool begun; /* there is something to go on with */
	char id[CO_UUID_LEN + 1];
};

static void
on_progress(void *arg, uint64_t done, uint64_t of)
{
	progress_at(&((struct acquiring *)arg)->bar, done, of);
}

static void
on_skipped(void *arg, const char *path, const char *why)
{
	(void)arg;
	(void)fprintf(stderr, "comity: left out %s: %s\n", path, why);
}

static void
on_bad(void *arg, uint64_t bytes)
{
	((struct acquiring *)arg)->bar.bad = bytes;
}

static void
on_second(void *arg)
{
	struct acquiring *a = arg;

	progress_end(&a->bar);
	progress_begin(&a->bar, "reading again", "bytes");
}

/* ---- stopped by hand ---- */
static struct {
	char text[4400];
	size_t n;
} stopped;

static void
stop(int sig)
{
	ssize_t n = write(STDERR_FILENO, stopped.text, stopped.n);

	(void)n;
	(void)signal(sig, SIG_DFL);
	(void)raise(sig);
}

/* Whoever stops it learns how to go on; all else is as after kill -9. */
static void
on_stop(const struct acquiring *a)
{
	int n = snprintf(stopped.text, sizeof(stopped.text),
		"\ncomity: stopped. What was read stays; go on with: comity acquire %.4000s "
		"--resume %s\n",
		a->path, a->id);

	stopped.n = n > 0 && (size_t)n < sizeof(stopped.text) ? (size_t)n : 0;
	(void)signal(SIGINT, stop);
	(void)signal(SIGTERM, stop);
}

/* After the reason, what can be done now: nothing that was read is lost. */
static enum co_rc
left(const struct acquiring *a, enum co_rc rc, struct co_err *err)
{
	bool shorter = strlen(a->path) > 80;
	char why[260];

	(void)snprintf(why, sizeof(why), "%.250s", err->msg);
	co_err_clear(err);
	if (rc == CO_ECONFLICT)
		return co_fail(err, rc,
			"%s. What was read before stays until comity acquire drop %s takes it away",
			why, a->id);
	return co_fail(err, rc,
		"%s. What was read stays; when that is mended go on with: comity acquire %s "
		"--resume %s (or give it up: comity acquire drop %s)",
		why, shorter ? "SOURCE" : a->path, a->id, a->id);
}

/* ---- the source, before its first byte ---- */
static void
source_warn(const struct acquiring *a, const struct device *d, bool blocker)
{
	if (d->in_use)
		(void)fprintf(stderr,
			"comity: %s is mounted or in use: what is read may change under it. "
			"Unmount it first if it can be\n",
			a->path);
	if (!d->read_only && !blocker)
		(void)fprintf(stderr,
			"comity: %s is NOT write-protected: the kernel lets programs write to it. "
			"Better: stop here, put a write blocker before it or run blockdev --setro "
			"%s, then begin again. Going on; the record says so\n",
			a->path, a->path);
}

/* Write protection: used or not, and why. */
static enum co_rc
on_found(void *arg, const struct device *d, struct co_err *err)
{
	struct acquiring *a = arg;
	const char *blocker = cli_get(a->c, "write-blocker"), *why = cli_get(a->c, "unprotected");
	/* A file may lie on a disk behind a blocker too. */
	const char *used = blocker != NULL ? "hardware" : "not-needed";
	json_t *o;

	if (strcmp(d->kind, "device") == 0) {
		source_warn(a, d, blocker != NULL);
		used = blocker != NULL ? "hardware" : d->read_only ? "software" : "none";
		if (blocker == NULL && d->read_only)
			blocker = "the kernel refuses writes to the device (BLKROGET)";
		if (strcmp(used, "none") == 0 && why == NULL)
			why = "no reason was given";
	}
	o = json_pack("{s:s,s:s*,s:s*}", "used", used, "device", blocker, "why", why);
	if (a->said != NULL && json_object_set_new(a->said, "protection", o) != 0)
		return co_fail(err, CO_EUSAGE, "--write-blocker and --unprotected take UTF-8");
	if (a->said == NULL)
		json_decref(o);
	return CO_OK;
}

static enum co_rc
on_begin(void *arg, const char *id, const json_t *note, struct co_err *err)
{
	struct acquiring *a = arg;
	const json_t *mine = json_object_get(json_object_get(note, "wrapped"), a->ours);
	json_auto *in = json_pack("{s:s,s:s,s:s,s:O,s:O,s:O}", "id", id, "case_id", a->case_id,
		"to", a->to, "name", json_object_get(note, "name"), "source",
		json_object_get(note, "source"), "wrapped", mine), *out = NULL;
	enum co_rc rc;

	if (in == NULL)
		return co_fail(err, CO_EMALFORMED, "the key is not wrapped for us");
	rc = cli_call(a->c, "acquire.begin", in, &out, err);
	if (rc != CO_OK)
		return rc;
	a->begun = true;
	(void)snprintf(a->id, sizeof(a->id), "%s", id);
	if (json_object_get(a->said, "collector") == NULL)
		(void)json_object_set(a->said, "collector", json_object_get(out, "officer"));
	on_stop(a);
	if (!a->c->json)
		(void)fprintf(stderr,
			"comity: acquiring %s as %s; after a stop: comity acquire %s --resume %s\n",
			a->path, id, a->path, id);
	return CO_OK;
}

static enum co_rc
on_key(void *arg, const char *id, unsigned char key[CHUNKED_KEY], struct co_err *err)
{
	struct acquiring *a = arg;
	json_auto *in = json_pack("{s:s}", "id", id), *out = NULL;
	enum co_rc rc = cli_call(a->c, "acquire.key", in, &out, err);

	return rc == CO_OK ? cli_key(out, key, err) : rc;
}

static enum co_rc
on_image(void *arg, acquire_put *put, void *to, json_t **about, struct co_err *err)
{
	return image_content(((struct acquiring *)arg)->path, put, to, about, err);
}

/* An image that is damaged stays so: there is nothing to go on with. The first failure is told. */
static void
image_refused(struct acquiring *a, struct vault *v)
{
	json_auto *in = json_pack("{s:s,s:s}", "id", a->id, "why",
		"the image is not whole, or not what it says it is"), *out = NULL;
	struct co_err err = { 0 };
	enum co_rc rc = cli_call(a->c, "acquire.drop", in, &out, &err);

	if (rc == CO_OK)
		rc = acquire_drop(v, a->id, &err);
	if (rc != CO_OK)
		(void)fprintf(stderr, "comity: what was read of it is still there (%s): comity "
			"acquire drop %s takes it away\n", err.msg, a->id);
}

/* ---- what people say ---- */
static enum co_rc
said_make(struct acquiring *a, struct co_err *err)
{
	static const char *const texts[] = { "item", "description", "condition", "place",
		"collector", "witness" };
	json_t *o = json_object();

	for (size_t i = 0; o != NULL && i < CO_ARRAY_LEN(texts); i++) {
		const char *v = cli_get(a->c, texts[i]);

		if (v != NULL && json_object_set_new(o, texts[i], json_string(v)) != 0) {
			json_decref(o);
			return co_fail(err, CO_EUSAGE, "--%s is not UTF-8", texts[i]);
		}
	}
	if (o == NULL)
		return co_fail(err, CO_ENOMEM, "acquiring");
	a->said = o;
	return CO_OK;
}

/* ---- the verb ---- */
static enum co_rc
acquire_register(struct acquiring *a, struct vault *v, const json_t *keep, json_t *exhibit,
	struct co_err *err)
{
	json_auto *in = json_pack("{s:O,s:O,s:O,s:O*,s:O*}", "case_id",
		json_object_get(keep, "case_id"), "to", json_object_get(keep, "to"), "exhibit",
		exhibit, "purpose", json_object_get(keep, "purpose"), "authority",
		json_object_get(keep, "authority")), *out = NULL, *told = NULL;
	const json_t *again = json_object_get(json_object_get(exhibit, "acquisition"), "again");
	enum co_rc rc;

	if (in == NULL)
		return co_fail(err, CO_EMALFORMED, "the note of acquisition %s is damaged",
			cli_text(exhibit, "id"));
	rc = cli_call(a->c, a->c->verb->op, in, &out, err);
	if (rc != CO_OK)
		return co_wrap(err,
			"all is sealed, but the node did not take it up; when that is mended go on "
			"with --resume %s",
			cli_text(exhibit, "id"));
	rc = acquire_done(v, cli_text(exhibit, "id"), err);
	if (rc != CO_OK)
		return rc;
	told = json_copy(exhibit);
	(void)json_object_del(told, "wrapped");
	(void)json_object_set(told, "manifest_id", json_object_get(out, "manifest_id"));
	cli_answer(a->c, told);
	a->c->answered = true;
	if (again != NULL && !json_is_true(json_object_get(again, "same")))
		return co_fail(err, CO_EVERIFY,
			"the second reading of %s gave other bytes than the first. The exhibit "
			"holds the first and says so: the source changes or fails", a->path);
	return CO_OK;
}

static enum co_rc
acquire_new(struct acquiring *a, struct acquire_conf *conf, json_t **keep, json_t **exhibit,
	struct co_err *err)
{
	struct cli *c = a->c;
	cli_seals_auto seals = { .n = 0 };
	char case_id[CO_UUID_LEN + 1];
	enum co_rc rc;

	if (cli_get(c, "case") == NULL)
		return co_fail(err, CO_EUSAGE, "of which case? Give --case, or --resume to go on");
	rc = cli_case(c, cli_get(c, "case"), case_id, err);
	if (rc == CO_OK)
		rc = cli_seals(c, cli_get(c, "to"), &seals, err);
	if (rc == CO_OK)
		rc = said_make(a, err);
	if (rc != CO_OK)
		return rc;
	a->to = cli_or(c, "to", seals.ours);
	*keep = json_pack("{s:s,s:s,s:s*,s:s*}", "case_id", case_id, "to", a->to,
		"purpose", cli_get(c, "purpose"), "authority", cli_get(c, "authority"));
	if (*keep == NULL)
		return co_fail(err, CO_EUSAGE, "--purpose and --authority take UTF-8");
	a->case_id = case_id;
	a->ours = seals.ours;
	conf->seal.to = seals.to;
	conf->seal.to_n = seals.n;
	conf->said = a->said;
	conf->keep = *keep;
	cli_how(c, &conf->seal.how);
	progress_begin(&a->bar, "acquiring", "bytes");
	return acquire_path(conf, a->path, exhibit, err);
}

static enum co_rc
acquire_on(struct acquiring *a, struct acquire_conf *conf, const char *id, json_t **keep,
	json_t **exhibit, struct co_err *err)
{
	static const char *const said[] = { "case", "to", "item", "description", "condition",
		"place", "collector", "witness", "name", "media", "purpose", "authority", "sha512",
		"sha1", "md5", "as-is", "verify", "retries", "write-blocker", "unprotected" };
	json_auto *note = NULL;
	enum co_rc rc;

	for (size_t i = 0; i < CO_ARRAY_LEN(said); i++)
		if (cli_has(a->c, said[i]))
			return co_fail(err, CO_EUSAGE,
				"--%s was settled when the acquisition began, and stays as it was: "
				"leave it out with --resume",
				said[i]);
	rc = acquire_left(conf->seal.vault, id, &note, err);
	if (rc != CO_OK)
		return rc;
	*keep = json_incref(json_object_get(note, "keep"));
	(void)snprintf(a->id, sizeof(a->id), "%s", id);
	a->begun = true;
	on_stop(a);
	progress_begin(&a->bar, "acquiring", "bytes");
	return acquire_resume(conf, id, a->path, exhibit, err);
}

static unsigned
retries_of(const struct cli *c)
{
	enum { USUAL = 3, MOST = 100 };
	long n = strtol(cli_or(c, "retries", "3"), NULL, 10);

	return n < 0 ? USUAL : n > MOST ? MOST : (unsigned)n;
}

enum co_rc
run_acquire(struct cli *c, struct co_err *err)
{
	struct acquiring a = { .c = c, .path = c->operands[0] };
	struct acquire_conf conf = { .seal = { .name = cli_get(c, "name"), .media =
			cli_get(c, "media"), .progress = on_progress, .skipped = on_skipped,
			.arg = &a }, .retries = retries_of(c), .again = cli_has(c, "verify"),
		.found = on_found, .begin = on_begin, .key = on_key, .bad = on_bad,
		.second = on_second };
	json_auto *keep = NULL, *exhibit = NULL;
	const char *id = cli_get(c, "resume");
	vault_auto *v = NULL;
	enum co_rc rc = cli_vault(c, &v, err);

	if (rc != CO_OK)
		return rc;
	conf.seal.vault = v;
	if (image_is(a.path)) {
		conf.image = on_image;
		image_name(a.path, a.name);
		if (conf.seal.name == NULL)
			conf.seal.name = a.name;
	}
	rc = id != NULL ? acquire_on(&a, &conf, id, &keep, &exhibit, err)
			: acquire_new(&a, &conf, &keep, &exhibit, err);
	progress_end(&a.bar);
	json_decref(a.said);
	if (rc == CO_OK)
		return acquire_register(&a, v, keep, exhibit, err);
	/* Of one that went on before, a segment may only be away: a loose cable costs nothing. */
	if (a.begun && id == NULL && conf.image != NULL &&
		(rc == CO_EVERIFY || rc == CO_EMALFORMED)) {
		image_refused(&a, v);
		return rc;
	}
	return a.begun && rc != CO_EUSAGE && rc != CO_EREFUSED ? left(&a, rc, err) : rc;
}

enum co_rc
run_exhibit_import(struct cli *c, struct co_err *err)
{
	if (access(c->operands[0], R_OK) != 0)
		return co_fail_errno(err, "open %s", c->operands[0]);
	if (!image_is(c->operands[0]))
		return co_fail(err, CO_EUSAGE,
			"%s is no E01 image, nor the first part of a split one (.001); comity "
			"acquire takes disks, files and folders",
			c->operands[0]);
	return run_acquire(c, err);
}

enum co_rc
run_acquire_drop(struct cli *c, struct co_err *err)
{
	json_auto *in = NULL, *out = NULL;
	vault_auto *v = NULL;
	enum co_rc rc = cli_vault(c, &v, err);

	if (rc == CO_OK)
		rc = cli_input(c, &in, err);
	if (rc == CO_OK)
		rc = cli_call(c, c->verb->op, in, &out, err);
	if (rc == CO_OK)
		rc = acquire_drop(v, c->operands[0], err);
	if (rc == CO_OK)
		cli_answer(c, out);
	return rc;
}
