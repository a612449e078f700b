/* What happened, as rows to deliver: records and alarms behind two marks, in one transaction with
 * the marks, so that each occurrence becomes one row for each webhook, whatever dies meanwhile. */
#include "network/webhook_inside.h"

#include "exchange/opjson.h"

#include <string.h>

enum { FEED_HOOKS = 32 };

struct feed {
	struct {
		char id[CO_UUID_LEN + 1], events[64];
	} hooks[FEED_HOOKS];
	size_t n;
	int64_t now_us;
};

static enum co_rc
hooks_read(struct store_db *db, struct feed *f, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_WEBHOOK_ALL, &st, err, ""));
	for (f->n = 0; f->n < FEED_HOOKS; f->n++) {
		TRY(store_step(st, &row, err));
		if (!row)
			break;
		(void)snprintf(f->hooks[f->n].id, sizeof(f->hooks[0].id), "%s", store_text(st, 0));
		(void)snprintf(
			f->hooks[f->n].events, sizeof(f->hooks[0].events), "%s", store_text(st, 2));
	}
	return CO_OK;
}

/* body is consumed. */
static enum co_rc
queue(struct store_db *db, const struct feed *f, const char *event, const char *subject,
	json_t *body, struct co_err *err)
{
	char id[96];
	char *text;
	enum co_rc rc = CO_OK;

	(void)snprintf(id, sizeof(id), "%s-%s", event, subject);
	(void)json_object_set_new(body, "id", json_string(id));
	(void)json_object_set_new(body, "event", json_string(event));
	out_time(body, "at", f->now_us);
	text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	if (text == NULL || strlen(text) >= WEBHOOK_BODY)
		rc = co_fail(err, CO_ENOMEM, "a webhook's body");
	for (size_t i = 0; rc == CO_OK && i < f->n; i++)
		if (in_list(f->hooks[i].events, event))
			rc = store_run(db, NULL, Q_WEBHOOK_QUEUE, err, "tttii", id, f->hooks[i].id,
				text, f->now_us, f->now_us);
	free(text);
	return rc;
}

/* The state that a notice tells and the request it is about: a code and an id. */
static enum co_rc
queue_state(struct store_db *db, const struct feed *f, struct store_stmt *st, const json_t *r,
	const char *subject, struct co_err *err)
{
	return queue(db, f, "state", subject,
		json_pack("{s:s,s:s,s:b,s:O?,s:O?}", "record", store_text(st, 1), "case",
			store_text(st, 3), "incoming", store_int(st, 4) != 0, "state",
			json_object_get(json_object_get(r, "body"), "state"), "request",
			json_object_get(json_array_get(json_object_get(r, "refs"), 0), "id")),
		err);
}

/* A hold that ended is nobody's alarm but this one: from now on the period alone keeps it. */
static enum co_rc
queue_custody(struct store_db *db, const struct feed *f, struct store_stmt *st, const json_t *r,
	const char *subject, struct co_err *err)
{
	const json_t *body = json_object_get(r, "body");
	const char *action = json_string_value(json_object_get(body, "action"));

	if (action == NULL || strcmp(action, "released") != 0 || store_int(st, 4) != 0)
		return CO_OK;
	return queue(db, f, "evidence", subject,
		json_pack("{s:s,s:s,s:s,s:O?}", "what", "hold-ended", "record", store_text(st, 1),
			"case", store_text(st, 3), "exhibit", json_object_get(body, "exhibit")),
		err);
}

static enum co_rc
queue_more(struct store_db *db, const struct feed *f, struct store_stmt *st, const char *subject,
	struct co_err *err)
{
	size_t n;
	const void *p = store_blob(st, 5, &n);
	json_t *r = json_loadb(p, n, 0, NULL);
	enum co_rc rc = strcmp(store_text(st, 2), "notice") == 0
		? queue_state(db, f, st, r, subject, err)
		: queue_custody(db, f, st, r, subject, err);

	json_decref(r);
	return rc;
}

static enum co_rc
mark_get(struct store_db *db, const char *clerk, int64_t *seq, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_CLERK_MARK_GET, &st, err, "t", clerk));
	TRY(store_step(st, &row, err));
	*seq = row ? store_int(st, 0) : 0;
	return CO_OK;
}

