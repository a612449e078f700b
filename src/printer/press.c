#include "printer/press.h"

#include "base/limits.h"

#include <cairo-pdf.h>
#include <stdio.h>
#include <string.h>

#define A4_SHORT 595.276
#define A4_LONG 841.890

static const double colors[][3] = {
	[INK] = { .078, .098, .122 },
	[QUIET] = { .314, .357, .404 },
	[ACCENT] = { .071, .314, .482 },
	[STOP] = { .639, .086, .114 },
	[ACT] = { .541, .294, 0 },
	[LINE] = { .788, .820, .851 },
};

double
press_room(const struct press *p)
{
	return p->width - 2 * PRESS_MARGIN;
}

double
press_left(const struct press *p)
{
	return p->height - PRESS_FOOT - p->y;
}

void
press_color(struct press *p, enum press_color c)
{
	cairo_set_source_rgb(p->cr, colors[c][0], colors[c][1], colors[c][2]);
}

void
press_tag(struct press *p, const char *tag, bool begin)
{
	if (p->surface == NULL || tag == NULL)
		return;
	if (begin)
		cairo_tag_begin(p->cr, tag, NULL);
	else
		cairo_tag_end(p->cr, tag);
}

void
press_outline(struct press *p, int level, const char *text)
{
	static const int roots[] = { CAIRO_PDF_OUTLINE_ROOT };
	char where[64];

	if (p->surface == NULL || level > 1)
		return;
	/* Positions in links are of the page from above (cairo, "Tags and Links"). */
	(void)snprintf(where, sizeof(where), "page=%u pos=[%d %d]", p->page, (int)PRESS_MARGIN,
		(int)p->y);
	(void)cairo_pdf_surface_add_outline(
		p->surface, roots[0], text, where, (cairo_pdf_outline_flags_t)0);
}

void
press_line(struct press *p, double x, double y, double width, bool end, double size,
	enum press_color color, bool bold, const char *text)
{
	PangoLayout *layout = press_layout(p, text, PAPER_PLAIN, size, bold, 0);
	PangoRectangle box;

	if (width > 0) {
		pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
		pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
		pango_layout_set_height(layout, -1);
	}
	pango_layout_set_alignment(layout, PANGO_ALIGN_LEFT);
	pango_layout_get_extents(layout, NULL, &box);
	if (p->surface != NULL) {
		/* The box knows where the line begins in it, whatever its direction. */
		double at = end ? x - (double)(box.x + box.width) / PANGO_SCALE
				: x - (double)box.x / PANGO_SCALE;

		press_color(p, color);
		cairo_move_to(p->cr, at, y);
		pango_cairo_show_layout(p->cr, layout);
	}
	g_object_unref(layout);
}

/* ---- pages ---- */

static void
page_mark(struct press *p)
{
	const char *mark = paper_member(p->paper, "mark");
	PangoLayout *layout;
	PangoRectangle box;
	double w, h, x;

	if (*mark == '\0')
		return;
	layout = press_layout(p, mark, PAPER_STRONG, 10, true, 0);
	pango_layout_get_extents(layout, NULL, &box);
	w = (double)box.width / PANGO_SCALE + 12;
	h = (double)box.height / PANGO_SCALE + 4;
	x = p->rtl ? PRESS_MARGIN : p->width - PRESS_MARGIN - w;
	press_color(p, ACT);
	cairo_set_line_width(p->cr, 1.2);
	cairo_rectangle(p->cr, x, 22, w, h);
	cairo_stroke(p->cr);
	cairo_move_to(p->cr, x + 6 - (double)box.x / PANGO_SCALE, 24);
	pango_cairo_show_layout(p->cr, layout);
	g_object_unref(layout);
}

/* "Page {n} of {m}" */
static void
page_number(const struct press *p, char *out, size_t cap)
{
	const char *s = paper_member(p->paper, "page");
	size_t n = 0;

	for (; *s != '\0' && n + 16 < cap; s++) {
		if (strncmp(s, "{n}", 3) == 0 || strncmp(s, "{m}", 3) == 0) {
			n += (size_t)snprintf(
				out + n, cap - n, "%u", s[1] == 'n' ? p->page : p->pages);
			s += 2;
		} else {
			out[n++] = *s;
		}
	}
	out[n] = '\0';
}

