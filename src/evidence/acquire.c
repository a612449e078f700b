#include "evidence/acquire_inside.h"

#include "base/clock.h"
#include "base/enc.h"
#include "base/fault.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static void
taking_deinit(struct taking *t)
{
	reader_close(&t->reader);
	json_decref(t->note);
	t->note = NULL;
	crypto_wipe(t->seal_key, sizeof(t->seal_key));
	if (t->fd >= 0)
		close(t->fd);
}

static void
taking_free(struct taking **t)
{
	if (*t == NULL)
		return;
	taking_deinit(*t);
	free(*t);
	*t = NULL;
}
#define taking_auto CO_CLEANUP(taking_free) struct taking

static enum co_rc
taking_new(struct taking **out, const struct acquire_conf *conf, const char *path,
	struct co_err *err)
{
	struct taking *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return co_fail(err, CO_ENOMEM, "acquiring %s", path);
	t->conf = conf;
	t->seal = conf->seal;
	t->path = path;
	t->fd = -1;
	t->reader.direct = -1;
	t->retries = conf->retries;
	t->again = conf->again;
	*out = t;
	return CO_OK;
}

static enum co_rc
taking_source(struct taking *t, struct co_err *err)
{
	struct stat st;

	TRY(source_open(t->path, &t->fd, &st, err));
	TRY(device_look(&t->device, t->fd, t->path, err));
	t->folder = S_ISDIR(st.st_mode);
	t->image = t->conf->image != NULL;
	if (t->image && !S_ISREG(st.st_mode))
		return co_fail(err, CO_EUSAGE, "%s is no file: an image is one", t->path);
	if (t->image)
		(void)snprintf(t->device.kind, sizeof(t->device.kind), "image");
	return t->conf->found == NULL ? CO_OK : t->conf->found(t->conf->seal.arg, &t->device, err);
}

/* New bad ranges are on disk before the zeros in their place are. */
static enum co_rc
taking_told(void *arg, struct co_err *err)
{
	struct taking *t = arg;

	if (t->bad.bytes == t->told_bad)
		return CO_OK;
	t->told_bad = t->bad.bytes;
	if (t->conf->bad != NULL)
		t->conf->bad(t->conf->seal.arg, t->bad.bytes);
	return note_write(t, err);
}

static enum co_rc
taking_reader(struct taking *t, struct co_err *err)
{
	t->reader = (struct reader){ .fd = t->fd,
		.path = t->path,
		.size = t->device.size,
		.sector = t->device.sector,
		.retries = t->retries,
		.device = strcmp(t->device.kind, "device") == 0,
		.bad = &t->bad,
		.told = taking_told,
		.arg = t,
		.direct = -1 };
	t->told_bad = t->bad.bytes;
	return t->folder || t->image ? CO_OK : reader_open(&t->reader, err);
}

static enum co_rc
taking_read(struct taking *t, struct source *s, struct co_err *err)
{
	if (t->image)
		return taking_image(t, s, err);
	return t->folder ? source_folder(s, t->fd, t->path, err) : source_file(s, &t->reader, err);
}

static struct vault_how
taking_how(const struct taking *t)
{
	struct vault_how how = t->seal.how;

	how.stays = true;
	return how;
}

/* ---- the second reading ---- */
static enum co_rc
taking_again(struct taking *t, const struct vault_sums *sums, json_t **out, struct co_err *err)
{
	struct source s = { .conf = &t->seal };
	unsigned char d[SHA256_LEN];
	char hex[SHA256_HEX + 1], at[CO_TIME_LEN];
	digest_auto *digest = NULL;

	if (t->conf->second != NULL)
		t->conf->second(t->conf->seal.arg);
	TRY(digest_new(&digest, DIGEST_SHA256, err));
	s.again = digest;
	/* From the medium, not from the memory of the first reading. */
	(void)posix_fadvise(t->fd, 0, 0, POSIX_FADV_DONTNEED);
	TRY(taking_read(t, &s, err));
	source_progress(&s, 0, true);
	digest_end(digest, d);
	co_hex(d, sizeof(d), hex);
	co_time_print(co_now_us(), at);
	*out = json_pack("{s:s,s:b,s:s}", "ended", at, "same",
		strcmp(hex, sums->plain_sha256) == 0, "sha256", hex);
	return *out == NULL ? co_fail(err, CO_ENOMEM, "second reading") : CO_OK;
}

