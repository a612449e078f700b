#include "cli/run.h"

#include "base/clock.h"
#include "base/fs.h"
#include "cli/progress.h"
#include "evidence/content.h"
#include "evidence/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---- seal ---- */

struct sealing {
	struct progress bar;
	unsigned skipped;
};

static void
seal_progress(void *arg, uint64_t done, uint64_t of)
{
	progress_at(&((struct sealing *)arg)->bar, done, of);
}

static void
seal_skipped(void *arg, const char *path, const char *why)
{
	struct sealing *s = arg;

	s->skipped++;
	(void)fprintf(stderr, "comity: left out %s: %s\n", path, why);
}

static enum co_rc
seal_for(struct cli *c, const char *path, const char *to, json_t **exhibit, struct co_err *err)
{
	cli_seals_auto seals = { .n = 0 };
	vault_auto *vault = NULL;
	struct sealing s = { .skipped = 0 };
	struct seal_conf conf = { .to = seals.to, .name = cli_get(c, "name"), .media =
			cli_get(c, "media"), .progress = seal_progress, .skipped = seal_skipped,
		.arg = &s };
	enum co_rc rc = cli_seals(c, to, &seals, err);

	if (rc == CO_OK)
		rc = cli_vault(c, &vault, err);
	if (rc != CO_OK)
		return rc;
	conf.vault = vault;
	conf.to_n = seals.n;
	cli_how(c, &conf.how);
	progress_begin(&s.bar, "sealing", "bytes");
	rc = seal_path(&conf, path, exhibit, err);
	progress_end(&s.bar);
	return rc;
}

static enum co_rc
seal_ready(struct cli *c, const char *case_id, const char *to, struct co_err *err)
{
	json_auto *in = json_pack("{s:s,s:s}", "case_id", case_id, "to", to), *out = NULL;

	return cli_call(c, "exhibit.ready", in, &out, err);
}

/* A no leaves nothing; of what was cut short nobody knows whether the node has taken it up. */
static enum co_rc
seal_refused(struct cli *c, const char *id, enum co_rc rc, struct co_err *err)
{
	vault_auto *vault = NULL;

	if ((rc == CO_EDENIED || rc == CO_EREFUSED) && cli_vault(c, &vault, NULL) == CO_OK &&
		vault_remove(vault, id, NULL) == CO_OK)
		return co_wrap(err, "nothing was kept");
	return co_wrap(err, "sealed as %s, but the node did not take it up", id);
}

enum co_rc
run_exhibit_seal(struct cli *c, struct co_err *err)
{
	const char *to = cli_get(c, "to");
	json_auto *exhibit = NULL, *in = NULL, *out = NULL, *told = NULL;
	char case_id[CO_UUID_LEN + 1];
	enum co_rc rc = cli_case(c, cli_get(c, "case"), case_id, err);

	if (rc == CO_OK)
		rc = seal_ready(c, case_id, to, err);
	if (rc == CO_OK)
		rc = seal_for(c, c->operands[0], to, &exhibit, err);
	if (rc != CO_OK)
		return rc;
	in = json_pack("{s:s,s:s,s:O,s:s*,s:s*}", "case_id", case_id, "to", to, "exhibit", exhibit,
		"purpose", cli_get(c, "purpose"), "authority", cli_get(c, "authority"));
	rc = cli_call(c, c->verb->op, in, &out, err);
	if (rc != CO_OK)
		return seal_refused(c, cli_text(exhibit, "id"), rc, err);
	told = json_copy(exhibit);
	(void)json_object_del(told, "wrapped");
	(void)json_object_set(told, "manifest_id", json_object_get(out, "manifest_id"));
	cli_answer(c, told);
	return CO_OK;
}

/* ---- fetch ---- */

/* A hindrance is told once, when it is new: the node goes on trying by itself. */
static void
fetch_trouble(struct progress *bar, const char *now, char *told, size_t cap)
{
	if (*now == '\0' || strcmp(now, told) == 0)
		return;
	progress_end(bar);
	(void)fprintf(stderr, "comity: %s; the node goes on trying\n", now);
	(void)snprintf(told, cap, "%s", now);
}

enum co_rc
run_exhibit_fetch(struct cli *c, struct co_err *err)
{
	const struct timespec pause = { 0, 20 * 1000 * 1000 };
	json_auto *in = json_pack("{s:s}", "id", c->operands[0]), *out = NULL;
	struct progress bar;
	char told[480] = "", state[32] = "";
	enum co_rc rc = cli_call(c, c->verb->op, in, &out, err);

	progress_begin(&bar, "fetching", "bytes");
	while (rc == CO_OK) {
		json_decref(CO_TAKE(out));
		rc = cli_call(c, "exhibit.progress", in, &out, err);
		if (rc != CO_OK)
			break;
		(void)snprintf(state, sizeof(state), "%s", cli_text(out, "state"));
		if (strcmp(state, "failed") == 0 || strcmp(state, "verified") == 0)
			break;
		fetch_trouble(&bar, cli_text(out, "error"), told, sizeof(told));
		progress_at(&bar, (uint64_t)json_integer_value(json_object_get(out, "done")),
			(uint64_t)json_integer_value(json_object_get(out, "of")));
		(void)nanosleep(&pause, NULL);
	}
	progress_end(&bar);
	if (rc == CO_OK && strcmp(state, "failed") == 0)
		return co_fail(err, CO_EVERIFY, "exhibit %s is not what was sealed%s%s",
			c->operands[0], *cli_text(out, "error") != '\0' ? ": " : "",
			cli_text(out, "error"));
	if (rc != CO_OK)
		return rc;
	(void)json_object_set_new(out, "id", json_string(c->operands[0]));
	cli_answer(c, out);
	return CO_OK;
}