/* A line of the footer each; there is room for two. */
static void
foot_lines(struct press *p, double y)
{
	char line[LIMIT_NAME * 2 + 1];
	const char *s = paper_member(p->paper, "footer");

	for (int i = 0; i < 2; i++) {
		size_t n = strcspn(s, "\n"), cut = n < sizeof(line) ? n : sizeof(line) - 1;

		while (cut < n && cut > 0 && (s[cut] & 0xc0) == 0x80) /* between characters */
			cut--;
		memcpy(line, s, cut);
		line[cut] = '\0';
		press_line(p, p->rtl ? p->width - PRESS_MARGIN : PRESS_MARGIN, y + 10.5 * i,
			press_room(p) - 90, p->rtl, 7.5, QUIET, false, line);
		s += n + (s[n] == '\n');
	}
}

static void
page_foot(struct press *p)
{
	double y = p->height - PRESS_FOOT + 14, room = press_room(p);
	char number[256];

	press_color(p, LINE);
	cairo_set_line_width(p->cr, .6);
	cairo_move_to(p->cr, PRESS_MARGIN, y - 4);
	cairo_rel_line_to(p->cr, room, 0);
	cairo_stroke(p->cr);
	page_number(p, number, sizeof(number));
	foot_lines(p, y);
	press_line(p, p->rtl ? PRESS_MARGIN : p->width - PRESS_MARGIN, y, 0, !p->rtl, 7.5, QUIET,
		false, number);
}

void
press_page(struct press *p)
{
	void (*again)(struct press *, void *) = p->again;

	if (p->rc == CO_OK && p->page == PAPER_PAGES)
		p->rc = co_fail(p->err, CO_ETOOBIG, "the document has more than %u pages",
			PAPER_PAGES);
	if (p->rc != CO_OK)
		return;
	if (p->surface != NULL && p->page > 0)
		cairo_show_page(p->cr);
	p->page++;
	p->y = PRESS_MARGIN;
	if (p->surface != NULL) {
		page_mark(p);
		page_foot(p);
	}
	/* Should it fill a page by itself, the next one does without. */
	p->again = NULL;
	if (again != NULL)
		again(p, p->again_arg);
	p->again = again;
	p->fresh = true;
}

void
press_need(struct press *p, double height)
{
	if (press_left(p) < height && !p->fresh)
		press_page(p);
}

/* ---- rows ---- */

static double
cells_open(struct press *p, struct press_row *row)
{
	double most = 0;

	for (size_t i = 0; i < row->n; i++) {
		struct press_cell *c = &row->cells[i];
		int height;

		c->layout = press_layout(p, c->text, c->look, c->size, c->bold, c->width);
		c->at = pango_layout_get_iter(c->layout);
		pango_layout_get_size(c->layout, NULL, &height);
		if ((double)height / PANGO_SCALE > most)
			most = (double)height / PANGO_SCALE;
	}
	return most;
}

static void
cells_close(struct press_row *row)
{
	for (size_t i = 0; i < row->n; i++) {
		pango_layout_iter_free(row->cells[i].at);
		g_object_unref(row->cells[i].layout);
	}
}

static void
cell_line(struct press *p, const struct press_cell *c)
{
	double x = p->rtl ? p->width - PRESS_MARGIN - c->x - c->width : PRESS_MARGIN + c->x;
	PangoRectangle box;

	if (p->surface == NULL)
		return;
	/* The page has one edge where lines begin, whatever the direction of each. */
	pango_layout_iter_get_line_extents(c->at, NULL, &box);
	if (p->rtl)
		x += c->width - (double)box.width / PANGO_SCALE;
	cairo_move_to(p->cr, x,
		p->y - c->offset + (double)pango_layout_iter_get_baseline(c->at) / PANGO_SCALE);
	pango_cairo_show_layout_line(p->cr, pango_layout_iter_get_line_readonly(c->at));
}

