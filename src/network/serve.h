/* What the listener answers at once: texts, ranges of sealed exhibits, the ledger, the directory
 * entry. */
#pragma once

#include "network/listener.h"
#include "network/route.h"

struct evhttp_request;
void serve_type(struct evhttp_request *req, const char *media);
void serve_text(struct evhttp_request *req, int status, const char *text);
/* The status that fits err's code, with its message. */
void serve_failure(struct evhttp_request *req, const struct co_err *err);
void serve_read(const struct listener_conf *conf, struct evhttp_request *req, const struct route *r,
	const char *peer);
