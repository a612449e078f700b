/* The head, articles and periods of an instrument's file. Its rules: rule.c. */
#include "law/inside.h"

#include <string.h>

enum { DAYS_MAX = 36525, RANK_MAX = 1000 };

static bool
instrument_is_provision(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((s[i] < '0' || s[i] > '9') && (s[i] < 'a' || s[i] > 'z') &&
			(s[i] < 'A' || s[i] > 'Z') && strchr("().-", s[i]) == NULL)
			return false;
	return n > 0;
}

static const struct text_rule provision = { instrument_is_provision,
	"a provision without blanks, as 29(4)" };

#define KINDS "treaty|regulation|bilateral|domestic|political|voluntary"
#define GROUPS "substantive|procedural|safeguard|jurisdiction|cooperation|final"
#define CERTAINTIES "verified|secondary|unverified"

static const struct law_member file_rows[] = {
	{ .name = "instrument", .shape = LAW_STRING, .must = true, .max = 40, .rule = &text_code },
	{ .name = "name", .shape = LAW_STRING, .must = true, .max = LIMIT_NAME },
	{ .name = "short", .shape = LAW_STRING, .must = true, .max = LIMIT_ADDRESS },
	{ .name = "kind", .shape = LAW_STRING, .must = true, .choices = KINDS },
	{ .name = "rank", .shape = LAW_INTEGER, .must = true, .max = RANK_MAX },
	{ .name = "from", .shape = LAW_DATE },
	{ .name = "to", .shape = LAW_DATE },
	{ .name = "source", .shape = LAW_STRING, .must = true, .max = 40 },
	{ .name = "certainty", .shape = LAW_STRING, .must = true, .choices = CERTAINTIES },
	{ .name = "entry", .shape = LAW_STRING, .choices = "month-after-three-months|days-90" },
	{ .name = "usable", .shape = LAW_LIST },
	{ .name = "measures", .shape = LAW_ANY },
	{ .name = "declarations", .shape = LAW_STRINGS, .max = 40, .rule = &provision },
	{ .name = "reservations", .shape = LAW_STRINGS, .max = 40, .rule = &provision },
	{ .name = "periods", .shape = LAW_LIST },
	{ .name = "articles", .shape = LAW_LIST, .must = true },
	{ .name = "rules", .shape = LAW_LIST },
	{ .name = NULL },
};
static const struct law_member article_rows[] = {
	{ .name = "article", .shape = LAW_STRING, .must = true, .max = 40 },
	{ .name = "title", .shape = LAW_STRING, .must = true, .max = LIMIT_NAME },
	{ .name = "summary", .shape = LAW_STRING, .must = true },
	{ .name = "group", .shape = LAW_STRING, .must = true, .choices = GROUPS },
	{ .name = "provides", .shape = LAW_STRING, .max = 100, .rule = &text_token },
	{ .name = "model", .shape = LAW_STRING, .max = 40 },
	{ .name = "source", .shape = LAW_STRING, .max = 40 },
	{ .name = "certainty", .shape = LAW_STRING, .choices = CERTAINTIES },
	{ .name = NULL },
};
static const struct law_member period_rows[] = {
	{ .name = "measure", .shape = LAW_STRING, .must = true },
	{ .name = "first_days", .shape = LAW_INTEGER, .max = DAYS_MAX },
	{ .name = "extension_days", .shape = LAW_INTEGER, .max = DAYS_MAX },
	{ .name = "total_days", .shape = LAW_INTEGER, .max = DAYS_MAX },
	{ .name = "least_days", .shape = LAW_INTEGER, .max = DAYS_MAX },
	{ .name = "until_decided", .shape = LAW_BOOL },
	{ .name = "article", .shape = LAW_STRING, .must = true, .max = 40 },
	{ .name = NULL },
};

size_t
law_instrument_count(const struct law_book *b)
{
	return b->instruments_n;
}

const struct law_instrument *
law_instrument_at(const struct law_book *b, size_t i)
{
	return i < b->instruments_n ? b->instruments[i] : NULL;
}