/* ---- open ---- */

struct opening {
	int fd;
	struct progress bar;
	uint64_t done, of;
};

static enum co_rc
open_sink(void *arg, const void *p, size_t n, struct co_err *err)
{
	struct opening *o = arg;

	o->done += n;
	progress_at(&o->bar, o->done, o->of);
	return co_write_all(o->fd, p, n, err);
}

enum co_rc
cli_exhibit_key(struct cli *c, const char *id, unsigned char key[CHUNKED_KEY], struct co_err *err)
{
	json_auto *in = json_pack("{s:s,s:s,s:s,s:s*}", "id", id, "purpose",
		cli_or(c, "purpose", ""), "authority", cli_or(c, "authority", ""), "use",
		cli_get(c, "use")), *out = NULL;
	enum co_rc rc = cli_call(c, "exhibit.open", in, &out, err);

	return rc == CO_OK ? cli_key(out, key, err) : rc;
}

/* out: a file, or a folder that is there. The exhibit's name is a partner's word: it may not lead
 * out of the folder or hide in it. */
static enum co_rc
open_target(const char *out, const char *name, const char *end, char path[PATH_MAX],
	struct co_err *err)
{
	struct stat st;
	bool folder = stat(out, &st) == 0 && S_ISDIR(st.st_mode);

	if (folder && (*name == '\0' || *name == '.' || strchr(name, '/') != NULL))
		return co_fail(err, CO_EREFUSED,
			"the exhibit's name \"%s\" is not a plain file name; give --out FILE",
			name);
	if (snprintf(path, PATH_MAX, "%s%s%s%s", out, folder ? "/" : "", folder ? name : "",
		    folder ? end : "") >= PATH_MAX)
		return co_fail(err, CO_EUSAGE, "the path %s is too long", out);
	return CO_OK;
}

enum co_rc
cli_unseal(struct vault *v, const struct cli_unseal *what, const unsigned char key[CHUNKED_KEY],
	struct co_err *err)
{
	struct vault_sums sums;
	struct opening o = { .fd = what->fd, .of = what->size };
	co_auto_fd sealed = -1;
	enum co_rc rc = vault_fd(v, what->id, &sealed, err);

	if (rc != CO_OK)
		return rc;
	progress_begin(&o.bar, "opening", "bytes");
	rc = vault_unseal(sealed, what->id, key, what->content, open_sink, &o, &sums, err);
	progress_end(&o.bar);
	if (rc == CO_OK && strcmp(sums.plain_sha256, what->sha256) != 0)
		rc = co_fail(err, CO_EVERIFY, "%s is not what the manifest says: SHA-256 %s",
			what->path, sums.plain_sha256);
	if (rc == CO_OK && fsync(what->fd) != 0)
		rc = co_fail_errno(err, "fsync %s", what->path);
	return rc == CO_OK ? co_fsync_parent(what->path, err) : rc;
}

static enum co_rc
open_write(struct cli *c, struct vault *v, const json_t *row, const char *path, struct co_err *err)
{
	unsigned char key[CHUNKED_KEY];
	const json_t *plain = json_object_get(row, "plain");
	char id[CO_UUID_LEN + 1];
	struct vault_content content;
	struct cli_unseal what = { .id = id, .path = path, .sha256 = json_string_value(
		json_object_get(plain, "sha256")), .size = (uint64_t)json_integer_value(
		json_object_get(plain, "size")) };
	co_auto_fd sealed = -1, out = -1;
	enum co_rc rc = content_of(row, &content, err);

	if (rc != CO_OK)
		return rc;
	(void)snprintf(id, sizeof(id), "%s", cli_text(row, "id"));
	if (what.sha256 == NULL)
		return co_fail(err, CO_EMALFORMED, "the node's answer has no digest");
	rc = vault_fd(v, id, &sealed, err); /* before anybody is noted as having opened it */
	if (rc != CO_OK)
		return rc;
	out = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0)
		return co_fail_errno(err, "create %s", path);
	what.fd = out;
	what.content = &content;
	rc = cli_exhibit_key(c, id, key, err);
	if (rc == CO_OK)
		rc = cli_unseal(v, &what, key, err);
	crypto_wipe(key, sizeof(key));
	if (rc != CO_OK)
		(void)unlink(path);
	return rc;
}

