#include "cli/law.h"

#include "base/clock.h"
#include "base/columns.h"
#include "base/fs.h"
#include "law/gap.h"
#include "law/show.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

enum { FAULTS_SHOWN = 100, WIDTH_PAGE = 100, WIDTH_LEAST = 40, WIDTH_MOST = 400 };

size_t
cli_width(void)
{
	struct winsize w = { 0 };
	size_t n = WIDTH_PAGE;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col != 0)
		n = w.ws_col;
	return n < WIDTH_LEAST ? WIDTH_LEAST : n > WIDTH_MOST ? WIDTH_MOST : n;
}

enum co_rc
cli_print(const struct co_buf *text, struct co_err *err)
{
	if (fwrite(text->data, 1, text->len, stdout) != text->len && errno != EPIPE)
		return co_fail_errno(err, "standard output");
	return CO_OK;
}

/* ---- the book ---- */

/* The texts of a book and what was read from files. */
struct texts {
	struct law_text *all;
	size_t n;
	struct co_buf *files;
	size_t files_n;
};

static void
texts_free(struct texts *t)
{
	for (size_t i = 0; i < t->files_n; i++)
		co_buf_deinit(&t->files[i]);
	free(t->files);
	free(t->all);
}
#define texts_auto CO_CLEANUP(texts_free) struct texts

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static void
texts_put(struct texts *t, size_t built_in, const struct law_text *one)
{
	for (size_t i = 0; i < built_in; i++)
		if (strcmp(base_name(t->all[i].name), base_name(one->name)) == 0) {
			t->all[i] = *one;
			return;
		}
	t->all[t->n++] = *one;
}

static enum co_rc
texts_read(struct texts *t, const char *const *paths, size_t paths_n, struct co_err *err)
{
	size_t built_in;
	const struct law_text *own = law_built_in(&built_in);

	t->all = calloc(built_in + paths_n + 1, sizeof(*t->all));
	t->files = calloc(paths_n + 1, sizeof(*t->files));
	if (t->all == NULL || t->files == NULL)
		return co_fail(err, CO_ENOMEM, "the law's data");
	memcpy(t->all, own, built_in * sizeof(*own));
	t->n = built_in;
	for (size_t i = 0; i < paths_n; i++) {
		struct co_buf *b = &t->files[i];

		co_buf_init(b, LIMIT_LAW_FILE);
		t->files_n++;
		TRY(co_read_file(paths[i], b, err));
		texts_put(t, built_in,
			&(struct law_text){ paths[i], b->data == NULL ? "" : b->data, b->len });
	}
	return CO_OK;
}

static void
faults_tell(const struct law_fault *faults, size_t n)
{
	for (size_t i = 0; i < n && i < FAULTS_SHOWN; i++)
		(void)fprintf(
			stderr, "%s:%u: %s\n", faults[i].file, faults[i].line, faults[i].text);
	if (n > FAULTS_SHOWN)
		(void)fprintf(stderr, "and %zu more\n", n - FAULTS_SHOWN);
}

enum co_rc
cli_law_book(const char *const *paths, size_t paths_n, struct law_book **out, struct co_err *err)
{
	texts_auto t = { .all = NULL };
	co_auto_free struct law_fault *faults = calloc(FAULTS_SHOWN, sizeof(*faults));
	size_t n = 0;
	enum co_rc rc;

	if (faults == NULL)
		return co_fail(err, CO_ENOMEM, "the law's data");
	TRY(texts_read(&t, paths, paths_n, err));
	rc = law_book_load(out, t.all, t.n, faults, FAULTS_SHOWN, &n, err);
	if (rc == CO_OK || n == 0)
		return rc;
	faults_tell(faults, n);
	co_err_clear(err);
	return co_fail(err, CO_EREFUSED,
		"%zu fault%s in the law's data; nothing was taken. docs/law.md says what may stand "
		"there",
		n, n == 1 ? "" : "s");
}

enum co_rc
cli_law_profiles(struct cli *c, struct law_book **out, struct co_err *err)
{
	const char *paths[CLI_GIVEN];
	size_t n = 0;

	while (n < CLI_GIVEN && cli_nth(c, "profile", n) != NULL) {
		paths[n] = cli_nth(c, "profile", n);
		n++;
	}
	return cli_law_book(paths, n, out, err);
}

