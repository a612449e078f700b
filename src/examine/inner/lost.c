#include "examine/inner/lost.h"

#include <string.h>

/* ---- reading ---- */
static void
lose(struct image_lost *l, uint64_t at, size_t n, uint64_t image_at, const char *why)
{
	struct image_range *last = l->n > 0 ? &l->ranges[l->n - 1] : NULL;

	/* Windows overlap: what two of them lack is lost once. */
	if (last != NULL && !l->cut && at <= last->at + last->size) {
		uint64_t end = at + n > last->at + last->size ? at + n : last->at + last->size;

		l->bytes += end - last->at - last->size;
		last->size = end - last->at;
		return;
	}
	l->bytes += n;
	if (l->n == IMAGE_RANGES) {
		l->cut = true;
		return;
	}
	l->ranges[l->n++] = (struct image_range){ at, n, image_at };
	if (l->n == 1)
		(void)snprintf(l->why, sizeof(l->why), "%s", why);
}

/* One piece, or the parts of it that can be read. */
struct piece {
	struct image *image;
	const struct item *item; /* NULL: of the image itself */
};

static bool
piece_try(const struct piece *s, void *p, size_t n, uint64_t at, char why[IMAGE_WHY])
{
	struct co_err err = { 0 };
	size_t got;

	s->image->failed_at = IMAGE_NOWHERE;
	if (s->item != NULL)
		return item_try(s->item, p, n, at, why);
	if (image_read(s->image, p, n, at, &got, &err) == CO_OK && got == n)
		return true;
	(void)snprintf(why, IMAGE_WHY, "%.250s",
		err.msg[0] != '\0' ? err.msg : "it lies past the end of the image");
	return false;
}

/* libtsk keeps no reason. A raw image has no checksums: it fails where its source does. */
static const char *
reason(const struct piece *s, const char *why)
{
	return s->image->ewf == NULL && s->image->failed_at != IMAGE_NOWHERE
		? "the source cannot be read there: a bad sector"
		: why;
}

static void
piece_fill(const struct piece *s, unsigned char *p, size_t n, uint64_t at, size_t *lost)
{
	char why[IMAGE_WHY] = "";

	*lost = 0;
	if (piece_try(s, p, n, at, why))
		return;
	while (n > 0) {
		size_t step = LOST_STEP - (size_t)(at % LOST_STEP);

		step = step < n ? step : n;
		if (!piece_try(s, p, step, at, why)) {
			memset(p, 0, step);
			*lost += step;
			lose(&s->image->lost, at, step, s->image->failed_at,
				reason(s, why));
		}
		p += step;
		at += step;
		n -= step;
	}
}

enum co_rc
lost_read(const struct item *i, void *p, size_t n, uint64_t at, size_t *got, size_t *lost,
	struct co_err *err)
{
	const struct piece s = { i->image, i };

	*got = *lost = 0;
	if (at >= i->size)
		return CO_OK;
	*got = n < i->size - at ? n : (size_t)(i->size - at);
	i->image->in_file = true;
	piece_fill(&s, p, *got, at, lost);
	i->image->in_file = false;
	/* Not the evidence: the caller is gone, or stopped the job. */
	return i->image->gone ? co_fail(err, CO_EIO, "the image is not given any more") : CO_OK;
}

enum co_rc
lost_read_gap(struct image *image, unsigned part, void *p, size_t n, uint64_t at, size_t *lost,
	struct co_err *err)
{
	const struct piece s = { image, NULL };

	image->lost.part = part;
	piece_fill(&s, p, n, at, lost);
	return image->gone ? co_fail(err, CO_EIO, "the image is not given any more") : CO_OK;
}

/* ---- telling ---- */
static json_t *
whose(const struct image *image, const struct item *i)
{
	return i != NULL ? item_json(i)
			 : json_pack("{s:i,s:b}", "part", (int)image->lost.part, "free", 1);
}

enum co_rc
lost_tell(struct image *image, const struct item *i, struct co_err *err)
{
	struct image_lost *l = &image->lost;
	enum co_rc rc = CO_OK;

	for (size_t k = 0; k < l->n && rc == CO_OK; k++) {
		const struct image_range *r = &l->ranges[k];
		json_t *o = whose(image, i);

		(void)json_object_set_new(o, "offset", json_integer((json_int_t)r->at));
		(void)json_object_set_new(o, "length", json_integer((json_int_t)r->size));
		if (r->image_at != IMAGE_NOWHERE)
			(void)json_object_set_new(
				o, "image_offset", json_integer((json_int_t)r->image_at));
		if (k + 1 == l->n && l->cut)
			(void)json_object_set_new(o, "more", json_true());
		say_text(o, "text", l->why);
		rc = say("unread", o, err);
	}
	image->unread += l->n > 0;
	image->unread_bytes += l->bytes;
	l->n = 0;
	l->bytes = 0;
	l->cut = false;
	return rc;
}

enum co_rc
lost_place(struct image *image, unsigned part, const char *path, const char *why,
	struct co_err *err)
{
	json_t *o = json_pack("{s:i}", "part", (int)part);

	if (path != NULL)
		say_text(o, "path", path);
	say_text(o, "text", why);
	image->unread++;
	return say("unread", o, err);
}

enum co_rc
lost_tables(struct image *image, unsigned part, struct co_err *err)
{
	uint64_t n = image->tables_lost, at = image->tables_at;
	char why[IMAGE_WHY];

	image->tables_lost = 0;
	if (n == 0)
		return CO_OK;
	(void)snprintf(why, sizeof(why),
		"tables or folders of the file system could not be read (%llu times, first at byte "
		"%llu of the image): files may be missing here",
		(unsigned long long)n, (unsigned long long)at);
	return lost_place(image, part, NULL, why, err);
}
