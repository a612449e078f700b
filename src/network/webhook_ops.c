#include "network/webhook_inside.h"

#include "base/enc.h"
#include "base/uuid.h"
#include "crypto/digest.h"
#include "exchange/op_shape.h"
#include "exchange/opjson.h"

#include <string.h>

enum { WEBHOOKS_MAX = 32 }; /* as the query has it */

static const char events_known[] = "record,state,expiry,evidence";

struct hook_job {
	const char *url, *by, *gone;
	char id[CO_UUID_LEN + 1], events[64], secret[WEBHOOK_SECRET + 1];
};

static enum co_rc
events_read(const json_t *in, char out[64], struct co_err *err)
{
	const json_t *word;
	size_t i, at = 0;

	out[0] = '\0';
	json_array_foreach(json_object_get(in, "events"), i, word)
	{
		const char *s = json_string_value(word);

		if (s == NULL || *s == '\0' || !in_list(events_known, s))
			return co_fail(err, CO_EUSAGE, "\"%.32s\" is no event; they are %s",
				s == NULL ? "" : s, events_known);
		if (!in_list(out, s))
			at += (size_t)snprintf(out + at, 64 - at, "%s%s", at == 0 ? "" : ",", s);
	}
	return CO_OK;
}

static enum co_rc
hook_add_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct hook_job *j = arg;
	store_stmt_auto *st = NULL;
	size_t n = 0;
	bool row;

	TRY(store_query(db, Q_WEBHOOK_ALL, &st, err, ""));
	for (;; n++) {
		TRY(store_step(st, &row, err));
		if (!row)
			break;
	}
	if (n >= WEBHOOKS_MAX)
		return co_fail(err, CO_EREFUSED, "there are %d webhooks; remove one first",
			(int)WEBHOOKS_MAX);
	/* The first one is told what happens from now on, not what ever happened. */
	TRY(store_run(db, NULL, Q_WEBHOOK_MARK_NOW, err, ""));
	TRY(store_run(db, NULL, Q_WEBHOOK_ADD, err, "ttttit", j->id, j->url, j->events, j->secret,
		co_now_us(), j->by));
	return event_write(db, "webhook.added", j->by,
		json_pack("{s:s,s:s,s:s}", "id", j->id, "url", j->url, "events", j->events), err);
}

static enum co_rc
op_webhook_add(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	const struct webhooks *w = arg;
	struct hook_job j = { .by = who->name };
	unsigned char secret[WEBHOOK_SECRET / 2];

	TRY(in_text(in, "url", true, WEBHOOK_URL, &j.url, err));
	TRY(webhook_url_check(j.url, w->conf.port, err));
	TRY(events_read(in, j.events, err));
	crypto_random(secret, sizeof(secret));
	co_hex(secret, sizeof(secret), j.secret);
	crypto_wipe(secret, sizeof(secret));
	co_uuid7(j.id);
	TRY(store_write(exchange_store(x), hook_add_work, &j, err));
	return out_give(json_pack("{s:s,s:s,s:s,s:s}", "id", j.id, "url", j.url, "events", j.events,
				"secret", j.secret),
		out, err);
}

static json_t *
one_hook(struct store_stmt *st, void *arg)
{
	json_t *o = json_pack("{s:s,s:s,s:s,s:s,s:I}", "id", store_text(st, 0), "url",
		store_text(st, 1), "events", store_text(st, 2), "created_by", store_text(st, 5),
		"waiting", (json_int_t)store_int(st, 6));

	(void)arg;
	out_time(o, "created", store_int(st, 4));
	out_text(o, "last_error", store_text(st, 7));
	return o;
}

static enum co_rc
op_webhook_list(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;

	(void)arg;
	(void)who;
	(void)in;
	TRY(store_reader(exchange_store(x), &db, err));
	TRY(store_query(db, Q_WEBHOOK_ALL, &st, err, ""));
	return out_list("webhooks", st, one_hook, NULL, out, err);
}

static enum co_rc
hook_drop_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct hook_job *j = arg;
	int64_t changes;

	TRY(store_run(db, &changes, Q_WEBHOOK_DROP, err, "t", j->gone));
	if (changes == 0)
		return co_fail(
			err, CO_ENOTFOUND, "no webhook %s; see comity webhook list", j->gone);
	TRY(store_run(db, NULL, Q_WEBHOOK_DROP_DELIVERIES, err, "t", j->gone));
	return event_write(db, "webhook.removed", j->by, json_pack("{s:s}", "id", j->gone), err);
}

