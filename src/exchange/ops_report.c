/* The yearly report, after Regulation (EU) 2023/1543 art. 28(2): how many by type of data,
 * addressee and emergency or not; fulfilled and not; refused by ground; average times. */
#include "exchange/inside.h"
#include "exchange/numbers.h"
#include "exchange/opjson.h"
#include "exchange/ops.h"
#include "exchange/paper_table.h"

enum { REPORT_CSV = 4 << 20, FIRST_YEAR = 2000, LAST_YEAR = 2999 };

static const char *const columns[] = { "asked", "acknowledged", "fulfilled", "partial", "refused",
	"impossible", "withdrawn", "open" };

/* Averages: of what, and under which name. */
static const struct {
	const char *what, *name;
} averages[] = {
	{ "acknowledged", "acknowledged_s" },
	{ "fulfilled", "data_s" },
	{ "after-preservation", "preservation_to_data_s" },
};

/* The list of art. 28(2) that this node cannot tell, so that nobody takes silence for none. */
static const char *const not_kept[] = { "legal remedies used",
	"validations after the fact that were denied",
	"costs claimed by providers" };

static void
add_int(json_t *o, const char *name, int64_t n)
{
	(void)json_object_set_new(
		o, name, json_integer(json_integer_value(json_object_get(o, name)) + n));
}

static json_t *
row_new(json_t *list, const char *side, const char *measure, const char *partner, bool emergency)
{
	json_t *o = json_pack("{s:s,s:s,s:s,s:b}", "side", side, "measure", measure, "partner",
		partner, "emergency", (int)emergency);

	for (size_t i = 0; i < CO_ARRAY_LEN(columns); i++)
		(void)json_object_set_new(o, columns[i], json_integer(0));
	(void)json_array_append_new(list, o);
	return o;
}

/* index: where the row of a key is; what is counted does not come sorted. */
static json_t *
row_find(json_t *list, json_t *index, const char *side, const struct numbers_sum *s)
{
	bool emergency = strcmp(s->urgency, "emergency") == 0;
	char key[LIMIT_ADDRESS + 128];
	json_t *o;

	(void)snprintf(
		key, sizeof(key), "%s %s %s %d", side, s->measure, s->partner, (int)emergency);
	o = json_object_get(index, key);
	if (o != NULL)
		return o;
	o = row_new(list, side, s->measure, s->partner, emergency);
	(void)json_object_set(index, key, o);
	return o;
}

static void
row_take(json_t *row, const char *what, int64_t n, int64_t seconds)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(columns); i++) {
		if (strcmp(columns[i], what) != 0)
			continue;
		add_int(row, what, n);
		if (strcmp(what, "asked") == 0)
			add_int(row, "open", n);
		else if (strcmp(what, "acknowledged") != 0)
			add_int(row, "open", -n);
	}
	for (size_t i = 0; i < CO_ARRAY_LEN(averages); i++) {
		char sum[40];

		if (strcmp(averages[i].what, what) != 0)
			continue;
		(void)snprintf(sum, sizeof(sum), "%s sum", averages[i].name);
		add_int(row, sum, seconds);
		(void)snprintf(sum, sizeof(sum), "%s n", averages[i].name);
		add_int(row, sum, n);
	}
}

/* Sums become averages; null where nothing was measured. */
static void
row_close(json_t *row)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(averages); i++) {
		char sum[40], count[40];
		int64_t n;

		(void)snprintf(sum, sizeof(sum), "%s sum", averages[i].name);
		(void)snprintf(count, sizeof(count), "%s n", averages[i].name);
		n = json_integer_value(json_object_get(row, count));
		(void)json_object_set_new(row, averages[i].name,
			n > 0 ? json_integer(json_integer_value(json_object_get(row, sum)) / n)
			      : json_null());
		(void)json_object_del(row, sum);
		(void)json_object_del(row, count);
	}
}

static void
rows_close(json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) row_close(row);
}

struct report {
	const struct officer *who;
	int64_t year;
	json_t *rows, *totals, *refusals, *index;
	const char *side; /* being read */
	json_t *total;
};

/* The same ground again, of a case that names the reader. */
static json_t *
refusal_find(const struct report *r, const struct numbers_sum *s, bool emergency)
{
	json_t *o;
	size_t i;

	json_array_foreach(r->refusals, i, o)
	{
		if (strcmp(json_string_value(json_object_get(o, "side")), r->side) == 0 &&
			strcmp(json_string_value(json_object_get(o, "measure")), s->measure) == 0 &&
			strcmp(json_string_value(json_object_get(o, "partner")), s->partner) == 0 &&
			strcmp(json_string_value(json_object_get(o, "ground")), s->ground) == 0 &&
			json_is_true(json_object_get(o, "emergency")) == emergency)
			return o;
	}
	o = json_pack("{s:s,s:s,s:s,s:b,s:s,s:i}", "side", r->side, "measure", s->measure,
		"partner", s->partner, "emergency", (int)emergency, "ground", s->ground, "n", 0);
	(void)json_array_append_new(r->refusals, o);
	return o;
}

