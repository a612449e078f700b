/* Receipts: made for what arrived (intake), checked when they come back (outbox). Private to the
 * room. Format: docs/protocol.md, kind receipt. */
#pragma once

#include "exchange/exchange.h"

struct receipt_ask {
	const struct record *of;
	const unsigned char *sha256; /* of the record's bytes */
	const struct hash *leaf;     /* the record's leaf here */
	int64_t received_us;
	int64_t skew_s; /* the sender's clock minus ours, as far as at tells */
};
/* Fills r and prints it. r is initialised. */
enum co_rc receipt_print(const char *address, const struct receipt_ask *ask, struct record *r,
	struct co_buf *out, struct co_err *err) CO_NODISCARD;
/* Is r from partner to us, and for exactly this record? *received_us is what the partner's clock
 * said. */
enum co_rc receipt_check(const struct record *r, const char *partner, const char *address,
	const char *id, const char *sha256, int64_t *received_us, struct co_err *err) CO_NODISCARD;
