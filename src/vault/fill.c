/* Receiving: ranges land in any order, each chunk is authenticated before it is written, one thread
 * writes, and one follows the contiguous front with the digest, so that little is left to do at the
 * end.
 * A chunk's bit in <id>.map is a hint, not a promise: what an earlier attempt left is authenticated
 * again before it counts, so the map needs no fsync of its own and survives a kill to the last
 * group. */
#include "vault/fill_place.h"

#include "base/enc.h"
#include "base/fault.h"
#include "base/fs.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

void
vault_fill_progress(struct vault_fill *f, uint64_t *done, uint64_t *of)
{
	pthread_mutex_lock(&f->lock);
	*done = f->landed_bytes;
	pthread_mutex_unlock(&f->lock);
	*of = f->size;
}

/* ---- handing out ---- */
static struct fill_range *
range_free(struct vault_fill *f)
{
	for (size_t i = 0; i < FILL_RANGES; i++)
		if (!f->ranges[i].used)
			return &f->ranges[i];
	return NULL;
}

static const struct fill_range *
range_over(const struct vault_fill *f, uint64_t chunk)
{
	for (size_t i = 0; i < FILL_RANGES; i++)
		if (f->ranges[i].used && chunk >= f->ranges[i].first && chunk < f->ranges[i].last)
			return &f->ranges[i];
	return NULL;
}

/* First chunk from `from` on that is missing and not under way; f->chunks when there is none. */
static uint64_t
fill_missing(const struct vault_fill *f, uint64_t from)
{
	uint64_t c = from;

	while (c < f->chunks) {
		const struct fill_range *r = range_over(f, c);

		if (r != NULL)
			c = r->last;
		else if (c % 8 == 0 && f->bits[c / 8] == 0xff)
			c += 8;
		else if (fill_bit(f->bits, c))
			c++;
		else
			return c;
	}
	return f->chunks;
}

static uint64_t
fill_run(const struct vault_fill *f, uint64_t first, uint64_t most)
{
	uint64_t c = first;

	while (c < f->chunks && c - first < most && !fill_bit(f->bits, c) &&
		range_over(f, c) == NULL)
		c++;
	/* End with a group where that costs little: digests and the cache work by groups. */
	if (c < f->chunks && c - first > FILL_GROUP && c % FILL_GROUP != 0)
		c -= c % FILL_GROUP;
	return c;
}

/* Content that the digest thread cannot keep in its cache would be read and decrypted once more:
 * who receives faster than one can hash waits for it. Something is under way then, so it goes
 * on. */
static bool
fill_ahead(const struct vault_fill *f, uint64_t last)
{
	bool busy = false;

	for (size_t i = 0; i < FILL_RANGES && !busy; i++)
		busy = f->ranges[i].used && !f->ranges[i].ended;
	return busy && (last - 1) / FILL_GROUP >= f->plain_at + FILL_SLOTS;
}

bool
vault_fill_next(struct vault_fill *f, uint64_t max, uint64_t *from, uint64_t *n)
{
	struct fill_range *r;
	uint64_t first, last, most = max / CHUNKED_CIPHER;
	bool found = false;

	pthread_mutex_lock(&f->lock);
	r = range_free(f);
	while (f->hint < f->chunks && fill_bit(f->bits, f->hint))
		f->hint++;
	first = fill_missing(f, f->hint);
	last = r == NULL ? first : fill_run(f, first, most > 0 ? most : 1);
	if (last > first && !fill_ahead(f, last)) {
		r->first = first;
		r->last = last;
		r->at = r->pos = r->from = fill_offset(first);
		r->used = true;
		*from = r->from;
		*n = fill_end_of(f, r->last - 1) - r->from;
		found = true;
	}
	pthread_mutex_unlock(&f->lock);
	return found;
}

/* ---- landing ---- */
/* Where the content of a chunk goes: the cache when the digest thread is near, else a place that is
 * thrown away. */
static unsigned char *
land_place(struct vault_fill *f, struct fill_range *r, uint64_t chunk)
{
	uint64_t g = chunk / FILL_GROUP;
	bool near;

	pthread_mutex_lock(&f->lock);
	near = g >= f->plain_at && g - f->plain_at < FILL_SLOTS;
	pthread_mutex_unlock(&f->lock);
	r->piece->cached = r->piece->cached && near;
	if (!near)
		return r->scratch;
	return f->cache + (g % FILL_SLOTS) * FILL_GROUP_PLAIN +
		(chunk % FILL_GROUP) * CHUNKED_PLAIN;
}

static enum co_rc
land_chunk(struct vault_fill *f, struct fill_range *r, uint64_t chunk, struct co_err *err)
{
	uint64_t from = fill_offset(chunk), end = fill_end_of(f, chunk);
	const unsigned char *sealed = r->piece->buf + (from - fill_offset(r->piece->first));
	enum co_rc rc = chunked_unseal(
		r->cipher, chunk, sealed, (size_t)(end - from), land_place(f, r, chunk), err);

	if (rc != CO_OK)
		return co_wrap(err, "exhibit %s", f->id);
	r->piece->upto = chunk + 1;
	if ((chunk + 1) % FILL_GROUP == 0 || chunk + 1 == r->last)
		fill_piece_push(f, r);
	return CO_OK;
}

