#include "law/gap_inside.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name, *shape;
} has_rows[] = {
	[LAW_HAS_UNKNOWN] = { "unknown", "?" },
	[LAW_HAS_NOT] = { "no", "✗" },
	[LAW_HAS_PARTLY] = { "partly", "◐" },
	[LAW_HAS] = { "yes", "✓" },
};

const char *
law_has_name(enum law_has h)
{
	return has_rows[h].name;
}

const char *
law_has_shape(enum law_has h)
{
	return has_rows[h].shape;
}

/* A word, an object's "has", or unknown: an object that names a statute without saying "has" is
 * not read as having it. */
static enum law_has
has_of(const struct law_fact *f)
{
	const char *word = f == NULL ? NULL : law_fact_word(f);

	for (size_t h = LAW_HAS_NOT; word != NULL && h < GAP_HAS_N; h++)
		if (strcmp(has_rows[h].name, word) == 0)
			return (enum law_has)h;
	return LAW_HAS_UNKNOWN;
}

void
law_gap_free(struct law_gap **g)
{
	if (*g == NULL)
		return;
	free((*g)->articles);
	free((*g)->economies);
	free((*g)->cells);
	free((*g)->status);
	free(*g);
	*g = NULL;
}

static enum co_rc
gap_economies(struct law_gap *g, const struct law_book *b, const char *const *codes, size_t n,
	struct co_err *err)
{
	g->economies_n = n == 0 ? law_economy_count(b) : n;
	g->economies = calloc(g->economies_n + 1, sizeof(struct law_economy *));
	if (g->economies == NULL)
		return co_fail(err, CO_ENOMEM, "gap report");
	for (size_t i = 0; i < g->economies_n; i++) {
		g->economies[i] = n == 0 ? law_economy_at(b, i) : law_economy_find(b, codes[i]);
		if (g->economies[i] == NULL)
			return co_fail(err, CO_ENOTFOUND,
				"nothing is recorded about an economy \"%s\"; codes are ISO 3166-1 "
				"alpha-2, as TH",
				codes[i]);
		for (size_t k = 0; k < i; k++)
			if (g->economies[k] == g->economies[i])
				return co_fail(err, CO_EUSAGE, "%s is named twice", codes[i]);
	}
	return CO_OK;
}

static enum co_rc
gap_articles(struct law_gap *g, struct co_err *err)
{
	const struct law_instrument *in = g->instrument;

	g->articles = calloc(in->articles_n + 1, sizeof(struct law_article *));
	if (g->articles == NULL)
		return co_fail(err, CO_ENOMEM, "gap report");
	for (size_t group = 0; group < LAW_GROUP_N; group++)
		for (size_t i = 0; i < in->articles_n; i++)
			if (in->articles[i].provides != NULL &&
				in->articles[i].group == (enum law_group)group)
				g->articles[g->articles_n++] = &in->articles[i];
	return CO_OK;
}

static enum co_rc
gap_fill(struct law_gap *g, const struct law_book *b, struct co_err *err)
{
	char about[96];

	g->cells = calloc(g->articles_n * g->economies_n + 1, sizeof(*g->cells));
	g->status = calloc(g->economies_n + 1, sizeof(struct law_fact *));
	if (g->cells == NULL || g->status == NULL)
		return co_fail(err, CO_ENOMEM, "gap report");
	(void)snprintf(about, sizeof(about), "status/%s", g->instrument->code);
	for (size_t e = 0; e < g->economies_n; e++) {
		const char *code = g->economies[e]->code;

		g->status[e] = law_fact_find(b, code, about, g->at, g->known);
		for (size_t a = 0; a < g->articles_n; a++) {
			struct law_cell *c = &g->cells[a * g->economies_n + e];

			c->fact = law_fact_find(b, code, g->articles[a]->provides, g->at, g->known);
			c->has = has_of(c->fact);
		}
	}
	return CO_OK;
}

enum co_rc
law_gap_make(const struct law_book *b, const char *instrument, const char *const *codes,
	size_t codes_n, law_day at, law_day known, struct law_gap **out, struct co_err *err)
{
	law_gap_auto *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return co_fail(err, CO_ENOMEM, "gap report");
	g->at = at;
	g->known = known;
	g->instrument = law_instrument_find(b, instrument);
	if (g->instrument == NULL)
		return co_fail(err, CO_ENOTFOUND,
			"no instrument \"%s\" is recorded; comity law show lists them", instrument);
	TRY(gap_economies(g, b, codes, codes_n, err));
	TRY(gap_articles(g, err));
	TRY(gap_fill(g, b, err));
	*out = CO_TAKE(g);
	return CO_OK;
}
