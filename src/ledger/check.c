#include "ledger/audit.h"

#include <stdarg.h>
#include <stdlib.h>

void
audit_fault(struct audit *a, const char *fmt, ...)
{
	char text[480];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	a->faults++;
	if (a->report->fault != NULL)
		a->report->fault(a->report->arg, text);
}

bool
audit_absent(enum co_rc rc, struct co_err *err)
{
	if (rc != CO_ENOTFOUND)
		return false;
	co_err_clear(err);
	return true;
}

/* Rows with one text column each become one fault each. */
static enum co_rc
each_is_a_fault(struct audit *a, enum query q, const char *fmt, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row = true;
	enum co_rc rc = store_query(a->db, q, &st, err, "");

	while (rc == CO_OK) {
		rc = store_step(st, &row, err);
		if (rc != CO_OK || !row)
			break;
		audit_fault(a,
			"%s %s has no leaf in the ledger: it was put in from outside, or its "
			"leaf was deleted",
			fmt, store_text(st, 0));
	}
	return rc;
}

static enum co_rc
audit_begin(struct audit *a, struct co_err *err)
{
	store_stmt_auto *st = NULL, *last = NULL;
	bool row = false;
	enum co_rc rc = store_query(a->db, Q_LEAF_COUNT, &st, err, "");

	if (rc == CO_OK)
		rc = store_step(st, &row, err);
	if (rc != CO_OK)
		return rc;
	a->leaves = (uint64_t)store_int(st, 0);
	rc = store_query(a->db, Q_CHECKPOINT_LATEST, &last, err, "");
	if (rc == CO_OK)
		rc = store_step(last, &row, err);
	if (rc == CO_OK && row)
		a->size = (uint64_t)store_int(last, 0);
	return rc;
}

static enum co_rc
audit_all(struct audit *a, struct co_err *err)
{
	enum co_rc rc = audit_begin(a, err);

	/* The newest checkpoint first: it decides who is wrong when two tiles disagree. */
	if (rc == CO_OK)
		rc = audit_checkpoints(a, err);
	if (rc == CO_OK)
		rc = audit_tiles(a, err);
	if (rc == CO_OK)
		rc = audit_leaves(a, err);
	if (rc == CO_OK)
		rc = each_is_a_fault(a, Q_RECORDS_WITHOUT_LEAF, "record", err);
	if (rc == CO_OK)
		rc = each_is_a_fault(a, Q_EVENTS_WITHOUT_LEAF, "event", err);
	return rc;
}

enum co_rc
ledger_check(struct store_db *db, const char *vkey, const struct cert *const *tsa_roots,
	size_t tsa_roots_n, const struct ledger_report *report, uint64_t *leaves, uint64_t *faults,
	struct co_err *err)
{
	co_auto_free struct audit *a = calloc(1, sizeof(*a));
	struct co_err own = { 0 };
	enum co_rc rc;

	/* audit_absent must be able to clear it. */
	if (err == NULL)
		err = &own;
	if (a == NULL)
		return co_fail(err, CO_ENOMEM, "ledger check");
	a->db = a->tiles.db = db;
	a->vkey = vkey;
	a->roots = tsa_roots;
	a->roots_n = tsa_roots_n;
	a->report = report;
	rc = store_snapshot(db, err);
	if (rc != CO_OK)
		return rc;
	rc = audit_all(a, err);
	store_snapshot_end(db);
	if (rc != CO_OK)
		return rc;
	*leaves = a->leaves;
	*faults = a->faults;
	return CO_OK;
}
