/* Blocks of the model as rows on pages. */
#include "printer/press.h"

#include <string.h>

static enum press_color
color_of(enum paper_look look)
{
	return look == PAPER_QUIET ? QUIET : look == PAPER_WARN ? STOP : INK;
}

static double
size_of(enum paper_look look, double plain)
{
	return look == PAPER_QUIET ? plain * .92 : look == PAPER_CODE ? plain * .86 : plain;
}

static struct press_cell
cell(const json_t *from, double x, double width, double size)
{
	struct press_cell c = { .x = x, .width = width };

	c.text = paper_cell_text(from, &c.look);
	c.color = color_of(c.look);
	c.size = size_of(c.look, size);
	return c;
}

static void
text(struct press *p, const json_t *b)
{
	struct press_row row = { .n = 1, .before = 3, .after = 3, .tag = "P" };

	row.cells[0] = cell(b, 0, press_room(p), 9.5);
	press_row(p, &row);
}

static struct press_row
fact_row(const struct press *p, const json_t *fact)
{
	double room = press_room(p), label = room * .29;
	struct press_row row = { .n = 2, .before = 3, .after = 3, .rule = true, .tag = "P",
		.cell_tag = "Span" };

	row.cells[0] = (struct press_cell){ .width = label,
		.text = json_string_value(json_array_get(fact, 0)), .size = 8.8, .color = QUIET };
	row.cells[1] = cell(json_array_get(fact, 1), label + 10, room - label - 10, 9.5);
	return row;
}

static void
facts(struct press *p, const json_t *b)
{
	const json_t *fact;
	size_t i;

	json_array_foreach(json_object_get(b, "facts"), i, fact) {
		struct press_row row = fact_row(p, fact);

		press_row(p, &row);
	}
}

static void
list(struct press *p, const json_t *b)
{
	const json_t *item;
	size_t i;

	press_tag(p, "L", true);
	json_array_foreach(json_object_get(b, "list"), i, item) {
		struct press_row row = { .n = 2, .before = 2, .after = 1, .tag = "LI",
			.cell_tag = "Span" };

		row.cells[0] = (struct press_cell){ .width = 12, .text = "•", .color = ACCENT };
		row.cells[1] = cell(item, 13, press_room(p) - 13, 9.5);
		press_row(p, &row);
	}
	press_tag(p, "L", false);
}

/* All of it, if that is less than half a page; otherwise where it begins. */
static double
facts_beginning(struct press *p, const json_t *b)
{
	double height = 0, most = press_page_height(p) / 2;
	const json_t *fact;
	size_t i;

	json_array_foreach(json_object_get(b, "facts"), i, fact) {
		struct press_row row = fact_row(p, fact);

		height += press_row_height(p, &row);
		if (height > most)
			return 40;
	}
	return height;
}

/* What has to stand on a page with the heading before it: a short list is not torn, so that no page
 * ends or begins with a few lines of it. */
static double
beginning(struct press *p, const json_t *next)
{
	if (json_object_get(next, "facts") != NULL)
		return facts_beginning(p, next);
	if (json_object_get(next, "timeline") != NULL)
		return 150;
	return json_object_get(next, "table") != NULL || json_object_get(next, "heading") != NULL
		? 80
		: 40;
}

static void
heading(struct press *p, const json_t *b, const json_t *next)
{
	static const double sizes[] = { 12, 10.5, 9.5 };
	static const char *const tags[] = { "H2", "H3", "H4" };
	int level = (int)json_integer_value(json_object_get(b, "level"));
	struct press_row row = { .n = 1, .before = level == 1 ? 14 : 9, .after = level == 1 ? 4 : 2,
		.rule = level == 1, .tag = tags[level - 1] };

	/* Not alone at the foot of a page. */
	press_need(p, row.before + sizes[level - 1] * 1.5 + row.after + beginning(p, next));
	press_outline(p, level, paper_member(b, "heading"));
	row.cells[0] = (struct press_cell){ .width = press_room(p),
		.text = paper_member(b, "heading"), .size = sizes[level - 1], .bold = true };
	press_row(p, &row);
}

/* ---- tables ---- */

struct columns {
	const json_t *columns;
	double x[PRESS_CELLS], width[PRESS_CELLS];
	size_t n;
};

static void
columns_place(const struct press *p, const json_t *b, struct columns *c)
{
	const double gap = 8;
	const json_t *column;
	double weights = 0, x = 0, room;
	size_t i;

	c->columns = json_object_get(b, "columns");
	c->n = json_array_size(c->columns);
	json_array_foreach(c->columns, i, column) weights +=
		(double)json_integer_value(json_object_get(column, "weight"));
	room = press_room(p) - gap * (double)(c->n - 1);
	json_array_foreach(c->columns, i, column) {
		c->x[i] = x;
		c->width[i] = room *
			(double)json_integer_value(json_object_get(column, "weight")) / weights;
		x += c->width[i] + gap;
	}
}

static void
columns_print(struct press *p, void *arg)
{
	const struct columns *c = arg;
	struct press_row row = { .n = c->n, .before = 2, .after = 2, .rule = true, .tag = "TR",
		.cell_tag = "TH" };
	const json_t *column;
	size_t i;

	json_array_foreach(c->columns, i, column) row.cells[i] =
		(struct press_cell){ .x = c->x[i], .width = c->width[i],
			.text = paper_member(column, "head"), .size = 8.2, .color = QUIET,
			.bold = true };
	press_row(p, &row);
}

static void
table(struct press *p, const json_t *b)
{
	struct columns c = { .n = 0 };
	const json_t *line;
	size_t i, k;

	columns_place(p, b, &c);
	press_need(p, 70);
	if (*paper_member(b, "table") != '\0') {
		struct press_row caption = { .n = 1, .before = 8, .after = 2, .tag = "Caption" };

		caption.cells[0] = (struct press_cell){ .width = press_room(p),
			.text = paper_member(b, "table"), .size = 8.8, .color = QUIET };
		press_row(p, &caption);
	}
	press_tag(p, "Table", true);
	columns_print(p, &c);
	p->again = columns_print;
	p->again_arg = &c;
	json_array_foreach(json_object_get(b, "rows"), i, line) {
		struct press_row row = { .n = c.n, .before = 2.5, .after = 2.5, .rule = true,
			.tag = "TR", .cell_tag = "TD" };

		for (k = 0; k < c.n; k++)
			row.cells[k] = cell(json_array_get(line, k), c.x[k], c.width[k], 8.8);
		press_row(p, &row);
	}
	p->again = NULL;
	press_tag(p, "Table", false);
}

void
press_block(struct press *p, const json_t *block, const json_t *next)
{
	static const struct {
		const char *name;
		void (*print)(struct press *p, const json_t *b);
	} blocks[] = {
		{ "text", text },
		{ "facts", facts },
		{ "list", list },
		{ "table", table },
		{ "timeline", press_timeline },
	};

	if (json_object_get(block, "heading") != NULL)
		heading(p, block, next);
	for (size_t i = 0; i < CO_ARRAY_LEN(blocks); i++) {
		if (json_object_get(block, blocks[i].name) != NULL) {
			blocks[i].print(p, block);
			return;
		}
	}
}
