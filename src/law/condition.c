/* Conditions of a rule, from JSON to rows: a table from name to how its value is compiled. */
#include "law/inside.h"

#include <string.h>

struct compile; /* a row */

struct place {
	struct law_load *l;
	const struct law_path *at; /* of the value */
	const json_t *whole;       /* the condition, for a second member */
	unsigned depth;
	const struct compile *row;
};

struct compile {
	const char *name;
	bool (*fn)(const struct place *p, const json_t *v, struct law_cond *out);
	enum law_cond_kind kind;
	unsigned detail;    /* a list of words, or whom it is about */
	const char *second; /* a member that may stand beside it */
};

static bool conds_compile(
	const struct place *p, const json_t *list, const struct law_cond **out, size_t *n);
static bool cond_compile(const struct place *p, const json_t *o, struct law_cond *out);

static bool
cond_fault(const struct place *p, const char *want)
{
	law_fault(p->l, p->at, "%s: wanted %s", p->row->name, want);
	return false;
}

static bool
compile_bits(const struct place *p, const json_t *v, struct law_cond *out)
{
	if (json_array_size(v) == 0)
		return cond_fault(p, "a list of words in [ ]");
	return law_bits(p->l, p->at, (enum law_words)p->row->detail, v, &out->bits);
}

static bool
compile_conduct(const struct place *p, const json_t *v, struct law_cond *out)
{
	static const char *const names[] = {
		[LAW_CONDUCT_CORE] = "core",
		[LAW_CONDUCT_OTHER] = "other",
		[LAW_CONDUCT_ANY] = "any",
	};

	for (size_t i = 0; json_is_string(v) && i < CO_ARRAY_LEN(names); i++) {
		if (strcmp(json_string_value(v), names[i]) != 0)
			continue;
		out->conduct = (enum law_conduct)i;
		return true;
	}
	return cond_fault(p, "\"core\", \"other\" or \"any\"");
}

static const struct law_member fact_rows[] = {
	{ .name = "about", .shape = LAW_STRING, .must = true, .max = 100, .rule = &text_token },
	{ .name = "is", .shape = LAW_STRINGS, .must = true, .max = 40 },
	{ .name = NULL },
};

static bool
compile_fact(const struct place *p, const json_t *v, struct law_cond *out)
{
	const struct law_attribute *a;
	struct law_path about = { p->at, "about", 0 }, is = { p->at, "is", 0 };

	if (!law_members(p->l, p->at, v, fact_rows))
		return false;
	out->who = (enum law_who)p->row->detail;
	out->about = law_get_copy(p->l, v, "about");
	out->is = law_strings(p->l, json_object_get(v, "is"), &out->is_n);
	if (p->l->nomem)
		return false;
	out->about_open = strchr(out->about, '{') != NULL;
	a = law_attribute_find(p->l, &about, out->about, true);
	for (size_t i = 0; a != NULL && i < out->is_n; i++) {
		if (!law_attribute_word(a, out->is[i]))
			law_fault(p->l, &(struct law_path){ &is, NULL, i },
				"%s never is \"%.40s\"; docs/law.md lists its values", out->about,
				out->is[i]);
		if (strcmp(out->is[i], "*") == 0)
			out->any_value = true;
	}
	if (out->is_n == 0)
		law_fault(p->l, &is, "is: an empty list never holds; name a value");
	return a != NULL;
}

static bool
compile_dual(const struct place *p, const json_t *v, struct law_cond *out)
{
	const char *s = json_string_value(v);

	if (s == NULL || (strcmp(s, "met") != 0 && strcmp(s, "not-met") != 0))
		return cond_fault(p, "\"met\" or \"not-met\"");
	out->yes = s[0] == 'm';
	return true;
}

static bool
compile_months(const struct place *p, const json_t *v, struct law_cond *out)
{
	if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) > 1200)
		return cond_fault(p, "months, a whole number from 0 to 1200");
	out->months = json_integer_value(v);
	return true;
}

static bool
compile_missing(const struct place *p, const json_t *v, struct law_cond *out)
{
	const char *s = json_string_value(v);

	if (s == NULL || !text_code.ok(s, strlen(s)))
		return cond_fault(p, "the code of a form's field");
	out->field = law_copy(p->l, s);
	return out->field != NULL;
}

static bool
compile_given(const struct place *p, const json_t *v, struct law_cond *out)
{
	const json_t *is = json_object_get(p->whole, "is");
	const char **one;

	if (!compile_missing(p, v, out))
		return false;
	out->any_value = is == NULL;
	out->yes = json_is_true(is);
	if (is == NULL || json_is_boolean(is))
		return true;
	if (!json_is_string(is))
		return cond_fault(p, "\"is\" to be true, false or a word");
	one = law_take(p->l, 1, sizeof(*one));
	if (one == NULL)
		return false;
	*one = law_copy(p->l, json_string_value(is));
	out->is = one;
	out->is_n = *one != NULL;
	return *one != NULL;
}

