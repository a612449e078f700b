/* Making a book: taking its memory, telling faults with their lines, and the rows that say what an
 * object may hold. Private to the room. Must never leave half a book behind, nor a fault without
 * file, line, reason and what to do. */
#pragma once

#include "law/book.h"
#include "record/text.h"

struct law_load {
	struct law_book *book;
	const struct law_text *texts;
	size_t texts_n;
	size_t file; /* the one being read */
	bool nomem;
	bool blind; /* sources or instruments could not be read: others cannot be judged */
	struct law_note *notes;
	size_t notes_n, notes_max, faults_n;
	size_t facts_n;
};

/* Where a value stands: facts[3].source. Innermost points up. */
struct law_path {
	const struct law_path *up;
	const char *name; /* NULL: element i */
	size_t i;
};
/* The line of the value in valid JSON; of the deepest part of the path that is there. */
unsigned law_where(const char *text, size_t n, const struct law_path *at);
/* The first member of the top object whose name is one of names (ends with NULL); its place, or
 * the number of names. */
size_t law_top_member(const char *text, size_t n, const char *const *names);

/* NULL and l->nomem when memory is out. */
void *law_take(struct law_load *l, size_t n, size_t size);
/* An array of n pointers with room for one more; as it was when memory is out. */
void *law_grow(struct law_load *l, void *pointers, size_t n);
const char *law_copy(struct law_load *l, const char *s);
void law_fault(struct law_load *l, const struct law_path *at, const char *fmt, ...) CO_PRINTF(3, 4);
/* Sorts the faults and hands out up to max; they number *n. */
enum co_rc law_load_end(struct law_load *l, struct law_fault *faults, size_t max, size_t *n,
	struct co_err *err) CO_NODISCARD;

enum law_shape {
	LAW_STRING,
	LAW_STRINGS, /* a list of them, each as the row says */
	LAW_DATE,
	LAW_INTEGER, /* 0..max */
	LAW_BOOL,
	LAW_OBJECT,
	LAW_LIST,
	LAW_ANY
};

struct law_note { /* a fault, and where it comes in their order */
	size_t file, turn;
	struct law_fault fault;
};

/* What an object may hold, as rows; a member without a row is a fault. name NULL ends. */
struct law_member {
	const char *name;
	enum law_shape shape;
	bool must;
	int64_t max;                  /* bytes, elements or value */
	const char *choices;          /* "a|b|c" */
	const struct text_rule *rule; /* of a string; none: one line of text */
};
/* False when something did not fit; every fault is told. */
bool law_members(struct law_load *l, const struct law_path *at, const json_t *o,
	const struct law_member *rows);
/* One member checked by a row, without its name. */
bool law_value(struct law_load *l, const struct law_path *at, const json_t *v,
	const struct law_member *row);
/* Members by name after law_members; the other value when it is not there. */
const char *law_get(const json_t *o, const char *name);
int64_t law_get_int(const json_t *o, const char *name, int64_t other);
law_day law_get_day(const json_t *o, const char *name, law_day other);
/* A copy in the book; NULL when it is not there (or memory is out). */
const char *law_get_copy(struct law_load *l, const json_t *o, const char *name);
/* The strings of a list, copied. */
const char *const *law_strings(struct law_load *l, const json_t *list, size_t *n);
/* The source and certainty of a fact, article or rule; those given stay when it has none. */
bool law_get_source(struct law_load *l, const struct law_path *at, const json_t *o,
	const struct law_source **source, enum law_certainty *certainty);
