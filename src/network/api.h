/* The local API: HTTP over the unix socket run/api.sock, one path an operation:
 * POST /api/v1/<op> with a bearer token and a JSON body. The socket is mode 0600; who may do what
 * is decided by op_call. Server and client of the same thing stand here, so they cannot drift
 * apart. */
#pragma once

#include "exchange/op.h"

struct api;
/* Serves operations of x on path with a few threads of its own (calls may block). */
enum co_rc api_open(
	struct api **out, const char *path, struct exchange *x, struct co_err *err) CO_NODISCARD;
void api_close(struct api **a);
#define api_auto CO_CLEANUP(api_close) struct api

/* Client: one call. socket_path of a running node; CO_ENETWORK with advice when nothing listens
 * there. A refusal comes back as the node's own code and message. */
enum co_rc api_call(const char *socket_path, const char *token, const char *op, const json_t *in,
	json_t **out, struct co_err *err) CO_NODISCARD;
