/* Bodies that are too large to hold. libevent's HTTP server keeps the body of a request whole
 * before it calls anybody; so this stands between the socket and it, knows where a request begins
 * and ends (RFC 9112 6), and gives a body that its owner takes to the owner in pieces. The server
 * then gets the same request with a short body that the owner wrote instead. Requests that nobody
 * takes pass untouched, and so does everything on a connection once it is not plain: whatever this
 * cannot frame exactly as the server does, it never takes. Must never answer, nor know a page. */
#pragma once

#include "base/buf.h"
#include "base/limits.h"

#include <event2/bufferevent.h>

/* The head of a POST, borrowed for a call. */
struct divert_head {
	const char *path; /* with its query, as it came */
	uint64_t length;  /* of the body */
	const char *lines;
};
/* The value of a header that stands once; "" when it does not. Into out (cap bytes), or false. */
bool divert_header(const struct divert_head *h, const char *name, char *out, size_t cap);

struct divert_calls {
	/* A taker for this body; NULL: let it pass. */
	void *(*begin)(void *arg, const struct divert_head *h);
	/* Blocks until they are taken: the sender waits. What goes wrong, the taker remembers. */
	void (*add)(void *taker, const void *p, size_t n);
	/* All came: what the server gets, and of which type. Then the taker is gone. */
	void (*end)(void *taker, struct co_buf *body, const char **media);
	void (*drop)(void *taker); /* the connection broke */
};

struct divert;
enum co_rc divert_new(struct divert **out, struct event_base *base,
	const struct divert_calls *calls, void *arg, struct co_err *err) CO_NODISCARD;
void divert_free(struct divert **d);
/* A connection, before its first byte; false when memory is out: then it takes nothing. */
bool divert_watch(struct divert *d, struct bufferevent *bev);
/* For evhttp_set_bevcb, where no TLS is spoken; arg is a struct divert. */
struct bufferevent *divert_bev(struct event_base *base, void *arg);
