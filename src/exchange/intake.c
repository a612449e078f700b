#include "exchange/intake.h"

#include "base/enc.h"
#include "base/fault.h"
#include "base/log.h"
#include "exchange/inside.h"
#include "exchange/receipt.h"

#define CLOCK_REFUSED_US (24 * 3600 * (int64_t)1000000)
#define CLOCK_REPORTED_US (300 * (int64_t)1000000)

/* One record of a batch, from the wire to its answer. */
struct item {
	struct batch *b;
	struct wire_item in;
	struct record r; /* initialised always, filled when parsed */
	struct commit c;
	struct record receipt;
	struct co_buf receipt_bytes, receipt_sig;
	struct commit receipt_c;
	int lane;
	bool duplicate;
	struct co_buf stored_bytes, stored_sig; /* the receipt of what a duplicate repeats */
	struct co_err err;                      /* why it is refused */
};

struct batch {
	struct exchange *x;
	char peer[LIMIT_ADDRESS + 1];
	struct co_buf body; /* our copy: the jobs run after the caller has gone */
	struct item *items;
	size_t n;
	atomic_size_t left; /* jobs, and the thread that submits them */
	atomic_bool urgent;
	int64_t received_us;
	intake_answer *answer;
	void *arg;
};

static void
batch_free(struct batch *b)
{
	for (size_t i = 0; b->items != NULL && i < b->n; i++) {
		record_deinit(&b->items[i].r);
		record_deinit(&b->items[i].receipt);
		co_buf_deinit(&b->items[i].receipt_bytes);
		co_buf_deinit(&b->items[i].receipt_sig);
		co_buf_deinit(&b->items[i].stored_bytes);
		co_buf_deinit(&b->items[i].stored_sig);
	}
	free(b->items);
	co_buf_deinit(&b->body);
	free(b);
}

/* ---- before the tables ---- */

static enum co_rc
clock_check(const struct item *it, struct co_err *err)
{
	int64_t skew_us = it->r.at_us - it->b->received_us;
	char at[CO_TIME_LEN];

	if (skew_us > CLOCK_REFUSED_US) {
		co_time_print(it->r.at_us, at);
		return co_fail(err, CO_EREFUSED,
			"at is %s, more than a day ahead of the clock here; set the clock and send "
			"a new record",
			at);
	}
	if (skew_us > CLOCK_REPORTED_US)
		co_warn("intake", "the clock of %s is ahead of ours by %lld s", it->b->peer,
			(long long)(skew_us / 1000000));
	return CO_OK;
}

/* Everything that the record alone, its signature and the clock can tell. */
static enum co_rc
item_vet(struct item *it, struct co_err *err)
{
	struct batch *b = it->b;
	struct exchange *x = b->x;
	const struct wire_item *in = &it->in;

	if (in->type != WIRE_RECORD)
		return co_fail(err, CO_EMALFORMED, "a refusal is no record to post");
	if (in->n > LIMIT_RECORD)
		return co_fail(
			err, CO_ETOOBIG, "a record of %zu bytes; at most %u", in->n, LIMIT_RECORD);
	if (in->sig_n > LIMIT_SIGNATURE)
		return co_fail(err, CO_ETOOBIG, "a signature of %zu bytes; at most %u", in->sig_n,
			LIMIT_SIGNATURE);
	TRY(partner_verify(x, b->peer, in->p, in->n, in->sig, in->sig_n, err));
	TRY(record_parse(&it->r, in->p, in->n, err));
	if (strcmp(it->r.from, b->peer) != 0)
		return co_fail(err, CO_EDENIED, "the record is from %s, but %s posted it",
			it->r.from, b->peer);
	if (strcmp(it->r.to, x->address) != 0 &&
		!(kind_to_all(it->r.kind) && strcmp(it->r.to, "*") == 0))
		return co_fail(
			err, CO_EDENIED, "the record is for %s, not for %s", it->r.to, x->address);
	if (!kind_from_partner(x, it->r.kind))
		return co_fail(err, CO_EREFUSED, "this node takes no %s over this door",
			record_kind_name(it->r.kind));
	TRY(clock_check(it, err));
	TRY(kind_check(&it->r, err));
	return kind_vet(x, &it->r, err);
}

