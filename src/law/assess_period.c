#include "law/look.h"

#include <stdio.h>

/* Whose clock counts where it is not the measure's own: path data come out of a preservation. */
static const struct {
	const char *measure, *kept_as;
} kept[] = {
	{ "path", "preserve" },
};

static struct law_period *
period_add(struct law_look *l)
{
	struct law_answer *a = l->a;

	if (a->periods_n == CO_ARRAY_LEN(a->periods))
		return NULL;
	return &a->periods[a->periods_n++];
}

static int64_t
days_of(const struct law_fact *f, const char *name)
{
	return json_integer_value(json_object_get(f->value, name));
}

/* What the instrument itself says; returns the most that it asks at least. */
static int64_t
own_periods(struct law_look *l, const struct law_basis *b, const char **article)
{
	const struct law_use *use = b->instrument->use;
	int64_t least = 0;

	for (size_t i = 0; i < use->periods_n; i++) {
		const struct law_own_period *own = &use->periods[i];
		struct law_period *p = (own->measures & l->measure) == 0 ? NULL : period_add(l);

		if (p == NULL)
			continue;
		*p = (struct law_period){ .instrument = b->instrument->code,
			.first_days = own->first_days,
			.extension_days = own->extension_days,
			.total_days = own->total_days,
			.least_days = own->least_days,
			.until_decided = own->until_decided,
			.certainty = b->instrument->certainty };
		if (own->least_days > least) {
			least = own->least_days;
			*article = own->article;
		}
	}
	return least;
}

static const struct law_period *
national_period(struct law_look *l)
{
	const char *as = l->q->measure;
	const struct law_fact *f;
	struct law_period *p;
	char about[LAW_ABOUT_MAX];

	for (size_t i = 0; i < CO_ARRAY_LEN(kept); i++)
		if (strcmp(kept[i].measure, as) == 0)
			as = kept[i].kept_as;
	(void)snprintf(about, sizeof(about), "duration/%s", as);
	f = law_look_fact(l, l->requested, about);
	p = f == NULL ? NULL : period_add(l);
	if (p == NULL)
		return NULL;
	*p = (struct law_period){ .economy = l->requested->code,
		.first_days = days_of(f, "first_days"),
		.extension_days = days_of(f, "extension_days"),
		.total_days = days_of(f, "total_days"),
		.least_days = days_of(f, "least_days"),
		.certainty = f->certainty,
		.fact = f };
	return p;
}

static struct law_finding *
period_finding(struct law_look *l, const struct law_basis *b, const char *article,
	const struct law_fact *fact)
{
	struct law_finding *f = law_find(l, "period");

	if (f == NULL)
		return NULL;
	f->topic = LAW_TOPIC_TIME;
	f->side = LAW_REQUESTING;
	if (article != NULL) {
		f->instrument = b->instrument->code;
		f->article = article;
	}
	if (fact != NULL)
		law_finding_cite(f, fact);
	return f;
}

static void
say_law(struct law_say *s, const struct law_look *l, const struct law_period *p)
{
	const char *text = json_string_value(json_object_get(p->fact->value, "text"));

	law_sayf(s, "%s keeps data", l->requested->in_text);
	if (p->first_days > 0)
		law_sayf(s, " for %lld days at first", (long long)p->first_days);
	if (p->least_days > 0)
		law_sayf(s, " for at least %lld days", (long long)p->least_days);
	if (p->extension_days > 0)
		law_sayf(s, ", %lld more on request", (long long)p->extension_days);
	if (p->total_days > 0)
		law_sayf(s, ", at most %lld in all", (long long)p->total_days);
	if (text != NULL)
		law_sayf(s, " (%s)", text);
	law_sayf(s, ".");
}

static void
tell_national(struct law_look *l, const struct law_basis *b, const struct law_period *p,
	int64_t least, const char *article)
{
	struct law_finding *f = period_finding(l, b, article, p->fact);
	struct law_say s;

	if (f == NULL)
		return;
	s = law_finding_say(f);
	say_law(&s, l, p);
	if (p->total_days > 0 && p->total_days < least) {
		f->effect = LAW_WARNS;
		law_sayf(&s,
			" That is less than the %lld days of art. %s: send the request for the "
			"data before day %lld.",
			(long long)least, article, (long long)p->total_days);
	} else if (p->first_days > 0 && p->first_days < least) {
		f->effect = LAW_WARNS;
		law_sayf(&s,
			" The first period is shorter than the %lld days of art. %s: ask for "
			"the extension before day %lld.",
			(long long)least, article, (long long)p->first_days);
	} else if (p->first_days > 0) {
		law_sayf(&s,
			" Send the request for the data, or ask for more time, before day "
			"%lld.",
			(long long)p->first_days);
	}
}

static void
tell_unknown(struct law_look *l, const struct law_basis *b, int64_t least, const char *article)
{
	struct law_finding *f = period_finding(l, b, article, NULL);
	struct law_say s;

	if (f == NULL)
		return;
	f->holds = LAW_UNKNOWN;
	f->certainty = LAW_CERTAIN_UNKNOWN;
	s = law_finding_say(f);
	law_sayf(&s, "Not known how long %s keeps data under its own law", l->requested->in_text);
	if (least > 0)
		law_sayf(&s, "; the treaty asks for at least %lld days", (long long)least);
	law_sayf(&s, ". Ask for the end date.");
}

void
law_tell_periods(struct law_look *l)
{
	const struct law_basis *b = l->a->chosen;
	const struct law_period *national;
	const char *article = NULL;
	int64_t least;

	if (b == NULL || b->usable == LAW_NO)
		return;
	least = own_periods(l, b, &article);
	national = national_period(l);
	if (national != NULL)
		tell_national(l, b, national, least, article);
	else if (l->a->periods_n > 0)
		tell_unknown(l, b, least, article);
}
