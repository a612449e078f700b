#include "network/courier_inside.h"

#include "base/fault.h"
#include "base/log.h"
#include "record/wire.h"

#include <string.h>

enum {
	COURIER_IN_FLIGHT = 2,      /* batches of one lane under way: one travels, one settles */
	COURIER_FLUSH_EVERY = 32,   /* batches until a lane looks again at rows it stepped over */
	COURIER_BATCH_BYTES = 1 << 20,
	COURIER_ANSWER_S = 60,
	COURIER_POLL_MS = 1000
};

/* ---- peers ---- */

static struct courier_peer *
peer_of(struct courier *c, const char *address)
{
	struct courier_peer *p;

	for (p = c->peers; p != NULL; p = p->next)
		if (strcmp(p->address, address) == 0)
			return p;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	(void)snprintf(p->address, sizeof(p->address), "%s", address);
	for (int i = 0; i < LANE_N; i++) {
		p->lanes[i].peer = p;
		p->lanes[i].lane = i;
		p->lanes[i].limit = LIMIT_BATCH_RECORDS;
	}
	p->next = c->peers;
	c->peers = p;
	return p;
}

/* On the writer thread after a commit. */
static void
courier_wake(void *arg, const char *partner, int lane)
{
	struct courier *c = arg;
	struct courier_peer *p;
	bool news = false;

	pthread_mutex_lock(&c->lock);
	p = peer_of(c, partner);
	for (int i = 0; p != NULL && i < LANE_N; i++) {
		if (lane != LANE_N && lane != i)
			continue;
		news = news || !p->lanes[i].more;
		p->lanes[i].more = true;
	}
	pthread_mutex_unlock(&c->lock);
	/* Who set it first has woken the thread, or whoever lets the lane send again will. */
	if (news)
		(void)curl_multi_wakeup(c->multi);
}

/* What rested when the last process ended is tried at once: why it rested may be over. */
static void
courier_begin(void *arg, const char *partner)
{
	struct courier *c = arg;
	struct courier_peer *p;

	courier_wake(c, partner, LANE_N);
	pthread_mutex_lock(&c->lock);
	p = peer_of(c, partner);
	if (p != NULL)
		p->heard = true;
	pthread_mutex_unlock(&c->lock);
}

/* ---- sending ---- */

static size_t
batch_take(char *p, size_t size, size_t n, void *arg)
{
	struct courier_batch *b = arg;

	return co_buf_add(&b->answer, p, size * n, NULL) == CO_OK ? size * n : 0;
}

static enum co_rc
batch_frame(struct courier_batch *b, struct co_err *err)
{
	enum co_rc rc = wire_begin(&b->body, (uint32_t)b->rows_n, err);

	for (size_t i = 0; rc == CO_OK && i < b->rows_n; i++) {
		const struct outbox_row *r = &b->rows[i];
		struct wire_item item = { WIRE_RECORD, r->bytes.data, r->bytes.len, r->sig.data,
			r->sig.len };

		rc = wire_add(&b->body, &item, err);
	}
	return rc;
}

static enum co_rc
batch_post(struct courier *c, struct courier_batch *b, const char *url, struct co_err *err)
{
	enum co_rc rc;

	b->easy = curl_easy_init();
	b->head = curl_slist_append(NULL, "Content-Type: application/vnd.comity.records");
	if (b->easy == NULL || b->head == NULL)
		return co_fail(err, CO_ENOMEM, "a connection");
	rc = http_prepare(b->easy, c->tls, b->lane->peer->address, url, err);
	if (rc != CO_OK)
		return rc;
	/* Without this curl waits a second for "100 Continue" before larger bodies. */
	b->head = curl_slist_append(b->head, "Expect:");
	(void)curl_easy_setopt(b->easy, CURLOPT_HTTPHEADER, b->head);
	(void)curl_easy_setopt(b->easy, CURLOPT_TIMEOUT, (long)COURIER_ANSWER_S);
	(void)curl_easy_setopt(b->easy, CURLOPT_POSTFIELDS, b->body.data);
	(void)curl_easy_setopt(b->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)b->body.len);
	(void)curl_easy_setopt(b->easy, CURLOPT_WRITEFUNCTION, batch_take);
	(void)curl_easy_setopt(b->easy, CURLOPT_WRITEDATA, b);
	(void)co_fault_hit("courier.before-post");
	return curl_multi_add_handle(c->multi, b->easy) == CURLM_OK ? CO_OK :
		co_fail(err, CO_ENOMEM, "a connection");
}

