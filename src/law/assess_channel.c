#include "law/look.h"

#include <stdio.h>

static uint64_t
urgent_bits(void)
{
	return law_word_bit(LAW_URGENCIES, "urgent") | law_word_bit(LAW_URGENCIES, "emergency");
}

static bool
under_convention(const struct law_look *l)
{
	return l->a->chosen != NULL && strcmp(l->a->chosen->instrument->code, "cets-185") == 0;
}

/* Which of the authorities a measure goes to: art. 35(1) for what the contact points do, art. 27(2)
 * for what needs mutual assistance. */
static const struct route {
	const char *measure;
	bool contact;
	const char *article;
} routes[] = {
	{ "preserve", true, "35(1)(b)" },
	{ "path", true, "35(1)(b)" },
	{ "advice", true, "35(1)(a)" },
	{ "legal-information", true, "35(1)(c)" },
	{ "locate", true, "35(1)(c)" },
	{ "emergency", true, "35(1)(c)" },
	{ "subscriber", false, "27(2)" },
	{ "traffic", false, "27(2)" },
	{ "content", false, "27(2)" },
	{ "traffic-realtime", false, "27(2)" },
	{ "intercept", false, "27(2)" },
	{ "domain-registration", false, "27(2)" },
};

static const char *const office[] = { "central authority", "contact point" };

static void
tell_authority(
	struct law_look *l, const char *id, bool contact, const char *article, const char *before)
{
	const struct law_fact *fact =
		law_look_fact(l, l->requested, contact ? "authority/contact" : "authority/central");
	struct law_finding *f = law_find(l, id);
	struct law_say s;

	if (f == NULL)
		return;
	s = law_finding_say(f);
	f->topic = LAW_TOPIC_CHANNEL;
	f->side = LAW_REQUESTING;
	if (under_convention(l)) {
		f->instrument = "cets-185";
		f->article = article;
	}
	if (fact == NULL) {
		f->holds = LAW_UNKNOWN;
		f->certainty = LAW_CERTAIN_UNKNOWN;
		law_sayf(&s,
			"%sNot known here which authority is the %s of %s. The directory of the "
			"network or its own contact point can say.",
			before, office[contact], l->requested->in_text);
		return;
	}
	law_finding_cite(f, fact);
	law_sayf(&s, "%sThe %s of %s: %s", before, office[contact], l->requested->in_text,
		json_string_value(json_object_get(fact->value, "name")));
	if (json_object_get(fact->value, "phase") != NULL)
		law_sayf(&s, " (%s)", json_string_value(json_object_get(fact->value, "phase")));
	law_sayf(&s, ".");
}

/* Orders that go to a provider have no authority to be addressed to. */
static bool
to_an_authority(const struct law_look *l)
{
	const struct law_basis *b = l->a->chosen;

	return b != NULL && b->usable != LAW_NO && strcmp(b->instrument->kind, "voluntary") != 0 &&
		strcmp(b->instrument->kind, "regulation") != 0;
}

static void
tell_route(struct law_look *l)
{
	const struct route *r = routes;

	while (strcmp(r->measure, l->q->measure) != 0)
		if (++r == routes + CO_ARRAY_LEN(routes))
			return;
	if (!r->contact && (l->urgency & urgent_bits()) != 0)
		tell_authority(l, "authority/contact", true, "35(2)(b)",
			"Urgent: call the contact point at the same time. ");
	tell_authority(l, "authority", r->contact, r->article, "");
}

static const struct {
	const char *code, *name;
} languages[] = {
	{ "ar", "Arabic" },
	{ "bg", "Bulgarian" },
	{ "bs", "Bosnian" },
	{ "cs", "Czech" },
	{ "da", "Danish" },
	{ "de", "German" },
	{ "el", "Greek" },
	{ "en", "English" },
	{ "es", "Spanish" },
	{ "et", "Estonian" },
	{ "fi", "Finnish" },
	{ "fil", "Filipino" },
	{ "fr", "French" },
	{ "hr", "Croatian" },
	{ "hu", "Hungarian" },
	{ "id", "Indonesian" },
	{ "it", "Italian" },
	{ "ja", "Japanese" },
	{ "ko", "Korean" },
	{ "ms", "Malay" },
	{ "nl", "Dutch" },
	{ "no", "Norwegian" },
	{ "pl", "Polish" },
	{ "pt", "Portuguese" },
	{ "ro", "Romanian" },
	{ "ru", "Russian" },
	{ "sk", "Slovak" },
	{ "sr", "Serbian" },
	{ "sv", "Swedish" },
	{ "th", "Thai" },
	{ "tr", "Turkish" },
	{ "vi", "Vietnamese" },
	{ "zh", "Chinese" },
};

static const char *
language_name(const char *code)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(languages); i++)
		if (strcmp(languages[i].code, code) == 0)
			return languages[i].name;
	return code;
}

