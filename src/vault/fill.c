/* Receiving: ranges land in any order, each chunk is authenticated before it is written, and two
 * threads follow the contiguous front with the digests, so that little is left to do at the end.
 * A chunk's bit in <id>.map is a hint, not a promise: what an earlier attempt left is authenticated
 * again before it counts, so the map needs no fsync of its own and survives a kill to the last
 * group. */
#include "vault/fill.h"

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
	for (size_t i = 0; i < VAULT_FILL_RANGES; i++)
		if (!f->ranges[i].used)
			return &f->ranges[i];
	return NULL;
}

static const struct fill_range *
range_over(const struct vault_fill *f, uint64_t chunk)
{
	for (size_t i = 0; i < VAULT_FILL_RANGES; i++)
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

bool
vault_fill_next(struct vault_fill *f, uint64_t max, uint64_t *from, uint64_t *n)
{
	struct fill_range *r;
	uint64_t first, most = max / CHUNKED_CIPHER;
	bool found = false;

	pthread_mutex_lock(&f->lock);
	r = range_free(f);
	while (f->hint < f->chunks && fill_bit(f->bits, f->hint))
		f->hint++;
	first = fill_missing(f, f->hint);
	if (f->cipher == NULL) {
		most = FILL_GROUP; /* the range with the header comes alone */
		if (range_over(f, 0) != NULL)
			first = f->chunks;
	}
	if (r != NULL && first < f->chunks) {
		r->first = first;
		r->last = fill_run(f, first, most > 0 ? most : 1);
		r->from = f->cipher == NULL ? 0 : fill_offset(first);
		r->at = r->pos = r->from;
		r->have = 0;
		r->done = r->verified = first;
		r->cached = true;
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
	unsigned char *p = r->scratch;
	bool near;

	pthread_mutex_lock(&f->lock);
	near = g >= f->plain_at && g - f->plain_at < FILL_SLOTS;
	pthread_mutex_unlock(&f->lock);
	r->cached = r->cached && near;
	if (near)
		p = f->cache + (g % FILL_SLOTS) * FILL_GROUP_PLAIN +
			(chunk % FILL_GROUP) * CHUNKED_PLAIN;
	return p;
}

/* Chunks r->done .. upto are authenticated and lie at the start of r->buf: write and note them. */
static enum co_rc
land_write(struct vault_fill *f, struct fill_range *r, uint64_t upto, struct co_err *err)
{
	uint64_t from = fill_offset(r->done), g = r->done / FILL_GROUP;
	size_t n = (size_t)(fill_end_of(f, upto - 1) - from);
	bool flush;
	enum co_rc rc;

	if (co_fault_hit("vault.fill-write"))
		return co_fail(err, CO_ENOSPACE, "exhibit %s: no space left (fault)", f->id);
	rc = vault_pwrite(f->fd, r->buf, n, from, err);
	if (rc != CO_OK)
		return co_wrap(err, "exhibit %s", f->id);
	pthread_mutex_lock(&f->lock);
	for (uint64_t c = r->done; c < upto; c++) {
		fill_set(f->bits, c, true);
		if (r->cached)
			f->cached[g % FILL_SLOTS] |= (uint16_t)(1u << (c % FILL_GROUP));
	}
	f->landed += upto - r->done;
	f->landed_bytes += n;
	f->unflushed += n;
	flush = f->unflushed >= FILL_FLUSH;
	if (flush)
		f->unflushed = 0;
	rc = fill_map_write(f, r->done, upto, err);
	pthread_cond_broadcast(&f->moved);
	pthread_mutex_unlock(&f->lock);
	/* Keep the disk busy from the start, so that the last fsync is short. */
	if (flush)
		(void)sync_file_range(f->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	r->done = upto;
	r->have = 0;
	r->cached = true;
	return rc;
}

static enum co_rc
land_chunk(struct vault_fill *f, struct fill_range *r, uint64_t chunk, struct co_err *err)
{
	uint64_t from = fill_offset(chunk), end = fill_end_of(f, chunk);
	const unsigned char *sealed = r->buf + (from - fill_offset(r->done));
	enum co_rc rc = chunked_unseal(
		r->cipher, chunk, sealed, (size_t)(end - from), land_place(f, r, chunk), err);

	if (rc != CO_OK)
		return co_wrap(err, "exhibit %s", f->id);
	r->verified = chunk + 1;
	if ((chunk + 1) % FILL_GROUP == 0 || chunk + 1 == r->last)
		return land_write(f, r, chunk + 1, err);
	return CO_OK;
}

/* The header has come: the key is checked, and other ranges may be handed out. */
static enum co_rc
land_header(struct vault_fill *f, const unsigned char *header, struct co_err *err)
{
	chunked_auto *c = NULL;
	enum co_rc rc = chunked_open(&c, f->key, f->id, CO_UUID_LEN, header, err);

	if (rc == CO_OK)
		rc = vault_pwrite(f->fd, header, CHUNKED_HEADER, 0, err);
	if (rc != CO_OK)
		return co_wrap(err, "exhibit %s", f->id);
	pthread_mutex_lock(&f->lock);
	memcpy(f->header, header, CHUNKED_HEADER);
	f->cipher = CO_TAKE(c);
	f->landed_bytes += CHUNKED_HEADER;
	pthread_cond_broadcast(&f->moved);
	pthread_mutex_unlock(&f->lock);
	return CO_OK;
}

static enum co_rc
range_ready(struct vault_fill *f, struct fill_range *r, struct co_err *err)
{
	if (r->buf == NULL)
		r->buf = malloc(FILL_GROUP_SEALED);
	if (r->buf == NULL)
		return co_fail(err, CO_ENOMEM, "exhibit %s: buffer of a range", f->id);
	if (r->cipher == NULL && f->cipher != NULL)
		return chunked_clone(&r->cipher, f->cipher, err);
	return CO_OK;
}

/* Takes as many bytes as belong to the header or the present chunk. */
static enum co_rc
range_take(struct vault_fill *f, struct fill_range *r, const unsigned char *p, size_t n,
	size_t *took, struct co_err *err)
{
	uint64_t chunk = 0, end = CHUNKED_HEADER;
	bool header = r->pos < CHUNKED_HEADER;
	size_t part;
	enum co_rc rc = range_ready(f, r, err);

	if (rc != CO_OK)
		return rc;
	if (!header) {
		chunk = fill_chunk_at(r->pos);
		end = fill_end_of(f, chunk);
	}
	part = end - r->pos < n ? (size_t)(end - r->pos) : n;
	memcpy(r->buf + r->have, p, part);
	r->have += part;
	r->pos += part;
	*took = part;
	if (r->pos < end)
		return CO_OK;
	if (!header)
		return land_chunk(f, r, chunk, err);
	r->have = 0;
	return land_header(f, r->buf, err);
}

static struct fill_range *
range_at(struct vault_fill *f, uint64_t at)
{
	for (size_t i = 0; i < VAULT_FILL_RANGES; i++)
		if (f->ranges[i].used && f->ranges[i].at == at)
			return &f->ranges[i];
	return NULL;
}

/* Lock held. */
static void
range_release(struct vault_fill *f, struct fill_range *r)
{
	if (r->done < f->hint)
		f->hint = r->done;
	r->used = false;
}

enum co_rc
vault_fill_add(struct vault_fill *f, uint64_t at, const void *p, size_t n, struct co_err *err)
{
	const unsigned char *from = p;
	struct fill_range *r;
	uint64_t end;

	pthread_mutex_lock(&f->lock);
	r = range_at(f, at);
	pthread_mutex_unlock(&f->lock);
	if (r == NULL || n > (end = fill_end_of(f, r->last - 1)) - at)
		return co_fail(err, CO_EVERIFY, "exhibit %s: bytes at %llu that were not asked for",
			f->id, (unsigned long long)at);
	while (n > 0) {
		size_t took;
		enum co_rc rc = range_take(f, r, from, n, &took, err);

		if (rc != CO_OK)
			return rc;
		from += took;
		n -= took;
	}
	pthread_mutex_lock(&f->lock);
	r->at = r->pos;
	if (r->pos == end)
		range_release(f, r);
	pthread_mutex_unlock(&f->lock);
	return CO_OK;
}

void
vault_fill_return(struct vault_fill *f, uint64_t from, uint64_t n)
{
	struct fill_range *r = NULL;
	struct co_err err = { 0 };

	(void)n;
	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < VAULT_FILL_RANGES && r == NULL; i++)
		if (f->ranges[i].used && f->ranges[i].from == from)
			r = &f->ranges[i];
	pthread_mutex_unlock(&f->lock);
	if (r == NULL)
		return; /* it was complete */
	/* Chunks that came whole and verified stay. */
	if (r->verified > r->done && land_write(f, r, r->verified, &err) != CO_OK)
		co_warn("vault", "%s", err.msg);
	pthread_mutex_lock(&f->lock);
	range_release(f, r);
	pthread_mutex_unlock(&f->lock);
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
	const unsigned char key[CHUNKED_KEY], uint64_t sealed_size, struct co_err *err)
{
	struct vault_fill *raw = calloc(1, sizeof(*raw));
	enum co_rc rc;

	if (raw == NULL)
		return co_fail(err, CO_ENOMEM, "receiving");
	pthread_mutex_init(&raw->lock, NULL);
	pthread_cond_init(&raw->moved, NULL);
	raw->fd = raw->map_fd = -1;
	vault_fill_auto *f = raw;
	f->v = v;
	if (!co_uuid_valid(id))
		return co_fail(err, CO_EUSAGE, "an exhibit's id is a UUID in lower case");
	memcpy(f->id, id, sizeof(f->id));
	memcpy(f->key, key, sizeof(f->key));
	rc = fill_size(f, sealed_size, err);
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
fill_compare(struct vault_fill *f, const char *plain_sha256, const char *sealed_sha256,
	struct co_err *err)
{
	unsigned char d[SHA256_LEN];
	char plain[SHA256_HEX + 1], sealed[SHA256_HEX + 1];

	digest_end(f->plain, d);
	co_hex(d, sizeof(d), plain);
	digest_end(f->sealed, d);
	co_hex(d, sizeof(d), sealed);
	digest_free(&f->plain);
	digest_free(&f->sealed);
	if (strcmp(plain, plain_sha256) == 0 && strcmp(sealed, sealed_sha256) == 0)
		return CO_OK;
	fill_remove(f);
	if (strcmp(sealed, sealed_sha256) != 0)
		return co_fail(err, CO_EVERIFY,
			"exhibit %s: the sealed file has SHA-256 %s, the manifest "
			"says %s",
			f->id, sealed, sealed_sha256);
	return co_fail(err, CO_EVERIFY,
		"exhibit %s: the content has SHA-256 %s, the manifest says %s", f->id, plain,
		plain_sha256);
}

enum co_rc
vault_fill_end(struct vault_fill *f, const char *plain_sha256, const char *sealed_sha256,
	struct co_err *err)
{
	enum co_rc rc = fill_digest_wait(f, err);

	if (rc != CO_OK)
		return rc;
	if (f->plain == NULL)
		return co_fail(err, CO_ECLOSED, "exhibit %s was ended before: begin again", f->id);
	rc = fill_compare(f, plain_sha256, sealed_sha256, err);
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
	fill_digest_stop(f);
	for (size_t i = 0; i < VAULT_FILL_RANGES; i++) {
		if (f->ranges[i].used)
			vault_fill_return(f, f->ranges[i].from, 0);
		free(f->ranges[i].buf);
		chunked_free(&f->ranges[i].cipher);
	}
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
	pthread_mutex_destroy(&f->lock);
	crypto_wipe(f, sizeof(*f));
	free(f);
	*out = NULL;
}
