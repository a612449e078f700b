/* A model as a PDF: comity-printer makes it, started for this one document through base/child.h,
 * with limits on memory, time and size, and nothing but the model in its hands. Threadsafe. Must
 * never give half a document: it is whole, or an error says why. */
#pragma once

#include "paper/paper.h"

#define PAPER_PRINTER "comity-printer"
/* What the printer reads: fonts and how they are set up. NULL at the end; some may not exist. */
extern const char *const paper_reads[];

enum { PAPER_WITH = 2048 };
struct paper_told {
	unsigned pages;
	json_t *missing; /* [{character: "U+1F600", count}]: spelled out in the document, because no
			  * font here has them; owned */
	/* What printed it, "cairo 1.16.0\nNoto Sans Regular 131334\n...": the same gives the same
	 * bytes of the same model. "" when it cannot be told. */
	char with[PAPER_WITH];
};
void paper_told_deinit(struct paper_told *t);
#define paper_told_auto CO_CLEANUP(paper_told_deinit) struct paper_told

/* Appended to out, whose ceiling should be LIMIT_PAPER_PDF. CO_ENOTFOUND: the printer is not
 * installed, or a whole script has no font; CO_ETIMEOUT and CO_ETOOBIG name the limit. told may be
 * NULL. sandbox: false when the node is set to run without. */
enum co_rc paper_pdf(const json_t *paper, bool sandbox, struct co_buf *out,
	struct paper_told *told, struct co_err *err) CO_NODISCARD;
