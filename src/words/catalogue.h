/* Words of pages and forms in the reader's language: gettext catalogues built into the program, one
 * PO file a language in data/locale. A message without translation stays English; must never fail.
 * Format: GNU gettext manual, "The Format of GNU MO Files". */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Marks a text for the catalogues (tools/words.py finds it); says nothing at run time. */
#define WORDS(text) (text)

struct catalogue;
/* The best language we have for an Accept-Language header (RFC 9110 12.5.4), else fallback, else
 * English: a catalogue that only has plain words for codes. */
const struct catalogue *catalogue_for(const char *accept, const char *fallback);
/* Is there one for code ("th", "fr-CA"; NULL or "": not asked)? CO_EUSAGE lists what there is. */
enum co_rc catalogue_known(const char *code, struct co_err *err) CO_NODISCARD;
const char *catalogue_language(const struct catalogue *c); /* "th"; "en" for NULL */
/* The words themselves, catalogue after catalogue: they change when any word of this build does.
 * false after the last. */
bool catalogue_words(size_t i, const void **p, size_t *n);
/* The translation of an English message; the message itself when there is none. */
const char *catalogue_text(const struct catalogue *c, const char *english);
/* The form for n things: "{n} day", "{n} days". */
const char *catalogue_many(
	const struct catalogue *c, const char *one, const char *many, uint64_t n);
/* A text with its one "{..}" filled; cut when out is too small. Gives the length. */
size_t catalogue_fill(const char *text, const char *value, char *out, size_t cap);
/* catalogue_many with its number filled in. */
size_t catalogue_counted(const struct catalogue *c, const char *one, const char *many, int64_t n,
	char *out, size_t cap);
/* A span in its two greatest units: "3 days 4 h", "2 h 5 min", "5 min 40 s". s: not negative. */
enum { CATALOGUE_SPAN = 160 };
void catalogue_span(const struct catalogue *c, int64_t s, char out[CATALOGUE_SPAN]);