static enum co_rc
range_ready(struct vault_fill *f, struct fill_range *r, uint64_t chunk, struct co_err *err)
{
	if (r->cipher == NULL && chunked_clone(&r->cipher, f->cipher, err) != CO_OK)
		return co_wrap(err, "exhibit %s", f->id);
	if (r->piece != NULL)
		return CO_OK;
	r->have = 0;
	return fill_piece_claim(f, r, chunk, err);
}

/* Takes as many bytes as belong to the present chunk. */
static enum co_rc
range_take(struct vault_fill *f, struct fill_range *r, const unsigned char *p, size_t n,
	size_t *took, struct co_err *err)
{
	uint64_t chunk = fill_chunk_at(r->pos), end = fill_end_of(f, chunk);
	size_t part = end - r->pos < n ? (size_t)(end - r->pos) : n;
	enum co_rc rc = range_ready(f, r, chunk, err);

	if (rc != CO_OK)
		return rc;
	memcpy(r->piece->buf + r->have, p, part);
	r->have += part;
	r->pos += part;
	*took = part;
	return r->pos < end ? CO_OK : land_chunk(f, r, chunk, err);
}

static struct fill_range *
range_at(struct vault_fill *f, uint64_t at)
{
	for (size_t i = 0; i < FILL_RANGES; i++)
		if (f->ranges[i].used && f->ranges[i].at == at &&
			at < fill_end_of(f, f->ranges[i].last - 1))
			return &f->ranges[i];
	return NULL;
}

enum co_rc
vault_fill_add(struct vault_fill *f, uint64_t at, const void *p, size_t n, struct co_err *err)
{
	const unsigned char *from = p;
	struct fill_range *r;
	uint64_t end;
	enum co_rc rc;

	pthread_mutex_lock(&f->lock);
	r = range_at(f, at);
	rc = fill_write_told(f, err);
	pthread_mutex_unlock(&f->lock);
	if (rc != CO_OK)
		return rc;
	if (r == NULL || n > (end = fill_end_of(f, r->last - 1)) - at)
		return co_fail(err, CO_EVERIFY, "exhibit %s: bytes at %llu that were not asked for",
			f->id, (unsigned long long)at);
	while (n > 0) {
		size_t took;

		rc = range_take(f, r, from, n, &took, err);
		if (rc != CO_OK)
			return rc;
		from += took;
		n -= took;
	}
	pthread_mutex_lock(&f->lock);
	r->at = r->pos;
	pthread_mutex_unlock(&f->lock);
	if (r->pos == end)
		fill_range_end(f, r);
	return CO_OK;
}

void
vault_fill_return(struct vault_fill *f, uint64_t from, uint64_t n)
{
	struct fill_range *r = NULL;

	(void)n;
	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < FILL_RANGES && r == NULL; i++)
		if (f->ranges[i].used && !f->ranges[i].ended && f->ranges[i].from == from)
			r = &f->ranges[i];
	pthread_mutex_unlock(&f->lock);
	if (r != NULL) /* else it was complete */
		fill_range_break(f, r);
}

