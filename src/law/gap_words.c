#include "law/gap_inside.h"

#include <stdio.h>
#include <string.h>

const struct law_cell *
gap_cell(const struct law_gap *g, size_t article, size_t economy)
{
	return &g->cells[article * g->economies_n + economy];
}

enum law_certainty
gap_certainty(const struct law_fact *f)
{
	return f == NULL ? LAW_CERTAIN_UNKNOWN : f->certainty;
}

const char *
gap_member(const struct law_fact *f, const char *name)
{
	const char *s = f == NULL ? NULL : json_string_value(json_object_get(f->value, name));

	return s == NULL ? "" : s;
}

void
gap_statute(const struct law_fact *f, char out[GAP_WORDS])
{
	const char *statute = gap_member(f, "statute"), *section = gap_member(f, "section");

	(void)snprintf(out, GAP_WORDS, "%s%s%s", statute,
		*statute != '\0' && *section != '\0' ? ", " : "", section);
}

/* since: the day is of interest. */
static const struct {
	const char *value, *words, *shape;
	bool since;
} statuses[] = {
	{ "party", "party", "P", true },
	{ "signed", "signed, not party", "S", false },
	{ "invited", "invited to accede, not party", "I", false },
	{ "observer", "observer, not party", "O", false },
	{ "denounced", "denounced", "D", true },
	{ "none", "not party", "–", false },
};

static size_t
status_row(const struct law_fact *f)
{
	const char *word = f == NULL ? NULL : json_string_value(f->value);
	size_t i = 0;

	while (i < CO_ARRAY_LEN(statuses) && (word == NULL || strcmp(statuses[i].value, word) != 0))
		i++;
	return i;
}

void
gap_status(const struct law_fact *f, char out[GAP_WORDS])
{
	size_t i = status_row(f);
	char day[16] = "";

	if (i == CO_ARRAY_LEN(statuses)) {
		(void)snprintf(out, GAP_WORDS, "unknown");
		return;
	}
	if (statuses[i].since)
		law_day_print(f->from, day);
	(void)snprintf(
		out, GAP_WORDS, "%s%s%s", statuses[i].words, *day != '\0' ? " since " : "", day);
}

const char *
gap_status_shape(const struct law_fact *f)
{
	size_t i = status_row(f);

	return i == CO_ARRAY_LEN(statuses) ? "?" : statuses[i].shape;
}

bool
gap_status_legend(size_t i, const char **shape, const char **words)
{
	if (i >= CO_ARRAY_LEN(statuses))
		return false;
	*shape = statuses[i].shape;
	*words = statuses[i].words;
	return true;
}

const char *
gap_group_title(enum law_group group)
{
	static const char *const titles[] = {
		[LAW_SUBSTANTIVE] = "Substantive law: what is a crime",
		[LAW_PROCEDURAL] = "Procedural law: how evidence is secured",
		[LAW_SAFEGUARD] = "Conditions and safeguards",
		[LAW_JURISDICTION] = "Jurisdiction",
		[LAW_COOPERATION] = "International cooperation",
		[LAW_FINAL] = "Final clauses",
	};

	return titles[group];
}

bool
gap_group_begins(const struct law_gap *g, size_t article)
{
	return article == 0 || g->articles[article - 1]->group != g->articles[article]->group;
}

void
gap_counts(const struct law_gap *g, size_t economy, size_t counts[GAP_HAS_N])
{
	memset(counts, 0, GAP_HAS_N * sizeof(*counts));
	for (size_t a = 0; a < g->articles_n; a++)
		counts[gap_cell(g, a, economy)->has]++;
}

const char *
gap_certainty_mark(enum law_certainty c)
{
	static const char *const marks[] = {
		[LAW_CERTAIN_UNKNOWN] = "",
		[LAW_UNVERIFIED] = "u",
		[LAW_SECONDARY] = "s",
		[LAW_VERIFIED] = "v",
	};

	return marks[c];
}

void
gap_cut(struct co_buf *b, size_t len)
{
	b->len = len;
	if (b->data != NULL)
		b->data[len] = '\0';
}

/* Sorted by key; what is there already stays once. */
static void
source_put(const struct law_source **list, size_t *n, const struct law_source *s)
{
	size_t i = 0;

	if (s == NULL)
		return;
	while (i < *n && strcmp(list[i]->key, s->key) < 0)
		i++;
	if (i < *n && strcmp(list[i]->key, s->key) == 0)
		return;
	memmove(list + i + 1, list + i, (*n - i) * sizeof(*list));
	list[i] = s;
	(*n)++;
}

enum co_rc
gap_sources(const struct law_gap *g, const struct law_source ***out, size_t *n, struct co_err *err)
{
	size_t cells = g->articles_n * g->economies_n;
	const struct law_source **list =
		calloc(cells + g->articles_n + g->economies_n + 1, sizeof(struct law_source *));
	size_t used = 0;

	if (list == NULL)
		return co_fail(err, CO_ENOMEM, "gap report");
	source_put(list, &used, g->instrument->source);
	for (size_t i = 0; i < g->articles_n; i++)
		source_put(list, &used, g->articles[i]->source);
	for (size_t i = 0; i < g->economies_n; i++)
		source_put(list, &used, g->status[i] == NULL ? NULL : g->status[i]->source);
	for (size_t i = 0; i < cells; i++)
		source_put(list, &used, g->cells[i].fact == NULL ? NULL : g->cells[i].fact->source);
	*out = list;
	*n = used;
	return CO_OK;
}
