/* Tables are projections: this makes them again from the records. */
#include "base/log.h"
#include "exchange/advice.h"
#include "exchange/inside.h"
#include "exchange/named.h"
#include "exchange/numbers.h"
#include "exchange/search.h"

struct rebuild {
	struct exchange *x;
	uint64_t records, faults;
	int64_t seq;      /* of the last record read */
	int64_t swept_us; /* expiries are marked up to here */
};

void
exchange_on_rebuild(struct exchange *x, exchange_wipe *wipe, void *arg)
{
	x->wipe = wipe;
	x->wipe_arg = arg;
}

static enum co_rc
rebuild_one(struct rebuild *b, struct store_db *db, struct store_stmt *st, struct co_err *err)
{
	struct exchange *x = b->x;
	struct co_err why = { CO_OK, "" };
	record_auto r;
	const void *p;
	size_t n;
	int64_t stored_us = store_int(st, 3);

	record_init(&r);
	b->seq = store_int(st, 0);
	p = store_blob(st, 1, &n);
	if (record_parse(&r, p, n, err) != CO_OK)
		return co_wrap(err, "record number %lld is damaged; run comity ledger check",
			(long long)b->seq);
	b->records++;
	if (r.kind == REC_RECEIPT)
		return CO_OK;
	/* What the sweep, which runs every minute, had done by then. */
	if (stored_us - b->swept_us > 60 * INT64_C(1000000)) {
		TRY(store_run(db, NULL, Q_REBUILD_EXPIRE, err, "i", stored_us));
		b->swept_us = stored_us;
	}
	if (commit_effects(x, db, &r, store_int(st, 2) != 0, stored_us, &why) == CO_OK)
		return CO_OK;
	if (why.rc != CO_EREFUSED && why.rc != CO_ENOTFOUND && why.rc != CO_EDENIED)
		return co_fail(err, why.rc, "%s", why.msg);
	b->faults++;
	co_warn("rebuild", "the effects of record %s are left out: %s", r.id, why.msg);
	return CO_OK;
}

/* A page of records; *n tells how many there were. */
static enum co_rc
rebuild_page(struct rebuild *b, struct store_db *db, size_t *n, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	*n = 0;
	TRY(store_query(db, Q_RECORD_PAGE, &st, err, "i", b->seq));
	for (;;) {
		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		TRY(rebuild_one(b, db, st, err));
		(*n)++;
	}
}

static enum co_rc
rebuild_run(struct rebuild *b, struct store_db *db, struct co_err *err)
{
	size_t n = 1;

	TRY(store_run(db, NULL, Q_REBUILD_REQUESTS, err, ""));
	TRY(store_run(db, NULL, Q_REBUILD_CASES, err, ""));
	TRY(search_forget(db, err));
	TRY(store_run(db, NULL, Q_ATTACHED_WIPE, err, ""));
	TRY(store_run(db, NULL, Q_REBUILD_PROFILES, err, ""));
	TRY(numbers_wipe(db, err));
	if (b->x->wipe != NULL)
		TRY(b->x->wipe(db, b->x->wipe_arg, err));
	while (n != 0)
		TRY(rebuild_page(b, db, &n, err));
	TRY(named_again(db, err));
	TRY(numbers_named_again(db, err));
	TRY(alarm_rebuild(db, err));
	return advice_rebuild(db, err);
}

static enum co_rc
rebuild_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct rebuild *b = arg;
	enum co_rc rc;

	*b = (struct rebuild){ .x = b->x };
	atomic_store(&b->x->rebuilding, true);
	rc = rebuild_run(b, db, err);
	atomic_store(&b->x->rebuilding, false);
	if (rc != CO_OK)
		return rc;
	return event_write(db, "rebuild", "node",
		json_pack("{s:I,s:I}", "records", (json_int_t)b->records, "faults",
			(json_int_t)b->faults),
		err);
}

enum co_rc
exchange_rebuild(struct exchange *x, uint64_t *records, uint64_t *faults, struct co_err *err)
{
	struct rebuild b = { .x = x };

	TRY(store_write(x->store, rebuild_work, &b, err));
	*records = b.records;
	*faults = b.faults;
	return CO_OK;
}
