/* Going on with a sealed file after a stop. What is there is authenticated chunk by chunk from the
 * start, and digested again; the first chunk that does not hold, and all after it, is cut off. Of
 * compressed content the last frame is then half there: it must come again, byte for byte, before
 * anything new is written, so no chunk is ever made twice of different content
 * (docs/decisions/0018). */
#include "vault/resume.h"

#include "vault/seal.h"

#include "base/enc.h"
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

enum { READ_CHUNKS = 32 };

struct restore {
	struct vault_seal *s;
	struct chunked *cipher;
	unsigned char *sealed, *stored; /* READ_CHUNKS of them */
	/* Compressed bytes of a frame that is not whole yet. */
	unsigned char *lead, *plain;
	size_t lead_n;
	bool past;     /* the content is over: the seek table follows */
	uint64_t more; /* bytes of it that have no room in lead */
	vault_sink *sink;
	void *arg;
};

static void
restore_deinit(struct restore *r)
{
	chunked_free(&r->cipher);
	if (r->stored != NULL)
		crypto_wipe(r->stored, READ_CHUNKS * CHUNKED_PLAIN);
	if (r->plain != NULL)
		crypto_wipe(r->plain, CODING_FRAME);
	free(r->sealed);
	free(r->stored);
	free(r->lead);
	free(r->plain);
}
#define restore_auto CO_CLEANUP(restore_deinit) struct restore

static enum co_rc
restore_plain(struct restore *r, const void *p, size_t n, struct co_err *err)
{
	struct vault_seal *s = r->s;

	for (int k = 0; k < DIGEST_N; k++)
		if (s->plain[k] != NULL)
			digest_add(s->plain[k], p, n);
	s->sums.plain_size += n;
	return r->sink == NULL ? CO_OK : r->sink(r->arg, p, n, err);
}

/* Whole frames out of what has gathered. */
static enum co_rc
restore_frames(struct restore *r, struct co_err *err)
{
	size_t at = 0;
	enum co_rc rc = CO_OK;

	while (rc == CO_OK && !r->past) {
		size_t n, frame;

		rc = unpack_frame(
			r->lead + at, r->lead_n - at, r->plain, &n, &frame, &r->past, err);
		if (rc != CO_OK || frame == 0)
			break;
		rc = seek_add(&r->s->table, frame, n, err);
		if (rc == CO_OK)
			rc = restore_plain(r, r->plain, n, err);
		at += frame;
	}
	r->lead_n -= at;
	memmove(r->lead, r->lead + at, r->lead_n);
	return rc;
}

static enum co_rc
restore_stored(struct restore *r, const unsigned char *p, size_t n, struct co_err *err)
{
	if (r->s->how.coding == VAULT_AS_IS)
		return restore_plain(r, p, n, err);
	while (n > 0) {
		size_t room = CODING_PACKED - r->lead_n, part = n < room ? n : room;

		/* The seek table may be longer than a frame. */
		if (part == 0 && r->past) {
			r->more += n;
			return CO_OK;
		}
		if (part == 0)
			return co_fail(err, CO_EVERIFY, "a frame longer than any that is written");
		memcpy(r->lead + r->lead_n, p, part);
		r->lead_n += part;
		p += part;
		n -= part;
		TRY(restore_frames(r, err));
	}
	return CO_OK;
}

static enum co_rc
restore_new(struct restore *r, const unsigned char key[CHUNKED_KEY], int fd, struct co_err *err)
{
	struct vault_seal *s = r->s;
	size_t got;

	r->sealed = malloc(READ_CHUNKS * CHUNKED_CIPHER);
	r->stored = malloc(READ_CHUNKS * CHUNKED_PLAIN);
	r->lead = malloc(CODING_PACKED);
	r->plain = malloc(CODING_FRAME);
	if (r->sealed == NULL || r->stored == NULL || r->lead == NULL || r->plain == NULL)
		return co_fail(err, CO_ENOMEM, "exhibit %s", s->id);
	TRY(co_pread_full(fd, s->sums.header, CHUNKED_HEADER, 0, &got, err));
	if (got != CHUNKED_HEADER)
		return co_fail(err, CO_ENOTFOUND, "nothing of exhibit %s was sealed yet", s->id);
	TRY(chunked_open(&r->cipher, key, s->id, CO_UUID_LEN, s->sums.header, err));
	digest_add(s->sealed256, s->sums.header, CHUNKED_HEADER);
	s->written = CHUNKED_HEADER;
	return CO_OK;
}

/* Chunks that hold, from s->written on. end: the short one that ends a whole file counts too. */
static enum co_rc
restore_chunks(struct restore *r, int fd, bool end, struct co_err *err)
{
	struct vault_seal *s = r->s;
	bool more = true;

	while (more) {
		size_t got, at = 0;

		TRY(co_pread_full(
			fd, r->sealed, READ_CHUNKS * CHUNKED_CIPHER, s->written, &got, err));
		more = got == READ_CHUNKS * CHUNKED_CIPHER;
		while (got - at >= CHUNKED_TAG) {
			size_t n = got - at < CHUNKED_CIPHER ? got - at : CHUNKED_CIPHER;

			if ((n < CHUNKED_CIPHER && !end) ||
				chunked_unseal(r->cipher, s->chunk, r->sealed + at, n, r->stored,
					NULL) != CO_OK) {
				more = false;
				break;
			}
			TRY(restore_stored(r, r->stored, n - CHUNKED_TAG, err));
			digest_add(s->sealed256, r->sealed + at, n);
			s->chunk++;
			s->written += n;
			at += n;
		}
	}
	return CO_OK;
}

