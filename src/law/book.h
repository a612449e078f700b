/* The shape of a book: its memory, the rows of facts with what only the book knows of them, and the
 * lists by which they are found. Private to the room; whoever reads goes through law.h. */
#pragma once

#include "law/rule.h"

/* Memory that lives as long as the book; zeroed. */
struct law_arena {
	struct law_arena_chunk *chunks;
};
void law_arena_free(struct law_arena *a);

/* A fact with what only the book knows of it. */
struct law_row {
	struct law_fact fact; /* first: law_fact_find gives its address */
	law_day dead;         /* superseded from this day of knowledge on */
	bool own;             /* of a profile: it goes before the built-in ones */
	bool bad;             /* had a fault of its own */
	size_t file;
	size_t place;           /* facts[place] of that file */
	const char *corrects;   /* id of what it supersedes, or NULL */
	struct law_row *before; /* the same, found */
};

struct law_slot { /* of the hash table: facts about one thing */
	uint32_t hash, first, n;
};

/* An economy: its file and, where there is one, its profile. */
struct law_home {
	struct law_economy economy;
	size_t file; /* of the built-in facts, or of the profile if there are none */
	bool has_file, has_profile;
	struct law_row *rows[2];
	size_t rows_n[2];
};

struct law_book {
	struct law_arena arena;
	struct law_source **sources; /* by key */
	size_t sources_n;
	struct law_instrument **instruments; /* by rank, then code */
	size_t instruments_n;
	struct law_home **homes; /* by code */
	size_t homes_n;
	struct law_row **rows; /* by economy, about; profiles first, then the one known last */
	struct law_row **ids, **digests;
	size_t rows_n;
	struct law_slot *slots;
	size_t slots_n; /* a power of two */
};
