/* An object of many shapes for people: each member with its name before it, members of members too.
 * What an event says and what a fact of law holds are shown so. */
#include "desk/filters.h"
#include "desk/looks.h"

#include "base/enc.h"

#include <stdio.h>
#include <string.h>

enum {
	PARTS_MAX = 24,
	PARTS_DEPTH = 4,
	PART_NAME = 80,
	PART_TEXT = 200 /* bytes: what one reads; files have all of it */
};

struct parts {
	const struct template_view *view;
	struct co_buf *out;
	struct co_err *err;
	size_t n;
	int depth;
};

/* Members of facts of law, as people say them. */
static const struct {
	const char *name, *words;
} names[] = {
	{ "has", WORDS("has it") },
	{ "statute", WORDS("statute") },
	{ "section", WORDS("section") },
	{ "max_months", WORDS("highest penalty in months") },
	{ "name", WORDS("name") },
	{ "ordered_by", WORDS("ordered by") },
	{ "covers", WORDS("covers") },
	{ "elements", WORDS("elements") },
	{ "text", WORDS("text") },
	{ "first_days", WORDS("days at first") },
	{ "extension_days", WORDS("days of an extension") },
	{ "total_days", WORDS("days in all") },
	{ "least_days", WORDS("days at least") },
};

/* Any other: "case_id" reads "case id". */
static void
name_words(char out[PART_NAME], const char *before, const char *name)
{
	for (size_t i = 0; *before == '\0' && i < CO_ARRAY_LEN(names); i++)
		if (strcmp(names[i].name, name) == 0) {
			(void)snprintf(out, PART_NAME, "%s", names[i].words);
			return;
		}
	(void)snprintf(out, PART_NAME, "%s%s%s", before, *before == '\0' ? "" : " ", name);
	for (char *p = out; *p != '\0'; p++)
		if (*p == '_' || *p == '-')
			*p = ' ';
}

static enum co_rc
part_text(struct parts *p, const char *s)
{
	char cut[PART_TEXT + 8];
	size_t n = strlen(s);

	if (n <= PART_TEXT)
		return html_text(p->out, s, n, p->err);
	memcpy(cut, s, PART_TEXT);
	cut[PART_TEXT] = '\0';
	while (!co_utf8_valid(cut))
		cut[strlen(cut) - 1] = '\0';
	memcpy(cut + strlen(cut), "…", sizeof("…"));
	return html_text(p->out, cut, strlen(cut), p->err);
}

static enum co_rc
part_scalar(struct parts *p, const json_t *v)
{
	char number[32];

	switch (json_typeof(v)) {
	case JSON_STRING: return part_text(p, json_string_value(v));
	case JSON_INTEGER:
		(void)snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(v));
		return co_buf_add_str(p->out, number, p->err);
	case JSON_REAL:
		(void)snprintf(number, sizeof(number), "%g", json_real_value(v));
		return co_buf_add_str(p->out, number, p->err);
	case JSON_TRUE: return filter_say(p->out, p->view, "yes", p->err);
	case JSON_FALSE: return filter_say(p->out, p->view, "no", p->err);
	case JSON_NULL:
	case JSON_OBJECT:
	case JSON_ARRAY: break;
	}
	return co_buf_add_str(p->out, "–", p->err);
}

static bool
part_plain(const json_t *v)
{
	return !json_is_object(v) && !json_is_array(v);
}

/* A list of words is one part: "a, b". */
static enum co_rc
part_one(struct parts *p, const char *name, const json_t *v)
{
	const json_t *one;
	size_t i;

	TRY(co_buf_add_str(p->out, "<span class=\"part\">", p->err));
	if (*name != '\0') {
		TRY(co_buf_add_str(p->out, "<span class=\"quiet\">", p->err));
		TRY(filter_say(p->out, p->view, name, p->err));
		TRY(co_buf_add_str(p->out, "</span> ", p->err));
	}
	TRY(co_buf_add_str(p->out, "<bdi>", p->err));
	if (!json_is_array(v))
		TRY(part_scalar(p, v));
	json_array_foreach(v, i, one)
	{
		if (i > 0)
			TRY(co_buf_add_str(p->out, ", ", p->err));
		TRY(part_scalar(p, one));
	}
	return co_buf_add_str(p->out, "</bdi></span> ", p->err);
}

static bool
parts_end(const struct parts *p)
{
	return p->n >= PARTS_MAX || p->depth >= PARTS_DEPTH;
}

static enum co_rc
parts_add(struct parts *p, const char *name, const json_t *v)
{
	char inner[PART_NAME];
	const char *key;
	json_t *one;
	size_t i;
	bool list = json_is_array(v) && !part_plain(json_array_get(v, 0));
	enum co_rc rc = CO_OK;

	if (json_is_null(v) || parts_end(p))
		return CO_OK;
	if (!json_is_object(v) && !list) {
		p->n++;
		return part_one(p, name, v);
	}
	p->depth++;
	json_object_foreach((json_t *)(uintptr_t)v, key, one)
	{
		name_words(inner, name, key);
		if (rc == CO_OK)
			rc = parts_add(p, inner, one);
	}
	json_array_foreach(v, i, one)
		if (rc == CO_OK)
			rc = parts_add(p, name, one);
	p->depth--;
	return rc;
}

enum co_rc
filter_parts(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	struct parts p = { .view = view, .out = out, .err = err };

	TRY(parts_add(&p, "", v));
	return parts_end(&p) ? co_buf_add_str(out, "…", err) : CO_OK;
}
