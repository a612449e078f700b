/* The export of a case as the report wants it: sides, records by time, signatures checked. */
#include "evidence/report_inside.h"

#include "base/enc.h"
#include "crypto/cms.h"

#include <string.h>

const char *
report_text(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

unsigned
report_side_of(const struct report *r, const char *address)
{
	for (unsigned i = 0; i < r->sides_n; i++)
		if (strcmp(r->sides[i].address, address) == 0)
			return i;
	return 0;
}

void
report_deinit(struct report *r)
{
	for (size_t i = 0; i < r->sides_n; i++) {
		co_zone_close(&r->sides[i].zone);
		for (size_t k = 0; k < r->sides[i].seals_n; k++)
			cert_free(&r->sides[i].seals[k]);
	}
	for (size_t i = 0; i < r->rows_n; i++)
		free(r->rows[i].name);
	free(r->rows);
	json_decref(r->paper);
}

/* ---- the two sides, from their directory entries ---- */

static void
side_put(struct report *r, const char *address)
{
	if (*address == '\0' || r->sides_n == REPORT_SIDES ||
		(r->sides_n == 1 && strcmp(r->sides[0].address, address) == 0))
		return;
	(void)snprintf(r->sides[r->sides_n].address, LIMIT_ADDRESS + 1, "%s", address);
	r->sides_n++;
}

static void
entry_take(struct report_side *side, const json_t *body)
{
	const json_t *pem;
	size_t i;

	if (side->name[0] == '\0') { /* the newest comes first */
		(void)snprintf(side->name, sizeof(side->name), "%s", report_text(body, "name"));
		(void)snprintf(
			side->economy, sizeof(side->economy), "%s", report_text(body, "economy"));
		(void)snprintf(side->role, sizeof(side->role), "%s", report_text(body, "role"));
		if (co_zone_open(report_text(body, "timezone"), &side->zone, NULL) != CO_OK)
			side->zone = NULL; /* then in UTC, which its times say */
	}
	json_array_foreach(json_object_get(body, "seal"), i, pem) {
		if (side->seals_n < REPORT_CERTS && json_is_string(pem) &&
			cert_from_pem(&side->seals[side->seals_n], json_string_value(pem),
				json_string_length(pem), NULL) == CO_OK)
			side->seals_n++;
	}
}

static enum co_rc
sides_read(struct report *r, struct co_err *err)
{
	const json_t *one;
	size_t i;

	side_put(r, r->from->address);
	side_put(r, r->from->partner);
	if (r->sides_n == 0)
		return co_fail(err, CO_EMALFORMED, "the export names no address");
	json_array_foreach(r->from->entries, i, one) {
		co_auto_buf bytes;
		json_t *entry;
		unsigned side = report_side_of(r, report_text(one, "address"));

		co_buf_init(&bytes, LIMIT_RECORD);
		TRY(co_unbase64(report_text(one, "bytes"), strlen(report_text(one, "bytes")),
			&bytes, err));
		entry = json_loadb(bytes.data == NULL ? "" : bytes.data, bytes.len, 0, NULL);
		entry_take(&r->sides[side], json_object_get(entry, "body"));
		json_decref(entry);
	}
	return CO_OK;
}

/* ---- records ---- */

static void
bytes_deinit(struct report_bytes *b)
{
	co_buf_deinit(&b->bytes);
	co_buf_deinit(&b->sig);
}

static enum co_rc
record_read(const struct report *r, size_t i, struct report_bytes *b, struct record *out,
	struct co_err *err)
{
	co_buf_init(&b->bytes, LIMIT_RECORD);
	co_buf_init(&b->sig, LIMIT_SIGNATURE);
	b->approved_by = "";
	TRY(r->from->record(r->from->arg, i, b, err));
	return record_parse(out, b->bytes.data, b->bytes.len, err);
}

void
report_open(struct report *r, const struct report_row *row, struct record *out)
{
	CO_CLEANUP(bytes_deinit) struct report_bytes b = { .approved_us = 0 };
	enum co_rc rc;

	record_init(out);
	rc = record_read(r, row->at, &b, out, r->rc == CO_OK ? r->err : NULL);
	if (r->rc == CO_OK)
		r->rc = rc;
}

/* Of a member of the body, and one in it. */
static void
told(char *out, size_t cap, const json_t *o, const char *name)
{
	(void)snprintf(out, cap, "%s", report_text(o, name));
}

static enum co_rc
row_manifest(struct report_row *row, const json_t *body, struct co_err *err)
{
	const json_t *e = json_object_get(body, "exhibit");

	told(row->about, sizeof(row->about), e, "id");
	row->bound = json_array_size(json_object_get(e, "markings")) > 0;
	row->name = strdup(report_text(e, "name"));
	return row->name != NULL ? CO_OK : co_fail(err, CO_ENOMEM, "report");
}

static void
row_custody(struct report_row *row, const json_t *body)
{
	const json_t *detail = json_object_get(body, "detail");

	told(row->about, sizeof(row->about), body, "exhibit");
	told(row->word, sizeof(row->word), body, "action");
	told(row->made, sizeof(row->made), json_object_get(detail, "result"), "id");
}

static void
row_notice(struct report_row *row, const struct record *rec)
{
	if (rec->refs_n > 0)
		(void)snprintf(row->about, sizeof(row->about), "%s", rec->refs[0].id);
	told(row->word, sizeof(row->word), rec->body, "state");
	if (co_time_parse(report_text(rec->body, "until"), &row->until_us, NULL) != CO_OK)
		row->until_us = 0;
}

static void
row_receipt(struct report_row *row, const json_t *body)
{
	told(row->about, sizeof(row->about), json_object_get(body, "of"), "id");
	if (co_time_parse(report_text(body, "received"), &row->received_us, NULL) != CO_OK)
		row->received_us = 0;
	row->skew_s = json_integer_value(json_object_get(body, "skew_s"));
}

static enum co_rc
row_take(struct report_row *row, const struct record *rec, struct co_err *err)
{
	row->kind = rec->kind;
	(void)snprintf(row->id, sizeof(row->id), "%s", rec->id);
	(void)snprintf(row->from, sizeof(row->from), "%s", rec->from);
	row->at_us = rec->at_us;
	row->bound = json_array_size(json_object_get(rec->body, "conditions")) > 0;
	if (rec->kind == REC_MANIFEST)
		TRY(row_manifest(row, rec->body, err));
	else if (rec->kind == REC_CUSTODY)
		row_custody(row, rec->body);
	else if (rec->kind == REC_NOTICE)
		row_notice(row, rec);
	else if (rec->kind == REC_RECEIPT)
		row_receipt(row, rec->body);
	else if (rec->kind == REC_REQUEST)
		told(row->about, sizeof(row->about), rec->body, "extends");
	return CO_OK;
}

static enum co_rc
row_read(struct report *r, size_t i, struct co_err *err)
{
	CO_CLEANUP(bytes_deinit) struct report_bytes b = { .approved_us = 0 };
	struct report_row *row = &r->rows[r->rows_n++];
	const struct report_side *side;
	struct cms_seen seen;
	record_auto rec;

	record_init(&rec);
	if (record_read(r, i, &b, &rec, err) != CO_OK)
		return co_wrap(err, "record %zu of the case", i + 1);
	row->at = i;
	TRY(row_take(row, &rec, err));
	row->approved_by = b.approved_by;
	row->approved_us = b.approved_us;
	side = &r->sides[report_side_of(r, row->from)];
	row->holds = strcmp(side->address, row->from) == 0 &&
		cms_verify(b.sig.data, b.sig.len, b.bytes.data, b.bytes.len,
			(const struct cert *const *)side->seals, side->seals_n, &seen,
			NULL) == CO_OK;
	r->held += row->holds;
	r->exercise = r->exercise || rec.exercise;
	return CO_OK;
}

static int
by_time(const void *a, const void *b)
{
	const struct report_row *p = a, *q = b;

	if (p->at_us != q->at_us)
		return p->at_us < q->at_us ? -1 : 1;
	return strcmp(p->id, q->id);
}

static int
by_id(const void *a, const void *b)
{
	return strcmp((*(struct report_row *const *)a)->id, (*(struct report_row *const *)b)->id);
}

static enum co_rc
receipts_join(struct report *r, struct co_err *err)
{
	co_auto_free struct report_row **order = calloc(r->rows_n, sizeof(*order));

	if (order == NULL)
		return co_fail(err, CO_ENOMEM, "report");
	for (size_t i = 0; i < r->rows_n; i++)
		order[i] = &r->rows[i];
	qsort(order, r->rows_n, sizeof(*order), by_id);
	for (size_t i = 0; i < r->rows_n; i++) {
		const struct report_row *receipt = &r->rows[i];
		struct report_row key, *of = &key, **found;

		if (receipt->kind != REC_RECEIPT)
			continue;
		memcpy(key.id, receipt->about, sizeof(key.id));
		found = bsearch(&of, order, r->rows_n, sizeof(*order), by_id);
		if (found == NULL)
			continue;
		(*found)->received_us = receipt->received_us;
		(*found)->skew_s = receipt->skew_s;
	}
	return CO_OK;
}

enum co_rc
report_sides(struct report *r, const struct report_source *from, struct co_err *err)
{
	r->from = from;
	r->err = err;
	TRY(sides_read(r, err));
	r->reader.here = r->sides[0].zone;
	r->reader.there = r->sides_n > 1 ? r->sides[1].zone : NULL;
	r->reader.partner = r->sides_n > 1 ? r->sides[1].address : "";
	return CO_OK;
}

enum co_rc
report_read(struct report *r, const struct report_source *from, struct co_err *err)
{
	TRY(report_sides(r, from, err));
	r->rows = calloc(from->records_n, sizeof(*r->rows));
	if (r->rows == NULL)
		return co_fail(err, CO_ENOMEM, "report");
	for (size_t i = 0; i < from->records_n; i++)
		TRY(row_read(r, i, err));
	qsort(r->rows, r->rows_n, sizeof(*r->rows), by_time);
	return receipts_join(r, err);
}