const struct law_instrument *
law_instrument_find(const struct law_book *b, const char *code)
{
	for (size_t i = 0; i < b->instruments_n; i++)
		if (strcmp(b->instruments[i]->code, code) == 0)
			return b->instruments[i];
	return NULL;
}

/* "29(3)" is found as itself or else as "29". */
const struct law_article *
law_article_find(const struct law_instrument *in, const char *article)
{
	const struct law_article *found = NULL;

	for (size_t i = 0; i < in->articles_n; i++) {
		const char *a = in->articles[i].article;
		size_t n = strlen(a);

		if (strncmp(a, article, n) != 0)
			continue;
		if (article[n] == '\0')
			return &in->articles[i];
		if (article[n] == '(')
			found = &in->articles[i];
	}
	return found;
}

bool
law_bits(struct law_load *l, const struct law_path *at, enum law_words list, const json_t *words,
	uint64_t *out)
{
	uint64_t all = 0;
	bool ok = true;

	for (size_t i = 0; i < json_array_size(words); i++) {
		const char *s = json_string_value(json_array_get(words, i));
		struct law_path here = { at, NULL, i };
		uint64_t bit = s == NULL ? 0 : law_word_bit(list, s);

		if (bit == 0) {
			law_fault(l, &here, "unknown word \"%.40s\"; docs/law.md lists them",
				s == NULL ? "(no string)" : s);
			ok = false;
		}
		all |= bit;
	}
	*out = all;
	return ok;
}

static void
article_read(struct law_load *l, const struct law_path *at, const json_t *o,
	const struct law_instrument *in, struct law_article *a)
{
	a->article = ""; /* until known: the list is searched while it is read */
	if (!law_members(l, at, o, article_rows))
		return;
	if (law_article_find(in, law_get(o, "article")) != NULL &&
		strcmp(law_article_find(in, law_get(o, "article"))->article,
			law_get(o, "article")) == 0) {
		law_fault(l, at, "article %s is there twice; keep one", law_get(o, "article"));
		return;
	}
	a->source = in->source;
	a->certainty = in->certainty;
	a->title = law_get_copy(l, o, "title");
	a->summary = law_get_copy(l, o, "summary");
	a->provides = law_get_copy(l, o, "provides");
	a->model = law_get_copy(l, o, "model");
	(void)law_group_parse(law_get(o, "group"), &a->group);
	(void)law_get_source(l, at, o, &a->source, &a->certainty);
	a->article = law_get_copy(l, o, "article");
}

static void
articles_read(struct law_load *l, const json_t *list, struct law_instrument *in)
{
	struct law_path all = { NULL, "articles", 0 };
	size_t n = json_array_size(list);
	struct law_article *articles = law_take(l, n, sizeof(*articles));

	in->articles = articles;
	for (size_t i = 0; i < n && !l->nomem; i++) {
		struct law_path at = { &all, NULL, i };

		article_read(l, &at, json_array_get(list, i), in, &articles[i]);
		in->articles_n = i + 1;
	}
}

static void
period_read(struct law_load *l, const struct law_path *at, const json_t *o,
	const struct law_instrument *in, struct law_own_period *p)
{
	if (!law_members(l, at, o, period_rows))
		return;
	p->measures = law_word_bit(LAW_MEASURES, law_get(o, "measure"));
	p->first_days = law_get_int(o, "first_days", 0);
	p->extension_days = law_get_int(o, "extension_days", 0);
	p->total_days = law_get_int(o, "total_days", 0);
	p->least_days = law_get_int(o, "least_days", 0);
	p->until_decided = json_is_true(json_object_get(o, "until_decided"));
	p->article = law_get_copy(l, o, "article");
	if (p->measures == 0)
		law_fault(l, &(struct law_path){ at, "measure", 0 },
			"unknown measure \"%.40s\"; docs/law.md lists them", law_get(o, "measure"));
	if (law_article_find(in, law_get(o, "article")) == NULL)
		law_fault(l, &(struct law_path){ at, "article", 0 },
			"%s has no article %.40s here; add it to articles", in->code,
			law_get(o, "article"));
}