/* ---- the pass ---- */
/* The sealed file is durable and named: the exhibit with its record. */
static enum co_rc
taking_end(struct taking *t, uint64_t files, const struct vault_sums *sums, json_t **exhibit,
	struct co_err *err)
{
	json_t *again = NULL, *record = NULL, *o = NULL;
	enum co_rc rc = CO_OK;

	if (json_object_set_new(t->note, "ended", note_clocks()) != 0)
		rc = co_fail(err, CO_ENOMEM, "note");
	if (rc == CO_OK && t->again)
		rc = taking_again(t, sums, &again, err);
	if (rc == CO_OK)
		rc = note_record(t, again, &record, err);
	json_decref(again);
	if (rc == CO_OK)
		rc = exhibit_object(&t->seal, t->id, t->name, files, sums,
			json_object_get(t->note, "wrapped"), &o, err);
	if (rc == CO_OK && json_object_set(o, "acquisition", record) != 0)
		rc = co_fail(err, CO_ENOMEM, "the record of an acquisition");
	/* With the exhibit in it a stop between here and the manifest costs nothing. */
	if (rc == CO_OK && json_object_set(t->note, "exhibit", o) != 0)
		rc = co_fail(err, CO_ENOMEM, "note");
	if (rc == CO_OK)
		rc = note_write(t, err);
	(void)co_fault_hit("acquire.noted");
	json_decref(record);
	if (rc == CO_OK)
		*exhibit = o;
	else
		json_decref(o);
	return rc;
}

static enum co_rc
taking_pass(struct taking *t, struct source *s, json_t **exhibit, struct co_err *err)
{
	struct vault_sums sums = { 0 };

	TRY(taking_read(t, s, err));
	if (s->skip > 0)
		return source_shrunk(err);
	if (t->folder)
		(void)json_object_set_new(
			t->note, "files", json_integer((json_int_t)s->files));
	TRY(note_write(t, err));
	TRY(vault_seal_end(s->seal, &sums, err));
	(void)co_fault_hit("acquire.sealed");
	source_progress(s, 0, true);
	return taking_end(t, s->files, &sums, exhibit, err);
}

static enum co_rc
taking_begin(struct taking *t, const unsigned char key[CHUNKED_KEY], json_t **exhibit,
	struct co_err *err)
{
	struct source s = { .conf = &t->seal };
	struct vault_how how = taking_how(t);
	json_t *wrapped = NULL;
	vault_seal_auto *seal = NULL;
	enum co_rc rc = exhibit_wrap(&t->seal, key, &wrapped, err);

	note_key(t, key);
	if (rc == CO_OK)
		rc = note_make(t, wrapped, err);
	json_decref(wrapped);
	if (rc == CO_OK)
		rc = note_check(t, err);
	if (rc == CO_OK)
		rc = taking_reader(t, err);
	/* The node first: what it does not know nobody could go on with. */
	if (rc == CO_OK)
		rc = t->conf->begin(t->conf->seal.arg, t->id, t->note, err);
	if (rc == CO_OK)
		rc = note_write(t, err);
	if (rc == CO_OK)
		rc = vault_seal_begin(&seal, t->seal.vault, t->id, key, &how, err);
	if (rc != CO_OK)
		return rc;
	s.seal = seal;
	return taking_pass(t, &s, exhibit, err);
}

enum co_rc
acquire_path(const struct acquire_conf *conf, const char *path, json_t **exhibit,
	struct co_err *err)
{
	unsigned char key[CHUNKED_KEY];
	taking_auto *t = NULL;
	enum co_rc rc;

	TRY(taking_new(&t, conf, path, err));
	TRY(taking_source(t, err));
	TRY(exhibit_name(&t->seal, path, t->folder, t->name, err));
	co_uuid7(t->id);
	crypto_random(key, sizeof(key));
	rc = taking_begin(t, key, exhibit, err);
	crypto_wipe(key, sizeof(key));
	return rc;
}

/* ---- after a stop ---- */
static enum co_rc
resume_noted(struct taking *t, const struct vault_kept *kept, struct co_err *err)
{
	json_t *stops = json_object_get(t->note, "stops"), *stop;
	char at[CO_TIME_LEN], last[CO_TIME_LEN];

	if (json_array_size(stops) >= LIMIT_STOPS)
		return co_fail(err, CO_ETOOBIG,
			"acquisition %s stopped %u times: start it anew, and look at what stops it",
			t->id, LIMIT_STOPS);
	co_time_print(co_now_us(), at);
	stop = json_pack("{s:s,s:I}", "at", at, "position", (json_int_t)kept->plain_at);
	if (kept->written_us > 0) {
		co_time_print(kept->written_us, last);
		(void)json_object_set_new(stop, "last", json_string(last));
	}
	if (json_array_append_new(stops, stop) != 0)
		return co_fail(err, CO_ENOMEM, "note");
	return note_write(t, err);
}