static enum co_rc
op_webhook_remove(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct hook_job j = { .by = who->name };

	(void)arg;
	TRY(in_uuid(in, "id", true, &j.gone, err));
	TRY(store_write(exchange_store(x), hook_drop_work, &j, err));
	return out_give(json_pack("{s:s}", "id", j.gone), out, err);
}

/* One attempt now, while the administrator waits: says what a real one would meet. */
static enum co_rc
op_webhook_test(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct hook_delivery d = { .seq = 0 };
	store_stmt_auto *st = NULL;
	struct store_db *db;
	char number[CO_UUID_LEN + 1];
	const char *id;
	bool row;

	(void)who;
	TRY(in_uuid(in, "id", true, &id, err));
	TRY(store_reader(exchange_store(x), &db, err));
	TRY(store_query(db, Q_WEBHOOK_GET, &st, err, "t", id));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_ENOTFOUND, "no webhook %s; see comity webhook list", id);
	(void)snprintf(d.url, sizeof(d.url), "%s", store_text(st, 0));
	(void)snprintf(d.secret, sizeof(d.secret), "%s", store_text(st, 2));
	store_done(&st);
	co_uuid7(number);
	(void)snprintf(d.id, sizeof(d.id), "test-%s", number);
	(void)snprintf(d.body, sizeof(d.body), "{\"id\":\"%s\",\"event\":\"test\"}", d.id);
	if (webhook_post(arg, &d, err) != CO_OK)
		return co_wrap(err, "%s", d.url);
	return out_give(json_pack("{s:s,s:s}", "id", id, "delivered", d.id), out, err);
}

static const struct op_member add_in[] = {
	{ "url", OP_TEXT, OP_REQUIRED, 0, WEBHOOK_URL, "https, or http to localhost", NULL },
	{ "events", OP_WORDS, OP_REQUIRED, 1, 4, "record, state, expiry, evidence", NULL },
	OP_END,
};
static const struct op_member add_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "of the webhook", NULL },
	{ "url", OP_TEXT, 0, 0, 0, "who is told", NULL },
	{ "events", OP_TEXT, 0, 0, 0, "with commas", NULL },
	{ "secret", OP_TEXT, 0, 0, 0, "key of the signatures; told only now", NULL },
	OP_END,
};
static const struct op_member hook_row[] = {
	{ "id", OP_UUID, 0, 0, 0, "of the webhook", NULL },
	{ "url", OP_TEXT, 0, 0, 0, "who is told", NULL },
	{ "events", OP_TEXT, 0, 0, 0, "with commas", NULL },
	{ "created_by", OP_TEXT, 0, 0, 0, "who added it", NULL },
	{ "waiting", OP_INT, 0, 0, 0, "not delivered yet", NULL },
	{ "created", OP_TIME, 0, 0, 0, "since then", NULL },
	{ "last_error", OP_TEXT, OP_NULL, 0, 0, "of what was not delivered", NULL },
	OP_END,
};
static const struct op_member nothing[] = { OP_END };
static const struct op_member list_out[] = {
	{ "webhooks", OP_LIST, 0, 0, 0, "the oldest first", hook_row },
	OP_END,
};
static const struct op_member which[] = {
	{ "id", OP_UUID, OP_REQUIRED, 0, 0, "of the webhook", NULL },
	OP_END,
};
static const struct op_member test_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "of the webhook", NULL },
	{ "delivered", OP_TEXT, 0, 0, 0, "the id that the receiver got", NULL },
	OP_END,
};
static const struct op_shape shapes[] = {
	{ "webhook.add", "admin", add_in, add_out },
	{ "webhook.list", "admin", nothing, list_out },
	{ "webhook.remove", "admin", which, which },
	{ "webhook.test", "admin", which, test_out },
};

void
webhook_ops(struct webhooks *w)
{
	const struct op ops[] = {
		{ "webhook.add", "administrator", op_webhook_add, w,
			"tell a program of the own house what happens" },
		{ "webhook.list", "administrator,auditor", op_webhook_list, w,
			"webhooks and what waits for them" },
		{ "webhook.remove", "administrator", op_webhook_remove, w,
			"tell a program nothing more" },
		{ "webhook.test", "administrator", op_webhook_test, w,
			"one attempt now, to see whether it is taken" },
	};

	op_register(w->conf.exchange, ops, CO_ARRAY_LEN(ops));
	op_describe(w->conf.exchange, shapes, CO_ARRAY_LEN(shapes));
}
