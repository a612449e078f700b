/* Paper: a document to print, as data. Whoever has something to print builds one model; the two
 * writers, HTML (html.c) and PDF (comity-printer, asked by print.h), show the same. The model is
 * JSON, so that it can be handed to a process of its own; its members are in
 * docs/decisions/0015. Must never hold policy, words of its own, or a clock: same model, same
 * bytes. Every text is cleaned when it is put in (text.h), and checked when the model is read. */
#pragma once

#include "base/buf.h"

#include <jansson.h>

#define PAPER_LOOK_MAP(X)                                                                          \
	X(PLAIN, "plain")                                                                          \
	X(QUIET, "quiet")   /* beside something more important */                                  \
	X(STRONG, "strong")                                                                        \
	X(CODE, "code")     /* ids and digests: from the left, broken anywhere */                  \
	X(WARN, "warn")
#define PAPER_LOOK_ENUM(e, name) PAPER_##e,
enum paper_look { PAPER_LOOK_MAP(PAPER_LOOK_ENUM) PAPER_LOOK_N };
#undef PAPER_LOOK_ENUM

/* What an event of a timeline looks like: never by colour alone. */
#define PAPER_SHAPE_MAP(X)                                                                         \
	X(SQUARE, "square")   /* it begins, or is sealed */                                        \
	X(DOT, "dot")         /* something is done */                                              \
	X(RING, "ring")       /* something is read or shown */                                     \
	X(DIAMOND, "diamond") /* it goes to another holder */                                      \
	X(CROSS, "cross")     /* it ends, or fails */
#define PAPER_SHAPE_ENUM(e, name) PAPER_##e,
enum paper_shape { PAPER_SHAPE_MAP(PAPER_SHAPE_ENUM) PAPER_SHAPE_N };
#undef PAPER_SHAPE_ENUM

/* Rows of all blocks together, and blocks. */
enum { PAPER_COLUMNS = 16, PAPER_LANES = 8, PAPER_PAGES = 5000, PAPER_ROWS = 40000 };

struct paper_head {
	const char *language; /* "th" */
	bool rtl;
	bool wide; /* pages lie on their side, for tables of many columns */
	const char *title;
	const char *mark;   /* on every page, "EXERCISE"; NULL: none */
	const char *made;   /* the time that the document says of itself, RFC 3339 in UTC */
	const char *footer; /* on every page: which record, which digest */
	const char *page;   /* "Page {n} of {m}" */
};

/* A failure to get memory is kept in the model and told by paper_check. NULL is a model too: what
 * is put in is dropped. Give it back with json_decref. */
json_t *paper_new(const struct paper_head *h);
void paper_heading(json_t *paper, int level, const char *text); /* 1, 2 or 3 */
void paper_text(json_t *paper, enum paper_look look, const char *text);

/* Borrowed parts of the model, to put rows in. */
json_t *paper_facts(json_t *paper);
void paper_fact(json_t *facts, const char *label, enum paper_look look, const char *value);
json_t *paper_list(json_t *paper);
void paper_item(json_t *list, const char *text);
json_t *paper_table(json_t *paper, const char *caption);
void paper_column(json_t *table, unsigned weight, const char *head);
json_t *paper_row(json_t *table);
void paper_cell(json_t *row, enum paper_look look, const char *text);
/* A picture of who held what, from above down; lanes are holders. to: the lane it went to, or
 * from. */
json_t *paper_timeline(json_t *paper, const char *caption);
void paper_lane(json_t *timeline, const char *name);
void paper_event(json_t *timeline, const char *time, unsigned from, unsigned to,
	enum paper_shape shape, const char *label);

/* Is it a whole model, within limits, and its text clean? Names the block that is not. */
enum co_rc paper_check(const json_t *paper, struct co_err *err) CO_NODISCARD;
/* The same from bytes; *out on success. */
enum co_rc paper_parse(const void *p, size_t n, json_t **out, struct co_err *err) CO_NODISCARD;

/* One page that works from a file: no script, nothing fetched, prints on A4. Appended. */
enum co_rc paper_html(const json_t *paper, struct co_buf *out, struct co_err *err) CO_NODISCARD;
/* The same piece by piece. */
enum co_rc paper_html_to(
	const json_t *paper, co_sink *sink, void *arg, struct co_err *err) CO_NODISCARD;

/* ---- for the writers ---- */
/* A member that is text; "" when there is none. */
const char *paper_member(const json_t *o, const char *name);
/* A cell, item or value: text alone, or with a look. */
const char *paper_cell_text(const json_t *cell, enum paper_look *look);
enum paper_shape paper_event_shape(const json_t *event);
