/* What an auditor reads: who looked at what, what was done here; as pages, as CSV and as JSON. */
#include "desk/pages.h"

#include "base/buf.h"
#include "base/enc.h"

#include <string.h>

enum {
	AUDIT_ROWS = 200,
	AUDIT_FILE_PAGE = 1000,
	AUDIT_FILE_ROWS = 50000
};

/* One row a log: which operation, which members of the query, which columns of its rows. */
static const struct log {
	const char *op, *rows, *page, *title;
	const char *filters[5], *columns[8];
} logs[] = {
	{ "access.list", "access", "audit-access", "who looked at what",
		{ "case_id", "officer", "from", "to", NULL },
		{ "at", "officer", "what", "case_id", "subject", NULL } },
	{ "event.list", "events", "audit-events", "what was done",
		{ "what", "who", "from", "to", NULL }, { "at", "who", "what", "detail", NULL } },
};

/* The filters of the query as the operation takes them; asked gets them back for the page. */
static json_t *
log_ask(struct visit *v, const struct log *l, int64_t limit, json_t *asked)
{
	const char *before = web_query(v->req, "before");
	json_t *in = json_pack("{s:I}", "limit", (json_int_t)limit);

	for (size_t i = 0; l->filters[i] != NULL; i++) {
		const char *s = web_query(v->req, l->filters[i]);

		if (s == NULL || *s == '\0')
			continue;
		(void)json_object_set_new(in, l->filters[i], json_string(s));
		(void)json_object_set_new(asked, l->filters[i], json_string(s));
	}
	if (before != NULL)
		(void)json_object_set_new(in, "before", json_integer(strtoll(before, NULL, 10)));
	return in;
}

/* "&a=b&c=d" of the filters, for links; each byte that is not plain as %XX. */
static enum co_rc
log_query(const json_t *asked, struct co_buf *out, struct co_err *err)
{
	json_t *o = (json_t *)(uintptr_t)asked; /* iterated, not changed */

	TRY(co_buf_add_str(out, "", err));
	for (void *it = json_object_iter(o); it != NULL; it = json_object_iter_next(o, it)) {
		const char *s = json_string_value(json_object_iter_value(it));

		TRY(co_buf_addf(out, err, "&%s=", json_object_iter_key(it)));
		for (; *s != '\0'; s++)
			TRY(co_buf_addf(out, err, "%%%02X", (unsigned char)*s));
	}
	return CO_OK;
}

static void
asked_put(struct visit *v, json_t *asked)
{
	for (void *it = json_object_iter(asked); it != NULL;
		it = json_object_iter_next(asked, it)) {
		char name[32];

		(void)snprintf(name, sizeof(name), "asked_%s", json_object_iter_key(it));
		visit_put(v, name, json_incref(json_object_iter_value(it)));
	}
}

/* Details without what the row says already. */
static void
details_put(json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		json_t *d = json_object_get(row, "detail"), *inner = json_object_get(d, "detail");

		(void)json_object_set(row, "shown", inner != NULL ? inner : d);
	}
}

static enum co_rc
log_page(struct visit *v, const struct log *l, struct co_err *err)
{
	json_t *out, *rows, *asked = json_object();
	json_t *in = log_ask(v, l, AUDIT_ROWS, asked);
	co_auto_buf query;
	enum co_rc rc;
	size_t n;

	co_buf_init(&query, 8192);
	rc = log_query(asked, &query, err);
	asked_put(v, asked);
	json_decref(asked);
	if (rc != CO_OK) {
		json_decref(in);
		return rc;
	}
	TRY(visit_op(v, l->op, in, &out, err));
	rows = json_object_get(out, l->rows);
	details_put(rows);
	n = json_array_size(rows);
	if (n == AUDIT_ROWS)
		visit_put(v, "more",
			json_incref(json_object_get(json_array_get(rows, n - 1), "seq")));
	(void)json_object_update_missing(v->values, out);
	json_decref(out);
	visit_put(v, "query", json_string(query.data));
	visit_put(v, "title", json_string(l->title));
	v->page = l->page;
	return CO_OK;
}

/* ---- CSV, RFC 4180 ---- */

/* A spreadsheet must not take a text for a formula. */
static enum co_rc
csv_cell(struct co_buf *out, const json_t *value, bool first, struct co_err *err)
{
	char *dumped = value == NULL || json_is_null(value) || json_is_string(value)
		? NULL
		: json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	const char *s = dumped != NULL ? dumped : json_string_value(value);
	enum co_rc rc = co_buf_add_str(out, first ? "\"" : ",\"", err);

	s = s == NULL ? "" : s;
	if (rc == CO_OK && *s != '\0' && strchr("=+-@\t\r", *s) != NULL)
		rc = co_buf_add_str(out, "'", err);
	for (; rc == CO_OK && *s != '\0'; s++)
		rc = *s == '"' ? co_buf_add_str(out, "\"\"", err) : co_buf_add(out, s, 1, err);
	free(dumped);
	return rc == CO_OK ? co_buf_add_str(out, "\"", err) : rc;
}

