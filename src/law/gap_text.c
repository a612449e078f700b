#include "base/columns.h"
#include "law/gap_inside.h"

#include <stdio.h>
#include <string.h>

enum {
	WIDTH_LEAST = 40,
	LABEL_LEAST = 20,
	LABEL_MOST = 40,
	CELL = 3, /* a mark, how sure, a space; also a code and a space */
	ARTICLE = 5
};

struct page {
	const struct law_gap *g;
	struct co_buf *b;
	size_t width;
};

static enum co_rc
heading(const struct page *p, struct co_err *err)
{
	const struct law_gap *g = p->g;
	char at[16], known[16], text[GAP_WORDS];

	law_day_print(g->at, at);
	law_day_print(g->known, known);
	(void)snprintf(text, sizeof(text), "%s (%s), the law on %s%s%s", g->instrument->name,
		g->instrument->code, at, g->known == g->at ? "" : ", as known on ",
		g->known == g->at ? "" : known);
	return co_paragraph_add(p->b, "", 0, p->width, text, err);
}

static enum co_rc
legend(const struct page *p, struct co_err *err)
{
	TRY(co_paragraph_add(p->b, "", 0, p->width,
		"✓ has it   ◐ partly   ✗ lacks it   ? unknown: nobody recorded it", err));
	return co_paragraph_add(p->b, "", 0, p->width,
		"Behind a mark, how sure: v the primary text was read, s a second-hand text, u "
		"from "
		"memory, unchecked. Being party to a treaty is not read as having the law.",
		err);
}

/* ---- many economies ---- */

static enum co_rc
matrix_row(const struct page *p, size_t label, const char *words, size_t first, size_t n,
	const char *(*mark)(const struct law_gap *g, size_t a, size_t e, char out[16]), size_t a,
	struct co_err *err)
{
	char marks[512] = "", room[16];
	size_t at = 0;
	struct co_column cells[2] = { { .text = words, .width = label },
		{ .text = marks, .width = n * CELL, .indent = 1 } };

	for (size_t e = first; e < first + n && at < sizeof(marks); e++) {
		const char *m = mark(p->g, a, e, room);
		size_t pad = CELL - co_columns(m, SIZE_MAX);

		pad = e + 1 < first + n ? pad : 0;
		at += (size_t)snprintf(marks + at, sizeof(marks) - at, "%s%*s", m, (int)pad, "");
	}
	return co_columns_add(p->b, cells, 2, err);
}

static const char *
mark_code(const struct law_gap *g, size_t a, size_t e, char out[16])
{
	(void)a;
	(void)snprintf(out, 16, "%.2s", g->economies[e]->code);
	return out;
}

static const char *
mark_status(const struct law_gap *g, size_t a, size_t e, char out[16])
{
	(void)a;
	(void)snprintf(out, 16, "%s%s", gap_status_shape(g->status[e]),
		gap_certainty_mark(gap_certainty(g->status[e])));
	return out;
}

static const char *
mark_cell(const struct law_gap *g, size_t a, size_t e, char out[16])
{
	const struct law_cell *c = gap_cell(g, a, e);

	(void)snprintf(
		out, 16, "%s%s", law_has_shape(c->has), gap_certainty_mark(gap_certainty(c->fact)));
	return out;
}

static void
label_of(const struct law_article *a, char out[GAP_WORDS])
{
	(void)snprintf(out, GAP_WORDS, "%-4s %s", a->article, a->title);
}

/* A title that does not fit is cut: a matrix is read by its columns. */
static void
label_cut(char label[GAP_WORDS], size_t width)
{
	size_t n = strlen(label);

	if (co_columns(label, SIZE_MAX) <= width)
		return;
	while (n > 0 && co_columns(label, n) + 1 > width)
		do
			n--;
		while (n > 0 && ((unsigned char)label[n] & 0xc0) == 0x80);
	(void)snprintf(label + n, GAP_WORDS - n, "…");
}

static enum co_rc
matrix_block(const struct page *p, size_t label, size_t first, size_t n, struct co_err *err)
{
	char words[GAP_WORDS];

	TRY(co_buf_add_str(p->b, "\n", err));
	TRY(matrix_row(p, label, "", first, n, mark_code, 0, err));
	TRY(matrix_row(
		p, label, "Status: P party, – not, S signed", first, n, mark_status, 0, err));
	for (size_t a = 0; a < p->g->articles_n; a++) {
		if (gap_group_begins(p->g, a))
			TRY(co_paragraph_add(p->b, "", 0, p->width,
				gap_group_title(p->g->articles[a]->group), err));
		label_of(p->g->articles[a], words);
		label_cut(words, label);
		TRY(matrix_row(p, label, words, first, n, mark_cell, a, err));
	}
	return CO_OK;
}

static enum co_rc
matrix(const struct page *p, struct co_err *err)
{
	size_t label = p->width / 3, fit, n = p->g->economies_n;

	label = label < LABEL_LEAST ? LABEL_LEAST : label > LABEL_MOST ? LABEL_MOST : label;
	fit = (p->width - label - 1) / CELL;
	fit = fit > 40 ? 40 : fit;
	TRY(heading(p, err));
	TRY(legend(p, err));
	for (size_t first = 0; first < n; first += fit)
		TRY(matrix_block(p, label, first, n - first < fit ? n - first : fit, err));
	return CO_OK;
}

/* ---- one and two economies ---- */

