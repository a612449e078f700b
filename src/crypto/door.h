/* TLS for people: the desk's own door for browsers, which asks for a client certificate and takes
 * whichever is shown. The handshake proves that who shows it holds its key; who that is, and
 * whether it still counts, the caller decides by its fingerprint. Must never serve partners: they
 * are admitted by the directory's pins (crypto/tls.h). TLS 1.3, RFC 8446 4.3.2. */
#pragma once

#include "crypto/cert.h"

struct ssl_st; /* OpenSSL's SSL, opaque to every other room */
struct door;

/* pem: the chain, leaf first, and its private key. */
enum co_rc door_new(
	struct door **out, const char *pem, size_t n, struct co_err *err) CO_NODISCARD;
void door_free(struct door **d);
#define door_auto CO_CLEANUP(door_free) struct door

/* A server side session for an accepted socket (caller frees with the bufferevent). */
enum co_rc door_accept(struct door *d, struct ssl_st **out, struct co_err *err) CO_NODISCARD;
/* What was shown in a finished handshake, whatever its dates and issuer; NULL: nothing. */
struct cert *door_shown(const struct ssl_st *ssl);
