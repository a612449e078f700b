/* The report as one page. Markup stands in the formats below; whatever comes from data goes through
 * html_add's %, which escapes it, and through nothing else. */
#include "law/gap_inside.h"
#include "law_gap_style.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The first failure stays; what is added after it is nothing. */
struct html {
	const struct law_gap *g;
	struct co_buf *b;
	struct co_err *err;
	enum co_rc rc;
};

static void
raw(struct html *h, const char *s, size_t n)
{
	if (h->rc == CO_OK)
		h->rc = co_buf_add(h->b, s, n, h->err);
}

static void
escaped(struct html *h, const char *s)
{
	static const struct {
		char c;
		const char *as;
	} special[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" },
		{ '\'', "&#39;" } };

	for (; *s != '\0'; s++) {
		size_t i = 0;

		while (i < CO_ARRAY_LEN(special) && special[i].c != *s)
			i++;
		if (i < CO_ARRAY_LEN(special))
			raw(h, special[i].as, strlen(special[i].as));
		else
			raw(h, s, 1);
	}
}

/* % is the next argument, a string, escaped; there is no other sign and no way around it. */
static void
html_add(struct html *h, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	for (;;) {
		size_t n = strcspn(format, "%");
		const char *s;

		raw(h, format, n);
		if (format[n] == '\0')
			break;
		s = va_arg(ap, const char *);
		escaped(h, s == NULL ? "" : s);
		format += n + 1;
	}
	va_end(ap);
}

/* A part of an id and of the link to it: letters, digits and hyphens. */
static const char *
slug(const char *s, char out[64])
{
	size_t n = 0;

	for (; *s != '\0' && n < 63; s++)
		out[n++] = isalnum((unsigned char)*s) != 0 ? *s : '-';
	out[n] = '\0';
	return out;
}

static const char *
number(size_t n, char out[24])
{
	(void)snprintf(out, 24, "%zu", n);
	return out;
}

static const char *const has_words[GAP_HAS_N] = {
	[LAW_HAS_UNKNOWN] = "unknown",
	[LAW_HAS_NOT] = "lacks it",
	[LAW_HAS_PARTLY] = "partly",
	[LAW_HAS] = "has it",
};
static const char *const sure_words[] = {
	[LAW_CERTAIN_UNKNOWN] = "",
	[LAW_UNVERIFIED] = "unverified: from memory, nobody checked",
	[LAW_SECONDARY] = "secondary: a reliable second-hand text was read",
	[LAW_VERIFIED] = "verified: the primary text was read",
};

/* ---- head and legend ---- */

static void
head(struct html *h)
{
	const struct law_gap *g = h->g;
	char at[16], known[16];

	law_day_print(g->at, at);
	law_day_print(g->known, known);
	html_add(h,
		"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"style-src 'unsafe-inline'\">\n<title>%: law by economy, %</title>\n<style>\n",
		g->instrument->name, at);
	raw(h, law_gap_style[0].data, law_gap_style[0].n);
	html_add(h,
		"</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#matrix\">To the table</a>\n"
		"<header>\n<h1>%</h1>\n<p class=\"lead\">Which economies have a law that "
		"corresponds to each article. The law on <time>%</time>, as known on "
		"<time>%</time>.</p>\n<nav aria-label=\"On this page\"><a href=\"#matrix\">"
		"Table</a> <a href=\"#checklists\">Checklists</a> <a href=\"#sources\">Sources"
		"</a></nav>\n</header>\n<main>\n",
		g->instrument->name, at, known);
}

static void
legend(struct html *h)
{
	const char *shape, *words;

	html_add(h,
		"<section aria-labelledby=\"how\">\n<h2 id=\"how\">How to read this</h2>\n"
		"<ul class=\"legend\">\n");
	for (size_t i = GAP_HAS_N; i-- > 0;)
		html_add(h, "<li><span class=\"mark %\" aria-hidden=\"true\">%</span> %%</li>\n",
			law_has_name((enum law_has)i), law_has_shape((enum law_has)i), has_words[i],
			i == LAW_HAS_UNKNOWN ? ": nobody recorded it; not the same as lacking"
					     : "");
	html_add(h, "</ul>\n<ul class=\"legend\">\n");
	for (size_t i = LAW_VERIFIED; i >= LAW_UNVERIFIED; i--)
		html_add(h,
			"<li><span class=\"mark sure-%\" aria-hidden=\"true\">%</span> %</li>\n",
			gap_certainty_mark((enum law_certainty)i),
			gap_certainty_mark((enum law_certainty)i), sure_words[i]);
	html_add(h, "</ul>\n<ul class=\"legend\">\n");
	for (size_t i = 0; gap_status_legend(i, &shape, &words); i++)
		html_add(h, "<li><span class=\"mark bound\" aria-hidden=\"true\">%</span> %</li>\n",
			shape, words);
	html_add(h,
		"</ul>\n<p>Each mark links to the statute and its source below. Being party to "
		"a treaty is never read as having the law. This report advises; it decides "
		"nothing.</p>\n</section>\n");
}

