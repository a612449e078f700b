/* Charts as SVG made here: bars of one or two values a row. The table under a chart is the truth;
 * the chart says the same to the eye, by length and not by colour. Times on a scale of logarithms,
 * from a second to a year. */
#include "desk/looks.h"
#include "desk/inside.h"

#include "words/catalogue.h"

#include <string.h>

/* Units of the view box: about a pixel on a telephone. */
enum { WIDE = 360, LABEL = 120, BAR = 200, ROW = 22, TOP = 18, ROWS_MAX = 40, LABEL_CHARS = 17 };

static const struct {
	int64_t s;
	const char *label;
} ticks[] = { { 1, "1 s" }, { 60, "1 min" }, { 3600, "1 h" }, { 86400, "1 d" },
	{ 30 * 86400, "30 d" }, { 365 * 86400, "1 y" } };

/* Place of a time: the ticks are equally far apart, straight between. */
static int
time_place(int64_t s)
{
	size_t n = CO_ARRAY_LEN(ticks) - 1;

	if (s <= 1)
		return 1;
	for (size_t i = 0; i < n; i++)
		if (s < ticks[i + 1].s) {
			/* Between two ticks by the logarithm, in halves of an octave. */
			double steps = 0, all = 0;

			for (double t = (double)ticks[i].s; t < (double)s; t *= 1.0442737824)
				steps++;
			for (double t = (double)ticks[i].s; t < (double)ticks[i + 1].s;
				t *= 1.0442737824)
				all++;
			return (int)(BAR * ((double)i + steps / all) / (double)n);
		}
	return BAR;
}

static int
count_place(int64_t n, int64_t most)
{
	return most == 0 ? 0 : (int)(BAR * n / most);
}

static int64_t
int_of(const json_t *o, const char *name)
{
	return json_integer_value(json_object_get(o, name));
}

static enum co_rc
add_text(struct co_buf *out, const struct template_view *view, const json_t *v, size_t max,
	struct co_err *err)
{
	const char *s =
		json_is_string(v) ? catalogue_text(view->words, json_string_value(v)) : NULL;
	size_t n = s == NULL ? 0 : strlen(s), at = 0, chars = 0;

	for (; at < n && chars < max; at++)
		chars += ((unsigned char)s[at + 1] & 0xc0) != 0x80;
	if (n > 0)
		TRY(html_text(out, s, at, err));
	return at < n ? co_buf_add_str(out, "…", err) : CO_OK;
}

static enum co_rc
grid_add(struct co_buf *out, bool times, int height, struct co_err *err)
{
	size_t n = CO_ARRAY_LEN(ticks);

	for (size_t i = 0; times && i < n; i++) {
		int x = LABEL + (int)((size_t)BAR * i / (n - 1));

		TRY(co_buf_addf(out, err,
			"<line class=\"grid\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/><text "
			"class=\"tick\" x=\"%d\" y=\"12\" text-anchor=\"middle\">%s</text>",
			x, TOP, x, height, x, ticks[i].label));
	}
	return CO_OK;
}

static enum co_rc
row_add(struct co_buf *out, const struct template_view *view, const json_t *row, int y, bool times,
	int64_t most, struct co_err *err)
{
	int64_t a = int_of(row, "a"), b = int_of(row, "b");
	int wide = times ? time_place(a) : count_place(a, most);
	int far = times ? time_place(b) : count_place(b, most);

	TRY(co_buf_addf(out, err, "<text x=\"0\" y=\"%d\">", y + 15));
	TRY(add_text(out, view, json_object_get(row, "label"), LABEL_CHARS, err));
	TRY(co_buf_add_str(out, "</text>", err));
	if (json_object_get(row, "a") == NULL)
		return CO_OK;
	if (b > 0)
		TRY(co_buf_addf(out, err,
			"<rect class=\"most\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>",
			LABEL, y + 4, far < 1 ? 1 : far, ROW - 8));
	TRY(co_buf_addf(out, err,
		"<rect class=\"bar\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>", LABEL, y + 7,
		wide < 1 ? 1 : wide, ROW - 14));
	if (times)
		return CO_OK;
	return co_buf_addf(out, err, "<text x=\"%d\" y=\"%d\">%lld</text>", LABEL + wide + 6,
		y + 15, (long long)a);
}

enum co_rc
filter_chart(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	const json_t *rows = json_object_get(v, "rows"), *row;
	const char *kind = json_string_value(json_object_get(v, "kind"));
	bool times = kind != NULL && strcmp(kind, "time") == 0;
	size_t n = json_array_size(rows), i;
	int height;
	int64_t most = 0;

	n = n > ROWS_MAX ? ROWS_MAX : n;
	if (n == 0)
		return CO_OK;
	height = TOP + ROW * (int)n;
	json_array_foreach(rows, i, row) most = int_of(row, "a") > most ? int_of(row, "a") : most;
	TRY(co_buf_addf(out, err, "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\"><title>",
		WIDE, height + 2));
	TRY(add_text(out, view, json_object_get(v, "title"), 200, err));
	TRY(co_buf_add_str(out, "</title><desc>", err));
	TRY(add_text(out, view, json_object_get(v, "desc"), 400, err));
	TRY(co_buf_add_str(out, "</desc>", err));
	TRY(grid_add(out, times, height, err));
	for (i = 0; i < n; i++)
		TRY(row_add(
			out, view, json_array_get(rows, i), TOP + ROW * (int)i, times, most, err));
	return co_buf_add_str(out, "</svg>", err);
}
