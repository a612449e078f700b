/* The body of POST /v1/records and of its answer: application/vnd.comity.records.
 *   "CMT1", u32 n, then n items of: u8 type, u32 len, bytes, u32 sig_len, sig      (big-endian)
 * type 1 = record with its signature; type 2 (answers only) = refusal, bytes are JSON
 * {"error":"ENAME","id":"...","message":"..."} and sig_len is 0. Nothing may follow. */
#pragma once

#include "base/buf.h"
#include "base/limits.h"

enum wire_type { WIRE_RECORD = 1, WIRE_REFUSAL = 2 };

struct wire_item {
	enum wire_type type;
	const void *p; /* borrowed from the body */
	size_t n;
	const void *sig;
	size_t sig_n;
};

enum co_rc wire_begin(struct co_buf *out, uint32_t n, struct co_err *err) CO_NODISCARD;
enum co_rc wire_add(struct co_buf *out, const struct wire_item *item, struct co_err *err)
	CO_NODISCARD;
/* items has room for LIMIT_BATCH_RECORDS; *n tells how many. Borrowed from p. */
enum co_rc wire_parse(const void *p, size_t n, struct wire_item *items, size_t *items_n,
	struct co_err *err) CO_NODISCARD;
