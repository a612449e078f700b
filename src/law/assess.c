#include "law/look.h"

#include <stdio.h>

/* "preserve, path, ..." for messages. */
static void
words_possible(enum law_words list, char *out, size_t cap)
{
	struct law_say s = { out, 0, cap };
	const char *word;

	out[0] = '\0';
	for (size_t i = 0; (word = law_word_at(list, i)) != NULL; i++)
		law_sayf(&s, "%s%s", i > 0 ? ", " : "", word);
}

static enum co_rc
word_bit(
	enum law_words list, const char *what, const char *word, uint64_t *bits, struct co_err *err)
{
	char possible[360];
	uint64_t bit = word == NULL ? 0 : law_word_bit(list, word);

	if (bit == 0) {
		words_possible(list, possible, sizeof(possible));
		return co_fail(err, CO_EUSAGE, "no %s \"%.40s\"; possible: %s", what,
			word == NULL ? "" : word, possible);
	}
	*bits |= bit;
	return CO_OK;
}

static enum co_rc
economy_named(const struct law_book *b, const char *side, const char *code,
	const struct law_economy **out, struct co_err *err)
{
	const struct law_economy *e = code == NULL ? NULL : law_economy_find(b, code);
	char possible[400] = "";
	struct law_say s = { possible, 0, sizeof(possible) };

	if (e == NULL) {
		for (size_t i = 0; i < law_economy_count(b); i++)
			law_sayf(&s, "%s%s", i > 0 ? " " : "", law_economy_at(b, i)->code);
		return co_fail(err, CO_EUSAGE, "%s economy: \"%.20s\" is none of %s", side,
			code == NULL ? "" : code, possible);
	}
	*out = e;
	return CO_OK;
}

static enum co_rc
instrument_named(const struct law_book *b, const char *code, struct co_err *err)
{
	char possible[400] = "";
	struct law_say s = { possible, 0, sizeof(possible) };

	if (law_instrument_find(b, code) != NULL)
		return CO_OK;
	for (size_t i = 0; i < law_instrument_count(b); i++)
		law_sayf(&s, "%s%s", i > 0 ? ", " : "", law_instrument_at(b, i)->code);
	return co_fail(err, CO_EUSAGE, "no legal basis \"%.40s\"; possible: %s", code, possible);
}

/* Some measures say by themselves which data they are about. */
static const struct {
	const char *measure, *data;
} implied[] = {
	{ "path", "traffic" },
	{ "subscriber", "subscriber" },
	{ "traffic", "traffic" },
	{ "content", "content" },
	{ "traffic-realtime", "traffic" },
	{ "intercept", "content" },
};

static enum co_rc
question_words(struct law_look *l, struct co_err *err)
{
	const struct law_question *q = l->q;

	TRY(word_bit(LAW_MEASURES, "measure", q->measure, &l->measure, err));
	TRY(word_bit(LAW_URGENCIES, "urgency", q->urgency == NULL ? "routine" : q->urgency,
		&l->urgency, err));
	if (q->custodian != NULL)
		TRY(word_bit(LAW_CUSTODIANS, "custodian", q->custodian, &l->custodian, err));
	for (size_t i = 0; i < q->conduct_n; i++)
		TRY(word_bit(LAW_OFFENCES, "conduct", q->conduct[i], &l->conduct, err));
	for (size_t i = 0; i < q->data_n; i++)
		TRY(word_bit(LAW_DATA, "data", q->data[i], &l->data, err));
	for (size_t i = 0; q->data_n == 0 && i < CO_ARRAY_LEN(implied); i++)
		if (strcmp(implied[i].measure, q->measure) == 0)
			l->data = law_word_bit(LAW_DATA, implied[i].data);
	return CO_OK;
}

static enum co_rc
question_read(struct law_look *l, struct co_err *err)
{
	const struct law_question *q = l->q;

	TRY(economy_named(l->book, "requesting", q->requesting, &l->requesting, err));
	TRY(economy_named(l->book, "requested", q->requested, &l->requested, err));
	if (l->requesting == l->requested)
		return co_fail(err, CO_EUSAGE,
			"%s cannot ask itself; its own law is in comity law "
			"show %s",
			l->requesting->name, l->requesting->code);
	if (q->at == LAW_DAY_OPEN || q->at == LAW_DAY_START || q->known == LAW_DAY_OPEN ||
		q->known == LAW_DAY_START)
		return co_fail(err, CO_EUSAGE, "a day of the law, or of knowing it, is missing");
	if (q->basis != NULL)
		TRY(instrument_named(l->book, q->basis, err));
	for (size_t i = 0; i < q->switched_on_n; i++)
		TRY(instrument_named(l->book, q->switched_on[i], err));
	return question_words(l, err);
}

static json_t *
strings_json(const char *const *v, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		if (json_array_append_new(list, json_string(v[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

/* Kept with the answer: the question's own strings may be gone before it is printed. */
static json_t *
question_json(const struct law_question *q)
{
	char at[16], known[16];

	law_day_print(q->at, at);
	law_day_print(q->known, known);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:s?, s:I, s:b, s:s?, s:o}",
		"requesting", q->requesting, "requested", q->requested, "at", at, "known", known,
		"measure", q->measure, "urgency", q->urgency == NULL ? "routine" : q->urgency,
		"conduct", strings_json(q->conduct, q->conduct_n), "data",
		strings_json(q->data, q->data_n), "custodian", q->custodian, "max_months",
		(json_int_t)q->max_months, "composing", q->fields != NULL, "basis", q->basis,
		"switched_on", strings_json(q->switched_on, q->switched_on_n));
}

/* A sure obstacle, or no basis at all: cannot. A basis that may be one: unknown. */
static enum law_verdict
verdict_of(const struct law_look *l)
{
	const struct law_answer *a = l->a;

	for (size_t i = 0; i < a->findings_n; i++)
		if (a->findings[i].effect == LAW_BLOCKS)
			return LAW_CANNOT;
	return l->sure ? LAW_CAN : LAW_NOT_KNOWN;
}

static void (*const parts[])(struct law_look *) = {
	law_tell_basis,
	law_tell_fields, /* before the rules: what it says, they do not repeat */
	law_tell_rules,
	law_tell_dual,
	law_tell_channel,
	law_tell_periods,
};

static enum co_rc
look_fill(struct law_look *l, struct co_err *err)
{
	TRY(question_read(l, err));
	l->a->question = question_json(l->q);
	if (l->a->question == NULL)
		return co_fail(err, CO_ENOMEM, "question of the law: out of memory");
	law_look_dual(l);
	TRY(law_look_bases(l, err));
	for (size_t i = 0; i < CO_ARRAY_LEN(parts); i++)
		parts[i](l);
	if (l->failed != CO_OK)
		return co_fail(err, l->failed, "assessing %s for %s: %s", l->q->measure,
			l->requested->name,
			l->failed == CO_ETOOBIG ? "more findings than the node takes"
						: "out of memory");
	law_answer_sort(l->a);
	l->a->verdict = verdict_of(l);
	return CO_OK;
}

enum co_rc
law_assess(const struct law_book *b, const struct law_question *q, struct law_answer **out,
	struct co_err *err)
{
	law_answer_auto *a = calloc(1, sizeof(*a));
	struct law_look l = { .book = b, .q = q, .a = a };
	enum co_rc rc;

	if (a == NULL)
		return co_fail(err, CO_ENOMEM, "answer of the law: out of memory");
	a->book = b;
	rc = look_fill(&l, err);
	free(l.proofs);
	TRY(rc);
	*out = CO_TAKE(a);
	return CO_OK;
}