/* ---- going on ---- */
/* *there false: the stop came before anything was sealed. */
static enum co_rc
resume_open(struct vault_seal *s, bool *there, struct co_err *err)
{
	char done[VAULT_NAME];
	struct stat st;

	TRY(vault_name(s->name, s->id, ".take", err));
	TRY(vault_name(done, s->id, ".sealed", err));
	s->stays = true;
	if (vault_exists(s->v, done))
		return co_fail(err, CO_EEXISTS, "exhibit %s is in the vault already", s->id);
	*there = false;
	s->fd = openat(s->v->dir, s->name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (s->fd < 0 && errno == ENOENT)
		return CO_OK;
	if (s->fd < 0)
		return co_fail_errno(err, "open %s in the vault", s->name);
	if (flock(s->fd, LOCK_EX | LOCK_NB) != 0)
		return co_fail(err, CO_EBUSY, "exhibit %s is being acquired right now", s->id);
	if (fstat(s->fd, &st) != 0)
		return co_fail_errno(err, "%s in the vault", s->name);
	*there = st.st_size >= CHUNKED_HEADER;
	if (!*there && unlinkat(s->v->dir, s->name, 0) != 0)
		return co_fail_errno(err, "remove %s from the vault", s->name);
	return CO_OK;
}

static void
kept_tell(const struct vault_seal *s, struct vault_kept *kept)
{
	unsigned char d[SHA256_LEN];

	kept->plain_at = s->sums.plain_size;
	digest_peek(s->plain[DIGEST_SHA256], d);
	co_hex(d, sizeof(d), kept->sha256);
}

enum co_rc
vault_seal_resume(struct vault_seal **out, struct vault *v, const char *id,
	const unsigned char key[CHUNKED_KEY], const struct vault_how *how, struct vault_kept *kept,
	struct co_err *err)
{
	vault_seal_auto *s = NULL;
	restore_auto r = { .s = NULL };
	bool there = false;
	struct stat st;

	TRY(seal_new(&s, v, id, how, err));
	TRY(resume_open(s, &there, err));
	if (!there) {
		*kept = (struct vault_kept){ .plain_at = 0 };
		return vault_seal_begin(out, v, id, key, how, err);
	}
	if (fstat(s->fd, &st) != 0)
		return co_fail_errno(err, "look at %s in the vault", s->name);
	r.s = s;
	TRY(restore_new(&r, key, s->fd, err));
	TRY(restore_chunks(&r, s->fd, false, err));
	if (ftruncate(s->fd, (off_t)s->written) != 0 ||
		lseek(s->fd, (off_t)s->written, SEEK_SET) < 0)
		return co_fail_errno(err, "cut %s in the vault", s->name);
	s->flushed = s->written;
	s->cipher = CO_TAKE(r.cipher);
	s->expect = CO_TAKE(r.lead);
	s->expect_n = r.lead_n;
	s->expect_more = r.more;
	kept_tell(s, kept);
	kept->written_us = (int64_t)st.st_mtim.tv_sec * 1000000 + st.st_mtim.tv_nsec / 1000;
	TRY(seal_start(s, err));
	*out = CO_TAKE(s);
	return CO_OK;
}

enum co_rc
vault_seal_sums(struct vault *v, const char *id, const unsigned char key[CHUNKED_KEY],
	const struct vault_how *how, vault_sink *sink, void *arg, struct vault_sums *sums,
	struct co_err *err)
{
	vault_seal_auto *s = NULL;
	restore_auto r = { .sink = sink, .arg = arg };
	co_auto_fd fd = -1;
	struct stat st;

	TRY(seal_new(&s, v, id, how, err));
	TRY(vault_fd(v, id, &fd, err));
	r.s = s;
	TRY(restore_new(&r, key, fd, err));
	TRY(restore_chunks(&r, fd, true, err));
	if (fstat(fd, &st) != 0 || (uint64_t)st.st_size != s->written)
		return co_fail(err, CO_EVERIFY,
			"exhibit %s: its sealed file is damaged at byte %llu", id,
			(unsigned long long)s->written);
	seal_sums(s, sums);
	return CO_OK;
}

enum co_rc
vault_seal_drop(struct vault *v, const char *id, struct co_err *err)
{
	char name[VAULT_NAME];
	co_auto_fd fd = -1;

	TRY(vault_name(name, id, ".take", err));
	fd = openat(v->dir, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return CO_OK;
	if (fd < 0)
		return co_fail_errno(err, "open %s in the vault", name);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return co_fail(err, CO_EBUSY, "exhibit %s is being acquired right now", id);
	if (unlinkat(v->dir, name, 0) != 0 || fsync(v->dir) != 0)
		return co_fail_errno(err, "remove %s from the vault", name);
	return CO_OK;
}

/* ---- notes ---- */
static enum co_rc
note_path(struct vault *v, const char *id, char **path, struct co_err *err)
{
	char name[VAULT_NAME];

	TRY(vault_name(name, id, ".note", err));
	*path = co_path_join(v->path, name);
	return *path == NULL ? co_fail(err, CO_ENOMEM, "note") : CO_OK;
}

enum co_rc
vault_note_write(struct vault *v, const char *id, const void *p, size_t n, struct co_err *err)
{
	co_auto_free char *path = NULL;

	TRY(note_path(v, id, &path, err));
	return co_write_file(path, p, n, 0600, err);
}

enum co_rc
vault_note_read(struct vault *v, const char *id, struct co_buf *out, struct co_err *err)
{
	co_auto_free char *path = NULL;

	TRY(note_path(v, id, &path, err));
	return co_read_file(path, out, err);
}

enum co_rc
vault_note_remove(struct vault *v, const char *id, struct co_err *err)
{
	co_auto_free char *path = NULL;

	TRY(note_path(v, id, &path, err));
	if (unlink(path) != 0 && errno != ENOENT)
		return co_fail_errno(err, "remove %s", path);
	return CO_OK;
}
