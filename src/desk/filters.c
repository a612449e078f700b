/* Filters of templates: a value of the API as people read it. Each writes its own HTML around
 * escaped text. */
#include "desk/filters.h"
#include "desk/looks.h"

#include "words/catalogue.h"
#include "words/language.h"

#include <string.h>

enum co_rc
filter_say(struct co_buf *out, const struct template_view *view, const char *english,
	struct co_err *err)
{
	const char *s = catalogue_text(view->words, english);

	return html_text(out, s, strlen(s), err);
}

/* A state: a shape and the word, so that colour is never all there is. */
struct state_look {
	const char *state, *shape, *mood, *label;
};

static const struct state_look states[] = {
	{ "sent", "○", "wait", "sent" },
	{ "acknowledged", "◔", "wait", "acknowledged" },
	{ "accepted", "◑", "go", "accepted" },
	{ "executed", "●", "done", "executed" },
	{ "extended", "●", "done", "extended" },
	{ "path-disclosed", "●", "done", "path disclosed" },
	{ "partial", "◕", "done", "executed in part" },
	{ "need-decision", "◆", "act", "needs a decision" },
	{ "condition-offered", "◆", "act", "condition offered" },
	{ "condition-accepted", "◑", "go", "condition accepted" },
	{ "condition-declined", "◇", "stop", "condition declined" },
	{ "referred", "▷", "wait", "referred" },
	{ "postponed", "‖", "wait", "postponed" },
	{ "delayed", "‖", "wait", "delayed" },
	{ "impossible", "✕", "stop", "impossible" },
	{ "refused", "✕", "stop", "refused" },
	{ "withdrawn", "▽", "stop", "withdrawn" },
	{ "expired", "▽", "stop", "expired" },
	{ "use-explained", "●", "done", "use explained" },
	{ "closed", "■", "done", "closed" },
	{ "waiting", "◆", "act", "waiting for approval" },
	{ "draft", "○", "wait", "draft" },
	{ "unfinished", "○", "wait", "not finished" },
	{ "approved", "◑", "go", "approved" },
	{ "rejected", "✕", "stop", "rejected" },
	{ "dropped", "▽", "stop", "given up" },
	{ "fetching", "◔", "wait", "being fetched" },
	{ "verified", "●", "done", "verified" },
	{ "sealed", "■", "done", "sealed" },
	{ "offered", "◆", "act", "offered" },
	{ "complete", "●", "done", "complete" },
	{ "failed", "✕", "stop", "failed" },
	{ "destroyed", "✕", "stop", "destroyed" },
	{ "blocked", "✕", "stop", "blocked" },
};

/* On its way to the partner: the same words mean other things there. */
static const struct state_look deliveries[] = {
	{ "waiting", "○", "wait", "on its way" },
	{ "delivered", "●", "done", "delivered, with receipt" },
	{ "refused", "✕", "stop", "not taken by the partner" },
	{ "given-up", "✕", "stop", "not delivered" },
};

/* A case: whose move it is. */
static const struct state_look cases[] = {
	{ "ours", "◆", "act", "waiting for us" },
	{ "theirs", "○", "wait", "waiting for them" },
	{ "answered", "●", "done", "answered" },
	{ "closed", "■", "done", "closed" },
	{ "empty", "·", "wait", "no request" },
};

/* Is somebody at a desk? */
static const struct state_look desks[] = {
	{ "open", "●", "done", "open now" },
	{ "closed", "○", "act", "closed now" },
	{ "unknown", "·", "wait", "hours not known" },
};

static enum co_rc
look_print(const struct state_look *rows, size_t n, const json_t *v,
	const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	const char *name = json_string_value(v);
	struct state_look look = { name, "·", "wait", name };

	if (name == NULL)
		return CO_OK;
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].state, name) == 0)
			look = rows[i];
	TRY(co_buf_addf(out, err, "<span class=\"state %s\"><span aria-hidden=\"true\">%s</span> ",
		look.mood, look.shape));
	TRY(filter_say(out, view, look.label, err));
	return co_buf_add_str(out, "</span>", err);
}

static enum co_rc
filter_state(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	return look_print(states, CO_ARRAY_LEN(states), v, view, out, err);
}

/* A request's, as this side says it: what the partner sent has been received here. */
static enum co_rc
filter_told(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	static const struct state_look here[] = { { "sent", "○", "act", "received" } };
	const json_t *state = json_object_get(v, "state");
	const char *name = json_string_value(state);

	if (name != NULL && strcmp(name, "sent") == 0 && json_is_true(json_object_get(v,
		"incoming")))
		return look_print(here, CO_ARRAY_LEN(here), state, view, out, err);
	return filter_state(state, view, out, err);
}

static enum co_rc
filter_delivery(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	return look_print(deliveries, CO_ARRAY_LEN(deliveries), v, view, out, err);
}

static enum co_rc
filter_stands(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	return look_print(cases, CO_ARRAY_LEN(cases), v, view, out, err);
}

