/* A node on hold signs nothing: no record, no receipt, no checkpoint. It is put on hold when it is
 * found to run on an old copy of itself (network/witness.h), for what it signed would contradict
 * what partners hold; an administrator ends it. Reading goes on, and so do events. */
#pragma once

#include "exchange/exchange.h"

enum { HOLD_TEXT = 400 };
/* why: what was found and what to do, for a person; NULL ends it. Any thread. */
void exchange_hold(struct exchange *x, const char *why);
/* CO_EREFUSED with the reason while it is on hold. */
enum co_rc exchange_held(struct exchange *x, struct co_err *err) CO_NODISCARD;
