/* The report of a case in plain language, for a judge and a judge's expert: who asked whom for what
 * and by which law, each record with whose clock says what, who held the evidence when, what was
 * checked and what was not. Made from the records of an export (op case.export), who the sides are,
 * what is missing, and the language; nothing else, so that a verifier makes it again from a package
 * and compares. Needs no node.
 * Must never say of something that it holds unless it was checked here. */
#pragma once

#include "base/buf.h"

#include <jansson.h>

/* Changes whenever the same export would give another report in the same words. */
enum { REPORT_FORM = 3 };

/* What a report is made from: an export of a case (op case.export), or a package. The records come
 * one by one, and again when they are needed again, so that not all are in memory at once. */
struct report_bytes {
	struct co_buf bytes, sig;
	const char *approved_by; /* a second officer of this side, where told; or "" */
	int64_t approved_us;
};
struct report_source {
	const char *case_id, *ours, *theirs, *address, *partner;
	const json_t *missing; /* the maker's own word */
	const json_t *entries; /* [{address, bytes}], of each node the newest first */
	size_t proofs_n, records_n;
	enum co_rc (*record)(
		void *arg, size_t i, struct report_bytes *out, struct co_err *err);
	void *arg;
};
/* Borrows from the export. CO_EMALFORMED: what was given is none. */
enum co_rc report_of_export(
	const json_t *export, struct report_source *out, struct co_err *err) CO_NODISCARD;

/* What of a report does not stand in the records: data/report.json of a package. Members: form,
 * language, words and clock (SHA-256 of this build's words and of how the sides' zones count), and
 * missing, which is the maker's own word. */
enum co_rc report_label(const struct report_source *from, const char *language, json_t **label,
	struct co_err *err) CO_NODISCARD;

/* *model is a paper (paper/paper.h) for paper_html and paper_pdf. language: "th"; NULL for English.
 * CO_EMALFORMED: what was given is no export. */
enum co_rc report_model(const struct report_source *from, const char *language, json_t **model,
	struct co_err *err) CO_NODISCARD;
