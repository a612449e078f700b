/* wire_parse on any bytes; what it takes must be written again to the same bytes. */
#include "record/wire.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	struct wire_item items[LIMIT_BATCH_RECORDS];
	size_t items_n = 0;
	co_auto_buf b;

	co_buf_init(&b, LIMIT_BATCH_BYTES);
	if (wire_parse(p, n, items, &items_n, NULL) != CO_OK)
		return 0;
	if (wire_begin(&b, (uint32_t)items_n, NULL) != CO_OK)
		abort();
	for (size_t i = 0; i < items_n; i++)
		if (wire_add(&b, &items[i], NULL) != CO_OK)
			abort();
	if (b.len != n || memcmp(b.data, p, n) != 0)
		abort();
	return 0;
}
