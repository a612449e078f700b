/* The report of a case in plain language, for a judge and a judge's expert: who asked whom for what
 * and by which law, each record with whose clock says what, who held the evidence when, what was
 * checked and what was not. Made from the export of a case (op case.export) and nothing else, so
 * that it can be made again from a package; the same export gives the same report. Needs no node.
 * Must never say of something that it holds unless it was checked here. */
#pragma once

#include "base/err.h"

#include <jansson.h>

/* *model is a paper (paper/paper.h) for paper_html and paper_pdf. language: "th"; NULL for English.
 * CO_EMALFORMED: what was given is no export. */
enum co_rc report_model(const json_t *export, const char *language, json_t **model,
	struct co_err *err) CO_NODISCARD;
