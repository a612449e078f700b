#include "network/api.h"

#include "base/enc.h"
#include "base/log.h"
#include "evidence/attach.h"
#include "exchange/op_shape.h"
#include "network/web_inside.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

enum {
	API_LOOPS = 3, /* calls may wait for the disk or a partner; others go on meanwhile */
	API_IDLE_S = 600,
	API_BACKLOG = 64
};

struct api {
	struct exchange *x;
	struct evidence *e;
	struct loop *loops[API_LOOPS];
	struct divert *diverts[API_LOOPS];
	int fd;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

/* One row a code that callers tell apart; everything else is 500. */
static const struct {
	enum co_rc rc;
	int status;
} api_status[] = {
	{ CO_EMALFORMED, 400 },
	{ CO_EUSAGE, 400 },
	{ CO_ETOOBIG, 413 },
	{ CO_ENOTFOUND, 404 },
	{ CO_EDENIED, 403 },
	{ CO_EREFUSED, 409 },
	{ CO_EEXISTS, 409 },
	{ CO_ECONFLICT, 409 },
	{ CO_EBUSY, 503 },
	{ CO_ENOSPACE, 507 },
	{ CO_ENETWORK, 502 },
	{ CO_ETIMEOUT, 504 },
	{ CO_EVERIFY, 422 },
	{ CO_ECERT, 422 },
};

static void
api_reply(struct evhttp_request *req, int status, const json_t *answer)
{
	struct evbuffer *out = evbuffer_new();
	char *text = json_dumps(answer, JSON_COMPACT);

	(void)evhttp_add_header(
		evhttp_request_get_output_headers(req), "Content-Type", "application/json");
	if (out == NULL || text == NULL || evbuffer_add(out, text, strlen(text)) != 0)
		evhttp_send_reply(req, HTTP_INTERNAL, NULL, NULL);
	else
		evhttp_send_reply(req, status, NULL, out);
	free(text);
	if (out != NULL)
		evbuffer_free(out);
}

static int
api_refusal(const struct co_err *err, json_t **answer)
{
	*answer = json_pack("{s:s, s:s}", "error", co_rc_name(err->rc), "message", err->msg);
	if (*answer == NULL) /* the message was not UTF-8 */
		*answer = json_pack(
			"{s:s, s:s}", "error", co_rc_name(err->rc), "message", co_rc_text(err->rc));
	for (size_t i = 0; i < CO_ARRAY_LEN(api_status); i++)
		if (api_status[i].rc == err->rc)
			return api_status[i].status;
	return HTTP_INTERNAL;
}

static enum co_rc
api_body(const struct api_ask *ask, json_t **out, struct co_err *err)
{
	json_error_t where;

	if (ask->body_n == 0) {
		*out = json_object();
		return *out == NULL ? co_fail(err, CO_ENOMEM, "the request") : CO_OK;
	}
	*out = ask->body == NULL
		? NULL
		: json_loadb(ask->body, ask->body_n, JSON_REJECT_DUPLICATES, &where);
	if (*out == NULL)
		return co_fail(err, CO_EMALFORMED, "the body is not JSON: line %d: %s",
			ask->body == NULL ? 0 : where.line,
			ask->body == NULL ? "out of memory" : where.text);
	if (!json_is_object(*out)) {
		json_decref(*out);
		*out = NULL;
		return co_fail(err, CO_EMALFORMED, "the body must be a JSON object");
	}
	return CO_OK;
}

static enum co_rc
api_call_op(struct exchange *x, const struct api_ask *ask, json_t **answer, bool *stranger,
	struct co_err *err)
{
	const char *auth = ask->authorization, *op = ask->path + sizeof(API_PREFIX) - 1;
	struct caller who;
	json_t *in = NULL;
	enum co_rc rc;

	if (!ask->post)
		return co_fail(err, CO_EUSAGE, "POST it");
	if (auth == NULL || strncmp(auth, "Bearer ", 7) != 0)
		return co_fail(
			err, CO_EDENIED, "no token: send a header Authorization: Bearer TOKEN");
	/* The body of a stranger is not even parsed. */
	rc = op_caller(x, auth + 7, &who, err);
	*stranger = rc == CO_EDENIED;
	if (rc == CO_OK)
		rc = api_body(ask, &in, err);
	if (rc == CO_OK)
		rc = op_call_by(x, &who, op, in, answer, err);
	json_decref(in);
	return rc;
}

/* The operation opened it, and noted who asked; its answer, with the key, goes nowhere. */
static enum co_rc
api_content(struct evidence *e, struct api_answer *out, struct co_err *err)
{
	const char *hex = json_string_value(json_object_get(out->json, "sha256"));
	unsigned char digest[SHA256_LEN];
	co_auto_buf text;
	json_t *opened = out->json;
	enum co_rc rc;

	co_buf_init(&text, sizeof(out->digest));
	out->json = NULL;
	out->size = (uint64_t)json_integer_value(json_object_get(opened, "size"));
	rc = e == NULL ? co_fail(err, CO_EREFUSED, "there is no vault at this door")
		       : attachment_content_open(&out->content, e, opened, err);
	if (rc == CO_OK && hex != NULL && co_unhex(hex, digest, sizeof(digest)) &&
		co_base64_add(&text, digest, sizeof(digest), NULL) == CO_OK)
		(void)snprintf(out->digest, sizeof(out->digest), "sha-256=:%s:", text.data);
	json_decref(opened);
	return rc;
}

void
api_perform(struct exchange *x, struct evidence *e, const struct api_ask *ask,
	struct api_answer *out)
{
	struct co_err err = { CO_OK, "" };

