/* The assessment: what two economies' law says about one request, as findings with their articles.
 * The rules are data in the instrument files (docs/law.md); this file only evaluates them, with
 * three values. Must never decide, never block on a fact that nobody checked, and never say more
 * than the facts it cites. Same question and same book: same answer, byte for byte. */
#pragma once

#include "law/instrument.h"

struct law_question {
	const char *requesting, *requested; /* economies */
	law_day at;                         /* the day the law is asked for */
	law_day known;                      /* as known then; usually the same day */
	const char *measure;                /* code of a measure, as "preserve" */
	const char *urgency;                /* routine, urgent or emergency; NULL: routine */
	/* Conduct by offence attribute without prefix, as "illegal-access"; "other" is conduct
	 * outside arts 2-11; none given: unknown. Art. 25(5): conduct, not labels. */
	const char *const *conduct;
	size_t conduct_n;
	const char *const *data; /* subscriber, traffic, content */
	size_t data_n;
	const char *custodian; /* provider, authority, person; NULL: unknown */
	int64_t max_months;    /* greatest penalty where it is asked from; -1 unknown */
	const json_t *fields;  /* of the form, to say what is missing; NULL: not composing */
	bool provider_view;    /* fields are those that a provider may see */
	const char *basis;     /* the basis chosen, an instrument's code; NULL: the first usable */
	/* Instruments not in force that are to be looked at as if they were. */
	const char *const *switched_on;
	size_t switched_on_n;
};

/* What a finding does. In the order in which they are shown. */
enum law_effect { LAW_BLOCKS, LAW_REQUIRES, LAW_WARNS, LAW_PERMITS, LAW_INFORMS, LAW_EFFECT_N };
enum law_side { LAW_BOTH, LAW_REQUESTING, LAW_REQUESTED }; /* whom it concerns */
/* What it is about; one heading each on paper and screen. */
enum law_topic {
	LAW_TOPIC_BASIS,
	LAW_TOPIC_CONDITION,
	LAW_TOPIC_DUAL,
	LAW_TOPIC_CHANNEL,
	LAW_TOPIC_FIELD,
	LAW_TOPIC_FORMALITY,
	LAW_TOPIC_TIME,
	LAW_TOPIC_GROUND,
	LAW_TOPIC_DUTY,
	LAW_TOPIC_N
};
const char *law_effect_name(enum law_effect e);
const char *law_side_name(enum law_side s);
const char *law_topic_name(enum law_topic t);

enum { LAW_FINDING_FACTS = 8, LAW_FINDING_TEXT = 640 };

struct law_finding {
	const char *id; /* of the rule: "29-3"; of the engine's own: "basis", "field/necessity" */
	const char *instrument; /* code or NULL */
	const char *article;    /* "29(3)", or a statute's section */
	enum law_effect effect;
	enum law_topic topic;
	enum law_side side;
	enum law_truth holds; /* LAW_UNKNOWN: it may hold; then the text says what is not known */
	enum law_certainty certainty; /* the least of rule and facts */
	const char *const *opens;     /* grounds that it lets the asked side refuse on */
	size_t opens_n;
	char text[LAW_FINDING_TEXT]; /* English; ids and facts let a reader have it in their own
					language */
	const struct law_fact *facts[LAW_FINDING_FACTS];
	size_t facts_n;
};

struct law_basis {
	const struct law_instrument *instrument;
	enum law_truth usable;
	bool switched_on; /* not in force, looked at as if */
	char why[LAW_FINDING_TEXT];
	enum law_certainty certainty;
	const struct law_fact *facts[LAW_FINDING_FACTS];
	size_t facts_n;
};

/* How long data stay kept under one regime. Days; 0: no such limit. */
struct law_period {
	const char *economy;    /* whose law; NULL: the instrument's own */
	const char *instrument; /* or NULL */
	int64_t first_days, extension_days, total_days, least_days;
	bool until_decided; /* once a request for disclosure is there: art. 29(7) */
	enum law_certainty certainty;
	const struct law_fact *fact; /* or NULL: the instrument's text */
};

enum law_verdict { LAW_CAN, LAW_CANNOT, LAW_NOT_KNOWN };
const char *law_truth_name(enum law_truth t);     /* "yes", "no", "unknown" */
const char *law_verdict_name(enum law_verdict v); /* "can", "cannot", "unknown" */

struct law_answer; /* findings sorted by effect, then topic, then rule */
/* CO_EUSAGE names what the question lacks or has wrong (unknown economy, measure, conduct). */
enum co_rc law_assess(const struct law_book *b, const struct law_question *q,
	struct law_answer **out, struct co_err *err) CO_NODISCARD;
void law_answer_free(struct law_answer **a);
#define law_answer_auto CO_CLEANUP(law_answer_free) struct law_answer

enum law_verdict law_answer_verdict(const struct law_answer *a);
const struct law_finding *law_answer_findings(const struct law_answer *a, size_t *n);
const struct law_basis *law_answer_bases(const struct law_answer *a, size_t *n); /* by rank */
/* The basis chosen or the first usable; NULL: none. */
const struct law_basis *law_answer_basis(const struct law_answer *a);
const struct law_period *law_answer_periods(const struct law_answer *a, size_t *n);
enum law_truth law_answer_dual(const struct law_answer *a); /* is dual criminality met? */
/* For programs and for the decision: question, verdict, bases, findings, periods, and "facts":
 * every fact used, by digest. The caller owns *out. */
enum co_rc law_answer_json(
	const struct law_answer *a, json_t **out, struct co_err *err) CO_NODISCARD;
