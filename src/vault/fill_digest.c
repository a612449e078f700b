/* One thread follows the contiguous front and hashes the content. */
#include "vault/fill_place.h"

#include "base/fs.h"
#include "base/log.h"

#include <string.h>

static uint64_t
group_end(const struct vault_fill *f, uint64_t g)
{
	uint64_t end = (g + 1) * FILL_GROUP;

	return end < f->chunks ? end : f->chunks;
}

static bool
group_landed(const struct vault_fill *f, uint64_t g)
{
	for (uint64_t c = g * FILL_GROUP; c < group_end(f, g); c++)
		if (!fill_bit(f->bits, c))
			return false;
	return true;
}

static bool
group_cached(const struct vault_fill *f, uint64_t g)
{
	unsigned n = (unsigned)(group_end(f, g) - g * FILL_GROUP);

	return f->cached[g % FILL_SLOTS] == (uint16_t)((1u << n) - 1);
}

static size_t
group_plain(const struct vault_fill *f, uint64_t g)
{
	uint64_t chunks = group_end(f, g) - g * FILL_GROUP;
	uint64_t sealed = fill_end_of(f, group_end(f, g) - 1) - fill_offset(g * FILL_GROUP);

	return (size_t)(sealed - chunks * CHUNKED_TAG);
}

static void
digest_give_up(struct vault_fill *f, const struct co_err *err)
{
	pthread_mutex_lock(&f->lock);
	if (f->err.rc == CO_OK)
		f->err = *err;
	pthread_cond_broadcast(&f->moved);
	pthread_mutex_unlock(&f->lock);
}

/* A chunk on disk that does not verify: left by an earlier attempt (a power cut may lose what was
 * not flushed) it is asked for again; written by this one, the disk cannot be trusted. */
static enum co_rc
group_damaged(struct vault_fill *f, uint64_t c, struct co_err *err)
{
	bool was_old;

	pthread_mutex_lock(&f->lock);
	was_old = fill_bit(f->old, c);
	if (was_old) {
		fill_set(f->old, c, false);
		fill_set(f->bits, c, false);
		f->landed--;
		f->landed_bytes -= fill_end_of(f, c) - fill_offset(c);
		if (c < f->hint)
			f->hint = c;
	}
	pthread_cond_broadcast(&f->moved);
	pthread_mutex_unlock(&f->lock);
	if (!was_old)
		return co_fail(err, CO_EIO,
			"exhibit %s: the disk gives back other bytes than were written "
			"(chunk %llu)",
			f->id, (unsigned long long)c);
	co_warn("vault",
		"exhibit %s: chunk %llu of an earlier attempt is damaged; it is fetched again",
		f->id, (unsigned long long)c);
	return CO_OK;
}

/* Reads a group back into plain. *whole false: a chunk is missing again. */
static enum co_rc
group_reread(struct vault_fill *f, struct chunked *cipher, uint64_t g, unsigned char *sealed,
	unsigned char *plain, bool *whole, struct co_err *err)
{
	uint64_t first = g * FILL_GROUP, base = fill_offset(first);
	size_t want = (size_t)(fill_end_of(f, group_end(f, g) - 1) - base), got;
	enum co_rc rc = co_pread_full(f->fd, sealed, want, base, &got, err);

	if (rc != CO_OK)
		return co_wrap(err, "exhibit %s", f->id);
	if (got < want)
		memset(sealed + got, 0, want - got);
	*whole = true;
	for (uint64_t c = first; c < group_end(f, g); c++) {
		size_t n = (size_t)(fill_end_of(f, c) - fill_offset(c));
		struct co_err why = { 0 };

		rc = chunked_unseal(cipher, c, sealed + (fill_offset(c) - base), n,
			plain + (c - first) * CHUNKED_PLAIN, &why);
		if (rc == CO_EVERIFY) {
			*whole = false;
			rc = group_damaged(f, c, err);
		} else if (rc != CO_OK) {
			rc = co_fail(err, rc, "%s", why.msg);
		}
		if (rc != CO_OK)
			return rc;
	}
	return CO_OK;
}

/* Waits for group g; *cached: its content lies in the cache. False: stop. */
static bool
plain_wait(struct vault_fill *f, uint64_t g, bool *cached)
{
	bool go;

	pthread_mutex_lock(&f->lock);
	while (!f->stop && f->err.rc == CO_OK && !group_landed(f, g))
		pthread_cond_wait(&f->moved, &f->lock);
	go = !f->stop && f->err.rc == CO_OK;
	*cached = group_cached(f, g);
	pthread_mutex_unlock(&f->lock);
	return go;
}