	*out = (struct api_answer){ .status = HTTP_OK };
	if (ask->path == NULL || strncmp(ask->path, API_PREFIX, sizeof(API_PREFIX) - 1) != 0)
		(void)co_fail(&err, CO_ENOTFOUND, "operations are at %s<operation>", API_PREFIX);
	else if (!ask->post && strcmp(ask->path, API_PREFIX "openapi.json") == 0)
		out->json = openapi_make(x, ask->url);
	else if (api_call_op(x, ask, &out->json, &out->stranger, &err) == CO_OK &&
		strcmp(ask->path, API_PREFIX "attachment.content") == 0)
		(void)api_content(e, out, &err);
	if (err.rc != CO_OK)
		out->status = api_refusal(&err, &out->json);
}

static void
api_request(struct evhttp_request *req, void *arg)
{
	struct api *a = arg;
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(req);
	struct evkeyvalq *heads = evhttp_request_get_input_headers(req);
	struct evkeyvalq *told = evhttp_request_get_output_headers(req);
	struct evbuffer *in = evhttp_request_get_input_buffer(req);
	struct api_ask ask = { .post = evhttp_request_get_command(req) == EVHTTP_REQ_POST,
		.path = uri == NULL ? NULL : evhttp_uri_get_path(uri),
		.authorization = evhttp_find_header(heads, "Authorization"),
		.body = (const char *)evbuffer_pullup(in, -1),
		.url = "http://localhost",
		.body_n = evbuffer_get_length(in) };
	struct api_answer answer;

	api_perform(a->x, a->e, &ask, &answer);
	if (answer.content != NULL) {
		(void)evhttp_add_header(told, "X-Content-Type-Options", "nosniff");
		(void)evhttp_add_header(told, "Repr-Digest", answer.digest);
		give_start(req, "application/octet-stream", answer.size, false,
			attachment_content_next, attachment_content_end, answer.content);
		return;
	}
	api_reply(req, answer.status, answer.json);
	json_decref(answer.json);
}

static void *
api_divert(void *arg, const struct divert_head *h)
{
	struct api *a = arg;

	return api_put_begin(a->x, a->e, h);
}

static void
api_setup(struct evhttp *http, struct loop *l, void *arg)
{
	static const struct divert_calls calls = { api_divert, api_put_add, api_put_end,
		api_put_drop };
	struct api *a = arg;
	struct divert **d = a->diverts;

	while (*d != NULL)
		d++;
	if (a->e != NULL && divert_new(d, loop_base(l), &calls, a, NULL) == CO_OK)
		evhttp_set_bevcb(http, divert_bev, *d);
	evhttp_set_gencb(http, api_request, arg);
	evhttp_set_timeout(http, API_IDLE_S);
	evhttp_set_max_headers_size(http, LIMIT_HTTP_HEADERS);
	evhttp_set_max_body_size(http, LIMIT_API_BODY);
	evhttp_set_allowed_methods(http, EVHTTP_REQ_POST | EVHTTP_REQ_GET);
}

static enum co_rc
api_address(const char *path, struct sockaddr_un *un, struct co_err *err)
{
	*un = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(un->sun_path))
		return co_fail(err, CO_ETOOBIG,
			"%s: a socket's path has at most %zu characters; use a shorter folder",
			path, sizeof(un->sun_path) - 1);
	memcpy(un->sun_path, path, strlen(path) + 1);
	return CO_OK;
}

static enum co_rc
api_listen(struct api *a, struct co_err *err)
{
	struct sockaddr_un un;
	mode_t before;
	int r;
	enum co_rc rc = api_address(a->path, &un, err);

	if (rc != CO_OK)
		return rc;
	a->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (a->fd < 0)
		return co_fail_errno(err, "socket");
	/* One node a folder is held by the store's lock; what is left here is of a dead one. */
	(void)unlink(a->path);
	before = umask(0177);
	r = bind(a->fd, (const struct sockaddr *)&un, sizeof(un));
	(void)umask(before);
	if (r != 0 || listen(a->fd, API_BACKLOG) != 0)
		return co_fail_errno(err, "listen on %s", a->path);
	return CO_OK;
}

enum co_rc
api_open(struct api **out, const char *path, struct exchange *x, struct evidence *e,
	struct co_err *err)
{
	struct api *a = calloc(1, sizeof(*a));
	enum co_rc rc;

	if (a == NULL)
		return co_fail(err, CO_ENOMEM, "the local API");
	a->x = x;
	a->e = e;
	a->fd = -1;
	(void)snprintf(a->path, sizeof(a->path), "%s", path);
	rc = strlen(path) < sizeof(a->path)
		? api_listen(a, err)
		: co_fail(err, CO_ETOOBIG, "%s: too long a path for a socket", path);
	for (size_t i = 0; rc == CO_OK && i < API_LOOPS; i++)
		rc = loop_start(&a->loops[i], a->fd, api_setup, a, err);
	if (rc != CO_OK) {
		api_close(&a);
		return rc;
	}
	*out = a;
	return CO_OK;
}

void
api_close(struct api **api)
{
	struct api *a = *api;

	if (a == NULL)
		return;
	for (size_t i = 0; i < API_LOOPS; i++)
		loop_stop(&a->loops[i], 0);
	for (size_t i = 0; i < API_LOOPS; i++) {
		divert_free(&a->diverts[i]);
		loop_free(&a->loops[i]);
	}
	if (a->fd >= 0) {
		(void)close(a->fd);
		(void)unlink(a->path);
	}
	free(a);
	*api = NULL;
}
