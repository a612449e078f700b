#include "exchange/paper_table.h"

#include <stdio.h>
#include <string.h>

/* "" for no time. */
static const char *
time_print(const struct paper_reader *r, const char *s, char out[PAPER_TIME])
{
	int64_t us;

	out[0] = '\0';
	if (s != NULL && co_time_parse(s, &us, NULL) == CO_OK)
		paper_time(r, us, out);
	return out;
}

static void
cell_put(json_t *row, const struct paper_reader *r, const struct column *c, const json_t *v)
{
	const char *s = json_string_value(v);
	char text[CATALOGUE_SPAN] = "", time[PAPER_TIME];

	if (c->kind == COLUMN_CODE)
		s = s == NULL ? "" : paper_say(r, s);
	else if (c->kind == COLUMN_YES)
		s = paper_say(r, json_is_true(v) ? WORDS("yes") : WORDS("no"));
	else if (c->kind == COLUMN_NUMBER)
		(void)snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(v));
	else if (c->kind == COLUMN_SPAN && json_is_integer(v))
		catalogue_span(r->words, json_integer_value(v), text);
	else if (c->kind == COLUMN_TIME)
		s = time_print(r, s, time);
	paper_cell(row, PAPER_PLAIN, s == NULL ? text : s);
}

void
table_paper(json_t *paper, const struct paper_reader *r, const char *caption,
	const struct column *columns, size_t n, const json_t *rows)
{
	json_t *table;
	const json_t *row;
	size_t i;

	if (json_array_size(rows) == 0) {
		paper_text(paper, PAPER_QUIET, paper_say(r, WORDS("None.")));
		return;
	}
	table = paper_table(paper, caption);
	for (i = 0; i < n; i++)
		if (columns[i].head != NULL)
			paper_column(table, columns[i].weight, paper_say(r, columns[i].head));
	json_array_foreach(rows, i, row)
	{
		json_t *cells = paper_row(table);

		for (size_t k = 0; k < n; k++)
			if (columns[k].head != NULL)
				cell_put(cells, r, &columns[k],
					json_object_get(row, columns[k].member));
	}
}

/* ---- CSV ---- */

enum co_rc
csv_text(struct co_buf *b, const char *s, const char *after, struct co_err *err)
{
	/* A spreadsheet runs a cell that begins so; a quote before it makes it text. */
	bool formula = *s != '\0' && strchr("=+-@\t\r", *s) != NULL;

	TRY(co_buf_add_str(b, formula ? "\"'" : "\"", err));
	for (; *s != '\0'; s++)
		TRY(co_buf_add(b, *s == '"' ? "\"\"" : s, *s == '"' ? 2 : 1, err));
	TRY(co_buf_add_str(b, "\"", err));
	return co_buf_add_str(b, after, err);
}

static enum co_rc
csv_cell(struct co_buf *b, const json_t *v, const char *after, struct co_err *err)
{
	const char *s = json_string_value(v);

	if (json_is_integer(v))
		return co_buf_addf(b, err, "%lld%s", (long long)json_integer_value(v), after);
	if (json_is_boolean(v))
		s = json_is_true(v) ? "yes" : "no";
	return csv_text(b, s == NULL ? "" : s, after, err);
}

enum co_rc
table_csv(struct co_buf *b, const struct column *columns, size_t n, const json_t *rows,
	struct co_err *err)
{
	const json_t *row;
	size_t i;

	for (i = 0; i < n; i++)
		TRY(co_buf_addf(b, err, "%s%s", columns[i].member, i + 1 < n ? "," : "\r\n"));
	json_array_foreach(rows, i, row)
	{
		for (size_t k = 0; k < n; k++)
			TRY(csv_cell(b, json_object_get(row, columns[k].member),
				k + 1 < n ? "," : "\r\n", err));
	}
	return CO_OK;
}
