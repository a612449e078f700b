/* Keeps directory entries from ending unseen: a thread that writes our own anew before it ends and
 * fetches those of accepted partners, first a minute after the start, then four times a day. It
 * trusts nobody: what it may take in is judged in directory_offer.c. */
#pragma once

#include "network/directory.h"

struct renewer;
/* Close before the directory. */
enum co_rc renewer_open(struct renewer **out, struct exchange *x, struct directory *d,
	struct co_err *err) CO_NODISCARD;
/* A fetch under way ends within its time-out. */
void renewer_close(struct renewer **r);