static void
tell_language(struct law_look *l)
{
	const struct law_fact *fact = law_look_fact(l, l->requested, "language/accepted");
	struct law_finding *f = law_find(l, "language");
	struct law_say s;

	if (f == NULL)
		return;
	f->topic = LAW_TOPIC_FORMALITY;
	f->side = LAW_REQUESTING;
	s = law_finding_say(f);
	if (fact == NULL) {
		f->holds = LAW_UNKNOWN;
		f->certainty = LAW_CERTAIN_UNKNOWN;
		law_sayf(&s, "Not known which languages %s accepts. Ask, or add a translation.",
			l->requested->in_text);
		return;
	}
	law_finding_cite(f, fact);
	f->effect = LAW_REQUIRES;
	law_sayf(&s, "Write the request, or add a translation, in a language that %s accepts: ",
		l->requested->in_text);
	for (size_t i = 0; i < json_array_size(fact->value); i++)
		law_sayf(&s, "%s%s", i > 0 ? ", " : "",
			language_name(json_string_value(json_array_get(fact->value, i))));
	law_sayf(&s, ".");
}

/* What the asked side's own law adds, when no rule of the basis has told it already. */
static const struct own {
	const char *about, *value, *id;
	enum law_effect effect;
	enum law_topic topic;
	bool urgent; /* only then */
	const char *text;
} owns[] = {
	{ "condition/confirmation", "required", "confirmation", LAW_REQUIRES, LAW_TOPIC_FORMALITY,
		true, "{requested} wants a formal confirmation after a request by quick means." },
	{ "condition/confirmation", "not-required", "confirmation", LAW_INFORMS,
		LAW_TOPIC_FORMALITY, true,
		"{requested} wants no formal confirmation after a request by quick means." },
	{ "condition/provider-notice", "likely", "provider-notice", LAW_WARNS, LAW_TOPIC_CONDITION,
		false,
		"A provider in {requested} is likely to tell its customer. Decide first whether "
		"that can be borne." },
	{ "condition/provider-notice", "can-be-forbidden", "provider-notice", LAW_INFORMS,
		LAW_TOPIC_CONDITION, false,
		"A provider in {requested} can be forbidden to tell its customer. Ask for it, with "
		"reasons." },
	{ "condition/provider-notice", "forbidden", "provider-notice", LAW_INFORMS,
		LAW_TOPIC_CONDITION, false,
		"A provider in {requested} may not tell its customer." },
	{ "condition/{measure}/order", "judge", "order", LAW_INFORMS, LAW_TOPIC_CONDITION, false,
		"In {requested} a judge has to order this. Give the facts that a judge weighs." },
	{ "condition/{measure}/order", "prosecutor", "order", LAW_INFORMS, LAW_TOPIC_CONDITION,
		false, "In {requested} a prosecutor has to order this." },
	{ "condition/{measure}/order", "police", "order", LAW_INFORMS, LAW_TOPIC_CONDITION, false,
		"In {requested} the police can order this." },
	{ "condition/{measure}/order", "none", "order", LAW_INFORMS, LAW_TOPIC_CONDITION, false,
		"In {requested} this needs no order." },
	{ "channel/urgent", "central", "urgent", LAW_INFORMS, LAW_TOPIC_CHANNEL, true,
		"{requested} wants urgent requests at its central authority too." },
};

static bool
fact_told(const struct law_answer *a, const struct law_fact *fact)
{
	for (size_t i = 0; i < a->findings_n; i++)
		for (size_t k = 0; k < a->findings[i].facts_n; k++)
			if (a->findings[i].facts[k] == fact)
				return true;
	return false;
}

static void
tell_own(struct law_look *l, const struct own *o)
{
	const struct law_cond c = { .about = o->about };
	char about[LAW_ABOUT_MAX];
	const struct law_fact *fact =
		law_look_fact(l, l->requested, law_about_filled(l, &c, l->requested, about));
	const char *word = fact == NULL ? NULL : law_fact_word(fact);
	struct law_finding *f;
	struct law_say s;

	if (word == NULL || strcmp(word, o->value) != 0 || fact_told(l->a, fact) ||
		(o->urgent && (l->urgency & urgent_bits()) == 0) ||
		(f = law_find(l, o->id)) == NULL)
		return;
	f->effect = o->effect;
	f->topic = o->topic;
	f->side = LAW_REQUESTING;
	law_finding_cite(f, fact);
	s = law_finding_say(f);
	law_say_rule(&s, l, o->text);
}

void
law_tell_channel(struct law_look *l)
{
	if (to_an_authority(l))
		tell_route(l);
	if (l->a->chosen != NULL && l->a->chosen->usable != LAW_NO)
		tell_language(l);
	for (size_t i = 0; i < CO_ARRAY_LEN(owns); i++)
		tell_own(l, &owns[i]);
}
