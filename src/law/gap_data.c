/* The report for programs: JSON, and CSV for spreadsheets. */
#include "law/gap_inside.h"

#include <string.h>

/* ---- CSV ---- */

/* A spreadsheet runs a cell that begins so; with an apostrophe before it is text (OWASP, CSV
 * injection). */
static enum co_rc
csv_cell(struct co_buf *b, const char *s, bool last, struct co_err *err)
{
	bool formula = *s != '\0' && strchr("=+-@\t\r", *s) != NULL;
	bool quoted = formula || s[strcspn(s, ",\"\r\n")] != '\0';

	if (quoted)
		TRY(co_buf_add_str(b, formula ? "\"'" : "\"", err));
	for (; *s != '\0'; s++) {
		if (*s == '"')
			TRY(co_buf_add(b, "\"", 1, err));
		TRY(co_buf_add(b, s, 1, err));
	}
	if (quoted)
		TRY(co_buf_add(b, "\"", 1, err));
	return co_buf_add_str(b, last ? "\r\n" : ",", err);
}

enum { CSV_COLUMNS = 19 };

static const char *const csv_head[CSV_COLUMNS] = { "instrument", "group", "article", "title",
	"economy", "name", "at", "value", "certainty", "statute", "section", "from", "to", "known",
	"note", "source", "source_title", "source_url", "fact" };

static enum co_rc
csv_row(struct co_buf *b, const char *const cells[CSV_COLUMNS], struct co_err *err)
{
	for (size_t i = 0; i < CSV_COLUMNS; i++)
		TRY(csv_cell(b, cells[i] == NULL ? "" : cells[i], i + 1 == CSV_COLUMNS, err));
	return CO_OK;
}

/* article NULL: whether it is bound by the instrument. */
static enum co_rc
csv_fact(const struct law_gap *g, const struct law_article *article, size_t economy,
	const char *value, const struct law_fact *f, struct co_buf *b, struct co_err *err)
{
	const struct law_economy *e = g->economies[economy];
	char at[16], from[16] = "", to[16] = "", known[16] = "";
	const char *cells[CSV_COLUMNS] = { g->instrument->code,
		article == NULL ? "status" : law_group_name(article->group),
		article == NULL ? "" : article->article,
		article == NULL ? "Bound by the instrument" : article->title, e->code, e->name, at,
		value, law_certainty_name(gap_certainty(f)) };

	law_day_print(g->at, at);
	if (f != NULL) {
		law_day_print(f->from, from);
		law_day_print(f->to, to);
		law_day_print(f->known, known);
		cells[9] = gap_member(f, "statute");
		cells[10] = gap_member(f, "section");
		cells[11] = from;
		cells[12] = to;
		cells[13] = known;
		cells[14] = f->note;
		cells[15] = f->source->key;
		cells[16] = f->source->title;
		cells[17] = f->source->url;
		cells[18] = f->id;
	}
	return csv_row(b, cells, err);
}

static const char *
status_value(const struct law_fact *f)
{
	const char *s = f == NULL ? NULL : json_string_value(f->value);

	return s == NULL ? "unknown" : s;
}

static enum co_rc
csv_all(const struct law_gap *g, struct co_buf *out, struct co_err *err)
{
	TRY(csv_row(out, csv_head, err));
	for (size_t e = 0; e < g->economies_n; e++)
		TRY(csv_fact(g, NULL, e, status_value(g->status[e]), g->status[e], out, err));
	for (size_t a = 0; a < g->articles_n; a++)
		for (size_t e = 0; e < g->economies_n; e++) {
			const struct law_cell *c = gap_cell(g, a, e);

			TRY(csv_fact(
				g, g->articles[a], e, law_has_name(c->has), c->fact, out, err));
		}
	return CO_OK;
}

enum co_rc
law_gap_csv(const struct law_gap *g, struct co_buf *out, struct co_err *err)
{
	size_t from = out->len;
	enum co_rc rc = csv_all(g, out, err);

	if (rc != CO_OK)
		gap_cut(out, from);
	return rc;
}

/* ---- JSON ---- */

static void
text_put(json_t *o, const char *name, const char *s)
{
	if (s != NULL && *s != '\0')
		(void)json_object_set_new(o, name, json_string(s));
}

