/* Segments of an E01, cut from the input where its first byte says: reads stay within each. */
#include "examine/inner/segments.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

struct two {
	const unsigned char *at[2];
	uint64_t size[2];
};

static const char *
name(void *arg, size_t i)
{
	(void)arg;
	return i == 0 ? "a.E01" : "a.E02";
}

static uint64_t
size(void *arg, size_t i)
{
	return ((const struct two *)arg)->size[i];
}

static enum co_rc
read_(void *arg, size_t i, void *p, size_t n, uint64_t at, struct co_err *err)
{
	const struct two *t = arg;

	(void)err;
	if (at > t->size[i] || n > t->size[i] - at)
		abort();
	memcpy(p, t->at[i] + at, n);
	return CO_OK;
}

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	struct two t;
	struct segments s = { .n = 2, .name = name, .size = size, .read = read_, .arg = &t };
	struct co_err err = { 0 };
	size_t first;

	if (n == 0)
		return 0;
	first = (n - 1) * p[0] / 255;
	t.at[0] = p + 1;
	t.size[0] = first;
	t.at[1] = p + 1 + first;
	t.size[1] = n - 1 - first;
	if (first == n - 1)
		s.n = 1;
	if (segments_check(&s, &err) != CO_OK && err.msg[0] == '\0')
		abort();
	return 0;
}