/* As many lines of the cell as the page takes; force: at least one. Gives their height. */
static double
cell_lines(struct press *p, struct press_cell *c, const char *tag, bool force)
{
	double used = 0;
	int top, bottom;

	if (c->done)
		return 0;
	press_tag(p, tag, true);
	press_color(p, c->color);
	for (;;) {
		pango_layout_iter_get_line_yrange(c->at, &top, &bottom);
		if ((double)bottom / PANGO_SCALE - c->offset > press_left(p) &&
			!(force && used <= 0))
			break;
		cell_line(p, c);
		used = (double)bottom / PANGO_SCALE - c->offset;
		if (!pango_layout_iter_next_line(c->at)) {
			c->done = true;
			break;
		}
	}
	press_tag(p, tag, false);
	return used;
}

/* One page's part of the row; true when there is more. */
static bool
row_part(struct press *p, struct press_row *row)
{
	double used = 0;
	bool more = false;

	press_tag(p, row->tag, true);
	for (size_t i = 0; i < row->n; i++) {
		double h = cell_lines(p, &row->cells[i], row->cell_tag, p->fresh);

		if (h > used)
			used = h;
		more = more || !row->cells[i].done;
	}
	press_tag(p, row->tag, false);
	for (size_t i = 0; more && i < row->n; i++) {
		int top, bottom;

		pango_layout_iter_get_line_yrange(row->cells[i].at, &top, &bottom);
		if (!row->cells[i].done)
			row->cells[i].offset = (double)top / PANGO_SCALE;
	}
	p->y += used;
	if (used > 0)
		p->fresh = false;
	return more;
}

double
press_page_height(const struct press *p)
{
	return p->height - PRESS_FOOT - PRESS_MARGIN;
}

static void
cells_size(struct press_row *row)
{
	for (size_t i = 0; i < row->n; i++)
		if (row->cells[i].size <= 0)
			row->cells[i].size = 9.5;
}

double
press_row_height(struct press *p, struct press_row *row)
{
	struct press_missing *missing = p->missing;
	double height;

	if (p->rc != CO_OK)
		return 0;
	cells_size(row);
	p->missing = NULL; /* they are counted when it is put on the page */
	height = cells_open(p, row);
	p->missing = missing;
	cells_close(row);
	return row->before + height + row->after + (row->rule ? 1 : 0);
}

void
press_row(struct press *p, struct press_row *row)
{
	double height, page = press_page_height(p);

	if (p->rc != CO_OK)
		return;
	cells_size(row);
	height = cells_open(p, row);
	if (!p->fresh)
		p->y += row->before;
	if (height > press_left(p) && !p->fresh && height < page / 2)
		press_page(p);
	while (p->rc == CO_OK && row_part(p, row))
		press_page(p);
	cells_close(row);
	p->y += row->after;
	if (row->rule && p->surface != NULL) {
		press_color(p, LINE);
		cairo_set_line_width(p->cr, .5);
		cairo_move_to(p->cr, PRESS_MARGIN, p->y);
		cairo_rel_line_to(p->cr, press_room(p), 0);
		cairo_stroke(p->cr);
	}
	p->y += row->rule ? 1 : 0;
}

/* ---- the document ---- */

static void
document(struct press *p)
{
	struct press_row title = { .n = 1, .after = 8, .tag = "H1" };
	const json_t *block;
	size_t i;

	press_page(p);
	title.cells[0] = (struct press_cell){ .width = press_room(p),
		.text = paper_member(p->paper, "title"), .size = 16.5, .bold = true };
	press_row(p, &title);
	json_array_foreach(json_object_get(p->paper, "blocks"), i, block) {
		if (p->rc != CO_OK)
			return;
		press_block(p, block,
			json_array_get(json_object_get(p->paper, "blocks"), i + 1));
	}
}

/* cairo gives pieces of some 16 KiB. */
static cairo_status_t
take(void *arg, const unsigned char *data, unsigned n)
{
	return co_buf_add(arg, data, n, NULL) == CO_OK ? CAIRO_STATUS_SUCCESS
						       : CAIRO_STATUS_WRITE_ERROR;
}

