/* Where the bytes come from: the caller, at the other end of the socket. A file of its own, so that
 * a fuzz target can give them from memory. */
#include "base/fs.h"
#include "examine/inner/image.h"

enum co_rc
source_read(struct image *i, size_t source, void *p, size_t n, uint64_t at, struct co_err *err)
{
	unsigned char *to = p;

	while (n > 0) {
		struct examine_ask ask = { .at = at,
			.n = n < EXAMINE_READ ? (uint32_t)n : EXAMINE_READ,
			.source = (uint32_t)source };
		struct examine_given given;
		size_t got;

		TRY(co_write_all(i->socket, &ask, sizeof(ask), err));
		TRY(co_read_full(i->socket, &given, sizeof(given), &got, err));
		if (got == sizeof(given) && given.n == 0)
			return co_fail(err, CO_EMALFORMED,
				"the source cannot be read there (%u bytes from byte %llu on)",
				(unsigned)ask.n, (unsigned long long)at);
		if (got == sizeof(given))
			TRY(co_read_full(i->socket, to, ask.n, &got, err));
		if (got != ask.n || given.n != ask.n)
			return co_fail(err, CO_EIO, "the image is not given any more");
		i->asked += got;
		to += got;
		at += got;
		n -= got;
	}
	return CO_OK;
}