static void
fact_put(json_t *o, const struct law_fact *f)
{
	char from[16], to[16];

	if (f == NULL)
		return;
	law_day_print(f->from, from);
	law_day_print(f->to, to);
	text_put(o, "statute", gap_member(f, "statute"));
	text_put(o, "section", gap_member(f, "section"));
	text_put(o, "from", from);
	text_put(o, "to", to);
	text_put(o, "note", f->note);
	text_put(o, "source", f->source->key);
	text_put(o, "fact", f->id);
	text_put(o, "sha256", f->sha256);
}

static json_t *
economy_json(const struct law_gap *g, size_t e)
{
	size_t n[GAP_HAS_N];
	const struct law_fact *f = g->status[e];
	json_t *status = json_pack("{s:s,s:s}", "value", status_value(f), "certainty",
		law_certainty_name(gap_certainty(f)));

	gap_counts(g, e, n);
	fact_put(status, f);
	return json_pack("{s:s,s:s,s:s*,s:o,s:{s:I,s:I,s:I,s:I}}", "code", g->economies[e]->code,
		"name", g->economies[e]->name, "of", g->economies[e]->of, "status", status,
		"counts", "yes", (json_int_t)n[LAW_HAS], "partly", (json_int_t)n[LAW_HAS_PARTLY],
		"no", (json_int_t)n[LAW_HAS_NOT], "unknown", (json_int_t)n[LAW_HAS_UNKNOWN]);
}

static json_t *
article_json(const struct law_gap *g, size_t a)
{
	const struct law_article *article = g->articles[a];
	json_t *cells = json_array();

	for (size_t e = 0; e < g->economies_n; e++) {
		const struct law_cell *c = gap_cell(g, a, e);
		json_t *o = json_pack("{s:s,s:s,s:s}", "economy", g->economies[e]->code, "has",
			law_has_name(c->has), "certainty",
			law_certainty_name(gap_certainty(c->fact)));

		fact_put(o, c->fact);
		(void)json_array_append_new(cells, o);
	}
	return json_pack("{s:s,s:s,s:s*,s:s,s:s,s:s*,s:o}", "article", article->article, "title",
		article->title, "summary", article->summary, "group",
		law_group_name(article->group), "provides", article->provides, "model",
		article->model, "cells", cells);
}

static enum co_rc
sources_json(const struct law_gap *g, json_t *list, struct co_err *err)
{
	co_auto_free const struct law_source **sources = NULL;
	size_t n = 0;

	TRY(gap_sources(g, &sources, &n, err));
	for (size_t i = 0; i < n; i++) {
		char day[16];

		law_day_print(sources[i]->as_of, day);
		if (json_array_append_new(list,
			    json_pack("{s:s,s:s,s:s*,s:s}", "key", sources[i]->key, "title",
				    sources[i]->title, "url", sources[i]->url, "as_of", day)) != 0)
			return co_fail(err, CO_ENOMEM, "gap report");
	}
	return CO_OK;
}

enum co_rc
law_gap_json(const struct law_gap *g, json_t **out, struct co_err *err)
{
	json_t *economies = json_array(), *articles = json_array(), *sources = json_array(), *all;
	char at[16], known[16];
	enum co_rc rc;

	law_day_print(g->at, at);
	law_day_print(g->known, known);
	for (size_t e = 0; e < g->economies_n; e++)
		(void)json_array_append_new(economies, economy_json(g, e));
	for (size_t a = 0; a < g->articles_n; a++)
		(void)json_array_append_new(articles, article_json(g, a));
	rc = sources_json(g, sources, err);
	all = json_pack("{s:s,s:s,s:s,s:s,s:o,s:o,s:o}", "instrument", g->instrument->code, "name",
		g->instrument->name, "at", at, "known", known, "economies", economies, "articles",
		articles, "sources", sources);
	if (rc == CO_OK &&
		(all == NULL || json_array_size(economies) != g->economies_n ||
			json_array_size(articles) != g->articles_n))
		rc = co_fail(err, CO_ENOMEM, "gap report");
	if (rc != CO_OK) {
		json_decref(all);
		return rc;
	}
	*out = all;
	return CO_OK;
}
