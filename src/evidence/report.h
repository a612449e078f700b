/* The report of a case in plain language, for a judge and a judge's expert: who asked whom for what
 * and by which law, each record with whose clock says what, who held the evidence when, what was
 * checked and what was not. Made from the records of an export (op case.export), who the sides are,
 * what is missing, and the language; nothing else, so that a verifier makes it again from a package
 * and compares. Needs no node.
 * Must never say of something that it holds unless it was checked here. */
#pragma once

#include "base/err.h"

#include <jansson.h>

/* Changes whenever the same export would give another report in the same words. */
enum { REPORT_FORM = 3 };

/* What of a report does not stand in the records: data/report.json of a package. Members: form,
 * language, words and clock (SHA-256 of this build's words and of how the sides' zones count), and
 * missing, which is the maker's own word. */
enum co_rc report_label(const json_t *export, const char *language, json_t **label,
	struct co_err *err) CO_NODISCARD;

/* *model is a paper (paper/paper.h) for paper_html and paper_pdf. language: "th"; NULL for English.
 * CO_EMALFORMED: what was given is no export. */
enum co_rc report_model(const json_t *export, const char *language, json_t **model,
	struct co_err *err) CO_NODISCARD;
