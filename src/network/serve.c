#include "network/serve.h"

#include "base/clock.h"
#include "base/enc.h"
#include "base/log.h"
#include "ledger/ledger.h"
#include "network/range.h"
#include "record/wire.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <fcntl.h>
#include <string.h>

/* A range of 4 MiB over a poor line. */
#define SERVE_RANGE_US (INT64_C(600) * 1000000)

void
serve_type(struct evhttp_request *req, const char *media)
{
	(void)evhttp_add_header(evhttp_request_get_output_headers(req), "Content-Type", media);
}

void
serve_text(struct evhttp_request *req, int status, const char *text)
{
	struct evbuffer *b = evbuffer_new();

	serve_type(req, "text/plain; charset=utf-8");
	if (b != NULL)
		(void)evbuffer_add_printf(b, "%s\n", text);
	evhttp_send_reply(req, status, NULL, b);
	if (b != NULL)
		evbuffer_free(b);
}

static const struct {
	enum co_rc rc;
	int status;
} serve_status[] = {
	{ CO_EMALFORMED, 400 }, { CO_EUSAGE, 400 }, { CO_ETOOBIG, 413 }, { CO_ENOTFOUND, 404 },
	{ CO_EDENIED, 403 }, { CO_EREFUSED, 416 }, { CO_EBUSY, 503 }, { CO_ENOSPACE, 503 },
};

void
serve_failure(struct evhttp_request *req, const struct co_err *err)
{
	int status = HTTP_INTERNAL;

	for (size_t i = 0; i < CO_ARRAY_LEN(serve_status); i++)
		if (serve_status[i].rc == err->rc)
			status = serve_status[i].status;
	if (status == 503)
		(void)evhttp_add_header(evhttp_request_get_output_headers(req), "Retry-After", "1");
	if (status == HTTP_INTERNAL)
		co_error("listener", "%s", err->msg);
	/* What failed inside is for our own log. */
	serve_text(
		req, status, status == HTTP_INTERNAL ? "failed here; try again later" : err->msg);
}

static void
serve_bytes(struct evhttp_request *req, const char *media, const struct co_buf *b)
{
	struct evbuffer *out = evbuffer_new();

	if (out == NULL || evbuffer_add(out, b->data, b->len) != 0) {
		serve_text(req, HTTP_INTERNAL, "out of memory");
	} else {
		serve_type(req, media);
		evhttp_send_reply(req, HTTP_OK, "OK", out);
	}
	if (out != NULL)
		evbuffer_free(out);
}

/* ---- exhibits ---- */

static enum co_rc
exhibit_range(const struct listener_conf *conf, struct evhttp_request *req, const char *id,
	const char *peer, struct co_err *err)
{
	const char *range = evhttp_find_header(evhttp_request_get_input_headers(req), "Range");
	uint64_t size, from, n;
	int fd;
	enum co_rc rc = exhibit_serve(conf->evidence, peer, id, &fd, &size, err);

	/* Whether it does not exist or is another's, a stranger shall not learn. */
	if (rc == CO_EDENIED) {
		co_err_clear(err);
		rc = co_fail(err, CO_ENOTFOUND, "no exhibit of that id was offered to %s", peer);
	}
	if (rc != CO_OK)
		return rc;
	rc = route_range(range, size, &from, &n, err);
	if (rc != CO_OK) {
		(void)close(fd);
		return rc;
	}
	if (n > LIMIT_RANGE)
		n = LIMIT_RANGE;
	return range_answer(req, fd, from, n, size, co_mono_us() + SERVE_RANGE_US, err);
}

/* ---- ledger and directory ---- */

static enum co_rc
serve_proof(struct store_db *db, struct evhttp_request *req, const struct route *r,
	struct co_buf *out, struct co_err *err)
{
	co_auto_buf token, text;
	struct hash leaf;
	enum co_rc rc;

	co_buf_init(&token, LIMIT_TOKEN);
	co_buf_init(&text, LIMIT_TOKEN * 2);
	memcpy(leaf.b, r->leaf, sizeof(leaf.b));
	rc = ledger_prove(db, r->id, &leaf, out, &token, err);
	if (rc == CO_OK)
		rc = co_base64_add(&text, token.data, token.len, err);
	if (rc == CO_OK)
		(void)evhttp_add_header(evhttp_request_get_output_headers(req), "Comity-Token",
			text.data);
	return rc;
}

static enum co_rc
serve_ledger(const struct listener_conf *conf, struct evhttp_request *req, const struct route *r,
	struct co_buf *out, const char **media, struct co_err *err)
{
	struct store_db *db;
	enum co_rc rc = store_reader(exchange_store(conf->exchange), &db, err);

	if (rc != CO_OK)
		return rc;
	*media = "application/octet-stream";
	if (r->what == ROUTE_TILE)
		return ledger_tile(db, r->level, r->n, r->width, out, err);
	if (r->what == ROUTE_ENTRIES)
		return ledger_entries(db, r->n, r->width, out, err);
	*media = "text/plain; charset=utf-8";
	if (r->what == ROUTE_CHECKPOINT)
		return ledger_latest(db, out, NULL, err);
	return serve_proof(db, req, r, out, err);
}

static enum co_rc
serve_entry(const struct listener_conf *conf, struct evhttp_request *req, const char *peer,
	struct co_buf *out, struct co_err *err)
{
	const char *have =
		evhttp_find_header(evhttp_request_get_input_headers(req), "If-None-Match");
	char tag[CO_UUID_LEN + 3] = "";

	TRY(conf->entry(conf->entry_arg, peer, have, tag, out, err));
	(void)evhttp_add_header(evhttp_request_get_output_headers(req), "ETag", tag);
	return CO_OK;
}

/* The last record of the peer's own that is here: what it has to have, if it is not an old copy. */
static enum co_rc
serve_last(const struct listener_conf *conf, const char *peer, struct co_buf *out,
	struct co_err *err)
{
	struct wire_item item = { .type = WIRE_RECORD };
	store_stmt_auto *st = NULL;
	struct store_db *db;
	bool row;

	TRY(store_reader(exchange_store(conf->exchange), &db, err));
	TRY(store_query(db, Q_PARTNER_LAST, &st, err, "t", peer));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_ENOTFOUND, "no record of %s is known to be its last", peer);
	item.p = store_blob(st, 0, &item.n);
	item.sig = store_blob(st, 1, &item.sig_n);
	TRY(wire_begin(out, 1, err));
	return wire_add(out, &item, err);
}

void
serve_read(const struct listener_conf *conf, struct evhttp_request *req, const struct route *r,
	const char *peer)
{
	const char *media = "application/vnd.comity.records";
	struct co_err err = { 0 };
	co_auto_buf out;
	enum co_rc rc;

	co_buf_init(&out, LIMIT_BATCH_BYTES);
	if (r->what == ROUTE_EXHIBIT) {
		if (exhibit_range(conf, req, r->id, peer, &err) != CO_OK)
			serve_failure(req, &err);
		return;
	}
	if (r->what == ROUTE_DIRECTORY) {
		rc = serve_entry(conf, req, peer, &out, &err);
		if (rc == CO_OK && out.len == 0) {
			evhttp_send_reply(req, HTTP_NOTMODIFIED, "Not Modified", NULL);
			return;
		}
	} else if (r->what == ROUTE_LAST) {
		rc = serve_last(conf, peer, &out, &err);
	} else {
		rc = serve_ledger(conf, req, r, &out, &media, &err);
	}
	if (rc == CO_OK)
		serve_bytes(req, media, &out);
	else
		serve_failure(req, &err);
}
