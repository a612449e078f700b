/* The picture of a timeline, as paper/html.c draws it: who held what, from above down. */
#include "printer/press.h"

#include "paper/timeline.h"

struct picture {
	struct timeline t;
	const json_t *lanes;
	double scale;
};

static double
lane_x(const struct picture *v, unsigned lane)
{
	return PRESS_MARGIN + timeline_lane_x(&v->t, lane) * v->scale;
}

static void
rail(struct press *p, const struct picture *v, unsigned lane, double from, double to)
{
	press_color(p, LINE);
	cairo_set_line_width(p->cr, .7);
	cairo_move_to(p->cr, lane_x(v, lane), from);
	cairo_line_to(p->cr, lane_x(v, lane), to);
	cairo_stroke(p->cr);
}

/* Names of the lanes, slanted so that they stand apart. */
static void
lanes_print(struct press *p, void *arg)
{
	const struct picture *v = arg;
	double head = TIMELINE_HEAD * v->scale;
	const json_t *lane;
	char name[TIMELINE_LABEL + 8];
	size_t i;

	json_array_foreach(v->lanes, i, lane) {
		timeline_short(json_string_value(lane), name);
		cairo_save(p->cr);
		cairo_translate(p->cr, lane_x(v, (unsigned)i), p->y + head - 18);
		cairo_rotate(p->cr, -.436);
		press_line(p, 0, -4, 0, false, 8.2, INK, false, name);
		cairo_restore(p->cr);
		rail(p, v, (unsigned)i, p->y + head - 8, p->y + head);
	}
	p->y += head;
	p->fresh = false;
}

static void
shape_print(struct press *p, enum paper_shape shape, double x, double y, double r)
{
	press_color(p, shape == PAPER_CROSS ? STOP : ACCENT);
	cairo_set_line_width(p->cr, shape == PAPER_CROSS ? 1.5 : 1.1);
	cairo_new_path(p->cr);
	if (shape == PAPER_SQUARE) {
		cairo_rectangle(p->cr, x - r, y - r, 2 * r, 2 * r);
	} else if (shape == PAPER_DIAMOND) {
		cairo_move_to(p->cr, x, y - 1.3 * r);
		cairo_rel_line_to(p->cr, 1.3 * r, 1.3 * r);
		cairo_rel_line_to(p->cr, -1.3 * r, 1.3 * r);
		cairo_rel_line_to(p->cr, -1.3 * r, -1.3 * r);
		cairo_close_path(p->cr);
	} else if (shape == PAPER_CROSS) {
		cairo_move_to(p->cr, x - r, y - r);
		cairo_rel_line_to(p->cr, 2 * r, 2 * r);
		cairo_rel_move_to(p->cr, 0, -2 * r);
		cairo_rel_line_to(p->cr, -2 * r, 2 * r);
		cairo_stroke(p->cr);
		return;
	} else {
		cairo_arc(p->cr, x, y, r, 0, 6.28318530717958647692);
	}
	if (shape != PAPER_RING) {
		cairo_fill(p->cr);
		return;
	}
	cairo_set_source_rgb(p->cr, 1, 1, 1);
	cairo_fill_preserve(p->cr);
	press_color(p, ACCENT);
	cairo_stroke(p->cr);
}

static void
event_print(struct press *p, const struct picture *v, const json_t *event)
{
	unsigned from = (unsigned)json_integer_value(json_object_get(event, "from")),
		 to = (unsigned)json_integer_value(json_object_get(event, "to"));
	double row = TIMELINE_ROW * v->scale, y = p->y + row / 2, label;
	char text[TIMELINE_LABEL + 8];

	timeline_short(paper_member(event, "label"), text);
	press_line(p, PRESS_MARGIN + timeline_time_x(&v->t) * v->scale, y - 6.5, 0, p->rtl, 8.2,
		QUIET, false, paper_member(event, "time"));
	for (size_t i = 0; i < v->t.lanes; i++)
		rail(p, v, (unsigned)i, p->y, p->y + row);
	if (from != to) {
		press_color(p, ACCENT);
		cairo_set_line_width(p->cr, 1.1);
		cairo_move_to(p->cr, lane_x(v, from), y);
		cairo_line_to(p->cr, lane_x(v, to), y);
		cairo_stroke(p->cr);
	}
	shape_print(p, paper_event_shape(event), lane_x(v, to), y, TIMELINE_MARK * v->scale);
	label = PRESS_MARGIN + timeline_label_x(&v->t) * v->scale;
	press_line(p, label, y - 6.5,
		p->rtl ? label - PRESS_MARGIN : p->width - PRESS_MARGIN - label, p->rtl, 8.2, INK,
		false, text);
	p->y += row;
}

void
press_timeline(struct press *p, const json_t *block)
{
	struct picture v = { .t = { .rtl = p->rtl, .width = 680 } };
	struct press_row caption = { .n = 1, .before = 8, .after = 2, .tag = "Caption" };
	const json_t *event;
	size_t i;

	v.lanes = json_object_get(block, "lanes");
	v.t.lanes = json_array_size(v.lanes);
	v.scale = press_room(p) / v.t.width;
	press_need(p, (TIMELINE_HEAD + 4 * TIMELINE_ROW) * v.scale + 20);
	caption.cells[0] = (struct press_cell){ .width = press_room(p),
		.text = paper_member(block, "timeline"), .size = 8.8, .color = QUIET };
	press_row(p, &caption);
	press_tag(p, "Figure", true);
	lanes_print(p, &v);
	json_array_foreach(json_object_get(block, "events"), i, event) {
		if (p->rc != CO_OK)
			break;
		if (press_left(p) < TIMELINE_ROW * v.scale) {
			press_tag(p, "Figure", false);
			press_page(p);
			press_tag(p, "Figure", true);
			lanes_print(p, &v);
		}
		event_print(p, &v, event);
	}
	press_tag(p, "Figure", false);
	p->y += 6;
	p->fresh = false;
}
