/* Answers of the law as a shape, a word and how sure: never by colour alone. */
#include "desk/filters.h"
#include "desk/looks.h"

#include <string.h>

struct look {
	const char *code, *class, *shape, *words;
};

static const struct look has_looks[] = {
	{ "yes", "yes", "✓", "has it" },
	{ "partly", "partly", "◐", "partly" },
	{ "no", "no", "✗", "lacks it" },
	{ "unknown", "unknown", "?", "not known" },
};

static const struct look status_looks[] = {
	{ "party", "yes", "P", "party" },
	{ "signed", "partly", "S", "signed, not party" },
	{ "invited", "partly", "I", "invited to accede, not party" },
	{ "observer", "partly", "O", "observer, not party" },
	{ "denounced", "no", "D", "denounced" },
	{ "none", "no", "–", "not party" },
	{ "unknown", "unknown", "?", "not known" },
};

/* Shape and word; the word says it without the shape. */
static const struct look sure_looks[] = {
	{ "verified", "verified", "●", "verified" },
	{ "secondary", "secondary", "◐", "secondary" },
	{ "unverified", "unverified", "○", "unverified" },
	{ "unknown", "unverified", "?", "not known" },
};

static const struct look holds_looks[] = {
	{ "yes", "done", "●", "holds" },
	{ "superseded", "stop", "▽", "superseded" },
	{ "no longer", "stop", "▽", "no longer" },
	{ "from later on", "wait", "○", "from later on" },
	{ "not yet known", "wait", "○", "not yet known" },
};

static const struct look *
look_find(const struct look *rows, size_t n, const char *code)
{
	for (size_t i = 0; i < n; i++)
		if (code != NULL && strcmp(rows[i].code, code) == 0)
			return &rows[i];
	return NULL;
}

static const char *
text_of(const json_t *o, const char *name)
{
	return json_string_value(json_object_get(o, name));
}

/* The first letter of how sure, beside the shape. */
static char
sure_letter(const char *certainty)
{
	return certainty == NULL || strcmp(certainty, "unknown") == 0 ? '\0' : certainty[0];
}

/* A cell of a matrix: shape and letter for the eye, words for who listens. */
static enum co_rc
cell(const struct look *l, const json_t *v, const struct template_view *view, struct co_buf *out,
	struct co_err *err)
{
	const struct look *sure =
		look_find(sure_looks, CO_ARRAY_LEN(sure_looks), text_of(v, "certainty"));
	char letter[2] = { sure_letter(text_of(v, "certainty")), '\0' };

	TRY(co_buf_addf(out, err, "<span class=\"has %s\"><span aria-hidden=\"true\">%s", l->class,
		l->shape));
	if (letter[0] != '\0')
		TRY(co_buf_addf(out, err, "<sup>%s</sup>", letter));
	TRY(co_buf_add_str(out, "</span><span class=\"hide\">", err));
	TRY(filter_say(out, view, l->words, err));
	if (letter[0] != '\0' && sure != NULL) {
		TRY(co_buf_add_str(out, ", ", err));
		TRY(filter_say(out, view, sure->words, err));
	}
	return co_buf_add_str(out, "</span></span>", err);
}

enum co_rc
filter_has(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	const struct look *l = look_find(has_looks, CO_ARRAY_LEN(has_looks), text_of(v, "has"));

	return l == NULL ? CO_OK : cell(l, v, view, out, err);
}

enum co_rc
filter_status(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	const struct look *l =
		look_find(status_looks, CO_ARRAY_LEN(status_looks), text_of(v, "value"));

	l = l != NULL ? l : &status_looks[CO_ARRAY_LEN(status_looks) - 1];
	return cell(l, v, view, out, err);
}

/* class "state ...": shape and word, both shown. */
static enum co_rc
both(const struct look *rows, size_t n, const char *prefix, const json_t *v,
	const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	const struct look *l = look_find(rows, n, json_string_value(v));

	if (l == NULL)
		return CO_OK;
	TRY(co_buf_addf(out, err, "<span class=\"%s %s\"><span aria-hidden=\"true\">%s</span> ",
		prefix, l->class, l->shape));
	TRY(filter_say(out, view, l->words, err));
	return co_buf_add_str(out, "</span>", err);
}

static const struct look usable_looks[] = {
	{ "yes", "done", "●", "can be used" },
	{ "unknown", "act", "?", "not known" },
	{ "no", "stop", "✕", "cannot be used" },
};

enum co_rc
filter_usable(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	return both(usable_looks, CO_ARRAY_LEN(usable_looks), "state", v, view, out, err);
}

/* "has": shape and words, as in a checklist. */
enum co_rc
filter_answer(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	return both(has_looks, CO_ARRAY_LEN(has_looks), "has", v, view, out, err);
}

enum co_rc
filter_bound(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	return both(status_looks, CO_ARRAY_LEN(status_looks), "has", v, view, out, err);
}

enum co_rc
filter_sure(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	return both(sure_looks, CO_ARRAY_LEN(sure_looks), "sure", v, view, out, err);
}

/* The tag of what nobody read anywhere says nothing to who does not know it. */
enum co_rc
filter_source(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	const char *s = json_string_value(v);

	if (s == NULL)
		return CO_OK;
	if (strcmp(s, "MEMORY") == 0)
		return filter_say(out, view, WORDS("from memory; nobody checked it against a text"),
			err);
	return html_text(out, s, strlen(s), err);
}

enum co_rc
filter_holds(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	return both(holds_looks, CO_ARRAY_LEN(holds_looks), "state", v, view, out, err);
}
