/* The desk's takers of forms with files and of the API's bytes (network/divert.h); arg is the desk.
 * Must never keep a file of somebody whom the page would refuse. Form: RFC 7578. */
#pragma once

#include "desk/inside.h"
#include "network/divert.h"

void *desk_upload_begin(void *arg, const struct divert_head *h);
void desk_upload_add(void *taker, const void *p, size_t n);
void desk_upload_end(void *taker, struct co_buf *body, const char **media);
void desk_upload_drop(void *taker);
