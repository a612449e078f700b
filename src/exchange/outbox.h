/* Records of ours on their way. Rows are claimed by the courier's memory, never by a lease: one
 * process sends. A row is settled only by a receipt that verified, in the receipt's own commit.
 * Order: a record is sent only after every record of ours it refers to is settled. */
#pragma once

#include "exchange/exchange.h"
#include "record/wire.h"

struct outbox_row {
	int64_t seq;
	char record_id[CO_UUID_LEN + 1];
	char sha256[SHA256_HEX + 1];
	int lane; /* 0 urgent, 1 usual */
	int attempts;
	int64_t next_us;
	struct co_buf bytes, sig;
};
void outbox_row_deinit(struct outbox_row *r);

enum { LANE_URGENT, LANE_USUAL, LANE_N };

/* Rows after after_seq of one partner and lane that wait and whose time has come; up to n, and up
 * to bytes in total (at least one). *rows_n may be 0; *next_due_us then says when to look again
 * (INT64_MAX: nothing waits). */
enum co_rc outbox_due(struct exchange *x, const char *partner, int lane, int64_t after_seq,
	size_t bytes, struct outbox_row *rows, size_t n, size_t *rows_n, int64_t *next_due_us,
	struct co_err *err) CO_NODISCARD;
/* Every partner that has waiting rows, at start. call(arg, address) for each. */
enum co_rc outbox_partners(struct exchange *x, void (*call)(void *arg, const char *partner),
	void *arg, struct co_err *err) CO_NODISCARD;

/* The partner's answer for rows[i] is items[i]: a receipt is verified against the row and stored; a
 * refusal settles the row as refused when it is final (EMALFORMED, EDENIED, EREFUSED, ECONFLICT,
 * ETOOBIG, EVERIFY, ECERT) and postpones it otherwise. Waits for the disk; n jobs share commits.
 * A wrong receipt (bad signature, other digest) postpones the row and is reported. */
enum co_rc outbox_settle(struct exchange *x, const char *partner, const struct outbox_row *rows,
	const struct wire_item *items, size_t n, struct co_err *err) CO_NODISCARD;
/* The partner can be reached again: everything that waits for it is due now. Waits for the disk. */
enum co_rc outbox_release(struct exchange *x, const char *partner, struct co_err *err) CO_NODISCARD;
/* No answer: back-off with jitter from 1 s to 5 min (urgent) or 30 min (usual). why is kept for the
 * operator. */
enum co_rc outbox_postpone(struct exchange *x, const char *partner, const struct outbox_row *rows,
	size_t n, const char *why, struct co_err *err) CO_NODISCARD;
