/* An event loop on a thread of its own, with an HTTP server over a socket that listens already.
 * It must never know what is served: callers set the callbacks. */
#pragma once

#include "base/err.h"

#include <event2/event.h>
#include <event2/http.h>

struct loop;
/* listen_fd stays the caller's and must be non-blocking; several loops may share it. setup is
 * called before the thread runs, to set limits, callbacks and how connections are made. */
typedef void loop_setup(struct evhttp *http, struct loop *l, void *arg);
enum co_rc loop_start(struct loop **out, int listen_fd, loop_setup *setup, void *arg,
	struct co_err *err) CO_NODISCARD;
/* The thread ends after grace_ms more of service. Requests that somebody still holds stay valid. */
void loop_stop(struct loop **l, int grace_ms);
/* After loop_stop, when nobody holds a request any more: closes what is open. */
void loop_free(struct loop **l);
struct event_base *loop_base(struct loop *l);
