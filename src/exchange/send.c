#include "base/fault.h"
#include "base/log.h"
#include "crypto/cms.h"
#include "exchange/advice.h"
#include "exchange/inside.h"

enum { SEND_SLICE = 64 }; /* signed in one round trip while the writer stores the slice before */

struct sending {
	struct exchange *x;
	struct record *r;
	const struct advice_kept *kept; /* what was advised, or NULL */
	struct co_buf bytes, sig;
	struct commit c;
	int lane;
	bool outbound;
	struct co_err *err;
	struct tally *tally;
};

enum co_rc
sign_texts(struct exchange *x, const struct co_buf *texts, size_t n, struct co_buf *sigs,
	struct co_err *err)
{
	struct keeper_blob blobs[LIMIT_BATCH_RECORDS];
	const struct cert *allowed[1] = { exchange_seal(x) };
	struct cms_seen seen;

	if (n == 0)
		return CO_OK;
	TRY(exchange_held(x, err));
	if (n > CO_ARRAY_LEN(blobs))
		return co_fail(err, CO_EINTERNAL, "%zu texts to sign at once", n);
	for (size_t i = 0; i < n; i++)
		blobs[i] = (struct keeper_blob){ texts[i].data, texts[i].len };
	if (co_fault_hit("exchange.before-sign"))
		return co_fail(err, CO_EIO, "fault before signing");
	TRY(keeper_sign_records(x->keeper, blobs, n, sigs, err));
	if (co_fault_hit("exchange.after-sign"))
		return co_fail(err, CO_EIO, "fault after signing");
	if (allowed[0] == NULL || atomic_load(&x->seal_checked))
		return CO_OK;
	if (cms_verify(sigs[0].data, sigs[0].len, texts[0].data, texts[0].len, allowed, 1, &seen,
		    err) != CO_OK)
		return co_wrap(err,
			"the keeper's signature does not fit our seal certificate; "
			"check keys/seal.key against certs/seal.pem");
	atomic_store(&x->seal_checked, true);
	return CO_OK;
}

static enum co_rc
sending_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct sending *s = arg;
	const struct record *r = s->r;

	TRY(commit_record(s->x, db, &s->c, err));
	TRY(advice_write(db, s->kept, err));
	TRY(kind_lane(db, r, &s->lane, err));
	if (!s->outbound)
		return CO_OK;
	return store_run(db, NULL, Q_OUTBOX_INSERT, err, "tttiii", r->id, r->to,
		r->case_id[0] == '\0' ? NULL : r->case_id, (int64_t)s->lane, s->c.now_us,
		s->c.now_us);
}

static void
sending_done(void *arg, const struct co_err *err)
{
	struct sending *s = arg;
	struct exchange *x = s->x;

	if (err->rc != CO_OK) {
		*s->err = *err;
	} else {
		if (s->outbound && x->wake != NULL)
			x->wake(x->wake_arg, s->r->to, s->lane);
		if (s->lane == LANE_URGENT && s->r->case_id[0] != '\0' && x->urgent != NULL)
			x->urgent(x->urgent_arg);
		if (s->r->attachments_n > 0 && x->carry != NULL)
			x->carry(x->carry_arg);
	}
	tally_done(s->tally);
}

static enum co_rc
sending_print(struct sending *s, struct co_err *err)
{
	struct record *r = s->r;
	struct store_db *db;

	if (r->id[0] == '\0')
		co_uuid7(r->id);
	(void)snprintf(r->from, sizeof(r->from), "%s", s->x->address);
	r->at_us = co_now_us();
	s->outbound = strcmp(r->to, s->x->address) != 0 && strcmp(r->to, "*") != 0;
	TRY(kind_check(r, err));
	TRY(kind_vet(s->x, r, err));
	TRY(store_reader(s->x->store, &db, err));
	TRY(kind_plan(s->x, db, r, err));
	return record_print(r, &s->bytes, err);
}

/* Signs what printed well in a slice and hands it to the writer. */
static enum co_rc
slice_submit(struct exchange *x, struct sending *s, size_t n, struct co_err *err)
{
	struct co_buf texts[SEND_SLICE], sigs[SEND_SLICE];
	void *which[SEND_SLICE];
	enum co_rc rc;
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		if (s[i].err->rc != CO_OK)
			continue;
		texts[m] = s[i].bytes;
		co_buf_init(&sigs[m], LIMIT_SIGNATURE);
		which[m++] = &s[i];
	}
	rc = sign_texts(x, texts, m, sigs, err);
	for (size_t i = 0; i < m; i++) {
		struct sending *w = which[i];

		w->sig = sigs[i]; /* freed with w also when signing failed */
		if (rc != CO_OK) {
			(void)co_fail(w->err, rc, "%s", err == NULL ? "signing failed" : err->msg);
			continue;
		}
		commit_prepare(&w->c, w->r, &w->bytes, w->sig.data, w->sig.len, false, co_now_us());
	}
	if (rc == CO_OK && m > 0)
		tally_submit(s->tally, x->store, sending_work, sending_done, which, m);
	return rc;
}

enum co_rc
exchange_send_many(struct exchange *x, struct record *rs, const struct advice_kept *kept, size_t n,
	struct co_err *errs, struct co_err *err)
{
	struct sending *all = calloc(n == 0 ? 1 : n, sizeof(*all));
	struct tally tally;
	enum co_rc rc = CO_OK;

	if (all == NULL) {
		for (size_t i = 0; i < n; i++)
			(void)co_fail(&errs[i], CO_ENOMEM, "not sent");
		return co_fail(err, CO_ENOMEM, "%zu records to send", n);
	}
	tally_init(&tally);
	for (size_t i = 0; i < n; i++) {
		co_err_clear(&errs[i]);
		all[i] = (struct sending){
			.x = x,
			.r = &rs[i],
			.err = &errs[i],
			.tally = &tally,
			.kept = kept == NULL ? NULL : &kept[i],
		};
		co_buf_init(&all[i].bytes, LIMIT_RECORD);
		co_buf_init(&all[i].sig, LIMIT_SIGNATURE);
	}
	for (size_t at = 0; at < n && rc == CO_OK; at += SEND_SLICE) {
		size_t m = n - at < SEND_SLICE ? n - at : SEND_SLICE;

		for (size_t i = at; i < at + m; i++)
			(void)sending_print(&all[i], all[i].err);
		rc = slice_submit(x, all + at, m, err);
		for (size_t i = at + m; rc != CO_OK && i < n; i++)
			(void)co_fail(&errs[i], rc, "not signed: an earlier signature failed");
	}
	tally_wait_deinit(&tally);
	for (size_t i = 0; i < n; i++) {
		co_buf_deinit(&all[i].bytes);
		co_buf_deinit(&all[i].sig);
	}
	free(all);
	return rc;
}

enum co_rc
exchange_send_advised(
	struct exchange *x, struct record *r, const struct advice_kept *kept, struct co_err *err)
{
	struct co_err own = { CO_OK, "" };

	TRY(exchange_send_many(x, r, kept, 1, &own, err));
	if (own.rc != CO_OK)
		return co_fail(err, own.rc, "%s", own.msg);
	return CO_OK;
}

enum co_rc
exchange_send(struct exchange *x, struct record *r, struct co_err *err)
{
	return exchange_send_advised(x, r, NULL, err);
}
