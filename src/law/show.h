/* What the book holds, as JSON for people and programs: an economy with every fact, an instrument
 * with its articles and rules, one article, one fact. Pure. Must never leave out a fact that was
 * superseded: it is marked, so that a decision of that time can be understood. */
#pragma once

#include "law/instrument.h"

/* what: "" (an overview), an economy's code, an instrument's, "cets-185/29", a fact's id or its
 * sha256. The answer's member "kind" tells which it was. CO_ENOTFOUND says what can be asked. */
enum co_rc law_show(const struct law_book *b, const char *what, law_day at, law_day known,
	json_t **out, struct co_err *err) CO_NODISCARD;
/* Facts, articles and rules by kind and certainty: {"economies", "instruments", "facts",
 * "kinds": [{"kind", "verified", "secondary", "unverified"}]}. */
enum co_rc law_count(const struct law_book *b, json_t **out, struct co_err *err) CO_NODISCARD;
