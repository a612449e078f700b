#include "network/courier_inside.h"

#include "base/fault.h"
#include "base/log.h"
#include "record/wire.h"

#include <string.h>

enum {
	COURIER_BACKOFF_MAX_S = 60, /* between tries to reach a partner at all */
	COURIER_HEARD_MS = 200 /* between tries of one that calls us but is not reached */
};

void
batch_free(struct courier_batch *b)
{
	for (size_t i = 0; i < b->rows_n; i++)
		outbox_row_deinit(&b->rows[i]);
	co_buf_deinit(&b->body);
	co_buf_deinit(&b->answer);
	curl_slist_free_all(b->head);
	if (b->easy != NULL)
		curl_easy_cleanup(b->easy);
	free(b);
}

/* What the partner said, first line, for the operator. */
static void
batch_words(const struct courier_batch *b, char *out, size_t cap)
{
	size_t n = 0;
	int at;

	at = snprintf(out, cap, "%s answered with status %ld", b->lane->peer->address, b->status);
	while (n < b->answer.len && n < 160 && (unsigned char)b->answer.data[n] >= 0x20 &&
		(unsigned char)b->answer.data[n] < 0x7f)
		n++;
	if (n > 0 && at > 0 && (size_t)at < cap)
		(void)snprintf(out + at, cap - (size_t)at, ": %.*s", (int)n, b->answer.data);
}

static enum co_rc
batch_postpone(struct courier *c, struct courier_batch *b, const char *why, struct co_err *err)
{
	return outbox_postpone(c->x, b->lane->peer->address, b->rows, b->rows_n, why, err);
}

/* A single record that the partner's HTTP layer will not take: final, in the words it used. */
static enum co_rc
batch_refused_alone(struct courier *c, struct courier_batch *b, struct co_err *err)
{
	struct wire_item item = { .type = WIRE_REFUSAL };
	char words[300];
	json_t *j;
	char *text;
	enum co_rc rc;

	batch_words(b, words, sizeof(words));
	j = json_pack("{s:s, s:s, s:s}", "error", b->status == 413 ? "ETOOBIG" : "EMALFORMED", "id",
		b->rows[0].record_id, "message", words);
	text = j == NULL ? NULL : json_dumps(j, JSON_COMPACT);
	json_decref(j);
	if (text == NULL)
		return co_fail(err, CO_ENOMEM, "a refusal");
	item.p = text;
	item.n = strlen(text);
	rc = outbox_settle(c->x, b->lane->peer->address, b->rows, &item, 1, err);
	free(text);
	return rc;
}

static enum co_rc
batch_answered(struct courier *c, struct courier_batch *b, struct co_err *err)
{
	struct wire_item items[LIMIT_BATCH_RECORDS];
	struct co_err parse = { 0 };
	char words[400];
	size_t n = 0;

	(void)co_fault_hit("courier.after-answer");
	if (wire_parse(b->answer.data == NULL ? "" : b->answer.data, b->answer.len, items, &n,
		    &parse) != CO_OK) {
		(void)snprintf(words, sizeof(words), "%s answered what is not records: %.200s",
			b->lane->peer->address, parse.msg);
		return batch_postpone(c, b, words, err);
	}
	if (n != b->rows_n) {
		(void)snprintf(words, sizeof(words), "%s answered %zu of %zu records",
			b->lane->peer->address, n, b->rows_n);
		return batch_postpone(c, b, words, err);
	}
	return outbox_settle(c->x, b->lane->peer->address, b->rows, items, n, err);
}

/* The partner's next tries: none until rest_until_us, growing while it stays away. */
static void
peer_failed(struct courier *c, struct courier_peer *p, const char *why)
{
	int64_t rest_s;

	pthread_mutex_lock(&c->lock);
	if (p->failures++ == 0)
		co_warn("courier", "%s cannot be reached: %s", p->address, why);
	rest_s = p->failures > 6 ? COURIER_BACKOFF_MAX_S : INT64_C(1) << (p->failures - 1);
	if (rest_s > COURIER_BACKOFF_MAX_S)
		rest_s = COURIER_BACKOFF_MAX_S;
	p->rest_until_us = co_mono_us() + rest_s * 1000000;
	pthread_mutex_unlock(&c->lock);
}

