/* What can be said of an economy: a row an attribute, with what stands in its name and what its
 * value may be. docs/law.md has the same table for people. */
#include "law/inside.h"

#include <string.h>

enum { ABOUT_MAX = 120, PARTS_MAX = 4 };

struct law_attribute {
	const char *pattern;              /* {..}: one of a list or of something in the book */
	const char *words;                /* a value that is one word, or NULL */
	const struct law_member *members; /* a value that is an object, or NULL */
	bool languages;                   /* a list of them */
};

#define YES_NO "yes|no"
#define YES_PARTLY_NO "yes|partly|no"
#define COVERS "mla|preservation"
enum { MONTHS_MAX = 1200, DAYS_MAX = 36525 };

static const struct law_member authority_rows[] = {
	{ .name = "name", .shape = LAW_STRING, .must = true, .max = LIMIT_NAME },
	{ .name = "phase", .shape = LAW_STRING, .max = LIMIT_NAME },
	{ .name = NULL },
};
static const struct law_member treaty_rows[] = {
	{ .name = "name", .shape = LAW_STRING, .must = true, .max = LIMIT_NAME },
	{ .name = "covers", .shape = LAW_STRINGS, .must = true, .choices = COVERS },
	{ .name = NULL },
};
static const struct law_member duration_rows[] = {
	{ .name = "first_days", .shape = LAW_INTEGER, .max = DAYS_MAX },
	{ .name = "extension_days", .shape = LAW_INTEGER, .max = DAYS_MAX },
	{ .name = "total_days", .shape = LAW_INTEGER, .max = DAYS_MAX },
	{ .name = "least_days", .shape = LAW_INTEGER, .max = DAYS_MAX },
	{ .name = "text", .shape = LAW_STRING },
	{ .name = NULL },
};
static const struct law_member foreign_rows[] = {
	{ .name = "has", .shape = LAW_STRING, .must = true, .choices = YES_NO },
	{ .name = "statute", .shape = LAW_STRING, .max = LIMIT_NAME },
	{ .name = "section", .shape = LAW_STRING, .max = LIMIT_NAME },
	{ .name = NULL },
};
static const struct law_member offence_rows[] = {
	{ .name = "has", .shape = LAW_STRING, .must = true, .choices = YES_PARTLY_NO },
	{ .name = "statute", .shape = LAW_STRING, .max = LIMIT_NAME },
	{ .name = "section", .shape = LAW_STRING, .max = LIMIT_NAME },
	{ .name = "max_months", .shape = LAW_INTEGER, .max = MONTHS_MAX },
	{ .name = "elements", .shape = LAW_STRINGS, .max = 40, .rule = &text_code },
	{ .name = NULL },
};
static const struct law_member power_rows[] = {
	{ .name = "has", .shape = LAW_STRING, .must = true, .choices = YES_PARTLY_NO },
	{ .name = "statute", .shape = LAW_STRING, .max = LIMIT_NAME },
	{ .name = "section", .shape = LAW_STRING, .max = LIMIT_NAME },
	{ .name = "ordered_by", .shape = LAW_STRING, .max = LIMIT_NAME },
	{ .name = NULL },
};

static const struct law_attribute attributes[] = {
	{ "status/{instrument}", "party|signed|invited|observer|none|denounced", NULL, false },
	{ "reservation/{instrument}/{reservation}", "made|none", NULL, false },
	{ "declaration/{instrument}/{declaration}", "made|none", NULL, false },
	{ "authority/{function}", NULL, authority_rows, false },
	{ "language/accepted", NULL, NULL, true },
	{ "network/{network}", "member|none", NULL, false },
	{ "membership/{group}", YES_NO, NULL, false },
	{ "treaty/{economy}", "none", treaty_rows, false },
	{ "duration/{measure}", NULL, duration_rows, false },
	{ "condition/dual-criminality", "required|not-required|discretionary", NULL, false },
	{ "condition/confirmation", "required|not-required", NULL, false },
	{ "condition/provider-notice", "likely|forbidden|can-be-forbidden", NULL, false },
	{ "condition/{measure}/order", "judge|prosecutor|police|none", NULL, false },
	{ "channel/urgent", "central|direct", NULL, false },
	{ "foreign/{measure}", YES_NO, foreign_rows, false },
	{ "voluntary/{measure}", YES_NO, foreign_rows, false },
	{ "offence/{offence}", NULL, offence_rows, false },
	{ "power/{power}", NULL, power_rows, false },
	{ "safeguard/{safeguard}", NULL, power_rows, false },
	{ "cooperation/{cooperation}", NULL, power_rows, false },
	{ "jurisdiction/{jurisdiction}", NULL, power_rows, false },
};

/* Names of one part: a list of words. */
static const char *const lists[][2] = {
	{ "{function}", "extradition|central|contact|judicial|police" },
	{ "{network}", "g7-247|cets-185-35|interpol" },
	{ "{group}", "apec|eu" },
	{ "{power}",
		"scope|preservation|partial-disclosure|production|search|traffic-realtime|"
		"interception" },
	{ "{safeguard}", "conditions" },
	{ "{cooperation}",
		"general|extradition|mutual-assistance|spontaneous-information|without-treaty|"
		"confidentiality|preservation-abroad|disclosure-abroad|stored-data-abroad|"
		"transborder|traffic-abroad|interception-abroad|network|domain-registration|"
		"direct-subscriber|giving-effect|emergency-disclosure|emergency-assistance|video|"
		"joint-teams|data-protection" },
	{ "{jurisdiction}", "jurisdiction" },
};

struct parts {
	char text[ABOUT_MAX];
	const char *part[PARTS_MAX];
	size_t n;
};