/* ---- the matrix ---- */

/* where: the id that the cell links to. */
static void
matrix_cell(struct html *h, const char *shape, const char *class, enum law_certainty sure,
	const char *spoken, const char *economy, const char *where)
{
	char code[64], place[64];

	html_add(h,
		"<td class=\"% sure-%\"><a href=\"#%%%\"><span aria-hidden=\"true\">%<sup>%</sup>"
		"</span><span class=\"vh\">%%%</span></a></td>",
		class, gap_certainty_mark(sure), slug(economy, code), *where != '\0' ? "-" : "",
		slug(where, place), shape, gap_certainty_mark(sure), spoken,
		sure != LAW_CERTAIN_UNKNOWN ? ", " : "",
		sure != LAW_CERTAIN_UNKNOWN ? law_certainty_name(sure) : "");
}

static void
matrix_head(struct html *h)
{
	const struct law_gap *g = h->g;
	char code[64];

	html_add(h,
		"<section>\n<h2 id=\"matrix\">Economies by articles</h2>"
		"\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"matrix\">"
		"\n<table class=\"matrix\">\n<caption class=\"vh\">Articles of the % by economy"
		"</caption>\n<thead>\n<tr><th scope=\"col\">Article</th>",
		g->instrument->short_name != NULL ? g->instrument->short_name
						  : g->instrument->name);
	for (size_t e = 0; e < g->economies_n; e++)
		html_add(h,
			"<th scope=\"col\"><a href=\"#%\" title=\"%\">%<span class=\"vh\"> %"
			"</span></a></th>",
			slug(g->economies[e]->code, code), g->economies[e]->name,
			g->economies[e]->code, g->economies[e]->name);
	html_add(h, "</tr>\n</thead>\n");
}

static void
matrix_status(struct html *h)
{
	const struct law_gap *g = h->g;
	char words[GAP_WORDS];

	html_add(h, "<tbody>\n<tr class=\"status\"><th scope=\"row\">Bound by it</th>");
	for (size_t e = 0; e < g->economies_n; e++) {
		const struct law_fact *f = g->status[e];

		gap_status(f, words);
		matrix_cell(h, gap_status_shape(f), f == NULL ? "unknown" : "bound",
			gap_certainty(f), words, g->economies[e]->code, "");
	}
	html_add(h, "</tr>\n</tbody>\n");
}

static void
group_row(struct html *h, size_t a, size_t columns)
{
	char n[24];

	html_add(h, a == 0 ? "" : "</tbody>\n");
	html_add(h,
		"<tbody>\n<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"%\"><span>%"
		"</span></th></tr>\n",
		number(columns, n), gap_group_title(h->g->articles[a]->group));
}

static void
matrix(struct html *h)
{
	const struct law_gap *g = h->g;

	matrix_head(h);
	matrix_status(h);
	for (size_t a = 0; a < g->articles_n; a++) {
		if (gap_group_begins(g, a))
			group_row(h, a, g->economies_n + 1);
		html_add(h, "<tr><th scope=\"row\"><span class=\"n\">%</span> %</th>",
			g->articles[a]->article, g->articles[a]->title);
		for (size_t e = 0; e < g->economies_n; e++) {
			const struct law_cell *c = gap_cell(g, a, e);

			matrix_cell(h, law_has_shape(c->has), law_has_name(c->has),
				gap_certainty(c->fact), has_words[c->has], g->economies[e]->code,
				g->articles[a]->article);
		}
		html_add(h, "</tr>\n");
	}
	html_add(h, g->articles_n == 0 ? "" : "</tbody>\n");
	html_add(h, "</table>\n</div>\n</section>\n");
}

/* ---- checklists ---- */

static void
source_link(struct html *h, const struct law_fact *f)
{
	char key[64], from[16], to[16];

	law_day_print(f->from, from);
	law_day_print(f->to, to);
	html_add(h, "<p class=\"small\">%%%%Source <a href=\"#src-%\">%</a>; fact %</p>",
		*from != '\0' ? "Since " : "", from, *to != '\0' ? ", until " : "", to,
		slug(f->source->key, key), f->source->key, f->id);
}

