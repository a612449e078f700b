/* What a leaf commits to: the record's bytes and signature, or the event's text; and the columns
 * beside them, which are only copies of what the bytes say. */
#include "base/enc.h"
#include "ledger/audit.h"
#include "record/record.h"

#include <string.h>

typedef unsigned long long ull;

/* One row of the record table, borrowed from its statement. */
struct record_row {
	int64_t seq;
	const void *bytes, *sig, *sha256;
	size_t bytes_n, sig_n, sha256_n;
};

static void
record_row(struct store_stmt *st, struct record_row *r)
{
	r->seq = store_int(st, 0);
	r->sha256 = store_blob(st, 6, &r->sha256_n);
	r->bytes = store_blob(st, 7, &r->bytes_n);
	r->sig = store_blob(st, 8, &r->sig_n);
}

static bool
digest_fits(const struct record_row *r)
{
	unsigned char digest[SHA256_LEN];

	sha256(r->bytes, r->bytes_n, digest);
	return r->sha256_n == SHA256_LEN && memcmp(digest, r->sha256, SHA256_LEN) == 0;
}

static bool
commits(const struct audit_leaf *l, const void *bytes, size_t n, const void *sig, size_t sig_n)
{
	struct leaf again;

	leaf_make_salted(&again, l->type, l->leaf.salt, bytes, n, sig, sig_n);
	return memcmp(again.entry, l->leaf.entry, LEAF_ENTRY) == 0;
}

static void
same_text(struct audit *a, const char *id, const char *column, const char *row, const char *bytes)
{
	if (strcmp(row, bytes) != 0)
		audit_fault(a,
			"record %s was changed: its column %s says \"%.64s\", what was signed "
			"says \"%.64s\"",
			id, column, row, bytes);
}

/* The columns by which records are found must say what the signed bytes say. */
static void
record_columns(struct audit *a, struct store_stmt *st, const struct record_row *r, const char *id)
{
	char row_at[CO_TIME_LEN], bytes_at[CO_TIME_LEN];
	struct co_err e = { 0 };
	const char *of;
	record_auto rec;

	if (!digest_fits(r))
		audit_fault(
			a, "record %s was changed: its column sha256 is not that of its bytes", id);
	record_init(&rec);
	if (record_parse(&rec, r->bytes, r->bytes_n, &e) != CO_OK) {
		audit_fault(a, "record %s cannot be read any more: %s", id, e.msg);
		return;
	}
	same_text(a, id, "id", id, rec.id);
	same_text(a, id, "kind", store_text(st, 1), record_kind_name(rec.kind));
	same_text(a, id, "case_id", store_text(st, 2), rec.case_id);
	same_text(a, id, "sender", store_text(st, 3), rec.from);
	same_text(a, id, "recipient", store_text(st, 4), rec.to);
	co_time_print(store_int(st, 5), row_at);
	co_time_print(rec.at_us, bytes_at);
	same_text(a, id, "at_us", row_at, bytes_at);
	of = json_string_value(json_object_get(json_object_get(rec.body, "of"), "id"));
	if (rec.kind == REC_RECEIPT && of != NULL)
		same_text(a, id, "receipt_of", store_text(st, 9), of);
}

/* No row of this id has the bytes and signature that the leaf commits to. */
static void
record_differs(struct audit *a, const struct audit_leaf *l, unsigned rows, bool bytes_bad)
{
	if (rows == 0)
		audit_fault(a, "record %s was deleted: leaf %llu commits to it", l->subject,
			(ull)l->index);
	else if (bytes_bad)
		audit_fault(a, "record %s was changed: its bytes are not those of leaf %llu",
			l->subject, (ull)l->index);
	else
		audit_fault(a,
			"record %s does not hold: its signature, or the salt of leaf %llu, was "
			"changed",
			l->subject, (ull)l->index);
}

enum co_rc
audit_record(struct audit *a, const struct audit_leaf *l, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row = true, bytes_bad = false;
	unsigned rows = 0;
	enum co_rc rc = store_query(a->db, Q_RECORD_EVIDENCE, &st, err, "t", l->subject);

	while (rc == CO_OK) {
		struct record_row r;

		rc = store_step(st, &row, err);
		if (rc != CO_OK || !row)
			break;
		rows++;
		record_row(st, &r);
		if (!commits(l, r.bytes, r.bytes_n, r.sig, r.sig_n)) {
			bytes_bad = bytes_bad || !digest_fits(&r);
			continue;
		}
		record_columns(a, st, &r, l->subject);
		if (r.seq <= a->last_record)
			audit_fault(a,
				"records were reordered: %s stands at %lld, before the record of "
				"an earlier leaf",
				l->subject, (long long)r.seq);
		a->last_record = r.seq;
		return CO_OK;
	}
	if (rc == CO_OK)
		record_differs(a, l, rows, bytes_bad);
	return rc;
}

