/* A record as paper: what it says, in the language and the time zones of whoever reads it. Codes
 * are said in words, what a person wrote stays as it is. Must never add an opinion, nor what only
 * this side knows (advice of the law, decisions): it prints what the other side sees. */
#pragma once

#include "paper/paper.h"
#include "record/form.h"
#include "record/record.h"
#include "words/catalogue.h"
#include "words/language.h"

struct paper_reader {
	const struct catalogue *words;
	const struct language *language;
	const struct co_zone *here, *there; /* NULL: UTC; borrowed */
	const char *partner;                /* whose clock there is; "" for none */
};
/* The best language that we have for it; NULL gives English. */
void paper_reader_language(struct paper_reader *r, const char *language);

enum { PAPER_TIME = 400 };
/* "24 Nov 2026 23:15 UTC+7 (us.contact: 24 Nov 2026 11:15 UTC-5)" */
void paper_time(const struct paper_reader *r, int64_t us, char out[PAPER_TIME]);
/* In one zone, to the second: "24 Nov 2026 23:15:07 UTC+7". */
void paper_time_short(const struct paper_reader *r, int64_t us, char out[PAPER_TIME]);
const char *paper_say(const struct paper_reader *r, const char *english);
/* say with one {place} filled. */
void paper_fill(const struct paper_reader *r, const char *english, const char *value, char *out,
	size_t cap);
/* A word or code that runs from the left, inside words that do not. */
void paper_isolate(const struct paper_reader *r, const char *text, char *out, size_t cap);

/* A document in that language: direction, page numbers and the mark of an exercise are set. title
 * and footer are taken as they are. */
json_t *paper_begin(const struct paper_reader *r, const char *title, const char *footer,
	int64_t made_us, bool exercise, bool wide);

/* "Expedited preservation of stored computer data"; "Notice: executed"; "Message". */
void paper_record_title(const struct paper_reader *r, const struct record *rec, char *out,
	size_t cap);
/* The basis that a request names: "Convention on Cybercrime, art. 29", or that none is named. */
void paper_basis(
	const struct paper_reader *r, const struct record *request, char *out, size_t cap);
/* "Convention on Cybercrime"; a code that nobody knows as it is. */
const char *paper_instrument(const char *code);
/* What the body says, as blocks: of a request its form field by field. */
void paper_record_body(json_t *paper, const struct paper_reader *r, const struct record *rec);
/* Values of a form, each given field with its label. */
void paper_form(json_t *facts, const struct paper_reader *r, const struct form *f,
	const json_t *fields);