/* ---- beginning and end ---- */
static enum co_rc
fill_create(struct vault_fill *f, struct co_err *err)
{
	char done[VAULT_NAME];
	enum co_rc rc = vault_name(f->part, f->id, ".part", err);

	if (rc == CO_OK)
		rc = vault_name(f->map, f->id, ".map", err);
	if (rc == CO_OK)
		rc = vault_name(done, f->id, ".sealed", err);
	if (rc != CO_OK)
		return rc;
	if (vault_exists(f->v, done))
		return co_fail(err, CO_EEXISTS, "exhibit %s is in the vault already", f->id);
	f->fd = openat(f->v->dir, f->part, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	f->map_fd = openat(f->v->dir, f->map, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (f->fd < 0 || f->map_fd < 0)
		return co_fail_errno(err, "create %s in the vault", f->part);
	if (flock(f->fd, LOCK_EX | LOCK_NB) != 0)
		return co_fail(err, CO_EBUSY, "exhibit %s is being received already", f->id);
	return fill_map_load(f, err);
}

static enum co_rc
fill_size(struct vault_fill *f, uint64_t sealed_size, struct co_err *err)
{
	uint64_t plain;

	if (!chunked_plain_size(sealed_size, &plain) || sealed_size > INT64_MAX)
		return co_fail(err, CO_EMALFORMED, "exhibit %s: no sealed file has %llu bytes",
			f->id, (unsigned long long)sealed_size);
	f->size = sealed_size;
	f->chunks = plain / CHUNKED_PLAIN + 1;
	f->groups = (f->chunks + FILL_GROUP - 1) / FILL_GROUP;
	f->bits = calloc(1, (size_t)(f->chunks / 8 + 1));
	f->old = calloc(1, (size_t)(f->chunks / 8 + 1));
	f->cache = malloc((size_t)FILL_SLOTS * FILL_GROUP_PLAIN);
	if (f->bits == NULL || f->old == NULL || f->cache == NULL)
		return co_fail(err, CO_ENOMEM, "exhibit %s: memory for receiving", f->id);
	return CO_OK;
}

enum co_rc
vault_fill_begin(struct vault_fill **out, struct vault *v, const char *id,
	const unsigned char key[CHUNKED_KEY], const unsigned char header[CHUNKED_HEADER],
	uint64_t sealed_size, const struct vault_content *content, struct co_err *err)
{
	struct vault_fill *raw = calloc(1, sizeof(*raw));
	enum co_rc rc;

	if (raw == NULL)
		return co_fail(err, CO_ENOMEM, "receiving");
	pthread_mutex_init(&raw->lock, NULL);
	pthread_cond_init(&raw->moved, NULL);
	pthread_cond_init(&raw->work, NULL);
	raw->fd = raw->map_fd = -1;
	vault_fill_auto *f = raw;
	f->v = v;
	if (!co_uuid_valid(id))
		return co_fail(err, CO_EUSAGE, "an exhibit's id is a UUID in lower case");
	memcpy(f->id, id, sizeof(f->id));
	memcpy(f->header, header, sizeof(f->header));
	f->landed_bytes = CHUNKED_HEADER; /* of the manifest: never asked for */
	rc = fill_size(f, sealed_size, err);
	if (rc == CO_OK && chunked_open(&f->cipher, key, id, CO_UUID_LEN, header, err) != CO_OK)
		rc = co_wrap(err, "exhibit %s", id);
	if (rc == CO_OK && content != NULL && content->coding == VAULT_ZSTD)
		rc = unpack_new(&f->unpack, content->plain_size, err);
	if (rc == CO_OK)
		rc = fill_create(f, err);
	if (rc == CO_OK)
		rc = fill_digest_start(f, err);
	if (rc == CO_OK)
		*out = CO_TAKE(f);
	return rc;
}

static void
fill_remove(struct vault_fill *f)
{
	(void)unlinkat(f->v->dir, f->part, 0);
	(void)unlinkat(f->v->dir, f->map, 0);
	f->published = true;
}

static enum co_rc
fill_compare(struct vault_fill *f, const char *plain_sha256, struct co_err *err)
{
	unsigned char d[SHA256_LEN];
	char plain[SHA256_HEX + 1];

	digest_end(f->plain, d);
	co_hex(d, sizeof(d), plain);
	digest_free(&f->plain);
	if (strcmp(plain, plain_sha256) == 0)
		return CO_OK;
	fill_remove(f);
	return co_fail(err, CO_EVERIFY,
		"exhibit %s: the content has SHA-256 %s, the manifest says %s", f->id, plain,
		plain_sha256);
}

enum co_rc
vault_fill_end(struct vault_fill *f, const char *plain_sha256, struct co_err *err)
{
	enum co_rc rc = fill_digest_wait(f, err);

	if (rc == CO_OK && f->plain != NULL && f->unpack != NULL &&
		unpack_end(f->unpack, err) != CO_OK)
		rc = co_wrap(err, "exhibit %s", f->id);
	if (rc == CO_EVERIFY)
		fill_remove(f);
	if (rc != CO_OK)
		return rc;
	if (f->plain == NULL)
		return co_fail(err, CO_ECLOSED, "exhibit %s was ended before: begin again", f->id);
	rc = fill_compare(f, plain_sha256, err);
	if (rc != CO_OK)
		return rc;
	if (co_fault_hit("vault.fill-end"))
		return co_fail(err, CO_EIO, "exhibit %s: fsync (fault)", f->id);
	if (fsync(f->fd) != 0)
		return co_fail_errno(err, "exhibit %s: fsync", f->id);
	rc = vault_publish(f->v, f->part, f->id, err);
	if (rc != CO_OK)
		return rc;
	f->published = true;
	(void)unlinkat(f->v->dir, f->map, 0);
	return CO_OK;
}

void
vault_fill_free(struct vault_fill **out)
{
	struct vault_fill *f = *out;

	if (f == NULL)
		return;
	for (size_t i = 0; i < FILL_RANGES; i++) {
		if (f->ranges[i].used)
			vault_fill_return(f, f->ranges[i].from, 0);
	}
	fill_digest_stop(f);
	unpack_free(&f->unpack);
	for (size_t i = 0; i < FILL_RANGES; i++)
		chunked_free(&f->ranges[i].cipher);
	while (f->spare_n > 0)
		free(f->spare[--f->spare_n]);
	chunked_free(&f->cipher);
	if (f->cache != NULL)
		crypto_wipe(f->cache, (size_t)FILL_SLOTS * FILL_GROUP_PLAIN);
	free(f->cache);
	free(f->bits);
	free(f->old);
	if (f->fd >= 0)
		close(f->fd);
	if (f->map_fd >= 0)
		close(f->map_fd);
	pthread_cond_destroy(&f->moved);
	pthread_cond_destroy(&f->work);
	pthread_mutex_destroy(&f->lock);
	crypto_wipe(f, sizeof(*f));
	free(f);
	*out = NULL;
}
