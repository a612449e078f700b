/* Verbs that print: the node makes the document, this writes it and says what to know of it. */
#include "cli/run.h"

#include "base/enc.h"
#include "base/fs.h"

#include <string.h>

/* Characters that no font had are in the document by their number. */
static void
missing_tell(const json_t *answer)
{
	const json_t *list = json_object_get(answer, "missing"), *one;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	(void)fprintf(stderr, "No font on the node's machine has");
	json_array_foreach(list, i, one)
		(void)fprintf(stderr, "%s %s", i == 0 ? "" : ",", cli_text(one, "character"));
	(void)fprintf(stderr,
		"; the document spells them out. With fonts-noto-core (and fonts-noto-cjk for "
		"Chinese, Japanese and Korean) it shows them.\n");
}

static enum co_rc
document_write(struct cli *c, json_t *answer, struct co_err *err)
{
	const json_t *text = json_object_get(answer, "document");
	const char *file = cli_get(c, "out");
	co_auto_buf b;

	co_buf_init(&b, LIMIT_PAPER_PDF);
	if (!json_is_string(text))
		return co_fail(err, CO_EMALFORMED, "the node's answer has no \"document\"");
	TRY(co_unbase64(json_string_value(text), json_string_length(text), &b, err));
	TRY(co_write_file(file, b.data == NULL ? "" : b.data, b.len, 0600, err));
	missing_tell(answer);
	(void)json_object_del(answer, "document");
	(void)json_object_set_new(answer, "file", json_string(file));
	if (c->json)
		cli_answer(c, answer);
	else
		cli_object(answer, "file:File,pages:Pages,size:Bytes,sha256:SHA-256");
	return CO_OK;
}

static bool
ends_in(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n > m && strcmp(s + n - m, end) == 0;
}

bool
cli_wants_html(const char *file)
{
	return ends_in(file, ".html") || ends_in(file, ".htm");
}

bool
cli_wants_paper(const char *file)
{
	return ends_in(file, ".pdf") || cli_wants_html(file);
}

enum co_rc
cli_print_paper(struct cli *c, const char *op, json_t *in, struct co_err *err)
{
	json_auto *answer = NULL;
	const char *file = cli_get(c, "out");
	const char *format = cli_wants_html(file) ? "html" : ends_in(file, ".csv") ? "csv" : "pdf";

	if (json_object_set_new(in, "format", json_string(format)) != 0)
		return co_fail(err, CO_ENOMEM, "print");
	TRY(cli_call(c, op, in, &answer, err));
	return document_write(c, answer, err);
}

enum co_rc
run_request_print(struct cli *c, struct co_err *err)
{
	json_auto *in = NULL;

	TRY(cli_input(c, &in, err));
	return cli_print_paper(c, c->verb->op, in, err);
}

enum co_rc
run_case_report(struct cli *c, struct co_err *err)
{
	json_auto *in = NULL;
	char id[CO_UUID_LEN + 1];

	TRY(cli_input(c, &in, err));
	TRY(cli_case(c, c->operands[0], id, err));
	if (json_object_set_new(in, "case_id", json_string(id)) != 0)
		return co_fail(err, CO_ENOMEM, "report");
	return cli_print_paper(c, c->verb->op, in, err);
}

/* Cases by id or by our number, from operand from on, as ids. */
static enum co_rc
cases_put(struct cli *c, size_t from, json_t *in, struct co_err *err)
{
	json_t *ids = json_array();

	if (ids == NULL || json_object_set_new(in, "ids", ids) != 0)
		return co_fail(err, CO_ENOMEM, "cases");
	for (size_t i = from; i < c->operands_n; i++) {
		char id[CO_UUID_LEN + 1];

		TRY(cli_case(c, c->operands[i], id, err));
		(void)json_array_append_new(ids, json_string(id));
	}
	return CO_OK;
}

enum co_rc
run_table(struct cli *c, struct co_err *err)
{
	json_auto *in = NULL;

	TRY(cli_input(c, &in, err));
	if (strcmp(c->verb->op, "case.table") == 0)
		TRY(cases_put(c, 0, in, err));
	return cli_print_paper(c, c->verb->op, in, err);
}

enum co_rc
run_case_each(struct cli *c, struct co_err *err)
{
	json_auto *in = NULL, *out = NULL;

	TRY(cli_input(c, &in, err));
	TRY(cases_put(c, 1, in, err));
	TRY(cli_call(c, c->verb->op, in, &out, err));
	cli_answer(c, out);
	return CO_OK;
}
