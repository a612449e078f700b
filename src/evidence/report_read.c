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
		record_deinit(&r->rows[i].r);
	free(r->rows);
	json_decref(r->paper);
}

static enum co_rc
decoded(const json_t *o, const char *name, struct co_buf *out, struct co_err *err)
{
	const json_t *v = json_object_get(o, name);

	if (!json_is_string(v))
		return co_fail(err, CO_EMALFORMED, "the export has a record without %s", name);
	return co_unbase64(json_string_value(v), json_string_length(v), out, err);
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

	side_put(r, report_text(r->export, "address"));
	side_put(r, report_text(r->export, "partner"));
	if (r->sides_n == 0)
		return co_fail(err, CO_EMALFORMED, "the export names no address");
	json_array_foreach(json_object_get(r->export, "entries"), i, one) {
		co_auto_buf bytes;
		json_t *entry;
		unsigned side = report_side_of(r, report_text(one, "address"));

		co_buf_init(&bytes, LIMIT_RECORD);
		TRY(decoded(one, "bytes", &bytes, err));
		entry = json_loadb(bytes.data == NULL ? "" : bytes.data, bytes.len, 0, NULL);
		entry_take(&r->sides[side], json_object_get(entry, "body"));
		json_decref(entry);
	}
	return CO_OK;
}

/* ---- records ---- */

static enum co_rc
row_read(struct report *r, const json_t *one, struct co_err *err)
{
	struct report_row *row = &r->rows[r->rows_n];
	const struct report_side *side;
	struct cms_seen seen;
	co_auto_buf bytes;
	co_auto_buf sig;

	co_buf_init(&bytes, LIMIT_RECORD);
	co_buf_init(&sig, LIMIT_SIGNATURE);
	TRY(decoded(one, "bytes", &bytes, err));
	TRY(decoded(one, "sig", &sig, err));
	if (record_parse(&row->r, bytes.data, bytes.len, err) != CO_OK)
		return co_wrap(err, "record %s of the export", report_text(one, "id"));
	r->rows_n++;
	row->approved_by = report_text(one, "approved_by");
	(void)!co_time_parse(report_text(one, "approved"), &row->approved_us, NULL);
	sha256_hex(bytes.data, bytes.len, row->sha256);
	side = &r->sides[report_side_of(r, row->r.from)];
	row->holds = strcmp(side->address, row->r.from) == 0 &&
		cms_verify(sig.data, sig.len, bytes.data, bytes.len,
			(const struct cert *const *)side->seals, side->seals_n, &seen,
			NULL) == CO_OK;
	r->held += row->holds;
	r->exercise = r->exercise || row->r.exercise;
	return CO_OK;
}

static int
by_time(const void *a, const void *b)
{
	const struct report_row *p = a, *q = b;

	if (p->r.at_us != q->r.at_us)
		return p->r.at_us < q->r.at_us ? -1 : 1;
	return strcmp(p->r.id, q->r.id);
}

static void
receipts_join(struct report *r)
{
	for (size_t i = 0; i < r->rows_n; i++) {
		const struct record *receipt = &r->rows[i].r;
		const char *of = report_text(json_object_get(receipt->body, "of"), "id");

		for (size_t k = 0; receipt->kind == REC_RECEIPT && k < r->rows_n; k++)
			if (strcmp(r->rows[k].r.id, of) == 0)
				r->rows[k].receipt = receipt;
	}
}

enum co_rc
report_read(struct report *r, const json_t *export, struct co_err *err)
{
	const json_t *list = json_object_get(export, "records"), *one;
	size_t i;

	r->export = export;
	if (!json_is_array(list) || json_array_size(list) == 0)
		return co_fail(err, CO_EMALFORMED, "the export has no records");
	TRY(sides_read(r, err));
	r->rows = calloc(json_array_size(list), sizeof(*r->rows));
	if (r->rows == NULL)
		return co_fail(err, CO_ENOMEM, "report");
	json_array_foreach(list, i, one) TRY(row_read(r, one, err));
	qsort(r->rows, r->rows_n, sizeof(*r->rows), by_time);
	receipts_join(r);
	r->reader.here = r->sides[0].zone;
	r->reader.there = r->sides_n > 1 ? r->sides[1].zone : NULL;
	r->reader.partner = r->sides_n > 1 ? r->sides[1].address : "";
	return CO_OK;
}