/* "✓ Penal Code, 118a (verified)" */
static void
cell_words(const struct law_cell *c, char out[2 * GAP_WORDS])
{
	char statute[GAP_WORDS];

	gap_statute(c->fact, statute);
	if (c->fact == NULL)
		(void)snprintf(out, 2 * GAP_WORDS, "?  nobody recorded it");
	else
		(void)snprintf(out, 2 * GAP_WORDS, "%s  %s%s(%s)", law_has_shape(c->has),
			*statute != '\0' ? statute : law_has_name(c->has), " ",
			law_certainty_name(c->fact->certainty));
}

static void
status_words(const struct law_fact *f, char out[2 * GAP_WORDS])
{
	char words[GAP_WORDS];

	gap_status(f, words);
	if (f == NULL)
		(void)snprintf(out, 2 * GAP_WORDS, "%s", words);
	else
		(void)snprintf(
			out, 2 * GAP_WORDS, "%s (%s)", words, law_certainty_name(f->certainty));
}

static enum co_rc
pair_row(const struct page *p, const char *article, const char *label, const char *left,
	const char *right, struct co_err *err)
{
	size_t first = p->width / 4, each = (p->width - ARTICLE - first - 4) / 2;
	const struct co_column cells[] = {
		{ .text = article, .width = ARTICLE },
		{ .text = label, .width = first },
		{ .text = left, .width = each, .indent = 2 },
		{ .text = right, .width = each, .indent = 2 },
	};

	return co_columns_add(p->b, cells, CO_ARRAY_LEN(cells), err);
}

static enum co_rc
pair(const struct page *p, struct co_err *err)
{
	const struct law_gap *g = p->g;
	char left[2 * GAP_WORDS], right[2 * GAP_WORDS];

	TRY(heading(p, err));
	TRY(legend(p, err));
	TRY(co_buf_add_str(p->b, "\n", err));
	TRY(pair_row(p, "", "", g->economies[0]->name, g->economies[1]->name, err));
	status_words(g->status[0], left);
	status_words(g->status[1], right);
	TRY(pair_row(p, "", "Status", left, right, err));
	for (size_t a = 0; a < g->articles_n; a++) {
		if (gap_group_begins(g, a)) {
			TRY(co_buf_add_str(p->b, "\n", err));
			TRY(co_paragraph_add(p->b, "", 0, p->width,
				gap_group_title(g->articles[a]->group), err));
		}
		cell_words(gap_cell(g, a, 0), left);
		cell_words(gap_cell(g, a, 1), right);
		TRY(pair_row(p, g->articles[a]->article, g->articles[a]->title, left, right, err));
	}
	return CO_OK;
}

/* What the article asks stands where something is left to do. */
static enum co_rc
item(const struct page *p, size_t a, struct co_err *err)
{
	const struct law_article *article = p->g->articles[a];
	const struct law_cell *c = gap_cell(p->g, a, 0);
	char first[GAP_WORDS], words[2 * GAP_WORDS], text[GAP_WORDS + 64];
	size_t indent = 6 + ARTICLE;

	(void)snprintf(first, sizeof(first), "  %s  %s", law_has_shape(c->has), article->article);
	TRY(co_paragraph_add(p->b, first, indent, p->width, article->title, err));
	cell_words(c, words);
	TRY(co_paragraph_add(p->b, "", indent, p->width, words + strcspn(words, " ") + 2, err));
	if (c->fact != NULL) {
		(void)snprintf(text, sizeof(text), "%s [%s, %s]",
			c->fact->note == NULL ? "" : c->fact->note, c->fact->id,
			c->fact->source->key);
		TRY(co_paragraph_add(
			p->b, "", indent, p->width, text + (c->fact->note == NULL ? 1 : 0), err));
	}
	if (c->has == LAW_HAS || article->summary == NULL)
		return CO_OK;
	return co_paragraph_add(p->b, "", indent, p->width, article->summary, err);
}

static enum co_rc
checklist(const struct page *p, struct co_err *err)
{
	const struct law_gap *g = p->g;
	char words[2 * GAP_WORDS], text[2 * GAP_WORDS + 256];
	size_t n[GAP_HAS_N];

	gap_counts(g, 0, n);
	status_words(g->status[0], words);
	TRY(heading(p, err));
	(void)snprintf(text, sizeof(text), "%s: %s", g->economies[0]->name, words);
	TRY(co_paragraph_add(p->b, "", 0, p->width, text, err));
	(void)snprintf(text, sizeof(text),
		"%zu of %zu articles are recorded: ✓ has %zu, ◐ partly %zu, ✗ lacks %zu. ? Unknown "
		"%zu: to be found out, not lacking.",
		g->articles_n - n[LAW_HAS_UNKNOWN], g->articles_n, n[LAW_HAS], n[LAW_HAS_PARTLY],
		n[LAW_HAS_NOT], n[LAW_HAS_UNKNOWN]);
	TRY(co_paragraph_add(p->b, "", 0, p->width, text, err));
	for (size_t a = 0; a < g->articles_n; a++) {
		if (gap_group_begins(g, a)) {
			TRY(co_buf_add_str(p->b, "\n", err));
			TRY(co_paragraph_add(p->b, "", 0, p->width,
				gap_group_title(g->articles[a]->group), err));
		}
		TRY(item(p, a, err));
	}
	return CO_OK;
}

enum co_rc
law_gap_text(const struct law_gap *g, unsigned width, struct co_buf *out, struct co_err *err)
{
	const struct page p = {
		.g = g, .b = out, .width = width < WIDTH_LEAST ? WIDTH_LEAST : width
	};
	size_t from = out->len;
	enum co_rc rc = g->economies_n == 1 ? checklist(&p, err)
		: g->economies_n == 2       ? pair(&p, err)
					    : matrix(&p, err);

	if (rc != CO_OK)
		gap_cut(out, from);
	return rc;
}
