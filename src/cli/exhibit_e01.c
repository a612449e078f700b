/* An exhibit out of its seal, as an E01 image. */
#include "cli/run.h"

#include "base/clock.h"
#include "base/fs.h"
#include "cli/progress.h"
#include "evidence/content.h"
#include "evidence/e01.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

enum { MIB = 1024 * 1024, SEGMENT_MIB = 1500, SEGMENTS_USUAL = 400 };

struct writing {
	char path[PATH_MAX]; /* of the segment that is written */
	unsigned segments;
	int fd;
	struct e01 *e01;
	struct progress bar;
	uint64_t done, of;
	struct e01_range bad[LIMIT_BAD_RANGES];
	size_t bad_n;
};

static enum co_rc
segment_end(struct writing *w, struct co_err *err)
{
	if (w->fd < 0)
		return CO_OK;
	if (fsync(w->fd) != 0)
		return co_fail_errno(err, "fsync %s", w->path);
	close(w->fd);
	w->fd = -1;
	return CO_OK;
}

static enum co_rc
segment(void *arg, unsigned n, int *fd, struct co_err *err)
{
	struct writing *w = arg;

	TRY(segment_end(w, err));
	e01_name(w->path, n);
	w->fd = open(w->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (w->fd < 0)
		return co_fail_errno(err, "create %s", w->path);
	w->segments = n;
	*fd = w->fd;
	return CO_OK;
}

static enum co_rc
sink(void *arg, const void *p, size_t n, struct co_err *err)
{
	struct writing *w = arg;

	w->done += n;
	progress_at(&w->bar, w->done, w->of);
	return e01_add(w->e01, p, n, err);
}

/* ---- what the image says of itself ---- */
struct words {
	char case_number[LIMIT_NAME + 1], notes[2048];
	struct e01_about about;
};

static const char *
said(const json_t *o, const char *member)
{
	return json_string_value(json_object_get(o, member));
}

static const char *
first_of(const char *a, const char *b)
{
	return a != NULL ? a : b;
}

/* Our own number of the case, which is what a court knows it by. */
static enum co_rc
words_case(struct cli *c, struct words *w, const char *id, struct co_err *err)
{
	json_auto *in = json_pack("{s:s}", "case_id", id), *out = NULL;
	const char *ours;

	TRY(cli_call(c, "case.show", in, &out, err));
	ours = said(json_object_get(out, "case"), "ours");
	(void)snprintf(w->case_number, sizeof(w->case_number), "%s",
		ours != NULL && *ours != '\0' ? ours : id);
	return CO_OK;
}

/* Two arguments: what stands before a text, if there is one. */
#define AFTER(before, text) (text) == NULL ? "" : (before), first_of((text), "")

static enum co_rc
words_make(struct cli *c, struct words *w, const json_t *shown, const json_t *row,
	struct co_err *err)
{
	const json_t *a = json_object_get(shown, "acquisition");
	const json_t *source = json_object_get(a, "source"), *image = json_object_get(a, "image");
	const char *begun = said(json_object_get(a, "begun"), "at");
	json_int_t bad = json_integer_value(json_object_get(json_object_get(a, "bad"), "bytes"));

	TRY(words_case(c, w, cli_text(row, "case_id"), err));
	w->about = (struct e01_about){
		.case_number = w->case_number,
		.evidence_number = first_of(said(a, "item"),
			first_of(said(image, "evidence_number"), said(row, "id"))),
		.description = first_of(said(a, "description"),
			first_of(said(image, "description"), said(row, "name"))),
		.examiner = first_of(said(image, "examiner"), said(a, "collector")),
		.notes = w->notes,
		.now_us = co_now_us(),
	};
	w->about.acquired_us = w->about.now_us;
	if (begun != NULL)
		TRY(co_time_parse(begun, &w->about.acquired_us, err));
	(void)snprintf(w->notes, sizeof(w->notes),
		"SHA-256 %s. Exhibit %s, taken by %.200s; source: %.40s%s%.60s%s%.60s%s%.60s; %lld "
		"bytes could not be read and are zero.",
		cli_text(row, "plain.sha256"), cli_text(row, "id"),
		first_of(said(a, "collector"), "?"), first_of(said(source, "kind"), "?"),
		AFTER(", ", said(source, "make")), AFTER(", ", said(source, "model")),
		AFTER(", serial number ", said(source, "serial")), (long long)bad);
	return CO_OK;
}

static void
bad_take(struct writing *w, const json_t *acquisition)
{
	const json_t *list = json_object_get(json_object_get(acquisition, "bad"), "ranges"), *r;
	size_t i;

	json_array_foreach(list, i, r)
	{
		struct e01_range x = {
			.at = (uint64_t)json_integer_value(json_object_get(r, "at")),
			.size = (uint64_t)json_integer_value(json_object_get(r, "size")),
		};

		if (w->bad_n < LIMIT_BAD_RANGES && x.at <= w->of && x.size <= w->of - x.at)
			w->bad[w->bad_n++] = x;
	}
}

/* ---- writing ---- */
static enum co_rc
segment_size(const struct cli *c, uint64_t size, uint64_t *out, struct co_err *err)
{
	const char *text = cli_get(c, "segment-size");
	uint64_t mib = SEGMENT_MIB, least = size / SEGMENTS_USUAL / MIB + 1;
	char *end;

	if (text == NULL) {
		/* So few that comity itself reads them all again. */
		*out = (mib > least ? mib : least) * MIB;
		return CO_OK;
	}
	mib = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || mib < 1 || mib > UINT32_MAX)
		return co_fail(err, CO_EUSAGE, "--segment-size is a number of MiB");
	*out = mib * MIB;
	return CO_OK;
}

