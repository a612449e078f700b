/* Scenarios of the law: what a lawyer writes (docs/law.md, "Scenarios") read into a question, facts
 * laid over the built-in data, and expectations. An unknown word is a fault with its line. */
#pragma once

#include "law/assess.h"

/* All that is known: on 2999-12-31. */
enum { SC_LIST = 16, SC_EXPECTS = 24, SC_TITLE = 200, SC_ALL_KNOWN = 376199 };

enum sc_want {
	SC_TELLS,   /* a finding */
	SC_SILENT,  /* no such finding */
	SC_VERDICT, /* word */
	SC_BASIS,   /* instrument, word: yes, no or unknown */
	SC_CHOSEN,  /* instrument or NULL */
	SC_DUAL,    /* word: met, not-met or unknown */
	SC_PERIOD,  /* word: economy or instrument; days */
	SC_MOST,    /* findings, number */
	SC_REFUSED, /* the question is wrong usage */
};

struct sc_expect {
	enum sc_want want;
	unsigned line;
	char text[240]; /* as written, for messages */
	const char *word, *instrument;
	const char *effect, *holds, *certainty, *saying; /* NULL: any */
	long days[4];                                    /* first, more, total, least; -1 any */
	long number;
};

struct sc_fact {
	const char *economy, *about;
	json_t *value;
	const char *from, *to, *known, *certainty;
};

struct sc_new_economy {
	const char *code, *name;
};

struct scenario {
	char name[SC_TITLE]; /* of the test: file, line and title without blanks */
	const char *file;
	unsigned line;
	struct law_question q;
	const char *conduct[SC_LIST], *data[SC_LIST], *switched_on[SC_LIST];
	json_t *fields;
	struct sc_fact facts[SC_LIST];
	size_t facts_n;
	struct sc_new_economy economies[4];
	size_t economies_n;
	struct sc_expect expects[SC_EXPECTS];
	size_t expects_n;
};

/* Reads the scenarios of one file; its text is cut up and must stay. On a fault: false, and what is
 * wrong with file and line in why. */
bool scenarios_read(
	const char *file, char *text, struct scenario **out, size_t *n, char *why, size_t cap);
void scenario_free(struct scenario *s);
/* The value of an expect: line; NULL, or what is wrong with it. */
const char *expect_read(struct sc_expect *e, char *value);
/* Is the answer as expected? If not, why says what came instead. a NULL: the question was refused
 * with the words in refusal. */
bool expect_met(const struct sc_expect *e, const struct law_answer *a, const char *refusal,
	char *why, size_t cap);