enum co_rc
cli_law_days(const struct cli *c, law_day *at, law_day *known, struct co_err *err)
{
	law_day today = law_day_of_us(co_now_us());

	*at = today;
	*known = today;
	if (cli_get(c, "date") != NULL)
		TRY(law_day_parse(cli_get(c, "date"), at, err));
	if (cli_get(c, "known") != NULL)
		TRY(law_day_parse(cli_get(c, "known"), known, err));
	return CO_OK;
}

/* ---- gap ---- */

static enum co_rc
gap_text(const struct law_gap *g, struct co_buf *out, struct co_err *err)
{
	return law_gap_text(g, (unsigned)cli_width(), out, err);
}

static enum co_rc
gap_json(const struct law_gap *g, struct co_buf *out, struct co_err *err)
{
	json_auto *j = NULL;
	co_auto_free char *text = NULL;

	TRY(law_gap_json(g, &j, err));
	text = json_dumps(j, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	if (text == NULL)
		return co_fail(err, CO_ENOMEM, "gap report");
	TRY(co_buf_add_str(out, text, err));
	return co_buf_add_str(out, "\n", err);
}

static const struct {
	const char *name;
	enum co_rc (*print)(const struct law_gap *g, struct co_buf *out, struct co_err *err);
} formats[] = {
	{ "text", gap_text },
	{ "html", law_gap_html },
	{ "csv", law_gap_csv },
	{ "json", gap_json },
};

static enum co_rc
gap_print(struct cli *c, const struct law_gap *g, struct co_buf *out, struct co_err *err)
{
	const char *format = cli_or(c, "format", c->json ? "json" : "text");

	for (size_t i = 0; i < CO_ARRAY_LEN(formats); i++)
		if (strcmp(formats[i].name, format) == 0)
			return formats[i].print(g, out, err);
	return co_fail(err, CO_EUSAGE, "--format is text, html, csv or json, not \"%s\"", format);
}

enum co_rc
run_law_gap(struct cli *c, struct co_err *err)
{
	law_book_auto *book = NULL;
	law_gap_auto *g = NULL;
	co_auto_buf out;
	law_day at, known;
	const char *file = cli_get(c, "out");

	co_buf_init(&out, LIMIT_LAW_REPORT);
	TRY(cli_law_days(c, &at, &known, err));
	TRY(cli_law_profiles(c, &book, err));
	TRY(law_gap_make(book, cli_or(c, "against", "cets-185"), c->operands, c->operands_n, at,
		known, &g, err));
	TRY(gap_print(c, g, &out, err));
	if (file == NULL)
		return cli_print(&out, err);
	TRY(co_write_file(file, out.data, out.len, 0644, err));
	(void)printf("%s: %zu economies, %zu articles\n", file, g->economies_n, g->articles_n);
	return CO_OK;
}

/* ---- publish ---- */

enum co_rc
run_law_publish(struct cli *c, struct co_err *err)
{
	law_book_auto *book = NULL;
	json_auto *in = NULL, *out = NULL;
	json_t *profile;
	json_error_t e;
	co_auto_buf b;

	co_buf_init(&b, LIMIT_LAW_FILE);
	TRY(cli_law_book(c->operands, 1, &book, err));
	TRY(co_read_file(c->operands[0], &b, err));
	profile = json_loadb(b.data, b.len, JSON_REJECT_DUPLICATES, &e);
	in = json_pack("{s:o}", "profile", profile);
	if (in == NULL)
		return co_fail(err, CO_EMALFORMED, "%s:%d: %s", c->operands[0], e.line, e.text);
	TRY(cli_call(c, c->verb->op, in, &out, err));
	cli_answer(c, out);
	return CO_OK;
}

/* ---- verify ---- */

enum co_rc
run_law_verify(struct cli *c, struct co_err *err)
{
	law_book_auto *book = NULL;
	json_auto *counts = NULL;

	TRY(cli_law_book(c->operands, c->operands_n, &book, err));
	TRY(law_count(book, &counts, err));
	if (!c->json)
		(void)printf("%s: %s economies, %s instruments, %s facts; no fault\n\n",
			c->operands_n == 0 ? "the built-in data" : "with what was given",
			cli_text(counts, "economies"), cli_text(counts, "instruments"),
			cli_text(counts, "facts"));
	cli_answer(c, counts);
	return CO_OK;
}
