#include "base/log.h"
#include "exchange/inside.h"

enum { EVENT_DETAIL = 8192 };

bool
event_allowed(struct exchange *x, const char *who, int64_t now_us, unsigned *suppressed)
{
	int64_t minute = now_us / 60000000;
	struct event_guard *g = NULL, *oldest = &x->guards[0];
	bool allowed;

	pthread_mutex_lock(&x->guard_lock);
	for (size_t i = 0; i < EVENT_GUARDS; i++) {
		if (strcmp(x->guards[i].who, who) == 0) {
			g = &x->guards[i];
			break;
		}
		if (x->guards[i].minute < oldest->minute)
			oldest = &x->guards[i];
	}
	if (g == NULL) {
		g = oldest;
		*g = (struct event_guard){ .minute = minute };
		(void)snprintf(g->who, sizeof(g->who), "%s", who);
	}
	if (g->minute != minute) {
		g->minute = minute;
		g->count = 0;
	}
	allowed = g->count < EVENTS_A_MINUTE;
	if (allowed) {
		g->count++;
		*suppressed = g->suppressed;
		g->suppressed = 0;
	} else {
		g->suppressed++;
	}
	pthread_mutex_unlock(&x->guard_lock);
	return allowed;
}

enum co_rc
event_write(
	struct store_db *db, const char *what, const char *who, json_t *detail, struct co_err *err)
{
	co_auto_free char *text = detail == NULL ? NULL : json_dumps(detail, JSON_COMPACT);

	json_decref(detail);
	if (text == NULL)
		return co_fail(err, CO_ENOMEM, "event %s", what);
	if (strlen(text) > EVENT_DETAIL)
		return co_fail(err, CO_ETOOBIG, "event %s", what);
	return ledger_event(db, what, who, text, err);
}

enum co_rc
log_place(struct store_db *db, enum query place, int64_t before, int64_t *at_us, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	*at_us = INT64_MAX;
	if (before == INT64_MAX)
		return CO_OK;
	TRY(store_query(db, place, &st, err, "i", before));
	TRY(store_step(st, &row, err));
	*at_us = row ? store_int(st, 0) : -1;
	return CO_OK;
}

struct posted {
	struct exchange *x;
	char what[64];
	char who[LIMIT_NAME + 1];
	json_t *detail;
};

static enum co_rc
posted_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct posted *p = arg;

	return event_write(db, p->what, p->who, json_incref(p->detail), err);
}

static void
posted_done(void *arg, const struct co_err *err)
{
	struct posted *p = arg;

	if (err->rc != CO_OK)
		co_error(
			"exchange", "event %s of %s was not stored: %s", p->what, p->who, err->msg);
	json_decref(p->detail);
	exchange_landed(p->x);
	free(p);
}

void
event_post(struct exchange *x, const char *what, const char *who, json_t *detail)
{
	struct posted *p = calloc(1, sizeof(*p));
	struct co_err err = { CO_OK, "" };

	if (p == NULL || detail == NULL) {
		co_error("exchange", "event %s of %s was not stored: out of memory", what, who);
		json_decref(detail);
		free(p);
		return;
	}
	p->x = x;
	p->detail = detail;
	(void)snprintf(p->what, sizeof(p->what), "%s", what);
	(void)snprintf(p->who, sizeof(p->who), "%s", who);
	exchange_fly(x);
	if (store_submit(x->store, posted_work, posted_done, p, &err) != CO_OK)
		posted_done(p, &err);
}

void
event_refusal(struct exchange *x, const char *what, const char *who, json_t *detail)
{
	unsigned suppressed = 0;

	if (!event_allowed(x, who, co_now_us(), &suppressed)) {
		json_decref(detail);
		return;
	}
	if (suppressed != 0 && detail != NULL)
		(void)json_object_set_new(detail, "suppressed", json_integer(suppressed));
	event_post(x, what, who, detail);
}
