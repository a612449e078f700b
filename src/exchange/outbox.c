#include "exchange/outbox.h"

#include "base/enc.h"
#include "base/fault.h"
#include "base/log.h"
#include "exchange/inside.h"
#include "exchange/receipt.h"

#define SECOND_US INT64_C(1000000)
#define SKEW_REPORTED_US (300 * SECOND_US)
enum { BACKOFF_URGENT_S = 300, BACKOFF_USUAL_S = 1800 };

void
outbox_row_deinit(struct outbox_row *r)
{
	co_buf_deinit(&r->bytes);
	co_buf_deinit(&r->sig);
}

/* ---- what is due ---- */

static bool
in_batch(const struct outbox_row *rows, size_t n, int64_t seq)
{
	for (size_t i = 0; i < n; i++) {
		if (rows[i].seq == seq)
			return true;
	}
	return false;
}

static enum co_rc
row_read(struct outbox_row *out, struct store_stmt *st, int lane, struct co_err *err)
{
	const void *p;
	size_t n;
	enum co_rc rc;

	*out = (struct outbox_row){ .seq = store_int(st, 0),
		.lane = lane,
		.attempts = (int)store_int(st, 2),
		.next_us = store_int(st, 3) };
	(void)snprintf(out->record_id, sizeof(out->record_id), "%s", store_text(st, 1));
	co_buf_init(&out->bytes, LIMIT_RECORD);
	co_buf_init(&out->sig, LIMIT_SIGNATURE);
	p = store_blob(st, 4, &n);
	if (n != SHA256_LEN)
		return co_fail(err, CO_ESTORE, "record %s: its digest is damaged", out->record_id);
	co_hex(p, n, out->sha256);
	p = store_blob(st, 5, &n);
	rc = co_buf_add(&out->bytes, p, n, err);
	p = store_blob(st, 6, &n);
	if (rc == CO_OK)
		rc = co_buf_add(&out->sig, p, n, err);
	if (rc != CO_OK)
		outbox_row_deinit(out);
	return rc;
}

/* Column 7 is the record of the same case that must go before this one. */
static enum co_rc
due_read(struct store_stmt *st, int lane, size_t bytes, struct outbox_row *rows, size_t n,
	size_t *rows_n, struct co_err *err)
{
	size_t total = 0;
	bool row;

	while (*rows_n < n) {
		size_t size, sig_n;

		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		if (!store_is_null(st, 7) && !in_batch(rows, *rows_n, store_int(st, 7)))
			continue;
		(void)store_blob(st, 5, &size);
		(void)store_blob(st, 6, &sig_n);
		if (*rows_n > 0 && total + size + sig_n > bytes)
			return CO_OK;
		TRY(row_read(&rows[*rows_n], st, lane, err));
		total += size + sig_n;
		(*rows_n)++;
	}
	return CO_OK;
}

static enum co_rc
next_read(struct store_db *db, const char *partner, int lane, int64_t after_seq, int64_t now_us,
	int64_t *next_due_us, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(
		db, Q_OUTBOX_NEXT, &st, err, "tiii", partner, (int64_t)lane, after_seq, now_us));
	TRY(store_step(st, &row, err));
	*next_due_us = !row || store_is_null(st, 0) ? INT64_MAX : store_int(st, 0);
	return CO_OK;
}

enum co_rc
outbox_due(struct exchange *x, const char *partner, int lane, int64_t after_seq, size_t bytes,
	struct outbox_row *rows, size_t n, size_t *rows_n, int64_t *next_due_us, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;
	int64_t now_us = co_now_us(), next = now_us;
	size_t got = 0;
	enum co_rc rc;

	TRY(store_reader(x->store, &db, err));
	TRY(store_query(db, Q_OUTBOX_WAITING, &st, err, "ttiii", x->address, partner, (int64_t)lane,
		after_seq, now_us));
	rc = due_read(st, lane, bytes, rows, n, &got, err);
	store_done(&st);
	if (rc == CO_OK && got == 0)
		rc = next_read(db, partner, lane, after_seq, now_us, &next, err);
	if (rc != CO_OK) {
		for (size_t i = 0; i < got; i++)
			outbox_row_deinit(&rows[i]);
		return rc;
	}
	*rows_n = got;
	*next_due_us = next;
	return CO_OK;
}

enum co_rc
outbox_partners(struct exchange *x, void (*call)(void *arg, const char *partner), void *arg,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;
	bool row;

	TRY(store_reader(x->store, &db, err));
	TRY(store_query(db, Q_OUTBOX_PARTNERS, &st, err, ""));
	for (;;) {
		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		call(arg, store_text(st, 0));
	}
}

/* ---- what came back ---- */

enum verdict { DELIVERED, REFUSED, POSTPONED };

struct settling {
	struct exchange *x;
	const char *partner;
	const struct outbox_row *row;
	const struct wire_item *item;
	enum verdict verdict;
	struct record receipt;
	struct commit c;
	int64_t now_us, next_us, skew_us;
	bool skewed, first;
	char why[400];
	struct co_err err;
	struct tally *tally;
};

