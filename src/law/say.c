#include "law/look.h"

#include <stdio.h>

/* A name that begins with an article may begin a sentence: "The Netherlands keeps data ..". */
static void
say_capitals(struct law_say *s, size_t from)
{
	for (size_t i = from; i + 4 < s->n; i++)
		if ((i == 0 || (i >= 2 && memcmp(s->text + i - 2, ". ", 2) == 0)) &&
			memcmp(s->text + i, "the ", 4) == 0)
			s->text[i] = 'T';
}

void
law_sayf(struct law_say *s, const char *fmt, ...)
{
	size_t from = s->n;
	va_list ap;
	int k;

	if (s->n + 1 >= s->cap)
		return;
	va_start(ap, fmt);
	k = vsnprintf(s->text + s->n, s->cap - s->n, fmt, ap);
	va_end(ap);
	if (k < 0)
		return;
	if ((size_t)k < s->cap - s->n) {
		s->n += (size_t)k;
		say_capitals(s, from);
		return;
	}
	/* Cut before the character that does not fit whole. */
	s->n = s->cap - 1;
	while (s->n > 0 && ((unsigned char)s->text[s->n] & 0xc0) == 0x80)
		s->n--;
	s->text[s->n] = '\0';
}

/* What an attribute says of an economy, so that it reads after its name. %s stands for the part
 * after the prefix, made readable. */
static const struct phrase {
	const char *prefix, *yes, *no;
} phrases[] = {
	{ "status/", "is Party to the %s", "is not Party to the %s" },
	{ "reservation/", "has made the reservation of %s", "has not made the reservation of %s" },
	{ "declaration/", "has made the declaration of %s", "has not made the declaration of %s" },
	{ "authority/", "has named its authority (%s)", "has not named its authority (%s)" },
	{ "language/accepted", "has said which languages it accepts", "accepts no other language" },
	{ "network/g7-247", "is in the G7 24/7 network", "is not in the G7 24/7 network" },
	{ "network/cets-185-35", "is in the 24/7 network of art. 35",
		"is not in the 24/7 network of art. 35" },
	{ "network/interpol", "is a member of INTERPOL", "is not a member of INTERPOL" },
	{ "membership/apec", "is an APEC economy", "is not an APEC economy" },
	{ "membership/eu", "is a member of the EU", "is not a member of the EU" },
	{ "treaty/", "has a treaty or arrangement with %s",
		"has no treaty or arrangement with %s" },
	{ "duration/", "limits how long data are kept (%s)", "does not limit how long (%s)" },
	{ "condition/dual-criminality", "requires dual criminality for mutual assistance",
		"does not require dual criminality for mutual assistance" },
	{ "condition/confirmation", "requires formal confirmation after expedited means",
		"does not require formal confirmation" },
	{ "condition/provider-notice", "lets or makes providers tell their customers",
		"lets nobody tell the customer" },
	{ "condition/", "needs an order for this", "needs no order for this" },
	{ "channel/urgent", "has said where urgent requests go", "has not said where they go" },
	{ "foreign/", "may do this for a foreign authority without a treaty (%s)",
		"may not do this for a foreign authority without a treaty (%s)" },
	{ "voluntary/", "lets a provider do this of its own will (%s)",
		"does not let a provider do this of its own will (%s)" },
	{ "offence/", "has made this an offence: %s", "has not made this an offence: %s" },
	{ "power/", "has the power of %s", "does not have the power of %s" },
	{ "", "has: %s", "does not have: %s" },
};

/* "reservation/cets-185/29(4)" -> "art. 29(4) of the Budapest Convention"; "treaty/AT" ->
 * "Austria"; else the words themselves. */
static void
rest_words(const struct law_look *l, const char *rest, char *out, size_t cap)
{
	const char *slash = strchr(rest, '/');
	const struct law_instrument *in = NULL;
	const struct law_economy *e = law_economy_find(l->book, rest);
	char code[LAW_ABOUT_MAX];

	(void)snprintf(code, sizeof(code), "%.*s", slash == NULL ? 90 : (int)(slash - rest), rest);
	in = law_instrument_find(l->book, code);
	if (in != NULL && slash != NULL)
		(void)snprintf(out, cap, "art. %s of the %s", slash + 1, in->short_name);
	else if (in != NULL)
		(void)snprintf(out, cap, "%s", in->short_name);
	else if (e != NULL)
		(void)snprintf(out, cap, "%s", e->in_text);
	else
		(void)snprintf(out, cap, "%s", rest);
	for (char *p = out; in == NULL && e == NULL && *p != '\0'; p++)
		if (*p == '-' || *p == '/')
			*p = ' ';
}

/* The phrases are rows above, and each has one %s or none. */
static void
say_phrase(struct law_say *s, const struct law_look *l, const char *about, bool yes)
{
	const struct phrase *row = phrases;
	const char *text, *hole;
	char rest[200];

	while (strncmp(about, row->prefix, strlen(row->prefix)) != 0)
		row++;
	text = yes ? row->yes : row->no;
	rest_words(l, about + strlen(row->prefix), rest, sizeof(rest));
	hole = strstr(text, "%s");
	if (hole == NULL)
		law_sayf(s, "%s", text);
	else
		law_sayf(s, "%.*s%s%s", (int)(hole - text), text, rest, hole + 2);
}

static const char *const negative[] = { "none", "no", "not-required", "signed", "invited",
	"observer", "denounced", "forbidden" };
