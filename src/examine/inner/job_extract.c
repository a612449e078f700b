/* extract: the content of one file. read: the whole image, as it was taken; of an E01 its stored
 * digests are compared with what came out. */
#include "examine/inner/job.h"

#include "examine/inner/ewf.h"
#include "examine/inner/lost.h"

#include "base/enc.h"
#include "crypto/digest.h"

#include <string.h>

enum { PIECE = 256 * 1024 };

struct out {
	struct job *job;
	unsigned char *piece;
	const char *stream; /* NULL: the file itself */
	bool done;
};

/* Content has the size that was told, come what may: what cannot be read becomes zeros, and is told
 * after it. */
static enum co_rc
content(struct out *o, const struct item *i, struct co_err *err)
{
	unsigned char sum[SHA256_LEN];
	char hex[SHA256_HEX + 1];
	digest_auto *d = NULL;
	uint64_t at = 0, missing = 0;
	json_t *line = item_json(i);

	TRY(digest_new(&d, DIGEST_SHA256, err));
	TRY(say("content", line, err));
	while (at < i->size) {
		size_t got, lost;

		TRY(lost_read(i, o->piece, PIECE, at, &got, &lost, err));
		missing += lost;
		digest_add(d, o->piece, got);
		TRY(say_bytes(o->piece, got, err));
		at += got;
	}
	TRY(lost_tell(i->image, i, err));
	digest_end(d, sum);
	co_hex(sum, sizeof(sum), hex);
	(void)json_object_set_new(o->job->end, "sha256", json_string(hex));
	(void)json_object_set_new(o->job->end, "zero_filled", json_integer((json_int_t)missing));
	o->job->files++;
	o->job->bytes += i->size;
	return CO_OK;
}

static enum co_rc
one(void *arg, const struct item *i, struct co_err *err)
{
	struct out *o = arg;

	if (o->done || strcmp(i->stream, o->stream == NULL ? "" : o->stream) != 0)
		return CO_OK;
	o->done = true;
	if (i->taken)
		return co_fail(err, CO_EREFUSED,
			"%s was deleted and its place is used by another file: nothing of it is "
			"left under this name",
			i->path);
	if (!i->content)
		return strcmp(i->kind, "other") == 0
			? co_fail(err, CO_EREFUSED,
				  "%s: there is neither a file nor a folder at this place of the "
				  "file system's table",
				  i->path)
			: co_fail(err, CO_EREFUSED, "%s is a %s without content", i->path,
				  i->kind);
	return content(o, i, err);
}

enum co_rc
job_extract(struct job *j, struct co_err *err)
{
	co_auto_free unsigned char *piece = malloc(PIECE);
	struct out o = { .job = j, .piece = piece, .stream = job_text(j, "stream") };
	struct walk w = job_walk(j, one, &o);
	const char *path = job_text(j, "path");

	if (piece == NULL)
		return co_fail(err, CO_ENOMEM, "extract");
	if (path == NULL && !json_is_integer(json_object_get(j->options, "address")))
		return co_fail(err, CO_EUSAGE, "say which file: its path or its address");
	w.quiet = true;
	TRY(walk_one(&w, path, job_number(j, "address"), err));
	return o.done ? CO_OK
		      : co_fail(err, CO_ENOTFOUND, "the file has no stream \"%s\"", o.stream);
}

/* ---- read ---- */
static enum co_rc
compare(struct job *j, const json_t *said, const char *member, struct digest *d, size_t n,
	struct co_err *err)
{
	const char *stored = json_string_value(json_object_get(said, member));
	unsigned char sum[SHA512_LEN];
	char hex[SHA512_HEX + 1], name[16];

	if (d == NULL)
		return CO_OK;
	digest_end(d, sum);
	co_hex(sum, n, hex);
	(void)json_object_set_new(j->end, member, json_string(hex));
	if (stored == NULL)
		return CO_OK;
	(void)snprintf(name, sizeof(name), "stored_%s", member);
	(void)json_object_set_new(j->end, name, json_string(stored));
	if (strcasecmp(stored, hex) != 0)
		return co_fail(err, CO_EVERIFY,
			"the image gives %s %s, but says it was taken as %s: it was changed or is "
			"damaged",
			member, hex, stored);
	return CO_OK;
}

static enum co_rc
whole_refused(const struct job *j, const char *why, struct co_err *err)
{
	if (j->image->ewf == NULL)
		return co_fail(err, CO_EIO,
			"the whole cannot be given out: acquire it, which puts zeros in the place "
			"of bad sectors and lists them; single files can still be extracted (%s)",
			why);
	return co_fail(err, CO_EVERIFY,
		"the E01 is damaged or segments are missing: the whole cannot be given out; single "
		"files can still be extracted (%s)",
		why);
}

enum co_rc
job_read(struct job *j, struct co_err *err)
{
	co_auto_free unsigned char *piece = malloc(PIECE);
	digest_auto *sha256 = NULL, *sha1 = NULL, *md5 = NULL;
	json_auto *said = json_object();
	struct co_err why = { 0 };
	enum co_rc rc;

	if (piece == NULL || said == NULL)
		return co_fail(err, CO_ENOMEM, "read");
	TRY(digest_new(&sha256, DIGEST_SHA256, err));
	/* A house in FIPS mode has no MD5: then that one is not compared. */
	if (digest_new(&sha1, DIGEST_SHA1, NULL) != CO_OK)
		sha1 = NULL;
	if (digest_new(&md5, DIGEST_MD5, NULL) != CO_OK)
		md5 = NULL;
	if (j->image->ewf != NULL) {
		TRY(ewf_whole(j->image->ewf, err));
		ewf_tell(j->image->ewf, said);
	}
	TRY(say("content", json_pack("{s:I}", "size", (json_int_t)j->image->size), err));
	for (uint64_t at = 0; at < j->image->size;) {
		size_t got;

		if (image_read(j->image, piece, PIECE, at, &got, &why) != CO_OK)
			return j->image->gone ? co_fail(err, why.rc, "%s", why.msg)
					      : whole_refused(j, why.msg, err);
		digest_add(sha256, piece, got);
		if (sha1 != NULL)
			digest_add(sha1, piece, got);
		if (md5 != NULL)
			digest_add(md5, piece, got);
		TRY(say_bytes(piece, got, err));
		at += got;
	}
	j->bytes = j->image->size;
	if (j->image->ewf != NULL && ewf_damaged(j->image->ewf))
		return whole_refused(j, "something is missing in it", err);
	rc = compare(j, said, "sha256", sha256, SHA256_LEN, err);
	if (rc == CO_OK)
		rc = compare(j, said, "sha1", sha1, digest_len(DIGEST_SHA1), err);
	return rc == CO_OK ? compare(j, said, "md5", md5, digest_len(DIGEST_MD5), err) : rc;
}