/* 1 s, 2 s, 4 s ... to the ceiling of the lane, the last half of it by chance so that nodes which
 * failed together do not come back together. */
static int64_t
backoff_us(int lane, int attempts)
{
	int64_t most = (lane == LANE_URGENT ? BACKOFF_URGENT_S : BACKOFF_USUAL_S) * SECOND_US;
	int64_t wait = most;
	uint32_t chance;

	if (attempts < 11)
		wait = SECOND_US << (attempts < 0 ? 0 : attempts);
	if (wait > most)
		wait = most;
	crypto_random(&chance, sizeof(chance));
	return wait / 2 + (int64_t)(chance % (uint32_t)(wait / 2 + 1));
}

static bool
final_error(const char *name)
{
	static const char *const final[] = { "EMALFORMED", "EDENIED", "EREFUSED", "ECONFLICT",
		"ETOOBIG", "EVERIFY", "ECERT" };

	for (size_t i = 0; i < CO_ARRAY_LEN(final); i++) {
		if (strcmp(final[i], name) == 0)
			return true;
	}
	return false;
}

static void
refusal_read(struct settling *s)
{
	json_t *o = json_loadb(s->item->p, s->item->n, JSON_REJECT_DUPLICATES, NULL);
	const char *name = json_string_value(json_object_get(o, "error"));
	const char *message = json_string_value(json_object_get(o, "message"));

	s->verdict = name != NULL && final_error(name) ? REFUSED : POSTPONED;
	(void)snprintf(s->why, sizeof(s->why), "%s: %s",
		name == NULL ? "an unreadable refusal" : name, message == NULL ? "" : message);
	json_decref(o);
}

static enum co_rc
receipt_read(struct settling *s, struct co_err *err)
{
	const struct wire_item *in = s->item;
	struct co_buf bytes = { .data = (char *)(uintptr_t)in->p, .len = in->n };
	int64_t received_us;

	TRY(partner_verify(s->x, s->partner, in->p, in->n, in->sig, in->sig_n, err));
	TRY(record_parse(&s->receipt, in->p, in->n, err));
	TRY(receipt_check(&s->receipt, s->partner, s->x->address, s->row->record_id, s->row->sha256,
		&received_us, err));
	/* A duplicate is answered with its first receipt, which is old without any clock being
	 * wrong. */
	s->skew_us = received_us - s->now_us;
	s->skewed = s->skew_us > SKEW_REPORTED_US ||
		(s->row->attempts == 0 && -s->skew_us > SKEW_REPORTED_US);
	if (s->skewed)
		co_warn("outbox", "the clock of %s differs from ours by %lld s", s->partner,
			(long long)(s->skew_us / SECOND_US));
	commit_prepare(&s->c, &s->receipt, &bytes, in->sig, in->sig_n, true, s->now_us);
	s->c.receipt_of = s->row->record_id;
	s->verdict = DELIVERED;
	return CO_OK;
}

static void
answer_read(struct settling *s)
{
	struct co_err why = { CO_OK, "" };

	s->now_us = co_now_us();
	s->next_us = s->now_us + backoff_us(s->row->lane, s->row->attempts);
	if (s->item->type == WIRE_REFUSAL) {
		refusal_read(s);
		return;
	}
	if (receipt_read(s, &why) == CO_OK)
		return;
	s->verdict = POSTPONED;
	(void)snprintf(s->why, sizeof(s->why), "wrong receipt: %s", why.msg);
	event_refusal(s->x, "outbox.wrong-receipt", s->partner,
		json_pack("{s:s,s:s}", "record", s->row->record_id, "message", why.msg));
}

static enum co_rc
delivered_work(struct store_db *db, struct settling *s, struct co_err *err)
{
	int64_t changes;

	TRY(store_run(db, &changes, Q_OUTBOX_SETTLE, err,
		"titti"
		"t",
		"delivered", s->now_us, s->receipt.id, NULL, s->row->seq, s->row->record_id));
	if (changes == 0)
		return CO_OK; /* settled before: the first receipt stands */
	TRY(commit_row(db, &s->c, err));
	if (!s->first && !s->skewed)
		return CO_OK; /* once an answer is enough */
	return store_run(db, NULL, Q_PARTNER_CONTACT, err, "iott", s->now_us,
		s->skewed ? &s->skew_us : NULL, s->receipt.id, s->partner);
}

/* A partner that was away while our seal certificate was renewed does not know who signed: it will
 * have our new entry within hours, and then it takes the record. */
static enum co_rc
seal_unknown(struct store_db *db, const struct settling *s, bool *unknown, struct co_err *err)
{
	const struct cert *seal = exchange_seal(s->x);
	store_stmt_auto *st = NULL;
	const json_t *one;
	co_auto_buf pem;
	record_auto r;
	const void *p;
	size_t n, i;
	bool row;

	record_init(&r);
	co_buf_init(&pem, LIMIT_CERT);
	*unknown = false;
	if (seal == NULL || strncmp(s->why, "EVERIFY:", 8) != 0)
		return CO_OK;
	TRY(cert_pem(seal, &pem, err));
	TRY(store_query(db, Q_PARTNER_ENTRY_OF_OURS, &st, err, "t", s->partner));
	TRY(store_step(st, &row, err));
	if (!row)
		return CO_OK;
	p = store_blob(st, 0, &n);
	TRY(record_parse(&r, p, n, err));
	json_array_foreach(json_object_get(r.body, "seal"), i, one)
		if (strcmp(json_string_value(one), pem.data) == 0)
			return CO_OK;
	*unknown = true;
	return CO_OK;
}

