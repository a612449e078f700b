/* HTTP for people and programs of the own house: the desk and its API, on loopback or behind a
 * proxy. A few loops of its own; a handler may block, since other loops go on. Owns the protocol:
 * limits, headers that every answer carries, compression, streams of server-sent events. Must never
 * know a page, a session or an operation: the desk does. */
#pragma once

#include "base/buf.h"
#include "crypto/cert.h"
#include "network/divert.h"
#include "network/proxy.h"

#include <stdbool.h>
#include <stddef.h>

struct web;
struct door;
struct web_request; /* lives until web_reply or web_stream; one thread */

enum web_method { WEB_GET, WEB_POST };

typedef void web_handler(struct web_request *req, void *arg);

struct web_conf {
	const char *address; /* IP to bind */
	uint16_t port;       /* 0: any free one, see web_port */
	unsigned loops;      /* 0: 4 */
	size_t body_max;
	struct door *door;    /* TLS that asks for a certificate (crypto/door.h); or NULL */
	web_handler *handler; /* called on a loop's thread; must reply, now */
	void *arg;
	const struct divert_calls *takers; /* of bodies too large to hold, with arg; NULL: none */
	const struct proxies *proxies;     /* of the house, that stand before it; NULL: none */
};
enum co_rc web_open(struct web **out, const struct web_conf *conf, struct co_err *err) CO_NODISCARD;
/* Ends streams and loops; answers under way finish for a moment. */
void web_close(struct web **w);
uint16_t web_port(const struct web *w);

/* ---- what was asked; borrowed until the reply ---- */
enum web_method web_method(const struct web_request *req);
const char *web_path(const struct web_request *req);                     /* decoded, "/case/.." */
const char *web_header(const struct web_request *req, const char *name); /* NULL: none */
const char *web_query(const struct web_request *req, const char *name);  /* decoded; NULL: none */
/* A field of an application/x-www-form-urlencoded body. i counts fields of one name. */
const char *web_field(const struct web_request *req, const char *name, size_t i);
/* All fields in their order; false after the last. */
bool web_field_at(const struct web_request *req, size_t i, const char **name, const char **value);
/* RFC 6265 5.4: "a=b; c=d". Cookies are short here: an opaque token. */
bool web_cookie_read(const char *header, const char *name, char *out, size_t cap);
const char *web_cookie(struct web_request *req, const char *name); /* NULL: none */
const char *web_body(const struct web_request *req, size_t *n);
/* The reader's address; behind a proxy of the house, as that says. */
const char *web_peer(const struct web_request *req);
/* What the browser showed at the door; NULL: nothing, or no door. The caller frees. */
struct cert *web_certificate(const struct web_request *req);

/* ---- the answer ---- */
/* Before the reply; a value with a line break is our own mistake (asserted). */
void web_set(struct web_request *req, const char *name, const char *value);
/* Compressed where the client takes it and it is worth it. HEAD is answered like GET, without body.
 */
void web_reply(struct web_request *req, int status, const char *media, const void *body, size_t n);

/* The same for what is too large to hold: size bytes, asked for as they are taken, on the loop's
 * thread, a few milliseconds at a time. *n is 0 at the end; an error breaks the connection off, and
 * the reader sees that it was not the whole. end is called once, whatever came of it. */
enum { WEB_PIECE = 16384 };
#define WEB_SIZE_UNKNOWN UINT64_MAX /* text that is made on the way: in chunks, compressed */
typedef enum co_rc web_pull(void *arg, unsigned char *out, size_t *n, struct co_err *err);
typedef void web_end(void *arg);
void web_give(struct web_request *req, const char *media, uint64_t size, web_pull *pull,
	web_end *end, void *arg);

/* ---- server-sent events ---- */
struct web_stream;
/* Takes the place of the reply. Kept alive by a comment now and then. NULL: the request was
 * answered (HEAD; or 503, when LIMIT_DESK_STREAMS are open). gone is called once, on the loop's
 * thread, when the reader left or the server closes; the stream must not be used after it returns.
 */
typedef void web_gone(struct web_stream *s, void *arg);
struct web_stream *web_stream_open(struct web_request *req, web_gone *gone, void *arg);
/* From any thread, until gone was called: the caller's lock must see to that. Copies. A reader too
 * slow for LIMIT_DESK_STREAM_BYTES is dropped. */
void web_stream_send(struct web_stream *s, const char *event, const char *data);