/* Known already? Then *found, and the answer is the stored receipt; CO_ECONFLICT when the bytes
 * differ. */
static enum co_rc
item_known(struct item *it, struct store_db *db, bool *found, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	const void *p;
	size_t n;

	TRY(store_query(db, Q_RECORD_KNOWN, &st, err, "tt", it->r.from, it->r.id));
	TRY(store_step(st, found, err));
	if (!*found)
		return CO_OK;
	p = store_blob(st, 0, &n);
	if (n != SHA256_LEN || memcmp(p, it->c.sha256, n) != 0)
		return co_fail(err, CO_ECONFLICT,
			"record %s has arrived before with other content; "
			"an id is never used twice",
			it->r.id);
	store_done(&st);
	TRY(store_query(db, Q_RECEIPT_OURS, &st, err, "tt", it->r.id, it->r.from));
	TRY(store_step(st, found, err));
	if (!*found)
		return co_fail(err, CO_ESTORE, "record %s is here without its receipt", it->r.id);
	co_buf_reset(&it->stored_bytes);
	co_buf_reset(&it->stored_sig);
	p = store_blob(st, 0, &n);
	TRY(co_buf_add(&it->stored_bytes, p, n, err));
	p = store_blob(st, 1, &n);
	TRY(co_buf_add(&it->stored_sig, p, n, err));
	it->duplicate = true;
	return CO_OK;
}

/* Looks on a reader for what needs no new receipt, so that replays cost no signature and no write.
 */
static void
batch_known(struct batch *b)
{
	struct co_err err = { CO_OK, "" };
	struct store_db *db;
	bool found;

	if (store_reader(b->x->store, &db, &err) != CO_OK || store_snapshot(db, &err) != CO_OK)
		return; /* the job looks again */
	for (size_t i = 0; i < b->n; i++) {
		struct item *it = &b->items[i];

		if (it->err.rc == CO_OK)
			(void)item_known(it, db, &found, &it->err);
	}
	store_snapshot_end(db);
}

static enum co_rc
item_receipt(struct item *it, struct co_err *err)
{
	struct receipt_ask ask = { .of = &it->r,
		.sha256 = it->c.sha256,
		.leaf = &it->c.leaf.hash,
		.received_us = it->b->received_us,
		.skew_s = (it->r.at_us - it->b->received_us) / 1000000 };

	return receipt_print(it->b->x->address, &ask, &it->receipt, &it->receipt_bytes, err);
}

/* Receipts of all that is new, signed in one round trip. */
static void
batch_sign(struct batch *b)
{
	struct co_buf texts[LIMIT_BATCH_RECORDS], sigs[LIMIT_BATCH_RECORDS];
	struct item *which[LIMIT_BATCH_RECORDS];
	struct co_err err = { CO_OK, "" };
	enum co_rc rc;
	size_t m = 0;

	for (size_t i = 0; i < b->n; i++) {
		struct item *it = &b->items[i];

		if (it->err.rc != CO_OK || it->duplicate || item_receipt(it, &it->err) != CO_OK)
			continue;
		texts[m] = it->receipt_bytes;
		co_buf_init(&sigs[m], LIMIT_SIGNATURE);
		which[m++] = it;
	}
	rc = m == 0 ? CO_OK : sign_texts(b->x, texts, m, sigs, &err);
	for (size_t i = 0; i < m; i++) {
		struct item *it = which[i];

		it->receipt_sig = sigs[i];
		/* Whatever failed here is our trouble, not the sender's: it may try again. */
		if (rc != CO_OK) {
			(void)co_fail(&it->err, CO_EBUSY,
				"the receipt could not be signed now; try again");
			continue;
		}
		commit_prepare(&it->receipt_c, &it->receipt, &it->receipt_bytes,
			it->receipt_sig.data, it->receipt_sig.len, false, b->received_us);
		it->receipt_c.receipt_of = it->r.id;
	}
	if (rc != CO_OK)
		co_error("intake", "receipts for %s were not signed: %s", b->peer, err.msg);
}

/* ---- the answer ---- */

/* What the sender's node should give up, and what it may try again later. */
static bool
refusal_final(enum co_rc rc)
{
	static const enum co_rc final[] = { CO_EMALFORMED, CO_EDENIED, CO_EREFUSED, CO_ECONFLICT,
		CO_ETOOBIG, CO_EVERIFY, CO_ECERT };

	for (size_t i = 0; i < CO_ARRAY_LEN(final); i++) {
		if (final[i] == rc)
			return true;
	}
	return false;
}