static void
metadata(struct press *p)
{
	static const char program[] = "comity " COMITY_VERSION;
	const char *made = paper_member(p->paper, "made");

	cairo_pdf_surface_set_metadata(
		p->surface, CAIRO_PDF_METADATA_TITLE, paper_member(p->paper, "title"));
	cairo_pdf_surface_set_metadata(
		p->surface, CAIRO_PDF_METADATA_SUBJECT, paper_member(p->paper, "footer"));
	cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_CREATOR, program);
	cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_CREATE_DATE, made);
	cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_MOD_DATE, made);
}

static void
print_wet(struct press *p, struct co_buf *out)
{
	cairo_status_t status;

	p->page = 0;
	p->missing = NULL;
	p->with = NULL;
	p->surface = cairo_pdf_surface_create_for_stream(take, out, p->width, p->height);
	metadata(p);
	p->cr = cairo_create(p->surface);
	document(p);
	cairo_show_page(p->cr);
	status = cairo_status(p->cr);
	cairo_destroy(p->cr);
	cairo_surface_finish(p->surface);
	if (status == CAIRO_STATUS_SUCCESS)
		status = cairo_surface_status(p->surface);
	cairo_surface_destroy(p->surface);
	if (p->rc != CO_OK || status == CAIRO_STATUS_SUCCESS)
		return;
	p->rc = status == CAIRO_STATUS_WRITE_ERROR
		? co_fail(p->err, CO_ETOOBIG, "the PDF is larger than %u bytes", LIMIT_PAPER_PDF)
		: co_fail(p->err, CO_EINTERNAL, "cairo: %s", cairo_status_to_string(status));
}

static PangoContext *
context_new(PangoFontMap *fonts, const json_t *paper, bool rtl)
{
	PangoContext *c = pango_font_map_create_context(fonts);
	cairo_font_options_t *options = cairo_font_options_create();

	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	pango_cairo_context_set_font_options(c, options);
	cairo_font_options_destroy(options);
	pango_cairo_context_set_resolution(c, 72);
	pango_context_set_round_glyph_positions(c, FALSE);
	pango_context_set_base_dir(c, rtl ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR);
	pango_context_set_language(
		c, pango_language_from_string(paper_member(paper, "language")));
	return c;
}

PangoFontMap *
press_fonts(void)
{
	PangoFontMap *fonts = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
	PangoFontFamily **families = NULL;
	int n = 0;

	pango_font_map_list_families(fonts, &families, &n);
	g_free(families);
	return fonts;
}

enum co_rc
press_print(const json_t *paper, PangoFontMap *fonts, struct co_buf *out, struct press_told *told,
	struct co_err *err)
{
	const struct press_missing *missing = &told->missing;
	cairo_surface_t *none = cairo_recording_surface_create(CAIRO_CONTENT_COLOR, NULL);
	bool wide = json_is_true(json_object_get(paper, "wide"));
	struct press p = { .paper = paper,
		.rtl = json_is_true(json_object_get(paper, "rtl")),
		.width = wide ? A4_LONG : A4_SHORT,
		.height = wide ? A4_SHORT : A4_LONG,
		.missing = &told->missing,
		.with = &told->with,
		.err = err };

	press_with_begin(&told->with);
	p.context = context_new(fonts, paper, p.rtl);
	p.ltr = context_new(fonts, paper, false);
	p.cr = cairo_create(none);
	document(&p);
	cairo_destroy(p.cr);
	cairo_surface_destroy(none);
	p.pages = p.page;
	told->pages = p.page;
	/* Half a page of numbers in brackets helps nobody. */
	if (p.rc == CO_OK && missing->total > 20 && missing->total * 20 > missing->of)
		p.rc = co_fail(err, CO_ENOTFOUND,
			"no font on this machine has U+%04X and %zu other characters of %zu",
			(unsigned)missing->c[0], missing->total - 1, missing->of);
	if (p.rc == CO_OK)
		print_wet(&p, out);
	g_object_unref(p.context);
	g_object_unref(p.ltr);
	return p.rc;
}
