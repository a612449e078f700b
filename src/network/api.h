/* The API: one path an operation, POST /api/v1/<op> with a bearer token and a JSON body; and
 * GET /api/v1/openapi.json, which describes them. Over HTTP on the unix socket run/api.sock (mode
 * 0600), and at the desk's port, by the same function. Who may do what is decided by op_call_by.
 * Server and client of the same thing stand here, so they cannot drift apart. */
#pragma once

#include "exchange/op.h"

#define API_PREFIX "/api/v1/"

/* One call, whatever door it came through; texts are borrowed, NULL where there was none. */
struct api_ask {
	bool post; /* GET otherwise */
	const char *path, *authorization, *body, *url;
	size_t body_n;
};
/* Always an answer (owned by the caller; NULL when out of memory); returns its HTTP status.
 * *stranger: the token was not a good one. */
int api_perform(struct exchange *x, const struct api_ask *ask, json_t **answer,
	bool *stranger) CO_NODISCARD;

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
