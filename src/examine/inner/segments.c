#include "examine/inner/segments.h"

#include <string.h>

/* SECTIONS: of one segment; a terabyte in one has fewer. */
enum { HEADER = 13, NUMBER = 9, SECTION = 76, TYPE = 16, SECTIONS = 1 << 20 };

static uint64_t
little(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

static enum co_rc
cut(const struct segments *s, size_t i, struct co_err *err)
{
	return co_fail(err, CO_EVERIFY,
		"%s is cut or damaged: it has %llu bytes, and its sections go on past them. Get "
		"this segment again from where the image is kept",
		s->name(s->arg, i), (unsigned long long)s->size(s->arg, i));
}

static enum co_rc
header_check(const struct segments *s, size_t i, struct co_err *err)
{
	static const unsigned char begin[] = { 'E', 'V', 'F', 9, 13, 10, 255, 0 };
	unsigned char p[HEADER];

	if (s->size(s->arg, i) < HEADER)
		return cut(s, i, err);
	TRY(s->read(s->arg, i, p, sizeof(p), 0, err));
	if (memcmp(p, begin, sizeof(begin)) != 0)
		return co_fail(err, CO_EVERIFY, "%s is no segment of an E01 image",
			s->name(s->arg, i));
	if (little(p + NUMBER, 2) != i + 1)
		return co_fail(err, CO_EVERIFY,
			"%s stands where segment %zu of the image should be, and says that it is "
			"segment %llu",
			s->name(s->arg, i), i + 1, (unsigned long long)little(p + NUMBER, 2));
	return CO_OK;
}

/* *more: it ends with the word that another one follows. */
static enum co_rc
sections_walk(const struct segments *s, size_t i, bool *more, struct co_err *err)
{
	uint64_t size = s->size(s->arg, i), at = HEADER;
	unsigned char p[SECTION];

	for (size_t k = 0; k < SECTIONS; k++) {
		uint64_t next;

		if (at > size || size - at < SECTION)
			return cut(s, i, err);
		TRY(s->read(s->arg, i, p, sizeof(p), at, err));
		*more = strncmp((const char *)p, "next", TYPE) == 0;
		if (*more || strncmp((const char *)p, "done", TYPE) == 0)
			return CO_OK;
		next = little(p + TYPE, sizeof(next));
		if (next < at + SECTION)
			return cut(s, i, err);
		at = next;
	}
	return co_fail(err, CO_EVERIFY, "%s has more than %d sections: it is no E01 that any tool "
		"makes", s->name(s->arg, i), SECTIONS);
}

enum co_rc
segments_check(const struct segments *s, struct co_err *err)
{
	for (size_t i = 0; i < s->n; i++) {
		bool more;

		TRY(header_check(s, i, err));
		TRY(sections_walk(s, i, &more, err));
		if (more && i + 1 == s->n)
			return co_fail(err, CO_EVERIFY,
				"segment %zu of the image is missing: %s says that another one "
				"follows, and it is not beside it",
				i + 2, s->name(s->arg, i));
		if (!more && i + 1 < s->n)
			return co_fail(err, CO_EVERIFY,
				"%s is the last segment of the image: %s beside it belongs to "
				"another",
				s->name(s->arg, i), s->name(s->arg, i + 1));
	}
	return CO_OK;
}
