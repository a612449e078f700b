/* One assessment under way, and what its parts share: the question as bits, proofs, the answer that
 * grows. Private to the room: assess.c orders the parts, each part is one file. Must never hold
 * anything longer than one call. */
#pragma once

#include "law/rule.h"

#include <string.h>

enum { LAW_GAPS = 3, LAW_ABOUT_MAX = 96 };

/* What nobody recorded or the question does not say, so that a condition stays unknown. */
struct law_gap_at {
	const struct law_cond *cond;
	const struct law_economy *of; /* whose fact; NULL: of the question */
};

/* Why a condition holds, does not, or is unknown. */
struct law_proof {
	enum law_truth truth;
	enum law_certainty certainty; /* the least of what it rests on */
	const struct law_fact *facts[LAW_FINDING_FACTS];
	size_t facts_n;
	struct law_gap_at gaps[LAW_GAPS];
	size_t gaps_n;
};

struct law_answer {
	const struct law_book *book;
	json_t *question;
	enum law_verdict verdict;
	enum law_truth dual;
	struct law_basis *bases;
	size_t bases_n;
	const struct law_basis *chosen; /* or NULL */
	struct law_finding *findings;
	size_t findings_n, findings_cap;
	struct law_period periods[8];
	size_t periods_n;
	const struct law_fact **used; /* every fact consulted, in that order */
	size_t used_n, used_cap;
	char ids[4096]; /* of findings that no table names: "field/necessity" */
	size_t ids_n;
};

struct law_look {
	const struct law_book *book;
	const struct law_question *q;
	const struct law_economy *requesting, *requested;
	uint64_t measure, urgency, custodian, data, conduct; /* bits; 0: not said */
	const struct law_instrument *as_if; /* not in force, looked at as if it were */
	struct law_proof dual;
	struct law_proof *proofs; /* of each basis, in the answer's order */
	bool sure;                /* the chosen basis is surely usable */
	enum co_rc failed;        /* CO_OK, or why a part could not say all */
	struct law_answer *a;
};

/* ---- look.c: facts and conditions ---- */

/* What holds about an economy for this question; remembered as used. NULL: nobody recorded it. */
const struct law_fact *law_look_fact(
	struct law_look *l, const struct law_economy *e, const char *about);
struct law_proof law_look_all(struct law_look *l, const struct law_cond *conds, size_t n);
/* Both are needed. */
void law_proof_and(struct law_proof *p, const struct law_proof *q);
void law_proof_cite(struct law_proof *p, const struct law_fact *f);
/* What a condition asks for, with {other} and {measure} put in. */
const char *law_about_filled(const struct law_look *l, const struct law_cond *c,
	const struct law_economy *of, char text[LAW_ABOUT_MAX]);
/* A string value, or the member "has" of an object; NULL for other values. */
const char *law_fact_word(const struct law_fact *f);

/* ---- say.c: words ---- */

/* Text with a ceiling, cut between characters. */
struct law_say {
	char *text;
	size_t n, cap;
};
void law_sayf(struct law_say *s, const char *fmt, ...) CO_PRINTF(2, 3);
/* "Austria is Party to the Budapest Convention since 2012-10-01" */
void law_say_fact(struct law_say *s, const struct law_look *l, const struct law_fact *f);
/* Each gap once: "whether Austria ...; which conduct is meant". */
void law_say_gaps(struct law_say *s, const struct law_look *l, const struct law_proof *p);
/* A rule's text with the names put in. */
void law_say_rule(struct law_say *s, const struct law_look *l, const char *text);

/* ---- answer.c ---- */

/* A fresh finding of the answer to be filled, all zero; NULL when memory or the ceiling ends. */
struct law_finding *law_find(struct law_look *l, const char *id);
void law_finding_cite(struct law_finding *f, const struct law_fact *fact);
#define law_finding_say(f) ((struct law_say){ (f)->text, strlen((f)->text), sizeof((f)->text) })
void law_answer_use(struct law_look *l, const struct law_fact *f);
void law_answer_sort(struct law_answer *a);

/* ---- the parts, each adds its findings ---- */

enum co_rc law_look_bases(struct law_look *l, struct co_err *err) CO_NODISCARD;
void law_look_dual(struct law_look *l);
void law_tell_basis(struct law_look *l);
void law_tell_rules(struct law_look *l);
void law_tell_dual(struct law_look *l);
void law_tell_channel(struct law_look *l);
void law_tell_fields(struct law_look *l);
/* Do these conditions only repeat what was said of a field already? */
bool law_field_told(const struct law_look *l, const struct law_cond *conds, size_t n);
void law_tell_periods(struct law_look *l);
