/* A client's request to a partner: libcurl with our TLS, pinned to one address. It must never
 * follow a redirect, use a proxy, or trust the web's certificate authorities. */
#pragma once

#include "crypto/tls.h"
#include "exchange/partner.h"

#include <curl/curl.h>
#include <stdbool.h>

/* Common settings of every easy handle that talks to a partner: https only, no proxy, no redirects,
 * HTTP/1.1, TCP_NODELAY, time-outs, the TLS callback for `address` (which must outlive the handle).
 */
enum co_rc http_prepare(CURL *easy, struct tls *tls, const char *address, const char *url,
	struct co_err *err) CO_NODISCARD;
/* The same for ranges of sealed content: large reads, the cheapest cipher. */
enum co_rc http_prepare_bulk(CURL *easy, struct tls *tls, const char *address, const char *url,
	struct co_err *err) CO_NODISCARD;
/* Ends a GET early, looked at about once a second: who waits for a partner that is silent can
 * stop. */
struct http_until {
	bool (*over)(void *arg);
	void *arg;
};
/* One GET of at most a minute, or until it is over (NULL: never); body appended to out (its ceiling
 * holds); *status may be anything. header_name may be NULL, otherwise that response header's value
 * is copied into header (cap bytes). */
enum co_rc http_get(struct tls *tls, const struct partner *p, const char *path,
	const struct http_until *until, struct co_buf *out, long *status, const char *header_name,
	char *header, size_t cap, struct co_err *err) CO_NODISCARD;
/* The same with a header of the request, as "If-None-Match: x". */
enum co_rc http_get_if(struct tls *tls, const struct partner *p, const char *path,
	const char *request_header, const struct http_until *until, struct co_buf *out,
	long *status, struct co_err *err) CO_NODISCARD;
/* What a curl failure means for an operator: TLS reasons included. */
void http_reason(CURLcode code, char *out, size_t cap);