/* To the settler, whatever came of it. */
static void
batch_done(struct courier *c, struct courier_batch *b)
{
	struct courier_batch **at = &c->settle;
	bool urgent = b->lane->lane == LANE_URGENT;

	pthread_mutex_lock(&c->lock);
	while (*at != NULL && (!urgent || (*at)->lane->lane == LANE_URGENT))
		at = &(*at)->next;
	b->next = *at;
	*at = b;
	pthread_cond_signal(&c->ready);
	pthread_mutex_unlock(&c->lock);
}

static enum co_rc
partner_url(struct courier *c, const char *address, char *url, size_t cap, struct co_err *err)
{
	const struct partner *p;
	enum co_rc rc = partner_get(c->x, address, &p, err);

	if (rc != CO_OK)
		return rc;
	if ((size_t)snprintf(url, cap, "%s/v1/records", p->url) >= cap)
		rc = co_fail(err, CO_ETOOBIG, "the url of %s is too long", address);
	partner_put(c->x, &p);
	return rc;
}

/* May this lane send now? Answers under the lock, and marks that it was asked. */
static bool
lane_due(struct courier *c, struct courier_lane *lane, int64_t *wait_until_us)
{
	int64_t now = co_mono_us(), at;
	bool due;

	pthread_mutex_lock(&c->lock);
	if (lane->in_flight == 0) {
		lane->after_seq = 0;
		lane->handed = 0;
	}
	at = lane->more ? 0 : lane->look_us;
	if (lane->peer->rest_until_us > at)
		at = lane->peer->rest_until_us;
	due = at <= now && lane->in_flight < COURIER_IN_FLIGHT &&
		lane->handed < COURIER_FLUSH_EVERY;
	if (due)
		lane->more = false;
	else if (lane->in_flight == 0 && at < *wait_until_us)
		*wait_until_us = at;
	pthread_mutex_unlock(&c->lock);
	return due;
}

/* The outbox's next time is wall clock; ours is monotonic. */
static int64_t
mono_of(int64_t due_us)
{
	int64_t left = due_us - co_now_us();

	if (due_us == INT64_MAX)
		return INT64_MAX;
	return co_mono_us() + (left < 0 ? 0 : left) + 1000;
}

/* Hands one batch to curl; false when there was nothing to send. */
static bool
lane_send(struct courier *c, struct courier_lane *lane)
{
	struct courier_batch *b = calloc(1, sizeof(*b));
	struct co_err err = { 0 };
	char url[LIMIT_NAME + 16];
	int64_t due_us = INT64_MAX;
	unsigned limit;
	enum co_rc rc;

	if (b == NULL)
		return false;
	pthread_mutex_lock(&c->lock);
	limit = lane->limit; /* the settler's thread sets it */
	pthread_mutex_unlock(&c->lock);
	b->lane = lane;
	co_buf_init(&b->body, LIMIT_BATCH_BYTES + LIMIT_RECORD);
	co_buf_init(&b->answer, LIMIT_BATCH_BYTES);
	rc = outbox_due(c->x, lane->peer->address, lane->lane, lane->after_seq, COURIER_BATCH_BYTES,
		b->rows, limit, &b->rows_n, &due_us, &err);
	if (rc != CO_OK || b->rows_n == 0) {
		if (rc != CO_OK)
			co_error("courier", "the outbox of %s: %s", lane->peer->address, err.msg);
		lane->look_us = rc == CO_OK ? mono_of(due_us) : co_mono_us() + 1000000;
		batch_free(b);
		return false;
	}
	lane->after_seq = b->rows[b->rows_n - 1].seq;
	lane->look_us = 0;
	pthread_mutex_lock(&c->lock);
	lane->in_flight++;
	lane->handed++;
	pthread_mutex_unlock(&c->lock);
	rc = partner_url(c, lane->peer->address, url, sizeof(url), &err);
	if (rc == CO_OK)
		rc = batch_frame(b, &err);
	if (rc == CO_OK)
		rc = batch_post(c, b, url, &err);
	if (rc != CO_OK) {
		b->code = CURLE_FAILED_INIT;
		(void)snprintf(b->why, sizeof(b->why), "%.*s", (int)sizeof(b->why) - 1, err.msg);
		batch_done(c, b);
		return true;
	}
	b->next = c->flying;
	c->flying = b;
	return true;
}

