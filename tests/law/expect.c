#include "scenario.h"

#include <string.h>

/* The words of one line, cut at blanks; "..." is one word. */
struct words {
	char *word[24];
	size_t n, at;
};

static bool
words_cut(struct words *w, char *s)
{
	w->n = w->at = 0;
	for (s += strspn(s, " \t"); *s != '\0'; s += strspn(s, " \t")) {
		char *end;

		if (w->n == CO_ARRAY_LEN(w->word))
			return false;
		if (*s == '"') {
			end = strchr(++s, '"');
			if (end == NULL)
				return false;
		} else {
			end = s + strcspn(s, " \t");
		}
		w->word[w->n++] = s;
		s = end;
		if (*s != '\0')
			*s++ = '\0';
	}
	return true;
}

static const char *
next(struct words *w)
{
	return w->at < w->n ? w->word[w->at++] : NULL;
}

static bool
is_one(const char *word, const char *const *list)
{
	for (; word != NULL && *list != NULL; list++)
		if (strcmp(word, *list) == 0)
			return true;
	return false;
}

static const char *const effects[] = { "blocks", "requires", "warns", "permits", "informs", "tells",
	NULL };
static const char *const truths[] = { "yes", "no", "unknown", NULL };
static const char *const duals[] = { "met", "not-met", "unknown", NULL };
static const char *const verdicts[] = { "can", "cannot", "unknown", NULL };
static const char *const certainties[] = { "verified", "secondary", "unverified", NULL };

/* What may follow a finding: its instrument, how it holds, how sure it is, a part of its text. */
static const char *
read_rest(struct sc_expect *e, struct words *w)
{
	const char *word;

	while ((word = next(w)) != NULL) {
		if (strcmp(word, "saying") == 0) {
			e->saying = next(w);
			if (e->saying == NULL)
				return "saying what? add words in quotes";
		} else if (strcmp(word, "sure") == 0 || strcmp(word, "unknown") == 0) {
			e->holds = word[0] == 's' ? "yes" : "unknown";
		} else if (is_one(word, certainties)) {
			e->certainty = word;
		} else if (strcmp(word, "of") == 0) {
			e->instrument = next(w);
			if (e->instrument == NULL)
				return "of which instrument?";
		} else {
			return "wanted of INSTRUMENT, sure, unknown, a certainty or saying \"...\"";
		}
	}
	return NULL;
}

static const char *
read_finding(struct sc_expect *e, struct words *w, const char *first)
{
	e->want = strcmp(first, "no") == 0 ? SC_SILENT : SC_TELLS;
	e->effect = strcmp(first, "no") == 0 || strcmp(first, "tells") == 0 ? NULL : first;
	e->word = next(w);
	return e->word == NULL ? "which rule or article?" : read_rest(e, w);
}

static const char *
read_verdict(struct sc_expect *e, struct words *w)
{
	e->want = SC_VERDICT;
	e->word = next(w);
	return is_one(e->word, verdicts) && w->at == w->n
		? NULL
		: "wanted: verdict can, cannot or unknown";
}

static const char *
read_basis(struct sc_expect *e, struct words *w)
{
	e->want = SC_BASIS;
	e->instrument = next(w);
	e->word = next(w);
	if (e->instrument == NULL || !is_one(e->word, truths))
		return "wanted: basis cets-185 yes, no or unknown";
	return read_rest(e, w);
}

static const char *
read_chosen(struct sc_expect *e, struct words *w)
{
	e->want = SC_CHOSEN;
	e->word = next(w);
	return e->word != NULL && w->at == w->n ? NULL : "wanted: chosen cets-185, or chosen none";
}

static const char *
read_dual(struct sc_expect *e, struct words *w)
{
	e->want = SC_DUAL;
	e->word = next(w);
	return is_one(e->word, duals) && w->at == w->n ? NULL
						       : "wanted: dual met, not-met or unknown";
}

/* period JP first 30 more 30 total 60 */
static const char *
read_period(struct sc_expect *e, struct words *w)
{
	static const char *const parts[] = { "first", "more", "total", "least", NULL };
	const char *word;

	e->want = SC_PERIOD;
	e->word = next(w);
	while ((word = next(w)) != NULL) {
		const char *days = next(w);
		char *end = NULL;
		size_t i = 0;

		while (parts[i] != NULL && strcmp(parts[i], word) != 0)
			i++;
		if (parts[i] == NULL || days == NULL)
			break;
		e->days[i] = strtol(days, &end, 10);
		if (end == days || *end != '\0')
			break;
	}
	return e->word != NULL && word == NULL
		? NULL
		: "wanted: period JP first 30 more 30 total 60 least 0";
}

static const char *
read_most(struct sc_expect *e, struct words *w)
{
	const char *number, *word;
	char *end = NULL;

	e->want = SC_MOST;
	word = next(w);
	number = word != NULL && strcmp(word, "most") == 0 ? next(w) : NULL;
	word = next(w);
	e->number = number == NULL ? 0 : strtol(number, &end, 10);
	return e->number > 0 && *end == '\0' && word != NULL && strcmp(word, "findings") == 0
		? NULL
		: "wanted: at most 40 findings";
}

static const char *
read_refused(struct sc_expect *e, struct words *w)
{
	e->want = SC_REFUSED;
	return read_rest(e, w);
}

static const struct {
	const char *word;
	const char *(*read)(struct sc_expect *e, struct words *w);
} firsts[] = {
	{ "verdict", read_verdict },
	{ "basis", read_basis },
	{ "chosen", read_chosen },
	{ "dual", read_dual },
	{ "period", read_period },
	{ "at", read_most },
	{ "refused", read_refused },
};

const char *
expect_read(struct sc_expect *e, char *value)
{
	struct words w;
	const char *first;

	memset(e, 0, sizeof(*e));
	for (size_t i = 0; i < CO_ARRAY_LEN(e->days); i++)
		e->days[i] = -1;
	(void)snprintf(e->text, sizeof(e->text), "%s", value);
	if (!words_cut(&w, value) || (first = next(&w)) == NULL)
		return "words too many, or a quote that does not end";
	if (strcmp(first, "no") == 0 || is_one(first, effects))
		return read_finding(e, &w, first);
	for (size_t i = 0; i < CO_ARRAY_LEN(firsts); i++)
		if (strcmp(firsts[i].word, first) == 0)
			return firsts[i].read(e, &w);
	return "wanted an effect, no, verdict, basis, chosen, dual, period, at most or refused";
}