static const char *
member(const json_t *j, const char *name)
{
	const char *s = json_string_value(json_object_get(j, name));

	return s == NULL ? "" : s;
}

static void
digest_named(struct audit *a, const json_t *named, const char *member_name, const void *p, size_t n,
	const char *what, ull size)
{
	char hex[SHA256_HEX + 1];

	if (!json_is_string(named))
		return; /* no time-stamp yet when the event was written */
	sha256_hex(p, n, hex);
	if (n == 0 || strcmp(hex, json_string_value(named)) != 0)
		audit_fault(a,
			"%s of the checkpoint of %llu leaves was %s: the ledger names another (%s)",
			what, size, n == 0 ? "removed" : "changed", member_name);
}

/* Time-stamps that came after the checkpoint had been named without. */
static enum co_rc
late_named(struct audit *a, const json_t *detail, struct co_err *err)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(detail, "late"), i, item)
	{
		store_stmt_auto *st = NULL;
		int64_t size = json_integer_value(json_object_get(item, "size"));
		size_t n = 0;
		const void *token = NULL;
		bool row;

		TRY(store_query(a->db, Q_CHECKPOINT_GET, &st, err, "i", size));
		TRY(store_step(st, &row, err));
		if (row)
			token = store_blob(st, 3, &n);
		digest_named(a, json_object_get(item, "token"), "token", token, n,
			"the time-stamp", (ull)size);
	}
	return CO_OK;
}

/* Each checkpoint but the newest is named by an event. */
static enum co_rc
checkpoint_event(struct audit *a, const json_t *detail, uint64_t index, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row = false;
	int64_t size = json_integer_value(json_object_get(detail, "size"));
	size_t token_n = 0;
	const void *token;
	enum co_rc rc = store_query(a->db, Q_CHECKPOINT_GET, &st, err, "i", size);

	if (rc == CO_OK)
		rc = store_step(st, &row, err);
	if (rc != CO_OK)
		return rc;
	if (!row) {
		audit_fault(a, "checkpoint of %lld leaves was deleted: leaf %llu names it",
			(long long)size, (ull)index);
		return CO_OK;
	}
	token = store_blob(st, 3, &token_n);
	digest_named(a, json_object_get(detail, "note"), "note", store_text(st, 2),
		strlen(store_text(st, 2)), "the text", (ull)size);
	digest_named(a, json_object_get(detail, "token"), "token", token, token_n, "the time-stamp",
		(ull)size);
	return late_named(a, detail, err);
}

static enum co_rc
event_columns(
	struct audit *a, struct store_stmt *st, const struct audit_leaf *l, struct co_err *err)
{
	json_t *j = json_loads(store_text(st, 4), 0, NULL);
	char at[CO_TIME_LEN];
	enum co_rc rc = CO_OK;

	co_time_print(store_int(st, 1), at);
	if (strcmp(member(j, "id"), l->subject) != 0 || strcmp(member(j, "at"), at) != 0 ||
		strcmp(member(j, "what"), store_text(st, 2)) != 0 ||
		strcmp(member(j, "who"), store_text(st, 3)) != 0)
		audit_fault(a,
			"event %s was changed: its columns say \"%s\" by \"%s\" at %s, the ledger "
			"holds \"%s\" by \"%s\" at %s",
			l->subject, store_text(st, 2), store_text(st, 3), at, member(j, "what"),
			member(j, "who"), member(j, "at"));
	if (strcmp(member(j, "what"), "checkpoint") == 0 && strcmp(member(j, "who"), "node") == 0)
		rc = checkpoint_event(a, json_object_get(j, "detail"), l->index, err);
	json_decref(j);
	return rc;
}

enum co_rc
audit_event(struct audit *a, const struct audit_leaf *l, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row = false;
	const char *text;
	enum co_rc rc = store_query(a->db, Q_EVENT_BY_ID, &st, err, "t", l->subject);

	if (rc == CO_OK)
		rc = store_step(st, &row, err);
	if (rc != CO_OK)
		return rc;
	if (!row) {
		audit_fault(a, "event %s was deleted: leaf %llu commits to it", l->subject,
			(ull)l->index);
		return CO_OK;
	}
	text = store_text(st, 4);
	if (!commits(l, text, strlen(text), NULL, 0)) {
		audit_fault(a, "event %s was changed: its text is not that of leaf %llu",
			l->subject, (ull)l->index);
		return CO_OK;
	}
	return event_columns(a, st, l, err);
}
