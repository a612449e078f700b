/* Is a model whole? Members, types, limits, and clean text. */
#include "paper/paper.h"

#include "base/clock.h"
#include "base/limits.h"
#include "paper/text.h"

#include <string.h>

struct check {
	size_t block;
	size_t rows; /* of all tables, facts, lists and timelines */
	struct co_err *err;
};

static enum co_rc
wrong(struct check *c, const char *what)
{
	return co_fail(c->err, CO_EMALFORMED, "paper, block %zu: %s", c->block, what);
}

static enum co_rc
text_check(struct check *c, const json_t *v, const char *what)
{
	const char *s = json_string_value(v);

	if (s == NULL)
		return co_fail(
			c->err, CO_EMALFORMED, "paper, block %zu: %s is no text", c->block, what);
	if (json_string_length(v) > LIMIT_PAPER_TEXT)
		return co_fail(c->err, CO_ETOOBIG, "paper, block %zu: %s is longer than %u bytes",
			c->block, what, LIMIT_PAPER_TEXT);
	if (strlen(s) != json_string_length(v) || !paper_is_clean(s))
		return co_fail(c->err, CO_EMALFORMED,
			"paper, block %zu: %s holds control characters", c->block, what);
	return CO_OK;
}

/* What comes again on every page must leave room for the rest. */
static enum co_rc
head_text_check(struct check *c, const json_t *v, const char *what)
{
	if (json_string_length(v) > LIMIT_NAME)
		return co_fail(c->err, CO_ETOOBIG, "paper, block %zu: %s is longer than %u bytes",
			c->block, what, LIMIT_NAME);
	return text_check(c, v, what);
}

static enum co_rc
look_check(struct check *c, const json_t *look)
{
	static const char *const names[] = {
#define PAPER_NAME(e, name) name,
		PAPER_LOOK_MAP(PAPER_NAME)
#undef PAPER_NAME
	};

	for (size_t i = 0; json_is_string(look) && i < CO_ARRAY_LEN(names); i++)
		if (strcmp(names[i], json_string_value(look)) == 0)
			return CO_OK;
	return wrong(c, "it has no look of that name");
}

static enum co_rc
cell_check(struct check *c, const json_t *cell)
{
	if (json_is_string(cell))
		return text_check(c, cell, "a cell");
	if (!json_is_object(cell) || json_object_size(cell) != 2)
		return wrong(c, "a cell is text, or text with a look");
	TRY(look_check(c, json_object_get(cell, "look")));
	return text_check(c, json_object_get(cell, "text"), "a cell");
}

/* A list with at most as many rows as are left for the document. */
static enum co_rc
rows_check(struct check *c, const json_t *list, const char *what)
{
	if (!json_is_array(list))
		return wrong(c, what);
	c->rows += json_array_size(list);
	if (c->rows > PAPER_ROWS)
		return co_fail(c->err, CO_ETOOBIG, "paper: more than %u rows", PAPER_ROWS);
	return CO_OK;
}

static bool
number_in(const json_t *v, json_int_t from, json_int_t to)
{
	return json_is_integer(v) && json_integer_value(v) >= from && json_integer_value(v) <= to;
}

static enum co_rc
heading_check(struct check *c, const json_t *b)
{
	if (!number_in(json_object_get(b, "level"), 1, 3))
		return wrong(c, "a heading's level is 1, 2 or 3");
	return text_check(c, json_object_get(b, "heading"), "the heading");
}

static enum co_rc
plain_check(struct check *c, const json_t *b)
{
	TRY(look_check(c, json_object_get(b, "look")));
	return text_check(c, json_object_get(b, "text"), "the text");
}

static enum co_rc
facts_check(struct check *c, const json_t *b)
{
	const json_t *list = json_object_get(b, "facts"), *row;
	size_t i;

	TRY(rows_check(c, list, "facts are a list"));
	json_array_foreach(list, i, row) {
		if (!json_is_array(row) || json_array_size(row) != 2)
			return wrong(c, "a fact is a label and a value");
		TRY(text_check(c, json_array_get(row, 0), "a label"));
		TRY(cell_check(c, json_array_get(row, 1)));
	}
	return CO_OK;
}

static enum co_rc
list_check(struct check *c, const json_t *b)
{
	const json_t *list = json_object_get(b, "list"), *item;
	size_t i;

	TRY(rows_check(c, list, "items are a list"));
	json_array_foreach(list, i, item) TRY(text_check(c, item, "an item"));
	return CO_OK;
}

static enum co_rc
columns_check(struct check *c, const json_t *columns)
{
	const json_t *column;
	size_t i;

	if (json_array_size(columns) < 1 || json_array_size(columns) > PAPER_COLUMNS)
		return wrong(c, "a table has 1 to 16 columns");
	json_array_foreach(columns, i, column) {
		if (!number_in(json_object_get(column, "weight"), 1, 100))
			return wrong(c, "a column's weight is 1 to 100");
		TRY(head_text_check(c, json_object_get(column, "head"), "a column's head"));
	}
	return CO_OK;
}

static enum co_rc
table_check(struct check *c, const json_t *b)
{
	const json_t *columns = json_object_get(b, "columns"), *rows = json_object_get(b, "rows");
	const json_t *row, *cell;
	size_t i, k;

	TRY(text_check(c, json_object_get(b, "table"), "the caption"));
	TRY(columns_check(c, columns));
	TRY(rows_check(c, rows, "rows are a list"));
	json_array_foreach(rows, i, row) {
		if (!json_is_array(row) || json_array_size(row) != json_array_size(columns))
			return wrong(c, "a row has not as many cells as the table has columns");
		json_array_foreach(row, k, cell) TRY(cell_check(c, cell));
	}
	return CO_OK;
}

