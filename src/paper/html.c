/* The model as one page of HTML. Markup stands in the formats below; whatever comes from the model
 * goes through page_add's %, which escapes it, and through nothing else. */
#include "paper/paper.h"

#include "base/limits.h"
#include "paper/timeline.h"
#include "paper_style.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The first failure stays; what is added after it is nothing. */
struct page {
	const json_t *paper;
	co_sink *sink;
	void *arg;
	struct co_err *err;
	enum co_rc rc;
};

static void
raw(struct page *p, const char *s, size_t n)
{
	if (p->rc == CO_OK)
		p->rc = p->sink(p->arg, s, n, p->err);
}

static void
escaped(struct page *p, const char *s)
{
	static const char special[] = "&<>\"'";
	static const char *const as[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;" };

	for (;;) {
		size_t n = strcspn(s, special);

		raw(p, s, n);
		if (s[n] == '\0')
			return;
		raw(p, as[strchr(special, s[n]) - special],
			strlen(as[strchr(special, s[n]) - special]));
		s += n + 1;
	}
}

/* % is the next argument, a string, escaped; there is no other sign and no way around it. */
static void
page_add(struct page *p, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	for (;;) {
		size_t n = strcspn(format, "%");

		raw(p, format, n);
		if (format[n] == '\0')
			break;
		escaped(p, va_arg(ap, const char *));
		format += n + 1;
	}
	va_end(ap);
}

static void
cell_add(struct page *p, const json_t *cell)
{
	static const char *const class[PAPER_LOOK_N] = { [PAPER_QUIET] = "quiet",
		[PAPER_STRONG] = "strong", [PAPER_CODE] = "code", [PAPER_WARN] = "warn" };
	enum paper_look look;
	const char *text = paper_cell_text(cell, &look);

	if (look == PAPER_PLAIN)
		page_add(p, "<span dir=\"auto\">%</span>", text);
	else
		page_add(p, "<span class=\"%\" dir=\"%\">%</span>", class[look],
			look == PAPER_CODE ? "ltr" : "auto", text);
}

static void
heading_add(struct page *p, const json_t *b)
{
	static const char *const tags[] = { "h2", "h3", "h4" };
	const char *tag = tags[json_integer_value(json_object_get(b, "level")) - 1];

	page_add(p, "<% dir=\"auto\">%</%>\n", tag, paper_member(b, "heading"), tag);
}

static void
text_add(struct page *p, const json_t *b)
{
	page_add(p, "<p class=\"%\" dir=\"auto\">%</p>\n", paper_member(b, "look"),
		paper_member(b, "text"));
}

static void
facts_add(struct page *p, const json_t *b)
{
	const json_t *row;
	size_t i;

	page_add(p, "<dl>\n");
	json_array_foreach(json_object_get(b, "facts"), i, row) {
		page_add(p, "<div><dt dir=\"auto\">%</dt><dd>",
			json_string_value(json_array_get(row, 0)));
		cell_add(p, json_array_get(row, 1));
		page_add(p, "</dd></div>\n");
	}
	page_add(p, "</dl>\n");
}

static void
list_add(struct page *p, const json_t *b)
{
	const json_t *item;
	size_t i;

	page_add(p, "<ul>\n");
	json_array_foreach(json_object_get(b, "list"), i, item)
		page_add(p, "<li dir=\"auto\">%</li>\n", json_string_value(item));
	page_add(p, "</ul>\n");
}

static void
table_add(struct page *p, const json_t *b)
{
	const json_t *one, *cell;
	const char *caption = paper_member(b, "table");
	size_t i, k;

	page_add(p, "<div class=\"scroll\"><table>\n");
	if (*caption != '\0')
		page_add(p, "<caption dir=\"auto\">%</caption>\n", caption);
	page_add(p, "<thead><tr>");
	json_array_foreach(json_object_get(b, "columns"), i, one)
		page_add(p, "<th scope=\"col\" dir=\"auto\">%</th>", paper_member(one, "head"));
	page_add(p, "</tr></thead>\n<tbody>\n");
	json_array_foreach(json_object_get(b, "rows"), i, one) {
		page_add(p, "<tr>");
		json_array_foreach(one, k, cell) {
			page_add(p, "<td>");
			cell_add(p, cell);
			page_add(p, "</td>");
		}
		page_add(p, "</tr>\n");
	}
	page_add(p, "</tbody></table></div>\n");
}

/* ---- the picture ---- */

static void
numbers_add(struct page *p, const char *format, ...) CO_PRINTF(2, 3);

/* Our own numbers: nothing in them wants escaping. */
static void
numbers_add(struct page *p, const char *format, ...)
{
	char text[512];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	raw(p, text, n < 0 ? 0 : (size_t)n);
}

static void
shape_add(struct page *p, enum paper_shape shape, double x, double y)
{
	const double r = TIMELINE_MARK;

	switch (shape) {
	case PAPER_SQUARE:
		numbers_add(p,
			"<rect class=\"full\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
			"height=\"%.1f\"/>", x - r, y - r, 2 * r, 2 * r);
		break;
	case PAPER_RING:
	case PAPER_DOT:
	case PAPER_SHAPE_N:
		numbers_add(p, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>",
			shape == PAPER_RING ? "hollow" : "full", x, y, r);
		break;
	case PAPER_DIAMOND:
		numbers_add(p,
			"<path class=\"full\" d=\"M%.1f %.1fl%.1f %.1fl%.1f %.1fl%.1f %.1fz\"/>", x,
			y - 1.3 * r, 1.3 * r, 1.3 * r, -1.3 * r, 1.3 * r, -1.3 * r, -1.3 * r);
		break;
	case PAPER_CROSS:
		numbers_add(p, "<path class=\"end\" d=\"M%.1f %.1fl%.1f %.1fm0 %.1fl%.1f %.1f\"/>",
			x - r, y - r, 2 * r, 2 * r, -2 * r, -2 * r, 2 * r);
		break;
	}
}

static void
picture_text(struct page *p, double x, double y, bool end, const char *class, const char *text)
{
	numbers_add(p, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"", class, x, y,
		end ? "end" : "start");
	/* Anchors are of the picture's direction; the letters have their own. */
	page_add(p, " unicode-bidi=\"plaintext\">%</text>", text);
}

static void
event_add(struct page *p, const struct timeline *t, const json_t *event, double y)
{
	bool rtl = json_is_true(json_object_get(p->paper, "rtl"));
	unsigned from = (unsigned)json_integer_value(json_object_get(event, "from")),
		 to = (unsigned)json_integer_value(json_object_get(event, "to"));
	char label[TIMELINE_LABEL + 8];

	timeline_short(paper_member(event, "label"), label);
	picture_text(p, timeline_time_x(t), y + 4, rtl, "soft", paper_member(event, "time"));
	if (from != to)
		numbers_add(p, "<path class=\"way\" d=\"M%.1f %.1fH%.1f\"/>",
			timeline_lane_x(t, from), y, timeline_lane_x(t, to));
	shape_add(p, paper_event_shape(event), timeline_lane_x(t, to), y);
	picture_text(p, timeline_label_x(t), y + 4, rtl, "", label);
}

static void
timeline_add(struct page *p, const json_t *b)
{
	const json_t *lanes = json_object_get(b, "lanes"), *events = json_object_get(b, "events");
	const json_t *one;
	struct timeline t = { .rtl = json_is_true(json_object_get(p->paper, "rtl")),
		.lanes = json_array_size(lanes),
		.width = 680 };
	double height = TIMELINE_HEAD + TIMELINE_ROW * (double)json_array_size(events);
	char name[TIMELINE_LABEL + 8];
	size_t i;

	page_add(p,
		"<figure><figcaption dir=\"auto\">%</figcaption>\n<svg role=\"img\" "
		"aria-label=\"%\"", paper_member(b, "timeline"), paper_member(b, "timeline"));
	numbers_add(p, " viewBox=\"0 0 %.0f %.0f\">\n", t.width, height + 4);
	json_array_foreach(lanes, i, one) {
		double x = timeline_lane_x(&t, (unsigned)i);

		timeline_short(json_string_value(one), name);
		numbers_add(p, "<path class=\"rail\" d=\"M%.1f %dV%.1f\"/>", x, TIMELINE_HEAD - 10,
			height);
		numbers_add(p, "<g transform=\"translate(%.1f %d) rotate(-25)\">", x,
			TIMELINE_HEAD - 14);
		picture_text(p, 0, 0, false, "", name);
		page_add(p, "</g>\n");
	}
	json_array_foreach(events, i, one) {
		event_add(p, &t, one, TIMELINE_HEAD + TIMELINE_ROW * ((double)i + 0.5));
		page_add(p, "\n");
	}
	page_add(p, "</svg></figure>\n");
}

static void
block_add(struct page *p, const json_t *b)
{
	static const struct {
		const char *name;
		void (*add)(struct page *p, const json_t *b);
	} blocks[] = {
		{ "heading", heading_add },
		{ "text", text_add },
		{ "facts", facts_add },
		{ "list", list_add },
		{ "table", table_add },
		{ "timeline", timeline_add },
	};

	for (size_t i = 0; i < CO_ARRAY_LEN(blocks); i++) {
		if (json_object_get(b, blocks[i].name) != NULL) {
			blocks[i].add(p, b);
			return;
		}
	}
}

static void
head_add(struct page *p)
{
	page_add(p,
		"<!doctype html>\n<html lang=\"%\" dir=\"%\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"style-src 'unsafe-inline'\">\n<title>%</title>\n<style>\n",
		paper_member(p->paper, "language"),
		json_is_true(json_object_get(p->paper, "rtl")) ? "rtl" : "ltr",
		paper_member(p->paper, "title"));
	raw(p, paper_style[0].data, paper_style[0].n);
	page_add(p, "</style>\n</head>\n<body class=\"%\">\n<main>\n",
		json_is_true(json_object_get(p->paper, "wide")) ? "wide" : "");
	if (json_object_get(p->paper, "mark") != NULL)
		page_add(p, "<p class=\"mark\">%</p>\n", paper_member(p->paper, "mark"));
	page_add(p, "<h1 dir=\"auto\">%</h1>\n", paper_member(p->paper, "title"));
}

enum co_rc
paper_html_to(const json_t *paper, co_sink *sink, void *arg, struct co_err *err)
{
	struct page p = { .paper = paper, .sink = sink, .arg = arg, .err = err, .rc = CO_OK };
	const json_t *b;
	size_t i;

	TRY(paper_check(paper, err));
	head_add(&p);
	json_array_foreach(json_object_get(paper, "blocks"), i, b) block_add(&p, b);
	page_add(&p, "</main>\n<footer dir=\"auto\">%</footer>\n</body>\n</html>\n",
		paper_member(paper, "footer"));
	return p.rc;
}

enum co_rc
paper_html(const json_t *paper, struct co_buf *out, struct co_err *err)
{
	size_t from = out->len;
	enum co_rc rc = paper_html_to(paper, co_buf_sink, out, err);

	if (rc != CO_OK && out->data != NULL) {
		out->len = from;
		out->data[from] = '\0';
	}
	return rc;
}
