#include "paper/print.h"

#include "base/child.h"
#include "base/limits.h"

#include <string.h>

/* What the printer may take: its fonts are mapped and not counted, the PDF is held in memory. 470
 * pages took 4 seconds and 50 MiB. */
enum { TOLD_LINE = 16384, MEMORY = 512 << 20, CPU_S = 40, WALL_MS = 90000 };

/* Fonts and what lays text out: fontconfig's configuration and cache, libthai's dictionary. */
const char *const paper_reads[] = { "/etc/fonts", "/usr/share/fonts", "/usr/local/share/fonts",
	"/usr/share/fontconfig", "/var/cache/fontconfig", "/usr/share/libthai", NULL };

/* The line that comes first, then the PDF. */
struct answer {
	struct co_buf line;
	bool lined;
	struct co_buf *pdf;
};

void
paper_told_deinit(struct paper_told *t)
{
	json_decref(t->missing);
	t->missing = NULL;
}

static enum co_rc
take(void *arg, const void *p, size_t n, struct co_err *err)
{
	struct answer *a = arg;
	const char *end = a->lined ? NULL : memchr(p, '\n', n);
	size_t line = a->lined ? 0 : end == NULL ? n : (size_t)(end - (const char *)p) + 1;

	TRY(co_buf_add(&a->line, p, line, err));
	a->lined = a->lined || end != NULL;
	return co_buf_add(a->pdf, (const char *)p + line, n - line, err);
}

static enum co_rc
answer_read(const struct answer *a, size_t from, struct paper_told *told, struct co_err *err)
{
	json_t *o = json_loadb(a->line.data == NULL ? "" : a->line.data, a->line.len, 0, NULL);
	json_t *missing = json_object_get(o, "missing");
	json_int_t pages = json_integer_value(json_object_get(o, "pages"));
	bool whole = json_is_array(missing) && pages > 0 && pages <= PAPER_PAGES &&
		a->pdf->len > from + 5 && memcmp(a->pdf->data + from, "%PDF-", 5) == 0;

	if (whole && told != NULL) {
		*told = (struct paper_told){ .pages = (unsigned)pages,
			.missing = json_incref(missing) };
		(void)snprintf(told->with, sizeof(told->with), "%s", paper_member(o, "with"));
	}
	json_decref(o);
	return whole ? CO_OK : co_fail(err, CO_EMALFORMED, "comity-printer gave no document");
}

enum co_rc
paper_pdf(const json_t *paper, bool sandbox, struct co_buf *out, struct paper_told *told,
	struct co_err *err)
{
	struct answer answer = { .pdf = out };
	struct child_conf conf = { .program = PAPER_PRINTER,
		.limits = { .memory = MEMORY, .answer = LIMIT_PAPER_PDF + TOLD_LINE,
			.file_size = LIMIT_PAPER_PDF, .cpu_s = CPU_S,
			.wall_ms = WALL_MS },
		.no_sandbox = !sandbox,
		.sink = take,
		.arg = &answer };
	size_t from = out->len;
	char *text;
	enum co_rc rc;

	TRY(paper_check(paper, err));
	text = json_dumps(paper, JSON_COMPACT);
	if (text == NULL)
		return co_fail(err, CO_ENOMEM, "paper");
	conf.job = text;
	conf.job_n = strlen(text);
	co_buf_init(&answer.line, TOLD_LINE);
	rc = child_run(&conf, NULL, err);
	if (rc == CO_OK)
		rc = answer_read(&answer, from, told, err);
	if (rc != CO_OK && out->data != NULL) {
		out->len = from;
		out->data[from] = '\0';
	}
	co_buf_deinit(&answer.line);
	free(text);
	return rc == CO_OK ? CO_OK : co_wrap(err, "print");
}
