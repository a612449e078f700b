/* Treaties, regulations and other legal bases as the book holds them: articles for people and
 * reports, rules for the assessment. Private shapes of a rule: rule.h. Must never judge: data
 * only. Format of the files: docs/law.md. */
#pragma once

#include "law/law.h"

enum law_group {
	LAW_SUBSTANTIVE,
	LAW_PROCEDURAL,
	LAW_SAFEGUARD,
	LAW_JURISDICTION,
	LAW_COOPERATION,
	LAW_FINAL,
	LAW_GROUP_N
};
const char *law_group_name(enum law_group g); /* "substantive" */

struct law_article {
	const char *article; /* "29" */
	const char *title;
	const char *summary; /* own words */
	enum law_group group;
	const char
		*provides; /* attribute a gap report looks up: "offence/illegal-access"; or NULL */
	const char *model; /* article of cets-185 it corresponds to, or NULL */
	enum law_certainty certainty;
	const struct law_source *source;
};

struct law_rule; /* rule.h: private to the room */
struct law_use;  /* rule.h: when it is a basis, for what and for how long */

struct law_instrument {
	const char *code, *name, *short_name;
	const char *kind; /* treaty, regulation, bilateral, domestic, political, voluntary */
	unsigned rank;    /* order among usable bases, lowest first */
	law_day from, to; /* in force as such; from LAW_DAY_OPEN: not in force */
	const struct law_article *articles;
	size_t articles_n;
	const struct law_rule *rules;
	size_t rules_n;
	const struct law_use *use;
	enum law_certainty certainty;
	const struct law_source *source;
};
size_t law_instrument_count(const struct law_book *b);
const struct law_instrument *law_instrument_at(const struct law_book *b, size_t i); /* by rank */
const struct law_instrument *law_instrument_find(const struct law_book *b, const char *code);
const struct law_article *law_article_find(const struct law_instrument *in, const char *article);
