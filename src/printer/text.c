/* Text as pango lays it out. Fonts are named, so that the same machine always takes the same; what
 * none of them has is looked for in all others, and spelled out when nobody has it. */
#include "printer/press.h"

#include "base/limits.h"
#include "paper/text.h"

#include <pango/pango-glyph.h>
#include <pango/pangofc-font.h>
#include <string.h>

/* Latin, Greek and Cyrillic, Thai, Arabic by themselves; Japanese forms of shared ideographs
 * before Chinese ones, as the desk has it. */
static const char families[] = "Noto Sans,Noto Sans Thai,Noto Sans Arabic,Noto Sans CJK JP,"
			       "IPAexGothic,WenQuanYi Micro Hei,DejaVu Sans,sans-serif";

static void
missing_add(struct press_missing *m, uint32_t c)
{
	size_t i = 0;

	m->total++;
	while (i < m->n && m->c[i] != c)
		i++;
	if (i == PRESS_MISSING)
		return;
	m->c[i] = c;
	m->count[i]++;
	m->n += i == m->n;
}

/* Those of a layout that no font has; *n of them, each as often as it comes. */
static size_t
unknown_of(PangoLayout *layout, uint32_t *out, size_t cap)
{
	PangoLayoutIter *at = pango_layout_get_iter(layout);
	size_t n = 0;

	do {
		PangoLayoutRun *run = pango_layout_iter_get_run_readonly(at);

		for (int i = 0; run != NULL && i < run->glyphs->num_glyphs; i++) {
			PangoGlyph g = run->glyphs->glyphs[i].glyph;

			if ((g & PANGO_GLYPH_UNKNOWN_FLAG) != 0 && n < cap)
				out[n++] = g & ~PANGO_GLYPH_UNKNOWN_FLAG;
		}
	} while (pango_layout_iter_next_run(at));
	pango_layout_iter_free(at);
	return n;
}

/* ---- by what it was made ---- */
static void
with_add(struct press_with *w, const char *word)
{
	size_t n = strlen(w->text), k = strlen(word);
	const char *at = w->text;

	while ((at = strstr(at, word)) != NULL) {
		if ((at == w->text || at[-1] == '\n') && (at[k] == '\0' || at[k] == '\n'))
			return;
		at += k;
	}
	if (n + k + 2 > sizeof(w->text)) {
		w->cut = true;
		return;
	}
	(void)snprintf(w->text + n, sizeof(w->text) - n, "%s%s", n == 0 ? "" : "\n", word);
}

void
press_with_begin(struct press_with *w)
{
	char word[64];

	(void)snprintf(word, sizeof(word), "comity %s", COMITY_VERSION);
	with_add(w, word);
	(void)snprintf(word, sizeof(word), "cairo %s", cairo_version_string());
	with_add(w, word);
	(void)snprintf(word, sizeof(word), "pango %s", pango_version_string());
	with_add(w, word);
	(void)snprintf(word, sizeof(word), "harfbuzz %s", hb_version_string());
	with_add(w, word);
}

/* "Noto Sans Regular 131334": name, style and version of the font's file. */
static void
with_fonts(struct press_with *w, PangoLayout *layout)
{
	PangoLayoutIter *at = pango_layout_get_iter(layout);

	do {
		const PangoLayoutRun *run = pango_layout_iter_get_run_readonly(at);
		FcPattern *font = run == NULL ? NULL
			: pango_fc_font_get_pattern(PANGO_FC_FONT(run->item->analysis.font));
		FcChar8 *name = NULL, *style = NULL;
		char word[256];
		int version = 0;

		if (font == NULL)
			continue;
		(void)FcPatternGetString(font, FC_FAMILY, 0, &name);
		(void)FcPatternGetString(font, FC_STYLE, 0, &style);
		(void)FcPatternGetInteger(font, FC_FONTVERSION, 0, &version);
		(void)snprintf(word, sizeof(word), "%s %s %d",
			name == NULL ? "?" : (const char *)name,
			style == NULL ? "" : (const char *)style, version);
		with_add(w, word);
	} while (pango_layout_iter_next_run(at));
	pango_layout_iter_free(at);
}

static bool
among(const uint32_t *list, size_t n, uint32_t c)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == c)
			return true;
	return false;
}