enum co_rc
run_exhibit_open(struct cli *c, struct co_err *err)
{
	json_auto *in = json_pack("{s:s}", "id", c->operands[0]), *shown = NULL, *told = NULL;
	vault_auto *v = NULL;
	const json_t *row;
	const char *to = cli_or(c, "to", "raw");
	bool e01 = strcmp(to, "e01") == 0;
	char path[PATH_MAX];
	unsigned segments = 0;
	enum co_rc rc;

	if (!e01 && strcmp(to, "raw") != 0)
		return co_fail(err, CO_EUSAGE, "--to is raw or e01");
	if (!e01 && cli_has(c, "segment-size"))
		return co_fail(err, CO_EUSAGE, "--segment-size goes with --to e01");
	rc = cli_call(c, "exhibit.show", in, &shown, err);

	row = json_object_get(shown, "exhibit");
	if (row == NULL)
		row = shown;
	if (rc == CO_OK)
		rc = open_target(cli_get(c, "out"), cli_text(row, "name"), e01 ? ".E01" : "", path,
			err);
	if (rc == CO_OK)
		rc = cli_vault(c, &v, err);
	if (rc == CO_OK)
		rc = e01 ? cli_open_e01(c, v, shown, path, &segments, err)
			 : open_write(c, v, row, path, err);
	if (rc != CO_OK)
		return rc;
	told = json_pack("{s:s,s:s,s:s}", "id", c->operands[0], "file", path, "sha256",
		cli_text(row, "plain.sha256"));
	if (e01)
		(void)json_object_set_new(told, "segments", json_integer(segments));
	cli_answer(c, told);
	return CO_OK;
}

/* The clock that nobody sets, beside the one on the wall; and where it stopped. */
static void
show_clocks(const json_t *acquisition)
{
	const char *const ends[][2] = { { "begun", "Begun" }, { "ended", "Ended" } };
	const json_t *stop;
	size_t i;

	for (i = 0; i < CO_ARRAY_LEN(ends); i++) {
		const json_t *c = json_object_get(acquisition, ends[i][0]);

		if (c != NULL)
			(void)printf("%s by the second clock: %s s after the machine was started; "
				     "the wall clock %s a reference\n",
				ends[i][1], cli_text(c, "uptime_s"),
				json_is_true(json_object_get(c, "synchronised"))
					? "followed"
					: "did not follow");
	}
	json_array_foreach(json_object_get(acquisition, "stops"), i, stop)
	{
		bool last = json_object_get(stop, "last") != NULL;

		(void)printf("Stopped at byte %s%s%s; went on %s\n", cli_text(stop, "position"),
			last ? ", last written " : "", last ? cli_text(stop, "last") : "",
			cli_text(stop, "at"));
	}
	json_array_foreach(
		json_object_get(json_object_get(acquisition, "bad"), "ranges"), i, stop)
		(void)printf("Unreadable: %s bytes from byte %s on\n", cli_text(stop, "size"),
			cli_text(stop, "at"));
}

void
show_exhibit(const struct cli *c, const json_t *answer)
{
	(void)c;
	cli_object(json_object_get(answer, "exhibit"),
		"id:Exhibit,name:Name,media:Media,partner:Partner,state:State,case_id:Case,"
		"plain.size:Bytes,plain.sha256:SHA-256,plain.sha512:SHA-512,plain.sha1:SHA-1,"
		"plain.md5:MD5,sealed.size:Sealed bytes,"
		"sealed.sha256:Sealed SHA-256,manifest_id:Manifest");
	if (json_object_get(answer, "acquisition") != NULL) {
		(void)puts("\nAcquisition");
		cli_object(json_object_get(answer, "acquisition"),
			"item:Item,description:What it is,condition:Condition,place:Place,"
			"collector:Taken by,witness:Witness,source.kind:Source,"
			"source.path:Path,source.host:On the machine,"
			"source.make:Make,source.model:Model,"
			"source.serial:Serial,source.size:Bytes,protection.used:Write protection,"
			"protection.device:By,protection.why:Why not,tool.name:Tool,"
			"tool.version:Version,tool.system:System,begun.at:Begun,ended.at:Ended,"
			"retries:Tries of a bad sector,"
			"bad.bytes:Unreadable bytes,again.same:Second reading the same,"
			"hidden:Hidden areas,image.format:Image,image.segments:Segments,"
			"image.stored.md5:MD5 stored in it,image.stored.sha1:SHA-1 stored in it,"
			"image.stored.sha256:SHA-256 stored in it,"
			"image.case_number:Its case number,image.evidence_number:Its evidence "
			"number,image.examiner:Its examiner,image.acquired:Made at,"
			"image.software:Made with,image.description:Its description,"
			"image.notes:Its notes");
		show_clocks(json_object_get(answer, "acquisition"));
	}
	cli_custody_chain(json_object_get(answer, "custody"));
}
