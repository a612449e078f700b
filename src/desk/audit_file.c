/* A log as a file, while it is read: a page of rows at a time, each asked for as the officer, so
 * that whoever may not read it any more gets no more of it, and no other page waits. */
#include "desk/audit.h"

#include "base/buf.h"

#include <string.h>

enum { FILE_PAGE = 200, FILE_ROWS = 50000 };

struct audit_out {
	struct exchange *x;
	const struct audit_log *log;
	char officer[LIMIT_NAME + 1];
	json_t *in;     /* the question; before goes down */
	bool json;
	size_t got;     /* rows */
	bool ended;     /* nothing more comes into text */
	struct co_buf text;
	size_t at;      /* of text, what was given */
};

static void
out_free(void *arg)
{
	struct audit_out *o = arg;

	json_decref(o->in);
	co_buf_deinit(&o->text);
	free(o);
}

/* A spreadsheet must not take a text for a formula. */
static enum co_rc
csv_cell(struct co_buf *out, const json_t *value, bool first, struct co_err *err)
{
	co_auto_free char *dumped = value == NULL || json_is_null(value) || json_is_string(value)
		? NULL
		: json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	const char *s = dumped != NULL ? dumped : json_string_value(value);

	s = s == NULL ? "" : s;
	TRY(co_buf_add_str(out, first ? "\"" : ",\"", err));
	if (*s != '\0' && strchr("=+-@\t\r", *s) != NULL)
		TRY(co_buf_add_str(out, "'", err));
	while (*s != '\0') {
		size_t n = strcspn(s, "\"");

		TRY(co_buf_add(out, s, n, err));
		if (s[n] == '"')
			TRY(co_buf_add_str(out, "\"\"", err));
		s += n + (s[n] == '"');
	}
	return co_buf_add_str(out, "\"", err);
}

static enum co_rc
row_print(struct audit_out *o, const json_t *row, struct co_err *err)
{
	co_auto_free char *text = o->json ? json_dumps(row, JSON_COMPACT) : NULL;

	if (o->json) {
		TRY(co_buf_add_str(&o->text, o->got == 0 ? "" : ",\n", err));
		return co_buf_add_str(&o->text, text == NULL ? "null" : text, err);
	}
	for (size_t k = 0; o->log->columns[k] != NULL; k++)
		TRY(csv_cell(
			&o->text, json_object_get(row, o->log->columns[k]), k == 0, err));
	return co_buf_add_str(&o->text, "\r\n", err);
}

static enum co_rc
head_print(struct audit_out *o, struct co_err *err)
{
	if (o->json)
		return co_buf_addf(&o->text, err, "{\"%s\":[\n", o->log->rows);
	for (size_t k = 0; o->log->columns[k] != NULL; k++)
		TRY(co_buf_addf(&o->text, err, "%s%s", k == 0 ? "" : ",", o->log->columns[k]));
	return co_buf_add_str(&o->text, "\r\n", err);
}

/* cut: where a file that ends before the log does goes on. */
static enum co_rc
tail_print(struct audit_out *o, bool cut, struct co_err *err)
{
	long long before = json_integer_value(json_object_get(o->in, "before"));

	o->ended = true;
	if (o->json && !cut)
		return co_buf_add_str(&o->text, "\n],\"more\":null}\n", err);
	if (o->json)
		return co_buf_addf(&o->text, err, "\n],\"more\":%lld}\n", before);
	if (!cut)
		return CO_OK;
	return co_buf_addf(&o->text, err,
		"\"more: this file ends after %d rows; take the next one with "
		"/audit/%s/csv?before=%lld\"\r\n",
		FILE_ROWS, o->log->rows, before);
}

static enum co_rc
page_print(struct audit_out *o, const json_t *rows, struct co_err *err)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		TRY(row_print(o, row, err));
		o->got++;
	}
	if (i > 0)
		(void)json_object_set(o->in, "before",
			json_object_get(json_array_get(rows, i - 1), "seq"));
	if (i < FILE_PAGE || o->got >= FILE_ROWS)
		return tail_print(o, i == FILE_PAGE, err);
	return CO_OK;
}

/* The next rows, as text. */
static enum co_rc
out_fill(struct audit_out *o, struct co_err *err)
{
	json_t *page = NULL;
	enum co_rc rc;

	TRY(op_call_as(o->x, o->officer, o->log->op, o->in, &page, err));
	rc = page_print(o, json_object_get(page, o->log->rows), err);
	json_decref(page);
	return rc;
}

static enum co_rc
out_pull(void *arg, unsigned char *out, size_t *n, struct co_err *err)
{
	struct audit_out *o = arg;
	size_t take;

	if (o->at == o->text.len && !o->ended) {
		co_buf_reset(&o->text);
		o->at = 0;
		TRY(out_fill(o, err));
	}
	take = o->text.len - o->at < WEB_PIECE ? o->text.len - o->at : WEB_PIECE;
	if (take > 0)
		memcpy(out, o->text.data + o->at, take);
	o->at += take;
	*n = take;
	return CO_OK;
}

enum co_rc
audit_file(struct visit *v, const struct audit_log *l, bool json, struct co_err *err)
{
	struct audit_out *o = calloc(1, sizeof(*o));
	json_t *asked = json_object();
	char name[64];
	enum co_rc rc;

	if (o == NULL) {
		json_decref(asked);
		return co_fail(err, CO_ENOMEM, "a file of the log");
	}
	o->x = v->desk->conf.exchange;
	o->log = l;
	o->json = json;
	(void)snprintf(o->officer, sizeof(o->officer), "%s", v->session.officer);
	co_buf_init(&o->text, LIMIT_DESK_PAGE);
	o->in = audit_ask(v, l, FILE_PAGE, asked);
	json_decref(asked);
	/* The first rows before the answer begins: a question that cannot be answered is said. */
	rc = head_print(o, err);
	if (rc == CO_OK)
		rc = out_fill(o, err);
	if (rc != CO_OK) {
		out_free(o);
		return rc;
	}
	(void)snprintf(name, sizeof(name), "attachment; filename=\"%s.%s\"", l->rows,
		json ? "json" : "csv");
	web_set(v->req, "Content-Disposition", name);
	web_give(v->req, json ? "application/json" : "text/csv; charset=utf-8", WEB_SIZE_UNKNOWN,
		out_pull, out_free, o);
	return CO_OK;
}
