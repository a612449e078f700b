/* What is compiled from an instrument's file for the assessment: words as bits, conditions and
 * rules as small rows. Made once when a book is loaded, checked there, then immutable: whoever
 * evaluates them meets no unknown word. Private to the room. Format of the data: docs/law.md. */
#pragma once

#include "law/assess.h"

/* Closed lists, a bit a word: "is it one of these" is one AND. */
enum law_words {
	LAW_MEASURES,   /* "preserve" */
	LAW_URGENCIES,  /* "urgent" */
	LAW_CUSTODIANS, /* "provider" */
	LAW_DATA,       /* "traffic" */
	LAW_OFFENCES,   /* "illegal-access"; and "other", conduct that is none of these */
	LAW_WORDS_N
};
/* 0 when the list has no such word. */
uint64_t law_word_bit(enum law_words list, const char *word);
/* NULL past the end; for messages and loops. */
const char *law_word_at(enum law_words list, size_t i);
/* Arts 2-11: the first ten offences of the list. */
#define LAW_OFFENCES_CORE UINT64_C(0x3ff)

/* The reverse of law_effect_name and so on; false when there is no such name. */
bool law_effect_parse(const char *s, enum law_effect *out);
bool law_side_parse(const char *s, enum law_side *out);
bool law_topic_parse(const char *s, enum law_topic *out);
bool law_certainty_parse(const char *s, enum law_certainty *out);
bool law_group_parse(const char *s, enum law_group *out);

enum law_cond_kind {
	LAW_IF_MEASURE,   /* bits */
	LAW_IF_URGENCY,   /* bits */
	LAW_IF_CUSTODIAN, /* bits */
	LAW_IF_DATA,      /* bits */
	LAW_IF_OFFENCE,   /* bits */
	LAW_IF_CONDUCT,   /* conduct */
	LAW_IF_FACT,      /* who, about, is or any_value */
	LAW_IF_DUAL,      /* yes: met */
	LAW_IF_PENALTY,   /* months */
	LAW_IF_MISSING,   /* field */
	LAW_IF_GIVEN,     /* field, is[0] or, when is_n is 0, yes */
	LAW_IF_NOT,       /* sub[0] */
	LAW_IF_ANY,       /* sub */
	LAW_IF_SURE,      /* sub[0] */
	LAW_IF_N
};
enum law_who { LAW_WHO_REQUESTED, LAW_WHO_REQUESTING, LAW_WHO_BOTH, LAW_WHO_EITHER };
enum law_conduct { LAW_CONDUCT_CORE, LAW_CONDUCT_OTHER, LAW_CONDUCT_ANY };

struct law_cond {
	enum law_cond_kind kind;
	enum law_who who;
	enum law_conduct conduct;
	bool yes;
	bool any_value;  /* "is": ["*"] */
	bool about_open; /* about holds {other} (the other economy) or {measure} (the one asked) */
	uint64_t bits;
	int64_t months;
	const char *about; /* "status/cets-185", "treaty/{other}" */
	const char *field; /* of a form */
	const char *const *is;
	size_t is_n;
	const struct law_cond *sub;
	size_t sub_n;
};

/* Grounds of a refusal, as a notice names them. */
#define LAW_GROUNDS \
	"political-offence|sovereignty|security|ordre-public|essential-interests|" \
	"dual-criminality|domestic-law"

struct law_rule {
	const char *id;      /* unique in its instrument: "29-3" */
	const char *article; /* "29(3)" */
	const char *text;    /* {requesting}, {requested}, {measure} are put in when told */
	enum law_effect effect;
	enum law_topic topic;
	enum law_side side;
	const char *const *opens; /* grounds that it lets the asked side refuse on */
	size_t opens_n;
	bool always;                 /* told whether or not the instrument is a basis */
	const struct law_cond *when; /* all needed; none: always holds */
	size_t when_n;
	enum law_certainty certainty;
	const struct law_source *source;
};

/* A limit in the instrument's own text, in days; 0: no such limit. */
struct law_own_period {
	uint64_t measures;
	int64_t first_days, extension_days, total_days, least_days;
	bool until_decided;
	const char *article;
};

enum law_entry { LAW_ENTRY_NONE, LAW_ENTRY_MONTHS, LAW_ENTRY_DAYS_90 };

/* When an instrument is a basis, and what it brings. */
struct law_use {
	const struct law_cond *usable; /* all needed; none: always */
	size_t usable_n;
	uint64_t measures; /* what can be asked under it */
	const struct law_own_period *periods;
	size_t periods_n;
	enum law_entry entry;
	const char *const *declarations, *const *reservations; /* provisions it permits */
	size_t declarations_n, reservations_n;
};
