/* The API: one path an operation, POST /api/v1/<op> with a bearer token and a JSON body; and
 * GET /api/v1/openapi.json, which describes them. Over HTTP on the unix socket run/api.sock (mode
 * 0600), and at the desk's port, by the same function. Who may do what is decided by op_call_by.
 * Server and client of the same thing stand here, so they cannot drift apart. */
#pragma once

#include "evidence/exhibits.h"
#include "exchange/op.h"
#include "network/divert.h"

#define API_PREFIX "/api/v1/"

/* One call, whatever door it came through; texts are borrowed, NULL where there was none. */
struct api_ask {
	bool post; /* GET otherwise */
	const char *path, *authorization, *body, *url;
	size_t body_n;
};
struct api_answer {
	int status;
	json_t *json; /* owned by the caller; NULL with content, or when out of memory */
	bool stranger; /* the token was not a good one */
	/* attachment.content: bytes instead, to be given as application/octet-stream with
	 * the header Repr-Digest; the caller's, too. */
	struct attachment_content *content;
	uint64_t size;
	char digest[64]; /* of the bytes, as RFC 9530 writes it */
};
/* e may be NULL: then there is no content. */
void api_perform(struct exchange *x, struct evidence *e, const struct api_ask *ask,
	struct api_answer *out);

/* The bytes of attachment.put, whatever door they come through: begin for divert_calls, with what
 * the others need. NULL: it is another request. */
struct api_put *api_put_begin(
	struct exchange *x, struct evidence *e, const struct divert_head *h);
void api_put_add(void *taker, const void *p, size_t n);
void api_put_end(void *taker, struct co_buf *body, const char **media);
void api_put_drop(void *taker);

struct api;
/* Serves operations of x on path with a few threads of its own (calls may block). */
enum co_rc api_open(struct api **out, const char *path, struct exchange *x, struct evidence *e,
	struct co_err *err) CO_NODISCARD;
void api_close(struct api **a);
#define api_auto CO_CLEANUP(api_close) struct api

/* Client: one call. socket_path of a running node; CO_ENETWORK with advice when nothing listens
 * there. A refusal comes back as the node's own code and message. */
/* The bytes of a file for an attachment that attachment.add made room for. progress may be NULL. */
typedef void api_progress(void *arg, uint64_t done, uint64_t of);
enum co_rc api_put(const char *socket_path, const char *token, const char *id, const char *path,
	api_progress *progress, void *arg, json_t **out, struct co_err *err) CO_NODISCARD;
enum co_rc api_call(const char *socket_path, const char *token, const char *op, const json_t *in,
	json_t **out, struct co_err *err) CO_NODISCARD;
