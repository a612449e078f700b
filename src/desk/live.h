/* Live pages: each open inbox holds a stream and hears that something changed. The page then asks
 * again with its own session; nothing of content must ever go through here. */
#pragma once

#include "desk/inside.h"

enum co_rc live_open(struct live **out, struct exchange *x, struct co_err *err) CO_NODISCARD;
void live_close(struct live **l);
/* Where everything stands, as text: asked before a page is made, so that its stream can begin from
 * there and nothing in between is missed. Empty: could not be read. */
enum { LIVE_MARK_LEN = 48 };
void live_now(struct live *l, char mark[LIVE_MARK_LEN]);
/* Answers the visit with a stream of what changed since a mark; NULL: from now on. CO_EUSAGE: that
 * is no mark, and nothing was answered. */
enum co_rc live_join(
	struct live *l, struct web_request *req, const char *since, struct co_err *err)
	CO_NODISCARD;
