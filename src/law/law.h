/* What each side's law allows, as data: instruments, economies, sources, and the facts in them.
 * A book is everything loaded at once, checked whole and then immutable; threads share it freely.
 * Pure: bytes in, facts out. Must never touch files, network, store or clock, never guess, and
 * never decide: it advises a person. Format of the data: docs/law.md. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Days since 1970-01-01, proleptic Gregorian. Facts are about whole days, in no zone: a treaty
 * enters into force on a date. */
typedef int32_t law_day;
#define LAW_DAY_OPEN INT32_MAX  /* no end known */
#define LAW_DAY_START INT32_MIN /* no beginning known */
/* "2013-12-01" only; a date that does not exist is refused. */
enum co_rc law_day_parse(const char *s, law_day *out, struct co_err *err) CO_NODISCARD;
void law_day_print(law_day d, char out[16]); /* "" for the two open ends */
law_day law_day_of_us(int64_t us);           /* the day in UTC */
/* Arts 36(3)-(4), 37(2): the first day of the month after three months from consent. */
law_day law_entry_into_force(law_day consent);

/* Three values, after Kleene: what nobody recorded is neither yes nor no. */
enum law_truth { LAW_NO, LAW_UNKNOWN, LAW_YES };
enum law_truth law_and(enum law_truth a, enum law_truth b);
enum law_truth law_or(enum law_truth a, enum law_truth b);
enum law_truth law_not(enum law_truth a);

/* How sure a fact is. From worst to best, so that the least of several is the smallest. */
enum law_certainty { LAW_CERTAIN_UNKNOWN, LAW_UNVERIFIED, LAW_SECONDARY, LAW_VERIFIED };
const char *law_certainty_name(enum law_certainty c);
/* "preservation of data"; the code itself for one that nobody knows. */
const char *law_measure_words(const char *measure);

struct law_source {
	const char *key, *title, *url;
	law_day as_of; /* the day whose text was read */
};

/* One statement: this was so about this economy from..to, as known on known. Borrowed from the
 * book. */
struct law_fact {
	const char *id;      /* unique in the book */
	const char *economy; /* "AT" */
	const char *about;   /* "reservation/cets-185/29(4)" */
	const json_t *value; /* as the attribute's row says */
	law_day from, to;    /* valid on [from, to) */
	law_day known;       /* transaction time: since when we know it */
	law_day consent; /* of a status: date of consent to be bound; LAW_DAY_START when not given
			  */
	enum law_certainty certainty;
	const struct law_source *source;
	const char *note;                  /* or NULL */
	const struct law_fact *supersedes; /* what it replaces from known on; or NULL */
	char sha256[65];                   /* of its text with sorted keys: what a decision cites */
};

struct law_text {
	const char *name; /* file name, for messages */
	const char *data;
	size_t n;
};

struct law_fault {
	char file[128];
	unsigned line; /* 1.. ; 0 when the file as a whole is meant */
	char text[320];
};

struct law_book;

/* Everything or nothing: on a fault *out stays as it was, up to max faults are written (file by
 * file, line by line), *n tells how many there are, and err names the first. An economy or
 * instrument has one text, an economy perhaps one profile besides: its facts go before the
 * built-in ones on the days on which they hold, once known. Texts may come in any order. */
enum co_rc law_book_load(struct law_book **out, const struct law_text *texts, size_t texts_n,
	struct law_fault *faults, size_t max, size_t *n, struct co_err *err) CO_NODISCARD;
void law_book_free(struct law_book **b);
#define law_book_auto CO_CLEANUP(law_book_free) struct law_book
/* The data built into the program (data/law), one entry a file, ends with name NULL in .name. */
const struct law_text *law_built_in(size_t *n);

/* ---- what is in it ---- */

struct law_economy {
	const char *code, *name;
	const char *in_text; /* the name inside a sentence: "the United States" */
	const char *of; /* territory of that economy, or NULL */
	const struct law_fact *const *facts;
	size_t facts_n;
};
size_t law_economy_count(const struct law_book *b);
const struct law_economy *law_economy_at(const struct law_book *b, size_t i); /* by code */
const struct law_economy *law_economy_find(const struct law_book *b, const char *code);
const struct law_source *law_source_find(const struct law_book *b, const char *key);
const struct law_fact *law_fact_by_sha256(const struct law_book *b, const char *hex);
size_t law_fact_count(const struct law_book *b);

/* The fact about an economy that holds on day at, as known on day known: of those not superseded by
 * then, the one of its profile, else the built-in one. NULL: unknown. Well under a microsecond. */
const struct law_fact *law_fact_find(const struct law_book *b, const char *economy,
	const char *about, law_day at, law_day known);