struct nothing {
	struct taking *t;
	uint64_t done;
};

static enum co_rc
sealed_read(void *arg, const void *p, size_t n, struct co_err *err)
{
	struct nothing *a = arg;

	(void)p;
	(void)err;
	a->done += n;
	if (a->t->seal.progress != NULL)
		a->t->seal.progress(a->t->seal.arg, a->done, a->t->device.size);
	return CO_OK;
}

/* It was sealed and named, but the manifest was not signed: its digests are read once more. */
static enum co_rc
resume_sealed(struct taking *t, const unsigned char key[CHUNKED_KEY], json_t **exhibit,
	struct co_err *err)
{
	struct nothing n = { .t = t };
	struct vault_how how = taking_how(t);
	struct vault_sums sums;

	TRY(taking_reader(t, err));
	TRY(vault_seal_sums(t->seal.vault, t->id, key, &how, sealed_read, &n, &sums, err));
	return taking_end(t, (uint64_t)json_integer_value(json_object_get(t->note, "files")), &sums,
		exhibit, err);
}

static enum co_rc
resume_with(struct taking *t, const unsigned char key[CHUNKED_KEY], json_t **exhibit,
	struct co_err *err)
{
	struct source s = { .conf = &t->seal };
	struct vault_how how = taking_how(t);
	struct vault_kept kept = { .plain_at = 0 };
	vault_seal_auto *seal = NULL;
	enum co_rc rc;

	rc = vault_seal_resume(&seal, t->seal.vault, t->id, key, &how, &kept, err);
	if (rc == CO_EEXISTS) {
		co_err_clear(err);
		return resume_sealed(t, key, exhibit, err);
	}
	if (rc == CO_OK)
		rc = taking_reader(t, err);
	if (rc == CO_OK)
		rc = resume_noted(t, &kept, err);
	if (rc == CO_OK && (t->folder || t->image) && kept.plain_at > 0) {
		s.skip = kept.plain_at;
		memcpy(s.skip_sha256, kept.sha256, sizeof(s.skip_sha256));
		rc = digest_new(&s.again, DIGEST_SHA256, err);
	}
	if (rc != CO_OK)
		return rc;
	s.seal = seal;
	s.done = t->folder || t->image ? 0 : kept.plain_at;
	rc = taking_pass(t, &s, exhibit, err);
	digest_free(&s.again);
	return rc;
}

static enum co_rc
resume_source(struct taking *t, const unsigned char key[CHUNKED_KEY], json_t **exhibit,
	struct co_err *err)
{
	TRY(taking_source(t, err));
	TRY(note_same(t, err));
	return resume_with(t, key, exhibit, err);
}

enum co_rc
acquire_resume(const struct acquire_conf *conf, const char *id, const char *path, json_t **exhibit,
	struct co_err *err)
{
	unsigned char key[CHUNKED_KEY];
	co_auto_buf text;
	taking_auto *t = NULL;
	enum co_rc rc;

	co_buf_init(&text, LIMIT_ACQUIRE_NOTE);
	TRY(taking_new(&t, conf, path, err));
	TRY(note_load(t, id, &text, err));
	TRY(conf->key(conf->seal.arg, id, key, err));
	note_key(t, key);
	rc = note_sound(t, &text, err);
	/* All was done but the manifest: the source may be back in its bag. */
	if (rc == CO_OK && json_is_object(json_object_get(t->note, "exhibit")))
		*exhibit = json_incref(json_object_get(t->note, "exhibit"));
	else if (rc == CO_OK)
		rc = resume_source(t, key, exhibit, err);
	crypto_wipe(key, sizeof(key));
	return rc;
}

enum co_rc
acquire_done(struct vault *v, const char *id, struct co_err *err)
{
	return vault_note_remove(v, id, err);
}

enum co_rc
acquire_drop(struct vault *v, const char *id, struct co_err *err)
{
	TRY(vault_seal_drop(v, id, err));
	return vault_note_remove(v, id, err);
}
