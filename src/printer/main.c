/* comity-printer: a model of a document on standard input, a PDF on standard output after one line
 * of JSON that tells its pages and the characters that no font has. Started by paper/print.h. */
#include "printer/press.h"

#include "base/fs.h"
#include "base/limits.h"
#include "base/worker.h"
#include "paper/print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READS = 16 };

static size_t
reads_there(struct sandbox_rule rules[READS])
{
	size_t n = 0;

	for (size_t i = 0; paper_reads[i] != NULL && n < READS; i++)
		if (access(paper_reads[i], R_OK) == 0)
			rules[n++] = (struct sandbox_rule){ paper_reads[i], SANDBOX_READ };
	return n;
}

static enum co_rc
told(const struct press_told *made, struct co_err *err)
{
	const struct press_missing *missing = &made->missing;
	json_t *list = json_array(), *o;
	char *text = NULL, name[16];
	enum co_rc rc;

	for (size_t i = 0; i < missing->n; i++) {
		(void)snprintf(name, sizeof(name), "U+%04X", (unsigned)missing->c[i]);
		(void)json_array_append_new(list,
			json_pack("{s:s,s:I}", "character", name, "count",
				(json_int_t)missing->count[i]));
	}
	o = json_pack("{s:i,s:o,s:s}", "pages", (int)made->pages, "missing", list, "with",
		made->with.cut ? "" : made->with.text);
	text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	if (text == NULL)
		return co_fail(err, CO_ENOMEM, "answer");
	rc = printf("%s\n", text) > 0 && fflush(stdout) == 0 ? CO_OK
							     : co_fail_errno(err, "answer");
	free(text);
	return rc;
}

static enum co_rc
job(PangoFontMap *fonts, struct co_err *err)
{
	struct press_told made = { .pages = 0 };
	co_auto_buf model;
	co_auto_buf pdf;
	json_t *paper = NULL;
	enum co_rc rc;

	co_buf_init(&model, LIMIT_PAPER_MODEL);
	co_buf_init(&pdf, LIMIT_PAPER_PDF);
	TRY(worker_job(&model, err));
	TRY(paper_parse(model.data == NULL ? "" : model.data, model.len, &paper, err));
	rc = press_print(paper, fonts, &pdf, &made, err);
	json_decref(paper);
	if (rc == CO_OK)
		rc = told(&made, err);
	return rc == CO_OK ? co_write_all(STDOUT_FILENO, pdf.data, pdf.len, err) : rc;
}

int
main(int argc, char **argv)
{
	struct sandbox_rule rules[READS];
	struct sandbox_worker keep = { .reads = rules, .threads = true };
	struct co_err err = { CO_OK, "" };
	PangoFontMap *fonts;
	enum co_rc rc;

	/* Otherwise libraries ask the system who we are, and may ask it over a socket. */
	(void)setenv("HOME", "/nonexistent", 1);
	(void)setenv("XDG_CACHE_HOME", "/nonexistent", 1);
	fonts = press_fonts();
	keep.reads_n = reads_there(rules);
	rc = worker_begin(argc, argv, &keep, &err);
	if (rc == CO_OK)
		rc = job(fonts, &err);
	worker_end(rc, &err);
}
