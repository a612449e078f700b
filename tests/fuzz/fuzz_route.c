/* A partner's path, or after a newline its Range header. What route_range takes must lie within the
 * file. */
#include "network/route.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

static void
range_check(const char *header)
{
	static const uint64_t sizes[] = { 0, 1, 16400, UINT64_MAX };

	for (size_t i = 0; i < CO_ARRAY_LEN(sizes); i++) {
		uint64_t from, n;

		if (route_range(header, sizes[i], &from, &n, NULL) != CO_OK)
			continue;
		if (n == 0 || from >= sizes[i] || n > sizes[i] - from)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	char *text = strndup((const char *)p, n), *header;
	struct route r;

	if (text == NULL)
		return 0;
	header = strchr(text, '\n');
	if (header != NULL)
		*header++ = '\0';
	if (route_parse(text, &r, NULL) == CO_OK) {
		if (r.what == ROUTE_EXHIBIT && !co_uuid_valid(r.id))
			abort();
		if ((r.what == ROUTE_TILE || r.what == ROUTE_ENTRIES) &&
			(r.width == 0 || r.width > 256 || r.level > 63))
			abort();
	}
	if (header != NULL)
		range_check(header);
	free(text);
	return 0;
}