static void
refusal_tell(struct item *it)
{
	char hex[SHA256_HEX + 1];

	if (!refusal_final(it->err.rc)) {
		co_info("intake", "a record of %s is put off (%s): %s", it->b->peer,
			co_rc_name(it->err.rc), it->err.msg);
		return;
	}
	sha256_hex(it->in.p, it->in.n, hex);
	co_warn("intake", "a record of %s is refused (%s): %s", it->b->peer, co_rc_name(it->err.rc),
		it->err.msg);
	event_refusal(it->b->x, it->err.rc == CO_ECONFLICT ? "intake.conflict" : "intake.refused",
		it->b->peer,
		json_pack("{s:s,s:s,s:s,s:s}", "id", it->r.id, "sha256", hex, "error",
			co_rc_name(it->err.rc), "message", it->err.msg));
}

static enum co_rc
answer_refusal(struct co_buf *out, const struct item *it, struct co_err *err)
{
	json_t *o = json_pack("{s:s,s:s,s:s}", "error", co_rc_name(it->err.rc), "id", it->r.id,
		"message", it->err.msg);
	co_auto_free char *text = o == NULL ? NULL : json_dumps(o, JSON_COMPACT);
	struct wire_item w = {
		.type = WIRE_REFUSAL, .p = text, .n = text == NULL ? 0 : strlen(text)
	};

	json_decref(o);
	if (text == NULL)
		return co_fail(err, CO_ENOMEM, "answer");
	return wire_add(out, &w, err);
}

static enum co_rc
answer_build(struct batch *b, struct co_buf *out, struct co_err *err)
{
	TRY(wire_begin(out, (uint32_t)b->n, err));
	for (size_t i = 0; i < b->n; i++) {
		const struct item *it = &b->items[i];
		const struct co_buf *bytes = it->duplicate ? &it->stored_bytes : &it->receipt_bytes;
		const struct co_buf *sig = it->duplicate ? &it->stored_sig : &it->receipt_sig;
		struct wire_item w = { .type = WIRE_RECORD,
			.p = bytes->data,
			.n = bytes->len,
			.sig = sig->data,
			.sig_n = sig->len };

		if (it->err.rc != CO_OK)
			TRY(answer_refusal(out, it, err));
		else
			TRY(wire_add(out, &w, err));
	}
	return CO_OK;
}

static void
batch_answer(struct batch *b)
{
	struct co_err err = { CO_OK, "" };
	co_auto_buf out;

	co_buf_init(&out, 2 * LIMIT_BATCH_BYTES);
	for (size_t i = 0; i < b->n; i++) {
		if (b->items[i].err.rc != CO_OK)
			refusal_tell(&b->items[i]);
	}
	if (answer_build(b, &out, &err) != CO_OK) {
		/* An empty answer settles nothing: the sender tries again and gets the stored
		 * receipts. */
		co_error("intake", "the answer to %s could not be built: %s", b->peer, err.msg);
		co_buf_reset(&out);
	}
	b->answer(b->arg, &out);
}

/* The last one to finish answers. */
static void
batch_left(struct batch *b)
{
	struct exchange *x = b->x;

	if (atomic_fetch_sub(&b->left, 1) != 1)
		return;
	batch_answer(b);
	if (atomic_load(&b->urgent) && x->urgent != NULL)
		x->urgent(x->urgent_arg);
	batch_free(b);
	exchange_landed(x);
}

/* ---- the job of one record ---- */

static enum co_rc
contact_note(struct item *it, struct store_db *db, struct co_err *err)
{
	int64_t skew_us = it->r.at_us - it->b->received_us;

	/* Once a batch is enough. A record from the past may just have waited; the future is a
	 * clock. */
	if (it != &it->b->items[0] && skew_us <= CLOCK_REPORTED_US)
		return CO_OK;
	return store_run(db, NULL, Q_PARTNER_CONTACT, err, "iott", it->b->received_us,
		skew_us > CLOCK_REPORTED_US ? &skew_us : NULL, it->r.id, it->b->peer);
}