static enum co_rc
sum_take(void *arg, const struct numbers_sum *s, struct co_err *err)
{
	bool emergency = strcmp(s->urgency, "emergency") == 0;
	struct report *r = arg;

	(void)err;
	row_take(row_find(r->rows, r->index, r->side, s), s->what, s->n, s->seconds);
	row_take(r->total, s->what, s->n, s->seconds);
	if (emergency && strcmp(s->what, "asked") == 0)
		add_int(r->total, "emergencies", s->n);
	if (strcmp(s->what, "refused") == 0)
		add_int(refusal_find(r, s, emergency), "n", s->n);
	return CO_OK;
}

static enum co_rc
side_fill(struct store_db *db, struct report *r, bool incoming, struct co_err *err)
{
	const struct numbers_ask ask = { .who = r->who,
		.from = r->year * 100 + 1,
		.to = r->year * 100 + 12,
		.incoming = incoming };

	r->side = incoming ? "received" : "issued";
	r->total = row_new(r->totals, r->side, "", "", false);
	(void)json_object_del(r->total, "emergency");
	return numbers_sums(db, &ask, sum_take, r, err);
}

/* ---- CSV (RFC 4180) ---- */

static enum co_rc
csv_row(struct co_buf *b, const json_t *row, const char *ground, struct co_err *err)
{
	static const char *const texts[] = { "side", "measure", "partner" };

	for (size_t i = 0; i < CO_ARRAY_LEN(texts); i++)
		TRY(csv_text(b, json_string_value(json_object_get(row, texts[i])), ",", err));
	TRY(co_buf_add_str(
		b, json_is_true(json_object_get(row, "emergency")) ? "yes," : "no,", err));
	TRY(csv_text(b, ground, "", err));
	for (size_t i = 0; i < CO_ARRAY_LEN(columns); i++) {
		const json_t *n = json_object_get(row, columns[i]);

		if (*ground != '\0' && strcmp(columns[i], "refused") == 0)
			n = json_object_get(row, "n");
		TRY(n == NULL ? co_buf_add_str(b, ",", err)
			      : co_buf_addf(b, err, ",%lld", (long long)json_integer_value(n)));
	}
	for (size_t i = 0; i < CO_ARRAY_LEN(averages); i++) {
		const json_t *n = json_object_get(row, averages[i].name);

		TRY(!json_is_integer(n)
				? co_buf_add_str(b, ",", err)
				: co_buf_addf(b, err, ",%lld", (long long)json_integer_value(n)));
	}
	return co_buf_add_str(b, "\r\n", err);
}

/* A line for each measure, partner and urgency; then one for each ground of refusals. */
static enum co_rc
csv_all(struct co_buf *b, const struct report *r, struct co_err *err)
{
	const json_t *row;
	size_t i;

	TRY(co_buf_add_str(b, "side,measure,partner,emergency,ground", err));
	for (i = 0; i < CO_ARRAY_LEN(columns); i++)
		TRY(co_buf_addf(b, err, ",%s", columns[i]));
	for (i = 0; i < CO_ARRAY_LEN(averages); i++)
		TRY(co_buf_addf(b, err, ",%s", averages[i].name));
	TRY(co_buf_add_str(b, "\r\n", err));
	json_array_foreach(r->rows, i, row) TRY(csv_row(b, row, "", err));
	json_array_foreach(r->refusals, i, row)
		TRY(csv_row(b, row, json_string_value(json_object_get(row, "ground")), err));
	return CO_OK;
}

/* ---- the operation ---- */

static enum co_rc
report_read(struct exchange *x, struct report *r, struct co_err *err)
{
	struct store_db *db;

	TRY(store_reader(x->store, &db, err));
	TRY(side_fill(db, r, false, err));
	TRY(side_fill(db, r, true, err));
	rows_close(r->rows);
	rows_close(r->totals);
	return CO_OK;
}

static json_t *
not_kept_json(void)
{
	json_t *list = json_array();

	for (size_t i = 0; i < CO_ARRAY_LEN(not_kept); i++)
		(void)json_array_append_new(list, json_string(not_kept[i]));
	return list;
}

enum co_rc
op_report_yearly(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	json_auto_t *index = json_object();
	struct report r = { .who = who,
		.rows = json_array(),
		.totals = json_array(),
		.refusals = json_array(),
		.index = index };
	int64_t this_year = numbers_month(co_now_us()) / 100;
	json_auto_t *o = json_pack(
		"{s:o,s:o,s:o}", "rows", r.rows, "totals", r.totals, "refusals", r.refusals);
	co_auto_buf csv;
	bool as_csv;

	(void)arg;
	co_buf_init(&csv, REPORT_CSV);
	TRY(in_int(in, "year", this_year, FIRST_YEAR, LAST_YEAR, &r.year, err));
	TRY(in_bool(in, "csv", false, &as_csv, err));
	TRY(report_read(x, &r, err));
	if (as_csv)
		TRY(csv_all(&csv, &r, err));
	if (as_csv)
		(void)json_object_set_new(o, "csv", json_stringn(csv.data, csv.len));
	(void)json_object_set_new(o, "year", json_integer(r.year));
	(void)json_object_set_new(o, "address", json_string(x->address));
	(void)json_object_set_new(o, "complete", json_boolean(r.year < this_year));
	(void)json_object_set_new(o, "after", json_string("Regulation (EU) 2023/1543, art. 28(2)"));
	(void)json_object_set_new(o, "whole", json_boolean(numbers_whole(who)));
	(void)json_object_set_new(o, "not_kept", not_kept_json());
	out_time(o, "made", co_now_us());
	return out_give(json_incref(o), out, err);
}
