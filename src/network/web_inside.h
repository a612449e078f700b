/* What web.c and web_stream.c share. Private to the room; must never be included by another:
 * its structs hold libevent's. */
#pragma once

#include "network/loop.h"
#include "base/limits.h"
#include "network/web.h"

#include <event2/keyvalq_struct.h>
#include <sys/queue.h>
#include <pthread.h>
#include <stdatomic.h>

enum { WEB_LOOPS_MAX = 16 };

struct web_loop {
	struct web *owner;
	struct loop *loop;
	struct divert *divert;
	struct event *wake; /* streams of this loop have something to send */
	pthread_mutex_t lock;
	struct web_stream *streams;
};

struct web {
	struct web_conf conf;
	struct web_loop loops[WEB_LOOPS_MAX];
	unsigned loops_n;
	uint16_t port;
	int fd;
	atomic_uint streams_n;
};

struct web_request {
	struct evhttp_request *req;
	struct web_loop *home;
	char *path; /* decoded */
	struct evkeyvalq query, fields;
	char cookie[256];
	char peer[PROXY_ADDRESS];
	bool answered;
};

/* Decoded, from the first "/", as text without NUL; freed by the caller. NULL: not such. */
char *web_path_read(const char *raw);
/* A query or a form: names and values as text, LIMIT_DESK_FIELDS at most. out is to be cleared
 * whatever came of it. */
bool web_pairs(const char *text, struct evkeyvalq *out);
bool web_is_head(const struct web_request *req);
bool web_takes_gzip(const struct web_request *req);
/* web_give for a request of any server; other headers are set. gzip: Content-Encoding says so. */
void give_start(struct evhttp_request *req, const char *media, uint64_t size, bool gzip,
	web_pull *pull, web_end *end, void *arg);

/* A loop's event for its streams, before its thread runs. */
enum co_rc web_streams_begin(struct web_loop *l, struct event_base *base, struct co_err *err);
/* After the loop's thread has ended: tells every stream's owner, frees. */
void web_streams_end(struct web_loop *l);