/* Values that say more than yes or no. */
static const struct {
	const char *value, *words;
} shades[] = {
	{ "signed", " (signed only)" },
	{ "invited", " (invited to accede)" },
	{ "observer", " (observer)" },
	{ "denounced", " (denounced)" },
	{ "partly", " (partly)" },
	{ "discretionary", " (as it decides)" },
	{ "likely", " (likely)" },
	{ "can-be-forbidden", " (can be forbidden)" },
};

static bool
fact_positive(const struct law_fact *f)
{
	const char *word = law_fact_word(f);

	for (size_t i = 0; word != NULL && i < CO_ARRAY_LEN(negative); i++)
		if (strcmp(word, negative[i]) == 0)
			return false;
	return true;
}

void
law_say_fact(struct law_say *s, const struct law_look *l, const struct law_fact *f)
{
	const struct law_economy *e = law_economy_find(l->book, f->economy);
	const char *word = law_fact_word(f);
	const char *name = json_string_value(json_object_get(f->value, "name"));
	char day[16];

	law_sayf(s, "%s ", e != NULL ? e->in_text : f->economy);
	if (l->as_if != NULL && word != NULL && strcmp(word, "signed") == 0) {
		law_sayf(s, "has signed it");
		word = NULL;
	} else {
		say_phrase(s, l, f->about, fact_positive(f));
	}
	if (name != NULL)
		law_sayf(s, " (%s)", name);
	for (size_t i = 0; word != NULL && i < CO_ARRAY_LEN(shades); i++)
		if (strcmp(word, shades[i].value) == 0)
			law_sayf(s, "%s", shades[i].words);
	if (f->from != LAW_DAY_START) {
		law_day_print(f->from, day);
		law_sayf(s, " since %s", day);
	}
	if (f->certainty == LAW_UNVERIFIED)
		law_sayf(s, " (nobody has checked this)");
}

/* Where the question is silent, by kind of condition. */
static const char *const silent[LAW_IF_N] = {
	[LAW_IF_CUSTODIAN] = "who holds the data",
	[LAW_IF_DATA] = "which categories of data are meant",
	[LAW_IF_OFFENCE] = "what the conduct is",
	[LAW_IF_CONDUCT] = "what the conduct is",
	[LAW_IF_DUAL] = "whether the conduct is an offence on both sides",
	[LAW_IF_PENALTY] = "the greatest penalty where it is asked from",
};

static void
say_gap(struct law_say *s, const struct law_look *l, const struct law_gap_at *g)
{
	char about[LAW_ABOUT_MAX];

	if (g->of == NULL) {
		law_sayf(s, "%s", silent[g->cond->kind]);
		return;
	}
	law_sayf(s, "whether %s ", g->of->in_text);
	say_phrase(s, l, law_about_filled(l, g->cond, g->of, about), true);
}

/* The same gap can stand behind several conditions. A treaty between two is one gap, not two. */
static bool
gap_repeated(const struct law_proof *p, size_t i)
{
	const struct law_gap_at *g = &p->gaps[i];

	for (size_t j = 0; j < i; j++) {
		const struct law_gap_at *h = &p->gaps[j];

		if ((g->of == NULL) != (h->of == NULL) ||
			(g->of != h->of && strstr(g->cond->about, "{other}") == NULL))
			continue;
		if (g->of == NULL ? silent[g->cond->kind] == silent[h->cond->kind]
				  : strcmp(g->cond->about, h->cond->about) == 0)
			return true;
	}
	return false;
}

void
law_say_gaps(struct law_say *s, const struct law_look *l, const struct law_proof *p)
{
	for (size_t i = 0; i < p->gaps_n; i++) {
		if (gap_repeated(p, i))
			continue;
		law_sayf(s, "%s", i > 0 ? ", nor " : "");
		say_gap(s, l, &p->gaps[i]);
	}
}

void
law_say_rule(struct law_say *s, const struct law_look *l, const char *text)
{
	const struct {
		const char *hole, *with;
	} holes[] = {
		{ "{requesting}", l->requesting->in_text },
		{ "{requested}", l->requested->in_text },
		{ "{measure}", law_measure_words(l->q->measure) },
	};

	while (*text != '\0') {
		size_t n = strcspn(text, "{"), i = 0;

		law_sayf(s, "%.*s", (int)n, text);
		text += n;
		while (i < CO_ARRAY_LEN(holes) &&
			strncmp(text, holes[i].hole, strlen(holes[i].hole)) != 0)
			i++;
		if (i < CO_ARRAY_LEN(holes)) {
			law_sayf(s, "%s", holes[i].with);
			text += strlen(holes[i].hole);
		} else if (*text != '\0') {
			law_sayf(s, "%c", *text++);
		}
	}
}

const char *
law_measure_words(const char *measure)
{
	static const struct {
		const char *measure, *words;
	} rows[] = {
		{ "preserve", "preservation of data" },
		{ "path", "disclosure of the path of a communication" },
		{ "subscriber", "subscriber information" },
		{ "traffic", "stored traffic data" },
		{ "content", "stored content" },
		{ "traffic-realtime", "traffic data in real time" },
		{ "intercept", "interception of content" },
		{ "emergency", "disclosure in an emergency" },
		{ "advice", "technical advice" },
		{ "legal-information", "legal information" },
		{ "locate", "locating a suspect" },
		{ "domain-registration", "domain registration data" },
	};

	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].measure, measure) == 0)
			return rows[i].words;
	return measure;
}