static enum co_rc
event_check(struct check *c, const json_t *event, size_t lanes)
{
	json_int_t last = (json_int_t)lanes - 1;
	static const char *const names[] = {
#define PAPER_NAME(e, name) name,
		PAPER_SHAPE_MAP(PAPER_NAME)
#undef PAPER_NAME
	};
	const char *shape = paper_member(event, "shape");
	size_t i = 0;

	while (i < CO_ARRAY_LEN(names) && strcmp(names[i], shape) != 0)
		i++;
	if (i == CO_ARRAY_LEN(names))
		return wrong(c, "an event has no shape of that name");
	if (!number_in(json_object_get(event, "from"), 0, last) ||
		!number_in(json_object_get(event, "to"), 0, last))
		return wrong(c, "an event is on no lane");
	TRY(text_check(c, json_object_get(event, "time"), "a time"));
	return text_check(c, json_object_get(event, "label"), "a label");
}

static enum co_rc
timeline_check(struct check *c, const json_t *b)
{
	const json_t *lanes = json_object_get(b, "lanes"), *events = json_object_get(b, "events");
	const json_t *one;
	size_t i, n = json_array_size(lanes);

	TRY(text_check(c, json_object_get(b, "timeline"), "the caption"));
	if (n < 1 || n > PAPER_LANES)
		return wrong(c, "a timeline has 1 to 8 lanes");
	json_array_foreach(lanes, i, one) TRY(head_text_check(c, one, "a lane"));
	TRY(rows_check(c, events, "events are a list"));
	json_array_foreach(events, i, one) TRY(event_check(c, one, n));
	return CO_OK;
}

static const struct {
	const char *name;
	size_t members;
	enum co_rc (*check)(struct check *c, const json_t *b);
} blocks[] = {
	{ "heading", 2, heading_check },
	{ "text", 2, plain_check },
	{ "facts", 1, facts_check },
	{ "list", 1, list_check },
	{ "table", 3, table_check },
	{ "timeline", 3, timeline_check },
};

static enum co_rc
block_check(struct check *c, const json_t *b)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(blocks); i++) {
		if (json_object_get(b, blocks[i].name) == NULL)
			continue;
		return json_object_size(b) == blocks[i].members ? blocks[i].check(c, b)
								: wrong(c, "it has other members");
	}
	return wrong(c, "it is none of heading, text, facts, list, table, timeline");
}

static enum co_rc
head_check(struct check *c, const json_t *paper)
{
	static const char *const texts[] = { "language", "title", "made", "footer", "page" };
	const char *language;
	int64_t us;

	if (!number_in(json_object_get(paper, "paper"), 1, 1))
		return co_fail(c->err, CO_EMALFORMED, "no model of a paper of version 1");
	for (size_t i = 0; i < CO_ARRAY_LEN(texts); i++)
		TRY(text_check(c, json_object_get(paper, texts[i]), texts[i]));
	if (json_object_get(paper, "mark") != NULL)
		TRY(text_check(c, json_object_get(paper, "mark"), "mark"));
	if (!json_is_boolean(json_object_get(paper, "rtl")) ||
		!json_is_boolean(json_object_get(paper, "wide")))
		return co_fail(c->err, CO_EMALFORMED, "paper: rtl and wide are true or false");
	language = paper_member(paper, "language");
	if (strlen(language) > 35 ||
		language[strspn(language, "abcdefghijklmnopqrstuvwxyz"
					  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")] != '\0')
		return co_fail(c->err, CO_EMALFORMED, "paper: \"%.40s\" is no language", language);
	if (co_time_parse(paper_member(paper, "made"), &us, c->err) != CO_OK)
		return co_wrap(c->err, "paper, made");
	return CO_OK;
}

enum co_rc
paper_check(const json_t *paper, struct co_err *err)
{
	struct check c = { .err = err };
	const json_t *list = json_object_get(paper, "blocks"), *b;
	size_t i, members = json_object_get(paper, "mark") != NULL ? 10 : 9;

	if (paper == NULL)
		return co_fail(err, CO_ENOMEM, "paper");
	TRY(head_check(&c, paper));
	if (!json_is_array(list) || json_object_size(paper) != members)
		return co_fail(err, CO_EMALFORMED, "paper: members are missing or unknown");
	if (json_array_size(list) > PAPER_ROWS)
		return co_fail(err, CO_ETOOBIG, "paper: more than %u blocks", PAPER_ROWS);
	json_array_foreach(list, i, b) {
		c.block = i + 1;
		TRY(block_check(&c, b));
	}
	return CO_OK;
}

enum co_rc
paper_parse(const void *p, size_t n, json_t **out, struct co_err *err)
{
	json_error_t why;
	json_t *paper;
	enum co_rc rc;

	if (n > LIMIT_PAPER_MODEL)
		return co_fail(err, CO_ETOOBIG, "a paper of more than %u bytes", LIMIT_PAPER_MODEL);
	paper = json_loadb(p, n, JSON_REJECT_DUPLICATES, &why);
	if (paper == NULL)
		return co_fail(err, CO_EMALFORMED, "paper: line %d: %s", why.line, why.text);
	rc = paper_check(paper, err);
	if (rc == CO_OK)
		*out = paper;
	else
		json_decref(paper);
	return rc;
}
