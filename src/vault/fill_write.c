/* One thread writes what landed, so that the line does not wait for the disk. A chunk counts as
 * landed after it was written, never before; one that could not be written is missing, and is asked
 * for again. */
#include "vault/fill_place.h"

#include "base/fault.h"
#include "base/log.h"

#include <fcntl.h>

enum co_rc
fill_piece_claim(
	struct vault_fill *f, struct fill_range *r, uint64_t first, struct co_err *err)
{
	struct fill_piece *piece = NULL;

	pthread_mutex_lock(&f->lock);
	if (f->spare_n > 0)
		piece = f->spare[--f->spare_n];
	pthread_mutex_unlock(&f->lock);
	if (piece == NULL)
		piece = malloc(sizeof(*piece));
	if (piece == NULL)
		return co_fail(err, CO_ENOMEM, "exhibit %s: memory for receiving", f->id);
	piece->r = r;
	piece->first = piece->upto = first;
	piece->cached = true;
	r->piece = piece;
	return CO_OK;
}

void
fill_piece_push(struct vault_fill *f, struct fill_range *r)
{
	bool last;

	pthread_mutex_lock(&f->lock);
	while (f->queue_in - f->queue_out == FILL_QUEUE)
		pthread_cond_wait(&f->moved, &f->lock);
	last = r->piece->upto == r->last;
	f->queue[f->queue_in++ % FILL_QUEUE] = CO_TAKE(r->piece);
	r->queued++;
	/* A wake-up costs as much as writing a group. */
	if (last || f->queue_in - f->queue_out >= FILL_WAKE)
		pthread_cond_signal(&f->work);
	pthread_mutex_unlock(&f->lock);
}

static enum co_rc
piece_write(struct vault_fill *f, const struct fill_piece *piece, struct co_err *err)
{
	uint64_t from = fill_offset(piece->first), g = piece->first / FILL_GROUP;
	size_t n = (size_t)(fill_end_of(f, piece->upto - 1) - from);
	bool flush;
	enum co_rc rc;

	if (co_fault_hit("vault.fill-write"))
		return co_fail(err, CO_ENOSPACE, "no space left (fault)");
	rc = vault_pwrite(f->fd, piece->buf, n, from, err);
	if (rc != CO_OK)
		return rc;
	pthread_mutex_lock(&f->lock);
	for (uint64_t c = piece->first; c < piece->upto; c++) {
		fill_set(f->bits, c, true);
		if (piece->cached)
			f->cached[g % FILL_SLOTS] |= (uint16_t)(1u << (c % FILL_GROUP));
	}
	f->landed += piece->upto - piece->first;
	f->landed_bytes += n;
	f->unflushed += n;
	flush = f->unflushed >= FILL_FLUSH;
	if (flush)
		f->unflushed = 0;
	rc = fill_map_write(f, piece->first, piece->upto, err);
	pthread_mutex_unlock(&f->lock);
	/* Keep the disk busy from the start, so that the last fsync is short. */
	if (flush)
		(void)sync_file_range(f->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	return rc;
}

/* Lock held. There is room: nobody holds more than the queue and one a range. */
static void
piece_spare(struct vault_fill *f, struct fill_piece *piece)
{
	f->spare[f->spare_n++] = piece;
}

/* Lock held. */
static void
range_free(struct fill_range *r)
{
	r->used = r->ended = false;
}

void
fill_range_end(struct vault_fill *f, struct fill_range *r)
{
	pthread_mutex_lock(&f->lock);
	r->ended = true;
	if (r->queued == 0)
		range_free(r);
	pthread_mutex_unlock(&f->lock);
}

void
fill_range_break(struct vault_fill *f, struct fill_range *r)
{
	struct co_err err = { 0 };

	pthread_mutex_lock(&f->lock);
	pthread_cond_signal(&f->work);
	while (r->queued > 0)
		pthread_cond_wait(&f->moved, &f->lock);
	pthread_mutex_unlock(&f->lock);
	if (r->piece != NULL && r->piece->upto > r->piece->first &&
		piece_write(f, r->piece, &err) != CO_OK)
		co_warn("vault", "exhibit %s: %s", f->id, err.msg);
	pthread_mutex_lock(&f->lock);
	if (r->piece != NULL)
		piece_spare(f, CO_TAKE(r->piece));
	if (r->first < f->hint)
		f->hint = r->first;
	range_free(r);
	pthread_mutex_unlock(&f->lock);
}

enum co_rc
fill_write_told(struct vault_fill *f, struct co_err *err)
{
	enum co_rc rc = f->write_err.rc;

	if (rc == CO_OK)
		return CO_OK;
	rc = co_fail(err, rc, "exhibit %s: %s", f->id, f->write_err.msg);
	co_err_clear(&f->write_err);
	return rc;
}

/* Lock held. */
static void
piece_done(struct vault_fill *f, struct fill_piece *piece, const struct co_err *err)
{
	struct fill_range *r = piece->r;

	if (err->rc != CO_OK) {
		f->write_err = *err;
		if (piece->first < f->hint)
			f->hint = piece->first;
	}
	if (--r->queued == 0 && r->ended)
		range_free(r);
	f->queue_out++;
	piece_spare(f, piece);
	pthread_cond_broadcast(&f->moved);
}

void *
fill_write_run(void *fill)
{
	struct vault_fill *f = fill;

	pthread_mutex_lock(&f->lock);
	for (;;) {
		struct fill_piece *piece;
		struct co_err err = { 0 };

		while (!f->stop && f->queue_in == f->queue_out)
			pthread_cond_wait(&f->work, &f->lock);
		if (f->queue_in == f->queue_out)
			break;
		piece = f->queue[f->queue_out % FILL_QUEUE];
		pthread_mutex_unlock(&f->lock);
		(void)piece_write(f, piece, &err);
		pthread_mutex_lock(&f->lock);
		piece_done(f, piece, &err);
	}
	pthread_mutex_unlock(&f->lock);
	return NULL;
}