static enum co_rc
settling_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct settling *s = arg;
	bool wait = s->verdict == POSTPONED;
	int64_t changes;

	if (co_fault_hit("outbox.before-settle"))
		return co_fail(err, CO_EIO, "fault before settling");
	if (s->verdict == DELIVERED)
		return delivered_work(db, s, err);
	if (s->verdict == REFUSED)
		TRY(seal_unknown(db, s, &wait, err));
	if (wait)
		return store_run(db, NULL, Q_OUTBOX_POSTPONE, err, "itit", s->next_us, s->why,
			s->row->seq, s->row->record_id);
	TRY(store_run(db, &changes, Q_OUTBOX_SETTLE, err,
		"titti"
		"t",
		"refused", s->now_us, NULL, s->why, s->row->seq, s->row->record_id));
	if (changes == 0)
		return CO_OK;
	return event_write(db, "outbox.refused", s->partner,
		json_pack("{s:s,s:s}", "record", s->row->record_id, "message", s->why), err);
}

static void
settling_done(void *arg, const struct co_err *err)
{
	struct settling *s = arg;

	(void)co_fault_hit("outbox.after-settle");
	s->err = *err;
	tally_done(s->tally);
}

/* Runs the jobs, waits for the disk, returns the first failure; wakes the courier, because what
 * waited behind these rows in their cases may go now. */
static enum co_rc
settle_all(
	struct exchange *x, const char *partner, struct settling *all, size_t n, struct co_err *err)
{
	void *args[LIMIT_BATCH_RECORDS];
	struct tally tally;
	enum co_rc rc = CO_OK;

	if (n > CO_ARRAY_LEN(args))
		return co_fail(err, CO_EINTERNAL, "%zu rows to settle at once", n);
	tally_init(&tally);
	for (size_t i = 0; i < n; i++) {
		all[i].tally = &tally;
		args[i] = &all[i];
	}
	tally_submit(&tally, x->store, settling_work, settling_done, args, n);
	tally_wait_deinit(&tally);
	for (size_t i = 0; i < n; i++) {
		if (all[i].err.rc != CO_OK && rc == CO_OK)
			rc = co_fail(err, all[i].err.rc, "%s", all[i].err.msg);
	}
	if (rc == CO_OK && n > 0 && all[0].verdict != POSTPONED && x->wake != NULL)
		x->wake(x->wake_arg, partner, LANE_N);
	return rc;
}

enum co_rc
outbox_settle(struct exchange *x, const char *partner, const struct outbox_row *rows,
	const struct wire_item *items, size_t n, struct co_err *err)
{
	struct settling *all = calloc(n == 0 ? 1 : n, sizeof(*all));
	enum co_rc rc;

	if (all == NULL)
		return co_fail(err, CO_ENOMEM, "%zu receipts", n);
	for (size_t i = 0; i < n; i++) {
		all[i].x = x;
		all[i].partner = partner;
		all[i].row = &rows[i];
		all[i].item = &items[i];
		all[i].first = i == 0;
		record_init(&all[i].receipt);
		answer_read(&all[i]);
	}
	rc = settle_all(x, partner, all, n, err);
	for (size_t i = 0; i < n; i++)
		record_deinit(&all[i].receipt);
	free(all);
	return rc;
}

enum co_rc
outbox_postpone(struct exchange *x, const char *partner, const struct outbox_row *rows, size_t n,
	const char *why, struct co_err *err)
{
	struct settling *all = calloc(n == 0 ? 1 : n, sizeof(*all));
	int64_t now_us = co_now_us();
	enum co_rc rc;

	if (all == NULL)
		return co_fail(err, CO_ENOMEM, "%zu rows", n);
	for (size_t i = 0; i < n; i++) {
		all[i] = (struct settling){ .x = x,
			.partner = partner,
			.row = &rows[i],
			.verdict = POSTPONED,
			.next_us = now_us + backoff_us(rows[i].lane, rows[i].attempts) };
		(void)snprintf(all[i].why, sizeof(all[i].why), "%s", why);
	}
	rc = settle_all(x, partner, all, n, err);
	free(all);
	return rc;
}

static enum co_rc
release_work(struct store_db *db, void *arg, struct co_err *err)
{
	int64_t now_us = co_now_us();

	return store_run(
		db, NULL, Q_OUTBOX_RELEASE, err, "iti", now_us, (const char *)arg, now_us);
}

enum co_rc
outbox_release(struct exchange *x, const char *partner, struct co_err *err)
{
	char address[LIMIT_ADDRESS + 1];

	(void)snprintf(address, sizeof(address), "%s", partner);
	return store_write(x->store, release_work, address, err);
}
