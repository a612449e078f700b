/* Filters of templates: a value of the API as people read it. Each writes its own HTML around
 * escaped text. */
#include "desk/inside.h"

#include "base/clock.h"
#include "desk/catalogue.h"

#include <string.h>
#include <time.h>

static enum co_rc
say(struct co_buf *out, const struct template_view *view, const char *english, struct co_err *err)
{
	const char *s = catalogue_text(view->words, english);

	return html_text(out, s, strlen(s), err);
}

static bool
value_us(const json_t *v, int64_t *us)
{
	if (json_is_integer(v)) {
		*us = json_integer_value(v);
		return true;
	}
	return json_is_string(v) && co_time_parse(json_string_value(v), us, NULL) == CO_OK;
}

/* <time datetime="exact">24 Nov 2026 23:15 UTC</time> */
static enum co_rc
filter_time(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	char exact[CO_TIME_LEN], text[64];
	struct tm tm;
	time_t s;
	int64_t us;

	(void)view;
	if (!value_us(v, &us))
		return CO_OK;
	s = (time_t)(us / 1000000);
	co_time_print((int64_t)s * 1000000, exact);
	if (gmtime_r(&s, &tm) == NULL ||
		strftime(text, sizeof(text), "%e %b %Y %H:%M UTC", &tm) == 0)
		return CO_OK;
	return co_buf_addf(out, err, "<time datetime=\"%s\">%s</time>", exact,
		text + (text[0] == ' ' ? 1 : 0));
}

/* The two greatest units: "3 d 4 h", "2 h 5 min", "40 s". */
static void
span_print(int64_t us, char *out, size_t cap)
{
	int64_t s = us / 1000000;

	if (s >= 86400)
		(void)snprintf(out, cap, "%lld d %lld h", (long long)(s / 86400),
			(long long)(s % 86400 / 3600));
	else if (s >= 3600)
		(void)snprintf(out, cap, "%lld h %lld min", (long long)(s / 3600),
			(long long)(s % 3600 / 60));
	else if (s >= 60)
		(void)snprintf(out, cap, "%lld min", (long long)(s / 60));
	else
		(void)snprintf(out, cap, "%lld s", (long long)s);
}

/* What is left until a time, with how near it is as class and as words. */
static enum co_rc
filter_left(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	char exact[CO_TIME_LEN], text[48];
	const char *near;
	int64_t us, left;

	if (!value_us(v, &us))
		return CO_OK;
	left = us - view->now_us;
	near = left < 0 ? "over" : left < INT64_C(7200) * 1000000 ? "near" : "far";
	co_time_print(us / 1000000 * 1000000, exact);
	span_print(left < 0 ? -left : left, text, sizeof(text));
	TRY(co_buf_addf(out, err, "<time class=\"left %s\" datetime=\"%s\">", near, exact));
	if (left < 0)
		TRY(say(out, view, "late by", err));
	TRY(co_buf_addf(out, err, "%s%s ", left < 0 ? " " : "", text));
	if (left >= 0)
		TRY(say(out, view, "left", err));
	return co_buf_add_str(out, "</time>", err);
}

static enum co_rc
filter_bytes(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	double n = (double)json_integer_value(v);
	size_t u = 0;

	(void)view;
	for (; n >= 1024 && u + 1 < CO_ARRAY_LEN(units); u++)
		n /= 1024;
	return co_buf_addf(out, err, u == 0 ? "%.0f %s" : "%.1f %s", n, units[u]);
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
	{ "approved", "◑", "go", "approved" },
	{ "rejected", "✕", "stop", "rejected" },
	{ "fetching", "◔", "wait", "being fetched" },
	{ "verified", "●", "done", "verified" },
	{ "sealed", "■", "done", "sealed" },
	{ "offered", "◆", "act", "offered" },
	{ "complete", "●", "done", "complete" },
	{ "failed", "✕", "stop", "failed" },
	{ "blocked", "✕", "stop", "blocked" },
};

/* On its way to the partner: the same words mean other things there. */
static const struct state_look deliveries[] = {
	{ "waiting", "○", "wait", "on its way" },
	{ "delivered", "●", "done", "delivered, with receipt" },
	{ "refused", "✕", "stop", "not taken by the partner" },
	{ "given-up", "✕", "stop", "not delivered" },
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
	TRY(say(out, view, look.label, err));
	return co_buf_add_str(out, "</span>", err);
}

static enum co_rc
filter_state(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	return look_print(states, CO_ARRAY_LEN(states), v, view, out, err);
}

static enum co_rc
filter_delivery(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	return look_print(deliveries, CO_ARRAY_LEN(deliveries), v, view, out, err);
}

/* A word of the API as a message: codes of measures, urgencies, roles. */
static enum co_rc
filter_word(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	const char *s = json_string_value(v);

	return s == NULL ? CO_OK : say(out, view, s, err);
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
	{ "left", filter_left },
	{ "bytes", filter_bytes },
	{ "state", filter_state },
	{ "delivery", filter_delivery },
	{ "word", filter_word },
	{ "short", filter_short },
};

template_filter *
template_filter_find(const char *name, size_t n)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(filters); i++)
		if (strlen(filters[i].name) == n && memcmp(filters[i].name, name, n) == 0)
			return filters[i].fn;
	return NULL;
}