static void
check_row(struct html *h, size_t a, size_t e)
{
	const struct law_article *article = h->g->articles[a];
	const struct law_cell *c = gap_cell(h->g, a, e);
	enum law_certainty sure = gap_certainty(c->fact);
	char code[64], place[64], statute[GAP_WORDS];

	gap_statute(c->fact, statute);
	html_add(h, "<tr id=\"%-%\"><th scope=\"row\"><span class=\"n\">%</span> %",
		slug(h->g->economies[e]->code, code), slug(article->article, place),
		article->article, article->title);
	if (c->has != LAW_HAS && article->summary != NULL)
		html_add(h, "<span class=\"asks\">It asks: %</span>", article->summary);
	html_add(h,
		"</th><td class=\"answer\"><span class=\"mark %\" aria-hidden=\"true\">%</span> %"
		"<span class=\"small\">%</span></td><td>",
		law_has_name(c->has), law_has_shape(c->has), has_words[c->has],
		sure == LAW_CERTAIN_UNKNOWN ? "" : law_certainty_name(sure));
	if (c->fact == NULL)
		html_add(h, "Nobody recorded it: to be found out.");
	else
		html_add(h, "%", *statute != '\0' ? statute : "No statute is named.");
	if (c->fact != NULL && c->fact->note != NULL)
		html_add(h, "<p>%</p>", c->fact->note);
	if (c->fact != NULL)
		source_link(h, c->fact);
	html_add(h, "</td></tr>\n");
}

static void
check_head(struct html *h, size_t e)
{
	const struct law_gap *g = h->g;
	const struct law_economy *economy = g->economies[e];
	const struct law_fact *f = g->status[e];
	char code[64], words[GAP_WORDS], n[GAP_HAS_N][24];
	size_t counts[GAP_HAS_N];

	gap_status(f, words);
	gap_counts(g, e, counts);
	for (size_t i = 0; i < GAP_HAS_N; i++)
		(void)number(counts[i], n[i]);
	html_add(h,
		"<section class=\"economy\" aria-labelledby=\"%\">\n<h3 id=\"%\">% <span "
		"class=\"n\">%</span></h3>\n<p>Bound by it: <strong>%</strong>%%%. ",
		slug(economy->code, code), code, economy->name, economy->code, words,
		f == NULL ? "" : " (", f == NULL ? "" : law_certainty_name(f->certainty),
		f == NULL ? "" : ")");
	html_add(h, "Of its articles: has %, partly %, lacks %, unknown %.</p>\n", n[LAW_HAS],
		n[LAW_HAS_PARTLY], n[LAW_HAS_NOT], n[LAW_HAS_UNKNOWN]);
	if (f != NULL)
		source_link(h, f);
	html_add(h,
		"<table class=\"check\">\n<caption class=\"vh\">% article by article</caption>\n"
		"<thead><tr><th scope=\"col\">Article</th><th scope=\"col\">Answer</th>"
		"<th scope=\"col\">Law there</th></tr></thead>\n",
		economy->name);
}

static void
checklists(struct html *h)
{
	const struct law_gap *g = h->g;

	html_add(h,
		"<section aria-labelledby=\"checklists\">\n<h2 id=\"checklists\">Checklists "
		"for legislators</h2>\n<p>Substantive law, procedural law and cooperation stand "
		"apart: an economy may have one and lack another. Where something is missing or "
		"unknown, what the article asks stands beside it.</p>\n");
	for (size_t e = 0; e < g->economies_n; e++) {
		check_head(h, e);
		for (size_t a = 0; a < g->articles_n; a++) {
			if (gap_group_begins(g, a))
				group_row(h, a, 3);
			check_row(h, a, e);
		}
		html_add(h, g->articles_n == 0 ? "" : "</tbody>\n");
		html_add(h, "</table>\n</section>\n");
	}
	html_add(h, "</section>\n");
}

/* ---- sources ---- */

static bool
is_web(const char *url)
{
	return strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0;
}

static void
sources(struct html *h)
{
	co_auto_free const struct law_source **list = NULL;
	char key[64], day[16];
	size_t n = 0;

	if (h->rc == CO_OK)
		h->rc = gap_sources(h->g, &list, &n, h->err);
	html_add(h,
		"<section aria-labelledby=\"sources\">\n<h2 id=\"sources\">Sources</h2>\n<dl>"
		"\n");
	for (size_t i = 0; h->rc == CO_OK && i < n; i++) {
		const struct law_source *s = list[i];

		law_day_print(s->as_of, day);
		html_add(h, "<dt id=\"src-%\">%</dt><dd>%", slug(s->key, key), s->key, s->title);
		if (s->url != NULL && is_web(s->url))
			html_add(h, "<br><a href=\"%\" rel=\"noreferrer\">%</a>", s->url, s->url);
		else if (s->url != NULL)
			html_add(h, "<br>%", s->url);
		html_add(h, "<br><span class=\"small\">As read on %</span></dd>\n", day);
	}
	html_add(h, "</dl>\n</section>\n</main>\n</body>\n</html>\n");
}

enum co_rc
law_gap_html(const struct law_gap *g, struct co_buf *out, struct co_err *err)
{
	struct html h = { .g = g, .b = out, .err = err, .rc = CO_OK };
	size_t from = out->len;

	head(&h);
	legend(&h);
	matrix(&h);
	checklists(&h);
	sources(&h);
	if (h.rc != CO_OK)
		gap_cut(out, from);
	return h.rc;
}
