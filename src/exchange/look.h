/* The access log of programs: what an officer's token was shown of a case, beside what the desk
 * notes of its pages. Must never let something be seen that could not be noted: the caller drops
 * the answer when this fails. */
#pragma once

#include "exchange/op.h"

/* Does nothing for an operation that shows no case. Waits for the disk. */
enum co_rc look_note(struct exchange *x, const char *officer, const char *op, const json_t *in,
	const json_t *out, struct co_err *err) CO_NODISCARD;