static void
plain_passed(struct vault_fill *f, uint64_t g)
{
	pthread_mutex_lock(&f->lock);
	for (uint64_t c = g * FILL_GROUP; c < group_end(f, g); c++)
		fill_set(f->old, c, false);
	f->cached[g % FILL_SLOTS] = 0;
	f->plain_at = g + 1;
	pthread_cond_broadcast(&f->moved);
	pthread_mutex_unlock(&f->lock);
}

static enum co_rc
plain_hash(void *arg, const void *p, size_t n, struct co_err *err)
{
	struct vault_fill *f = arg;

	(void)err;
	digest_add(f->plain, p, n);
	return CO_OK;
}

static enum co_rc
plain_take(struct vault_fill *f, const unsigned char *p, size_t n, struct co_err *err)
{
	if (f->unpack == NULL)
		return plain_hash(f, p, n, err);
	if (unpack_add(f->unpack, p, n, plain_hash, f, err) != CO_OK)
		return co_wrap(err, "exhibit %s", f->id);
	return CO_OK;
}

static enum co_rc
plain_follow(struct vault_fill *f, unsigned char *sealed, unsigned char *plain, struct co_err *err)
{
	chunked_auto *cipher = NULL;
	bool cached, whole;
	enum co_rc rc = CO_OK;

	for (uint64_t g = 0; g < f->groups && rc == CO_OK; g += whole ? 1 : 0) {
		const unsigned char *at = plain;

		whole = true;
		if (!plain_wait(f, g, &cached))
			break;
		if (cached)
			at = f->cache + (g % FILL_SLOTS) * FILL_GROUP_PLAIN;
		else if (cipher == NULL)
			rc = chunked_clone(&cipher, f->cipher, err);
		if (rc == CO_OK && !cached)
			rc = group_reread(f, cipher, g, sealed, plain, &whole, err);
		if (rc != CO_OK || !whole)
			continue;
		rc = plain_take(f, at, group_plain(f, g), err);
		if (rc == CO_OK)
			plain_passed(f, g);
	}
	return rc;
}

static void *
plain_run(void *arg)
{
	struct vault_fill *f = arg;
	unsigned char *sealed = malloc(FILL_GROUP_SEALED), *plain = malloc(FILL_GROUP_PLAIN);
	struct co_err err = { 0 };

	if (sealed == NULL || plain == NULL)
		(void)co_fail(&err, CO_ENOMEM, "exhibit %s: memory for digests", f->id);
	else
		(void)plain_follow(f, sealed, plain, &err);
	if (plain != NULL)
		crypto_wipe(plain, FILL_GROUP_PLAIN);
	free(sealed);
	free(plain);
	if (err.rc != CO_OK)
		digest_give_up(f, &err);
	return NULL;
}

enum co_rc
fill_digest_start(struct vault_fill *f, struct co_err *err)
{
	static void *(*const runs[])(void *) = { plain_run, fill_write_run };
	enum co_rc rc = digest_new(&f->plain, DIGEST_SHA256, err);

	for (size_t i = 0; rc == CO_OK && i < CO_ARRAY_LEN(runs); i++) {
		int e = pthread_create(&f->threads[i], NULL, runs[i], f);

		if (e != 0)
			return co_fail(err, CO_ENOMEM, "no thread for receiving (error %d)", e);
		f->threads_n++;
	}
	return rc;
}

void
fill_digest_stop(struct vault_fill *f)
{
	pthread_mutex_lock(&f->lock);
	f->stop = true;
	pthread_cond_broadcast(&f->moved);
	pthread_cond_broadcast(&f->work);
	pthread_mutex_unlock(&f->lock);
	for (size_t i = 0; i < f->threads_n; i++)
		pthread_join(f->threads[i], NULL);
	f->threads_n = 0;
	digest_free(&f->plain);
}

enum co_rc
fill_digest_wait(struct vault_fill *f, struct co_err *err)
{
	enum co_rc rc = CO_OK;

	pthread_mutex_lock(&f->lock);
	while (f->queue_in != f->queue_out ||
		(f->err.rc == CO_OK && f->landed == f->chunks && f->plain_at < f->groups))
		pthread_cond_wait(&f->moved, &f->lock);
	if (f->err.rc != CO_OK)
		rc = co_fail(err, f->err.rc, "%s", f->err.msg);
	else if (fill_write_told(f, err) != CO_OK)
		rc = err->rc;
	else if (f->landed != f->chunks)
		rc = co_fail(err, CO_EBUSY, "exhibit %s: %llu chunks are missing", f->id,
			(unsigned long long)(f->chunks - f->landed));
	pthread_mutex_unlock(&f->lock);
	return rc;
}
