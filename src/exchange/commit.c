#include "base/enc.h"
#include "exchange/attach.h"
#include "exchange/inside.h"
#include "exchange/named.h"
#include "exchange/sight.h"
#include "record/custody.h"

void
commit_prepare(struct commit *c, const struct record *r, const struct co_buf *bytes,
	const void *sig, size_t sig_n, bool incoming, int64_t now_us)
{
	*c = (struct commit){ .r = r,
		.bytes = bytes->data,
		.bytes_n = bytes->len,
		.sig = sig,
		.sig_n = sig_n,
		.incoming = incoming,
		.now_us = now_us };
	sha256(c->bytes, c->bytes_n, c->sha256);
	leaf_make(&c->leaf, LEAF_RECORD, c->bytes, c->bytes_n, c->sig, c->sig_n);
}

enum co_rc
commit_row(struct store_db *db, const struct commit *c, struct co_err *err)
{
	const struct record *r = c->r;

	TRY(store_run(db, NULL, Q_RECORD_INSERT, err, "tttttiiibbbt", r->id,
		record_kind_name(r->kind), r->case_id[0] == '\0' ? NULL : r->case_id, r->from,
		r->to, (int64_t)c->incoming, r->at_us, c->now_us, c->sha256, sizeof(c->sha256),
		c->bytes, c->bytes_n, c->sig, c->sig_n, c->receipt_of));
	return ledger_append(db, &c->leaf, r->id, NULL, err);
}

/* Is the record that ref names here, with these bytes, and between us and the other side? What
 * belongs to others is answered as if it were not there. */
static enum co_rc
ref_check(struct exchange *x, struct store_db *db, const struct record_ref *ref, const char *other,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;
	unsigned char want[SHA256_LEN];
	bool local = strcmp(other, x->address) == 0 || strcmp(other, "*") == 0;
	bool row;

	if (!co_unhex(ref->sha256, want, sizeof(want)))
		return co_fail(err, CO_EMALFORMED, "refs: sha256 is not hex");
	TRY(store_query(db, Q_RECORD_SIDES, &st, err, "t", ref->id));
	for (;;) {
		size_t n;
		const void *have;

		TRY(store_step(st, &row, err));
		if (!row)
			break;
		have = store_blob(st, 0, &n);
		if (n == sizeof(want) && memcmp(have, want, n) == 0 &&
			(local || strcmp(store_text(st, 1), other) == 0 ||
				strcmp(store_text(st, 2), other) == 0 ||
				strcmp(store_text(st, 2), "*") == 0))
			return CO_OK;
	}
	return co_fail(err, CO_ENOTFOUND, "refers to a record that has not arrived: %s", ref->id);
}

/* Whose case it is: at a rebuild what was said then, otherwise the author's or who takes in. */
static enum co_rc
case_unit(struct exchange *x, struct store_db *db, const struct record *r, bool incoming,
	char unit[LIMIT_UNIT + 1], struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	if (!atomic_load(&x->rebuilding)) {
		TRY(unit_of_new(db, r->case_id, incoming ? "" : r->id, incoming ? "" : r->officer,
			unit, err));
		return strcmp(unit, UNIT_ALL) == 0
			? CO_OK
			: store_run(db, NULL, Q_CASE_UNIT_PUT, err, "tt", r->case_id, unit);
	}
	TRY(store_query(db, Q_UNIT_OF_CASE_KEPT, &st, err, "t", r->case_id));
	TRY(store_step(st, &row, err));
	(void)snprintf(unit, LIMIT_UNIT + 1, "%s", row ? store_text(st, 0) : UNIT_ALL);
	return CO_OK;
}

static bool
case_begins(const struct record *r)
{
	const char *action = json_string_value(json_object_get(r->body, "action"));

	return r->kind == REC_CUSTODY && action != NULL && strcmp(action, CUSTODY_BEGUN) == 0;
}

