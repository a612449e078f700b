/* Time passes: preservations whose end has come. */
#include "exchange/deadlines.h"
#include "exchange/inside.h"
#include "exchange/named.h"

struct sweep {
	int64_t now_us;
	size_t marked;
};

struct ripe {
	char id[CO_UUID_LEN + 1];
	char case_id[CO_UUID_LEN + 1];
	int64_t expiry_us;
};

static enum co_rc
ripe_read(struct store_db *db, int64_t now_us, struct ripe *out, size_t cap, size_t *n,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	*n = 0;
	TRY(store_query(db, Q_REQUEST_EXPIRED, &st, err, "i", now_us));
	while (*n < cap) {
		TRY(store_step(st, &row, err));
		if (!row)
			break;
		(void)snprintf(out[*n].id, sizeof(out->id), "%s", store_text(st, 0));
		(void)snprintf(out[*n].case_id, sizeof(out->case_id), "%s", store_text(st, 1));
		out[*n].expiry_us = store_int(st, 3);
		(*n)++;
	}
	return CO_OK;
}

static enum co_rc
sweep_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct sweep *s = arg;
	struct ripe ripe[200];
	size_t n;

	TRY(ripe_read(db, s->now_us, ripe, CO_ARRAY_LEN(ripe), &n, err));
	for (size_t i = 0; i < n; i++) {
		char until[CO_TIME_LEN];

		co_time_print(ripe[i].expiry_us, until);
		TRY(store_run(db, NULL, Q_REQUEST_EXPIRE, err, "it", s->now_us, ripe[i].id));
		TRY(named_request(db, ripe[i].id, err));
		TRY(alarm_lapse(db, ripe[i].id, "the preservation is over", err));
		TRY(event_write(db, "preservation.expired", "node",
			json_pack("{s:s,s:s,s:s}", "request", ripe[i].id, "case", ripe[i].case_id,
				"until", until),
			err));
	}
	s->marked = n;
	return CO_OK;
}

enum co_rc
exchange_sweep(struct exchange *x, int64_t now_us, size_t *marked, struct co_err *err)
{
	struct sweep s = { now_us, 0 };
	struct store_db *db;
	struct ripe one;
	size_t n, all = 0;

	/* Looked up on a reader first: usually there is nothing to write. */
	TRY(store_reader(x->store, &db, err));
	TRY(ripe_read(db, now_us, &one, 1, &n, err));
	while (n != 0) {
		TRY(store_write(x->store, sweep_work, &s, err));
		all += s.marked;
		n = s.marked == 200 ? 1 : 0;
	}
	if (marked != NULL)
		*marked = all;
	return alarm_sweep(x, now_us, err);
}
