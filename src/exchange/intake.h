/* What arrives from a partner: verify (peer, signature, directory, replay, schema, order, state),
 * commit record + leaf + receipt + its leaf in one job, then answer with the signed receipt.
 * A duplicate is answered with the stored receipt; the same id with other bytes is refused
 * (CO_ECONFLICT), logged as an event and reported. Nothing refused is stored as a record. */
#pragma once

#include "exchange/exchange.h"
#include "record/wire.h"

/* answer: body for the wire; borrowed during the call. When intake_records returns CO_OK it is
 * called exactly once, on the writer thread or before the return; after an error (the body is no
 * batch of records at all, or memory is out) never. body is borrowed for the call only. */
typedef void intake_answer(void *arg, const struct co_buf *answer);
enum co_rc intake_records(struct exchange *x, const char *peer, const void *body, size_t n,
	intake_answer *answer, void *arg, struct co_err *err) CO_NODISCARD;