/* A list of words, or "*" for all. */
static void
measures_read(struct law_load *l, const json_t *v, uint64_t *out)
{
	struct law_path at = { NULL, "measures", 0 };

	if (json_is_string(v) && strcmp(json_string_value(v), "*") == 0)
		*out = UINT64_MAX;
	else if (v == NULL || json_is_array(v))
		(void)law_bits(l, &at, LAW_MEASURES, v, out);
	else
		law_fault(l, &at, "measures: wanted a list of words in [ ], or \"*\" for all");
}

static void
use_read(
	struct law_load *l, const json_t *top, const struct law_instrument *in, struct law_use *use)
{
	struct law_path all = { NULL, "periods", 0 };
	const json_t *list = json_object_get(top, "periods");
	const char *entry = law_get(top, "entry");
	struct law_own_period *p = law_take(l, json_array_size(list), sizeof(*p));

	use->entry = entry == NULL ? LAW_ENTRY_NONE
		: entry[0] == 'm'  ? LAW_ENTRY_MONTHS
				   : LAW_ENTRY_DAYS_90;
	use->periods = p;
	for (size_t i = 0; i < json_array_size(list) && !l->nomem; i++) {
		period_read(
			l, &(struct law_path){ &all, NULL, i }, json_array_get(list, i), in, &p[i]);
		use->periods_n = i + 1;
	}
	measures_read(l, json_object_get(top, "measures"), &use->measures);
	use->declarations =
		law_strings(l, json_object_get(top, "declarations"), &use->declarations_n);
	use->reservations =
		law_strings(l, json_object_get(top, "reservations"), &use->reservations_n);
}

/* By rank, then code: the order in which bases are offered. */
static void
instrument_add(struct law_load *l, struct law_instrument *in)
{
	struct law_book *b = l->book;
	size_t i = 0;

	b->instruments = law_grow(l, b->instruments, b->instruments_n);
	if (l->nomem)
		return;
	while (i < b->instruments_n &&
		(b->instruments[i]->rank < in->rank ||
			(b->instruments[i]->rank == in->rank &&
				strcmp(b->instruments[i]->code, in->code) < 0)))
		i++;
	memmove(&b->instruments[i + 1], &b->instruments[i],
		(b->instruments_n - i) * sizeof(*b->instruments));
	b->instruments[i] = in;
	b->instruments_n++;
}

static void
head_read(struct law_load *l, const json_t *top, struct law_instrument *in)
{
	in->code = law_get_copy(l, top, "instrument");
	in->name = law_get_copy(l, top, "name");
	in->short_name = law_get_copy(l, top, "short");
	in->kind = law_get_copy(l, top, "kind");
	in->rank = (unsigned)law_get_int(top, "rank", 0);
	in->from = law_get_day(top, "from", LAW_DAY_OPEN);
	in->to = law_get_day(top, "to", LAW_DAY_OPEN);
	(void)law_get_source(l, NULL, top, &in->source, &in->certainty);
	if (in->from != LAW_DAY_OPEN && in->from >= in->to)
		law_fault(l, &(struct law_path){ NULL, "to", 0 },
			"in force on no day: \"to\" is the first day on which it is no longer so");
}

struct law_instrument *
law_instrument_file(struct law_load *l, const json_t *top)
{
	struct law_instrument *in;
	struct law_use *use;
	const char *code = law_get(top, "instrument");

	(void)law_members(l, NULL, top, file_rows);
	if (code == NULL || !text_code.ok(code, strlen(code))) {
		l->blind = true;
		return NULL;
	}
	if (law_instrument_find(l->book, code) != NULL) {
		law_fault(l, &(struct law_path){ NULL, "instrument", 0 },
			"a second instrument %s; put it into one file", code);
		return NULL;
	}
	in = law_take(l, 1, sizeof(*in));
	use = law_take(l, 1, sizeof(*use));
	if (l->nomem)
		return NULL;
	in->use = use;
	head_read(l, top, in);
	if (!l->nomem)
		articles_read(l, json_object_get(top, "articles"), in);
	if (!l->nomem)
		use_read(l, top, in, use);
	if (!l->nomem)
		instrument_add(l, in);
	return l->nomem ? NULL : in;
}
