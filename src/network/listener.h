/* The partners' side: HTTPS with TLS 1.3 and a client certificate that the directory admits,
 * checked before any byte of HTTP is parsed. A loop a core; no handler may block. Routes:
 * docs/protocol.md. */
#pragma once

#include "crypto/tls.h"
#include "evidence/exhibits.h"

struct listener_conf {
	const char *address; /* IP to bind */
	uint16_t port;
	unsigned loops; /* 0: one a core */
	struct tls *tls;
	struct exchange *exchange;
	struct evidence *evidence;
	/* Our own directory entry as a wire body of one record, and its tag (RFC 9110 8.8.3);
	 * called from any loop. out stays empty when what the peer has is the present one. */
	enum co_rc (*entry)(void *arg, const char *peer, const char *have,
		char tag[CO_UUID_LEN + 3], struct co_buf *out, struct co_err *err);
	void *entry_arg;
	/* told of every request, with its sender; any loop; may be NULL */
	void (*seen)(void *arg, const char *peer);
	void *seen_arg;
};

struct listener;
enum co_rc listener_open(
	struct listener **out, const struct listener_conf *conf, struct co_err *err) CO_NODISCARD;
/* Stops accepting, lets answers under way finish for a moment, ends the loops. */
void listener_close(struct listener **l);