static enum co_rc
case_open(struct exchange *x, struct store_db *db, const struct record *r, bool incoming,
	int64_t now_us, struct co_err *err)
{
	char unit[LIMIT_UNIT + 1];

	/* Ours and theirs change places: the sender's "ours" is our "theirs". */
	const char *theirs = incoming ? r->ours : r->theirs;

	if (r->kind != REC_REQUEST && r->kind != REC_INFORMATION && !case_begins(r))
		return co_fail(err, CO_ENOTFOUND, "belongs to a case that has not arrived: %s",
			r->case_id);
	TRY(case_unit(x, db, r, incoming, unit, err));
	TRY(store_run(db, NULL, Q_CASE_INSERT, err, "ttttiiit", r->case_id,
		incoming ? "" : r->ours, theirs[0] == '\0' ? NULL : theirs,
		incoming ? r->from : r->to, now_us, now_us, (int64_t)r->exercise, unit));
	return named_case(db, r->case_id, err);
}

/* An own case becomes one with whom it asks or informs first: what began it stays as it was. */
static enum co_rc
case_join(struct store_db *db, const struct record *r, bool incoming, struct co_err *err)
{
	if (incoming || (r->kind != REC_REQUEST && r->kind != REC_INFORMATION))
		return co_fail(err, CO_EDENIED,
			"case %s is an own one, which %s has no part in: send it a request in the "
			"case first",
			r->case_id, incoming ? r->from : r->to);
	return store_run(db, NULL, Q_CASE_PARTNER, err, "tt", r->to, r->case_id);
}

static enum co_rc
case_touch(struct exchange *x, struct store_db *db, const struct record *r, bool incoming,
	int64_t now_us, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	const char *other = incoming ? r->from : r->to;
	const char *ours = incoming || r->ours[0] == '\0' ? NULL : r->ours;
	const char *theirs = !incoming || r->ours[0] == '\0' ? NULL : r->ours;
	bool row, fits, own, same_exercise;

	TRY(store_query(db, Q_CASE_GET, &st, err, "t", r->case_id));
	TRY(store_step(st, &row, err));
	if (!row) {
		store_done(&st);
		return case_open(x, db, r, incoming, now_us, err);
	}
	own = strcmp(store_text(st, 0), x->address) == 0;
	fits = strcmp(other, x->address) == 0 || strcmp(store_text(st, 0), other) == 0;
	same_exercise = (store_int(st, 1) != 0) == r->exercise;
	store_done(&st);
	if (case_begins(r))
		return co_fail(err, CO_EEXISTS, "case %s has begun already", r->case_id);
	if (!fits && !own)
		return co_fail(err, CO_EDENIED, "case %s is not one with %s", r->case_id, other);
	if (!same_exercise)
		return co_fail(err, CO_EREFUSED,
			"case %s: an exercise and real work must not mix; open a new case",
			r->case_id);
	if (!fits)
		TRY(case_join(db, r, incoming, err));
	TRY(store_run(db, NULL, Q_CASE_TOUCH, err, "ittt", now_us, ours, theirs, r->case_id));
	return named_touch(db, r->case_id, now_us, err);
}

enum co_rc
commit_effects(struct exchange *x, struct store_db *db, const struct record *r, bool incoming,
	int64_t now_us, struct co_err *err)
{
	bool untouched;

	x->effect_time_us = now_us;
	if (r->case_id[0] != '\0')
		TRY(case_touch(x, db, r, incoming, now_us, err));
	if (r->attachments_n > 0)
		TRY(attached_put(x, db, r, incoming, err));
	/* Whose tables were not emptied must not see its records twice. */
	untouched = atomic_load(&x->rebuilding) && x->wipe == NULL;
	if (x->effects[r->kind].fn != NULL && !(untouched && !kind_own_effect(x, r->kind)))
		TRY(x->effects[r->kind].fn(x, db, r, incoming, x->effects[r->kind].arg, err));
	if (x->also[r->kind].fn == NULL || untouched)
		return CO_OK;
	return x->also[r->kind].fn(x, db, r, incoming, x->also[r->kind].arg, err);
}

enum co_rc
commit_record(struct exchange *x, struct store_db *db, const struct commit *c, struct co_err *err)
{
	const struct record *r = c->r;

	for (size_t i = 0; i < r->refs_n; i++)
		TRY(ref_check(x, db, &r->refs[i], c->incoming ? r->from : r->to, err));
	TRY(commit_row(db, c, err));
	return commit_effects(x, db, r, c->incoming, c->now_us, err);
}
