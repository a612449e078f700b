/* The press: pages of a PDF filled from above, by cairo and pango. A document goes through twice,
 * first dry, to count its pages and see which characters no font has; then for good. Both times the
 * same lines fall on the same pages. Must never read a clock, a locale or the environment: same
 * model and same fonts, same bytes. Private to the room. */
#pragma once

#include "base/buf.h"
#include "paper/paper.h"

#include <cairo.h>
#include <pango/pangocairo.h>

enum press_color { INK, QUIET, ACCENT, STOP, ACT, LINE };
enum { PRESS_CELLS = PAPER_COLUMNS, PRESS_MISSING = 64 };

/* Characters that no font has, each once, and how often. */
struct press_missing {
	uint32_t c[PRESS_MISSING];
	size_t count[PRESS_MISSING], n;
	size_t total, of; /* characters missing, of all */
};

/* By what the same model gives the same bytes: each library and each font that was used, with its
 * version. */
enum { PRESS_WITH = 2048 };
struct press_with {
	char text[PRESS_WITH];
	bool cut; /* more than it takes: then nothing is claimed */
};

struct press {
	const json_t *paper;
	PangoContext *context, *ltr; /* ltr: for codes, which run from the left everywhere */
	cairo_t *cr;
	cairo_surface_t *surface; /* of the PDF; NULL when dry */
	bool rtl;
	double width, height; /* of a page, points */
	double y;             /* where the next line begins */
	unsigned page, pages; /* pages: 0 until they were counted */
	bool fresh;           /* nothing stands on this page yet */
	/* What comes again at the head of a page: a table's columns, a picture's lanes. */
	void (*again)(struct press *p, void *arg);
	void *again_arg;
	struct press_missing *missing; /* NULL: known already */
	struct press_with *with;       /* NULL: known already */
	enum co_rc rc;                 /* the first failure stays */
	struct co_err *err;
};

/* Fonts, before the sandbox closes: their list is read. */
PangoFontMap *press_fonts(void);
/* What a document tells of itself beside its bytes. */
struct press_told {
	unsigned pages;
	struct press_missing missing;
	struct press_with with;
};
/* The whole document, appended to out. told: of zeros. */
enum co_rc press_print(const json_t *paper, PangoFontMap *fonts, struct co_buf *out,
	struct press_told *told, struct co_err *err) CO_NODISCARD;

/* ---- for what is put on a page (blocks.c, picture.c) ---- */
#define PRESS_MARGIN 51.0 /* 18 mm */
#define PRESS_FOOT 64.0

struct press_cell {
	double x, width; /* x from the side where reading begins */
	const char *text;
	enum paper_look look;
	double size; /* points; 0: of text */
	enum press_color color;
	bool bold;
	PangoLayout *layout; /* set and freed by press_row */
	PangoLayoutIter *at;
	double offset; /* of the layout, what stands on pages before */
	bool done;
};
struct press_row {
	struct press_cell cells[PRESS_CELLS];
	size_t n;
	double before, after; /* room above, below */
	bool rule;            /* a line below */
	const char *tag;      /* of the PDF's structure; of a cell: cell_tag */
	const char *cell_tag;
};
/* Goes on over as many pages as it takes; a row that fits a page is not torn. */
void press_row(struct press *p, struct press_row *row);
/* What it would take, of which nothing is put on the page. */
double press_row_height(struct press *p, struct press_row *row);
double press_page_height(const struct press *p); /* of what a page takes */
double press_room(const struct press *p);  /* width between the margins */
double press_left(const struct press *p);  /* height that is left on the page */
void press_need(struct press *p, double height); /* a new page if less is left */
void press_page(struct press *p);
void press_color(struct press *p, enum press_color c);
void press_tag(struct press *p, const char *tag, bool begin);
void press_outline(struct press *p, int level, const char *text);
/* A line of text by itself, wherever; end: x is where it ends. Cut at width. */
void press_line(struct press *p, double x, double y, double width, bool end, double size,
	enum press_color color, bool bold, const char *text);

/* next: what comes after it, or NULL: a heading stays with it. */
void press_block(struct press *p, const json_t *block, const json_t *next); /* blocks.c */
void press_timeline(struct press *p, const json_t *block); /* picture.c */
/* text.c: the libraries, before the fonts. */
void press_with_begin(struct press_with *w);
/* text.c: a layout with every character that has no font spelled out. */
PangoLayout *press_layout(struct press *p, const char *text, enum paper_look look, double size,
	bool bold, double width);