static enum co_rc
csv_rows(struct co_buf *out, const struct log *l, const json_t *rows, struct co_err *err)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		for (size_t k = 0; l->columns[k] != NULL; k++)
			TRY(csv_cell(out, json_object_get(row, l->columns[k]), k == 0, err));
		TRY(co_buf_add_str(out, "\r\n", err));
	}
	return CO_OK;
}

/* Where a file that was cut goes on, as its last row. */
static enum co_rc
csv_more(struct co_buf *out, const struct log *l, int64_t before, struct co_err *err)
{
	return co_buf_addf(out, err,
		"\"more: this file ends after %d rows; take the next one with "
		"/audit/%s/csv?before=%lld\"\r\n",
		AUDIT_FILE_ROWS, l->rows, (long long)before);
}

/* All rows that fit the question, a page at a time; *before: where more begins, or 0. */
static enum co_rc
file_rows(struct visit *v, const struct log *l, json_t *in, bool json, struct co_buf *out,
	int64_t *before, struct co_err *err)
{
	*before = 0;
	for (size_t got = 0; got < AUDIT_FILE_ROWS;) {
		json_t *page = NULL, *rows, *row;
		size_t n, i;
		enum co_rc rc = CO_OK;

		TRY(visit_op(v, l->op, json_incref(in), &page, err));
		rows = json_object_get(page, l->rows);
		n = json_array_size(rows);
		if (!json)
			rc = csv_rows(out, l, rows, err);
		else
			json_array_foreach(rows, i, row)
			{
				co_auto_free char *text = json_dumps(row, JSON_COMPACT);

				if (rc == CO_OK && (i > 0 || got > 0))
					rc = co_buf_add_str(out, ",\n", err);
				if (rc == CO_OK)
					rc = co_buf_add_str(out, text == NULL ? "null" : text, err);
			}
		row = n > 0 ? json_array_get(rows, n - 1) : NULL;
		if (row != NULL)
			(void)json_object_set(in, "before", json_object_get(row, "seq"));
		json_decref(page);
		TRY(rc);
		got += n;
		if (n < AUDIT_FILE_PAGE)
			return CO_OK;
	}
	*before = json_integer_value(json_object_get(in, "before"));
	return CO_OK;
}

static enum co_rc
csv_fill(struct visit *v, const struct log *l, json_t *in, struct co_buf *out, struct co_err *err)
{
	int64_t before;

	for (size_t k = 0; l->columns[k] != NULL; k++)
		TRY(co_buf_addf(out, err, "%s%s", k == 0 ? "" : ",", l->columns[k]));
	TRY(co_buf_add_str(out, "\r\n", err));
	TRY(file_rows(v, l, in, false, out, &before, err));
	return before == 0 ? CO_OK : csv_more(out, l, before, err);
}

static enum co_rc
json_fill(struct visit *v, const struct log *l, json_t *in, struct co_buf *out, struct co_err *err)
{
	int64_t before;

	TRY(co_buf_addf(out, err, "{\"%s\":[\n", l->rows));
	TRY(file_rows(v, l, in, true, out, &before, err));
	if (before == 0)
		return co_buf_add_str(out, "\n],\"more\":null}\n", err);
	return co_buf_addf(out, err, "\n],\"more\":%lld}\n", (long long)before);
}

static enum co_rc
log_file(struct visit *v, const struct log *l, bool json, struct co_err *err)
{
	json_t *asked = json_object(), *in = log_ask(v, l, AUDIT_FILE_PAGE, asked);
	co_auto_buf out;
	char name[64];
	enum co_rc rc;

	co_buf_init(&out, 4 * (size_t)LIMIT_DESK_PAGE);
	rc = json ? json_fill(v, l, in, &out, err) : csv_fill(v, l, in, &out, err);
	json_decref(in);
	json_decref(asked);
	if (rc == CO_ETOOBIG)
		return co_fail(err, CO_ETOOBIG,
			"the file would be longer than this desk gives at once; narrow it by days");
	if (rc != CO_OK)
		return rc;
	(void)snprintf(name, sizeof(name), "attachment; filename=\"%s.%s\"", l->rows,
		json ? "json" : "csv");
	web_set(v->req, "Content-Disposition", name);
	web_set(v->req, "Cache-Control", "no-store");
	web_reply(v->req, 200, json ? "application/json" : "text/csv; charset=utf-8", out.data,
		out.len);
	return CO_OK;
}

enum co_rc
page_audit_access(struct visit *v, struct co_err *err)
{
	return log_page(v, &logs[0], err);
}

enum co_rc
page_audit_access_csv(struct visit *v, struct co_err *err)
{
	return log_file(v, &logs[0], false, err);
}

enum co_rc
page_audit_events(struct visit *v, struct co_err *err)
{
	return log_page(v, &logs[1], err);
}

enum co_rc
page_audit_events_csv(struct visit *v, struct co_err *err)
{
	return log_file(v, &logs[1], false, err);
}

enum co_rc
page_audit_access_json(struct visit *v, struct co_err *err)
{
	return log_file(v, &logs[0], true, err);
}

enum co_rc
page_audit_events_json(struct visit *v, struct co_err *err)
{
	return log_file(v, &logs[1], true, err);
}