static enum co_rc
item_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct item *it = arg;
	bool found;

	it->duplicate = false;
	TRY(item_known(it, db, &found, err));
	if (found)
		return CO_OK;
	TRY(commit_record(it->b->x, db, &it->c, err));
	TRY(commit_row(db, &it->receipt_c, err));
	TRY(kind_lane(db, &it->r, &it->lane, err));
	TRY(contact_note(it, db, err));
	if (co_fault_hit("intake.before-commit"))
		return co_fail(err, CO_EIO, "fault before commit");
	return CO_OK;
}

static void
item_done(void *arg, const struct co_err *err)
{
	struct item *it = arg;

	(void)co_fault_hit("intake.after-commit");
	if (err->rc != CO_OK)
		it->err = *err;
	else if (!it->duplicate && it->lane == LANE_URGENT && it->r.case_id[0] != '\0')
		atomic_store(&it->b->urgent, true);
	if (err->rc == CO_OK && it->r.kind == REC_MANIFEST && it->b->x->carry != NULL)
		it->b->x->carry(it->b->x->carry_arg);
	batch_left(it->b);
}

/* What is new goes to the writer; the batch may be gone afterwards. */
static void
batch_submit(struct batch *b)
{
	void *jobs[LIMIT_BATCH_RECORDS];
	struct co_err err = { CO_OK, "" };
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		if (b->items[i].err.rc == CO_OK && !b->items[i].duplicate)
			jobs[n++] = &b->items[i];
	}
	atomic_store(&b->left, n + 1);
	if (n > 0 && store_submit_many(b->x->store, item_work, item_done, jobs, n, &err) != CO_OK) {
		for (size_t i = 0; i < n; i++)
			item_done(jobs[i], &err);
	}
	batch_left(b);
}

static enum co_rc
batch_new(struct batch **out, struct exchange *x, const char *peer, const void *body, size_t n,
	struct co_err *err)
{
	struct batch *b = calloc(1, sizeof(*b));
	struct wire_item in[LIMIT_BATCH_RECORDS];
	size_t items_n = 0;
	enum co_rc rc;

	if (b == NULL)
		return co_fail(err, CO_ENOMEM, "batch");
	b->x = x;
	(void)snprintf(b->peer, sizeof(b->peer), "%s", peer);
	co_buf_init(&b->body, LIMIT_BATCH_BYTES);
	rc = co_buf_add(&b->body, body, n, err);
	if (rc == CO_OK)
		rc = wire_parse(b->body.data, b->body.len, in, &items_n, err);
	if (rc == CO_OK) {
		b->items = calloc(items_n == 0 ? 1 : items_n, sizeof(*b->items));
		if (b->items == NULL)
			rc = co_fail(err, CO_ENOMEM, "batch of %zu records", items_n);
	}
	if (rc != CO_OK) {
		batch_free(b);
		return rc;
	}
	b->n = items_n;
	for (size_t i = 0; i < items_n; i++) {
		struct item *it = &b->items[i];

		it->b = b;
		it->in = in[i];
		record_init(&it->r);
		record_init(&it->receipt);
		co_buf_init(&it->receipt_bytes, LIMIT_RECORD);
		co_buf_init(&it->receipt_sig, LIMIT_SIGNATURE);
		co_buf_init(&it->stored_bytes, LIMIT_RECORD);
		co_buf_init(&it->stored_sig, LIMIT_SIGNATURE);
	}
	*out = b;
	return CO_OK;
}

enum co_rc
intake_records(struct exchange *x, const char *peer, const void *body, size_t n,
	intake_answer *answer, void *arg, struct co_err *err)
{
	struct batch *b;

	TRY(batch_new(&b, x, peer, body, n, err));
	b->answer = answer;
	b->arg = arg;
	b->received_us = co_now_us();
	for (size_t i = 0; i < b->n; i++) {
		struct item *it = &b->items[i];
		const struct co_buf bytes = { .data = (char *)(uintptr_t)it->in.p,
			.len = it->in.n };

		if (item_vet(it, &it->err) == CO_OK)
			commit_prepare(&it->c, &it->r, &bytes, it->in.sig, it->in.sig_n, true,
				b->received_us);
	}
	batch_known(b);
	batch_sign(b);
	exchange_fly(x);
	batch_submit(b);
	return CO_OK;
}