static bool
compile_sub(const struct place *p, const json_t *v, struct law_cond *out)
{
	struct law_cond *sub = law_take(p->l, 1, sizeof(*sub));

	if (sub == NULL || !cond_compile(p, v, sub))
		return false;
	out->sub = sub;
	out->sub_n = 1;
	return true;
}

static bool
compile_any(const struct place *p, const json_t *v, struct law_cond *out)
{
	if (json_array_size(v) == 0)
		return cond_fault(p, "a list of conditions in [ ]");
	return conds_compile(p, v, &out->sub, &out->sub_n);
}

static const struct compile rows[] = {
	{ "measure", compile_bits, LAW_IF_MEASURE, LAW_MEASURES, NULL },
	{ "urgency", compile_bits, LAW_IF_URGENCY, LAW_URGENCIES, NULL },
	{ "custodian", compile_bits, LAW_IF_CUSTODIAN, LAW_CUSTODIANS, NULL },
	{ "data", compile_bits, LAW_IF_DATA, LAW_DATA, NULL },
	{ "offence", compile_bits, LAW_IF_OFFENCE, LAW_OFFENCES, NULL },
	{ "conduct", compile_conduct, LAW_IF_CONDUCT, 0, NULL },
	{ "requested", compile_fact, LAW_IF_FACT, LAW_WHO_REQUESTED, NULL },
	{ "requesting", compile_fact, LAW_IF_FACT, LAW_WHO_REQUESTING, NULL },
	{ "both", compile_fact, LAW_IF_FACT, LAW_WHO_BOTH, NULL },
	{ "either", compile_fact, LAW_IF_FACT, LAW_WHO_EITHER, NULL },
	{ "dual", compile_dual, LAW_IF_DUAL, 0, NULL },
	{ "penalty_at_least", compile_months, LAW_IF_PENALTY, 0, NULL },
	{ "missing", compile_missing, LAW_IF_MISSING, 0, NULL },
	{ "given", compile_given, LAW_IF_GIVEN, 0, "is" },
	{ "not", compile_sub, LAW_IF_NOT, 0, NULL },
	{ "any", compile_any, LAW_IF_ANY, 0, NULL },
	{ "sure", compile_sub, LAW_IF_SURE, 0, NULL },
};

/* A condition is an object with one of the names above, and perhaps its second member. */
static const struct compile *
cond_row(const struct place *p, const json_t *o)
{
	json_t *it_of = (json_t *)(uintptr_t)o; /* jansson iterates without changing it */
	const struct compile *row = NULL;
	char show[TEXT_SHOW];

	for (size_t i = 0; row == NULL && i < CO_ARRAY_LEN(rows); i++)
		if (json_object_get(o, rows[i].name) != NULL)
			row = &rows[i];
	for (void *it = json_object_iter(it_of); it != NULL;
		it = json_object_iter_next(it_of, it)) {
		const char *name = json_object_iter_key(it);

		if (row != NULL &&
			(strcmp(name, row->name) == 0 ||
				(row->second != NULL && strcmp(name, row->second) == 0)))
			continue;
		law_fault(p->l, &(struct law_path){ p->at, name, 0 },
			row == NULL ? "unknown condition \"%s\"; docs/law.md lists them"
				    : "\"%s\" does not belong there; give it an object of its own",
			text_show(name, show));
		return NULL;
	}
	if (row == NULL)
		law_fault(p->l, p->at, "wanted a condition in { }; docs/law.md lists them");
	return row;
}

static bool
cond_compile(const struct place *p, const json_t *o, struct law_cond *out)
{
	const struct compile *row = cond_row(p, o);
	struct law_path at;
	struct place here = { p->l, &at, o, p->depth + 1, row };

	if (row == NULL)
		return false;
	if (p->depth >= LIMIT_LAW_DEPTH) {
		law_fault(p->l, p->at, "conditions more than %u deep; write two rules",
			LIMIT_LAW_DEPTH);
		return false;
	}
	at = (struct law_path){ p->at, row->name, 0 };
	out->kind = row->kind;
	return row->fn(&here, json_object_get(o, row->name), out);
}

static bool
conds_compile(const struct place *p, const json_t *list, const struct law_cond **out, size_t *n)
{
	struct law_cond *conds = law_take(p->l, json_array_size(list), sizeof(*conds));
	bool ok = conds != NULL;

	for (size_t i = 0; conds != NULL && i < json_array_size(list) && !p->l->nomem; i++) {
		struct law_path at = { p->at, NULL, i };
		struct place here = { p->l, &at, NULL, p->depth, NULL };

		if (!cond_compile(&here, json_array_get(list, i), &conds[i]))
			ok = false;
	}
	if (ok) {
		*out = conds;
		*n = json_array_size(list);
	}
	return ok;
}

bool
law_conds_compile(struct law_load *l, const struct law_path *at, const json_t *list,
	const struct law_cond **out, size_t *n)
{
	struct place p = { l, at, NULL, 0, NULL };

	return conds_compile(&p, list, out, n);
}