/* The text again with those characters as "[U+1F600]": honest where a box would say nothing. */
static enum co_rc
spell_out(PangoLayout *layout, const uint32_t *unknown, size_t n, struct co_err *err)
{
	const char *s = pango_layout_get_text(layout);
	size_t left = strlen(s), len;
	co_auto_buf b;

	co_buf_init(&b, 10 * LIMIT_PAPER_TEXT);
	for (; left > 0; s += len, left -= len) {
		uint32_t c = paper_char(s, left, &len);

		if (len == 0)
			return co_fail(err, CO_EMALFORMED, "text is no UTF-8");
		if (among(unknown, n, c))
			TRY(co_buf_addf(&b, err, "[U+%04X]", (unsigned)c));
		else
			TRY(co_buf_add(&b, s, len, err));
	}
	pango_layout_set_text(layout, b.data == NULL ? "" : b.data, (int)b.len);
	return CO_OK;
}

static void
unknown_settle(struct press *p, PangoLayout *layout)
{
	enum { DISTINCT = 4096 };
	uint32_t *unknown;
	size_t n;

	if (pango_layout_get_unknown_glyphs_count(layout) == 0)
		return;
	unknown = calloc(DISTINCT, sizeof(*unknown));
	if (unknown == NULL) {
		p->rc = co_fail(p->err, CO_ENOMEM, "text");
		return;
	}
	/* A text of more kinds than that has the rest as boxes with their number. */
	n = unknown_of(layout, unknown, DISTINCT);
	for (size_t i = 0; p->missing != NULL && i < n; i++)
		missing_add(p->missing, unknown[i]);
	if (p->rc == CO_OK)
		p->rc = spell_out(layout, unknown, n, p->err);
	free(unknown);
}

/* Bytes of the next piece of a paragraph of n: up to a space if there is one in its second half,
 * never before a mark that belongs to the character ahead of it. */
static size_t
piece(const char *s, size_t n, size_t most)
{
	size_t at = most, len;

	if (n <= most)
		return n;
	while (at > most / 2 && s[at - 1] != ' ')
		at--;
	if (s[at - 1] == ' ')
		return at;
	for (at = most; at < n; at += len) {
		uint32_t c = paper_char(s + at, n - at, &len);

		if (len != 0 && !g_unichar_ismark(c))
			return at;
		len = len == 0 ? 1 : len;
	}
	return n;
}

/* Pango lays out what is left of a paragraph anew for every line of it, so a long one would take
 * minutes: it gets a line's end now and then, after some twenty lines. */
static void
text_set(struct press *p, PangoLayout *layout, const char *text, double width)
{
	size_t most = width > 0 ? (size_t)(width * 4) + 64 : 2048;
	co_auto_buf b;

	co_buf_init(&b, 2 * LIMIT_PAPER_TEXT + 16);
	if (strlen(text) <= most) {
		pango_layout_set_text(layout, text, -1);
		return;
	}
	while (p->rc == CO_OK && *text != '\0') {
		size_t line = strcspn(text, "\n"), n = piece(text, line, most);

		p->rc = co_buf_add(&b, text, n, p->err);
		text += n;
		if (p->rc == CO_OK && *text != '\0')
			p->rc = co_buf_add_str(&b, "\n", p->err);
		text += *text == '\n';
	}
	pango_layout_set_text(layout, b.data == NULL ? "" : b.data, (int)b.len);
}

/* Never a hyphen that nobody wrote: a digest broken over two lines has none. Japanese fonts leave
 * no room between lines. */
static void
attributes_set(struct press *p, PangoLayout *layout, double size)
{
	PangoAttrList *list = pango_attr_list_new();
	int japanese = (int)(size * 1.42 * PANGO_SCALE);

	pango_attr_list_insert(list, pango_attr_insert_hyphens_new(FALSE));
	if (strncmp(paper_member(p->paper, "language"), "ja", 2) == 0)
		pango_attr_list_insert(
			list, pango_attr_line_height_new_absolute(japanese));
	pango_layout_set_attributes(layout, list);
	pango_attr_list_unref(list);
}

PangoLayout *
press_layout(struct press *p, const char *text, enum paper_look look, double size, bool bold,
	double width)
{
	PangoLayout *layout = pango_layout_new(look == PAPER_CODE ? p->ltr : p->context);
	PangoFontDescription *font = pango_font_description_from_string(families);

	pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
	if (bold || look == PAPER_STRONG || look == PAPER_WARN)
		pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
	pango_layout_set_font_description(layout, font);
	pango_font_description_free(font);
	if (width > 0) {
		pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
		pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	}
	attributes_set(p, layout, size);
	pango_layout_set_auto_dir(layout, look != PAPER_CODE);
	text_set(p, layout, text, width);
	if (p->missing != NULL)
		p->missing->of += (size_t)pango_layout_get_character_count(layout);
	unknown_settle(p, layout);
	if (p->with != NULL)
		with_fonts(p->with, layout);
	return layout;
}
