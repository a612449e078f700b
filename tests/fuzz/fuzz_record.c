/* record_parse on any bytes; what it takes must print, and parse again to the same. */
#include "record/record.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	struct co_err err = { 0 };
	record_auto r, again;
	co_auto_buf one, two;

	record_init(&again);
	co_buf_init(&one, LIMIT_RECORD);
	co_buf_init(&two, LIMIT_RECORD);
	if (record_parse(&r, p, n, &err) != CO_OK) {
		if (err.msg[0] == '\0' || r.body != NULL)
			abort();
		return 0;
	}
	/* The time alone may grow in printing: .1Z becomes .100000Z. */
	if (n > LIMIT_RECORD - 16)
		return 0;
	if (record_print(&r, &one, &err) != CO_OK ||
	    record_parse(&again, one.data, one.len, &err) != CO_OK ||
	    record_print(&again, &two, &err) != CO_OK)
		abort();
	if (one.len != two.len || memcmp(one.data, two.data, one.len) != 0 ||
	    !json_equal(r.body, again.body))
		abort();
	if (r.at_us != again.at_us || r.refs_n != again.refs_n ||
	    strcmp(r.officer, again.officer) != 0)
		abort();
	return 0;
}