static enum co_rc
filter_open(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	return look_print(desks, CO_ARRAY_LEN(desks), v, view, out, err);
}

/* A word of the API as a message: codes of measures, urgencies, roles. */
static enum co_rc
filter_word(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	const char *s = json_string_value(v);

	return s == NULL ? CO_OK : filter_say(out, view, s, err);
}

/* "art. 29(5)", "arts 27(4), 29(5)": the numbers stay, the word before them is the reader's. */
static enum co_rc
filter_clause(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	const char *s = json_string_value(v), *pattern = NULL;
	bool rtl = language_of(catalogue_language(view->words))->rtl;
	char text[160], numbers[128];

	if (s == NULL)
		return CO_OK;
	if (strncmp(s, "art. ", 5) == 0)
		pattern = WORDS("art. {n}");
	else if (strncmp(s, "arts ", 5) == 0)
		pattern = WORDS("arts {n}");
	if (pattern == NULL)
		return filter_say(out, view, s, err);
	/* "29(2)(b)" runs from the left, also between words that do not. */
	(void)snprintf(numbers, sizeof(numbers), rtl ? "\u2066%.100s\u2069" : "%.100s", s + 5);
	(void)catalogue_fill(catalogue_text(view->words, pattern), numbers, text, sizeof(text));
	return html_text(out, text, strlen(text), err);
}

/* Headings of what the law says: its codes are words that mean other things elsewhere. */
static enum co_rc
filter_topic(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	static const struct {
		const char *code, *heading;
	} topics[] = {
		{ "basis", WORDS("Legal basis") },
		{ "condition", WORDS("Conditions in law") },
		{ "dual", WORDS("Dual criminality") },
		{ "channel", WORDS("Channel") },
		{ "field", WORDS("What the request must say") },
		{ "formality", WORDS("Formalities") },
		{ "time", WORDS("Periods") },
		{ "ground", WORDS("Grounds for refusal") },
		{ "duty", WORDS("Duties that follow") },
	};
	const char *s = json_string_value(v);

	for (size_t i = 0; s != NULL && i < CO_ARRAY_LEN(topics); i++)
		if (strcmp(topics[i].code, s) == 0)
			s = topics[i].heading;
	return s == NULL ? CO_OK : filter_say(out, view, s, err);
}

/* For a value inside a query string: RFC 3986 2.3, everything else as %XX. */
static enum co_rc
filter_query(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~";
	const char *s = json_string_value(v);

	(void)view;
	for (; s != NULL && *s != '\0'; s++) {
		if (strchr(plain, *s) != NULL)
			TRY(co_buf_add(out, s, 1, err));
		else
			TRY(co_buf_addf(out, err, "%%%02X", (unsigned)(unsigned char)*s));
	}
	return CO_OK;
}

/* The first eight characters of an id or digest: enough to tell apart, with the rest at hand. */
static enum co_rc
filter_short(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	const char *s = json_string_value(v);
	size_t n = s == NULL ? 0 : strlen(s);

	(void)view;
	if (n == 0)
		return CO_OK;
	TRY(co_buf_add_str(out, "<abbr title=\"", err));
	TRY(html_text(out, s, n, err));
	TRY(co_buf_add_str(out, "\">", err));
	/* The front of a UUIDv7 is its time; its end tells apart. */
	TRY(html_text(out, n > 8 ? s + n - 8 : s, n > 8 ? 8 : n, err));
	return co_buf_add_str(out, "</abbr>", err);
}

static const struct {
	const char *name;
	template_filter *fn;
} filters[] = {
	{ "time", filter_time },
	{ "both", filter_both },
	{ "given", filter_given },
	{ "said", filter_said },
	{ "day", filter_day },
	{ "clause", filter_clause },
	{ "clock", filter_clock },
	{ "days", filter_days },
	{ "topic", filter_topic },
	{ "left", filter_left },
	{ "bytes", filter_bytes },
	{ "state", filter_state },
	{ "told", filter_told },
	{ "delivery", filter_delivery },
	{ "word", filter_word },
	{ "short", filter_short },
	{ "parts", filter_parts },
	{ "query", filter_query },
	{ "open", filter_open },
	{ "stands", filter_stands },
	{ "seconds", filter_seconds },
	{ "chart", filter_chart },
	{ "map", filter_map },
	{ "qr", filter_qr },
	{ "has", filter_has },
	{ "status", filter_status },
	{ "answer", filter_answer },
	{ "bound", filter_bound },
	{ "usable", filter_usable },
	{ "sure", filter_sure },
	{ "source", filter_source },
	{ "holds", filter_holds },
	{ "fault", filter_fault },
};

template_filter *
template_filter_find(const char *name, size_t n)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(filters); i++)
		if (strlen(filters[i].name) == n && memcmp(filters[i].name, name, n) == 0)
			return filters[i].fn;
	return NULL;
}
