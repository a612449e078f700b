/* Chosen requests or cases as one table, to hand on or to work through: CSV, PDF or a page. */
#include "base/enc.h"
#include "exchange/inside.h"
#include "exchange/ops.h"
#include "exchange/paper_answer.h"
#include "exchange/paper_table.h"
#include "exchange/sight.h"

enum { TABLE_MOST = 500, TABLE_CSV = 2 << 20 };

static const struct column request_columns[] = {
	{ "ours", WORDS("Our number"), COLUMN_NAME, 4 },
	{ "measure", WORDS("Measure"), COLUMN_CODE, 4 },
	{ "partner", WORDS("Partner"), COLUMN_NAME, 4 },
	{ "way", WORDS("Direction"), COLUMN_CODE, 3 },
	{ "urgency", WORDS("Urgency"), COLUMN_CODE, 3 },
	{ "state", WORDS("State"), COLUMN_CODE, 4 },
	{ "asked", WORDS("Asked on"), COLUMN_TIME, 5 },
	{ "due", WORDS("Answer expected by"), COLUMN_TIME, 5 },
	{ "expiry", WORDS("Kept until"), COLUMN_TIME, 5 },
	{ "officer", WORDS("Taken by"), COLUMN_NAME, 3 },
	{ "exercise", WORDS("Training"), COLUMN_YES, 2 },
	{ "id", NULL, COLUMN_NAME, 0 },
	{ "case_id", NULL, COLUMN_NAME, 0 },
};
static const struct column case_columns[] = {
	{ "ours", WORDS("Our number"), COLUMN_NAME, 4 },
	{ "theirs", WORDS("Their number"), COLUMN_NAME, 4 },
	{ "partner", WORDS("Partner"), COLUMN_NAME, 4 },
	{ "requests", WORDS("Requests"), COLUMN_NUMBER, 2 },
	{ "opened", WORDS("Opened"), COLUMN_TIME, 5 },
	{ "changed", WORDS("Changed"), COLUMN_TIME, 5 },
	{ "exercise", WORDS("Training"), COLUMN_YES, 2 },
	{ "case_id", NULL, COLUMN_NAME, 0 },
};

struct table {
	struct exchange *x;
	struct store_db *db;
	const struct officer *who;
	const char *title, *name;
	const struct column *columns;
	size_t n;
	json_t *rows;
};

enum co_rc
ids_check(const json_t *in, const char *name, size_t most, const json_t **out, struct co_err *err)
{
	const json_t *ids = json_object_get(in, name), *id;
	size_t i;

	if (json_array_size(ids) == 0 || json_array_size(ids) > most)
		return co_fail(err, CO_EUSAGE,
			"%s: choose 1 to %zu; for more, do it again with the rest", name, most);
	json_array_foreach(ids, i, id)
	{
		if (!json_is_string(id) || !co_uuid_valid(json_string_value(id)))
			return co_fail(err, CO_EUSAGE, "%s: number %zu is no UUID", name, i + 1);
		for (size_t k = 0; k < i; k++)
			if (json_equal(id, json_array_get(ids, k)))
				return co_fail(err, CO_EUSAGE, "%s: %s is there twice", name,
					json_string_value(id));
	}
	*out = ids;
	return CO_OK;
}

static enum co_rc
case_row(const struct table *t, const char *id, json_t **out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	store_stmt_auto *n = NULL;
	bool row;

	TRY(sight_case(t->x, t->db, t->who, id, err));
	TRY(store_query(t->db, Q_CASE_SHOW, &st, err, "t", id));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_ENOTFOUND, "no case %s here yet: it is a draft", id);
	*out = case_json(st);
	TRY(store_query(t->db, Q_CASE_REQUESTS, &n, err, "t", id));
	TRY(store_step(n, &row, err));
	(void)json_object_set_new(*out, "requests", json_integer(row ? store_int(n, 0) : 0));
	return CO_OK;
}

static enum co_rc
request_row(const struct table *t, const char *id, json_t **out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct request_row q;
	bool row;

	TRY(request_seen(t->x, t->db, t->who, id, &q, err));
	*out = request_json(t->x, &q);
	(void)json_object_set_new(*out, "way",
		json_string(q.incoming ? WORDS("asked of us") : WORDS("asked by us")));
	TRY(store_query(t->db, Q_CASE_SHOW, &st, err, "t", q.case_id));
	TRY(store_step(st, &row, err));
	out_text(*out, "ours", row ? store_text(st, 1) : "");
	return CO_OK;
}