static enum co_rc
feed_records(struct store_db *db, const struct feed *f, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	char subject[64];
	int64_t from, seq;
	bool row;

	TRY(mark_get(db, "webhook.record", &from, err));
	TRY(store_query(db, Q_WEBHOOK_RECORDS, &st, err, "i", from));
	for (seq = from;; seq = store_int(st, 0)) {
		const char *way;

		TRY(store_step(st, &row, err));
		if (!row)
			break;
		/* Our own and a partner's may share an id. */
		way = store_int(st, 4) != 0 ? "in" : "out";
		(void)snprintf(subject, sizeof(subject), "%s-%s", store_text(st, 1), way);
		TRY(queue(db, f, "record", subject,
			json_pack("{s:s,s:s,s:s,s:b}", "record", store_text(st, 1), "kind",
				store_text(st, 2), "case", store_text(st, 3), "incoming",
				store_int(st, 4) != 0),
			err));
		if (!store_is_null(st, 5))
			TRY(queue_more(db, f, st, subject, err));
	}
	return store_run(db, NULL, Q_CLERK_MARK_SET, err, "iti", seq, "webhook.record", from);
}

/* What an event of the ledger tells; nothing for most drafts. id: of the event. */
static enum co_rc
queue_event(struct store_db *db, const struct feed *f, const char *id, const char *what,
	const json_t *detail, struct co_err *err)
{
	const char *kind = json_string_value(json_object_get(detail, "kind"));

	if (strcmp(what, "alarm") == 0)
		return queue(db, f, "expiry", id,
			json_pack("{s:O?,s:O?,s:O?}", "request", json_object_get(detail, "request"),
				"case", json_object_get(detail, "case"), "until",
				json_object_get(detail, "until")),
			err);
	if (strcmp(what, "retention.alarm") == 0)
		return queue(db, f, "evidence", id,
			json_pack("{s:s,s:O?,s:O?,s:O?}", "what", "period", "exhibit",
				json_object_get(detail, "exhibit"), "case",
				json_object_get(detail, "case"), "until",
				json_object_get(detail, "until")),
			err);
	if (kind == NULL || strcmp(kind, "custody") != 0 ||
		!json_is_true(json_object_get(detail, "waits")))
		return CO_OK;
	return queue(db, f, "evidence", id,
		json_pack("{s:s,s:O?,s:O?,s:O?}", "what", "second-officer", "exhibit",
			json_object_get(detail, "about"), "case", json_object_get(detail, "case"),
			"draft", json_object_get(detail, "id")),
		err);
}

static enum co_rc
feed_events(struct store_db *db, const struct feed *f, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	int64_t from, seq;
	bool row;

	TRY(mark_get(db, "webhook.event", &from, err));
	TRY(store_query(db, Q_WEBHOOK_EVENTS, &st, err, "i", from));
	for (seq = from;; seq = store_int(st, 0)) {
		json_t *event;
		enum co_rc rc;

		TRY(store_step(st, &row, err));
		if (!row)
			break;
		if (store_is_null(st, 3))
			continue;
		event = json_loads(store_text(st, 3), 0, NULL);
		rc = queue_event(db, f, store_text(st, 1), store_text(st, 2),
			json_object_get(event, "detail"), err);
		json_decref(event);
		TRY(rc);
	}
	return store_run(db, NULL, Q_CLERK_MARK_SET, err, "iti", seq, "webhook.event", from);
}

static enum co_rc
feed_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct feed *f = arg;

	TRY(hooks_read(db, f, err));
	if (f->n == 0)
		return CO_OK;
	TRY(feed_records(db, f, err));
	return feed_events(db, f, err);
}

/* Is there something behind a mark? Asked of a reader, so that an idle node writes nothing. */
static enum co_rc
feed_waits(struct store_db *db, struct feed *f, bool *waits, struct co_err *err)
{
	store_stmt_auto *records = NULL;
	store_stmt_auto *events = NULL;
	int64_t seq;

	*waits = false;
	TRY(hooks_read(db, f, err));
	if (f->n == 0)
		return CO_OK;
	TRY(mark_get(db, "webhook.record", &seq, err));
	TRY(store_query(db, Q_WEBHOOK_RECORDS, &records, err, "i", seq));
	TRY(store_step(records, waits, err));
	if (*waits)
		return CO_OK;
	TRY(mark_get(db, "webhook.event", &seq, err));
	TRY(store_query(db, Q_WEBHOOK_EVENTS, &events, err, "i", seq));
	return store_step(events, waits, err);
}

enum co_rc
webhook_feed(struct exchange *x, struct co_err *err)
{
	struct feed f = { .now_us = co_now_us() };
	struct store_db *db;
	bool waits;

	TRY(store_reader(exchange_store(x), &db, err));
	TRY(feed_waits(db, &f, &waits, err));
	return waits ? store_write(exchange_store(x), feed_work, &f, err) : CO_OK;
}