static bool
parts_split(const char *s, struct parts *p)
{
	size_t n = strlen(s);

	if (n >= sizeof(p->text))
		return false;
	memcpy(p->text, s, n + 1);
	p->n = 1;
	p->part[0] = p->text;
	for (char *c = p->text; *c != '\0'; c++) {
		if (*c != '/')
			continue;
		if (p->n == PARTS_MAX)
			return false;
		*c = '\0';
		p->part[p->n++] = c + 1;
	}
	return true;
}

static bool
strings_have(const char *const *list, size_t n, const char *s)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], s) == 0)
			return true;
	return false;
}

static bool
part_permitted(const struct law_load *l, const char *kind, const char *s, const char *instrument)
{
	const struct law_instrument *in = law_instrument_find(l->book, instrument);

	if (in == NULL)
		return false;
	return kind[1] == 'r' ? strings_have(in->use->reservations, in->use->reservations_n, s)
			      : strings_have(in->use->declarations, in->use->declarations_n, s);
}

/* Does part i of the name fit the pattern's? */
static bool
part_fits(const struct law_load *l, const char *kind, const struct parts *name, size_t i, bool open)
{
	const char *s = name->part[i];

	if (kind[0] != '{')
		return strcmp(kind, s) == 0;
	if (strcmp(kind, "{economy}") == 0)
		return (open && strcmp(s, "{other}") == 0) || text_economy.ok(s, strlen(s));
	if (strcmp(kind, "{instrument}") == 0)
		return law_instrument_find(l->book, s) != NULL;
	if (strcmp(kind, "{reservation}") == 0 || strcmp(kind, "{declaration}") == 0)
		return part_permitted(l, kind, s, name->part[1]);
	if (strcmp(kind, "{measure}") == 0)
		return (open && strcmp(s, kind) == 0) || law_word_bit(LAW_MEASURES, s) != 0;
	if (strcmp(kind, "{offence}") == 0)
		return law_word_bit(LAW_OFFENCES, s) != 0 && strcmp(s, "other") != 0;
	for (size_t k = 0; k < CO_ARRAY_LEN(lists); k++)
		if (strcmp(kind, lists[k][0]) == 0)
			return text_one_of(lists[k][1], s, strlen(s));
	return false;
}

/* How many parts of the name fit the pattern, from the left. */
static size_t
pattern_fits(
	const struct law_load *l, const struct parts *pattern, const struct parts *name, bool open)
{
	size_t i = 0;

	while (i < pattern->n && i < name->n && part_fits(l, pattern->part[i], name, i, open))
		i++;
	return i;
}

/* The nearest row says which part is not known. */
static void
attribute_fault(struct law_load *l, const struct law_path *at, const char *about,
	const struct parts *name, const struct parts *nearest, size_t fits)
{
	char show[TEXT_SHOW], part[TEXT_SHOW];

	if (fits == 0 || fits >= nearest->n || fits >= name->n)
		law_fault(l, at, "unknown attribute \"%s\"; docs/law.md lists them",
			text_show(about, show));
	else if (strcmp(nearest->part[fits], "{reservation}") == 0 ||
		strcmp(nearest->part[fits], "{declaration}") == 0)
		law_fault(l, at,
			"%s permits no %s to %s; correct the provision, or the instrument's list",
			name->part[1], name->part[0], text_show(name->part[fits], part));
	else
		law_fault(l, at,
			"unknown attribute \"%s\": \"%s\" is no %s; docs/law.md lists them",
			text_show(about, show), text_show(name->part[fits], part),
			nearest->part[fits][0] == '{' ? nearest->part[fits] : "such attribute");
}

const struct law_attribute *
law_attribute_find(struct law_load *l, const struct law_path *at, const char *about, bool open)
{
	struct parts name, pattern, nearest = { .n = 0 };
	size_t most = 0, family = strcspn(about, "/") + 1;

	if (!parts_split(about, &name)) {
		law_fault(l, at, "an attribute's name is too long; docs/law.md lists them");
		return NULL;
	}
	for (size_t i = 0; i < CO_ARRAY_LEN(attributes); i++) {
		size_t fits;

		if (strncmp(attributes[i].pattern, about, family) != 0)
			continue;
		(void)parts_split(attributes[i].pattern, &pattern);
		fits = pattern_fits(l, &pattern, &name, open);
		if (fits == pattern.n && fits == name.n)
			return &attributes[i];
		if (fits > most && parts_split(attributes[i].pattern, &nearest))
			most = fits;
	}
	attribute_fault(l, at, about, &name, &nearest, most);
	return NULL;
}

bool
law_attribute_check(struct law_load *l, const struct law_path *at, const struct law_attribute *a,
	const json_t *v)
{
	struct law_member row = { .name = "value", .shape = LAW_STRING, .choices = a->words };

	if (a->languages) {
		row = (struct law_member){
			.name = "value", .shape = LAW_STRINGS, .max = 40, .rule = &text_language
		};
	} else if (a->members != NULL && (a->words == NULL || json_is_object(v))) {
		return law_members(l, at, v, a->members);
	}
	return law_value(l, at, v, &row);
}

/* An object counts by its "has", a treaty also by what it covers. */
bool
law_attribute_word(const struct law_attribute *a, const char *word)
{
	size_t n = strlen(word);

	if (strcmp(word, "*") == 0 || (a->words != NULL && text_one_of(a->words, word, n)))
		return true;
	for (const struct law_member *m = a->members; m != NULL && m->name != NULL; m++)
		if (m->choices != NULL && text_one_of(m->choices, word, n))
			return true;
	return false;
}

bool
law_attribute_has(const struct law_attribute *a)
{
	return a->members != NULL && a->members->choices != NULL;
}