static enum co_rc
rows_fill(const struct table *t, const json_t *ids,
	enum co_rc (*one)(const struct table *t, const char *id, json_t **out, struct co_err *err),
	struct co_err *err)
{
	const json_t *id;
	size_t i;

	json_array_foreach(ids, i, id)
	{
		json_t *row = NULL;
		enum co_rc rc = one(t, json_string_value(id), &row, err);

		if (row != NULL)
			(void)json_array_append_new(t->rows, row);
		TRY(rc);
	}
	return CO_OK;
}

static enum co_rc
csv_answer(const struct table *t, json_t **out, struct co_err *err)
{
	char sha256[SHA256_HEX + 1], name[64];
	co_auto_buf csv;
	co_auto_buf text;

	co_buf_init(&csv, TABLE_CSV);
	co_buf_init(&text, TABLE_CSV * 2);
	TRY(table_csv(&csv, t->columns, t->n, t->rows, err));
	TRY(co_base64_add(&text, csv.data, csv.len, err));
	sha256_hex(csv.data, csv.len, sha256);
	(void)snprintf(name, sizeof(name), "%s.csv", t->name);
	return out_give(json_pack("{s:s,s:s,s:s,s:s,s:I}", "name", name, "media",
				"text/csv; charset=utf-8", "sha256", sha256, "document", text.data,
				"size", (json_int_t)csv.len),
		out, err);
}

static enum co_rc
table_answer(const struct table *t, const json_t *in, json_t **out, struct co_err *err)
{
	struct paper_reader r = { .here = t->x->calendar.zone, .partner = "" };
	const char *format, *language;
	json_auto_t *paper = NULL;

	TRY(in_text(in, "format", false, 8, &format, err));
	if (format != NULL && strcmp(format, "csv") == 0)
		return csv_answer(t, out, err);
	TRY(paper_format(in, &format, &language, err));
	paper_reader_language(&r, language);
	paper = paper_begin(&r, paper_say(&r, t->title), t->x->address, co_now_us(), false, true);
	table_paper(paper, &r, "", t->columns, t->n, t->rows);
	return paper_answer(t->x, paper, format, t->name, out, err);
}

enum co_rc
op_request_table(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	json_auto_t *rows = json_array();
	struct table t = { .x = x, .who = who, .title = WORDS("Requests"), .name = "requests",
		.columns = request_columns, .n = CO_ARRAY_LEN(request_columns), .rows = rows };
	const json_t *ids;

	(void)arg;
	TRY(ids_check(in, "ids", TABLE_MOST, &ids, err));
	TRY(store_reader(x->store, &t.db, err));
	TRY(rows_fill(&t, ids, request_row, err));
	return table_answer(&t, in, out, err);
}

enum co_rc
op_case_table(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	json_auto_t *rows = json_array();
	struct table t = { .x = x, .who = who, .title = WORDS("Cases"), .name = "cases",
		.columns = case_columns, .n = CO_ARRAY_LEN(case_columns), .rows = rows };
	const json_t *ids;

	(void)arg;
	TRY(ids_check(in, "ids", TABLE_MOST, &ids, err));
	TRY(store_reader(x->store, &t.db, err));
	TRY(rows_fill(&t, ids, case_row, err));
	return table_answer(&t, in, out, err);
}

static const struct op_member table_in[] = {
	{ "ids", OP_WORDS, OP_REQUIRED, 1, TABLE_MOST, "which, in the order of the table", NULL },
	{ "format", OP_TEXT, 0, 0, 8, "csv, pdf or html; pdf", NULL },
	{ "language", OP_TEXT, 0, 0, 35, "of labels and codes on paper; en", NULL },
	OP_END,
};
static const struct op_shape shapes[] = {
	{ "request.table", "read", table_in, op_paper_out },
	{ "case.table", "read", table_in, op_paper_out },
};

void
ops_table_describe(struct exchange *x)
{
	op_describe(x, shapes, CO_ARRAY_LEN(shapes));
}
