/* Live pages: each open inbox holds a stream and hears that something changed. The page then asks
 * again with its own session; nothing of content must ever go through here. */
#pragma once

#include "desk/inside.h"

enum co_rc live_open(struct live **out, struct exchange *x, struct co_err *err) CO_NODISCARD;
void live_close(struct live **l);
/* Answers the visit with a stream. */
void live_join(struct live *l, struct web_request *req);
