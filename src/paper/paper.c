#include "paper/paper.h"

#include "base/clock.h"
#include "base/limits.h"
#include "paper/text.h"

#include <string.h>

#define PAPER_NAME(e, name) name,
static const char *const looks[] = { PAPER_LOOK_MAP(PAPER_NAME) };
static const char *const shapes[] = { PAPER_SHAPE_MAP(PAPER_NAME) };
#undef PAPER_NAME

/* A text longer than the model takes is cut where it can be seen. */
static json_t *
clean_json(const char *s)
{
	static const char cut[] = " [...]";
	co_auto_buf b;
	size_t n = s == NULL ? 0 : strlen(s), len;

	co_buf_init(&b, LIMIT_PAPER_TEXT);
	if (n == 0)
		return json_string("");
	if (paper_clean(s, n, &b, NULL) == CO_OK)
		return json_stringn(b.data, b.len);
	co_buf_reset(&b);
	/* What a character may grow to: "[FF]" from a byte. */
	n = (LIMIT_PAPER_TEXT - sizeof(cut)) / 4;
	while (n > 0 && (paper_char(s + n, strlen(s) - n, &len), len == 0))
		n--;
	if (paper_clean(s, n, &b, NULL) != CO_OK || co_buf_add_str(&b, cut, NULL) != CO_OK)
		return NULL;
	return json_stringn(b.data, b.len);
}

/* What could not be made leaves null behind, which paper_check tells. */
static void
put(json_t *o, const char *name, json_t *v)
{
	if (v == NULL || json_object_set_new(o, name, v) != 0)
		(void)json_object_set_new(o, name, json_null());
}

/* Gives what stands in the list, borrowed. */
static json_t *
append(json_t *list, json_t *v)
{
	if (v == NULL || json_array_append_new(list, v) != 0)
		(void)json_array_append_new(list, json_null());
	return json_array_get(list, json_array_size(list) - 1);
}

static json_t *
block(json_t *paper, json_t *made)
{
	return append(json_object_get(paper, "blocks"), made);
}

json_t *
paper_new(const struct paper_head *h)
{
	json_t *paper = json_pack("{s:i,s:s,s:b,s:b}", "paper", 1, "language", h->language, "rtl",
		(int)h->rtl, "wide", (int)h->wide);

	put(paper, "title", clean_json(h->title));
	if (h->mark != NULL)
		put(paper, "mark", clean_json(h->mark));
	put(paper, "made", json_string(h->made));
	put(paper, "footer", clean_json(h->footer));
	put(paper, "page", clean_json(h->page));
	put(paper, "blocks", json_array());
	return paper;
}

void
paper_heading(json_t *paper, int level, const char *text)
{
	(void)block(paper, json_pack("{s:o,s:i}", "heading", clean_json(text), "level", level));
}

void
paper_text(json_t *paper, enum paper_look look, const char *text)
{
	(void)block(paper, json_pack("{s:o,s:s}", "text", clean_json(text), "look", looks[look]));
}

static json_t *
cell_json(enum paper_look look, const char *text)
{
	if (look == PAPER_PLAIN)
		return clean_json(text);
	return json_pack("{s:o,s:s}", "text", clean_json(text), "look", looks[look]);
}

json_t *
paper_facts(json_t *paper)
{
	return json_object_get(block(paper, json_pack("{s:[]}", "facts")), "facts");
}

void
paper_fact(json_t *facts, const char *label, enum paper_look look, const char *value)
{
	(void)append(facts, json_pack("[o,o]", clean_json(label), cell_json(look, value)));
}

json_t *
paper_list(json_t *paper)
{
	return json_object_get(block(paper, json_pack("{s:[]}", "list")), "list");
}

void
paper_item(json_t *list, const char *text)
{
	(void)append(list, clean_json(text));
}

json_t *
paper_table(json_t *paper, const char *caption)
{
	return block(paper,
		json_pack("{s:o,s:[],s:[]}", "table", clean_json(caption), "columns", "rows"));
}

void
paper_column(json_t *table, unsigned weight, const char *head)
{
	(void)append(json_object_get(table, "columns"),
		json_pack("{s:o,s:i}", "head", clean_json(head), "weight", (int)weight));
}

json_t *
paper_row(json_t *table)
{
	return append(json_object_get(table, "rows"), json_array());
}

void
paper_cell(json_t *row, enum paper_look look, const char *text)
{
	(void)append(row, cell_json(look, text));
}

json_t *
paper_timeline(json_t *paper, const char *caption)
{
	return block(paper,
		json_pack("{s:o,s:[],s:[]}", "timeline", clean_json(caption), "lanes", "events"));
}

void
paper_lane(json_t *timeline, const char *name)
{
	(void)append(json_object_get(timeline, "lanes"), clean_json(name));
}

void
paper_event(json_t *timeline, const char *time, unsigned from, unsigned to, enum paper_shape shape,
	const char *label)
{
	(void)append(json_object_get(timeline, "events"),
		json_pack("{s:o,s:i,s:i,s:s,s:o}", "time", clean_json(time), "from", (int)from,
			"to", (int)to, "shape", shapes[shape], "label", clean_json(label)));
}

/* ---- reading ---- */

const char *
paper_member(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

static size_t
named(const char *const *names, size_t n, const char *name)
{
	size_t i = 0;

	while (i < n && strcmp(names[i], name) != 0)
		i++;
	return i;
}

const char *
paper_cell_text(const json_t *cell, enum paper_look *look)
{
	size_t i = named(looks, PAPER_LOOK_N, paper_member(cell, "look"));

	*look = i == PAPER_LOOK_N ? PAPER_PLAIN : (enum paper_look)i;
	return json_is_string(cell) ? json_string_value(cell) : paper_member(cell, "text");
}

enum paper_shape
paper_event_shape(const json_t *event)
{
	size_t i = named(shapes, PAPER_SHAPE_N, paper_member(event, "shape"));

	return i == PAPER_SHAPE_N ? PAPER_DOT : (enum paper_shape)i;
}
