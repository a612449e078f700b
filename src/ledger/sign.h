/* Inside the room: a ledger that is signed by whatever function is given. ledger_open gives the
 * keeper; tests give a key. */
#pragma once

#include "ledger/ledger.h"

/* text: the three lines of a checkpoint. */
typedef enum co_rc ledger_sign(
	void *arg, const char *text, size_t n, unsigned char sig[ED25519_SIG], struct co_err *err);

enum co_rc ledger_open_signed(struct ledger **out, struct store *s, ledger_sign *sign,
	void *sign_arg, const char *origin, const unsigned char pub[ED25519_PUB],
	ledger_stamp *stamp, void *stamp_arg, struct co_err *err) CO_NODISCARD;
