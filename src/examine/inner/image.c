#include "examine/inner/image.h"

#include "base/limits.h"
#include "examine/inner/ewf.h"

#include <string.h>

/* Across the ends of parts; within size. */
static enum co_rc
raw_read(struct image *i, unsigned char *p, size_t n, uint64_t at, struct co_err *err)
{
	for (size_t s = 0; s < i->sources_n && n > 0; s++) {
		size_t part;

		if (at >= i->sizes[s]) {
			at -= i->sizes[s];
			continue;
		}
		part = n < i->sizes[s] - at ? n : (size_t)(i->sizes[s] - at);
		TRY(source_read(i, s, p, part, at, err));
		p += part;
		n -= part;
		at = 0;
	}
	return CO_OK;
}

static enum co_rc
whole_read(struct image *i, unsigned char *p, size_t n, uint64_t at, struct co_err *err)
{
	enum co_rc rc = i->ewf != NULL ? ewf_read(i->ewf, p, n, at, err)
				       : raw_read(i, p, n, at, err);

	/* Of a source, what cannot be read is told as such; otherwise it is gone. */
	if (rc != CO_OK && rc != CO_EMALFORMED && i->ewf == NULL)
		i->gone = true;
	return rc;
}

/* A bad sector costs no more than what was asked for around it: where a block of a raw image cannot
 * be read as a whole, its parts are read as they are wanted. */
static enum co_rc
part_get(struct image *i, void *p, size_t n, uint64_t at, struct co_err *err)
{
	enum co_rc rc = whole_read(i, p, n, at, err);

	if (rc != CO_OK)
		i->failed_at = at;
	return rc;
}

static bool
in_parts(const struct image *i, uint64_t number)
{
	return i->ewf == NULL && i->failed[number % IMAGE_FAILED] == number + 1;
}

static enum co_rc
block_get(struct image *i, uint64_t number, const unsigned char **p, size_t *n, struct co_err *err)
{
	size_t k = number % IMAGE_BLOCKS;
	unsigned char *at = i->cache + k * IMAGE_BLOCK;
	uint64_t from = number * IMAGE_BLOCK;
	size_t want = i->size - from < IMAGE_BLOCK ? (size_t)(i->size - from) : IMAGE_BLOCK;

	if (i->failed[number % IMAGE_FAILED] == number + 1) {
		i->failed_at = from;
		return co_fail(err, CO_EMALFORMED, "bytes %llu to %llu of the image are damaged",
			(unsigned long long)from, (unsigned long long)(from + want - 1));
	}
	if (i->held[k] != number + 1) {
		enum co_rc rc;

		i->held[k] = 0;
		rc = whole_read(i, at, want, from, err);
		if (rc != CO_OK) {
			i->failed[number % IMAGE_FAILED] = number + 1;
			i->failed_at = from;
			return rc;
		}
		i->held[k] = number + 1;
		i->held_n[k] = (uint32_t)want;
	}
	*p = at;
	*n = i->held_n[k];
	return CO_OK;
}

enum co_rc
image_read(struct image *i, void *p, size_t n, uint64_t at, size_t *got, struct co_err *err)
{
	unsigned char *to = p;

	*got = 0;
	while (n > 0 && at < i->size) {
		const unsigned char *block;
		size_t have, skip = (size_t)(at % IMAGE_BLOCK), part;

		/* A long read does not push out what stands in the cache. */
		if (skip == 0 && n >= 2 * IMAGE_BLOCK) {
			part = n / IMAGE_BLOCK * IMAGE_BLOCK;
			if (part > i->size - at)
				part = (size_t)(i->size - at);
			TRY(whole_read(i, to, part, at, err));
		} else {
			uint64_t number = at / IMAGE_BLOCK, left = i->size - at;

			part = n < IMAGE_BLOCK - skip ? n : IMAGE_BLOCK - skip;
			part = part < left ? part : (size_t)left;
			if (in_parts(i, number)) {
				TRY(part_get(i, to, part, at, err));
			} else {
				TRY(block_get(i, number, &block, &have, err));
				memcpy(to, block + skip, part);
			}
		}
		to += part;
		at += part;
		n -= part;
		*got += part;
	}
	return CO_OK;
}

static enum co_rc
sources_take(struct image *i, const json_t *job, struct co_err *err)
{
	const json_t *list = json_object_get(job, "sources"), *s;
	const char *name = json_string_value(json_object_get(json_array_get(list, 0), "name"));
	size_t k;

	if (json_array_size(list) == 0 || json_array_size(list) > IMAGE_SOURCES)
		return co_fail(err, CO_EUSAGE, "a job has 1 to %d sources", IMAGE_SOURCES);
	(void)snprintf(i->name, sizeof(i->name), "%s", name == NULL ? "source" : name);
	json_array_foreach(list, k, s)
	{
		i->sizes[k] = (uint64_t)json_integer_value(json_object_get(s, "size"));
		i->size += i->sizes[k];
	}
	i->sources_n = json_array_size(list);
	i->sources = list;
	return CO_OK;
}

enum co_rc
image_open(struct image **out, const json_t *job, struct co_err *err)
{
	image_auto *i = calloc(1, sizeof(*i));
	unsigned char begin[16];
	enum co_rc rc;
	json_t *told;
	size_t n;
	bool known;

	if (i == NULL)
		return co_fail(err, CO_ENOMEM, "image");
	i->socket = EXAMINE_SOCKET;
	i->cache = malloc((size_t)IMAGE_BLOCK * IMAGE_BLOCKS);
	if (i->cache == NULL)
		return co_fail(err, CO_ENOMEM, "image");
	TRY(sources_take(i, job, err));
	n = i->sizes[0] < sizeof(begin) ? (size_t)i->sizes[0] : sizeof(begin);
	rc = source_read(i, 0, begin, n, 0, err);
	if (rc != CO_OK && rc != CO_EMALFORMED)
		return rc;
	/* What cannot be read is no E01. */
	if (rc == CO_OK && ewf_begins(begin, n, &known)) {
		if (!known)
			return co_fail(err, CO_EMALFORMED,
				"%s is an Ex01 or a logical image (L01), which cannot be read "
				"here; "
				"export it as E01 or raw with the tool that made it",
				i->name);
		TRY(ewf_open(&i->ewf, i, err));
		i->size = ewf_size(i->ewf);
	}
	told = json_pack("{s:s,s:I,s:i}", "format", i->ewf != NULL ? "e01" : "raw", "size",
		(json_int_t)i->size, "parts", (int)i->sources_n);
	if (i->ewf != NULL)
		ewf_tell(i->ewf, told);
	TRY(say("image", told, err));
	if (i->ewf != NULL && ewf_damaged(i->ewf))
		TRY(say_note(err,
			"the E01 is damaged or segments are missing: what is not there cannot be "
			"read"));
	*out = CO_TAKE(i);
	return CO_OK;
}

void
image_close(struct image **i)
{
	if (*i == NULL)
		return;
	ewf_close(&(*i)->ewf);
	free((*i)->cache);
	free(*i);
	*i = NULL;
}