/* Also ends the waits of single records that the partner's absence had caused. */
static void
peer_reached(struct courier *c, struct courier_peer *p)
{
	struct co_err err = { 0 };
	bool back;

	pthread_mutex_lock(&c->lock);
	back = p->failures > 0;
	p->failures = 0;
	p->rest_until_us = 0;
	pthread_mutex_unlock(&c->lock);
	if (!back)
		return;
	co_info("courier", "%s is back", p->address);
	if (outbox_release(c->x, p->address, &err) != CO_OK)
		co_error("courier", "what waits for %s: %s", p->address, err.msg);
}

/* No waiting here: this is a loop of the listener. */
void
courier_seen(void *arg, const char *partner)
{
	struct courier *c = arg;
	int64_t now = co_mono_us();

	pthread_mutex_lock(&c->lock);
	for (struct courier_peer *p = c->peers; p != NULL; p = p->next) {
		/* Its own rest may be over while single records rest for much longer. */
		if (p->failures == 0 || now - p->heard_us < COURIER_HEARD_MS * 1000 ||
			strcmp(p->address, partner) != 0)
			continue;
		p->heard_us = now;
		p->heard = true;
		pthread_cond_signal(&c->ready);
	}
	pthread_mutex_unlock(&c->lock);
}

/* Lock held; let go meanwhile. Ends the rest of one partner that was heard of, and of what waits
 * for it; false when there was none. */
static bool
courier_heard(struct courier *c)
{
	struct co_err err = { 0 };
	struct courier_peer *p = c->peers;

	while (p != NULL && !p->heard)
		p = p->next;
	if (p == NULL)
		return false;
	p->heard = false;
	pthread_mutex_unlock(&c->lock);
	if (outbox_release(c->x, p->address, &err) != CO_OK)
		co_error("courier", "what waits for %s: %s", p->address, err.msg);
	pthread_mutex_lock(&c->lock);
	p->rest_until_us = 0;
	for (int i = 0; i < LANE_N; i++)
		p->lanes[i].more = true;
	(void)curl_multi_wakeup(c->multi);
	return true;
}

static void
batch_settle(struct courier *c, struct courier_batch *b)
{
	struct courier_lane *lane = b->lane;
	struct co_err err = { 0 };
	char words[400];
	unsigned limit = LIMIT_BATCH_RECORDS;
	bool too_many = b->rows_n > 1 && (b->status == 400 || b->status == 413);
	enum co_rc rc = CO_OK;

	if (b->code != CURLE_OK) {
		(void)snprintf(words, sizeof(words), "%s: %s", lane->peer->address, b->why);
		peer_failed(c, lane->peer, b->why);
		rc = batch_postpone(c, b, words, &err);
	} else {
		peer_reached(c, lane->peer);
		if (b->status == 200)
			rc = batch_answered(c, b, &err);
		else if (too_many)
			limit = 1; /* one of them is the matter: find it */
		else if (b->status == 400 || b->status == 413)
			rc = batch_refused_alone(c, b, &err);
		else {
			batch_words(b, words, sizeof(words));
			rc = batch_postpone(c, b, words, &err);
		}
	}
	if (rc != CO_OK)
		co_error("courier", "answers of %s could not be stored: %s", lane->peer->address,
			err.msg);
	pthread_mutex_lock(&c->lock);
	lane->in_flight--;
	lane->limit = limit;
	lane->more = true;
	/* The disk refuses: not in a tight loop. */
	if (rc != CO_OK)
		lane->peer->rest_until_us = co_mono_us() + 1000000;
	pthread_mutex_unlock(&c->lock);
	batch_free(b);
	(void)curl_multi_wakeup(c->multi);
}

void *
courier_settle_thread(void *arg)
{
	struct courier *c = arg;

	pthread_mutex_lock(&c->lock);
	for (;;) {
		struct courier_batch *b = c->settle;

		if (b == NULL && c->stop)
			break;
		if (b == NULL && courier_heard(c))
			continue;
		if (b == NULL) {
			(void)pthread_cond_wait(&c->ready, &c->lock);
			continue;
		}
		c->settle = b->next;
		pthread_mutex_unlock(&c->lock);
		batch_settle(c, b);
		pthread_mutex_lock(&c->lock);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}
