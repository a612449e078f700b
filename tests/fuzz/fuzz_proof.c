/* A tlog-proof from a partner or a package; what is accepted prints as the same text. */
#include "ledger/note.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	static struct proof proof;
	co_auto_buf out;

	co_buf_init(&out, 2 * n + 1024);
	if (proof_parse(&proof, (const char *)p, n, NULL) != CO_OK)
		return 0;
	if (proof_print(proof.index, proof.hashes, proof.hashes_n,
		    proof.extra_n > 0 ? proof.extra : NULL, proof.extra_n,
		    (const char *)p + proof.note_at, n - proof.note_at, &out, NULL) == CO_OK) {
		assert(out.len == n);
		assert(memcmp(out.data, p, n) == 0);
	}
	return 0;
}