static enum co_rc
write_content(struct cli *c, struct writing *w, struct vault *v, const json_t *row,
	struct co_err *err)
{
	unsigned char key[CHUNKED_KEY];
	struct vault_content content;
	struct vault_sums sums;
	const char *id = said(row, "id");
	co_auto_fd sealed = -1;
	enum co_rc rc;

	TRY(content_of(row, &content, err));
	TRY(vault_fd(v, id, &sealed, err));
	TRY(cli_exhibit_key(c, id, key, err));
	progress_begin(&w->bar, "opening", "bytes");
	rc = vault_unseal(sealed, id, key, &content, sink, w, &sums, err);
	progress_end(&w->bar);
	crypto_wipe(key, sizeof(key));
	if (rc == CO_OK && strcmp(sums.plain_sha256, cli_text(row, "plain.sha256")) != 0)
		rc = co_fail(err, CO_EVERIFY, "%s is not what the manifest says: SHA-256 %s",
			w->path, sums.plain_sha256);
	if (rc == CO_OK)
		rc = e01_end(w->e01, err);
	if (rc == CO_OK)
		rc = segment_end(w, err);
	return rc == CO_OK ? co_fsync_parent(w->path, err) : rc;
}

static void
writing_end(struct writing *w, bool keep)
{
	e01_free(&w->e01);
	if (w->fd >= 0)
		close(w->fd);
	for (unsigned n = 1; !keep && n <= w->segments; n++) {
		e01_name(w->path, n);
		(void)unlink(w->path);
	}
}

enum co_rc
cli_open_e01(struct cli *c, struct vault *v, const json_t *shown, const char *path,
	unsigned *segments, struct co_err *err)
{
	const json_t *row = json_object_get(shown, "exhibit");
	size_t n = strlen(path);
	struct writing w = { .fd = -1 };
	struct words words;
	struct e01_conf conf = { .segment = segment, .arg = &w };
	enum co_rc rc;

	if (n < 5 || n >= sizeof(w.path) || strcasecmp(path + n - 4, ".e01") != 0)
		return co_fail(err, CO_EUSAGE,
			"an E01 image has a name that ends in .E01; the segments after it get .E02 "
			"and so on");
	(void)snprintf(w.path, sizeof(w.path), "%s", path);
	TRY(words_make(c, &words, shown, row, err));
	conf.about = words.about;
	conf.size = w.of = (uint64_t)json_integer_value(
		json_object_get(json_object_get(row, "plain"), "size"));
	TRY(segment_size(c, conf.size, &conf.segment_size, err));
	bad_take(&w, json_object_get(shown, "acquisition"));
	conf.bad = w.bad;
	conf.bad_n = w.bad_n;
	rc = e01_begin(&w.e01, &conf, err);
	if (rc == CO_OK)
		rc = write_content(c, &w, v, row, err);
	*segments = w.segments;
	writing_end(&w, rc == CO_OK);
	return rc;
}
