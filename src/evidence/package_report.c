/* report.html, report.pdf, and report.json by which they are made again: the case in plain
 * language, beside the records that prove it. */
#include "evidence/package_inside.h"

#include "evidence/report.h"
#include "paper/print.h"

#include <string.h>

static void
note(struct package *p, const char *what, const char *why)
{
	size_t n = strlen(p->sums.report);

	(void)snprintf(p->sums.report + n, sizeof(p->sums.report) - n, "%s%s: %s",
		n == 0 ? "" : "; ", what, why);
}

/* Too long, or nothing to print it with, is no reason to have no package. */
static enum co_rc
unless_left_out(struct package *p, const char *what, enum co_rc rc, struct co_err *err)
{
	char why[sizeof(err->msg) + 16];

	if (rc == CO_OK || rc == CO_ENOMEM)
		return rc;
	(void)snprintf(why, sizeof(why), "left out, %s", err->msg);
	note(p, what, why);
	co_err_clear(err);
	return CO_OK;
}

static enum co_rc
put(struct package *p, const char *name, struct co_buf *b, struct co_err *err)
{
	struct member *m;

	TRY(package_member(p, &m, err, "data/%s", name));
	return package_member_text(m, b, err);
}

static void
spelled_out(struct package *p, const struct paper_told *told)
{
	char why[96];
	size_t n = json_array_size(told->missing);

	if (n == 0)
		return;
	(void)snprintf(why, sizeof(why), "%zu characters that no font here has are spelled out", n);
	note(p, "report.pdf", why);
}

/* with: what printed it; "" when it is left out. */
static enum co_rc
pdf_put(struct package *p, const json_t *paper, char with[PAPER_WITH], struct co_err *err)
{
	paper_told_auto told = { .missing = NULL };
	co_auto_buf b;
	enum co_rc rc;

	co_buf_init(&b, LIMIT_PAPER_PDF);
	with[0] = '\0';
	rc = paper_pdf(paper, !p->conf->no_sandbox, &b, &told, err);
	if (rc != CO_OK)
		return unless_left_out(p, "report.pdf", rc, err);
	spelled_out(p, &told);
	memcpy(with, told.with, PAPER_WITH);
	return put(p, "report.pdf", &b, err);
}

static enum co_rc
label_put(struct package *p, const struct report_source *from, const char *with,
	struct co_err *err)
{
	json_t *label = NULL;
	co_auto_free char *text = NULL;
	co_auto_buf b;

	co_buf_init(&b, LIMIT_PACKAGE_MEMBER);
	TRY(report_label(from, p->conf->language, &label, err));
	if (with[0] != '\0')
		(void)json_object_set_new(label, "printer", json_string(with));
	text = json_dumps(label, JSON_COMPACT);
	json_decref(label);
	if (text == NULL)
		return co_fail(err, CO_ENOMEM, "report");
	TRY(co_buf_add_str(&b, text, err));
	TRY(co_buf_add_str(&b, "\n", err));
	return put(p, "report.json", &b, err);
}

enum co_rc
package_report(struct package *p, struct co_err *err)
{
	char with[PAPER_WITH] = "";
	struct report_source from;
	json_t *paper = NULL;
	co_auto_buf b;
	enum co_rc rc;

	co_buf_init(&b, LIMIT_PAPER_PDF);
	rc = report_of_export(p->export, &from, err);
	if (rc == CO_OK)
		rc = report_model(&from, p->conf->language, &paper, err);
	if (rc == CO_OK)
		rc = paper_html(paper, &b, err);
	if (rc != CO_OK) {
		json_decref(paper);
		return unless_left_out(p, "report.html and report.pdf", rc, err);
	}
	rc = put(p, "report.html", &b, err);
	if (rc == CO_OK && p->conf->pdf)
		rc = pdf_put(p, paper, with, err);
	if (rc == CO_OK)
		rc = label_put(p, &from, with, err);
	json_decref(paper);
	return rc;
}