static void
courier_finished(struct courier *c, CURL *easy, CURLcode code)
{
	struct courier_batch **at = &c->flying, *b;

	while (*at != NULL && (*at)->easy != easy)
		at = &(*at)->next;
	b = *at;
	if (b == NULL)
		return;
	*at = b->next;
	b->code = code;
	if (code != CURLE_OK)
		http_reason(code, b->why, sizeof(b->why));
	else
		(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &b->status);
	(void)curl_multi_remove_handle(c->multi, easy);
	batch_done(c, b);
}

static int
courier_round(struct courier *c)
{
	int64_t wait_until = co_mono_us() + COURIER_POLL_MS * 1000, left;
	struct courier_peer *p;
	struct CURLMsg *m;
	int running, msgs;

	pthread_mutex_lock(&c->lock);
	p = c->peers; /* only grows, at its head */
	pthread_mutex_unlock(&c->lock);
	for (; p != NULL; p = p->next)
		for (int i = 0; i < LANE_N; i++)
			while (lane_due(c, &p->lanes[i], &wait_until))
				if (!lane_send(c, &p->lanes[i]))
					break;
	(void)curl_multi_perform(c->multi, &running);
	while ((m = curl_multi_info_read(c->multi, &msgs)) != NULL)
		if (m->msg == CURLMSG_DONE)
			courier_finished(c, m->easy_handle, m->data.result);
	left = (wait_until - co_mono_us()) / 1000;
	return left < 0 ? 0 : (int)left + 1;
}

static void *
courier_thread(void *arg)
{
	struct courier *c = arg;
	bool stop = false;

	while (!stop) {
		int wait_ms = courier_round(c);

		(void)curl_multi_poll(c->multi, NULL, 0, wait_ms, NULL);
		pthread_mutex_lock(&c->lock);
		stop = c->stop;
		pthread_mutex_unlock(&c->lock);
	}
	return NULL;
}

/* ---- life ---- */

enum co_rc
courier_open(struct courier **out, struct exchange *x, struct tls *tls, struct co_err *err)
{
	struct courier *c = calloc(1, sizeof(*c));
	enum co_rc rc;

	if (c == NULL)
		return co_fail(err, CO_ENOMEM, "the courier");
	c->x = x;
	c->tls = tls;
	(void)pthread_mutex_init(&c->lock, NULL);
	(void)pthread_cond_init(&c->ready, NULL);
	c->multi = curl_multi_init();
	if (c->multi == NULL) {
		courier_close(&c);
		return co_fail(err, CO_ENOMEM, "the courier");
	}
	exchange_on_outbox(x, courier_wake, c);
	rc = outbox_partners(x, courier_begin, c, err);
	if (rc == CO_OK && pthread_create(&c->settler, NULL, courier_settle_thread, c) != 0)
		rc = co_fail(err, CO_ENOMEM, "the courier's thread");
	if (rc == CO_OK && pthread_create(&c->thread, NULL, courier_thread, c) != 0)
		abort(); /* one thread without the other: only at start, nothing is lost */
	c->threads = rc == CO_OK;
	if (rc != CO_OK) {
		courier_close(&c);
		return rc;
	}
	*out = c;
	return CO_OK;
}

void
courier_close(struct courier **courier)
{
	struct courier *c = *courier;

	if (c == NULL)
		return;
	exchange_on_outbox(c->x, NULL, NULL);
	if (c->threads) {
		pthread_mutex_lock(&c->lock);
		c->stop = true;
		pthread_cond_broadcast(&c->ready);
		pthread_mutex_unlock(&c->lock);
		(void)curl_multi_wakeup(c->multi);
		(void)pthread_join(c->thread, NULL);
		(void)pthread_join(c->settler, NULL);
	}
	while (c->settle != NULL) {
		struct courier_batch *b = c->settle;

		c->settle = b->next;
		batch_free(b);
	}
	/* What is still with curl was never answered: it stays in the outbox. */
	while (c->flying != NULL) {
		struct courier_batch *b = c->flying;

		c->flying = b->next;
		(void)curl_multi_remove_handle(c->multi, b->easy);
		batch_free(b);
	}
	while (c->peers != NULL) {
		struct courier_peer *p = c->peers;

		c->peers = p->next;
		free(p);
	}
	if (c->multi != NULL)
		(void)curl_multi_cleanup(c->multi);
	(void)pthread_cond_destroy(&c->ready);
	(void)pthread_mutex_destroy(&c->lock);
	free(c);
	*courier = NULL;
}
