/* What the readers of the files offer each other while a book is made: attributes, the kinds of
 * files, and the checks of the whole. Private to the room. Format of the files: docs/law.md. */
#pragma once

#include "law/load.h"

/* ---- attributes ---- */

struct law_attribute;
/* The row that about belongs to, with its instrument, provision and so on looked up in the book;
 * NULL and a fault when there is none. open: {other} and {measure} may stand in it. */
const struct law_attribute *law_attribute_find(
	struct law_load *l, const struct law_path *at, const char *about, bool open);
/* Is v a value for it? */
bool law_attribute_check(struct law_load *l, const struct law_path *at,
	const struct law_attribute *a, const json_t *v);
/* May a condition ask for this word? */
bool law_attribute_word(const struct law_attribute *a, const char *word);
/* Can a gap report count it: does it say whether an economy has it? */
bool law_attribute_has(const struct law_attribute *a);

/* ---- the kinds of files ---- */

/* economy: whose own they are, or NULL. */
void law_sources_read(struct law_load *l, const json_t *list, const char *economy);
void law_sources_file(struct law_load *l, const json_t *top);
/* All but what may name another instrument; NULL when it has no usable code. */
struct law_instrument *law_instrument_file(struct law_load *l, const json_t *top);
void law_economy_file(struct law_load *l, const json_t *top);
void law_profile_file(struct law_load *l, const json_t *top);
/* layer 0: the economy's file, 1: its profile. */
void law_facts_read(struct law_load *l, const json_t *list, struct law_home *home, unsigned layer);
/* The rest, once every instrument is known. */
void law_rules_read(struct law_load *l, struct law_instrument *in, const json_t *top);
/* Words of a list as bits; false and a fault for each unknown one. */
bool law_bits(struct law_load *l, const struct law_path *at, enum law_words list,
	const json_t *words, uint64_t *out);
bool law_conds_compile(struct law_load *l, const struct law_path *at, const json_t *list,
	const struct law_cond **out, size_t *n);

/* ---- the whole ---- */

/* Order and hash table; then what facts say of each other: ids, supersedes, overlaps, of. */
void law_book_index(struct law_load *l);
void law_book_link(struct law_load *l);
